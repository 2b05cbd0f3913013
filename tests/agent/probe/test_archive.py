"""The probe in one file: on a bare Python, the same bytes each time, and nothing heavy in it."""

import os
import subprocess
import sys
import zipfile

import pytest

from agent.probe.archive import ROOT, built_apart, main, probe_file, sources
from tests.processes import free_port

pytestmark = pytest.mark.slow

HEAVY = {
    *("duckdb", "httpx", "nanoarrow", "numpy", "pandas", "prometheus_client", "psutil"),
    *("psycopg", "pyarrow", "pydantic", "redis", "sqlite3", "starlette", "uvicorn", "asyncio"),
}
SEE_MODULES = """
import sys
from agent.__main__ import main
code = main(["probe", "--to", sys.argv[1], "--once"])
print(code, *sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "sallim-probe.pyz"
    path.write_bytes(probe_file())
    return path


def run(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SALLIM_TOKEN": "slm_x", **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_runs_on_a_bare_python(archive):
    url = f"http://127.0.0.1:{free_port()}"
    done = run(sys.executable, "-I", "-S", str(archive), "--to", url, "--once")

    assert done.returncode == 1
    assert "host: " in done.stdout
    assert "processes: " in done.stdout
    assert f"hub: nobody listens at {url}" in done.stdout


def test_the_same_sources_make_the_same_bytes(tmp_path):
    made = []
    for seed in ("1", "2"):
        path = tmp_path / f"dist-{seed}" / "sallim-probe.pyz"
        done = run(
            *(sys.executable, "-m", "agent.probe.archive", str(path)), PYTHONHASHSEED=seed, TZ="UTC"
        )
        assert done.returncode == 0, done.stderr
        made.append(path.read_bytes())

    assert made[0] == made[1] == probe_file() == built_apart()


def test_it_holds_what_it_imports_and_not_a_hub(archive):
    names = set(zipfile.ZipFile(archive).namelist())

    assert {"__main__.py", "agent/probe/running.py", "data/spool/__init__.py"} <= names
    assert names == {"__main__.py", *sources()}
    for hub in (
        "agent/server",
        "data/ops",
        "data/control",
        "models/settings",
        "agent/commands/run",
    ):
        assert not any(name.startswith(hub) for name in names)


def test_a_probe_loads_nothing_heavy():
    done = run(sys.executable, "-c", SEE_MODULES, f"http://127.0.0.1:{free_port()}")
    code, *loaded = done.stdout.splitlines()[-1].split()

    assert code == "1", done.stderr
    assert not HEAVY & set(loaded)


def test_without_a_token_it_says_where_one_is_looked_for(archive):
    done = run(sys.executable, str(archive), "--to", "http://127.0.0.1:1", SALLIM_TOKEN="")

    assert done.returncode == 6
    assert "SALLIM_TOKEN is not set" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--interval", "0.1"], "--interval takes 1 to 60 seconds"),
        (["--spool-mb", "1000"], "--spool-mb takes up to 64"),
        (["--name", " gpu"], "--name takes 1 to 64 printable characters"),
        (["--spool", "/proc/1/nowhere"], "cannot be used as the spool"),
    ],
)
def test_arguments_that_cannot_be_used_are_told_with_a_value_that_works(archive, arguments, said):
    done = run(sys.executable, str(archive), "--to", "http://127.0.0.1:1", *arguments)

    assert done.returncode == 6
    assert said in done.stderr


def test_the_command_writes_the_file(tmp_path, monkeypatch, capsys):
    path = tmp_path / "dist" / "probe.pyz"
    monkeypatch.setattr(sys, "argv", ["archive", str(path)])
    main()

    assert path.read_bytes() == probe_file()
    assert path.stat().st_mode & 0o111
    assert "bytes" in capsys.readouterr().out
