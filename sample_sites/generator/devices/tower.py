"""The devices of a tower: about 300 with 18 storeys, two thirds of them the meters of its flats."""

from typing import Final

from sample_sites.generator.devices.placing import Place, Placer
from sample_sites.generator.flats import kitchen_point
from sample_sites.generator.plan import STOREY_M, TowerPlace
from sample_sites.networks.domestic import LOW_ZONE_TOP

"""Loudspeakers and access points hang on every third storey."""
LIGHT_STOREYS: Final = 6


def _storey(tower: TowerPlace, number: int, key: str) -> Place:
    zh = {0: "地下一层", tower.storeys + 1: "屋面"}.get(number, f"{number}层")
    en = {0: "basement", tower.storeys + 1: "roof"}.get(number, f"storey {number}")
    return Place(
        f"{tower.number}号楼{zh}", f"Tower {tower.number} {en}", floor_m=tower.elevation_m(number),
        space=f"{tower.id}/f{number}/{key}", gateway=f"gw-t{tower.number}",
    )  # fmt: skip


def place_tower(placer: Placer, tower: TowerPlace, elderly: frozenset[str]) -> None:
    """Add every device of a tower."""
    _place_basement(placer, tower)
    _place_ground(placer, tower)
    for number in range(1, tower.storeys + 1):
        _place_storey(placer, tower, number)
        _place_meters(placer, tower, number, elderly)
    _place_lifts(placer, tower)
    _place_roof(placer, tower)


def _place_basement(placer: Placer, tower: TowerPlace) -> None:
    t, at = tower.number, tower.at
    telecom = _storey(tower, 0, "telecom-room")
    placer.put(f"gw-t{t}", "gateway", telecom, at(27.5, 4.3), parent="gw-core")
    lobby = telecom.within(f"{tower.id}/f0/lift-lobby")
    placer.camera(f"cam-t{t}-basement", lobby, at(14.0, 10.2), looks=70)
    placer.put(f"door-t{t}-basement", "door-access", lobby, at(18.8, 14.9))
    placer.put(f"count-t{t}-basement", "people-counter", lobby, at(20.0, 14.6))
    placer.put(f"t{t}-f00-mcp", "manual-call-point", lobby, at(18.6, 14.8))
    placer.put(f"t{t}-f00-ext", "extinguisher", lobby, at(21.4, 14.8))
    placer.put(f"t{t}-f00-smoke", "smoke-detector", lobby, at(20, 11.2))
    placer.put(f"t{t}-f00-speaker", "loudspeaker", lobby, at(16, 9.9))
    placer.put(f"t{t}-f00-speaker-corridor", "loudspeaker", _storey(tower, 0, "corridor"), at(20.0, 8.9))
    placer.put(f"t{t}-f00-sign", "exit-sign", _storey(tower, 0, "corridor"), at(20.0, 8.1), bearing_deg=0.0)
    placer.put(f"sump-t{t}", "sump-pump", lobby, at(25.8, 10.4))
    switch = telecom.within(f"{tower.id}/f0/switch-room")
    placer.put(f"em-t{t}", "electricity-meter-building", switch, at(10, 4.4), parent="em-inlet")
    placer.put(f"ef-t{t}-1", "electrical-fire-monitor", switch, at(12, 4.2))
    placer.put(f"elb-t{t}", "emergency-lighting-box", switch, at(14, 4.2))
    placer.put(f"t{t}-f00-heat", "heat-detector", switch, at(13, 6))
    valves = telecom.within(f"{tower.id}/f0/valve-room")
    placer.put(f"wm-t{t}", "water-meter-building", valves, at(18, 5), parent="wm-low-zone")
    placer.put(f"mv-t{t}", "motor-valve", valves, at(19, 5))
    placer.put(f"iv-t{t}-low", "isolation-valve", valves, at(20, 5))
    if tower.storeys > LOW_ZONE_TOP:
        placer.put(f"wm-high-t{t}", "water-meter-building", valves, at(18, 7), label="高区|high", parent="wm-high-zone")
        placer.put(f"wm-fill-t{t}", "water-meter-zone", valves, at(18, 8), label="屋顶水箱进水|roof tank filling",
                   parent="wm-high-zone")  # fmt: skip
        placer.put(f"iv-t{t}-high", "isolation-valve", valves, at(20, 7), label="高区|high")
    placer.put(f"gm-t{t}", "gas-meter-building", _storey(tower, 1, "shaft-gas"), at(27.4, 11.5), height_m=1.2)


