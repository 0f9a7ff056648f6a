"""A small good site with one of everything, for tests to read, write and break."""

import datetime as dt

from twin.model.base import Line, Point, Polygon, Text
from twin.model.buildings import Building, Lift, Line3, Obstacle, Opening, Ramp, Space, Stair, Storey
from twin.model.devices import Channel, Device, DeviceKind
from twin.model.grounds import GroundFeature, Requirement, Zone
from twin.model.networks import LinkTie, NodeTie, SiteNetwork
from twin.model.registers import Household, StaffMember
from twin.model.rules import Binding, Rule
from twin.model.site import Origin, Site

INP = """[TITLE]
two nodes

[JUNCTIONS]
J1  0  0.1
1   0  0.1

[RESERVOIRS]
R1  30

[PIPES]
P1  R1  J1  100  100  130  0  Open
P2  J1  1   100  100  130  0  Open

[OPTIONS]
Units  LPS

[COORDINATES]
J1  10  10
1   20  10
R1  0   10

[END]
"""


def box(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return Polygon(outer=((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def storey(name: str, first: int, last: int, elevation_m: float) -> Storey:
    """A corridor 12 x 2 with a stair at its west end, and a flat of two rooms north of it."""
    at = f"tower-1/{name}"
    return Storey(
        id=at,
        name=Text(zh="{n}层", en="Floor {n}"),
        first=first,
        last=last,
        elevation_m=elevation_m,
        height_m=3.0,
        polygon=box(0, 0, 12, 8),
        spaces=(
            Space(id=f"{at}/corridor", use="corridor", polygon=box(3, 0, 12, 2)),
            Space(id=f"{at}/stair", use="stair", polygon=box(0, 0, 3, 2)),
            Space(id=f"{at}/01", name=Text(zh="{n}01", en="{n}01"), use="flat", polygon=box(0, 2, 12, 8), area_m2=71.5),
            Space(id=f"{at}/01/living", use="living_room", polygon=box(0, 2, 6, 8), parent=f"{at}/01"),
            Space(id=f"{at}/01/bed", use="bedroom", polygon=box(6, 2, 12, 8), parent=f"{at}/01", height_m=2.6),
        ),
        openings=(
            Opening(
                id=f"{at}/d-stair",
                kind="door",
                line=((3, 0.5), (3, 1.5)),
                connects=(f"{at}/corridor", f"{at}/stair"),
                fire_rating_s=3600.0,
            ),
            Opening(
                id=f"{at}/d-01",
                kind="door",
                line=((4, 2), (5, 2)),
                connects=(f"{at}/corridor", f"{at}/01/living"),
                locked=True,
            ),
            Opening(id=f"{at}/d-bed", kind="door", line=((6, 4), (6, 5)), connects=(f"{at}/01/living", f"{at}/01/bed")),
            Opening(
                id=f"{at}/w-bed",
                kind="window",
                line=((8, 8), (10, 8)),
                connects=(f"{at}/01/bed", "outside"),
                height_m=1.4,
                sill_m=0.9,
            ),
        ),
        obstacles=(Obstacle(id=f"{at}/column", polygon=box(0.1, 7.5, 0.5, 7.9)),),
    )


def building() -> Building:
    return Building(
        id="tower-1",
        name=Text(zh="1号楼", en="Tower 1"),
        use="residential",
        footprint=box(0, 0, 12, 8),
        height_m=15.0,
        storeys=(storey("f1", 1, 1, 0.0), storey("f{n}", 2, 4, 3.0), storey("f5", 5, 5, 12.0)),
        stairs=(Stair(id="tower-1/stair", space="tower-1/f{n}/stair", first=1, last=5, pressurised=True),),
        lifts=(Lift(id="tower-1/lift", space="tower-1/f{n}/corridor", first=1, last=5),),
        ramps=(
            Ramp(
                id="tower-1/ramp",
                axis=Line3(points=((12, 1, 0), (15, 1, -0.15))),
                width_m=1.2,
                connects=("tower-1/f1/corridor", "outside"),
                vehicles=False,
            ),
        ),
        external_ids={"ifc": "2O2Fr$t4X7Zf8NOew3FLOH"},
    )


def kinds() -> tuple[DeviceKind, ...]:
    return (
        DeviceKind(
            id="smoke-detector",
            name=Text(zh="烟感", en="Smoke detector"),
            system="fire",
            channels=(
                Channel(id="smoke", name=Text(zh="烟雾", en="Smoke"), unit="ratio", range=(0, 1), interval_s=60),
                Channel(
                    id="alarm",
                    unit="state",
                    interval_s=300,
                    reports="change",
                    states={0: Text(zh="正常", en="normal"), 1: Text(zh="报警", en="alarm")},
                    alarm_states=(1,),
                ),
            ),
            primary="smoke",
            mount_height_m=2.8,
            colour="#cc3311",
        ),
        DeviceKind(
            id="water-meter",
            name=Text(zh="水表", en="Water meter"),
            system="water",
            channels=(Channel(id="flow", unit="m3_per_s", range=(-0.01, 0.05), interval_s=900, decimals=6),),
        ),
    )


def grounds() -> tuple[GroundFeature, ...]:
    at: Point = (25.0, 4.0)
    return (
        GroundFeature(id="boundary", use="site_boundary", geometry=box(-50, -50, 60, 60)),
        GroundFeature(id="road-1", use="road", geometry=Line(points=((-50, -5), (0, -5.5), (60, -5))), width_m=6.0),
        GroundFeature(id="assembly-1", name=Text(en="Meet here"), use="assembly_point", geometry=at, capacity=200),
    )


def small_site() -> Site:
    return Site(
        id="small",
        name=Text(zh="小院", en="Small court"),
        origin=Origin(lon_deg=121.4737021, lat_deg=31.2303904, height_m=4.2),
        buildings=(building(),),
        grounds=grounds(),
        zones=(Zone(id="z-gate", requirement="see-faces", polygon=box(20, 0, 30, 10)),),
        requirements=(
            Requirement(id="see-faces", kind="camera", level="identify", edition="2015", clauses=("7.1.2",)),
            Requirement(id="detect-smoke", kind="detection", space_uses=("corridor", "flat"), min_share_ratio=0.95),
        ),
        kinds=kinds(),
        devices=(
            Device(id="t1-f01-smoke", kind="smoke-detector", x_m=7.5, y_m=1.0, z_m=2.8, space="tower-1/f1/corridor"),
            Device(id="t1-f03-smoke", kind="smoke-detector", space="tower-1/f3/corridor", parent="t1-f01-smoke"),
            Device(
                id="t1-inlet",
                kind="water-meter",
                name=Text(zh="进水, 总表", en='Inlet "main"'),
                x_m=20.125,
                y_m=10.0,
                z_m=-1.2,
                bearing_deg=90.0,
                installed_on=dt.date(2024, 5, 1),
                serial="0012",
            ),
        ),
        networks=(
            SiteNetwork(
                id="water",
                kind="domestic_water",
                name=Text(zh="生活给水", en="Domestic water"),
                inp=INP,
                nodes={"J1": NodeTie(space="tower-1/f1/corridor", asset="inlet"), "1": NodeTie(household="h-101")},
                links={"P1": LinkTie(device="t1-inlet", asset="meter", material="steel", depth_m=0.8)},
            ),
        ),
        households=(
            Household(id="h-101", space="tower-1/f1/01", residents=3),
            Household(id="h-201", space="tower-1/f2/01", tenure="tenant", elderly_alone=True, cars=1),
        ),
        staff=(
            StaffMember(
                id="wang",
                name=Text(zh="王师傅", en="Wang"),
                role="technician",
                skills=("water", "electric"),
                phone="138",
            ),
        ),
        bindings=(
            Binding(id="gateway", topic="small/{gateway}/batch", payload="batch"),
            Binding(
                id="meter",
                topic="lora/{device}/up",
                payload="json",
                channel="flow",
                value="data.flow",
                unit="l_per_s",
                values={"open": 1.0, "1e5": 2.0},
            ),
        ),
        rules=(
            Rule(
                id="smoke",
                name=Text(zh="烟雾", en="Smoke"),
                kind="threshold",
                device_kinds=("smoke-detector",),
                channel="smoke",
                above=0.1,
                severity="critical",
            ),
        ),
    )
