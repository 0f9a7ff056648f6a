"""An estate of a few devices, for tests of the wire."""

from twin.index import SiteIndex, build
from twin.model.base import Text
from twin.model.devices import Channel, Device, DeviceKind
from twin.model.rules import Binding, Rule
from twin.model.site import Origin, Site

BINDINGS = (
    Binding(id="batch", topic="estate/{gateway}/batch", payload="batch"),
    Binding(id="single", topic="estate/{gateway}/{device}/{channel}", payload="compact"),
    Binding(
        id="lora-temperature",
        topic="lora/{app}/up",
        payload="json",
        device="{$.end_device.id}",
        channel="temperature",
        value="data.0.temp",
        time="at",
        sequence="counter",
        unit="degf",
    ),
    Binding(
        id="lora-humidity",
        topic="lora/{app}/up",
        payload="json",
        device="{$.end_device.id}",
        channel="humidity",
        value="data.0.rh",
        time="at",
        unit="percent",
    ),
    Binding(id="valves", topic="valves/{device}", payload="plain", channel="state", values={"open": 1, "shut": 0}),
)


def small_estate(devices: int = 3) -> Site:
    """Pressure gauges `p-0`..., an air sensor and a valve."""
    gauge = DeviceKind(
        id="gauge",
        name=Text(en="Pressure gauge"),
        system="water",
        channels=(Channel(id="pressure", unit="pa", range=(0.0, 2e6), interval_s=60.0),),
    )
    air = DeviceKind(
        id="air",
        name=Text(en="Air"),
        system="environment",
        channels=(
            Channel(id="temperature", unit="degc", range=(-60.0, 80.0), interval_s=60.0),
            Channel(id="humidity", unit="ratio", range=(0.0, 1.0), interval_s=60.0),
        ),
    )
    valve = DeviceKind(
        id="valve",
        name=Text(en="Valve"),
        system="water",
        channels=(Channel(id="state", unit="bool", interval_s=600.0, reports="change"),),
    )
    place = {"x_m": 0.0, "y_m": 0.0, "z_m": 0.0}
    return Site(
        id="estate",
        name=Text(en="Estate"),
        origin=Origin(lon_deg=114.0, lat_deg=22.5),
        kinds=(gauge, air, valve),
        devices=(
            *(Device(id=f"p-{i}", kind="gauge", **place) for i in range(devices)),
            Device(id="air-1", kind="air", **place),
            Device(id="v-1", kind="valve", **place),
        ),
        bindings=BINDINGS,
        rules=(
            Rule(
                id="high-pressure",
                name=Text(en="High pressure"),
                kind="threshold",
                device_kinds=("gauge",),
                channel="pressure",
                above=1e6,
                severity="major",
            ),
        ),
    )


def small_index(devices: int = 3) -> SiteIndex:
    return build(small_estate(devices))
