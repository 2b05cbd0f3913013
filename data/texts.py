"""Translations for rooms that draw nothing: the same catalogs that the pages use."""

import gettext
from collections.abc import Callable
from pathlib import Path

LOCALE = Path(__file__).parents[1] / "locale"


def translation(language: str) -> Callable[[str], str]:
    """Of templates into `language`, "ko" or "en"; what is not translated stays as it is.

    It is read anew each time, since the agent, which tells little, does without it in between.
    """
    path = LOCALE / language / "LC_MESSAGES" / "sallim.mo"
    if not path.exists():
        return str
    with path.open("rb") as file:
        return gettext.GNUTranslations(file).gettext
