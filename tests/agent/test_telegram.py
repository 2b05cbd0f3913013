"""The hand from the phone, against a stand-in of Telegram's Bot API."""

import logging

import pytest

from agent.telegram.bot import Bot
from agent.telegram.offers import OFFER_SECONDS
from agent.telegram.phone import Phone
from agent.telegram.polling import NOTED, OFFSET, REFUSED_SECONDS, Polling
from data.control import Control
from data.credentials import Secret
from models.alerts.words import Speech
from models.messages import say
from models.phone import ACTING
from tests.agent.outboxing import Hands
from tests.standins.telegram import TOKEN, telegram

OWNER, SPOUSE, STRANGER = 4711, 4712, 666


class RecordingDesk:
    """Writes down what it is asked for."""

    def __init__(self, kinds=ACTING):
        self.wishes, self.foreign, self._kinds = [], [], kinds

    def kinds(self):
        return self._kinds

    def status(self):
        return [say("total: {spent} of 24,900 won spent", spent="1,200")]

    def preview(self, wish, who):
        return [say("Two services stop.")] if wish.kind == "stop_all" else []

    def ask(self, wish, who):
        self.wishes.append((wish, who))
        return say("Done: {kind}", kind=wish.kind)

    def note_foreign(self, who):
        self.foreign.append(who)


class Line:
    """The phone, its desk and the stand-in, with the clock in a test's hands."""

    def __init__(self, folder, service, token=TOKEN, kinds=ACTING):
        self.hands, self.service, self.desk = Hands(), service, RecordingDesk(kinds)
        self.control = Control.open(folder / "control.sqlite3")
        self.token = token
        self.start()

    def start(self):
        """As after a restart of the agent: only the control file is remembered."""
        phone = Phone(self.desk, [OWNER, SPOUSE], Speech)
        bot = Bot(self.service.url, Secret(self.token))
        self.polling = Polling(bot, phone, self.control, self.hands.clocks())

    def turn(self):
        return self.polling.turn()

    def asks(self, text):
        self.service.types(OWNER, text)
        self.turn()

    def presses(self, label):
        self.service.presses(OWNER, self.service.buttons()[label])
        self.turn()


@pytest.fixture
def service():
    with telegram() as service:
        yield service


@pytest.fixture
def line(tmp_path, service):
    line = Line(tmp_path, service)
    yield line
    line.control.close()


def test_status_is_answered_at_once(line, service):
    line.asks("/status")

    assert service.texts() == ["total: 1,200 of 24,900 won spent"]
    assert not line.desk.wishes


@pytest.mark.parametrize(
    ("typed", "label", "kind", "target", "confirm"),
    [
        ("/raise 3,000", "Raise by 3,000 won", "raise", "total", "3000"),
        ("/증액 500 api", "Raise by 500 won", "raise", "api", "500"),
        ("/release@sallim_bot", "Release", "release", "total", "total"),
        ("/회수 api", "Take back", "withdraw", "api", "api"),
        ("/ack #12/2", "Acknowledge", "acknowledge", "12", "12"),
        ("/stop", "Stop everything", "stop_all", "everything", "everything"),
        ("/재개", "Resume", "resume", "everything", "everything"),
    ],
)
def test_a_command_is_a_question_and_the_press_is_the_request(
    line, service, typed, label, kind, target, confirm
):
    line.asks(typed)
    assert not line.desk.wishes
    nonce = service.buttons()[label]
    line.presses(label)

    [(wish, who)] = line.desk.wishes
    assert (wish.kind, wish.target, wish.confirm, wish.nonce) == (kind, target, confirm, nonce)
    assert wish.asked_at == line.hands.wall
    assert who == ("telegram:4711@owner", "chat 4711", "operator", "telegram")
    assert service.texts()[-1] == f"Done: {kind}"
    assert (len(service.ended), len(service.stripped)) == (1, 1)


def test_what_would_happen_is_said_before(line, service):
    line.asks("/stop")

    assert service.texts() == ["Stop everything that costs money?\nTwo services stop."]


def test_a_button_is_for_one_press(line, service):
    line.asks("/stop")
    yes, no = service.buttons().values()
    for data in (yes, yes, no):
        service.presses(OWNER, data)
    line.turn()

    assert len(line.desk.wishes) == 1
    assert all("was used" in text for text in service.texts()[-2:])


def test_a_no_is_a_no(line, service):
    line.asks("/stop")
    yes = service.buttons()["Stop everything"]
    line.presses("No")
    service.presses(OWNER, yes)
    line.turn()

    assert not line.desk.wishes


def test_a_button_is_good_for_a_minute(line, service):
    line.asks("/raise 3000")
    line.hands.move(OFFER_SECONDS + 1)
    line.presses("Raise by 3,000 won")

    assert not line.desk.wishes


