"""Rows of quotas: how many calls may be made, and how many were."""

from __future__ import annotations

from typing import NamedTuple


class Quota(NamedTuple):
    """How many calls may be made; `quota_id` ends with ":minute", ":hour" or ":day".

    It counts calls of which all that is said is true: "" is any, and in `model` a * is anything.
    With a `calendar` they are counted by its periods, else in whatever `window_us` there are.
    """

    quota_id: str
    provider: str
    model: str
    workflow: str
    key_label: str
    calls_max: int
    window_us: int
    calendar: str


class QuotaUse(NamedTuple):
    """The calls that a quota counts now, of how many, and when the oldest of them stops to."""

    quota_id: str
    calls: int
    calls_max: int
    frees_us: int
