"""The devices of the low buildings: plant, service centre, kindergarten, shops, gates."""

from sample_sites.generator.blocks import FLOOR_M, Block
from sample_sites.generator.devices.placing import Place, Placer
from sample_sites.generator.plan import Layout
from sample_sites.networks.domestic import LOW_ZONE_TOP
from twin.model.base import Point


def _room(block: Block, key: str, *, gateway: str) -> tuple[Place, Point]:
    rooms = {r.key: r for r in (*block.south, *block.north)}
    zh, en = (rooms[key].zh, rooms[key].en.capitalize()) if key in rooms else (block.zh, block.en)
    place = Place(zh, en, floor_m=FLOOR_M, space=block.space_id(key), gateway=gateway)
    return place, block.middle(key)


def place_low_buildings(placer: Placer, layout: Layout, low: dict[str, Block]) -> None:
    """Add the devices of every low building."""
    _place_core(placer, low["service"])
    _place_service(placer, low["service"])
    _place_power(placer, low["plant"])
    _place_water(placer, low["plant"], high_zone=layout.plan.storeys > LOW_ZONE_TOP)
    _place_fire_water(placer, low["plant"])
    _place_kindergarten(placer, low["kindergarten"])
    _place_others(placer, low)
    _place_inlet_meters(placer, low)
    for block in ("service", "kindergarten", "plant"):
        corridor, (x, y) = _room(low[block], "corridor", gateway="gw-plant" if block == "plant" else "gw-service")
        placer.put(f"mcp-{block}", "manual-call-point", corridor, (x - 1.0, y + 0.8))
        placer.put(f"ext-{block}", "extinguisher", corridor, (x + 1.0, y + 0.8))
        for end, side_m in (("w", -8.0), ("e", 8.0)):
            placer.put(
                f"speaker-{block}-{end}",
                "loudspeaker",
                corridor,
                (x + side_m, y),
                label="西|west" if end == "w" else "东|east",
            )


def _place_core(placer: Placer, service: Block) -> None:
    """Add what stands in the data room; the core gateway comes first, all others hang on it."""
    place, (x, y) = _room(service, "data", gateway="gw-core")
    root = Place(place.zh, place.en, floor_m=place.floor_m, space=place.space)
    placer.put("gw-core", "gateway", root, (x - 2, y + 2))
    placer.put("net-core", "network-switch", place, (x - 1, y + 2))
    placer.put("server-1", "storage-server", place, (x, y + 2), label="1")
    placer.put("server-2", "storage-server", place, (x + 1, y + 2), label="2")
    placer.put("ups-data", "ups", place, (x + 2, y + 2))
    placer.put("data-climate-1", "room-climate", place, (x - 2.5, y - 2), label="1")
    placer.put("data-climate-2", "room-climate", place, (x + 2.5, y - 2), label="2")
    placer.put("data-leak", "water-leak-detector", place, (x, y - 2))
    placer.put("smoke-data", "smoke-detector", place, (x, y))
    placer.camera("cam-data", place, (x - 3.2, y - 2.6), looks=45)
    placer.put("door-data", "door-access", place, (x - 1.0, y - 2.8))
    placer.put("gw-service", "gateway", place, (x - 2, y + 1), parent="gw-core")


def _place_service(placer: Placer, service: Block) -> None:
    hall, (x, y) = _room(service, "hall", gateway="gw-service")
    placer.put("term-1", "terminal", hall, (x - 3, y + 2.4), label="1")
    placer.put("term-2", "terminal", hall, (x - 1.8, y + 2.4), label="2")
    placer.put("disp-hall", "display", hall, (x, y + 2.8))
    placer.put("ap-hall", "wifi-ap", hall, (x, y))
    placer.put("air-hall", "indoor-air", hall, (x + 4.8, y))
    placer.put("day-hall", "daylight-sensor", hall, (x, y - 2.7))
    placer.put("light-hall", "light", hall, (x + 1, y))
    placer.camera("cam-hall", hall, (x - 4.8, y - 2.8), looks=45)
    placer.put("smoke-hall", "smoke-detector", hall, (x, y + 0.5))
    placer.put("cool-service", "cooling-meter", hall, (x + 4.8, y + 2.5))
    placer.put("heat-service", "heat-meter", hall, (x + 4.8, y + 2.0))
    for key, name in (("activity", "activity"), ("care", "care")):
        place, (x, y) = _room(service, key, gateway="gw-service")
        placer.camera(f"cam-{name}", place, (x - 4.5, y - 2.8), looks=45)
        placer.put(f"air-{name}", "indoor-air", place, (x, y + 2.8))
        placer.put(f"smoke-{name}", "smoke-detector", place, (x, y))
        placer.put(f"call-{name}", "call-button", place, (x + 2, y - 2.8))
        placer.put(f"speaker-{name}", "loudspeaker", place, (x, y - 2.8))
    placer.put("care-desk", "care-centre", place, (x, y))
    placer.put("aed-care", "aed", place, (x - 2, y - 2.8))
    monitoring, (x, y) = _room(service, "monitoring", gateway="gw-service")
    placer.put("alarm-panel", "alarm-host", monitoring, (x, y + 2.8))
    placer.put("ups-monitoring", "ups", monitoring, (x + 4, y + 2.5))
    placer.put("door-monitoring", "door-access", monitoring, (x - 1.0, y - 2.8))
    placer.camera("cam-monitoring", monitoring, (x - 4.2, y - 2.8), looks=45)
    placer.put("smoke-monitoring", "smoke-detector", monitoring, (x, y))
    placer.put("disp-monitoring", "display", monitoring, (x - 1, y + 2.8))
    corridor, (x, y) = _room(service, "corridor", gateway="gw-service")
    placer.put("ap-service", "wifi-ap", corridor, (x, y))
    placer.put("count-service", "people-counter", corridor, (service.at[0] + 0.4, y))
    placer.put("door-service", "door-access", corridor, (service.at[0] + 0.2, y + 1.0))


