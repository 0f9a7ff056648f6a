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
from pipe_network.detection.innovations import LEVEL, SLOPE, USE
from pipe_network.detection.noise import DAY_S

Floats = NDArray[np.float64]

STEP_UP, STEP_DOWN, RAMP_UP, RAMP_DOWN, SHIFT = range(5)
_SHARES: Final = (1.0, 0.3)
"""Of the size expected: large and small changes are both looked for, each at its own price."""
_RAMP_DAYS: Final = 30.0
"""In which a typical incipient leak grows to the size of a typical step."""


@dataclass(frozen=True, slots=True, eq=False)
class Sizes:
    """What a change has done to each channel by now, and what of the filter's state it leaves open.

    Attributes
    ----------
    mean, spread : (k,)
    opened : (k, 4) standard deviation to allow for level, slope, curvature and use
    """

    mean: Floats
    spread: Floats
    opened: Floats


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


def _opened(spreads: Floats, explanation: int) -> Floats:
    opened = np.zeros((len(spreads), 4))
    if explanation in {STEP_UP, STEP_DOWN}:
        opened[:, LEVEL] = spreads
    else:
        opened[:, SLOPE:USE] = ramp_spreads(spreads)
    return opened


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
            ramp = _ramp(information[..., SLOPE:USE, SLOPE:USE], gain[..., SLOPE:USE], spread, ages_s[:, None])
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
            _, mean, spread = _ramp(information[:, SLOPE:USE, SLOPE:USE], gain[:, SLOPE:USE], self.spreads, age)
        return Sizes(mean, spread, _opened(self.spreads, explanation))


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
            shifts = self._shifts(share, gain, information)
            if shifts:
                parts[SHIFT].append(np.logaddexp.reduce(shifts) - np.log(len(shifts)))
        never = np.full(len(ages_s), -np.inf)
        each = [np.logaddexp.reduce(p) - np.log(len(_SHARES)) if p else never for p in parts]
        return np.stack(each)

    def _of(
        self, effects: Floats, share: float, gain: Floats, information: Floats, ages_s: Floats
    ) -> list[tuple[int, Floats]]:
        a, b = _along(effects, gain, information)
        spread, count = np.array(share * self.signs.size), np.log(len(effects))
        step = _by_sign(*_step(a[..., LEVEL, LEVEL], b[..., LEVEL], spread))
        ramp = _by_sign(*_ramp(a[..., SLOPE:USE, SLOPE:USE], b[..., SLOPE:USE], spread, ages_s[:, None]))
        kinds = ((STEP_UP, step[0]), (STEP_DOWN, step[1]), (RAMP_UP, ramp[0]), (RAMP_DOWN, ramp[1]))
        return [(kind, np.logaddexp.reduce(nats, axis=1) - count) for kind, nats in kinds]

    def _shifts(self, share: float, gain: Floats, information: Floats) -> list[Floats]:
        """Log-likelihoods of all that may change without a leak: the others, then the uses."""
        found = []
        for effect in self.signs.others:
            a, b = _along(effect[None], gain, information)
            found.append(_step(a[:, 0, LEVEL, LEVEL], b[:, 0, LEVEL], np.array(share * self.signs.size))[0])
        for k in np.flatnonzero(self.signs.uses):
            spread = np.array(share * self.signs.uses[k])
            found.append(_step(information[:, k, USE, USE], gain[:, k, USE], spread)[0])
        return found

    def sizes(self, gain: Floats, information: Floats, age_s: float, explanation: int) -> Sizes:
        """As the places that explain it best make it."""
        if explanation == SHIFT:
            return self._shifted(gain, information)
        a, b = _along(self.signs.leaks, gain[None], information[None])
        spread = np.array(self.signs.size)
        if explanation in {RAMP_UP, RAMP_DOWN}:
            nats, mean, width = _ramp(a[0][:, SLOPE:USE, SLOPE:USE], b[0][:, SLOPE:USE], spread, np.array(age_s))
        else:
            nats, mean, width = _step(a[0][:, LEVEL, LEVEL], b[0][:, LEVEL], spread)
        nats = _by_sign(nats, mean, width)[explanation in {STEP_DOWN, RAMP_DOWN}]
        share = np.exp(nats - nats.max())
        share /= share.sum()
        each = self.signs.leaks * mean[:, None]
        middle = share @ each
        variance = share @ ((self.signs.leaks * width[:, None]) ** 2 + (each - middle) ** 2)
        return Sizes(middle, np.sqrt(variance), _opened(self.spreads, explanation))

    def _shifted(self, gain: Floats, information: Floats) -> Sizes:
        best = int(np.argmax(self._shifts(1.0, gain[None], information[None])))
        count = len(self.signs.others)
        opened = np.zeros((len(gain), 4))
        if best >= count:
            # the use of a channel has changed; its level, the leakage, has not
            k = int(np.flatnonzero(self.signs.uses)[best - count])
            opened[k, USE] = self.signs.uses[k]
            return Sizes(np.zeros(len(gain)), np.zeros(len(gain)), opened)
        effect = self.signs.others[best]
        opened[:, LEVEL] = np.abs(effect) * self.signs.size
        a, b = _along(effect[None], gain[None], information[None])
        _, mean, width = _step(a[0, :, LEVEL, LEVEL], b[0, :, LEVEL], np.array(self.signs.size))
        return Sizes(effect * mean[0], np.abs(effect) * width[0], opened)


def _along(effects: Floats, gain: Floats, information: Floats) -> tuple[Floats, Floats]:
    """(m, j, 4, 4) information and (m, j, 4) gain of the size of each effect."""
    a = np.einsum("jk,mkst->mjst", effects**2, information)
    return a, np.einsum("jk,mks->mjs", effects, gain)
