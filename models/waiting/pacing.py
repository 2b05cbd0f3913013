"""What runs next, and why what is first in line waits."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.budget.state import BucketState
from models.messages import Message, say
from models.requests.limits import moment_text
from models.settings.automation import Permission
from models.settings.budget import Budget
from models.tiers import DAY_SECONDS
from models.waiting.item import NOW, RUNNING, WAITING, WaitingItem
from models.waiting.recognising import TOTAL
from sallim.ledger.money_rows import ESSENTIAL, IMPORTANT, OPTIONAL
from sallim.money import MICRO, won_text

PRIORITIES = (ESSENTIAL, IMPORTANT, OPTIONAL)
"""What matters most comes first."""
AGAIN_SECONDS = 300.0
"""How long one that was refused again waits for each of its tries."""


AHEAD_SECONDS = 7_200.0
"""How far ahead the beginning of a run may lie by a clock that was put back since."""
BEYOND_MICRO = 10**15
"""Left of a budget that refuses nothing."""


class Room(NamedTuple):
    """A bucket as admission looks at it: `left_micro` by priority, less than nothing at times."""

    bucket_id: str
    cap_micro: int
    left_micro: Mapping[str, int]

    def left_for(self, priority: str) -> int:
        return self.left_micro.get(priority, self.left_micro.get(IMPORTANT, 0))


def room_of(bucket: BucketState, settings: Budget) -> Room:
    """What is committed counts, as in the ledger; who only counts refuses nothing."""
    released = bucket.is_released
    important = 100 if released else settings.important_percent
    optional = 100 if released else min(settings.optional_percent, important)
    percents = {ESSENTIAL: 100, IMPORTANT: important, OPTIONAL: optional}
    refuses = bucket.blocks and bucket.mode != "count"
    left = {
        priority: int(bucket.cap_won * percent * MICRO / 100 - bucket.committed_won * MICRO)
        if refuses
        else BEYOND_MICRO
        for priority, percent in percents.items()
    }
    return Room(bucket.bucket_id, int(bucket.cap_won * MICRO), left)


class Rule(NamedTuple):
    """What the owner allows. `pace_percent` is of a bucket's month, `at_once` of one workflow."""

    rerun: Permission
    pace_percent: int
    at_once: int
    zone: ZoneInfo


class Standing(NamedTuple):
    """How money stands: `rooms` by bucket; `is_held`: a person stopped all calls."""

    rooms: Mapping[str, Room]
    is_held: bool = False


class Next(NamedTuple):
    """What runs now; else `why` the first in line waits, None where nothing waits.

    `is_for_a_person`: there is money, and nobody has said yes.
    """

    item: WaitingItem | None
    why: Message | None = None
    is_for_a_person: bool = False


def share_micro(room: Room, pace_percent: int) -> int:
    """Of a bucket's month, what reruns may use within a day."""
    return room.cap_micro * pace_percent // 100


def used_micro(items: Iterable[WaitingItem], bucket_id: str, now: float) -> int:
    """By what was begun within the last 24 hours, whatever became of it."""
    return sum(each.estimated_micro for each in _of_the_day(items, bucket_id, now))


def _of_the_day(items: Iterable[WaitingItem], bucket_id: str, now: float) -> Iterator[WaitingItem]:
    """A clock that was put back an hour makes nothing of it free."""
    for each in items:
        if each.bucket_id == bucket_id and now - DAY_SECONDS < each.begun_at <= now + AHEAD_SECONDS:
            yield each


def in_line(items: Iterable[WaitingItem]) -> list[WaitingItem]:
    """What waits: what a person wants now, then by priority, the oldest first."""
    return sorted((each for each in items if each.state == WAITING), key=_place)


