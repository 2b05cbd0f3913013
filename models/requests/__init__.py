"""What people ask of the agent: which kinds there are, who may, what must be typed, what follows.

Pure. `agent/requests/` decides by it and acts; `data/requests.py` keeps what was asked.
"""

from models.requests.shapes import (
    ACCEPTED,
    AUTOMATION,
    DONE,
    EVERYTHING,
    FAILED,
    KINDS,
    NEXT,
    REFUSED,
    REQUESTED,
    STATES,
    UNKNOWN,
    Actor,
    Caller,
    Kind,
    Outcome,
    Prospect,
    Request,
)

__all__ = [
    "ACCEPTED",
    "AUTOMATION",
    "DONE",
    "EVERYTHING",
    "FAILED",
    "KINDS",
    "NEXT",
    "REFUSED",
    "REQUESTED",
    "STATES",
    "UNKNOWN",
    "Actor",
    "Caller",
    "Kind",
    "Outcome",
    "Prospect",
    "Request",
]
