"""`costs`: say what only you know: what the month began with, what a bill says; compare both.

Works while the agent runs. What turns out otherwise is booked as a row of its own; nothing that
stands in the ledger is ever changed.
"""

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.commands import OK, PROBLEM, ROOT, USAGE, home_of
from models.errors import StoreError
from sallim.ledger import LedgerError

INVOICE_BYTES_MAX = 20_000_000


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "costs", help="opening balance, bills, what is paid ahead", description=__doc__
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    opening = actions.add_parser(
        "open", parents=[shared], help="what this month had cost before Sallim was here"
    )
    opening.add_argument("--bucket", choices=("api", "servers"), help="of what (default: both)")
    amount = opening.add_mutually_exclusive_group(required=True)
    amount.add_argument("--spent", metavar="WON", help="gross, without [[fixed]] items")
    amount.add_argument("--none", action="store_true", help="nothing was spent")
    bill = actions.add_parser("bill", parents=[shared], help="one figure of a bill")
    bill.add_argument("provider", metavar="PROVIDER", help="for example gemini")
    bill.add_argument("period", metavar="PERIOD", help="a month or a day: 2026-11, 2026-11-20")
    bill.add_argument("--amount", required=True, help="as the bill says it, for example 4.20")
    bill.add_argument("--currency", default="USD", help="USD, EUR (net) or KRW (gross)")
    invoice = actions.add_parser("invoice", parents=[shared], help="a bill as CSV")
    invoice.add_argument(
        "file", metavar="FILE", help="its first line names provider, period, amount, currency"
    )
    cash = actions.add_parser(
        "cash", parents=[shared], help="what is left of what was paid ahead to a provider"
    )
    cash.add_argument("provider", metavar="PROVIDER", help="for example gemini")
    left = cash.add_mutually_exclusive_group(required=True)
    left.add_argument("--amount", help="as its page says it now, for example 4.20")
    left.add_argument("--forget", action="store_true", help="there is no such balance any more")
    cash.add_argument("--currency", default="USD", help="USD, EUR or KRW")
    actions.add_parser("reconcile", parents=[shared], help="compare all bills with the ledger")
    return parser


def run(arguments: argparse.Namespace) -> int:
    # What only this command needs waits: every command is imported for --help.
    from models.costs.bills import NoBill

    try:
        return _carry_out(arguments)
    except NoBill as problem:
        print(problem)
        return USAGE
    except (LedgerError, StoreError, ValueError) as problem:
        print(problem)
        return PROBLEM


def _carry_out(arguments: argparse.Namespace) -> int:
    from agent.commands.openings import opened
    from agent.reconciling import books_of, compared_since, reconcile
    from data.bills.bills import put_bills
    from data.settings_file import check, settings_path
    from models.costs.bills import check_begun
    from models.settings import Settings
    from sallim.ledger.accounts import Accounts

    home, now = home_of(arguments), time.time()
    if arguments.action == "cash":
        return _cash(home, arguments, now)
    path = settings_path(os.environ, ROOT, home)
    zone = (Settings() if path is None else check(path)).house.zone
    # Before anything is opened: a bill that is none makes no file.
    bills = _bills(arguments, zone)
    check_begun(bills, now, zone)
    spent_micro = _spent_micro(arguments) if arguments.action == "open" else 0
    home.make()
    accounts = Accounts.open(home.ledger)
    try:
        books = books_of(home, accounts, zone, now)
        if arguments.action == "open":
            return opened(home, books, arguments.bucket, spent_micro)
        put_bills(home, bills, now)
        verdicts = reconcile(home, books)
        since = compared_since(home, now)
    finally:
        accounts.close()
    if bills:
        print(_told_bills(bills, sum(bill.period_start < since for bill in bills)))
    return _told(verdicts, zone)


