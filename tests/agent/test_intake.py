"""What is sent to the hub: taken once, from whom it may come, and never more than it can bear."""

import gzip
import json
import time

import httpx
import pytest

from agent.server import Door, ServerLoop, listen_on_tcp, outer_app
from agent.turnstile import Turnstile
from data.control import Control
from data.registry import machines as machines_kept
from data.registry import pushes
from data.tokens import Holder, create, revoke
from models.errors import StoreFull
from tests.agent.intaking import NOW, NoView, hub_in, rows_of_machine, shape_of

pytestmark = pytest.mark.slow

AT = int(NOW)
NAMES = [
    "gpu-1",
    'gpu "1"',
    "gpu 🚀",
    "<b onclick=x>gpu</b>",
    "'; DROP TABLE series; --",
    "a/b%2F?#",
]


def compressed(content: bytes) -> bytes:
    """Without the time: the names of the tests are made of it."""
    return gzip.compress(content, mtime=0)


def stored(*seqs: int) -> list[tuple]:
    return [(AT + 10 * seq, "machine.cpu.limit", float(seq), 1) for seq in seqs]


def buckets(*seqs: int) -> list[tuple[int, int]]:
    return [(seq, AT + 10 * seq) for seq in seqs]


def test_a_push_is_stored_shown_and_acknowledged(hub, token):
    answer = hub.push(token, shape_of(*buckets(1, 2)))
    [(key, value, at)] = hub.board.latest()

    assert answer.json() == {"stored": 2, "at": NOW, "format": 1, "hub": "vps"}
    assert hub.rows("gpu-1") == stored(1, 2)
    assert (key.machine, value, at) == ("gpu-1", 2.0, NOW)
    [machine] = machines_kept(hub.store.control)
    assert (machine.name, machine.token, machine.last_bucket_at) == ("gpu-1", "gpu", AT + 20)


def test_a_batch_that_comes_again_is_stored_once(hub, token):
    for shape in (shape_of(*buckets(1, 2)), shape_of(*buckets(1, 2)), shape_of(*buckets(2, 3))):
        assert hub.push(token, shape).status_code == 200
    again = hub.push(token, shape_of(*buckets(1)))

    assert again.json()["stored"] == 3
    assert hub.rows("gpu-1") == stored(1, 2, 3)


def test_a_batch_that_comes_again_after_a_restart_is_stored_once(tmp_path):
    with hub_in(tmp_path) as first:
        token = create(first.home, "gpu", NOW, ["push"])
        first.push(token, shape_of(*buckets(1, 2)))
    with hub_in(tmp_path) as second:
        answer = second.push(token, shape_of(*buckets(1, 2, 3)))

        assert answer.json()["stored"] == 3
        assert second.rows("gpu-1") == stored(1, 2, 3)


def test_a_crash_between_the_store_and_control_neither_doubles_nor_loses(tmp_path, monkeypatch):
    def crash(*_):
        raise StoreFull("control: the disk is full. Make room on it.")

    with hub_in(tmp_path) as first:
        token = create(first.home, "gpu", NOW, ["push"])
        first.push(token, shape_of(*buckets(1)))
        monkeypatch.setattr("agent.machines.keep_push", crash)
        refused = first.push(token, shape_of(*buckets(2, 3)))
        monkeypatch.undo()

        assert refused.status_code == 503
        assert [pushed.last_seq for pushed in pushes(first.store.control)] == [1]
    with hub_in(tmp_path) as second:
        answer = second.push(token, shape_of(*buckets(2, 3, 4)))

        assert answer.json()["stored"] == 4
        assert second.rows("gpu-1") == stored(1, 2, 3, 4)


def test_what_the_store_refuses_may_come_again(hub, token, monkeypatch):
    def full(*_):
        raise StoreFull("ops: the disk is full. Make room on it.")

    with monkeypatch.context() as patched:
        patched.setattr(hub.store, "write", full)
        refused = hub.push(token, shape_of(*buckets(1, 2)))
    taken = hub.push(token, shape_of(*buckets(1, 2)))

    assert (refused.status_code, taken.status_code) == (503, 200)
    assert hub.rows("gpu-1") == stored(1, 2)