def test_a_button_of_one_chat_is_none_of_another(line, service):
    line.asks("/stop")
    service.presses(SPOUSE, service.buttons()["Stop everything"])
    line.turn()

    assert not line.desk.wishes


def test_foreign_chats_are_ignored_and_noted_once_also_after_a_restart(line, service):
    service.types(STRANGER, "/stop", "mallory")
    service.presses(STRANGER, "made up")
    line.turn()
    line.asks("/status")

    assert [who.address for who in line.desk.foreign] == ["chat 666"]
    assert [each["chat_id"] for each in service.said] == [OWNER]
    assert line.control.state(NOTED) == "[666]"


def test_what_is_no_command_is_not_answered_and_a_wrong_one_is(line, service):
    line.asks("good morning")
    assert not service.said
    for typed in ("/raise", "/raise -5", "/raise 99999999", "/ack twelve", "/dance"):
        line.asks(typed)

    assert len(service.said) == 5
    assert service.texts()[-1] == "/dance was not understood. /help says what can be typed."
    assert not line.desk.wishes


def test_what_the_desk_cannot_do_is_not_offered(tmp_path, service):
    line = Line(tmp_path, service, kinds={"acknowledge"})
    line.asks("/stop")
    line.asks("/help")

    assert service.texts()[0] == "That cannot be done from here."
    assert "/ack" in service.texts()[1]
    assert "/stop" not in service.texts()[1]
    line.control.close()


def test_through_500s_a_429_and_an_outage_each_command_is_done_once(tmp_path, service):
    line = Line(tmp_path, service)
    service.refusals = [(500, 0), (502, 0), (429, 17)]
    service.types(OWNER, "/status")
    line.turn()
    line.turn()
    assert line.turn() >= 17
    line.turn()
    assert len(service.said) == 1

    line.asks("/raise 3000")
    service.presses(OWNER, service.buttons()["Raise by 3,000 won"])
    service.down = 500
    for _ in range(5):
        line.turn()
    service.down = 0
    line.turn()
    assert len(line.desk.wishes) == 1
    service.refusals = [(429, 5)]
    line.asks("/status")
    line.turn()
    line.turn()

    assert service.texts().count("total: 1,200 of 24,900 won spent") == 2
    assert service.texts().count("Done: raise") == 1
    line.control.close()


def test_an_answer_that_fails_is_said_later_and_once(line, service):
    service.refusals, service.refused_method = [(500, 0)], "sendMessage"
    line.asks("/status")
    assert not service.said
    line.turn()

    assert len(service.said) == 1


def test_after_a_crash_no_button_is_good_and_no_command_is_lost(line, service):
    line.asks("/stop")
    service.presses(OWNER, service.buttons()["Stop everything"])
    service.types(OWNER, "/status")
    line.start()
    line.turn()

    assert not line.desk.wishes
    assert service.texts()[-1] == "total: 1,200 of 24,900 won spent"
    assert line.control.state(OFFSET) == "1003"


def test_a_wrong_token_is_a_problem_and_stands_in_no_line(tmp_path, service, caplog):
    caplog.set_level(logging.DEBUG)
    wrong = "987654321:AAwrongwrongwrongwrongwrongwrong"
    line = Line(tmp_path, service, token=wrong)
    seconds = line.turn()

    assert seconds == REFUSED_SECONDS
    assert "does not know this token" in str(line.polling.problems[0])
    assert wrong not in caplog.text
    line.control.close()


def test_an_outage_is_a_problem_until_it_is_over(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    with telegram() as service:
        line = Line(tmp_path, service)
    for _ in range(3):
        assert 0 <= line.turn() <= 60
    assert "refuses the connection" in str(line.polling.problems[0])
    with telegram(service):
        line.turn()

    assert not line.polling.problems
    assert TOKEN not in caplog.text
    line.control.close()


def test_two_readers_of_one_bot_are_told(line, service):
    service.refusals = [(409, 0)]
    line.turn()

    assert "another program" in str(line.polling.problems[0])


@pytest.mark.parametrize(
    "update",
    [
        {"message": {"chat": {"id": "4711"}, "text": "/stop"}},
        {"message": {"chat": None, "text": "/stop"}},
        {"message": {"chat": {"id": OWNER}, "text": ["/stop"]}},
        {"message": {"chat": {"id": OWNER}}},
        {"message": "hello"},
        {"callback_query": {"message": {"chat": {"id": OWNER}}, "data": 7}},
        {"callback_query": {"data": "x"}},
        {"edited_message": {"chat": {"id": OWNER}, "text": "/stop"}},
        {},
    ],
)
def test_made_up_updates_do_nothing(line, service, update):
    service.gets(update)
    line.turn()
    line.asks("/status")

    assert not line.desk.wishes
    assert service.texts() == ["total: 1,200 of 24,900 won spent"]
