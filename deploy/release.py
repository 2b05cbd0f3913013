"""A release: the files that git tracks and a virtual environment of their own, in one folder."""

import hashlib
import os
import re
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from deploy.commands import ask, must
from deploy.files import remove, sync_folder
from deploy.layout import UNITS, InstallError, Layout

COMPLETE = ".complete"
"""Written last: without it a release was cut off while it was built, and is built anew."""

HIDDEN_FROM_SERVICES = ("/home", "/root", "/run/user", "/tmp")  # noqa: S108  # a name, not a use
NEVER_SHIPPED = {".git", ".venv", "__pycache__"}
PACKAGES_ADVICE = "The old release was not touched. Look at the lines above, then run this again."


def tracked_files(source: Path) -> list[Path]:
    """Relative paths of what a release holds: what git tracks, or all when there is no git."""
    listed = ask(["git", "-c", f"safe.directory={source}", "ls-files", "-z"], source)
    if listed.code == 0 and (source / ".git").exists():
        names = [Path(name) for name in listed.output.split("\0") if name]
        return sorted(name for name in names if (source / name).is_file())
    found = (path.relative_to(source) for path in source.rglob("*") if path.is_file())
    return sorted(path for path in found if not NEVER_SHIPPED & set(path.parts))


def name_of(source: Path) -> str:
    """`0.1.0-7212c94` of a clean checkout, its tag if it has one, else the version and a digest."""
    version = _version(source)
    git = ["git", "-c", f"safe.directory={source}"]
    described = ask([*git, "describe", "--tags", "--always", "--dirty"], source)
    clean = described.code == 0 and not described.output.endswith("-dirty")
    if not (clean and (source / ".git").exists()):
        return f"{version}-{_digest(source)}"
    text = re.sub(r"[^A-Za-z0-9._-]", "-", described.output)
    return text if text.startswith("v") else f"{version}-{text}"


def _version(source: Path) -> str:
    try:
        project = tomllib.loads((source / "pyproject.toml").read_text())["project"]
        return str(project["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise InstallError(
            f"{source} is not a copy of Sallim: its pyproject.toml names no version ({error}). "
            "Run this from the folder that you cloned or unpacked."
        ) from error


def _digest(source: Path) -> str:
    digest = hashlib.sha256()
    for path in tracked_files(source):
        digest.update(f"{path}\0".encode())
        digest.update((source / path).read_bytes())
    return digest.hexdigest()[:10]


def is_complete(layout: Layout, name: str) -> bool:
    return (layout.release(name) / COMPLETE).is_file()


def build(source: Path, layout: Layout, venv: Path | None, tell: Callable[[str], None]) -> str:
    """Build the release of `source` beside the others; its name. What is complete is kept.

    `venv` is a virtual environment to use instead of making one. Raises InstallError.
    """
    name = name_of(source)
    folder = layout.release(name)
    if is_complete(layout, name):
        tell(f"Release {name} is already built")
        return name
    _check_python(layout, venv)
    tell(f"Building release {name} in {folder}")
    remove(folder)
    folder.mkdir(parents=True)
    for path in tracked_files(source):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / path, folder / path)
    _check_contents(folder)
    _add_packages(folder, venv, tell)
    must([*_python(folder), "-m", "compileall", "-q", "-x", r"\.venv", "."], "", folder)
    os.sync()
    (folder / COMPLETE).write_text(f"{name}\n")
    sync_folder(folder)
    return name


def _check_contents(folder: Path) -> None:
    missing = [unit for unit in UNITS if not (folder / "deploy" / unit).is_file()]
    if missing:
        raise InstallError(f"{folder} has no deploy/{missing[0]}: is the checkout complete?")


def _python(folder: Path) -> list[str]:
    return [str(folder / ".venv/bin/python")]


def _check_python(layout: Layout, venv: Path | None) -> None:
    """A service sees neither /root nor the folders of people: its Python must stand elsewhere."""
    python = (venv / "bin/python").resolve() if venv else Path(sys.base_prefix).resolve()
    if layout.root == Path("/") and any(python.is_relative_to(p) for p in HIDDEN_FROM_SERVICES):
        raise InstallError(
            f"The Python at {python} cannot be seen by services. Use one of the system, for "
            "example `sudo make install PYTHON=/usr/bin/python3`."
        )


def _add_packages(folder: Path, venv: Path | None, tell: Callable[[str], None]) -> None:
    if venv is not None:
        (folder / ".venv").symlink_to(venv.absolute())
        return
    tell("Installing the pinned packages into it (a minute or two)")
    must(
        [sys.executable, "-m", "venv", ".venv"],
        "On Debian and Ubuntu: `apt install python3-venv`. Then run this again.",
        folder,
    )
    uv = shutil.which("uv")
    # Copies, not links: a cache in /root is not for the eyes of services.
    tool = [uv, "pip", "install", "--link-mode", "copy", "--compile-bytecode", "--python"]
    with_uv = [*[str(word) for word in tool], *_python(folder)]
    with_pip = [*_python(folder), "-m", "pip", "install", "--disable-pip-version-check"]
    must([*(with_uv if uv else with_pip), "-r", "requirements.txt"], PACKAGES_ADVICE, folder)


def prune_releases(layout: Layout, keep: set[str]) -> None:
    """Remove all releases but those to keep; each one stops being complete before it shrinks."""
    folders = list(layout.releases.iterdir()) if layout.releases.is_dir() else []
    for folder in folders:
        if folder.name not in keep:
            (folder / COMPLETE).unlink(missing_ok=True)
            remove(folder)
