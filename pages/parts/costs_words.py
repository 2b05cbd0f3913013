"""What the ledger names shortly, in the reader's language. Names of models and workflows stay."""

from dataclasses import replace

from models.costs.shapes import By
from models.messages import Message, say
from models.typed import typed
from pages.parts.texts import plain
from pages.parts.words import said

SPANS: dict[str, Message] = {
    "day": say("Today"),
    "week": say("This week"),
    "month": say("This month"),
    "year": say("This year"),
}
BYS: dict[By, Message] = {
    "provider": say("Provider"),
    "model": say("Model"),
    "workflow": say("Workflow"),
    "analysis": say("Analysis"),
    "server": say("Server"),
    "kind": say("Kind"),
}
"""By what the page adds up."""
BUCKETS: dict[str, Message] = {
    "api": say("APIs"),
    "total": say("Total"),
    "servers": say("Servers"),
}
BUCKETS_OF: dict[str, Message] = {
    "provider": say("Provider"),
    "workflow": say("Workflow"),
    "key": say("Token"),
    "quota": say("Quota"),
}
KINDS: dict[str, Message] = {
    "api": say("API calls"),
    "server": say("Servers"),
    "fixed": say("Fixed items"),
    "network": say("Network"),
    "storage": say("Storage"),
}
SOURCES: dict[str, tuple[str, Message]] = {
    "usage": ("✓", say("counted by the provider")),
    "provider_cost": ("✓", say("priced by the provider")),
    "typed": ("✎", say("typed in or booked")),
    "estimated": ("≈", say("estimated")),
    "unverified": ("◷", say("unverified")),
    "": ("…", say("still open or released")),
}
"""How a cost is known: icon and words."""
STATES: dict[str, tuple[str, Message]] = {
    "open": ("…", say("open")),
    "settled": ("✓", say("settled")),
    "released": ("○", say("released")),
    "unverified": ("◷", say("unverified")),
}
CODES: dict[str, Message] = {
    "budget": say("more than is left for its priority"),
    "no_budget": say("there is no budget"),
    "no_period": say("no month of the budget holds now"),
    "repeated": say("the same call came again"),
    "unknown_model": say("the model has no price"),
    "unpriced_path": say("what is sent there has no price"),
    "unpriced_tool": say("a tool or an option has no price"),
    "unbounded": say("what it may cost is bounded by nothing"),
    "unreadable_request": say("its body cannot be read"),
    "unknown_host": say("whose prices hold at the address is not known"),
    "pace": say("so fast that it looks like a loop"),
    "quota": say("no more calls are allowed for now"),
    "held": say("a person stopped everything that costs money"),
}
REMEDIES: dict[str, Message] = {
    "budget": say("Raise the cap in `[budget]`, or give the call a lower limit of tokens."),
    "no_budget": say("Give it one in `[budget]` of sallim.toml."),
    "no_period": say("Start the agent; it writes the months ahead."),
    "repeated": say("Send it once more as a call of its own."),
    "pace": say(
        "Wait, or raise `pace_factor`, `pace_burst_percent` or `paces` in `[budget]`; a lower "
        "limit of tokens needs less at once."
    ),
    "quota": say("Wait until its time is over, or change its `[[quota]]`."),
    "unknown_model": say(
        "Update the prices by `{command}`, or fill in the `[[price]]` that the refusal has."
    ),
    "unpriced_path": say("Send it without the guard and count it with `@sallim.metered`."),
    "unpriced_tool": say("Leave it out, or enter its price as a `[[price]]`."),
    "unbounded": say(
        "Give the call a limit of tokens, the client `max_media_seconds`, or the model its maxima "
        "in a `[[price]]`."
    ),
    "unreadable_request": say("Send plain JSON, or the form of the provider's own SDK."),
    "held": say("Resume it by `{command}`, or by /resume from the phone."),
    "unknown_host": say("Name the address in `base_urls` or `SALLIM_BASE_URLS`."),
}
"""What a person can do, by the same codes."""
COMMANDS = {"unknown_model": "prices update --download", "held": 'budget resume --reason "..."'}
CAUSES: dict[str, Message] = {
    "none": say("they agree"),
    "rounding": say("they round"),
    "late": say("may still grow"),
    "unverified": say("calls whose end nobody saw"),
    "restated": say("they restated it"),
    "outside": say("a key is used outside"),
    "ours": say("we count more"),
}
"""Why a bill and the ledger differ."""
NAMELESS = say("not named")
WITHOUT: dict[By, Message] = {
    "model": say("without a model"),
    "workflow": say("without a workflow"),
    "analysis": say("without an analysis"),
    "server": say("without a server"),
}
"""Such as servers and fixed items; what has no server are calls, openings and corrections."""


def name_of(by: By, name: str) -> str:
    """Not escaped: tables and figures take no Markdown."""
    if by == "kind" and name in KINDS:
        return said(KINDS[name])
    return name or said(WITHOUT.get(by, NAMELESS))


def bucket_name(bucket_id: str) -> str:
    """Those of one provider, workflow, token or quota bear its name.

    >>> bucket_name("provider:openai"), bucket_name("workflow:ocr")
    ('Provider openai', 'Workflow ocr')
    """
    if bucket_id in BUCKETS:
        return said(BUCKETS[bucket_id])
    kind, _colon, name = bucket_id.partition(":")
    return f"{said(BUCKETS_OF[kind])} {name}" if kind in BUCKETS_OF else bucket_id


def label_of(bucket_id: str) -> str:
    """The same for where Markdown is read, as on buttons."""
    return plain(bucket_name(bucket_id))


def state_name(state: str, source: str, status: int) -> str:
    """Icon and word; that a cost is only estimated outranks that it is settled."""
    if status >= 400:
        return f"■ HTTP {status}"
    if state not in STATES:
        return f"○ {state}"
    icon, word = SOURCES["estimated"] if source == "estimated" else STATES[state]
    return f"{icon} {said(word)}"


def remedy(code: str, home: str) -> str:
    if code not in REMEDIES:
        return ""
    command = typed(COMMANDS[code], home) if code in COMMANDS else ""
    return said(replace(REMEDIES[code], values={"command": command}))


def why(code: str) -> str:
    return said(CODES[code]) if code in CODES else code
