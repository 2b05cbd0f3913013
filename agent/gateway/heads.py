"""Which headers go on, in both directions. Pure, over the pairs of bytes that ASGI has."""

from collections.abc import Iterable
from urllib.parse import unquote_plus

Header = tuple[bytes, bytes]

HOP_BY_HOP = {
    *(b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding"),
    *(b"upgrade", b"proxy-authenticate", b"proxy-authorization", b"http2-settings"),
}
"""RFC 9110, 7.6.1: they are between two neighbours."""
CREDENTIALS = {b"authorization", b"x-api-key", b"x-goog-api-key", b"api-key", b"cookie"}
"""The caller's; what it shows here is no provider's business."""
OURS = {
    *(b"host", b"content-length", b"accept-encoding", b"expect", b"forwarded", b"via"),
    *(b"x-real-ip", b"x-http-method", b"x-method-override", b"x-http-method-override", b"origin"),
    *(b"referer",),
}
"""Written anew or left out: where the caller is, and methods other than that which was priced."""
OUR_BEGINNINGS = (b"x-sallim-", b"x-forwarded-", b"sec-")
NOT_SHOWN = {b"set-cookie", b"server", b"alt-svc", b"strict-transport-security", b"location"}
KEY_PARAMETERS = {"key", "access_token", "oauth_token", "$key", "$httpmethod"}


def outgoing(headers: Iterable[Header]) -> list[Header]:
    """Of the caller's, those that the provider gets."""
    told = list(headers)
    left_out = HOP_BY_HOP | CREDENTIALS | OURS | _named(told)
    return [
        (name, value)
        for name, value in told
        if name not in left_out and not name.startswith(OUR_BEGINNINGS)
    ]


def incoming(headers: Iterable[Header], keeps_length: bool, key: bytes) -> list[Header]:
    """Of the provider's, those that the caller gets; none that repeats the key."""
    told = [(name.lower(), value) for name, value in headers]
    left_out = HOP_BY_HOP | NOT_SHOWN | _named(told)
    if not keeps_length:
        left_out = left_out | {b"content-length"}
    return [
        (name, value) for name, value in told if name not in left_out and not (key and key in value)
    ]


def query_without_key(query: bytes) -> bytes:
    """As it goes on.

    >>> query_without_key(b"alt=sse&key=slm_x&a=%6bey")
    b'alt=sse&a=%6bey'
    """
    if b"=" not in query:
        return query
    pairs = [pair for pair in query.split(b"&") if _parameter(pair) not in KEY_PARAMETERS]
    return b"&".join(pairs)


def key_in_query(query: bytes) -> str:
    """The value of `key`, else "".

    >>> key_in_query(b"alt=sse&key=slm_x")
    'slm_x'
    """
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        if _parameter(name) == "key":
            return unquote_plus(value.decode("latin-1"))
    return ""


def _parameter(pair: bytes) -> str:
    return unquote_plus(pair.partition(b"=")[0].decode("latin-1")).lower()


def _named(headers: Iterable[Header]) -> set[bytes]:
    """What `Connection` says is between neighbours as well."""
    names: set[bytes] = set()
    for name, value in headers:
        if name == b"connection":
            names |= {each.strip().lower() for each in value.split(b",")}
    return names
