"""What runs by itself: the drains down to the outfall, and the telecom ducts from the data room."""

from collections.abc import Sequence
from typing import Final

from sample_sites.networks.domestic import FLAT_M3_PER_DAY
from sample_sites.networks.draft import Draft, diameter_m
from sample_sites.networks.ground_plan import GroundPlan, Lay, lay
from twin.model.base import Text
from twin.model.networks import LinkTie, NodeTie
from twin.model.site import Site

_FIRST_INVERT_M: Final = -1.4
_SLOPE_RATIO: Final = 0.002
_OVER_FIRST_M: Final = 0.25
"""The city's sewer stands above the first inverts, so the drains run full: a state EPANET can solve."""
_RETURNED_RATIO: Final = 0.9
_DUCT_DEPTH_M: Final = 0.8
_LONG_M: Final = 60.0
_DUCT_M: Final = 0.1
_CABLE_M: Final = 0.014
"""Diameter of the one cable that every building has."""


def _named(site: Site, prefix: str) -> list[tuple[str, float, float]]:
    return [
        (d.id, d.x_m, d.y_m)
        for d in site.devices
        if d.id.startswith(prefix) and d.x_m is not None and d.y_m is not None
    ]


def _tie_nearest(draft: Draft, site: Site, prefix: str, nodes: dict[str, tuple[float, float]], tie: NodeTie) -> None:
    free = dict(nodes)
    for device, x, y in _named(site, prefix):
        if not free:
            return
        name = min(free, key=lambda n: (free[n][0] - x) ** 2 + (free[n][1] - y) ** 2)
        del free[name]
        draft.tie_node(name, tie.replace(device=device))


def _distances_m(trench: Lay, root: str) -> dict[str, float]:
    """Length of the way from each point of a tree to its root."""
    near: dict[str, list[str]] = {}
    for a, b in trench.stretches:
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    found, todo = {root: 0.0}, [root]
    for name in todo:
        for other in near.get(name, []):
            if other not in found:
                (x0, y0), (x1, y1) = trench.points[name], trench.points[other]
                found[other] = found[name] + abs(x1 - x0) + abs(y1 - y0)
                todo.append(other)
    return found


def drainage(site: Site, plan: GroundPlan) -> Draft:
    """The drawing of the foul drains: manholes in a tree, their inverts falling to the outfall."""
    draft = Draft("drainage", "drainage", Text(zh="排水", en="Drainage"), frozenset(d.id for d in site.devices))
    trench = lay(plan, {t.id: t.shaft for t in plan.towers} | dict(plan.others), shift_m=-1.5, looped=False)
    root = "W0"
    way_m = _distances_m(trench, root)
    farthest_m = max(way_m.values())
    manhole = NodeTie(asset="manhole")
    inverts_m = {n: _FIRST_INVERT_M - _SLOPE_RATIO * (farthest_m - way_m[n]) for n in trench.points}
    for name, at in trench.points.items():
        draft.junction(f"D-{name}", at, inverts_m[name], tie=manhole)
    flats = sum(len(s.flats) for t in plan.towers for s in t.storeys)
    flow = flats * FLAT_M3_PER_DAY / 86400 * _RETURNED_RATIO
    bore = max(0.4, diameter_m(3 * flow, velocity_m_per_s=0.6, least_m=0.4))
    for k, (a, b) in enumerate(trench.stretches, 1):
        low, high = sorted((a, b), key=lambda n: way_m[n])
        tie = LinkTie(asset="main", material="UPVC", depth_m=round(-inverts_m[high], 2))
        draft.pipe(f"D-P{k}", f"D-{high}", f"D-{low}", bore_m=bore, tie=tie)
    level_m = _FIRST_INVERT_M + _OVER_FIRST_M
    draft.reservoir("OUTFALL", (plan.west_m, plan.entry[1]), level_m, NodeTie(asset="outfall"))
    draft.pipe("D-OUT", f"D-{root}", "OUTFALL", bore_m=bore,
               tie=LinkTie(asset="main", material="UPVC", depth_m=round(-inverts_m[root], 2)))  # fmt: skip
    for tower in plan.towers:
        count = sum(len(s.flats) for s in tower.storeys)
        inflow = count * FLAT_M3_PER_DAY / 86400 * _RETURNED_RATIO
        house = draft.junction(
            f"D-{tower.id}", tower.shaft, _FIRST_INVERT_M, demand_m3_per_s=-inflow, pattern="residential", tie=manhole
        )
        draft.pipe(f"D-B{tower.id}", house, f"D-{trench.taps[tower.id]}", bore_m=0.3,
                   tie=LinkTie(asset="branch", material="UPVC", depth_m=-_FIRST_INVERT_M))  # fmt: skip
    _tie_nearest(draft, site, "lvl-mh-", {f"D-{n}": at for n, at in trench.points.items()}, manhole)
    return draft


