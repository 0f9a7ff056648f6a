"""Whether cameras cover what they are required to: place by place, by how much, and what hangs on which camera."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geometry.sight import Mover, mover
from twin.coverage.cameras import CAMERA_BLOCKED, CAMERA_OUTSIDE, Camera, blocked, cameras
from twin.coverage.gaps import CameraSight, camera_sight, gaps
from twin.coverage.impossible import unreachable
from twin.coverage.levels import level_of
from twin.coverage.night import night_light
from twin.coverage.places import PlaceGrids
from twin.coverage.prepared import Prepared
from twin.coverage.result import PlaceResult, Problem
from twin.coverage.views import View, hidden_from, may_see_any, views
from twin.errors import UnknownLevelError
from twin.index import SiteIndex
from twin.state import Quality, StateSnapshot

Flags = NDArray[np.bool_]
Ints = NDArray[np.int32]
Singles = NDArray[np.float32]

_WEAKER_RATIO: Final = 0.5
"""Cameras are asked down to this share of the least density required, to tell who sees a spot but too coarsely."""
_STATUS: Final = "status"


@dataclass(frozen=True, slots=True, eq=False)
class CameraCoverage:
    """The answer for all cameras of a site.

    Attributes
    ----------
    places : in the order of the site's zones and spaces
    cameras, views : what each sees, in one order
    offline : ids of cameras that are down
    problems : what could not be reckoned
    of : what it was asked of
    sight : the views by place
    """

    places: tuple[PlaceResult, ...]
    cameras: tuple[Camera, ...]
    views: tuple[View, ...]
    offline: frozenset[str]
    problems: tuple[Problem, ...]
    of: Prepared
    sight: CameraSight

    @property
    def devices(self) -> tuple[Camera, ...]:
        """The cameras, by the name that all kinds' answers have."""
        return self.cameras

    @property
    def made_of(self) -> dict[tuple[str, str], PlaceGrids]:
        """Samples of each place, by place and requirement."""
        return {(made.place.id, made.place.requirement.id): made for made in self.of.places}


def camera_coverage(
    prepared: Prepared,
    state: StateSnapshot | None = None,
    *,
    without: Collection[str] = (),
    before: CameraCoverage | None = None,
    by_day: bool = False,
    explain: bool = True,
) -> CameraCoverage:
    """Whether cameras cover what they are required to, in a state; without one every camera is up.

    Parameters
    ----------
    without : ids of cameras and lamps that count as down, whatever the state says
    by_day : whether lamps that are off may be so because it is day; they count as they will shine by night
    before : an answer for nearly the same; only what looks otherwise now, or has something new before it, is looked at
        again
    explain : without it, for a camera that is being turned, gaps and whether it looks into a wall are left for later:
        places where no other samples are seen than before keep theirs, the others have none
    """
    needed, problems = _levels(prepared)
    least = min((n for n in needed if n is not None), default=25.0)
    known = () if before is None else before.cameras
    found, unusable = cameras(prepared.index, least_px_per_m=_WEAKER_RATIO * least, known=known)
    looked = {} if before is None else _still_seen(prepared, found, before)
    fresh = [camera for camera in found if camera.id not in looked]
    was_seen = _seen_from_there(prepared, before)
    looked |= dict(zip([c.id for c in fresh], views(fresh, prepared.at, known=was_seen), strict=True))
    seen = tuple(looked[camera.id] for camera in found)
    down = offline(prepared.as_it_stands, found, state) | {camera.id for camera in found if camera.id in without}
    was = None if before is None else before.sight
    least_lx = min((camera.needed_lx for camera in found), default=1.0)
    lamps = None if was is None else was.night
    night = night_light(prepared, state, least_lx=least_lx, without=without, by_day=by_day, before=lamps)
    sight = camera_sight(found, seen, offline=down, starts=prepared.starts, before=was, night=night)
    kept = {} if before is None or explain else _unchanged(prepared, before, sight, down)
    places = []
    for row, density in enumerate(needed):
        if density is not None:
            place = kept.get(_key(prepared, row))
            places.append(place or _place(prepared, row, density, sight, explain=explain))
    told = (
        *problems,
        *unusable,
        *unreachable(prepared, needed, found),
        *_walled(prepared, sight, before, explain=explain),
    )
    return CameraCoverage(tuple(places), found, seen, down, (*prepared.problems, *told), prepared, sight)


def _walled(
    prepared: Prepared, sight: CameraSight, before: CameraCoverage | None, *, explain: bool
) -> list[Problem]:  # fmt: skip
    """Cameras that look into a wall; those that see what they saw before are not asked again.

    Parameters
    ----------
    explain : without it only what is known of unchanged cameras is told
    """
    if before is None or before.of.occluders is not prepared.occluders:
        return list(blocked(sight.cameras, prepared))
    was = {id(view) for view in before.views}
    changed = [camera for camera, view in zip(sight.cameras, sight.views, strict=True) if id(view) not in was]
    kept = {camera.id for camera in sight.cameras} - {camera.id for camera in changed}
    told = [p for p in before.problems if p.code in {CAMERA_BLOCKED, CAMERA_OUTSIDE} and p.object_id in kept]
    return [*told, *blocked(changed, prepared)] if explain else told


def _key(prepared: Prepared, row: int) -> tuple[str, str]:
    place = prepared.places[row].place
    return place.id, place.requirement.id


