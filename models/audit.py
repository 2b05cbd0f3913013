"""Who asked for what, what was decided and what came of it: rows that only follow one another.

Each row carries the hash of the one before it, so that a row that was changed, taken out or put
in shows at that place. The head says how many there are, so that the last ones cannot go unseen.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from models.csv_text import Value
from models.requests.shapes import Actor
from sallim.money import MICRO

FIRST = "0" * 64
"""What the first row follows."""
SENT_MAX = 2_000
"""Characters of `before` and `after` each: they are for people, not a backup."""

HEADER = (
    *("seq", "at_utc", "step", "request", "who", "role", "via", "address", "what", "target"),
    *("before", "after", "result", "prev_sha256", "sha256"),
)


class AuditRow(NamedTuple):
    """`at_us` is UTC epoch microseconds; `before` and `after` are JSON; `what` is the kind.

    `step`: accepted or refused, written before anything is done; then done, failed or unknown.
    """

    seq: int
    at_us: int
    step: str
    request_id: str
    who: str
    role: str
    via: str
    address: str
    what: str
    target: str
    before: str
    after: str
    result: str
    prev_sha256: str
    sha256: str


class AuditHead(NamedTuple):
    """The last row there is; `id` is 1, and there is one of it."""

    id: int
    seq: int
    sha256: str


class Entry(NamedTuple):
    """What is to be written down; its place in the chain is found when it is."""

    at_us: int
    step: str
    request_id: str
    actor: Actor
    what: str
    target: str
    before: Mapping[str, object]
    after: Mapping[str, object]
    result: str


class Verdict(NamedTuple):
    """`rows` are those that follow one another from the first on; `broken` names the next one.

    `broken` is "" where all are intact.
    """

    rows: int
    broken: str


def following(head: AuditHead | None, entry: Entry) -> AuditRow:
    """The row of an entry, right after the head."""
    row = AuditRow(
        1 if head is None else head.seq + 1,
        entry.at_us,
        entry.step,
        entry.request_id,
        *(entry.actor.name, entry.actor.role, entry.actor.via, entry.actor.address),
        entry.what,
        entry.target,
        text_of(entry.before),
        text_of(entry.after),
        entry.result,
        FIRST if head is None else head.sha256,
        "",
    )
    return row._replace(sha256=hash_of(row))


def hash_of(row: AuditRow) -> str:
    """Over every field but its own; what no row holds was written by somebody else."""
    text = json.dumps(row[:-1], ensure_ascii=False, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def text_of(shape: Mapping[str, object]) -> str:
    """JSON in the order of its keys; what is too long is named by its length."""
    text = json.dumps(shape, ensure_ascii=False, sort_keys=True, default=str)
    if len(text) > SENT_MAX:
        return json.dumps({"left_out_characters": len(text)})
    return text


def verify(rows: Iterable[AuditRow], head: AuditHead | None) -> Verdict:
    """Whether they all follow one another, up to the head. Rows come in the order of their seq."""
    count, before = 0, FIRST
    for row in rows:
        trouble = _trouble(row, count + 1, before)
        if trouble:
            return Verdict(count, trouble)
        count, before = count + 1, row.sha256
    if (count, before) == (0, FIRST) and head is None:
        return Verdict(0, "")
    if head is None:
        return Verdict(count, "the head is missing, so the last rows may be, too")
    if head.seq > count:
        return Verdict(count, f"row {count + 1} is missing, and all up to {head.seq}")
    if (head.seq, head.sha256) != (count, before):
        return Verdict(count, f"row {head.seq} is not the last that was written")
    return Verdict(count, "")


def _trouble(row: AuditRow, wanted: int, before: str) -> str:
    if row.seq > wanted:
        return f"row {wanted} is missing"
    if row.seq < wanted:
        return f"row {row.seq} stands there twice"
    if hash_of(row) != row.sha256:
        return f"row {row.seq} is not as it was written"
    if row.prev_sha256 != before:
        return f"row {row.seq} does not follow the one before it"
    return ""


def cells(row: AuditRow) -> list[Value]:
    """A row of the export, in the order of HEADER."""
    at = datetime.fromtimestamp(row.at_us // MICRO, UTC)
    return [row.seq, at.strftime("%Y-%m-%dT%H:%M:%SZ"), *row[2:]]
