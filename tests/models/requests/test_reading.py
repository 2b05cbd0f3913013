"""What comes over the wire as a request: typed and bounded, or refused with a sentence."""

import json
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import RequestRefused
from models.requests import KINDS, Request
from models.requests.confirming import is_confirmed, to_type
from models.requests.reading import ARGUMENTS, request_of

SEOUL = ZoneInfo("Asia/Seoul")
RAISE = {
    "kind": "raise",
    "target": "api",
    "args": {"amount_krw": 3000, "until": "2026-11-30"},
    "reason": "the last videos of the month",
    "confirm": "3000",
    "nonce": "n",
}
END_OF_NOVEMBER = 1_796_050_800
HUGE = 10**4000


def changed(**keys) -> dict:
    return {**RAISE, **keys}


def argued(**keys) -> dict:
    return {**RAISE, "args": {**RAISE["args"], **keys}}


def refusal(shape) -> str:
    with pytest.raises(RequestRefused) as refused:
        request_of(shape, SEOUL)
    return str(refused.value)


def test_a_raise_is_read_in_won_and_to_the_end_of_its_day():
    request = request_of(RAISE, SEOUL)

    assert request == Request(
        "raise",
        "api",
        {"amount_micro": 3_000_000_000, "until": END_OF_NOVEMBER},
        "the last videos of the month",
        "3000",
        "n",
    )


@pytest.mark.parametrize(
    ("told", "micro"),
    [(1, 10**6), ("3,000", 3 * 10**9), ("12.5", 12_500_000), (" 7 ", 7 * 10**6), ("0", 0)],
)
def test_amounts_as_people_type_them(told, micro):
    settle = changed(kind="settle", args={"amount_krw": told, "attempt": 1})

    assert request_of(settle, SEOUL).amount_micro == micro


@pytest.mark.parametrize("told", [0, "0.5", "100.000001", 100_000_001])
def test_a_raise_is_whole_won_and_more_than_none(told):
    assert "amount_krw must be whole won from 1 to 100,000,000" in refusal(argued(amount_krw=told))


@pytest.mark.parametrize(
    "told",
    [
        *(-1, 3000.0, float("nan"), float("inf"), True, None, [], {}, HUGE, -HUGE, 10**12),
        *("", "-3", "+3", "1e9", "NaN", "infinity", "3 000", "30,00", "0.0000001", "٣٠٠٠"),
        *("３０００", "3000 won", "0x10", "1_000", "9" * 5000, "\ud800", "3000\n3000"),
    ],
)
def test_what_is_no_amount_of_won_is_refused_shortly(told):
    reason = refusal(argued(amount_krw=told))

    assert reason.startswith("amount_krw must be an amount of won, such as 3000; it is ")
    assert len(reason) < 120
    assert reason.isascii()


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("2026-11-30", END_OF_NOVEMBER),
        ("2026-11-30T18:00", END_OF_NOVEMBER - 6 * 3600),
        ("2026-11-30T18:00:00+00:00", END_OF_NOVEMBER + 3 * 3600),
        (1_796_000_000, 1_796_000_000),
    ],
)
def test_ends_as_people_type_them(told, at):
    assert request_of(argued(until=told), SEOUL).until == at


@pytest.mark.parametrize(
    "told",
    [
        *("", "tomorrow", "30.11.2026", "2026-13-01", "2026-11-31", "9999-12-31", "0001-01-01"),
        *(0, -5, HUGE, 1.5, True, None, [], "２０２６-11-30", "2026-11-30T18:00+99:99"),
    ],
)
def test_what_is_no_end_is_refused(told):
    assert "until must be a day or a moment, such as 2026-11-30" in refusal(argued(until=told))


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (None, "send JSON like"),
        ([], "send JSON like"),
        ("raise", "send JSON like"),
        (changed(role="owner"), "'role' is no key of a request"),
        (changed(**{"\ud800": 1}), "'\\ud800' is no key of a request"),
        (changed(kind="raze"), "kind must be one of raise, release"),
        (changed(kind=["raise"]), "kind must be one of raise, release"),
        (changed(args=None), "args of raise must be exactly amount_krw, until"),
        (changed(args={"amount_krw": 1}), "args of raise must be exactly amount_krw, until"),
        (argued(bucket="total"), "args of raise must be exactly amount_krw, until"),
        (changed(target=""), "target is empty"),
        (changed(target=7), "target must be a text"),
        (changed(target="a" * 201), "target is longer than 200 characters"),
        (changed(target="api\n"), "target has characters that cannot be shown"),
        (changed(target="\u202eipa"), "target has characters that cannot be shown"),
        (changed(target="api\x00"), "target has characters that cannot be shown"),
        (changed(target="\udfff"), "target has characters that cannot be shown"),
        (changed(kind="stop_all", args={}), "stop_all takes one of these targets: everything"),
        (changed(reason=""), "reason is empty"),
        (changed(reason="   "), "reason is empty"),
        (changed(reason=None), "reason must be a text"),
        (changed(reason="x" * 301), "reason is longer than 300 characters"),
        (changed(reason="=HYPERLINK(1)"), "reason looks like a formula or like HTML"),
        (changed(reason="  @SUM(A1)"), "reason looks like a formula or like HTML"),
        (changed(reason="so <script>alert(1)</script>"), "reason looks like a formula"),
        (changed(reason="a\u2028b"), "reason has characters that cannot be shown"),
        (changed(confirm="1" * 201), "confirm is longer than 200 characters"),
        (changed(nonce="n" * 101), "nonce is longer than 100 characters"),
        (changed(nonce={}), "nonce must be a text"),
    ],
)
def test_what_is_no_request_is_refused_with_a_sentence(shape, told):
    assert told in refusal(shape)


