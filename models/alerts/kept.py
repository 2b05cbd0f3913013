"""Alerts and messages as the outbox keeps them, a row each. Moments are UTC epoch seconds."""

import json
from typing import NamedTuple

from models.alerts import Alert, Severity
from models.alerts.outlook import Sent, Unsent, Waiting
from models.alerts.words import Told
from models.messages import Message

WAITING, SENDING, SENT, DEAD = "waiting", "sending", "sent", "dead"
TOLD_NOBODY = 0
"""Stands for the number of a message, where an alert is in none and never will be."""


class KeptAlert(NamedTuple):
    """`message_id` is None until it is in a message; `times` is how often it was to be told."""

    number: int
    dedup_key: str
    kind: str
    severity: str
    title: str
    lines: str
    link: str
    bucket_id: str
    target: str
    channel: str
    lasts: int
    is_counted: int
    times: int
    put_at: float
    message_id: int | None
    acknowledged_by: str

    @property
    def waiting(self) -> Waiting:
        return Waiting(
            self.number,
            Severity(self.severity),
            self.put_at,
            self.bucket_id,
            bool(self.is_counted),
            self.channel,
            self.target,
        )

    def told(self, public_url: str) -> Told:
        """As it stands in a message; without `public_url` there is nothing to link to."""
        link = public_url.rstrip("/") + "/" + self.link.lstrip("/") if public_url else ""
        lines = [Message.from_json(shape) for shape in json.loads(self.lines)]
        title = Message.from_json(json.loads(self.title))
        return Told(self.number, self.times, title, lines, link)


class KeptMessage(NamedTuple):
    """`last` is why the last try failed, as JSON of a sentence; `ended_at` when it was sent or
    given up.
    """

    id: int
    channel: str
    severity: str
    is_counted: int
    is_bound: int
    composed_at: float
    routed_at: float
    not_before: float
    tries: int
    state: str
    last: str
    ended_at: float | None

    @property
    def unsent(self) -> Unsent:
        return Unsent(
            self.id,
            self.channel,
            Severity(self.severity),
            self.routed_at,
            self.not_before,
            self.tries,
            is_sending=self.state == SENDING,
            is_bound=bool(self.is_bound),
        )

    @property
    def sent(self) -> Sent:
        assert self.ended_at is not None, "only what has ended is asked"  # noqa: S101
        return Sent(self.channel, self.ended_at, bool(self.is_counted))

    @property
    def reason(self) -> Message | None:
        return Message.from_json(json.loads(self.last)) if self.last else None


def first_kept(alert: Alert, number: int, now: float) -> KeptAlert:
    return KeptAlert(
        number,
        alert.dedup_key,
        alert.kind,
        alert.severity.value,
        _json(alert.title.as_json()),
        _json([line.as_json() for line in alert.lines]),
        alert.link,
        alert.bucket_id,
        alert.target,
        alert.channel,
        int(alert.lasts),
        int(alert.is_counted),
        times=1,
        put_at=now,
        message_id=None,
        acknowledged_by="",
    )


def kept_again(alert: Alert, before: KeptAlert, now: float) -> KeptAlert:
    """What lasts is told once more, under the number it has; if it still waits, in its place."""
    times = before.times if before.message_id is None else before.times + 1
    return first_kept(alert, before.number, now)._replace(times=times)


def _json(shape: object) -> str:
    return json.dumps(shape, ensure_ascii=False, separators=(",", ":"))
