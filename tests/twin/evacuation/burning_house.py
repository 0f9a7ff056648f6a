"""A small house to burn: two halves of a corridor with an exit each, rooms along it, three storeys, two stairs.

On each storey, walls on the lines: rooms a and b open to the western half, c to the eastern, a door parts the halves at
x = 15 m, a stair lies at either end. On the first storey either half has an exit to the south.
"""

from collections.abc import Mapping

import numpy as np

from tests.twin.houses import door, house, on
from tests.twin.riverside_in_small import box
from twin.evacuation.hazard_rules import HazardRules, hazard_rules
from twin.evacuation.hazards import HazardMap, Hazards, Report, hazard_map, hazards
from twin.evacuation.signals import Memory, hear, signals, watchers
from twin.evacuation.ways_out import EscapeGraph, WayOut, WaysOut, escape_graph, ways_out
from twin.fabric.site_graph import site_graph
from twin.index import SiteIndex, build
from twin.model.base import Polygon, Text
from twin.model.buildings import SpaceUse, Stair
from twin.model.devices import Channel, Device, DeviceKind
from twin.model.grounds import GroundFeature
from twin.model.registers import StaffMember
from twin.model.site import Site
from twin.state import Quality, Readings, State, StateSnapshot

STATES = {0: Text(en="normal"), 1: Text(en="alarm"), 2: Text(en="fault")}


def _kind(name: str, *channels: Channel, states: tuple[int, ...] = (1, 2), **more: object) -> DeviceKind:
    state = Channel(id="state", unit="state", interval_s=60.0, states=STATES, alarm_states=states)
    fields = {"id": name, "name": Text(en=name), "system": "fire", "channels": (state, *channels)} | more
    return DeviceKind.model_validate(fields)


KINDS = (
    _kind("smoke", Channel(id="smoke", unit="db", interval_s=60.0), reaches="smoke"),
    _kind("heat", Channel(id="temperature", unit="degc", interval_s=60.0), reaches="heat"),
    _kind("call", reaches="fire_call"),
    _kind("gas", Channel(id="ppm", unit="ppm", interval_s=60.0), brick="Natural_Gas_Leak_Sensor", system="gas"),
    _kind("wet", brick="Leak_Sensor"),
    _kind("shutter", ifc="IfcDoor/SHUTTER", states=()),
    _kind("reader", Channel(id="release", unit="state", interval_s=60.0, writable=True), ifc="IfcDoor", states=(),
          system="access"),
    _kind("speaker", Channel(id="playing", unit="state", interval_s=60.0, writable=True), reaches="sound", states=()),
    _kind("sign", Channel(id="arrow", unit="state", interval_s=60.0, writable=True), ifc="IfcSign", states=()),
    _kind("turning-sign", Channel(id="bearing", unit="deg", interval_s=60.0, writable=True), ifc="IfcSign/USERDEFINED",
          states=()),
    _kind("lane", tells_of="lorry", states=(1,)),
)  # fmt: skip
ROOMS: tuple[tuple[str, SpaceUse, Polygon], ...] = (
    ("west", "corridor", box(0, 0, 15, 2)), ("east", "corridor", box(15, 0, 30, 2)),
    ("a", "office", box(0, 2, 8, 8)), ("b", "office", box(8, 2, 15, 8)), ("c", "office", box(15, 2, 30, 8)),
    ("stair-w", "stair", box(-3, 0, 0, 6)), ("stair-e", "stair", box(30, 0, 33, 6)),
)  # fmt: skip
WANG = StaffMember(id="wang", name=Text(zh="王", en="Wang"), role="security")
ASSEMBLY = GroundFeature(id="meet-west", use="assembly_point", geometry=(-20.0, -10.0))
OTHER = GroundFeature(id="meet-east", use="assembly_point", geometry=(50.0, -10.0))


