"""What a standard asks of the detectors of a room beside their radius: number, walls, corridors, height."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.coverage.radiate.spacing import (
    Protection,
    Senses,
    along_m,
    corridor_size_m,
    in_sight,
    number_needed,
    spacing_m,
)
from twin.coverage.result import Rule
from twin.coverage.settings import Settings

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of a room that its detectors have to protect by themselves.

    Attributes
    ----------
    cells : (cells of the place,) which lie in it; `cells_m` (n, 2) where
    detectors : (d,) rows; `detectors_m` (d, 3) where; `senses` of each
    protects : what one detector of each kind protects; none where the room is too high for it
    is_corridor : narrow, so that spacing counts instead of the radius
    corners_m : (k, 2) of the outline, where the whole room is asked about: the spots farthest from a detector
    margins_m : (d, n + k) what is left of each detector's radius at each cell and corner, as walls let it
    """

    outline: shapely.Polygon
    cells: Flags
    cells_m: Floats
    detectors: Ints
    detectors_m: Floats
    senses: tuple[Senses, ...]
    protects: Mapping[Senses, Protection | None]
    height_m: float
    is_corridor: bool
    corners_m: Floats
    margins_m: Floats
    values: Settings

    def reach_m(self, senses: Senses) -> float:
        """How far a detector reaches here; below 0 not at all."""
        protects = self.protects[senses]
        if protects is None:
            return -math.inf
        if self.is_corridor:
            return self.values[f"detection.{senses}.corridor_spacing_m"] / 2
        return protects.radius_m

    def straight_m(self, from_m: Floats, senses: Senses, points_m: Floats) -> Floats:
        """(n,) what is left of a radius at points with nothing in between."""
        left: Floats = self.reach_m(senses) - np.linalg.norm(points_m - from_m[:2], axis=1)
        return np.maximum(left, -1e6)

    def measured(self) -> "Part":
        """The same with its margins."""
        points = np.vstack((self.cells_m, self.corners_m))
        margins = np.empty((len(self.detectors), len(points)))
        for k, (at, senses) in enumerate(zip(self.detectors_m, self.senses, strict=True)):
            if self.is_corridor:
                margins[k] = self.reach_m(senses) - along_m(self.outline, points, at[:2])
            else:
                seen = in_sight(self.outline, points, at[:2])
                margins[k] = np.where(seen, self.straight_m(at, senses, points), -np.inf)
        return replace(self, margins_m=margins)

    def asked(self) -> Senses:
        """The kind that the number needed is told for."""
        return "heat" if self.senses and set(self.senses) == {"heat"} else "smoke"


def part_rules(parts: Sequence[Part], values: Settings, ids: Sequence[str], *, is_down: Flags) -> tuple[Rule, ...]:
    """What a standard asks of the detectors of a place, all its parts together.

    Parameters
    ----------
    ids, is_down : of all detectors of the site, by row
    """
    up = [_only(part, ~is_down[part.detectors]) for part in parts]
    rules = [*_number(up, values), *_radius(up, values)]
    number, radius = rules[0], rules[1]
    rules.append(
        Rule(
            "area-and-radius-agree", 1.0, float(number.is_met == radius.is_met), "bool", number.is_met == radius.is_met,
            number.source, number.certainty, is_binding=False,
        )
    )  # fmt: skip
    rules += [*_walls(parts, values, ids), *_corridor(up, values), *_height(parts, values)]
    return tuple(rules)


def _only(part: Part, chosen: Flags) -> Part:
    rows = np.flatnonzero(chosen)
    return replace(
        part,
        detectors=part.detectors[rows],
        detectors_m=part.detectors_m[rows],
        senses=tuple(part.senses[k] for k in rows),
        margins_m=part.margins_m[rows],
    )


