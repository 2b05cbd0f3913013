"""The worker for a moment, without an outbox: what it knows, and one message to each channel."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from agent.outbox.setup import Setup
from agent.outbox.workers import Worker
from models.alerts import Severity
from models.alerts.trying import Cause, Outcome
from models.alerts.weekly import channel_test

ANSWER_SECONDS = 60.0
LOOK_SECONDS = 0.05


def outcome_of(answer: Mapping[str, Any]) -> Outcome:
    return Outcome(
        bool(answer["is_sent"]),
        Cause(answer.get("cause", Cause.UNKNOWN)),
        int(answer.get("status", 0)),
        float(answer.get("retry_after_seconds", 0.0)),
    )


def known_channels(setup: Setup) -> set[str]:
    """Those whose address makes sense to Apprise; nothing is sent."""
    answers = _asked(setup, (), bool)
    return {name for answer in answers for name in answer.get("known", ())}


def tested(setup: Setup, names: Iterable[str]) -> dict[str, Outcome]:
    """A test message to each of these channels, at once, whatever hour it is."""
    numbered = dict(enumerate(names, start=1))
    messages = [_message(number, name, setup) for number, name in numbered.items()]
    answers = _asked(setup, messages, lambda found: len(found) > len(messages))
    outcomes = {answer["id"]: outcome_of(answer) for answer in answers if "id" in answer}
    lost = Outcome(False, Cause.WORKER)
    return {name: outcomes.get(number, lost) for number, name in numbered.items()}


def _asked(
    setup: Setup,
    messages: Iterable[Mapping[str, Any]],
    is_all: Callable[[list[Mapping[str, Any]]], bool],
) -> list[Mapping[str, Any]]:
    worker = Worker()
    worker.start(setup.addresses, setup.language)
    found: list[Mapping[str, Any]] = []
    try:
        for message in messages:
            worker.send(message)
        until = time.monotonic() + ANSWER_SECONDS
        while not is_all(found) and time.monotonic() < until:
            is_over = not worker.is_running
            found += worker.answers()
            if is_over:
                break
            time.sleep(LOOK_SECONDS)
    finally:
        worker.kill()
    return found


def _message(number: int, name: str, setup: Setup) -> dict[str, Any]:
    alert = channel_test(name, "now")
    told = {
        "number": 0,
        "times": 1,
        "title": alert.title.as_json(),
        "lines": [line.as_json() for line in alert.lines],
        "link": setup.public_url,
    }
    return {
        "id": number,
        "channel": name,
        "severity": Severity.INFO.value,
        "alerts": [told],
        "late": None,
    }
