"""No plan asks for more machines than money is left for, though nothing is bought yet."""

from models.errors import StoreError

OTHER = {
    "name": "second",
    "target": "jobs",
    "capacity": 80.0,
    "utilization_percent": 100,
    "instances_more_max": 3,
    "hour_price": "400 KRW",
}


def test_what_a_plan_asked_for_is_not_left_for_the_next_look(house_of):
    house = house_of()
    house.spend(9_000)
    house.measure(400.0)
    wanted = []
    for _ in range(4):
        house.measure(400.0)
        wanted.append(house.look().wanted)

    assert wanted == [2, 2, 2, 2]


def test_two_pools_of_one_budget_do_not_both_have_all_that_is_left(house_of):
    house = house_of()
    house.take_over(pool=[house.settings.pool[0].model_dump(), OTHER])
    house.spend(8_700)
    house.measure(400.0)
    for _ in range(3):
        house.measure(400.0)
        house.look()

    assert [plan.wanted for plan in house.planning.plans()] == [3, 0]


def test_a_budget_that_nobody_knows_pays_for_nothing(house_of):
    house = house_of(pool={"budget": "severs"})
    house.measure(400.0)
    found = house.look()

    assert found.wanted == 0
    assert "severs is no budget that is known" in str(found.reason)


def test_values_beyond_all_measure_are_a_plan_that_can_be_kept(house_of):
    house = house_of(pool={"capacity": 1e-300})
    house.measure(1e30)
    found = house.look()

    assert (found.wanted, found.reactive) == (3, 1_000_000)
    assert house.planning.problems() == []
    assert house.kept() == [(3, 3)]


def test_a_pool_whose_look_takes_long_is_looked_at_less_often(house_of):
    house = house_of()
    house.measure(120.0)
    read, asked = house.store.read, []

    def slow(ask):
        asked.append(house.monotonic)
        house.wait(5.0)
        return read(ask)

    house.restart(Slow(house.store, slow))
    house.look()
    before = len(asked)
    house.look()
    house.look()

    assert before > 0
    assert len(asked) == before
    house.wait(120)
    house.look()
    assert len(asked) > before


def test_what_cannot_be_planned_anew_is_still_within_the_money(house_of):
    house, is_broken = house_of(), []

    def broken(ask):
        if is_broken:
            raise StoreError("the disk is gone")
        return house.store.read(ask)

    house.restart(Slow(house.store, broken))
    house.measure(200.0)
    assert house.look().wanted == 3
    is_broken.append(True)
    assert house.look().wanted == 3
    assert "the disk is gone" in str(house.planning.problems()[0])

    house.spend(9_300)
    found = house.look()

    assert (found.wanted, found.allowed) == (1, 1)
    assert "servers has 0 won left" in str(found.reason)
    assert house.look().wanted == 1


class Slow:
    """A store whose answers take their time."""

    def __init__(self, store, read) -> None:
        self.read = read
        self.demand = store.demand
