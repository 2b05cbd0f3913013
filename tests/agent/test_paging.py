"""Answers in pages, over the wire: each one once, and an end in any case."""

import json

import pytest

from agent.net.asking import Asker
from agent.net.paging import PAGES_MAX, read_pages
from models.errors import SourceRefused, SourceUnreachable
from tests.standins.bills import desk

PATH = "/v1/things"


@pytest.fixture
def standing():
    with desk() as standing:
        yield standing


def read(standing, timeout_seconds=20.0):
    asker = Asker("things", timeout_seconds=timeout_seconds)
    params = {"limit": 2, "group_by[]": ["model", "tier"]}
    return read_pages(asker, standing.url + PATH, params, lambda entry: [entry["name"]])


def in_pages(standing, names, a_page=2):
    def answer(query, _headers):
        first = int(query.get("page", ["0"])[0])
        has_more = first + a_page < len(names)
        page = {
            "data": [{"name": name} for name in names[first : first + a_page]],
            "has_more": has_more,
            "next_page": str(first + a_page) if has_more else None,
        }
        return 200, json.dumps(page).encode()

    standing.routes[PATH] = answer


def test_every_page_is_read_once_with_what_was_asked_for(standing):
    in_pages(standing, "abcde")

    assert read(standing) == ["a", "b", "c", "d", "e"]
    assert [query.get("page") for _, query in standing.asked] == [None, ["2"], ["4"]]
    assert all(query["group_by[]"] == ["model", "tier"] for _, query in standing.asked)


def test_a_cursor_that_comes_again_is_refused(standing):
    standing.says(PATH, {"data": [], "has_more": True, "next_page": "again"})

    with pytest.raises(SourceRefused, match="the page 'again' a second time"):
        read(standing)
    assert len(standing.asked) == 2


def test_pages_that_are_always_new_end_as_well(standing):
    in_pages(standing, "a" * 1_000)

    with pytest.raises(SourceRefused, match=f"more than {PAGES_MAX} pages"):
        read(standing)
    assert len(standing.asked) == PAGES_MAX


@pytest.mark.parametrize("cursor", [None, "", 7, {}, "x" * 3_000])
def test_more_pages_without_a_cursor_are_refused(standing, cursor):
    standing.says(PATH, {"data": [], "has_more": True, "next_page": cursor})

    with pytest.raises(SourceRefused, match="no cursor of the next one"):
        read(standing)


@pytest.mark.parametrize(
    "page", [[], {}, {"data": None}, {"data": 7, "has_more": False}, {"data": [{}]}, {"data": []}]
)
def test_what_is_no_page_is_refused(standing, page):
    standing.says(PATH, page)

    with pytest.raises(SourceRefused, match="not taken over"):
        read(standing)


def test_a_second_page_that_fails_takes_the_first_one_with_it(standing):
    in_pages(standing, "abc")
    first = standing.routes[PATH]
    standing.routes[PATH] = lambda query, headers: (
        (429, b"{}") if "page" in query else first(query, headers)
    )

    with pytest.raises(SourceUnreachable, match="answers 429; it is asked again later"):
        read(standing)


@pytest.mark.slow
def test_a_page_that_hangs_has_its_end(standing):
    in_pages(standing, "abc")
    standing.slow_seconds = 0.5

    with pytest.raises(SourceUnreachable, match="no whole answer within 1 s"):
        read(standing, timeout_seconds=1)
