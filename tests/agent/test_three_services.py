"""Slack, Telegram and mail on loopback take messages, and Telegram commands, through 500s, 429s and
an outage of an hour: by the real sender, desk and requests. None is lost, none is doubled.
"""

import sys
from contextlib import ExitStack, closing

import pytest

from agent.composing import compose
from agent.outbox.sending import Outbox
from agent.outbox.workers import Worker
from agent.telegram.bot import Bot
from agent.telegram.phone import Phone
from agent.telegram.polling import Polling
from data.audit import after
from data.credentials import Secret
from data.ops.report import StoreLimits
from data.ops.store import Store
from models.alerts import Alert, Severity
from models.alerts.words import Speech
from models.messages import say
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from tests.agent.outboxing import Hands, Post, marks
from tests.data.stores import home_in
from tests.sallim.money import WON
from tests.servers.sinks import Refusal, Sink, mailbox, webhooks
from tests.standins.telegram import TOKEN, Telegram, telegram

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
OWNER = 4711
HOSTILE = (
    '=HYPERLINK("http://evil.example") <b>x</b> <img src=q> *y* [z](http://evil.example)\nBcc: a'
)


class Town:
    """The three services; out of service, nobody listens at their ports."""

    def __init__(self) -> None:
        self.slack, self.phone = Sink(), Telegram(poll_seconds=0.01)
        self.mail = None
        self.opened = ExitStack()
        self.open()

    def open(self) -> None:
        self.opened.enter_context(webhooks(self.slack))
        self.opened.enter_context(telegram(self.phone))
        self.mail = self.opened.enter_context(mailbox(self.mail))

    def shut(self) -> None:
        self.opened.close()

    @property
    def addresses(self):
        ends = f"127.0.0.1:{self.mail.port}/?from=sallim@example.com&to=owner@example.com"
        return {
            "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
            "phone": f"tgram://{TOKEN}/{OWNER}/",
            "mail": f"mailto://{ends}",
        }

    @property
    def told(self):
        """What arrived at each, title and text."""
        attached = [shape["attachments"][0] for _, shape in self.slack.taken]
        return {
            "slack": [f"{each.get('title', '')}\n{each['text']}" for each in attached],
            "phone": self.phone.texts(),
            "mail": [f"{subject}\n{text}" for subject, text in self.mail.taken],
        }


class House:
    """The agent's parts at a clock of the test, with the sender's loop and the phone's in hand."""

    def __init__(self, home, store, town) -> None:
        self.hands, self.home, self.town = Hands(), home, town
        clocks = self.hands.clocks()
        self.parts = compose(home, store, Settings(), clocks)
        self.parts.budgeting.take_over(Settings())
        here = f"http://127.0.0.1:{town.slack.port}"
        command = (sys.executable, "-m", "tests.agent.worker_on_loopback", here, town.phone.url)
        worker = Worker(command)
        outbox = Outbox(store.control, clocks, worker, chance=lambda: 0.5)
        self.post = Post(store.control, self.hands, outbox, worker)
        self.post.take_over(town.addresses, messages_max=100)
        phone = Phone(self.parts.steering.messages.desk, [OWNER], Speech)
        bot = Bot(town.phone.url, Secret(TOKEN))
        self.polling = Polling(bot, phone, store.control, clocks)

    def tells(self, *channels) -> None:
        """One alert for each of them."""
        with self.post.control.transaction() as connection:
            for channel in channels:
                self.post.put_in(connection, Severity.CRITICAL, "", channel=channel)

    def asks(self, text) -> None:
        self.town.phone.types(OWNER, text)

    def presses(self, label) -> None:
        """The press is taken from the message, also while the service does not answer the bot."""
        self.town.phone.presses(OWNER, self.buttons()[label])

    def buttons(self):
        asked = [each for each in self.town.phone.said if "reply_markup" in each][-1]
        rows = asked["reply_markup"]["inline_keyboard"]
        return {key["text"]: key["callback_data"] for row in rows for key in row}

    def goes_on(self, seconds, step=1.0) -> None:
        for _ in range(int(seconds / step)):
            self.post.round(step)
            self.polling.turn()

    @property
    def cap_won(self):
        with closing(Accounts.open(self.home.ledger)) as accounts:
            [api, _] = accounts.balances(int(self.hands.wall * WON))
        return api.cap_micro // WON


