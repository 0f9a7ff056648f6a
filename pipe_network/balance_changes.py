"""Since when and by how much a district's balance is off: a Gaussian model of its hours with all that is not known.

An hour's balance is a constant (what starts below a meter's starting flow, and whatever leaked before), each meter's
class error times its flow, each clock's error times the change of flow, perhaps the rhythm of unmetered consumers, and
noise. A leak that begins at t0 adds its size from then on. All but the leak is Gaussian with stated spread, so it is
integrated out exactly; what stays is a quadratic in the leak's size for every t0.

References
----------
K. Murphy, Machine Learning: A Probabilistic Perspective (2012), 7.6 (Bayesian linear regression).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.posterior import SIZES_M3_PER_S

Floats = NDArray[np.float64]
_BLOCK: Final = 6
"""Hours that are summed to tell noise that stays from noise that only moves volume from one hour to the next."""
_CAUTION_RATIO: Final = 1.3
"""A variance from two weeks is known to a fifth; taken too small it makes leaks of noise."""
_UNKNOWN_M6: Final = 1e6
_MAD_TO_SD: Final = 1.4826
_RAMPS_H: Final = (12, 24, 48, 96, 168)
_MIN_LEAK_STEPS: Final = 2
_SIZES_KEPT: Final = 2
"""A window that grows hour by hour never asks for its earlier sizes again; each weighs the square of its hours."""


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """A district's balance by even steps.

    Attributes
    ----------
    step_s : length of a step
    balance_m3 : (t,) in - out - stored; NaN where a reading is missing that nothing replaces
    white_m6 : (t,) variance that each step has for itself, such as an end meter's replaced reading
    edge_m6 : (t + 1,) variance of the sum of all registers at the edges; it moves volume between neighbouring steps
    columns : (t, p) what a unit of each unknown adds to the balance
    spreads : (p,) standard deviation of each unknown beforehand
    """

    step_s: float
    balance_m3: Floats
    white_m6: Floats
    edge_m6: Floats
    columns: Floats
    spreads: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """A balance with everything but a leak integrated out.

    Attributes
    ----------
    precision : (t, t) of the balance, given all unknowns
    score : (t,) precision times balance
    residual_m3 : (t,) balance less what the unknowns explain; 0 where it is not known
    known : (t,) whether the step has a balance
    unknowns, unknowns_sd : (p,) estimates without any leak
    white_m6 : variance of a step that no other balances out
    sums : (t + 1, t + 1) of the precision over all rows and columns before each
    """

    balance: Balance
    precision: Floats
    score: Floats
    residual_m3: Floats
    known: NDArray[np.bool_]
    unknowns: Floats
    unknowns_sd: Floats
    white_m6: float
    sums: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """The likeliest beginning of a leak, and how sharply it is known.

    Attributes
    ----------
    gain_nats : by how much the best leak is likelier than none
    onset, onset_low, onset_high : step of its beginning, with the ends of the 90 % interval
    ramp_steps : 0 for a step
    size_m3_per_s, size_sd_m3_per_s : at its end
    slopes, curvatures : (t,) by onset: the log-likelihood of a step of size q is slope q - curvature q2 / 2
    shape : (t,) the best course, 0 to 1
    """

    gain_nats: float
    onset: int
    onset_low: int
    onset_high: int
    ramp_steps: int
    size_m3_per_s: float
    size_sd_m3_per_s: float
    slopes: Floats
    curvatures: Floats
    shape: Floats

    def log_likelihood(self, sizes_m3_per_s: Floats = SIZES_M3_PER_S) -> Floats:
        """(s,) of each size, the onset averaged out: every step of the window is as likely beforehand."""
        best = np.argsort(self.slopes**2 / np.maximum(self.curvatures, 1e-300))[-24:]
        a, b = self.slopes[best, None], self.curvatures[best, None]
        q = sizes_m3_per_s[None, :]
        each = a * q - 0.5 * b * q * q
        top = each.max(axis=0)
        result: Floats = top + np.log(np.exp(each - top).sum(axis=0)) - np.log(len(self.slopes))
        return result


def _banded(white_m6: Floats, edge_m6: Floats) -> Floats:
    """(2, t) covariance of the steps in scipy's upper banded form: each edge error leaves one step for the next."""
    t = len(white_m6)
    out = np.zeros((2, t))
    out[1] = white_m6 + edge_m6[:-1] + edge_m6[1:]
    out[0, 1:] = -edge_m6[1:-1]
    return out


