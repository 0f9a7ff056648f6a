"""Who sees a point, who follows a way, and who could take over what is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geometry.culling import Eye
from geometry.lenses import reach_m as reach_of
from geometry.poses import looking_at
from geometry.samples import gather, points_along
from geometry.sight import place as sighted
from geometry.sight import seen
from twin.coverage.cameras import FARTHEST_M, Camera, lens_of
from twin.coverage.check import CameraCoverage, camera_coverage
from twin.coverage.result import PlaceResult
from twin.coverage.views import views
from twin.errors import CoverageError, UnknownIdError

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

_ASKED: Final = 60
"""Spots of what is lost that others are turned to; more would rank them alike."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A camera that has a point in its picture.

    Attributes
    ----------
    is_hidden : something stands between
    is_offline : the camera is down
    hidden_by : kind and id of what stands between
    """

    device: str
    density_px_per_m: float
    is_hidden: bool = False
    is_offline: bool = False
    hidden_by: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """A way and who sees it, piece by piece.

    Attributes
    ----------
    points_m : (n, 3) middle of each piece
    lengths_m : (n,) of each piece
    cameras : for each piece those that see it well enough, the best first
    """

    points_m: Floats
    lengths_m: Floats
    cameras: tuple[tuple[str, ...], ...]

    @property
    def seen_ratio(self) -> float:
        """Share of the way that is seen."""
        told = np.array([bool(by) for by in self.cameras])
        return float(self.lengths_m[told].sum() / self.lengths_m.sum())

    @property
    def unseen(self) -> tuple[tuple[float, float], ...]:
        """Stretches that no camera sees: from where to where along the way. [m]"""
        ends = np.concatenate(([0.0], np.cumsum(self.lengths_m)))
        dark = np.array([False, *(not by for by in self.cameras), False])
        turns = np.flatnonzero(dark[1:] != dark[:-1]).reshape(-1, 2)
        return tuple((float(ends[a]), float(ends[b])) for a, b in turns)


@dataclass(frozen=True, slots=True)
class Successor:
    """A camera that could see what is lost, if it were turned so.

    Attributes
    ----------
    share_ratio : of what is lost that it would cover
    turns : whether it turns by itself; others must be turned by hand
    """

    device: str
    share_ratio: float
    turns: bool
    bearing_deg: float
    tilt_deg: float
    zoom_ratio: float


@dataclass(frozen=True, slots=True)
class Looking:
    """A preset of a camera that turns, and what the site lacks while it looks there.

    Attributes
    ----------
    lost : share of each place that is covered by the union of its presets but not meanwhile, where anything is; of
        several requirements at one place the one that loses the most
    broken : places whose requirement is met by the union but not meanwhile
    """

    preset: str
    lost: Mapping[str, float]
    broken: tuple[str, ...]


def while_looking(coverage: CameraCoverage, device_id: str) -> tuple[Looking, ...]:
    """What is left uncovered while a camera that turns looks at each of its presets."""
    device = coverage.of.index.device(device_id)
    found = []
    for preset in device.presets:
        fixed = coverage.of.with_devices(device.replace(presets=(preset,)))
        meanwhile = camera_coverage(fixed, without=coverage.offline, before=coverage, explain=False)
        pairs = list(zip(coverage.places, meanwhile.places, strict=True))
        lost: dict[str, float] = {}
        for a, b in pairs:
            if a.share_ratio > b.share_ratio:
                lost[a.place_id] = max(a.share_ratio - b.share_ratio, lost.get(a.place_id, 0.0))
        broken = dict.fromkeys(a.place_id for a, b in pairs if a.is_met and not b.is_met)
        found.append(Looking(preset, lost, tuple(broken)))
    return tuple(found)


def who_sees(coverage: CameraCoverage, point_m: ArrayLike) -> tuple[Sighting, ...]:
    """The cameras that have a point in their pictures, those that see it best first, those it is hidden from last.

    Parameters
    ----------
    point_m : (3,) site frame, height included
    """
    at = sighted(coverage.of.scene, gather([], loose_m=np.asarray(point_m, dtype=np.float64).reshape(1, 3)))
    found = []
    for camera, view in zip(coverage.cameras, views(coverage.cameras, at), strict=True):
        down = camera.id in coverage.offline
        if len(view.numbers):
            found.append(Sighting(camera.id, float(view.density_px_per_m[0]), is_offline=down))
        elif len(view.hidden):
            density = float(view.hidden_density_px_per_m[0])
            by = _between(coverage, camera, point_m)
            found.append(Sighting(camera.id, density, is_hidden=True, is_offline=down, hidden_by=by))
    return tuple(sorted(found, key=lambda s: (s.is_hidden or s.is_offline, -s.density_px_per_m, s.device)))


def _between(coverage: CameraCoverage, camera: Camera, point_m: ArrayLike) -> tuple[str, str] | None:
    """Kind and id of what stands first between a camera and a point."""
    eye = np.array([camera.eyes[0].pose.position_m])
    distance, _, owners = coverage.of.scene.first_hits(eye, np.asarray(point_m, dtype=np.float64).reshape(1, 3) - eye)
    if not distance[0] < 1 or owners[0] < 0:
        return None
    thing = coverage.of.owner(int(owners[0]))
    return thing.kind, thing.id


def followed(
    coverage: CameraCoverage, way_m: ArrayLike, *, height_m: float = 1.6, step_m: float = 1.0, least_px_per_m: float
) -> Followed:  # fmt: skip
    """Who sees someone who goes along a way.

    Parameters
    ----------
    way_m : (n, 3) on the floor, site frame
    height_m : of what is looked at above it
    least_px_per_m : fewer do not count

    Raises
    ------
    CoverageError
        If the way leads nowhere.
    """
    points_m, lengths_m = points_along(way_m, step_m=step_m, height_m=height_m)
    if not lengths_m.sum() > 0:
        raise CoverageError("a way needs two points that are not the same: give where it leads to")
    at = sighted(coverage.of.scene, gather([], loose_m=points_m))
    by: list[list[tuple[float, str]]] = [[] for _ in points_m]
    for camera, view in zip(coverage.cameras, views(coverage.cameras, at), strict=True):
        if camera.id in coverage.offline:
            continue
        for number, density in zip(view.numbers.tolist(), view.density_px_per_m.tolist(), strict=True):
            if density >= least_px_per_m:
                by[number].append((-density, camera.id))
    return Followed(points_m, lengths_m, tuple(tuple(device for _, device in sorted(found)) for found in by))


def successors(
    coverage: CameraCoverage, place_id: str, requirement: str | None = None, *, most: int = 3
) -> tuple[Successor, ...]:
    """Cameras that are up and could cover what a place lacks if they were turned to it; those that turn come first.

    Parameters
    ----------
    requirement : which of those that hold at the place; where it is not said, the one that lacks the most

    Raises
    ------
    UnknownIdError
        If nothing is required of cameras there, or not this.
    """
    result = _required(coverage, place_id, requirement)
    made = coverage.made_of[place_id, result.requirement.id]
    lost = np.flatnonzero(~result.covered)
    if not len(lost):
        return ()
    asked = lost[np.linspace(0, len(lost) - 1, min(_ASKED, len(lost))).astype(int)]
    spots = np.vstack([
        np.column_stack((made.cells_m[asked], np.full(len(asked), made.place.elevation_m + max(h, 0.02))))
        for h in made.place.heights_m
    ])  # fmt: skip
    found = [
        _turned(coverage, camera, spots, result, is_lit=coverage.sight.is_lit(k, made)[asked])
        for k, camera in enumerate(coverage.cameras)
        if camera.id not in coverage.offline
    ]
    usable = [s for s in found if s is not None and s.share_ratio > 0]
    return tuple(sorted(usable, key=lambda s: (not s.turns, -s.share_ratio, s.device))[:most])


def _required(coverage: CameraCoverage, place_id: str, requirement: str | None) -> PlaceResult:
    """What came of a requirement at a place."""
    here = [place for place in coverage.places if place.place_id == place_id]
    if not here:
        raise UnknownIdError("place with a requirement for cameras", place_id, [p.place_id for p in coverage.places])
    if requirement is None:
        return max(here, key=lambda place: place.shortfall_ratio)
    for place in here:
        if place.requirement.id == requirement:
            return place
    raise UnknownIdError(f"requirement at {place_id}", requirement, [place.requirement.id for place in here])


def _turned(
    coverage: CameraCoverage, camera: Camera, spots: Floats, result: PlaceResult, *, is_lit: Flags
) -> Successor | None:
    """A camera turned to the middle of what it could see of some spots, height by height.

    Parameters
    ----------
    is_lit : (cells,) whether there is light enough for it
    """
    turns = camera.model.turns or len(camera.device.presets) > 0
    position_m = camera.eyes[0].pose.position_m
    zooms: Sequence[float] = _zooms(camera.model.zoom_ratio) if turns else (1.0,)
    longest = lens_of(camera.model, zoom_ratio=zooms[-1])
    away = np.linalg.norm(spots - position_m, axis=1)
    near = away <= min(reach_of(longest, result.needed), FARTHEST_M)
    if not near.any():
        return None
    free = near.copy()
    free[near] = ~coverage.of.scene.blocked(np.repeat([position_m], int(near.sum()), axis=0), spots[near])
    if not free.any():
        return None
    x, y, z = spots[free].mean(axis=0).tolist()
    pose = replace(looking_at(position_m, (x, y, z)), roll_deg=camera.device.roll_deg)
    at = sighted(coverage.of.scene, gather([], loose_m=spots))
    best, chosen = 0.0, zooms[0]
    for zoom_ratio in zooms:
        lens = lens_of(camera.model, zoom_ratio=zoom_ratio)
        view = seen(Eye(pose, lens, FARTHEST_M, least_px_per_m=result.needed), at)
        every = np.zeros(len(spots), dtype=bool)
        every[view.numbers[view.density_px_per_m >= result.needed]] = True
        share = float((every.reshape(-1, len(is_lit)).all(axis=0) & is_lit).mean())
        if share > best:
            best, chosen = share, zoom_ratio
    return Successor(camera.id, best, turns, round(pose.bearing_deg, 1), round(pose.tilt_deg, 1), chosen)


def _zooms(most: float) -> tuple[float, ...]:
    """Zooms to try, each half as long again as the one before."""
    found = [1.0]
    while found[-1] * 1.5 <= most:
        found.append(found[-1] * 1.5)
    return tuple(round(zoom, 2) for zoom in found)
