"""Answers do not wait until what they did cost is written; nothing is lost by it."""

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import textwrap
import threading

import pytest

from sallim.guard.behind import Behind
from tests.house import CHAT

SECONDS = 20.0


def test_an_answer_does_not_wait_for_a_ledger_that_another_process_writes(house):
    other = sqlite3.connect(house.accounts.path, isolation_level=None)
    with house.openai() as sdk:
        chunks = sdk.chat.completions.create(**CHAT, stream=True)
        next(chunks)
        other.execute("BEGIN IMMEDIATE")
        rest = list(chunks)
        written = house.accounts.calls_since(0, 10)
        other.execute("ROLLBACK")
    other.close()

    assert rest
    assert [row.state for row in written] == ["open"]
    house.equals_the_bill()


def test_what_an_earlier_call_gives_back_is_there_for_the_next(house):
    with house.openai(priority="essential") as sdk:
        sdk.chat.completions.create(**CHAT)
        worst_micro, cost_micro = house.row.worst_micro, house.row.gross_micro
        # Room for one worst case beside what all of them cost.
        house.cap((worst_micro + 12 * cost_micro) / 1_000_000)
        for _ in range(10):
            sdk.chat.completions.create(**CHAT)

    house.equals_the_bill(11)
    assert house.accounts.refusals_since(0, 10) == []


def test_a_program_that_ends_at_once_has_written_it(house):
    program = textwrap.dedent(
        """
        import os, openai
        from sallim import guard
        url = os.environ["UPSTREAM"]
        sdk = openai.OpenAI(api_key="k", base_url=url + "/openai/v1",
                            http_client=guard(base_urls={url + "/openai": "openai"}))
        sdk.chat.completions.create(model="gpt-5-mini", messages=[])
        """
    )
    environ = {**os.environ, "UPSTREAM": house.upstream.url}

    subprocess.run([sys.executable, "-c", program], env=environ, check=True, timeout=60)

    assert [row.state for row in house.accounts.calls_since(0, 10)] == ["settled"]


def call_once(url: str) -> None:
    import openai

    from sallim import guard

    client = guard(base_urls={url + "/openai": "openai"})
    sdk = openai.OpenAI(api_key="k", base_url=url + "/openai/v1", http_client=client)
    sdk.chat.completions.create(**CHAT)


@pytest.mark.parametrize("way", ["spawn", "fork"])
def test_a_child_of_multiprocessing_that_ends_at_once_has_written_it(house, way):
    child = multiprocessing.get_context(way).Process(target=call_once, args=(house.upstream.url,))
    child.start()
    child.join(60)

    assert child.exitcode == 0
    assert [row.state for row in house.accounts.calls_since(0, 10)] == ["settled"]


def test_a_fork_in_the_midst_leaves_it_to_the_parent(house):
    with house.openai() as sdk:
        sdk.chat.completions.create(**CHAT)
        child = os.fork()
        if not child:
            try:
                call_once(house.upstream.url)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        sdk.chat.completions.create(**CHAT)

    rows = house.rows
    assert len(rows) == 3
    assert [row.state for row in rows].count("settled") >= 2


def test_they_are_written_in_the_order_in_which_they_were_told():
    behind, written = Behind(), []
    for number in range(100):
        behind.later(written.append, number)
    behind.catch_up()

    assert written == list(range(100))
    assert not behind.waits


def test_whoever_catches_up_waits_for_one_that_takes_long():
    behind, go_on, written = Behind(), threading.Event(), []
    behind.later(go_on.wait, SECONDS)
    behind.later(written.append, "second")
    assert behind.waits
    assert not written
    threading.Timer(0.05, go_on.set).start()
    behind.catch_up()

    assert written == ["second"]


def test_after_its_end_it_is_written_at_once():
    behind, written = Behind(), []
    behind.close()
    behind.later(written.append, "late")

    assert written == ["late"]
