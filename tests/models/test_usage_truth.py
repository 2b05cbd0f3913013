"""No call in doubt is ever settled below what it really used."""

from hypothesis import given
from hypothesis import strategies as st

from models.costs.minutes import Counts, Minute
from models.costs.outside import outside
from models.costs.usage_truth import proofs
from models.costs.used import Used
from sallim.ledger.calls import settled_row
from sallim.ledger.money_rows import USAGE, Tokens
from sallim.prices import PriceList, shipped
from tests.sallim.money import asked, settlement

START = 1_795_143_600
MINUTE = 60
DELAY_MAX = 9 * MINUTE
NANO_A_TOKEN = 250
"""Of gpt-5-mini's input."""
PRICES = PriceList(shipped().rates)

moments = st.integers(0, 60 * MINUTE)
delays = st.integers(0, DELAY_MAX)
tokens = st.integers(0, 1_000)
calls = st.lists(
    st.tuples(moments, st.integers(0, 300), tokens, st.booleans(), st.booleans(), delays),
    max_size=8,
)
strangers = st.lists(st.tuples(moments, tokens, delays), max_size=3)


def written(number, call):
    """As it stands in the ledger: settled by its usage, or in doubt."""
    begun, lasts, used, is_crashed, _, _ = call
    at_us = (START + begun) * 10**6
    row = asked(str(number), opened_us=at_us, endpoint="/v1/chat/completions",
                worst_nano_usd=NANO_A_TOKEN * 1_000, expires_us=at_us + 900 * 10**6)  # fmt: skip
    told = settlement(tokens=Tokens(input=used), tool_calls="", model_billed="gpt-5-mini")
    settled = settled_row(row, told._replace(source=USAGE, settled_us=at_us + lasts * 10**6))
    return settled._replace(state="unverified", model_billed="") if is_crashed else settled


def counted(made, strange, now):
    """What the provider has counted by now, each in the minute of its begin or its end."""
    found = {}
    for begun, lasts, used, _, by_end, delay in made:
        ended = START + begun + lasts
        if ended + delay <= now and used:
            at = ended if by_end else START + begun
            found.setdefault(at // MINUTE, []).append(used)
    for begun, used, delay in strange:
        if START + begun + delay <= now and used:
            found.setdefault((START + begun) // MINUTE, []).append(used)
    return [
        Minute(place * MINUTE, (place + 1) * MINUTE, "gpt-5-mini-2025-08-07",
               Used(input=sum(each)), len(each))
        for place, each in sorted(found.items())
    ]  # fmt: skip


@given(calls, strangers, st.integers(0, 240 * MINUTE))
def test_what_is_given_back_was_not_used(made, strange, after):
    now = float(START + after)
    rows = [written(number, call) for number, call in enumerate(made)]
    counts = Counts(counted(made, strange, now), rows, START - 10 * MINUTE)
    found = {proof.order.call_id: proof.order.nano for proof in proofs(counts, PRICES, now)}

    assert set(found) <= {row.call_id for row in rows if row.state == "unverified"}
    # What several share is proven of their sum.
    assert sum(found.values()) >= sum(made[int(each)][2] for each in found) * NANO_A_TOKEN
    assert all(0 <= nano <= NANO_A_TOKEN * 1_000 for nano in found.values())


@given(calls, strangers, st.integers(0, 240 * MINUTE))
def test_what_is_found_outside_was_used_by_strangers(made, strange, after):
    now = float(START + after)
    rows = [written(number, call) for number, call in enumerate(made)]
    counts = Counts(counted(made, strange, now), rows, START - 10 * MINUTE)
    found = list(outside("openai", counts, PRICES, now))

    assert sum(each.sent for each in found) <= sum(used for _, used, _ in strange) + sum(
        call[2] for call in made if call[3]
    )
    if not strange:
        assert found == []


TOOLS = ("", "{}", "[[1,2]]", '[["audio_seconds","x"]]', "[" * 50_000, "null", '["a"]', "7")


def test_rows_of_strangers_in_the_ledger_do_no_harm():
    row = written(0, (0, 10, 5, False, False, 0))
    told = [Minute(START, START + 60, "gpt-5-mini", Used(input=205), 1)]
    for tools in TOOLS:
        counts = Counts(told, [row._replace(tool_calls=tools)], START)
        assert list(outside("openai", counts, PRICES, START + 60.0)) == []
    more = [told[0]._replace(used=Used(input=206))]
    [found] = outside("openai", Counts(more, [row], START), PRICES, START + 60.0)
    assert (found.sent, found.requests, found.nano_usd) == (201, 0, 201 * NANO_A_TOKEN)
