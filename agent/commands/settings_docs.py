"""Write docs/settings.md and sallim.toml.example, or say with --check that they are stale.

A tool for whoever changes `models/settings/__init__.py`, not a sub-command of the agent.
"""

import argparse
import sys
from pathlib import Path

from agent.commands import OK, PROBLEM, ROOT
from models.settings.docs import example, table


def main(root: Path = ROOT, arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; 1 when stale")
    check = parser.parse_args(arguments).check
    wanted = {root / "docs" / "settings.md": table(), root / "sallim.toml.example": example()}
    stale = [path for path, text in wanted.items() if not _is(path, text)]
    if check:
        for path in stale:
            print(
                f"{path.relative_to(root)} does not match models/settings/__init__.py; run "
                "`python -m agent.commands.settings_docs` and commit what it writes."
            )
        return PROBLEM if stale else OK
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")
        print(f"{path.relative_to(root)} is written.")
    return OK


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
