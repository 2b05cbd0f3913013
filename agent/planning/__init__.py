"""How many machines each pool should have: looked at every 20 seconds, kept, shown, never bought.

`planning` is the turn of the loop; `looking` reads the demand, `paying` asks the ledger what may be
spent, `trusting` whether a forecast may start machines, `imagined` counts what would be there.
"""

from agent.planning.planning import Planning

__all__ = ["Planning"]
