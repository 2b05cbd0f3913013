"""The scanner finds the lines that the standard parser knows and does not tell."""

import tomllib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.settings.toml_lines import dotted, lines_of, places, repeated

TEXT = r'''# a comment = 1
demo = true

[house]            # with [brackets] = and "quotes"
timezone = "Asia/\"Seoul\" # no comment"
"quoted key" = 'C:\new'
 spaced . out = 1

[ collectors . "host" ]
list = [
    1, # ] no end
    "]", {inner = 2},
]
text = """
[not.a.table]
key = 1
"""""
raw = \'\'\'
[nor.this]
\'\'\'
after = {one = 1, "two" = {three = [1, {x = 1}]}, four.five = 2}

[[rooms]]
name = "a"
[[rooms]]
name = "b"
last.one = 2026-11-23T06:28:00.5Z'''.replace("\\'", "'")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("demo", 2),
        ("house", 4),
        ("house.timezone", 5),
        ("house.quoted key", 6),
        ("house.spaced", 7),
        ("house.spaced.out", 7),
        ("collectors", 9),
        ("collectors.host", 9),
        ("collectors.host.list", 10),
        ("collectors.host.text", 14),
        ("collectors.host.raw", 18),
        ("collectors.host.after.one", 21),
        ("collectors.host.after.two.three", 21),
        ("collectors.host.after.four.five", 21),
        ("rooms", 23),
        ("rooms.name", 24),
        ("rooms.last.one", 27),
    ],
)
def test_a_key_stands_on_its_line(path, line):
    assert tomllib.loads(TEXT), "the text is TOML"
    assert lines_of(places(TEXT))[tuple(path.split("."))] == line


def test_what_is_inside_texts_lists_and_comments_is_no_key():
    found = {".".join(path) for path in lines_of(places(TEXT))}

    assert not found & {"not", "nor", "key", "a comment", "collectors.host.inner", "x"}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a = 1\nb = 2\na = 3", (1, 3)),
        ("[a]\n[b]\n[a]", (1, 3)),
        ("a.b = 1\n[a]\nb = 2", (1, 3)),
        ('a = 1\n"a" = 2', (1, 2)),
        ("a = {b = 1, b = 2}", (1, 1)),
    ],
)
def test_a_key_that_is_set_twice_is_found_with_both_lines(text, lines):
    first, second = repeated(places(text))

    assert (first.line, second.line) == lines


@pytest.mark.parametrize("text", ["a = 1\n[b]\na = 1", "[[a]]\nx = 1\n[[a]]\nx = 1", "[a.b]\n[a]"])
def test_equal_names_in_different_tables_are_not_repeated(text):
    assert repeated(places(text)) is None


def test_a_path_stays_on_one_line_whatever_its_names_hold():
    assert dotted(("a", "b\nc", "d e")) == 'a."b\\nc"."d e"'


KEYS = st.text("abc-_1", min_size=1, max_size=3) | st.text(min_size=0, max_size=4).map(
    lambda text: dotted(("", text)).partition(".")[2]
)
VALUES = st.sampled_from(
    [
        "1",
        "-1.5e3",
        "true",
        "1979-05-27 07:32:00",
        '"a # [b] = c"',
        "'\"'",
        '"\\""',
        '""""quoted""""',
        '"""\nb = 1\n[c]\n"""',
        "'''\n''''",
        "[1, [2], {a = '}'}]",
        "[ # x\n 1,\n]",
        "[{a = 1},\n{b = 2},\n]",
        "{}",
        '{a = """x"""", "b" = {"c,d" = 1}}',
        "{a = '''x'''', 'b' = 1}",
        "{a = [{x = 1}, {y = 2}], b = 3}",
        "{a = 1, b = {c = [']']}}",
    ]
)
LINES = st.one_of(
    st.tuples(st.lists(KEYS, min_size=1, max_size=3), VALUES).map(
        lambda pair: f"{'.'.join(pair[0])} = {pair[1]}"
    ),
    st.lists(KEYS, min_size=1, max_size=3).map(lambda keys: f"[{'.'.join(keys)}]"),
    st.just("# x = 1"),
    st.just(""),
)


def valid(lines: list[str]) -> str:
    """The lines that are TOML together, each kept when it fits to those before it."""
    kept: list[str] = []
    for line in lines:
        try:
            tomllib.loads("\n".join([*kept, line]))
        except tomllib.TOMLDecodeError:
            continue
        kept.append(line)
    return "\n".join(kept)


def paths(table: dict[str, object], above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found = set()
    for name, value in table.items():
        found.add((*above, name))
        if isinstance(value, dict):
            found |= paths(value, (*above, name))
    return found


@example(["k = {a = '''x'''', 'b' = 1}"])
@example(['k = {a = """x"""", "b" = 1}'])
@example(["k = [{a = 1},\n{b = 2},\n]"])
@given(st.lists(LINES, max_size=8))
def test_it_finds_exactly_what_the_parser_reads(lines):
    text = valid(lines)

    assert set(lines_of(places(text))) == paths(tomllib.loads(text))


@given(st.lists(LINES, max_size=8))
def test_without_its_line_a_key_is_not_there_yet(lines):
    text = valid(lines)
    for path, line in lines_of(places(text)).items():
        before = "\n".join(text.split("\n")[: line - 1])

        assert path not in paths(tomllib.loads(before))


@given(st.text(st.sampled_from("ab=.[]{},'\"\n\\# 1"), max_size=60) | st.text(max_size=40))
def test_what_is_no_toml_does_not_stop_it(text):
    assert repeated(places(text)) or lines_of(places(text)) is not None
