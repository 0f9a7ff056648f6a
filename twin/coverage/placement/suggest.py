"""Where cameras should be, so that what is required is covered: suggestions to look at before they are accepted."""

import itertools
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from twin.coverage.check import CameraCoverage, camera_coverage
from twin.coverage.placement.asking import Asked, Missed, ask, wished_places
from twin.coverage.placement.budget import best_use, budget_problem
from twin.coverage.placement.candidates import Candidate
from twin.coverage.placement.cover import fewest
from twin.coverage.placement.hanging import hung, turned
from twin.coverage.placement.incidence import Flags, Ints
from twin.coverage.placement.problem import available
from twin.coverage.placement.spots import Spots
from twin.coverage.placement.wish import Gain, Proof, Suggestion, Unmet, UnmetReason, Way, Wish
from twin.coverage.prepared import Prepared
from twin.model.devices import Device
from twin.state import StateSnapshot

_ROUNDS: Final = 2
_EVERYTHING: Final = Wish()
Stages = tuple[tuple[UnmetReason, Flags], ...]


def suggest(
    prepared: Prepared,
    wish: Wish = _EVERYTHING,
    state: StateSnapshot | None = None,
    *,
    before: CameraCoverage | None = None,
) -> tuple[Suggestion, ...]:
    """A suggestion for each way the wish allows; none if nothing that is to be met lacks.

    Parameters
    ----------
    state : cameras that are down in it do not count; without it every camera is up
    before : an answer for the same, if there is one

    Raises
    ------
    UnknownIdError
        If the wish names what there is none of.
    CoverageError
        If money is asked about and a price is missing, or no new camera can be described.
    """
    now = before or camera_coverage(prepared, state, explain=False)
    targets = wished_places(now, wish)
    if not targets:
        return ()
    return tuple(_suggested(now, targets, way, wish, state) for way in wish.ways)


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """What was chosen of what was asked, and the proof.

    Attributes
    ----------
    earlier : what had been asked before it, about other places too
    """

    asked: Asked
    chosen: Ints
    proof: Proof
    devices: tuple[Device, ...]
    changed: tuple[str, ...]
    cost: float
    after: CameraCoverage
    earlier: tuple[Asked, ...] = ()


def _suggested(
    now: CameraCoverage, targets: Sequence[int], way: Way, wish: Wish, state: StateSnapshot | None
) -> Suggestion:
    """Solve, look at the answer on all spots, and ask for a little more where some spots had stood for too many."""
    missed: dict[int, Missed] = {}
    bound = math.inf
    for _ in range(_ROUNDS):
        made = _chosen(ask(now, targets, way, wish, missed=missed), wish, state)
        if wish.is_free:  # what is asked for besides must not raise the bound of what was wished
            bound = min(bound, made.proof.bound)
            made = replace(made, proof=replace(made.proof, bound=bound))
        short = _missed(made) if wish.is_free else {}
        if not short:
            break
        missed = {k: short[k].beside(missed.get(k)) if k in short else missed[k] for k in {*short, *missed}}
    if short:
        # few places are left, so that each of their spots is asked about
        rest = _chosen(ask(made.after, sorted(short), way, wish, missed={}), wish, state)
        made = _both(made, rest)
    return Suggestion(
        way, made.devices, made.changed, made.cost, made.proof, _gains(made, now, targets), _unmet(made, wish),
        made.after,
    )  # fmt: skip


def _both(first: _Choice, rest: _Choice) -> _Choice:
    """A choice with what was still missing added; no bound gets lower by asking for all."""
    devices = {device.id: device for device in (*first.devices, *rest.devices)}
    changed = tuple(dict.fromkeys((*first.changed, *(c for c in rest.changed if c not in _new(first)))))
    cost = first.cost + rest.cost
    return replace(
        rest,
        earlier=(first.asked,),
        proof=replace(first.proof, reached=cost),
        devices=tuple(devices.values()),
        changed=changed,
        cost=cost,
    )


def _new(made: _Choice) -> frozenset[str]:
    """Ids of what a choice adds."""
    return frozenset(device.id for device in made.devices) - frozenset(made.changed)


