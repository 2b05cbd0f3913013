"""What OpenAI and Anthropic are asked for their limits, and what their answers mean."""

import json

import pytest

from agent.fences.anthropic import AnthropicFence
from agent.fences.openai import OpenAiFence
from models.errors import ActionPostponed, ActionRefused, ActionUnconfirmed
from tests.standins.bills import desk
from tests.standins.limits import ANTHROPIC, ANTHROPIC_KEY, OPENAI, OPENAI_KEY, limits_desk


@pytest.fixture
def limits():
    with limits_desk() as limits:
        yield limits


@pytest.fixture(params=["openai", "anthropic"])
def name(request):
    return request.param


def fence(name, limits, key=None):
    if name == "openai":
        return OpenAiFence(key or OPENAI_KEY, limits.url)
    return AnthropicFence(key or ANTHROPIC_KEY, limits.url)


def test_a_limit_is_set_read_and_taken_away(name, limits):
    there = fence(name, limits)

    assert there.read() is None
    there.write(962)
    assert there.read() == 962
    assert getattr(limits, name) == 962
    there.write(None)
    assert there.read() is None
    there.write(None)  # Once more is no error.


def test_the_limit_of_anthropics_tier_is_not_the_owners(limits):
    assert fence("anthropic", limits).read() is None
    assert limits.asked == [("GET", ANTHROPIC)] * 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_may_not_says_what_to_do_and_no_key(name, limits, status):
    limits.next_answers = [(status, {})]

    with pytest.raises(ActionRefused) as refused:
        fence(name, limits).read()

    assert f"answers {status} where its limit is asked for" in str(refused.value)
    assert f'write {name} = "off" in [fence]' in str(refused.value)
    with pytest.raises(ActionRefused) as refused:
        fence(name, limits, "sk-wrong").read()
    assert "sk-wrong" not in str(refused.value)


def test_a_preview_that_is_not_open_is_asked_for_at_anthropic(limits):
    limits.is_preview = False

    for act in (lambda: fence("anthropic", limits).read(), lambda: _write("anthropic", limits)):
        with pytest.raises(ActionRefused, match="ask your account team for it"):
            act()


def _write(name, limits):
    fence(name, limits).write(962)


def test_a_limit_that_is_not_offered_is_no_missing_limit(name, limits):
    limits.next_answers = [(404, {})]

    with pytest.raises(ActionRefused, match="answers 404"):
        _write(name, limits)


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [(429, {"Retry-After": "77"}, 77), (429, {}, 0), (503, {"Retry-After": "5"}, 5), (500, {}, 0)],
)
def test_later_is_later(name, limits, status, headers, seconds):
    limits.next_answers = [(status, headers)]

    with pytest.raises(ActionPostponed) as later:
        fence(name, limits).read()

    assert later.value.seconds == seconds


def test_a_refusal_is_told_in_the_providers_words_without_a_secret(name, limits):
    with desk() as standing:
        path = OPENAI if name == "openai" else ANTHROPIC
        told = {"error": {"message": "no such\nkey sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"}}
        standing.says(path, json.dumps(told), 400)
        with pytest.raises(ActionRefused) as refused:
            fence(name, standing).read()

    assert "answers 400 (no suchkey" in str(refused.value)
    assert "abcdefghij" not in str(refused.value)


def test_another_currency_is_not_taken_for_dollars(name, limits):
    setattr(limits, name, 962)
    limits.currency = "EUR"

    with pytest.raises(ActionRefused, match="makes no sense here"):
        fence(name, limits).read()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (OPENAI, {"threshold_amount": "962", "currency": "USD", "interval": "month"}),
        (OPENAI, {"threshold_amount": -1, "currency": "USD", "interval": "month"}),
        (OPENAI, {"threshold_amount": True, "currency": "USD", "interval": "month"}),
        (OPENAI, []),
        (ANTHROPIC, {"data": {}}),
        (ANTHROPIC, "no JSON"),
        (ANTHROPIC, {"data": [{"scope": {"type": "organization"}, "period": "monthly"}]}),
    ],
)
def test_what_makes_no_sense_is_never_taken_for_a_limit(path, body):
    with desk() as standing:
        standing.says(path, body)
        there = fence("openai" if path == OPENAI else "anthropic", standing)
        if isinstance(body, dict) and isinstance(body.get("data"), list):
            # No amount is no limit, as its interface says.
            assert there.read() is None
        else:
            with pytest.raises(ActionRefused, match="makes no sense here"):
                there.read()


@pytest.mark.parametrize("amount", ["9.62", 962, "-1", "٩", "1" * 13])
def test_an_amount_is_a_text_of_whole_cents(amount):
    limit = {"scope": {"type": "organization"}, "period": "monthly", "currency": "USD"}
    with desk() as standing:
        standing.says(ANTHROPIC, {"data": [{**limit, "amount": amount}], "next_page": None})
        with pytest.raises(ActionRefused, match="makes no sense here"):
            fence("anthropic", standing).read()


def test_pages_that_never_end_are_not_read_for_ever():
    with desk() as standing:
        standing.says(ANTHROPIC, {"data": [], "next_page": "again"})
        with pytest.raises(ActionRefused, match="more than 20 pages"):
            fence("anthropic", standing).read()


def test_nobody_there_leaves_it_open_whether_it_was_done(name, limits):
    limits.url = "http://127.0.0.1:1"

    with pytest.raises(ActionUnconfirmed):
        _write(name, limits)
