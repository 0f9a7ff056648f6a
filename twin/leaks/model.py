"""What of a site matters for its leaks, prepared once."""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import shapely

from pipe_network.balance import MeterTree, NoMeterError, meter_tree
from pipe_network.errors import PipeNetworkError
from pipe_network.inp import parse
from pipe_network.model import Network, Tank
from twin.index import SiteIndex
from twin.leaks.places import PipePlace, node_buildings, pipe_places
from twin.model.networks import NetworkKind, SiteNetwork

logger = logging.getLogger(__name__)

PRESSURE_KINDS: Final[frozenset[NetworkKind]] = frozenset({"domestic_water", "fire_main", "heating"})
_CHANNELS: Final = frozenset({"volume", "flow", "pressure", "level", "state", "run_time", "position"})


@dataclass(frozen=True, slots=True)
class Meter:
    """A water meter of the site.

    Attributes
    ----------
    volume, flow : rows of its channels
    most_m3_per_s : more than it can read
    interval_s : between two readings
    """

    device: str
    volume: int | None
    flow: int | None
    most_m3_per_s: float
    interval_s: float

    @property
    def channel(self) -> str:
        """The id of the channel by which it counts: its register, or its flow where it has none."""
        return f"{self.device}:{'flow' if self.volume is None else 'volume'}"


@dataclass(frozen=True, slots=True)
class Store:
    """A tank with a level sensor: what it holds changes by its area."""

    node: str
    row: int
    area_m2: float


@dataclass(frozen=True, slots=True, eq=False)
class NetworkModel:
    """A pressure network of the site.

    Attributes
    ----------
    tree : its districts; none where nothing is metered
    meters : by device
    stores : by tank
    pressures : node to the row of its sensor
    end_spaces : meter to the flat or room whose water it counts
    end_buildings : meter to the building it serves, where that is known
    meter_at_ratio : metered pipe to where on it its meter is, 0 at its start
    places : every pipe's place on the estate
    """

    id: str
    kind: NetworkKind
    network: Network
    site_network: SiteNetwork
    tree: MeterTree | None
    meters: Mapping[str, Meter]
    stores: Mapping[str, Store]
    pressures: Mapping[str, int]
    end_spaces: Mapping[str, str]
    end_buildings: Mapping[str, str]
    meter_at_ratio: Mapping[str, float]
    places: Mapping[str, PipePlace]


@dataclass(frozen=True, slots=True, eq=False)
class LeakModel:
    """The site's pressure networks, their meters, tanks and sensors. Make one with `prepare`."""

    index: SiteIndex
    rows: tuple[int, ...]
    """Rows of the site index whose readings a window must hold."""
    networks: tuple[NetworkModel, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    """Networks whose file cannot be used, and why."""
    window_s: float = 14 * 86_400.0
    """How far back a window should reach; a shorter one is used as far as it goes. [s]"""


def prepare(index: SiteIndex) -> LeakModel:
    """The leak model of a site."""
    networks: list[NetworkModel] = []
    unreadable: list[tuple[str, str]] = []
    for site_network in index.site.networks:
        if site_network.kind not in PRESSURE_KINDS:
            continue
        try:
            networks.append(prepare_network(index, site_network))
        except PipeNetworkError as error:
            logger.warning("network %s has no leak model: %s", site_network.id, error)
            unreadable.append((site_network.id, str(error)))
    tied = {tie.device for n in index.site.networks for tie in n.nodes.values()}
    tied |= {tie.device for n in index.site.networks for tie in n.links.values()}
    rows = tuple(c.row for c in index.channels if c.device.id in tied and c.channel.id in _CHANNELS)
    return LeakModel(index, rows, tuple(networks), tuple(unreadable))


def prepare_network(index: SiteIndex, site_network: SiteNetwork) -> NetworkModel:
    """One network with its meters, tanks and sensors.

    Raises
    ------
    PipeNetworkError
        If its file cannot be used.
    """
    network = parse(site_network.inp)
    links: dict[str, list[str]] = {}
    meters: dict[str, Meter] = {}
    for link, tie in site_network.links.items():
        meter = _meter(index, tie.device) if tie.device and link in network.links else None
        if meter is not None:
            links.setdefault(meter.device, []).append(link)
            meters[meter.device] = meter
    shut = [k for k, tie in site_network.links.items() if not tie.normally_open and tie.asset == "isolation_valve"]
    try:
        tree = meter_tree(network, links, closed=shut)
    except NoMeterError:
        tree = None
    stores, pressures = _sensors(index, site_network, network)
    end_spaces: dict[str, str] = {}
    end_buildings: dict[str, str] = {}
    buildings = node_buildings(index, network)
    for device, nodes in tree.outlets.items() if tree is not None else ():
        end_buildings.update((device, buildings[n]) for n in nodes if n in buildings)
        ties = (site_network.nodes.get(n) for n in nodes)
        end_spaces.update((device, t.space) for t in ties if t is not None and t.space)
    return NetworkModel(
        site_network.id, site_network.kind, network, site_network, tree, meters, stores, pressures, end_spaces,
        end_buildings, _meters_at(index, network, links), pipe_places(index, site_network, network),
    )  # fmt: skip


def _meters_at(index: SiteIndex, network: Network, links: Mapping[str, list[str]]) -> dict[str, float]:
    """Where on their pipes the meters are: next to their devices, by plan; a half where neither has coordinates."""
    found: dict[str, float] = {}
    for device, tied in links.items():
        known = index.devices[device]
        for link in tied:
            path = network.path(network.links[link])
            found[link] = 0.5
            if known.x_m is not None and known.y_m is not None and len(set(path)) > 1:
                line = shapely.LineString(path)
                found[link] = float(line.project(shapely.Point(known.x_m, known.y_m), normalized=True))
    return found


def _sensors(index: SiteIndex, site_network: SiteNetwork, network: Network) -> tuple[dict[str, Store], dict[str, int]]:
    stores: dict[str, Store] = {}
    pressures: dict[str, int] = {}
    for node, tie in site_network.nodes.items():
        level, pressure = index.rows.get(f"{tie.device}:level"), index.rows.get(f"{tie.device}:pressure")
        at = network.nodes.get(node)
        if level is not None and isinstance(at, Tank) and at.volume_curve is None:
            stores[node] = Store(node, level, math.pi * at.diameter_m**2 / 4)
        if pressure is not None and at is not None:
            pressures[node] = pressure
    return stores, pressures


def _meter(index: SiteIndex, device: str) -> Meter | None:
    volume, flow = index.rows.get(f"{device}:volume"), index.rows.get(f"{device}:flow")
    if volume is None and flow is None:
        return None
    by = index.channels[volume if volume is not None else flow or 0]
    high = [index.ranges[r, 1] for r in (flow,) if r is not None and math.isfinite(index.ranges[r, 1])]
    return Meter(device, volume, flow, float(high[0]) if high else 1.0, by.channel.interval_s)
