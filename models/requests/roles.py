"""Which role may what: the one table of it, asked by the agent and never by a page alone."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from models.requests.shapes import KINDS, Kind, Role

Right = Kind | Literal["look", "edit", "audit"]
"""`look` is to see requests, `edit` to change settings, `audit` to read who did what."""
RIGHTS: tuple[Right, ...] = (*KINDS, "look", "edit", "audit")

OPERATOR: frozenset[Right] = frozenset(
    {
        *("look", "acknowledge", "silence", "retry", "rerun", "dismiss"),
        *("stop", "start", "agree", "decline"),
    }
)
MAY: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {"viewer": frozenset({"look"}), "operator": OPERATOR, "owner": frozenset(RIGHTS)}
)

DANGEROUS: frozenset[Kind] = frozenset(
    set(KINDS) - {"acknowledge", "silence", "retry", "rerun", "dismiss", "agree", "decline"}
)
"""Costs money, ends work, or lets Sallim do less by itself: few a minute, and typed."""


def may(role: str, right: str) -> bool:
    """A role that is not known may nothing.

    >>> may("operator", "stop"), may("operator", "stop_all"), may("guest", "look")
    (True, False, False)
    """
    return any(known == role and right in rights for known, rights in MAY.items())


def least_role(right: Right) -> Role:
    """Of those who may, the one with the fewest rights."""
    return min((role for role in MAY if may(role, right)), key=lambda role: len(MAY[role]))
