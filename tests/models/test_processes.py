import pytest

from models.processes import ProcessUse, group_of, grouped, largest_groups, parse_stat

ID = "3f4e5a6b7c8d" + "9e0f" * 13


def use(pid: int, group: str, cpu: float | None, memory: int) -> ProcessUse:
    return ProcessUse(pid, group, group, cpu, memory)


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("/system.slice/nginx.service", "nginx.service"),
        ("/system.slice/nginx.service/worker", "nginx.service"),
        ("/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service"),
        (f"/system.slice/docker-{ID}.scope", "docker-3f4e5a6b7c8d"),
        (f"/kubepods.slice/cri-containerd-{ID}.scope", "cri-containerd-3f4e5a6b7c8d"),
        ("/user.slice/user-1000.slice/session-12.scope", "user-1000.slice"),
        ("/user.slice/user-1000.slice/user@1000.service/init.scope", "user@1000.service"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/n8n.service", "n8n.service"),
        ("/user.slice/user@1000.service/app.slice/app-firefox-4242.scope", "app-firefox.scope"),
        ("/system.slice/run-u12.service", "python3"),
        ("/system.slice/run-r0123456789abcdef0123456789abcdef.scope", "python3"),
        ("/init.scope", "init.scope"),
        ("/docker/3f4e5a6b7c8d", "python3"),
        ("/", "python3"),
    ],
)
def test_a_group_is_a_unit_by_a_name_that_outlives_a_restart(path, group):
    assert group_of(f"0::{path}\n", "python3") == group


def test_under_version_1_the_unit_is_that_of_systemds_own_hierarchy():
    text = "4:memory:/system.slice/other.service\n1:name=systemd:/system.slice/cron.service\n0::/\n"

    assert group_of(text, "cron") == "cron.service"


def test_without_control_groups_the_name_is_the_group():
    assert group_of("", "node") == "node"


@pytest.mark.parametrize("text", ["", "7 (sh", "7 (sh) S 1 2 3"])
def test_a_torn_line_is_nothing(text):
    assert parse_stat(text) is None


def test_signs_that_cannot_be_shown_are_replaced():
    fields = "S 1 7 7 0 -1 2097152 0 0 0 0 30 12 0 0 20 0 1 0 99 4096 5"

    stat = parse_stat(f"7 (a\nb\x1b) {fields}")

    assert stat.name == "a?b?"
    assert stat.is_kernel_thread


def test_a_group_is_the_sum_of_its_processes():
    (group,) = grouped([use(1, "a", None, 10), use(2, "a", 0.5, 20), use(3, "a", 0.25, 0)])

    assert (group.cpu_utilization, group.memory_bytes, group.count) == (0.75, 30, 3)


def test_a_group_nobody_measured_has_no_cpu():
    (group,) = grouped([use(1, "a", None, 10)])

    assert group.cpu_utilization is None


def test_what_uses_nothing_is_not_among_the_largest():
    groups = grouped([use(1, "idle", 0.0, 0), use(2, "busy", 0.5, 0), use(3, "big", 0.0, 9)])

    assert [group.group for group in largest_groups(groups, 5)] == ["busy", "big"]
