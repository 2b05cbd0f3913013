"""The loop of plans over a real store and ledger: how many are wanted, and why."""

import json


def test_what_is_measured_is_planned_with_its_sentence(house_of):
    house = house_of()
    house.measure(120.0, 130.0)
    found = house.look()

    assert (found.wanted, found.reactive, found.predicted) == (2, 2, None)
    assert str(found.reason) == (
        "2 machines: 130 is measured, and one carries 80 at 100 %; the limits let 3"
    )
    assert found.inputs["is_imagined"] is True
    assert house.planning.problems() == []


def test_a_count_is_that_of_the_last_five_minutes(house_of):
    counted = {"name": "jobs", "kind": "metric", "metric": "jobs.waiting", "hourly": "sum"}
    house = house_of(target=[counted])
    house.measure(10.0, 20.0, 30.0, 40.0, 50.0)

    assert house.look(5).inputs["load"] in (150.0, 175.0)


def test_what_is_not_measured_any_more_holds_what_there_is(house_of):
    house = house_of()
    house.measure(130.0)
    house.look()
    held = house.look(600)

    assert (held.wanted, held.inputs["load"]) == (2, None)
    assert "not measured at the moment" in str(held.reason)


def test_fewer_only_after_the_time_of_the_settings(house_of):
    house = house_of()
    house.measure(130.0)
    house.look()
    house.wait(120)
    house.measure(10.0)

    assert house.look().wanted == 2
    house.wait(240)
    house.measure(10.0)
    assert house.look().wanted == 1


def test_a_plan_is_kept_when_it_is_news_and_each_hour(house_of):
    house = house_of()
    for _ in range(3):
        house.measure(130.0)
        house.look()
    assert house.kept() == [(2, 3)]

    house.measure(200.0)
    house.look()
    assert house.kept() == [(2, 3), (3, 3)]


def test_the_budget_of_the_pool_lets_only_what_it_can_pay(house_of):
    house = house_of()
    house.spend(9_300)
    house.measure(200.0)
    found = house.look()

    assert (found.wanted, found.allowed) == (1, 1)
    assert str(found.reason) == (
        "1 machine, though demand asks for 3: servers has 600 won left, and one more costs 400"
    )


def test_as_long_as_nobody_said_what_the_month_had_cost_nothing_is_allowed(house_of, monkeypatch):
    monkeypatch.setattr("tests.agent.planning.house.ASKED", ("api",))
    house = house_of()
    house.measure(200.0)
    found = house.look()

    assert (found.wanted, found.allowed) == (0, 0)
    assert "nobody has said what servers had cost this month" in str(found.reason)


def test_a_price_in_dollars_is_that_of_the_ledger(house_of):
    house = house_of(pool={"hour_price": "0.5 USD"})
    house.measure(130.0)

    assert house.look().inputs["hour_micro"] > 500 * 10**6


def test_a_forecast_counts_once_it_has_proven_itself_and_that_is_told(house_of):
    house = house_of()
    house.remember()
    house.measure(60.0)
    first = house.look()
    assert (first.predicted, first.inputs["is_on"]) == (None, False)
    assert first.inputs["would_predict"] >= 1
    assert house.alerts() == []

    house.prove()
    house.wait(3_600)
    house.remember()
    house.measure(60.0)
    found = house.look()

    assert found.predicted == found.inputs["would_predict"]
    (switch,) = house.switches()
    assert (switch.pool, switch.is_on) == ("gpu", True)
    assert json.loads(switch.figures)["skill"] > 0
    assert len(house.alerts()) == 1
    assert house.alerts()[0].startswith("prediction:gpu:on:")


def test_it_ceases_to_count_when_it_is_worse_than_yesterday(house_of):
    house = house_of()
    house.prove()
    house.measure(60.0)
    house.look()
    assert house.switches()[0].is_on

    house.wait(3_600)
    house.prove(miss=6.0)
    house.measure(60.0)
    house.look()

    assert not house.switches()[0].is_on
    assert "no better than the day before" in house.switches()[0].reason
    assert [each.split(":")[2] for each in house.alerts()] == ["on", "off"]


def test_the_settings_may_let_no_forecast_count(house_of):
    house = house_of(pool={"prediction": False})
    house.prove()
    house.remember()
    house.measure(60.0)

    assert house.look().predicted is None
    assert house.alerts() == []


def test_rare_work_waits_for_enough_and_is_told_so(house_of):
    queue = {"name": "jobs", "kind": "queue"}
    house = house_of(
        pool={"batch_jobs": 3, "deadline_seconds": 7_200, "hour_price": "0 KRW"}, target=[queue]
    )
    found = house.look()

    assert found.wanted == 0
    assert "what waits" in str(found.reason)


def test_a_pool_whose_target_is_gone_keeps_no_other_from_its_plan(house_of):
    house = house_of()
    pools = [{**house.settings.pool[0].model_dump(), "name": "lost", "target": "nobody"}]
    house.take_over(pool=[*pools, house.settings.pool[0].model_dump()])
    house.measure(130.0)
    house.look()

    assert [plan.pool for plan in house.planning.plans()] == ["gpu"]
    assert 'there is no [[target]] named "nobody"' in str(house.planning.problems()[0])
    assert {each.pool for each in house.switches()} == {"gpu"}


def test_a_pool_that_leaves_the_settings_is_forgotten(house_of):
    house = house_of()
    house.prove()
    house.measure(130.0)
    house.look()
    house.take_over(pool=[])

    assert house.look() is None
    assert house.switches() == []


def test_what_no_pool_is_asks_the_store_nothing(house_of):
    house = house_of(pool={"target": ""})
    house.store.close()

    assert house.look() is None
    assert house.planning.problems() == []


def test_a_store_that_fails_is_told_and_the_last_plan_stays(house_of):
    house = house_of()
    house.measure(130.0)
    before = house.look()
    house.store.close()

    assert house.look() == before
    assert "gpu is not planned" in str(house.planning.problems()[0])
