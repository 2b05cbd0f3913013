"""Recipes that people chose and switches of predictions, in control.sqlite3."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.control import Control
from data.demand_choices import (
    choose_recipe,
    forget_predictions,
    forget_recipe,
    predictions,
    recipes,
    switch_prediction,
)
from data.ops.control_opening import open_control
from data.ops.quarantine import Quarantine
from models.demand.kept import KeptRecipe, Prediction
from tests.data.stores import NOON, home_in

THETA = KeptRecipe("calls", '{"model":"theta"}', "kim", "r1", NOON)
OFF = Prediction("gpu", False, NOON, '{"template":"too early"}', "{}")


def test_the_last_recipe_that_was_chosen_counts_until_it_is_withdrawn(control, path):
    choose_recipe(control, THETA)
    choose_recipe(control, THETA._replace(recipe='{"model":"arima"}', request_id="r2"))
    choose_recipe(control, THETA._replace(target="arrivals"))
    control.close()
    control = Control.open(path)

    assert [(each.target, each.request_id) for each in recipes(control)] == [
        ("arrivals", "r1"),
        ("calls", "r2"),
    ]
    assert forget_recipe(control, "calls") == KeptRecipe(
        "calls", '{"model":"arima"}', "kim", "r2", float(NOON)
    )
    assert forget_recipe(control, "calls") is None
    assert [each.target for each in recipes(control)] == ["arrivals"]
    control.close()


def test_a_switch_is_told_in_its_own_transaction_or_not_made(control):
    def fail(connection):
        connection.execute("INSERT INTO state VALUES ('told', '1')")
        raise RuntimeError("no room for the message")

    switch_prediction(control, OFF, fail)
    with pytest.raises(RuntimeError):
        switch_prediction(control, OFF._replace(is_on=True), fail)

    assert [each.is_on for each in predictions(control)] == [False]
    assert control.state("told") is None


def test_that_a_new_pool_is_off_is_not_told_and_that_it_is_on_is(control):
    told = []
    assert not switch_prediction(control, OFF, told.append)
    assert switch_prediction(control, OFF._replace(pool="cpu", is_on=True), told.append)

    assert len(told) == 1


def test_what_says_the_same_keeps_since_when_and_has_new_figures(control):
    switch_prediction(control, OFF, print)
    again = OFF._replace(since=NOON + 3_600, reason="{}", figures='{"skill":0.1}')
    switch_prediction(control, again, print)

    assert predictions(control) == [again._replace(since=float(NOON))]


@given(st.lists(st.booleans(), max_size=12))
@settings(max_examples=25, deadline=None)
def test_each_switch_is_told_once_and_since_is_when_it_was_made(switches):
    with tempfile.TemporaryDirectory() as folder:
        control = Control.open(Path(folder) / "control.sqlite3")
        told, is_on, since = 0, False, None
        for number, wanted in enumerate(switches):
            tellings = []
            row = OFF._replace(is_on=wanted, since=NOON + number)
            switched = switch_prediction(control, row, tellings.append)
            assert switched == (wanted != is_on) == bool(tellings)
            told += switched
            since = NOON + number if switched or since is None else since
            is_on = wanted
            assert predictions(control) == [row._replace(since=float(since))]
        control.close()
        # Rows are read again as they were written.
        control = Control.open(Path(folder) / "control.sqlite3")
        assert [each.is_on for each in predictions(control)] == ([is_on] if switches else [])
        control.close()


def test_pools_that_are_gone_are_forgotten(control):
    for pool in ("a", "b", "c"):
        switch_prediction(control, OFF._replace(pool=pool), print)
    forget_predictions(control, {"b", "d"})

    assert [each.pool for each in predictions(control)] == ["b"]


def test_both_survive_a_control_file_that_is_made_anew(tmp_path):
    home = home_in(tmp_path)
    control = Control.open(home.control)
    choose_recipe(control, THETA)
    switch_prediction(control, OFF._replace(is_on=True), lambda connection: None)
    with control.transaction() as connection:
        # Its checksum does not fit.
        connection.execute("INSERT INTO flushes VALUES (1, 1, 1, 1, 0, 12345)")
    control.close()

    control, is_rebuilt = open_control(home.control, Quarantine(home, NOON))

    assert is_rebuilt
    assert [each.target for each in recipes(control)] == ["calls"]
    assert [each.is_on for each in predictions(control)] == [True]
    control.close()
