"""Of `budget`: months that are over as a report, what the card was charged, the next month's plan.

Closes are asked of the agent; a plan is made of what the store says, and applied by request.
"""

import argparse
import sys
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from agent.commands import OK, PROBLEM
from agent.commands.asking import Refused, Wish, add_wish, answered, carried_out
from agent.commands.output import write_lines
from data.home import Home
from models.errors import QueryRefused
from models.settings import Settings
from models.typed import typed

ACTIONS = ("close", "charge", "plan", "unplan")
MICRO = 1_000_000


def add_actions(actions: Any) -> list[argparse.ArgumentParser]:
    close = actions.add_parser("close", help="a month that is over: what it cost, kept or not")
    close.add_argument("--month", metavar="MONTH", help="as 2026-11 (default: the last one)")
    files = close.add_mutually_exclusive_group()
    files.add_argument("--html", metavar="FILE", help="the report as a page that stands alone")
    files.add_argument("--csv", metavar="FILE", help="the report as a table, amounts not rounded")
    charge = actions.add_parser("charge", help="say what the card was charged for a month")
    charge.add_argument("month", metavar="MONTH", help="as 2026-11")
    charge.add_argument("amount", metavar="WON", help="as on the card's statement, 23800")
    add_wish(charge)
    plan = actions.add_parser("plan", help="how the next month may be split; --apply asks for it")
    plan.add_argument(
        "--advice", metavar="NUMBERS", default="", help="of the advice to follow, as 1,3"
    )
    plan.add_argument("--apply", action="store_true", help="have it hold from that month on")
    plan.add_argument("--reason", default="", help="why, for the audit")
    plan.add_argument("--yes", metavar="TOTAL", help="instead of typing it")
    unplan = actions.add_parser("unplan", help="end a plan: the settings hold again")
    unplan.add_argument("month", metavar="MONTH", help="from which on it holds, as 2026-12")
    add_wish(unplan)
    return [close, charge, plan, unplan]


def run(home: Home, arguments: argparse.Namespace, settings: Settings) -> int:
    """Raises Refused, AgentSilent."""
    if arguments.action == "close":
        return _close(home, arguments)
    if arguments.action == "plan":
        return _plan(home, arguments, settings)
    args = {"amount_krw": arguments.amount} if arguments.action == "charge" else {}
    wish = Wish(arguments.action, arguments.month, args, arguments.reason, arguments.yes)
    return carried_out(home, wish)


def _close(home: Home, arguments: argparse.Namespace) -> int:
    from models.budget.close_json import close_of
    from models.budget.close_report import csv_of, html_of

    kept = _chosen(answered(home, "/months")["closes"], arguments.month)
    close, micro = close_of(kept["close"]), kept["charged_micro"]
    charged = None if micro < 0 else Decimal(micro) / MICRO
    out = arguments.html or arguments.csv
    if out is None:
        print("\n".join(_lines(kept)))
        return OK
    text = html_of(close, charged) if arguments.html else csv_of(close, charged)
    try:
        write_lines([text], None if out == "-" else out)
    except OSError as error:
        print(f"{out} cannot be written: {error.strerror}", file=sys.stderr)
        return PROBLEM
    return OK


def _chosen(closes: list[dict[str, Any]], month: str | None) -> dict[str, Any]:
    known = {each["month"]: each for each in closes}
    if not known:
        raise Refused("No month is closed yet: the first is, after the next midnight of a month.")
    wanted = month or max(known)
    if wanted not in known:
        raise Refused(f"{wanted} is not closed; these months are: {', '.join(known)}")
    return known[wanted]


def _lines(kept: Mapping[str, Any]) -> list[str]:
    from models.budget.close_json import close_of
    from models.budget.close_words import close_alert, explained

    close, micro = close_of(kept["close"]), kept["charged_micro"]
    alert = close_alert(close)
    # The last line of the message sends people to the page.
    lines = [str(alert.title), *map(str, alert.lines[:-1])]
    if kept["revision"] > 1:
        lines.append(f"corrected {kept['revision'] - 1} times since it was closed")
    if micro < 0:
        return [*lines, f"Say what the card was charged: `{typed('budget charge')} {close.month}`"]
    return [*lines, *map(str, explained(close, Decimal(micro) / MICRO))]


def _plan(home: Home, arguments: argparse.Namespace, settings: Settings) -> int:
    from data.known_prices import readable_prices
    from data.month_facts import advice_at, subject_of
    from data.next_month import chosen_of, wants
    from data.reader import Patience, Reader
    from models.budget.plan import split

    reader, now = Reader(home, Patience(query_seconds=60.0)), time.time()
    try:
        advice = advice_at(reader, now, settings, readable_prices(home))
        places = _places(arguments.advice, len(advice))
        plan = split(wants(reader, settings, now, [chosen_of(advice[place]) for place in places]))
    except QueryRefused as refused:
        raise Refused(str(refused)) from refused
    print(f"The plan of {plan.month}, within {plan.total_krw:,} won:")
    for share in plan.shares:
        cap = f"of {share.cap_krw:,} won" if share.capped else "won, without a cap of their own"
        print(f"  {share.bucket_id}: {share.amount_krw:,} {cap}: {share.why}")
    print(f"  planned for nothing: {plan.left_krw:,} won")
    for note in (*plan.misfits, *plan.notes):
        print(f"  ! {note}")
    for place, each in enumerate(advice, start=1):
        mark = "x" if place - 1 in places else " "
        saving = f"{each.saving_krw_month:,.0f} won"
        print(f"  [{mark}] {place}. {subject_of(each)}: {each.sentence} ({saving})")
    if not arguments.apply:
        print(f"Have it hold from {plan.month} on: `{typed('budget plan --apply --reason WHY')}`")
        return OK
    if not arguments.reason.strip():
        raise Refused('Say why, for the audit: --reason "..."')
    args = {"total_krw": plan.total_krw, "amounts_krw": plan.amounts_krw}
    return carried_out(home, Wish("plan", plan.month, args, arguments.reason, arguments.yes))


def _places(text: str, count: int) -> list[int]:
    """Raises Refused."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        if not part.isdecimal() or not 0 < int(part) <= count:
            raise Refused(f"--advice {part}: there are {count}, counted from 1, such as 1,3")
        found.append(int(part) - 1)
    return sorted(set(found))
