"""A call shared out over its meters."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from models.costs.meters import Used, counts_of, parts_of, shared
from sallim.ledger.money_rows import Tokens
from sallim.prices import PriceList, shipped

PRICES = PriceList(shipped().rates)
NOW_US = 1_763_899_200_000_000


NOTHING = Tokens()


def used(tokens=NOTHING, nano=1_000, micro=2_000, **changed):
    return Used("openai", "gpt-5-mini", NOW_US, tokens, "", nano, micro)._replace(**changed)


def test_each_meter_has_the_part_that_its_price_says():
    parts = parts_of(used(Tokens(input=1_000, cache_read=10_000, output=100), 700_000), PRICES)

    assert [(part.meter, part.number, part.nano) for part in parts] == [
        ("Input Tokens", 1_000, 250_000),
        ("Cached Input Tokens", 10_000, 250_000),
        ("Output Tokens", 100, 200_000),
    ]
    assert parts[0].list_usd == Decimal("0.00000025")
    assert {part.unit for part in parts} == {"Tokens"}


def test_a_model_without_a_price_is_one_meter():
    for call in (used(Tokens(5), provider="nobody"), used(), used(tool_calls="nonsense")):
        assert parts_of(call, PRICES) == [("Calls", 1, "Requests", 1_000, 2_000, None)]


def test_tools_and_parts_of_tokens_count_once():
    counts = counts_of(Tokens(output=100, input=5), '[["web_search", 2], ["audio_output", 30]]')

    assert counts == {"input": 5, "output": 70, "web_search": 2, "audio_output": 30}
    assert counts_of(Tokens(), '{"web_search": 1}') == {"web_search": 1}
    assert counts_of(Tokens(), '[["x", -1], ["y", true], [], 7]') == {}


def test_seconds_are_seconds_and_have_no_exact_price_of_one():
    [part] = parts_of(
        used(model="whisper-1", tool_calls='[["audio_seconds", 60]]', nano=6_000_000), PRICES
    )

    assert (part.meter, part.unit, part.nano, part.list_usd) == (
        *("Audio Seconds", "Seconds", 6_000_000, None),
    )


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(1, 10**20), min_size=1, max_size=9))
def test_parts_add_up(amount, shares):
    assert sum(shared(amount, shares)) == amount


@given(
    st.lists(st.integers(0, 10**8), min_size=8, max_size=8),
    st.integers(0, 10**15),
    st.integers(0, 10**15),
    st.sampled_from(["", '[["web_search", 3], ["video_input", 7]]']),
)
def test_the_parts_of_a_call_add_up_to_it(tokens, nano, micro, tools):
    parts = parts_of(used(Tokens(*tokens), nano, micro, tool_calls=tools), PRICES)

    assert sum(part.nano for part in parts) == nano
    assert sum(part.micro for part in parts) == micro
