"""Signing in by an identity provider: the agent asks it, and verifies what it says itself."""

import os
import secrets
import threading
from collections.abc import Callable, Mapping
from typing import Any

from agent.id_tokens import claims_of
from agent.net.asking import Asker
from data.credentials import secret
from models.errors import ConfigError, SignInRefused, SourceError
from models.messages import say
from models.oidc import (
    CALLBACK,
    PENDING_MAX,
    PENDING_SECONDS,
    WELL_KNOWN,
    Pending,
    Provider,
    address_to_ask,
    email_in,
    hashed,
    provider_in,
)
from models.settings.oidc import Oidc as OidcSettings

SOURCE = "oidc"
TIMEOUT_SECONDS = 8.0
KNOWN_SECONDS = 3_600.0
ASKED_AT_ONCE = 4
"""Each holds one of the server's threads, and whoever reaches the app may have one asked: a
provider that answers slowly must not keep a person from stopping everything.
"""


class Oidc:
    """Thread-safe. Who is at the provider stands in memory alone: a restart begins anew."""

    def __init__(
        self, monotonic: Callable[[], float], environ: Mapping[str, str] = os.environ
    ) -> None:
        self._monotonic = monotonic
        self._environ = environ
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(ASKED_AT_ONCE)
        self._pending: dict[str, Pending] = {}
        self._provider: tuple[Provider, float] | None = None
        self._rules = OidcSettings()
        self._url = ""

    def take_over(self, rules: OidcSettings, url: str) -> None:
        """`url` is how people reach the app."""
        with self._lock:
            self._rules, self._url, self._provider = rules, url, None
            self._pending = {}

    @property
    def name(self) -> str:
        """What stands on the button; "" where there is no provider."""
        return self._rules.name if self._rules.issuer else ""

    def begin(self) -> dict[str, str]:
        """Where the browser goes, and the state that it must bring back. Raises SignInRefused."""
        if not self._rules.issuer:
            raise SignInRefused(say("There is no identity provider here: [oidc] is empty."), 404)
        provider = self._known_provider()
        state = secrets.token_urlsafe(32)
        pending = Pending(
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(48),
            self._url + CALLBACK,
            self._monotonic(),
        )
        with self._lock:
            self._pending = self._still_pending()
            while len(self._pending) >= PENDING_MAX:
                del self._pending[next(iter(self._pending))]
            self._pending[state] = pending
        url = address_to_ask(provider, self._rules.client_id, state, pending)
        return {"url": url, "state": state}

    def finish(self, state: str, code: str) -> str:
        """The e-mail address that the provider vouches for; each visit ends once.

        Raises SignInRefused.
        """
        with self._lock:
            self._pending = self._still_pending()
            pending = self._pending.pop(state, None)
        if pending is None:
            raise SignInRefused(say("This visit at the identity provider is over. Begin anew."))
        provider = self._known_provider()
        said = self._asked(provider.token, self._form(pending, code))
        token = said.get("id_token") if isinstance(said, dict) else None
        if not isinstance(token, str):
            raise SignInRefused(say("The identity provider sent no ID token."), 502)
        claims = claims_of(
            token,
            self._asked(provider.keys),
            self._rules.client_id,
            provider.issuer,
            hashed(pending.nonce),
        )
        return email_in(claims)

    def _form(self, pending: Pending, code: str) -> dict[str, str]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": pending.redirect,
            "client_id": self._rules.client_id,
            "code_verifier": pending.verifier,
        }
        if not self._rules.client_secret:
            return form
        try:
            return {**form, "client_secret": secret(self._rules.client_secret, self._environ)}
        except ConfigError as error:
            raise SignInRefused(error.problems[0], 503) from error

    def _still_pending(self) -> dict[str, Pending]:
        since = self._monotonic() - PENDING_SECONDS
        return {key: each for key, each in self._pending.items() if each.began_at > since}

    def _known_provider(self) -> Provider:
        known = self._provider
        if known is not None and self._monotonic() - known[1] < KNOWN_SECONDS:
            return known[0]
        issuer = self._rules.issuer
        provider = provider_in(self._asked(issuer.rstrip("/") + WELL_KNOWN), issuer)
        self._provider = (provider, self._monotonic())
        return provider

    def _asked(self, url: str, form: Mapping[str, str] | None = None) -> Any:
        if not self._free.acquire(blocking=False):
            raise SignInRefused(
                say("Too many are at the identity provider just now. Try again in a minute."), 503
            )
        try:
            return Asker(SOURCE, timeout_seconds=TIMEOUT_SECONDS).json(url, form=form)
        except SourceError as error:
            raise SignInRefused(
                say("The identity provider cannot be asked: {reason}", reason=str(error.reason)),
                502,
            ) from error
        finally:
            self._free.release()
