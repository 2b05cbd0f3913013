"""How the budgets stand, for a person: what is left, what is limited, what a person has ordered."""

import logging
from collections.abc import Collection, Iterable, Sequence

from agent.requests.raising import Override
from data import outbox
from data.audit import after
from data.control import Control
from data.home import Home
from data.requests import orders
from models.alerts.knowing import KNOWN_SECONDS
from models.audit import AuditRow, verify
from models.costs.limited import limited
from models.messages import Message, say
from models.settings import Settings
from models.typed import typed
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import UNVERIFIED
from sallim.money import MICRO

log = logging.getLogger(__name__)

UNVERIFIED_MAX = ALERTS_MAX = 20
HELD = ("stop_all", "pause", "silence", "acknowledge")


def audit_problem(control: Control) -> Message | None:
    """At a start: whether somebody changed the audit while no agent held its file."""
    rows: list[AuditRow] = []
    while True:
        more, head = after(control, rows[-1].seq if rows else 0)
        if not more:
            break
        rows += more
    broken = verify(rows, head).broken
    if not broken:
        return None
    log.error("the audit is broken: %s", broken)
    return say(
        "the audit of requests is broken ({reason}): `{command}`",
        reason=broken,
        command=typed("audit verify"),
    )


def ledger_state(
    home: Home, settings: Settings, now: float, released: Collection[str] = ()
) -> dict[str, object]:
    """What the ledger says, also while no agent runs. Raises LedgerError.

    `released` are buckets whose lines do not hold.

    `held_since`: when a person stopped all paid calls; 0: they are let through.

    Shape: {"held_since", "buckets": [Limited ...], "unverified": [{"call", "attempt", ...}],
    "unverified_count"}: only the first few are told.
    """
    if not home.ledger.exists():
        return {"held_since": 0, "buckets": [], "unverified": [], "unverified_count": 0}
    accounts = Accounts.open(home.ledger)
    try:
        balances = accounts.balances(int(now * MICRO))
        doubtful = accounts.calls_named("", [UNVERIFIED])
        held_us = accounts.held_us()
    finally:
        accounts.close()
    budget, is_on = settings.budget, settings.automation.block == "on"
    modes = {name: budget.mode_of(name) for name in budget.caps_krw}
    found = limited(balances, budget.important_percent, budget.optional_percent, released)
    return {
        "held_since": held_us // MICRO,
        "buckets": [
            each.as_json()
            if is_on and modes.get(each.bucket_id) != "count"
            else each._replace(refused=()).as_json()
            for each in found
        ],
        "unverified": [
            {
                "call": call.call_id,
                "attempt": call.attempt,
                "provider": call.provider,
                "model": call.model,
                "worst_micro": call.worst_micro,
                "opened_at": call.opened_us // MICRO,
            }
            for call in doubtful[:UNVERIFIED_MAX]
        ],
        "unverified_count": len(doubtful),
    }


def live(overrides: Iterable[Override], now: float) -> list[Override]:
    return [each for each in overrides if each.revoked_at is None and now < each.expires_at]


def raises(overrides: Iterable[Override]) -> dict[str, object]:
    """Shape: {"raises": [{"id", "bucket", "delta_krw", "until", "by", "reason"} ...]}."""
    shapes = [
        {
            "id": each.override_id,
            "bucket": each.bucket_id,
            "delta_krw": each.delta_krw,
            "until": int(each.expires_at),
            "by": each.by,
            "reason": each.reason,
        }
        for each in overrides
    ]
    return {"raises": shapes}


def standing_orders(control: Control, now: float) -> dict[str, object]:
    """Shape: {"orders": [StandingOrder ...]}."""
    held: Sequence[dict[str, object]] = [
        order._asdict() for kind in HELD for order in orders(control, kind, now)
    ]
    return {"orders": held}


def told_lately(control: Control, now: float) -> dict[str, object]:
    """What was told of late and nobody has acknowledged.

    Shape: {"alerts": [{"number", "severity", "title", "put_at"} ...]}, the newest first.
    """
    found = outbox.told_lately(control, now - KNOWN_SECONDS)[:ALERTS_MAX]
    shapes = [
        {
            "number": each.number,
            "severity": each.severity,
            "title": each.told("").title.as_json(),
            "put_at": int(each.put_at),
        }
        for each in found
    ]
    return {"alerts": shapes}
