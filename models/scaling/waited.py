"""How long what waits has waited, by how many waited before: whoever came first goes first."""

from models.demand.shapes import Measured
from models.scaling.rare import AGES_MAX, Queue


def waited(count: int, running: int, steps: Measured, now: int) -> Queue:
    """By the rises of a queue. A job came at the latest in the step in which the queue rose.

    >>> steps = Measured(0, 300, (0.0, 1.0, 1.0, 3.0))
    >>> waited(3, 0, steps, 1200).ages
    (900.0, 300.0, 300.0)
    """
    ages: list[float] = []
    levels = [0.0 if each is None else each for each in steps.values]
    known = min(count, levels[-1] if levels else 0.0)
    # What came after the last whole step.
    ages += [0.0] * round(count - known)
    for place in range(len(levels) - 1, 0, -1):
        if len(ages) >= count:
            break
        came = round(max(levels[place] - levels[place - 1], 0.0))
        age = float(now - steps.start_at - place * steps.step_seconds)
        ages += [age] * min(came, count - len(ages))
    oldest = float(now - steps.start_at) if levels else 0.0
    ages += [oldest] * max(count - len(ages), 0)
    ages.sort(reverse=True)
    return Queue(tuple(ages[:AGES_MAX]), running, max(count - AGES_MAX, 0))
