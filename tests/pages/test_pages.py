"""Every page in every situation and both languages, without a browser."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.canned import CARD, labels, source

pytestmark = [pytest.mark.slow, pytest.mark.zone]
ROOT = Path(__file__).parents[2]
PAGES = [
    "pages/overview.py",
    "pages/analyses.py",
    "pages/workflows.py",
    "pages/machines.py",
    "pages/costs.py",
    "pages/budget.py",
    "pages/demand.py",
    "pages/settings.py",
]
TITLES = {
    ("pages/analyses.py", "en"): "Analyses",
    ("pages/analyses.py", "ko"): "분석",
    ("pages/workflows.py", "en"): "Workflows",
    ("pages/workflows.py", "ko"): "워크플로",
    ("pages/costs.py", "en"): "Costs",
    ("pages/costs.py", "ko"): "비용",
    ("pages/budget.py", "en"): "Budget",
    ("pages/budget.py", "ko"): "예산",
    ("pages/demand.py", "en"): "Demand",
    ("pages/demand.py", "ko"): "수요",
    ("pages/settings.py", "en"): "Settings",
    ("pages/settings.py", "ko"): "설정",
    ("pages/overview.py", "en"): "Overview",
    ("pages/overview.py", "ko"): "한눈에",
    ("pages/machines.py", "en"): "Machines",
    ("pages/machines.py", "ko"): "기계",
}


def opened(page: str = "pages/overview.py", **query: str) -> AppTest:
    app = AppTest.from_file(ROOT / "app.py", default_timeout=20)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    if page != "pages/overview.py":
        app.switch_page(page).run()
    return app


def visible(app: AppTest) -> str:
    """All text that stands on the page."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.info, app.error, app.warning)
    texts = [str(element.value) for kind in kinds for element in kind]
    texts += [element.label for kind in (app.toggle, app.selectbox) for element in kind]
    texts += [
        option for control in (*app.segmented_control, *app.pills) for option in control.options
    ]
    texts += [tab.label for tab in app.tabs] + [str(toggle.help) for toggle in app.toggle]
    texts += [f"{metric.label} {metric.value} {metric.delta}" for metric in app.metric]
    return "\n".join(texts)


ENGLISH = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
NOT_TRANSLATED = re.compile(r"`[^`]*`|RTX 4090")
"""Commands, and names of things."""


