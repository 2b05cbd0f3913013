"""n8n's own metrics: queue, events and durations, and what of it is switched off."""

from agent.collectors.n8n.client import Client
from agent.collectors.n8n.refusals import Refused
from models.messages import Message, say
from models.monitoring import Labels, Reading
from models.rates import Rates
from models.workflows.counters import (
    Key,
    Outcome,
    Scrape,
    Window,
    bucket_quantile,
    outcomes,
    scrape_of,
    switched_off,
)
from models.workflows.exposition import exposition

PATH = "/metrics"
BYTES_MAX = 5_000_000
SAMPLES_MAX = 2000
QUANTILES = (("0.5", 0.5), ("0.95", 0.95))
EVENTS = ("started", "success", "failed", "cancelled")


class Metrics:
    """`growth` is what the last hour brought.

    `may_leave_buckets`: where the API tells how long runs take, the histogram of many workflows is
    not worth its thousands of lines.
    """

    def __init__(self, source: str, client: Client, *, may_leave_buckets: bool) -> None:
        self._source = source
        self._client = client
        self._may_leave_buckets = may_leave_buckets
        self._with_buckets = True
        self._rates = Rates()
        self._window = Window()
        self._readings: list[Reading] = []
        self._before: dict[str, Outcome] | None = None
        self.scrape: Scrape | None = None
        self.growth: dict[Key, float] = {}
        self.unreadable = 0
        self.left_out_lines = 0

    def poll(self, now: float, monotonic_seconds: float) -> None:
        """Raises SourceError; then nothing of it is known until the next poll."""
        self.scrape, self._readings = None, []
        answer = self._client.get(PATH, BYTES_MAX)
        if answer.status == 404 or (answer.status == 200 and answer.is_html):
            raise Refused(
                self._source,
                say("n8n shows no metrics; start n8n with N8N_METRICS=true"),
                answer.status,
            )
        if answer.status != 200:
            reason = say("n8n answers {status} at {path}", status=answer.status, path=PATH)
            raise Refused(self._source, reason, answer.status)
        read = exposition(answer.body.decode(errors="replace"), with_buckets=self._with_buckets)
        if not read.samples:
            reason = say("what n8n shows at {path} are not its metrics", path=PATH)
            raise Refused(self._source, reason, answer.status)
        if len(read.samples) > SAMPLES_MAX:
            self._with_buckets = not self._may_leave_buckets
        self.unreadable = read.unreadable
        self.left_out_lines = read.left_out + (1 if answer.was_cut else 0)
        self.scrape = scrape_of(read.samples)
        self.growth = self._window.growth(self.scrape.counters, now)
        self._readings = self._read(self.scrape, monotonic_seconds)

    def forget(self) -> None:
        self.scrape, self._readings = None, []

    def readings(self, instance: str) -> list[Reading]:
        """Of the whole of n8n."""
        return [r._replace(labels=(*r.labels, ("source", instance))) for r in self._readings]

    def workflow_readings(self, instance: str) -> list[Reading]:
        """Of single workflows: for an n8n whose API may not be asked."""
        readings = []
        for workflow_id, outcome in outcomes(self.growth).items():
            labels: Labels = (("source", instance), ("workflow.id", workflow_id))
            for status, count in (("success", outcome.success), ("error", outcome.failed)):
                both: Labels = (labels[0], ("status", status), labels[1])
                readings.append(Reading("n8n.executions", count, both))
            for name, share in QUANTILES:
                seconds = bucket_quantile(self.growth, workflow_id, share)
                if seconds is not None:
                    quantile: Labels = (("quantile", name), *labels)
                    readings.append(Reading("n8n.execution.duration", seconds, quantile))
        return readings

    def since_last_time(self) -> dict[str, tuple[float, float]]:
        """Started and succeeded since the poll before, by workflow id; empty at the first."""
        if self.scrape is None:
            return {}
        before, after = self._before, outcomes(self.scrape.counters)
        self._before = after
        if before is None:
            return {}
        none = Outcome(0.0, 0.0, 0.0)
        return {
            workflow_id: (
                max(0.0, outcome.started - before.get(workflow_id, none).started),
                max(0.0, outcome.success - before.get(workflow_id, none).success),
            )
            for workflow_id, outcome in after.items()
        }

    def left_out(self, ran_at: float | None, ahead_seconds: float) -> dict[str, Message]:
        """What n8n does not show; `ran_at` is when a run began that it must have counted, unless
        it was started again since: its counters begin anew then, and appear with the next run.
        """
        if self.scrape is None:
            return {}
        started_at = (self.scrape.started_at or 0.0) - ahead_seconds
        has_run = ran_at is not None and ran_at > started_at
        messages = dict(switched_off(self.scrape, int(has_run)))
        if self.unreadable:
            messages["lines"] = say(
                "{count} lines of n8n's metrics cannot be read", count=self.unreadable
            )
        if self.left_out_lines:
            messages["size"] = say("n8n's metrics are too long; their end is left out")
        return messages

    def _read(self, scrape: Scrape, monotonic_seconds: float) -> list[Reading]:
        readings = [
            Reading(f"n8n.queue.{state}", value) for state, value in sorted(scrape.queue.items())
        ]
        if scrape.active_workflows is not None:
            readings.append(Reading("n8n.workflows.active", scrape.active_workflows))
        for event in EVENTS:
            count = scrape.counters.get(("event", "", event))
            if count is not None:
                rate = self._rates.per_second(event, count, monotonic_seconds)
                readings.append(Reading("n8n.workflow.events", rate, (("event", event),)))
        for name, share in QUANTILES:
            seconds = bucket_quantile(self.growth, "", share)
            if seconds is not None:
                labels: Labels = (("quantile", name),)
                readings.append(Reading("n8n.execution.duration", seconds, labels))
        return readings
