"""From what was found to a short settings file that can be used as it is."""

import itertools

import pytest

from models.connect import (
    LINES_MAX,
    QUESTIONS_MAX,
    Found,
    Kind,
    questions_for,
    secrets_needed,
    settings_text,
    spent_before,
)
from models.errors import ConfigError
from models.messages import say
from models.settings.problems import settings_of

WHERE = {
    Kind.GPU: "RTX 4090",
    Kind.POSTGRES: "127.0.0.1:5432",
    Kind.REDIS: "127.0.0.1:6379",
    Kind.N8N: "http://127.0.0.1:5678",
    Kind.OLLAMA: "http://127.0.0.1:11434",
    Kind.NODE_EXPORTER: "http://127.0.0.1:9100/metrics",
    Kind.DOCKER: "/run/docker.sock",
    Kind.UNITS: "n8n.service",
}
EVERYTHING = [Found(kind, where, say(where)) for kind, where in WHERE.items()]
SECOND = Found(Kind.POSTGRES, "127.0.0.1:5433", say("another"))


@pytest.mark.parametrize("count", range(len(EVERYTHING) + 1))
def test_whatever_is_found_at_most_eight_things_are_asked_and_the_usual_answers_work(count):
    for found in itertools.combinations(EVERYTHING, count):
        questions = questions_for(found, "vps", "Asia/Seoul")
        text = settings_text(found, {question.key: question.usual for question in questions})

        assert len(questions) <= QUESTIONS_MAX
        assert len(text.splitlines()) <= LINES_MAX
        assert settings_of(text, "sallim.toml").machine.name == "vps"


def test_nobody_is_asked_about_what_is_not_there():
    asked = {question.key for question in questions_for([], "vps", "Asia/Seoul")}

    assert asked == {"machine", "timezone", "spent", "endpoints"}


def test_of_the_largest_household_only_the_queues_are_left_to_the_settings():
    asked = {question.key for question in questions_for(EVERYTHING, "vps", "Asia/Seoul")}

    assert len(asked) == QUESTIONS_MAX
    assert {"spent", "endpoints", "n8n_key", "postgres_password"} <= asked
    assert "redis_queues" not in asked


@pytest.mark.parametrize("answer", ["3200", "3200 0 0", "-1 0", "1.5 0", "12 won", "9999999999 0"])
def test_what_the_month_had_cost_are_two_amounts_of_won(answer):
    with pytest.raises(ConfigError, match="3200 0"):
        spent_before({"spent": answer})


def test_the_largest_household_still_fits_in_thirty_lines():
    answers = {"endpoints": "http://a/1, https://b/2, tcp://c:3, http://d/4", "redis_queues": "a,b"}
    text = settings_text([*EVERYTHING, SECOND], answers)
    settings = settings_of(text, "sallim.toml")

    assert len(text.splitlines()) <= LINES_MAX
    assert [server.name for server in settings.postgres] == ["main", "main-2"]
    assert settings.redis[0].queues == ("a", "b")
    assert [endpoint.url for endpoint in settings.endpoint] == [
        "http://a/1",
        "https://b/2",
        "tcp://c:3",
    ][: len(settings.endpoint)]


def test_what_a_person_answers_cannot_break_out_of_its_line():
    text = settings_text([], {"machine": 'a"\n[server]\nlisten = "0.0.0.0:1"'})

    assert "[server]\n" not in text


def test_secrets_are_named_and_a_database_without_one_needs_none():
    answers = {"n8n_key": "MY_KEY", "postgres_password": "-"}
    text = settings_text(EVERYTHING, answers)

    assert secrets_needed(text) == ["MY_KEY"]
    assert settings_of(text, "sallim.toml").postgres[0].password == ""


@pytest.mark.parametrize(
    "answers",
    [
        {"postgres_user": "x@attacker.example:5432/db?"},
        {"postgres_database": "db?host=attacker.example&sslkey=/etc/passwd"},
    ],
)
def test_no_answer_sends_the_password_to_another_host(answers):
    from psycopg.conninfo import conninfo_to_dict

    settings = settings_of(settings_text(EVERYTHING, answers), "sallim.toml")
    asked = conninfo_to_dict(settings.postgres[0].url)

    assert (asked["host"], asked["port"]) == ("127.0.0.1", "5432")
    assert set(asked) == {"host", "port", "user", "dbname"}
