"""The log: one event a line, in UTC, without secrets, whoever writes to it."""

import io
import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agent.logs import LineFormatter, RedactingFilter

ROOT = Path(__file__).parents[2]
CANARY = "canaryCANARY0123456789"
KEY = f"sk-ant-{CANARY}"


class Secretive(Exception):
    """Carries a key in its text, as errors of HTTP clients do."""


@pytest.fixture
def written():
    """A logger of the agent's form, and what it wrote."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    handler.setFormatter(LineFormatter())
    logger = logging.getLogger("tests.logs")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(handler)
    yield logger, stream
    logger.removeHandler(handler)


def test_a_line_has_time_level_name_and_message(written):
    logger, stream = written
    logger.warning("gpu: no answer within %d s", 5)

    pattern = (
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING tests\.logs gpu: no answer within 5 s\n"
    )
    assert re.fullmatch(pattern, stream.getvalue())


def test_the_time_is_utc_wherever_the_machine_stands():
    record = logging.LogRecord("agent", logging.INFO, "", 0, "text", None, None)
    record.created, record.msecs = 1_795_413_600.25, 250.0

    assert LineFormatter().format(record) == "2026-11-23T06:00:00.250Z INFO agent text"


def test_nobody_can_make_up_a_line(written):
    logger, stream = written
    logger.info("workflow %s failed", "a\r\n2026-01-01T00:00:00.000Z INFO agent all is well\x1b[2J")

    assert stream.getvalue().count("\n") == 1
    assert r"failed" in stream.getvalue()
    assert r"a\r\n2026-01-01" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_korean_stays_readable(written):
    logger, stream = written
    logger.info("워크플로 %s 실패\n", "요약")

    assert "워크플로 요약 실패" in stream.getvalue()


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("refused: %s", (KEY,)),
        (f"refused: {KEY}", ()),
        ("refused: %(key)s", ({"key": KEY},)),
        (Secretive(KEY), ()),
        ("too few: %s %s", (KEY,)),
        ("too many", (KEY,)),
        ("%d", (KEY,)),
    ],
)
def test_a_secret_in_a_call_is_not_written(written, message, arguments):
    logger, stream = written
    logger.error(message, *arguments, stack_info=True)

    assert "ERROR" in stream.getvalue()
    assert CANARY not in stream.getvalue()


def refuse(text: str) -> None:
    raise Secretive(text)


def test_a_secret_in_an_exception_and_its_cause_is_not_written(written):
    logger, stream = written
    try:
        try:
            refuse(f"GET https://api.example/?key={CANARY}")
        except Secretive as error:
            raise RuntimeError(f"Bearer {CANARY}") from error
    except RuntimeError:
        logger.exception("round failed")

    [line] = stream.getvalue().splitlines()
    assert "RuntimeError: Bearer [redacted]" in line
    assert "?key=[redacted]" in line
    assert "Traceback" in line
    assert CANARY not in line


class Forgetful(logging.Formatter):
    """Formats the exception anew, as other programs' handlers may."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None
        return super().format(record)


def test_a_second_handler_does_not_bring_the_secret_back(written):
    logger, stream = written
    plain = io.StringIO()
    second = logging.StreamHandler(plain)
    second.setFormatter(Forgetful())
    logger.addHandler(second)
    try:
        refuse(KEY)
    except Secretive:
        logger.exception("refused: %s", KEY)
    finally:
        logger.removeHandler(second)

    assert "refused" in plain.getvalue()
    assert CANARY not in plain.getvalue() + stream.getvalue()


CANARY_PROGRAM = f"""
import gc, logging, sys, threading, warnings
from agent.logs import start_logging

start_logging("warning", sys.stderr)
key = "sk-ant-" + "{CANARY}"

class Fails:
    def __del__(self):
        raise ValueError(key)

logging.getLogger("httpx").info("GET https://x/?key=" + key)
logging.getLogger("agent").info("not written at this level")
logging.getLogger("agent").error("%d", key)
warnings.warn("Bearer " + key)
Fails()
thread = threading.Thread(target=lambda: int(key), name="gpu")
thread.start()
thread.join()
raise RuntimeError(key)
"""


def test_a_key_put_everywhere_comes_out_nowhere():
    done = subprocess.run(
        [sys.executable, "-c", CANARY_PROGRAM],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = done.stderr.splitlines()

    assert CANARY not in done.stdout + done.stderr
    assert len(lines) == 5, done.stderr
    assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z [A-Z]+ [\w.]+ ", line) for line in lines)
    assert "thread gpu ended:" in done.stderr
    assert "nobody caught this:" in done.stderr
    assert done.returncode == 1
