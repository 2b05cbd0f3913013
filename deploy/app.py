"""Start the app on the port of the settings: `python -m deploy.app`, the ExecStart of its unit.

Only that section is read, and by the standard library: the app must come up and say what is
wrong also when the rest of the file cannot be used.
"""

import os
import sys
import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "::1", "localhost")
NEAR = [
    ip_network(network)
    for network in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"),
        *("::1/128", "fc00::/7"),
    )
]
DEFAULT = ("127.0.0.1", 8501)


def app_address(settings: Path) -> tuple[str, int]:
    """Host and port of the app; the default where the file says nothing that can be used.

    An address that others reach is taken only where the whole file asks who they are: the app
    itself refuses to go on without.
    """
    app = _section(settings)
    host, port = app.get("address", DEFAULT[0]), app.get("port", DEFAULT[1])
    good_host = host if isinstance(host, str) and is_near(host) else DEFAULT[0]
    return good_host, port if type(port) is int and 1024 <= port <= 65535 else DEFAULT[1]


def public_names(settings: Path) -> list[str]:
    """The name under which a proxy is asked for it, where the file says one."""
    url = _section(settings).get("public_url", "")
    try:
        name = urlsplit(url).hostname if isinstance(url, str) else None
    except ValueError:
        return []
    return [name] if name else []


def is_near(host: str) -> bool:
    """Whether it is of this machine or of a private network, as models/settings/addresses.py."""
    try:
        address = ip_address(host)
    except ValueError:
        return host in LOOPBACK
    return any(address in network for network in NEAR)


def _section(settings: Path) -> dict[str, object]:
    try:
        app = tomllib.loads(settings.read_text(encoding="utf-8"))["app"]
    except (OSError, ValueError, KeyError):
        return {}
    return app if isinstance(app, dict) else {}


def main() -> None:
    settings = Path(os.environ.get("SALLIM_CONFIG", "sallim.toml"))
    host, port = app_address(settings)
    names = dict.fromkeys((*LOOPBACK, host, *public_names(settings)))
    streamlit = [sys.executable, "-m", "streamlit", "run", "app.py"]
    options = ["--server.address", host, "--server.port", str(port)]
    options += [part for name in names for part in ("--server.allowedHosts", name)]
    os.execv(sys.executable, [*streamlit, *options])  # noqa: S606  # one process, no shell


if __name__ == "__main__":
    main()
