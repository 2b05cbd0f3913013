"""Which series are demand, and in what they are measured."""

from models.demand.shapes import Measured
from models.demand.targets import (
    is_count,
    is_known,
    is_share,
    step_seconds_of,
    target_named,
    targets_of,
    unit_of,
)
from models.settings import Settings
from models.settings.target import Target

MINE = Target(name="videos", kind="arrivals", only="video")


def test_a_house_that_names_no_target_has_those_of_every_house():
    found = targets_of(Settings())

    assert [each.name for each in found] == [
        *("calls", "spend", "arrivals", "active", "queue", "gpu"),
    ]
    assert target_named(Settings(), "spend").only == "api"


def test_a_house_that_names_one_has_that_one():
    settings = Settings(target=(MINE,))

    assert targets_of(settings) == (MINE,)
    assert target_named(settings, "videos") == MINE
    assert target_named(settings, "calls") is None


def test_nothing_but_rest_is_not_known_yet():
    assert not is_known(Measured(0, 3_600, ()))
    assert not is_known(Measured(0, 3_600, (None, 0.0, None)))
    assert is_known(Measured(0, 3_600, (None, 0.0, 1.0)))


def test_counts_add_up_and_levels_have_a_mean():
    orders = Target(name="o", kind="metric", metric="shop.orders", hourly="sum")

    assert [is_count(each) for each in targets_of(Settings())] == [
        *(True, True, True, False, False, False),
    ]
    assert is_count(orders)
    assert not is_count(orders.model_copy(update={"hourly": "max"}))


def test_spending_goes_by_days_and_each_kind_has_its_unit():
    steps = {each.name: step_seconds_of(each) for each in targets_of(Settings())}

    assert steps.pop("spend") == 86_400
    assert set(steps.values()) == {3_600}
    assert len({str(unit_of(each)) for each in targets_of(Settings())}) == 6
    assert [each.name for each in targets_of(Settings()) if is_share(each)] == ["gpu"]
