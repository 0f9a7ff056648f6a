"""What a network does with some links shut: EPANET runs it again, and the two courses are compared.

What the shut links cut off is told by the network's form; what else runs dry or low (a tank that nothing fills any
more, a riser fed the long way round) is told by the pressures. Nodes without a source draw nothing while EPANET runs:
it would answer with pressures of minus thousands of metres, or not at all.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.epanet import Project
from pipe_network.errors import UnknownElementError
from pipe_network.model import Network

Floats = NDArray[np.float64]
DAY_S: Final = 86_400
_EMPTY_M: Final = 0.01
"""A tank this close above its least level gives no more: EPANET stops within its own rounding of it."""
_NOTICEABLE_M: Final = 0.1
"""A tenth of what the usual gauge shows; a smaller fall is not laid to the valves."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A solved course of a network.

    Attributes
    ----------
    times_s : (t,) from the beginning of the run
    pressure_heads_m : (t, n) above each node
    flows_m3_per_s : (t, k) of each link, from start to end
    fed : (t, n) whether a source is joined to the node
    """

    times_s: Floats
    node_ids: tuple[str, ...]
    link_ids: tuple[str, ...]
    pressure_heads_m: Floats
    flows_m3_per_s: Floats
    fed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LowPressure:
    """A node whose pressure falls below what is needed, at its worst moment."""

    node: str
    pressure_head_m: float
    before_m: float
    needed_m: float
    at_s: float


@dataclass(frozen=True, slots=True)
class Consequence:
    """What shut links do to the nodes.

    Attributes
    ----------
    dry_after_s : nodes without water, to how long after the beginning; 0 is at once
    low : nodes that keep some water but too little pressure, and have less than before
    low_before : nodes that lack pressure with or without it
    """

    dry_after_s: Mapping[str, float]
    low: tuple[LowPressure, ...]
    low_before: tuple[str, ...]


def with_closed(network: Network, closed: Collection[str], dry: Collection[str] = ()) -> Network:
    """The network with some links shut, whatever its controls say, and nothing drawn at some nodes.

    Raises
    ------
    UnknownElementError
        If it has no such link.
    """
    for name in set(closed) - network.links.keys():
        raise UnknownElementError("link", name)
    silent = set(dry)
    # EPANET gives up on pumps and control valves in a part where nothing moves: there all is shut
    shut = set(closed) | {k.id for k in network.links.values() if k.start in silent or k.end in silent}
    sections = dict(network.sections)
    if "CONTROLS" in sections:
        sections["CONTROLS"] = tuple(c for c in sections["CONTROLS"] if not shut & set(c.split()[1:2]))
    if "RULES" in sections:
        sections["RULES"] = _rules_without(sections["RULES"], shut)

    return replace(
        network, sections=sections,
        junctions=tuple(replace(j, demands=(), emitter_m3_per_s=0.0) if j.id in silent else j
                        for j in network.junctions),
        pipes=tuple(replace(k, status="CLOSED") if k.id in shut else k for k in network.pipes),
        pumps=tuple(replace(k, status="CLOSED") if k.id in shut else k for k in network.pumps),
        valves=tuple(replace(k, status="CLOSED") if k.id in shut else k for k in network.valves),
    )  # fmt: skip


def _rules_without(lines: Iterable[str], links: Collection[str]) -> tuple[str, ...]:
    """Rules as they are, less those that move one of the links."""
    kept: list[str] = []
    rule: list[str] = []
    for line in [*lines, "RULE"]:
        if re.match(r"\s*RULE\b", line, re.IGNORECASE) and rule:
            acts = [words for words in map(str.split, rule) if words and words[0].upper() in {"THEN", "ELSE", "AND"}]
            # AND stands in conditions too; there it reads a link and moves none
            moved = {w[2] for w in acts if len(w) > 4 and w[3].upper() in {"STATUS", "SETTING"} and w[4] == "="}
            kept += [] if moved & set(links) else rule
            rule = []
        rule.append(line)
    return tuple(kept)


def course(network: Network, *, closed: Collection[str] = (), duration_s: int = DAY_S, step_s: int = 3600) -> Course:
    r"""The network's course with some links shut from the beginning on, solved by EPANET.

    Raises
    ------
    UnknownElementError
        If it has no such link.
    HydraulicsError
        If EPANET cannot solve it.

    Examples
    --------
    >>> from pipe_network.inp import parse
    >>> net = parse("[JUNCTIONS]\na 1 5\nb 1 5\n[RESERVOIRS]\nr 9\n[PIPES]\np r a 9 90 130\nq a b 9 90 130\n")
    >>> course(net, closed=["q"], duration_s=0).fed.tolist()
    [[True, False, True]]
    """
    giving = {t.id for t in network.tanks}
    now, begin_s = network, 0
    parts: list[Course] = []
    while True:
        fed = _fed(network, closed, [*(r.id for r in network.reservoirs), *giving])
        part, empty, levels_m = _until_empty(
            with_closed(now, closed, network.nodes.keys() - fed), fed, giving,
            duration_s=duration_s - begin_s, step_s=step_s,
        )  # fmt: skip
        parts.append(replace(part, times_s=part.times_s + begin_s))
        begin_s += round(part.times_s[-1])
        if not empty:
            break
        # what only an empty tank fed is dry from here on: the rest of the day is run without it
        giving -= empty
        now = _from(network, begin_s, levels_m)
    return Course(
        np.concatenate([p.times_s for p in parts]), parts[0].node_ids, parts[0].link_ids,
        np.concatenate([p.pressure_heads_m for p in parts]), np.concatenate([p.flows_m3_per_s for p in parts]),
        np.concatenate([p.fed for p in parts]),
    )  # fmt: skip


def _until_empty(
    network: Network, fed: Collection[str], giving: Collection[str], *, duration_s: int, step_s: int
) -> tuple[Course, set[str], dict[str, float]]:
    """The course until tanks that give water become empty; these, and the level of every tank then."""
    least_m = {t.id: t.min_level_m + _EMPTY_M for t in network.tanks}
    rows: list[tuple[float, Floats, Floats]] = []
    with Project(network) as project:
        project.set_times(duration_s=duration_s, step_s=step_s)
        project.start()
        while True:
            time_s, _ = project.solve()
            pressures_m = project.pressure_heads_m()
            levels_m = {t: float(pressures_m[project.node_row(t)]) for t in least_m}
            empty = {t for t in giving if levels_m[t] <= least_m[t]}
            rows.append((float(time_s), pressures_m, project.flows_m3_per_s()))
            if empty or project.advance() <= 0:
                break
        node_ids, link_ids = project.node_ids, project.link_ids
    times_s, pressures, flows = zip(*rows, strict=True)
    is_fed = np.tile(np.array([n in fed for n in node_ids]), (len(rows), 1))
    return Course(np.array(times_s), node_ids, link_ids, np.array(pressures), np.array(flows), is_fed), empty, levels_m


def _from(network: Network, time_s: int, levels_m: Mapping[str, float]) -> Network:
    """The network as it is some time after its beginning."""
    times = network.times
    return replace(
        network,
        tanks=tuple(replace(t, init_level_m=min(max(levels_m[t.id], t.min_level_m), t.max_level_m))
                    for t in network.tanks),
        times=replace(times, pattern_start_s=times.pattern_start_s + time_s,
                      start_clock_s=(times.start_clock_s + time_s) % DAY_S),
    )  # fmt: skip


def _fed(network: Network, closed: Collection[str], sources: Iterable[str]) -> set[str]:
    shut = set(closed)
    near: dict[str, list[str]] = {}
    for link in network.links.values():
        if link.id not in shut:
            near.setdefault(link.start, []).append(link.end)
            near.setdefault(link.end, []).append(link.start)
    found = set(sources)
    todo = list(found)
    for at in todo:
        for other in near.get(at, ()):
            if other not in found:
                found.add(other)
                todo.append(other)
    return found


def compare(before: Course, after: Course, needed_m: Mapping[str, float]) -> Consequence:
    """What became of the nodes between two courses of one network.

    Parameters
    ----------
    needed_m : of the nodes at which water is drawn, the pressure head they need; others are only told when dry
    """
    row = {name: k for k, name in enumerate(after.node_ids)}
    dry: dict[str, float] = {}
    low: list[LowPressure] = []
    low_before: list[str] = []
    for name, k in row.items():
        was_fed = bool(before.fed[:, k].all())
        missing = ~after.fed[:, k]
        if name in needed_m:
            missing = missing | ((after.pressure_heads_m[:, k] <= 0.0) & (before.pressure_heads_m[:, k].min() > 0.0))
        if missing.any():
            if was_fed:
                dry[name] = float(after.times_s[np.argmax(missing)])
            continue
        if name not in needed_m:
            continue
        least_m, used_m = float(after.pressure_heads_m[:, k].min()), float(before.pressure_heads_m[:, k].min())
        if least_m >= needed_m[name]:
            continue
        if used_m - least_m < _NOTICEABLE_M:
            low_before.append(name)
            continue
        at_s = float(after.times_s[np.argmin(after.pressure_heads_m[:, k])])
        low.append(LowPressure(name, least_m, used_m, needed_m[name], at_s))
    return Consequence(dry, tuple(sorted(low, key=lambda x: x.pressure_head_m - x.needed_m)), tuple(low_before))
