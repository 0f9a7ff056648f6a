"""Reads EPANET files: text to `Network`, in SI, every fault at once.

`parse` takes what EPANET takes. Sections that describe the network become objects; those that only EPANET's engine
reads (controls, rules, energy, quality, reactions, report) are kept line for line, in the units of the file, which
`pipe_network.inp_writer` writes again.
"""

import itertools
import re
from dataclasses import replace
from typing import Final, Literal, get_args

from pipe_network.errors import InpError, InpFault
from pipe_network.inp_elements import Elements
from pipe_network.inp_lines import Faults, InpLine, number, seconds, split
from pipe_network.inp_units import InpUnits, inp_units
from pipe_network.model import Curve, CurveUse, FlowUnits, Network, Options, Pattern, Times

_READ: Final = frozenset({
    "TITLE", "JUNCTIONS", "RESERVOIRS", "TANKS", "PIPES", "PUMPS", "VALVES", "DEMANDS", "EMITTERS", "PATTERNS",
    "CURVES", "STATUS", "TIMES", "OPTIONS", "COORDINATES", "VERTICES", "TAGS",
})  # fmt: skip
_TIMES: Final = {
    ("DURATION",): "duration_s",
    ("HYDRAULIC", "TIMESTEP"): "hydraulic_step_s",
    ("PATTERN", "TIMESTEP"): "pattern_step_s",
    ("PATTERN", "START"): "pattern_start_s",
    ("REPORT", "TIMESTEP"): "report_step_s",
    ("REPORT", "START"): "report_start_s",
    ("START", "CLOCKTIME"): "start_clock_s",
}
_NUMBERS: Final[dict[tuple[str, ...], str]] = {
    ("DEMAND", "MULTIPLIER"): "demand_multiplier_ratio",
    ("EMITTER", "EXPONENT"): "emitter_exponent",
    ("SPECIFIC", "GRAVITY"): "specific_gravity_ratio",
}
_PRESSURES: Final = {"PSI": "PSI", "KPA": "KPA", "MET": "METERS", "BAR": "BAR", "FEE": "FEET"}
_HEADLOSSES: Final = {"H": "H-W", "D": "D-W", "C": "C-M"}
_LINK_OF_CONTROL: Final = re.compile(r"^\s*(LINK|PIPE|PUMP|VALVE)\s+(\S+)", re.IGNORECASE)


def parse(text: str) -> Network:
    r"""The network an EPANET file describes.

    Parameters
    ----------
    text : the file's content.

    Raises
    ------
    InpError
        With every fault of the file, each with its line, its object, what is wrong and how to mend it.

    Examples
    --------
    >>> text = "[JUNCTIONS]\na 10\n[RESERVOIRS]\nr 50\n[PIPES]\np r a 100 150 130\n[OPTIONS]\nUNITS CMH\n"
    >>> parse(text).links["p"].diameter_m
    0.15
    """
    network, faults = read(text)
    if faults:
        raise InpError(faults)
    return network


def read(text: str) -> tuple[Network, tuple[InpFault, ...]]:
    """As much of the network as can be read, and every fault met; never raises for what the file says."""
    faults = Faults()
    sections = split(text, faults)
    options = _options(sections.get("OPTIONS", []), faults)
    units = inp_units(options)
    elements = Elements(units=units, options=options, faults=faults)
    elements.read(sections)
    patterns = _patterns(sections.get("PATTERNS", []), faults)
    curves = _curves(sections.get("CURVES", []), elements.curve_uses(), units, faults)
    network = Network(
        title="\n".join(line.text.strip() for line in sections.get("TITLE", [])),
        junctions=tuple(elements.junctions.values()),
        reservoirs=tuple(elements.reservoirs.values()),
        tanks=tuple(elements.tanks.values()),
        pipes=tuple(elements.pipes.values()),
        pumps=tuple(elements.pumps.values()),
        valves=tuple(elements.valves.values()),
        patterns=patterns,
        curves=curves,
        options=options,
        times=_times(sections.get("TIMES", []), faults),
        coordinates=elements.coordinates,
        tags=_tags(sections.get("TAGS", [])),
        sections={
            name: tuple(line.text for line in lines) for name, lines in sections.items() if name not in _READ and lines
        },
    )
    _check_references(network, elements, faults)
    _check_controls(network, sections, faults)
    return network, tuple(sorted(faults.items, key=lambda f: f.line))


