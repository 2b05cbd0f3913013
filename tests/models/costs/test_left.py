"""What is left, told in what it buys."""

from decimal import Decimal

from models.costs.left import Hourly, HoursLeft, hours_for
from models.costs.shapes import Bucket

GPU = Hourly("gpu", "runpod", Decimal("536.69"))
NOTHING = Decimal(0)


def bucket(name, cap, spent=0, kept=0):
    return Bucket(name, 0, 1, Decimal(cap), Decimal(spent), NOTHING, Decimal(kept), 1, 0)


def test_the_tightest_bucket_decides():
    """Of 9,900 won for servers 5,000 are spent and 1,500 kept free: 3,400 / 536.69 = 6.33 h."""
    found = [
        bucket("api", 10),
        bucket("total", 24_900, 9_000),
        bucket("servers", 9_900, 5000, 1500),
    ]

    assert hours_for(found, [GPU]) == [HoursLeft("gpu", Decimal("6.3"), GPU.won)]
    mean = bucket("provider:runpod", 1_000)
    assert hours_for([*found, mean], [GPU])[0].hours == Decimal("1.8")
    assert hours_for([*found, bucket("provider:vast", 1_000)], [GPU])[0].hours == Decimal("6.3")


def test_over_the_cap_nothing_is_left_and_without_one_nothing_is_known():
    assert hours_for([bucket("total", 100, 200)], [GPU])[0].hours == 0
    assert hours_for([bucket("api", 100)], [GPU]) == []
    assert hours_for([bucket("total", 100)], [GPU._replace(won=NOTHING)]) == []
