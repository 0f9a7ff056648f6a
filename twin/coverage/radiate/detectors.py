"""Whether smoke and heat detectors protect what they must: by area and by radius, room by room.

A standard asks for both, and they can disagree: an L-shaped room of 60 m2 needs one detector by its area, and its far
leg is out of that one's radius or sight.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geometry.meshes import polygons_of
from twin.coverage.places import Place, PlaceGrids
from twin.coverage.prepared import Prepared
from twin.coverage.radiate.answers import KindCoverage, answers
from twin.coverage.radiate.links import Links, merged, together
from twin.coverage.radiate.spacing import (
    Protection,
    Senses,
    corridor_size_m,
    parted,
    protection,
)
from twin.coverage.radiate.spacing_rules import Part, part_rules
from twin.coverage.radiate.spots import Spots, down, reaching, spots
from twin.coverage.result import Problem, Rule
from twin.coverage.settings import Settings, settings
from twin.index import PlacedSpace, to_shapely
from twin.model.devices import Device
from twin.model.radiators import Ceiling
from twin.state import StateSnapshot

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

STEP_M: Final = 0.25
_FAR_M: Final = -50.0
"""Where no detector is, the radius is missed by this."""
_AT_WALL_M: Final = 0.05
_LEAST_M2: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class _Detectors:
    """All detectors of a site.

    Attributes
    ----------
    senses : of each
    at_m : (n, 3)
    """

    devices: tuple[Device, ...]
    senses: tuple[Senses, ...]
    at_m: Floats
    is_down: Flags


@dataclass(frozen=True, slots=True, eq=False)
class _Room:
    """A room, or what of it a zone takes.

    Attributes
    ----------
    outline : of the whole room, between its walls
    cells : (cells of the place,) which lie in it
    partitions : that reach to its ceiling
    """

    outline: shapely.Polygon
    cells: Flags
    height_m: float
    elevation_m: float
    space: PlacedSpace | None
    ceiling: Ceiling | None
    partitions: BaseGeometry | None


def detection_spots(prepared: Prepared) -> Spots:
    """The places where a fire must be detected, sampled."""
    return spots(prepared, "detection", step_m=STEP_M, without=prepared.occluders.walls)


def check_detection(
    prepared: Prepared, state: StateSnapshot | None = None, *, at: Spots | None = None, explain: bool = True
) -> KindCoverage:
    """Whether a fire is detected wherever it must be.

    The values of the field are what is left of a detector's radius at each spot; below 0 it is out of reach.

    Parameters
    ----------
    at : `detection_spots` made before
    explain : without it gaps are left out
    """
    at = detection_spots(prepared) if at is None else at
    values, problems = settings(prepared.index.site)
    found = _detectors(prepared, state)
    rooms_of = _Rooms(prepared, values)
    links, rules = [], {}
    ids = [device.id for device in found.devices]
    for row, made in enumerate(at.places):
        parts = [part for room in rooms_of(made) for part in _parts(room, made, found, values)]
        links += [_links(part, made, found, int(at.starts[row])) for part in parts]
        told = part_rules(parts, values, ids, is_down=found.is_down)
        rules[row] = told if made.place.requirement.min_share_ratio >= 1 else _lenient(told)
    none = np.zeros(len(at.places))
    wanted = np.array([made.place.requirement.min_count for made in at.places], dtype=np.int64)
    given = together(
        merged(links), at, is_down=found.is_down, needed=none, wanted=wanted, combine="best", floor=_FAR_M
    )  # fmt: skip
    places = answers(
        prepared, at, given, found.devices, needed=none, unit="m", origins_m=found.at_m, rules=rules, explain=explain
    )
    return KindCoverage(
        kind="detection",
        places=places,
        made_of={(m.place.id, m.place.requirement.id): m for m in at.places},
        devices=found.devices,
        offline=frozenset(d.id for d, gone in zip(found.devices, found.is_down, strict=True) if gone),
        problems=(*at.problems, *problems, *_lost_detectors(prepared, found)),
    )


def _lenient(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Where a share of the area is enough, the farthest spot decides nothing."""
    return tuple(replace(rule, is_binding=rule.is_binding and rule.code != "detectors-by-radius") for rule in rules)


