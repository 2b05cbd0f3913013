"""What the gateway itself says no with, as the SDKs of the providers look for it."""

import json

HEADERS = [(b"content-type", b"application/json")]
KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    408: "timeout_error",
    413: "request_too_large",
    429: "rate_limit_error",
}


class Refused(Exception):
    """`status` is what it is answered with; the text never holds a token or a key."""

    def __init__(self, status: int, reason: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = [*HEADERS, *headers]
        if status in (408, 413):
            # What is left of the body is not read for.
            self.headers.append((b"connection", b"close"))

    def body(self) -> bytes:
        kind = KINDS.get(self.status, "api_error")
        error = {"type": kind, "code": kind, "message": f"Sallim: {self}"}
        return json.dumps({"type": "error", "error": error}).encode()
