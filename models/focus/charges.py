"""A charge as the store has it, and what FOCUS calls its kind, its service and who is behind it."""

import json
from decimal import Decimal
from typing import NamedTuple

from sallim.ledger.money_rows import Tokens

DISPLAY = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "google": "Google",
    "openrouter": "OpenRouter",
    "deepseek": "DeepSeek",
    "groq": "Groq",
    "mistral": "Mistral AI",
    "x-ai": "xAI",
    "azure": "Microsoft",
    "aws": "AWS",
    "runpod": "RunPod",
    "vast": "Vast.ai",
    "hetzner": "Hetzner",
    "local": "Local",
}
SERVICES = {
    "api": ("AI and Machine Learning", "Generative AI"),
    "server": ("Compute", "Virtual Machines"),
    "network": ("Networking", "Other (Networking)"),
    "storage": ("Storage", "Other (Storage)"),
    "fixed": ("Other", "Other (Other)"),
}
NO_USAGE = ("opening", "correction")


class Charge(NamedTuple):
    """A call or what was booked, with the exchange rate that was used where it is still known.

    `nano` is without VAT and fee, `micro` with both, as the card is charged.
    """

    call_id: str
    attempt: int
    provider: str
    model: str
    endpoint: str
    kind: str
    state: str
    source: str
    workflow: str
    analysis: str
    job_key: str
    key: str
    priority: str
    opened_us: int
    tokens: Tokens
    tool_calls: str
    nano: int
    micro: int
    vat_ppm: int
    fee_ppm: int
    price_id: str
    fx_id: str
    fx_rate: Decimal | None
    fx_date: str | None


def category_of(charge: Charge) -> str:
    """ChargeCategory of what is no tax."""
    if charge.endpoint.partition(":")[0] in NO_USAGE:
        return "Adjustment"
    if charge.micro < 0 or charge.nano < 0:
        return "Credit"
    return "Usage"


def frequency_of(charge: Charge) -> str:
    """A month of a fixed item is used up like an hour: a Purchase would be for what comes later."""
    if category_of(charge) != "Usage":
        return "One-Time"
    return "Recurring" if charge.kind == "fixed" else "Usage-Based"


def provider_name(charge: Charge) -> str:
    return DISPLAY.get(charge.provider, charge.provider) or "Unknown"


def service_of(charge: Charge) -> str:
    if charge.kind == "api":
        return f"{provider_name(charge)} API"
    return charge.endpoint.partition(":")[2] or charge.model or charge.kind


def publisher_of(charge: Charge) -> str:
    """Of a model that a broker sells, its maker."""
    maker, slash, _ = charge.model.partition("/")
    if slash and charge.provider == "openrouter":
        return DISPLAY.get(maker, maker)
    return provider_name(charge)


def tags_of(charge: Charge) -> str:
    told = {
        "workflow": charge.workflow,
        "analysis": charge.analysis,
        "key": charge.key,
        "priority": charge.priority,
    }
    return json.dumps({name: value for name, value in told.items() if value}, ensure_ascii=False)
