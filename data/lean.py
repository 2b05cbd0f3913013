"""Barring what DuckDB would import behind our back.

DuckDB imports numpy, pandas and pyarrow at the first query with a parameter when it can find
them (measured: 51 MB becomes 136 MB). A module that is None in `sys.modules` cannot be found.
"""

import sys

HEAVY = ("numpy", "pandas", "pyarrow", "pygments", "rich")
"""httpx imports the last two for a command line that nobody calls (4 MB)."""


def stay_lean() -> None:
    """Call before anything imports duckdb. Affects this process only."""
    for name in HEAVY:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # None is how import is barred
