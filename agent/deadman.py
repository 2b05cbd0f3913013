"""The dead-man ping: every minute, somebody elsewhere hears that the agent is well."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from agent.net.dialing import Dialer
from agent.net.posting import PostError, post_json
from data.credentials import Secret, secret
from models.deadman import EVERY_SECONDS, Pulse
from models.errors import ConfigError
from models.messages import Message, say
from models.settings import Settings

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 15.0
MISSED_MAX = 3
"""A watcher that is not reached so often in a row is a problem; it raises its own alarm then."""


class DeadMan:
    """While the agent is not well nothing is sent, and that is what raises the alarm.

    It has a thread of its own: whoever it pings may be slow.
    """

    def __init__(self, pulse: Callable[[], Pulse]) -> None:
        self.problems: Sequence[Message] = ()
        self._pulse = pulse
        self._address: Secret | None = None
        self._missed = 0
        self._dialer = Dialer()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dead-man", daemon=True)

    def take_over(self, settings: Settings, environ: Mapping[str, str]) -> None:
        name = settings.notify.dead_man_url
        self._address, self.problems, self._missed = None, (), 0
        if not name:
            return
        try:
            address = secret(name, environ)
        except ConfigError as error:
            reason = str(error)
            self.problems = [say("no dead-man ping is sent: {reason}", reason=reason)]
            return
        if address.startswith(("http://", "https://")):
            self._address = address
        else:
            self.problems = [
                say(
                    "no dead-man ping is sent: {name} holds no address that begins with https://",
                    name=name,
                )
            ]

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def ping(self) -> None:
        """Once, if it is wanted and the agent is well."""
        address, pulse = self._address, self._pulse()
        if address is None:
            return
        if not pulse.is_well:
            log.error("no dead-man ping: the agent is not well")
            return
        try:
            reply = post_json(self._dialer, address, pulse.as_json(), TIMEOUT_SECONDS)
        except PostError as error:
            self._miss(error.reason)
            return
        if reply.status >= 300:
            self._miss(say("answers {status}", status=reply.status))
        else:
            self._missed, self.problems = 0, ()

    def _miss(self, reason: Message) -> None:
        self._missed += 1
        log.warning("the dead-man ping failed: %s", reason)
        if self._missed >= MISSED_MAX:
            self.problems = [
                say(
                    "whoever watches this agent does not hear it ({reason}); look at the address "
                    "that notify.dead_man_url names",
                    reason=str(reason),
                )
            ]

    def _run(self) -> None:
        while not self._stopped.wait(EVERY_SECONDS):
            self.ping()
