"""EPANET itself, in this process: a network opened, changed and stepped, its state read as arrays in SI.

The engine is the shared library that the wntr wheel brings for Linux, macOS and Windows. It is bound here directly,
because importing wntr costs seconds and 150 MB of memory that a server does not have to spend.

References
----------
OWA-EPANET 2.2 Toolkit, functions ``EN_*`` and their codes (``epanet2_enums.h``).
"""

import ctypes
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from pipe_network.epanet_library import engine
from pipe_network.errors import HydraulicsError, UnknownElementError
from pipe_network.inp import parse
from pipe_network.inp_units import inp_units
from pipe_network.inp_writer import write
from pipe_network.model import Network

Floats = NDArray[np.float64]

_WORST_WARNING: Final = 6
"""Of EPANET's return codes; larger ones are errors."""
_NODE_BASE_DEMAND, _NODE_EMITTER, _NODE_DEMAND, _NODE_HEAD = 1, 3, 9, 10
_LINK_FLOW, _LINK_STATUS, _LINK_SETTING, _LINK_ENERGY, _LINK_PUMP_STATE = 8, 11, 12, 13, 16
_DEMAND_MULTIPLIER: Final = 4
_NO_EMITTER_M3_PER_S: Final = 1e-9
_DURATION, _HYDRAULIC_STEP, _PATTERN_STEP, _REPORT_STEP = 0, 1, 3, 5
_FRESH_FLOWS: Final = 10
"""Start from EPANET's own first guess and write no hydraulics file."""
_PUMP_STATES: Final = {0: "cannot deliver the head", 5: "runs beyond the end of its curve"}
_MAX_MESSAGE: Final = 255
_WARNINGS: Final = {
    1: "the solution does not balance",
    2: "the solution balances only with valves and pumps held",
    3: "some junctions are cut off from every source",
    4: "a pump cannot work as asked",
    5: "a valve cannot work as asked",
    6: "some junctions that draw water have negative pressure",
}


@dataclass(frozen=True, slots=True)
class HydraulicWarning:
    """A state EPANET could solve but does not believe: when, what, and which objects."""

    time_s: int
    code: int
    message: str
    object_ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        names = ", ".join(self.object_ids[:8]) + (" ..." if len(self.object_ids) > 8 else "")
        return f"at {self.time_s // 3600}:{self.time_s // 60 % 60:02d} {self.message}" + (f": {names}" if names else "")


def _names_files(network: Network) -> bool:
    return any(name.upper() == "HYDRAULICS" for name, _ in network.options.extra)


def _alone(network: Network) -> Network:
    """The network without the options that let EPANET read or overwrite any file that a stranger's network names."""
    extra = tuple(each for each in network.options.extra if each[0].upper() != "HYDRAULICS")
    return replace(network, options=replace(network.options, extra=extra))


