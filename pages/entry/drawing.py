"""How `/signin` looks, in the reader's language."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from models.messages import Message
from models.typed import typed
from pages.entry.house import home, settings_now
from pages.entry.languages import LANGUAGES, Gettext, catalog

POLICY = (
    "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def drawn(request: Request, shown: Mapping[str, Any], status: int) -> Response:
    """`shown` is what `pages/entry/signin.py` found out."""
    language = language_of(request)
    nonce = secrets.token_urlsafe(16)
    refused: Message | None = shown["refused"]
    text = _template().render(
        {
            "visitor": None,
            "devices": [],
            "silent": False,
            "provider": "",
            **shown,
            "refused": _said(refused, language) if refused else "",
            "words": words(catalog(language).gettext),
            "language": language,
            "languages": LANGUAGES,
            "command": typed("link", home()),
            "nonce": nonce,
            "moment": moment,
        }
    )
    headers = {"content-security-policy": POLICY.format(nonce=nonce), "cache-control": "no-store"}
    return HTMLResponse(text, status, headers)


def language_of(request: Request) -> str:
    """The address, then the house, then what the browser prefers, as on every page."""
    preferred = request.headers.get("accept-language", "")
    wanted = [request.query_params.get("lang", ""), settings_now().house.language]
    wanted += [part.partition(";")[0].strip() for part in preferred.split(",")]
    short = (each.partition("-")[0].lower() for each in wanted)
    return next((each for each in short if each in LANGUAGES), "en")


def moment(at: float) -> str:
    return datetime.fromtimestamp(at, settings_now().house.zone).strftime("%Y-%m-%d %H:%M")


def words(_: Gettext) -> dict[str, str]:
    """Everything that stands on the page."""
    return {
        "title": _("Sign in to Sallim"),
        "entering": _("Signing in…"),
        "enter": _("Sign in"),
        "other": _(
            "This browser is signed in as {name}. If it was you who opened this link, sign in "
            "with it; what was signed in before ends then."
        ),
        "how": _(
            "Sallim lets in who holds a link. On the machine where it runs, type this and open "
            "the link that it prints; it works once, for a quarter of an hour:"
        ),
        "started": _("`make run` prints one too, when it starts.").replace("`", ""),
        "paste": _("Or paste a link here"),
        "provider": _("Sign in with {name}"),
        "remember": _("Remember this device for 30 days"),
        "shortly": _(
            "Otherwise you stay signed in for 12 hours, and after 30 minutes without use this "
            "device may only look."
        ),
        "silent": _("The agent does not answer, so nobody new can be let in. Start it first:"),
        "off": _(
            "Here nobody signs in: everybody on this machine may look, and nobody may change "
            "anything."
        ),
        "pages": _("To the pages"),
        "you": _("You are signed in"),
        "viewer": _("viewer: may look"),
        "operator": _("operator: may stop, start and pause"),
        "owner": _("owner: may do everything"),
        "rests": _(
            "Nobody used this device for a while, so it may only look. To change something, sign "
            "in again with a new link."
        ),
        "until": _("until"),
        "forget": _("Do not remember this device"),
        "out": _("Sign out"),
        "everywhere": _("Sign out everywhere"),
        "devices": _("Signed in now"),
        "this": _("this device"),
        "used": _("last used"),
        "end": _("End"),
    }


def _said(message: Message, language: str) -> str:
    return catalog(language).gettext(message.template).format(**message.values)


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("signin.html")
