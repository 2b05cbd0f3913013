"""Asking n8n: bounded in time and size, without redirects, and the key only where it belongs."""

import json
import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from models.errors import SourceRefused, SourceUnreachable
from models.messages import say
from models.redaction import redact

if TYPE_CHECKING:
    import httpx

API = "/api/v1"
KEEP_ALIVE_SECONDS = 4.0
"""Node closes an idle connection after five seconds."""

Params = Mapping[str, str | int]


class Answer(NamedTuple):
    """`was_cut`: the body was longer than asked for. `sent_at` is n8n's clock, epoch seconds."""

    status: int
    body: bytes
    was_cut: bool
    content_type: str
    sent_at: float | None

    @property
    def is_html(self) -> bool:
        return "html" in self.content_type or self.body.lstrip()[:1] == b"<"


class Client:
    """One connection, kept while n8n keeps it. `source` is whom its errors name."""

    def __init__(self, source: str, url: str, api_key: str, timeout_seconds: float) -> None:
        import httpx

        self._source = source
        self._base = url.rstrip("/")
        self._api_key = api_key
        self._timeout_seconds = timeout_seconds
        self._client = httpx.Client(
            timeout=timeout_seconds,
            verify=_trust(url),
            trust_env=False,
            limits=httpx.Limits(max_connections=2, keepalive_expiry=KEEP_ALIVE_SECONDS),
            # Whatever is packed may unpack to anything: the limits are on what is sent.
            headers={"Accept-Encoding": "identity", "User-Agent": "sallim"},
        )

    @property
    def base(self) -> str:
        return self._base

    def close(self) -> None:
        self._client.close()

    def api(self, path: str, body_max_bytes: int, params: Params | None = None) -> Answer:
        """Ask the public API, with the key."""
        return self.get(API + path, body_max_bytes, params, {"X-N8N-API-KEY": self._api_key})

    def get(
        self,
        path: str,
        body_max_bytes: int,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Raises SourceUnreachable when there is no whole answer in time."""
        import httpx

        request = self._client.build_request(
            "GET", self._base + path, params=dict(params or {}), headers=headers
        )
        try:
            try:
                response = self._client.send(request, stream=True)
            except httpx.RemoteProtocolError:
                # n8n may close a kept connection in the moment in which it is used again.
                response = self._client.send(request, stream=True)
            return self._answer(response, body_max_bytes)
        except httpx.TimeoutException as error:
            raise self._too_slow() from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise self._unreachable(error) from error

    def _answer(self, response: "httpx.Response", body_max_bytes: int) -> Answer:
        end = time.monotonic() + self._timeout_seconds
        body = bytearray()
        with closing(response):
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > body_max_bytes:
                    break
                if time.monotonic() > end:
                    raise self._too_slow()
        return Answer(
            response.status_code,
            bytes(body[:body_max_bytes]),
            len(body) > body_max_bytes,
            response.headers.get("content-type", ""),
            _moment(response.headers.get("date", "")),
        )

    def _too_slow(self) -> SourceUnreachable:
        return SourceUnreachable(
            self._source,
            say(
                "{url} did not answer within {seconds} s",
                url=self._base,
                seconds=f"{self._timeout_seconds:g}",
            ),
        )

    def _unreachable(self, error: Exception) -> SourceUnreachable | SourceRefused:
        text = redact(str(error) or type(error).__name__)[:200]
        if "CERTIFICATE_VERIFY_FAILED" in text:
            return SourceRefused(
                self._source,
                say(
                    "the certificate of {url} cannot be verified ({text}); renew it, or set "
                    "SSL_CERT_FILE to the certificate of your own authority",
                    url=self._base,
                    text=text,
                ),
            )
        return SourceUnreachable(
            self._source,
            say(
                "{url} does not answer ({text}); is n8n running, and is this its address?",
                url=self._base,
                text=text,
            ),
        )


def content_of(answer: Answer) -> object:
    """The JSON of an answer. Raises ValueError for anything else."""
    if answer.was_cut:
        raise ValueError("too long")
    try:
        return json.loads(answer.body)
    except RecursionError as error:
        raise ValueError("too deep") from error


def _trust(url: str) -> ssl.SSLContext:
    """The system's certificates; none where none are needed, which saves their memory."""
    if urlsplit(url).scheme == "https":
        return ssl.create_default_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _moment(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
