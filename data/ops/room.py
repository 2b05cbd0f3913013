"""Whether the disk has room to write."""

import os
from pathlib import Path

from data.ops.report import MEGABYTE
from models.messages import Message, say

FULL = say("The disk is full: samples are not stored until there is room on it.")


def lack_of_room(folder: Path, free_min_bytes: int) -> Message | None:
    """What is missing and what it means; None when there is room."""
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    if free >= free_min_bytes:
        return None
    return say(
        "{free_mb} MB are free on the disk of {path}, and {needed_mb} MB are needed. Samples are "
        "not stored until there is room.",
        free_mb=free // MEGABYTE,
        path=str(folder),
        needed_mb=free_min_bytes // MEGABYTE,
    )
