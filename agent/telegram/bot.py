"""Telegram's Bot API (https://core.telegram.org/bots/api), as far as the phone needs it.

The token stands in every address, so no address is ever part of an error or a log line.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from agent.net.dialing import Dialer
from agent.net.posting import PostError, Reply, post_json
from data.credentials import Secret
from models.messages import Message, say

POLL_SECONDS = 25
ANSWER_SECONDS = 15.0
TEXT_LENGTH_MAX = 4000
OK = 200

Button = tuple[str, str]
"""What it says, and what it carries."""


class BotError(Exception):
    """Telegram did not do it. `is_final`: only a person can change that."""

    def __init__(self, reason: Message, status: int = 0, retry_after_seconds: float = 0.0) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.status = status
        self.retry_after_seconds = retry_after_seconds

    @property
    def is_final(self) -> bool:
        return self.status in (400, 401, 403, 404)


class Bot:
    """Not thread-safe: the phone has one thread."""

    def __init__(self, api_url: str, token: Secret) -> None:
        self._api_url = api_url.rstrip("/")
        self._token = token
        self._dialer = Dialer()

    def updates(self, offset: int) -> list[Mapping[str, Any]]:
        """What came since; waits half a minute for something to come. Raises BotError."""
        result = self._call(
            "getUpdates",
            {
                "offset": offset,
                "timeout": POLL_SECONDS,
                "allowed_updates": ["message", "callback_query"],
            },
            POLL_SECONDS + ANSWER_SECONDS,
        )
        return [each for each in result or () if isinstance(each, dict)]

    def name(self) -> str:
        """The bot's own. Raises BotError."""
        result = self._call("getMe", {})
        return str(result.get("username", "")) if isinstance(result, dict) else ""

    def say(self, chat_id: int, text: str, buttons: Sequence[Button] = ()) -> None:
        """Plain text: nothing in it is markup. Raises BotError."""
        shape: dict[str, Any] = {
            "chat_id": chat_id,
            "text": text[:TEXT_LENGTH_MAX],
            "link_preview_options": {"is_disabled": True},
        }
        if buttons:
            keys = [{"text": label, "callback_data": data} for label, data in buttons]
            shape["reply_markup"] = {"inline_keyboard": [[key] for key in keys]}
        self._call("sendMessage", shape)

    def end_press(self, callback_id: str) -> None:
        """Telegram's app shows a press as under way until then. Raises BotError."""
        self._call("answerCallbackQuery", {"callback_query_id": callback_id})

    def take_buttons(self, chat_id: int, message_id: int) -> None:
        """They were for one press. Raises BotError."""
        self._call("editMessageReplyMarkup", {"chat_id": chat_id, "message_id": message_id})

    def _call(self, method: str, shape: Mapping[str, Any], seconds: float = ANSWER_SECONDS) -> Any:
        url = f"{self._api_url}/bot{self._token}/{method}"
        try:
            reply = post_json(self._dialer, url, shape, seconds)
        except PostError as error:
            raise BotError(error.reason) from None
        told = reply.json()
        if reply.status != OK or told.get("ok") is not True:
            raise _refusal(reply, told)
        return told.get("result")


def _refusal(reply: Reply, told: Mapping[str, Any]) -> BotError:
    """Not in Telegram's own words: they may repeat what was sent."""
    status = reply.status
    parameters = told.get("parameters")
    wait = parameters.get("retry_after", 0) if isinstance(parameters, dict) else 0
    seconds = float(wait) if isinstance(wait, int | float) else 0.0
    if status in (401, 404):
        reason = say("Telegram does not know this token")
    elif status == 409:
        reason = say("another program reads the messages of this bot")
    else:
        reason = say("Telegram answers {status}", status=status)
    return BotError(reason, status, seconds)
