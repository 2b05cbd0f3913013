"""Start the app on the port of the settings: `python -m deploy.app`, the ExecStart of its unit.

Only that section is read, and by the standard library: the app must come up and say what is
wrong also when the rest of the file cannot be used.
"""

import os
import sys
import tomllib
from pathlib import Path

LOOPBACK = ("127.0.0.1", "::1", "localhost")
DEFAULT = ("127.0.0.1", 8501)


def app_address(settings: Path) -> tuple[str, int]:
    """Host and port of the app; the default where the file says nothing that can be used."""
    try:
        app = tomllib.loads(settings.read_text(encoding="utf-8"))["app"]
        host, port = app.get("address", DEFAULT[0]), app.get("port", DEFAULT[1])
    except (OSError, ValueError, KeyError, AttributeError):
        return DEFAULT
    good_host = host if host in LOOPBACK else DEFAULT[0]
    return good_host, port if type(port) is int and 1024 <= port <= 65535 else DEFAULT[1]


def main() -> None:
    host, port = app_address(Path(os.environ.get("SALLIM_CONFIG", "sallim.toml")))
    streamlit = [sys.executable, "-m", "streamlit", "run", "app.py"]
    options = ["--server.address", host, "--server.port", str(port)]
    os.execv(sys.executable, [*streamlit, *options])  # noqa: S606  # one process, no shell


if __name__ == "__main__":
    main()
