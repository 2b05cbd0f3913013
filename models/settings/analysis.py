"""`[[analysis]]`: runs of an n8n workflow that count as runs of an analysis."""

import difflib

from pydantic import Field, ValidationInfo

from models.messages import Message, say
from models.settings.rules import Wrong
from models.settings.section import Instance, Section, instance
from models.settings.values import shown


class Analysis(Section):
    name: Instance = instance("the analysis")
    n8n: Instance = Field(
        default="main",
        description="Name of the [[n8n]] that runs it",
        json_schema_extra={"limits": "a name of a [[n8n]]"},
    )
    workflow: str = Field(
        default="",
        max_length=128,
        description="Name or id of the workflow; empty: the one that is named like the analysis",
        json_schema_extra={"limits": "at most 128 characters"},
    )
    stage: str = Field(
        default="",
        max_length=40,
        description="Stage of the analysis that the workflow is; empty: the whole of it",
        json_schema_extra={"limits": "at most 40 characters"},
    )
    key_field: str = Field(
        default="",
        max_length=128,
        description="Field of a failed run's first input that names what was analysed, as "
        "`body.video`; empty: the id of the run",
        json_schema_extra={"limits": "at most 128 characters"},
    )


def of_known_n8n(entries: tuple[Analysis, ...], info: ValidationInfo) -> tuple[Analysis, ...]:
    """Raises Wrong when an analysis runs in an n8n that is not in the settings."""
    if "n8n" not in info.data:  # Those are wrong themselves, and told.
        return entries
    names = [n8n.name for n8n in info.data["n8n"]]
    for place, entry in enumerate(entries):
        if entry.n8n not in names:
            raise Wrong(unknown_n8n(entry.n8n, names, "analysis"), (str(place), "n8n"))
    return entries


def unknown_n8n(name: str, names: list[str], section: str) -> Message:
    """For whatever names a [[n8n]] that is not there; `section` is what names it."""
    if not names:
        return say(
            "{where}: {key} is {value}, and there is no [[n8n]]; write one with the url of your "
            "n8n and name = {value}, or remove this [[{section}]]",
            value=shown(name),
            section=section,
        )
    close = difflib.get_close_matches(name, names, n=1)
    return say(
        "{where}: {key} is {value}, and no [[n8n]] is named so; it takes the name of one, for "
        "example {example}",
        value=shown(name),
        example=shown(close[0] if close else names[0]),
    )
