"""What the owner's own programs import from Sallim; it needs nothing but the standard library.

The ledger, the guard and the job marker move in with the releases that bring them.
"""

__version__ = "0.1.0"