def test_numbers_of_another_run_and_of_another_machine_are_their_own(hub, token):
    hub.push(token, shape_of(*buckets(1, 2)))
    hub.push(token, shape_of(*buckets(1), run="2-bb"))
    hub.push(token, shape_of(*buckets(1), machine="gpu-2"))

    assert hub.rows("gpu-1") == sorted(stored(1, 1, 2))
    assert hub.rows("gpu-2") == stored(1)


def test_buckets_that_the_spool_had_no_room_for_are_counted(hub, token):
    hub.push(token, shape_of(*buckets(1)))
    hub.push(token, shape_of(*buckets(8, 9, 12), dropped=8))

    [machine] = machines_kept(hub.store.control)
    assert machine.lost == 8
    states = {state.name: state for state in hub.machines.states()}
    assert "80 s of its history are lost" in str(states["gpu-1"].note)


@pytest.mark.parametrize("name", NAMES)
def test_any_name_that_can_be_shown_is_taken_as_it_is(hub, token, name):
    assert hub.push(token, shape_of(*buckets(1), machine=name)).status_code == 200
    assert hub.rows(name) == stored(1)
    quoted = "".join(f"%{byte:02X}" for byte in name.encode())
    told = hub.inner.post(f"/machines/{quoted}", json={"state": "off"}).json()

    assert {each["name"]: each["state"] for each in told["machines"]} == {"vps": "on", name: "off"}


def test_a_machine_of_one_token_is_not_another_tokens(hub, token):
    other = create(hub.home, "other", NOW, ["push"])
    hub.push(token, shape_of(*buckets(1)))
    refused = hub.push(other, shape_of(*buckets(2)))

    assert refused.status_code == 409
    assert "belongs to the token gpu" in refused.json()["error"]
    hub.inner.post("/machines/gpu-1", json={"state": "forget"})
    assert hub.push(other, shape_of(*buckets(2))).status_code == 200
    assert hub.rows("gpu-1") == stored(1, 2)


def test_two_probes_under_one_name_are_told(hub, token):
    hub.push(token, shape_of(*buckets(1)))
    refused = hub.push(token, shape_of(*buckets(1), probe="b" * 16, run="1-bb"))

    assert refused.status_code == 409
    assert "another probe reports as gpu-1 right now" in refused.json()["error"]


def test_the_hubs_own_name_is_refused(hub, token):
    refused = hub.push(token, shape_of(*buckets(1), machine="vps"))

    assert refused.status_code == 409
    assert hub.rows("vps") == []


@pytest.mark.parametrize("scopes", [None, ["metrics"], "revoked"])
@pytest.mark.parametrize("path", ["/push", "/beat/dump?every=1h", "/jobs", "/probe.pyz"])
def test_without_a_token_for_it_nothing_is_taken(hub, scopes, path):
    made = create(hub.home, "reader", NOW, ["push"] if scopes == "revoked" else ["metrics"])
    if scopes == "revoked":
        revoke(hub.home, "reader", NOW)
    headers = {} if scopes is None else {"authorization": f"Bearer {made}"}
    ask = hub.outer.get if path == "/probe.pyz" else hub.outer.post
    answer = ask(path, headers=headers)

    assert answer.status_code == (403 if scopes == ["metrics"] else 401)
    assert "agent token create" in answer.json()["error"]


def test_a_token_for_pushing_reads_nothing(hub, token):
    headers = {"authorization": f"Bearer {token}"}

    assert hub.outer.get("/metrics", headers=headers).status_code == 403
    assert hub.outer.get("/health", headers=headers).status_code == 404
    assert hub.outer.get("/machines", headers=headers).status_code == 404
    assert hub.outer.post("/machines/gpu-1", headers=headers).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"garbage", b"\x1f\x8b", compressed(b"garbage"), compressed(b"[" * 100_000)),
        *(compressed(b"{}"), compressed(b"[]"), compressed(b"null"), b"\x00" * 100_000),
        compressed(json.dumps(shape_of((1, AT))).encode())[:-9],
    ],
)
def test_garbage_is_refused_with_a_sentence(hub, token, body):
    answer = hub.push(token, body)

    assert answer.status_code in (422, 426)
    assert answer.json()["error"]
    assert hub.push(token, shape_of(*buckets(1))).status_code == 200


