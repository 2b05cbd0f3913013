"""Folders of small kernel files, kept as one text each in tests/payloads/*/*.tree.

A tree file begins with remarks (date, origin); each line "== path" begins a file.
"""

from pathlib import Path

PAYLOADS = Path(__file__).parent / "payloads"


def unpack(name: str, into: Path) -> Path:
    """Write the files of `payloads/<name>.tree` below `into`, over what is there; return it."""
    _, *files = (PAYLOADS / f"{name}.tree").read_text().split("\n== ")
    for file in files:
        path, _, text = file.partition("\n")
        target = into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.rstrip("\n") + "\n" if text.strip() else "")
    return into
