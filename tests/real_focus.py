"""The FOCUS export of the demo before the official focus-validator: `make test-focus`.

    python -m tests.real_focus PYTHON312

The validator needs Python 3.12, an older pyarrow and a folder of its own, so it runs apart,
offline, with the rules of FOCUS 1.2.0.1 that it brings along. Two of those contradict each other:
what has no invoice MUST have no InvoiceId (C-004) and MUST have one (C-005): one always fails.
"""

import csv
import itertools
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

VERSION, RULES = "2.2.1", "1.2.0.1"
ROWS_A_KIND = 400
CONTRADICTED = {"InvoiceId-C-004-C", "InvoiceId-C-005-C"}
SPAN_DAYS = 40
ROOT = Path(__file__).parents[1]


def main(python: str) -> int:
    with tempfile.TemporaryDirectory(prefix="sallim-focus-") as folder:
        validator = installed(python, Path(folder) / "venv")
        told = validated(validator, exported(Path(folder)))
    failed = set(re.findall(r"❌ (\S+): FAIL", told))
    summary = re.search(r"Total: \d+ \| Pass: \d+.*", told)
    lines = [summary[0] if summary else told[-2000:]]
    for rule in sorted(failed):
        note = " (its rules contradict each other)" if rule in CONTRADICTED else ""
        lines.append(f"failed: {rule}{note}")
    sys.stdout.write("\n".join([*lines, ""]))
    return 0 if summary and failed <= CONTRADICTED else 1


def installed(python: str, venv: Path) -> Path:
    subprocess.run([python, "-m", "venv", venv], check=True)
    wanted = [f"focus-validator=={VERSION}", "pyarrow<20"]
    subprocess.run([venv / "bin/pip", "install", "-q", *wanted], check=True)
    return venv / "bin/focus-validator"


def exported(folder: Path) -> Path:
    """Some rows of each category: a check of 70,000 rows takes minutes and finds no more."""
    home, whole, part = folder / "home", folder / "whole.csv", folder / "part.csv"
    agent = [sys.executable, "-m", "agent"]
    since = time.strftime("%Y-%m-%d", time.gmtime(time.time() - SPAN_DAYS * 86_400))
    export = [*("export", "costs", "--format", "focus", "--since", since), "--out", whole]
    subprocess.run([*agent, "demo", "--home", home, "--days", "60"], cwd=ROOT, check=True)
    subprocess.run([*agent, *export, "--home", home], cwd=ROOT, check=True)
    with whole.open(newline="") as file, part.open("w", newline="") as out:
        rows = csv.DictReader(file)
        writer = csv.DictWriter(out, rows.fieldnames or ())
        writer.writeheader()
        category = "ChargeCategory"
        ordered = sorted(rows, key=lambda row: row[category])
        for _, alike in itertools.groupby(ordered, key=lambda row: row[category]):
            writer.writerows(itertools.islice(alike, ROWS_A_KIND))
    return part


def validated(validator: Path, file: Path) -> str:
    """It opens a file of its own by a path from where it is installed."""
    (packages,) = validator.parents[1].glob("lib/python3*/site-packages")
    options = ["--validate-version", RULES, "--block-download"]
    run = [validator, "--data-file", file, *options]
    done = subprocess.run(
        run, cwd=packages, capture_output=True, text=True, timeout=600, check=False
    )
    return done.stdout + done.stderr


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
