"""What a person may ask from the phone: commands as they are typed, and buttons for one press.

A command changes nothing by itself: it is answered with a button, and the press is the request.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

KRW_MAX = 10_000_000

WORDS = {
    "status": "status",
    "상태": "status",
    "start": "help",
    "help": "help",
    "도움말": "help",
    "ack": "acknowledge",
    "확인": "acknowledge",
    "raise": "raise",
    "증액": "raise",
    "release": "release",
    "해제": "release",
    "withdraw": "withdraw",
    "회수": "withdraw",
    "stop": "stop_all",
    "중지": "stop_all",
    "resume": "resume",
    "재개": "resume",
}
ACTING = frozenset({"acknowledge", "raise", "release", "withdraw", "stop_all", "resume"})
EVERYTHING = "everything"
_COMMAND = re.compile(r"/(\w+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_WON = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,8}")
_BUCKET = re.compile(r"total|api|servers|other|\w{1,20}:[\w.:-]{1,60}")


@dataclass(frozen=True, slots=True)
class Wish:
    """A request as the desk takes it. `confirm` is the figure or name that the person chose."""

    kind: str
    target: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    confirm: str = ""
    nonce: str = ""
    asked_at: float = 0.0


class Who(NamedTuple):
    """Who asks: a person by the number of the account, in a chat that may."""

    name: str
    address: str
    role: str = "operator"
    via: str = "telegram"


class NoCommand(ValueError):
    """It begins as a command and cannot be one; `word` is what was typed."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def wish_of(text: str) -> Wish | None:
    """What is typed; None for what is no command at all. Raises NoCommand.

    >>> wish = wish_of("/raise 3,000 api one more film")
    >>> wish.target, wish.confirm, wish.reason
    ('api', '3000', 'one more film')
    >>> wish_of("hello") is None
    True
    """
    found = _COMMAND.fullmatch(text.strip())
    if found is None:
        return None
    word, rest = found.group(1).lower(), (found.group(2) or "").split()
    kind = WORDS.get(word)
    if kind is None:
        raise NoCommand(word)
    if kind == "raise":
        return _raise(word, rest)
    if kind == "acknowledge":
        return _acknowledge(word, rest)
    if kind in ("release", "withdraw"):
        target = rest[0] if rest and _is_bucket(rest[0]) else "total"
        return Wish(kind, target, confirm=target)
    target = EVERYTHING if kind in ACTING else ""
    return Wish(kind, target, confirm=target)


def _raise(word: str, rest: list[str]) -> Wish:
    if not rest or not _WON.fullmatch(rest[0]):
        raise NoCommand(word)
    won = int(rest[0].replace(",", ""))
    if not 0 < won <= KRW_MAX:
        raise NoCommand(word)
    more = rest[1:]
    target = more.pop(0) if more and _is_bucket(more[0]) else "total"
    return Wish("raise", target, {"krw": str(won)}, " ".join(more)[:200], confirm=str(won))


def _acknowledge(word: str, rest: list[str]) -> Wish:
    number = rest[0].lstrip("#").partition("/")[0] if rest else ""
    if not number.isdecimal() or len(number) > 9:
        raise NoCommand(word)
    return Wish("acknowledge", number, confirm=number)


def _is_bucket(name: str) -> bool:
    return bool(_BUCKET.fullmatch(name))
