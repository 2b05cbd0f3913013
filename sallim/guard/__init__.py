"""`sallim.guard`: one line under an SDK, and no call costs more than the budget has left.

    from sallim import guard

    OpenAI(http_client=guard())
    AsyncAnthropic(http_client=guard.aclient(workflow="ocr", priority="optional"))
    genai.Client(http_options=HttpOptions(httpx_client=guard(), httpx_async_client=guard.aclient()))

Each call is reserved at its worst case, sent, read for its usage and settled. One that may cost
more than is left is answered with HTTP 402 and JSON, and is not sent. The module is called like a
function; its parts are modules of this package.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

LABELS = ("workflow", "analysis", "key", "priority", "api_key_label")
FIGURES = ("max_media_seconds", "max_tool_calls")
OWN = (*LABELS, *FIGURES, "base_urls", "purse")


class Guard(ModuleType):
    """What `sallim.guard` is.

    `workflow`, `analysis`, `key` and `api_key_label` name the call in the ledger and choose the
    buckets it counts in; `analysis` and `key` are those of the `sallim.job` around the call where
    they are not given. `priority` is essential, important (the default) or optional.
    `max_media_seconds` bounds recordings whose length cannot be read, `max_tool_calls` the tools of
    a provider that the call itself does not bound. `base_urls` says whose prices hold at addresses
    of your own: {"http://10.0.0.5:8000": "local"}; so does the environment's SALLIM_BASE_URLS. Of
    this machine Ollama (port 11434) and LM Studio (1234) are "local" and cost nothing; what listens
    at another port must be named, since it may be a proxy to a paid provider. `flavour` is
    "httpx" or "httpx2"; without it httpx2 where it is installed. `purse` is asked instead of the
    one that the environment names. Everything else goes to the client: timeout, headers, proxy ...
    """

    def __call__(self, flavour: str | None = None, **told: Any) -> Any:
        """A client of httpx2 or httpx whose calls are guarded; close it like any other.

        Raises ValueError for labels that cannot be, ImportError without httpx and httpx2.
        """
        return _client("Client", "HTTPTransport", flavour, told)

    def aclient(self, flavour: str | None = None, **told: Any) -> Any:
        """The asynchronous one."""
        return _client("AsyncClient", "AsyncHTTPTransport", flavour, told)

    def transport(self, inner: Any = None, flavour: str | None = None, **labels: Any) -> Any:
        """The transport alone, around another one, for a client that is made elsewhere."""
        return _transport("HTTPTransport", inner, flavour, labels)

    def atransport(self, inner: Any = None, flavour: str | None = None, **labels: Any) -> Any:
        """The asynchronous one."""
        return _transport("AsyncHTTPTransport", inner, flavour, labels)


OF_TRANSPORT = ("verify", "cert", "trust_env", "http1", "http2", "limits", "proxy")
"""What a client hands on to the transport that it makes; here the transport is made first."""


def _client(kind: str, inner_kind: str, flavour: str | None, told: dict[str, Any]) -> Any:
    from sallim.guard.loading import http_module

    http = http_module(flavour)
    labels = {name: told.pop(name) for name in OWN if name in told}
    inner = told.pop("transport", None)
    of_transport = {name: told.pop(name) for name in OF_TRANSPORT if name in told}
    if "trust_env" in of_transport:
        told["trust_env"] = of_transport["trust_env"]
    if inner is None:
        inner = getattr(http, inner_kind)(**of_transport)
    guarded = _transport(inner_kind, inner, http.__name__, labels)
    told.setdefault("timeout", _timeout(http))
    told.setdefault("follow_redirects", True)
    # Proxies of the environment would be mounted beside the transport, and go around it.
    mounts = _mounts(http, inner_kind, labels, told.get("trust_env", True))
    return getattr(http, kind)(transport=guarded, mounts=mounts, **told)


def _timeout(http: Any) -> Any:
    """As the SDKs set it: ten minutes for an answer, five seconds for a connection."""
    return http.Timeout(600.0, connect=5.0)


def _mounts(http: Any, inner_kind: str, labels: dict[str, Any], trusts: bool) -> dict[str, Any]:
    """Guarded transports for the proxies that the environment names."""
    from urllib.request import getproxies

    if not trusts:
        return {}
    mounts: dict[str, Any] = {}
    proxies = getproxies()
    for scheme in ("http", "https", "all"):
        if proxies.get(scheme):
            url = proxies[scheme] if "://" in proxies[scheme] else f"http://{proxies[scheme]}"
            inner = getattr(http, inner_kind)(proxy=url)
            mounts[f"{scheme}://"] = _transport(inner_kind, inner, http.__name__, labels)
    if not mounts:
        return {}
    for host in ("127.0.0.1", "localhost", "[::1]", *_no_proxy(proxies.get("no", ""))):
        inner = getattr(http, inner_kind)()
        mounts[f"all://{host}"] = _transport(inner_kind, inner, http.__name__, labels)
    return mounts


def _no_proxy(names: str) -> list[str]:
    return [f"*{name.strip().lstrip('*')}" for name in names.split(",") if name.strip(" *")]


def _transport(inner_kind: str, inner: Any, flavour: str | None, told: Mapping[str, Any]) -> Any:
    from sallim.guard.bounding import Owner
    from sallim.guard.labels import Labels
    from sallim.guard.loading import http_module
    from sallim.guard.metering import Meter
    from sallim.guard.spending import purse_for
    from sallim.guard.transports import transports_of

    http = http_module(flavour)
    unknown = set(told) - set(OWN)
    if unknown:
        raise TypeError(f"sallim.guard does not know {', '.join(sorted(unknown))}")
    labels = Labels(**{name: str(told[name]) for name in LABELS if told.get(name) is not None})
    owner = Owner(told.get("max_media_seconds"), told.get("max_tool_calls"))
    purse = told.get("purse")
    meter = Meter(
        (lambda: purse_for(os.environ)) if purse is None else (lambda: purse),
        labels,
        told.get("base_urls"),
        owner,
    )
    kinds = transports_of(http.__name__)
    guarded = kinds[0] if inner_kind == "HTTPTransport" else kinds[1]
    return guarded(getattr(http, inner_kind)() if inner is None else inner, meter)


# A module may change its class (Python's data model, "Customizing module attribute access").
sys.modules[__name__].__class__ = Guard
