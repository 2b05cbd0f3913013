"""Read `sallim.toml`, and keep the last good one in force when it cannot be used."""

import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from data.home import Home
from models.errors import ConfigError
from models.messages import Message, say
from models.settings import Settings
from models.settings.problems import said_of, settings_of
from models.settings.values import shown

BYTES_MAX = 1_000_000
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
        return settings_of(_text(home.settings_last_good), home.settings_last_good.name)
    except ConfigError:
        return None


def _read(path: Path) -> tuple[Settings, str]:
    text = _text(path)
    settings = settings_of(text, path.name)
    unreachable = _unreachable(settings, text, path.name)
    if unreachable:
        raise ConfigError(*unreachable)
    return settings, text


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
            "force. Mend the file, then run `python -m agent reload`.",
            path=str(path),
        )
        return _with_problems(LoadedSettings(Settings(), "defaults", path), *error.problems, ending)
    ending = say(
        "{path} is not in force: the last good settings are. Mend the file, then run "
        "`python -m agent reload`.",
        path=str(path),
    )
    return _with_problems(LoadedSettings(settings, "last good", path), *error.problems, ending)


def _kept(loaded: LoadedSettings, text: str, home: Home) -> LoadedSettings:
    """The same settings, after a copy of them was put aside for a worse day."""
    copy = home.settings_last_good
    try:
        if not _holds(copy, text):
            _replace(copy, text)
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


def _replace(path: Path, text: str) -> None:
    """Write the whole file or nothing, for this user alone."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _text(path: Path) -> str:
    """The file as text. Raises ConfigError for everything that is not a small UTF-8 file."""
    try:
        content = _bytes(path)
    except OSError as error:
        raise ConfigError(_not_read(path, error)) from error
    if len(content) > BYTES_MAX:
        raise ConfigError(
            say(
                "{path} is larger than {most} bytes; settings are a page of text, as in "
                "sallim.toml.example",
                path=str(path),
                most=BYTES_MAX,
            )
        )
    if not content.strip():
        raise ConfigError(
            say(
                "{path} is empty; remove it to run with the defaults, or copy "
                "sallim.toml.example to it",
                path=str(path),
            )
        )
    try:
        # Editors on Windows begin UTF-8 with a mark that is no TOML.
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(
            say(
                "{file} line {line}: this is not UTF-8 text; save the file as UTF-8",
                file=path.name,
                line=line,
            )
        ) from error


def _bytes(path: Path) -> bytes:
    # A named pipe would be waited on for ever without O_NONBLOCK.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        kind = os.fstat(handle).st_mode
        if not stat.S_ISREG(kind):
            raise IsADirectoryError("a directory" if stat.S_ISDIR(kind) else "a device or a pipe")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(BYTES_MAX + 1)
    finally:
        os.close(handle)


def _not_read(path: Path, error: OSError) -> Message:
    if isinstance(error, FileNotFoundError):
        return say(
            "{path} is not there; copy sallim.toml.example to it, or unset SALLIM_CONFIG if "
            "that names it",
            path=str(path),
        )
    if isinstance(error, IsADirectoryError):
        return say(
            "{path} is no file of settings but {kind}; name a file, for example "
            "SALLIM_CONFIG=/etc/sallim/sallim.toml",
            path=str(path),
            kind=str(error),
        )
    if isinstance(error, PermissionError):
        return say(
            "{path} may not be read by this user; let its group read it, for example "
            "`chgrp sallim-web {path}` and `chmod 640 {path}`",
            path=str(path),
        )
    return say(
        "{path} cannot be read ({reason}); look at the disk and at the path",
        path=str(path),
        reason=error.strerror or str(error),
    )
