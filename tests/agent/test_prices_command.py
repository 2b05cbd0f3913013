"""`python -m agent prices`: what the owner types and sees."""

import json
import subprocess
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from genai_prices.types import _providers_from_raw

from agent.__main__ import main
from agent.commands.prices import update
from data.settings_file import check
from models.price_words import card
from models.settings import Settings
from models.settings.exchange import Exchange as Surcharges
from models.settings.price import Price
from sallim.prices import PriceList, cost_of, shipped
from sallim.usage import Usage
from tests.models.genai import PROVIDERS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
NOW_US = 1_795_900_000_000_000


class Kept:
    """A ledger in memory."""

    def __init__(self, exchange=()):
        self.rates = []
        self.exchange = list(exchange)

    def put_rates(self, rows):
        self.rates = list(rows)

    def put_exchange(self, rows):
        self.exchange = list(rows)

    def exchange_for(self, provider):
        return next((row for row in self.exchange if row.provider == provider), None)


@pytest.fixture
def prices(tmp_path, capsys, monkeypatch):
    """Runs the command in a home without a ledger; code and lines."""
    monkeypatch.setenv("SALLIM_CONFIG", str(tmp_path / "sallim.toml"))
    (tmp_path / "sallim.toml").write_text("demo = false\n")

    def run(*words):
        code = main(["prices", *words, "--home", str(tmp_path / "home")])
        return code, capsys.readouterr().out.splitlines()

    return run


@pytest.fixture
def page():
    """Serves what it is told to; its address."""
    answer = {"status": 200, "body": b"[]"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(answer["status"])
            self.end_headers()
            self.wfile.write(answer["body"])

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.005,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/data.json", answer
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_model_is_shown_with_its_price_its_worst_case_and_its_source(prices):
    code, lines = prices("show", "gpt-5-mini", "--input", "1000000", "--output", "0")

    assert code == 0
    assert lines[0] == "openai gpt-5-mini"
    assert "1,000,000 tokens in and 0 out: $0.25, 398 won; kept free at most: 716 won" in lines[1]
    assert "  input: $0.25 a million" in lines
    assert any(line.startswith("  processing batch: input $0.125 a million") for line in lines)
    assert any("272,000 tokens in and 128,000 out (litellm" in line for line in lines)
    assert any("from genai-prices 0.2.3" in line for line in lines)
    assert any("10 % VAT and 2.5 % for the card" in line for line in lines)


def test_where_two_sources_disagree_both_are_shown():
    """Off the peak, since in it both say the same."""
    rates = PriceList(shipped().rates).find("deepseek", "deepseek-v4-flash")
    noon_us = int(datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()) * 1_000_000
    lines = list(card(rates, Usage(1_000, output=1_000), noon_us, shipped().exchange, 0))

    assert "  another source says for output: $1.20 a million" in lines
    assert "  2 times of day (UTC) have other prices; this is now" in lines


def test_a_cliff_is_shown(prices):
    _, lines = prices("show", "gemini-2.5-pro", "--provider", "google")

    assert "  input: $1.25 a million, $2.50 above 200,000" in lines


def test_what_is_not_priced_by_tokens_has_no_example_in_tokens(prices):
    code, lines = prices("show", "whisper-1", "--provider", "openai")

    assert code == 0
    assert lines[1:3] == [
        "  priced by audio_seconds, not by tokens",
        "  audio_seconds: $0.36 an hour",
    ]
    assert "tokens it takes" not in "\n".join(lines)


def test_an_unknown_model_gets_lines_to_paste_that_work_and_are_no_price(prices, tmp_path):
    code, lines = prices("show", 'gpt-99"\nevil', "--provider", "openai")
    pasted = "\n".join(lines[lines.index("[[price]]") :])

    assert code == 1
    assert "has no price, so calls of it are refused" in lines[0]
    (tmp_path / "sallim.toml").write_text(pasted)
    kept = Kept()
    settings = check(tmp_path / "sallim.toml")
    update(kept, settings, PROVIDERS.values(), "genai-prices", NOW_US)
    assert settings.price[0].model == 'gpt-99"\nevil'
    assert PriceList(kept.rates).find("openai", 'gpt-99"\nevil') is None


def test_settings_that_cannot_be_used_are_not_guessed(prices, tmp_path):
    (tmp_path / "sallim.toml").write_text("[[price]]\ninput_mtok_usd = -1\n")

    assert prices("show", "gpt-5-mini") == (1, [])
    assert prices("update") == (1, [])


def test_all_prices_are_put_into_the_ledger_with_the_owners(tmp_path):
    settings = Settings(
        price=(Price(model="gpt-99", input_mtok_usd="1"),), exchange=Surcharges(vat_rate=0.2)
    )
    kept = Kept()

    told = update(kept, settings, PROVIDERS.values(), "genai-prices 0.2.3", NOW_US)

    found = PriceList(kept.rates)
    assert told[0].endswith("prices from genai-prices 0.2.3 are in the ledger, 1 of them your own.")
    assert len(kept.rates) > 2_300
    assert cost_of(Usage(1_000_000), found.find("openai", "gpt-99"), NOW_US) == 10**9
    assert found.find("openai", "gpt-5-mini").also
    assert found.find("perplexity", "sonar") is not None
    assert cost_of(Usage(1_000_000), found.find("local", "gemma3"), NOW_US) == 0
    assert [(row.provider, row.vat_ppm) for row in kept.exchange] == [("", 200_000)]


def test_a_rate_of_exchange_that_is_known_stays():
    kept = Kept([shipped().exchange._replace(fx_id="of today")])

    update(kept, Settings(), PROVIDERS.values(), "genai-prices", NOW_US)

    assert [row.fx_id for row in kept.exchange] == ["of today"]


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (500, b"", "no list of prices came (HTTPStatusError"),
        (200, b"<html>", "no list of prices came (JSONDecodeError"),
        (200, b'{"a": 1}', "no list of prices came (ValueError"),
        (200, b'[{"id": "openai"}]', "no list of prices came (ValidationError"),
        (200, b"[]", "has 0 models, and 2"),
    ],
)
def test_a_list_that_cannot_be_used_changes_nothing(prices, page, tmp_path, status, body, told):
    url, answer = page
    answer.update(status=status, body=body)

    code, lines = prices("update", "--download", url)

    assert code == 1
    assert told in lines[0]
    assert not (tmp_path / "home" / "ledger").exists()