def _spread(values: Floats) -> float:
    """Robust variance."""
    if len(values) < 4:
        return 0.0
    return float((_MAD_TO_SD * np.median(np.abs(values - np.median(values)))) ** 2)


def _unexplained(balance: Balance, white_m6: Floats, edge_m6: Floats, known: NDArray[np.bool_]) -> Floats:
    """The residual alone, for which no inverse as large as the window is needed."""
    from scipy.linalg import solveh_banded  # noqa: PLC0415 - half a second of import that --help need not wait for

    y = np.where(known, balance.balance_m3, 0.0)
    x = np.where(known[:, None], balance.columns, 0.0)
    banded = _banded(np.where(known, white_m6, _UNKNOWN_M6), edge_m6)
    weighted = solveh_banded(banded, x, check_finite=False)
    unknowns = np.linalg.solve(np.diag(1.0 / balance.spreads**2) + x.T @ weighted, weighted.T @ y)
    return np.where(known, y - x @ unknowns, np.nan)


def _solved(balance: Balance, white_m6: Floats, edge_m6: Floats, known: NDArray[np.bool_]) -> tuple[Floats, ...]:
    """Precision, unknowns, their covariance and residual."""
    from scipy.linalg import solveh_banded  # noqa: PLC0415 - half a second of import that --help need not wait for

    y = np.where(known, balance.balance_m3, 0.0)
    x = np.where(known[:, None], balance.columns, 0.0)
    white = np.where(known, white_m6, _UNKNOWN_M6)
    t = len(y)
    inverse = solveh_banded(_banded(white, edge_m6), _unit(t), check_finite=False)
    weighted = inverse @ x
    prior = np.diag(1.0 / balance.spreads**2)
    covariance = np.linalg.inv(prior + x.T @ weighted)
    unknowns = covariance @ (weighted.T @ y)
    precision = inverse - weighted @ covariance @ weighted.T
    return precision, unknowns, covariance, np.where(known, y - x @ unknowns, 0.0)


def _noise(values: Floats, own_m6: float, edge_m6: float) -> tuple[float, float]:
    """White and edge variance beyond those known, from the differences of neighbouring hours and blocks of hours.

    Differences do not see a leak but at its onset. Those of hours have twice the white and six times the edge variance,
    those of blocks sum the white one.
    """
    hours = np.diff(values)
    hours = hours[np.isfinite(hours)]
    # blocks that begin with every hour: more of them than side by side, so their spread is better known
    total = np.convolve(values, np.ones(_BLOCK), mode="valid")
    blocks = total[_BLOCK:] - total[:-_BLOCK]
    blocks = blocks[np.isfinite(blocks)]
    of_hours, of_blocks = _spread(hours), _spread(blocks)
    if len(blocks) < 4 * _BLOCK:
        return max(0.0, 0.5 * of_hours - own_m6), 0.0
    white = max(own_m6, _CAUTION_RATIO * (of_blocks - of_hours) / (2 * _BLOCK - 2))
    return white - own_m6, max(0.0, (of_hours - 2 * white) / 6 - edge_m6)


