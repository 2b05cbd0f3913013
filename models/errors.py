"""Every exception this product raises on purpose.

SallimError
    ConfigError
    SourceError
        SourceUnreachable
        SourceRefused
    StoreError
        StoreLocked
        StoreFull
        StoreDamaged
    QueryRefused
    IntakeRefused
    RequestRefused
    SignInRefused
    AgentSilent
    ActionError
        ActionRefused
        ActionUnconfirmed
        ActionPostponed
    ForecastError
        NoForecast
        OutOfTime
"""

from models.messages import Message


class SallimError(Exception):
    """Catch this to catch everything we raise on purpose."""


class ConfigError(SallimError):
    """The settings cannot be used; the message names the key, the line and a value that works.

    `problems` are all that were found, one sentence each; the text has them one a line.
    """

    def __init__(self, *problems: Message | str) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(
            problem if isinstance(problem, Message) else Message("{text}", {"text": problem})
            for problem in problems
        )


class SourceError(SallimError):
    """A collector could not read its source."""

    def __init__(self, source: str, reason: Message) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class SourceUnreachable(SourceError):
    """No answer in time. Worth another try at the next round."""


class SourceRefused(SourceError):
    """Answered, and said no: a bad key or a missing permission. A person must act."""


class StoreError(SallimError):
    """The store cannot do what was asked; the message says to which file and what to do."""


class StoreLocked(StoreError):
    """Another process owns the store."""


class StoreFull(StoreError):
    """The disk under the store has no room."""


class StoreDamaged(StoreError):
    """A file of the store cannot be read as it was written."""


class QueryRefused(SallimError):
    """A query breaks the rules of the reading door: one SELECT, few rows, little time."""


class IntakeRefused(SallimError):
    """What a probe or a job sent is not taken. `status` is HTTP's number for why.

    Never 400: so answers a proxy that was reached by the wrong protocol, whatever is sent.
    """

    def __init__(self, reason: Message | str, status: int = 422) -> None:
        super().__init__(str(reason))
        self.status = status


class RequestRefused(SallimError):
    """What a person asks for is not done. `status` is HTTP's number for why, `kept` the request
    that the same nonce has already become, where there is one.
    """

    def __init__(self, message: Message, status: int = 422, kept: str = "") -> None:
        super().__init__(str(message))
        self.message = message
        self.status = status
        self.kept = kept


class SignInRefused(SallimError):
    """Somebody is not let in, or may not do what he asks. `status` is HTTP's number for why."""

    def __init__(self, reason: Message, status: int = 403) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.status = status


class AgentSilent(SallimError):
    """The agent's socket does not answer."""


class ActionError(SallimError):
    """Something of the world could not be stopped, started or looked at.

    `reason` says what happened to what, and what a person can do.
    """

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


class ActionRefused(ActionError):
    """The other side said no. What had changed before it did so stands in the message."""


class ActionUnconfirmed(ActionError):
    """No answer after sending. The world may or may not have changed: look before a retry."""


class ActionPostponed(ActionError):
    """Not done, since the other side asks for time: at least `seconds`, 0 where it names none."""

    def __init__(self, reason: Message, seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.seconds = seconds


class ForecastError(SallimError):
    """A series was not forecast; `message` says why, for a page."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class NoForecast(ForecastError):
    """The history does not carry a forecast: too short, too full of holes, no numbers."""


class OutOfTime(ForecastError):
    """A fit was given up: it took longer than it may."""
