"""Statements as they may be shown: on one line, short, and without the values in them."""

import re

from models.redaction import redact

TEXT_MAX = 500
_READ_MAX = 4 * TEXT_MAX

# Comments and quoted names are passed over as wholes, so that a quote in one opens no text. An end
# that was cut off counts as an end.
_PIECES = re.compile(
    r"""
    (?P<comment> --[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<name> "(?:[^"]|"")*(?:"|\Z) )
    | (?P<text>
        [eE]'(?:[^'\\]|\\.|'')*(?:'|\\?\Z)
        | '(?:[^']|'')*(?:'|\Z)
        | \$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z)
    )
    """,
    re.VERBOSE | re.DOTALL,
)


def shown(sql: str) -> str:
    r"""The statement with its texts hidden: they are what somebody wrote, or a secret.

    >>> shown("SELECT  1 FROM users -- it's\n WHERE mail = 'a@b.kr' AND id = 7")
    "SELECT 1 FROM users WHERE mail = '…' AND id = 7"
    """
    bare = _PIECES.sub(_hidden, sql[:_READ_MAX])
    return redact(" ".join(bare.split()))[:TEXT_MAX]


def _hidden(piece: re.Match[str]) -> str:
    if piece["comment"] is not None:
        return " "
    return piece[0] if piece["name"] is not None else "'…'"
