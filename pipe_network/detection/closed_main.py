"""What a closed main loses, block by block, and since when it loses more.

Nobody draws from such a main, so what its storage gives while no pump runs is lost; while its jockey pump runs, what
the pump brings and the storage does not gain. Its own past says how well that is known and what it always loses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.noise import ShortHistoryError
from pipe_network.detection.signatures import FlowEstimate, slope_per_s

Floats = NDArray[np.float64]

BLOCK_S: Final = 3600.0
LEAST_BLOCK_S: Final = 300.0
_LEAST_BEFORE: Final = 6
_LEAST_AFTER: Final = 2
_PUMP_SD_RATIO: Final = 0.1
"""How steady a jockey pump is between its two pressures."""
SURE_NATS: Final = 12.0
"""A step must be so much likelier than none: a fortnight of blocks offers some hundred places for one."""


@dataclass(frozen=True, slots=True, eq=False)
class LossBlocks:
    """A course of losses: (n,) each.

    Attributes
    ----------
    sds_m3_per_s : by the scatter of the readings within each block
    """

    starts_s: Floats
    ends_s: Floats
    flows_m3_per_s: Floats
    sds_m3_per_s: Floats

    def __len__(self) -> int:
        return len(self.starts_s)

    def between(self, start_s: float, end_s: float) -> "LossBlocks":
        """The blocks that lie within a span."""
        kept = (self.starts_s >= start_s) & (self.ends_s <= end_s)
        return LossBlocks(
            self.starts_s[kept], self.ends_s[kept], self.flows_m3_per_s[kept], self.sds_m3_per_s[kept]
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LossStep:
    """Since when a main loses more.

    Attributes
    ----------
    onset_low_s, onset_s, onset_high_s : end of the last block before, and begin of the first after, at the outside
    before, after : what it lost and loses
    gain_nats : by how much likelier the blocks are with the step than without
    """

    onset_low_s: float
    onset_s: float
    onset_high_s: float
    before: FlowEstimate
    after: FlowEstimate
    gain_nats: float

    @property
    def excess(self) -> FlowEstimate:
        """What it loses more than before."""
        return FlowEstimate(
            self.after.flow_m3_per_s - self.before.flow_m3_per_s,
            float(np.hypot(self.after.sd_m3_per_s, self.before.sd_m3_per_s)),
            self.after.count,
        )


def blocks_of(
    spans_s: Sequence[tuple[float, float]], stores: Sequence[tuple[Floats, Floats]], *,
    resolutions_m3: Sequence[float], block_s: float = BLOCK_S,
) -> LossBlocks:  # fmt: skip
    """What all stores together give in spans, in blocks of about an hour at most.

    Parameters
    ----------
    spans_s : rests of the pumps
    stores : of each, times and what it holds [m3]
    resolutions_m3 : of each, the step of its reading

    Examples
    --------
    >>> t = np.arange(0.0, 7201.0, 60.0)
    >>> told = blocks_of([(0.0, 7200.0)], [(t, 9.0 - 1e-4 * t)], resolutions_m3=[1e-3])
    >>> told.flows_m3_per_s.round(6).tolist()
    [0.0001, 0.0001]
    """
    rows: list[tuple[float, float, float, float]] = []
    for start_s, end_s in spans_s:
        count = max(1, round((end_s - start_s) / block_s))
        edges_s = np.linspace(start_s, end_s, count + 1)
        if edges_s[1] - edges_s[0] < LEAST_BLOCK_S:
            continue
        for begin_s, stop_s in zip(edges_s[:-1].tolist(), edges_s[1:].tolist(), strict=True):
            told = _given(stores, begin_s, stop_s, resolutions_m3)
            if told is not None:
                rows.append((begin_s, stop_s, *told))
    columns = np.array(rows).reshape(-1, 4).T
    return LossBlocks(*columns)


def _given(
    stores: Sequence[tuple[Floats, Floats]], start_s: float, end_s: float, resolutions_m3: Sequence[float]
) -> tuple[float, float] | None:
    flow, variance = 0.0, 0.0
    for (times_s, held_m3), resolution_m3 in zip(stores, resolutions_m3, strict=True):
        inside = slice(*np.searchsorted(times_s, [start_s, end_s]))
        try:
            slope, sd = slope_per_s(times_s[inside], held_m3[inside], resolution=resolution_m3)
        except ShortHistoryError:
            return None
        # readings in steps do not scatter: both ends of a block are off by up to half a step
        steps = resolution_m3 / np.sqrt(6.0) / (end_s - start_s)
        flow, variance = flow - slope, variance + sd**2 + steps**2
    return flow, float(variance**0.5)


def with_runs(rests: LossBlocks, runs: LossBlocks) -> LossBlocks:
    """The blocks of a pump's runs put beside those of its rests.

    A run's block says what the stores lost (less than nothing, as a rule); the pump brings what the earlier runs
    gained and the main lost then. Without rests and runs in the first half there is nothing to learn that from.
    """
    if len(rests) < _LEAST_BEFORE or not len(runs):
        return rests
    learnt = runs.flows_m3_per_s[: max(1, len(runs) // 2)]
    lost = float(np.median(rests.flows_m3_per_s[: max(_LEAST_BEFORE, len(rests) // 2)]))
    brings = lost - float(np.median(learnt))
    if brings <= 0:
        return rests
    flows = runs.flows_m3_per_s + brings
    sds = np.hypot(runs.sds_m3_per_s, _PUMP_SD_RATIO * brings)
    parts = [(rests, rests.flows_m3_per_s, rests.sds_m3_per_s), (runs, flows, sds)]
    starts_s = np.concatenate([b.starts_s for b, _, _ in parts])
    order = np.argsort(starts_s, kind="stable")
    return LossBlocks(
        starts_s[order],
        np.concatenate([b.ends_s for b, _, _ in parts])[order],
        np.concatenate([f for _, f, _ in parts])[order],
        np.concatenate([s for _, _, s in parts])[order],
    )


def mean_loss(blocks: LossBlocks) -> FlowEstimate:
    """The loss of some blocks together, whatever scatters more than their readings say counted as noise.

    Raises
    ------
    ShortHistoryError
        If there is no block.
    """
    if not len(blocks):
        raise ShortHistoryError(0, 1)
    weights = 1.0 / _variances(blocks)
    mean = float((weights * blocks.flows_m3_per_s).sum() / weights.sum())
    return FlowEstimate(mean, float(weights.sum() ** -0.5), len(blocks))


def loss_step(blocks: LossBlocks) -> LossStep | None:
    """Since when a main loses more; none if it does not, or not for sure.

    Examples
    --------
    >>> t = np.arange(40) * 3600.0
    >>> flow = np.where(t < 30 * 3600, 1e-5, 2e-4)
    >>> found = loss_step(LossBlocks(t, t + 3600.0, flow, np.full(40, 2e-5)))
    >>> found.onset_s / 3600, round(found.excess.flow_m3_per_s, 6)
    (30.0, 0.00019)
    """
    n = len(blocks)
    if n < _LEAST_BEFORE + _LEAST_AFTER:
        return None
    flows, weights = blocks.flows_m3_per_s, 1.0 / _variances(blocks)
    w, wf = np.cumsum(weights), np.cumsum(weights * flows)
    splits = np.arange(_LEAST_BEFORE, n - _LEAST_AFTER + 1)
    before, after = wf[splits - 1] / w[splits - 1], (wf[-1] - wf[splits - 1]) / (w[-1] - w[splits - 1])
    gains = 0.5 * (after - before) ** 2 / (1.0 / w[splits - 1] + 1.0 / (w[-1] - w[splits - 1]))
    gains = np.where(after > before, gains, 0.0)
    k = int(np.argmax(gains))
    if gains[k] < SURE_NATS:
        return None
    split = int(splits[k])
    alike = splits[gains > gains[k] - 2.0]
    latest_s = float(blocks.starts_s[min(alike.max(), n - 1)])
    return LossStep(
        float(blocks.ends_s[alike.min() - 1]), float(blocks.starts_s[split]), latest_s,
        FlowEstimate(float(before[k]), float(w[split - 1] ** -0.5), split),
        FlowEstimate(float(after[k]), float((w[-1] - w[split - 1]) ** -0.5), n - split), float(gains[k]),
    )  # fmt: skip


def _variances(blocks: LossBlocks) -> Floats:
    """(n,) variances, widened where neighbouring blocks differ more than their readings say they may."""
    variances = np.maximum(blocks.sds_m3_per_s, 1e-7) ** 2
    if len(blocks) < _LEAST_BEFORE:
        return variances
    apart = np.abs(np.diff(blocks.flows_m3_per_s)) / np.sqrt(variances[1:] + variances[:-1])
    wider = max(1.0, 1.4826 * float(np.median(apart)))
    result: Floats = variances * wider**2
    return result
