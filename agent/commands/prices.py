"""`prices`: what calls cost. `update` writes all prices into the ledger, `show` says one model's.

Works while the agent runs, in a process of its own: what the prices come from takes a second to
load, and no other process of Sallim loads it.
"""

import argparse
import json
import os
import time
from collections.abc import Sequence
from typing import Any, Protocol

from agent.commands import OK, PROBLEM, ROOT, home_of
from data.home import Home
from models.settings import Settings
from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Exchange, RateRow

LIST = (
    "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/"
    "data.json"
)
"""The public list that genai-prices 0.2.3 itself reads (update_prices.py)."""
GROWTH_MAX = 20
"""A list of ten times as many models would fill the ledger, which each program reads."""


class NoList(Exception):
    """What was downloaded cannot be used; the message says why."""


class Keeping(Protocol):
    """What is needed of the ledger."""

    def put_rates(self, rows: Sequence[RateRow]) -> None: ...
    def put_exchange(self, rows: Sequence[Exchange]) -> None: ...
    def exchange_for(self, provider: str) -> Exchange | None: ...


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "prices", help="bring the prices up to date, say what a call costs", description=__doc__
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    update = actions.add_parser(
        "update", parents=[shared], help="write the prices into the ledger, with your own"
    )
    update.add_argument(
        "--download",
        nargs="?",
        const=LIST,
        metavar="URL",
        help="newer ones than are installed, from the public list of genai-prices on GitHub",
    )
    show = actions.add_parser("show", parents=[shared], help="what a call costs, and why")
    show.add_argument("model", metavar="MODEL", help="as it stands in the call")
    show.add_argument("--provider", help="only this one's, for example openrouter")
    show.add_argument("--input", type=_tokens, default=1_000, metavar="TOKENS", help="sent (1000)")
    show.add_argument("--output", type=_tokens, default=1_000, metavar="TOKENS", help="made (1000)")
    return parser


def _tokens(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 100_000_000:
        raise ValueError(text)
    return number


def run(arguments: argparse.Namespace) -> int:
    home = home_of(arguments)
    try:
        if arguments.action == "show":
            return _show(home, arguments)
        settings = _settings(home)
        providers, source, known = _providers(arguments.download)
        home.make()
        accounts = Accounts.open(home.ledger)
        try:
            now_us = time.time_ns() // 1_000
            told = update(accounts, settings, providers, source, now_us, known)
        finally:
            accounts.close()
    except (LedgerError, NoList) as problem:
        print(problem)
        return PROBLEM
    print("\n".join(told))
    return OK


def update(
    accounts: Keeping,
    settings: Settings,
    providers: Sequence[Any],
    source: str,
    now_us: int,
    known: Sequence[Any] = (),
) -> list[str]:
    """Put all prices into the ledger in the place of those there; what there is to say of it.

    `known` is what is installed, where something else was downloaded.
    """
    from models.owner_prices import exchange_rows, with_owner
    from models.price_compiling import rows_of
    from models.price_judging import believed
    from sallim.prices import shipped
    from sallim.prices.finding import OWNER

    brought = shipped().rates
    also = {
        (row.provider, row.model): document["also"]
        for row in brought
        if "also" in (document := json.loads(row.document))
    }
    rows, left_out = rows_of(providers, source, now_us, also)
    rows, doubted = believed(rows, rows_of(known, "genai-prices, installed", now_us, also)[0])
    rows += [row for row in brought if row.provider == "local"]
    rows = with_owner(rows, settings.price, now_us)
    accounts.put_rates(rows)
    if accounts.exchange_for("") is None:
        # Until the rate of the day is asked for.
        accounts.put_exchange(exchange_rows(shipped().exchange, settings.exchange))
    own = sum(1 for row in rows if row.source == OWNER)
    told = f"{len(rows):,} prices from {source} are in the ledger, {own} of them your own."
    told_doubts = (
        f"not believed, for it is less than a fifth of what is known, which stays: {name}; if it "
        "is true, say it as a [[price]]"
        for name in doubted
    )
    left = (f"left out, so calls are refused: {name}" for name in left_out)
    return [told, *told_doubts, *left]


def _providers(url: str | None) -> tuple[list[Any], str, list[Any]]:
    """What genai-prices knows, or what stands at a URL, its name, and what to judge it by.

    Raises NoList.
    """
    from importlib.metadata import version

    import httpx2
    from genai_prices import UpdatePrices
    from genai_prices.data_snapshot import get_snapshot

    installed = list(get_snapshot().providers)
    if url is None:
        return installed, f"genai-prices {version('genai-prices')}", []
    try:
        fetched = UpdatePrices(url=url).fetch()
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise NoList(
            f"{url}: no list of prices came ({type(error).__name__}: {str(error)[:200]}). The "
            "prices in the ledger stay as they are; without --download those that are installed "
            "are written."
        ) from error
    downloaded = [] if fetched is None else list(fetched.providers)
    count, known = _models(downloaded), _models(installed)
    if not known <= count * 2 <= known * GROWTH_MAX:
        raise NoList(
            f"{url} has {count} models, and {known} are known: it is not that list as a whole. The "
            "prices in the ledger stay as they are."
        )
    return downloaded, "genai-prices, downloaded", installed


def _models(providers: Sequence[Any]) -> int:
    return sum(len(provider.models) for provider in providers)


def _show(home: Home, arguments: argparse.Namespace) -> int:
    from models.owner_prices import exchange_rows
    from models.price_words import card
    from sallim.prices import PriceList, lines_to_paste, shipped
    from sallim.usage import Usage

    rows, rate = _known(home)
    if not rows:
        rows = shipped().rates
    by_provider = {
        each.provider: each
        for each in exchange_rows(rate or shipped().exchange, _settings(home).exchange)
    }
    prices, updated = PriceList(rows), {row.price_id: row.updated_us for row in rows}
    providers = sorted({row.provider for row in rows} - {"local"})
    usage = Usage(arguments.input, output=arguments.output)
    now_us = time.time_ns() // 1_000
    found = False
    for provider in [arguments.provider] if arguments.provider else providers:
        rates = prices.find(provider, arguments.model)
        # What one provider sells of another's stands under the other; asked for, it is shown.
        if rates is not None and (arguments.provider or rates.provider == provider):
            found = True
            exchange = by_provider.get(provider, by_provider[""])
            updated_us = updated.get(rates.price_id, 0)
            print("\n".join(card(rates, usage, now_us, exchange, updated_us)))
    if found:
        return OK
    print(
        f"{json.dumps(arguments.model)} has no price, so calls of it are refused. Try `python -m "
        "agent prices update --download`; or put these lines into sallim.toml, with its prices, "
        "and run `python -m agent prices update`:\n"
    )
    print("\n".join(lines_to_paste(arguments.provider or "openai", arguments.model)))
    return PROBLEM


def _known(home: Home) -> tuple[Sequence[RateRow], Exchange | None]:
    """What the ledger has; nothing where there is none yet."""
    if not home.ledger.exists():
        return [], None
    accounts = Accounts.open(home.ledger)
    try:
        return accounts.all_rates(), accounts.exchange_for("")
    finally:
        accounts.close()


def _settings(home: Home) -> Settings:
    """Raises ConfigError: with half of what the owner says, a price would be wrong."""
    from data.settings_file import check, settings_path

    path = settings_path(os.environ, ROOT, home)
    return Settings() if path is None else check(path)
