"""The fire main: a ring with hydrants, risers with an end-of-line test in every tower, a roof tank that holds it."""

import math
from typing import Final

from pipe_network.model import Tank
from sample_sites.networks.draft import Draft
from sample_sites.networks.ground_plan import GroundPlan, Lay, Tower, lay
from twin.model.base import Text
from twin.model.devices import Device
from twin.model.networks import LinkTie, NodeTie
from twin.model.site import Site

_DEPTH_M: Final = 1.2
_BORE_M: Final = 0.15
_RISER_M: Final = 0.1
_FIRE_FLOW_M3_PER_S: Final = 0.03
"""30 L/s outdoors, GB 50974 (2014) table 3.3.2 for a high residential building."""
_SEEP_M3_PER_S: Final = 2e-6
"""What the glands of a riser lose: it makes the jockey pump run now and then, as it does."""
_BURIED: Final = {"material": "ductile iron", "depth_m": _DEPTH_M}
_STEEL: Final = LinkTie(asset="riser", material="steel")


def fire_main(site: Site, plan: GroundPlan) -> Draft:
    """The drawing of the fire main."""
    draft = Draft(
        "fire-main",
        "fire_main",
        Text(zh="消防给水", en="Fire main"),
        frozenset(d.id for d in site.devices),
        accuracy_ratio=0.01,  # its water stands: a thousandth of nearly nothing is below what EPANET resolves
    )
    hydrants = {d.id: d for d in site.devices if d.kind == "hydrant-pressure" or d.id.startswith("hyd-")}
    outdoors = {d: (h.x_m, h.y_m) for d, h in hydrants.items() if h.x_m is not None and h.y_m is not None}
    room = plan.rooms["fire_pump_room"]
    taps = {"pumps": room.point, **{t.id: t.shaft for t in plan.towers}, **outdoors}
    ring = lay(plan, taps, shift_m=2.4, looped=True)
    for name, at in ring.points.items():
        draft.junction(f"F-{name}", at, -_DEPTH_M)
    for k, (a, b) in enumerate(ring.stretches, 1):
        draft.pipe(f"F-P{k}", f"F-{a}", f"F-{b}", bore_m=_BORE_M, valve=f"F-V{k}",
                   tie=LinkTie(asset="ring", **_BURIED))  # fmt: skip
    _hydrants(draft, hydrants, ring)
    for tower in plan.towers:
        _riser(draft, tower, ring.taps[tower.id])
    roof = _roof_tank(draft, site, plan)
    _pumps(draft, site, plan, ring, roof_m=roof)
    return draft


def _hydrants(draft: Draft, hydrants: dict[str, Device], ring: Lay) -> None:
    for k, device in enumerate(hydrants.values(), 1):
        if device.id not in ring.taps:
            continue
        at = (device.x_m or 0.0, device.y_m or 0.0)
        node = draft.junction(f"F-HYD{k}", at, 0.5, tie=NodeTie(device=device.id, asset="hydrant"))
        draft.pipe(f"F-HB{k}", f"F-{ring.taps[device.id]}", node, bore_m=0.1, valve=f"F-HV{k}",
                   tie=LinkTie(asset="branch", **_BURIED))  # fmt: skip


def _riser(draft: Draft, tower: Tower, main: str) -> None:
    t, (x, y) = tower.id, (tower.shaft[0] - 0.3, tower.shaft[1])
    below = draft.junction(f"{t}-FF", (x, y), -_DEPTH_M)
    draft.pipe(f"{t}-FB", f"F-{main}", below, bore_m=_RISER_M, valve=f"{t}-FBV", tie=LinkTie(asset="branch", **_BURIED))
    for k, storey in enumerate(tower.storeys):
        last = k == len(tower.storeys) - 1
        node = draft.junction(
            f"{t}-F{storey.number}", (x, y), storey.elevation_m + 1.1,
            demand_m3_per_s=_SEEP_M3_PER_S if last else 0.0,
            tie=NodeTie(space=storey.shaft, asset="riser", device=f"fp-{t.lower()}-end" if last else None),
        )  # fmt: skip
        draft.pipe(f"{t}-FR{storey.number}", below, node, bore_m=_RISER_M, tie=_STEEL,
                   valve=f"{t}-FRV" if k == 0 else None)  # fmt: skip
        below = node


def _level_device(site: Site, *, roof: bool) -> str | None:
    levels = [d.id for d in site.devices if d.kind == "fire-tank-level"]
    return next((d for d in levels if ("roof" in d) == roof), None)


def _roof_tank(draft: Draft, site: Site, plan: GroundPlan) -> float:
    """The high tank on the highest tower; its water surface holds the whole main."""
    tower = max(plan.towers, key=lambda t: t.roof_elevation_m)
    t, (x, y) = tower.id, tower.shaft
    elevation_m = round(tower.roof_elevation_m + 3.6, 3)
    tank = Tank("F-ROOF", elevation_m, 1.5, 0.3, 2.0, 3.4)  # 18 m3: GB 50974 (2014) 5.2.1, first class
    draft.tank(tank, (x + 4.5, y), NodeTie(space=tower.tank_room, asset="tank", device=_level_device(site, roof=True)))
    draft.pipe(
        "F-ROOF-DOWN", tank.id, f"{t}-F{tower.storeys[-1].number}", bore_m=_RISER_M, tie=_STEEL, valve="F-ROOF-V"
    )
    return elevation_m


def _pumps(draft: Draft, site: Site, plan: GroundPlan, ring: Lay, *, roof_m: float) -> None:
    room = plan.rooms["fire_pump_room"]
    (x, y), z = room.point, room.elevation_m + 0.5
    tank = Tank("F-TANK", z, 3.0, 0.3, 3.5, round(math.sqrt(4 * 324 / (math.pi * 3.2)), 2))  # 30 L/s for three hours
    draft.tank(tank, (x, y), NodeTie(space=room.space, asset="tank", device=_level_device(site, roof=False)))
    draft.junction("F-SUC", (x + 1.0, y), z, tie=NodeTie(space=room.space, asset="pump_suction"))
    draft.junction("F-DIS", (x + 2.5, y), z)
    draft.junction("F-OUT", (x + 3.5, y), z)
    steel = LinkTie(asset="main", material="steel")
    draft.pipe("F-SUCTION", tank.id, "F-SUC", bore_m=0.2, tie=steel, valve="F-SUC-V")
    head_m = roof_m + 1.5 - z + 8.0
    duty, jockey = draft.curve("fire", _FIRE_FLOW_M3_PER_S, head_m + 25.0), draft.curve("jockey", 0.001, head_m)
    for k in (1, 2):
        draft.pump(f"F-PUMP-{k}", "F-SUC", "F-DIS", duty, tie=LinkTie(asset="pump", device=f"pump-fire-{k}"),
                   running=False)  # fmt: skip
    draft.pump("F-JOCKEY", "F-SUC", "F-DIS", jockey, tie=LinkTie(asset="pump", device="pump-jockey"), running=False)
    draft.pipe("F-CHECK", "F-DIS", "F-OUT", bore_m=_BORE_M, check=True, tie=steel.replace(asset="check_valve"))
    draft.pipe("F-MAIN", "F-OUT", f"F-{ring.taps['pumps']}", bore_m=_BORE_M, valve="F-OUT-V",
               tie=LinkTie(asset="main", **_BURIED))  # fmt: skip
    draft.controls += [
        "LINK F-JOCKEY OPEN IF NODE F-ROOF BELOW 1.49",
        "LINK F-JOCKEY CLOSED IF NODE F-ROOF ABOVE 1.55",
    ]
