"""Fences of providers, by the keys that their bills are asked with."""

import importlib
import os
from collections.abc import Mapping
from typing import Any

from agent.fencing import Fence, Fencing
from agent.outbox.sending import Outbox
from agent.sampling import Clocks
from data.control import Control
from data.credentials import secret
from data.home import Home
from models.errors import ActionRefused, ConfigError
from models.fence.kept import FenceRow
from models.fence.words import alert_of
from models.settings import Settings
from models.settings.bill import KEYS

FENCES = {"openai": "OpenAiFence", "anthropic": "AnthropicFence"}


def fence_of(provider: str, settings: Settings, environ: Mapping[str, str]) -> Fence:
    """Raises ActionRefused for a key that is missing, which names it."""
    keys = [bill.key_name for bill in settings.bill if bill.source == provider]
    try:
        key = secret(keys[0] if keys else KEYS[provider], environ)
    except ConfigError as error:
        raise ActionRefused(error.problems[0]) from error
    module = importlib.import_module(f"agent.fences.{provider}")
    fence: Fence = getattr(module, FENCES[provider])(key)
    return fence


def fencing_of(home: Home, control: Control, clocks: Clocks, outbox: Outbox) -> Fencing:
    def there(provider: str, settings: Settings) -> Fence:
        return fence_of(provider, settings, os.environ)

    def tell(connection: Any, row: FenceRow) -> None:
        outbox.put(connection, alert_of(row))

    return Fencing(home, control, clocks, there, tell)
