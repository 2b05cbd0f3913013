"""Which stages were slower while something was strained: compared, tested, counted.

The unit of the test is a bucket of time on one host, not a run: runs of the same minutes share
what slows them down and are no independent witnesses. Of all pairs of stage and strain that can
be compared, those are told whose claim holds at a false discovery rate of 5 %, and that are
slower by a fifth at least.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from models.bottlenecks.comparing import holding, one_sided_p
from models.bottlenecks.inputs import Inputs, Pace, Strain
from models.bottlenecks.shapes import CauseKind, Slowdown
from models.bottlenecks.strains import KINDS, subject_of
from models.tiers import DAY_SECONDS

BUCKETS_MIN = 4
"""So many buckets of each kind, or nothing is compared."""
RATIO_MIN = 1.2
FALSE_SHARE = 0.05
KIND_ORDER = list(CauseKind)


@dataclass(frozen=True, slots=True)
class _Pair:
    strained: tuple[Pace, ...]
    calm: tuple[Pace, ...]
    strain: Strain

    @property
    def seconds(self) -> tuple[list[float], list[float]]:
        return _seconds(self.strained), _seconds(self.calm)

    @property
    def medians(self) -> tuple[float, float]:
        strained, calm = self.seconds
        return median(strained), median(calm)

    def p_value(self) -> float:
        """1 where the difference is too small to matter: compared it was, so it counts as one."""
        strained, calm = self.medians
        matters = calm > 0 and strained >= RATIO_MIN * calm
        return one_sided_p(*self.seconds) if matters else 1.0


def slowdowns_of(inputs: Inputs) -> tuple[Slowdown, ...]:
    """The strongest first within each stage."""
    strains = [strain for strain in inputs.strains if strain.strained and strain.name in KINDS]
    machines = {strain.machine for strain in inputs.strains}
    days = max(1.0, inputs.span_seconds / DAY_SECONDS)
    pairs = [
        pair
        for paces in _by_stage(inputs.paces)
        for strain in strains
        if (pair := _pair(paces, strain, machines))
    ]
    p_values = [pair.p_value() for pair in pairs]
    kept = holding(p_values, FALSE_SHARE)
    found = [
        _slowdown(pair, p_value, days)
        for pair, p_value, holds in zip(pairs, p_values, kept, strict=True)
        if holds
    ]
    return tuple(sorted(found, key=lambda one: (one.analysis, one.stage, -one.minutes_a_day)))


def causes_of(slowdowns: Iterable[Slowdown], analysis: str, stage: str) -> tuple[Slowdown, ...]:
    """Those of one stage, the likely cause first.

    Of what explains about as much, that is the most particular: a lock before the CPU that idles
    because of it.
    """
    found = [one for one in slowdowns if (one.analysis, one.stage) == (analysis, stage)]
    most = max((one.minutes_a_day for one in found), default=0.0)

    def rank(one: Slowdown) -> tuple[bool, int, float]:
        explains_little = one.minutes_a_day < most / 2
        return explains_little, KIND_ORDER.index(one.kind), -one.minutes_a_day

    return tuple(sorted(found, key=rank))


def _by_stage(paces: Sequence[Pace]) -> list[list[Pace]]:
    stages: dict[tuple[str, str], list[Pace]] = {}
    for pace in paces:
        stages.setdefault((pace.analysis, pace.stage), []).append(pace)
    return list(stages.values())


def _pair(paces: Sequence[Pace], strain: Strain, machines: set[str]) -> _Pair | None:
    """A machine's resource is held against what ran on it, where that is known."""
    is_local = KINDS[strain.name] is CauseKind.RESOURCE
    if is_local and any(pace.host in machines for pace in paces):
        paces = [pace for pace in paces if pace.host == strain.machine]
    strained = tuple(pace for pace in paces if pace.bucket in strain.strained)
    if len(strained) < BUCKETS_MIN:
        return None
    calm = tuple(pace for pace in paces if pace.bucket in strain.calm)
    return _Pair(strained, calm, strain) if len(calm) >= BUCKETS_MIN else None


def _slowdown(pair: _Pair, p_value: float, days: float) -> Slowdown:
    strained, calm = pair.medians
    strained_runs = sum(pace.runs for pace in pair.strained)
    first, strain = pair.strained[0], pair.strain
    return Slowdown(
        analysis=first.analysis,
        stage=first.stage,
        kind=KINDS[strain.name],
        subject=subject_of(strain),
        machine=strain.machine,
        name=strain.name,
        ratio=strained / calm,
        p_value=p_value,
        strained_seconds=strained,
        calm_seconds=calm,
        strained_runs=strained_runs,
        calm_runs=sum(pace.runs for pace in pair.calm),
        stretches=_stretches(pair),
        minutes_a_day=(strained - calm) * strained_runs / 60 / days,
    )


def _stretches(pair: _Pair) -> int:
    moments = sorted(
        {(pace.bucket, True) for pace in pair.strained}
        | {(pace.bucket, False) for pace in pair.calm}
    )
    before = False
    count = 0
    for _, strained in moments:
        count += strained and not before
        before = strained
    return count


def _seconds(paces: Sequence[Pace]) -> list[float]:
    return [pace.median_seconds for pace in paces]
