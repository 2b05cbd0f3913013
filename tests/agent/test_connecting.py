"""The first configuration over the socket: shown, written once, never over what is there."""

import threading
import time

import httpx
import pytest

from agent.attempts import Attempts
from agent.connecting import Connecting
from agent.oidc import Oidc
from agent.server import Door, ServerLoop, SignIn, inner_app, listen_on_path
from data.bills.openings import answers, unanswered
from data.connecting import draft, surroundings
from data.home import Home
from data.reader import Reader
from models.connect import Found, Kind
from models.errors import QueryRefused
from models.messages import say
from tests.agent.signing_in import Door as House
from tests.agent.test_server import CannedAgent

pytestmark = pytest.mark.slow

REDIS = Found(Kind.REDIS, "127.0.0.1:1", say("Redis at port 1"))


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.make()
    return home


@pytest.fixture
def reloaded():
    return threading.Event()


@pytest.fixture
def reader(home, reloaded):
    target = home.path / "sallim.toml"
    connecting = Connecting(home, target, "Asia/Seoul", reloaded.set, lambda: [REDIS])
    app = inner_app(CannedAgent(), None, connecting)
    loop = ServerLoop([Door(listen_on_path(home.socket), app)], time.monotonic)
    loop.start()
    yield Reader(home)
    loop.stop(5)


def test_what_is_found_comes_with_what_will_be_asked(reader, home):
    around = surroundings(reader)

    assert around.found == [REDIS]
    assert "redis_queues" in {question.key for question in around.questions}
    assert (around.target, around.exists) == (str(home.path / "sallim.toml"), False)


def test_lines_are_shown_with_a_verdict_and_nothing_is_written(reader, home, reloaded):
    shown = draft(reader, {"machine": "vps", "redis_queues": "a, b"}, write=False)

    assert 'queues = ["a", "b"]' in shown.text
    assert not shown.written
    assert {verdict.name: verdict.level for verdict in shown.verdicts}["redis:main"] == "problem"
    assert not (home.path / "sallim.toml").exists()
    assert not reloaded.is_set()


def test_they_are_written_once_and_taken_over(reader, home, reloaded):
    done = draft(reader, {"machine": "vps", "spent": "3200 0"}, write=True)

    assert done.written
    assert [(each.bucket, each.more_micro) for each in answers(home)] == [
        ("api", 3_200_000_000),
        ("servers", 0),
    ]
    assert reloaded.is_set()
    assert (home.path / "sallim.toml").read_text() == done.text
    assert (home.path / "sallim.toml").stat().st_mode & 0o777 == 0o600
    with pytest.raises(QueryRefused, match="is there already"):
        draft(reader, {"machine": "other"}, write=True)
    assert (home.path / "sallim.toml").read_text() == done.text


@pytest.mark.parametrize(
    "told",
    [
        {"machine": "a\nb"},
        {"timezone": "Nowhere/Land"},
        {"endpoints": "ftp://x"},
        {"spent": "3200"},
        {"x": "y" * 2000},
    ],
)
def test_answers_that_make_no_settings_are_refused_with_the_reason(reader, home, told):
    with pytest.raises(QueryRefused):
        draft(reader, told, write=True)

    assert not (home.path / "sallim.toml").exists()
    assert unanswered(home) == ["api", "servers"]


def test_once_there_are_settings_nothing_is_tried(reader, home):
    (home.path / "sallim.toml").write_text("# mine\n")
    shown = draft(reader, {"machine": "vps"}, write=False)

    assert 'name = "vps"' in shown.text
    assert (shown.verdicts, shown.secrets) == ([], [])


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "SALLIM_TOKEN", "PATH"])
def test_a_page_cannot_make_the_agent_show_any_secret_it_has(reader, home, name):
    for key in ("n8n_key", "postgres_password"):
        with pytest.raises(QueryRefused, match="begin with N8N_, PG_ or POSTGRES_"):
            draft(reader, {key: name}, write=False)


def test_addresses_are_not_asked_for_a_page_before_they_are_written_down(reader):
    shown = draft(reader, {"endpoints": "http://127.0.0.1:9/"}, write=False)

    assert "http://127.0.0.1:9/" in shown.text
    assert not [verdict for verdict in shown.verdicts if "endpoint" in verdict.name]


def test_garbage_is_told_how_to_ask(home, reader):
    transport = httpx.HTTPTransport(uds=str(home.socket))
    with httpx.Client(transport=transport, base_url="http://agent") as client:
        for garbage in (b"[]", b"\xff", b'{"answers": 1}'):
            refused = client.post("/connect", content=garbage)
            assert refused.status_code in (400, 422)
            assert refused.json()["error"]


def test_only_an_owners_page_may_write(tmp_path, home, reloaded):
    door = House(tmp_path / "control.sqlite3")
    target = home.path / "sallim.toml"
    connecting = Connecting(home, target, "Asia/Seoul", reloaded.set, lambda: [REDIS])
    sign_in = SignIn(door.sessions, Attempts(time.monotonic), Oidc(time.monotonic, {}))
    app = inner_app(CannedAgent(), None, connecting, sign_in)
    loop = ServerLoop([Door(listen_on_path(home.socket), app)], time.monotonic)
    loop.start()
    owner, viewer = door.enter(), door.enter("lee", "viewer")
    door.sessions.is_open = True
    try:
        for session in (viewer, "", "slm_stranger"):
            with pytest.raises(QueryRefused, match="Only an owner"):
                draft(Reader(home), {"machine": "vps"}, write=True, session=session)
            assert draft(Reader(home), {"machine": "vps"}, write=False, session=session).text
        assert not target.exists()
        assert draft(Reader(home), {"machine": "vps"}, write=True, session=owner).written
        target.unlink()
        with pytest.raises(QueryRefused, match="Only an owner"):
            draft(Reader(home), {"machine": "vps"}, write=True)
    finally:
        loop.stop(5)
        door.control.close()