class Project:
    r"""A network open in EPANET; use it in a ``with``. Rows of nodes and links are in the file's order from 0.

    Parameters
    ----------
    network : the network, or the text of its EPANET file.

    Examples
    --------
    >>> text = "[JUNCTIONS]\na 10\n[RESERVOIRS]\nr 50\n[PIPES]\np r a 100 150 130\n[OPTIONS]\nUNITS CMH\n"
    >>> with Project(text) as project:
    ...     _ = project.start()
    ...     _ = project.solve()
    ...     project.pressure_heads_m().round(3).tolist()
    [40.0, 0.0]
    """

    def __init__(self, network: Network | str) -> None:
        self.network = parse(network) if isinstance(network, str) else network
        text = network if isinstance(network, str) and not _names_files(self.network) else write(_alone(self.network))
        self._units = inp_units(self.network.options)
        self._lib = engine()
        self._handle = ctypes.c_void_p()
        self._running = False
        self._is_open = False
        self._folder = tempfile.TemporaryDirectory(prefix="plumbline-epanet-")
        self._call("EN_createproject", ctypes.byref(self._handle), with_handle=False)
        try:
            self._open(text)
            self.node_ids: tuple[str, ...] = tuple(self._ids("EN_getnodeid", 0))
            self.link_ids: tuple[str, ...] = tuple(self._ids("EN_getlinkid", 2))
        except BaseException:
            self.close()
            raise
        self._junction_ids = frozenset(j.id for j in self.network.junctions)
        self._node_rows = {name: k for k, name in enumerate(self.node_ids)}
        self._link_rows = {name: k for k, name in enumerate(self.link_ids)}
        nodes = self.network.nodes
        self._elevations_m = np.array([nodes[n].elevation_m for n in self.node_ids])
        self._is_reservoir = np.array([n in {r.id for r in self.network.reservoirs} for n in self.node_ids])

    # -- opening and closing
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the engine and its scratch files back; safe to call twice."""
        if self._handle.value is not None:
            self._close_network()
            self._lib.EN_deleteproject(self._handle)
            self._handle.value = None
        self._folder.cleanup()

    def _close_network(self) -> None:
        if self._is_open:  # EPANET frees twice, and aborts the process, where it is closed twice
            self._is_open = False
            self._lib.EN_close(self._handle)

    def _open(self, text: str) -> None:
        folder = Path(self._folder.name)
        source, report = folder / "network.inp", folder / "report.txt"
        source.write_text(text.removeprefix("\ufeff"), encoding="utf-8")
        self._is_open = True
        code = self._lib.EN_open(self._handle, bytes(source), bytes(report), b"")
        if code > _WORST_WARNING:
            self._close_network()  # flushes the report, which names the lines
            told = report.read_text(encoding="utf-8", errors="replace") if report.is_file() else ""
            lines = [line.strip() for line in told.splitlines() if "rror" in line]
            raise HydraulicsError(code, f"EPANET does not open the network: {self._message(code)}; {' '.join(lines)}")

    def _ids(self, function: str, count_code: int) -> Iterator[str]:
        count = ctypes.c_int()
        self._call("EN_getcount", count_code, ctypes.byref(count))
        buffer = ctypes.create_string_buffer(64)
        for k in range(1, count.value + 1):
            self._call(function, k, buffer)
            yield buffer.value.decode("utf-8", errors="replace")

    def _message(self, code: int) -> str:
        buffer = ctypes.create_string_buffer(_MAX_MESSAGE + 1)
        self._lib.EN_geterror(code, buffer, _MAX_MESSAGE)
        return buffer.value.decode("utf-8", errors="replace") or f"EPANET error {code}"

    def _call(self, function: str, *args: object, with_handle: bool = True) -> int:
        if with_handle and self._handle.value is None:
            raise HydraulicsError(102, "the EPANET project is closed; open a new one")
        handle = (self._handle,) if with_handle else ()
        code: int = getattr(self._lib, function)(*handle, *args)
        if code > _WORST_WARNING:
            raise HydraulicsError(code, f"{function[3:]}: {self._message(code)}")
        return code

    # -- ids and rows
    def node_row(self, node_id: str) -> int:
        """Row of a node.

        Raises
        ------
        UnknownElementError
            If the network has no such node.
        """
        if node_id not in self._node_rows:
            raise UnknownElementError("node", node_id)
        return self._node_rows[node_id]

    def link_row(self, link_id: str) -> int:
        """Row of a link.

        Raises
        ------
        UnknownElementError
            If the network has no such link.
        """
        if link_id not in self._link_rows:
            raise UnknownElementError("link", link_id)
        return self._link_rows[link_id]

    # -- changing
    def drop_patterns(self) -> None:
        """Take the demands over: all are zero, without rhythm, until `set_demands` states them."""
        count = ctypes.c_int()
        for k, name in enumerate(self.node_ids, 1):
            if name not in self._junction_ids:
                continue
            self._call("EN_getnumdemands", k, ctypes.byref(count))
            for category in range(1, count.value + 1):
                self._call("EN_setbasedemand", k, category, ctypes.c_double(0.0))
                self._call("EN_setdemandpattern", k, category, 0)

    def set_demands(self, rows: Sequence[int] | NDArray[np.integer], values_m3_per_s: Iterable[float]) -> None:
        """State the base demand of some junctions from the next solution on."""
        factor = 1 / self._units.flow / (self.network.options.demand_multiplier_ratio or 1.0)
        for row, value in zip(rows, values_m3_per_s, strict=True):
            self._set_node(int(row), _NODE_BASE_DEMAND, float(value) * factor)

    def set_pattern(self, pattern_id: str, multipliers: Sequence[float] | Floats) -> None:
        """Replace a pattern, of any length; it is repeated from time zero on."""
        index, values = ctypes.c_int(), np.ascontiguousarray(multipliers, dtype=np.float64)
        self._call("EN_getpatternindex", pattern_id.encode(), ctypes.byref(index))
        array = values.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
        self._call("EN_setpattern", index.value, array, len(values))

    def set_emitter(self, node_id: str, flow_m3_per_s: float) -> None:
        """Let a junction discharge by its pressure: `flow_m3_per_s` at one metre of head."""
        # EPANET 2.2 lets the last flow run on for ever where an emitter is taken away, so it is only made tiny
        stated = max(flow_m3_per_s, _NO_EMITTER_M3_PER_S) / self._units.emitter
        self._set_node(self.node_row(node_id), _NODE_EMITTER, stated)

    def set_open(self, link_id: str, *, is_open: bool) -> None:
        """Open or close a pipe, pump or valve from the next solution on."""
        self._set_link(self.link_row(link_id), _LINK_STATUS, 1.0 if is_open else 0.0)

    def set_speed(self, pump_id: str, speed_ratio: float) -> None:
        """Run a pump at a part of its speed; 0 stops it."""
        self._set_link(self.link_row(pump_id), _LINK_SETTING, speed_ratio)

    def set_pressure_setting(self, valve_id: str, pressure_head_m: float) -> None:
        """Set a PRV, PSV or PBV."""
        self._set_link(self.link_row(valve_id), _LINK_SETTING, pressure_head_m / self._units.pressure)

    def set_flow_setting(self, valve_id: str, flow_m3_per_s: float) -> None:
        """Set an FCV."""
        self._set_link(self.link_row(valve_id), _LINK_SETTING, flow_m3_per_s / self._units.flow)

    def set_times(self, *, duration_s: int, step_s: int) -> None:
        """How far the run may go, and the longest step; call before `start`."""
        for code, value in ((_REPORT_STEP, step_s), (_PATTERN_STEP, step_s)):
            if code == _PATTERN_STEP and self.network.times.pattern_step_s % step_s == 0:
                continue  # the rhythm keeps its own step where ours divides it
            self._call("EN_settimeparam", code, ctypes.c_long(value))
        self._call("EN_settimeparam", _HYDRAULIC_STEP, ctypes.c_long(step_s))
        self._call("EN_settimeparam", _DURATION, ctypes.c_long(duration_s))

    def _set_node(self, row: int, code: int, value: float) -> None:
        self._call("EN_setnodevalue", row + 1, code, ctypes.c_double(value))

    def _set_link(self, row: int, code: int, value: float) -> None:
        self._call("EN_setlinkvalue", row + 1, code, ctypes.c_double(value))

    # -- stepping
    def start(self, *, warm: bool = False) -> None:
        """Set the network to its beginning: levels, statuses, time zero; unless `warm`, flows are guessed anew."""
        if not self._running:
            self._call("EN_openH")
            self._running = True
        self._call("EN_initH", 0 if warm else _FRESH_FLOWS)

    def solve(self) -> tuple[int, tuple[HydraulicWarning, ...]]:
        """Solve the network as it is now: its time in seconds, and what EPANET warns of.

        Raises
        ------
        HydraulicsError
            If EPANET cannot solve it at all.
        """
        time = ctypes.c_long()
        code = self._call("EN_runH", ctypes.byref(time))
        return time.value, self._warnings(time.value, code) if code else ()

    def advance(self) -> int:
        """Go to the next moment something changes: the step in seconds, 0 at the end of the duration."""
        step = ctypes.c_long()
        self._call("EN_nextH", ctypes.byref(step))
        return step.value

    def run(self, *, warm: bool = False) -> Iterator[tuple[int, tuple[HydraulicWarning, ...]]]:
        """Every moment of the duration, solved; read the arrays between them."""
        self.start(warm=warm)
        while True:
            yield self.solve()
            if self.advance() <= 0:
                return

    def solve_course(self, path: Path) -> int:
        """Solve the whole duration in one go and write it to a hydraulics file; EPANET's code of the worst doubt."""
        code = self._call("EN_solveH")
        self._call("EN_savehydfile", bytes(path))
        return code

    def _warnings(self, time_s: int, code: int) -> tuple[HydraulicWarning, ...]:
        found = []
        below = (self.pressure_heads_m() < 0) & (self.demands_m3_per_s() > 0) & ~self._is_reservoir
        names = tuple(self.node_ids[k] for k in np.flatnonzero(below) if self.node_ids[k] in self._junction_ids)
        if names:
            found.append(HydraulicWarning(time_s, 6, _WARNINGS[6], names))
        for pump in self.network.pumps:
            state = int(self._link_value(self.link_row(pump.id), _LINK_PUMP_STATE))
            if state in _PUMP_STATES and pump.head_curve:
                found.append(HydraulicWarning(time_s, 4, f"a pump {_PUMP_STATES[state]}", (pump.id,)))
        if code not in {w.code for w in found}:
            found.append(HydraulicWarning(time_s, code, _WARNINGS.get(code, self._message(code))))
        return tuple(found)

    # -- reading
    def heads_m(self, rows: Sequence[int] | None = None) -> Floats:
        """(nodes,) total head; of some `rows` only where they are given."""
        return self._nodes(_NODE_HEAD, rows) * self._units.length

    def heads_at_m(self, rows: Sequence[int]) -> Floats:
        """(rows,) total head of some nodes; reading few of a thousand saves most of what reading takes."""
        return self._values("EN_getnodevalue", _NODE_HEAD, rows) * self._units.length

    def flows_at_m3_per_s(self, rows: Sequence[int]) -> Floats:
        """(rows,) flow of some links, from start to end."""
        return self._values("EN_getlinkvalue", _LINK_FLOW, rows) * self._units.flow

    def _values(self, function: str, code: int, rows: Sequence[int]) -> Floats:
        if not len(rows):
            return np.empty(0)
        value = ctypes.c_double()
        where = ctypes.byref(value)
        self._call(function, rows[0] + 1, code, where)  # an error shows at the first; the others go without a wrapper
        read, handle = getattr(self._lib, function), self._handle
        out = np.empty(len(rows))
        for k, row in enumerate(rows):
            failed = read(handle, row + 1, code, where)
            if failed > _WORST_WARNING:
                raise HydraulicsError(failed, f"{function[3:]}: {self._message(failed)}")
            out[k] = value.value
        return out

    def pressure_heads_m(self) -> Floats:
        """(nodes,) pressure as metres of water above the node; of a tank its level."""
        above: Floats = self.heads_m() - self._elevations_m
        return above

    def demands_m3_per_s(self, rows: Sequence[int] | None = None) -> Floats:
        """(nodes,) what leaves the network at each node, emitters included; negative where it comes in."""
        return self._nodes(_NODE_DEMAND, rows) * self._units.flow

    def flows_m3_per_s(self, rows: Sequence[int] | None = None) -> Floats:
        """(links,) from start to end."""
        return self._links(_LINK_FLOW, rows) * self._units.flow

    def are_open(self) -> NDArray[np.bool_]:
        """(links,) whether water may pass."""
        is_open: NDArray[np.bool_] = self._links(_LINK_STATUS) > 0
        return is_open

    def powers_w(self) -> Floats:
        """(links,) what each pump takes; zero elsewhere."""
        powers: Floats = self._links(_LINK_ENERGY) * 1000.0
        return powers

    def _nodes(self, code: int, rows: Sequence[int] | None = None) -> Floats:
        value, get, handle = ctypes.c_double(), self._lib.EN_getnodevalue, self._handle
        rows = range(len(self.node_ids)) if rows is None else rows
        where, out = ctypes.byref(value), np.empty(len(rows))
        for k, row in enumerate(rows):  # EPANET 2.2 gives one value a call; 3,000 of them take about a millisecond
            if get(handle, row + 1, code, where):
                self._call("EN_getnodevalue", row + 1, code, where)  # raises with the message
            out[k] = value.value
        return out

    def _links(self, code: int, rows: Sequence[int] | None = None) -> Floats:
        rows = range(len(self.link_ids)) if rows is None else rows
        return np.array([self._link_value(k, code) for k in rows])

    def _link_value(self, row: int, code: int) -> float:
        value = ctypes.c_double()
        self._call("EN_getlinkvalue", row + 1, code, ctypes.byref(value))
        return value.value
