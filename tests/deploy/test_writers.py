"""Real users: programs of the group `sallim` write jobs, the agent reads them, others see nothing.

The numbers are made up; root may be anybody. No account is made.
"""

import shutil
import tempfile
from pathlib import Path

import pytest

from deploy.accounts import give
from deploy.ledger import open_to_writers
from deploy.setup import HOME_MODE
from tests.sallim.rows import program

pytestmark = pytest.mark.slow

AGENT, PROGRAM, OTHER, STRANGER = 61_001, 61_002, 61_003, 61_004
WRITERS, READERS = 61_101, 61_102
IDS = {
    # As the units and `usermod -aG sallim` make them: own group, and those besides it.
    AGENT: (READERS, [WRITERS]),
    PROGRAM: (PROGRAM, [WRITERS]),
    OTHER: (OTHER, [WRITERS]),
    STRANGER: (STRANGER, []),
    0: (0, []),
}

# Python itself may stand where that user cannot read, so all that is needed is loaded before.
BECOME = """
import encodings.ascii, logging, os, pathlib, sqlite3, time
import sallim
from sallim import ledger, posting, recording
from sallim.ledger import processes, Ledger
os.umask({umask})
os.setgroups({besides}), os.setgid({group}), os.setuid({user})
recording.SYSTEM_FOLDER = FOLDER = {folder!r}
"""
WRITE = """
with sallim.job("analysis", key="video-17"):
    pass
recording.flush()
"""
READ = """
ledger = Ledger.open(FOLDER + "/ledger.sqlite3")
ledger.record_jobs([{"job_id": str(time.time_ns()), "name": "door", "state": "succeeded"}], 1)
print(*sorted(f"{row.name}:{row.state}" for row in ledger.jobs_since(0, 100)))
"""
OPEN = """
home = pathlib.Path(FOLDER).parent
opened = []
for look in (lambda: os.listdir(home), lambda: os.listdir(FOLDER),
             lambda: (home / "control.sqlite3").read_bytes(), lambda: (home / "new").touch(),
             lambda: pathlib.Path(FOLDER, "ledger.sqlite3").read_bytes(),
             lambda: pathlib.Path(FOLDER, "new").touch()):
    try:
        look()
    except PermissionError:
        opened.append("no")
    else:
        opened.append("yes")
print(*opened)
"""


@pytest.fixture
def home():
    """As the installer leaves it."""
    place = Path(tempfile.mkdtemp(prefix="sallim-"))
    place.chmod(0o755)
    home = place / "home"
    home.mkdir()
    home.chmod(HOME_MODE)
    (home / "control.sqlite3").touch(0o600)
    give(home, AGENT, READERS, but="ledger")
    open_to_writers(home / "ledger", AGENT, WRITERS)
    yield home
    shutil.rmtree(place)


def started(user, home, code, umask=0o022):
    group, besides = IDS[user]
    become = BECOME.format(
        umask=umask, besides=besides, group=group, user=user, folder=str(home / "ledger")
    )
    return program(become + code)


def as_user(user, home, code, umask=0o022):
    """What a program of that user prints, and what it says in its log."""
    process = started(user, home, code, umask)
    said, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    return said.strip(), told.strip()


@pytest.mark.parametrize("order", [(AGENT, PROGRAM, OTHER), (PROGRAM, OTHER, AGENT), (0, OTHER)])
@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_programs_of_the_group_write_and_the_agent_reads_whoever_came_first(home, order, umask):
    for user in order:
        code = READ if user == AGENT else WRITE
        assert as_user(user, home, code, umask)[1] == ""
    read, _ = as_user(AGENT, home, READ)

    programs = len(order) - (AGENT in order)
    assert read.split().count("analysis:succeeded") == programs
    files = [path.stat() for path in (home / "ledger").iterdir()]
    assert {(file.st_gid, file.st_mode & 0o777) for file in files} == {(WRITERS, 0o660)}


def test_a_program_that_holds_it_open_while_the_agent_reads_loses_nothing(home):
    meanwhile = WRITE.replace("recording.flush()", "print(flush=True); time.sleep(60)")
    with started(PROGRAM, home, meanwhile) as running:
        running.stdout.readline()
        assert as_user(AGENT, home, READ)[0] == "analysis:succeeded door:succeeded"
        open_to_writers(home / "ledger", AGENT, WRITERS)  # An upgrade meanwhile.
        running.terminate()

    assert as_user(OTHER, home, WRITE) == ("", "")
    assert as_user(AGENT, home, READ)[0].count("analysis:succeeded") == 2


def test_the_group_reaches_the_ledger_and_nothing_else(home):
    as_user(PROGRAM, home, WRITE)

    assert as_user(OTHER, home, OPEN)[0] == "no yes no no yes yes"


def test_who_is_not_in_the_group_opens_nothing_and_is_told_how_to_get_in(home):
    as_user(PROGRAM, home, WRITE)
    said, told = as_user(STRANGER, home, WRITE)

    assert as_user(STRANGER, home, OPEN)[0] == "no no no no no no"
    assert said == ""
    assert "sudo usermod -aG sallim USER" in told


def test_a_home_that_came_back_with_other_owners_is_opened_again(home):
    """As after an uninstall that kept the data: all of it was root's meanwhile."""
    as_user(PROGRAM, home, WRITE)
    give(home, 0, 0)
    assert "analysis" not in as_user(PROGRAM, home, WRITE)[0]

    give(home, AGENT, READERS, again=True, but="ledger")
    open_to_writers(home / "ledger", AGENT, WRITERS)

    assert as_user(PROGRAM, home, WRITE) == ("", "")
    assert as_user(AGENT, home, READ)[0].count("analysis:succeeded") == 2
    assert (home / "control.sqlite3").stat().st_gid == READERS
