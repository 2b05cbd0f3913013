"""An outlook on its way through the store: amounts are texts, so that none is ever a float."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from models.costs.prepaid import Outlook, Rise
from models.messages import Message


def prepaid_json(one: Outlook) -> dict[str, object]:
    return {
        **{name: _told(value) for name, value in one._asdict().items()},
        "rises": [[rise.at, f"{rise.amount:f}"] for rise in one.rises],
        "warning": None if one.warning is None else one.warning.as_json(),
    }


def prepaid_of(shape: Mapping[str, Any]) -> Outlook:
    """What `prepaid_json` made."""
    amounts = ("told", "left", "burn_a_day", "days_left")
    read = {name: None if shape[name] is None else Decimal(shape[name]) for name in amounts}
    rises = [Rise(at, Decimal(amount)) for at, amount in shape["rises"]]
    warning = None if shape["warning"] is None else Message.from_json(shape["warning"])
    return Outlook(**{**shape, **read, "rises": rises, "warning": warning})


def _told(value: object) -> object:
    return f"{value:f}" if isinstance(value, Decimal) else value
