"""Texts do not escape translation, and the catalogs are what the sources say."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from models.messages import say
from models.redaction import redact
from pages.parts import catalogs
from pages.parts.texts import catalog

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SOURCES = [
    ROOT / "app.py",
    *(path for path in sorted((ROOT / "pages").rglob("*.py")) if path.name != "catalogs.py"),
]
SHOWN = frozenset(
    [
        "title",
        "header",
        "subheader",
        "markdown",
        "caption",
        "text",
        "write",
        "info",
        "warning",
        "error",
        "success",
        "toast",
        "metric",
        "toggle",
        "button",
        "selectbox",
        "segmented_control",
        "tabs",
        "download_button",
        "radio",
        "slider",
        "text_input",
        "checkbox",
        "expander",
        "badge",
        "popover",
        "status",
        "dialog",
        "number_input",
        "date_input",
        "table",
        "dataframe",
    ]
)
SHOWN_KEYWORDS = frozenset({"label", "help", "placeholder", "alt", "title", "delta", "body"})
WORD = re.compile(r"[A-Za-z]{2,}")
NAMES = {"Sallim"}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def shown_arguments(call: ast.Call) -> Iterator[ast.expr]:
    if isinstance(call.func, ast.Attribute) and call.func.attr in SHOWN:
        yield from call.args[:2]
        yield from (word.value for word in call.keywords if word.arg in SHOWN_KEYWORDS)
    if isinstance(call.func, ast.Name) and call.func.id == "draw_rows":
        yield from (word.value for word in call.keywords if word.arg in SHOWN_KEYWORDS)
    if isinstance(call.func, ast.Attribute) and call.func.attr == "Page":
        yield from (word.value for word in call.keywords if word.arg in SHOWN_KEYWORDS)


def bare_words(argument: ast.expr) -> list[str]:
    """Words of a literal, or of the literal parts of an f-string, that nobody translates."""
    literals = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
    texts = [
        part.value
        for part in literals
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    return [word for text in texts for word in WORD.findall(text) if word not in NAMES]


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_no_page_shows_a_text_that_is_not_translated(path):
    escaped = {
        (call.lineno, word)
        for call in calls(path)
        for argument in shown_arguments(call)
        for word in bare_words(argument)
    }

    assert not escaped


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_the_extractor_sees_every_text(path):
    """It sees plain literals only: no f-string, no variable, and nothing inside an f-string."""
    tree = ast.parse(path.read_text())
    inside = {
        id(n)
        for joined in ast.walk(tree)
        if isinstance(joined, ast.JoinedStr)
        for n in ast.walk(joined)
    }
    hidden = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("_", "ngettext", "say")
        and (id(node) in inside or not isinstance(node.args[0], ast.Constant))
    ]

    assert not hidden


def test_the_scan_finds_what_it_looks_for(tmp_path):
    page = tmp_path / "page.py"
    page.write_text('st.title("Hello there")\nst.caption(f"{n} things")\nst.info(_("fine"))\n')

    found = [w for call in calls(page) for a in shown_arguments(call) for w in bare_words(a)]

    assert found == ["Hello", "there", "things"]


def test_the_catalogs_in_git_are_those_of_the_sources(capsys):
    assert catalogs.main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("language", catalogs.LANGUAGES)
def test_every_text_is_translated_with_the_same_placeholders(language):
    assert catalogs.problems(language) == []


def test_no_text_is_taken_for_a_secret_and_hidden_in_part():
    texts = [
        catalogs.PLACEHOLDER.sub("7", text)
        for message in catalogs.template()
        for text in ([message.id] if isinstance(message.id, str) else message.id)
    ]

    assert [text for text in texts if redact(text) != text] == []


def test_both_languages_hold_the_same_texts():
    english, korean = (
        {str(message.id) for message in catalogs.brought_up(language, catalogs.template())}
        for language in catalogs.LANGUAGES
    )

    assert english == korean


@pytest.mark.parametrize(
    ("identity", "string", "reason"),
    [
        ("{n} won", "", "is not translated"),
        (("{n} day", "{n} days"), ("{n}일", ""), "is not translated"),
        ("{n} won", "{m}원", "has other placeholders than its translation"),
        ("{n} won", "{n}원", None),
    ],
)
def test_a_wrong_translation_is_noticed(identity, string, reason):
    from babel.messages.catalog import Catalog

    wrong = Catalog(locale="en")
    wrong.add(identity, string)

    (found,) = (message for message in wrong if message.id)
    assert catalogs.problem_of(found) == reason


def test_korean_has_one_form_for_every_number():
    assert catalog("ko").ngettext("{n} thing", "{n} things", 1) == "{n}건"
    assert catalog("en").ngettext("{n} thing", "{n} things", 2) == "{n} things"


def test_a_sentence_of_the_agent_is_translated_here():
    sentence = say("no reading for {seconds} s", seconds=20)

    translated = catalog("ko").gettext(sentence.template).format(**sentence.values)

    assert translated == "20초 동안 읽은 값이 없습니다"


def lateness():
    import streamlit as st

    from models.formats import duration
    from models.messages import say
    from pages.parts.texts import told
    from pages.parts.words import said

    late = say(
        "a run waits {duration}; {length} wait on average", duration=duration(3_700), length=2
    )
    st.text(told(late))
    st.text(said(late))


def test_a_duration_within_a_sentence_is_translated_too():
    app = AppTest.from_function(lateness)
    app.query_params["lang"] = "ko"

    assert {text.value for text in app.run().text} == {
        "실행 하나가 1시간 1분 기다리며, 평균 2개가 대기합니다"
    }


def test_every_state_and_source_has_a_word():
    from models.monitoring import State
    from pages.parts.status import COLOURS, ICONS, WORDS

    assert set(WORDS) == set(ICONS) == set(COLOURS) == set(State)
    assert len(set(ICONS.values())) == len(State)
