"""The probe as one file: a zipapp of just the modules that it imports, for a bare Python.

    python -m agent.probe.archive dist/sallim-probe.pyz

The same sources make the same bytes. The hub builds it from its own source when it is first asked
for, and keeps it in memory: so a probe is always of the version of its hub.
"""

import ast
import functools
import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from models.errors import IntakeRefused

ROOT = Path(__file__).parents[2]
TO_STDOUT = "-"
BUILD_SECONDS_MAX = 30.0
ENTRY = "agent.commands.probe"
ROOMS = ("agent", "data", "models", "sallim")
BORROWED = "pynvml"
"""Of NVIDIA, pure Python, imported only where there is a driver."""
SHEBANG = b"#!/usr/bin/env python3\n"
LONG_AGO = (1980, 1, 1, 0, 0, 0)

MAIN = '''\
"""Sallim's probe in one file: python3 sallim-probe.pyz --help"""

import sys

if sys.version_info < (3, 10):
    sys.exit(
        "sallim-probe needs Python 3.10 or newer, and this is %d.%d. Install one, or let uv bring "
        "one: uv run --python 3.12 sallim-probe.pyz" % sys.version_info[:2]
    )

import enum

if not hasattr(enum, "StrEnum"):  # Python 3.10

    class StrEnum(str, enum.Enum):
        __str__ = str.__str__

    enum.StrEnum = StrEnum

if sys.version_info < (3, 11):  # Regular expressions know no possessive repeats yet.
    import re

    strict = re.compile
    possessive = strict(r"([?*+}])\\+")

    def compile(pattern, flags=0):
        try:
            return strict(pattern, flags)
        except re.error:
            return strict(possessive.sub(r"\\1", pattern), flags)

    re.compile = compile

import argparse

from agent.commands.probe import run, with_arguments

parser = argparse.ArgumentParser(
    prog="sallim-probe.pyz",
    description="Watches this machine for a hub. The token comes from SALLIM_TOKEN.",
)
sys.exit(run(with_arguments(parser).parse_args()))
'''


@functools.cache
def built_apart() -> bytes:
    """The whole file, built in a process of its own: reading sources takes 8 MB and half a second.

    Raises IntakeRefused.
    """
    try:
        done = subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-m", "agent.probe.archive", TO_STDOUT],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            timeout=BUILD_SECONDS_MAX,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise IntakeRefused(f"the probe cannot be built now ({error})", 503) from error
    return done.stdout


def probe_file() -> bytes:
    """The whole file."""
    packed = io.BytesIO(SHEBANG)
    packed.seek(0, io.SEEK_END)
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted({"__main__.py": MAIN.encode(), **sources()}.items()):
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def sources() -> dict[str, bytes]:
    """Every file that the probe needs, by its path in the archive."""
    found: dict[str, bytes] = {}
    waiting = [ENTRY]
    while waiting:
        module = waiting.pop()
        path = _path_of(module)
        if path is None or (name := path.relative_to(ROOT).as_posix()) in found:
            continue
        found[name] = path.read_bytes()
        packages = module.split(".")[:-1]
        waiting += [".".join(packages[:end]) for end in range(1, len(packages) + 1)]
        waiting += _imported(found[name])
    borrowed = find_spec(BORROWED)
    if borrowed is not None and borrowed.origin is not None:
        found[f"{BORROWED}.py"] = Path(borrowed.origin).read_bytes()
    return found


def _path_of(module: str) -> Path | None:
    """None for what is not ours: the standard library, and names within a module."""
    if module.partition(".")[0] not in ROOMS:
        return None
    base = ROOT.joinpath(*module.split("."))
    candidates = (base / "__init__.py", base.with_suffix(".py"))
    return next((path for path in candidates if path.is_file()), None)


def _imported(source: bytes) -> Iterator[str]:
    """Modules that a source imports, also within functions; names of it may be modules, too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def main() -> None:
    if sys.argv[1] == TO_STDOUT:
        sys.stdout.buffer.write(probe_file())
        return
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(probe_file())
    path.chmod(0o755)
    sys.stdout.write(f"{path}: {path.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
