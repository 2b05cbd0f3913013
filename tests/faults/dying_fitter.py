"""data/fitting/child.py, whose fits go wrong as the keys of the works say, before they begin.

A key is a signal's name, `exit`, `hang`, `spin`, `noise`, `fail` or `nan`; others are fit as ever.
"""

import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.fitting import child

fits_of = child.fits_of


def going_wrong(kind):
    fits = fits_of(kind)

    def wrong(work, watch):
        how = work.key
        if how.startswith("SIG"):
            os.kill(os.getpid(), signal.Signals[how])
        if how == "exit":
            os._exit(3)
        if how == "hang":
            time.sleep(1_000)
        while how == "spin":
            pass
        if how == "noise":
            sys.stdout.write("through Python\n")
            os.write(1, b"past Python\n")
        if how == "fail":
            raise IndexError("nothing there")
        return {"value": float("nan")} if how == "nan" else fits(work, watch)

    return wrong


if __name__ == "__main__":
    child.fits_of = going_wrong
    child.HARD_SECONDS = 0.1
    child.main(int(sys.argv[-1]))
