"""Values of labels that are words, in the reader's language; names of things stay as they are."""

from models.messages import Message, say
from pages.parts.texts import catalog, language

WORDS: dict[str, Message] = {
    "read": say("read"),
    "write": say("write"),
    "receive": say("in"),
    "transmit": say("out"),
    "general": say("in general"),
    "encoder": say("encoder"),
    "decoder": say("decoder"),
    "cpu": say("CPU"),
    "memory": say("memory"),
    "io": say("disks"),
    "sw power cap": say("power cap"),
    "sw thermal": say("heat (driver)"),
    "hw thermal": say("heat (card)"),
    "hw slowdown": say("heat or power (card)"),
    "hw power brake": say("power brake"),
}


def in_words(value: str) -> str:
    """Not escaped: figures take no Markdown."""
    return said(WORDS[value]) if value in WORDS else value


def said(message: Message) -> str:
    """A message in the reader's language, for where Markdown is not read."""
    values = {
        name: said(value) if isinstance(value, Message) else value
        for name, value in message.values.items()
    }
    return catalog(language()).gettext(message.template).format(**values)
