"""What servers say, as recorded from PostgreSQL 13 to 17 and libpq, and what a person hears."""

import pytest

from agent.collectors.postgres.refusals import Address, quoted, refusal
from models.errors import SourceRefused, SourceUnreachable

ADDRESS = Address.of("postgresql://sallim@db.internal:5433/videos?sslmode=prefer", "PG_PASSWORD")
AT = 'connection failed: connection to server at "10.0.0.5", port 5433 failed: '
NO_ENTRY = "FATAL:  no pg_hba.conf entry for"
WHO = 'user "sallim", database "videos"'
RESERVED = "remaining connection slots are reserved for roles with the SUPERUSER attribute"


def told(text: str) -> tuple[type, str]:
    failure = refusal("postgres:main", ADDRESS, AT + text)
    return type(failure), str(failure)


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("fe_sendauth: no password supplied", 'for example "PG_PASSWORD"'),
        (
            'FATAL:  password authentication failed for user "sallim"',
            "`ALTER ROLE sallim PASSWORD '...'`",
        ),
        ('FATAL:  Peer authentication failed for user "sallim"', "(peer)"),
        (f'{NO_ENTRY} host "10.0.0.9", {WHO}, no encryption', "?sslmode=require"),
        (
            f'{NO_ENTRY} host "10.0.0.9", {WHO}, SSL encryption',
            "host videos sallim 10.0.0.9/32 scram-sha-256",
        ),
        (f'{NO_ENTRY} host "fd00::9", {WHO}, SSL off', "fd00::9/128"),
        (
            f'FATAL:  pg_hba.conf rejects connection for host "[local]", {WHO}, no encryption',
            "local videos sallim scram-sha-256",
        ),
        ("server does not support SSL, but SSL was required", "ssl = on"),
        ("SSL error: certificate verify failed", "sslrootcert"),
        ('FATAL:  database "videos" does not exist', "`CREATE DATABASE videos`"),
        ('FATAL:  role "sallim" does not exist', "GRANT pg_monitor TO sallim"),
        (
            'FATAL:  permission denied for database "videos"',
            "`GRANT CONNECT ON DATABASE videos TO sallim`",
        ),
        ('FATAL:  사용자 "sallim"의 password 인증을 실패했습니다', "인증을 실패했습니다"),
    ],
)
def test_a_refusal_is_told_with_what_a_person_does(text, cure):
    kind, sentence = told(text)

    assert kind is SourceRefused
    assert cure in sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("FATAL:  the database system is starting up", "is starting up"),
        ("FATAL:  the database system is not yet accepting connections", "is starting up"),
        ("FATAL:  the database system is shutting down", "is shutting down"),
        ("FATAL:  the database system is in recovery mode", "recovers from a crash"),
        ("FATAL:  sorry, too many clients already", "max_connections"),
        (f"FATAL:  {RESERVED}", "max_connections"),
        ("Connection refused", "is it running"),
        ("server closed the connection unexpectedly", "is it running"),
    ],
)
def test_what_passes_by_itself_is_tried_again(text, sentence):
    kind, said = told(text)

    assert kind is SourceUnreachable
    assert sentence in said


def test_no_sentence_holds_a_password_or_a_screen_full():
    address = Address.of("postgresql://me:canary0123@db/videos", "")
    said = str(refusal("postgres:main", address, "x password=canary0123 " + "garbage " * 10_000))

    assert "canary" not in said
    assert len(said) < 600


def test_names_are_quoted_where_they_must_be():
    assert quoted('we"ird') == '"we""ird"'
    assert quoted("sallim") == "sallim"


def test_an_address_names_server_user_and_database():
    socket = Address.of("postgresql://my%40role@/videos?host=/run/postgresql", "")

    assert (socket.where, socket.user, socket.database) == (
        "/run/postgresql",
        "my@role",
        "videos",
    )
    assert ADDRESS.where == "db.internal:5433"
