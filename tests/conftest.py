"""For all tests: how many examples a property is held against, and what each of them costs.

Thousands of tests stand in one process, so what is done for every one of them is kept small.
"""

import gc
import logging

import pytest
from _pytest.doctest import DoctestModule
from hypothesis import HealthCheck, settings

# Hypothesis counts examples, not milliseconds: a busy machine is no reason to fail.
HOUSE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("house", HOUSE)
settings.register_profile("fast", HOUSE, max_examples=15)
settings.load_profile("house")

LONGEST = (
    "tests/month/test_month.py",
    "tests/pipeline/test_bottleneck.py",
    "tests/faults/test_damage_sweep.py",
    "tests/month/test_month.py",
    "tests/e2e/test_costs.py",
    "tests/sallim/test_kill.py",
    "tests/faults/test_kill.py",
    "tests/faults/test_damage_many.py",
    "tests/agent/probe/test_probe_outage.py",
    "tests/sallim/test_money_race.py",
)
"""Files of 45 seconds and more. They begin, so that no worker ends with one."""


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What is collected stays until the end: nobody looks through it for garbage.

    Looking again and again takes as long as the collecting itself.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        hand_on_what_streamlit_says()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path):
    """A file of tests without a prompt holds no doctest, and is not searched for any."""
    found = yield
    if b">>>" not in file_path.read_bytes():
        return [each for each in found if not isinstance(each, DoctestModule)]
    return found


def pytest_collection_modifyitems(items):
    places = {file: place for place, file in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))


def hand_on_what_streamlit_says():
    """To the root logger, for pytest, which goes six times a test to each that hands nothing on.

    There are some sixty of them. What they say is still written where it was.
    """
    for name, logger in logging.getLogger().manager.loggerDict.items():
        if name.startswith("streamlit") and isinstance(logger, logging.Logger):
            logger.propagate = True
