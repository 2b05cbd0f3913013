"""Eight programs that do the same at once."""

import multiprocessing
from collections.abc import Callable

PROGRAMS = 8


def all_eight(work: Callable, path: str) -> list:
    """What `work(path, number, said)` of each of them sends to `said`."""
    context = multiprocessing.get_context("spawn")
    begun = []
    for number in range(PROGRAMS):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(path, number, theirs))
        process.start()
        begun.append((process, ours))
    said = [ours.recv() for _, ours in begun]
    for process, _ in begun:
        process.join()
    return said