def weigh(
    balance: Balance, *, floor_m3: float, without_m3: Floats | None = None, calm_m3: Floats | None = None
) -> Weighed:
    """A balance with its unknowns integrated out; how noisy it is is learnt from its own hours.

    Parameters
    ----------
    floor_m3 : standard deviation a step has at least
    without_m3 : (t,) a leak already explained, which is taken off
    calm_m3 : (t,) the balance without its rhythm, from which the first guess of the noise is made; without it, the
        balance itself. A guess that is too small would let the unknowns explain a leak, and then all is noise.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> flat = Balance(3600.0, rng.normal(0, 0.01, 240), np.zeros(240), np.zeros(241), np.ones((240, 1)), np.ones(1))
    >>> 0.005 < weigh(flat, floor_m3=0.001).white_m6 ** 0.5 < 0.02
    True
    """
    if without_m3 is not None:
        balance = Balance(balance.step_s, balance.balance_m3 - without_m3, balance.white_m6, balance.edge_m6,
                          balance.columns, balance.spreads)  # fmt: skip
    known = np.isfinite(balance.balance_m3)
    own, edge = balance.white_m6 + floor_m3**2, balance.edge_m6
    own_median, edge_median = float(np.median(own)), float(np.median(edge))
    raw = balance.balance_m3 if calm_m3 is None else calm_m3 - (0.0 if without_m3 is None else without_m3)
    white, at_edges = _noise(raw, own_median, edge_median)
    residual = _unexplained(balance, own + white, edge + at_edges, known)
    # with that much noise granted the unknowns explain meters and clocks, and hardly a leak
    white, at_edges = _noise(residual, own_median, edge_median)
    precision, unknowns, covariance, residual = _solved(balance, own + white, edge + at_edges, known)
    score = precision @ np.where(known, balance.balance_m3, 0.0)
    return Weighed(
        balance, precision, score, residual, known, unknowns, np.sqrt(np.diag(covariance)), own_median + white,
        _sums(precision),
    )  # fmt: skip


def step_scores(weighed: Weighed) -> tuple[Floats, Floats]:
    """(t,) slopes [s/m3] and curvatures [s2/m6] of the log-likelihood of a leak that begins with a step and lasts."""
    step_s = weighed.balance.step_s
    slopes = np.cumsum(weighed.score[::-1])[::-1] * step_s
    own, last = np.diag(weighed.sums), weighed.sums[-1]
    curvatures = (own[-1] - 2 * last[:-1] + own[:-1]) * step_s**2
    return slopes, np.maximum(curvatures, 1e-12)


