"""The phone, as the settings want it: made anew when they change, and only then."""

import json
import os
from collections.abc import Callable, Sequence

from agent.outbox.setup import language_of
from agent.sampling import Clocks
from agent.telegram.bot import Bot
from agent.telegram.phone import Desk, Phone
from agent.telegram.polling import NOTED, Polling, PollingThread
from data.control import Control
from data.credentials import secret
from data.texts import translation
from models.alerts.words import Speech
from models.errors import ConfigError
from models.messages import Message, say
from models.settings import Settings


class PhoneLine:
    """At most one bot is read at a time."""

    def __init__(self, control: Control, desk: Desk, clocks: Clocks) -> None:
        self._control = control
        self._desk = desk
        self._clocks = clocks
        self._thread: PollingThread | None = None
        self._missing: Sequence[Message] = ()
        self._wanted: object = None
        self._is_started = False

    def take_over(self, settings: Settings) -> None:
        telegram = settings.notify.telegram
        language = language_of(settings)
        wanted = (telegram, language)
        if wanted == self._wanted:
            return
        self.stop()
        self._wanted, self._thread, self._missing = wanted, None, ()
        if not telegram.token or not telegram.chats:
            return
        try:
            token = secret(telegram.token, os.environ)
        except ConfigError as error:
            self._missing = [say("the phone cannot command: {reason}", reason=str(error))]
            return
        noted = json.loads(self._control.state(NOTED) or "[]")
        phone = Phone(self._desk, telegram.chats, speaking(language), noted)
        bot = Bot(telegram.api_url, token)
        self._thread = PollingThread(Polling(bot, phone, self._control, self._clocks))
        if self._is_started:
            self._thread.start()

    def start(self) -> None:
        self._is_started = True
        if self._thread is not None:
            self._thread.start()

    def stop(self) -> None:
        if self._thread is not None:
            self._thread.stop()

    def problems(self) -> Sequence[Message]:
        return self._missing if self._thread is None else self._thread.polling.problems


def speaking(language: str) -> Callable[[], Speech]:
    """The catalog is read when something is said: it is too large to be kept for that."""
    return lambda: Speech(translation(language))
