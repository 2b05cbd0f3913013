"""What a person types so that nothing dangerous is done by a slip of the finger."""

from decimal import Decimal

from models.csv_text import plain
from models.requests.roles import DANGEROUS
from models.requests.shapes import Request

FIGURES = ("raise", "settle", "charge", "plan")
"""Of a plan it is the total."""


def to_type(request: Request) -> str:
    """The figure, or else the name; "" where nothing is typed.

    >>> to_type(Request("raise", "api", {"amount_micro": 3_000_000_000, "until": 1}))
    '3000'
    >>> to_type(Request("stop_all", "everything", {})), to_type(Request("retry", "ocr", {}))
    ('everything', '')
    >>> to_type(Request("withdraw", "244e5982eaca", {"bucket": "api"}))
    'api'
    """
    if request.kind not in DANGEROUS:
        return ""
    if request.kind == "withdraw":
        # Its target is a name that nobody knows by heart.
        return str(request.args["bucket"])
    if request.kind not in FIGURES:
        return request.target
    won = Decimal(request.amount_micro).scaleb(-6)
    return plain(won.normalize()) if won % 1 else str(int(won))


def is_confirmed(request: Request) -> bool:
    """Thousands may have their commas; a name is typed as it is written."""
    typed, wanted = request.confirm.strip(), to_type(request)
    if request.kind in FIGURES:
        typed = typed.replace(",", "")
    return typed == wanted or not wanted