def test_ten_megabytes_are_not_read(hub, token):
    assert hub.push(token, b"\x00" * 10_000_000).status_code == 413
    assert hub.push(token, shape_of(*buckets(1))).status_code == 200


def test_a_gzip_bomb_is_not_unpacked(hub, token):
    bomb = compressed(b" " * 100_000_000)
    answer = hub.push(token, bomb)

    assert len(bomb) < 1_000_000
    assert answer.status_code == 413
    assert "8000000 bytes when unpacked" in answer.json()["error"]


def test_a_bucket_of_tomorrow_is_not_stored(hub, token):
    answer = hub.push(token, shape_of((1, AT), (2, AT + 86_400)))

    assert answer.json()["stored"] == 2
    assert hub.rows("gpu-1") == [(AT, "machine.cpu.limit", 1.0, 1)]


def test_a_machine_has_as_many_series_as_a_collector_may(hub, token):
    def rows(start):
        return [["a", {"n": str(n)}, 1] for n in range(start, start + 3000)]

    hub.push(token, shape_of(buckets=[[1, AT, rows(0)], [2, AT + 10, rows(3000)]]))

    assert len(hub.rows("gpu-1")) == 5000


def test_the_screen_shows_no_more_series_than_the_store_takes(hub, token):
    def rows(start):
        return [["a", {"n": str(n)}, 1] for n in range(start, start + 3000)]

    hub.push(token, shape_of(buckets=[[1, AT, rows(0)], [2, AT + 10, rows(3000)]]))

    assert len(hub.board.latest()) == 5000


def test_a_value_that_no_store_holds_is_not_shown_either(hub, token):
    answer = hub.push(token, shape_of(buckets=[[1, AT, [["a", {}, 1e308], ["b", {}, 1.0]]]]))

    assert answer.status_code == 200
    assert [key.name for key, _, _ in hub.board.latest()] == ["b"]


def test_days_long_gone_make_no_tables(hub, token):
    day = 86_400
    old = [[n, (n - 1) * day, [["a", {}, 1.0]]] for n in range(1, 51)]
    late = [51, AT - 30 * day, [["a", {}, 2.0]]]
    answer = hub.push(token, shape_of(buckets=[*old, late]))

    assert answer.json()["stored"] == 51
    assert [row[0] for row in hub.rows("gpu-1")] == [AT - 30 * day]


def test_half_a_character_stops_nobody(hub, token):
    half = "\ud800"
    rows = [["a", {half: half}, 1.0]]
    told = shape_of(version=half, problems=[half], buckets=[[1, AT, rows]])

    assert hub.push(token, told).status_code == 200
    assert hub.inner.get("/machines").status_code == 200
    assert [key.labels for key, _, _ in hub.board.latest()] == [(("?", "?"),)]


def test_a_count_that_would_burst_the_roll_ups_is_refused(hub, token):
    answer = hub.push(token, shape_of(buckets=[[1, AT, [["a", {}, 1, 1, 1, 2**31 - 1]]]]))

    assert answer.status_code == 422
    assert "whole number from 1 to 10000" in answer.json()["error"]


def test_checks_of_any_name_leave_nothing_in_memory(hub, token):
    for run in ("1-aa", "1-bb"):
        assert hub.push(token, shape_of(run=run, check=True)).status_code == 200

    assert hub.machines._last_seqs == {}  # noqa: SLF001 (what it holds for ever)


