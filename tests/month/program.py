"""A program of the owner's that analyses, guarded: `python -m tests.month.program JSON`.

It reads a line of JSON for each while: `work`, pairs of the name of an analysis and how many
letters it sends; `anew`, whether prices are read again, as each guard does every five minutes;
`held`, whether the last answer is kept back, so that it is killed in the middle of the call. It
answers with a line: of each analysis its name, what came of it, and, where money was wanting, how
much was left and needed, in won, and where.
"""

import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

from sallim import job
from tests.month.clock import live_by


class Told(NamedTuple):
    """What a program begins with."""

    name: str
    priority: str
    clock: str
    ledger: str
    upstream: str


SERVED = "served"
OUTPUT_MAX = 40


class NotServed(Exception):
    """As SDKs raise it: the analysis fails, and says what was said."""

    def __init__(self, error: dict) -> None:
        super().__init__(error["message"])
        self.error = error


def insist(answer) -> None:
    """Raises NotServed."""
    if answer.status_code != 200:
        raise NotServed(answer.json()["error"])


class Program:
    def __init__(self, told: Told) -> None:
        self.told = told
        self.client = None

    def begin_anew(self) -> None:
        from sallim import guard
        from sallim.guard import spending

        if self.client is not None:
            self.client.close()
            spending.close_all()
        self.client = guard(
            "httpx",
            workflow=self.told.name,
            priority=self.told.priority,
            base_urls={f"{self.told.upstream}/openai": "openai"},
            trust_env=False,
            verify=False,  # there is no TLS on loopback
        )

    def work(self, shape: dict) -> list[list]:
        if shape["anew"] or self.client is None:
            self.begin_anew()
        last = len(shape["work"]) - 1
        return [
            self.ask(name, letters, is_held=shape["held"] and place == last)
            for place, (name, letters) in enumerate(shape["work"])
        ]

    def ask(self, name: str, letters: int, *, is_held: bool) -> list:
        body = {
            "model": "gpt-5-mini",
            "max_completion_tokens": OUTPUT_MAX,
            "messages": [{"role": "user", "content": "house " * (letters // 6)}],
        }
        headers = {"X-Standin-Call": name, "X-Standin-Faults": "held" if is_held else ""}
        url = f"{self.told.upstream}/openai/v1/chat/completions"
        try:
            with job(self.told.name, key=name):
                insist(self.client.post(url, json=body, headers=headers))
        except NotServed as refusal:
            error = refusal.error
            return [name, error["code"], error["left_krw"], error["needed_krw"], error["bucket"]]
        return [name, SERVED]


def main() -> None:
    told = Told(**json.loads(sys.argv[1]))
    os.environ["SALLIM_LEDGER"] = told.ledger
    live_by(Path(told.clock))
    program = Program(told)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(program.work(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
