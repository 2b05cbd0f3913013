"""In which order things stop, what is spared, and what a preview says."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.messages import say
from models.settings.service import Service
from models.stopping import (
    Lost,
    StillBills,
    all_paid,
    cycle,
    preview,
    spared,
    start_order,
    stop_order,
    unknown_names,
)


def service(name, *requires, **more):
    return Service(name=name, requires=requires, **more)


PIPELINE = (
    service("web", "n8n"),
    service("postgres", priority="essential"),
    service("n8n", "postgres"),
    service("worker", "n8n", "gpu"),
    service("gpu", hour_krw=600, stopped_hour_krw=20, still_bills="disk of 50 GB"),
)


def test_what_depends_on_a_target_stops_before_it():
    assert stop_order(PIPELINE, ["n8n"]) == ["worker", "web", "n8n"]
    assert stop_order(PIPELINE, ["gpu"]) == ["worker", "gpu"]
    assert stop_order(PIPELINE, ["web"]) == ["web"]


def test_what_a_target_requires_starts_before_it():
    assert start_order(PIPELINE, ["worker"]) == ["postgres", "n8n", "gpu", "worker"]
    assert start_order(PIPELINE, []) == []


def test_a_budget_spares_the_essential_and_what_that_requires():
    assert spared(PIPELINE) == {"postgres"}
    assert all_paid(PIPELINE) == ["worker", "gpu", "web", "n8n"]
    alive = (*PIPELINE, service("shop", "web", priority="essential"))

    assert spared(alive) == {"postgres", "n8n", "web", "shop"}
    assert all_paid(alive) == ["worker", "gpu"]


def test_a_circle_is_found_wherever_it_is_entered():
    circle = [service("a", "b"), service("b", "c"), service("c", "a"), service("d", "a")]

    assert cycle(PIPELINE) == ()
    assert cycle(circle) == ("a", "b", "c")
    assert cycle([service("self", "self")]) == ("self",)
    assert cycle([service("lost", "nowhere")]) == ()


def test_a_long_chain_is_no_circle_and_no_trouble():
    chain = [service(f"s{i}", *([f"s{i + 1}"] if i < 400 else [])) for i in range(401)]

    assert cycle(chain) == ()


def test_a_preview_says_what_stops_what_still_bills_and_what_is_lost():
    cut_off = say("{count} runs under way are cancelled", count=3)
    shown = preview(PIPELINE, ["gpu"], {"worker": cut_off, "web": cut_off})

    assert shown.stops == ("worker", "gpu")
    assert shown.still_bills == (StillBills("gpu", "disk of 50 GB", 20),)
    assert shown.lost == (Lost("worker", cut_off),)
    assert shown.saved_hour_krw == 580
    assert shown.as_json()["stops"] == ["worker", "gpu"]


def test_a_name_that_is_not_known_is_named():
    told = unknown_names(PIPELINE, ["n8n", "mailer"])

    assert str(told).startswith("no [[service]] is named mailer; the settings know: web, postgres")
    assert unknown_names(PIPELINE, ["n8n"]) is None


@st.composite
def graphs(draw):
    """Services that require only such as come before them, in any order."""
    count = draw(st.integers(1, 8))
    made = [
        service(f"s{i}", *(f"s{j}" for j in draw(st.sets(st.integers(0, max(i - 1, 0)))) if j < i))
        for i in range(count)
    ]
    return draw(st.permutations(made))


@given(graphs(), st.data())
def test_in_any_house_the_orders_keep_what_is_required(house, data):
    names = [each.name for each in house]
    chosen = data.draw(st.sets(st.sampled_from(names)))
    down, up = stop_order(house, chosen), start_order(house, chosen)
    requires = {each.name: set(each.requires) for each in house}

    assert chosen <= set(down)
    assert chosen <= set(up)
    for early, late in itertools.combinations(down, 2):
        assert late not in requires or early not in requires[late]
    for early, late in itertools.combinations(up, 2):
        assert late not in requires[early]
    for name in up:
        assert requires[name] <= set(up)
    for name in set(names) - set(down):
        assert not requires[name] & set(down)


@pytest.mark.parametrize(
    ("more", "bills"),
    [({}, 0), ({"still_bills": "disk"}, 1), ({"stopped_hour_krw": 1}, 1)],
)
def test_what_still_bills_is_told_by_either_key(more, bills):
    assert len(preview([service("gpu", **more)], ["gpu"], {}).still_bills) == bills
