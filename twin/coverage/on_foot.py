"""Checks of what is walked to or along, as `twin.coverage.kinds` asks for them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from weakref import WeakKeyDictionary

from twin.coverage.patrol import PATROL_KINDS, patrol_coverage
from twin.coverage.perimeter import perimeter_coverage
from twin.coverage.prepared import Prepared
from twin.coverage.radiate.answers import KindCoverage
from twin.coverage.reach import WalkCoverage, WalkPrepared, prepare_reach, reach_coverage
from twin.fabric.occluders import Occluders
from twin.fabric.walkways import Walkways, walkways
from twin.index import SiteIndex
from twin.model.devices import Device
from twin.state import StateSnapshot

_WAYS: Final[WeakKeyDictionary[Occluders, Walkways]] = WeakKeyDictionary()
_PREPARED: Final[WeakKeyDictionary[Occluders, dict[str, WalkPrepared]]] = WeakKeyDictionary()
"""What walks stand on, by what a site is built of, so that variants of its devices share it."""


def check_walk(prepared: Prepared, kind: str, state: StateSnapshot | None = None) -> KindCoverage:
    """Whether devices of a kind are near enough on foot: hydrants, extinguishers, call points, AEDs, patrol points.

    The values of the field are lengths of ways in metres, infinite where no way leads.
    """
    walked = _walked(prepared, kind)
    answer = patrol_coverage(walked, state) if kind in PATROL_KINDS else reach_coverage(walked, state)
    return _of_kind(kind, answer, prepared.index)


def check_perimeter(prepared: Prepared, state: StateSnapshot | None = None) -> KindCoverage:
    """Whether every metre of the perimeter is guarded; its places are lines and have no samples."""
    answer = perimeter_coverage(prepared.index, state, as_it_stands=prepared.as_it_stands)
    devices = _devices(answer.devices, prepared.index)
    return KindCoverage("perimeter", answer.places, {}, devices, answer.offline, answer.problems)


def _walked(prepared: Prepared, kind: str) -> WalkPrepared:
    of, fabric = prepared.as_it_stands, prepared.occluders
    made = _PREPARED.setdefault(fabric, {})
    if kind not in made:
        if not any(requirement.kind == kind for requirement in of.site.requirements):
            made[kind] = prepare_reach(of, kinds=(kind,))
        else:
            if fabric not in _WAYS:
                _WAYS[fabric] = walkways(of)
            made[kind] = prepare_reach(of, kinds=(kind,), ways=_WAYS[fabric])
    return replace(made[kind], index=prepared.index, as_it_stands=of)


def _of_kind(kind: str, answer: WalkCoverage, index: SiteIndex) -> KindCoverage:
    made_of = {(w.made.place.id, w.made.place.requirement.id): w.made for w in answer.of.places}
    devices = _devices(answer.devices, index)
    return KindCoverage(kind, answer.places, made_of, devices, answer.offline, answer.problems)


def _devices(ids: Sequence[str], index: SiteIndex) -> tuple[Device, ...]:
    return tuple(index.devices[device] for device in ids)
