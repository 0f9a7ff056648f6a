"""Drinking water: the city's inlet, a ring, the break tank, and two zones lifted from it into the towers.

The city's pressure feeds the ring, the ground-level buildings and the break tank. From the tank a variable-speed pump
holds the low zone, and two pumps lift the high zone's water to the roof tanks, from which it falls to the flats; a
reducing valve stands between every ten storeys of it.
"""

import math
from typing import Final

from pipe_network.model import Tank, Valve
from sample_sites.networks.draft import Draft, diameter_m
from sample_sites.networks.ground_plan import XY, GroundPlan, Lay, LivingStorey, Tower, lay
from twin.model.base import Text
from twin.model.networks import LinkTie, NodeTie
from twin.model.site import Site

FLAT_M3_PER_DAY: Final = 0.35
LOW_ZONE_TOP: Final = 9
GROUP: Final = 10
"""Storeys of the high zone between two reducing valves: 29 m, within the 0.35 MPa that GB 50015 (2019) 3.4.3 allows
together with what the topmost of them needs."""
_FLAT_M3_PER_S: Final = FLAT_M3_PER_DAY / 86400
_PEAK: Final = 2.5
_MAIN_DEPTH_M: Final = 1.0
_TAP_M: Final = 1.0
_CITY_HEAD_M: Final = 30.0
_LEAST_AT_TAP_M: Final = 15.0
_ALLOWANCE_M: Final = 10.0
"""For friction on the way to the farthest tower."""
_ORIFICE_M: Final = 3.0
_TANK_ABOVE_ROOF_M: Final = 3.6
_BURIED: Final = {"material": "ductile iron", "depth_m": _MAIN_DEPTH_M}


def throttle(flow_m3_per_s: float, *, bore_m: float, head_m: float) -> float:
    """The loss coefficient of an orifice that takes `head_m` at a flow: h = K v2 / 2g.

    Examples
    --------
    >>> round(throttle(0.01, bore_m=0.1, head_m=3.0), 1)
    36.3
    """
    velocity_m_per_s = flow_m3_per_s / (math.pi * bore_m**2 / 4)
    return round(2 * 9.80665 * head_m / velocity_m_per_s**2, 1)


def domestic_water(site: Site, plan: GroundPlan) -> Draft:
    """The drawing of the drinking-water network."""
    draft = Draft(
        "domestic-water", "domestic_water", Text(zh="生活给水", en="Domestic water"),
        frozenset(d.id for d in site.devices),
    )  # fmt: skip
    households = {h.space: h.id for h in site.households}
    low = [s for t in plan.towers for s in t.storeys if s.number <= LOW_ZONE_TOP]
    high = [s for t in plan.towers for s in t.storeys if s.number > LOW_ZONE_TOP]
    low_flow, high_flow = (sum(len(s.flats) for s in part) * _FLAT_M3_PER_S for part in (low, high))
    _city_and_ring(draft, site, plan, low_flow + high_flow)
    top_m = max(s.elevation_m for s in low) + _TAP_M
    design = 0.0015 + _PEAK * low_flow
    _low_zone_pump(draft, plan, design, top_m + _LEAST_AT_TAP_M + _ALLOWANCE_M)
    mains = _mains(draft, plan, "L", plan.towers, bore_m=diameter_m(design, least_m=0.15), shift_m=0.6, source="LOW")
    for tower in plan.towers:
        _low_riser(draft, tower, mains.taps[tower.id], households)
    tall = tuple(t for t in plan.towers if t.storeys[-1].number > LOW_ZONE_TOP)
    if tall:
        _high_zone(draft, plan, tall, high_flow, households)
    return draft


