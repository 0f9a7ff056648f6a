"""How well every kind of change, at every onset, explains the surprises of a filter.

Each explanation is weighed by its marginal likelihood against "nothing has changed", its size integrated out, so that
an explanation with more freedom pays for it. Either each channel may change by a size of its own, or the changes of all
channels are those of one leak whose place is unknown but whose effects at each place are known.
"""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pipe_network.detection.changes import Signs
from pipe_network.detection.innovations import LEVEL, SLOPE
from pipe_network.detection.noise import DAY_S

Floats = NDArray[np.float64]

STEP_UP, STEP_DOWN, RAMP_UP, RAMP_DOWN, SHIFT = range(5)
_SHARES: Final = (1.0, 0.3)
"""Of the size expected: large and small changes are both looked for, each at its own price."""
_RAMP_DAYS: Final = 30.0
"""In which a typical incipient leak grows to the size of a typical step."""


@dataclass(frozen=True, slots=True, eq=False)
class Sizes:
    """(k,) posterior mean and spread of how much each channel has changed by now."""

    mean: Floats
    spread: Floats


class Weigher(Protocol):
    """Weighs explanations: by sizes of their own, or by the effects of leaks."""

    @property
    def spreads(self) -> Floats:
        """(k,) spread of the sizes expected."""

    def nats(self, gain: Floats, information: Floats, ages_s: Floats) -> Floats:
        """(5, m) log-likelihood of every explanation and onset against nothing having changed."""

    def sizes(self, gain: Floats, information: Floats, age_s: float, explanation: int) -> Sizes:
        """Of one explanation, at one onset."""


def ramp_spreads(size: Floats) -> Floats:
    """(..., 2) spread of slope and curvature of a ramp, by the day."""
    return np.stack([size / _RAMP_DAYS, 2 * size / _RAMP_DAYS**2], axis=-1)


def _step(a: Floats, b: Floats, spread: Floats) -> tuple[Floats, Floats, Floats]:
    """Log-likelihood, mean and spread of a step of unknown size."""
    precision = a + 1 / spread**2
    mean = b / precision
    return 0.5 * (b * mean - np.log(precision * spread**2)), mean, 1 / np.sqrt(precision)


def _ramp(a: Floats, b: Floats, spread: Floats, ages_s: Floats) -> tuple[Floats, Floats, Floats]:
    """Log-likelihood of a ramp of unknown slope and curvature, mean and spread of what it has grown to."""
    s = ramp_spreads(spread)
    p00, p11, p01 = a[..., 0, 0] + 1 / s[..., 0] ** 2, a[..., 1, 1] + 1 / s[..., 1] ** 2, a[..., 0, 1]
    det = p00 * p11 - p01**2
    slope, curvature = (b[..., 0] * p11 - b[..., 1] * p01) / det, (b[..., 1] * p00 - b[..., 0] * p01) / det
    nats = 0.5 * (b[..., 0] * slope + b[..., 1] * curvature - np.log(det * (s[..., 0] * s[..., 1]) ** 2))
    days = np.maximum(ages_s, 1.0) / DAY_S
    by_curve = days * days / 2
    variance = (days**2 * p11 + by_curve**2 * p00 - 2 * days * by_curve * p01) / det
    return nats, days * slope + by_curve * curvature, np.sqrt(variance)


def _by_sign(nats: Floats, mean: Floats, spread: Floats) -> tuple[Floats, Floats]:
    from scipy.special import log_ndtr  # noqa: PLC0415 - keeps --help fast

    z = mean / np.maximum(spread, 1e-300)
    return nats + np.asarray(log_ndtr(z)), nats + np.asarray(log_ndtr(-z))


