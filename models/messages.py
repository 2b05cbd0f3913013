"""Sentences for people, made in rooms that do not know the reader's language.

The English template is the key of the translation; the values are put in where it is drawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Message:
    """A template in English and its values; `str()` of it is the English sentence."""

    template: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.values)

    def as_json(self) -> dict[str, object]:
        """Shape: {"template": str, "values": {name: value}}; read back by `from_json`."""
        return {"template": self.template, "values": dict(self.values)}

    @classmethod
    def from_json(cls, shape: Mapping[str, object]) -> "Message":
        values = shape.get("values")
        return cls(str(shape["template"]), dict(values) if isinstance(values, dict) else {})


def say(template: str, **values: str | int | float) -> Message:
    """Make a message; the extractor of the catalogs finds templates by this name.

    >>> str(say("no answer within {seconds} s", seconds=3))
    'no answer within 3 s'
    """
    return Message(template, values)
