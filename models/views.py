"""What a page knows at one moment: from the agent, or from the store while the agent is silent."""

from dataclasses import dataclass

from models.live import Live


@dataclass(frozen=True, slots=True)
class View:
    """`live` is None when neither the agent nor the store knows anything.

    `silent_since` is the moment (UTC epoch seconds) of the newest stored value, None when there
    is none or the agent answers.
    """

    live: Live | None
    silent: bool
    silent_since: float | None = None

    @property
    def demo(self) -> bool:
        return self.live is not None and self.live.demo


@dataclass(slots=True)
class LastAnswer:
    """What the agent of a home said last to anybody. A frozen agent keeps the store locked, so
    this is then all that is known.
    """

    folder: str
    live: Live | None = None
