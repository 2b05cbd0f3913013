import pytest

from tests.agent.planning.house import House


@pytest.fixture
def house_of(tmp_path):
    """Makes a house; all that were made are closed."""
    made = []

    def make(pool=None, **settings):
        made.append(House(tmp_path, pool, **settings))
        return made[-1]

    yield make
    for each in made:
        each.close()
