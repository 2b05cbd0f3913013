"""Sentences for people, made in rooms that do not know the reader's language.

The English template is the key of the translation; the values are put in where it is drawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Message:
    """A template in English and its values; `str()` of it is the English sentence.

    A value may be a message itself, such as a duration, which is translated as well.
    """

    template: str
    values: "Mapping[str, Value]" = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.values)

    def as_json(self) -> dict[str, object]:
        """Shape: {"template": str, "values": {name: value}}; read back by `from_json`."""
        values = {
            name: value.as_json() if isinstance(value, Message) else value
            for name, value in self.values.items()
        }
        return {"template": self.template, "values": values}

    @classmethod
    def from_json(cls, shape: Mapping[str, object]) -> "Message":
        told = shape.get("values")
        values = {
            name: cls.from_json(value) if isinstance(value, dict) and "template" in value else value
            for name, value in (told.items() if isinstance(told, dict) else ())
        }
        return cls(str(shape["template"]), values)


Value = str | int | float | Message


def say(template: str, **values: Value) -> Message:
    """Make a message; the extractor of the catalogs finds templates by this name.

    >>> str(say("no answer within {seconds} s", seconds=3))
    'no answer within 3 s'
    """
    return Message(template, values)