def _told_bills(bills: Sequence[Any], early: int) -> str:
    taken = "1 figure of a bill is kept." if len(bills) == 1 else f"{len(bills)} figures are kept."
    if not early:
        return taken
    return (
        f"{taken} Not compared: {early}, of spans that began before Sallim did, or more than 85 "
        "days ago. What a first month had cost before is said by `costs open`."
    )


def _cash(home: Any, arguments: argparse.Namespace, now: float) -> int:
    """Raises NoBill, StoreError."""
    from data.bills.cash import Told, forget_cash, put_figures
    from models.costs.bills import NoBill, amount_of, provider_of
    from models.costs.prepaid import Figure
    from models.costs.prepaid_words import amount_text

    provider = provider_of(arguments.provider)
    if arguments.forget:
        home.make()
        count = forget_cash(home, provider, now)
        print(f"Figures forgotten: {count}." if count else f"Nothing was known of {provider}.")
        return OK
    amount, currency = amount_of(arguments.amount, arguments.currency)
    if amount < 0:
        raise NoBill(f"--amount {arguments.amount}: write what is left, such as 4.20")
    home.make()
    put_figures(home, [Told((provider, currency), Figure(now, amount, is_typed=True))])
    print(
        f"Kept: {amount_text(amount, currency)} are left at {provider}. What its calls cost from "
        "now on is taken off until you say it anew; how long it lasts stands on the page of the "
        "costs."
    )
    return OK


def _bills(arguments: argparse.Namespace, zone: Any) -> Sequence[Any]:
    from models.costs.bills import NoBill, amount_of, typed_bill
    from models.costs.invoices import invoice_bills

    if arguments.action == "bill":
        price = amount_of(arguments.amount, arguments.currency)
        return [typed_bill(arguments.provider, arguments.period, price, zone)]
    if arguments.action == "invoice":
        path = Path(arguments.file)
        try:
            with path.open("rb") as file:
                content = file.read(INVOICE_BYTES_MAX + 1)
            if len(content) > INVOICE_BYTES_MAX:
                raise NoBill(f"{path} is larger than {INVOICE_BYTES_MAX // 10**6} MB; split it")
            return invoice_bills(content.decode(), zone)
        except OSError as error:
            raise NoBill(f"{path} cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise NoBill(f"{path} is no text in UTF-8; save it as CSV in UTF-8") from error
    return []


def _spent_micro(arguments: argparse.Namespace) -> int:
    """Raises NoBill."""
    from models.costs.bills import NoBill, amount_of
    from sallim.money import MICRO

    if arguments.none:
        return 0
    amount = amount_of(arguments.spent.replace(",", ""), "KRW").amount * MICRO
    if amount < 0 or amount != int(amount):
        raise NoBill(f"--spent {arguments.spent}: write won, such as 3200")
    return int(amount)


def _told(verdicts: Sequence[Any], zone: Any) -> int:
    from models.costs.bills import period_text

    alarms = 0
    for verdict in verdicts:
        group = verdict.group
        if verdict.cause == "none" and not verdict.orders:
            continue
        alarms += verdict.is_alarm
        period = period_text(group.since, group.until, zone)
        theirs, ours = group.theirs_nano / 1e9, group.known_nano / 1e9
        guarded = "" if verdict.guarded_ppm is None else f", {verdict.guarded_ppm / 1e4:.1f} % seen"
        mark = "ALARM " if verdict.is_alarm else ""
        name = f"{group.provider} {group.model}".strip()
        print(
            f"{mark}{name} {period}: they charge {theirs:.6f} USD, calls here are "
            f"{ours:.6f} USD ({WORDS[verdict.cause]}{guarded})"
        )
    print(f"Compared: {len(verdicts)}; differ by more than can be explained: {alarms}.")
    return PROBLEM if alarms else OK


WORDS = {
    "none": "made up for now",
    "rounding": "they round",
    "late": "may still grow",
    "unverified": "calls whose end nobody saw",
    "restated": "they restated it",
    "outside": "a key is used outside",
    "ours": "more than they charge",
}
