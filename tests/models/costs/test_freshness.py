"""Bills beside the ledger, one line a provider, added up by hand."""

from decimal import Decimal

from models.costs.freshness import Compared, Standing, standings
from models.messages import say
from models.monitoring import SourceState, State
from models.settings.bill import Bill

DAY = 86_400.0


def line(provider="openai", day=0, theirs="1", ours="1", cause="none", **more):
    guarded = None if theirs == "0" else min(Decimal(ours) / Decimal(theirs), Decimal(1))
    told = (provider, "gpt-5-mini", day * DAY, (day + 1) * DAY, Decimal(theirs), Decimal(ours))
    return Compared(*told, cause, more.get("is_alarm", False), more.get("guarded", guarded))


def state(name, how=State.PRESENT, reason=None):
    return SourceState(f"bill:{name}", how, reason, 7_200.0, 21_600.0, 2, 0.1)


def test_lines_of_a_provider_are_one_with_the_worst_cause():
    lines = [line(day=1), line(day=2, theirs="3", ours="1", cause="outside", is_alarm=True)]
    [one] = standings(lines, [Bill(name="main")], [state("main")])

    assert (one.provider, one.bill, one.source) == ("openai", "main", state("main"))
    assert (one.since, one.until) == (DAY, 3 * DAY)
    assert (one.theirs_usd, one.ours_usd, one.guarded) == (4, 2, Decimal("0.5"))
    assert (one.cause, one.is_alarm, one.outside_usd) == ("outside", True, 2)


def test_a_difference_that_is_explained_is_no_alarm_and_nothing_is_outside():
    lines = [line(cause="late", theirs="2"), line(day=1, cause="rounding")]
    [one] = standings(lines, [], [])

    assert (one.cause, one.is_alarm, one.outside_usd) == ("late", False, 0)


def test_one_that_is_asked_and_has_said_nothing_stands_there_with_its_trouble():
    trouble = state("router", State.ERROR, say("no answer"))
    [one] = standings([], [Bill(name="router", source="openrouter")], [trouble])

    assert one == Standing("openrouter", "router", trouble)


def test_what_was_typed_has_no_source_and_alarms_come_first():
    lines = [line("google"), line("zoo", cause="ours", is_alarm=True)]
    found = standings(lines, [Bill(name="file", source="export")], [])

    assert [(one.provider, one.bill) for one in found] == [
        ("zoo", ""),
        ("(file)", "file"),
        ("google", ""),
    ]


def test_of_a_bill_of_nothing_no_part_passed():
    [one] = standings([line(theirs="0", ours="0")], [], [])

    assert one.guarded is None
