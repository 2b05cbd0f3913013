"""Whose call it is: labels, the job around it, and the buckets it counts in."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from sallim.jobs import current_job
from sallim.ledger.money_rows import IMPORTANT, PRIORITIES
from sallim.tellings import key_text


class Labels(NamedTuple):
    """Whose call it is. `analysis` and `key` are those of `sallim.job` where they are not said."""

    workflow: str = ""
    analysis: str = ""
    key: str = ""
    priority: str = IMPORTANT
    api_key_label: str = ""

    def checked(self) -> Labels:
        """Raises ValueError that names the priority."""
        if self.priority not in PRIORITIES:
            raise ValueError(
                f"priority {self.priority!r}: it must be one of {', '.join(PRIORITIES)}"
            )
        return self

    def in_job(self) -> Labels:
        """With what the job around this call says."""
        job = current_job()
        if job is None:
            return self
        key = self.key or key_text(job.key)
        return self._replace(analysis=self.analysis or str(job.name), key=key)

    @lru_cache(maxsize=100)  # noqa: B019 labels are values
    def buckets(self, provider: str) -> tuple[str, ...]:
        """Every bucket that may have a budget of its own; those that have none are passed over."""
        own = (
            ("workflow", self.workflow),
            ("analysis", self.analysis),
            ("key", self.api_key_label),
        )
        named = [f"{kind}:{name}"[:200] for kind, name in own if name]
        return ("total", "api", f"provider:{provider}", *named)
