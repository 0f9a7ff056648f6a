"""What the districts carry on a day, and how the responses taken on others scale with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.survey.driven import DrivenTwin
from pipe_network.survey.responses import Responses

Floats = NDArray[np.float64]

_LOSS_POWER: Final = 1.852
_LEAST_LOAD_RATIO: Final = 0.2
"""Of the first week's flow; a district at rest has no load to compare with."""


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """How much more the districts carry than when the responses were taken, by Hazen and Williams' law.

    A head lost grows with the 1.852th power of the flow, what a leak adds to it with the 0.852th. A season of 10 % is
    a fifth of all the errors of resistance, and would pass for a leak.

    Attributes
    ----------
    of_pipes, of_junctions : (blocks, pipes), (blocks, junctions) flow of the district, against that of the responses
    sensors, sources : how many of the channels are pressures, and how many flows
    """

    of_pipes: Floats
    of_junctions: Floats
    sensors: int
    sources: int

    def _scaled(self, values: Floats, ratios: Floats, powers: tuple[float, float]) -> Floats:
        blocks = len(ratios)
        by_block = values.reshape(blocks, -1, values.shape[1]).copy()
        flows = slice(self.sensors, self.sensors + self.sources)
        by_block[:, : self.sensors] *= ratios[:, None] ** powers[0]
        by_block[:, flows] *= ratios[:, None] ** powers[1]
        return by_block.reshape(values.shape)

    def of_calibration(self, taken: Responses) -> Floats:
        """As `Responses.of_calibration`, at this load."""
        return self._scaled(taken.of_calibration(), self.of_pipes, (_LOSS_POWER, 1.0))

    def nodal(self, taken: Responses) -> Floats:
        """As `Responses.nodal`, at this load."""
        return self._scaled(taken.nodal, self.of_junctions, (_LOSS_POWER, 1.0))

    def of_leak(self, signature: Floats, pipe_row: int) -> Floats:
        """(blocks * channels,) of a leak on a pipe, at this load."""
        ratio = self.of_pipes[:, pipe_row : pipe_row + 1]
        return self._scaled(signature[:, None], ratio, (_LOSS_POWER - 1.0, 0.0))[:, 0]


def loads_m3_per_s(twin: DrivenTwin, blocks: Sequence[NDArray[np.intp]]) -> Floats:
    """(days, blocks, districts) what flows into the districts; where that is not known, as on the last day it was."""
    days = len(twin.record.times_s) // 24
    flows = np.stack([d.inflow_m3_per_s[: days * 24].reshape(days, 24) for d in twin.districts], axis=2)
    loads = np.stack([_known_mean(flows[:, hours]) for hours in blocks], axis=1)
    for day in range(1, days):
        loads[day] = np.where(np.isfinite(loads[day]), loads[day], loads[day - 1])
    typical = np.nanmedian(loads, axis=0)
    result: Floats = np.maximum(
        np.where(np.isfinite(loads), loads, typical), _LEAST_LOAD_RATIO * np.abs(typical) + 1e-9
    )
    return result


def _known_mean(flows: Floats) -> Floats:
    """(days, districts) mean over the hours that are known; NaN if less than half of them are."""
    known = np.isfinite(flows)
    count = known.sum(axis=1)
    mean = np.where(known, flows, 0.0).sum(axis=1) / np.maximum(count, 1)
    return np.where(count * 2 >= flows.shape[1], mean, np.nan)
