"""A wish as a table of spots and candidates, with what must be served and what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely

from geometry.lenses import reach_m
from twin.coverage.cameras import FARTHEST_M, Camera, lens_of
from twin.coverage.check import CameraCoverage
from twin.coverage.placement.candidates import Candidate, Chances, Optics, candidates, optics_of
from twin.coverage.placement.hanging import chosen_optics, cost_of, costs_of, zoomed
from twin.coverage.placement.incidence import Flags, Floats, Ints, incidence_of
from twin.coverage.placement.mounts import Mount, mounts
from twin.coverage.placement.problem import CoverProblem, cover_problem, summed
from twin.coverage.placement.spots import Spots, made_of, serves, spots_of, thinned
from twin.coverage.placement.wish import Way, Wish
from twin.coverage.places import Place
from twin.errors import UnknownIdError

_MOST_SPOTS: Final = 12_000
"""Cells that are asked about at once; of more, some stand for all, and the answer is checked on all."""
_MOST_CROSSES: Final = 600_000
_FEWEST_KEPT: Final = 6
_STOREY_M: Final = 6.0
"""A camera may hang so much above a floor before its height counts as distance."""
_MOST_REACH_M: Final = 60.0
"""Farther mounts are not looked for: poles and fronts in between see better."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A wish made ready to be solved.

    Attributes
    ----------
    targets : numbers of the places that are to be met
    spots : those asked about, open ones only
    open_spots : how many there are in all
    mounts : the candidates'; the first ones are cameras that are there
    turning : cameras that may be aimed otherwise, one a mount
    columns : a candidate each; none stands for a camera that stays as it is
    total : candidates found, of which the columns are the best
    """

    coverage: CameraCoverage
    targets: tuple[int, ...]
    spots: Spots
    open_spots: int
    mounts: tuple[Mount, ...]
    turning: tuple[Camera, ...]
    columns: tuple[Candidate, ...]
    total: int
    chances: Chances
    problem: CoverProblem

    @property
    def stays(self) -> Ints:
        """(cameras that may turn,) the columns that leave each as it is: the first ones."""
        return np.arange(self._staying, dtype=np.int32)

    @property
    def _staying(self) -> int:
        return sum(1 for camera in self.turning if not camera.model.turns)


@dataclass(frozen=True, slots=True)
class Missed:
    """What an answer lacks of a place.

    Attributes
    ----------
    cells : numbers of its cells
    """

    area_m2: float
    cells: frozenset[int]

    def beside(self, other: "Missed | None") -> "Missed":
        """Both."""
        return self if other is None else Missed(self.area_m2 + other.area_m2, self.cells | other.cells)


def wished_places(coverage: CameraCoverage, wish: Wish) -> tuple[int, ...]:
    """Numbers of the places that are not met and are to be.

    Raises
    ------
    UnknownIdError
        If the wish names a place or requirement that there is none of.
    """
    asked = {place.requirement.id for place in coverage.places}
    there = {place.place_id for place in coverage.places}
    for kind, names, known in (("requirement", wish.requirements, asked), ("place", wish.places, there)):
        for name in sorted(names or ()):
            if name not in known:
                raise UnknownIdError(kind, name, known)
    for name in sorted(wish.kept):
        coverage.of.index.device(name)
    return tuple(
        k for k, place in enumerate(coverage.places)
        if not place.is_met
        and (wish.requirements is None or place.requirement.id in wish.requirements)
        and (wish.places is None or place.place_id in wish.places)
    )  # fmt: skip


def ask(
    coverage: CameraCoverage, targets: Sequence[int], way: Way, wish: Wish, *, missed: Mapping[int, Missed]
) -> Asked:  # fmt: skip
    """The table of a way to fulfil a wish.

    Parameters
    ----------
    missed : by place what an answer on some spots lacked on all of them
    """
    index = coverage.of.index
    optics = chosen_optics(index, wish) if way != "turn" else ()
    turning = _turning(coverage, targets, wish.kept) if way != "add" else ()
    loose = {camera.id for camera in turning if not camera.model.turns}
    concerned = sorted({*targets, *_served_by(coverage, loose)})
    spots = spots_of(coverage, concerned, without=loose)
    left = spots.counts < spots.wanted
    least = _least(coverage, spots, left, frozenset(targets), missed)
    open_ = spots.of(left & (least[spots.place_of] > 0))
    asked_too = [int(c) in missed[k].cells for k, c in zip(open_.place_of, open_.cells, strict=True) if k in missed]
    always = np.isin(open_.place_of, list(missed))
    always[always] = asked_too
    some = thinned(open_, _MOST_SPOTS, always=always)
    there = [Mount(c.eyes[0].pose.position_m, "wall") for c in turning]
    hooks = mounts(coverage.of, [_reach(coverage, k, optics) for k in targets]) if optics else ()
    plain = [optics_of(c.model, needed_lx=c.needed_lx) for c in turning]
    own = [zoomed(one) if c.model.turns else (one,) for c, one in zip(turning, plain, strict=True)]
    costs = costs_of(optics, wish)
    every = {**{camera.model.id: 1.0 for camera in turning}, **costs}
    found, chances = candidates(coverage.of, (*there, *hooks), some, [*own, *([optics] * len(hooks))], every)
    columns = _best(found, len(some), keep=len(there))
    asked = Asked(
        coverage, tuple(targets), some, len(open_), (*there, *hooks), turning, columns, len(found), chances,
        cover_problem(incidence_of([], rows=len(some))),
    )  # fmt: skip
    return replace(asked, problem=_problem(asked, least, costs, wish))


def _problem(asked: Asked, least: Floats, costs: Mapping[str, float], wish: Wish) -> CoverProblem:
    spots, there = asked.spots, len(asked.turning)
    fixed = [k for k, camera in enumerate(asked.turning) if not camera.model.turns]
    stay = [_stays(asked.coverage, asked.turning[k].id, spots) for k in fixed]
    turn = wish.turn_price if wish.in_money else wish.turn_ratio
    price = [
        turn if c.mount < there else cost_of(c, asked.mounts[c.mount], costs, wish) for c in asked.columns
    ]  # fmt: skip
    # a camera has one aim; where spots are wanted by several cameras, each must hang elsewhere
    is_apart = bool((spots.wanted > 1).any())
    own = frozenset(fixed)
    sets = [c.mount if c.mount in own or is_apart else -1 for c in asked.columns]
    named, of = np.unique(np.array([*fixed, *sets], dtype=np.int64), return_inverse=True)
    if len(named) and named[0] < 0:
        of = of - 1
    return cover_problem(
        incidence_of([*stay, *(c.serves for c in asked.columns)], rows=len(spots)),
        wanted=(spots.wanted - spots.counts).astype(np.int32),
        weights=spots.area_m2,
        groups=spots.place_of,
        least=least,
        costs=np.array([*np.zeros(len(fixed)), *price]),
        sets=of.astype(np.int32),
        limits=np.ones(int((named >= 0).sum()), dtype=np.int32),
    )


def _turning(coverage: CameraCoverage, targets: Sequence[int], kept: frozenset[str]) -> tuple[Camera, ...]:
    """Cameras that are up and near enough to see something of the places if aimed otherwise.

    Those with presets keep them; fisheyes and cameras with several heads look all around as it is.
    """
    found = []
    for camera in coverage.cameras:
        if (
            camera.id in kept
            or camera.id in coverage.offline
            or camera.model.optics == "fisheye"
            or len(camera.model.heads_deg) > 1
        ):
            continue
        if camera.device.presets and not camera.model.turns:
            continue
        x, y, z = camera.eyes[0].pose.position_m
        lens = lens_of(camera.model, zoom_ratio=camera.model.zoom_ratio)
        for k in targets:
            place = made_of(coverage, k).place
            away_m = max(0.0, place.area.distance(shapely.Point(x, y)))
            drop_m = abs(z - place.elevation_m)
            if np.hypot(away_m, max(0.0, drop_m - _STOREY_M)) <= min(
                reach_m(lens, coverage.places[k].needed), FARTHEST_M
            ):
                found.append(camera)
                break
    return tuple(found)


def _served_by(coverage: CameraCoverage, loose: set[str]) -> set[int]:
    """Numbers of the places that some cameras serve anything of."""
    return {k for k, place in enumerate(coverage.places) if loose.intersection(place.devices)}


def _stays(coverage: CameraCoverage, camera_id: str, spots: Spots) -> Ints:
    """(k,) what a camera serves as it is, of some spots."""
    camera = next(k for k, camera in enumerate(coverage.cameras) if camera.id == camera_id)
    served = np.zeros(len(spots), dtype=bool)
    for place in np.unique(spots.place_of).tolist():
        if camera_id in coverage.places[place].devices:
            rows = np.flatnonzero(spots.place_of == place)
            served[rows] = serves(coverage, camera, place)[spots.cells[rows]]
    return np.flatnonzero(served).astype(np.int32)


def _least(
    coverage: CameraCoverage, spots: Spots, left: Flags, targets: frozenset[int], missed: Mapping[int, Missed]
) -> Floats:
    """(places,) the area that must be served beyond what stays served: what is required, elsewhere what there is."""
    count = len(coverage.places)
    whole = summed(spots.place_of, spots.area_m2, count)
    done = summed(spots.place_of[~left], spots.area_m2[~left], count)
    share = np.array([
        place.requirement.min_share_ratio if k in targets
        else min(place.share_ratio, place.requirement.min_share_ratio)
        for k, place in enumerate(coverage.places)
    ])  # fmt: skip
    beyond = np.array([missed[k].area_m2 if k in missed else 0.0 for k in range(count)])
    least = np.minimum(whole * share + beyond, whole) - done
    least[least <= 1e-9 * np.maximum(whole, 1.0)] = 0.0
    asked: Floats = np.maximum(least, 0.0)
    return asked


def _reach(coverage: CameraCoverage, place: int, optics: Sequence[Optics]) -> tuple[Place, float]:
    needed = coverage.places[place].needed
    far_m = max(reach_m(glass.lens, needed) for glass in optics)
    return made_of(coverage, place).place, min(far_m, _MOST_REACH_M)


def _best(found: Sequence[Candidate], spots: int, *, keep: int) -> tuple[Candidate, ...]:
    """Candidates that are among the largest for some spot, as many for each as there is room for.

    Parameters
    ----------
    keep : candidates at the first so many mounts all stay
    """
    sizes = np.array([len(c.serves) for c in found])
    if sizes.sum() <= _MOST_CROSSES:
        return tuple(found)
    order = np.argsort(-sizes, kind="stable")
    for quota in (48, 32, 24, 16, 10, _FEWEST_KEPT):
        counts = np.zeros(spots, dtype=np.int32)
        taken = np.array([c.mount < keep for c in found])
        for k in order.tolist():
            if (counts[found[k].serves] < quota).any():
                taken[k] = True
                counts[found[k].serves] += 1
        if sizes[taken].sum() <= _MOST_CROSSES:
            break
    return tuple(found[k] for k in np.flatnonzero(taken).tolist())
