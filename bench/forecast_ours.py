"""Our own forecasts, asked as the peers are: a line of JSON in, a line out.

    python -m bench.forecast_ours < questions > answers

The first question is asked twice, so that imports do not count. See bench/forecast_peers.py.
"""

import json
import sys
import time

import numpy as np

from models.demand.shapes import QUANTILES
from models.forecasts.fit import point_and_bands

ENDS = tuple(QUANTILES.index(level) for level in (0.025, 0.1, 0.9, 0.975))


def answer(question: dict) -> dict:
    values, steps = np.array(question["values"], dtype=float), int(question["steps"])
    began = time.process_time()
    means, bands, members = point_and_bands(values, steps)
    seconds = time.process_time() - began
    return {
        "means": list(map(float, means)),
        "bands": [list(map(float, bands[row])) for row in ENDS],
        "cpu_seconds": seconds,
        "members": list(members),
    }


def main() -> None:
    is_first = True
    for line in sys.stdin:
        question = json.loads(line)
        if is_first:
            answer(question)
            is_first = False
        print(json.dumps(answer(question)), flush=True)


if __name__ == "__main__":
    main()
