"""What money is spent on, told from how the ledger names it.

A call names the address that it asks, such as "/v1/responses". What is booked without a call names
its kind in that place: "server:gpu-rented", "fixed:vps", "network:egress", "storage:s3",
"opening" (spent before Sallim was there) or "correction" (what the provider says later).
"""

from collections.abc import Sequence
from typing import Literal, get_args

Kind = Literal["api", "server", "fixed", "network", "storage"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SERVERS_BUCKET = "servers"
NO_CALLS = ("opening", "correction")


def kind_of(endpoint: str, buckets: Sequence[str]) -> Kind:
    """By its name, else by its bucket.

    >>> kind_of("/v1/responses", ["api", "total"]), kind_of("storage:s3", ["total"])
    ('api', 'storage')
    >>> kind_of("opening", ["servers"])
    'server'
    """
    named = endpoint.partition(":")[0]
    for kind in KINDS:
        if named == kind:
            return kind
    return "server" if SERVERS_BUCKET in buckets else "api"


def is_call(endpoint: str, kind: Kind) -> bool:
    """Whether something was asked of an API, so that it counts among the calls."""
    return kind == "api" and endpoint.partition(":")[0] not in NO_CALLS
