"""A house that people sign in to, for tests: real control, a clock that is moved."""

from agent.sessions import Sessions
from data.control import Control
from models.sessions import Browser

NOW = 1_800_000_000.0
PHONE = Browser("Chrome, Android", "10.0.0.7")


class Clock:
    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


class Door:
    """Sessions over a control file that can be opened anew, as after a restart."""

    def __init__(self, path, now: float = NOW) -> None:
        self.path = path
        self.clock = Clock(now)
        self.control = Control.open(path)
        self.sessions = Sessions(self.control, self.clock)

    def restart(self) -> None:
        self.control.close()
        self.control = Control.open(self.path)
        self.sessions = Sessions(self.control, self.clock)

    def enter(self, name: str = "", role: str = "", browser: Browser = PHONE, days: int = 0) -> str:
        link, _ = self.sessions.make_link(name, role, days)
        token, _ = self.sessions.use_link(link, browser)
        return token

    def role(self, token: str) -> str | None:
        actor = self.sessions.who(token)
        return actor and actor.role
