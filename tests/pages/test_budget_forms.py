"""What can be asked for on the page of the budgets, each kind by its form."""

import time
from contextlib import closing

import pytest

from data import outbox
from data.requests import orders
from models.alerts import Alert, Severity
from models.messages import say
from pages.parts.budget_forms import shape_of
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Period
from tests.pages.household import BUDGET, buttons, filled
from tests.pages.test_pages import ENGLISH, NOT_TRANSLATED, opened, visible
from tests.sallim.money import EXCHANGE, SEOUL, WON, asked, budget

pytestmark = [pytest.mark.slow, pytest.mark.zone]
HOUR, DAY = 3_600, 86_400


@pytest.fixture
def doubtful(house):
    """A call whose end nobody saw, at 100 won, begun two hours ago."""
    now_us = int(time.time() * WON)
    with closing(Accounts.open(house.home.ledger)) as accounts:
        span = (now_us - DAY * WON, now_us + DAY * WON)
        accounts.put_budgets([budget(cap_micro=15_000 * WON)], [Period(SEOUL, *span)])
        accounts.put_exchange([EXCHANGE])
        moments = {"opened_us": now_us - 2 * HOUR * WON, "expires_us": now_us - HOUR * WON}
        accounts.reserve(asked("c-1", 100 * WON, **moments))
        accounts.expire(now_us)
    return house


def told(house, key, title, **more):
    with house.control.transaction() as connection:
        alert = Alert(key, "incident", Severity.WARN, title, **more)
        return outbox.put(connection, alert, time.time())


def state_of_newest(house):
    [row, *_] = house.asking.requests.recent(house.caller)
    return row.kind, row.target, row.state


def test_a_call_in_doubt_is_settled_by_typing_what_it_cost(doubtful):
    doubtful.enter("minji", "owner")
    app = opened(BUDGET, tab="ask", ask="settle")
    row = app.dataframe[0].value.iloc[0].tolist()
    assert row == ["openai gpt-5-mini", "₩100", "2 h ago", "c-1"]
    app.text_input(key="cost").set_value("12.5")
    app = filled(app, "read on the provider's page")
    assert "c-1 (openai gpt-5-mini) counts 13 won instead of 100" in visible(app)

    app.text_input(key="confirm").set_value("12.5")
    app.button(key="do").click().run()

    assert not app.exception
    assert "✓ done" in visible(app)
    with closing(Accounts.open(doubtful.home.ledger)) as accounts:
        assert accounts.calls_named("c-1")[0].gross_micro == 12_500_000


def test_what_is_no_amount_is_refused_with_its_sentence(doubtful):
    doubtful.enter("minji", "owner")
    app = opened(BUDGET, tab="ask", ask="settle")
    app.text_input(key="cost").set_value("a lot")

    app = filled(app)

    assert "amount_krw must be an amount of won" in app.error[0].value


def test_automation_is_paused_for_a_while_and_goes_on(house):
    house.enter("minji", "owner")
    app = opened(BUDGET, tab="ask", ask="pause")
    app.selectbox(key="length-pause").set_value("4h")
    began = int(time.time())
    app = filled(app)
    app.text_input(key="confirm").set_value("automation")
    app.button(key="do").click().run()

    [pause] = orders(house.control, "pause", time.time())
    assert pause.target == "automation"
    assert began + 4 * HOUR <= pause.until_at <= time.time() + 4 * HOUR
    assert "**what Sallim does by itself** rests until" in visible(app)

    app = opened(BUDGET, tab="ask", ask="resume")
    app.selectbox(key="target-resume").set_value("automation")
    app = filled(app)
    app.text_input(key="confirm").set_value("automation")
    app.button(key="do").click().run()
    assert orders(house.control, "pause", time.time()) == []


