"""An EPANET file becomes a site: its network in the site frame, its sensors as devices, ready for telemetry."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import shapely

from pipe_network.inp import parse
from pipe_network.inp_writer import write
from pipe_network.model import Link, Network, Pump, Reservoir, Tank, Valve
from twin.errors import UnknownIdError
from twin.importers.map_frame import lay_in_frame
from twin.model.base import Point, Polygon, Text
from twin.model.devices import Channel, Device, DeviceKind
from twin.model.grounds import GroundFeature
from twin.model.networks import LinkTie, NetworkKind, NodeTie, SiteNetwork
from twin.model.rules import Binding, Rule
from twin.model.site import Site

ALL: Final = "all"
_MARGIN_M: Final = 30.0
_PA_PER_M: Final = 9806.65
_LOW_M: Final = 10.0
"""Below 10 m of water the upper floors of a house run dry."""


@dataclass(frozen=True, slots=True)
class Imported:
    """The site, and what had to be decided for it."""

    site: Site
    notes: tuple[str, ...]


def import_inp(
    text: str,
    *,
    site_id: str,
    name: str = "",
    sensors: tuple[str, ...] = (),
    epsg: int | None = None,
    origin: tuple[float, float] | None = None,
    interval_s: float = 300.0,
    time_zone: str = "UTC",
    kind: NetworkKind = "domestic_water",
) -> Imported:
    r"""A site made from an EPANET file.

    Tanks get a level, pumps a flow and a state, reducing valves and the links out of reservoirs a flow. `sensors`
    adds pressure at nodes and flow in links.

    Parameters
    ----------
    text : content of the file.
    site_id : id of the new site.
    name : shown name; empty takes the file's title, else the id.
    sensors : ids of nodes and links to watch, or ``("all",)``.
    epsg, origin : as `twin.importers.map_frame.lay_in_frame` takes them.
    interval_s : how often the sensors report. [s]
    time_zone : of the place, an IANA name.
    kind : what runs in the pipes.

    Raises
    ------
    pipe_network.errors.InpError
        With every fault of the file.
    MapError
        If its coordinates cannot be laid into a site frame.
    UnknownIdError
        If a sensor is at no node or link.

    Examples
    --------
    >>> text = "[JUNCTIONS]\na 10\n[RESERVOIRS]\nr 50\n[PIPES]\np r a 100 150 130\n[COORDINATES]\na 100 0\nr 0 0\n"
    >>> [d.id for d in import_inp(text, site_id="small", sensors=("a",)).site.devices]
    ['fm-p', 'pt-a']
    """
    parsed = parse(text)
    laid = lay_in_frame(parsed, epsg=epsg, origin=origin)
    network = laid.network
    plan = _Devices(network, interval_s)
    plan.watch_plant()
    plan.watch(_wanted(network, sensors))
    title = name or next(iter(network.title.splitlines()), "")[:60].strip() or site_id
    both = Text(zh=title, en=title)
    site = Site(
        id=site_id,
        name=both,
        time_zone=time_zone,
        origin=laid.origin,
        grounds=(_boundary(network, plan.devices),),
        kinds=plan.kinds(),
        devices=tuple(plan.devices),
        networks=(
            SiteNetwork(
                id="water" if kind == "domestic_water" else kind, kind=kind, name=both, inp=write(network),
                nodes=plan.node_ties, links=dict(_link_ties(network, plan.link_devices)),
            ),
        ),
        bindings=_bindings(site_id),
        rules=tuple(plan.rules()),
    )  # fmt: skip
    return Imported(site, laid.notes)


def _wanted(network: Network, sensors: Iterable[str]) -> list[str]:
    names = list(dict.fromkeys(sensors))
    if names == [ALL]:
        return [*network.nodes, *(k.id for k in network.pipes)]
    for name in names:
        if name not in network.nodes and name not in network.links:
            raise UnknownIdError("node or link of the network", name, [*network.nodes, *network.links])
    return names


def _boundary(network: Network, devices: list[Device]) -> GroundFeature:
    points = [*network.coordinates.values(), *(p for k in network.links.values() for p in k.vertices)]
    points += [(d.x_m, d.y_m) for d in devices if d.x_m is not None and d.y_m is not None]
    hull = shapely.MultiPoint(points).convex_hull.buffer(_MARGIN_M, quad_segs=2)
    ring: tuple[Point, ...] = tuple(
        (round(x, 3), round(y, 3)) for x, y in shapely.geometry.polygon.orient(hull).exterior.coords[:-1]
    )
    return GroundFeature(
        id="boundary", name=Text(zh="供水区域", en="Supply area"), use="site_boundary", geometry=Polygon(outer=ring)
    )


def _bindings(site_id: str) -> tuple[Binding, ...]:
    return (
        Binding(id="batch", topic=f"{site_id}/{{gateway}}/batch", payload="batch"),
        Binding(id="reading", topic=f"{site_id}/{{gateway}}/{{device}}/{{channel}}", payload="compact"),
    )


def _link_ties(network: Network, devices: dict[str, str]) -> Iterator[tuple[str, LinkTie]]:
    for link in network.links.values():
        device = devices.get(link.id)
        if isinstance(link, Pump):
            yield link.id, LinkTie(asset="pump", device=device, normally_open=link.status == "OPEN")
        elif isinstance(link, Valve):
            asset = "prv" if link.kind == "PRV" else None
            yield link.id, LinkTie(asset=asset, device=device, normally_open=link.status != "CLOSED")
        else:
            kind = "check_valve" if link.status == "CV" else "main"
            tie = {"asset": kind, "device": device, "normally_open": link.status != "CLOSED"}
            yield link.id, LinkTie.model_validate(tie)


class _Devices:
    """Collects the devices of a network, with ids that are the site's."""

    def __init__(self, network: Network, interval_s: float) -> None:
        self._network = network
        self._interval_s = interval_s
        self.devices: list[Device] = []
        self.node_ties: dict[str, NodeTie] = {}
        self.link_devices: dict[str, str] = {}
        self._tank_devices: list[tuple[str, Tank]] = []

    def watch_plant(self) -> None:
        """What a waterworks watches first: tanks, pumps, reducing valves, and what leaves the reservoirs."""
        reservoirs = {r.id for r in self._network.reservoirs}
        self.node_ties.update({r: NodeTie(asset="inlet") for r in reservoirs})
        for tank in self._network.tanks:
            device = self._at_node("lt", tank.id, "tank-level", ("水池液位", "Tank level"))
            self._tank_devices.append((device, tank))
        for link in self._network.links.values():
            if isinstance(link, Pump):
                self._on_link("pump", link, "network-pump", ("水泵", "Pump"))
            elif isinstance(link, Valve) and link.kind == "PRV":
                self._on_link("prv", link, "pressure-valve", ("减压阀", "Pressure reducing valve"))
            elif link.start in reservoirs or link.end in reservoirs:
                self._on_link("fm", link, "flow-meter", ("流量计", "Flow meter"))

    def watch(self, names: Iterable[str]) -> None:
        """Add pressure at nodes and flow in links, where nothing watches yet."""
        for name in names:
            node, link = self._network.nodes.get(name), self._network.links.get(name)
            if node is not None and not isinstance(node, Reservoir) and name not in self.node_ties:
                self._at_node("pt", name, "pressure-sensor", ("压力", "Pressure"))
            if link is not None and name not in self.link_devices:
                self._on_link("fm", link, "flow-meter", ("流量计", "Flow meter"))

    def _id(self, prefix: str, foreign: str) -> str:
        base = f"{prefix}-" + (re.sub(r"[^a-z0-9._-]+", "-", foreign.lower()).strip("-") or "x")
        taken = {d.id for d in self.devices}
        return next(c for k in range(1, len(taken) + 2) if (c := base if k == 1 else f"{base}-{k}") not in taken)

    def _add(
        self, device: str, kind: str, words: tuple[str, str], foreign: str, at: tuple[float, float, float]
    ) -> None:
        x, y, z = (round(v, 3) for v in at)
        name = Text(zh=f"{words[0]} {foreign}", en=f"{words[1]} {foreign}")
        self.devices.append(Device(id=device, kind=kind, name=name, x_m=x, y_m=y, z_m=z, serial=foreign))

    def _at_node(self, prefix: str, node: str, kind: str, words: tuple[str, str]) -> str:
        device = self._id(prefix, node)
        place = self._network.nodes[node]
        self._add(device, kind, words, node, (*self._network.coordinates[node], place.elevation_m))
        self.node_ties[node] = NodeTie(device=device, asset="tank" if isinstance(place, Tank) else None)
        return device

    def _on_link(self, prefix: str, link: Link, kind: str, words: tuple[str, str]) -> None:
        device = self._id(prefix, link.id)
        path = shapely.LineString(self._network.path(link))
        middle = path.interpolate(0.5, normalized=True) if path.length else shapely.Point(path.coords[0])
        ends = [self._network.nodes[n] for n in (link.start, link.end)]
        ground = [n.elevation_m for n in ends if not isinstance(n, Reservoir)] or [ends[0].elevation_m]
        self._add(device, kind, words, link.id, (middle.x, middle.y, sum(ground) / len(ground)))
        self.link_devices[link.id] = device

    def kinds(self) -> tuple[DeviceKind, ...]:
        """The kinds of the devices there are."""
        used = {d.kind for d in self.devices}
        return tuple(k for k in _kinds(self._network, self._interval_s) if k.id in used)

    def rules(self) -> Iterator[Rule]:
        """Silence of any device, low pressure, low tanks."""
        kinds = tuple(sorted({d.kind for d in self.devices}))
        if kinds:
            yield Rule(
                id="silent", name=Text(zh="设备无数据", en="Device is silent"), kind="stale", device_kinds=kinds,
                severity="minor", skill="instrumentation",
                advice=Text(zh="检查电源与通信。", en="Check its power and its connection."),
            )  # fmt: skip
        if "pressure-sensor" in kinds:
            yield Rule(
                id="low-pressure", name=Text(zh="水压过低", en="Low pressure"), kind="threshold",
                device_kinds=("pressure-sensor",), channel="pressure", below=_LOW_M * _PA_PER_M, hysteresis=5000.0,
                severity="major", skill="plumbing",
                advice=Text(zh="查找附近爆管或关闭的阀门。", en="Look for a burst or a closed valve nearby."),
            )  # fmt: skip
        for device, tank in self._tank_devices:
            low = tank.min_level_m + 0.1 * (tank.max_level_m - tank.min_level_m)
            yield Rule(
                id=f"low-{device}", name=Text(zh="水池液位过低", en="Tank is nearly empty"), kind="threshold",
                devices=(device,), channel="level", below=round(low, 3), hysteresis=0.05, severity="major",
                skill="plumbing",
                advice=Text(zh="检查水泵与进水阀。", en="Check the pumps and the inlet valve."),
            )  # fmt: skip