def test_a_secret_in_a_reason_is_hidden_before_it_is_kept():
    request = request_of(changed(reason="key was sk-proj-abcdefgh12345678"), SEOUL)

    assert "abcdefgh" not in request.reason


def test_names_are_compared_in_composed_letters():
    assert request_of(changed(target="workflow:살림"), SEOUL).target == "workflow:살림"
    decomposed = "workflow:\u1109\u1161\u11af\u1105\u1175\u11b7"
    assert request_of(changed(target=decomposed), SEOUL).target == "workflow:살림"


def test_each_kind_has_its_arguments():
    assert set(ARGUMENTS) == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "target", "args", "typed"),
    [
        ("raise", "api", {"amount_micro": 3 * 10**9, "until": 1}, "3000"),
        ("settle", "c-1", {"amount_micro": 12_500_000, "attempt": 1}, "12.5"),
        ("settle", "c-1", {"amount_micro": 100_500_000, "attempt": 1}, "100.5"),
        ("settle", "c-1", {"amount_micro": 0, "attempt": 1}, "0"),
        ("release", "workflow:ocr", {"until": 1}, "workflow:ocr"),
        ("stop_all", "everything", {}, "everything"),
        ("resume", "automation", {}, "automation"),
        ("stop", "n8n", {}, "n8n"),
        ("pause", "repair", {"until": 1}, "repair"),
        ("acknowledge", "n8n down", {}, ""),
    ],
)
def test_the_figure_is_typed_or_else_the_name(kind, target, args, typed):
    request = Request(kind, target, args)

    assert to_type(request) == typed
    assert is_confirmed(request._replace(confirm=f" {typed} "))
    assert is_confirmed(request._replace(confirm="")) == (typed == "")
    assert is_confirmed(request._replace(confirm="yes")) == (typed == "")


def test_a_figure_may_have_its_commas_and_a_name_may_not_be_like_it():
    assert is_confirmed(request_of(changed(confirm="3,000"), SEOUL))
    assert not is_confirmed(Request("stop", "n8n", {}, confirm="N8N"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(RAISE)) | st.text(), JSON), st.booleans())
def test_whatever_comes_is_a_request_or_a_refusal_that_can_be_sent(keys, draft):
    message, target = None, ""
    try:
        target = request_of({**RAISE, **keys}, SEOUL, draft=draft).target
    except RequestRefused as refused:
        message = refused.message

    assert target.encode() or message is not None
    if message is not None:
        assert len(json.dumps(message.as_json()).encode()) < 800
        assert len(str(message).encode()) < 400


def test_an_acknowledgement_may_name_its_end_and_nothing_else():
    shape = changed(kind="acknowledge", target="12", args={})

    assert dict(request_of(shape, SEOUL).args) == {}
    ended = {**shape, "args": {"until": "2026-11-30"}}
    assert dict(request_of(ended, SEOUL).args) == {"until": END_OF_NOVEMBER}
    assert refusal({**shape, "args": {"attempt": 1}}) == (
        "args of acknowledge must be exactly until (or none)"
    )


def test_what_is_taken_back_is_confirmed_by_its_budget():
    shape = changed(kind="withdraw", target="244e5982eaca", args={"bucket": "api"}, confirm="api")

    request = request_of(shape, SEOUL)

    assert (to_type(request), is_confirmed(request)) == ("api", True)
    assert not is_confirmed(request._replace(confirm="244e5982eaca"))
