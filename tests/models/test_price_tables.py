"""The tables that come with the package are those that the installed list makes."""

import json
from decimal import Decimal
from importlib.metadata import version

import pytest

from agent.commands.price_tables import main
from models.price_compiling import document_of, since
from models.price_tables import PROVIDERS, second_books
from models.second_prices import known_models
from sallim.prices.tables import shipped
from tests.models import genai

pytestmark = pytest.mark.slow

TABLE = {
    "gpt-5-mini-2025-08-07": {
        "litellm_provider": "openai",
        "mode": "chat",
        "input_cost_per_token": 9e-07,
    },
    "gpt-5-mini": {
        "litellm_provider": "openai",
        "mode": "chat",
        "input_cost_per_token": 3e-07,
        "max_input_tokens": 272_000,
        "max_output_tokens": 128_000,
    },
    "gemini/gemini-2.5-pro": {
        "litellm_provider": "gemini",
        "mode": "chat",
        "input_cost_per_token": 1e-06,
    },
}


def test_what_is_shipped_was_made_of_what_is_installed():
    brought = shipped()
    documents = {row[:2]: json.loads(row.document) for row in brought.rates}
    for document in documents.values():
        document.pop("also", None)

    assert brought.rates[1].source == f"genai-prices {version('genai-prices')}"
    for name in PROVIDERS:
        for rank, model in enumerate(genai.PROVIDERS[name].models):
            expected = since(document_of(name, model, rank), brought.date)
            assert documents[name, model.id] == expected, (
                "run python -m agent.commands.price_tables"
            )


def test_the_tool_writes_both_tables(tmp_path, capsys):
    folder = tmp_path / "sallim" / "prices"
    folder.mkdir(parents=True)
    (tmp_path / "list.json").write_text(json.dumps(TABLE))
    words = ["--litellm", str(tmp_path / "list.json"), "--litellm-version", "1"]

    assert main([*words, "--date", "2026-11-28"], tmp_path) == 0

    assert capsys.readouterr().out.count("is written") == 2
    prices = json.loads((folder / "shipped.json").read_text())
    mini = next(document for _, model, document in prices["rates"] if model == "gpt-5-mini")
    assert mini["also"] == [{"source": "litellm 1", "prices": [{"rates": {"input": 300_000_000}}]}]
    limits = json.loads((folder / "limits.json").read_text())
    assert limits["tables"][0]["limits"] == {"openai": {"gpt-5-mini": [272_000, 128_000]}}
    assert limits["tables"][1]["source"].startswith("genai-prices ")


def test_a_name_of_its_own_is_meant_before_a_dated_one():
    table = json.loads(json.dumps(TABLE), parse_float=Decimal)
    books = second_books(genai.PROVIDERS.values(), known_models(table), "list")

    assert set(books) == {("openai", "gpt-5-mini"), ("google", "gemini-2.5-pro")}
    assert books["openai", "gpt-5-mini"]["prices"] == [{"rates": {"input": 300_000_000}}]
