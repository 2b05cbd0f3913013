"""Take secrets out of text that leaves the process: log lines, captured output, error reasons.

Every rule has a marker that is looked for first, so that a harmless line costs next to nothing.
"""

import re
from typing import NamedTuple

HIDDEN = "[redacted]"


class Rule(NamedTuple):
    """Applied where `marker` stands in the lower-cased text; group 1 of the pattern is kept."""

    marker: str
    pattern: re.Pattern[str]


def _rule(marker: str, pattern: str) -> Rule:
    return Rule(marker, re.compile(pattern, re.IGNORECASE | re.DOTALL))


# What may stand between the name of a secret and its value: `key=`, `key: `, `"key": "`.
_IS = r"""\\?+["']?+\s?+[:=]\s?+(?:b?+\\?+["'])?+"""
# Up to the closing quote where one was opened, else one word; never what is hidden already, but
# all of what an earlier rule hid in part.
_WORD = r"""(?:\[redacted\]|[^\s"'\\,;&)}\]])++"""
# Where a credential is kept is no secret: a person is told to type it into a unit. It counts alone,
# without quotes, and only in the folder that we name ourselves.
_KEPT_IN = r"""/etc/sallim/credentials/[A-Z]\w{0,79}+(?![^\s"'\\,;&)}\]])"""
_VALUE = rf"""(?!\[redacted\])(?:(?<=["'])(?:[^"'\n\\]|\\(?!["']))+|(?!{_KEPT_IN}){_WORD})"""

RULES = (
    _rule("-----begin", r"(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----).*?(?:(?=-----END)|\Z)"),
    # Keys that show by their own form whose they are.
    _rule("slm_", r"(\bslm_)[\w-]{4,}"),
    _rule("sk-", r"(\bsk-(?:ant-|proj-)?)[\w-]{8,}"),
    _rule("aiza", r"(\bAIza)[\w-]{10,}"),
    _rule("xox", r"(\bxox[a-z]-)[\w-]{4,}"),
    _rule("xapp-", r"(\bxapp-)[\w-]{4,}"),
    _rule("ghp_", r"(\bghp_)\w{10,}"),
    _rule("github_pat_", r"(\bgithub_pat_)\w{10,}"),
    _rule("hf_", r"(\bhf_)\w{10,}"),
    _rule("rpa_", r"(\brpa_)\w{10,}"),
    _rule("eyj", r"(\beyJ)[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"),
    # Addresses that are secrets.
    _rule("hooks.slack.com/", r"(hooks\.slack\.com/)(?!\[redacted\])[^\s\"'<>]+"),
    _rule("/webhooks/", r"(/api/webhooks/)(?!\[redacted\])[^\s\"'<>]+"),
    _rule("api.telegram.org/bot", r"(api\.telegram\.org/bot)(?!\[redacted\])[^\s/\"'<>]+"),
    # A port with a path is no password, though an @ may follow somewhere.
    _rule("@", r"(://[^\s/:@\"']{0,200}:)(?!\d{1,5}/)[^\s\"'<>]{1,300}(?=@)"),
    # Values that their names give away, in headers, addresses and settings.
    _rule("authorization", rf"(authorization{_IS}(?:(?:Bearer|Basic|Token|Digest)\s)?+){_VALUE}"),
    _rule("bearer", r"(\bBearer\s)[\w.~+/=-]{8,}"),
    _rule("cookie", rf"(cookie{_IS})(?!\[redacted\])[^\"'\n]+"),
    _rule("key", rf"((?:(?<![a-z])key=|(?:api|access|secret|auth)[_-]?key{_IS})){_VALUE}"),
    _rule("x-n8n-api-key ", rf"(x-n8n-api-key\s){_VALUE}"),
    _rule("token", rf"(token{_IS}){_VALUE}"),
    _rule("secret", rf"(secret{_IS}){_VALUE}"),
    _rule("passw", rf"(passw(?:or)?d{_IS}){_VALUE}"),
    _rule("sig", rf"([?&]sig(?:nature)?=){_VALUE}"),
)


def redact(text: str) -> str:
    """The text with its secrets replaced; what names them stays, so that a line can be understood.

    >>> redact("GET https://api.example/v1?key=AIzaSyD4mFqX2 failed")
    'GET https://api.example/v1?key=[redacted] failed'
    """
    lowered = text.lower()
    for marker, pattern in RULES:
        if marker in lowered:
            text = pattern.sub(rf"\1{HIDDEN}", text)
    return text
