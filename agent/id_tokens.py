"""ID tokens: whether the provider signed them, for this app, for this visit, and not long ago."""

import hmac
from collections.abc import Mapping
from typing import Any

from models.errors import SignInRefused
from models.messages import say
from models.oidc import ALGORITHMS, LEEWAY_SECONDS

REQUIRED = ["exp", "iat", "iss", "aud", "sub", "nonce"]


def key_id_of(token: str) -> str:
    """Which of the provider's keys the token says it is signed with. Raises SignInRefused."""
    import jwt

    try:
        head = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise _refused(error) from error
    return str(head.get("kid", ""))


def claims_of(token: str, keys: object, client_id: str, issuer: str, nonce: str) -> dict[str, Any]:
    """What a good token says. Raises SignInRefused for every other one.

    `keys` is the provider's document of keys. The library is loaded here: an agent of a house
    without a provider never holds it.
    """
    import jwt

    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(keys, key_id_of(token)),
            algorithms=list(ALGORITHMS),
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": REQUIRED},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise _refused(error) from error
    if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise SignInRefused(say("The identity provider answered for another visit. Begin anew."))
    if claims.get("azp", client_id) != client_id:
        raise SignInRefused(say("The identity provider answered for another app."))
    return claims


def _key(keys: object, key_id: str) -> Any:
    """Raises ValueError, or an error of the library."""
    import jwt

    if not isinstance(keys, Mapping):
        raise ValueError("the document of keys is none")  # noqa: TRY004  # it came from outside
    known = [
        each for each in jwt.PyJWKSet.from_dict(dict(keys)).keys if each.public_key_use != "enc"
    ]
    chosen = [each for each in known if not key_id or each.key_id == key_id]
    if len(chosen) != 1:
        raise ValueError(f"{len(chosen)} keys of the provider fit")
    return chosen[0]


def _refused(error: Exception) -> SignInRefused:
    return SignInRefused(
        say(
            "The answer of the identity provider is not good here ({reason}). Begin anew; if that "
            "does not help, compare [oidc] client_id and the clock of this machine.",
            reason=str(error)[:100] or type(error).__name__,
        )
    )