def _options(lines: list[InpLine], faults: Faults) -> Options:
    stated: dict[str, str | float] = {}
    extra: list[tuple[str, str]] = []
    for line in lines:
        words = tuple(w.upper() for w in line.tokens)
        if not _word_option(line, words, stated, faults) and not _number_option(line, words, stated, faults):
            extra.append((line.tokens[0], " ".join(line.tokens[1:])))
    return replace(Options(extra=tuple(extra)), **stated)  # type: ignore[arg-type]  # checked one by one below


def _word_option(line: InpLine, words: tuple[str, ...], stated: dict[str, str | float], faults: Faults) -> bool:
    match words:
        case ("UNITS", "SI", *_):
            stated["flow_units"] = "LPS"  # as EPANET takes it
        case ("UNITS", unit, *_):
            if unit in get_args(FlowUnits):
                stated["flow_units"] = unit
            else:
                known = ", ".join(get_args(FlowUnits))
                faults.add(line.number, "UNITS", f"flow unit {line.tokens[1]!r} is unknown", f"use one of {known}")
        case ("HEADLOSS", formula, *_) if formula[:1] in _HEADLOSSES:
            stated["headloss"] = _HEADLOSSES[formula[:1]]
        case ("PRESSURE", unit, *_) if unit[:3] in _PRESSURES:
            stated["pressure_units"] = _PRESSURES[unit[:3]]
        case ("PATTERN", _, *_):
            stated["pattern"] = line.tokens[1]
        case _:
            return False
    return True


def _number_option(line: InpLine, words: tuple[str, ...], stated: dict[str, str | float], faults: Faults) -> bool:
    name = _NUMBERS.get(words[:2])
    if name is None:
        return False
    value = number(line, 2, " ".join(words[:2]).lower(), faults)
    if name == "specific_gravity_ratio" and value <= 0:
        faults.add(line.number, "SPECIFIC GRAVITY", f"specific gravity is {value}", "water has 1.0")
    else:
        stated[name] = value
    return True


def _times(lines: list[InpLine], faults: Faults) -> Times:
    known: dict[str, int] = {}
    extra: list[tuple[str, str]] = []
    for line in lines:
        words = tuple(w.upper() for w in line.tokens)
        for keys, name in _TIMES.items():
            if all(a.startswith(b[:4]) for a, b in zip(words, keys, strict=False)) and len(words) > len(keys):
                try:
                    known[name] = seconds(line.tokens[len(keys) :])
                except ValueError:
                    value = " ".join(line.tokens[len(keys) :])
                    faults.add(line.number, words[0], f"{' '.join(keys)} is {value!r}", "write hours as 1:30 or 1.5")
                break
        else:
            extra.append((line.tokens[0], " ".join(line.tokens[1:])))
    return Times(**known, extra=tuple(extra))


def _patterns(lines: list[InpLine], faults: Faults) -> tuple[Pattern, ...]:
    values: dict[str, list[float]] = {}
    for line in lines:
        row = values.setdefault(line.tokens[0], [])
        row.extend(number(line, k, "multiplier", faults) for k in range(1, len(line.tokens)))
        if len(line.tokens) == 1:
            name = line.tokens[0]
            faults.add(
                line.number, name, f"pattern {name} has no multiplier on this line", "give one or more, or drop it"
            )
    # what has none is refused above, by name; it is kept so that whoever names it is not told that it is not there
    return tuple(Pattern(name, tuple(row) or (1.0,)) for name, row in values.items())


