"""How far one has to walk to hydrants, extinguishers, call points: along ways that cross no wall, not by circles."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
import shapely
import shapely.affinity
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geometry.samples import cells_area
from geometry.walk_network import Ways, walk_network
from geometry.walking import Ends, Field, Floor
from twin.coverage.places import Place, PlaceGrids, required_places, sampled
from twin.coverage.result import Gap, PlaceResult, Problem, Reason
from twin.coverage.walking_values import WalkNeed, walk_need
from twin.coverage.working import not_working
from twin.errors import CoverageError
from twin.fabric.flats import flat_of
from twin.fabric.walkways import OPEN_GROUND, Walkways, walkways
from twin.index import SiteIndex
from twin.state import Quality, StateSnapshot

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEP_M: Final = 0.5
REACH_KINDS: Final = ("hydrant", "extinguisher", "call", "fire_call", "aed")
_MOST_CELLS: Final = 3_000
_LEAST_M2: Final = 0.05
_NEAREST: Final = 3
_PRESSURE: Final = "pressure"
_CELLS: Final[WeakKeyDictionary[Floor, dict[tuple[bytes, bool], Ends]]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, eq=False)
class WalkPlace:
    """A place and what it needs.

    Attributes
    ----------
    floor : row of its floor among the site's ways
    cells : its cells as ends of ways
    """

    made: PlaceGrids
    need: WalkNeed
    floor: int
    cells: Ends


@dataclass(frozen=True, slots=True, eq=False)
class WalkPrepared:
    """A site made ready for questions of walking lengths; it depends on neither devices nor what they say.

    Attributes
    ----------
    as_it_stands : the site whose rows states have, whatever devices are asked about
    """

    index: SiteIndex
    as_it_stands: SiteIndex
    ways: Walkways
    places: tuple[WalkPlace, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, eq=False)
class WalkCoverage:
    """The answer for all kinds of devices that are walked to.

    Attributes
    ----------
    places : results in the order of the prepared places
    devices : all that were asked about; offline : those that are down
    """

    places: tuple[PlaceResult, ...]
    devices: tuple[str, ...]
    offline: frozenset[str]
    problems: tuple[Problem, ...]
    of: WalkPrepared


def prepare_reach(
    index: SiteIndex,
    *,
    kinds: Collection[str] = REACH_KINDS,
    closed: Collection[str] = (),
    ways: Walkways | None = None,
) -> WalkPrepared:
    """A site made ready for questions of walking lengths.

    Parameters
    ----------
    kinds : of requirements
    closed : openings and gates that nobody gets through
    ways : those of the site, if they are there already; `closed` is theirs then
    """
    if not any(requirement.kind in kinds for requirement in index.site.requirements):
        return WalkPrepared(index, index, ways or _no_ways(index), (), ())
    ways = ways or walkways(index, closed=closed)
    places: list[WalkPlace] = []
    problems: dict[tuple[str, str], Problem] = {}
    for place in required_places(index, kinds):
        made = _prepared(place, ways, len(places))
        if isinstance(made, Problem):
            problems[made.code, made.object_id] = made
        else:
            places.append(made)
    return WalkPrepared(index, index, ways, tuple(places), tuple(problems.values()))


def reach_coverage(
    prepared: WalkPrepared, state: StateSnapshot | None = None, *, without: Collection[str] = ()
) -> WalkCoverage:
    """Whether every spot of the places is near enough, on foot, to as many devices as asked for.

    Parameters
    ----------
    state : without one all devices are up
    without : ids of devices that count as down
    """
    index, problems = prepared.index, list(prepared.problems)
    results: dict[int, PlaceResult] = {}
    everyone: list[str] = []
    down: frozenset[str] = frozenset()
    for kind in dict.fromkeys(place.made.place.requirement.kind for place in prepared.places):
        rows = [k for k, place in enumerate(prepared.places) if place.made.place.requirement.kind == kind]
        ids = [d.id for d in index.site.devices if index.kinds[d.kind].reaches == kind]
        spots, lost = _spots(prepared, ids)
        problems += lost
        limp = not_working(prepared.as_it_stands, _known(prepared, ids), state, without=without) | (
            frozenset(ids) & frozenset(without)
        )
        everyone += ids
        down |= limp
        walked = _Walked(prepared.ways, spots, _flats(prepared.index, spots))
        for row in rows:
            weak = _without_pressure(prepared, spots, state, prepared.places[row].need)
            results[row] = _result(prepared.places[row], walked, limp | weak)
            down |= weak
    return WalkCoverage(
        tuple(results[row] for row in sorted(results)), tuple(everyone), down, tuple(problems), prepared
    )


def _no_ways(index: SiteIndex) -> Walkways:
    return Walkways(index, walk_network([], []), {})


def _prepared(place: Place, ways: Walkways, owner: int) -> WalkPlace | Problem:
    try:
        need = walk_need(place)
    except CoverageError as error:
        return Problem("unknown-class", place.requirement.id, str(error))
    floor = ways.rows.get(place.storey or OPEN_GROUND)
    if floor is None:
        said = f"{place.id} lies on {place.storey or 'open ground'}, where nobody can walk; correct its outline"
        return Problem("no-floor", place.id, said)
    free = _walked(place.area, ways, floor)
    if place.area.is_valid and place.area.area > 0 and free.is_empty:
        said = f"nobody can stand in {place.id}: walls, water or buildings take all of it; draw its outline anew"
        return Problem("place-without-samples", place.id, said)
    # ways of tens of metres hardly change from cell to cell of a wide place
    step_m = max(STEP_M, math.sqrt(max(free.area, 0.0) / _MOST_CELLS))
    made = sampled(_with_area(place, free) if place.area.is_valid else place, owner=owner, step_m=step_m)
    if isinstance(made, Problem):
        return made
    return WalkPlace(made, need, floor, _cells(made, ways, floor, any_way=need.throw_m > 0))


def _cells(made: PlaceGrids, ways: Walkways, floor: int, *, any_way: bool) -> Ends:
    """The cells of a place as ends of ways; those of storeys that are alike are the same."""
    placed = ways.network.floors[floor]
    own_m = placed.own(made.cells_m)
    known = _CELLS.setdefault(placed.floor, {})
    key = np.round(own_m, 6).tobytes(), any_way
    if key not in known:
        known[key] = placed.floor.ends(own_m, any_way=any_way)
    return known[key]


def _walked(area: BaseGeometry, ways: Walkways, floor: int) -> BaseGeometry:
    """The part of an area that one can stand on."""
    if not area.is_valid:
        return area
    placed = ways.network.floors[floor]
    here = shapely.affinity.translate(area, *(-placed.shift_m))
    return shapely.affinity.translate(shapely.intersection(here, placed.floor.area), *placed.shift_m)


def _with_area(place: Place, area: BaseGeometry) -> Place:
    return Place(
        place.id, place.name, place.requirement, area, place.elevation_m, place.storey, place.facing_deg
    )  # fmt: skip


def _known(prepared: WalkPrepared, ids: Sequence[str]) -> list[str]:
    """Devices that a state can tell of: not those of a what-if."""
    return [device for device in ids if device in prepared.as_it_stands.devices]


def _spots(
    prepared: WalkPrepared, ids: Sequence[str]
) -> tuple[dict[str, tuple[int, tuple[float, float]]], list[Problem]]:
    """Where devices are reached from, and those that cannot be."""
    spots, problems = {}, []
    for device in ids:
        spot = prepared.ways.spot(prepared.index.devices[device])
        off_m = np.inf
        if spot is not None:
            placed = prepared.ways.network.floors[spot[0]]
            off_m = float(placed.floor.onto(placed.own([spot[1]]))[1][0])
        if spot is None or not np.isfinite(off_m):
            said = (
                f"nobody can get to {device}: it is more than half a metre from where one can walk; correct its place"
            )
            problems.append(Problem("device-out-of-reach", device, said))
        else:
            spots[device] = spot
    return spots, problems


def _flats(index: SiteIndex, devices: Iterable[str]) -> dict[str, str]:
    """The flats of those devices that are in one."""
    flats = {device: flat_of(index, index.devices[device].space) for device in devices}
    return {device: flat for device, flat in flats.items() if flat is not None}


def _without_pressure(
    prepared: WalkPrepared, spots: Collection[str], state: StateSnapshot | None, need: WalkNeed
) -> frozenset[str]:
    """Devices whose water stands under too little pressure to serve."""
    if state is None or need.least_pressure_pa is None:
        return frozenset()
    rows = {device: prepared.as_it_stands.rows.get(f"{device}:{_PRESSURE}") for device in spots}
    return frozenset(
        device
        for device, row in rows.items()
        if row is not None
        and state.quality[row] in (Quality.GOOD, Quality.UNCERTAIN)
        and state.values[row] < need.least_pressure_pa
    )


class _Walked:
    """Ways from each device, worked out when first asked for."""

    def __init__(
        self, ways: Walkways, spots: Mapping[str, tuple[int, tuple[float, float]]], flats: Mapping[str, str]
    ) -> None:
        self.ways, self.spots, self.flats = ways, spots, flats
        self._from: dict[tuple[str, ...], Ways] = {}
        self._lengths: dict[tuple[int, int, float, float], tuple[Field, Floats]] = {}
        self.ids = tuple(spots)
        self.floors = np.array([floor for floor, _ in spots.values()], dtype=np.int64)
        self.at_m = np.array([at for _, at in spots.values()], dtype=np.float64).reshape(-1, 2)

    def ways_from(self, devices: tuple[str, ...]) -> Ways:
        """Ways from the nearest of some devices."""
        if devices not in self._from:
            self._from[devices] = self.ways.network.ways_from([self.spots[device] for device in devices])
        return self._from[devices]

    def serving(self, place: WalkPlace, devices: Iterable[str]) -> tuple[str, ...]:
        """Those of some devices that whoever is at a place may go to: what is in a flat serves its household only."""
        at = flat_of(self.ways.index, place.made.place.id)
        return tuple(device for device in devices if self.flats.get(device, at) == at)

    def near(self, place: WalkPlace) -> tuple[str, ...]:
        """The devices that are near enough to a place if one could fly there."""
        (x0, y0, x1, y1), need = place.made.place.area.bounds, place.need
        off = np.maximum(np.maximum((x0, y0) - self.at_m, self.at_m - (x1, y1)), 0.0)
        near = np.hypot(*off.T) <= need.walk_m + need.throw_m
        return tuple(self.ids[k] for k in np.flatnonzero(near).tolist())

    def lengths_m(self, device: str, place: WalkPlace) -> Floats:
        """(cells,) length of the way from a device, infinite where it is longer than the place needs."""
        spread = self.ways_from((device,)).over(place.floor)
        key = id(spread), id(place.cells), place.need.walk_m, place.need.throw_m
        if key not in self._lengths:  # storeys that are alike have theirs in common
            found, _ = spread.walk(place.cells, throw_m=place.need.throw_m, within_m=place.need.walk_m)
            self._lengths[key] = spread, found
        return self._lengths[key][1]


def _result(place: WalkPlace, walked: _Walked, limp: frozenset[str]) -> PlaceResult:
    made, need = place.made, place.need
    asked = made.place.requirement
    may_go = walked.serving(place, walked.spots)
    up = tuple(device for device in may_go if device not in limp)
    lengths, nearest = _nearest(place, walked, up)
    near = walked.serving(place, walked.near(place))
    within = dict(_within(place, walked, tuple(device for device in near if device not in limp)))
    counts = np.zeros(len(lengths), dtype=np.int32)
    for flags in within.values():
        counts += flags
    covered = counts >= asked.min_count
    most = asked.min_count + 2
    return PlaceResult(
        place_id=made.place.id,
        name=made.place.name,
        requirement=asked,
        storey=made.place.storey,
        area_m2=float(made.place.area.area),
        needed=need.walk_m,
        unit="m",
        share_ratio=float(covered.mean()),
        by_count={k: float((np.minimum(counts, most) == k).mean()) for k in range(most + 1)},
        gaps=()
        if covered.all()
        else _gaps(
            made,
            covered,
            _reasons(place, walked, covered, counts, lengths, limp),
            nearest,
        ),
        lost_without={
            device: lost
            for device, flags in within.items()
            if (lost := float((covered & flags & (counts == asked.min_count)).mean())) > 0
        },
        devices=tuple(within),
        covered=covered,
        counts=counts,
        values=lengths.astype(np.float32),
    )


def _nearest(place: WalkPlace, walked: _Walked, devices: tuple[str, ...]) -> tuple[Floats, list[str]]:
    """(cells,) length of the way to the nearest of some devices, infinite where none is, and which it is, if any."""
    # ways from all that anybody may go to are worked out once for all places, those in a flat for that flat alone
    own = tuple(device for device in devices if device in walked.flats)
    common = tuple(device for device in devices if device not in walked.flats)
    lengths, nearest = np.full(len(place.made.cells_m), np.inf), [""] * len(place.made.cells_m)
    for some in (common, own):
        if not some:
            continue
        found, which = walked.ways_from(some).walk(place.floor, place.cells, throw_m=place.need.throw_m)
        for cell in np.flatnonzero(found < lengths).tolist():
            nearest[cell] = some[which[cell]]
        lengths = np.minimum(lengths, found)
    return lengths, nearest


def _within(place: WalkPlace, walked: _Walked, devices: Sequence[str]) -> Iterator[tuple[str, Flags]]:
    """The devices that serve anything of a place, and (cells,) what."""
    need = place.need
    for device in devices:
        if not walked.ways_from((device,)).may_be_within(place.floor, need.walk_m):
            continue
        flags = np.isfinite(walked.lengths_m(device, place))
        if flags.any():
            yield device, flags


def _reasons(
    place: WalkPlace, walked: _Walked, covered: Flags, counts: NDArray[np.int32], lengths: Floats, limp: frozenset[str]
) -> dict[Reason, Flags]:
    """Why cells are not covered; of several reasons the first counts."""
    found: dict[Reason, Flags] = {"too_few": ~covered & (counts > 0)}
    left = ~covered & (counts == 0)
    lame = tuple(device for device in walked.serving(place, walked.spots) if device in limp)
    if lame:
        lengths_to_lame, _ = _nearest(place, walked, lame)
        found["offline"] = left & (lengths_to_lame <= place.need.walk_m)
        left &= ~found["offline"]
        lengths = np.minimum(lengths, lengths_to_lame)
    if not walked.serving(place, walked.spots):
        found["none_near"] = left
        return found
    found["no_way"] = left & ~np.isfinite(lengths)
    found["too_far"] = left & np.isfinite(lengths)
    return found


def _gaps(made: PlaceGrids, covered: Flags, reasons: Mapping[Reason, Flags], nearest: Sequence[str]) -> tuple[Gap, ...]:
    """The connected parts that are not covered, the largest first.

    Parameters
    ----------
    nearest : (cells,) device each cell has the shortest way to, empty for none
    """
    from scipy import ndimage  # noqa: PLC0415 - weighs on `plumbline --help`

    grid = made.grids[0]
    bare = np.zeros(grid.inside.shape, dtype=bool)
    bare[grid.inside] = ~covered
    labels, count = ndimage.label(bare, structure=np.ones((3, 3)))
    part = labels[grid.inside]
    found = []
    for k in range(1, count + 1):
        cells = np.flatnonzero(part == k)
        if len(cells) * made.cell_m2 < _LEAST_M2:
            continue
        shares = Counter({reason: float(flags[cells].mean()) for reason, flags in reasons.items()})
        near = Counter(nearest[cell] for cell in cells.tolist() if nearest[cell])
        found.append(
            Gap(
                area=cells_area(grid, part == k),
                area_m2=len(cells) * made.cell_m2,
                storey=made.place.storey,
                elevation_m=made.place.elevation_m,
                reasons={reason: share for reason, share in shares.most_common() if share > 0},
                nearest=tuple(device for device, _ in near.most_common(_NEAREST)),
            )
        )
    return tuple(sorted(found, key=lambda gap: -gap.area_m2))
