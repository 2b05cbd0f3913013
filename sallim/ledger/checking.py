"""What is asked and told of a call, checked before a transaction begins."""

from __future__ import annotations

from typing import Any

from sallim.ledger.money_rows import AMOUNT_MAX, PRIORITIES, Asked, Settlement, Tokens
from sallim.ledger.rows import clean

CHARACTERS_MAX = 500
CALL_ID_MAX = 100
BUCKETS = Asked._fields.index("buckets")
KINDS = {
    int: "a whole number",
    str: "text",
    bool: "True or False",
    tuple: "a tuple of texts",
    Tokens: "Tokens",
}
ASKED_TYPES = (
    *(str, int, *(str,) * 8, tuple, int, int),
    *(str, str, int, int, bool, str, int, str, int, int, str, str, int),
)
SETTLEMENT_TYPES = (int, int, str, int, int, str, Tokens, str, int, str, int)
TOKENS_TYPES = (int,) * len(Tokens._fields)


def checked(asked: Asked) -> Asked:
    """With its texts as SQLite can hold them. Raises ValueError that names the field."""
    _check_types(asked, ASKED_TYPES)
    call_id = asked.call_id
    if not 0 < len(call_id) <= CALL_ID_MAX or not call_id.isprintable():
        raise ValueError(
            f"call_id is {call_id[:CALL_ID_MAX]!r}: it must be 1 to {CALL_ID_MAX} printable signs"
        )
    if asked.priority not in PRIORITIES:
        raise ValueError(
            f"priority is {asked.priority!r}: it must be one of {', '.join(PRIORITIES)}"
        )
    _check_amount("worst_nano_usd", asked.worst_nano_usd, 0)
    _check_amount("worst_micro", asked.worst_micro, 0)
    if is_plain("".join([*asked.buckets, *(value for value in asked if type(value) is str)])):
        return asked
    row: list[Any] = [
        clean(value, CHARACTERS_MAX) if type(value) is str else value for value in asked
    ]
    row[BUCKETS] = tuple(
        [clean(bucket, CHARACTERS_MAX).replace("\n", " ") for bucket in asked.buckets]
    )
    return Asked._make(row)


def check_settlement(settlement: Settlement, least: int = 0) -> None:
    """Raises ValueError that names the field. `least` is below zero for a correction."""
    _check_types(settlement, SETTLEMENT_TYPES)
    _check_types(settlement.tokens, TOKENS_TYPES)
    _check_amount("nano_usd", settlement.nano_usd, least)
    _check_amount("gross_micro", settlement.gross_micro, least)


def _check_types(row: Any, types: tuple[type, ...]) -> None:
    if tuple(map(type, row)) == types:
        return
    for index, wanted in enumerate(types):
        value = row[index]
        # `type`, for True is an int as well.
        if type(value) is not wanted:
            raise ValueError(f"{row._fields[index]} is {value!r}: it must be {KINDS[wanted]}")


def _check_amount(name: str, value: int, least: int) -> None:
    if not least <= value <= AMOUNT_MAX:
        raise ValueError(f"{name} is {value}: it must be from {least:,} to {AMOUNT_MAX:,}")


def clean_text(text: str) -> str:
    """On one line, as long as a name may be."""
    return clean(text, CHARACTERS_MAX).replace("\n", " ")


def is_plain(texts: str) -> bool:
    """Nearly always, of all together: then each can be written as it is."""
    return len(texts) <= CHARACTERS_MAX and texts.isascii() and texts.isprintable()
