"""The page of the budgets, and the panel of what Sallim may do by itself, without a browser."""

import pytest

from data.waiting import items, take_in
from models.fence.words import Shown
from models.messages import say
from pages.parts.budget_asked import questions, way_of
from pages.parts.budget_waiting import csv_of
from tests.models.waiting.waiting_items import item
from tests.pages.household import BUDGET, buttons, filled, spend
from tests.pages.test_pages import ENGLISH, NOT_TRANSLATED, opened, visible

pytestmark = [pytest.mark.slow, pytest.mark.zone]
UNDONE = {"verb": "stop", "target": "n8n", "ordered_by": "budget", "last_at": 1.8e9}
OPERATION = {
    "batch": "b",
    "verb": "stop",
    "ordered_by": "budget",
    "attempt": 0,
    "problem": None,
    "reason": {"template": "it is used up", "values": {}},
    "planned_at": 1.8e9,
}


def test_the_first_look_says_what_is_over_expected_and_limited(agent, store):
    spend(store, 14_300)

    text = visible(opened(BUDGET))

    assert "✓ within] No budget is over its cap." in text
    assert "APIs: too little is known to say how its month ends." in text
    assert "**APIs**: optional and important calls are refused; essential ones go on" in text
    assert "by `budget.important_percent = 95`, until 20" in text
    assert "**Total**" not in text


def test_a_step_that_the_owner_allows_is_advised_before_anything_is_limited(agent, store, home):
    lines = '[house]\nsignin = "off"\n[budget]\nbatch_percent = 60\ncheaper_percent = 90'
    (home.path / "sallim.toml").write_text(lines)
    spend(store, 10_000)

    text = visible(opened(BUDGET))

    assert "Nothing is limited." in text
    assert "○ advised] **APIs**: send what can wait as a batch, which costs half" in text
    assert "cheaper model" not in text


def test_what_a_correction_took_over_the_cap_is_said(agent, store):
    spend(store, 15_400)

    text = visible(opened(BUDGET))

    assert "■ over] APIs is over its cap by ₩400." in text
    assert "all calls that cost something are refused, by its cap of ₩15,000" in text


def test_a_budget_that_only_counts_is_said_in_red(agent, store, home):
    (home.path / "sallim.toml").write_text('[house]\nsignin = "off"\n[budget]\nmodes=["api=count"]')
    spend(store, 15_400)

    app = opened(BUDGET)

    assert "**Only counts: APIs.**" in app.error[0].value
    assert "calls are refused" not in visible(app)


def test_the_course_of_each_budget_is_drawn(agent, store):
    spend(store, 9_000)

    app = opened(BUDGET, bucket="total")

    assert not app.exception
    assert len(app.get("plotly_chart")) == 1
    assert app.segmented_control(key="bucket").value == "total"


@pytest.mark.parametrize(
    ("at", "lines"),
    [
        ("60", ["Nothing follows"]),
        ("92", ["**Total**: optional calls are refused", "lines of 70%, 80%, 90% are told"]),
        ("100", ["**Total**: worker → n8n · saves ₩600 an hour", "▲ asked first"]),
    ],
)
def test_what_would_happen_at_any_spending(house, at, lines):
    house.enter("minji", "owner")
    text = visible(opened(BUDGET, tab="what-if", bucket="total", at=at))

    assert [line for line in lines if line not in text] == []


def test_a_model_that_the_gateway_replaces_is_named(agent, store, home):
    step = '[[graceful]]\nfrom_model = "gpt-5"\nto_model = "gpt-5-mini"\n'
    (home.path / "sallim.toml").write_text(f'[house]\nsignin = "off"\n{step}')
    spend(store, 9_000)
    line = "**APIs**: what is not essential goes to gpt-5-mini instead of gpt-5, by the gateway"

    assert line not in visible(opened(BUDGET, tab="what-if", at="79"))
    assert line in visible(opened(BUDGET, tab="what-if", at="80"))


def test_the_slider_writes_the_address_and_moves_those_above(house):
    house.enter("minji", "owner")
    app = opened(BUDGET, tab="what-if")

    app.slider(key="at").set_value(110).run()

    assert app.query_params["at"] == "110"
    assert "**APIs**: all calls that cost something are refused" in visible(app)


