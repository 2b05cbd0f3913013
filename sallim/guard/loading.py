"""The only door to httpx and httpx2: whichever the program has.

The package needs neither; who asks for a guarded client has one of them.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FLAVOURS = ("httpx2", "httpx")
"""In the order in which they are looked for; the official SDKs of 2026 need httpx2."""


def http_module(flavour: str | None = None) -> Any:
    """That module; without a name, the first of FLAVOURS that is installed.

    Raises ValueError for another name, and ImportError, with what to install, for none.
    """
    if flavour is not None and flavour not in FLAVOURS:
        raise ValueError(f"flavour {flavour!r}: it must be one of {', '.join(FLAVOURS)}")
    for name in FLAVOURS if flavour is None else (flavour,):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
    wanted = flavour or "httpx2"
    raise ImportError(f"sallim.guard needs {wanted} here. Install it with `pip install {wanted}`.")