def _sums(precision: Floats) -> Floats:
    t = len(precision)
    both = np.zeros((t + 1, t + 1))
    np.cumsum(precision, axis=0, out=both[1:, 1:])
    np.cumsum(both[1:, 1:], axis=1, out=both[1:, 1:])
    return both


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which a balance was off, by how much, and how much likelier that is than nothing."""

    begin: int
    end: int
    size_m3_per_s: float
    gain_nats: float


@lru_cache(maxsize=_SIZES_KEPT)
def _unit(size: int) -> Floats:
    return np.eye(size)


@lru_cache(maxsize=_SIZES_KEPT)
def _later(size: int) -> Floats:
    """(size, size) 1 where the column comes after the row, 0 elsewhere."""
    return np.triu(np.ones((size, size)), 1)


def spells(weighed: Weighed, *, least_nats: float, most: int = 8, lasts_ratio: float = 1.0) -> tuple[Spell, ...]:
    """Times in which water was missing, the clearest first; each is sought in what those before it leave unexplained.

    Parameters
    ----------
    lasts_ratio : a spell that is so many times as likely to last until now is taken to last

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = rng.normal(0, 0.05, 240) + 2.0 * ((np.arange(240) >= 50) & (np.arange(240) < 52))
    >>> flat = Balance(3600.0, y, np.zeros(240), np.zeros(241), np.ones((240, 1)), np.ones(1))
    >>> [(s.begin, s.end, round(s.size_m3_per_s * 3600, 1)) for s in spells(weigh(flat, floor_m3=0.001), least_nats=10)]
    [(50, 52, 2.0)]
    """
    t = len(weighed.score)
    step_s = weighed.balance.step_s
    both = weighed.sums
    own = np.diag(both)
    curvature = both * -2.0
    curvature += own[None, :]
    curvature += own[:, None]
    curvature *= step_s**2
    np.maximum(curvature, 1e-12, out=curvature)
    weight = 0.5 / curvature
    weight *= _later(t + 1)
    score = weighed.score
    found: list[Spell] = []
    while len(found) < most:
        total = np.concatenate([[0.0], np.cumsum(score)]) * step_s
        slope = total[None, :] - total[:, None]
        np.maximum(slope, 0.0, out=slope)
        gain = slope * slope
        gain *= weight
        begin, end = divmod(int(gain.argmax()), t + 1)
        if gain[begin, end] < least_nats:
            break
        end = t if gain[begin, t] >= lasts_ratio * gain[begin, end] else end
        size = float(slope[begin, end] / curvature[begin, end])
        found.append(Spell(begin, end, size, float(gain[begin, end])))
        score = score - weighed.precision[:, begin:end].sum(axis=1) * size * step_s
    return tuple(found)


def change(weighed: Weighed) -> Change:
    """The best single leak: a step, or a ramp where that is clearly likelier.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = rng.normal(0, 0.05, 240) + 0.3 * (np.arange(240) >= 200)
    >>> flat = Balance(3600.0, y, np.zeros(240), np.zeros(241), np.ones((240, 1)), np.ones(1))
    >>> found = change(weigh(flat, floor_m3=0.001))
    >>> abs(found.onset - 200) <= 2, round(found.size_m3_per_s * 3600, 1), found.ramp_steps
    (True, 0.3, 0)
    """
    slopes, curvatures = step_scores(weighed)
    t = len(slopes)
    positive = np.where(slopes > 0, slopes**2 / (2 * curvatures), 0.0)
    positive[max(1, t - _MIN_LEAK_STEPS + 1) :] = 0.0
    onset = int(positive.argmax())
    shape = (np.arange(t) >= onset).astype(np.float64)
    best = (float(positive[onset]), onset, 0, shape, float(slopes[onset]), float(curvatures[onset]))
    if best[0] > 6.0:
        ramp = _best_ramp(weighed)
        # a ramp has two more free numbers than a step
        if ramp[0] > best[0] + 3.0:
            best = ramp
    gain, onset, ramp_steps, shape, slope, curvature = best
    weight = np.exp(np.minimum(positive - positive.max(), 0.0))
    reached = np.cumsum(weight) / weight.sum()
    low, high = int(np.searchsorted(reached, 0.05)), int(np.searchsorted(reached, 0.95))
    if ramp_steps:
        low, high = max(0, onset - ramp_steps // 4), min(t - 1, onset + ramp_steps // 4)
    size = max(0.0, slope / curvature)
    return Change(gain, onset, min(low, onset), max(high, onset), ramp_steps, size, curvature**-0.5, slopes, curvatures,
                  shape)  # fmt: skip


def _best_ramp(weighed: Weighed) -> tuple[float, int, int, Floats, float, float]:
    t = len(weighed.score)
    steps = np.arange(t)
    found = [(onset, ramp) for ramp in _RAMPS_H for onset in range(max(0, t - 15 * 24), t - 6, 6)]
    shapes = np.array([np.clip((steps - onset + 0.5) / ramp, 0.0, 1.0) for onset, ramp in found])
    step_s = weighed.balance.step_s
    slopes = shapes @ weighed.score * step_s
    curvatures = np.einsum("ht,ht->h", shapes @ weighed.precision, shapes) * step_s**2
    gains = np.where(slopes > 0, slopes**2 / (2 * np.maximum(curvatures, 1e-12)), 0.0)
    k = int(gains.argmax())
    return float(gains[k]), *found[k], shapes[k], float(slopes[k]), float(curvatures[k])
