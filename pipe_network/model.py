"""A pipe network in EPANET's own nouns, every number in SI.

References
----------
L. Rossman et al., EPANET 2.2 User Manual, EPA/600/R-20/133 (2020), appendix C, "Command line EPANET".
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

FlowUnits = Literal["CFS", "GPM", "MGD", "IMGD", "AFD", "LPS", "LPM", "MLD", "CMH", "CMD", "CMS"]
Headloss = Literal["H-W", "D-W", "C-M"]
ValveKind = Literal["PRV", "PSV", "PBV", "FCV", "TCV", "GPV", "PCV"]
LinkStatus = Literal["OPEN", "CLOSED", "CV"]
CurveUse = Literal["head", "efficiency", "volume", "headloss", "unused"]
MAX_ID: Final = 31
"""Characters EPANET keeps of an id."""

XY = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Demand:
    """One category of demand at a junction."""

    base_m3_per_s: float
    pattern: str | None = None
    category: str = ""


@dataclass(frozen=True, slots=True)
class Junction:
    """A point where pipes join or water is drawn."""

    id: str
    elevation_m: float
    demands: tuple[Demand, ...] = ()
    emitter_m3_per_s: float = 0.0
    """Discharge at one metre of pressure head; it grows with the power `Options.emitter_exponent`."""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Reservoir:
    """A source of given head."""

    id: str
    head_m: float
    pattern: str | None = None
    line: int = field(default=0, compare=False)

    @property
    def elevation_m(self) -> float:
        """Its head: a reservoir's surface is where it stands."""
        return self.head_m


@dataclass(frozen=True, slots=True)
class Tank:
    """A store whose level moves; levels are above its elevation."""

    id: str
    elevation_m: float
    init_level_m: float
    min_level_m: float
    max_level_m: float
    diameter_m: float
    min_volume_m3: float = 0.0
    volume_curve: str | None = None
    overflow: bool = False
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Pipe:
    """A pipe between two nodes; `CV` lets water through from start to end only."""

    id: str
    start: str
    end: str
    length_m: float
    diameter_m: float
    roughness: float
    """Hazen-Williams C, Manning n, or for Darcy-Weisbach the height of the roughness in m."""
    minor_loss: float = 0.0
    status: LinkStatus = "OPEN"
    vertices: tuple[XY, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Pump:
    """A pump, by its head curve or its constant power."""

    id: str
    start: str
    end: str
    head_curve: str | None = None
    power_w: float | None = None
    speed_ratio: float = 1.0
    pattern: str | None = None
    status: Literal["OPEN", "CLOSED"] = "OPEN"
    vertices: tuple[XY, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Valve:
    """A control valve.

    `setting` is a pressure head [m] for PRV, PSV and PBV, a flow [m3/s] for FCV, a loss coefficient for TCV, the
    opening in percent for PCV; a GPV has its `curve` instead.
    """

    id: str
    start: str
    end: str
    diameter_m: float
    kind: ValveKind
    setting: float = 0.0
    curve: str | None = None
    minor_loss: float = 0.0
    status: Literal["ACTIVE", "OPEN", "CLOSED"] = "ACTIVE"
    vertices: tuple[XY, ...] = ()
    line: int = field(default=0, compare=False)


Node = Junction | Reservoir | Tank
Link = Pipe | Pump | Valve


@dataclass(frozen=True, slots=True)
class Pattern:
    """Multipliers, one for each pattern step."""

    id: str
    multipliers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in SI by their use: flow and head, flow and efficiency, level and volume, flow and head loss."""

    id: str
    points: tuple[XY, ...]
    use: CurveUse = "unused"


@dataclass(frozen=True, slots=True)
class Options:
    """What the network states under OPTIONS; `extra` has the others, word for word."""

    flow_units: FlowUnits = "GPM"
    headloss: Headloss = "H-W"
    demand_multiplier_ratio: float = 1.0
    pattern: str | None = None
    emitter_exponent: float = 0.5
    specific_gravity_ratio: float = 1.0
    pressure_units: Literal["", "PSI", "KPA", "METERS", "BAR", "FEET"] = ""
    """As stated; empty means by the flow units."""
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Times:
    """What the network states under TIMES. [s]"""

    duration_s: int = 0
    hydraulic_step_s: int = 3600
    pattern_step_s: int = 3600
    pattern_start_s: int = 0
    report_step_s: int = 3600
    report_start_s: int = 0
    start_clock_s: int = 0
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Network:
    """A whole network.

    ``sections`` keeps, line for line, what only EPANET itself reads (controls, rules, energy, quality, reactions,
    report) and sections we do not know.
    """

    title: str = ""
    junctions: tuple[Junction, ...] = ()
    reservoirs: tuple[Reservoir, ...] = ()
    tanks: tuple[Tank, ...] = ()
    pipes: tuple[Pipe, ...] = ()
    pumps: tuple[Pump, ...] = ()
    valves: tuple[Valve, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    curves: tuple[Curve, ...] = ()
    options: Options = field(default_factory=Options)
    times: Times = field(default_factory=Times)
    coordinates: dict[str, XY] = field(default_factory=dict)
    """Plan position of the nodes that have one."""
    tags: dict[tuple[Literal["NODE", "LINK"], str], str] = field(default_factory=dict)
    sections: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """Every node by id, in EPANET's order: junctions, reservoirs, tanks."""
        found: list[Node] = [*self.junctions, *self.reservoirs, *self.tanks]
        return {n.id: n for n in found}

    @cached_property
    def links(self) -> dict[str, Link]:
        """Every link by id: pipes, pumps, valves."""
        found: list[Link] = [*self.pipes, *self.pumps, *self.valves]
        return {k.id: k for k in found}

    def path(self, link: Link) -> tuple[XY, ...]:
        """The link's line in plan: its start, vertices and end, as far as they have coordinates."""
        ends = [self.coordinates[n] for n in (link.start,) if n in self.coordinates]
        return (*ends, *link.vertices, *(self.coordinates[n] for n in (link.end,) if n in self.coordinates))
