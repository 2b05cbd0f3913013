"""Write the tables of sallim/prices: dated prices, and the most that models take.

A tool for whoever makes a release, not a sub-command of the agent. It needs the file
`model_prices_and_context_window.json` of a release of LiteLLM, which is in its wheel:

    python -m agent.commands.price_tables --litellm FILE --litellm-version 1.110.2 --date 2026-11-28
"""

import argparse
import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

from agent.commands import OK, ROOT
from models.price_tables import limits_table, pretty, second_books, shipped_table
from models.second_prices import known_models


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--litellm", type=Path, required=True, metavar="FILE")
    parser.add_argument("--litellm-version", required=True)
    parser.add_argument("--date", required=True, help="day of the data, as 2026-11-28")
    chosen = parser.parse_args(arguments)
    from genai_prices.data_snapshot import get_snapshot

    providers = get_snapshot().providers
    models = known_models(json.loads(chosen.litellm.read_text(), parse_float=Decimal))
    first = f"genai-prices {version('genai-prices')}"
    second = f"litellm {chosen.litellm_version}"
    at = datetime.fromisoformat(chosen.date).replace(tzinfo=UTC)
    books = second_books(providers, models, second)
    folder = root / "sallim" / "prices"
    shipped = shipped_table(providers, books, chosen.date, first, int(at.timestamp()) * 1_000_000)
    limits = limits_table(providers, models, (second, chosen.date), (first, chosen.date))
    for name, table in (("shipped.json", shipped), ("limits.json", limits)):
        (folder / name).write_text(pretty(table), encoding="utf-8")
        print(f"{folder / name} is written.")
    return OK


if __name__ == "__main__":
    sys.exit(main())
