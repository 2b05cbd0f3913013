"""A settings file that cannot be used never ends the watch: the last good one stays in force."""

import os
import socket

import pytest

from data.home import Home
from data.settings_file import check, load, settings_path
from models.errors import ConfigError
from models.settings import Settings
from models.settings.values import shown
from models.typed import typed

GOOD = "store.size_max_mb = 500\n"
BAD = 'store.size_max_mb = "plenty"\nlog.levl = "info"\n'


@pytest.fixture
def home(tmp_path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    return home


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sallim.toml"


def as_nobody(call):
    """Run `call` without the rights of root, which may read everything."""
    if os.geteuid() != 0:
        return call()
    os.seteuid(65534)
    try:
        return call()
    finally:
        os.seteuid(0)


# --- which file -------------------------------------------------------------------------------


def test_the_variable_names_the_file_whether_it_is_there_or_not(tmp_path, home):
    environ = {"SALLIM_CONFIG": str(tmp_path / "elsewhere.toml")}
    (tmp_path / "sallim.toml").write_text(GOOD)

    assert settings_path(environ, tmp_path, home) == tmp_path / "elsewhere.toml"


def test_a_file_in_the_home_comes_before_the_one_beside_the_checkout(tmp_path, home):
    (tmp_path / "sallim.toml").write_text(GOOD)
    assert settings_path({}, tmp_path, home) == tmp_path / "sallim.toml"

    (home.path / "sallim.toml").write_text(GOOD)
    assert settings_path({}, tmp_path, home) == home.path / "sallim.toml"


def test_with_no_file_the_defaults_run(tmp_path, home):
    loaded = load(settings_path({}, tmp_path, home), home)

    assert (loaded.settings, loaded.source) == (Settings(), "defaults")
    assert loaded.error is None


def test_a_link_to_nothing_is_a_file_that_is_missed(tmp_path, home):
    (tmp_path / "sallim.toml").symlink_to(tmp_path / "gone.toml")
    loaded = load(settings_path({}, tmp_path, home), home)

    assert "is not there" in loaded.error


# --- what stays in force ------------------------------------------------------------------------


def test_a_good_file_is_in_force_and_put_aside_for_its_owner_alone(path, home):
    path.write_text(GOOD)
    loaded = load(path, home)

    assert (loaded.settings.store.size_max_mb, loaded.source, loaded.error) == (500, "file", None)
    assert home.settings_last_good.read_text() == GOOD
    assert home.settings_last_good.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in home.path.iterdir()] == [home.settings_last_good.name]


def test_a_bad_file_leaves_the_last_good_one_in_force(path, home):
    path.write_text(GOOD)
    load(path, home)
    path.write_text(BAD)
    loaded = load(path, home)

    assert (loaded.settings.store.size_max_mb, loaded.source) == (500, "last good")
    assert loaded.error == (
        'sallim.toml line 1: store.size_max_mb is "plenty"; it takes a whole number of megabytes '
        "from 100 to 1000000, for example 1000\n"
        "sallim.toml line 2: log.levl is not known; the nearest known key is log.level, for "
        'example level = "info"\n'
        f"{path} is not in force: the last good settings are. Mend the file, then run "
        f"`{typed('reload')}`."
    )
    assert [str(problem) for problem in loaded.problems] == loaded.error.splitlines()


def test_a_bad_file_does_not_become_the_last_good_one_however_often_it_is_read(path, home):
    path.write_text(GOOD)
    load(path, home)
    path.write_text(BAD)
    for _ in range(3):
        loaded = load(path, home)

    assert loaded.settings.store.size_max_mb == 500
    assert home.settings_last_good.read_text() == GOOD


def test_a_mended_file_is_in_force_again(path, home):
    for text in (GOOD, BAD, "store.size_max_mb = 600\n"):
        path.write_text(text)
        loaded = load(path, home)

    assert (loaded.settings.store.size_max_mb, loaded.error) == (600, None)


def test_a_first_file_that_is_bad_leaves_the_defaults_in_force_and_says_so(path, home):
    path.write_text(BAD)
    loaded = load(path, home)

    assert (loaded.settings, loaded.source) == (Settings(), "defaults")
    assert "the defaults are in force" in loaded.error


def test_a_file_that_was_removed_on_purpose_does_not_come_back(path, home):
    path.write_text(GOOD)
    load(path, home)
    load(None, home)
    path.write_text(BAD)
    loaded = load(path, home)

    assert (loaded.settings, loaded.source) == (Settings(), "last good")


def test_a_last_good_file_that_a_newer_version_refuses_leaves_the_defaults(path, home):
    home.settings_last_good.write_text("retired_key = 1\n")
    path.write_text(BAD)
    loaded = load(path, home)

    assert loaded.source == "defaults"
    assert "retired_key" not in loaded.error