def _kinds(network: Network, interval_s: float) -> tuple[DeviceKind, ...]:
    top_m = max((t.max_level_m for t in network.tanks), default=10.0)
    flow = Channel(
        id="flow",
        name=Text(zh="流量", en="flow"),
        unit="m3_per_s",
        interval_s=interval_s,
        range=(-20.0, 20.0),
        decimals=6,
    )
    pressure = Channel(
        id="pressure",
        name=Text(zh="压力", en="pressure"),
        unit="pa",
        interval_s=interval_s,
        range=(-1e5, 2.5e6),
        decimals=0,
    )
    level = Channel(
        id="level", name=Text(zh="液位", en="level"), unit="m", interval_s=interval_s, decimals=3,
        range=(-0.5, round(1.5 * top_m + 1, 1)),
    )  # fmt: skip
    running = Channel(
        id="state", name=Text(zh="状态", en="state"), unit="state", interval_s=interval_s,
        states={0: Text(zh="停止", en="stopped"), 1: Text(zh="运行", en="running"), 2: Text(zh="故障", en="fault")},
        alarm_states=(2,),
    )  # fmt: skip
    return (
        DeviceKind(id="pressure-sensor", name=Text(zh="压力传感器", en="Pressure sensor"), system="water",
                   channels=(pressure,), brick="Water_Pressure_Sensor", ifc="IfcSensor/PRESSURESENSOR"),
        DeviceKind(id="flow-meter", name=Text(zh="流量计", en="Flow meter"), system="water", channels=(flow,),
                   brick="Water_Flow_Sensor", ifc="IfcFlowMeter/WATERMETER"),
        DeviceKind(id="tank-level", name=Text(zh="液位计", en="Tank level"), system="water", channels=(level,),
                   brick="Water_Level_Sensor", ifc="IfcSensor/LEVELSENSOR"),
        DeviceKind(id="network-pump", name=Text(zh="水泵", en="Pump"), system="water", channels=(flow, running),
                   primary="flow", brick="Water_Pump", ifc="IfcPump/ENDSUCTION"),
        DeviceKind(id="pressure-valve", name=Text(zh="减压阀", en="Pressure reducing valve"), system="water",
                   channels=(pressure, flow), primary="pressure", brick="Water_Valve", ifc="IfcValve/PRESSUREREDUCING"),
    )  # fmt: skip


__all__ = ["ALL", "Imported", "import_inp"]
