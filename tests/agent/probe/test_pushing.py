"""The pusher against a real hub: order, clocks, what cannot be read, goodbye."""

import time
import zlib

import pytest

from agent.probe.clock import HubClock
from agent.probe.hub import Hub
from agent.probe.pushing import Pusher
from data.spool import Spool
from data.tokens import create
from models.errors import SourceUnreachable
from models.monitoring import Aggregate, Row, SeriesKey
from models.pushing import Head, text_of_rows
from tests.agent.intaking import NOW, Clock, hub_in, rows_of_machine
from tests.processes import free_port, until

pytestmark = pytest.mark.slow

AT = int(NOW)
SERIES = 50


class Wall(Clock):
    """The wall clock of the probe's machine."""


def head(spool: Spool):
    def of(run: str, leaving: bool) -> Head:
        return Head(spool.probe, run, "gpu-1", "0.1.0", 10.0, leaving, spool.dropped_records)

    return of


@pytest.fixture
def spool(tmp_path):
    spool = Spool(tmp_path / "spool", 10_000_000)
    yield spool
    spool.close()


def keep(spool: Spool, at: int, value: float, *, own_clock: bool = True, name="a") -> None:
    rows = [
        Row(SeriesKey("gpu-1", name, (("n", str(n)),)), "", at, Aggregate(value, value, value, 1))
        for n in range(SERIES)
    ]
    text = f"{at},{int(own_clock)}\n{text_of_rows(rows)}"
    spool.append(zlib.compress(text.encode()), len(rows))


def pusher_to(url: str, token: str, spool: Spool, wall=None) -> Pusher:
    clock = HubClock(wall or Clock())
    return Pusher(Hub(url, token), spool, clock, head(spool), 10)


def moments(rows: list[tuple]) -> list[int]:
    return sorted({at for at, *_ in rows})


def test_ten_minutes_of_buckets_arrive_once_through_a_hub_that_restarts(tmp_path, spool):
    """Sixty buckets wait when the hub comes; it goes in between, and comes back elsewhere."""
    for number in range(60):
        keep(spool, AT - 600 + 10 * number, number)
    with hub_in(tmp_path) as hub:
        token = create(hub.home, "gpu", NOW, ["push"])
        pusher = pusher_to(f"http://127.0.0.1:{hub.port}", token, spool)
        pusher.start()
        pusher.wake()
        until(lambda: 0 < spool.waiting < 60)
    with hub_in(tmp_path) as hub:
        assert pusher.stop(0.5) is False
        again = pusher_to(f"http://127.0.0.1:{hub.port}", token, spool)
        again.start()
        again.wake()
        until(lambda: not spool.waiting)
        assert again.stop(5) is True
        rows = hub.rows("gpu-1")

    expected = [
        (AT - 600 + 10 * number, "a", float(number), 1)
        for number in range(60)
        for _ in range(SERIES)
    ]
    assert rows == expected


@pytest.mark.parametrize("skew_seconds", [-86_400, -6, 6, 86_400, 1e9])
def test_what_a_wrong_clock_collected_is_set_right_by_the_hubs(tmp_path, spool, skew_seconds):
    wall = Wall(NOW - skew_seconds)
    keep(spool, int(wall()) - 30, 1.0)
    keep(spool, AT - 20, 2.0, own_clock=False)
    with hub_in(tmp_path) as hub:
        token = create(hub.home, "gpu", NOW, ["push"])
        pusher = pusher_to(f"http://127.0.0.1:{hub.port}", token, spool, wall)
        pusher.greet(5)
        assert pusher.stop(5) is True
        values = {value: at for at, _, value, _ in hub.rows("gpu-1")}

    assert abs(values[1.0] - (AT - 30)) <= 10
    assert values[2.0] == AT - 20


def test_a_clock_that_is_right_enough_is_believed():
    wall = Wall(NOW)
    clock = HubClock(wall, Clock(0.0))

    assert clock.learn(NOW + 4.0, 0.2) is False
    assert clock.wall() == NOW
    assert clock.learn(NOW + 90.0, 0.2) is True
    assert clock.wall() == pytest.approx(NOW + 90.1)
    assert clock.learn(NOW + 90.2, 0.2) is False
    assert clock.learn(NOW + 0.5, 0.2) is True
    assert clock.wall() == NOW


def test_one_bucket_that_the_hub_cannot_read_does_not_hold_up_the_others(tmp_path, spool, caplog):
    keep(spool, AT - 40, 1.0)
    keep(spool, AT - 30, 2.0, name="x" * 400)
    spool.append(b"of another version", 1)
    keep(spool, AT - 20, 3.0)
    with hub_in(tmp_path) as hub:
        token = create(hub.home, "gpu", NOW, ["push"])
        pusher = pusher_to(f"http://127.0.0.1:{hub.port}", token, spool)
        pusher.start()
        pusher.wake()
        until(lambda: not spool.waiting)
        pusher.stop(3)
        rows = hub.rows("gpu-1")

    assert moments(rows) == [AT - 40, AT - 20]
    assert spool.dropped_records == 2
    assert "the bucket 2 is left out" in caplog.text
    assert "the bucket 3 is left out" in caplog.text


def test_a_goodbye_that_nobody_hears_takes_no_longer_than_it_may(spool):
    keep(spool, AT, 1.0)
    pusher = pusher_to(f"http://127.0.0.1:{free_port()}", "slm_x", spool)
    pusher.start()
    pusher.wake()
    until(lambda: pusher.trouble)
    began = time.monotonic()
    heard = pusher.stop(2)

    assert heard is False
    assert time.monotonic() - began < 4
    assert spool.waiting == 1
    assert isinstance(pusher.trouble, SourceUnreachable)


def test_what_waits_of_an_earlier_run_goes_first(tmp_path):
    first = Spool(tmp_path / "spool", 1_000_000)
    keep(first, AT - 60, 1.0)
    keep(first, AT - 50, 2.0)
    first.close()
    second = Spool(tmp_path / "spool", 1_000_000)
    keep(second, AT - 20, 3.0)
    with hub_in(tmp_path) as hub:
        token = create(hub.home, "gpu", NOW, ["push"])
        pusher = pusher_to(f"http://127.0.0.1:{hub.port}", token, second)
        pusher.start()
        assert pusher.stop(5) is True
        states = {state.name: state.state for state in hub.machines.states()}
        rows = rows_of_machine(hub.store, "gpu-1")
    second.close()

    assert moments(rows) == [AT - 60, AT - 50, AT - 20]
    assert states == {"vps": "on", "gpu-1": "off"}
