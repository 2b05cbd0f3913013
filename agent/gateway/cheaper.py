"""A cheaper model in the place of a dearer one, where `[[graceful]]` names both.

The only change that the gateway makes to what a call means; the answer says so in a header.
"""

import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.gateway.bodies import says_twice
from agent.gateway.heads import Header
from agent.gateway.relay import Aside
from agent.gateway.routes import Way
from models.budget.graceful import step_for, steps_in_force
from models.settings.graceful import Graceful
from sallim.ledger.errors import LedgerError
from sallim.ledger.money_rows import ESSENTIAL
from sallim.ledger.statement_rows import Balance

log = logging.getLogger(__name__)

FRESH_SECONDS = 2.0
QUICK_BYTES_MAX = 64_000
"""A longer body is read on a thread."""
HEADER = b"x-sallim-model"
IN_PATH = re.compile(r"(?<=/models/)[^/:]+(?=:\w+$)")
IN_TARGET = re.compile(IN_PATH.pattern.encode())
"""Gemini's name their model there, and not in the body."""


@dataclass(frozen=True, slots=True)
class Step:
    """A call as it goes on."""

    way: Way
    content: bytes
    header: Header


class Cheaper:
    """For one event loop. `balances` may have to wait for the ledger."""

    def __init__(
        self, rules: Sequence[Graceful], balances: Callable[[], Sequence[Balance]], aside: Aside
    ) -> None:
        self._rules = [rule for rule in rules if rule.from_model and rule.to_model]
        self._balances = balances
        self._aside = aside
        self._steps: Sequence[Graceful] = ()
        self._read_at = float("-inf")
        self._counts: Counter[str] = Counter()

    async def step(self, way: Way, content: bytes, priority: str) -> Step | None:
        """None for what goes on as it is: also where the ledger cannot say how much is spent."""
        if not self._rules or priority == ESSENTIAL or not self._may_concern(way, content):
            return None
        steps = await self._in_force()
        if not steps:
            return None
        if len(content) <= QUICK_BYTES_MAX:
            found = _replaced(way, content, steps)
        else:
            found = await self._aside(_replaced, way, content, steps)
        if found is None:
            return None
        rule, changed = found
        self._count(rule)
        return changed

    def _may_concern(self, way: Way, content: bytes) -> bool:
        return any(
            rule.from_model in way.path or rule.from_model.encode() in content
            for rule in self._rules
        )

    async def _in_force(self) -> Sequence[Graceful]:
        now = time.monotonic()
        if now - self._read_at >= FRESH_SECONDS:
            try:
                balances = await self._aside(self._balances)
            except LedgerError as trouble:
                log.warning("no model is replaced, the ledger cannot be read: %s", trouble)
                balances = ()
            self._steps, self._read_at = steps_in_force(self._rules, balances), now
        return self._steps

    def _count(self, rule: Graceful) -> None:
        """The log says 1, 10, 100 ...: each answer says it for itself."""
        self._counts[rule.name] += 1
        count = self._counts[rule.name]
        if str(count).strip("0") == "1":
            log.info(
                "graceful %s: %d calls of %s were sent to %s since the settings were read",
                *(rule.name, count, rule.from_model, rule.to_model),
            )


def _replaced(way: Way, content: bytes, steps: Sequence[Graceful]) -> tuple[Graceful, Step] | None:
    found = IN_PATH.search(way.path)
    if found is not None:
        rule = step_for(found.group(), steps)
        return None if rule is None else (rule, _step(_in_path(way, rule), content, rule))
    shape = _object(content)
    rule = step_for(str(shape.get("model", "")), steps)
    if rule is None:
        return None
    try:
        changed = json.dumps({**shape, "model": rule.to_model}, allow_nan=False).encode()
    except ValueError:
        return None  # A number that JSON does not have: whoever sent it hears of it as ever.
    return rule, _step(way, changed, rule)


def _step(way: Way, content: bytes, rule: Graceful) -> Step:
    told = f"{rule.to_model} instead of {rule.from_model} ({rule.name})"
    return Step(way, content, (HEADER, told.encode()))


def _in_path(way: Way, rule: Graceful) -> Way:
    """As it is sent, too: a name that is found in it has nothing that is quoted."""
    target = IN_TARGET.sub(rule.to_model.encode(), way.target)
    return way._replace(path=IN_PATH.sub(rule.to_model, way.path), target=target)


def _object(content: bytes) -> dict[str, object]:
    """Empty for what is no object of JSON, or says something twice, which is refused later."""
    try:
        shape = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return shape if isinstance(shape, dict) and not says_twice(content) else {}
