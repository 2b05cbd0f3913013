"""What a person is told to type works as it stands, in a checkout, a home elsewhere, a service."""

from pathlib import Path

import pytest

from deploy.layout import Layout
from models.typed import ROOT, typed

HERE = str(ROOT / ".venv/bin/python")


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ([], ".venv/bin/python -m agent token list"),
        (["run", "--home", str(ROOT / "data/store")], ".venv/bin/python -m agent token list"),
        (
            ["run", "--home", str(ROOT / "data/demo-store")],
            ".venv/bin/python -m agent token list --home data/demo-store",
        ),
        (
            ["doctor", "--home=/srv/my house"],
            ".venv/bin/python -m agent token list --home '/srv/my house'",
        ),
    ],
)
def test_in_a_checkout_it_is_what_the_readme_says_and_names_another_home(arguments, command):
    assert typed("token list", executable=HERE, arguments=arguments) == command


def test_a_page_names_the_home_that_it_shows():
    home = str(ROOT / "data/demo-store")

    assert typed("reload", home, HERE, ["app.py"]).endswith("agent reload --home data/demo-store")


def test_a_python_elsewhere_is_named_in_full():
    assert typed("doctor", executable="/usr/bin/python3", arguments=[]) == (
        "/usr/bin/python3 -m agent doctor"
    )


@pytest.mark.parametrize("folder", ["current", "releases/0.1.0"])
def test_a_service_is_asked_with_its_own_home_and_settings(folder):
    layout = Layout(Path("/"))
    python = f"{layout.opt}/{folder}/.venv/bin/python"

    assert typed("doctor", executable=python, arguments=["run"]) == (
        f"cd {layout.current} && sudo env SALLIM_CONFIG={layout.settings} "
        f".venv/bin/python -m agent doctor --home {layout.home}"
    )
    assert typed("reload", executable=python, arguments=["run"]) == (
        "sudo systemctl reload sallim-agent"
    )
