"""The list of workflows: heavy, since n8n sends every node; so in small pages, a few at a time."""

from agent.collectors.n8n.refusals import TOO_LONG, PublicApi, Refused
from models.messages import say
from models.workflows.payloads import Origin, UnexpectedShape, Workflow, workflows_page

PATH, SCOPE = "/workflows", "workflow:list"
PAGE_WORKFLOWS = 25
PAGES_A_POLL = 2
PAGE_BYTES_MAX = 8_000_000
WORKFLOWS_MAX = 3000


class WorkflowList:
    """`poll` until it gives the list; what it has read so far it keeps."""

    def __init__(self, source: str, api: PublicApi) -> None:
        self._source = source
        self._api = api
        self._limit = PAGE_WORKFLOWS
        self._leaves_pins_out = True
        self._read: dict[str, Workflow] = {}
        self._cursor: str | None = None

    @property
    def is_under_way(self) -> bool:
        return self._cursor is not None

    def poll(self, origin: Origin) -> list[Workflow] | None:
        """All workflows, None while there are more pages. Raises SourceError."""
        for _ in range(PAGES_A_POLL):
            self._page_or_less(origin)
            if self._cursor is None:
                read, self._read = self._read, {}
                return list(read.values())
        return None

    def _page_or_less(self, origin: Origin) -> None:
        while True:
            try:
                return self._page(origin)
            except Refused as refusal:
                self._read, self._cursor = {}, None
                if not self._asks_for_less(refusal.status):
                    self._limit = PAGE_WORKFLOWS
                    raise

    def _page(self, origin: Origin) -> None:
        params: dict[str, str | int] = {"limit": self._limit}
        if self._leaves_pins_out:
            params["excludePinnedData"] = "true"
        if self._cursor is not None:
            params["cursor"] = self._cursor
        payload = self._api.content(PATH, SCOPE, PAGE_BYTES_MAX, params)
        try:
            page = workflows_page(payload, origin)
        except UnexpectedShape as error:
            reason = say("n8n's list of workflows is none; is this n8n's address?")
            raise Refused(self._source, reason, 0) from error
        known = len(self._read)
        self._read.update((workflow.id, workflow) for workflow in page.workflows)
        is_more = len(self._read) > known and len(self._read) < WORKFLOWS_MAX
        self._cursor = page.next_cursor if is_more else None

    def _asks_for_less(self, status: int) -> bool:
        """Whether to ask in another way: it is an older n8n, or its workflows are huge."""
        if status == 400 and self._leaves_pins_out:
            self._leaves_pins_out = False
            return True
        if status == TOO_LONG and self._limit > 1:
            self._limit = max(1, self._limit // 5)
            return True
        return False
