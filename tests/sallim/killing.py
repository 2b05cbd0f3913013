"""Programs that write jobs as fast as they can, to be killed at any moment."""

import multiprocessing
import os
from multiprocessing.connection import Connection

FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["sallim", "sallim.ledger", "tests.sallim.killing"])


def work_until_killed(path: str, done: Connection) -> None:
    """Sends the id of each job that has begun, and of each that has ended."""
    os.environ["SALLIM_LEDGER"] = path
    import sallim

    while True:
        with sallim.job("analysis", key="video-17") as job:
            done.send((job.id, False))
            with job.stage("download") as stage:
                done.send((stage.id, False))
            done.send((stage.id, True))
        done.send((job.id, True))