def test_good_settings_are_in_force_even_where_they_cannot_be_put_aside(path, tmp_path):
    path.write_text(GOOD)
    loaded = load(path, Home(tmp_path / "no" / "such" / "home"))

    assert (loaded.settings.store.size_max_mb, loaded.source) == (500, "file")
    assert "could not be written (No such file or directory)" in loaded.error


def test_the_copy_is_closed_again_when_somebody_opened_it(path, home):
    path.write_text(GOOD)
    load(path, home)
    home.settings_last_good.chmod(0o644)
    load(path, home)

    assert home.settings_last_good.stat().st_mode & 0o777 == 0o600


# --- files that are no settings -----------------------------------------------------------------


def refusal(path) -> str:
    with pytest.raises(ConfigError) as refused:
        check(path)
    return str(refused.value)


def test_a_missing_file(path):
    assert refusal(path) == (
        f"{path} is not there; copy sallim.toml.example to it, or unset SALLIM_CONFIG if that "
        "names it"
    )


def test_a_folder(path):
    path.mkdir()

    assert refusal(path) == (
        f"{path} is no file of settings but a directory; name a file, for example "
        "SALLIM_CONFIG=/etc/sallim/sallim.toml"
    )


def test_a_pipe_is_refused_without_waiting_for_it(path):
    os.mkfifo(path)

    assert "is no file of settings but a device or a pipe" in refusal(path)


def test_a_socket(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))

        assert "cannot be read (No such device or address)" in refusal(tmp_path / "s")


def test_a_file_below_a_file(path):
    path.write_text(GOOD)

    assert "cannot be read (Not a directory)" in refusal(path / "sallim.toml")


def test_a_file_that_this_user_may_not_read(path, tmp_path):
    path.write_text(GOOD)
    path.chmod(0o000)
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o011)

    assert as_nobody(lambda: refusal(path)) == (
        f"{path} may not be read by this user; let its group read it, for example "
        f"`chgrp sallim-web {path}` and `chmod 640 {path}`"
    )


@pytest.mark.parametrize("content", [b"", b"\n", b"  \t\r\n"])
def test_an_empty_file(path, content):
    path.write_bytes(content)

    assert refusal(path) == (
        f"{path} is empty; remove it to run with the defaults, or copy sallim.toml.example to it"
    )


def test_a_file_that_is_too_large(path):
    path.write_bytes(b"#" * 1_000_001)

    assert refusal(path) == (
        f"{path} is larger than 1000000 bytes; settings are a page of text, as in "
        "sallim.toml.example"
    )


def test_a_file_that_is_just_small_enough(path):
    path.write_bytes(b"#" * 1_000_000)

    assert check(path) == Settings()


def test_a_file_that_is_not_utf_8(path):
    path.write_bytes(b"demo = true\n# caf\xe9\n")

    assert refusal(path) == "sallim.toml line 2: this is not UTF-8 text; save the file as UTF-8"


def test_a_file_of_a_windows_editor_is_read(path):
    path.write_bytes(b"\xef\xbb\xbf[store]\r\nsize_max_mb = 500\r\n")

    assert check(path).store.size_max_mb == 500


def test_a_windows_file_has_the_lines_that_its_editor_shows(path):
    path.write_bytes(b"[store]\r\n\r\nsize_max_mb = 5\r\n")

    assert refusal(path).startswith("sallim.toml line 3: store.size_max_mb is 5;")


# --- what a file points at ----------------------------------------------------------------------


def test_a_folder_that_is_no_proc_is_refused_with_its_line(path, tmp_path):
    path.write_text(f'[machine]\nprocfs = "{tmp_path}/proc"\n')

    value = shown(f"{tmp_path}/proc")
    assert refusal(path).startswith(
        f"sallim.toml line 2: machine.procfs is {value}, and there is no {tmp_path}/proc/stat; it "
        "takes the folder where the host's /proc is mounted"
    )


def test_a_folder_that_is_a_proc_is_accepted(path, tmp_path):
    (tmp_path / "stat").write_text("cpu 1 2 3\n")
    path.write_text(f'machine.procfs = "{tmp_path}"\n')

    assert check(path).machine.procfs == str(tmp_path)


def test_a_mount_that_went_away_does_not_take_the_settings_with_it(path, home, tmp_path):
    (tmp_path / "stat").write_text("cpu 1 2 3\n")
    path.write_text(f'machine.procfs = "{tmp_path}"\nstore.size_max_mb = 500\n')
    load(path, home)
    (tmp_path / "stat").unlink()
    loaded = load(path, home)

    assert (loaded.source, loaded.settings.store.size_max_mb) == ("last good", 500)
