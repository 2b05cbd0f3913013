"""A person's hand from the phone: what is typed or pressed in a chat, and what is answered."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from agent.telegram.bot import Button
from agent.telegram.offers import Offers
from models.alerts.words import Speech, harmless
from models.messages import Message, say
from models.phone import ACTING, NoCommand, Who, Wish, wish_of

CHATS_NOTED_MAX = 100


class Desk(Protocol):
    """Where requests of people are taken, audited and carried out."""

    def kinds(self) -> Collection[str]:
        """What it can do, of `models.phone.ACTING`."""
        ...

    def status(self) -> Sequence[Message]: ...

    def preview(self, wish: Wish, who: Who) -> Sequence[Message]:
        """What it would do, line by line, or why it would not be done."""
        ...

    def ask(self, wish: Wish, who: Who) -> Message:
        """Carry it out, or say why not."""
        ...

    def note_foreign(self, who: Who) -> None:
        """Somebody without a right to it wrote to the bot: it is audited."""
        ...


class Answer(NamedTuple):
    """What is said in a chat."""

    chat_id: int
    text: str
    buttons: Sequence[Button] = ()


class Phone:
    """Not thread-safe. `noted` are chats that were audited already."""

    def __init__(
        self,
        desk: Desk,
        chats: Collection[int],
        speech: Callable[[], Speech],
        noted: Collection[int] = (),
    ) -> None:
        self.noted = set(noted)
        self._desk = desk
        self._chats = frozenset(chats)
        self._speech = speech
        self._offers = Offers()

    def typed(self, message: Mapping[str, Any], now: float) -> Answer | None:
        """What is answered to a message, if anything. `now` is on the monotonic clock."""
        chat_id, text = _id_of(message.get("chat")), message.get("text")
        if chat_id is None or not self._may(chat_id, message.get("from")):
            return None
        speech = self._speech()
        try:
            wish = wish_of(text) if isinstance(text, str) else None
        except NoCommand as error:
            return Answer(chat_id, speech.say(_not_understood(error.word)))
        if wish is None:
            return None
        return self._answered(_who(chat_id, message.get("from")), chat_id, wish, now, speech)

    def _answered(self, who: Who, chat_id: int, wish: Wish, now: float, speech: Speech) -> Answer:
        if wish.kind not in ACTING:
            lines = self._desk.status() if wish.kind == "status" else _help(self._desk.kinds())
            return Answer(chat_id, "\n".join(speech.say(line) for line in lines))
        if wish.kind not in self._desk.kinds():
            return Answer(chat_id, speech.say(say("That cannot be done from here.")))
        yes, no = self._offers.offer(chat_id, wish, now)
        lines = [_question(wish), *self._desk.preview(wish, who)]
        buttons = (speech.say(_label(wish)), yes), (speech.say(say("No")), no)
        return Answer(chat_id, "\n".join(speech.say(line) for line in lines), buttons)

    def pressed(self, query: Mapping[str, Any], now: float, wall: float) -> Answer | None:
        """The press of a button: the request itself. `wall` is UTC epoch seconds."""
        message = query.get("message")
        chat_id = _id_of(message.get("chat")) if isinstance(message, dict) else None
        sender, nonce = query.get("from"), query.get("data")
        if chat_id is None or not self._may(chat_id, sender) or not isinstance(nonce, str):
            return None
        speech = self._speech()
        offer = self._offers.take(nonce, chat_id, now)
        if offer is None:
            text = say("That button was used, or is older than a minute. Type the command again.")
            return Answer(chat_id, speech.say(text))
        if offer.wish is None:
            return Answer(chat_id, speech.say(say("Nothing was done.")))
        said = self._desk.ask(replace(offer.wish, asked_at=wall), _who(chat_id, sender))
        return Answer(chat_id, speech.say(said))

    def _may(self, chat_id: int, sender: object) -> bool:
        if chat_id in self._chats:
            return True
        if chat_id not in self.noted and len(self.noted) < CHATS_NOTED_MAX:
            self.noted.add(chat_id)
            self._desk.note_foreign(_who(chat_id, sender))
        return False


def _id_of(shape: object) -> int | None:
    found = shape.get("id") if isinstance(shape, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _who(chat_id: int, sender: object) -> Who:
    number = _id_of(sender)
    name = sender.get("username") if isinstance(sender, dict) else None
    shown = f"@{harmless(name)[:40]}" if isinstance(name, str) else ""
    return Who(f"telegram:{number if number is not None else '?'}{shown}", f"chat {chat_id}")


def _won(wish: Wish) -> str:
    return f"{int(wish.args['krw']):,}"


def _question(wish: Wish) -> Message:
    if wish.kind == "raise":
        return say(
            "Raise the budget {name} by {won} won until the month ends?",
            name=wish.target,
            won=_won(wish),
        )
    if wish.kind == "release":
        return say("Release what the budget {name} holds back?", name=wish.target)
    if wish.kind == "withdraw":
        return say("Take back what the budget {name} was raised or released?", name=wish.target)
    if wish.kind == "acknowledge":
        return say("Acknowledge #{number}, so that it is not told again?", number=wish.target)
    if wish.kind == "resume":
        return say("Start again everything that was stopped?")
    return say("Stop everything that costs money?")


def _label(wish: Wish) -> Message:
    if wish.kind == "raise":
        return say("Raise by {won} won", won=_won(wish))
    if wish.kind == "release":
        return say("Release")
    if wish.kind == "withdraw":
        return say("Take back")
    if wish.kind == "acknowledge":
        return say("Acknowledge")
    return say("Resume") if wish.kind == "resume" else say("Stop everything")


def _not_understood(word: str) -> Message:
    return say("/{word} was not understood. /help says what can be typed.", word=word)


def _help(kinds: Collection[str]) -> list[Message]:
    lines = {
        "status": say("/status: what is spent, what is wrong"),
        "acknowledge": say("/ack 1042: message #1042 is known, do not tell it again"),
        "raise": say("/raise 3000: raise the budget total by 3,000 won, or /raise 3000 api"),
        "release": say("/release: what the budget holds back may go on"),
        "withdraw": say("/withdraw: take a raise or release back, or /withdraw api"),
        "stop_all": say("/stop: stop everything that costs money"),
        "resume": say("/resume: start it again"),
    }
    return [line for kind, line in lines.items() if kind == "status" or kind in kinds]
