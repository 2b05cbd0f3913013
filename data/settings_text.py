"""The text of a settings file: read as a small UTF-8 file, written whole or not at all."""

import os
import stat
import tempfile
from pathlib import Path

from models.errors import ConfigError
from models.messages import Message, say

BYTES_MAX = 1_000_000


def text_of(path: Path) -> str:
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


def write_new(path: Path, text: str) -> None:
    """Write a settings file where there is none, for its owner alone.

    Raises ConfigError when one is there already, or when it cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        message = say("{path} is there already; nothing was written", path=str(path))
        raise ConfigError(message) from error
    except OSError as error:
        message = say(
            "{path} cannot be written ({reason}); paste the lines there yourself, as its owner",
            path=str(path),
            reason=error.strerror or str(error),
        )
        raise ConfigError(message) from error


def replace(path: Path, text: str) -> None:
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