def _unchanged(
    prepared: Prepared, before: CameraCoverage, sight: CameraSight, down: frozenset[str]
) -> dict[tuple[str, str], PlaceResult]:
    """Results of the places that no changed view sees anything of, nor did."""
    if before.of.at.samples is not prepared.at.samples:
        return {}
    was = {camera.id: k for k, camera in enumerate(before.cameras)}
    now = {camera.id: k for k, camera in enumerate(sight.cameras)}
    other = down ^ before.offline
    same = {k for k in (was.keys() & now.keys()) - other if before.views[was[k]] is sight.views[now[k]]}
    touched = before.sight.sees_any([k for name, k in was.items() if name not in same])
    touched |= sight.sees_any([k for name, k in now.items() if name not in same])
    if sight.night is not before.sight.night:
        touched |= np.array([made.place.requirement.by_night for made in prepared.places], dtype=bool)
    results = {(place.place_id, place.requirement.id): place for place in before.places}
    keys = [_key(prepared, row) for row in np.flatnonzero(~touched).tolist()]
    return {key: results[key] for key in keys if key in results}


def _still_seen(prepared: Prepared, found: Sequence[Camera], before: CameraCoverage) -> dict[str, View]:
    """Views that hold as they were, or less what new things hide of them."""
    if before.of.at.samples is not prepared.at.samples:
        return {}
    known = {camera.id: (camera.eyes, view) for camera, view in zip(before.cameras, before.views, strict=True)}
    kept = {c.id: known[c.id][1] for c in found if c.id in known and known[c.id][0] == c.eyes}
    if prepared.at is before.of.at:
        return kept
    if prepared.leaves is not before.of.leaves:
        return {}  # what a door hid may be seen now
    gone, added = _without(before.of, prepared), _without(prepared, before.of)
    return {
        camera.id: hidden_from(camera, kept[camera.id], added, before.of.at)
        for camera in found
        if camera.id in kept and not may_see_any(camera, gone)  # what they hid may be seen now
    }


def _seen_from_there(prepared: Prepared, before: CameraCoverage | None) -> dict[str, tuple[Camera, View]]:
    """What cameras saw before, if nothing about them has changed."""
    if before is None or before.of.at is not prepared.at:
        return {}
    return {camera.id: (camera, view) for camera, view in zip(before.cameras, before.views, strict=True)}


def _without(those: Prepared, others: Prepared) -> tuple[Mover, ...]:
    """What stands about in one and not, or not there, in the other."""
    known = dict(zip(others.standing_ids, others.standing, strict=True))
    return tuple(
        mover(thing, those.at)
        for name, thing in zip(those.standing_ids, those.standing, strict=True)
        if name not in known or not np.array_equal(known[name].vertices_m, thing.vertices_m)
    )


def offline(index: SiteIndex, found: Sequence[Camera], state: StateSnapshot | None) -> frozenset[str]:
    """Ids of the cameras that say they are down, or say nothing any more."""
    if state is None:
        return frozenset()
    down = set()
    for camera in found:
        row = index.rows.get(f"{camera.id}:{_STATUS}")
        if row is None:
            continue
        silent = state.quality[row] in (Quality.BAD, Quality.STALE)
        if silent or (state.quality[row] != Quality.NEVER and state.values[row] == 0):
            down.add(camera.id)
    return frozenset(down)


def status_rows(index: SiteIndex) -> Ints:
    """Rows of the channels that tell whether a camera is up."""
    ids = (f"{device.id}:{_STATUS}" for device in index.site.devices if index.kinds[device.kind].reaches == "camera")
    return np.array([index.rows[channel] for channel in ids if channel in index.rows], dtype=np.int32)


def _levels(prepared: Prepared) -> tuple[list[float | None], list[Problem]]:
    """Pixels on a metre each place needs; none where its requirement names no level there is."""
    needed: list[float | None] = []
    problems: dict[str, Problem] = {}
    for made in prepared.places:
        requirement = made.place.requirement
        try:
            needed.append(level_of(requirement).density_px_per_m)
        except UnknownLevelError as error:
            needed.append(None)
            problems[requirement.id] = Problem("unknown-level", requirement.id, str(error))
    return needed, list(problems.values())


def _place(prepared: Prepared, row: int, needed: float, sight: CameraSight, *, explain: bool) -> PlaceResult:
    made = prepared.places[row]
    cells, heights = len(made.cells_m), len(made.grids)
    requirement = made.place.requirement
    counts = np.zeros(cells, dtype=np.int32)
    best = np.zeros(cells, dtype=np.float32)
    serves: dict[str, Flags] = {}
    for k in sight.watching(row):
        if sight.offline[k]:
            continue
        every = _least_of_heights(*sight.seen(k, row), cells, heights)
        np.maximum(best, every, out=best)
        serving = (every >= needed) & sight.is_of_use(k, made)
        if serving.any():
            counts += serving
            serves[sight.cameras[k].id] = serving
    covered = counts >= requirement.min_count
    return PlaceResult(
        place_id=made.place.id,
        name=made.place.name,
        requirement=requirement,
        storey=made.place.storey,
        area_m2=float(made.place.area.area),
        needed=needed,
        unit="px_per_m",
        share_ratio=float(covered.mean()),
        by_count=_by_count(counts, requirement.min_count),
        gaps=gaps(prepared, row, needed, covered, sight) if explain else (),
        lost_without={
            camera: lost
            for camera, serving in serves.items()
            if (lost := float((covered & serving & (counts == requirement.min_count)).mean())) > 0
        },
        devices=tuple(serves),
        covered=covered,
        counts=counts,
        values=best,
    )


def _least_of_heights(numbers: Ints, density: Singles, cells: int, heights: int) -> Singles:
    """(cells,) the density at the height where it is least, 0 where one height is not seen: feet and face count."""
    full = np.zeros(cells * heights, dtype=np.float32)
    full[numbers] = density
    least: Singles = full.reshape(heights, cells).min(axis=0)
    return least


def _by_count(counts: Ints, wanted: int) -> dict[int, float]:
    most = wanted + 2
    clipped = np.minimum(counts, most)
    return {k: float((clipped == k).mean()) for k in range(most + 1)}