def _place_ground(placer: Placer, tower: TowerPlace) -> None:
    t, at = tower.number, tower.at
    lobby = _storey(tower, 1, "lobby")
    placer.camera(f"cam-t{t}-lobby", lobby, at(22.2, 12.9), looks=315)
    placer.put(f"door-t{t}-main", "door-access", lobby, at(18.8, 17.9))
    placer.put(f"disp-t{t}", "display", lobby, at(17.7, 15.5))
    placer.put(f"count-t{t}-main", "people-counter", lobby, at(20.0, 17.6), label="主出口|main exit")
    for k, u in ((1, 10.5), (2, 29.7)):
        stair = lobby.within(f"{tower.id}/f1/stair-{k}")
        placer.put(f"count-t{t}-stair-{k}", "people-counter", stair, at(u, 14.6), label=f"{k}号楼梯出口|stair {k} exit")
    placer.put(f"t{t}-f01-sign-main", "exit-sign", lobby, at(20.0, 17.9), bearing_deg=180.0, label="主出口|main exit")
    placer.put(f"air-t{t}", "indoor-air", lobby, at(22.3, 14.5))
    placer.put(f"day-t{t}", "daylight-sensor", lobby, at(21.5, 17.6))
    placer.put(f"light-t{t}-lobby", "light", lobby, at(20, 15.3))
    placer.put(f"patrol-t{t}-lobby", "patrol-point", lobby, at(22.3, 16.5))
    front = Place(f"{t}号楼北", f"Tower {t} north", gateway=f"gw-t{t}")
    placer.camera(f"cam-t{t}-front", front, at(12.0, 15.3), looks=35, tilt_deg=12, kind="camera-fixed", height_m=5.0)


def _place_storey(placer: Placer, tower: TowerPlace, number: int) -> None:
    t, at = tower.number, tower.at
    key = f"t{t}-f{number:02d}"
    placer.put(f"{key}-smoke", "smoke-detector", _storey(tower, number, "lift-lobby"), at(20, 11.2))
    corridor = _storey(tower, number, "corridor")
    placer.put(f"{key}-mcp", "manual-call-point", corridor, at(18.6, 9.7))
    placer.put(f"{key}-ext", "extinguisher", corridor, at(21.4, 9.7))
    placer.put(f"{key}-speaker", "loudspeaker", corridor, at(20.0, 8.4))
    placer.put(f"{key}-sign", "exit-sign", corridor, at(20.0, 8.1), bearing_deg=0.0)
    placer.put(f"{key}-speaker-lobby", "loudspeaker", _storey(tower, number, "lift-lobby"), at(21.5, 11.2))
    for end, x in (("w", 14.0), ("e", 26.0)):
        placer.put(f"ap-{key}-{end}", "wifi-ap", corridor, at(x, 8.9), label="西|west" if end == "w" else "东|east")
    if number % LIGHT_STOREYS == 2:
        placer.put(f"light-{key}", "light", corridor, at(20, 8.9))


def _place_meters(placer: Placer, tower: TowerPlace, number: int, elderly: frozenset[str]) -> None:
    t, at = tower.number, tower.at
    water = _storey(tower, number, "shaft-water")
    power = _storey(tower, number, "shaft-electrical")
    wm_parent = f"wm-t{t}" if number <= LOW_ZONE_TOP else f"wm-high-t{t}"
    for k in range(1, tower.flats + 1):
        flat = f"{number}{k:02d}"
        space = f"{tower.id}/f{number}/{flat}"
        home = Place(f"{t}号楼{flat}", f"Flat {t}-{flat}", floor_m=water.floor_m, gateway=f"gw-t{t}")
        step = 0.3 * k
        placer.put(f"wm-t{t}-{flat}", "water-meter-flat", home.within(water.space or ""), at(11.9 + step, 12.4),
                   parent=wm_parent)  # fmt: skip
        placer.put(f"em-t{t}-{flat}", "electricity-meter-flat", home.within(power.space or ""), at(13.5 + step, 14.8),
                   parent=f"em-t{t}")  # fmt: skip
        kitchen = at(*kitchen_point(k, tower.flats))
        in_kitchen = home.within(f"{space}/kitchen")
        placer.put(f"gm-t{t}-{flat}", "gas-meter-flat", in_kitchen, kitchen, parent=f"gm-t{t}")
        if space in elderly:
            _place_care(placer, tower, home, flat)


