"""Bodies of requests, never longer than they may be; and how a refusal looks."""

import json
import zlib
from contextlib import suppress

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from models.errors import IntakeRefused

BODY_BYTES_MAX = 1_000_000
INFLATED_BYTES_MAX = 8_000_000
GZIP_WINDOW = 31


async def body_of(request: Request, bytes_max: int = BODY_BYTES_MAX) -> bytes | None:
    """None when it is too long; nothing beyond the limit is kept."""
    body = bytearray()
    # Of somebody who went away there is nothing to tell, and nobody to tell it to.
    with suppress(ClientDisconnect):
        async for part in request.stream():
            body += part
            if len(body) > bytes_max:
                return None
    return bytes(body)


async def sent_in(request: Request) -> bytes:
    """The body of what is taken in, still packed. Raises IntakeRefused."""
    body = await body_of(request)
    if body is None:
        raise IntakeRefused(f"the body is longer than the limit of {BODY_BYTES_MAX} bytes", 413)
    return body


def unpacked(body: bytes, encoding: str) -> bytes:
    """The body as it was before it was packed. Raises IntakeRefused.

    No more is unpacked than may be: a bomb of a gigabyte costs as much as an honest push.
    """
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise IntakeRefused(f"content-encoding {encoding[:20]!r} is not known, only gzip", 415)
    stream = zlib.decompressobj(GZIP_WINDOW)
    try:
        data = stream.decompress(body, INFLATED_BYTES_MAX + 1)
    except zlib.error as error:
        raise IntakeRefused(f"the body is no gzip ({error})") from error
    if len(data) > INFLATED_BYTES_MAX:
        raise IntakeRefused(
            f"the body is longer than the limit of {INFLATED_BYTES_MAX} bytes when unpacked", 413
        )
    if not stream.eof:
        raise IntakeRefused("the body ends in the middle of its gzip")
    return data


def json_in(body: bytes) -> object:
    """Raises IntakeRefused."""
    try:
        shape: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise IntakeRefused(f"the body is no JSON ({type(error).__name__})") from error
    return shape


def refusal(reason: str, status: int) -> Response:
    # What is left of a body that was too long is not read for.
    headers = {"connection": "close"} if status == 413 else None
    return JSONResponse({"error": reason}, status_code=status, headers=headers)