def test_a_list_that_nobody_serves_changes_nothing(prices):
    code, lines = prices("update", "--download", "http://127.0.0.1:9/data.json")

    assert code == 1
    assert "no list of prices came (ConnectError" in lines[0]


def test_a_downloaded_model_can_be_priced():
    raw = [
        {
            "id": "openai",
            "name": "OpenAI",
            "api_pattern": "x",
            "models": [
                {
                    "id": "gpt-99",
                    "match": {"or": [{"starts_with": "gpt-99"}]},
                    "prices": {"input_mtok": 0.15, "output_mtok": {"base": 1, "tiers": []}},
                }
            ],
        }
    ]
    kept = Kept()
    update(kept, Settings(), _providers_from_raw(json.loads(json.dumps(raw))), "list", NOW_US)

    rates = PriceList(kept.rates).find("openai", "gpt-99-mini")
    assert cost_of(Usage(1_000_000, output=1_000_000), rates, NOW_US) == 1_150_000_000


def listed(*models):
    raw = [{"id": "openai", "name": "OpenAI", "api_pattern": "x", "models": list(models)}]
    return _providers_from_raw(json.loads(json.dumps(raw)))


def model(name, price, match=None):
    prices = {"input_mtok": price, "output_mtok": price}
    return {"id": name, "match": match or {"equals": name}, "prices": prices}


@pytest.mark.parametrize(
    "said",
    [
        model("gpt-99", 0),
        model("gpt-99", 0.39),
        model("gpt-0", 0.000001, {"contains": "gpt"}),
        {**model("gpt-99", 0), "prices": {"input_mtok": 2}},
    ],
    ids=["free", "a sixth", "all names", "no answers"],
)
def test_a_price_far_below_what_is_known_is_not_believed(said):
    kept, known = Kept(), listed(model("gpt-99", 2))
    told = update(kept, Settings(), listed(said, model("gpt-100", 0)), "list", NOW_US, known)

    rates = PriceList(kept.rates).find("openai", "gpt-99")
    assert cost_of(Usage(1_000_000, output=1_000_000), rates, NOW_US) == 4_000_000_000
    assert f"which stays: openai {said['id']}" in told[1]
    assert PriceList(kept.rates).find("openai", "gpt-100") is not None


def test_a_price_that_was_cut_is_believed():
    kept, known = Kept(), listed(model("gpt-99", 2))
    told = update(kept, Settings(), listed(model("gpt-99", 0.4)), "list", NOW_US, known)

    rates = PriceList(kept.rates).find("openai", "gpt-99")
    assert cost_of(Usage(1_000_000), rates, NOW_US) == 400_000_000
    assert len(told) == 1


def test_a_list_without_end_changes_nothing(prices, page, tmp_path):
    url, answer = page
    count = 30 * sum(len(provider.models) for provider in PROVIDERS.values())
    models = [model(f"m{number}", 1) for number in range(count)]
    raw = [{"id": "openai", "name": "OpenAI", "api_pattern": "x", "models": models}]
    answer.update(body=json.dumps(raw).encode())

    code, lines = prices("update", "--download", url)

    assert code == 1
    assert "not that list as a whole" in lines[0]
    assert not (tmp_path / "home" / "ledger").exists()


def test_what_is_installed_is_believed_as_a_whole():
    kept, known = Kept(), list(PROVIDERS.values())
    told = update(kept, Settings(), known, "list", NOW_US, known)

    assert not any("not believed" in line for line in told)


def test_what_was_written_is_what_is_shown(prices, tmp_path):
    (tmp_path / "sallim.toml").write_text(
        '[[price]]\nmodel = "gpt-5-mini"\ndiscount_percent = 50\n'
        '[exchange]\nvat_rates = ["openai=0"]\n'
    )
    code, lines = prices("update")
    assert (code, len(lines)) == (0, 1)

    words = ("--provider", "openai", "--input", "1000000", "--output", "0")
    code, lines = prices("show", "gpt-5-mini", *words)
    assert code == 0
    assert lines.count("openai gpt-5-mini") == 1
    assert "$0.125, 181 won" in lines[1]
    assert "  your discount: 50 %" in lines


@pytest.mark.slow
def test_no_other_process_loads_what_the_prices_come_from():
    program = (
        "import sys; from agent.__main__ import parser; parser(); import agent.wiring;"
        "import sallim.prices; heavy = {'genai_prices', 'httpx2'};"
        "print([name for name in sys.modules if name.partition('.')[0] in heavy])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=False, capture_output=True, text=True
    )

    assert (done.stdout, done.stderr) == ("[]\n", "")