def _detectors(prepared: Prepared, state: StateSnapshot | None) -> _Detectors:
    smoke, smoke_m = reaching(prepared.index, "smoke")
    heat, heat_m = reaching(prepared.index, "heat")
    devices = (*smoke, *heat)
    senses: list[Senses] = ["smoke"] * len(smoke)
    senses += ["heat"] * len(heat)
    return _Detectors(devices, tuple(senses), np.vstack((smoke_m, heat_m)), down(prepared, devices, state))


class _Rooms:
    """The rooms a place is made of."""

    def __init__(self, prepared: Prepared, values: Settings) -> None:
        index = prepared.index
        self.index, self.values, self.hidden = index, values, prepared.occluders
        self.clear: dict[int, shapely.Polygon] = {}
        self.ceilings = {ceiling.id: ceiling for ceiling in index.site.ceilings}
        parents = {space.parent for space in index.spaces.values()}
        self.on_storey: dict[str, list[PlacedSpace]] = {}
        for space in index.spaces.values():
            if space.id not in parents:
                self.on_storey.setdefault(space.storey.id, []).append(space)
        self.walls: dict[str, list[tuple[BaseGeometry, float]]] = {}
        for thing in index.obstacles.values():
            if thing.template.kind == "wall":
                tall_m = thing.template.height_m or thing.storey.template.height_m
                self.walls.setdefault(thing.storey.id, []).append((to_shapely(thing.template.polygon), tall_m))

    def __call__(self, made: PlaceGrids) -> list[_Room]:
        place = made.place
        space = self.index.spaces.get(place.id)
        everything = np.ones(len(made.cells_m), dtype=bool)
        if space is not None:
            return [self._room(space, everything)]
        if place.storey is None:
            return [_Room(_largest(place.area), everything, np.inf, place.elevation_m, None, None, None)]
        rooms, left = [], everything
        for other in self.on_storey.get(place.storey, ()):
            shape = to_shapely(other.template.polygon)
            if (shape & place.area).area > _LEAST_M2:
                inside = shapely.contains_xy(shape, made.cells_m) & left
                rooms.append(self._room(other, inside))
                left = left & ~inside
        if left.any() and not rooms:
            storey = self.index.storeys[place.storey]
            height_m = storey.template.height_m
            rooms.append(_Room(_largest(place.area), left, height_m, place.elevation_m, None, None, None))
        return [room for room in rooms if room.cells.any()]

    def _room(self, space: PlacedSpace, cells: Flags) -> _Room:
        outline = self._clear(space)
        gap_m = self.values["detection.partition_ratio"] * space.height_m
        high = [
            shape
            for shape, tall_m in self.walls.get(space.storey.id, ())
            if tall_m > space.height_m - gap_m and shape.intersects(outline)
        ]
        partitions = shapely.union_all(high) if high else None
        ceiling = self.ceilings.get(space.template.id) or self.ceilings.get(space.id)
        return _Room(outline, cells, space.height_m, space.storey.elevation_m, space, ceiling, partitions)

    def _clear(self, space: PlacedSpace) -> shapely.Polygon:
        """A room between its walls; spaces reach to the middle of theirs."""
        key = id(space.template)
        if key not in self.clear:
            whole = to_shapely(space.template.polygon)
            between = polygons_of(whole - self.hidden.walls[space.storey.id])
            self.clear[key] = max(between, key=lambda part: part.area, default=_largest(whole))
        return self.clear[key]


def _largest(area: BaseGeometry) -> shapely.Polygon:
    parts = [part for part in shapely.get_parts(area) if isinstance(part, shapely.Polygon)]
    return max(parts, key=lambda part: part.area)


