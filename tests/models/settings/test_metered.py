"""`[[metered]]`: which series is counted, and what is refused."""

import pytest

from models.errors import ConfigError
from models.settings.problems import settings_of


def of(lines: str) -> str:
    with pytest.raises(ConfigError) as refused:
        settings_of(f"[[metered]]\n{lines}", "sallim.toml")
    return str(refused.value)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('labels = ["eth0"]', '"interface=eth0"'),
        ('metric = "a metric"', '"system.network.io"'),
        ('kind = "traffic"', '"network"'),
        ('gb_price = "1"', '"5.35 USD"'),
        ("free_gb = -1", "0"),
        ("gb = 1000", '"decimal"'),
        ('free_gb = "20 TB"', "20000"),
    ],
)
def test_what_does_not_work_is_refused_with_a_value_that_does(lines, said):
    assert said in of(lines).replace(",", "")


def test_two_of_one_name_are_one_too_many():
    assert "two [[metered]] are named a" in of('name = "a"\n[[metered]]\nname = "a"')
