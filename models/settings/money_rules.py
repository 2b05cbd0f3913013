"""Rules of the settings about money, each with a value that works."""

import re
from decimal import Decimal, InvalidOperation

from models.messages import say
from models.settings.rules import Wrong

USD_MAX = 1_000_000
KRW_MAX = 100_000_000
NAME_MAX = 100
PERCENTS_MAX = 10
PROVIDER = r"[a-z0-9][a-z0-9._-]{0,39}"


def usd_amount(value: object) -> str:
    """The amount as text, "" where none is given. Raises Wrong.

    A number of the file is read by its shortest text: 0.15 is 0.15, and not a float near it.
    """
    if isinstance(value, str) and not value.strip():
        return ""
    amount = None
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            amount = Decimal(str(value).strip())
        except InvalidOperation:
            amount = None
    if amount is None or not amount.is_finite() or not _sensible(amount):
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes an amount in USD from 0 to {most}, for "
                'example "0.15"',
                most=USD_MAX,
            )
        )
    return str(value).strip()


def _sensible(amount: Decimal) -> bool:
    """An exponent of thousands would fill the memory later on."""
    return amount == 0 or (amount.adjusted() > -20 and 0 < amount <= USD_MAX)


def provider_name(name: str) -> str:
    """Raises Wrong unless the name can be one of a provider."""
    if not re.fullmatch(PROVIDER, name):
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes the name of a provider in small letters, for "
                'example "openai"'
            )
        )
    return name


def server_word_of(word: str) -> str:
    """Raises Wrong unless it can be a server type or a place of a provider."""
    if not re.fullmatch(r"([a-z0-9][a-z0-9-]{0,39})?", word):
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes a name as the provider's list has it, for "
                'example "cx22" or "fsn1"'
            )
        )
    return word


def rates_by_provider(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Raises Wrong unless each text is a provider and a part from 0 to 1."""
    for text in texts:
        name, _, rate = (part.strip() for part in text.partition("="))
        if not re.fullmatch(PROVIDER, name) or not re.fullmatch(r"0(\.\d{1,9})?|1(\.0+)?", rate):
            raise Wrong(
                say(
                    "{where}: {key} has {text}; it takes a provider and a part from 0 to 1, for "
                    "example {example}",
                    text=f'"{text[:40]}"',
                    example='"hetzner=0.19"',
                )
            )
    return texts


def caps_by_name(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Raises Wrong unless each text is a name, once, and whole won."""
    names = [text.rpartition("=")[0].strip() for text in texts]
    for text, name in zip(texts, names, strict=True):
        cap = text.rpartition("=")[2].strip()
        is_name = bool(name) and len(name) <= NAME_MAX and name.isprintable()
        is_cap = re.fullmatch(r"[0-9]{1,10}", cap) is not None and int(cap) <= KRW_MAX
        if not is_name or not is_cap or names.count(name) > 1:
            raise Wrong(
                say(
                    "{where}: {key} has {text}; it takes a name, once, and whole won from 0 to "
                    "{most}, for example {example}",
                    text=f'"{text[:40]}"',
                    most=KRW_MAX,
                    example='"openai=5000"',
                )
            )
    return texts


def price_text(text: str) -> str:
    """Raises Wrong unless it is an amount and a currency."""
    if not re.fullmatch(r"\s*\d{1,9}(\.\d{1,12})?\s+(KRW|USD|EUR)\s*", text, re.IGNORECASE):
        raise Wrong(
            say(
                "{where}: {key} is {value}; it takes an amount and KRW, USD or EUR, for example "
                '"5.35 USD"'
            )
        )
    return text


BUCKET = r"total|api|servers|(provider|workflow|key):[^\n]{1,100}"


def provider_or_any(name: str) -> str:
    """Raises Wrong unless it is empty or can be the name of a provider."""
    return provider_name(name) if name else name


def percents(value: object) -> object:
    """Raises Wrong unless it is a list of parts in hundredths."""
    if isinstance(value, list | tuple) and 0 < len(value) <= PERCENTS_MAX:
        found = [each for each in value if type(each) is int and 0 < each <= 100]
        if len(set(found)) == len(value):
            return tuple(sorted(found))
    raise Wrong(
        say(
            "{where}: {key} is {value}; it takes a list of 1 to {most} whole numbers from 1 to "
            "100, each once, for example {example}",
            most=PERCENTS_MAX,
            example="[70, 80, 90, 95, 100]",
        )
    )


def bucket_modes(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Raises Wrong unless each text is a bucket, once, and what its cap does."""
    for text in _not_of_buckets(texts, r"count|block|stop"):
        raise Wrong(
            say(
                "{where}: {key} has {text}; it takes a bucket, once, and count, block or stop, for "
                "example {example}",
                text=f'"{text[:40]}"',
                example='"api=block"',
            )
        )
    return texts


def bucket_paces(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Raises Wrong unless each text is a bucket, once, and whole won an hour or a minute."""
    for text in _not_of_buckets(texts, r"[1-9][0-9]{0,7}\s*/\s*(hour|minute)"):
        raise Wrong(
            say(
                "{where}: {key} has {text}; it takes a bucket, once, and whole won an hour or "
                "minute, for example {example}",
                text=f'"{text[:40]}"',
                example='"api=500/hour"',
            )
        )
    return texts


def _not_of_buckets(texts: tuple[str, ...], form: str) -> list[str]:
    names = [text.rpartition("=")[0].strip() for text in texts]
    return [
        text
        for text, name in zip(texts, names, strict=True)
        if names.count(name) > 1
        or not re.fullmatch(BUCKET, name)
        or not re.fullmatch(form, text.rpartition("=")[2].strip())
    ]
