"""Pressure sensors that are not believed: silent or stuck ones, and those that part from their peers as no leak can."""

from typing import Final

import numpy as np

from pipe_network.detection.sensor_faults import SensorFault, drifting_series, series_faults
from pipe_network.errors import PipeNetworkError
from pipe_network.hydraulics import simulate
from pipe_network.sensitivity import sensitivities
from twin.leaks.measured import Measured, MeterFault
from twin.leaks.model import NetworkModel
from twin.leaks.pressures import hourly_means
from twin.leaks.window import Floats, Window

_PA_PER_M: Final = 9806.65
_SILENT_S: Final = 12 * 3600.0
_STUCK_S: Final = 36 * 3600.0
"""Behind a reducing valve, and read in steps of 0.1 m, a pressure stands through a night and a day at times."""
_LEAST_M: Final = 0.5
"""An estate's everyday leaks move no pressure by so much; what is told of places by pressures survives less."""
_LEAST_SENSORS: Final = 4
_DAY_S: Final = 86_400
_HOUR_S: Final = 3600


def pressure_faults(model: NetworkModel, measured: Measured, window: Window) -> dict[str, MeterFault]:
    """The faulty ones among a network's pressure sensors, by node; none of those that never spoke."""
    tied = {node: tie.device for node, tie in model.site_network.nodes.items() if tie.device is not None}
    nodes = [n for n, row in model.pressures.items() if n in tied and len(window.reading(row)[0])]
    hours_s = measured.edges_s[:-1]
    if not nodes or len(hours_s) < 2:
        return {}
    read = [window.reading(model.pressures[n]) for n in nodes]
    heads_m = np.array([hourly_means(*each, measured.edges_s) / _PA_PER_M for each in read]).T
    found = {
        f.column: f for f in series_faults(hours_s, heads_m, now_s=window.end_s, silent_s=_SILENT_S, stuck_s=_STUCK_S)
    }
    well = [k for k in range(len(nodes)) if k not in found]
    for fault in _parting(model, [nodes[k] for k in well], hours_s, heads_m[:, well]):
        found[well[fault.column]] = fault
    return {nodes[k]: MeterFault(tied[nodes[k]], f.kind, f.since_s) for k, f in sorted(found.items())}


def _parting(model: NetworkModel, nodes: list[str], hours_s: Floats, heads_m: Floats) -> tuple[SensorFault, ...]:
    """Sensors that drift or have jumped, and that no leak explains; asked of the hydraulics only where some part."""
    if len(nodes) < _LEAST_SENSORS:
        return ()
    if not drifting_series(hours_s, heads_m, least=_LEAST_M):
        return ()
    try:
        course = simulate(model.network, duration_s=_DAY_S, step_s=_HOUR_S)
        states = course.at([len(course.times_s) // 2])
        effects = np.nan_to_num(sensitivities(model.network, states, nodes)[0]).T
    except PipeNetworkError:
        return ()  # what cannot be run explains nothing, and `unanswered` has told so
    return drifting_series(hours_s, heads_m, effects=effects, least=_LEAST_M)