def burning_site(
    *devices: Device, storeys: int = 1, refuge: bool = False, grounds: tuple[GroundFeature, ...] = (ASSEMBLY, OTHER)
) -> Site:  # fmt: skip
    """The house with devices; `refuge` makes room c of each storey one."""
    rooms: list[tuple[str, SpaceUse, Polygon]] = [
        (name, "refuge" if refuge and name == "c" else use, polygon) for name, use, polygon in ROOMS
    ]
    doors = [
        door("d-a", ((4, 2), (5, 2)), "west", "a"), door("d-b", ((11, 2), (12, 2)), "west", "b"),
        door("d-c", ((22, 2), (23, 2)), "east", "c"), door("middle", ((15, 0.5), (15, 1.5)), "west", "east"),
        door("d-w", ((0, 0.5), (0, 1.5)), "west", "stair-w"), door("d-e", ((30, 0.5), (30, 1.5)), "east", "stair-e"),
    ]  # fmt: skip
    exits = [
        door("out-w", ((5, 0), (6, 0)), "west", "outside", locked=True),
        door("out-e", ((24, 0), (25, 0)), "east", "outside"),
    ]
    built = house(rooms, doors, last=storeys)
    typical = built.storeys[0]
    made = [typical.replace(last=1, openings=(*doors, *exits))]
    stairs = []
    if storeys > 1:
        made.append(typical.replace(first=2, last=storeys, elevation_m=3.0))
        stairs = [Stair(id=f"stair-{end}", space=f"h/f{{n}}/stair-{end}", first=1, last=storeys) for end in "we"]
    edge = GroundFeature(id="edge", use="site_boundary", geometry=box(-40, -30, 70, 30))
    building = built.replace(storeys=tuple(made), stairs=tuple(stairs))
    return on(building, grounds=(edge, *grounds), devices=devices, kinds=KINDS, staff=(WANG,))


def detector(name: str, room: str, kind: str = "smoke", storey: int = 1) -> Device:
    return Device(id=name, kind=kind, space=f"h/f{storey}/{room}")


class Burning:
    """The house as time goes by: devices say something, and the ways out are asked for."""

    def __init__(self, site: Site, **values: float) -> None:
        self.index: SiteIndex = build(site)
        self.rules: HazardRules = hazard_rules(values)
        self.graph: EscapeGraph = escape_graph(site_graph(self.index))
        self.map: HazardMap = hazard_map(watchers(self.graph.site, self.rules))
        self.state, self.now_s = State(self.index.intervals_s), 0.0
        self.memory: Memory = {}
        self.reported: dict[str, Report] = {}
        self.before: WaysOut | None = None
        self.hazards: Hazards = self.look()

    def say(self, **values: float) -> None:
        """A device's state, or its channel by ``device__channel``."""
        self.tell(values)

    def tell(self, values: Mapping[str, float], quality: Quality = Quality.GOOD) -> None:
        ids = [name.replace("__", ":") if "__" in name else f"{name}:state" for name in values]
        rows = np.array([self.index.row(name.replace("_", "-")) for name in ids], dtype=np.int32)
        self.state.apply(Readings(rows, np.full(len(rows), self.now_s), np.array(list(values.values()), np.float64),
                                  np.full(len(rows), quality, np.uint8)))  # fmt: skip

    @property
    def snapshot(self) -> StateSnapshot:
        return self.state.snapshot(self.now_s)

    def look(self) -> Hazards:
        self.memory = hear(self.map.watchers, self.snapshot, self.memory)
        told = signals(self.map.watchers, self.snapshot, self.memory)
        self.hazards = hazards(self.map, self.snapshot, told, reported=self.reported)
        return self.hazards

    def ways(self) -> WaysOut:
        """The ways now, held against those before."""
        self.look()
        self.before = ways_out(self.graph, self.hazards, self.before, margin_ratio=self.rules["margin_ratio"])
        return self.before

    def way(self, room: str, storey: int = 1) -> WayOut:
        (found,) = [way for way in self.ways().all(self.hazards) if way.space == f"h/f{storey}/{room}"]
        return found

    def standing(self) -> dict[str, tuple[str, bool]]:
        return {h.id: (h.standing, h.is_confirmed) for h in self.look().found}

    def after(self, seconds: float) -> "Burning":
        self.now_s += seconds
        return self
