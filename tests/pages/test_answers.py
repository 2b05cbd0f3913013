import pytest

from pages.parts.answers import firing_lines
from pages.parts.bottleneck_report import lost


def test_lost_history_is_said_at_the_top():
    loss = {"rows_lost": 3_316, "table_name": "raw_20261123"}

    assert firing_lines((), {"store": {"losses": [loss]}}) == [
        "3316 rows of history were lost in a damaged file"
    ]


def test_a_store_that_lost_nothing_fires_nothing():
    assert firing_lines((), {"store": {"losses": []}}) == []


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (None, "no lost time measured"),
        (0.0, "less than 1 min a day"),
        (1.0, "1.0 min a day"),
        (42.0, "42 min a day"),
    ],
)
def test_a_finding_never_says_that_it_costs_nothing(minutes, told):
    assert lost(minutes) == told
