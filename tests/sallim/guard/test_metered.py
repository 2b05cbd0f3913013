"""`@sallim.metered`: functions that cost something, under the same caps."""

import asyncio
from decimal import Decimal

import pytest

import sallim
from sallim.ledger.quota_rows import Quota
from sallim.metered import CallRefused
from tests.sallim.money import WON


def test_a_price_in_won_is_charged_as_it_is(house):
    @sallim.metered(provider="aligo", service="sms", cost="8.4 won", workflow="alarm")
    def send(text):
        return len(text)

    assert send("hello") == 5
    row = house.row
    assert (row.provider, row.model, row.endpoint, row.state) == (
        *("aligo", "sms", "metered", "settled"),
    )
    assert row.gross_micro == row.worst_micro == 8_400_000
    assert house.used == (8_400_000, 0, 0)
    assert row.workflow == "alarm"
    assert send.__name__ == "send"


def test_a_price_in_dollars_has_vat_and_fee_on_top(house):
    @sallim.metered(provider="video", service="render", cost=Decimal("0.01"), currency="USD")
    def render():
        return None

    render()
    # 0.01 USD x 1,383 won x 1.1 x 1.025
    assert house.row.gross_micro == 15_593_325
    assert house.row.nano_usd == 10_000_000


def test_a_function_of_the_arguments_and_one_of_the_result(house):
    @sallim.metered(
        provider="maps",
        service="routes",
        cost=lambda stops: 10 * len(stops),
        actual=lambda result, stops: result["won"],
    )
    def route(stops):
        return {"won": 7 * len(stops)}

    route(["a", "b"])
    assert (house.row.worst_micro, house.row.gross_micro) == (20 * WON, 14 * WON)


def test_a_quota_bounds_what_costs_nothing_such_as_calls_of_a_shop(house):
    house.accounts.put_quotas([Quota("shop:minute", "coupang", "orders", "", "", 2, 60 * WON, "")])

    @sallim.metered(provider="coupang", service="orders", cost="0 won")
    def orders():
        return "orders"

    assert [orders(), orders()] == ["orders", "orders"]
    with pytest.raises(CallRefused) as raised:
        orders()
    assert raised.value.body["error"]["code"] == "quota"
    assert raised.value.body["error"]["bucket"] == "quota:shop:minute"


def test_units_of_the_price_list(house):
    @sallim.metered(
        provider="openai",
        service="whisper-1",
        unit="audio_seconds",
        quantity=lambda seconds: seconds,
    )
    def transcribe(seconds):
        return "text"

    transcribe(60)
    assert house.row.nano_usd == 6_000_000
    assert house.row.tool_calls == '[["audio_seconds", 60]]'


def test_what_is_not_in_the_price_list_is_refused_with_the_lines_to_paste(house):
    @sallim.metered(provider="openai", service="whisper-9", unit="audio_seconds")
    def transcribe():
        raise AssertionError

    with pytest.raises(CallRefused, match="whisper-9") as raised:
        transcribe()
    assert raised.value.body["error"]["code"] == "unknown_model"


@pytest.mark.parametrize(("service", "unit"), [("whisper-9", "request"), ("whisper-1", "minute")])
def test_what_has_no_price_is_counted_by_service_and_minute(house, service, unit):
    @sallim.metered(provider="openai", service=service, unit=unit, priority="optional")
    def transcribe():
        raise AssertionError

    for _ in range(2):
        with pytest.raises(CallRefused):
            transcribe()

    rows = house.accounts.refusals_since(0, 10)
    assert {row[1:4] for row in rows} == {("", "openai", service)}
    assert {(row.code, row.priority) for row in rows} == {("unknown_model", "optional")}
    assert sum(row.calls for row in rows) == 2
    assert {row.minute_us % 60_000_000 for row in rows} == {0}
    assert house.used == (0, 0, 0)


