"""What an address says of a slider is never outside of it."""

from hypothesis import given
from hypothesis import strategies as st

from pages.parts.sliders import Range

RANGES = [
    Range(-90, 400, 0, 10),
    Range(0.5, 0.99, 0.8, 0.01),
    Range(1, 1, 1, 1),
    Range(0, 20, 3, 1),
    Range(0.1, 1e6, 80, 0.1),
]


@given(st.sampled_from(RANGES), st.one_of(st.text(max_size=20), st.floats().map(str)))
def test_any_address_gives_a_value_within_the_slider(limits, text):
    assert limits.low <= limits.at(text) <= limits.high


@given(st.sampled_from(RANGES), st.floats(-1e7, 1e7))
def test_what_is_written_into_an_address_is_read_again(limits, value):
    first = limits.at(str(value))

    assert limits.at(limits.text(first)) == first


@given(st.sampled_from(RANGES))
def test_whole_sliders_have_whole_values(limits):
    if float(limits.step).is_integer():
        assert isinstance(limits.at("7.4"), int)
