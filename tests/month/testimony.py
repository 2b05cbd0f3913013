"""What is looked at when the month is over: the ledger, control, and where messages arrived."""

import re
from collections import Counter
from typing import TYPE_CHECKING

from data.budget import told
from data.waiting import items
from tests.month.clock import MICRO
from tests.month.plan import HOUR_SECONDS

if TYPE_CHECKING:
    from tests.month.living import Month

LINE = re.compile(r"(at this pace )?(\d+) % of the budget ([a-z:]+)")
ENDED = re.compile(r"the limit of the budget ([a-z:]+) is over")
EVENTS = "SELECT bucket_id, version, start_us, kind, threshold_ppm FROM limit_events"
ALERTS = "SELECT dedup_key FROM alerts WHERE kind LIKE 'budget.%'"
NANO = (
    "SELECT coalesce(sum(nano_usd), 0) FROM calls WHERE state = 'settled' AND provider = 'openai'"
)
DOUBTED = "SELECT gross_micro, worst_micro, updated_us FROM calls WHERE state = 'unverified'"
RATES = "SELECT DISTINCT fx_id FROM calls WHERE state = 'settled' AND provider = 'openai'"


LAST_HOURS = 72


def close(month: "Month") -> None:
    chronicle, house = month.chronicle, month.house
    deliver(month)
    seen = month.witness.testimony()
    chronicle.admission = {
        "admitted": seen.admitted,
        "wrongly": [list(each) for each in seen.wrongly],
        "above": [list(each) for each in seen.above],
        "sums": seen.sums,
    }
    chronicle.recovery = {
        "restarted": house.recovery.restarted,
        "refused": house.recovery.refused,
    }
    chronicle.killed["unverified"] = [
        {"gross": gross / MICRO, "worst": worst / MICRO, "at": at / MICRO}
        for gross, worst, at in month.witness.rows(DOUBTED)
    ]
    [(nano,)] = month.witness.rows(NANO)
    lines = [line for line in month.upstream.bill if line.call != chronicle.killed["call"]]
    chronicle.bill = {"settled": nano, "billed": sum(line.nano_usd for line in lines)}
    ids = [fx_id for (fx_id,) in month.witness.rows(RATES)]
    chronicle.rates = sorted({int(each.rpartition("-")[2]) / MICRO for each in ids})
    chronicle.waiting = [
        [
            *(each.kind, each.bucket_id, each.since, each.begun_at, each.state),
            each.estimated_micro / MICRO,
        ]
        for each in items(house.store.control)
    ]
    chronicle.alerts = alerts(month)


def deliver(month: "Month") -> None:
    """What the outbox keeps for later, as it does with the fourth message of a day, comes too."""
    for _ in range(LAST_HOURS):
        if not month.house.outbox.depth:
            return
        month.move_to(month.clock.now + HOUR_SECONDS)
        month.house.send()


def alerts(month: "Month") -> dict[str, object]:
    """Each line by the ledger, as it is remembered, as it was put, and as it came through."""
    control = month.house.store.control
    with control.transaction() as connection:
        put = [key for (key,) in connection.execute(ALERTS)]
    events = month.witness.rows(EVENTS)
    rows = told(control, 0)
    known = [
        [row.bucket_id, row.version, row.start_us, row.kind, row.threshold_ppm] for row in rows
    ]
    came = Counter(
        f"{bucket} {'projection' if pace else 'threshold'} {percent}"
        for text in month.sink.texts
        for pace, percent, bucket in LINE.findall(text)
    )
    return {
        "events": [list(each) for each in events],
        "told": known,
        "told_at": [
            [row.bucket_id, row.kind, row.threshold_ppm // 10_000, row.told_at] for row in rows
        ],
        "put": put,
        "came": dict(came),
        "ended": [bucket for text in month.sink.texts for bucket in ENDED.findall(text)],
        "messages": len(month.sink.texts),
        "texts": month.sink.texts,
    }
