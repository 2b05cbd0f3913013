"""A 402 of ours is known again in whatever shape a failure shows it."""

import json

import pytest

from models.waiting.recognising import RefusedFor, recognise
from models.workflows.failures import account_of
from sallim.guard.refusing import UNKNOWN_MODEL, Refusal, of_ledger
from sallim.ledger.money_rows import BUDGET, HELD, NO_BUDGET, NO_PERIOD, PACE, QUOTA, Refused

NOVEMBER_US = 1_796_050_800_000_000
REFUSED = Refused(
    code=BUDGET,
    bucket_id="provider:openai",
    priority="important",
    needed_micro=1_234_400_000,
    used_micro=14_247_000_000,
    left_micro=3_000_000,
    limit_micro=14_250_000_000,
    cap_micro=15_000_000_000,
    resets_us=NOVEMBER_US,
    calendar="month:Asia/Seoul",
)
WANTED = RefusedFor(BUDGET, "provider:openai", "important", 1_234_000_000)


def body(**changed) -> str:
    return of_ledger(REFUSED._replace(**changed)).body().decode()


def shapes(text: str) -> dict[str, str]:
    told = json.loads(text)
    message = told["error"]["message"]
    return {
        "body": text,
        "sentence": f"Payment required - perhaps check your payment details? - {message}",
        "python": f"APIStatusError: Error code: 402 - {told!r}",
        "quoted": f'402 - "{json.dumps(text)[1:-1]}"',
        "langchain": f"402 {message}",
    }


@pytest.mark.parametrize("shape", ["body", "sentence", "python", "quoted", "langchain"])
def test_bucket_priority_and_worst_case_are_read_from_every_shape(shape):
    assert recognise(shapes(body())[shape][:500]) == WANTED


@pytest.mark.parametrize("shape", ["body", "sentence", "python", "quoted", "langchain"])
@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (HELD, RefusedFor(HELD, "total")),
        (NO_BUDGET, RefusedFor(NO_BUDGET, "total")),
        (NO_PERIOD, RefusedFor(NO_PERIOD, "provider:openai")),
    ],
)
def test_other_refusals_that_money_cures_are_known_too(code, wanted, shape):
    assert recognise(shapes(body(code=code))[shape][:500]) == wanted


@pytest.mark.parametrize("code", [PACE, QUOTA])
def test_what_frees_by_itself_does_not_wait_for_money(code):
    for text in shapes(body(code=code, bucket_id="quota:gemini:day")).values():
        assert recognise(text) is None


def test_what_a_person_must_mend_does_not_wait_for_money():
    refusal = Refusal(UNKNOWN_MODEL, "the price of 'gpt-9' is not known.", "Write a [[price]].")

    for text in shapes(refusal.body().decode()).values():
        assert recognise(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sallim: ",
        "402 Payment Required",
        '{"error": {"code": "budget_exceeded", "message": "of another house"}}',
        "the budget: 3 won may be needed, and 1 are left of 5 for important calls in 'api'",
        "Sallim: 3 won may be needed, and 1 are left of 5 for important calls in '<b>a b</b>'",
    ],
)
def test_nothing_else_is_taken_for_one(text):
    assert recognise(text) is None


def test_it_is_known_in_what_n8n_keeps_of_an_execution():
    error = {
        "message": "Payment required - perhaps check your payment details?",
        "description": json.loads(body())["error"]["message"],
        "httpCode": "402",
        "node": {"name": "Ask OpenAI"},
    }
    payload = {"data": {"resultData": {"error": error, "runData": {}}}}

    assert recognise(account_of(payload).error) == WANTED
