"""Who is told what, by which channel and when: orders that follow from what waits.

Pure: what stands in the outbox and the time go in, orders come out; the same twice is harmless.
"""

from collections.abc import Collection, Iterator, Sequence

from models.alerts import Severity, worst
from models.alerts.outlook import (
    Bury,
    Compose,
    Keep,
    Move,
    Order,
    Outlook,
    Rules,
    Send,
    Unsent,
    Waiting,
)
from models.alerts.quiet import day_start, is_quiet

GROUP_SECONDS = {Severity.CRITICAL: 10.0, Severity.WARN: 30.0, Severity.INFO: 30.0}
FAILOVER_SECONDS = {Severity.CRITICAL: 60.0, Severity.WARN: 900.0, Severity.INFO: 3600.0}
HOUR_SECONDS = 3600.0
HOUR_MESSAGES_MAX = 10
EVERYTHING = "everything"


def plan(outlook: Outlook, rules: Rules, now: float) -> list[Order]:
    """What must happen now. `now` is UTC epoch seconds; no message is in two orders."""
    unwanted = [each.number for each in outlook.waiting if not _channels(each, rules)]
    orders: list[Order] = [Keep(unwanted)] if unwanted else []
    turned = list(_turned(outlook, rules, now))
    orders += turned
    orders += _sends(outlook, {order.id for order in turned}, now)
    for channel, alerts in _by_channel(outlook, rules, now).items():
        orders += _composed(channel, alerts, outlook, rules, now)
    return orders


def _channels(alert: Waiting, rules: Rules) -> list[str]:
    """Which may have it, the first one first; none for what nobody wants to be told."""
    if alert.channel:
        return [each.name for each in rules.channels if each.name == alert.channel]
    if alert.bucket_id and alert.bucket_id not in rules.buckets:
        return []
    return rules.chain(alert.severity)


def _turned(outlook: Outlook, rules: Rules, now: float) -> Iterator[Move | Bury]:
    """What goes elsewhere, since its channel is down, gone, or wants a person."""
    for each in outlook.unsent:
        if each.is_sending:
            continue
        known = [channel.name for channel in rules.channels]
        chain = known if each.is_bound else rules.chain(each.severity)
        if not chain or (each.is_bound and each.channel not in known):
            yield Bury(each.id)
        elif not each.is_bound and _is_stuck(each, chain, outlook, now):
            following = _after(each.channel, chain)
            target = next((name for name in following if not outlook.is_open(name, now)), None)
            if target is not None:
                yield Move(each.id, target)


def _is_stuck(each: Unsent, chain: Sequence[str], outlook: Outlook, now: float) -> bool:
    """What can be tried where it is, is tried there first, however long the agent slept."""
    if each.channel not in chain:
        return True
    if _is_due(each, outlook, now):
        return False
    breaker = outlook.breakers.get(each.channel)
    needs_a_person = breaker is not None and breaker.needs_a_person
    return needs_a_person or now - each.routed_at >= FAILOVER_SECONDS[each.severity]


def _is_due(each: Unsent, outlook: Outlook, now: float) -> bool:
    return each.not_before <= now and not outlook.is_open(each.channel, now)


def _after(channel: str, chain: Sequence[str]) -> list[str]:
    """The others, from the one that follows; all of them where it is none of them."""
    if channel not in chain:
        return list(chain)
    place = chain.index(channel)
    return [*chain[place + 1 :], *chain[:place]]


def _sends(outlook: Outlook, turned: Collection[int], now: float) -> Iterator[Send]:
    """One message a channel at a time, the critical and then the oldest first."""
    busy = {each.channel for each in outlook.unsent if each.is_sending}
    for each in sorted(outlook.unsent, key=lambda one: (not _is_critical(one), one.id)):
        if _is_due(each, outlook, now) and each.id not in turned and each.channel not in busy:
            busy.add(each.channel)
            yield Send(each.id)


def _by_channel(outlook: Outlook, rules: Rules, now: float) -> dict[str, list[Waiting]]:
    """Alerts by the first channel that can take them; what none can take waits."""
    full = {each.name for each in rules.channels if _is_full(each.name, outlook, now)}
    found: dict[str, list[Waiting]] = {}
    for alert in outlook.waiting:
        if is_silenced(alert, rules):
            continue
        open_ones = [name for name in _channels(alert, rules) if not outlook.is_open(name, now)]
        if _is_critical(alert):
            open_ones = [name for name in open_ones if name not in full]
        if open_ones and open_ones[0] not in full:
            found.setdefault(open_ones[0], []).append(alert)
    return found


def is_silenced(alert: Waiting, rules: Rules) -> bool:
    """It waits; when the silence ends, all that waits comes together, and is counted."""
    if _is_critical(alert) or alert.channel:
        return False
    return not {EVERYTHING, alert.bucket_id, alert.target}.isdisjoint(rules.silenced)


def _is_full(channel: str, outlook: Outlook, now: float) -> bool:
    recent = sum(each.channel == channel and each.at > now - HOUR_SECONDS for each in outlook.sent)
    under_way = sum(each.channel == channel for each in outlook.unsent)
    return recent + under_way >= HOUR_MESSAGES_MAX


def _composed(
    channel: str, alerts: Sequence[Waiting], outlook: Outlook, rules: Rules, now: float
) -> Iterator[Compose]:
    """At most one message of its kind, and none while one like it is under way there.

    What is critical goes at once after a pause, and takes along whatever waits.
    """
    bound = [each for each in alerts if each.channel]
    free = [each for each in alerts if not each.channel]
    under_way = [each for each in outlook.unsent if each.channel == channel]
    if any(map(_is_critical, free)):
        is_free = not any(map(_is_critical, under_way))
        if is_free and _has_gathered(channel, free, outlook, now):
            yield _compose(channel, free, is_counted=False)
        return
    if is_quiet(rules.quiet, now, rules.zone):
        return
    if not any(each.is_bound for each in under_way) and bound:
        yield _compose(channel, bound, is_counted=False, is_bound=True)
    if any(not each.is_bound for each in under_way if not _is_critical(each)):
        return
    if _told_today(channel, outlook, rules, now) >= rules.messages_a_day:
        free = [each for each in free if not each.is_counted]
    if free and now - min(each.put_at for each in free) >= GROUP_SECONDS[Severity.WARN]:
        yield _compose(channel, free, is_counted=all(each.is_counted for each in free))


def _has_gathered(channel: str, alerts: Sequence[Waiting], outlook: Outlook, now: float) -> bool:
    seconds = GROUP_SECONDS[Severity.CRITICAL]
    last_at = max((each.at for each in outlook.sent if each.channel == channel), default=None)
    if last_at is None or now - last_at >= seconds:
        return True
    return now - min(each.put_at for each in alerts if _is_critical(each)) >= seconds


def _told_today(channel: str, outlook: Outlook, rules: Rules, now: float) -> int:
    today = day_start(now, rules.zone)
    return sum(
        each.channel == channel and each.is_counted and each.at >= today for each in outlook.sent
    )


def _compose(
    channel: str, alerts: Sequence[Waiting], *, is_counted: bool, is_bound: bool = False
) -> Compose:
    severity = worst(each.severity for each in alerts)
    return Compose(channel, severity, [each.number for each in alerts], is_counted, is_bound)


def _is_critical(each: Waiting | Unsent) -> bool:
    return each.severity is Severity.CRITICAL