def test_an_operator_silences_what_is_not_critical(house):
    house.enter("jun", "operator")
    app = opened(BUDGET, tab="ask", ask="silence")
    assert app.selectbox(key="target-silence").options[:3] == [
        *("all that is not critical", "APIs", "Total")
    ]
    app.selectbox(key="target-silence").set_value("api")
    began = int(time.time())
    app = filled(app)
    assert [field.key for field in app.text_input] == []
    app.button(key="do").click().run()

    [silence] = orders(house.control, "silence", time.time())
    assert silence.target == "api"
    assert began + HOUR <= silence.until_at <= time.time() + HOUR
    assert ":gray-badge[○ silenced] **APIs**, by jun: the last videos (until 20" in visible(
        opened(BUDGET, tab="requests")
    )


def test_what_was_told_is_acknowledged_by_its_title(house):
    number = told(house, "k", say("{name} is slow", name="ocr"))
    told(house, "test", say("Test of the channel {name}", name="slack"), channel="slack")
    house.enter("jun", "operator")
    app = opened(BUDGET, tab="ask", ask="acknowledge")
    [option] = app.selectbox(key="target-acknowledge").options
    assert option.endswith("ocr is slow")
    app = filled(app)
    app.button(key="do").click().run()

    assert "it is told again" not in visible(app)
    assert state_of_newest(house) == ("acknowledge", str(number), "done")
    app = opened(BUDGET, tab="ask", ask="acknowledge")
    assert "All that was told this week is acknowledged" in visible(app)
    assert next(each for each in app.button if each.label == "Show what follows").disabled


def test_a_raise_is_taken_back_by_typing_its_budget(house):
    house.enter("minji", "owner")
    app = filled(opened(BUDGET, tab="ask"))
    app.text_input(key="confirm").set_value("1000")
    app.button(key="do").click().run()

    app = opened(BUDGET, tab="ask", ask="withdraw")
    assert (
        app.selectbox(key="target-withdraw").options[0].startswith("APIs: raised by ₩1,000 until")
    )
    app = filled(app)
    app.text_input(key="confirm").set_value("api")
    app.button(key="do").click().run()

    assert house.world.all()[0].revoked_at is not None
    assert "**Take back** APIs: api may no longer spend the 1,000 won more" in visible(app)


@pytest.mark.parametrize("kind", ["withdraw", "settle", "pause", "silence", "acknowledge"])
def test_no_form_stays_english_in_korean(doubtful, kind):
    told(doubtful, "k", say("Start again everything that was stopped?"))
    doubtful.enter("minji", "owner")

    app = opened(BUDGET, tab="ask", ask=kind, lang="ko")

    assert not app.exception
    labels = [each.label for each in (*app.text_input, *app.selectbox)] + buttons(app)
    labels += [option for each in app.selectbox for option in each.options]
    text = NOT_TRANSLATED.sub("", "\n".join([visible(app), *labels]))
    assert [found for found in ENGLISH.findall(text) if found != "openai gpt"] == []


def test_an_operator_is_told_what_only_an_owner_may(house):
    house.enter("jun", "operator")

    text = visible(opened(BUDGET, tab="ask"))

    assert (
        "Only an owner may: Raise, Release, Take back, Settle, Stop everything, Resume, Pause "
        "automation."
    ) in text


@pytest.mark.parametrize("kind", ["settle", "pause", "silence", "acknowledge", "withdraw"])
def test_a_viewer_sees_why_he_cannot(house, kind):
    house.enter("sora", "viewer")

    app = opened(BUDGET, tab="ask", ask=kind)

    assert "You may look and not change anything; ask somebody who is an owner." in visible(app)
    assert buttons(app) == []


def test_fields_say_a_request_and_nothing_more():
    said = {"target-settle": "c-1\n2", "cost": " 12.5 ", "length-pause": "1h"}

    assert shape_of("settle", said, 100.0) == {
        "kind": "settle",
        "target": "c-1",
        "args": {"amount_krw": "12.5", "attempt": 2},
    }
    assert shape_of("stop_all", said, 100.0)["args"] == {}
    assert shape_of("acknowledge", {"target-acknowledge": "7"}, 0.0)["args"] == {}
