"""What a browser may reach before anybody is signed in, and where it may be sent afterwards."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

SIGNIN = "/signin"
LINK_PARAMETER = "signin"
"""`/?signin=...` is what a person is handed."""
FREE = ("/_stcore/health",)
FREE_BELOW = ("/static/", "/favicon", "/manifest")
"""Streamlit's own files, the same in every house."""
LINK = re.compile(r"slm_[\w-]{20,100}", re.ASCII)
"""Sessions look like links."""


def is_free(path: str) -> bool:
    """Whether everybody may have it.

    >>> is_free("/_stcore/health"), is_free("/static/js/index.js"), is_free("/signin/end")
    (True, True, True)
    >>> is_free("/"), is_free("/_stcore/stream"), is_free("/media/costs.csv"), is_free("/signing")
    (False, False, False, False)
    >>> is_free("/static/../media/costs.csv"), is_free("/static/%2e%2e/media/x")
    (False, False)
    """
    if ".." in path or "%" in path or "\\" in path:
        return False
    is_ours = path == SIGNIN or path.startswith(f"{SIGNIN}/")
    return is_ours or path in FREE or path.startswith(FREE_BELOW)


def is_host_known(host: str | None, names: Iterable[str]) -> bool:
    """Whether a request's Host is one of ours, whatever the port. Capital letters do not matter.

    >>> names = ["localhost", "127.0.0.1", "::1"]
    >>> [is_host_known(host, names) for host in ("localhost:8501", "[::1]:8501", "LOCALHOST")]
    [True, True, True]
    >>> [is_host_known(host, names) for host in ("evil.example:8501", "127.0.0.1.evil.example", "")]
    [False, False, False]
    >>> is_host_known("localhost@evil.example", names), is_host_known(None, names)
    (False, False)
    """
    try:
        parts = urlsplit(f"//{host or ''}")
        named, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not named or parts.netloc != host or "@" in host:
        return False
    return named.rstrip(".") in {name.lower().strip("[]") for name in names}


def is_same_site(origin: str | None, host: str | None) -> bool:
    """Whether a page of ours asks. Who is no browser names no origin.

    >>> is_same_site("http://127.0.0.1:8501", "127.0.0.1:8501"), is_same_site(None, "x")
    (True, True)
    >>> is_same_site("http://evil.example", "127.0.0.1:85"), is_same_site("null", "127.0.0.1:85")
    (False, False)
    """
    if origin is None:
        return True
    try:
        return bool(host) and urlsplit(origin).netloc == host
    except ValueError:
        return False


def place_after(wanted: str) -> str:
    r"""Where to go once signed in: a page of ours, never elsewhere, never the sign-in again.

    >>> place_after("/machines?span=24h"), place_after("//evil.example"), place_after("/signin")
    ('/machines?span=24h', '/', '/')
    >>> place_after("https://evil.example/"), place_after("/\\evil.example"), place_after("/a b")
    ('/', '/', '/')
    """
    is_ours = re.fullmatch(r"/(?![/\\])[\w./?=&%+,:~-]{0,500}", wanted, re.ASCII)
    return wanted if is_ours and not wanted.startswith(SIGNIN) else "/"


def without_link(path: str, query: str) -> tuple[str, str]:
    """The link in an address, and the address without it.

    >>> without_link("/machines", "span=24h&signin=slm_abc")
    ('slm_abc', '/machines?span=24h')
    >>> without_link("/", "")
    ('', '/')
    >>> without_link("/", "a=1&" * 60)
    ('', '/')
    """
    try:
        pairs = parse_qsl(query, max_num_fields=50) if len(query) < 4_000 else []
    except ValueError:  # Of too many.
        pairs = []
    link = next((value for name, value in pairs if name == LINK_PARAMETER), "")
    rest = urlencode([pair for pair in pairs if pair[0] != LINK_PARAMETER])
    return link, path + (f"?{rest}" if rest else "")


def link_in(text: str) -> str:
    """The link in what somebody pasted: a whole address, or the link alone.

    >>> link_in(" http://127.0.0.1:8501/?signin=slm_0123456789abcdefghij ")
    'slm_0123456789abcdefghij'
    >>> link_in("hello")
    ''
    """
    found = LINK.search(text)
    return found.group() if found else ""


def session_in(cookie: str) -> str:
    r"""The session in a cookie, which is whatever somebody has put there; "" where it is none.

    Only what looks like one may go on, for it becomes a header of a request to the agent.

    >>> session_in("slm_0123456789abcdefghij"), session_in("slm_0123456789abcdefghij\r\nX-A: b")
    ('slm_0123456789abcdefghij', '')
    >>> session_in("")
    ''
    """
    return cookie if LINK.fullmatch(cookie) else ""
