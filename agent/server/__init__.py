"""The agent's own HTTP: reads for the pages over a Unix socket, and what other machines may do.

`inner` is for the Unix socket, `outer` for the TCP listener, where everybody shows a token;
`intake` takes what probes and jobs send to either; `loop` serves both.
"""

from agent.server.bodies import BODY_BYTES_MAX
from agent.server.inner import QUESTIONS_MAX, View, inner_app
from agent.server.intake import Intake
from agent.server.loop import Door, ServerLoop, listen_on_path, listen_on_tcp
from agent.server.outer import HolderOf, outer_app
from agent.server.sessions import SignIn, actor_of

__all__ = [
    "BODY_BYTES_MAX",
    "QUESTIONS_MAX",
    "Door",
    "HolderOf",
    "Intake",
    "ServerLoop",
    "SignIn",
    "View",
    "actor_of",
    "inner_app",
    "listen_on_path",
    "listen_on_tcp",
    "outer_app",
]
