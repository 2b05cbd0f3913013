"""Texts in the reader's language, chosen anew in every run.

All sessions are threads of one process, so nothing here is installed or kept: a page asks for
`_` (and `ngettext`) when it draws. Texts that are made elsewhere (`models.messages.say`) are
templates, translated here.
"""

import re
from collections.abc import Callable

import streamlit as st

from models.messages import Message, Value
from pages.entry.languages import LANGUAGES, Gettext, catalog
from pages.parts.house import house

__all__ = ["LANGUAGES", "Gettext", "catalog", "language", "plain", "plurals", "texts", "told"]

LINE_ENDS = re.compile(r"\s*[\r\n\x0b\x0c\u2028\u2029]\s*")
MARKDOWN = re.compile(r"([\\`*\[\]<|~$])")

Ngettext = Callable[[str, str, int], str]


def language() -> str:
    """The address decides (`?lang=`), then the house's setting, then the browser."""
    for wanted in (st.query_params.get("lang"), house().language, st.context.locale):
        short = (wanted or "").partition("-")[0].lower()
        if short in LANGUAGES:
            return short
    return "en"


def texts() -> Gettext:
    """The function that translates in this run; whatever draws calls it `_`."""
    return catalog(language()).gettext


def plurals() -> Ngettext:
    """The same where a number decides the word; called `ngettext`, so that it is found."""
    return catalog(language()).ngettext


def told(message: Message) -> str:
    """A message in the reader's language, its values safe inside Markdown."""
    values = {name: _inside(value) for name, value in message.values.items()}
    return catalog(language()).gettext(message.template).format(**values)


def _inside(value: Value) -> str | int | float:
    if isinstance(value, Message):
        return told(value)
    return plain(value) if isinstance(value, str) else value


def plain(text: str) -> str:
    r"""Text from outside, so that nothing in it is taken for Markdown.

    >>> plain("eth0 [down]")
    'eth0 \\[down\\]'
    >>> plain("failed\n\n# All is well")
    'failed # All is well'
    """
    return MARKDOWN.sub(r"\\\1", LINE_ENDS.sub(" ", text))