def test_an_owner_raises_by_typing_the_figure(house):
    house.enter("minji", "owner")
    app = opened(BUDGET, tab="ask")
    app.number_input(key="amount").set_value(3000)
    app = filled(app)
    assert "api may spend 18,000 won instead of 15,000" in visible(app)

    app.text_input(key="confirm").set_value("300")
    app.button(key="do").click().run()
    assert "nothing was done" in app.error[0].value
    assert not house.world.acts
    app.text_input(key="confirm").set_value("3,000")
    app.button(key="do").click().run()

    assert not app.exception
    assert "requested] → :gray-badge[○ accepted] → :green-badge[✓ done]" in visible(app)
    [override] = house.world.all()
    assert (override.delta_krw, override.by) == (3000, "minji")
    text = visible(opened(BUDGET, tab="requests"))
    assert "raised by ₩3,000] **APIs** until 20" in text
    assert "by minji: the last videos" in text


def test_a_stop_of_everything_is_shown_before_and_followed_to_its_end(house):
    house.enter("minji", "owner")
    house.world.slow = True
    app = filled(opened(BUDGET, tab="ask", ask="stop_all"))
    text = visible(app)
    assert ":red-badge[■ stops] gpu → n8n" in text
    assert ":orange-badge[▲ still billed] gpu" in text

    app.text_input(key="confirm").set_value("everything")
    app.button(key="do").click().run()
    assert "→ :orange-badge[▲ accepted]" in visible(app)
    house.world.finish()
    house.asking.requests.step()
    app.run()

    assert "→ :green-badge[✓ done]" in visible(app)
    assert house.world.stopped_by("person") == ["gpu", "n8n"]


def test_a_refusal_is_a_sentence(house):
    house.enter("minji", "owner")
    app = filled(opened(BUDGET, tab="ask", ask="resume"))

    assert [error.value for error in app.error] == ["nothing was stopped by a person"]


def test_a_reason_that_is_a_formula_is_refused_before_anything_is_asked(house):
    house.enter("minji", "owner")
    app = filled(opened(BUDGET, tab="ask"), "=1+1")

    assert "looks like a formula" in app.error[0].value
    assert "do" not in [button.key for button in app.button]


def test_what_is_left_alone_is_forgotten(house):
    house.enter("minji", "owner")
    app = filled(opened(BUDGET, tab="ask", ask="stop_all"))

    app.button(key="leave").click().run()

    assert "Show what follows" in buttons(app)
    assert not house.world.acts


def test_a_viewer_sees_no_button_and_a_handmade_request_is_refused(house):
    house.enter("sora", "viewer")
    app = opened(BUDGET, tab="ask")
    shape = {"kind": "raise", "target": "api", "args": {"amount_krw": 3000, "until": "2099-01-01"}}

    assert "You may look and not change anything" in visible(app)
    assert buttons(app) == []
    status, told = house.handmade(
        {**shape, "reason": "so it is", "confirm": "3000", "nonce": "made up"}
    )
    assert (status, "sora is viewer and may not raise" in told["error"]) == (403, True)
    assert not house.world.acts


def test_an_operator_sees_what_he_may_ask_for(house):
    house.enter("jun", "operator")

    app = opened(BUDGET, tab="ask")

    assert app.pills(key="ask").options == [
        *("Stop one thing", "Start one thing", "Silence", "Acknowledge")
    ]
    assert app.selectbox(key="target-stop").options == ["worker", "n8n", "postgres"]


@pytest.mark.parametrize("tab", ["course", "what-if", "waiting", "ask", "requests"])
def test_without_the_agent_the_store_says_how_it_stands(home, store, tab):
    spend(store, 9_000)
    store.close()

    app = opened(BUDGET, tab=tab)

    assert not app.exception
    assert "The agent is silent" in app.error[0].value
    assert "APIs: spent" in visible(app)
    assert buttons(app) == []
    text = NOT_TRANSLATED.sub("", visible(opened(BUDGET, tab=tab, lang="ko")))
    assert ENGLISH.findall(text) == []


def test_where_nothing_waits_for_money_that_is_said(house):
    house.enter("minji", "owner")
    app = opened(BUDGET, tab="waiting")

    assert "Nothing waits for money." in visible(app)
    assert buttons(app) == []


