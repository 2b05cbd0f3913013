import pytest

from data.home import Home
from tests.data.stores import opened
from tests.faults.truth import NOW, TICKS, Truth, copy_of, truth_of, write_and_die
from tests.faults.writer import FORKING


@pytest.fixture(scope="session")
def pristine(tmp_path_factory) -> Home:
    home = Home(tmp_path_factory.mktemp("pristine") / "home")
    home.make()
    writer = FORKING.Process(target=write_and_die, args=(home.path,))
    writer.start()
    writer.join()
    for name in ("ops.duckdb", "ops.duckdb.wal", "control.sqlite3", "control.sqlite3-wal"):
        assert (home.path / name).stat().st_size > 0, name
    return home


@pytest.fixture(scope="session")
def truth(pristine, tmp_path_factory) -> Truth:
    home = copy_of(pristine, tmp_path_factory.mktemp("whole"))
    store = opened(home, NOW)
    assert store.report.losses == ()
    found = truth_of(store)
    store.close()
    assert len(found.counts) == TICKS
    assert all(len(rows) > 100 for rows in found.rollups.values())
    return found