def _place_power(placer: Placer, plant: Block) -> None:
    place, (x, y) = _room(plant, "substation", gateway="gw-plant")
    placer.put("gw-plant", "gateway", place, (x - 6, y + 2.5), parent="gw-core")
    placer.put("em-inlet", "electricity-meter-inlet", place, (x - 4, y + 2.4))
    placer.put("tr-1", "transformer", place, (x - 2, y), label="1")
    placer.put("tr-2", "transformer", place, (x + 2, y), label="2")
    placer.put("sub-climate", "room-climate", place, (x, y + 2.8))
    placer.camera("cam-substation", place, (x - 6.2, y - 2.8), looks=60)
    placer.put("heat-substation", "heat-detector", place, (x, y))
    placer.put("door-substation", "door-access", place, (x - 1.0, y + 2.9))
    switch, (x, y) = _room(plant, "switch", gateway="gw-plant")
    placer.put("em-public", "electricity-meter-building", switch, (x, y - 2.6), parent="em-inlet", label="公共|common")
    placer.put(
        "em-charging",
        "electricity-meter-building",
        switch,
        (x + 1, y - 2.6),
        parent="em-inlet",
        label="充电|charging",
    )
    placer.put("ef-main", "electrical-fire-monitor", switch, (x + 2, y - 2.6))
    placer.put("fpb-main", "fire-power-box", switch, (x - 2, y - 2.6))
    placer.put("elb-main", "emergency-lighting-box", switch, (x - 3, y - 2.6))
    generator, (x, y) = _room(plant, "generator", gateway="gw-plant")
    placer.put("heat-generator", "heat-detector", generator, (x, y))


def _place_water(placer: Placer, plant: Block, *, high_zone: bool) -> None:
    place, (x, y) = _room(plant, "water-pump", gateway="gw-plant")
    placer.put("wm-inlet", "water-meter-inlet", place, (x - 5, y + 2))
    placer.put("wm-low-zone", "water-meter-zone", place, (x - 4, y + 2), label="低区|low", parent="wm-inlet")
    placer.put("pump-dom-1", "pump-booster", place, (x - 2, y), label="1")
    if high_zone:
        placer.put("wm-high-zone", "water-meter-zone", place, (x - 3, y + 2), label="高区|high", parent="wm-inlet")
        placer.put("pump-dom-2", "pump-booster", place, (x, y), label="2")
        placer.put("pump-dom-3", "pump-booster", place, (x + 2, y), label="3")
    placer.put("wq-plant", "water-quality", place, (x + 4, y + 2.5))
    placer.put("mv-inlet", "motor-valve", place, (x - 5.5, y + 2))
    placer.put("leak-water-pump", "water-leak-detector", place, (x, y - 2))
    placer.camera("cam-water-pump", place, (x - 5.7, y - 2.8), looks=45)
    placer.put("door-water-pump", "door-access", place, (x - 1.0, y - 2.9))
    tank, (x, y) = _room(plant, "tank", gateway="gw-plant")
    placer.put("tank-dom", "tank-level", tank, (x, y))
    placer.put("ftank-main", "fire-tank-level", tank, (x + 2, y))


