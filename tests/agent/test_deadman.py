"""The ping that stops when the agent is not well."""

import logging

import pytest

from agent.deadman import MISSED_MAX, DeadMan
from models.deadman import Pulse
from models.settings import Settings
from tests.servers.http import refused
from tests.servers.sinks import Refusal

WELL = Pulse((), 4.2, 3)
SETTINGS = Settings.model_validate({"notify": {"dead_man_url": "PING_URL"}})


def dead_man(sink, pulse=WELL):
    made = DeadMan(lambda: pulse)
    made.take_over(SETTINGS, {"PING_URL": f"http://127.0.0.1:{sink.port}/ping/secretuuid"})
    return made


def test_it_says_how_the_agent_is(sink):
    dead_man(sink).ping()

    assert sink.taken == [
        ("/ping/secretuuid", {"agent_ok": True, "last_sample_age": 4.2, "outbox_depth": 3})
    ]


@pytest.mark.parametrize("pulse", [Pulse(("store",), 4.2, 0), Pulse((), 999.0, 0)])
def test_it_says_nothing_while_the_agent_is_not_well(sink, pulse):
    dead_man(sink, pulse).ping()

    assert sink.asked == 0


def test_before_the_first_sample_it_is_well(sink):
    dead_man(sink, Pulse((), None, 0)).ping()

    assert sink.taken[0][1]["last_sample_age"] is None


def test_without_an_address_nobody_is_asked(sink):
    made = DeadMan(lambda: WELL)
    made.take_over(Settings(), {})
    made.ping()

    assert sink.asked == 0
    assert not made.problems


@pytest.mark.parametrize("down", [Refusal(500), None])
def test_a_watcher_that_is_not_reached_is_a_problem_and_its_address_stays_a_secret(
    sink, caplog, down
):
    caplog.set_level(logging.DEBUG)
    sink.down = down
    with refused() as nobody:
        made = dead_man(sink if down else nobody)
        for _ in range(MISSED_MAX):
            assert not made.problems
            made.ping()

    assert "does not hear it" in str(made.problems[0])
    assert "secretuuid" not in caplog.text + str(made.problems[0])


@pytest.mark.parametrize("environ", [{}, {"PING_URL": "hc-ping.com/x"}])
def test_an_address_that_is_missing_or_none_is_a_problem(environ):
    made = DeadMan(lambda: WELL)
    made.take_over(SETTINGS, environ)

    assert "PING_URL" in str(made.problems[0])
