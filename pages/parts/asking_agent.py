"""What a page asks of the agent for whoever is signed in. The agent decides whether he may."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.asking import ask
from data.home import Home
from models.errors import AgentSilent, RequestRefused
from models.messages import Message, say
from models.sessions import SESSION_HEADER
from pages.parts.account import session_token
from pages.parts.house import home, settings
from pages.parts.source import view_of
from pages.parts.texts import told

LOOK_SECONDS, ACT_SECONDS = 5.0, 30.0
"""To find out what a stop would cut off takes its time."""
SILENT = say(
    "The agent does not answer, so nothing can be asked for now. Calls keep to their budgets."
)


def looked(target: str) -> dict[str, Any]:
    """What the agent says at an address. Raises RequestRefused, AgentSilent."""
    if view_of(home()).silent:
        raise AgentSilent("the agent does not answer")
    return _asked(target, None, LOOK_SECONDS)


def asked(target: str, shape: Mapping[str, object]) -> dict[str, Any]:
    """What becomes of a request. Raises RequestRefused with the agent's sentence, AgentSilent."""
    return _asked(target, json.dumps(shape).encode(), ACT_SECONDS)


def sentence(trouble: RequestRefused | AgentSilent) -> str:
    """In the reader's language."""
    return told(trouble.message) if isinstance(trouble, RequestRefused) else told(SILENT)


def _asked(target: str, body: bytes | None, seconds: float) -> dict[str, Any]:
    token = session_token() if settings().asks_who else ""
    headers = {SESSION_HEADER: token, "content-type": "application/json"}
    answer = ask(Home(Path(home())).socket, target, seconds, body, headers)
    try:
        shape: dict[str, Any] = json.loads(answer.body)
        if answer.status < 400:
            return shape
        refusal = RequestRefused(
            Message.from_json(shape["message"]), answer.status, str(shape.get("request") or "")
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = say(
            "The agent gave an answer that means nothing here. Is it of the same version?"
        )
        raise RequestRefused(message, answer.status) from error
    raise refusal
