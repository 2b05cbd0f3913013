"""A worker of the test pipeline: takes work from one queue in Redis, does one stage, hands it on.

    python -m tests.pipeline.worker transcribe --redis URL --take q1 --give q2 --seconds 0.4

It is a program as the owner writes one: `sallim.job` is all that it knows of Sallim.
"""

import argparse
import json
import signal
import time
from urllib.request import urlopen

import psycopg
import redis

import sallim

ANALYSIS = "video"
WAIT_SECONDS = 1


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("stage")
    parser.add_argument("--redis", required=True)
    parser.add_argument("--take", required=True)
    parser.add_argument("--give", default="")
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--database", default="")
    parser.add_argument("--api", default="")
    chosen = parser.parse_args()
    going = [True]
    signal.signal(signal.SIGTERM, lambda *_: going.clear())
    queue = redis.Redis.from_url(chosen.redis)
    database = psycopg.connect(chosen.database, autocommit=True) if chosen.database else None
    while going:
        taken = queue.blpop([chosen.take], timeout=WAIT_SECONDS)
        if taken is None:
            continue
        work = json.loads(taken[1])
        with sallim.job(ANALYSIS, key=work["key"], stage=chosen.stage, queued_at=work["queued_at"]):
            time.sleep(chosen.seconds)
            if chosen.api:
                urlopen(chosen.api, timeout=30).read()  # noqa: S310 (loopback, by the test)
            if database is not None:
                database.execute("INSERT INTO results (key) VALUES (%s)", [work["key"]])
        if chosen.give:
            queue.rpush(chosen.give, json.dumps({**work, "queued_at": time.time()}))


if __name__ == "__main__":
    main()
