"""Leave to ask for one thing once: what it is bound to, and why it is not taken.

A nonce is given to one session for one request, lives a minute, and is used up by the first that
comes with it, whatever becomes of that.
"""

from typing import NamedTuple

from models.errors import RequestRefused
from models.messages import Message, say
from models.requests.kept import KeptRequest, hashed
from models.requests.shapes import Caller, Request

NONCE_SECONDS = 60
NOT_USED = 0


class Nonce(NamedTuple):
    """A row of control.sqlite3; of the nonce itself only the hash is kept.

    `bound_to` is the session or user that it was given to, `binding` what may be asked with it.
    """

    nonce_sha256: str
    bound_to: str
    binding: str
    issued_at_us: int
    used_at_us: int


class Claim(NamedTuple):
    """What comes with a request, to be held against its nonce."""

    nonce_sha256: str
    bound_to: str
    binding: str


def claim_of(caller: Caller, request: Request) -> Claim:
    return Claim(hashed(request.nonce), caller.bound_to, binding_of(request))


def binding_of(request: Request) -> str:
    """The hash of what is asked for: another target or amount needs another nonce."""
    return hashed(repr((request.kind, request.target, sorted(request.args.items()))))


def issued(nonce: str, caller: Caller, request: Request, now_us: int) -> Nonce:
    return Nonce(hashed(nonce), caller.bound_to, binding_of(request), now_us, NOT_USED)


def check_claim(nonce: Nonce | None, claim: Claim, before: KeptRequest | None, now_us: int) -> None:
    """Raises RequestRefused. `before` is what the nonce has already become, where it has."""
    if nonce is None or nonce.bound_to != claim.bound_to:
        raise _refused(
            say("this request was not prepared here, or is long over; ask anew, nothing was done")
        )
    if nonce.used_at_us != NOT_USED:
        state, kept = ("over", "") if before is None else (before.state, before.request_id)
        message = say(
            "this was asked for already, and is {state}; nothing more was done", state=state
        )
        raise RequestRefused(message, 409, kept)
    if nonce.binding != claim.binding:
        raise _refused(
            say("this request was prepared for something else; ask anew, nothing was done")
        )
    # A clock that was set back makes none live longer: its issue lies ahead then.
    if not 0 <= now_us - nonce.issued_at_us < NONCE_SECONDS * 1_000_000:
        raise _refused(say("this request was prepared too long ago; ask anew, nothing was done"))


def _refused(message: Message) -> RequestRefused:
    return RequestRefused(message, 409)