@pytest.fixture
def house(tmp_path):
    town, home = Town(), home_in(tmp_path)
    with closing(Store.open(home, StoreLimits(free_min_bytes=0), Hands().wall)) as store:
        house = House(home, store, town)
        yield house
        house.post.outbox.close()
    town.shut()


ALL = ("slack", "phone", "mail")


def through_500s_and_429s(house):
    town = house.town
    town.slack.refusals = [Refusal(500), Refusal(503), Refusal(429, "30")]
    town.mail.refusals = ["451 later", "421 too many"]
    town.phone.refusals = [(500, 0), (429, 20), (502, 0), (429, 3)]
    house.tells(*ALL)
    house.asks("/raise 100 api")
    house.goes_on(40)
    house.presses("Raise by 100 won")
    house.goes_on(10)
    assert house.cap_won == 15_100


def through_answers_that_cannot_be_sent(house):
    """What was pressed is done, and said when it can be."""
    house.asks("/raise 200 api")
    house.goes_on(5)
    house.presses("Raise by 200 won")
    house.town.phone.refusals, house.town.phone.refused_method = [(500, 0)] * 3, "sendMessage"
    house.tells(*ALL, *ALL)
    house.goes_on(30)
    house.town.phone.refused_method = ""


def through_an_hour_in_which_nobody_listens(house):
    """What was asked for and not pressed in time stays undone."""
    house.asks("/raise 300 api")
    house.goes_on(5)
    house.town.shut()
    for _ in range(6):
        house.tells(*ALL)
        house.goes_on(600, 60)
    assert house.post.outbox.problems
    house.presses("Raise by 300 won")
    house.asks("/status")
    house.town.open()
    house.goes_on(30 * 60, 60)


def test_through_500s_429s_and_an_outage_none_is_lost_and_none_doubled(house):
    through_500s_and_429s(house)
    through_answers_that_cannot_be_sent(house)
    through_an_hour_in_which_nobody_listens(house)

    told = house.town.told
    everything = [mark for texts in told.values() for mark in marks(texts)]
    assert sorted(everything) == sorted(f"#{number}/1" for number in range(1, 28))
    assert [len(marks(texts)) for texts in told.values()] == [9, 9, 9]
    assert (house.post.outbox.depth, house.post.outbox.problems) == (0, [])

    said = told["phone"]
    for part in ("spend 100 won more", "spend 200 won more", "total: 0 of 24,900 won spent"):
        assert sum(part in text for text in said) == 1
    assert house.cap_won == 15_300
    rows, _ = after(house.post.control, 0)
    assert [(row.step, row.what) for row in rows] == [("accepted", "raise"), ("done", "raise")] * 2


def test_a_name_that_is_a_formula_and_html_is_text_to_each_of_them(house):
    title = say("The workflow {name} failed", name=HOSTILE)
    with house.post.control.transaction() as connection:
        for channel in ALL:
            more = {"lines": [say("Look at it.")], "channel": channel}
            alert = Alert(channel, "incident", Severity.CRITICAL, title, **more)
            house.post.outbox.put(connection, alert)
    house.goes_on(5)

    told = house.town.told
    assert [len(texts) for texts in told.values()] == [1, 1, 1]
    # Telegram and Slack show entities as the signs that they stand for, and make nothing of them.
    for name in ("slack", "phone"):
        assert "<b>" not in told[name][0]
        assert "&lt;b&gt;x&lt;/b&gt;" in told[name][0]
    assert house.town.mail.kinds == {"text/plain"}
    [(subject, _)] = house.town.mail.taken
    assert "<b>x</b>" in subject
    assert "\n" not in subject
