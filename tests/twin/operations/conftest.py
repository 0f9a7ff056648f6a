"""A small estate with a gateway, gauges, a smoke detector and staff."""

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from twin.index import SiteIndex, build
from twin.model.base import Polygon, Text
from twin.model.buildings import OUTSIDE, Building, Lift, Opening, Space, Stair, Storey
from twin.model.devices import Channel, Device, DeviceKind
from twin.model.grounds import GroundFeature
from twin.model.registers import StaffMember
from twin.model.rules import Rule
from twin.model.site import Origin, Site
from twin.state import Quality

NOW_S = 1_800_000_000.0
NOW = dt.datetime.fromtimestamp(NOW_S, dt.UTC)
GAUGES = 12


@dataclass
class Board:
    """Columns of a state, set by hand."""

    values: NDArray[np.float64]
    times_s: NDArray[np.float64]
    quality: NDArray[np.uint8]
    index: SiteIndex = field(repr=False)

    def put(self, channel: str, value: float, *, at_s: float, quality: Quality = Quality.GOOD) -> NDArray[np.int32]:
        row = self.index.row(channel)
        self.values[row], self.times_s[row], self.quality[row] = value, at_s, quality
        return np.array([row], dtype=np.int32)


def box(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return Polygon(outer=((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def tower() -> Building:
    spaces = (
        Space(id="t1/f{n}/corridor", name=Text(zh="走廊", en="Corridor"), use="corridor", polygon=box(0, 0, 10, 2)),
        Space(id="t1/f{n}/stair", name=Text(zh="楼梯间", en="Stair"), use="stair", polygon=box(10, 0, 13, 2)),
        Space(id="t1/f{n}/lift", use="lift_shaft", polygon=box(-2, 0, 0, 2)),
        Space(id="t1/f{n}/{n}01", name=Text(zh="{n}01室", en="Flat {n}01"), use="flat", polygon=box(0, 2, 10, 8)),
        Space(id="t1/f{n}/{n}01/hall", use="living_room", polygon=box(0, 2, 5, 8), parent="t1/f{n}/{n}01"),
        Space(id="t1/f{n}/{n}01/bed", use="bedroom", polygon=box(5, 2, 10, 8), parent="t1/f{n}/{n}01"),
    )
    doors = (
        Opening(
            id="t1/f{n}/d1", kind="door", line=((10, 0.5), (10, 1.5)), connects=("t1/f{n}/corridor", "t1/f{n}/stair")
        ),
        Opening(id="t1/f{n}/d2", kind="door", line=((0, 0.5), (0, 1.5)), connects=("t1/f{n}/corridor", "t1/f{n}/lift")),
        Opening(
            id="t1/f{n}/d3", kind="door", line=((2, 2), (3, 2)), connects=("t1/f{n}/corridor", "t1/f{n}/{n}01/hall")
        ),
        Opening(
            id="t1/f{n}/d4", kind="door", line=((5, 4), (5, 5)), connects=("t1/f{n}/{n}01/hall", "t1/f{n}/{n}01/bed")
        ),
        Opening(
            id="t1/f{n}/w1", kind="window", line=((6, 8), (8, 8)), connects=("t1/f{n}/{n}01/bed", OUTSIDE), sill_m=0.9
        ),
    )
    entrance = Opening(id="t1/entrance", kind="door", line=((4, 0), (6, 0)), connects=(OUTSIDE, "t1/f1/corridor"))
    ground = Storey(
        id="t1/f{n}", name=Text(zh="{n}层", en="Storey {n}"), first=1, last=1, elevation_m=0, height_m=3,
        polygon=box(-2, 0, 13, 8), spaces=spaces,
        openings=(*doors, entrance),
    )  # fmt: skip
    typical = ground.replace(first=2, last=6, elevation_m=3, openings=doors)
    return Building(
        id="t1", name=Text(zh="1号楼", en="Tower 1"), use="residential", footprint=box(-2, 0, 13, 8), height_m=18,
        storeys=(ground, typical),
        stairs=(Stair(id="t1-stair", name=Text(zh="楼梯", en="stairs"), space="t1/f{n}/stair", first=1, last=6),),
        lifts=(Lift(id="t1-lift", name=Text(zh="1号电梯", en="lift 1"), space="t1/f{n}/lift", first=1, last=6),),
    )  # fmt: skip


def make_site(*rules: Rule) -> Site:
    gate = GroundFeature(id="gate-south", name=Text(zh="南门", en="South gate"), use="gate", geometry=(5.0, -20.0))
    gauge = DeviceKind(
        id="gauge", name=Text(zh="压力表", en="Gauge"), system="water",
        channels=(Channel(id="pressure", unit="pa", interval_s=10),),
    )  # fmt: skip
    smoke = DeviceKind(
        id="smoke", name=Text(zh="烟感", en="Smoke detector"), system="fire",
        channels=(
            Channel(id="state", unit="state", interval_s=60, alarm_states=(2, 3)),
            Channel(id="tamper", unit="state", interval_s=60, alarm_states=(1,)),
        ),
    )  # fmt: skip
    gateway = DeviceKind(
        id="gateway", name=Text(zh="网关", en="Gateway"), system="telecom",
        channels=(Channel(id="uptime", unit="s", interval_s=10),),
    )  # fmt: skip
    return Site(
        id="yard", name=Text(zh="院", en="Yard"), origin=Origin(lon_deg=120, lat_deg=30), buildings=(tower(),),
        grounds=(gate,),
        kinds=(gauge, smoke, gateway),
        devices=(
            Device(id="gw", kind="gateway", space="t1/f1/corridor"),
            *(Device(id=f"g{k}", kind="gauge", space="t1/f2/corridor", parent="gw") for k in range(GAUGES)),
            Device(id="smoke-1", kind="smoke", name=Text(zh="烟感一", en="Smoke 1"), space="t1/f5/501/bed"),
            Device(id="lone", kind="gauge", x_m=30, y_m=0, z_m=1),
        ),
        staff=(
            StaffMember(id="li", name=Text(zh="李师傅", en="Li"), role="technician", skills=("plumbing",)),
            StaffMember(id="wang", name=Text(zh="王师傅", en="Wang"), role="duty"),
        ),
        rules=rules,
    )  # fmt: skip


def make_board(index: SiteIndex, *, at_s: float = NOW_S) -> Board:
    n = len(index.channels)
    return Board(np.zeros(n), np.full(n, at_s), np.full(n, Quality.GOOD, dtype=np.uint8), index)


LOW = Rule(
    id="low", name=Text(zh="低压", en="Low pressure"), kind="threshold", device_kinds=("gauge",), channel="pressure",
    below=100.0, hysteresis=10.0, delay_s=5.0, severity="major", advice=Text(zh="查泵", en="See the pump"),
    skill="plumbing",
)  # fmt: skip
HIGH = Rule(
    id="high", name=Text(zh="高压", en="High pressure"), kind="threshold", devices=("g1",), channel="pressure",
    above=500.0, severity="critical",
)  # fmt: skip
SMOKE = Rule(id="smoke", name=Text(zh="火警", en="Fire"), kind="device", device_kinds=("smoke",), severity="critical")
SILENT = Rule(id="silent", name=Text(zh="失联", en="Silent"), kind="stale", device_kinds=("gauge", "gateway"))


@pytest.fixture
def index() -> SiteIndex:
    return build(make_site(LOW, HIGH, SMOKE, SILENT))
