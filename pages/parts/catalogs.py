"""Bring the translations up to the sources: `python -m pages.parts.catalogs [--check]`.

Texts are collected from every `_`, `ngettext` and `say`, and from the table of metrics. The
template (.pot), the catalogs (.po) and what is read at run time (.mo) are all kept in git, since
the product runs from a checkout. English is filled in by itself; Korean is written by people.
"""

import argparse
import io
import re
import sys
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "locale"
LANGUAGES = ("en", "ko")
SOURCES = ("app.py", "pages", "models", "data", "agent")
KEYWORDS = {"_": None, "ngettext": (1, 2), "say": None}
PLACEHOLDER = re.compile(r"{(\w*)[^}]*}")
HEADER = "# Texts of Sallim, made by `make catalogs`; translations are written here."
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
"""Catalogs bear no date of their own: git knows it, and a check must not depend on the clock."""


def template() -> "Catalog":
    """Everything that can be translated, out of the sources as they stand."""
    from babel.messages.catalog import Catalog

    from models.metrics import METRICS

    found = Catalog(project="Sallim", version="1", creation_date=WRITTEN, charset="utf-8")
    found.fuzzy, found.header_comment = False, HEADER
    for identity in _extracted():
        found.add(identity)
    for metric in METRICS.values():
        found.add(metric.text)
    return found


def _extracted() -> Iterator[str | tuple[str, str]]:
    from babel.messages.extract import extract_from_file

    for source in SOURCES:
        paths = [ROOT / source] if source.endswith(".py") else (ROOT / source).rglob("*.py")
        for path in sorted(paths):
            for _line, identity, _comments, _context in extract_from_file(
                "python", path, keywords=KEYWORDS
            ):
                yield identity if isinstance(identity, str) else (identity[0], identity[1])


def brought_up(language: str, found: "Catalog") -> "Catalog":
    """The catalog of a language with what is new in the template, without what is gone."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    path = po_path(language)
    if path.exists():
        catalog = read_po(io.BytesIO(path.read_bytes()), locale=language)
    else:
        catalog = Catalog(locale=language, project="Sallim", version="1", charset="utf-8")
    # A copy, since Babel puts the template's own messages into the catalog.
    catalog.update(deepcopy(found), no_fuzzy_matching=True)
    catalog.fuzzy = False
    catalog.creation_date = catalog.revision_date = WRITTEN
    catalog.last_translator, catalog.language_team = "Sallim", language
    catalog.header_comment = HEADER
    if language == "en":
        for message in _messages(catalog):
            message.string = message.id
    return catalog


def files(language: str, catalog: "Catalog") -> dict[Path, bytes]:
    """What should stand in the .po and the .mo of a language."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import write_po

    source, compiled = io.BytesIO(), io.BytesIO()
    write_po(source, catalog, width=100, no_location=True, sort_output=True, ignore_obsolete=True)
    write_mo(compiled, catalog)
    path = po_path(language)
    return {path: source.getvalue(), path.with_suffix(".mo"): compiled.getvalue()}


def all_files() -> dict[Path, bytes]:
    from babel.messages.pofile import write_po

    found = template()
    source = io.BytesIO()
    write_po(source, found, width=100, no_location=True, sort_output=True)
    wanted = {LOCALE / "sallim.pot": source.getvalue()}
    for language in LANGUAGES:
        wanted |= files(language, brought_up(language, found))
    return wanted


def problems(language: str) -> list[str]:
    """What is not right in a catalog: not translated, uncertain, or other placeholders."""
    return [
        f"{language}: {message.id!r}: {reason}"
        for message in _messages(brought_up(language, template()))
        if (reason := problem_of(message))
    ]


def problem_of(message: "Message") -> str | None:
    if message.fuzzy:
        return "is fuzzy: confirm it or write it anew"
    strings = _as_tuple(message.string)
    if not strings or not all(strings):
        return "is not translated"
    wanted = {frozenset(PLACEHOLDER.findall(text)) for text in _as_tuple(message.id)}
    if any(frozenset(PLACEHOLDER.findall(text)) not in wanted for text in strings):
        return "has other placeholders than its translation"
    return None


def _as_tuple(text: object) -> tuple[str, ...]:
    parts = text if isinstance(text, list | tuple) else (text,)
    return tuple(str(part or "") for part in parts)


def _messages(catalog: "Catalog") -> Iterator["Message"]:
    return (message for message in catalog if message.id)


def po_path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "sallim.po"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; say what is stale")
    check = parser.parse_args(arguments).check
    stale = [path for path, content in all_files().items() if _is_stale(path, content)]
    complaints = [line for language in LANGUAGES for line in problems(language)]
    if not check:
        for path, content in all_files().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        stale = []
    complaints += [f"{path.relative_to(ROOT)} is stale: run `make catalogs`" for path in stale]
    for complaint in complaints:
        sys.stdout.write(f"{complaint}\n")
    return 1 if complaints else 0


def _is_stale(path: Path, content: bytes) -> bool:
    return not path.exists() or path.read_bytes() != content


if __name__ == "__main__":
    sys.exit(main())