def _curves(lines: list[InpLine], uses: dict[str, CurveUse], units: InpUnits, faults: Faults) -> tuple[Curve, ...]:
    factors: dict[CurveUse, tuple[float, float]] = {
        "head": (units.flow, units.length),
        "efficiency": (units.flow, 1.0),
        "volume": (units.length, units.volume),
        "headloss": (units.flow, units.length),
        "unused": (1.0, 1.0),
    }
    points: dict[str, list[tuple[float, float]]] = {}
    for line in lines:
        name = line.tokens[0]
        if len(line.tokens) % 2 == 0 or len(line.tokens) < 3:
            faults.add(line.number, name, f"curve {name} has an x without a y", "give pairs of x and y")
            continue
        x, y = factors[uses.get(name, "unused")]
        points.setdefault(name, []).extend(
            (number(line, k, "x", faults) * x, number(line, k + 1, "y", faults) * y)
            for k in range(1, len(line.tokens), 2)
        )
    for name, row in points.items():
        if any(b[0] <= a[0] for a, b in itertools.pairwise(row)):
            faults.add(0, name, f"x of curve {name} does not rise", "put its points in the order of x, each once")
    return tuple(Curve(name, tuple(row), uses.get(name, "unused")) for name, row in points.items())


def _tags(lines: list[InpLine]) -> dict[tuple[Literal["NODE", "LINK"], str], str]:
    tags: dict[tuple[Literal["NODE", "LINK"], str], str] = {}
    for line in lines:
        if len(line.tokens) >= 3:
            tags["NODE" if line.tokens[0].upper() == "NODE" else "LINK", line.tokens[1]] = " ".join(line.tokens[2:])
    return tags


def _check_references(network: Network, elements: Elements, faults: Faults) -> None:
    _check_joints(network, faults)
    known = {"pattern": {p.id for p in network.patterns}, "curve": {c.id for c in network.curves}}
    for line, owner, kind, name in elements.references:
        if name not in known[kind]:
            faults.add(
                line,
                owner,
                f"{owner} names {kind} {name!r}, which is not there",
                f"add it under [{kind.upper()}S] or correct its id",
            )


def _check_joints(network: Network, faults: Faults) -> None:
    nodes = network.nodes
    used: set[str] = set()
    for link in network.links.values():
        for end in (link.start, link.end):
            used.add(end)
            if end not in nodes:
                faults.add(link.line, link.id, f"link {link.id} ends at node {end!r}, which is not there",
                           "add the node or correct its id")  # fmt: skip
        if link.start == link.end:
            faults.add(link.line, link.id, f"link {link.id} starts and ends at {link.start!r}", "join two nodes")
    for node in nodes.values():
        if node.id not in used:
            faults.add(node.line, node.id, f"node {node.id} is joined to nothing", "join a link to it or remove it")
    if nodes and not network.reservoirs and not network.tanks:
        faults.add(0, "", "the network has no reservoir and no tank", "add the one the water comes from")
    if not nodes:
        faults.add(0, "", "the file has no nodes", "give [JUNCTIONS] and [RESERVOIRS]; is it an EPANET file?")


def _check_controls(network: Network, sections: dict[str, list[InpLine]], faults: Faults) -> None:
    for line in sections.get("CONTROLS", []):
        named = _LINK_OF_CONTROL.match(line.text)
        if named is None:
            faults.add(line.number, "", f"control {line.text.strip()[:40]!r} does not begin with LINK",
                       "write LINK id status IF NODE id ABOVE level, or AT TIME t")  # fmt: skip
        elif named[2] not in network.links:
            faults.add(line.number, named[2], f"a control names link {named[2]!r}, which is not there",
                       "correct its id or remove the control")  # fmt: skip
        words = line.tokens  # LINK id status IF NODE id ABOVE level: the node's place is fixed, ids may be keywords
        if len(words) > 5 and words[3].upper() == "IF" and words[5] not in network.nodes:
            faults.add(
                line.number,
                words[5],
                f"a control names node {words[5]!r}, which is not there",
                "correct its id or remove the control",
            )
