"""What a child is about to do with a file, said before it is done.

Whoever started it learns from the last line in which step it ended, and leaves that step out the
next time.
"""

import signal
from collections.abc import Callable, Collection

STEP_CPU_SECONDS = 60.0
"""Reading the whole store takes seconds: a step that computes for longer goes round in circles."""


class Steps:
    """`fatal`: the steps in which earlier children ended."""

    def __init__(self, tell: Callable[[str], None], fatal: Collection[str] = ()) -> None:
        self._tell = tell
        self.fatal = frozenset(fatal)

    def take(self, step: str, *, cpu_seconds: float = STEP_CPU_SECONDS) -> bool:
        """Say that the step begins now; False, and nothing said, when it is to be left out.

        SIGPROF ends the process when the step takes more time of the CPU; 0 is without limit. A
        slow disk or a busy machine takes none.
        """
        if step in self.fatal:
            return False
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        self._tell(step)
        return True
