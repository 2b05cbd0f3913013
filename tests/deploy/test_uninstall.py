import pytest

from deploy.files import write_whole
from deploy.journal import Journal, Phase, write_journal

pytestmark = pytest.mark.slow


@pytest.fixture
def installed(machine):
    assert machine.carry_out("install", machine.source("1.0")) == 0, machine.said
    return machine


def units_of(machine):
    return sorted(path.name for path in machine.layout.units.iterdir())


def test_uninstalling_keeps_data_and_settings_and_says_where(installed):
    code = installed.carry_out("uninstall")

    assert code == 0, installed.said
    assert installed.answering is None
    assert installed.runner.enabled == set()
    assert not installed.layout.opt.exists()
    assert units_of(installed) == []
    assert installed.store == ["1.0"]
    assert installed.layout.settings.exists()
    assert str(installed.layout.home) in installed.told[-1]


def test_what_was_kept_is_used_by_a_later_install(installed):
    installed.carry_out("uninstall")
    code = installed.carry_out("install", installed.root / "src/1.0")

    assert code == 0, installed.said
    assert installed.store == ["1.0", "1.0"]


def test_a_purge_leaves_nothing(installed):
    changes = installed.layout.units / "sallim-agent.service.d"
    changes.mkdir()
    write_whole(changes / "override.conf", "[Service]\n")
    installed.carry_out("upgrade", installed.source("2.0"))
    code = installed.carry_out("uninstall", "/nonexistent", "--purge")

    assert code == 0, installed.said
    for path in ("home", "backups", "settings_folder", "opt"):
        assert not getattr(installed.layout, path).exists()
    assert units_of(installed) == []


def test_uninstalling_nothing_is_no_error(machine):
    assert machine.carry_out("uninstall") == 0, machine.said
    assert machine.carry_out("uninstall") == 0, machine.said


def test_data_that_are_half_put_back_are_not_left_behind_as_if_whole(installed):
    journal = Journal(Phase.RETURNING, "1.0", "2.0", "none", well=True)
    write_journal(installed.layout.journal, journal)
    code = installed.carry_out("uninstall")

    assert code == 1
    assert "Run `make upgrade` to finish that" in installed.said
    assert installed.answering == "ok: 1.0"
