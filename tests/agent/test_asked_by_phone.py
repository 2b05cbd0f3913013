"""From a chat to the ledger: a stand-in of Telegram, the real desk, real requests, their audit."""

from contextlib import closing
from dataclasses import dataclass

import pytest

from agent.composing import compose
from agent.sampling import Clocks
from agent.telegram.bot import Bot
from agent.telegram.phone import Phone
from agent.telegram.polling import Polling
from data.audit import after
from data.credentials import Secret
from data.ops.report import StoreLimits
from data.ops.store import Store
from models.alerts import Alert, Severity
from models.alerts.words import Speech
from models.audit import verify
from models.messages import say
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Admitted
from tests.agent.limiting import NOW
from tests.data.stores import home_in
from tests.sallim.money import WON, asked
from tests.standins.telegram import TOKEN, telegram

OWNER, STRANGER = 4711, 666


@dataclass
class House:
    home: object
    parts: object
    service: object

    def start(self):
        """The desk of the real agent, read by hand instead of by its thread."""
        steering = self.parts.steering
        phone = Phone(steering.messages.desk, [OWNER], Speech)
        clocks = Clocks(wall=lambda: NOW, monotonic=lambda: 0.0)
        bot = Bot(self.service.url, Secret(TOKEN))
        self.polling = Polling(bot, phone, self.parts.store.control, clocks)

    def asks(self, text):
        self.service.types(OWNER, text)
        self.polling.turn()
        return self.service.texts()[-1]

    def presses(self, label, times=1):
        data = self.service.buttons()[label]
        for _ in range(times):
            self.service.presses(OWNER, data)
        self.polling.turn()
        return self.service.texts()[-1]

    @property
    def audit(self):
        rows, head = after(self.parts.store.control, 0)
        assert not verify(rows, head).broken
        return [(row.step, row.what, row.target, row.who, row.via, row.address) for row in rows]

    def call(self, name, won=1):
        row = asked(name, won * WON, buckets=("api", "total"), opened_us=int(NOW * WON))
        with closing(Accounts.open(self.home.ledger)) as accounts:
            return accounts.reserve(row)


ME = ("telegram:4711@owner", "telegram", "chat 4711")


@pytest.fixture
def house(tmp_path):
    home = home_in(tmp_path)
    clocks = Clocks(wall=lambda: NOW, monotonic=lambda: 0.0)
    settings = Settings()
    with closing(Store.open(home, StoreLimits(free_min_bytes=0), NOW)) as store:
        parts = compose(home, store, settings, clocks)
        parts.budgeting.take_over(settings)
        with telegram() as service:
            house = House(home, parts, service)
            house.start()
            yield house


def test_a_raise_within_the_cap_is_a_request_with_its_rows(house):
    house.asks("/raise 3000 api one more film")
    assert "api may spend 18,000 won instead of 15,000" in house.service.texts()[-1]
    assert house.audit == []

    said = house.presses("Raise by 3,000 won")

    assert "api may spend 3,000 won more until 2026-12-01 00:00" in said
    assert house.audit == [("accepted", "raise", "api", *ME), ("done", "raise", "api", *ME)]
    assert type(house.call("a", 17_000)) is Admitted


def test_a_raise_beyond_what_is_allowed_is_refused(house):
    house.asks("/raise 30000 api")
    said = house.presses("Raise by 30,000 won")

    assert "done" not in [step for step, *_ in house.audit]
    assert "7,500" in said
    assert house.call("a", 16_000).code == "budget"


def test_a_raise_is_taken_back_and_calls_are_refused_at_once(house):
    assert "0 raises and releases of api hold" in house.asks("/withdraw api")
    house.asks("/raise 3000 api one more film")
    house.presses("Raise by 3,000 won")
    said = house.asks("/withdraw api")

    assert "api may then spend 15,000 won; 0 won are spent, and 0 won are kept free" in said
    assert "api may no longer spend the 3,000 won more" in house.presses("Take back")
    assert house.call("a", 16_000).code == "budget"
    assert [row[:2] for row in house.audit[-2:]] == [("accepted", "withdraw"), ("done", "withdraw")]


def test_stop_everything_and_resume(house):
    said = house.asks("/stop")
    assert "calls of paid APIs are refused, essential ones too" in said

    house.presses("Stop everything", times=2)
    assert house.call("a").code == "held"
    assert "was used" in house.service.texts()[-1]
    everything = ("stop_all", "everything", *ME)
    assert house.audit == [("accepted", *everything), ("done", *everything)]

    house.asks("/resume")
    house.presses("Resume")
    assert type(house.call("b")) is Admitted
    assert [row[:2] for row in house.audit[2:]] == [("accepted", "resume"), ("done", "resume")]


def test_a_release_and_an_acknowledgement(house):
    control = house.parts.store.control
    alert = Alert("k", "incident", Severity.WARN, say("ocr is slow"), lasts=True)
    with control.transaction() as connection:
        number = house.parts.steering.messages.outbox.put(connection, alert)
    house.asks("/release api")
    house.presses("Release")
    house.asks(f"/ack {number}")
    house.presses("Acknowledge")

    assert [row[:3] for row in house.audit if row[0] == "done"] == [
        ("done", "release", "api"),
        ("done", "acknowledge", str(number)),
    ]
    [kept] = control.rows("alerts", "number")
    assert ME[0] in kept


def test_a_foreign_chat_is_refused_and_audited_once(house):
    for text in ("/stop", "/raise 3000"):
        house.service.types(STRANGER, text, "mallory")
    house.service.presses(STRANGER, "made up")
    house.polling.turn()

    [row] = house.audit
    assert row == (
        *("refused", "connect", "telegram"),
        *("telegram:666@mallory", "telegram", "chat 666"),
    )
    assert house.service.said == []
    assert type(house.call("a")) is Admitted
