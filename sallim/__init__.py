"""What the owner's own programs import from Sallim; it needs nothing but the standard library.

`sallim.job` writes down an analysis while it runs. `sallim.guard()` is an HTTP client for the SDKs
of providers that keeps every call inside the budget, and `sallim.metered` does so for any function.
"""

from sallim.jobs import job

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sallim.guard import Guard
    from sallim.metered import metered

    guard: Guard

__all__ = ["__version__", "guard", "job", "metered"]
__version__ = "0.1.0"


def __getattr__(name: str) -> "Any":
    """Programs that only write jobs do without the rest."""
    if name in ("guard", "metered"):
        import importlib

        return importlib.import_module(f"sallim.{name}")
    raise AttributeError(f"module 'sallim' has no attribute {name!r}")
