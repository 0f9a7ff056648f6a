"""The course of a whole network as EPANET solves it, as arrays; and one moment of it as a network of its own.

EPANET writes a solved course to a hydraulics file, which is read back in one go: asking for each value by the toolkit
takes five times as long as solving. The file holds single precision, 0.01 mm in 100 m of head.

References
----------
OWA-EPANET 2.2 source, ``output.c`` (``savehyd``, ``savehydstep``) and ``types.h`` (``StatusType``).
"""

import tempfile
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.epanet import Project
from pipe_network.errors import HydraulicsError
from pipe_network.model import Demand, Network, Pattern, Reservoir, Tank, Valve

Floats = NDArray[np.float64]

_FOOT_M: Final = 0.3048
_HEADER_BYTES: Final = 32
_NOT_BALANCED: Final = 1
_STEADY: Final = "as-it-was"
_NO_SETTING: Final = -1e9
"""Settings below stand for none (MISSING, -1e10): a valve that a file or a control fixed open or closed."""
NO_ROUNDING: Final = (("ACCURACY", "0.00001"), ("HEADERROR", "0.0000001"), ("TRIALS", "200"))
"""Options under which EPANET solves far closer than by default, where 1 mm of head stays undecided."""


class Status(IntEnum):
    """What EPANET found a link to do."""

    PUMP_CANNOT_LIFT = 0
    CLOSED_FOR_NOW = 1
    CLOSED = 2
    OPEN = 3
    ACTIVE = 4
    PUMP_BEYOND_CURVE = 5
    FCV_CANNOT_SUPPLY = 6
    PRESSURE_TOO_LOW = 7


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """The solved course of a network.

    Attributes
    ----------
    times_s : (t,) moments, from the start of the run; where controls act they are between the steps
    node_ids, link_ids : the columns, in EPANET's order
    heads_m : (t, n) total head
    demands_m3_per_s : (t, n) what leaves the network, emitters included
    flows_m3_per_s : (t, k) from start to end
    statuses : (t, k) `Status`
    settings : (t, k) as EPANET holds them: a pump's speed, a throttle's loss coefficient, feet of a pressure, ft3/s of
        a flow; see `has_setting`
    """

    times_s: Floats
    node_ids: tuple[str, ...]
    link_ids: tuple[str, ...]
    heads_m: Floats
    demands_m3_per_s: Floats
    flows_m3_per_s: Floats
    statuses: NDArray[np.int8]
    settings: Floats

    @property
    def are_open(self) -> NDArray[np.bool_]:
        """(t, k) whether water may pass."""
        return self.statuses > Status.CLOSED

    def at(self, rows: NDArray[np.integer] | list[int]) -> "States":
        """Some of the moments."""
        return replace(
            self,
            times_s=self.times_s[rows],
            heads_m=self.heads_m[rows],
            demands_m3_per_s=self.demands_m3_per_s[rows],
            flows_m3_per_s=self.flows_m3_per_s[rows],
            statuses=self.statuses[rows],
            settings=self.settings[rows],
        )


def simulate(network: Network, *, duration_s: int | None = None, step_s: int | None = None) -> States:
    r"""The course of a network by its own patterns, controls and rules.

    Parameters
    ----------
    duration_s, step_s : instead of the network's own

    Raises
    ------
    HydraulicsError
        If EPANET does not open the network, or finds no balance. Other doubts of EPANET's are no errors here:
        `pipe_network.validation` tells of them.

    Examples
    --------
    >>> from pipe_network.inp import parse
    >>> text = "[JUNCTIONS]\na 10 36\n[RESERVOIRS]\nr 50\n[PIPES]\np r a 100 150 130\n[OPTIONS]\nUNITS CMH\n"
    >>> states = simulate(parse(text), duration_s=7200, step_s=3600)
    >>> states.times_s.tolist(), [f"{q:.3f}" for q in states.flows_m3_per_s.ravel()]
    ([0.0, 3600.0, 7200.0], ['0.010', '0.010', '0.010'])
    """
    with Project(network) as project, tempfile.TemporaryDirectory(prefix="plumbline-course-") as folder:
        if duration_s is not None or step_s is not None:
            times = network.times
            project.set_times(
                duration_s=times.duration_s if duration_s is None else duration_s,
                step_s=times.hydraulic_step_s if step_s is None else step_s,
            )
        path = Path(folder) / "course.hyd"
        code = project.solve_course(path)
        if code == _NOT_BALANCED:
            raise HydraulicsError(
                code,
                "EPANET finds no balance of flows and heads in this network at some moment; look for pumps or control"
                " valves that work against each other, or raise TRIALS under [OPTIONS]",
            )
        return _read(path.read_bytes(), project.node_ids, project.link_ids)


