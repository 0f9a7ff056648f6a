"""Writes a network as an EPANET file, in the units its options name.

``parse(write(network))`` is the network again; sections kept line for line (controls, rules, energy, ...) are in the
same units, so they keep their meaning.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from pipe_network.inp_units import InpUnits, inp_units
from pipe_network.model import Curve, Link, Network, Options, Pipe, Pump, Times, Valve

_PRESSURE_VALVES: Final = ("PRV", "PSV", "PBV")
_LAST: Final = ("LABELS", "BACKDROP")


def write(network: Network) -> str:
    """The EPANET file of a network.

    Examples
    --------
    >>> from pipe_network.model import Junction, Options, Pipe, Reservoir
    >>> net = Network(
    ...     junctions=(Junction("a", 10.0),), reservoirs=(Reservoir("r", 50.0),),
    ...     pipes=(Pipe("p", "r", "a", 100.0, 0.15, 130.0),), options=Options(flow_units="LPS"),
    ... )
    >>> [line for line in write(net).splitlines() if line.startswith("p ")]
    ['p r a 100 150 130 0 OPEN']
    """
    units = inp_units(network.options)
    sections: list[tuple[str, Iterable[str]]] = [
        ("TITLE", network.title.splitlines()),
        ("JUNCTIONS", (_row(j.id, j.elevation_m / units.length) for j in network.junctions)),
        ("RESERVOIRS", (_row(r.id, r.head_m / units.length, r.pattern or "") for r in network.reservoirs)),
        ("TANKS", _tanks(network, units)),
        ("PIPES", (_pipe(p, units) for p in network.pipes)),
        ("PUMPS", (_pump(p, units) for p in network.pumps)),
        ("VALVES", (_valve(v, units) for v in network.valves)),
        ("TAGS", (_row(kind, name, tag) for (kind, name), tag in network.tags.items())),
        ("DEMANDS", _demands(network, units)),
        ("EMITTERS", (_row(j.id, j.emitter_m3_per_s / units.emitter) for j in network.junctions if j.emitter_m3_per_s)),
        ("STATUS", _statuses(network)),
        ("PATTERNS", (line for p in network.patterns for line in _pattern(p.id, p.multipliers))),
        ("CURVES", (line for c in network.curves for line in _curve(c, units))),
        *((name, lines) for name, lines in network.sections.items() if name not in _LAST),
        ("TIMES", _times(network.times)),
        ("OPTIONS", _options(network.options)),
        ("COORDINATES", (_row(name, x, y) for name, (x, y) in network.coordinates.items())),
        ("VERTICES", (_row(k.id, x, y) for k in network.links.values() for x, y in k.vertices)),
        *((name, lines) for name, lines in network.sections.items() if name in _LAST),
    ]
    return "\n".join(_text(sections))


def _text(sections: Iterable[tuple[str, Iterable[str]]]) -> Iterator[str]:
    for name, lines in sections:
        body = list(lines)
        if body:
            yield f"[{name}]"
            yield from body
            yield ""
    yield "[END]\n"


def _row(*cells: str | float) -> str:
    return " ".join(_cell(c) for c in cells if c != "")


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return f'"{value}"' if " " in value or "," in value else value
    text = f"{value:.10g}"  # ten digits: micrometres over 1000 km, and no noise of binary fractions
    return "0" if text == "-0" else text


def _tanks(network: Network, units: InpUnits) -> Iterator[str]:
    m = units.length
    for t in network.tanks:
        tail = (t.volume_curve or "*", "YES") if t.overflow else (t.volume_curve or "",)
        yield _row(
            t.id, t.elevation_m / m, t.init_level_m / m, t.min_level_m / m, t.max_level_m / m, t.diameter_m / m,
            t.min_volume_m3 / units.volume, *tail,
        )  # fmt: skip


def _pipe(p: Pipe, units: InpUnits) -> str:
    return _row(
        p.id, p.start, p.end, p.length_m / units.length, p.diameter_m / units.diameter, p.roughness / units.roughness,
        p.minor_loss, p.status,
    )  # fmt: skip


def _pump(p: Pump, units: InpUnits) -> str:
    cells: list[str | float] = [p.id, p.start, p.end]
    if p.head_curve:
        cells += ["HEAD", p.head_curve]
    if p.power_w is not None:
        cells += ["POWER", p.power_w / units.power]
    if p.speed_ratio != 1.0:
        cells += ["SPEED", p.speed_ratio]
    if p.pattern:
        cells += ["PATTERN", p.pattern]
    return _row(*cells)


def _valve(v: Valve, units: InpUnits) -> str:
    setting: str | float = v.setting
    tail: tuple[str, ...] = ()
    if v.kind == "GPV":
        setting = v.curve or ""
    elif v.kind in _PRESSURE_VALVES:
        setting = v.setting / units.pressure
    elif v.kind == "FCV":
        setting = v.setting / units.flow
    elif v.kind == "PCV" and v.curve:
        tail = (v.curve,)
    return _row(v.id, v.start, v.end, v.diameter_m / units.diameter, v.kind, setting, v.minor_loss, *tail)


def _demands(network: Network, units: InpUnits) -> Iterator[str]:
    for j in network.junctions:
        for d in j.demands:
            row = _row(j.id, d.base_m3_per_s / units.flow, d.pattern or "")
            yield f"{row} ;{d.category}" if d.category else row


def _statuses(network: Network) -> Iterator[str]:
    links: list[Link] = [p for p in network.pumps if p.status == "CLOSED"]
    links += [v for v in network.valves if v.status != "ACTIVE"]
    for link in links:
        yield _row(link.id, link.status)


def _pattern(name: str, multipliers: tuple[float, ...]) -> Iterator[str]:
    for k in range(0, len(multipliers), 12):
        yield _row(name, *multipliers[k : k + 12])


def _curve(curve: Curve, units: InpUnits) -> Iterator[str]:
    x_factor, y_factor = {
        "head": (units.flow, units.length),
        "efficiency": (units.flow, 1.0),
        "volume": (units.length, units.volume),
        "headloss": (units.flow, units.length),
        "unused": (1.0, 1.0),
    }[curve.use]
    for x, y in curve.points:
        yield _row(curve.id, x / x_factor, y / y_factor)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _times(t: Times) -> Iterator[str]:
    yield f"DURATION {_clock(t.duration_s)}"
    yield f"HYDRAULIC TIMESTEP {_clock(t.hydraulic_step_s)}"
    yield f"PATTERN TIMESTEP {_clock(t.pattern_step_s)}"
    yield f"PATTERN START {_clock(t.pattern_start_s)}"
    yield f"REPORT TIMESTEP {_clock(t.report_step_s)}"
    yield f"REPORT START {_clock(t.report_start_s)}"
    yield f"START CLOCKTIME {_clock(t.start_clock_s)}"
    for name, rest in t.extra:
        yield f"{name} {rest}"


def _options(o: Options) -> Iterator[str]:
    yield f"UNITS {o.flow_units}"
    yield f"HEADLOSS {o.headloss}"
    if o.pressure_units:
        yield f"PRESSURE {o.pressure_units}"
    if o.specific_gravity_ratio != 1.0:
        yield _row("SPECIFIC", "GRAVITY", o.specific_gravity_ratio)
    yield _row("DEMAND", "MULTIPLIER", o.demand_multiplier_ratio)
    yield _row("EMITTER", "EXPONENT", o.emitter_exponent)
    if o.pattern:
        yield f"PATTERN {o.pattern}"
    for name, rest in o.extra:
        yield f"{name} {rest}"
