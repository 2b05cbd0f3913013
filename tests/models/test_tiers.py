"""Whatever span is asked for, the answer is small enough and the tier still holds it."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models.rollups import bucket_start
from models.tiers import DAY_SECONDS, RAW, TIERS, resolution_for

NOW = 1_800_000_000.0
AGES = st.floats(min_value=0, max_value=800 * DAY_SECONDS)
POINTS = st.integers(min_value=2, max_value=2_000)


@st.composite
def spans(draw):
    """Begin and end, up to 800 days back, with the odd look into the future."""
    since = NOW - draw(AGES)
    return since, since + draw(st.floats(min_value=0.1, max_value=800 * DAY_SECONDS))


@given(spans(), POINTS)
def test_a_span_touches_at_most_as_many_buckets_as_were_asked_for(span, points_max):
    since, until = span
    bucket = resolution_for(since, until, NOW, points_max).bucket_seconds
    first, last = bucket_start(since, bucket), bucket_start(until, bucket)
    touched = (last - first) // bucket + (1 if until > last else 0)

    assert touched <= points_max


@given(spans(), POINTS)
def test_the_tier_still_holds_the_begin_or_nothing_does(span, points_max):
    tier = resolution_for(*span, NOW, points_max).tier

    assert NOW - span[0] <= tier.kept_seconds or tier is TIERS[-1]


@given(spans(), POINTS)
def test_a_bucket_is_whole_steps_of_its_tier(span, points_max):
    found = resolution_for(*span, NOW, points_max)

    assert found.bucket_seconds % found.tier.step_seconds == 0


@given(spans(), POINTS)
def test_no_finer_tier_that_holds_the_span_would_show_more(span, points_max):
    since, until = span
    found = resolution_for(since, until, NOW, points_max)
    finer = [t for t in TIERS if t.step_seconds < found.tier.step_seconds]
    holding = [tier for tier in finer if NOW - since <= tier.kept_seconds]

    assert not holding or found.tier.step_seconds <= (until - since) / points_max


def test_the_last_hour_is_shown_as_it_was_stored():
    found = resolution_for(NOW - 3_600, NOW, NOW, 1_440)

    assert (found.tier, found.bucket_seconds) == (RAW, 10)


def test_a_year_is_shown_from_the_coarsest_tier():
    assert resolution_for(NOW - 365 * DAY_SECONDS, NOW, NOW, 300).tier.view == "samples_10m"


def test_each_tier_is_coarser_and_longer_than_the_one_before():
    for finer, coarser in pairwise(TIERS):
        assert coarser.step_seconds % finer.step_seconds == 0
        assert coarser.kept_seconds > finer.kept_seconds