def test_what_waits_for_money_is_run_again_and_dismissed_by_a_button(house):
    take_in(house.view.store.control, [item(1), item(2, key="=2+3"), item(3, name="Thumbnails")])
    house.enter("jun", "operator")
    app = opened(BUDGET, tab="waiting")
    text = visible(app)
    assert "3 wait, about ₩300" in text
    assert "You are told when there is money again" in text
    [table] = app.dataframe
    assert list(table.value["What"]) == ["Digest · 1", "Digest · =2+3", "Thumbnails · 3"]
    assert buttons(app) == ["Run now", "Run all, paced", "Dismiss"]

    app.button(key="waiting-rerun-").click().run()
    assert "✓ done] \n**Run again**" in visible(app).replace("  \n", " \n")
    app.selectbox(key="waiting-item").set_value(item(2).item_id)
    app.button(key="waiting-dismiss-").click().run()

    assert not app.exception
    kept = items(house.view.store.control)
    assert [(each.asked, each.state) for each in kept] == [
        ("now", "waiting"),
        ("", "dismissed"),
        ("", "waiting"),
    ]
    lines = csv_of(house.waiting.as_json()["items"]).decode("utf-8-sig").splitlines()
    assert "'=2+3" in next(line for line in lines if item(2).item_id in line)


def test_a_viewer_sees_what_waits_and_no_button(house):
    take_in(house.view.store.control, [item(1)])
    house.enter("sora", "viewer")
    app = opened(BUDGET, tab="waiting")

    assert "1 wait, about ₩100" in visible(app)
    assert buttons(app) == []


def test_what_is_stopped_and_what_is_asked_is_shown(house):
    house.enter("minji", "owner")
    reason = {"template": "it is used up", "values": {}}
    wanted = {"state": "down", "wanted_by": "budget", "until": None, "reason": reason}
    house.view.stopping = {
        "targets": [{"name": "worker", "state": "stopped", "wanted": wanted}],
        "operations": [OPERATION | {"target": "n8n", "state": "asked"}],
    }

    text = visible(opened(BUDGET, tab="requests"))

    assert (
        "■ stopped] **worker**: held down by the budget, until it is started again: it is used up"
        in text
    )
    assert "**stop: n8n**, asked by the budget" in text


@pytest.mark.parametrize("tab", ["course", "what-if", "waiting", "ask", "requests"])
def test_no_tab_stays_english_in_korean(house, tab):
    house.enter("minji", "owner")
    house.view.stopping = {
        "targets": [],
        "operations": [OPERATION | {"target": "n8n", "state": "asked"}],
    }

    app = opened(BUDGET, tab=tab, lang="ko")

    assert "[■ told]" not in visible(app)
    labels = "\n".join(buttons(app) + [each.label for each in app.text_input])
    assert ENGLISH.findall(NOT_TRANSLATED.sub("", f"{visible(app)}\n{labels}")) == []


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_panel_says_what_sallim_may_do_and_would_have_done(agent, lang):
    agent.stopping = {
        "automation": dict.fromkeys(("count", "block"), "on")
        | {"stop": "ask", "scale": "off", "repair": "off"},
        "targets": [],
        "undone": [
            {**UNDONE, "state": "would", "times": 2},
            {**UNDONE, "state": "asked", "times": 1},
        ],
    }

    app = opened("pages/settings.py", tab="automation", lang=lang)

    assert not app.exception
    assert app.code[0].value.splitlines()[3] == 'stop = "ask"'
    rows = app.dataframe[0].value
    assert rows.iloc[:, 4].tolist() == [2, 1]
    if lang == "en":
        assert "off – :orange-badge[▲ ask] – on **Stop** each service" in visible(app)
        assert rows["State"].tolist() == ["only written down", "asked, no answer yet"]
    else:
        assert ENGLISH.findall(NOT_TRANSLATED.sub("", visible(app))) == []


def test_a_question_names_all_of_its_batch_in_order():
    rows = [
        OPERATION | {"target": name, "state": state, "batch": batch}
        for name, state, batch in [
            ("worker", "asked", "one"),
            ("n8n", "asked", "one"),
            ("gpu", "verified", "two"),
        ]
    ]

    assert questions(rows) == [("one", "stop", ["worker", "n8n"], "budget")]


def test_the_way_of_a_request_ends_where_it_is():
    assert way_of("refused") == ":gray-badge[○ requested] → :red-badge[■ refused]"


def test_under_the_course_stands_who_stops_first(house):
    house.enter("minji", "owner")
    house.fences = [
        Shown("openai", True, say("outer fence: {provider} stops", provider="Open*AI*")),
        Shown("anthropic", False, say("outer fence: none"), (say("ask for the preview"),)),
    ]

    text = visible(opened(BUDGET))

    assert "✓ holds] outer fence: Open\\*AI\\* stops" in text
    assert "▲ needs a look] outer fence: none\n    - ask for the preview" in text
