"""A collector that watches the stand-in, with clocks that a test turns."""

import json
from zoneinfo import ZoneInfo

from agent.collectors.n8n import House, N8nCollector
from models.monitoring import Execution, Thing
from models.settings.n8n import N8n as Settings
from models.workflows.known import Known

SEOUL = ZoneInfo("Asia/Seoul")
NOON = 1_800_000_000.0


class Clock:
    """One time for n8n and the agent, unless n8n's is `ahead`."""

    def __init__(self, now=NOON) -> None:
        self.now = now
        self.ahead = 0.0

    def __call__(self) -> float:
        return self.now

    def of_n8n(self) -> float:
        return self.now + self.ahead


class Watch:
    """The collector and all that it brought; `look` is one tick."""

    def __init__(self, n8n, clock, known=None, key_fields=None, key=None, **settings) -> None:
        self.n8n, self.clock = n8n, clock
        self.settings = Settings(url=n8n.url, **settings)
        house = House(SEOUL, clock, key_fields or {})
        key = n8n.key if key is None else key
        self.collector = N8nCollector(self.settings, key, house, known or Known())
        self.records = []
        self.harvest = None

    def look(self, after=30.0, ticks=1):
        for _ in range(ticks):
            self.clock.now += after
            self.harvest = self.collector.collect(self.clock.now)
            self.records += self.harvest.records
        return self

    def value(self, name, **labels):
        """Of the one series of the last tick that has these labels (`__` stands for a dot)."""
        wanted = {(key.replace("__", "."), value) for key, value in labels.items()}
        found = [
            reading.value
            for reading in self.harvest.readings
            if reading.name == name and wanted <= set(reading.labels)
        ]
        assert len(found) == 1, (name, labels, found)
        return found[0]

    def names(self):
        return {reading.name for reading in self.harvest.readings}

    def told(self):
        """Every state of every execution that was handed over, in order."""
        return [(r.execution_id, r.status) for r in self.executions()]

    def executions(self):
        return [record for record in self.records if isinstance(record, Execution)]

    def things(self, kind):
        return [r for r in self.records if isinstance(r, Thing) and r.kind == kind]

    def line(self, workflow_id):
        """What the page is told of a workflow."""
        lines = self.collector.details()["workflows"]
        return next(line for line in lines if line["id"] == workflow_id)

    def missing(self):
        return {name: str(message) for name, message in self.collector.left_out.items()}

    def close(self):
        self.collector.close()


def remembered(watch, starts=None):
    """What the store would remember of all that this collector brought."""
    newest = {execution.execution_id: execution for execution in watch.executions()}
    marks = [json.loads(t.detail)["watermark"] for t in watch.things("watermark")]
    return Known(marks[-1] if marks else None, tuple(newest.values()), starts or {})
