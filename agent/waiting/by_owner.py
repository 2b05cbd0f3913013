"""Analyses, run again by a command of the owner's or by an address that is told of them.

The words stand in the settings file; what comes from outside is only filled in as a whole word of
its own or a part of one, and a shell never sees it. That it ran is seen by its job in the ledger.
"""

import re
from collections.abc import Mapping, Sequence

from agent.net.dialing import Dialer
from agent.net.posting import PostError, post_json
from agent.programs import Done, limit_of, run_program
from agent.waiting.ways import Lost, Sent
from models.errors import ActionRefused, ActionUnconfirmed
from models.messages import Message, say
from models.settings.waiting import WaitingRerunBy
from models.waiting.item import WaitingItem

PLACE = re.compile(r"\{(name|key|id)\}")
POST_SECONDS = 60.0


class OwnersReruns:
    """By the name of the analysis."""

    def __init__(self, ways: Sequence[WaitingRerunBy]) -> None:
        self._ways: Mapping[str, WaitingRerunBy] = {
            each.name: each for each in ways if each.command or each.url
        }

    def knows(self, item: WaitingItem) -> bool:
        return item.kind in self._ways

    def run(self, item: WaitingItem) -> Sent | Lost:
        way = self._way(item)
        if item.key.startswith("-") or not item.key.isprintable():
            return Lost(
                say("the key {key} could be taken for an option; run it yourself", key=item.key)
            )
        return _post(way, item) if way.url else _start(way, item)

    def find(self, item: WaitingItem) -> str | None:  # noqa: ARG002  as all ways
        """Its job says so, which was looked at before."""
        return None

    def wait_seconds(self, item: WaitingItem) -> float | None:
        """What a process had begun that is no more runs to its limit."""
        way = self._way(item)
        return limit_of(way.timeout_seconds) if way.may_repeat else None

    def _way(self, item: WaitingItem) -> WaitingRerunBy:
        if item.kind not in self._ways:
            raise ActionRefused(
                say("no [[waiting.rerun_by]] is named {name}; run it yourself", name=item.kind)
            )
        return self._ways[item.kind]


def _start(way: WaitingRerunBy, item: WaitingItem) -> Sent:
    words = {"name": item.kind, "key": item.key, "id": item.execution_id}
    argv = [way.command[0], *(_filled(word, words) for word in way.command[1:])]
    try:
        done = run_program(argv, way.timeout_seconds)
    except OSError as error:
        raise ActionRefused(
            say(
                "{path} cannot be started ({reason}); check `command` of its [[waiting.rerun_by]]",
                path=argv[0],
                reason=error.strerror or "unknown",
            )
        ) from error
    if done.code == 0:
        return Sent("")
    raise ActionUnconfirmed(_ended(done, way))


def _filled(word: str, words: Mapping[str, str]) -> str:
    """What was filled in is not looked at again."""
    return PLACE.sub(lambda match: words[match[1]], word)


def _ended(done: Done, way: WaitingRerunBy) -> Message:
    if done.code is None:
        return say(
            "its command did not end within {seconds} s and was ended ({said})",
            seconds=f"{way.timeout_seconds:g}",
            said=done.said,
        )
    return say("its command ended with {code} ({said})", code=done.code, said=done.said)


def _post(way: WaitingRerunBy, item: WaitingItem) -> Sent:
    shape = {"name": item.kind, "key": item.key, "id": item.execution_id, "step": item.step_id}
    try:
        reply = post_json(Dialer(), way.url, shape, min(way.timeout_seconds, POST_SECONDS))
    except PostError as error:
        raise ActionUnconfirmed(error.reason) from error
    if 200 <= reply.status < 300:
        return Sent("")
    raise ActionRefused(say("its address answers {status}", status=reply.status))
