from pages.parts.answers import firing_lines


def test_lost_history_is_said_at_the_top():
    loss = {"rows_lost": 3_316, "table_name": "raw_20261123"}

    assert firing_lines((), {"store": {"losses": [loss]}}) == [
        "3316 rows of history were lost in a damaged file"
    ]


def test_a_store_that_lost_nothing_fires_nothing():
    assert firing_lines((), {"store": {"losses": []}}) == []
