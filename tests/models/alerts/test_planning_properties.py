"""Whatever happens to channels and whenever: nothing is lost, nothing is told twice."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from models.alerts import Severity
from models.alerts.planning import HOUR_MESSAGES_MAX, HOUR_SECONDS
from models.alerts.quiet import day_start
from models.alerts.trying import Cause, Outcome
from tests.models.alerts.house import DOWN, SEOUL, House

pytestmark = pytest.mark.slow

ANSWERS = (
    DOWN,
    Outcome(False, Cause.STATUS, 500),
    Outcome(False, Cause.STATUS, 404),
    Outcome(False, Cause.STATUS, 429, 120.0),
    Outcome(False, Cause.MAIL, 451),
    Outcome(False, Cause.WORKER),
    Outcome(False),
)
NAMES = ("slack", "mail", "sms")
COUNTED_MAX = 3


class Weather(RuleBasedStateMachine):
    """Alerts come, channels go down and up, hours pass."""

    def __init__(self):
        super().__init__()
        self.house = House()
        self.put = 0

    @rule(
        severity=st.sampled_from(Severity),
        is_counted=st.booleans(),
        bucket=st.sampled_from(["", "total", "workflow:ocr"]),
        count=st.integers(1, 30),
    )
    def alerts_come(self, severity, is_counted, bucket, count):
        for _ in range(count):
            self.house.put(severity, is_counted=is_counted, bucket=bucket)
        self.put += count

    @rule(channel=st.sampled_from(NAMES))
    def a_test_is_due(self, channel):
        self.house.put(Severity.INFO, is_counted=False, channel=channel)
        self.put += 1

    @rule(down=st.sets(st.sampled_from(NAMES)), answer=st.sampled_from(ANSWERS))
    def channels_change(self, down, answer):
        self.house.down, self.house.answer = down, answer

    @rule(seconds=st.sampled_from([1, 7, 30, 90, 900, 7200]), chance=st.floats(0, 0.99))
    def time_passes(self, seconds, chance):
        self.house.chance = chance
        self.house.pass_time(seconds, max(1.0, seconds / 30))

    @invariant()
    def each_is_in_one_place(self):
        house = self.house
        places = [each.number for each in house.waiting] + house.kept
        places += [number for one in house.messages.values() for number in one.numbers]
        places += [number for _, _, numbers in house.told for number in numbers]
        places += [number for numbers in house.dead for number in numbers]

        assert sorted(places) == list(range(1, self.put + 1))

    @invariant()
    def no_channel_is_flooded(self):
        house = self.house
        today = day_start(house.now, SEOUL)
        for name in NAMES:
            mine = [each for each in house.sent if each.channel == name]
            recent = [each for each in mine if each.at > house.now - HOUR_SECONDS]
            assert len(recent) <= HOUR_MESSAGES_MAX + 1
            assert sum(each.is_counted and each.at >= today for each in mine) <= COUNTED_MAX

    def teardown(self):
        """Once all channels are up again, everything that was not given up arrives."""
        self.house.down = set()
        self.house.pass_time(2 * 86_400, 900)

        assert not self.house.waiting
        assert not self.house.messages


TestWeather = Weather.TestCase
TestWeather.settings = settings(stateful_step_count=20, deadline=None)
