"""Work that was refused for want of money: taken in, run again, and seen to have run.

`finding` takes it in, `rerunning` runs it again by `by_n8n` or `by_owner`, `pausing` pauses what
can only fail, and `waiting` is the door to all of it.
"""

from agent.waiting.waiting import Waiting

__all__ = ["Waiting"]
