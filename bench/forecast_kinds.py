"""Whether an hour of a series is the mean or the sum of its samples, and where a series ends.

forecasting.md 3: mean for CPU, latency and the like, sum for counts and bytes.
"""

import json
import re
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal, NamedTuple

How = Literal["mean", "sum"]
OF_MEANS = """
cpu gpu util utilization utilisation usage latency duration time response delay temperature percent
pct ratio rate speed occupancy load memory mem queue depth active price cpc cpm hold power voltage
used free level age wait"""
OF_SUMS = """
request requests http hits visits views calls count counts invocations network net traffic bytes
packets tweets tweet twitter volume stream taxi passengers trips rides arrivals jobs tokens
gentokens clicks orders messages events errors sales"""
MEANS, SUMS = frozenset(OF_MEANS.split()), frozenset(OF_SUMS.split())
KNOWN_ENDS = {"*nyc_taxi*": "2014-10-26"}
"""Before the labelled anomalies of that series."""
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


class Rule(NamedTuple):
    """For the series whose file names match `pattern`; None: as it would be without this rule."""

    pattern: str
    how: How | None = None
    until: str | None = None
    skip: bool = False


KNOWN = tuple(Rule(pattern, until=until) for pattern, until in KNOWN_ENDS.items())


def rules_of(folder: Path, sums: Sequence[str], means: Sequence[str]) -> tuple[Rule, ...]:
    """The first that matches counts: those of the command, of a JSON file, those that are known.

    The file is FOLDER/series.json or FOLDER.json beside it: {"*disk*": {"how": "sum"}, "*taxi*":
    {"until": "2014-10-26"}, "*odd*": {"skip": true}}. Raises SystemExit for one that is not so.
    """
    asked = [Rule(each, "sum") for each in sums] + [Rule(each, "mean") for each in means]
    files = [folder / "series.json", folder.with_name(folder.name + ".json")]
    written: list[Rule] = []
    for file in files:
        if file.exists():
            try:
                shapes = json.loads(file.read_text(encoding="utf-8"))
                written += [Rule(pattern, **shape) for pattern, shape in shapes.items()]
            except (ValueError, TypeError, AttributeError) as problem:
                raise SystemExit(
                    f"{file} is not understood ({problem}): write patterns of file names with "
                    'how, until or skip, as in {"*disk*": {"how": "sum"}}'
                ) from None
    return (*asked, *written, *KNOWN)


def how_of(name: str, rules: Sequence[Rule], values: Sequence[float]) -> How:
    """By rule, by the words of the name, and last by kind: whole numbers are counts.

    >>> how_of("ec2_request_latency_system_failure", (), ())
    'mean'
    >>> how_of("iio_us-east-1_NetworkIn", (), ())
    'sum'
    >>> how_of("grok", (), (1.5, 2.0)), how_of("grok", (), (1.0, 2.0))
    ('mean', 'sum')
    """
    for rule in rules:
        if rule.how is not None and fnmatch(name, rule.pattern):
            return rule.how
    words = {word.lower() for word in WORD.findall(name)}
    if words & MEANS:
        return "mean"
    if words & SUMS:
        return "sum"
    return "sum" if all(value >= 0 and value == int(value) for value in values) else "mean"


def until_of(name: str, rules: Sequence[Rule]) -> str | None:
    return next((rule.until for rule in rules if rule.until and fnmatch(name, rule.pattern)), None)


def is_skipped(name: str, rules: Sequence[Rule]) -> bool:
    return any(rule.skip and fnmatch(name, rule.pattern) for rule in rules)
