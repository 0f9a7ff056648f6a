"""The nodes and links of an EPANET file, section by section."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeVar, cast, get_args

from pipe_network.inp_lines import Faults, InpLine, number
from pipe_network.inp_units import InpUnits
from pipe_network.model import (
    MAX_ID,
    XY,
    CurveUse,
    Demand,
    Junction,
    LinkStatus,
    Options,
    Pipe,
    Pump,
    Reservoir,
    Tank,
    Valve,
    ValveKind,
)

_STATUSES: Final = ("OPEN", "CLOSED", "CV")
_PRESSURE_VALVES: Final = ("PRV", "PSV", "PBV")
Element = TypeVar("Element", Junction, Reservoir, Tank, Pipe, Pump, Valve)


@dataclass(slots=True)
class Elements:
    """Reads the sections that describe nodes and links; prepared with the units of the file."""

    units: InpUnits
    options: Options
    faults: Faults
    junctions: dict[str, Junction] = field(default_factory=dict)
    reservoirs: dict[str, Reservoir] = field(default_factory=dict)
    tanks: dict[str, Tank] = field(default_factory=dict)
    pipes: dict[str, Pipe] = field(default_factory=dict)
    pumps: dict[str, Pump] = field(default_factory=dict)
    valves: dict[str, Valve] = field(default_factory=dict)
    coordinates: dict[str, XY] = field(default_factory=dict)
    references: list[tuple[int, str, Literal["pattern", "curve"], str]] = field(default_factory=list)
    """Line, owner, kind and id of every pattern and curve that is named."""

    def read(self, sections: dict[str, list[InpLine]]) -> None:
        """Take in all sections, in the order that lets later ones refine earlier ones."""
        order: tuple[tuple[str, Callable[[InpLine], None]], ...] = (
            ("JUNCTIONS", self._junction),
            ("RESERVOIRS", self._reservoir),
            ("TANKS", self._tank),
            ("PIPES", self._pipe),
            ("PUMPS", self._pump),
            ("VALVES", self._valve),
            ("EMITTERS", self._emitter),
            ("STATUS", self._status),
        )
        for name, take in order:
            for line in sections.get(name, []):
                take(line)
        self._demands(sections.get("DEMANDS", []))
        self._coordinates(sections.get("COORDINATES", []))
        self._vertices(sections.get("VERTICES", []))

    def curve_uses(self) -> dict[str, CurveUse]:
        """What each named curve is for."""
        uses: dict[str, CurveUse] = {}
        uses.update({t.volume_curve: "volume" for t in self.tanks.values() if t.volume_curve})
        uses.update({p.head_curve: "head" for p in self.pumps.values() if p.head_curve})
        uses.update({v.curve: "headloss" for v in self.valves.values() if v.curve and v.kind == "GPV"})
        return uses

    def _keep(self, store: dict[str, Element], item: Element, line: InpLine) -> None:
        nodes = (self.junctions, self.reservoirs, self.tanks)
        family = nodes if isinstance(item, Junction | Reservoir | Tank) else (self.pipes, self.pumps, self.valves)
        if any(item.id in other for other in family):
            self.faults.add(line.number, item.id, f"id {item.id} is there twice", "give each node and link its own id")
        if len(item.id) > MAX_ID:
            self.faults.add(line.number, item.id, f"id {item.id} has {len(item.id)} characters",
                            f"EPANET keeps {MAX_ID}; shorten it")  # fmt: skip
        store[item.id] = item

    def _number(self, line: InpLine, index: int, what: str, default: float | None = None) -> float:
        return number(line, index, what, self.faults, default=default)

    def _positive(self, line: InpLine, index: int, what: str, default: float | None = None) -> float:
        value = self._number(line, index, what, default)
        if value <= 0:
            self.faults.add(line.number, line.tokens[0], f"{what} of {line.tokens[0]} is {value:g}",
                            "it must be above zero")  # fmt: skip
            return 1.0
        return value

    def _pattern(self, line: InpLine, index: int) -> str | None:
        if index >= len(line.tokens) or line.tokens[index] == "*":
            return None
        name = line.tokens[index]
        self.references.append((line.number, line.tokens[0], "pattern", name))
        return name

    def _ends(self, line: InpLine) -> tuple[str, str, str] | None:
        if len(line.tokens) < 3:
            self.faults.add(line.number, line.tokens[0], f"link {line.tokens[0]} names no two nodes",
                            "write id, start node, end node")  # fmt: skip
            return None
        return line.tokens[0], line.tokens[1], line.tokens[2]

    def _junction(self, line: InpLine) -> None:
        base = self._number(line, 2, "demand", 0.0)
        pattern = self._pattern(line, 3)
        demands = (Demand(base * self.units.flow, pattern),) if base or pattern else ()
        elevation = self._number(line, 1, "elevation", 0.0)
        self._keep(
            self.junctions,
            Junction(line.tokens[0], elevation * self.units.length, demands, line=line.number),
            line,
        )

    def _reservoir(self, line: InpLine) -> None:
        head = self._number(line, 1, "head") * self.units.length
        self._keep(self.reservoirs, Reservoir(line.tokens[0], head, self._pattern(line, 2), line=line.number), line)

    def _tank(self, line: InpLine) -> None:
        if len(line.tokens) < 6:  # EPANET 1 kept reservoirs here: id, head, pattern
            self._reservoir(line)
            return
        curve = line.tokens[7] if len(line.tokens) > 7 and line.tokens[7] != "*" else None
        if curve is not None:
            self.references.append((line.number, line.tokens[0], "curve", curve))
        m = self.units.length
        tank = Tank(
            line.tokens[0],
            elevation_m=self._number(line, 1, "elevation") * m,
            init_level_m=self._number(line, 2, "initial level") * m,
            min_level_m=self._number(line, 3, "minimum level") * m,
            max_level_m=self._number(line, 4, "maximum level") * m,
            diameter_m=self._number(line, 5, "diameter") * m,
            min_volume_m3=self._number(line, 6, "minimum volume", 0.0) * self.units.volume,
            volume_curve=curve,
            overflow=len(line.tokens) > 8 and line.tokens[8].upper() == "YES",
            line=line.number,
        )
        if not tank.min_level_m <= tank.init_level_m <= tank.max_level_m:
            self.faults.add(line.number, tank.id, f"initial level of tank {tank.id} is outside minimum and maximum",
                            "order them minimum <= initial <= maximum")  # fmt: skip
        if tank.diameter_m <= 0 and curve is None:
            self.faults.add(line.number, tank.id, f"diameter of tank {tank.id} is zero", "give it, or a volume curve")
        self._keep(self.tanks, tank, line)

    def _pipe(self, line: InpLine) -> None:
        ends = self._ends(line)
        if ends is None:
            return
        status: LinkStatus = "OPEN"
        minor = 0.0
        for k in (6, 7):
            if k < len(line.tokens) and line.tokens[k].upper() in _STATUSES:
                status = cast("LinkStatus", line.tokens[k].upper())
            elif k == 6 and k < len(line.tokens):
                minor = self._number(line, k, "minor loss")
            elif k < len(line.tokens):
                self.faults.add(line.number, ends[0], f"status of pipe {ends[0]} is {line.tokens[k]!r}",
                                "write OPEN, CLOSED or CV")  # fmt: skip
        pipe = Pipe(
            *ends,
            length_m=self._positive(line, 3, "length") * self.units.length,
            diameter_m=self._positive(line, 4, "diameter") * self.units.diameter,
            roughness=self._positive(line, 5, "roughness") * self.units.roughness,
            minor_loss=minor,
            status=status,
            line=line.number,
        )
        self._keep(self.pipes, pipe, line)

    def _pump(self, line: InpLine) -> None:
        ends = self._ends(line)
        if ends is None:
            return
        curve: str | None = None
        power_w: float | None = None
        speed = 1.0
        pattern: str | None = None
        words = line.tokens
        if len(words) == 4 and words[3].upper() not in {"HEAD", "POWER"}:  # EPANET 1: a pump of constant power
            power_w = self._number(line, 3, "power") * self.units.power
        for k in range(3, len(words) - 1, 2):
            match words[k].upper():
                case "HEAD":
                    curve = words[k + 1]
                    self.references.append((line.number, ends[0], "curve", curve))
                case "POWER":
                    power_w = self._number(line, k + 1, "power") * self.units.power
                case "SPEED":
                    speed = self._number(line, k + 1, "speed")
                case "PATTERN":
                    pattern = self._pattern(line, k + 1)
                case other:
                    self.faults.add(line.number, ends[0], f"pump {ends[0]} has {other!r}",
                                    "use HEAD curve, POWER kW, SPEED ratio, PATTERN id")  # fmt: skip
        if curve is None and power_w is None:
            self.faults.add(line.number, ends[0], f"pump {ends[0]} has neither curve nor power", "add HEAD or POWER")
        pump = Pump(*ends, head_curve=curve, power_w=power_w, speed_ratio=speed, pattern=pattern, line=line.number)
        self._keep(self.pumps, pump, line)

    def _valve(self, line: InpLine) -> None:
        ends = self._ends(line)
        if ends is None:
            return
        kind = line.tokens[4].upper() if len(line.tokens) > 4 else ""
        if kind not in get_args(ValveKind):
            self.faults.add(line.number, ends[0], f"type of valve {ends[0]} is {kind or 'absent'!r}",
                            f"use one of {', '.join(get_args(ValveKind))}")  # fmt: skip
            kind = "TCV"
        curve: str | None = None
        setting = 0.0
        if kind == "GPV":
            curve = line.tokens[5] if len(line.tokens) > 5 else ""
            self.references.append((line.number, ends[0], "curve", curve))
        else:
            setting = self._setting(kind, self._number(line, 5, "setting", 0.0))
            if kind == "PCV" and len(line.tokens) > 7:
                curve = line.tokens[7]
                self.references.append((line.number, ends[0], "curve", curve))
        valve = Valve(
            *ends,
            diameter_m=self._positive(line, 3, "diameter") * self.units.diameter,
            kind=cast("ValveKind", kind),
            setting=setting,
            curve=curve,
            minor_loss=self._number(line, 6, "minor loss", 0.0),
            line=line.number,
        )
        self._keep(self.valves, valve, line)

    def _setting(self, kind: str, value: float) -> float:
        if kind in _PRESSURE_VALVES:
            return value * self.units.pressure
        return value * self.units.flow if kind == "FCV" else value

    def _emitter(self, line: InpLine) -> None:
        junction = self.junctions.get(line.tokens[0])
        if junction is None:
            self.faults.add(line.number, line.tokens[0], f"emitter at {line.tokens[0]!r}, which is no junction",
                            "correct its id or remove it")  # fmt: skip
            return
        value = self._number(line, 1, "coefficient") * self.units.emitter
        self.junctions[junction.id] = replace(junction, emitter_m3_per_s=value)

    def _status(self, line: InpLine) -> None:
        name = line.tokens[0]
        word = line.tokens[1].upper() if len(line.tokens) > 1 else ""
        if name in self.pipes and word in _STATUSES:
            if self.pipes[name].status != "CV":  # EPANET lets nobody open or close a check valve
                self.pipes[name] = replace(self.pipes[name], status=cast("LinkStatus", word))
        elif name in self.pumps:
            if word in {"OPEN", "CLOSED"}:
                self.pumps[name] = replace(self.pumps[name], status=cast("Literal['OPEN', 'CLOSED']", word))
            else:
                self.pumps[name] = replace(self.pumps[name], speed_ratio=self._number(line, 1, "speed"))
        elif name in self.valves:
            valve = self.valves[name]
            if word in {"OPEN", "CLOSED", "ACTIVE"}:
                self.valves[name] = replace(valve, status=cast("Literal['OPEN', 'CLOSED', 'ACTIVE']", word))
            else:
                setting = self._setting(valve.kind, self._number(line, 1, "setting"))
                self.valves[name] = replace(valve, setting=setting, status="ACTIVE")
        else:
            self.faults.add(line.number, name, f"status of {name!r} {word!r} fits no link",
                            "name a pipe, pump or valve, and OPEN, CLOSED or a setting")  # fmt: skip

    def _demands(self, lines: list[InpLine]) -> None:
        found: dict[str, list[Demand]] = {}
        for line in lines:
            name = line.tokens[0]
            if name.upper() == "MULTIPLY":
                self.faults.add(line.number, name, "MULTIPLY under [DEMANDS] is EPANET 1",
                                "write DEMAND MULTIPLIER under [OPTIONS]")  # fmt: skip
            elif name not in self.junctions:
                self.faults.add(line.number, name, f"demand at {name!r}, which is no junction",
                                "correct its id or remove it")  # fmt: skip
            else:
                base = self._number(line, 1, "demand") * self.units.flow
                found.setdefault(name, []).append(Demand(base, self._pattern(line, 2), line.comment))
        for name, demands in found.items():  # they replace what [JUNCTIONS] said, as in EPANET
            self.junctions[name] = replace(self.junctions[name], demands=tuple(demands))

    def _coordinates(self, lines: list[InpLine]) -> None:
        nodes = self.junctions.keys() | self.reservoirs.keys() | self.tanks.keys()
        for line in lines:
            if line.tokens[0] in nodes:  # EPANET leaves drawings of vanished nodes; they harm nobody
                self.coordinates[line.tokens[0]] = (self._number(line, 1, "x"), self._number(line, 2, "y"))

    def _vertices(self, lines: list[InpLine]) -> None:
        paths: dict[str, list[XY]] = {}
        for line in lines:
            paths.setdefault(line.tokens[0], []).append((self._number(line, 1, "x"), self._number(line, 2, "y")))
        for name, points in paths.items():
            if name in self.pipes:
                self.pipes[name] = replace(self.pipes[name], vertices=tuple(points))
            elif name in self.pumps:
                self.pumps[name] = replace(self.pumps[name], vertices=tuple(points))
            elif name in self.valves:
                self.valves[name] = replace(self.valves[name], vertices=tuple(points))
