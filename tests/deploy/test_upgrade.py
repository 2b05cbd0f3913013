import pytest

from deploy.backup import backups_of, backups_of_kind
from deploy.journal import read_journal
from deploy.layout import UNITS

pytestmark = pytest.mark.slow


@pytest.fixture
def installed(machine):
    """A machine on which release 1.0 runs."""
    assert machine.carry_out("install", machine.source("1.0")) == 0, machine.said
    return machine


def test_an_upgrade_keeps_data_and_settings(installed):
    settings = installed.layout.settings.read_text()
    code = installed.carry_out("upgrade", installed.source("2.0"))

    assert code == 0, installed.said
    assert installed.answering == "ok: 2.0"
    assert installed.store == ["1.0", "2.0"]
    assert installed.layout.settings.read_text() == settings
    assert not installed.layout.journal.exists()


def test_an_upgrade_copies_the_data_while_nothing_runs(installed):
    installed.carry_out("upgrade", installed.source("2.0"))
    [backup] = backups_of(installed.layout)

    assert backup.release.startswith("1.0-")
    assert (backup.folder / "home/ops.duckdb").read_text() == f"{backup.release}\n"
    assert (backup.folder / "sallim.toml").exists()
    assert not (backup.folder / "home/agent.sock").exists()
    assert backup.folder.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("behaviour", "account"),
    [
        ("dies", "the agent does not answer"),
        ("hangs", "the agent does not answer"),
        ("degraded", "the agent says: the source host is stale"),
    ],
)
def test_a_release_that_is_not_well_gives_way_to_the_old_one_and_its_data(
    installed, behaviour, account
):
    source = installed.source("2.0", behaviour)
    code = installed.carry_out("upgrade", source, "--health-seconds", "0.4")
    [aside] = backups_of_kind(installed.layout, aside=True)
    said = installed.told[-1]

    assert code == 1
    assert installed.answering == "ok: 1.0"
    assert installed.current == "1.0"
    assert set(installed.store) == {"1.0"}
    assert not installed.layout.journal.exists()
    assert "The upgrade to 2.0-" in said
    assert account in said
    assert "runs again" in said
    assert "journalctl" in said
    # What the failed release wrote is kept for a look.
    assert "2.0-" in (aside / "ops.duckdb").read_text()
    assert str(aside) in said


def test_a_call_that_was_paid_meanwhile_is_not_forgotten_on_the_way_back(installed):
    ledger = installed.layout.ledger / "ledger.sqlite3"
    ledger.write_text("one call")
    source = installed.source("2.0", "hangs")
    tell = installed.told.append

    def pay_while_it_is_tried(line):
        tell(line)
        if line.startswith("Release 2.0"):
            ledger.write_text("two calls")

    installed.told = _Listening(pay_while_it_is_tried, installed.told)
    installed.carry_out("upgrade", source, "--health-seconds", "0.4")

    assert installed.answering == "ok: 1.0"
    assert ledger.read_text() == "two calls"


class _Listening(list):
    """A list that does something with each line that is added."""

    def __init__(self, heard, lines):
        super().__init__(lines)
        self.append = heard


def test_an_old_release_that_was_degraded_asks_no_more_of_the_new_one(machine):
    machine.carry_out("install", machine.source("1.0", "degraded"))
    code = machine.carry_out("upgrade", machine.source("2.0", "degraded"))

    assert code == 0, machine.said
    assert machine.answering == "degraded: 2.0"


def test_an_app_that_the_owner_switched_off_stays_off(installed):
    agent, app = UNITS
    installed.runner.enabled.discard(app)
    code = installed.carry_out("upgrade", installed.source("2.0"))

    assert code == 0, installed.said
    assert list(installed.runner.running) == [agent]


def test_an_upgrade_to_what_runs_already_copies_nothing(installed):
    code = installed.carry_out("upgrade", installed.root / "src/1.0")

    assert code == 0, installed.said
    assert installed.answering == "ok: 1.0"
    assert backups_of(installed.layout) == []


def test_an_upgrade_of_nothing_says_what_to_do(machine):
    code = machine.carry_out("upgrade", machine.source("1.0"))

    assert code == 1
    assert "Run `make install` first" in machine.said


def test_a_source_that_cannot_be_built_stops_nothing(installed):
    broken = installed.source("2.0")
    (broken / "deploy/sallim-app.service").unlink()
    code = installed.carry_out("upgrade", broken)

    assert code == 1
    assert "has no deploy/sallim-app.service" in installed.said
    assert installed.answering == "ok: 1.0"
    assert read_journal(installed.layout.journal) is None


def test_a_backup_that_cannot_be_made_lets_the_old_release_run_on(installed):
    source = installed.source("2.0")
    installed.layout.backups.write_text("a file where the folder should be")
    code = installed.carry_out("upgrade", source)

    assert code == 1
    assert installed.answering_soon() == "ok: 1.0"
    assert not installed.layout.journal.exists()


def test_three_copies_and_two_releases_are_kept(installed):
    for version in ("2.0", "3.0", "4.0", "5.0"):
        assert installed.carry_out("upgrade", installed.source(version)) == 0, installed.said

    assert [b.release.rpartition("-")[0] for b in backups_of(installed.layout)] == [
        "2.0",
        "3.0",
        "4.0",
    ]
    releases = sorted(folder.name for folder in installed.layout.releases.iterdir())
    assert [name.rpartition("-")[0] for name in releases] == ["4.0", "5.0"]


def test_a_person_can_go_back_to_the_release_and_the_data_of_before(installed):
    installed.carry_out("upgrade", installed.source("2.0"))
    code = installed.carry_out("rollback")

    assert code == 0, installed.said
    assert installed.answering == "ok: 1.0"
    assert set(installed.store) == {"1.0"}


def test_going_back_without_a_copy_is_refused(installed):
    code = installed.carry_out("rollback")

    assert code == 1
    assert "no copy that belongs to an earlier release" in installed.said
    assert installed.answering == "ok: 1.0"
