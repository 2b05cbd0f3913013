"""Check of how people get in."""

import importlib.util
from collections.abc import Mapping

from agent.checks import Finding, absent, ok, problem
from data.credentials import secret
from models.errors import ConfigError
from models.settings import Settings

NAME = "sign-in"


def signin(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    if not settings.asks_who:
        return [absent(NAME, "nobody signs in: everybody on this machine may look")]
    oidc = settings.oidc
    if not oidc.issuer:
        return [ok(NAME, f"by links to {settings.app.url}")]
    missing = [name for name in ("jwt", "cryptography") if importlib.util.find_spec(name) is None]
    if missing:
        text = f"[oidc] needs the package {missing[0]}; install requirements.txt again"
        return [problem(NAME, text)]
    try:
        if oidc.client_secret:
            secret(oidc.client_secret, environ)
    except ConfigError as error:
        return [problem(NAME, f"[oidc]: {error}")]
    return [ok(NAME, f"by links to {settings.app.url}, and by {oidc.name}")]
