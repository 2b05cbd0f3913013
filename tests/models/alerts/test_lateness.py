"""A message is late when it could not be sent, not when it was held back."""

from models.alerts import Alert, Severity
from models.alerts.kept import KeptMessage, first_kept
from models.alerts.lateness import late_of
from models.alerts.trying import Breaker, Cause, Outcome
from models.messages import say
from tests.models.alerts.house import NOON

DOWN = Outcome(is_sent=False, cause=Cause.NETWORK)


def message(composed_at=NOON, **more):
    usual = {"tries": 0, "state": "sending", "last": "", "ended_at": None}
    fields = {"not_before": NOON, "routed_at": NOON, **usual, **more}
    return KeptMessage(1, "slack", "warn", 0, 0, composed_at, **fields)


def alert(put_at):
    return first_kept(Alert("cap", "block", Severity.WARN, say("x")), 1, put_at)


def test_what_was_held_back_until_morning_is_not_late():
    assert late_of(message(NOON), [alert(NOON - 8 * 3600)], Breaker(), NOON + 1) is None


def test_what_was_tried_in_vain_is_late_since_it_was_composed():
    tried = message(NOON - 420, tries=3, last='{"template": "network down", "values": {}}')
    late = late_of(tried, [alert(NOON - 900)], Breaker(), NOON)

    assert (late.seconds, str(late.reason)) == (420, "network down")


def test_what_came_while_the_channel_was_down_is_late_since_then():
    breaker = Breaker().after(DOWN, NOON - 3600, 0.5).after(Outcome(True), NOON - 5, 0.5)
    late = late_of(message(), [alert(NOON - 1800)], breaker, NOON)
    assert (late.seconds, str(late.reason)) == (1800, "network down")

    assert late_of(message(), [alert(NOON - 2)], breaker, NOON) is None


def test_what_waited_for_the_agent_is_late():
    late = late_of(message(NOON - 7200), [alert(NOON - 7200)], Breaker(), NOON)

    assert str(late.reason) == "the agent was not running"
