"""The collector in a process like the agent's, in which numpy is barred."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
import sys
from data.lean import stay_lean
stay_lean()
import psycopg
from agent.collectors.postgres import PostgresCollector
from models.settings.postgres import Postgres

url, password, superuser = sys.argv[1:]
collector = PostgresCollector(Postgres(url=url, password="PG_PASSWORD"), password)
collector.collect(0.0)
with psycopg.connect(superuser) as session:
    for _ in range(50):
        session.execute("SELECT count(*) FROM videos")
harvest = collector.collect(400.0)
collector.close()
print(dict(collector.left_out), *(record.name for record in harvest.records), sep="\\n")
"""


def test_numbers_go_into_queries_where_numpy_is_barred(server):
    arguments = [server.url(), server.password, server.socket_url("postgres")]

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], check=False, capture_output=True, text=True
    )

    assert done.stderr == ""
    left_out, *statements = done.stdout.splitlines()
    assert left_out == "{}"
    assert "SELECT count(*) FROM videos" in statements