def tiles(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_page_opens_in_every_situation(situation, page, lang):
    app = opened(page, lang=lang)

    assert not app.exception
    assert [title.value for title in app.title] == [TITLES[page, lang]]


def test_the_overview_shows_what_the_agent_measures(agent):
    assert tiles(opened()) == {
        "CPU": "25%",
        "Memory": "50%",
        "Fullest disk": "90%",
        "Network in": "2.0 KiB/s",
        "Network out": "512 B/s",
        "Pressure": "2.0%",
        "GPU": "75%",
        "GPU memory": "50%",
    }


def test_without_a_gpu_there_are_no_gpu_tiles(agent):
    agent.values = {key: value for key, value in agent.values.items() if key[0][:2] != "hw"}
    agent.sources = [source("host"), source("gpu", "absent", reason="no NVIDIA driver here")]

    app = opened()

    assert "GPU" not in tiles(app)
    assert "no NVIDIA driver here" in visible(app)


def test_zero_stale_error_and_absent_look_different(agent):
    key = ("machine.cpu.utilization", ())
    agent.values = agent.values | {key: 0.0}
    looks = [cpu(opened())]
    agent.value_age_seconds = 65.0
    looks.append(cpu(reopened()))
    agent.sources = [source("host", "error", reason="it cannot be read")]
    looks.append(cpu(reopened()))
    del agent.values[key]
    agent.sources = [source("host")]
    looks.append(cpu(reopened()))

    assert looks == [
        ("0%", "of 2 CPUs", True),
        ("0%", "◷ stale · 1 min ago", False),
        ("0%", "■ error · 1 min ago", False),
        ("–", "○ absent", False),
    ]


def reopened() -> AppTest:
    """As if the second and a half had passed for which an answer is shared."""
    from pages.parts import source as shared

    shared.view_of.clear()
    return opened()


def cpu(app: AppTest) -> tuple[str, str, bool]:
    """Value, detail, and whether there is a line of the last minutes."""
    tile = next(metric for metric in app.metric if metric.label == "CPU")
    return tile.value, tile.delta, bool(tile.proto.chart_data)


def test_with_nothing_stored_the_page_says_what_would_fill_it(home):
    app = opened()

    assert "within 10 seconds of the agent's start" in visible(app)
    assert not app.metric


def test_a_silent_agent_is_said_in_red_with_the_moment(silent):
    app = opened()

    assert "The agent is silent since 20" in app.error[0].value
    assert all("stale" in metric.delta for metric in app.metric)
    assert "agent silent" in visible(app)


def test_a_source_that_fails_fires(agent):
    agent.sources = [source("host"), source("gpu", "error", reason="the driver failed")]

    text = visible(opened())

    assert ":red-badge[■ 1 thing]" in text
    assert "the driver failed" in text


def test_what_is_connected_is_said_to_work_only_where_all_of_it_does(agent):
    agent.sources = [
        source("endpoint:site", reason="refuses the connection"),
        source("endpoint:api", reason="the certificate ends in 3 days"),
        source("endpoint:docs"),
    ]
    agent.told = {"endpoint:site": {"up": False}, "endpoint:api": {"up": True}}

    text = visible(opened("pages/settings.py", tab="connect"))

    assert ":red-badge[■ down] **endpoint:site** · 3 s ago · refuses the connection" in text
    assert ":orange-badge[▲ needs a look] **endpoint:api**" in text
    assert ":green-badge[✓ works] **endpoint:docs**" in text


@pytest.mark.parametrize(
    ("age_seconds", "lost", "badge"),
    [
        (3.0, 0.0, ":orange-badge[▲ held back by heat (card)]"),
        (3.0, 1.0, ":red-badge[■ lost: it no longer answers]"),
        (65.0, 0.0, ":orange-badge[◷ stale] 1 min ago"),
    ],
)
def test_a_card_says_when_it_is_held_back_lost_or_not_heard_of(agent, age_seconds, lost, badge):
    agent.value_age_seconds = age_seconds
    key = ("hw.errors", labels(**CARD, error__type="lost"))
    agent.values = agent.values | {key: lost}

    assert badge in visible(opened("pages/machines.py", tab="gpus"))


def test_what_the_store_went_through_is_an_event(agent):
    sentence = {"template": "{rows} rows of {table} are lost: {cause}"}
    values = {"rows": 7, "table": "samples", "cause": "torn page"}
    agent.extra_health = {"store": {"opening": [sentence | {"values": values}]}}

    assert "7 rows of samples are lost: torn page" in visible(opened())


def test_a_settings_file_that_cannot_be_used_is_said_on_every_page(agent):
    agent.extra_health = {"settings": {"error": "sallim.toml line 3: no"}}

    app = opened("pages/machines.py")

    assert "sallim.toml line 3" in app.error[0].value


def test_demo_data_is_marked_on_every_page(agent):
    agent.demo = True

    for page in PAGES:
        assert "made up" in opened(page).warning[0].value


def test_every_machine_has_its_tiles(agent):
    agent.machines = ("vps", "gpu-1")

    app = opened()

    assert [header.value for header in app.subheader][:2] == ["vps", "gpu-1"]
    assert len(app.metric) == 16


def test_the_address_chooses_machine_and_span(agent):
    app = opened("pages/machines.py", span="24h")

    assert app.segmented_control(key="span").value == "24h"


def test_a_mistyped_address_shows_the_live_span(agent):
    assert opened("pages/machines.py", span="a week").segmented_control(key="span").value == "live"


def test_another_span_is_written_into_the_address(agent):
    app = opened("pages/machines.py")

    app.segmented_control(key="span").set_value("24h").run()

    assert app.query_params["span"] == "24h"


@pytest.mark.parametrize("span", ["live", "24h", "7d", "30d", "400d"])
def test_every_span_is_drawn(agent, span):
    app = opened("pages/machines.py", span=span)

    assert not app.exception
    assert len(app.get("plotly_chart")) == 1


def test_a_paused_page_draws_the_same(agent):
    app = opened()

    app.toggle(key="pause").set_value(True).run()

    assert tiles(app)["CPU"] == "25%"


def test_the_language_of_the_address_outranks_the_browser(agent):
    assert "수집원" in visible(opened(lang="ko"))
    assert "Sources" in visible(opened(lang="en"))


@pytest.mark.parametrize("page", PAGES)
def test_nothing_stays_english_in_korean(situation, page):
    text = NOT_TRANSLATED.sub("", visible(opened(page, lang="ko")))

    assert ENGLISH.findall(text) == []


def test_the_house_decides_the_language_where_the_address_does_not(agent, home):
    (home.path / "sallim.toml").write_text('[house]\nlanguage = "ko"\nsignin = "off"\n')

    assert "수집원" in visible(opened())