def test_a_unit_that_the_model_is_not_priced_by_names_those_that_it_is(house):
    @sallim.metered(provider="openai", service="whisper-1", unit="minute")
    def transcribe():
        raise AssertionError

    with pytest.raises(CallRefused, match=r"for the unit 'minute'\. It has one for audio_s"):
        transcribe()


def test_what_the_budget_has_not_is_not_called(house):
    house.cap(1)

    @sallim.metered(provider="aligo", service="sms", cost=2)
    def send():
        raise AssertionError

    with pytest.raises(CallRefused, match="2 won may be needed") as raised:
        send()
    assert raised.value.body["error"]["left_krw"] == "0.950000"
    assert house.rows == []


@pytest.mark.parametrize(
    ("terms", "advice"),
    [
        ({"cost": "2 won"}, ""),
        ({"cost": lambda: "2 won"}, "; or ask for less in one call, since what it costs depends"),
        ({"unit": "audio_seconds", "quantity": lambda: 600}, "; or ask for fewer seconds of sound"),
        ({"unit": "audio_seconds", "quantity": 600}, ""),
    ],
    ids=["fixed", "by its arguments", "by its unit", "always as many"],
)
def test_how_to_need_less_fits_what_it_is_paid_by(house, terms, advice):
    house.cap(1)

    @sallim.metered(provider="openai", service="whisper-1", priority="essential", **terms)
    def listen():
        raise AssertionError("it was called")

    with pytest.raises(CallRefused) as raised:
        listen()
    message = str(raised.value)
    assert "max tokens" not in message
    assert f"where the agent runs{advice}" in message


def test_asynchronously_within_a_job(house):
    @sallim.metered(provider="aligo", service="sms", cost=2)
    async def send():
        await asyncio.sleep(0)
        return "sent"

    async def work():
        with sallim.job("analysis", key="video-17"):
            return await send()

    assert asyncio.run(work()) == "sent"
    assert (house.row.analysis, house.row.job_key, house.row.state) == (
        *("analysis", "video-17", "settled"),
    )


def test_a_function_that_fails_stays_counted_unless_it_is_said_to_cost_nothing(house):
    @sallim.metered(provider="aligo", service="sms", cost=2, unbilled=(ConnectionError,))
    def send(error):
        raise error

    with pytest.raises(ConnectionError):
        send(ConnectionError("not reached"))
    with pytest.raises(ValueError, match="after it was sent"):
        send(ValueError("after it was sent"))

    assert [row.state for row in house.rows] == ["released", "open"]
    assert house.used == (0, 2 * WON, 0)


def test_an_actual_that_fails_costs_the_worst_and_ends_nothing(house, caplog):
    @sallim.metered(provider="a", service="b", cost=2, actual=lambda result: result["won"])
    def send():
        return {}

    assert send() == {}
    assert (house.row.source, house.row.gross_micro) == ("estimated", 2 * WON)
    assert "KeyError" in caplog.text


@pytest.mark.parametrize("cost", [0.1, "much", "1 euro", -1, "1e99999", None])
def test_what_is_no_amount_is_told_at_once(cost):
    with pytest.raises((ValueError, TypeError)):
        sallim.metered(provider="a", service="b", cost=cost)


def test_an_actual_that_says_more_than_any_call_costs_counts_at_the_worst_case(house):
    @sallim.metered(provider="a", service="b", cost=2, actual=lambda result: result)
    def call():
        return 5_000_000_000

    assert call() == 5_000_000_000
    assert (house.row.source, house.row.gross_micro) == ("estimated", 2 * WON)


def test_words_that_contradict_one_another():
    with pytest.raises(TypeError, match="either"):
        sallim.metered(provider="a", service="b", cost=1, unit="request")
    with pytest.raises(TypeError, match="generator"):

        @sallim.metered(provider="a", service="b", cost=1)
        def numbers():
            yield 1


def test_without_a_ledger_nothing_is_called(monkeypatch):
    @sallim.metered(provider="a", service="b", cost=1)
    def send():
        raise AssertionError

    with pytest.raises(CallRefused, match="no ledger is set"):
        send()
