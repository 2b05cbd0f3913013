"""Answers that come in pages, each with the cursor of the next one, as OpenAI and Anthropic do."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from agent.net.asking import Asker, Params
from models.costs.bills import FAULTS

PAGES_MAX = 100
CURSOR_MAX = 2_000

T = TypeVar("T")


def read_pages(
    asker: Asker, url: str, params: Params, read: Callable[[Any], Iterable[T]]
) -> list[T]:
    """What `read` makes of each entry of `data`, page after page.

    Raises SourceError: for the whole when one entry makes no sense, or when the pages do not end.
    """
    found: list[T] = []
    cursors: set[str] = set()
    for _ in range(PAGES_MAX):
        page = asker.json(url, params)
        try:
            for entry in page["data"]:
                found += read(entry)
            if not page["has_more"]:
                return found
            cursor = page["next_page"]
        except FAULTS as error:
            raise asker.garbled(str(error)[:100]) from error
        if not isinstance(cursor, str) or not 0 < len(cursor) <= CURSOR_MAX:
            raise asker.garbled("there are more pages, and no cursor of the next one")
        if cursor in cursors:
            raise asker.garbled(f"the page {cursor[:40]!r} a second time")
        cursors.add(cursor)
        params = {**params, "page": cursor}
    raise asker.garbled(f"more than {PAGES_MAX} pages")
