"""What a series does when nothing changes: how much of it is noise, how much lingers, how much wanders."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.errors import PipeNetworkError

Floats = NDArray[np.float64]

DAY_S: Final = 86_400.0
_LEAST_ROWS: Final = 48
_SLOWEST_S: Final = 1.5 * DAY_S
"""Slower than this, changes are told apart from noise by their shape, not by their power."""
_BLOCK_S: Final = 2 * DAY_S
_LINE_WIDTH: Final = 3
"""Frequencies beside each harmonic of the day that its leakage spoils."""


class ShortHistoryError(PipeNetworkError, ValueError):
    """Too little history to learn from."""

    def __init__(self, rows: int, wanted: int) -> None:
        self.rows, self.wanted = rows, wanted
        super().__init__(f"{rows} values are too few to learn from; wait until there are {wanted}")


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """What the values of each channel do without any change, in their own unit.

    Attributes
    ----------
    white : (k,) standard deviation of what one value has for itself
    lingering : (k,) standard deviation of what passes from one value to the next, and fades
    lingering_s : (k,) time in which that fades to 1/e [s]
    wander : (k,) standard deviation of how far the level moves by itself in a day
    """

    white: Floats
    lingering: Floats
    lingering_s: Floats
    wander: Floats

    def over_a_day(self, step_s: float) -> Floats:
        """(k,) standard deviation of a day's mean: the least change that could be seen in a day.

        Examples
        --------
        >>> none = np.zeros(1)
        >>> Noise(np.array([6.0]), none, none + 3600.0, none).over_a_day(2400.0).tolist()
        [1.0]
        """
        count = max(DAY_S / step_s, 1.0)
        stays = np.exp(-step_s / self.lingering_s)
        variance = (self.white**2 + self.lingering**2 * (1 + stays) / (1 - stays)) / count
        result: Floats = np.sqrt(variance + self.wander**2 / 3)
        return result


def estimate_noise(times_s: Floats, values: Floats) -> Noise:
    """The noise of channels, from their own history; changes in it, outliers and gaps do little harm.

    The spectrum of the differences is fitted (Whittle's likelihood), the lines of the daily rhythm left out of it; what
    power those lines hold is counted as white.

    Parameters
    ----------
    times_s : (t,) equally spaced
    values : (t, k)

    Raises
    ------
    ShortHistoryError
        If there are fewer than 48 values.

    References
    ----------
    P. Whittle, Estimation and information in stationary time series, Arkiv för Matematik 2, 1953.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(0.0, 2.0, (2000, 1))
    >>> noise = estimate_noise(np.arange(2000) * 3600.0, values)
    >>> bool(1.8 < noise.over_a_day(3600.0)[0] * 24**0.5 < 2.3)
    True
    """
    values = np.asarray(values, float)
    if len(values) < _LEAST_ROWS:
        raise ShortHistoryError(len(values), _LEAST_ROWS)
    step_s = float(np.median(np.diff(times_s)))
    fitted = np.array([_fit(values[:, c], step_s) for c in range(values.shape[1])])
    return Noise(*(np.ascontiguousarray(column) for column in fitted.T))


def _fit(series: Floats, step_s: float) -> tuple[float, float, float, float]:
    from scipy.optimize import minimize  # noqa: PLC0415 - takes a third of a second that --help must not

    present = np.isfinite(series)
    if present.sum() < _LEAST_ROWS // 2:
        return 0.0, 0.0, 3600.0, 0.0
    rows = np.arange(len(series))
    steps = np.diff(np.interp(rows, rows[present], series[present]))
    spread = float(np.median(np.abs(steps - np.median(steps)))) * 1.4826
    if spread <= 0:
        spread = float(np.std(steps))
    if spread <= 0:
        return 0.0, 0.0, 3600.0, 0.0
    steps = np.clip(steps, -6 * spread, 6 * spread) / spread
    power = np.abs(np.fft.rfft(steps))[1:] ** 2 / len(steps)
    angle = 2 * np.pi * np.arange(1, len(power) + 1) / len(steps)
    near = _lines(angle, step_s, len(steps))
    used = ~near
    slow = np.abs(1 - np.exp(-1j * angle)) ** 2

    used &= angle >= 2 * np.pi * step_s / _SLOWEST_S

    def spectrum(p: Floats) -> Floats:
        white, lingering = np.exp(2 * p[0]), np.exp(2 * p[1])
        stays = np.exp(-step_s / (3600.0 * np.exp(p[2])))
        fading = lingering * (1 - stays**2) / np.abs(1 - stays * np.exp(-1j * angle)) ** 2
        result: Floats = slow * (white + fading)
        return result

    def misfit(p: Floats) -> float:
        s = spectrum(p)[used]
        # weak pull to plausible values keeps what the data do not determine from running away
        return float(np.sum(np.log(s) + power[used] / s) + 0.05 * np.sum((p - begin) ** 2))

    begin = np.array([-0.7, -0.7, np.log(max(6.0, 3 * step_s / 3600.0))])
    bounds = [(-6, 2), (-6, 2), (np.log(step_s / 3600.0), np.log(48.0))]
    best = np.asarray(minimize(misfit, begin, bounds=bounds, method="L-BFGS-B").x)
    lines = np.maximum((power - spectrum(best))[~used & near] / slow[~used & near], 0.0).sum() / len(power)
    white = float(np.sqrt(np.exp(2 * best[0]) + min(lines, 1.0))) * spread
    lingering, lingering_s = float(np.exp(best[1])) * spread, 3600.0 * float(np.exp(best[2]))
    return white, lingering, lingering_s, _wander(series, step_s, (white, lingering, lingering_s))


def _wander(series: Floats, step_s: float, fast: tuple[float, float, float]) -> float:
    """How far the level moves in a day, from the median move: a few steps and repairs are changes, not wandering."""
    white, lingering, lingering_s = (np.array([x]) for x in fast)
    least = 0.1 * float(Noise(white, lingering, lingering_s, np.zeros(1)).over_a_day(step_s)[0])
    rows = max(int(_BLOCK_S / step_s), 1)
    blocks = series[: len(series) // rows * rows].reshape(-1, rows)
    whole = np.isfinite(blocks).mean(axis=1) > 0.5
    means = np.array([np.nanmean(b) if ok else np.nan for b, ok in zip(blocks, whole, strict=True)])
    moves = np.diff(means)
    moves = moves[np.isfinite(moves)]
    if len(moves) < 10:
        return least
    variance = (1.4826 * float(np.median(np.abs(moves)))) ** 2
    expected = 2 * (least / 0.1) ** 2 * DAY_S / _BLOCK_S
    # the median of few moves is uncertain; what it exceeds the noise by must be more than twice that
    excess = variance * (1 - 4 / np.sqrt(len(moves))) - expected
    return max(float(np.sqrt(max(excess, 0.0) / (2 / 3 * _BLOCK_S / DAY_S))), least)


def _lines(angle: Floats, step_s: float, count: int) -> NDArray[np.bool_]:
    harmonics = angle / (2 * np.pi) * DAY_S / step_s
    width = _LINE_WIDTH * DAY_S / step_s / count
    near: NDArray[np.bool_] = (np.abs(harmonics - np.round(harmonics)) <= width) & (np.round(harmonics) > 0)
    # a history of a few days has no frequencies between the lines; the rhythm cannot be told from noise then
    return near if near.mean() < 0.5 else np.zeros_like(near)
