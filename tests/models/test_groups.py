from models.groups import Group, groups_of, watching_cost
from models.live import Live, LiveSeries
from models.monitoring import SeriesKey

NOW = 1_000.0


def series(name, value, at=NOW, machine="vps", **labels):
    pairs = tuple((key.replace("_", "."), text) for key, text in labels.items())
    return LiveSeries(SeriesKey(machine, name, pairs), "1", value, at)


def live(*found):
    return Live(NOW, "vps", "0.1.0", False, (), found)


def test_the_busiest_group_comes_first_and_what_is_not_known_stays_unknown():
    found = live(
        series("process.cpu.utilization", 0.1, process_group="n8n"),
        series("process.memory.usage", 5e8, process_group="n8n"),
        series("process.count", 3.0, process_group="n8n"),
        series("process.cpu.utilization", 0.7, process_group="worker"),
    )

    assert groups_of(found, "vps") == [
        Group("worker", 0.7, None, None),
        Group("n8n", 0.1, 5e8, 3.0),
    ]


def test_what_is_no_longer_among_the_largest_is_not_shown():
    found = live(
        series("process.cpu.utilization", 0.9, at=NOW - 30, process_group="gone"),
        series("process.cpu.utilization", 0.1, process_group="here"),
    )

    assert [group.name for group in groups_of(found, "vps")] == ["here"]


def test_groups_are_those_of_the_machine_that_is_asked_for():
    found = live(series("process.cpu.utilization", 0.9, machine="gpu", process_group="worker"))

    assert groups_of(found, "vps") == []


def test_the_cost_of_watching_is_told_once_all_of_it_is_known():
    parts = [
        series("agent.cpu.utilization", 0.002),
        series("agent.memory.rss", 6e7),
        series("agent.store.size", 1e7),
        series("agent.store.size.limit", 1e9),
    ]

    assert watching_cost(live(*parts[:3])) is None
    assert watching_cost(live(*parts)).store_bytes_max == 1e9
