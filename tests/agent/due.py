"""A home whose clock a test turns, with what falls due in it and machines that are on."""

from datetime import datetime
from zoneinfo import ZoneInfo

from agent.budgeting import Budgeting
from agent.dues import Dues
from agent.sampling import Clocks
from data.home import Home
from models.machines import MachineState
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from tests.sallim.money import used

SEOUL = ZoneInfo("Asia/Seoul")
WON = 1_000_000


def moment(day, hour=0, month=11):
    return datetime(2026, month, day, hour, tzinfo=SEOUL)


class House:
    """A home whose clock a test turns; the budgets stand in its ledger."""

    def __init__(self, path, **settings):
        self.home = Home(path)
        self.home.make()
        self.now = moment(1)
        self.machines = []
        self.settings = Settings.model_validate(settings)
        clocks = Clocks(self.seconds, self.seconds)
        self.budgeting = Budgeting(self.home, clocks)
        self.told = []
        self.dues = Dues(self.home, lambda: self.machines, clocks, self.told.extend)

    def seconds(self):
        return self.now.timestamp()

    def begin(self, now):
        self.now = now
        self.budgeting.take_over(self.settings)
        self.dues.take_over(self.settings)
        self.dues.step()

    def turn(self, now):
        self.now = now
        self.dues.step()

    @property
    def accounts(self):
        return Accounts.open(self.home.ledger)

    def total(self):
        return used(self.accounts, int(self.now.timestamp() * 1e6))["total"]


def state(name, since):
    return [MachineState("gpu", "probe", name, since.timestamp())]


def taken_over(house, **settings):
    house.settings = Settings.model_validate(settings)
    house.dues.take_over(house.settings)
    house.dues.step()
