"""What people ask of the agent, by a page, a command or a phone: the same way for all of them.

`service` takes and decides, `carrying` acts and looks for what was done; the others are handlers,
one file what can be asked for.
"""

from agent.requests.handling import Handler, Handlers, Job, NotYet
from agent.requests.service import Requests

__all__ = ["Handler", "Handlers", "Job", "NotYet", "Requests"]
