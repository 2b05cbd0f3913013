"""OpenID Connect, as far as it is words: what is asked of a provider, and what it may answer."""

import base64
import hashlib
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from models.errors import SignInRefused
from models.messages import say
from models.settings.addresses import is_near

WELL_KNOWN = "/.well-known/openid-configuration"
CALLBACK = "/signin/oidc/back"
SCOPE = "openid email"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""With a key that the provider alone has: never `none`, and none with a secret that we share."""
PENDING_SECONDS = 600.0
PENDING_MAX = 100
LEEWAY_SECONDS = 60
"""How far the clocks of provider and agent may be apart."""


class Provider(NamedTuple):
    """Its addresses, as its own document says them."""

    issuer: str
    authorization: str
    token: str
    keys: str


class Pending(NamedTuple):
    """Somebody is at the provider. `nonce` and `verifier` leave the agent only as hashes."""

    nonce: str
    verifier: str
    redirect: str
    began_at: float


def provider_in(shape: object, issuer: str) -> Provider:
    """Raises SignInRefused where the document is of somebody else or leads astray."""
    if not isinstance(shape, dict) or shape.get("issuer") != issuer:
        raise SignInRefused(
            say(
                "The document of the identity provider does not name {issuer} as its issuer; "
                "write the issuer exactly as it does: [oidc] issuer in sallim.toml",
                issuer=issuer,
            ),
            502,
        )
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    places = [shape.get(name) for name in names]
    for name, place in zip(names, places, strict=True):
        if not isinstance(place, str) or not is_guarded(place):
            raise SignInRefused(
                say("The identity provider names no https:// address as {name}.", name=name), 502
            )
    return Provider(issuer, *(str(place) for place in places))


def is_guarded(url: str) -> bool:
    """Whether secrets may go there.

    >>> is_guarded("https://id.example.com/token"), is_guarded("http://127.0.0.1:9000/token")
    (True, True)
    >>> is_guarded("http://id.example.com/token"), is_guarded("file:///etc/passwd")
    (False, False)
    """
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and "." in (parts.hostname or "") and is_near(url)


def address_to_ask(provider: Provider, client_id: str, state: str, pending: Pending) -> str:
    """Where the browser is sent: with hashes of what only the agent knows."""
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": pending.redirect,
        "scope": SCOPE,
        "state": state,
        "nonce": hashed(pending.nonce),
        "code_challenge": challenge_of(pending.verifier),
        "code_challenge_method": "S256",
    }
    joint = "&" if urlsplit(provider.authorization).query else "?"
    return f"{provider.authorization}{joint}{urlencode(asked)}"


def challenge_of(verifier: str) -> str:
    """As RFC 7636, appendix B.

    >>> challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def hashed(nonce: str) -> str:
    return hashlib.sha256(nonce.encode()).hexdigest()


def email_in(claims: Mapping[str, object]) -> str:
    """Raises SignInRefused unless the provider says that it made sure whose address it is."""
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        raise SignInRefused(
            say(
                "The identity provider did not vouch for an e-mail address (email and "
                "email_verified). Use one that does, or a link."
            )
        )
    return email
