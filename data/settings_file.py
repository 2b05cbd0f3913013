"""Read `sallim.toml`, and keep the last good one in force when it cannot be used."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from data.home import Home
from data.settings_text import replace, text_of
from models.errors import ConfigError
from models.messages import Message, say
from models.settings import Settings
from models.settings.problems import said_of, settings_of
from models.settings.values import shown
from models.typed import typed

NO_FILE = "# There was no settings file: the defaults were in force.\n"


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings in force and where they come from.

    `error` is None when all is well; else it lists every problem of the file, a line each, and
    says last what is in force. `problems` are the same sentences, for pages that translate them.
    """

    settings: Settings
    source: Literal["defaults", "file", "last good"]
    path: Path | None
    error: str | None = None
    problems: tuple[Message, ...] = ()


def settings_path(environ: Mapping[str, str], root: Path, home: Home) -> Path | None:
    """The file to read: named by SALLIM_CONFIG, else in the home, else in the checkout `root`.

    None where there is none: the defaults then run.
    """
    named = environ.get("SALLIM_CONFIG")
    if named:
        return Path(named).expanduser().absolute()
    places = (home.path / "sallim.toml", root / "sallim.toml")
    return next((path for path in places if os.path.lexists(path)), None)


def check(path: Path) -> Settings:
    """Read a file without taking it over. Raises ConfigError with every problem in it."""
    settings, _ = _read(path)
    return settings


def check_text(text: str, file: str) -> Settings:
    """Like `check`, for a text that is not written yet; `file` is what messages call it."""
    settings = settings_of(text, file)
    unreachable = _unreachable(settings, text, file)
    if unreachable:
        raise ConfigError(*unreachable)
    return settings


def load(path: Path | None, home: Home) -> LoadedSettings:
    """The settings to run with; never raises, so that a typo at night does not end the watch.

    A file that can be used is copied to `home.settings_last_good`; when one cannot, that copy
    stays in force, and with none the defaults do.
    """
    if path is None:
        return _kept(LoadedSettings(Settings(), "defaults", None), NO_FILE, home)
    try:
        settings, text = _read(path)
    except ConfigError as error:
        return _instead(path, error, home)
    return _kept(LoadedSettings(settings, "file", path), text, home)


def last_good(home: Home) -> Settings | None:
    """The settings that were last taken over; None where there are none that can be used."""
    try:
        return settings_of(text_of(home.settings_last_good), home.settings_last_good.name)
    except ConfigError:
        return None


def _read(path: Path) -> tuple[Settings, str]:
    text = text_of(path)
    return check_text(text, path.name), text


def _unreachable(settings: Settings, text: str, file: str) -> list[Message]:
    """What the settings point at and is not there."""
    procfs = settings.machine.procfs
    if not procfs or (Path(procfs) / "stat").is_file():
        return []
    message = say(
        "{where}: {key} is {value}, and there is no {value_path}/stat; it takes the folder where "
        'the host\'s /proc is mounted, for example "/host/proc" after `docker run -v '
        "/proc:/host/proc:ro`",
        value=shown(procfs),
        value_path=procfs.rstrip("/"),
    )
    return [said_of(text, file, ("machine", "procfs"), message)]


def _instead(path: Path, error: ConfigError, home: Home) -> LoadedSettings:
    settings = last_good(home)
    if settings is None:
        ending = say(
            "{path} is not in force, and no earlier settings are known: the defaults are in "
            "force. Mend the file, then run `{command}`.",
            path=str(path),
            command=typed("reload"),
        )
        return _with_problems(LoadedSettings(Settings(), "defaults", path), *error.problems, ending)
    ending = say(
        "{path} is not in force: the last good settings are. Mend the file, then run `{command}`.",
        path=str(path),
        command=typed("reload"),
    )
    return _with_problems(LoadedSettings(settings, "last good", path), *error.problems, ending)


def _kept(loaded: LoadedSettings, text: str, home: Home) -> LoadedSettings:
    """The same settings, after a copy of them was put aside for a worse day."""
    copy = home.settings_last_good
    try:
        if not _holds(copy, text):
            replace(copy, text)
    except OSError as error:
        problem = say(
            "The settings are in force, but their copy {path} could not be written ({reason}): "
            "after a bad change the defaults would run. Make room, or let this user write there.",
            path=str(copy),
            reason=error.strerror or str(error),
        )
        return _with_problems(loaded, problem)
    return loaded


def _with_problems(loaded: LoadedSettings, *problems: Message) -> LoadedSettings:
    error = "\n".join(str(problem) for problem in problems)
    return LoadedSettings(loaded.settings, loaded.source, loaded.path, error, problems)


def _holds(path: Path, text: str) -> bool:
    with suppress(OSError):
        return path.stat().st_mode & 0o777 == 0o600 and path.read_bytes() == text.encode()
    return False
