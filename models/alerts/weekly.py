"""The weekly test: a channel that nobody needs for months is known to work all the same."""

from models.alerts import Alert, Severity
from models.alerts.outlook import Rules
from models.alerts.quiet import week_of
from models.messages import say

HOUR = 10
"""In the house's zone."""


def weekly_tests(rules: Rules, weekday: int | None, now: float) -> list[Alert]:
    """One for each channel, once this week's hour has come; the same ones for the whole week.

    `weekday` is 0 for Monday, None where nobody wants it; `now` is UTC epoch seconds.
    """
    week = None if weekday is None else week_of(now, rules.zone, weekday, HOUR)
    return [] if week is None else [channel_test(channel.name, week) for channel in rules.channels]


def channel_test(channel: str, when: str) -> Alert:
    """For this channel alone; `when` makes it one of its kind."""
    return Alert(
        dedup_key=f"test:{when}:{channel}",
        kind="test",
        severity=Severity.INFO,
        title=say("Test of the channel {name}", name=channel),
        lines=[
            say("Nothing has happened: this shows that messages arrive."),
            say("It comes once a week. When it stays away, look at Settings, or run the doctor."),
        ],
        link="settings",
        channel=channel,
    )
