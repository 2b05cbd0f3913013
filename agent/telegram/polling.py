"""Reading a bot's messages by long polling: no port is open, and nobody calls in."""

import json
import logging
import random
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from agent.sampling import Clocks
from agent.telegram.bot import Bot, BotError
from agent.telegram.phone import Answer, Phone
from data.control import Control
from models.messages import Message, say

log = logging.getLogger(__name__)

OFFSET = "telegram_offset"
NOTED = "telegram_noted"
WAIT_SECONDS = 2.0
WAIT_SECONDS_MAX = 60.0
REFUSED_SECONDS = 600.0
TROUBLES_MAX = 3
ANSWERS_MAX = 50
ANSWER_TRIES_MAX = 8


class Polling:
    """`turn` is one look; each update is handled once, and what it answers is said once.

    The offset is kept behind an update that was handled: after a crash it may come again, and its
    button is then no longer good, so that nothing is done twice.
    """

    def __init__(self, bot: Bot, phone: Phone, control: Control, clocks: Clocks) -> None:
        self.problems: Sequence[Message] = ()
        self.is_stopped = False
        """What it was given then is left to the next one, which Telegram gives it again."""
        self._bot = bot
        self._phone = phone
        self._control = control
        self._clocks = clocks
        self._answers: deque[tuple[Answer, int]] = deque(maxlen=ANSWERS_MAX)
        self._troubles = 0
        self._offset = int(control.state(OFFSET) or 0)

    def turn(self) -> float:
        """Say what waits, then wait for more. How long to stay away from Telegram after it."""
        try:
            self._say_what_waits()
            for update in self._bot.updates(self._offset):
                if not self.is_stopped:
                    self._handle(update)
            self._say_what_waits()
        except BotError as error:
            return self._trouble(error)
        self._troubles, self.problems = 0, ()
        return 0.0

    def _handle(self, update: Mapping[str, Any]) -> None:
        number = update.get("update_id")
        if not isinstance(number, int) or number < self._offset:
            return
        now, wall = self._clocks.monotonic(), self._clocks.wall()
        message, query = update.get("message"), update.get("callback_query")
        noted = len(self._phone.noted)
        answer = None
        if isinstance(message, dict):
            answer = self._phone.typed(message, now)
        elif isinstance(query, dict):
            answer = self._phone.pressed(query, now, wall)
        if answer is not None:
            self._answers.append((answer, 0))
        self._offset = number + 1
        self._control.set_state(OFFSET, str(self._offset))
        if len(self._phone.noted) > noted:
            self._control.set_state(NOTED, json.dumps(sorted(self._phone.noted)))
        if isinstance(query, dict) and answer is not None:
            self._end_press(query)

    def _end_press(self, query: Mapping[str, Any]) -> None:
        """For the eye alone: that it fails changes nothing."""
        message = query["message"]
        try:
            self._bot.end_press(str(query.get("id", "")))
            self._bot.take_buttons(message["chat"]["id"], int(message.get("message_id", 0)))
        except BotError as error:
            log.debug("a press was not shown as ended: %s", error)

    def _say_what_waits(self) -> None:
        """In its order. What Telegram refuses as it is, is not said."""
        while self._answers:
            answer, tries = self._answers[0]
            try:
                self._bot.say(*answer)
            except BotError as error:
                if tries + 1 >= ANSWER_TRIES_MAX or error.status in (400, 403):
                    log.warning("an answer to a chat is dropped: %s", error)
                    self._answers.popleft()
                    continue
                self._answers[0] = (answer, tries + 1)
                raise
            self._answers.popleft()

    def _trouble(self, error: BotError) -> float:
        self._troubles += 1
        log.warning("Telegram: %s", error)
        if self._troubles >= TROUBLES_MAX or error.is_final or error.status == 409:
            self.problems = [say("the phone cannot command: {reason}", reason=str(error.reason))]
        if error.is_final:
            return REFUSED_SECONDS
        longest = min(WAIT_SECONDS_MAX, WAIT_SECONDS * 2.0 ** min(self._troubles, 10))
        # S311: only spreads the tries.
        return max(longest * random.random(), error.retry_after_seconds)  # noqa: S311


class PollingThread:
    """Runs a `Polling` until it is stopped."""

    def __init__(self, polling: Polling) -> None:
        self.polling = polling
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telegram", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """A poll under way is not waited for."""
        self.polling.is_stopped = True
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                seconds = self.polling.turn()
            except Exception:
                # The hand from the phone must not end by one update that nobody foresaw.
                log.exception("Telegram: a turn failed")
                seconds = WAIT_SECONDS_MAX
            self._stopped.wait(seconds)
