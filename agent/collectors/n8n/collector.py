"""The collector: what is asked when, and what remains when a part does not answer."""

import time
from collections.abc import Mapping

from agent.collectors.n8n.client import Client
from agent.collectors.n8n.executions import Executions
from agent.collectors.n8n.failures import Failures
from agent.collectors.n8n.health import ClockGap, look
from agent.collectors.n8n.house import House, link_of, rules_of
from agent.collectors.n8n.metrics import Metrics
from agent.collectors.n8n.parts import Part, Tick, ask_all
from agent.collectors.n8n.records import Records
from agent.collectors.n8n.refusals import SCOPES, PublicApi
from agent.collectors.n8n.snapshot import snapshot_of
from agent.collectors.n8n.workflow_list import WorkflowList
from models.errors import SourceError
from models.messages import Message, say
from models.monitoring import Harvest, Reading
from models.settings.n8n import N8n
from models.workflows.board import Board, Line, readings_of
from models.workflows.counters import LastRun
from models.workflows.feed import Feed
from models.workflows.known import Known
from models.workflows.payloads import FAILED, QUEUED, Origin, Run
from models.workflows.runs import DAY_SECONDS, Failure
from models.workflows.silence import Calendar

FAILURES_A_TICK = 3
LEARNING_SECONDS = 0.01
"""How long a tick may take to learn habits: the rest is learned at the next."""


