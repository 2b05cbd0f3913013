import os
import subprocess

import pytest

from deploy.layout import InstallError, Layout
from deploy.release import build, is_complete, name_of, tracked_files
from tests.deploy.standin import make_source


@pytest.fixture
def source(tmp_path):
    return make_source(tmp_path / "src", "1.0")


def git(folder, *words):
    clean = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(
        ["git", *who, *words],
        cwd=folder,
        env={**os.environ, **clean},
        check=True,
        capture_output=True,
    )


@pytest.fixture
def checkout(source):
    git(source, "init", "-q")
    git(source, "add", ".")
    git(source, "commit", "-q", "-m", "First")
    return source


def build_quietly(source, layout, venv):
    return build(source, layout, venv, lambda _: None)


def test_a_checkout_is_named_by_its_version_and_its_commit(checkout):
    commit = subprocess.check_output(
        ["git", "rev-parse", "--short", "HEAD"], cwd=checkout, text=True
    ).strip()

    assert name_of(checkout) == f"1.0-{commit}"


def test_a_tag_is_the_name(checkout):
    git(checkout, "tag", "v1.0")

    assert name_of(checkout) == "v1.0"


def test_a_change_that_is_not_committed_makes_another_release(checkout):
    clean = name_of(checkout)
    (checkout / "BEHAVIOUR").write_text("degraded")
    changed = name_of(checkout)
    (checkout / "BEHAVIOUR").write_text("hangs")

    assert len({clean, changed, name_of(checkout)}) == 3


def test_without_git_the_same_files_have_the_same_name(source, tmp_path):
    other = make_source(tmp_path / "other", "1.0")

    assert name_of(source) == name_of(other)


def test_only_what_git_tracks_is_shipped(checkout):
    (checkout / "notes.txt").write_text("mine")
    (checkout / "data").mkdir()
    (checkout / "data/ops.duckdb").write_text("mine")

    shipped = {str(path) for path in tracked_files(checkout)}

    assert "agent/__main__.py" in shipped
    assert not {"notes.txt", "data/ops.duckdb"} & shipped


def test_a_folder_that_is_not_ours_is_refused(tmp_path):
    with pytest.raises(InstallError, match="is not a copy of Sallim"):
        name_of(tmp_path)


def test_a_release_that_was_cut_off_while_it_was_built_is_built_anew(source, tmp_path, bare_venv):
    layout = Layout(tmp_path / "root")
    half = layout.release(name_of(source))
    half.mkdir(parents=True)
    (half / "left.py").write_text("over")

    name = build_quietly(source, layout, bare_venv)

    assert is_complete(layout, name)
    assert not (half / "left.py").exists()


def test_a_release_that_is_built_is_not_built_again(source, tmp_path, bare_venv):
    layout = Layout(tmp_path / "root")
    name = build_quietly(source, layout, bare_venv)
    (layout.release(name) / "mark").write_text("still here")

    assert build_quietly(source, layout, bare_venv) == name
    assert (layout.release(name) / "mark").exists()


@pytest.mark.slow
def test_packages_that_cannot_be_had_leave_no_release(source, tmp_path):
    (source / "requirements.txt").write_text("./no-such-folder\n")
    layout = Layout(tmp_path / "root")
    with pytest.raises(InstallError, match="The old release was not touched"):
        build_quietly(source, layout, None)
    folder = layout.release(name_of(source))
    ask_prefix = [folder / ".venv/bin/python", "-c", "import sys; print(sys.prefix)"]

    assert not is_complete(layout, folder.name)
    # Each release has a virtual environment of its own.
    assert subprocess.check_output(ask_prefix, text=True).strip() == str(folder / ".venv")