def _filled_ratio(cables: int) -> float:
    return round(min(1.0, cables * (_CABLE_M / _DUCT_M) ** 2), 3)


def _ends_beyond(trench: Lay, root: str, ends: Sequence[str]) -> dict[tuple[str, str], int]:
    """How many ends lie beyond each stretch, seen from the root of the tree."""
    way_m = _distances_m(trench, root)
    above = {max(pair, key=lambda n: way_m[n]): pair for pair in trench.stretches}
    beyond = dict.fromkeys(trench.stretches, 0)
    for end in ends:
        at = end
        while at != root:
            pair = above[at]
            beyond[pair] += 1
            at = min(pair, key=lambda n: way_m[n])
    return beyond


def telecom_ducts(site: Site, plan: GroundPlan) -> Draft:
    """The drawing of the telecom ducts: chambers in a tree from the data room, and the way into every tower.

    They carry no water; as an EPANET file they are drawn, traced and edited with the same tools as the pipes.
    """
    draft = Draft("telecom-ducts", "telecom_duct", Text(zh="通信管道", en="Telecom ducts"),
                  frozenset(d.id for d in site.devices))  # fmt: skip
    room = plan.rooms["data_room"]
    taps = {"room": room.point} | {t.id: t.shaft for t in plan.towers} | dict(plan.others)
    trench = lay(plan, taps, shift_m=3.6, looped=False)
    ends = [(t.id, t.shaft) for t in plan.towers] + list(plan.others)
    duct = LinkTie(asset="main", material="UPVC", depth_m=_DUCT_DEPTH_M)
    cables = _ends_beyond(trench, trench.taps["room"], [trench.taps[name] for name, _ in ends])
    for name, at in trench.points.items():
        draft.junction(f"C-{name}", at, -_DUCT_DEPTH_M, tie=NodeTie(asset="manhole"))
    for k, (a, b) in enumerate(trench.stretches, 1):
        draft.pipe(f"C-P{k}", f"C-{a}", f"C-{b}", bore_m=_DUCT_M,
                   tie=duct.replace(fill_ratio=_filled_ratio(cables[a, b])))  # fmt: skip
    draft.reservoir("DATA-ROOM", room.point, 0.0, NodeTie(space=room.space, asset="inlet"))
    draft.pipe("C-ROOT", "DATA-ROOM", f"C-{trench.taps['room']}", bore_m=_DUCT_M,
               tie=duct.replace(fill_ratio=_filled_ratio(len(ends))))  # fmt: skip
    for name, at in ends:
        draft.junction(f"C-{name}", at, -_DUCT_DEPTH_M)
        draft.pipe(f"C-B-{name}", f"C-{trench.taps[name]}", f"C-{name}", bore_m=_DUCT_M,
                   tie=duct.replace(asset="branch", fill_ratio=_filled_ratio(1)))  # fmt: skip
    _tie_nearest(draft, site, "duct-", {f"C-{n}": at for n, at in trench.points.items()}, NodeTie(asset="manhole"))
    return draft
