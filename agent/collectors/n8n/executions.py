"""Reading the executions: what is new, what runs, and how those end that were seen to run."""

import json
from base64 import b64encode
from collections import Counter

from agent.collectors.n8n.refusals import PublicApi, Refused
from models.messages import Message, say
from models.workflows.feed import Feed
from models.workflows.payloads import Origin, Page, UnexpectedShape, executions_page, run_of

PATH = "/executions"
LIST, READ = "execution:list", "execution:read"
LIMIT = 250
LIST_BYTES_MAX = 2_000_000
ONE_BYTES_MAX = 200_000
PAGES_A_POLL = 8
OPEN_PAGES_MAX = 4
LOOKS_A_POLL = 20
LOOK_TRIES_MAX = 5
TRIES_MAX = 20
STATUSES = ("running", "waiting", "new")
"""n8n's plain list lacks what runs, and in older versions what waits or is queued."""


class Executions:
    """Polls one n8n; what it finds goes to the feed."""

    def __init__(self, source: str, api: PublicApi, feed: Feed) -> None:
        self._source = source
        self._api = api
        self._feed = feed
        self._refused: set[str] = set()
        self._tries: Counter[str] = Counter()
        self.unreadable = 0
        """Entries of the last poll that are none."""

    @property
    def is_behind(self) -> bool:
        """Whether a round is under way that the next poll goes on with."""
        return self._feed.cursor is not None

    @property
    def features(self) -> dict[str, bool]:
        """What this version knows, by what it did not refuse."""
        return {
            "running": "running" not in self._refused,
            "queued": "new" not in self._refused,
            "retry": "running" not in self._refused,
        }

    @property
    def left_out(self) -> dict[str, Message]:
        messages = {}
        if "running" in self._refused:
            messages["version"] = say(
                "this n8n is too old: before 1.113 it does not say which executions run, so that "
                "nothing can be found that hangs; update n8n"
            )
        if READ in self._api.lacks:
            messages["read"] = say(
                "the key lacks the scope {scope}: failed runs show no error, and how some runs "
                "ended stays unknown; give it to the key in n8n under Settings > n8n API",
                scope=READ,
            )
        if self.unreadable:
            messages["unreadable"] = say(
                "{count} executions in n8n's list cannot be read", count=self.unreadable
            )
        if self._feed.was_cut:
            messages["cut"] = say("n8n ran more than can be read at once; the oldest are left out")
        return messages

    def probe_anew(self) -> None:
        """n8n was away: it may be another version now, and the key another key."""
        self._refused.clear()

    def poll(self, origin: Origin) -> None:
        """Raises SourceError; what was read before stays read."""
        self.unreadable = 0
        self._new(origin)
        listed = self._open(origin)
        self._look_up(origin, self._feed.not_listed(listed))

    def _new(self, origin: Origin) -> None:
        for _ in range(PAGES_A_POLL):
            page = self._page(origin, {"cursor": self._feed.cursor} if self._feed.cursor else {})
            if not self._feed.take(page, origin.seen_at):
                return

    def _open(self, origin: Origin) -> set[str]:
        """Ids of all that run, wait, or are queued."""
        listed: set[str] = set()
        for status in STATUSES:
            if status not in self._refused:
                listed |= self._of_status(origin, status)
        return listed

    def _of_status(self, origin: Origin, status: str) -> set[str]:
        listed: set[str] = set()
        more: dict[str, str] = {"status": status}
        for _ in range(OPEN_PAGES_MAX):
            try:
                page = self._page(origin, more)
            except Refused as refusal:
                if refusal.status != 400:
                    raise
                self._refused.add(status)
                break
            for run in page.runs:
                self._feed.see(run)
                listed.add(run.id)
            if page.next_cursor is None or not page.runs:
                break
            more = {"status": status, "cursor": page.next_cursor}
        return listed

    def _page(self, origin: Origin, more: dict[str, str]) -> Page:
        params: dict[str, str | int] = {"limit": LIMIT, "includeData": "false", **more}
        payload = self._api.content(PATH, LIST, LIST_BYTES_MAX, params)
        try:
            page = executions_page(payload, origin)
        except UnexpectedShape as error:
            reason = say("n8n's list of executions is none; is this n8n's address?")
            raise Refused(self._source, reason, 200) from error
        self.unreadable += page.unreadable
        return page

    def _look_up(self, origin: Origin, ids: list[str]) -> None:
        """How those went on that are in no list any more; those first that were asked for least."""
        self._tries = Counter({i: n for i, n in self._tries.items() if i in self._feed.open})
        may_look = True
        for execution_id in sorted(ids, key=lambda i: self._tries[i])[:LOOKS_A_POLL]:
            self._tries[execution_id] += 1
            may_ask = may_look and self._tries[execution_id] <= LOOK_TRIES_MAX
            if not (may_ask and self._look_at(execution_id, origin)):
                may_look = READ not in self._api.lacks
                self._look_in_list(execution_id, origin)
            if execution_id in self._feed.open and self._tries[execution_id] > TRIES_MAX:
                self._feed.vanished(execution_id, origin.seen_at)

    def _look_at(self, execution_id: str, origin: Origin) -> bool:
        """Whether n8n said how it is. Some versions fail (500) for some executions."""
        try:
            payload = self._api.content(f"{PATH}/{execution_id}", READ, ONE_BYTES_MAX)
        except Refused as refusal:
            if refusal.status == 404:
                self._feed.vanished(execution_id, origin.seen_at)
                return True
            return False
        run = run_of(payload, origin)
        if run is not None and run.id == execution_id:
            self._feed.see(run)
        return run is not None

    def _look_in_list(self, execution_id: str, origin: Origin) -> None:
        """The same out of the list, from the place at which it stands."""
        if not execution_id.isdecimal():
            return
        place = json.dumps({"lastId": str(int(execution_id) + 1), "limit": 1})
        cursor = b64encode(place.encode()).decode()
        page = self._page(origin, {"cursor": cursor})
        for run in page.runs:
            if run.id == execution_id:
                self._feed.see(run)
