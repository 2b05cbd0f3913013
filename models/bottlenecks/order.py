"""In which order the stages of an analysis follow one another, from what followed what."""

from collections.abc import Iterable, Mapping

from models.bottlenecks.inputs import Link


def links_by_stage(links: Iterable[Link]) -> dict[str, Link]:
    """For each stage the link to the one before it; those of one analysis.

    Where a key is analysed again, its last stage is followed by its first: of such a circle the
    link with the longest gap is none.
    """
    rows = [link for link in links if link.before and link.before != link.stage]
    counts = {(link.before, link.stage): link.count for link in rows}
    chosen: dict[str, Link] = {}
    for link in sorted(rows, key=lambda link: (-link.count, link.stage, link.before)):
        if link.count > counts.get((link.stage, link.before), 0):
            chosen.setdefault(link.stage, link)
    while circle := _circle(chosen):
        longest = max(circle, key=lambda link: (link.mean_gap_seconds, link.stage))
        del chosen[longest.stage]
    return chosen


def _circle(chosen: Mapping[str, Link]) -> list[Link]:
    for start in chosen:
        seen: list[Link] = []
        stage = start
        while stage in chosen and chosen[stage] not in seen:
            seen.append(chosen[stage])
            stage = chosen[stage].before
        if stage in chosen:
            return seen[seen.index(chosen[stage]) :]
    return []


def in_order(stages: Iterable[str], chosen: Mapping[str, Link]) -> list[str]:
    """Each stage after the one before it; where nothing is known, by name.

    >>> link = Link("video", "write", "read", 9, 1.0, 9, 9.0, None)
    >>> in_order(["write", "read"], {"write": link})
    ['read', 'write']
    """
    return sorted(stages, key=lambda stage: (_depth(stage, chosen), stage))


def _depth(stage: str, chosen: Mapping[str, Link]) -> int:
    depth = 0
    while stage in chosen:
        stage = chosen[stage].before
        depth += 1
    return depth
