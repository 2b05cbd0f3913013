import subprocess
import sys

import pytest

from agent.lean import give_back_memory, untouched_code

SMAPS = """\
7f00-8f00 r-xp 00001000 fe:00 123   /lib/libbig.so.1
Rss:                  60 kB
Anonymous:             0 kB
8f00-9f00 r--p 00002000 fe:00 123   /lib/libbig.so.1
Anonymous:             4 kB
9f00-af00 rw-p 00003000 fe:00 123   /lib/libbig.so.1
Anonymous:             0 kB
af00-bf00 r--p 00000000 00:00 0
Anonymous:             0 kB
bf00-cf00 r--p 00000000 fe:00 7     /data/ops.duckdb
Anonymous:             0 kB
cf00-df00 r--p 00000000 fe:00 124   /lib/_x.cpython-311.so
Anonymous:             0 kB
"""


def test_only_unchanged_code_of_libraries_is_given_back():
    assert list(untouched_code(SMAPS)) == [(0x7F00, 0x1000), (0xCF00, 0x1000)]


def test_the_process_goes_on_after_giving_back():
    give_back_memory()

    import json

    assert json.loads(json.dumps({"still": "here"})) == {"still": "here"}


@pytest.mark.slow
def test_httpx_works_without_what_only_its_command_line_needs():
    program = (
        "import sys; from data.lean import stay_lean; stay_lean(); import httpx; httpx.Client();"
        "barred = {'rich', 'pygments'};"
        "print([m for m in sys.modules if m.split('.')[0] in barred and sys.modules[m]])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )

    assert (done.stdout, done.stderr) == ("[]\n", "")
