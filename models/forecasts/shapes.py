"""What fits hand to one another."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Marks = NDArray[np.bool_]


class Fit(NamedTuple):
    """`means` of shape [steps]; `parameters` as fitted, empty where there are none."""

    means: Values
    parameters: tuple[float, ...] = ()
    has_converged: bool = True
