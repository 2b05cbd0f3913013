"""What tests of bills share: a desk on loopback, what it counts, a house with a ledger."""

import shutil

import pytest

from agent.budgeting import Budgeting
from agent.sampling import Clocks
from data.bills.notes import began
from data.home import Home
from models.settings import Settings
from tests.agent.bills.using import START
from tests.data.stores import home_in
from tests.standins.bills import desk
from tests.standins.usage import Counted, anthropic_usage, openai_usage


@pytest.fixture
def standing():
    with desk() as standing:
        yield standing


@pytest.fixture
def counted(standing):
    counted = Counted()
    openai_usage(standing, counted)
    anthropic_usage(standing, counted)
    return counted


@pytest.fixture(scope="session")
def furnished(tmp_path_factory):
    home = home_in(tmp_path_factory.mktemp("furnished"))
    began(home, START - 86_400)
    clocks = Clocks(wall=lambda: START, monotonic=lambda: 0.0)
    Budgeting(home, clocks).take_over(Settings())
    return home


@pytest.fixture
def house(tmp_path, furnished):
    """A ledger with budgets and prices, since the day before; a copy for each test."""
    return Home(shutil.copytree(furnished.path, tmp_path / "home"))
