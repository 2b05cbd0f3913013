"""A cheaper model takes the place of a dearer one where the owner says so, and nowhere else."""

import time

import pytest

from tests.house import CHAT, GEMINI
from tests.processes import until
from tests.sallim.money import WON, asked, budget, settlement

pytestmark = pytest.mark.slow

STEPS = """
[[graceful]]
name = "chat"
at_percent = 80
from_model = "gpt-5-mini"
to_model = "gpt-4o-mini"
[[graceful]]
name = "gemini"
bucket = "total"
at_percent = 90
from_model = "gemini-2.5-pro"
to_model = "gemini-2.5-flash"
"""
DEAR = {**CHAT, "temperature": 1, "user": "살림"}
CHEAP = {**CHAT, "model": "gpt-4o-mini"}
PRO = "/gemini/v1beta/models/gemini-2.5-pro:generateContent"
CONTENTS = {"contents": [{"parts": [{"text": GEMINI["contents"]}]}]}


@pytest.fixture
def steps(closed_house):
    house = closed_house
    house.cap(15_000, budget("api", 15_000 * WON))
    house.settings = STEPS
    house.started()
    return house


def spend(house, won):
    now_us = time.time_ns() // 1_000
    row = asked(f"spent-{won}", won * WON, buckets=("api", "total"), opened_us=now_us)
    house.accounts.book(row, settlement(won * WON, settled_us=now_us))


def sent(house):
    """Path and body of the last call that the provider saw."""
    request = house.upstream.requests[-1]
    return request[1], request[3]


def last(house):
    return [row for row in house.rows if not row.call_id.startswith("spent")][-1]


def test_below_its_part_of_the_cap_nothing_is_changed(steps):
    spend(steps, 11_000)

    answer = steps.post(json=DEAR)

    assert (answer.status_code, "x-sallim-model" in answer.headers) == (200, False)
    assert last(steps).model == "gpt-5-mini"


def test_above_it_the_cheaper_model_is_asked_priced_and_said(steps):
    spend(steps, 12_500)

    answer = steps.post(json=DEAR)

    assert answer.headers["x-sallim-model"] == "gpt-4o-mini instead of gpt-5-mini (chat)"
    assert sent(steps)[1] == {**DEAR, "model": "gpt-4o-mini"}
    row = last(steps)
    assert row.model == "gpt-4o-mini"
    bill = steps.upstream.settled_bill(1)
    assert [line.nano_usd for line in bill] == [row.nano_usd]
    assert "graceful chat: 1 calls of gpt-5-mini were sent to gpt-4o-mini" in steps.log.read_text()


def test_an_essential_call_and_other_models_keep_theirs(steps):
    spend(steps, 12_500)
    steps.token = steps.made("essential", priority="essential")

    assert "x-sallim-model" not in steps.post(json=DEAR).headers
    assert last(steps).model == "gpt-5-mini"
    steps.token = steps.made("plain")
    assert "x-sallim-model" not in steps.post(json=CHEAP).headers


def test_a_model_in_the_path_is_replaced_there(steps):
    spend(steps, 12_500)
    assert "x-sallim-model" not in steps.post(PRO, json=CONTENTS).headers
    spend(steps, 1_100)
    until(lambda: "x-sallim-model" in steps.post(PRO, json=CONTENTS).headers)

    answer = steps.post(PRO, json=CONTENTS)

    assert answer.headers["x-sallim-model"] == "gemini-2.5-flash instead of gemini-2.5-pro (gemini)"
    assert sent(steps)[0].endswith("/v1beta/models/gemini-2.5-flash:generateContent")
    assert last(steps).model == "gemini-2.5-flash"


def test_a_body_that_says_its_model_twice_is_refused_as_ever(steps):
    spend(steps, 12_500)
    twice = b'{"model": "gpt-5-mini", "model": "gpt-5-mini", "messages": []}'

    answer = steps.post(content=twice, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400


def test_without_a_step_nothing_is_ever_changed(house):
    spend(house, 14_000)

    assert "x-sallim-model" not in house.post(json=DEAR).headers