def next_to_run(items: Sequence[WaitingItem], standing: Standing, rule: Rule, now: float) -> Next:
    """One at a time: whoever begins it asks anew.

    What waits for money or for its share of the day holds back all behind it in its bucket, or
    what is small would always overtake what is large.
    """
    busy = Counter(each.lane for each in items if each.state == RUNNING)
    stuck: set[str] = set()
    first: Next | None = None
    for item in in_line(items):
        if item.bucket_id in stuck:
            continue
        why, holds_back = _obstacle(item, items, standing, rule, now)
        if why is None and busy[item.lane] >= rule.at_once:
            why, holds_back = (
                say("{what} waits for its turn: one of {name} runs", **_told(item)),
                "",
            )
        is_allowed = rule.rerun == "on" or bool(item.asked)
        if why is None and is_allowed:
            return Next(item)
        first = first or Next(None, why or _asks(item), is_for_a_person=why is None)
        if holds_back and is_allowed:
            stuck.add(holds_back)
    return first or Next(None)


def _place(item: WaitingItem) -> tuple[bool, int, float, str]:
    known = item.priority if item.priority in PRIORITIES else IMPORTANT
    return item.asked != NOW, PRIORITIES.index(known), item.since, item.item_id


def _obstacle(
    item: WaitingItem, items: Sequence[WaitingItem], standing: Standing, rule: Rule, now: float
) -> tuple[Message | None, str]:
    """Why it cannot run, and the bucket in which nothing behind it runs either, "" for none."""
    if standing.is_held:
        return say("{what} waits: a person stopped everything that costs money", **_told(item)), ""
    again_at = item.changed_at + AGAIN_SECONDS * item.tries
    # A clock that was put back makes nothing wait longer.
    if item.tries and item.asked != NOW and item.changed_at <= now < again_at:
        at = moment_text(again_at, rule.zone)
        return say(
            "{what} was refused again and waits until {moment}", moment=at, **_told(item)
        ), ""
    rooms = rooms_of(item, standing.rooms)
    if not rooms:
        return say("{what} waits: there is no budget yet", **_told(item)), ""
    for room in rooms:
        if room.left_for(item.priority) < max(item.most_micro, 1):
            return _too_little(item, room), item.bucket_id
    if item.asked == NOW:
        return None, ""
    return _beyond_pace(item, items, rooms[0], rule, now)


def rooms_of(item: WaitingItem, rooms: Mapping[str, Room]) -> list[Room]:
    """The buckets in which its calls count, that which refused it first; a budget that was taken
    out of the settings refuses nothing any more.
    """
    names = dict.fromkeys((item.bucket_id, f"workflow:{item.name}", "api", TOTAL))
    return [rooms[each] for each in names if each in rooms]


def _too_little(item: WaitingItem, room: Room) -> Message:
    return say(
        "{what} waits for money: it may need {needed} won, and {left} are left for {priority} "
        "calls in the budget {bucket}",
        needed=won_text(item.most_micro),
        left=won_text(max(room.left_for(item.priority), 0)),
        priority=item.priority,
        bucket=room.bucket_id,
        **_told(item),
    )


def _beyond_pace(
    item: WaitingItem, items: Sequence[WaitingItem], room: Room, rule: Rule, now: float
) -> tuple[Message | None, str]:
    """What alone is more than the share of a day runs where nothing else ran within a day."""
    used, share = used_micro(items, item.bucket_id, now), share_micro(room, rule.pace_percent)
    if not used or used + item.estimated_micro <= share:
        return None, ""
    why = say(
        "{what} waits for its share of the day: runs of the last 24 hours used {used} of {share} "
        "won in the budget {bucket}; the next of them leaves it at {moment}",
        used=won_text(used),
        share=won_text(share),
        bucket=item.bucket_id,
        moment=moment_text(_frees_at(items, item.bucket_id, now), rule.zone),
        **_told(item),
    )
    return why, item.bucket_id


def _frees_at(items: Iterable[WaitingItem], bucket_id: str, now: float) -> float:
    return min(each.begun_at for each in _of_the_day(items, bucket_id, now)) + DAY_SECONDS


def _asks(item: WaitingItem) -> Message:
    return say("{what} could run, and waits for your word", **_told(item))


def _told(item: WaitingItem) -> dict[str, str]:
    return {"what": item.title, "name": item.name}
