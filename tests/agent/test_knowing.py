"""A person's acknowledgement ends with what it is about; what begins anew is told again."""

import json

import pytest

from agent.budget import Limiting
from agent.budget_stops import Hands
from agent.knowing import Knowing
from agent.outbox.sending import Outbox
from agent.requests.acknowledging import Acknowledging
from agent.requests.handling import Job
from agent.sampling import Clocks
from agent.wiring.telling import BudgetOutbox, StopTelling
from data import outbox as rows
from data.requests import orders
from models.alerts import Severity
from models.alerts.outlook import Compose
from models.messages import say
from models.operations import FAILED, VERIFIED, Operation, text_of
from models.requests import Actor, Request
from models.requests.kept import StandingOrder
from models.settings import Settings
from tests.agent.limiting import Household

HOUR, DAY = 3_600, 86_400
LEAST = {"budget": {"pace_factor": 0, "total_krw": 9_000, "api_krw": 800}}


class House(Household):
    """With the real outbox, whose messages nobody sends."""

    def start(self):
        super().start()
        clocks = Clocks(wall=lambda: self.now, monotonic=lambda: self.monotonic)
        self.outbox = Outbox(self.control, clocks)
        hands = Hands(
            BudgetOutbox(self.outbox), self.services, lambda *_: (), lambda *_: self.cap_at
        )
        self.limiting.close()
        self.limiting = Limiting(self.home, self.control, clocks, hands)
        self.knowing = Knowing(self.control)
        self.telling = StopTelling(self.outbox)
        self.take_over(self.settings)

    cap_at = None

    def step(self, seconds=10.0):
        super().step(seconds)
        assert self.limiting.problem is None
        self.knowing.step(self.limiting.seen.states, self.now)

    def acknowledges(self, target, name="a", **args):
        handler = Acknowledging(self.control, lambda: self.settings.house.zone, self.outbox)
        request = Request("acknowledge", target, args, "I know")
        handler.check(request, self.now)
        return handler.act(Job(name, request, Actor("jun", "operator"), self.now))

    @property
    def held(self):
        return [each.target for each in orders(self.control, "acknowledge", self.now)]

    def ended(self):
        sql = "SELECT * FROM standing_orders WHERE ended_at <> 0"
        with self.control.transaction() as connection:
            return [StandingOrder(*row[:-1]) for row in connection.execute(sql)]

    def open_alerts(self, bucket_id="api"):
        found = rows.told_lately(self.control, 0)
        return [each for each in found if bucket_id in (each.bucket_id, each.target)]

    def failed(self, state=FAILED, batch="b"):
        with self.control.transaction() as connection:
            why = text_of(say("it is used up"))
            operation = Operation(
                *(1, batch, "gpu", "stop", "budget", why, state, 3, "", self.now, self.now)
            )
            self.telling(connection, operation)

    def sent(self):
        """All that waits is in a message, and that is through."""
        waiting = [each.number for each in rows.standing(self.control, self.now).waiting]
        if waiting:
            order = Compose("slack", Severity.CRITICAL, waiting, False)
            rows.carry_out(self.control, [order], self.now)
        for message in rows.standing(self.control, self.now).unsent:
            rows.sent(self.control, message.id, self.now)
        return len(waiting)


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path, Settings.model_validate(LEAST))
    yield house
    house.close()


def test_it_holds_as_long_as_the_line_is_passed_and_a_new_crossing_is_told(house):
    house.spend(760)
    house.step()
    assert len(house.open_alerts()) == 4

    house.acknowledges("api")
    house.step(HOUR)
    assert (house.held, house.open_alerts()) == (["api"], [])

    house.raised(400)
    house.step()
    assert house.held == []
    house.spend(380)
    house.step()
    assert [json.loads(each.title)["values"]["percent"] for each in house.open_alerts()] == [
        *(95, 90, 80, 70)
    ]


def test_that_of_one_message_ends_with_its_own_line(house):
    house.spend(760)
    house.step()
    highest = house.open_alerts()[0]

    house.acknowledges(str(highest.number))
    house.raised(60)
    house.step()

    # 760 of 860 won are 88 %: the line of 95 % is not passed any more.
    assert house.held == []


def test_it_ends_with_the_period(house):
    house.spend(760)
    house.step()
    house.acknowledges("api")

    house.now = float(house.month.until)
    house.step(1)

    assert house.held == []


@pytest.mark.parametrize(("args", "days"), [({}, 7), ({"until": "a day"}, 1)])
def test_what_lasts_is_told_again_after_a_time_that_can_be_set(house, args, days):
    house.acknowledges("ocr is slow", **{name: int(house.now) + DAY for name in args})
    house.step(days * DAY - 20)
    assert house.held == ["ocr is slow"]

    house.step(20)

    assert house.held == []
    [kept] = house.ended()
    assert kept.ended_at == int(house.now)


def test_a_stop_that_fails_again_and_again_is_one_message_until_it_works(house):
    house.failed()
    assert house.sent() == 1
    for hours in range(3):
        house.step(HOUR)
        house.failed(batch=f"b{hours}")
        assert house.sent() == 0
    house.step(2 * HOUR)
    house.failed(batch="late")
    assert house.sent() == 1

    house.acknowledges("gpu")
    house.step(5 * HOUR)
    house.failed(batch="later")
    assert (house.sent(), house.held) == (0, ["gpu"])

    house.failed(VERIFIED)
    house.failed(batch="anew")
    assert house.sent() == 1
