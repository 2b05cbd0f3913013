"""What calls cost: rates as whole numbers, exact costs, worst cases, and what models can take."""

from __future__ import annotations

from sallim.prices.cost import cost_of
from sallim.prices.finding import PriceList, lines_to_paste
from sallim.prices.rates import Rates
from sallim.prices.tables import ModelLimits, Shipped, limits_of, shipped
from sallim.prices.worst import Bounds, worst_of

__all__ = [
    "Bounds",
    "ModelLimits",
    "PriceList",
    "Rates",
    "Shipped",
    "cost_of",
    "limits_of",
    "lines_to_paste",
    "shipped",
    "worst_of",
]
