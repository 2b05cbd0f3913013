import sys
import time

import pytest
import streamlit as st

from agent.attempts import Attempts
from agent.oidc import Oidc
from agent.server import SignIn
from data.home import Home
from data.ops.store import Store, StoreLimits
from models.monitoring import Aggregate, Row, SeriesKey
from pages.entry.visitors import cookie_name, visitors_of
from pages.parts import costs_source
from tests.pages.canned import GPU, HOST, MACHINE, CannedView, serving
from tests.pages.household import House, spend

OPEN = '[house]\nsignin = "off"\n'


@pytest.fixture(autouse=True)
def own_main(monkeypatch):
    """AppTest leaves its script behind as the main module, and no spawned process could load it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def home(tmp_path_factory, monkeypatch):
    """A home of its own, which the pages find as a person would name it; nobody signs in there."""
    home = Home(tmp_path_factory.mktemp("home"))
    (home.path / "sallim.toml").write_text(OPEN)
    monkeypatch.setenv("SALLIM_HOME", str(home.path))
    monkeypatch.setenv("SALLIM_CONFIG", "")
    return home


def rows(now: float, minutes: int = 10) -> list[Row]:
    """Ten minutes that end one minute ago, a value every ten seconds."""
    first = int(now // 10) * 10 - 60 - minutes * 60
    return [
        Row(SeriesKey(MACHINE, name, pairs), "1", first + 10 * n, Aggregate(v, v * 0.9, v * 1.1, 5))
        for (name, pairs), v in (HOST | GPU).items()
        for n in range(minutes * 6)
    ]


@pytest.fixture
def store(home):
    """Ten minutes of every series."""
    now = time.time()
    store = Store.open(home, StoreLimits(free_min_bytes=0), now)
    store.write(rows(now), now)
    yield store
    store.close()


@pytest.fixture
def agent(home, store):
    """Answers on the socket of the home; tests change what it says."""
    view = CannedView(store)
    with serving(view, home):
        yield view


@pytest.fixture
def silent(home, store):
    """A home whose agent has gone: the file is there, the socket is not."""
    store.close()
    return home


@pytest.fixture(params=["empty", "normal", "silent"])
def situation(request):
    """Nothing yet, all well, or the agent gone."""
    request.getfixturevalue({"empty": "home", "normal": "agent", "silent": "silent"}[request.param])
    return request.param


@pytest.fixture(autouse=True)
def nothing_remembered():
    costs_source.buckets_now.clear()
    costs_source.burn_of.clear()
    visitors_of.cache_clear()


@pytest.fixture
def house(home, store, monkeypatch):
    house = House(home, store)
    spend(store, 14_300)
    cookies = property(lambda _: {cookie_name(str(home.path)): house.token})
    monkeypatch.setattr(type(st.context), "cookies", cookies)
    oidc = Oidc(time.monotonic)
    sign_in = SignIn(house.sessions, Attempts(time.monotonic), oidc)
    with serving(house.view, home, sign_in, house.asking.people(0o600)):
        yield house
