"""Secrets, by name: from systemd's credentials, the environment, or a file that it names.

A value never stands in a message, a settings file or a `repr`. A message never begins `NAME: ...`:
what follows would be taken for the value, and hidden.
"""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from models.errors import ConfigError
from models.messages import say

BYTES_MAX = 64_000
NAME = re.compile(r"[A-Z][A-Z0-9_]*")
OTHERS = 0o077
"""Permission bits of group and others."""


class Secret(str):
    """A text that does not show itself: `repr`, tracebacks and data classes print its end only."""

    __slots__ = ()

    def __repr__(self) -> str:
        # Four characters tell two keys apart; of a short one they would tell too much.
        return f"Secret(…{self[-4:]})" if len(self) >= 20 else "Secret(…)"


def secret(name: str, environ: Mapping[str, str]) -> Secret:
    """The secret `name`, which is written like an environment variable: N8N_API_KEY.

    Looked for in this order: the file `name` (as it is, or in lower case) in
    $CREDENTIALS_DIRECTORY, the variable `name`, the file that the variable `name`_FILE names.
    Raises ConfigError when there is none, or when others may read its file.
    """
    assert NAME.fullmatch(name), "a name never comes from outside: it becomes part of a path"
    credential = _credential(name, environ.get("CREDENTIALS_DIRECTORY"))
    if credential is not None:
        return _clean(name, _read(name, credential, guarded=True), str(credential))
    if environ.get(name):
        return _clean(name, environ[name], f"the variable {name}")
    named = environ.get(f"{name}_FILE")
    if named:
        path = Path(named).expanduser()
        return _clean(name, _read(name, path, guarded=False), str(path))
    raise ConfigError(
        say(
            "{name} is not set; set it in the environment of this program, or put it in a file "
            "of mode 600 and set {name}_FILE to its path, or give it to the service with "
            "LoadCredential={name}:/etc/sallim/credentials/{name}",
            name=name,
        )
    )


def _credential(name: str, folder: str | None) -> Path | None:
    candidates = [Path(folder) / name.lower(), Path(folder) / name] if folder else []
    return next((path for path in candidates if path.exists()), None)


def _read(name: str, path: Path, *, guarded: bool) -> str:
    """`guarded` files stand in a folder that systemd keeps; the others must be closed themselves.

    The opened file is looked at, so that nobody can exchange it in between.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ConfigError(
            say(
                "{path}, the file of {name}, cannot be read ({reason}); make it a file of mode "
                "600 that belongs to the user of this program",
                name=name,
                path=str(path),
                reason=error.strerror or type(error).__name__,
            )
        ) from error
    try:
        _refuse_open_files(name, path, os.fstat(handle).st_mode, guarded)
        with os.fdopen(handle, "rb", closefd=False) as file:
            content = file.read(BYTES_MAX)
    finally:
        os.close(handle)
    # The bytes of a file that is no text would show up in the chained UnicodeDecodeError.
    return content.decode(errors="surrogateescape")


def _refuse_open_files(name: str, path: Path, mode: int, guarded: bool) -> None:
    if not stat.S_ISREG(mode):
        raise ConfigError(
            say(
                "{path} is no file; name a file of mode 600 that holds the secret {name} alone",
                name=name,
                path=str(path),
            )
        )
    if mode & OTHERS and not guarded:
        raise ConfigError(
            say(
                "others may read {path}, the file of {name} (mode {mode}); close it with "
                "`chmod 600 {path}`, and replace the secret if somebody may have read it",
                name=name,
                path=str(path),
                mode=f"{stat.S_IMODE(mode):o}",
            )
        )


def _clean(name: str, value: str, source: str) -> Secret:
    """Without the line end that editors add. Raises ConfigError unless it is one line of text."""
    value = value.strip()
    if not value:
        raise ConfigError(
            say(
                "{source} is empty; put the secret {name} in it, on one line",
                name=name,
                source=source,
            )
        )
    if not value.isprintable():
        raise ConfigError(
            say(
                "{source} holds more than one line, or characters that no key has; put the "
                "secret {name} alone in it, on one line",
                name=name,
                source=source,
            )
        )
    return Secret(value)