class N8nCollector:
    """`known` is what the store remembers. Without a key only health and metrics are read."""

    def __init__(
        self, settings: N8n, api_key: str, house: House, known: Known | None = None
    ) -> None:
        self.name = f"n8n:{settings.name}"
        known = known or Known()
        self._settings = settings
        self._house = house
        self._has_key = bool(api_key)
        self._client = Client(self.name, settings.url, api_key, settings.timeout_seconds)
        api = PublicApi(self.name, self._client, settings.api_key)
        self._feed = Feed(known.watermark, [Run(execution) for execution in known.runs])
        self._calendar = Calendar(house.zone)
        self._board = Board(known, self._calendar, rules_of(settings))
        self._executions = Executions(self.name, api, self._feed)
        self._workflows = WorkflowList(self.name, api)
        self._failures = Failures(api, self._key_field)
        self._metrics = Metrics(self.name, self._client, may_leave_buckets=self._has_key)
        self._records = Records(self.name, link_of(settings))
        self._clock_gap = ClockGap()
        self._parts = self._made_parts()
        self._ran = LastRun()
        self._left_out: dict[str, Message] = {}
        self._snapshot: Mapping[str, object] = {}

    @property
    def left_out(self) -> Mapping[str, Message]:
        return self._left_out

    def details(self) -> Mapping[str, object]:
        return self._snapshot

    def close(self) -> None:
        self._client.close()

    def collect(self, monotonic_seconds: float) -> Harvest:
        """Raises SourceError where n8n itself does not answer."""
        try:
            health = look(self.name, self._client)
        except SourceError:
            self._away()
            raise
        now = self._house.clock()
        self._clock_gap.take(health.sent_at, now)
        if health.is_ready:
            origin = Origin(self.name, now, self._clock_gap.ahead_seconds)
            ask_all(self._parts, Tick(monotonic_seconds, now, origin))
            self._learn(now)
        else:
            self._away()
        lines = self._board.lines(self._feed.open.values(), now)
        self._left_out = self._missing(is_ready=health.is_ready)
        self._snapshot = self._told(lines, now, is_ready=health.is_ready)
        source = (("source", self._settings.name),)
        readings = [
            Reading("n8n.ready", float(health.is_ready), source),
            Reading("n8n.response.duration", health.answer_seconds, source),
            *(self._readings(lines, now) if health.is_ready else ()),
        ]
        return Harvest(readings, self._records.take())

    def _made_parts(self) -> list[Part]:
        settings = self._settings
        parts = [Part("metrics", settings.metrics_interval_seconds, self._ask_metrics)]
        if not self._has_key:
            return parts
        return [
            Part(
                "executions",
                settings.executions_interval_seconds,
                self._ask_executions,
                lambda: self._executions.is_behind,
            ),
            Part(
                "workflows",
                settings.workflows_interval_seconds,
                self._ask_workflows,
                lambda: self._workflows.is_under_way,
            ),
            *parts,
            Part("failures", settings.interval_seconds, self._ask_failures),
        ]

    def _ask_metrics(self, tick: Tick) -> None:
        self._metrics.poll(tick.now, tick.monotonic_seconds)
        self._ran.scraped()
        self._board.count(self._metrics.since_last_time(), tick.now)

    def _ask_executions(self, tick: Tick) -> None:
        try:
            self._executions.poll(tick.origin)
        finally:
            self._take_changes(tick.now)
        if not self._executions.is_behind:
            self._board.read_at = tick.now

    def _take_changes(self, now: float) -> None:
        for run in self._feed.changes():
            execution = run.execution
            self._board.take(execution)
            self._records.executions.append(execution)
            self._ran.take(execution)
            ended_at = execution.stopped_at or execution.started_at or now
            if execution.status in FAILED and ended_at > now - DAY_SECONDS:
                self._failures.want(execution)
        self._records.move_watermark(self._feed.watermark, now)

    def _ask_workflows(self, tick: Tick) -> None:
        workflows = self._workflows.poll(tick.origin)
        if workflows is not None:
            self._board.describe(workflows, tick.now)
            self._records.describe(workflows, tick.now)

    def _ask_failures(self, tick: Tick) -> None:
        for execution in self._failures.fetch(FAILURES_A_TICK):
            at = execution.stopped_at or execution.started_at or tick.now
            failure = Failure(execution.execution_id, at, execution.error)
            self._board.tell(execution.workflow_id, failure)
            self._records.executions.append(execution)

    def _learn(self, now: float) -> None:
        end = time.monotonic() + LEARNING_SECONDS
        while self._board.learn_one(now) and time.monotonic() < end:
            pass

    def _away(self) -> None:
        """Not there: when it comes back, it is asked for everything at once, as if for the first
        time: it may be another version, with other flags and another key.
        """
        self._metrics.forget()
        self._ran = LastRun()
        self._executions.probe_anew()
        for part in self._parts:
            part.due_seconds = float("-inf")
            part.broken = None

    def _key_field(self, workflow_id: str) -> str:
        fields = self._house.key_fields
        return fields.get(workflow_id) or fields.get(self._board.name_of(workflow_id), "")

    def _readings(self, lines: list[Line], now: float) -> list[Reading]:
        instance = self._settings.name
        readings = self._metrics.readings(instance)
        if not self._has_key:
            return readings + self._metrics.workflow_readings(instance)
        if self._board.read_at is not None:
            readings += readings_of(lines, self._feed.open.values(), instance, now)
            if self._metrics.scrape is None or not self._metrics.scrape.queue:
                source = (("source", instance),)
                readings.append(Reading("n8n.queue.waiting", self._queued(), source))
        return readings

    def _queued(self) -> int:
        return sum(run.execution.status == QUEUED for run in self._feed.open.values())

    def _missing(self, *, is_ready: bool) -> dict[str, Message]:
        """What is not known of this n8n and why, the worst first."""
        if not is_ready:
            return {
                "ready": say(
                    "n8n answers and is not ready (503): it starts, or its database does not answer"
                )
            }
        missing: dict[str, Message] = {}
        if not self._has_key:
            missing["key"] = say(
                "without a key of n8n's API no single run is known; make one in n8n under "
                "Settings > n8n API with the scopes {scopes}, and give it to the agent as {name}",
                scopes=", ".join(SCOPES),
                name=self._settings.api_key or "N8N_API_KEY",
            )
        ahead = self._clock_gap.ahead_seconds
        for part in self._parts:
            # What one wrong key keeps from several parts is one trouble.
            if part.broken is not None and part.broken not in missing.values():
                missing[part.name] = part.broken
        missing |= self._executions.left_out if self._has_key else {}
        missing |= self._metrics.left_out(self._ran.counted_at, ahead)
        if ahead:
            missing["clock"] = say(
                "n8n's clock is {seconds} s ahead of this machine's; its times are corrected. Set "
                "both by the network (`timedatectl set-ntp true`)",
                seconds=int(ahead),
            )
        too_many = self._board.left_out()
        return missing if too_many is None else {**missing, "workflows_max": too_many}

    def _told(self, lines: list[Line], now: float, *, is_ready: bool) -> Mapping[str, object]:
        return {
            **snapshot_of(
                lines, self._feed.open.values(), self._metrics, link_of(self._settings), now
            ),
            "ready": is_ready,
            "read_at": self._board.read_at,
            "features": self._executions.features if self._has_key else {},
            "clock_ahead_seconds": self._clock_gap.ahead_seconds,
            "left_out": [message.as_json() for message in self._left_out.values()],
        }
