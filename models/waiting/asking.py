"""What a person means who asks for work to be run again, or to be left."""

from collections.abc import Iterable

from models.waiting.item import GIVEN_UP, RUNNING, WAITING, WaitingItem

ALL = "all"
RERUN, DISMISS = "rerun", "dismiss"


def is_over(item: WaitingItem) -> bool:
    """Nothing more is done about it, whatever becomes of the world."""
    return item.state not in (WAITING, RUNNING, GIVEN_UP)


def chosen(items: Iterable[WaitingItem], target: str, kind: str) -> list[WaitingItem]:
    """`all`, or those of a name: of a workflow, an analysis, or of one piece of work.

    What was given up is meant only where it is named by itself, or is to be dismissed.
    """
    may = [item for item in items if item.state in (WAITING, GIVEN_UP)]
    if target == ALL:
        return [item for item in may if kind == DISMISS or item.state == WAITING]
    return [
        item
        for item in may
        if target == item.item_id
        or (target in (item.name, item.kind) and (kind == DISMISS or item.state == WAITING))
    ]
