"""The workflows of the proof, made, run and aged in a real n8n."""

import time

from tests.processes import until
from tests.real_n8n import past, workflows

HOUR = 3600.0
HISTORY_HOURS = 8 * 24
SILENT_HOURS = 5
HANGS_SECONDS = 600.0


class Pipeline:
    """Ids of its workflows by name, and of the execution that hangs."""

    def __init__(self, n8n, owner, gpu) -> None:
        self.folder = n8n.folder
        self.owner = owner
        self.gpu = gpu
        self.ids = {}
        made = [workflows.falls_silent(), workflows.succeeds(), workflows.fails()]
        made += [workflows.hangs(gpu.url), workflows.leaves_no_trace(), workflows.waits()]
        for workflow in made:
            self.ids[workflow["name"]] = owner.create(workflow)

    def make_history(self) -> None:
        """Before all else: n8n numbers its executions in the order in which they begin."""
        self.owner.call("regular")
        only = until(lambda: self.owner.executions(status="success"))[0]["id"]
        now = time.time()
        hours = [now - hour * HOUR for hour in range(HISTORY_HOURS, SILENT_HOURS - 1, -1)]
        past.move(self.folder, only, hours[0])
        past.repeat(self.folder, only, hours[1:])

    def run(self) -> None:
        for path in ("good", "bad", "good", "unsaved", "bad", "good", "later"):
            self.owner.call(path)
        for _ in range(5):
            self.owner.call("stuck")
        until(lambda: self.count("success", 'Upscale "4K" <b>') == 5)
        until(lambda: self.count("error", "Thumbnails") == 2)
        until(lambda: self.count("success", "Subtitles 자막 🎬") == 3)
        until(lambda: self.count("waiting", "Waits for tomorrow") == 1)
        self.gpu.is_deaf = True
        self.owner.call("stuck")
        self.stuck = until(lambda: self.owner.executions(status="running"))[0]["id"]
        past.move(self.folder, self.stuck, time.time() - HANGS_SECONDS)

    def count(self, status: str, name: str) -> int:
        return len(self.owner.executions(status=status, workflowId=self.ids[name]))
