"""What the owner's own programs import from Sallim; it needs nothing but the standard library.

`sallim.job` writes down an analysis while it runs. The guard moves in with the release that
brings it.
"""

from sallim.jobs import job

__all__ = ["__version__", "job"]
__version__ = "0.1.0"
