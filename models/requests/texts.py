"""What people type, bounded: one line that no page, table or terminal takes for more than text."""

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from models.csv_text import harmless
from models.errors import RequestRefused
from models.messages import say
from models.redaction import redact
from sallim.money import MICRO

TARGET_MAX, REASON_MAX, CONFIRM_MAX, NONCE_MAX = 200, 300, 200, 100
SHOWN_MAX = 40
AMOUNT = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,12}(?:\.[0-9]{1,6})?")
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
AMOUNTS_MAX = 160
TAG = re.compile(r"<[/!?A-Za-z]")
KRW_MAX = 100_000_000
MOMENT_MAX = 32_503_680_000
"""The year 3000: beyond, nothing can make a date of it."""


def line(key: str, value: object, most: int) -> str:
    """A text of one line, in composed letters. Raises RequestRefused."""
    if not isinstance(value, str):
        raise RequestRefused(say("{key} must be a text", key=key))
    if len(value) > most:
        raise RequestRefused(
            say("{key} is longer than {most} characters; shorten it", key=key, most=most)
        )
    # Not printable are control characters, half characters, and what turns the direction of text.
    if not value.isprintable():
        raise RequestRefused(
            say("{key} has characters that cannot be shown; type it as one plain line", key=key)
        )
    return unicodedata.normalize("NFC", value).strip()


def target(value: object) -> str:
    """The name of what is meant. Raises RequestRefused."""
    name = line("target", value, TARGET_MAX)
    if not name:
        raise RequestRefused(say("target is empty; name what is meant, for example api"))
    return name


def reason(value: object) -> str:
    """Why: a secret in it is hidden. Raises RequestRefused."""
    text = line("reason", value, REASON_MAX)
    if not text:
        raise RequestRefused(say("reason is empty; say in a few words why"))
    if harmless(text) != text or TAG.search(text):
        raise RequestRefused(
            say("reason looks like a formula or like HTML; begin with a word, and leave < out")
        )
    return redact(text)


def amount_micro(key: str, value: object) -> int:
    """Whole micro-won of an amount of won, such as 3000, "3,000" or "12.5". Raises RequestRefused.

    >>> amount_micro("amount_krw", "3,000"), amount_micro("amount_krw", "0.000001")
    (3000000000, 1)
    """
    # true is a whole number to Python; a float is none of money.
    text = str(value) if type(value) is int and 0 <= value < 10**12 else value
    if not isinstance(text, str) or not AMOUNT.fullmatch(text.strip()):
        raise RequestRefused(
            say("{key} must be an amount of won, such as 3000; it is {value}", **_told(key, value))
        )
    return int(Decimal(text.strip().replace(",", "")) * MICRO)


def whole_won(key: str, value: object) -> int:
    """Whole micro-won of at least one won and no part of one. Raises RequestRefused."""
    micro = amount_micro(key, value)
    if micro % MICRO or not 0 < micro <= KRW_MAX * MICRO:
        raise RequestRefused(
            say("{key} must be whole won from 1 to {most}", key=key, most=f"{KRW_MAX:,}")
        )
    return micro


def month(key: str, value: str) -> str:
    """Raises RequestRefused.

    >>> month("target", "2026-11")
    '2026-11'
    """
    if not MONTH.fullmatch(value):
        raise RequestRefused(
            say("{key} must be a month, such as 2026-11; it is {value}", **_told(key, value))
        )
    return value


def amounts_text(key: str, value: object) -> str:
    """Whole won by the name of a budget, as JSON in the order of the names. Raises RequestRefused.

    >>> amounts_text("amounts_krw", {"total": 24_900, "api": 9_000})
    '{"api": 9000, "total": 24900}'
    """
    if not isinstance(value, dict) or not 0 < len(value) <= AMOUNTS_MAX:
        example = '{"total": 24900, "api": 15000}'
        raise RequestRefused(
            say("{key} must be won by budget, such as {example}", key=key, example=example)
        )
    found = {}
    for name, amount in value.items():
        if type(amount) is not int or not 0 <= amount <= KRW_MAX:
            raise RequestRefused(
                say(
                    "{key}: of each budget whole won from 0 to {most}", key=key, most=f"{KRW_MAX:,}"
                )
            )
        found[target(name)] = amount
    return json.dumps(found, ensure_ascii=False, sort_keys=True)


def count(key: str, value: object, least: int, most: int) -> int:
    """A whole number. Raises RequestRefused."""
    if type(value) is not int or not least <= value <= most:
        raise RequestRefused(
            say(
                "{key} must be a whole number from {least} to {most}; it is {value}",
                least=least,
                most=most,
                **_told(key, value),
            )
        )
    return value


def choice(key: str, value: object, known: Sequence[str]) -> str:
    """One of those. Raises RequestRefused.

    >>> choice("season", "day", ("day", "week"))
    'day'
    """
    for each in known:
        if each == value:
            return each
    raise RequestRefused(
        say(
            "{key} must be one of {known}; it is {value}",
            known=", ".join(known),
            **_told(key, value),
        )
    )


def moment(key: str, value: object, zone: ZoneInfo) -> int:
    """UTC epoch seconds; a day, such as "2026-11-30", lasts to its end in that zone.

    Raises RequestRefused.

    >>> moment("until", "2026-11-30", ZoneInfo("Asia/Seoul"))
    1796050800
    >>> moment("until", "2026-11-30T12:00+09:00", ZoneInfo("Asia/Seoul"))
    1796007600
    """
    at = value if type(value) is int else _moment(value, zone)
    if at is None or not 0 < at < MOMENT_MAX:
        raise RequestRefused(
            say(
                "{key} must be a day or a moment, such as 2026-11-30 or 2026-11-30T18:00; it is "
                "{value}",
                **_told(key, value),
            )
        )
    return at


def _moment(value: object, zone: ZoneInfo) -> int | None:
    text = value if isinstance(value, str) and value.isascii() else ""
    try:
        if len(text) == len("2026-11-30"):
            following = date.fromisoformat(text) + timedelta(days=1)
            return int(datetime(*following.timetuple()[:3], tzinfo=zone).timestamp())
        told = datetime.fromisoformat(text[:SHOWN_MAX])
        return int((told if told.tzinfo else told.replace(tzinfo=zone)).timestamp())
    except (ValueError, OverflowError):
        return None


def _told(key: str, value: object) -> dict[str, str]:
    """Short, so that a refusal is never longer than what was refused."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        shown = type(value).__name__
    elif isinstance(value, int) and abs(value) >= 10**SHOWN_MAX:
        shown = "a huge number"
    else:
        shown = ascii(value)[:SHOWN_MAX]
    return {"key": key, "value": shown}
