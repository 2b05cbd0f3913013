"""Work that waits, made with few words."""

from models.waiting.item import WAITING, WaitingItem, id_of

NOW = 1_795_900_000.0
WON = 1_000_000


def item(number=1, **changed) -> WaitingItem:
    source, execution_id = changed.pop("source", "n8n:main"), str(number)
    first = WaitingItem(
        item_id=id_of(source, execution_id),
        source=source,
        kind="wf1",
        name="Digest",
        execution_id=execution_id,
        key="",
        since=NOW - 1000.0 + number,
        code="budget",
        bucket_id="api",
        priority="important",
        needed_micro=10 * WON,
        estimated_micro=100 * WON,
        state=WAITING,
        tries=0,
        asked="",
        request_id="",
        step="",
        step_id="",
        begun_at=0.0,
        rerun_id="",
        problem="",
        changed_at=NOW - 1000.0 + number,
    )
    return first._replace(**changed)
