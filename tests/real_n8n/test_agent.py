"""The whole agent on a real n8n: by its settings file, into the store, and after a new start."""

import subprocess
import sys

import pytest

from data.home import Home
from tests.processes import ROOT, environ_of, running_agent, until
from tests.real_n8n.machine import START_SECONDS

SOURCE = "n8n:real"
STATUSES = "SELECT execution_id, status FROM executions WHERE source = $1"


@pytest.fixture(scope="module")
def home(tmp_path_factory, n8n):
    home = Home(tmp_path_factory.mktemp("agent") / "home")
    home.make()
    settings = f'[[n8n]]\nname = "real"\nurl = "{n8n.url}"\nexecutions_interval_seconds = 5\n'
    (home.path / "sallim.toml").write_text(settings)
    return home


def environ(home: Home, api_key: str) -> dict[str, str]:
    return {"SALLIM_CONFIG": str(home.path / "sallim.toml"), "N8N_API_KEY": api_key}


def doctor(home: Home, api_key: str) -> str:
    """What it says of n8n."""
    told = subprocess.run(
        [sys.executable, "-m", "agent", "doctor"],
        cwd=ROOT,
        env=environ_of(home, **environ(home, api_key)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return "\n".join(line for line in told.stdout.splitlines() if SOURCE in line)


def verdicts(reader) -> dict[str, tuple[object, ...]]:
    lines = (reader.details() or {}).get(SOURCE, {}).get("workflows", [])
    return {
        line["name"]: (
            line["success_rate"],
            line["streak"],
            line["silent"] is not None,
            line["stuck"] is not None,
        )
        for line in lines
    }


def stored(reader) -> dict[str, str]:
    columns = reader.columns(STATUSES, [SOURCE])
    return dict(zip(columns["execution_id"], columns["status"], strict=True))


def test_doctor_has_nothing_to_say_about_an_n8n_with_all_flags_and_scopes(pipeline, home, key):
    said = doctor(home, key)

    assert said.startswith("ok"), said


def test_doctor_names_what_a_key_lacks(pipeline, home, owner):
    assert "scope workflow:list" in doctor(home, owner.key("one", "execution:list"))
    assert "refuses the key in N8N_API_KEY (401)" in doctor(home, "wrong")


def test_the_agent_sees_all_four_keeps_them_and_knows_them_after_a_new_start(pipeline, home, key):
    expected = {
        "Subtitles 자막 🎬": (1.0, 0, False, False),
        "Thumbnails": (0.0, 2, False, False),
        "Every hour": (1.0, 0, True, False),
        'Upscale "4K" <b>': (1.0, 0, False, True),
    }
    listed = pipeline.owner.executions() + pipeline.owner.executions(status="running")
    statuses = {execution["id"]: execution["status"] for execution in listed}

    for _ in range(2):
        with running_agent(home, **environ(home, key)) as (_, reader):
            until(lambda r=reader: expected.items() <= verdicts(r).items(), START_SECONDS)
            until(lambda r=reader: stored(r) == statuses, START_SECONDS)