def _parts(room: _Room, made: PlaceGrids, found: _Detectors, values: Settings) -> list[Part]:
    """The parts that deep beams and partitions make of a room's ceiling, each with its detectors."""
    ceiling = room.ceiling or Ceiling(id="none")
    deep_m = values["detection.beam_parts_m"]
    outlines = parted(room.outline, [b.line for b in ceiling.beams], [b.depth_m for b in ceiling.beams], deep_m=deep_m)
    if room.partitions is not None:
        free = [p for outline in outlines for p in shapely.get_parts(outline - room.partitions)]
        outlines = tuple(p for p in free if isinstance(p, shapely.Polygon) and p.area > _LEAST_M2)
    width_m, _ = corridor_size_m(room.outline)
    is_corridor = room.space is not None and room.space.template.use == "corridor"
    inside = _in_room(room, found)
    parts = []
    for outline in outlines:
        reach = outline.buffer(_AT_WALL_M)
        mine = inside & shapely.contains_xy(reach, found.at_m[:, :2])
        if len(outlines) == 1:
            mine = inside
        cells = room.cells if len(outlines) == 1 else room.cells & shapely.contains_xy(outline, made.cells_m)
        protects: dict[Senses, Protection | None] = {
            senses: protection(
                values, senses, area_m2=round(room.outline.area, 6), height_m=room.height_m, slope_deg=ceiling.slope_deg
            )
            for senses in ("smoke", "heat")
        }
        parts.append(
            Part(
                outline=outline,
                cells=cells,
                cells_m=made.cells_m[cells],
                detectors=np.flatnonzero(mine),
                detectors_m=found.at_m[mine],
                senses=tuple(found.senses[k] for k in np.flatnonzero(mine)),
                protects=protects,
                height_m=room.height_m,
                is_corridor=is_corridor and width_m < values["detection.corridor_width_m"],
                corners_m=np.asarray(outline.exterior.coords)[:-1, :2] if room.cells.all() else np.empty((0, 2)),
                margins_m=np.empty((0, 0)),
                values=values,
            ).measured()
        )
    return parts


def _in_room(room: _Room, found: _Detectors) -> Flags:
    """(n,) whether each detector hangs in a room: it names it, or it stands in it between floor and ceiling."""
    x, y, z = found.at_m.T
    inside: Flags = shapely.contains_xy(room.outline.buffer(_AT_WALL_M), x, y)
    inside &= (z > room.elevation_m - 0.1) & (z < room.elevation_m + room.height_m + 0.5)
    if room.space is not None:
        names = np.array([device.space or "" for device in found.devices], dtype=object)
        inside = np.where(names == "", inside, (names == room.space.id) | (inside & (names == room.space.parent)))
    return inside


def _links(part: Part, made: PlaceGrids, found: _Detectors, first: int) -> Links:
    """What is left of each detector's radius at the cells of a part; of those next door what a wall takes."""
    cells = np.flatnonzero(part.cells)
    near = [k for k in np.flatnonzero(_on_storey(made.place, found, part.height_m)) if k not in set(part.detectors)]
    rows, samples, values, free = [], [], [], []
    for k, device in enumerate(part.detectors):
        left = part.margins_m[k, : len(cells)]
        rows.append(np.full(len(cells), device))
        samples.append(first + cells)
        values.append(np.maximum(left, _FAR_M))
        free.append(part.straight_m(found.at_m[device], found.senses[device], part.cells_m))
    for device in near:
        left = part.straight_m(found.at_m[device], found.senses[device], part.cells_m)
        within = left >= 0
        if within.any():
            rows.append(np.full(int(within.sum()), device))
            samples.append(first + cells[within])
            values.append(np.full(int(within.sum()), _FAR_M))
            free.append(left[within])
    if not rows:
        none = np.empty(0, np.int64)
        return Links(none, none, np.empty(0), np.empty(0), np.empty(0))
    given = np.concatenate(values)
    return Links(np.concatenate(rows), np.concatenate(samples), given, given, np.concatenate(free))


def _on_storey(place: Place, found: _Detectors, height_m: float) -> Flags:
    z = found.at_m[:, 2]
    near: Flags = (z > place.elevation_m) & (z < place.elevation_m + min(height_m, 20.0) + 0.5)
    x0, y0, x1, y1 = place.area.bounds
    x, y = found.at_m[:, 0], found.at_m[:, 1]
    near &= (x > x0 - 10) & (x < x1 + 10) & (y > y0 - 10) & (y < y1 + 10)
    return near


def _lost_detectors(prepared: Prepared, found: _Detectors) -> Sequence[Problem]:
    """Detectors that name a space there is not."""
    known = prepared.index.spaces
    return [
        Problem("unknown-space", d.id, f"detector {d.id} names space {d.space}, which is not there; correct it")
        for d in found.devices
        if d.space is not None and d.space not in known
    ]
