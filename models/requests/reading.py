"""A request out of what came over the wire: typed, bounded, and nothing that was not asked for.

The shape: {"kind", "target", "args": {...}, "reason", "confirm", "nonce"}.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.demand.shapes import MODELS, SEASONS
from models.errors import RequestRefused
from models.messages import say
from models.requests import texts
from models.requests.shapes import AUTOMATION, EVERYTHING, KINDS, Kind, Request, Value

KEYS = frozenset({"kind", "target", "args", "reason", "confirm", "nonce"})
ATTEMPTS_MAX, INSTANCES_MAX = 1000, 100
SPAN_DAYS = (3, 400)
PAUSABLE = (AUTOMATION, "stop", "scale", "repair")
"""What Sallim does by itself; that calls are counted and refused is no part of it."""

Reads = Callable[[object, ZoneInfo], Value]


class Argument(NamedTuple):
    """`wire` is its key in a body, `name` that of what is read out of it."""

    wire: str
    name: str
    reads: Reads


RAISED = Argument(
    "amount_krw", "amount_micro", lambda value, _: texts.whole_won("amount_krw", value)
)
AMOUNT = Argument(
    "amount_krw", "amount_micro", lambda value, _: texts.amount_micro("amount_krw", value)
)
BUCKET = Argument(
    "bucket", "bucket", lambda value, _: texts.line("bucket", value, texts.TARGET_MAX)
)
UNTIL = Argument("until", "until", lambda value, zone: texts.moment("until", value, zone))
ATTEMPT = Argument(
    "attempt", "attempt", lambda value, _: texts.count("attempt", value, 1, ATTEMPTS_MAX)
)
INSTANCES = Argument(
    "instances", "instances", lambda value, _: texts.count("instances", value, 0, INSTANCES_MAX)
)
TOTAL = Argument("total_krw", "amount_micro", lambda value, _: texts.whole_won("total_krw", value))
AMOUNTS = Argument(
    "amounts_krw", "amounts", lambda value, _: texts.amounts_text("amounts_krw", value)
)
MODEL = Argument("model", "model", lambda value, _: texts.choice("model", value, MODELS))
SEASON = Argument("season", "season", lambda value, _: texts.choice("season", value, SEASONS))
SPAN = Argument(
    "span_days", "span_days", lambda value, _: texts.count("span_days", value, *SPAN_DAYS)
)
ARGUMENTS: Mapping[Kind, tuple[Argument, ...]] = MappingProxyType(
    {
        "raise": (RAISED, UNTIL),
        "release": (UNTIL,),
        "withdraw": (BUCKET,),
        "settle": (AMOUNT, ATTEMPT),
        "stop_all": (),
        "resume": (),
        "stop": (),
        "start": (),
        "agree": (),
        "decline": (),
        "pause": (UNTIL,),
        "acknowledge": (),
        "silence": (UNTIL,),
        "charge": (AMOUNT,),
        "plan": (TOTAL, AMOUNTS),
        "unplan": (),
        "scale": (INSTANCES,),
        "retry": (),
        "rerun": (),
        "dismiss": (),
        "recipe": (),
    }
)
OF_MONTHS: tuple[Kind, ...] = ("charge", "plan", "unplan")
"""Their target is a month, such as 2026-11."""
OPTIONAL: Mapping[str, tuple[Argument, ...]] = MappingProxyType(
    {"acknowledge": (UNTIL,), "recipe": (MODEL, SEASON, SPAN)}
)
"""What may be left out."""
TARGETS: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {"stop_all": (EVERYTHING,), "resume": (EVERYTHING, AUTOMATION), "pause": PAUSABLE}
)
"""Of the others, only the agent knows what there is."""


def request_of(shape: object, zone: ZoneInfo, *, draft: bool = False) -> Request:
    """Raises RequestRefused, which names the key. A draft lacks reason, confirmation and nonce."""
    told = _table(shape)
    kind = _kind(told.get("kind"))
    target = texts.target(told.get("target"))
    if kind in OF_MONTHS:
        texts.month("target", target)
    known = TARGETS.get(kind, (target,))
    if target not in known:
        raise RequestRefused(
            say("{kind} takes one of these targets: {known}", kind=kind, known=", ".join(known))
        )
    args = _arguments(kind, told.get("args", {}), zone)
    if draft:
        return Request(kind, target, args)
    return Request(
        kind,
        target,
        args,
        texts.reason(told.get("reason", "")),
        texts.line("confirm", told.get("confirm", ""), texts.CONFIRM_MAX),
        texts.line("nonce", told.get("nonce", ""), texts.NONCE_MAX),
    )


def _table(shape: object) -> dict[str, object]:
    if not isinstance(shape, dict):
        raise RequestRefused(say("send JSON like {example}", example='{"kind": "raise", ...}'))
    unknown = sorted(set(shape) - KEYS)
    if unknown:
        raise RequestRefused(
            say(
                "{unknown} is no key of a request; it has {known}",
                unknown=ascii(unknown[0])[: texts.SHOWN_MAX],
                known=", ".join(sorted(KEYS)),
            )
        )
    return shape


def _kind(value: object) -> Kind:
    for kind in KINDS:
        if kind == value:
            return kind
    raise RequestRefused(say("kind must be one of {known}", known=", ".join(KINDS)))


def _arguments(kind: Kind, shape: object, zone: ZoneInfo) -> Mapping[str, Value]:
    """All of its kind and no others."""
    wanted, optional = ARGUMENTS[kind], OPTIONAL.get(kind, ())
    names = {argument.wire for argument in wanted}
    if not isinstance(shape, dict) or not names <= set(shape) <= names | {
        argument.wire for argument in optional
    }:
        known = [argument.wire for argument in wanted]
        known += [f"{argument.wire} (or none)" for argument in optional]
        raise RequestRefused(
            say("args of {kind} must be exactly {names}", kind=kind, names=", ".join(known) or "{}")
        )
    return MappingProxyType(
        {
            argument.name: argument.reads(shape[argument.wire], zone)
            for argument in (*wanted, *optional)
            if argument.wire in shape
        }
    )
