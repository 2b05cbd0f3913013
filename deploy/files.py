"""Writing so that a power cut leaves the old or the new, never a half of each."""

import os
import shutil
import stat
from pathlib import Path


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Put a file in place in one step, durably."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def point(link: Path, target: str) -> None:
    """Let `link` lead to `target` in one step, durably, whatever it led to before."""
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)
    sync_folder(link.parent)


def sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path, mode: int) -> None:
    """Make a folder, or give the one that is there that mode."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)


def copy_entry(source: Path, target: Path) -> None:
    """Copy a file, a link or a folder with times, modes and owners; sockets and pipes are left."""
    kind = source.lstat().st_mode
    if stat.S_ISDIR(kind):
        target.mkdir(exist_ok=True)
        for entry in sorted(source.iterdir()):
            copy_entry(entry, target / entry.name)
        shutil.copystat(source, target)
    elif stat.S_ISREG(kind) or stat.S_ISLNK(kind):
        shutil.copy2(source, target, follow_symlinks=False)
    else:
        return
    copy_owner(source, target)


def copy_owner(source: Path, target: Path) -> None:
    """Only root may give files away; for anybody else all of them are his own."""
    if os.geteuid() == 0:
        status = source.lstat()
        os.chown(target, status.st_uid, status.st_gid, follow_symlinks=False)


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with all in it; nothing there is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def size_bytes(folder: Path) -> int:
    """Bytes of all files below a folder; what vanishes meanwhile does not count."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(path, name)).st_size  # noqa: PTH118  # many files
            except FileNotFoundError:
                continue
    return total