def _chosen(asked: Asked, wish: Wish, state: StateSnapshot | None) -> _Choice:
    problem = asked.problem
    if not wish.is_free:
        budget = wish.budget if wish.budget is not None else float(wish.cameras or 0)
        # each place counts alike, whatever its size; each of the cameras that a spot wants counts its part
        sizes = problem.group_weight(np.ones(problem.table.rows, dtype=bool))
        worth = problem.weights / sizes[problem.groups] / asked.spots.wanted
        counted = np.where(problem.costs > 0, 1.0, 0.0) if wish.budget is None else problem.costs
        answer = best_use(
            budget_problem(
                problem.table, budget=budget, worth=worth, wanted=problem.wanted, costs=counted,
                sets=problem.sets, limits=problem.limits,
            ),
            start=asked.stays,
            time_limit_s=wish.time_limit_s,
        )  # fmt: skip
        chosen, goal, reached, bound = answer.chosen, "most", answer.value, answer.bound
    else:
        least = fewest(problem, time_limit_s=wish.time_limit_s)
        chosen, goal, reached, bound = least.chosen, "fewest", least.cost, least.bound
    proof = Proof(
        "most" if goal == "most" else "fewest", reached, bound, asked.total, len(asked.columns), asked.open_spots,
        len(asked.spots),
    )  # fmt: skip
    devices, changed = _devices(asked, chosen)
    before = asked.coverage
    after = (
        camera_coverage(before.of.with_devices(*devices), state, before=before, explain=False) if devices else before
    )
    return _Choice(asked, chosen, proof, devices, changed, problem.cost(chosen), after)


def _devices(asked: Asked, chosen: Ints) -> tuple[tuple[Device, ...], tuple[str, ...]]:
    """The devices of a choice, and which of them are there already."""
    there, staying = len(asked.turning), len(asked.stays)
    aims: dict[int, list[Candidate]] = {}
    new = []
    for column in chosen.tolist():
        if column < staying:
            continue
        candidate = asked.columns[column - staying]
        if candidate.mount < there:
            aims.setdefault(candidate.mount, []).append(candidate)
        else:
            new.append((candidate, asked.mounts[candidate.mount]))
    changed = tuple(turned(asked.turning[mount].device, found) for mount, found in aims.items())
    return (*changed, *hung(new, asked.coverage.of.index)), tuple(device.id for device in changed)


def _missed(made: _Choice) -> dict[int, Missed]:
    """By place what the answer lacks on all spots, though it had enough of those asked about."""
    promised = made.asked.problem.short(made.chosen)
    found = {}
    for k in made.asked.targets:
        place = made.after.places[k]
        if not place.is_met and promised[k] <= 0:
            cells = np.flatnonzero(~place.covered)
            found[k] = Missed(place.shortfall_ratio * place.area_m2, frozenset(cells.tolist()))
    return found


def _gains(made: _Choice, before: CameraCoverage, targets: Collection[int]) -> tuple[Gain, ...]:
    found = []
    for k, (was, now) in enumerate(zip(before.places, made.after.places, strict=True)):
        if k in targets or now.share_ratio != was.share_ratio:
            asked = was.requirement
            found.append(Gain(was.place_id, asked.id, asked.min_share_ratio, was.share_ratio, now.share_ratio))
    return tuple(found)


def _unmet(made: _Choice, wish: Wish) -> tuple[Unmet, ...]:
    """What places that still lack lack, cells of one reason together; who asked last about a place tells."""
    told: dict[int, tuple[Unmet, ...]] = {}
    for asked in (*made.earlier, made.asked):
        stages = _stages(asked, wish)
        told |= {k: _unmet_of(k, asked, made.after, stages) for k in asked.targets}
    return tuple(itertools.chain.from_iterable(told.values()))


def _stages(asked: Asked, wish: Wish) -> Stages:
    """Reasons, and the spots each holds for; of several the first counts."""
    chances, count = asked.chances, available(asked.problem)
    return (
        ("none_near", ~chances.is_near),
        ("occluded", ~chances.is_free),
        ("too_steep", ~chances.is_frontal),
        ("dark", ~chances.is_lit),
        ("outside_field", count == 0),
        ("too_few", count < asked.problem.wanted),
        ("elsewhere" if wish.is_free else "budget", np.ones(len(asked.spots), dtype=bool)),
    )


def _unmet_of(number: int, asked: Asked, after: CameraCoverage, stages: Stages) -> tuple[Unmet, ...]:
    place, spots = after.places[number], asked.spots
    if place.is_met:
        return ()
    here = np.flatnonzero(spots.place_of == number)
    left = np.zeros(len(spots), dtype=bool)
    left[here[~place.covered[spots.cells[here]]]] = True
    found = []
    for reason, holds in stages:
        cells = left & holds
        if cells.any():
            area = _area(spots, cells)
            found.append(Unmet(place.place_id, place.requirement.id, reason, area, float(area.area)))
        left &= ~holds
    return tuple(found)


def _area(spots: Spots, chosen: Flags) -> BaseGeometry:
    """The cells of some spots, each as large as what it stands for."""
    x, y = spots.points_m[chosen, 0, 0], spots.points_m[chosen, 0, 1]
    half_m = np.sqrt(spots.area_m2[chosen]) / 2
    return shapely.union_all(shapely.box(x - half_m, y - half_m, x + half_m, y + half_m))
