"""What it would bring if one stage took less time."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf, isfinite
from typing import NamedTuple

from models.bottlenecks.laws import capacity_per_second, closed_residence, open_wait
from models.bottlenecks.shapes import Part, Regime, Relief, Station
from models.bottlenecks.stations import HOUR_SECONDS, SATURATED
from models.bottlenecks.window import Window

SHARES = (0.25, 0.5)
BURSTY = 3.0
"""Variance over mean of the arrivals in a bucket; 1 where they come by chance, one by one."""


class Flow(NamedTuple):
    """How work comes to an analysis: runs an hour that end, and how much arrivals vary."""

    throughput: float
    offered: float
    dispersion: float
    window: Window


def limiting(stations: Sequence[Station]) -> Station:
    """The one that can do the fewest runs in an hour; of equals the busier one.

    X <= min of m / D over all stations (Denning & Buzen 1978).
    """
    return min(stations, key=lambda station: (station.capacity, -station.utilisation))


def regime_of(limit: Station, flow: Flow) -> Regime:
    backlog = limit.utilisation >= SATURATED or flow.dispersion > BURSTY
    return Regime.CLOSED if backlog else Regime.OPEN


def reliefs_of(stations: Sequence[Station], flow: Flow) -> tuple[Relief, ...]:
    """For every stage of every station and each of SHARES."""
    return tuple(
        _relief(stations, flow, (station, part), share)
        for station in stations
        for part in station.parts
        for share in SHARES
    )


def _relief(
    stations: Sequence[Station], flow: Flow, what: tuple[Station, Part], share: float
) -> Relief:
    station, part = what
    before = limiting(stations)
    eased = relieved(station, part, share)
    after = limiting([eased if other is station else other for other in stations])
    regime = regime_of(before, flow)
    saved = (
        _saved_closed(stations, flow, (station, eased), after.capacity)
        if regime is Regime.CLOSED
        else _saved_open(station, eased, flow)
    )
    return Relief(
        stage=part.stage,
        share=share,
        capacity=after.capacity,
        throughput=_throughput(before, after, flow),
        limited_by=after.slowest.stage,
        minutes_saved_a_day=saved,
        regime=regime,
    )


def relieved(station: Station, part: Part, share: float) -> Station:
    """The station when one of its stages takes `share` less; it can gain no more than it takes."""
    less = min(share * part.seconds, station.service_seconds)
    service = station.service_seconds - less
    able = capacity_per_second(service * station.visits, station.servers)
    parts = tuple(
        replace(other, seconds=other.seconds - less) if other is part else other
        for other in station.parts
    )
    return replace(station, service_seconds=service, capacity=able * HOUR_SECONDS, parts=parts)


def _throughput(before: Station, after: Station, flow: Flow) -> float:
    """Where there is room, arrivals set the pace, and relief changes no throughput."""
    if before.utilisation < SATURATED or before.capacity in (0.0, inf):
        return flow.throughput
    possible = flow.throughput * after.capacity / before.capacity
    backed_up = flow.offered > 1.05 * flow.throughput
    return min(possible, flow.offered) if backed_up else possible


def _saved_closed(
    stations: Sequence[Station],
    flow: Flow,
    change: tuple[Station, Station],
    capacity_after: float,
) -> float | None:
    station, eased = change
    capacity = limiting(stations).capacity
    if limiting(stations).wait_seconds is None or not isfinite(capacity):
        return None
    waits = sum(other.visits * (other.wait_seconds or 0.0) for other in stations)
    works = sum(other.visits * other.service_seconds for other in stations)
    # What is gained beyond the next limit is not work saved but waiting in front of that one.
    useful = station.service_seconds * station.capacity / capacity_after
    service_after = min(station.service_seconds, max(eased.service_seconds, useful))
    works_after = works - station.visits * (station.service_seconds - service_after)
    residence_after = closed_residence(waits + works, capacity, capacity_after)
    saved = max(0.0, waits - max(0.0, residence_after - works_after))
    return flow.window.minutes_a_day(saved * flow.offered / HOUR_SECONDS)


def _saved_open(station: Station, eased: Station, flow: Flow) -> float | None:
    """The measured wait, changed as the formula changes: the formula's own size is not believed."""
    if station.wait_seconds is None:
        return None
    rate = station.arrivals / HOUR_SECONDS
    variability = (max(flow.dispersion, 0.0) + station.service_variation) / 2
    before, after = (
        open_wait(rate, one.service_seconds, one.servers, variability) for one in (station, eased)
    )
    if before <= 0:
        return 0.0
    # More came than can be done, and yet there was room: what was measured contradicts itself.
    left = after / before if isfinite(before) else eased.service_seconds / station.service_seconds
    return flow.window.minutes_a_day(station.wait_seconds * (1 - left) * rate)