@dataclass(frozen=True, slots=True, eq=False)
class AnyDirection:
    """Each channel changes by a size of its own.

    Attributes
    ----------
    spreads : (k,) of the sizes expected
    rising : (k,) how a leak shows: +1, -1, or 0 where it may do either
    """

    spreads: Floats
    rising: Floats

    def nats(self, gain: Floats, information: Floats, ages_s: Floats) -> Floats:
        """(5, m) log-likelihoods; there is no shift."""
        steps, ramps = [], []
        for share in _SHARES:
            spread = share * self.spreads
            steps.append(self._signed(*_step(information[..., LEVEL, LEVEL], gain[..., LEVEL], spread)))
            ramp = _ramp(information[..., SLOPE:, SLOPE:], gain[..., SLOPE:], spread, ages_s[:, None])
            ramps.append(self._signed(*ramp))
        never = np.full(len(ages_s), -np.inf)
        each = [*np.logaddexp.reduce(steps), *np.logaddexp.reduce(ramps)]
        return np.stack([*(nats - np.log(len(_SHARES)) for nats in each), never])

    def _signed(self, nats: Floats, mean: Floats, spread: Floats) -> Floats:
        weight = self.rising / self.spreads
        along, across = (mean * weight).sum(axis=-1), np.sqrt(((spread * weight) ** 2).sum(axis=-1))
        up, down = _by_sign(nats.sum(axis=-1), along, across)
        return np.stack([up, down])

    def sizes(self, gain: Floats, information: Floats, age_s: float, explanation: int) -> Sizes:
        """Of each channel for itself."""
        if explanation in {STEP_UP, STEP_DOWN}:
            _, mean, spread = _step(information[:, LEVEL, LEVEL], gain[:, LEVEL], self.spreads)
        else:
            age = np.full(len(gain), age_s)
            _, mean, spread = _ramp(information[:, SLOPE:, SLOPE:], gain[:, SLOPE:], self.spreads, age)
        return Sizes(mean, spread)


@dataclass(frozen=True, slots=True, eq=False)
class KnownEffects:
    """All channels change as one leak makes them, at a place that is not known."""

    signs: Signs

    @property
    def spreads(self) -> Floats:
        """(k,) spread of the sizes expected."""
        effects = np.concatenate([self.signs.leaks, self.signs.others.reshape(-1, self.signs.leaks.shape[1])])
        return np.asarray(self.signs.size * np.sqrt((effects**2).mean(axis=0)))

    def nats(self, gain: Floats, information: Floats, ages_s: Floats) -> Floats:
        """(5, m) log-likelihoods, averaged over the places."""
        parts: list[list[Floats]] = [[], [], [], [], []]
        for share in _SHARES:
            for explanation, nats in self._of(self.signs.leaks, share, gain, information, ages_s):
                parts[explanation].append(nats)
            if self.signs.others.size:
                a, b = _along(self.signs.others, gain, information)
                nats, _, _ = _step(a[..., LEVEL, LEVEL], b[..., LEVEL], np.array(share * self.signs.size))
                parts[SHIFT].append(np.logaddexp.reduce(nats, axis=1) - np.log(len(self.signs.others)))
        never = np.full(len(ages_s), -np.inf)
        each = [np.logaddexp.reduce(p) - np.log(len(_SHARES)) if p else never for p in parts]
        return np.stack(each)

    def _of(
        self, effects: Floats, share: float, gain: Floats, information: Floats, ages_s: Floats
    ) -> list[tuple[int, Floats]]:
        a, b = _along(effects, gain, information)
        spread, count = np.array(share * self.signs.size), np.log(len(effects))
        step = _by_sign(*_step(a[..., LEVEL, LEVEL], b[..., LEVEL], spread))
        ramp = _by_sign(*_ramp(a[..., SLOPE:, SLOPE:], b[..., SLOPE:], spread, ages_s[:, None]))
        kinds = ((STEP_UP, step[0]), (STEP_DOWN, step[1]), (RAMP_UP, ramp[0]), (RAMP_DOWN, ramp[1]))
        return [(kind, np.logaddexp.reduce(nats, axis=1) - count) for kind, nats in kinds]

    def sizes(self, gain: Floats, information: Floats, age_s: float, explanation: int) -> Sizes:
        """As the places that explain it best make it."""
        effects = self.signs.others if explanation == SHIFT else self.signs.leaks
        a, b = _along(effects, gain[None], information[None])
        spread = np.array(self.signs.size)
        if explanation in {RAMP_UP, RAMP_DOWN}:
            nats, mean, width = _ramp(a[0][:, SLOPE:, SLOPE:], b[0][:, SLOPE:], spread, np.array(age_s))
        else:
            nats, mean, width = _step(a[0][:, LEVEL, LEVEL], b[0][:, LEVEL], spread)
        if explanation != SHIFT:
            nats = _by_sign(nats, mean, width)[explanation in {STEP_DOWN, RAMP_DOWN}]
        share = np.exp(nats - nats.max())
        share /= share.sum()
        each = effects * mean[:, None]
        middle = share @ each
        variance = share @ ((effects * width[:, None]) ** 2 + (each - middle) ** 2)
        return Sizes(middle, np.sqrt(variance))


def _along(effects: Floats, gain: Floats, information: Floats) -> tuple[Floats, Floats]:
    """(m, j, 3, 3) information and (m, j, 3) gain of the size of each effect."""
    a = np.einsum("jk,mkst->mjst", effects**2, information)
    return a, np.einsum("jk,mks->mjs", effects, gain)