def _read(raw: bytes, node_ids: tuple[str, ...], link_ids: tuple[str, ...]) -> States:
    n, k = len(node_ids), len(link_ids)
    layout = np.dtype([
        ("time", "<i4"), ("demand", "<f4", n), ("head", "<f4", n),
        ("flow", "<f4", k), ("status", "<f4", k), ("setting", "<f4", k), ("step", "<i4"),
    ])  # fmt: skip
    body = raw[_HEADER_BYTES:]
    course = np.frombuffer(body[: len(body) // layout.itemsize * layout.itemsize], dtype=layout)
    return States(
        times_s=course["time"].astype(np.float64),
        node_ids=node_ids,
        link_ids=link_ids,
        heads_m=course["head"] * float(_FOOT_M),
        demands_m3_per_s=course["demand"] * float(_FOOT_M**3),
        flows_m3_per_s=course["flow"] * float(_FOOT_M**3),
        statuses=course["status"].astype(np.int8),
        settings=course["setting"].astype(np.float64),
    )


def has_setting(settings: Floats) -> NDArray[np.bool_]:
    """Whether a link is worked by its setting, and not fixed open or closed."""
    result: NDArray[np.bool_] = settings > _NO_SETTING
    return result


def _valve_as_it_was(valve: Valve, status: int, setting: float) -> Valve:
    if valve.kind == "GPV":
        return replace(valve, status="CLOSED" if status <= Status.CLOSED else "ACTIVE")
    if setting <= _NO_SETTING:
        return replace(valve, status="CLOSED" if status <= Status.CLOSED else "OPEN")
    to_si = {"FCV": _FOOT_M**3, "TCV": 1.0, "PCV": 1.0}.get(valve.kind, _FOOT_M)
    return replace(valve, status="ACTIVE", setting=setting * to_si)


def snapshot(network: Network, states: States, row: int) -> Network:
    """One moment as a network that stands still: demands, levels, speeds and what is shut are as they were.

    Tanks become reservoirs of their level; emitters stay, so their flow is not among the demands. Valves that control
    have the settings of the moment and work on.
    """
    rows = {name: k for k, name in enumerate(states.node_ids)}
    column = {name: k for k, name in enumerate(states.link_ids)}
    heads_m, drawn = states.heads_m[row], states.demands_m3_per_s[row]
    multiplier = network.options.demand_multiplier_ratio or 1.0

    def shut(name: str) -> bool:
        return bool(states.statuses[row, column[name]] in (Status.CLOSED, Status.CLOSED_FOR_NOW))

    sources: list[Reservoir | Tank] = [*network.reservoirs, *network.tanks]
    junctions = []
    for j in network.junctions:
        pressure_m = max(heads_m[rows[j.id]] - j.elevation_m, 0.0)
        emitted = j.emitter_m3_per_s * pressure_m**network.options.emitter_exponent if j.emitter_m3_per_s else 0.0
        junctions.append(replace(j, demands=(Demand(float(drawn[rows[j.id]] - emitted) / multiplier, _STEADY),)))
    return replace(
        network,
        junctions=tuple(junctions),
        reservoirs=tuple(
            Reservoir(r.id, float(heads_m[rows[r.id]])) for r in sources
        ),
        tanks=(),
        pipes=tuple(
            p if p.status == "CV" else replace(p, status="CLOSED" if shut(p.id) else "OPEN") for p in network.pipes
        ),
        pumps=tuple(
            replace(p, pattern=None, status="CLOSED" if shut(p.id) else "OPEN",
                    speed_ratio=float(states.settings[row, column[p.id]]))
            for p in network.pumps
        ),
        valves=tuple(
            _valve_as_it_was(v, int(states.statuses[row, column[v.id]]), float(states.settings[row, column[v.id]]))
            for v in network.valves
        ),
        # those there are stay, as sections EPANET alone reads may name them
        patterns=(*network.patterns, Pattern(_STEADY, (1.0,))),
        times=replace(network.times, duration_s=0),
        sections={k: v for k, v in network.sections.items() if k not in {"CONTROLS", "RULES"}},
    )  # fmt: skip
