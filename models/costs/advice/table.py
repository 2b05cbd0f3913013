"""Advice as a table: what an export of it writes down, in English, amounts not rounded."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from models.costs.advice.shapes import Advice, Evidence

COLUMNS = (
    *("kind", "workflow", "provider", "model", "machine", "saving_krw_month", "confidence"),
    *("sentence", "evidence", "reason", "steps", "code", "command"),
)
PARTS = "; "
"""Between several in one cell."""


def table_of(found: Iterable[Advice]) -> Iterator[tuple[Decimal | str | None, ...]]:
    """A row each, in COLUMNS. What saves nothing by itself has no saving, which is not 0."""
    for one in found:
        yield (
            one.kind,
            *one.subject,
            one.saving_krw_month,
            one.confidence,
            str(one.sentence),
            PARTS.join(map(_proof, one.evidence)),
            str(one.reason),
            PARTS.join(map(str, one.steps)),
            one.code,
            f"python -m agent {one.command}" if one.command else "",
        )


def _proof(proof: Evidence) -> str:
    return f"{proof.what}: {proof.value:f} {proof.unit}"
