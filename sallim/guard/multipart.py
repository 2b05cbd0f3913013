"""Fields and files of a multipart/form-data body, as far as a price needs them.

The form is that of RFC 7578, as the SDKs write it. What two readers could read differently is
none: whoever may choose which of two models is priced has chosen what is paid.
"""

from __future__ import annotations

import re
from typing import NamedTuple

FIELD_BYTES_MAX = 1_000_000
DISPOSITION = re.compile(
    rb'(?i)content-disposition: *form-data; *name="(?P<name>[^"\\]*)"'
    rb"(?P<file>(?:; *filename\*?=(?:\"[^\"\\]*\"|[^\s\";]+))*) *"
)
LIST = "[]"
"""How the name of a field ends that may stand there several times."""


class Form(NamedTuple):
    fields: dict[str, object]
    files: tuple[bytes, ...]


def form_of(content_type: str, content: bytes) -> Form | None:
    """None where it is cut, or says something twice, or otherwise than the SDKs do."""
    mark = _mark(content_type)
    parts = content.split(mark) if mark else []
    if len(parts) < 2 or parts[0].strip() or not parts[-1].startswith(b"--"):
        return None
    fields: dict[str, object] = {}
    files: dict[str, bytes] = {}
    for part in parts[1:-1]:
        head, blank, data = part.partition(b"\r\n\r\n")
        told = _disposition(head)
        if not blank or told is None:
            return None
        name, is_file = told
        data = data[:-2] if data.endswith(b"\r\n") else data
        if (name in fields and not name.endswith(LIST)) or name in files:
            return None
        if is_file:
            files[name] = data
        elif len(data) <= FIELD_BYTES_MAX:
            fields[name] = data.decode(errors="replace")
    if set(fields) & set(files):
        return None
    return Form(fields, tuple(files.values()))


def _mark(content_type: str) -> bytes:
    """What stands between two parts; b"" where that is not certain."""
    told = [part.strip().partition("=") for part in content_type.split(";")[1:]]
    marks = [value.strip('"') for name, _, value in told if name.lower() == "boundary"]
    is_certain = len(marks) == 1 and marks[0] and '"' not in marks[0]
    return b"--" + marks[0].encode("latin-1", "replace") if is_certain else b""


def _disposition(head: bytes) -> tuple[str, bool] | None:
    """Name, and whether it is a file."""
    first, *lines = head.split(b"\r\n")
    found = [match for line in lines if (match := DISPOSITION.fullmatch(line)) is not None]
    others = [line.lower() for line in lines if not line.lower().startswith(b"content-type:")]
    if first or len(found) != 1 or len(others) != 1:
        return None
    return found[0]["name"].decode(errors="replace"), bool(found[0]["file"])
