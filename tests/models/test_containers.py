from itertools import pairwise

import pytest

from models.containers import (
    GroupState,
    Headline,
    bytes_of_limit,
    cpus_of_quota,
    headline,
    levels_of_machine,
    tightest,
)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/init.scope",
        "/system.slice/sallim-agent.service",
        "/user.slice/user-1000.slice/session-5.scope",
        "/user.slice/user-1000.slice/user@1000.service/app.slice/app-tmux-12.scope",
        "/system.slice/docker.service",
        "/../other",
    ],
)
def test_units_of_systemd_are_not_the_machine(path):
    assert levels_of_machine(path) == [""]


@pytest.mark.parametrize(
    ("path", "deepest"),
    [
        ("/docker/3f4e", "/docker/3f4e"),
        ("/system.slice/docker-3f4e.scope", "/system.slice/docker-3f4e.scope"),
        ("/machine.slice/libpod-3f4e.scope/container", "/machine.slice/libpod-3f4e.scope"),
        ("/kubepods/burstable/pod7/3f4e", "/kubepods/burstable/pod7/3f4e"),
        ("/lxc.payload.web/system.slice/sallim-agent.service", "/lxc.payload.web"),
        ("/ecs/task/3f4e", "/ecs/task/3f4e"),
        (
            "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-3f4e.scope",
            "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-3f4e.scope",
        ),
    ],
)
def test_a_container_and_all_above_it_are_the_machine(path, deepest):
    levels = levels_of_machine(path)

    assert levels[0] == ""
    assert levels[-1] == deepest
    assert all(inner.startswith(outer) for outer, inner in pairwise(levels))


@pytest.mark.parametrize("number", [None, 9_223_372_036_854_771_712, 2**63 - 1])
def test_no_limit_is_none(number):
    assert bytes_of_limit(number) is None


@pytest.mark.parametrize("quota", [None, -1, 0])
def test_no_quota_is_none(quota):
    assert cpus_of_quota(quota, 100_000) is None


def test_a_quota_is_cpus():
    assert cpus_of_quota(150_000, 100_000) == 1.5


def test_without_levels_nothing_counts():
    assert tightest([]) is None


def test_the_cache_that_nobody_reads_is_not_the_working_set():
    assert GroupState(memory_used=100, memory_inactive_file=30).working_set == 70
    assert GroupState(memory_used=100).working_set == 100
    assert GroupState(memory_used=10, memory_inactive_file=30).working_set == 0
    assert GroupState().working_set is None


def test_a_limited_group_that_is_silent_has_a_gap_and_not_the_hosts_use():
    found = headline(Headline(3.0, 4.0), used=None, limit=0.5)

    assert (found.used, found.limit, found.utilization) == (None, 0.5, None)


def test_a_machine_without_anything_has_no_share():
    assert Headline(1.0, 0.0).utilization is None