def _place_fire_water(placer: Placer, plant: Block) -> None:
    place, (x, y) = _room(plant, "fire-pump", gateway="gw-plant")
    placer.put("pump-fire-1", "pump-fire", place, (x - 2, y), label="1")
    placer.put("pump-fire-2", "pump-fire", place, (x, y), label="2")
    placer.put("pump-jockey", "pump-jockey", place, (x + 2, y))
    placer.camera("cam-fire-pump", place, (x - 4.7, y - 2.8), looks=45)
    placer.put("smoke-fire-pump", "smoke-detector", place, (x, y + 1))
    placer.put("door-fire-pump", "door-access", place, (x - 1.0, y - 2.9))
    placer.put("patrol-plant", "patrol-point", place, (x + 1.5, y - 2.9))


def _place_kindergarten(placer: Placer, block: Block) -> None:
    for room in (*block.south, block.north[0]):
        place, (x, y) = _room(block, room.key, gateway="gw-service")
        placer.put(f"smoke-kg-{room.key}", "smoke-detector", place, (x, y))
        placer.put(f"air-kg-{room.key}", "indoor-air", place, (x + 3, y + 2))
    corridor, (x, y) = _room(block, "corridor", gateway="gw-service")
    placer.camera("cam-kg", corridor, (block.at[0] + 0.3, y), looks=90, tilt_deg=12)
    placer.put("ap-kg", "wifi-ap", corridor, (x + 2, y))
    placer.put("door-kg", "door-access", corridor, (block.at[0] + block.width_m - 0.2, y + 1.0))


def _place_inlet_meters(placer: Placer, low: dict[str, Block]) -> None:
    """Add the water meter at the inlet pipe of every low building (GB 50015-2019, 3.5.16: each inlet has one)."""
    for block in low.values():
        if block.use in {"residential", "garage", "plant"}:
            continue
        place, (x, y) = _room(block, block.south[0].key, gateway="gw-service")
        named = Place(block.zh, block.en, floor_m=place.floor_m, space=place.space, gateway=place.gateway)
        placer.put(f"wm-{block.id}", "water-meter-building", named, (x + 0.8, y - 0.8), parent="wm-inlet")


def _place_others(placer: Placer, low: dict[str, Block]) -> None:
    parcels, (x, y) = _room(low["parcels"], "parcels", gateway="gw-service")
    for k in (1, 2, 3):
        placer.put(f"parcel-{k}", "parcel-locker", parcels, (x - 3 + 2 * k - 1, y + 3), label=str(k))
    placer.camera("cam-parcels", parcels, (x - 4, y - 3.6), looks=45)
    refuse, (x, y) = _room(low["refuse"], "sorting", gateway="gw-plant")
    placer.put("recycle-refuse", "recycling-cabinet", refuse, (x + 3, y + 3))
    placer.put("bin-refuse-1", "bin", refuse, (x, y + 2), label="1")
    placer.put("bin-refuse-2", "bin", refuse, (x + 1, y + 2), label="2")
    placer.camera("cam-refuse", refuse, (x - 4.5, y - 3.6), looks=45)
    bicycles, (x, y) = _room(low["bicycles"], "parking", gateway="gw-plant")
    placer.camera("cam-bicycles", bicycles, (x - 7.7, y - 4.2), looks=60)
    entrance = Place("非机动车库入口", "Bicycle garage entrance", gateway="gw-plant")
    placer.camera("cam-bicycle-entrance", entrance, (x, low["bicycles"].at[1] - 5.8), looks=0, kind="camera-fixed",
                  model="4MP-2.8mm", height_m=3.2, tilt_deg=25)  # fmt: skip
    placer.put("door-bicycles", "door-access", bicycles, (x - 1.2, y - 4.4))
    placer.put("heat-bicycles", "heat-detector", bicycles, (x, y))
    charging, (x, y) = _room(low["bicycles"], "charging", gateway="gw-plant")
    placer.camera("cam-bicycle-charging", charging, (x + 4.7, y - 4.2), looks=315)
    placer.put("smoke-bicycle-charging", "smoke-detector", charging, (x, y))
    for k in (1, 2, 3, 4):
        placer.put(f"eb-{k}", "charger-bicycle", charging, (x - 4 + 2 * k - 1, y + 4), label=str(k))
    for side in ("west", "east"):
        block = low[f"shops-{side}"]
        for room in block.south:
            place, (x, y) = _room(block, room.key, gateway="gw-service")
            for end, side_m in (("a", -2.7), ("b", 2.7)):  # more than 80 m2: one alone protects 60 m2
                placer.put(f"smoke-shop-{room.key}-{end}", "smoke-detector", place, (x, y + side_m), label=end.upper())
    gatehouse, (x, y) = _room(low["gatehouse-south"], "room", gateway="gw-service")
    placer.put("aed-gatehouse", "aed", gatehouse, (x - 1, y + 1))
    placer.put("call-gatehouse", "call-button", gatehouse, (x, y))
    placer.put("patrol-gatehouse", "patrol-point", gatehouse, (x + 1, y + 1))
