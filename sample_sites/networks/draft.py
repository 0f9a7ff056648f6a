"""A network on the drawing board: nodes, pipes and ties are added, then it becomes a `SiteNetwork`."""

import math
from dataclasses import dataclass, field
from typing import Final

from pipe_network.inp_writer import write
from pipe_network.model import (
    XY,
    Curve,
    Demand,
    Junction,
    Link,
    Network,
    Node,
    Options,
    Pattern,
    Pipe,
    Pump,
    Reservoir,
    Tank,
    Times,
    Valve,
)
from twin.model.base import Text
from twin.model.networks import LinkTie, NetworkKind, NodeTie, SiteNetwork

ROUGHNESS: Final = {"PE100": 140.0, "ductile iron": 130.0, "steel": 120.0, "PPR": 145.0, "UPVC": 140.0}
"""Hazen-Williams C of pipes in use. L. Mays, Water Distribution Systems Handbook (2000), table 2.2."""
DIAMETERS_M: Final = (0.05, 0.065, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
VALVE_LENGTH_M: Final = 0.5
_DAY_S: Final = 86400
_RESIDENTIAL: Final = (
    0.35, 0.25, 0.2, 0.2, 0.3, 0.7, 1.5, 1.9, 1.5, 1.1, 1.0, 1.1, 1.2, 1.0, 0.8, 0.8, 0.9, 1.2, 1.7, 2.0, 1.8, 1.4,
    0.7, 0.4,
)  # fmt: skip
"""A morning and an evening peak; the 24 multipliers have the mean 1."""


def diameter_m(flow_m3_per_s: float, *, velocity_m_per_s: float = 1.2, least_m: float = 0.05) -> float:
    """The smallest trade diameter that keeps the velocity.

    Examples
    --------
    >>> diameter_m(0.02), diameter_m(0.0001, least_m=0.15)
    (0.15, 0.15)
    """
    wanted = max(least_m, math.sqrt(4 * flow_m3_per_s / (math.pi * velocity_m_per_s)))
    return next((d for d in DIAMETERS_M if d >= wanted - 1e-9), DIAMETERS_M[-1])


@dataclass
class Draft:
    """What is drawn so far; coordinates in metres of the site frame, rounded to millimetres."""

    id: str
    kind: NetworkKind
    name: Text
    devices: frozenset[str] = frozenset()
    """Device ids of the site; ties to others are left out."""
    accuracy_ratio: float = 0.0005
    """Change of flow over flow at which EPANET is content."""
    laid_in: int = 2016
    """Year of the whole network: estates are piped when they are built."""
    nodes: dict[str, Node] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    coordinates: dict[str, XY] = field(default_factory=dict)
    curves: list[Curve] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    node_ties: dict[str, NodeTie] = field(default_factory=dict)
    link_ties: dict[str, LinkTie] = field(default_factory=dict)

    def _known(self, device: str | None) -> str | None:
        return device if device in self.devices else None

    def _place(self, node: Node, point: XY, tie: NodeTie | None) -> str:
        self.nodes[node.id] = node
        self.coordinates[node.id] = (round(point[0], 3), round(point[1], 3))
        if tie is not None:
            self.tie_node(node.id, tie)
        return node.id

    def tie_node(self, node: str, tie: NodeTie) -> None:
        """Say what a node is on the estate."""
        known = tie.replace(device=self._known(tie.device))
        if known != NodeTie():
            self.node_ties[node] = known

    def junction(
        self, node: str, point: XY, elevation_m: float, *, demand_m3_per_s: float = 0.0, pattern: str | None = None,
        tie: NodeTie | None = None,
    ) -> str:  # fmt: skip
        """Add a junction and give its id back."""
        demands = (Demand(demand_m3_per_s, pattern),) if demand_m3_per_s else ()
        return self._place(Junction(node, round(elevation_m, 3), demands), point, tie)

    def reservoir(self, node: str, point: XY, head_m: float, tie: NodeTie | None = None) -> str:
        """Add a reservoir and give its id back."""
        return self._place(Reservoir(node, round(head_m, 3)), point, tie)

    def tank(self, tank: Tank, point: XY, tie: NodeTie | None = None) -> str:
        """Add a tank and give its id back."""
        return self._place(tank, point, tie)

    def pipe(
        self, link: str, start: str, end: str, *, bore_m: float, tie: LinkTie, check: bool = False,
        length_m: float | None = None, valve: str | None = None, valve_device: str | None = None,
        minor_loss: float = 0.0,
    ) -> str:  # fmt: skip
        """Add a pipe, with an isolation valve of the given id, watched by a device, at its start."""
        if valve is not None:
            middle = f"{valve}.n"
            # a reservoir's elevation is its water surface; the valve lies with the pipe
            elevation_m = self._elevation_m(end if isinstance(self.nodes[start], Reservoir) else start)
            at = self.coordinates[start]
            self.junction(middle, at, elevation_m)
            self.pipe(
                valve, start, middle, bore_m=bore_m, length_m=VALVE_LENGTH_M, minor_loss=0.2,
                tie=LinkTie(
                    asset="isolation_valve", material=tie.material, depth_m=tie.depth_m, device=valve_device
                ),
            )  # fmt: skip
            start = middle
        (x0, y0), (x1, y1) = self.coordinates[start], self.coordinates[end]
        length = length_m or max(0.5, math.dist(
            (x0, y0, self._elevation_m(start)), (x1, y1, self._elevation_m(end))
        ))  # fmt: skip
        self.links[link] = Pipe(
            link, start, end, round(length, 2), bore_m, ROUGHNESS.get(tie.material, 130.0), minor_loss,
            "CV" if check else "OPEN",
        )  # fmt: skip
        self._tie_link(link, tie)
        return link

    def pump(self, link: str, start: str, end: str, curve: str, *, tie: LinkTie, running: bool) -> str:
        """Add a pump with a head curve."""
        self.links[link] = Pump(link, start, end, head_curve=curve, status="OPEN" if running else "CLOSED")
        self._tie_link(link, tie.replace(normally_open=running))
        return link

    def valve(self, valve: Valve, tie: LinkTie) -> str:
        """Add a control valve."""
        self.links[valve.id] = valve
        self._tie_link(valve.id, tie)
        return valve.id

    def curve(self, name: str, flow_m3_per_s: float, head_m: float) -> str:
        """Add a pump's curve by its design point, which EPANET completes."""
        self.curves.append(Curve(name, ((flow_m3_per_s, round(head_m, 2)),), "head"))
        return name

    def _tie_link(self, link: str, tie: LinkTie) -> None:
        # of what is in the ground people ask how old it is
        laid_in = None if tie.depth_m is None else self.laid_in
        self.link_ties[link] = tie.replace(device=self._known(tie.device), laid_in=laid_in)

    def _elevation_m(self, node: str) -> float:
        return self.nodes[node].elevation_m

    def finish(self) -> SiteNetwork:
        """The network as a file with its ties."""
        nodes, links = self.nodes.values(), self.links.values()
        network = Network(
            title=f"{self.name.en}",
            junctions=tuple(n for n in nodes if isinstance(n, Junction)),
            reservoirs=tuple(n for n in nodes if isinstance(n, Reservoir)),
            tanks=tuple(n for n in nodes if isinstance(n, Tank)),
            pipes=tuple(k for k in links if isinstance(k, Pipe)),
            pumps=tuple(k for k in links if isinstance(k, Pump)),
            valves=tuple(k for k in links if isinstance(k, Valve)),
            patterns=(Pattern("residential", _RESIDENTIAL),),
            curves=tuple(self.curves),
            options=Options(flow_units="LPS", extra=(("TRIALS", "100"), ("ACCURACY", f"{self.accuracy_ratio}"))),
            times=Times(duration_s=_DAY_S, hydraulic_step_s=600),
            coordinates=self.coordinates,
            sections={"CONTROLS": tuple(self.controls), "REPORT": ("STATUS NO", "SUMMARY NO")},
        )
        return SiteNetwork(
            id=self.id, kind=self.kind, name=self.name, inp=write(network), nodes=self.node_ties, links=self.link_ties
        )