def _city_and_ring(draft: Draft, site: Site, plan: GroundPlan, daily_flow: float) -> None:
    room = plan.rooms["water_pump_room"]
    taps: dict[str, XY] = {"inlet": plan.entry, "fill": room.point, **dict(plan.others)}
    ring = lay(plan, taps, shift_m=0.0, looped=True)
    fill_flow = 1.6 * daily_flow
    bore = diameter_m(fill_flow + 0.003, least_m=0.15)
    below = -_MAIN_DEPTH_M
    buried = LinkTie(asset="ring", **_BURIED)
    for name, at in ring.points.items():
        draft.junction(f"M-{name}", at, below)
    for k, (a, b) in enumerate(ring.stretches, 1):
        draft.pipe(f"M-P{k}", f"M-{a}", f"M-{b}", bore_m=bore, tie=buried, valve=f"M-V{k}")
    inlet_point = plan.entry
    draft.reservoir("CITY", (inlet_point[0], inlet_point[1] - 10.0), _CITY_HEAD_M, NodeTie(asset="inlet"))
    draft.junction("INLET", inlet_point, below, tie=NodeTie(asset="meter"))
    draft.junction("INLET-2", (inlet_point[0], inlet_point[1] + 1.5), below)
    branch = LinkTie(asset="branch", **_BURIED)
    draft.pipe("CITY-MAIN", "CITY", "INLET", bore_m=bore, tie=LinkTie(asset="main", **_BURIED), valve="V-CITY")
    draft.pipe("INLET-CHECK", "INLET", "INLET-2", bore_m=bore, check=True,
               tie=LinkTie(asset="meter", device="wm-inlet", **_BURIED))  # fmt: skip
    draft.pipe("INLET-MAIN", "INLET-2", f"M-{ring.taps['inlet']}", bore_m=bore, tie=branch, valve="V-INLET",
               valve_device="mv-inlet")  # fmt: skip
    for name, at in plan.others:
        draft.junction(f"M-{name}", at, 0.5, demand_m3_per_s=2.0 / 86400, pattern="residential",
                       tie=NodeTie(asset="tap"))  # fmt: skip
        draft.pipe(f"M-B-{name}", f"M-{ring.taps[name]}", f"M-{name}", bore_m=0.05, valve=f"M-BV-{name}",
                   tie=LinkTie(asset="branch", device=f"wm-{name}", material="PE100", depth_m=0.8))  # fmt: skip
    _tie_ring_pressures(draft, site, ring)
    _break_tank(draft, plan, ring, fill_flow, bore)


def _tie_ring_pressures(draft: Draft, site: Site, ring: Lay) -> None:
    free = dict(ring.points)
    for device in site.devices:
        if not device.id.startswith("pt-ring-") or not free:
            continue
        at = (device.x_m, device.y_m)
        name = next(iter(free))
        if at[0] is not None and at[1] is not None:
            name = min(free, key=lambda n: math.dist(free[n], (at[0] or 0.0, at[1] or 0.0)))
        del free[name]
        draft.tie_node(f"M-{name}", NodeTie(device=device.id))


def _break_tank(draft: Draft, plan: GroundPlan, ring: Lay, fill_flow: float, bore_m: float) -> None:
    room = plan.rooms["water_pump_room"]
    x, y = room.point
    volume = max(20.0, 0.25 * fill_flow / 1.6 * 86400)  # a quarter of a day: GB 50015 (2019) 3.8.3 asks 20 to 25 %
    tank = Tank("TANK", room.elevation_m + 0.5, 1.8, 0.3, 2.6, round(math.sqrt(4 * volume / (math.pi * 2.0)), 2))
    draft.tank(tank, (x, y), NodeTie(space=room.space, device="tank-dom", asset="tank"))
    draft.junction("FILL", (x, y - 1.5), room.elevation_m + 3.0)
    draft.pipe("FILL-MAIN", f"M-{ring.taps['fill']}", "FILL", bore_m=bore_m, valve="V-FILL",
               tie=LinkTie(asset="branch", **_BURIED))  # fmt: skip
    loss = throttle(fill_flow, bore_m=bore_m, head_m=_CITY_HEAD_M - tank.elevation_m - tank.max_level_m)
    draft.pipe("FILL-FLOAT", "FILL", "TANK", bore_m=bore_m, minor_loss=loss,
               tie=LinkTie(asset="branch", material="ductile iron"))  # fmt: skip
    draft.controls += ["LINK FILL-FLOAT OPEN IF NODE TANK BELOW 1.6", "LINK FILL-FLOAT CLOSED IF NODE TANK ABOVE 2.4"]


def _low_zone_pump(draft: Draft, plan: GroundPlan, design: float, head_m: float) -> None:
    room = plan.rooms["water_pump_room"]
    (x, y), z = room.point, room.elevation_m + 0.5
    for name, dx in (("SUC-L", 1.0), ("PUMP-L", 2.0), ("LOW", 3.0)):
        draft.junction(name, (x + dx, y + 1.0), z)
    bore = diameter_m(design, least_m=0.08)
    inside = LinkTie(asset="main", material="steel")
    draft.pipe("SUCTION-L", "TANK", "SUC-L", bore_m=bore, tie=inside, valve="V-SUC-L")
    curve = draft.curve("low", design, head_m - z + 6.0)
    draft.pump("PUMP-1", "SUC-L", "PUMP-L", curve, tie=LinkTie(asset="pump", device="pump-dom-1"), running=True)
    # a variable-speed pump holds its discharge pressure; EPANET has it as a pump with a reducing valve behind it
    setting = Valve("PRV-LOW", "PUMP-L", "LOW", bore, "PRV", round(head_m - z, 1))
    draft.valve(setting, LinkTie(asset="prv", device="wm-low-zone", material="steel"))