def _place_care(placer: Placer, tower: TowerPlace, home: Place, flat: str) -> None:
    """Add what looks after someone old who lives alone."""
    t, k, space = tower.number, int(flat[-2:]), f"{tower.id}/f{flat[:-2]}/{flat}"
    east = k > tower.flats / 2
    end_flat = tower.flats == 4 and k in (1, 4)
    living, bath, bed = ((2.5, 6.0), (7.0, 6.6), (7.0, 2.5)) if end_flat else ((12.0, 6.0), (16.0, 6.9), (16.2, 2.3))
    u = [40.0 - p[0] if east else p[0] for p in (living, bath, bed)]
    placer.put(f"call-t{t}-{flat}", "call-button", home.within(f"{space}/bedroom-1"), tower.at(u[2], bed[1]))
    placer.put(f"act-t{t}-{flat}", "activity-sensor", home.within(f"{space}/living"), tower.at(u[0], living[1]))
    placer.put(f"gas-t{t}-{flat}", "gas-detector", home.within(f"{space}/kitchen"),
               tower.at(*kitchen_point(k, tower.flats)))  # fmt: skip


def _place_lifts(placer: Placer, tower: TowerPlace) -> None:
    t, at = tower.number, tower.at
    for k, u in ((1, 16.3), (2, 23.7)):
        shaft = _storey(tower, 1, f"lift-{k}")
        place = Place(f"{t}号楼", f"Tower {t}", floor_m=shaft.floor_m, space=shaft.space, gateway=shaft.gateway)
        placer.put(f"lift-t{t}-{k}", "lift", place, at(u, 13.8), height_m=1.2, label=str(k))
        placer.camera(f"cam-t{t}-lift-{k}", place, at(u + 1.0, 14.8), looks=225, tilt_deg=45, kind="camera-lift",
                      height_m=2.3, label=str(k))  # fmt: skip


def _place_roof(placer: Placer, tower: TowerPlace) -> None:
    t, at, top = tower.number, tower.at, tower.storeys
    machine = _storey(tower, top + 1, "machine-room")
    placer.camera(f"cam-t{t}-machine", machine, at(15.3, 10.1), looks=45)
    placer.put(f"t{t}-roof-heat", "heat-detector", machine, at(20, 12.4))
    placer.put(f"ef-t{t}-2", "electrical-fire-monitor", machine, at(24, 14.8))
    smoke = machine.within(f"{tower.id}/f{top + 1}/smoke-room")
    placer.camera(f"cam-t{t}-smoke-room", smoke, at(13.4, 12.4), looks=0, tilt_deg=90, model="12MP-fisheye")
    for k, v in ((1, 12.0), (2, 14.0)):
        placer.put(f"fan-t{t}-{k}", "smoke-fan", smoke, at(13.4, v), label=str(k), height_m=1.0)
    placer.put(f"fpb-t{t}", "fire-power-box", smoke, at(14.8, 12.0))
    deck = machine.within(f"{tower.id}/f{top + 1}/deck")
    placer.camera(f"cam-t{t}-roof", deck, at(tower.west_m + 0.6, 0.6), looks=58, tilt_deg=14, model="4MP-2.8mm")
    placer.put(f"intr-t{t}-roof", "intrusion-detector", deck, at(10.5, 9.6))
    placer.put(f"patrol-t{t}-roof", "patrol-point", deck, at(27.5, 9.7))
    if t == 1:
        placer.put("ftank-roof", "fire-tank-level", machine.within(f"{tower.id}/f{top + 1}/tank-room"), at(26.6, 11))
    if top > LOW_ZONE_TOP:
        placer.put(f"tank-t{t}-roof", "tank-level", machine.within(f"{tower.id}/f{top + 1}/tank-room"), at(26.6, 12.4))
    upper = _storey(tower, top, "shaft-water")
    placer.put(f"pt-t{t}-top", "pressure-sensor", upper, at(12.2, 10.2))
    placer.put(f"fp-t{t}-end", "fire-end-pressure", upper, at(13.0, 10.2), height_m=min(1.5, STOREY_M))