def test_who_asks_too_often_is_told_when_to_come_again():
    tcp = listen_on_tcp("127.0.0.1", 0)
    url = f"http://127.0.0.1:{tcp.getsockname()[1]}/metrics"
    turnstile = Turnstile(lambda: 0.0, per_second=0.5, burst=2)
    app = outer_app(NoView(), {"a": Holder("a"), "b": Holder("b")}.get, None, turnstile)
    loop = ServerLoop([Door(tcp, app)], time.monotonic)
    loop.start()
    answers = [
        httpx.get(url, headers={"authorization": f"Bearer {token}"}, trust_env=False)
        for token in ("a", "a", "a", "b")
    ]
    loop.stop(5)

    assert [answer.status_code for answer in answers] == [200, 200, 429, 200]
    assert answers[2].headers["retry-after"] == "3"


def test_a_check_changes_nothing(hub, token):
    answer = hub.push(token, shape_of(check=True))

    assert answer.json()["stored"] == 0
    assert machines_kept(hub.store.control) == []


def test_one_that_says_goodbye_is_off_until_it_comes_back(hub, token):
    hub.push(token, shape_of(*buckets(1)))
    hub.push(token, shape_of(*buckets(2), leaving=True))
    hub.clock.now += 3600
    off = hub.inner.get("/machines").json()["machines"][1]
    hub.push(token, shape_of(*buckets(1), run="2-aa"))
    on = hub.inner.get("/machines").json()["machines"][1]

    assert (off["state"], off["note"]["template"]) == ("off", "off, ₩0/h")
    assert on["state"] == "on"


def test_what_is_nothing_of_a_machine_is_told(hub):
    unknown = hub.inner.post("/machines/nobody", json={"state": "off"})
    strange = hub.inner.post("/machines/nobody", json={"state": "up"})

    assert unknown.status_code == 404
    assert "it knows: none" in unknown.json()["error"]
    assert strange.status_code == 422
    assert hub.inner.post("/pumps/nobody", json={"state": "off"}).status_code == 404


def test_who_is_no_command_switches_nothing(hub, token):
    """A page holds the socket open for whoever looks at it."""
    hub.push(token, shape_of(*buckets(1)))
    for path, state in (("/machines/gpu-1", "off"), ("/machines/gpu-1", "forget")):
        answer = hub.inner.post(path, json={"state": state}, headers={"x-sallim-via": "page"})
        assert answer.status_code == 403
        assert "agent machines" in answer.json()["error"]

    assert hub.inner.get("/machines").json()["machines"][1]["state"] == "on"


def test_the_registry_is_checked_when_control_is_opened(tmp_path):
    with hub_in(tmp_path) as hub:
        token = create(hub.home, "gpu", NOW, ["push"])
        hub.push(token, shape_of(*buckets(1)))
        path = hub.home.control
    control = Control.open(path)

    assert [machine.name for machine in machines_kept(control)] == ["gpu-1"]
    control.close()


def test_jobs_are_handed_over_from_both_doors(hub, token):
    headers = {"authorization": f"Bearer {token}"}
    job = {"job_id": "7", "name": "analysis", "state": "succeeded", "ended_at": NOW}
    one = hub.outer.post("/jobs", json=job, headers=headers)
    several = hub.inner.post("/jobs", json={"jobs": [job, {**job, "job_id": "8"}]})

    assert (one.json(), several.json()) == ({"taken": 1}, {"taken": 2})
    assert [told["job_id"] for told in hub.jobs] == ["7", "7", "8"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        *((b"", 422), (b"[]", 422), (b'{"jobs": 5}', 422), (b'{"jobs": [5]}', 422)),
        *((b'{"name": "x"}', 422), (b'{"jobs": [' + b"{}," * 1000 + b"{}]}", 413)),
    ],
)
def test_jobs_that_are_none_are_refused(hub, body, status):
    assert hub.inner.post("/jobs", content=body).status_code == status
    assert hub.jobs == []


def test_the_rows_of_the_store_are_what_was_pushed_also_for_late_ones(hub, token):
    """An outage that is caught up: rows arrive long after their minute was rolled up."""
    hub.clock.now += 1200
    for start in range(1, 121, 30):
        hub.store.maintain(hub.clock.now)
        hub.push(token, shape_of(*buckets(*range(start, start + 30))))
    hub.store.maintain(hub.clock.now)

    assert rows_of_machine(hub.store, "gpu-1") == stored(*range(1, 121))
