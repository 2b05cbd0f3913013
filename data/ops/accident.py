"""What went wrong with the files, remembered in control from before the first repair until the
account of it is complete: an opening that is killed half-way leaves the rest to the next one.
"""

import json

from data.control import Control
from data.ops.account import Cause
from data.ops.quarantine import Quarantine

KEY = "accident"
ENDS_EARLY = "ops.duckdb ends before its last transactions"


class Accident:
    """Reasons found by this opening, and by those before it that did not come to their end."""

    def __init__(self, control: Control, quarantine: Quarantine) -> None:
        self._control = control
        self._quarantine = quarantine
        kept = json.loads(control.state(KEY) or '{"reasons": [], "quarantine": ""}')
        self._reasons: list[str] = kept["reasons"]
        self._folder: str = kept["quarantine"]
        for reason in quarantine.reasons:
            self.remember(reason)

    @property
    def happened(self) -> bool:
        return bool(self._reasons)

    @property
    def cause(self) -> Cause:
        return Cause("; ".join(self._reasons) or ENDS_EARLY, self._folder)

    def remember(self, reason: str, *, is_kept: bool = True) -> None:
        """Call before anything is changed; `is_kept` when the files go to the quarantine.

        Raises StoreFull: without room to remember it, nothing must be repaired.
        """
        if reason not in self._reasons:
            self._reasons.append(reason)
        if is_kept:
            self._folder = str(self._quarantine.path)
        text = json.dumps({"reasons": self._reasons, "quarantine": self._folder})
        self._control.set_state(KEY, text)

    def close(self) -> None:
        """The account is complete."""
        if self._reasons:
            self._control.clear_state(KEY)
            self._reasons = []
