from models.databases.counters import CountersOf, growth_of
from models.databases.redis_info import is_linked, is_saved, memory_max
from models.rates import Rates


def test_databases_are_added_and_a_new_one_waits_for_its_second_look():
    rates = Rates()
    growth_of(rates, [CountersOf(1, 0, {"commits": 100})], 0.0)
    both = [CountersOf(1, 0, {"commits": 200}), CountersOf(2, 0, {"commits": 9_999})]

    assert growth_of(rates, both, 10.0) == {"commits": 10.0}


def test_counters_that_begin_anew_are_a_gap_even_when_they_are_past_the_old_ones():
    rates = Rates()
    growth_of(rates, [CountersOf(1, "monday", {"deadlocks": 1})], 0.0)

    assert growth_of(rates, [CountersOf(1, "tuesday", {"deadlocks": 5})], 10.0) == {}


def test_one_that_begins_anew_is_a_gap_of_the_sum_and_never_a_zero():
    rates = Rates()
    growth_of(rates, [CountersOf(1, 1, {"commits": 5}), CountersOf(2, 1, {"commits": 0})], 0.0)
    reset = [CountersOf(1, 2, {"commits": 0}), CountersOf(2, 1, {"commits": 0})]

    assert growth_of(rates, reset, 10.0) == {}
    assert growth_of(rates, reset, 20.0) == {"commits": 0.0}


def test_counters_that_went_back_are_a_gap():
    rates = Rates()
    growth_of(rates, [CountersOf(1, None, {"deadlocks": 7})], 0.0)

    assert growth_of(rates, [CountersOf(1, None, {"deadlocks": 5})], 10.0) == {}


def test_no_limit_and_no_replica_are_not_zero():
    assert memory_max({"maxmemory": 0}) is None
    assert is_linked({"role": "master"}) is None
    assert is_linked({"master_link_status": "down"}) == 0.0
    assert is_saved({"rdb_last_bgsave_status": "err"}) == 0.0
