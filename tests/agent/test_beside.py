"""What runs beside agent and app may end without them."""

import signal
import subprocess
import sys

from agent.commands.beside import RESTARTS_MAX, Beside
from tests.processes import until


def started(program):
    return lambda: subprocess.Popen([sys.executable, "-c", program])


def test_who_ends_by_itself_is_told_of_once_and_stays_away():
    beside = Beside("gateway", started("raise SystemExit(6)"))

    told = until(beside.look)
    assert "The gateway ended (exit code 6)" in told
    assert beside.look() == ""
    beside.end(1)


def test_who_is_killed_comes_back_but_not_for_ever():
    beside = Beside("gateway", started("import time; time.sleep(60)"))
    for _ in range(RESTARTS_MAX):
        beside.process.send_signal(signal.SIGKILL)
        assert "killed (SIGKILL); it starts again" in until(beside.look)
    beside.process.kill()

    assert "go on without it" in until(beside.look)


def test_it_is_ended_with_the_others_also_where_it_does_not_listen():
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); "
    deaf += "time.sleep(60)"
    beside = Beside(
        "gateway",
        lambda: subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE),
    )
    beside.process.stdout.readline()
    beside.end(0.2)

    assert beside.process.returncode == -signal.SIGKILL
    beside.process.stdout.close()
