"""At 100 % what costs money is stopped, and recovery, as a stub that restarts whatever is down,
restarts nothing of it: the ledger crosses, the real policy stops real processes.
"""

from contextlib import closing

import pytest

from agent.actions.command import Command
from models.messages import say
from models.wanted import RECOVERY, REPAIR
from tests.agent.limiting import NOW
from tests.faults.limiter import MONTH_LATER, Agent, services
from tests.faults.test_budget_kill import DOWN, NAMES, UP, House

pytestmark = pytest.mark.slow
WHY = say("it is down")


def restarts_whatever_is_down(agent, house):
    """Which were down when it tried each: by its own hand where it may, and else by asking."""
    down = [name for name in NAMES if not (house.folder / f"{name}.up").exists()]
    for name in down:
        if agent.stopping.may(RECOVERY, name, REPAIR):
            [service] = [each for each in services(house.folder) if each.name == name]
            Command().start(service)
        else:
            agent.stopping.start([name], RECOVERY, WHY)
        agent.goes_on()
    return down


def test_what_the_budget_stopped_is_not_restarted_and_what_fell_is(tmp_path):
    house = House(tmp_path / "house").begins()
    house.uses_up()
    with closing(Agent(house.folder, NOW)) as agent:
        agent.goes_on()
        for _ in range(3):
            assert restarts_whatever_is_down(agent, house) == list(NAMES)
        assert house.log() == DOWN

    with closing(Agent(house.folder, MONTH_LATER)) as agent:
        agent.goes_on()
        assert house.log() == [*DOWN, *UP]
        (house.folder / "worker.up").unlink()
        assert restarts_whatever_is_down(agent, house) == ["worker"]
        assert restarts_whatever_is_down(agent, house) == []
    assert house.log() == [*DOWN, *UP, "start worker"]
