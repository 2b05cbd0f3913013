"""People's requests: permitted, confirmed, written down, carried out, and never twice.

The order is the promise: the row of the audit is on the disk before anything is done, and what
came of it is on the disk before anybody is told.
"""

import secrets
import threading
from collections.abc import Callable
from zoneinfo import ZoneInfo

from agent.requests.carrying import Carrying, entry_of, told
from agent.requests.handling import Handlers
from agent.requests.pace import Pace
from agent.sampling import Clocks
from data import audit
from data import requests as rows
from data.control import Control
from models.audit import AuditHead, AuditRow
from models.errors import RequestRefused
from models.messages import Message, say
from models.requests import ACCEPTED, REFUSED, Actor, Caller, Prospect, Request
from models.requests.confirming import is_confirmed, to_type
from models.requests.kept import KeptRequest, id_of, kept
from models.requests.nonces import NONCE_SECONDS, claim_of, issued
from models.requests.reading import request_of
from models.requests.roles import Right, least_role, may
from sallim.money import MICRO

NONCE_BYTES = 32


class Requests:
    """Thread-safe: one request after the other, so that what was checked still holds.

    Every method raises RequestRefused, which says why and what a person can do, and StoreError
    while nothing can be written down: then nothing is done either.
    """

    def __init__(
        self, control: Control, handlers: Handlers, clocks: Clocks, zone: Callable[[], ZoneInfo]
    ) -> None:
        self._control = control
        self._handlers = handlers
        self._clocks = clocks
        self._zone = zone
        self._pace = Pace(clocks.monotonic)
        self._turn = threading.RLock()
        self._carrying = Carrying(control, handlers, clocks)

    def preview(self, caller: Caller, shape: object) -> dict[str, object]:
        """What would follow of a request, and what has to be typed to confirm it."""
        return self._looked_at(caller, shape)[1]

    def nonce(self, caller: Caller, shape: object) -> dict[str, object]:
        """The same, and leave to ask for exactly this, once, within a minute."""
        request, shown = self._looked_at(caller, shape)
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        with self._turn:
            rows.put_nonce(self._control, issued(nonce, caller, request, self._now_us()))
        return {**shown, "nonce": nonce, "seconds": NONCE_SECONDS}

    def ask(self, caller: Caller, shape: object) -> KeptRequest:
        """Have it done; what became of it, or, where it takes longer, that it is under way."""
        with self._turn:
            request = request_of(shape, self._zone())
            self._keep_pace(caller, request)
            self.permit(caller, request.kind, request.target)
            return self._carrying.begin(self._accepted(caller, request))

    def step(self) -> None:
        """Go on with what is under way, and with what a crash left behind. For a loop."""
        with self._turn:
            self._carrying.pursue()

    def recent(self, caller: Caller) -> list[KeptRequest]:
        """The newest first."""
        self.permit(caller, "look", "")
        return rows.recent(self._control)

    def audited(self, caller: Caller, seq: int) -> tuple[list[AuditRow], AuditHead | None]:
        """What follows one row of the audit, and its head."""
        self.permit(caller, "audit", "")
        return audit.after(self._control, seq)

    def permit(self, caller: Caller, right: Right, target: str) -> None:
        """By the table of roles; a refusal is written down."""
        actor = caller.actor
        if may(actor.role, right):
            return
        message = say(
            "{name} is {role} and may not {right}: ask somebody who is {least}",
            name=actor.name,
            role=actor.role,
            right=right,
            least=least_role(right),
        )
        self._note_refusal(actor, right, target, message)
        raise RequestRefused(message, 403)

    def turned_away(
        self, stranger: Actor, message: Message, door: str = "socket"
    ) -> RequestRefused:
        """What to tell a process that is not let in, or somebody who writes to the bot."""
        self._note_refusal(stranger, "connect", door, message)
        return RequestRefused(message, 403)

    def _looked_at(self, caller: Caller, shape: object) -> tuple[Request, dict[str, object]]:
        with self._turn:
            self._pace.check(caller.actor.name)
            request = request_of(shape, self._zone(), draft=True)
            self.permit(caller, request.kind, request.target)
            prospect = self._checked(request)
        # To find out what is at work may take its time; nobody waits for that but who looks.
        return request, _shape(request, prospect)

    def _keep_pace(self, caller: Caller, request: Request) -> None:
        try:
            self._pace.check(caller.actor.name, request.kind)
        except RequestRefused as trouble:
            self._note_refusal(caller.actor, request.kind, request.target, trouble.message)
            raise

    def _checked(self, request: Request) -> Prospect:
        return self._handlers[request.kind].check(request, self._clocks.wall())

    def _accepted(self, caller: Caller, request: Request) -> KeptRequest:
        """With its nonce used up, and its row of the audit on the disk."""
        prospect, refusal = Prospect(()), _not_confirmed(request)
        if refusal is None:
            try:
                prospect = self._checked(request)
            except RequestRefused as trouble:
                refusal = trouble
        now_us = self._now_us()
        row = kept(request, id_of(request.nonce), caller.actor, now_us)
        if refusal is None:
            row = row.moved(ACCEPTED, say("under way"), now_us)
        else:
            row = row.moved(REFUSED, refusal.message, now_us)
        asked = {"args": dict(request.args), "reason": request.reason, **prospect.before}
        try:
            told(
                rows.admit(self._control, claim_of(caller, request), row, entry_of(row, asked, {}))
            )
        except RequestRefused as wrong:
            self._note_refusal(caller.actor, request.kind, request.target, wrong.message)
            raise
        if refusal is not None:
            raise RequestRefused(refusal.message, refusal.status, row.request_id)
        return row

    def _note_refusal(self, actor: Actor, what: str, target: str, message: Message) -> None:
        with self._turn:
            if self._pace.may_note(actor.name):
                self._carrying.note_refusal(actor, what, target, message)

    def _now_us(self) -> int:
        return int(self._clocks.wall() * MICRO)


def _not_confirmed(request: Request) -> RequestRefused | None:
    if is_confirmed(request):
        return None
    return RequestRefused(
        say("type {wanted} to confirm; nothing was done", wanted=to_type(request))
    )


def _shape(request: Request, prospect: Prospect) -> dict[str, object]:
    return {
        "kind": request.kind,
        "target": request.target,
        "confirm": to_type(request),
        "lines": [line.as_json() for line in prospect.lines],
        "effect": dict(prospect.effect()),
    }
