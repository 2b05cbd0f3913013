"""What every answer of the upstream stand-in has in common, whoever it speaks as."""

import json
from collections.abc import Iterator

CACHED_FROM = 1_200
"""A prompt of so many tokens is read from a cache by half."""
WORDS = "살림 keeps the house. "


def line(provider: str, model: str, counts: dict[str, int], call: str):
    from tests.standins.upstream import Line

    return Line(provider, model, counts, call)


def tokens_of(body) -> int:
    """Of the text alone: a token for four bytes, rounded up."""
    return -(-sum(len(text.encode()) for text in _texts(body)) // 4)


def _texts(value) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("data", "model", "type", "role", "url"):
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def event(shape, name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    text = shape if isinstance(shape, str) else json.dumps(shape, ensure_ascii=False)
    return f"{head}data: {text}\n\n".encode()


class Speaker:
    """One answer. `answer` has four bytes a token; `thoughts` are made beside it."""

    plain = None
    tells_usage = True

    def __init__(self, body, most: int | None) -> None:
        self.asked = body
        self.model = body.get("model", "")
        self.streams = bool(body.get("stream"))
        sent = body.get("messages") or body.get("input") or body.get("contents")
        self.prompt = tokens_of([sent, body.get("system"), body.get("tools")])
        self.cached = self.prompt // 2 if self.prompt >= CACHED_FROM else 0
        made = 8 + self.prompt % 40
        made = made if most is None else min(made, most)
        self.thoughts = made // 3 if "5" in self.model else 0
        text = (WORDS * made).encode("ascii", "replace").decode()
        self.answer = text[: 4 * (made - self.thoughts)]

    def counts(self, answer: str) -> dict[str, int]:
        return {
            "input": self.prompt - self.cached,
            "cached": self.cached,
            "output": self.made(answer),
        }

    def made(self, answer: str) -> int:
        return -(-len(answer) // 4) + self.thoughts

    def tokens(self) -> list[str]:
        return [self.answer[at : at + 4] for at in range(0, len(self.answer), 4)]
