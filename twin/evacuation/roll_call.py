"""Who has come to the assembly points, and how many are missing: an estimate, since no door counts people by name."""

from collections.abc import Mapping
from dataclasses import dataclass

from twin.evacuation.moment import Moment


@dataclass(frozen=True, slots=True)
class Count:
    """How many were counted at an assembly point, and when; epoch [s]."""

    point: str
    persons: int
    at_s: float


@dataclass(frozen=True, slots=True)
class PointCall:
    """An assembly point.

    Attributes
    ----------
    expected_count : persons whose ways out lead there, as many as are estimated to be in; a fraction of one is likely
    counted : none where nobody has counted yet
    """

    point: str
    expected_count: float
    counted: Count | None


@dataclass(frozen=True, slots=True)
class RollCall:
    """All assembly points.

    Attributes
    ----------
    cut_off_count : persons estimated where no way leads out
    missing_count : expected less counted, over all points since people do not keep to theirs; none before any count
    """

    points: tuple[PointCall, ...]
    cut_off_count: float
    missing_count: float | None


def roll_call(found: Moment, persons: Mapping[str, float], counts: Mapping[str, Count]) -> RollCall:
    """Counts held against who is estimated to come.

    Parameters
    ----------
    persons : by space, how many are estimated to be there
    """
    of = found.ways.of
    spots = of.site.graph.spots
    expected = {spots[row].id: 0.0 for row in of.targets.tolist()}
    cut_off = 0.0
    without = set(found.ways.without)
    for space, many in persons.items():
        if space in without:
            cut_off += many
        elif space in of.starting:
            expected[spots[int(found.ways.ends[of.starting[space]])].id] += many
    calls = tuple(PointCall(point, many, counts.get(point)) for point, many in expected.items())
    total = sum(expected.values()) + cut_off
    missing = total - sum(count.persons for count in counts.values()) if counts else None
    return RollCall(calls, cut_off, missing)
