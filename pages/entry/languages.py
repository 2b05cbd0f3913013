"""The languages there are, for what is older than the first page."""

import gettext
from collections.abc import Callable
from functools import cache

from pages.entry.house import ROOT

LOCALE = ROOT / "locale"
LANGUAGES = {"ko": "한국어", "en": "English"}

Gettext = Callable[[str], str]


@cache
def catalog(language: str) -> gettext.NullTranslations:
    return gettext.translation("sallim", LOCALE, languages=[language], fallback=True)
