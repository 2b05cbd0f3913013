"""`gateway`: calls of n8n, containers and other machines under the same budget, until SIGTERM.

SIGHUP, which `reload` sends, reads the settings anew.

It holds the keys of the providers; who calls shows a token (`token create NAME --for gateway`).
With --unlabelled it lists calls that name no workflow, and ends.
"""

import argparse
import logging
import os
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from agent.commands import OK, PROBLEM, ROOT, SETTINGS, home_of
from data.home import Home
from data.lean import stay_lean
from data.settings_file import check, load, settings_path
from models.errors import ConfigError
from models.settings import Settings

if TYPE_CHECKING:
    from agent.gateway.terms import Terms

log = logging.getLogger("agent")

CHUNK_ROWS = 1_000
NO_KEY = "no provider has a key yet: set OPENAI_API_KEY, for example, and start again"


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "gateway", parents=[shared], help="let others spend over HTTP", description=__doc__
    )
    parser.add_argument(
        "--unlabelled", action="store_true", help="list calls without a workflow, and end"
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    if arguments.unlabelled:
        return _list_unlabelled(home_of(arguments))
    stay_lean()
    os.umask(0o007 if os.environ.get("SALLIM_WEB_GROUP") else 0o077)
    from agent.logs import start_logging

    home = home_of(arguments)
    try:
        home.make()
        loaded = load(settings_path(os.environ, ROOT, home), home)
        start_logging(loaded.settings.log.level, sys.stderr)
        if loaded.error is not None:
            log.error("%s", loaded.error)
        from agent.gateway.serving import open_doors, serve

        terms = _terms(loaded.settings)
        if not terms.ready:
            log.error("%s", NO_KEY)
            return PROBLEM
        doors = open_doors(terms.settings)
    except ConfigError as error:
        log.error("%s", error)
        return SETTINGS
    gateway = terms.settings
    places = ", ".join(dict.fromkeys((gateway.listen, *gateway.also_listen)))
    log.info("the gateway listens at %s; it has keys for %s", places, ", ".join(terms.ready))
    serve(home, terms, doors, lambda: _terms_anew(home))
    return OK


def _terms(settings: Settings) -> "Terms":
    """Raises ConfigError."""
    from agent.gateway.terms import Terms, check_certificate
    from agent.gateway.upstreams import upstreams_of

    check_certificate(settings.gateway)
    return Terms(settings.gateway, upstreams_of(settings.upstream, os.environ), settings.graceful)


def _terms_anew(home: Home) -> "Terms":
    """Raises ConfigError where the file cannot be used: what is in force stays."""
    path = settings_path(os.environ, ROOT, home)
    if path is not None:
        check(path)
    terms = _terms(load(path, home).settings)
    if not terms.ready:
        raise ConfigError(NO_KEY)
    return terms


def _list_unlabelled(home: Home) -> int:
    """Whose calls name no workflow, so that somebody can give them one."""
    from models.costs.kinds import is_call, kind_of
    from sallim.guard.telling import one_line
    from sallim.ledger.accounts import Accounts

    counts: dict[tuple[str, str, str], tuple[int, int]] = {}
    if home.ledger.exists():
        accounts, seq = Accounts.open(home.ledger), 0
        while rows := accounts.calls_since(seq, CHUNK_ROWS):
            seq = rows[-1].seq
            for row in rows:
                if not row.workflow and is_call(row.endpoint, kind_of(row.endpoint, row.buckets)):
                    key = (row.key_label, row.provider, row.model)
                    count, micro = counts.get(key, (0, 0))
                    counts[key] = (count + 1, micro + (row.gross_micro or 0))
        accounts.close()
    for (label, provider, model), (count, micro) in sorted(counts.items()):
        # A guard elsewhere may have named it as it liked.
        name = one_line(f"{label or 'no token'}: {count} of {provider} {model or 'no model'}")
        print(f"{name}, {Decimal(micro).scaleb(-6):,.2f} won")
    if not counts:
        print("Every call names its workflow.")
    return OK
