"""What is coming: each hour forecast anew, each day fitted anew, in a child of the agent.

`demand` is the turn of the loop; `looking` reads a target and decides what is due, `keeping` keeps
what comes back, `recipes` knows who chose what, `months` asks for the won of a month.
"""

from agent.demand.demand import Demand

__all__ = ["Demand"]
