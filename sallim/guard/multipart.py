"""Fields and files of a multipart/form-data body, as far as a price needs them.

The form is that of RFC 7578; a body as the SDKs make it, not whatever a browser may.
"""

from __future__ import annotations

import re
from typing import NamedTuple

FIELD_BYTES_MAX = 1_000_000


class Form(NamedTuple):
    fields: dict[str, object]
    files: tuple[bytes, ...]


def form_of(content_type: str, content: bytes) -> Form | None:
    """None where it is cut or has no boundary."""
    found = re.search(r'boundary="?([^";,]+)"?', content_type)
    if found is None:
        return None
    mark = b"--" + found.group(1).encode("latin-1", "replace")
    parts = content.split(mark)
    if len(parts) < 2 or not parts[-1].startswith(b"--"):
        return None
    fields: dict[str, object] = {}
    files = []
    for part in parts[1:-1]:
        head, blank, data = part.partition(b"\r\n\r\n")
        if not blank:
            return None
        data = data[:-2] if data.endswith(b"\r\n") else data
        name = re.search(rb'(?i)[; ]name="([^"]*)"', head)
        if re.search(rb"(?i)[; ]filename\*?=", head):
            files.append(data)
        elif name is not None and len(data) <= FIELD_BYTES_MAX:
            fields[name.group(1).decode(errors="replace")] = data.decode(errors="replace")
    return Form(fields, tuple(files))
