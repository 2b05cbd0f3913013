"""How long and how much those who connect may send before anything is known of them."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from agent.patience import Patient

CONNECTIONS_MAX = 500
"""Each holds two file descriptors while it is carried on."""
URL_BYTES_MAX, HEADERS_BYTES_MAX, HEADERS_MAX = 16_384, 65_536, 200


class TooMuch(ValueError):
    """Raised in a callback of the parser, which makes it an invalid request."""


class GatewayProtocol(Patient, HttpToolsProtocol):  # type: ignore[misc]  # as in patience.py
    """uvicorn's own, which waits for ever and takes a head of any length.

    What is answered has no limit of its own here: a stream takes minutes, and who takes nothing of
    it is left by the relay.
    """

    connections_max = CONNECTIONS_MAX
    looks_max = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0
        # An answer that breaks off ends without its end, which no message of ASGI says.
        self.scope["state"]["abort"] = self.transport.abort

    def on_url(self, url: bytes) -> None:
        if len(self.url) + len(url) > URL_BYTES_MAX:
            raise TooMuch("url")
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > HEADERS_BYTES_MAX or len(self.headers) >= HEADERS_MAX:
            raise TooMuch("headers")
        super().on_header(name, value)
