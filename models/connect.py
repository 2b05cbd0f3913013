"""The first configuration: from what was found on this machine to at most thirty lines of settings.

Pure: `agent/discovery.py` looks, `python -m agent init` and the page `settings` ask.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlsplit

from models.errors import ConfigError
from models.messages import Message, say

LINES_MAX = 30
QUESTIONS_MAX = 8
ENDPOINTS_MAX = 3
SPENT, SPENT_EXAMPLE = "spent", "3200 0"
"""What the month had cost before: no setting, but asked with them, since nobody else knows it."""
LEAST = "redis_queues"
"""Not asked where that would be one too many; a key of the settings says it later."""
WON = re.compile(r"[0-9]{1,9}")
HEAD = "# Written by `python -m agent init`. Every key: docs/settings.md"


class Kind(StrEnum):
    """What may be found on a machine, in the order in which it is shown."""

    GPU = "gpu"
    POSTGRES = "postgres"
    REDIS = "redis"
    N8N = "n8n"
    OLLAMA = "ollama"
    NODE_EXPORTER = "node_exporter"
    DOCKER = "docker"
    UNITS = "units"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was found. `where` is its address or path, `text` says what it is."""

    kind: Kind
    where: str
    text: Message


@dataclass(frozen=True, slots=True)
class Question:
    """`key` names the answer; `usual` is what Enter means, "" for none."""

    key: str
    text: Message
    usual: str = ""


def questions_for(found: Iterable[Found], machine: str, timezone: str) -> list[Question]:
    """At most eight, and none about what is not there."""
    kinds = {thing.kind: thing for thing in found}
    asked = [
        Question("machine", say("What shall this machine be called?"), machine),
        Question("timezone", say("In which time zone does your month begin?"), timezone),
        Question(
            SPENT,
            say(
                "What has this month already cost, in won, for APIs and for servers without fixed "
                "items (as in {example}; empty: not known yet)?",
                example=SPENT_EXAMPLE,
            ),
        ),
    ]
    if Kind.N8N in kinds:
        asked.append(
            Question(
                "n8n_key",
                say(
                    "Which environment variable holds a key of n8n's API (Settings > n8n API; "
                    "scopes execution:list, execution:read, workflow:list)?"
                ),
                "N8N_API_KEY",
            )
        )
    if Kind.POSTGRES in kinds:
        asked += [
            Question(
                "postgres_user",
                say("As which PostgreSQL user (it needs GRANT pg_monitor)?"),
                "sallim",
            ),
            Question("postgres_database", say("Which database?"), "postgres"),
            Question(
                "postgres_password",
                say("Which environment variable holds its password (- for none)?"),
                "PG_PASSWORD",
            ),
        ]
    if Kind.REDIS in kinds:
        asked.append(
            Question("redis_queues", say("Which Redis keys are queues (separated by commas)?"))
        )
    asked.append(
        Question(
            "endpoints",
            say("Which addresses must answer (separated by commas, at most {most})?", most=3),
        )
    )
    if len(asked) > QUESTIONS_MAX:
        asked = [question for question in asked if question.key != LEAST]
    return asked[:QUESTIONS_MAX]


def spent_before(answers: Mapping[str, str]) -> tuple[int, int] | None:
    """Won for APIs and for servers; None where nothing was said. Raises ConfigError.

    >>> spent_before({"spent": "3,200 0"}), spent_before({"spent": " "})
    ((3200, 0), None)
    """
    answer = answers.get(SPENT, "").strip()
    if not answer:
        return None
    amounts = [part.replace(",", "") for part in answer.split()]
    if len(amounts) != 2 or not all(WON.fullmatch(amount) for amount in amounts):
        raise ConfigError(
            say(
                "{answer} are not two amounts: write won for APIs and won for servers, for example "
                "{example}, or nothing",
                answer=json.dumps(answer[:60], ensure_ascii=False),
                example=SPENT_EXAMPLE,
            )
        )
    return int(amounts[0]), int(amounts[1])


def settings_text(found: Sequence[Found], answers: Mapping[str, str]) -> str:
    """The text of `sallim.toml`, at most thirty lines. An answer that is missing is the usual one.

    Texts are written as JSON strings, which TOML reads alike.
    """
    machine, zone = answers.get("machine", ""), answers.get("timezone", "Asia/Seoul")
    lines = [HEAD]
    if machine:
        lines += ["[machine]", _pair("name", machine)]
    lines += ["[house]", _pair("timezone", zone)]
    seen: list[Kind] = []
    for thing in found:
        section = _section(thing, answers)
        seen.append(thing.kind)
        if section and seen.count(thing.kind) > 1:
            section.insert(1, _pair("name", f"main-{seen.count(thing.kind)}"))
        lines += section
    for number, url in enumerate(_listed(answers.get("endpoints", ""))[:ENDPOINTS_MAX], start=1):
        section = ["[[endpoint]]", _pair("name", _endpoint_name(url, number)), _pair("url", url)]
        if len(lines) + len(section) <= LINES_MAX:
            lines += section
    return "\n".join(lines[:LINES_MAX]) + "\n"


def _section(thing: Found, answers: Mapping[str, str]) -> list[str]:
    if thing.kind is Kind.N8N:
        key = answers.get("n8n_key", "N8N_API_KEY")
        return ["[[n8n]]", _pair("url", thing.where), *_secret("api_key", key)]
    if thing.kind is Kind.POSTGRES:
        user = answers.get("postgres_user", "sallim")
        database = answers.get("postgres_database", "postgres")
        password = answers.get("postgres_password", "PG_PASSWORD")
        # Unquoted, `name@elsewhere/` or `name?host=elsewhere` would take the password there.
        url = f"postgresql://{quote(user, safe='')}@{thing.where}/{quote(database, safe='')}"
        return ["[[postgres]]", _pair("url", url), *_secret("password", password)]
    if thing.kind is Kind.REDIS:
        queues = _listed(answers.get("redis_queues", ""))
        listed = [f"queues = {json.dumps(queues, ensure_ascii=False)}"] if queues else []
        return ["[[redis]]", _pair("url", f"redis://{thing.where}/0"), *listed]
    if thing.kind is Kind.OLLAMA:
        return ["[[ollama]]", _pair("url", thing.where)]
    return []


def secrets_needed(text: str) -> list[str]:
    """Names of the secrets that a written text points at, for the lines that set them."""
    names = []
    for line in text.splitlines():
        key, _, value = line.partition(" = ")
        if key in {"api_key", "password"} and value.strip('"'):
            names.append(value.strip('"'))
    return names


def _pair(key: str, value: str) -> str:
    return f"{key} = {json.dumps(value, ensure_ascii=False)}"


def _secret(key: str, name: str) -> list[str]:
    return [_pair(key, "" if name == "-" else name)]


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _endpoint_name(url: str, number: int) -> str:
    host = urlsplit(url).hostname or "endpoint"
    name = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in host).strip("-")
    return f"{name or 'endpoint'}-{number}"[-40:].lstrip("-")
