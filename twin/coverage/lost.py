"""What a site no longer sees of what it would see with all its cameras up and nothing parked about."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import shapely

from geometry.polygons import distance_m
from twin.coverage.check import CameraCoverage
from twin.coverage.places import Place
from twin.coverage.result import PlaceResult
from twin.coverage.watching import Successor, successors
from twin.model.base import Text

_LIT_M: Final = 60.0
_LAMPS: Final = 3


@dataclass(frozen=True, slots=True)
class Lost:
    """A requirement that was met and is not now.

    Attributes
    ----------
    point_m : in the place, on its floor, site frame
    causes : cameras that are down and detectors of vehicles that stand before others, what costs most first;
        lamps that do not shine where it is dark
    successors : cameras that could be turned to what is lost
    """

    place_id: str
    requirement: str
    name: Text
    storey: str | None
    point_m: tuple[float, float, float]
    share_ratio: float
    asked_ratio: float
    causes: tuple[str, ...]
    successors: tuple[Successor, ...] = ()


def lost(nominal: CameraCoverage, now: CameraCoverage) -> tuple[Lost, ...]:
    """The requirements that are met with everything up and are not met now.

    Parameters
    ----------
    nominal : the answer without a state
    """
    was = {(place.place_id, place.requirement.id): place for place in nominal.places}
    found = []
    for place in now.places:
        before = was.get((place.place_id, place.requirement.id))
        if before is None or not before.is_met or place.is_met:
            continue
        found.append(_lost(before, place, nominal, now))
    return tuple(found)


def _gone_out(at: Place, place: PlaceResult, nominal: CameraCoverage, now: CameraCoverage) -> list[str]:
    """The nearest lamps that would light a place and do not, where it is dark."""
    before, night = nominal.sight.night, now.sight.night
    if before is None or night is None or not any("dark" in gap.reasons for gap in place.gaps):
        return []
    gave = dict(zip((lamp.id for lamp in before.lamps.devices), before.lamps.output.tolist(), strict=True))
    away = distance_m(shapely.points(night.lamps.at_m[:, :2]), at.area)
    less = [
        (float(away[k]), lamp.id)
        for k, lamp in enumerate(night.lamps.devices)
        if night.lamps.output[k] < gave.get(lamp.id, 0.0) and away[k] <= _LIT_M
    ]
    return [lamp for _, lamp in sorted(less)[:_LAMPS]]


def _lost(before: PlaceResult, place: PlaceResult, nominal: CameraCoverage, now: CameraCoverage) -> Lost:
    at = next(made.place for made in now.of.places if made.place.id == place.place_id)
    point = at.area.representative_point()
    down = sorted(now.offline & set(before.devices), key=lambda device: -before.lost_without.get(device, 0.0))
    standing: Counter[str] = Counter()
    for gap in place.gaps:
        for kind, owner in gap.hidden_by:
            if kind == "vehicle":
                standing[owner] += round(gap.area_m2 * 100)
    return Lost(
        place_id=place.place_id,
        requirement=place.requirement.id,
        name=place.name,
        storey=place.storey,
        point_m=(point.x, point.y, at.elevation_m),
        share_ratio=place.share_ratio,
        asked_ratio=place.requirement.min_share_ratio,
        causes=(*down, *(owner for owner, _ in standing.most_common()), *_gone_out(at, place, nominal, now)),
        successors=successors(now, place.place_id, place.requirement.id),
    )