def _mains(
    draft: Draft, plan: GroundPlan, zone: str, towers: tuple[Tower, ...], *, bore_m: float, shift_m: float, source: str
) -> Lay:
    room = plan.rooms["water_pump_room"]
    mains = lay(plan, {"pumps": room.point, **{t.id: t.shaft for t in towers}}, shift_m=shift_m, looped=True)
    for name, at in mains.points.items():
        draft.junction(f"{zone}-{name}", at, -_MAIN_DEPTH_M)
    tie = LinkTie(asset="main", **_BURIED)
    for k, (a, b) in enumerate(mains.stretches, 1):
        draft.pipe(f"{zone}-P{k}", f"{zone}-{a}", f"{zone}-{b}", bore_m=bore_m, tie=tie, valve=f"{zone}-V{k}")
    draft.pipe(f"{zone}-OUT", source, f"{zone}-{mains.taps['pumps']}", bore_m=bore_m, tie=tie, valve=f"{zone}-VOUT")
    return mains


def _storey(
    draft: Draft, tower: Tower, storey: LivingStorey, households: dict[str, str], tie: NodeTie | None = None
) -> str:
    """The riser's node on a storey, and behind a valve the meters and taps of its flats."""
    t, n, z = tower.id, storey.number, storey.elevation_m + _TAP_M
    riser = draft.junction(
        f"{t}-R{n}", tower.shaft, z, tie=tie or NodeTie(space=storey.shaft, asset="riser")
    )  # fmt: skip
    header = draft.junction(f"{t}-S{n}", (tower.shaft[0] + 0.3, tower.shaft[1]), z)
    steel, plastic = LinkTie(asset="branch", material="steel"), "PPR"
    draft.pipe(f"{t}-SV{n}", riser, header, bore_m=0.05, tie=steel.replace(asset="isolation_valve"), minor_loss=0.2)
    for k, (space, at) in enumerate(storey.flats, 1):
        number = space.rsplit("/", 1)[-1]
        node = draft.junction(
            f"{t}-{number}", at, z, demand_m3_per_s=_FLAT_M3_PER_S, pattern="residential",
            tie=NodeTie(space=space, household=households.get(space), asset="tap"),
        )  # fmt: skip
        device = f"wm-{t.lower()}-{number}"
        draft.pipe(f"{t}-M{n}.{k}", header, node, bore_m=0.025, tie=LinkTie(asset="meter", device=device,
                                                                              material=plastic))  # fmt: skip
    return riser


def _low_riser(draft: Draft, tower: Tower, main: str, households: dict[str, str]) -> None:
    t = tower.id
    storeys = [s for s in tower.storeys if s.number <= LOW_ZONE_TOP]
    foot = draft.junction(f"{t}-LF", tower.shaft, -_MAIN_DEPTH_M)
    draft.pipe(
        f"{t}-LB", f"L-{main}", foot, bore_m=0.1, valve=f"{t}-LBV", valve_device=f"mv-{t.lower()}",
        tie=LinkTie(asset="branch", device=f"wm-{t.lower()}", **_BURIED),
    )  # fmt: skip
    below = foot
    for k, storey in enumerate(storeys):
        top = k == len(storeys) - 1 and tower.storeys[-1].number <= LOW_ZONE_TOP
        tie = NodeTie(space=storey.shaft, asset="riser", device=f"pt-{t.lower()}-top" if top else None)
        node = _storey(draft, tower, storey, households, tie)
        draft.pipe(f"{t}-LR{storey.number}", below, node, bore_m=0.1, valve=f"{t}-LRV" if k == 0 else None,
                   valve_device=f"iv-{t.lower()}-low", tie=LinkTie(asset="riser", material="steel"))  # fmt: skip
        below = node


def _high_zone(
    draft: Draft, plan: GroundPlan, towers: tuple[Tower, ...], flow: float, households: dict[str, str]
) -> None:
    room = plan.rooms["water_pump_room"]
    (x, y), z = room.point, room.elevation_m + 0.5
    for name, dx in (("SUC-H", 1.0), ("PUMP-H", 2.0), ("HIGH", 3.0)):
        draft.junction(name, (x + dx, y + 2.0), z)
    design = max(0.001, 1.5 * flow)
    bore = diameter_m(2 * design, least_m=0.1)
    inside = LinkTie(asset="main", material="steel")
    draft.pipe("SUCTION-H", "TANK", "SUC-H", bore_m=bore, tie=inside, valve="V-SUC-H")
    roof_m = max(t.roof_elevation_m for t in towers) + _TANK_ABOVE_ROOF_M
    curve = draft.curve("high", design, roof_m + 2.5 - z + _ORIFICE_M + _ALLOWANCE_M)
    for k in (2, 3):
        tie = LinkTie(asset="pump", device=f"pump-dom-{k}")
        draft.pump(f"PUMP-{k}", "SUC-H", "PUMP-H", curve, tie=tie, running=False)
    draft.pipe("METER-H", "PUMP-H", "HIGH", bore_m=bore, check=True,
               tie=LinkTie(asset="meter", device="wm-high-zone", material="steel"))  # fmt: skip
    mains = _mains(draft, plan, "H", towers, bore_m=bore, shift_m=1.2, source="HIGH")
    for tower in towers:
        _roof_tank(draft, tower, mains.taps[tower.id], roof_m)
        _high_riser(draft, tower, households)
    # the roof tanks hang together on the main and stand equally high, so that one of them may start the pumps
    leader = f"{towers[-1].id}-TANK"
    draft.controls += [
        f"LINK PUMP-2 OPEN IF NODE {leader} BELOW 1.3",
        f"LINK PUMP-2 CLOSED IF NODE {leader} ABOVE 2.1",
        f"LINK PUMP-3 OPEN IF NODE {leader} BELOW 0.9",
        f"LINK PUMP-3 CLOSED IF NODE {leader} ABOVE 1.8",
    ]


