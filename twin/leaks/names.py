"""Short names of the parts of a network in which a leak may be: what people on the estate call them.

A building's risers are told apart by the flats they serve (low, middle and high zone), or as those that fill its tank;
pipes outdoors by the zone they go to. Where nothing of this is known, the meter names them.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from pipe_network.balance import MeterTree
from twin.index import SiteIndex
from twin.leaks import words
from twin.leaks.model import NetworkModel
from twin.leaks.result import Words

_ZONES: Final = {
    1: (("", ""),),
    2: (("低区", "low zone"), ("高区", "high zone")),
    3: (("低区", "low zone"), ("中区", "middle zone"), ("高区", "high zone")),
}


def indoor_name(index: SiteIndex, model: NetworkModel, district: str, building: str) -> Words:
    """The pipes of a district in a building."""
    house = words.building_name(index, building)
    tree = model.tree
    served = {} if tree is None else _served(index, model, tree, building)
    if district in served:
        zh, en = _zone(served, district)
        return Words(zh=f"{house.zh}{zh}立管", en=f"{house.en}, {en} risers" if en else f"{house.en}, risers")
    beside = _indoors(model, tree, building)
    filling = [d for d in beside if tree is not None and d not in served and _tanks(tree, d)]
    if served and filling == [district]:
        return Words(zh=f"{house.zh}水箱进水管", en=f"{house.en}, pipes to its tank")
    if beside == [district]:
        return Words(zh=f"{house.zh}室内管", en=f"{house.en}, indoor pipes")
    named = words.district_name(index, district)
    return Words(zh=f"{house.zh}立管（{named.zh}）", en=f"{house.en}, risers {named.en}")


def outdoor_name(index: SiteIndex, model: NetworkModel, district: str) -> Words:
    """The pipes of a district outdoors."""
    named = words.district_name(index, district)
    plain = Words(zh=f"{named.zh}的室外管", en=f"pipes outdoors {named.en}")
    tree = model.tree
    if tree is None or district not in {d.id for d in tree.districts}:
        return plain
    behind = {d.id: _behind(tree, d.id) for d in tree.districts if _has_outdoors(model, tree, d.id)}
    storeys = {d: [n for b in below for n in _storeys(index, model, tree, b, None)] for d, below in behind.items()}
    # what feeds other pipes outdoors is a main of them all
    zones = {d: float(np.mean(storeys[d])) for d, below in behind.items()
             if storeys[d] and not (set(below) - {d}) & behind.keys()}  # fmt: skip
    if district in zones:
        zh, en = _zone(zones, district)
        if en:
            return Words(zh=f"{zh}室外管", en=f"outdoor pipes of the {en}")
        return Words(zh="室外管", en="outdoor pipes") if len(zones) == 1 else plain
    mains = [d for d, below in behind.items() if d not in zones and storeys[d] and not d.startswith("before ")]
    return Words(zh="室外干管", en="outdoor mains") if mains == [district] else plain


def _zone(heights: dict[str, float], district: str) -> tuple[str, str]:
    """What a zone is called among those of a building or site; by number where there are many."""
    order = sorted(heights, key=lambda d: (heights[d], d))
    place = order.index(district)
    if len(order) in _ZONES:
        return _ZONES[len(order)][place]
    return f"{place + 1}区", f"zone {place + 1}"


def _served(index: SiteIndex, model: NetworkModel, tree: MeterTree, building: str) -> dict[str, float]:
    """Districts with flats of a building, and on which storey these are in the mean."""
    storeys = {d.id: _storeys(index, model, tree, d.id, building) for d in tree.districts}
    return {d: float(np.mean(numbers)) for d, numbers in storeys.items() if numbers}


def _storeys(index: SiteIndex, model: NetworkModel, tree: MeterTree, district: str, building: str | None) -> list[int]:
    """The storeys of the flats whose meters end a district."""
    row = next(k for k, d in enumerate(tree.districts) if d.id == district)
    spaces = (model.end_spaces.get(tree.meters[c]) for c, sign in tree.boundary(row) if sign < 0)
    placed = [index.spaces[s].storey for s in spaces if s in index.spaces]
    return [p.number for p in placed if building in {None, p.building.id}]


def _behind(tree: MeterTree, district: str) -> Sequence[str]:
    """A district and all that it feeds."""
    order = [d.id for d in tree.districts]
    found, left = [district], [district]
    while left:
        row = order.index(left.pop())
        for column in np.flatnonzero(tree.signs[row] < 0):
            below = [order[int(r)] for r in np.flatnonzero(tree.signs[:, column] > 0)]
            left += [d for d in below if d not in found]
            found += [d for d in below if d not in found]
    return found


def _pipes(tree: MeterTree, district: str) -> tuple[str, ...]:
    return tuple(next(d.pipes for d in tree.districts if d.id == district))


def _tanks(tree: MeterTree, district: str) -> bool:
    return any(d.tanks for d in tree.districts if d.id == district)


def _indoors(model: NetworkModel, tree: MeterTree | None, building: str) -> list[str]:
    """Districts with pipes in a building."""
    districts = () if tree is None else tree.districts
    return [d.id for d in districts if any(p in model.places and model.places[p].building == building for p in d.pipes)]


def _has_outdoors(model: NetworkModel, tree: MeterTree, district: str) -> bool:
    return any(p in model.places and model.places[p].building is None for p in _pipes(tree, district))