def _number(parts: Sequence[Part], values: Settings) -> list[Rule]:
    """N = S / (K A); where both kinds hang, what they protect together has to be the area."""
    correction = values["detection.correction_ratio"]
    needed, there, is_met = 0, 0, True
    source = values.of("detection.correction_ratio")
    for part in parts:
        there += len(part.detectors)
        protects = part.protects[part.asked()]
        if protects is None:
            is_met = False
            continue
        source = values.of(f"{protects.row}.area_m2")
        if part.is_corridor:
            _, length_m = corridor_size_m(part.outline)
            needed += max(1, math.ceil(length_m / (2 * part.reach_m(part.asked())) - 1e-9))
            is_met &= len(part.detectors) > 0
            continue
        least = number_needed(part.outline.area, protects.area_m2, correction_ratio=correction)
        needed += least
        whole = sum(correction * p.area_m2 for s in part.senses if (p := part.protects[s]) is not None)
        is_met &= whole >= part.outline.area - 1e-6
    is_met &= needed <= there or len(set().union(*(part.senses for part in parts))) > 1
    return [Rule("detectors-by-area", needed, there, "count", is_met, source.where, source.certainty)]


def _radius(parts: Sequence[Part], values: Settings) -> list[Rule]:
    """The spot farthest out of its detectors' reach: what it is away from one, and what it may be."""
    worst: tuple[float, float, Part] | None = None
    for part in parts:
        if not len(part.cells_m):
            continue
        reach = max((part.reach_m(s) for s in part.senses or (part.asked(),)), default=0.0)
        best = part.margins_m.max(axis=0) if len(part.detectors) else np.array([-np.inf])
        left = float(best.min())
        if worst is None or left < worst[0]:
            worst = (left, max(reach, 0.0), part)
    if worst is None:
        return [Rule("detectors-by-radius", 0.0, 0.0, "m", is_met=True, source="", certainty="chosen")]
    left, reach, part = worst
    protects = part.protects[part.asked()]
    known = values.of(f"{protects.row}.radius_m" if protects else "detection.correction_ratio")
    # what no detector sees at all is told as farther than the room is long
    reached = reach - left if math.isfinite(left) else reach + part.outline.length
    return [Rule("detectors-by-radius", reach, reached, "m", left >= -1e-6, known.where, known.certainty)]


def _walls(parts: Sequence[Part], values: Settings, ids: Sequence[str]) -> list[Rule]:
    """How near to a wall or deep beam detectors hang."""
    known = values.of("detection.wall_distance_m")
    away, near = math.inf, []
    for part in parts:
        edge = part.outline.boundary
        for row, at in zip(part.detectors, part.detectors_m, strict=True):
            apart = float(edge.distance(shapely.Point(at[:2])))
            away = min(away, apart)
            if apart < known.value - 1e-6:
                near.append(ids[row])
    if not math.isfinite(away):
        return []
    return [
        Rule("detector-wall-distance", known.value, away, "m", not near, known.where, known.certainty,
             objects=tuple(near))
    ]  # fmt: skip


def _corridor(parts: Sequence[Part], values: Settings) -> list[Rule]:
    """Spacing along narrow corridors, and from their ends."""
    rules = []
    for part in parts:
        if not part.is_corridor or not len(part.detectors) or not len(part.cells_m):
            continue
        known = values.of(f"detection.{part.asked()}.corridor_spacing_m")
        apart, to_end = spacing_m(part.outline, part.detectors_m[:, :2])
        for code, most, reached in (
            ("corridor-spacing", known.value, apart), ("corridor-end", known.value / 2, to_end),
        ):  # fmt: skip
            rules.append(Rule(code, most, reached, "m", reached <= most + 1e-6, known.where, known.certainty))
    return rules


def _height(parts: Sequence[Part], values: Settings) -> list[Rule]:
    """Rooms too high for what hangs in them."""
    for part in parts:
        if part.protects[part.asked()] is None:
            row = f"detection.{part.asked()}."
            tops = [
                values.of(f"{name}.height_to_m") for name in values.rows(row) if f"{name}.height_to_m" in values.values
            ]
            most = max(tops, key=lambda top: top.value)
            height_m = part.height_m if math.isfinite(part.height_m) else 999.0
            return [
                Rule(
                    "ceiling-height",
                    most.value,
                    height_m,
                    "m",
                    is_met=False,
                    source=most.where,
                    certainty=most.certainty,
                )
            ]
    return []
