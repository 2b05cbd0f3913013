"""The sender: a process of its own that alone loads Apprise, and alone holds channels' secrets.

`python -m agent.outbox.worker`, one JSON object a line. In, first `{"channels": {name: url},
"language"}`, then `{"id", "channel", "severity", "alerts", "late"}`; out, first
`{"known": [name]}`, those whose address makes sense, then for each message
`{"id", "is_sent", "cause", "status", "retry_after_seconds"}`. It ends when its input does.
Each channel has a thread, so that one that hangs holds up no other. No text of an error is
given back: an address that holds a token stands in many.
"""

import json
import logging
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from typing import IO, Any

from agent.outbox.channels import Channel, channels_of
from data.texts import translation
from models.alerts import Severity
from models.alerts.trying import Cause
from models.alerts.words import Late, Speech, Told, text_of
from models.messages import Message

Shape = Mapping[str, Any]


class Answers:
    """Whole lines, from several threads."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._lock = threading.Lock()

    def give(self, shape: Shape) -> None:
        with self._lock:
            self._out.write(json.dumps(shape) + "\n")
            self._out.flush()


class Lane:
    """One channel: its messages one after the other, on a thread of its own."""

    def __init__(self, channel: Channel, translate: Callable[[str], str], answers: Answers) -> None:
        self._channel = channel
        self._speech = Speech(translate, channel.escape)
        self._answers = answers
        self._asked: queue.SimpleQueue[Shape] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    def send(self, shape: Shape) -> None:
        self._asked.put(shape)

    def _work(self) -> None:
        while True:
            shape = self._asked.get()
            self._answers.give({"id": shape["id"], **self._sent(shape)})

    def _sent(self, shape: Shape) -> Shape:
        try:
            alerts = [Told.from_json(each) for each in shape["alerts"]]
            text = text_of(alerts, _late(shape["late"]), self._speech)
            outcome = self._channel.send(text, Severity(shape["severity"]))
        except Exception:  # noqa: BLE001  What a plugin raises may hold its address.
            return {"is_sent": False, "cause": Cause.UNKNOWN.value}
        return {
            "is_sent": outcome.is_sent,
            "cause": outcome.cause.value,
            "status": outcome.status,
            "retry_after_seconds": outcome.retry_after_seconds,
        }


def serve(source: IO[str], out: IO[str]) -> None:
    """Until the input ends."""
    answers = Answers(out)
    lanes: dict[str, Lane] = {}
    for line in source:
        shape = json.loads(line)
        if "channels" in shape:
            translate = translation(shape["language"])
            made = channels_of(shape["channels"])
            lanes = {name: Lane(channel, translate, answers) for name, channel in made.items()}
            answers.give({"known": list(lanes)})
        elif shape["channel"] in lanes:
            lanes[shape["channel"]].send(shape)
        else:
            answers.give({"id": shape["id"], "is_sent": False, "cause": Cause.SETUP.value})


def _late(shape: Shape | None) -> Late | None:
    return None if shape is None else Late(shape["seconds"], Message.from_json(shape["reason"]))


def main() -> None:
    # Libraries log addresses, and tokens stand in those.
    logging.disable(logging.CRITICAL)
    serve(sys.stdin, sys.stdout)
    # A thread that hangs in a plugin must not keep the process.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
