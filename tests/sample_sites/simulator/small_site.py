"""A small estate for the simulator's tests: one tower, one device of every kind, a looped water network."""

from sample_sites.generator import EstatePlan, generate
from sample_sites.kinds import CATALOGUE
from twin.index import SiteIndex, build
from twin.model.base import Text
from twin.model.devices import Device
from twin.model.networks import LinkTie, NodeTie, SiteNetwork
from twin.model.registers import Household
from twin.model.rules import Binding
from twin.model.site import Origin, Site

INP = """[JUNCTIONS]
 suction 0
 ring-a 0
 ring-b 0
 flat-1 6
 flat-2 9
[RESERVOIRS]
 town 25
[TANKS]
 roof 40 1.0 0.2 2.0 4.0 0
[PIPES]
 inlet town suction 20 150 130 0 OPEN
 ring-1 ring-a ring-b 120 150 130 0 OPEN
 ring-2 ring-b ring-a 200 150 130 0 OPEN
 service-1 ring-a flat-1 10 25 130 0 OPEN
 service-2 ring-b flat-2 10 25 130 0 OPEN
 up ring-b roof 60 100 130 0 OPEN
[PUMPS]
 pump-a suction ring-a HEAD c
 pump-b suction ring-a HEAD c
[CURVES]
 c 4 30
[STATUS]
 pump-b CLOSED
[OPTIONS]
 UNITS LPS
 HEADLOSS H-W
[TIMES]
 DURATION 24:00
 HYDRAULIC TIMESTEP 0:01
[COORDINATES]
 suction 0 0
 ring-a 10 0
 ring-b 60 40
 flat-1 12 3
 flat-2 62 44
 town -20 0
 roof 64 50
[END]
"""


def network() -> SiteNetwork:
    """Two households on a ring with a roof tank, two pumps of which one stands by."""
    return SiteNetwork(
        id="water",
        kind="domestic_water",
        inp=INP,
        nodes={
            "flat-1": NodeTie(space="tower-1/f2/201", household="h1", device="wm-1"),
            "flat-2": NodeTie(space="tower-1/f3/301", household="h2", device="wm-2"),
            "ring-b": NodeTie(device="pt-ring"),
            "roof": NodeTie(device="tank-roof"),
        },
        links={
            "inlet": LinkTie(device="wm-inlet"),
            "ring-1": LinkTie(asset="ring"),
            "up": LinkTie(asset="riser"),
            "pump-a": LinkTie(device="pump-a", asset="pump"),
            "pump-b": LinkTie(device="pump-b", asset="pump"),
        },
    )


def small_site() -> Site:
    """The site with its bindings: batches, a foreign JSON meter and a plain access point."""
    estate = generate(EstatePlan(towers=1, storeys=5))
    special = {
        "water-meter-flat": ("wm-1", "wm-2"), "water-meter-inlet": ("wm-inlet",), "pressure-sensor": ("pt-ring",),
        "tank-level": ("tank-roof",), "pump-booster": ("pump-a", "pump-b"), "gateway": ("gw-1",),
    }  # fmt: skip
    lobby = "tower-1/f1/lift-lobby"
    devices = [
        Device(id=name, kind=kind.id, space=lobby, parent=None if kind.id == "gateway" else "gw-1")
        for kind in CATALOGUE
        for name in special.get(kind.id, (f"{kind.id}-1",))
    ]
    for storey in range(1, 6):
        for place in ("corridor", "stair-1", f"{storey}01/living", f"{storey}04/living"):
            name = place.replace("/", "-")
            devices.append(
                Device(id=f"smoke-f{storey}-{name}", kind="smoke-detector", space=f"tower-1/f{storey}/{place}")
            )
    return Site(
        id="small",
        name=Text(zh="小区", en="Small"),
        origin=Origin(lon_deg=121.5, lat_deg=31.2),
        buildings=estate.buildings,
        kinds=CATALOGUE,
        devices=tuple(devices),
        networks=(network(),),
        households=(
            Household(id="h1", space="tower-1/f2/201", residents=3),
            Household(id="h2", space="tower-1/f3/301", residents=2, elderly_alone=True),
        ),
        bindings=(
            Binding(id="meters", topic="meters/{meter}/power", payload="json", device="electricity-meter-{meter}",
                    channel="power", value="data.kw", time="at", unit="kw"),
            Binding(id="ap", topic="wifi/{ap}/clients", payload="plain", device="wifi-{ap}", channel="clients"),
            Binding(id="batch", topic="small/{gateway}/batch", payload="batch"),
        ),
    )  # fmt: skip


def small_index() -> SiteIndex:
    """Its index."""
    return build(small_site())