def _roof_tank(draft: Draft, tower: Tower, main: str, elevation_m: float) -> None:
    t = tower.id
    flats = sum(len(s.flats) for s in tower.storeys if s.number > LOW_ZONE_TOP)
    volume = max(4.0, 0.3 * flats * FLAT_M3_PER_DAY)
    tank = Tank(f"{t}-TANK", round(elevation_m, 3), 1.7, 0.1, 2.4, round(math.sqrt(4 * volume / (math.pi * 2.2)), 2))
    at = (tower.shaft[0] + 3.0, tower.shaft[1])
    draft.tank(tank, at, NodeTie(space=tower.tank_room, device=f"tank-{t.lower()}-roof", asset="tank"))
    foot = draft.junction(f"{t}-HF", tower.shaft, -_MAIN_DEPTH_M)
    head = draft.junction(f"{t}-HT", tower.shaft, elevation_m - 1.0)
    draft.pipe(f"{t}-HB", f"H-{main}", foot, bore_m=0.1, valve=f"{t}-HBV",
               tie=LinkTie(asset="branch", device=f"wm-fill-{t.lower()}", **_BURIED))  # fmt: skip
    steel = LinkTie(asset="riser", material="steel")
    draft.pipe(f"{t}-HX", foot, head, bore_m=0.1, tie=steel, valve=f"{t}-HXV", valve_device=f"iv-{t.lower()}-high")
    # an orifice shares the water evenly between the roofs, and keeps the tanks from swinging through the main
    loss = throttle(1.5 * flats * _FLAT_M3_PER_S, bore_m=0.05, head_m=_ORIFICE_M)
    draft.pipe(f"{t}-HI", head, tank.id, bore_m=0.05, tie=steel, valve=f"{t}-HIV", minor_loss=loss)


def _high_riser(draft: Draft, tower: Tower, households: dict[str, str]) -> None:
    t = tower.id
    storeys = [s for s in reversed(tower.storeys) if s.number > LOW_ZONE_TOP]
    outlet = draft.junction(f"{t}-HO", (tower.shaft[0] + 2.0, tower.shaft[1]), tower.roof_elevation_m + 3.0)
    draft.pipe(f"{t}-HM", f"{t}-TANK", outlet, bore_m=0.1, valve=f"{t}-HMV",
               tie=LinkTie(asset="meter", device=f"wm-high-{t.lower()}", material="steel"))  # fmt: skip
    above = outlet
    for k, storey in enumerate(storeys):
        tie = NodeTie(space=storey.shaft, asset="riser", device=f"pt-{t.lower()}-top" if k == 0 else None)
        node = _storey(draft, tower, storey, households, tie)
        n = storey.number
        if k and k % GROUP == 0:
            z = storey.elevation_m + 2.0
            lower = draft.junction(f"{t}-G{n}", (tower.shaft[0], tower.shaft[1] + 0.3), z)
            upper = draft.junction(f"{t}-H{n}", (tower.shaft[0], tower.shaft[1] + 0.3), z + 0.5)
            draft.pipe(f"{t}-HR{n}", above, upper, bore_m=0.1, tie=LinkTie(asset="riser", material="steel"))
            reducing = Valve(f"{t}-PRV{n}", upper, lower, 0.1, "PRV", _LEAST_AT_TAP_M)
            draft.valve(reducing, LinkTie(asset="prv", material="steel"))
            draft.pipe(f"{t}-HG{n}", lower, node, bore_m=0.1, tie=LinkTie(asset="riser", material="steel"))
        else:
            draft.pipe(f"{t}-HR{n}", above, node, bore_m=0.1, tie=LinkTie(asset="riser", material="steel"),
                       valve=f"{t}-HRV" if k == 0 else None)  # fmt: skip
        above = node
