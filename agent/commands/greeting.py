"""What `make run` says once agent and app answer: where they are, and how to get in."""

import getpass
import socket
from collections.abc import Mapping

from agent.commands.link import address_of, asked, validity_of
from data.home import Home
from models.errors import AgentSilent, SignInRefused
from models.settings import Settings
from models.typed import typed


def greeting(home: Home, settings: Settings, environ: Mapping[str, str]) -> str:
    app = settings.app
    lines = [f"Sallim runs: {app.url}   (Ctrl-C ends it)"]
    if not environ.get("DISPLAY") and not environ.get("WAYLAND_DISPLAY"):
        target = f"{getpass.getuser()}@{socket.gethostname()}"
        lines.append(
            "This machine has no display. On your own one, run\n"
            f"  ssh -N -L {app.port}:{app.address}:{app.port} {target}\n"
            f"and open {'the link below' if settings.asks_who else _local(app.port)} there."
        )
    if settings.asks_who:
        lines.append(_way_in(home, app.url))
    return "\n".join(lines)


def _local(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _way_in(home: Home, url: str) -> str:
    """The owner's link; a house without one is still watched."""
    try:
        made = asked(home, "/session/links", {})
    except (AgentSilent, SignInRefused) as error:
        return f"There is no link to sign in with ({error}) Make one with `{typed('link')}`."
    return (
        f"Sign in:  {address_of(made['link'], url)}\n"
        f"{validity_of(made)} Another one: {typed('link')}"
    )
