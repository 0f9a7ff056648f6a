"""What devices give at samples, put together: the strongest, a sum or a sum of energies, and what hangs on which."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from twin.coverage.radiate.spots import Spots
from twin.coverage.result import Reason

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

Combine = Literal["best", "energy", "sum"]
_SLACK: Final = 1e-6
"""What is asked for exactly counts as reached, whatever the last bit says."""
RANK: Final[tuple[Reason, ...]] = ("too_few", "offline", "switched_off", "occluded", "too_far", "none_near")
"""Why a cell lacks, from nearest to being covered to farthest."""


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """What single devices give at single samples.

    Attributes
    ----------
    devices, samples : (h,) rows and numbers
    values : (h,) as things are; minus infinity is nothing, where values are levels
    full : (h,) with the device at its full output
    free : (h,) so too, with nothing in between
    """

    devices: Ints
    samples: Ints
    values: Floats
    full: Floats
    free: Floats

    def of(self, chosen: Flags) -> "Links":
        """Some of them."""
        return Links(
            self.devices[chosen], self.samples[chosen], self.values[chosen], self.full[chosen], self.free[chosen]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """What all devices give, cell by cell.

    Attributes
    ----------
    values, counts, covered : (cells,)
    rank : (cells,) why a cell lacks, as an index of `RANK`; -1 where it does not
    nearest : (cells,) device that would give the most with nothing in between; -1 none
    lost : (places, devices) cells of each place that lack without each device, as rows (place, device, cells)
    serves : rows (place, device) of the devices that count
    """

    values: Floats
    counts: Ints
    covered: Flags
    rank: NDArray[np.int8]
    nearest: Ints
    lost: Ints
    serves: Ints


def together(
    links: Links, at: Spots, *, is_down: Flags, needed: Floats, wanted: Ints, combine: Combine, floor: float
) -> Together:
    """What devices give together.

    Parameters
    ----------
    is_down : (devices,)
    needed, wanted : (places,) value asked for, and devices that each have to reach it
    floor : value where there is nothing
    """
    up = links.of(~is_down[links.devices])
    level = needed[at.place_of]
    sums = _Sums(at, level, wanted[at.place_of], combine, floor)
    total, counts, good = sums.of(up.samples, up.values)
    values = _least(total, at)
    covered = _whole(good, at)
    rank = _ranks(links, is_down, sums, covered)
    return Together(
        values=values,
        counts=_least(counts, at).astype(np.int64),
        covered=covered,
        rank=rank,
        nearest=_nearest(up, at),
        lost=_lost(up, at, sums, total, counts, good, len(is_down)),
        serves=_serves(up, at, level, total, combine),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """How what several devices give is put together, and what of it is enough."""

    at: Spots
    needed: Floats
    wanted: Ints
    combine: Combine
    floor: float

    def of(self, samples: Ints, values: Floats) -> tuple[Floats, Ints, Flags]:
        """(n,) values of samples, devices that are enough alone, and whether it suffices."""
        count = len(self.at.points_m)
        total = combined(samples, values, count, combine=self.combine, floor=self.floor)
        enough = total >= self.needed - _SLACK
        alone = np.bincount(samples[values >= self.needed[samples] - _SLACK], minlength=count)
        counts = np.maximum(alone, enough)  # several may reach together what none does alone
        return total, counts, enough & (counts >= self.wanted)

    def cells(self, samples: Ints, values: Floats) -> Flags:
        """(cells,) whether it suffices."""
        return _whole(self.of(samples, values)[2], self.at)


def combined(samples: Ints, values: Floats, count: int, *, combine: Combine, floor: float) -> Floats:
    """(count,) what devices give together at each sample, at least the floor.

    Examples
    --------
    >>> combined(np.array([0, 0]), np.array([60.0, 60.0]), 2, combine="energy", floor=0.0).round(2).tolist()
    [63.01, 0.0]
    """
    total = np.full(count, floor)
    if combine == "best":
        np.maximum.at(total, samples, values)
        return total
    if combine == "sum":
        sums: Floats = np.maximum(total, np.bincount(samples, weights=values, minlength=count))
        return sums
    with np.errstate(divide="ignore"):
        levels = 10 * np.log10(np.bincount(samples, weights=10 ** (values / 10), minlength=count))
    louder: Floats = np.maximum(total, levels)
    return louder


def _least(values: NDArray[np.float64] | Ints, at: Spots) -> Floats:
    """(cells,) the least of all heights."""
    if at.is_flat:
        return values.astype(np.float64)
    least = np.full(int(at.cell_starts[-1]), np.inf)
    np.minimum.at(least, at.cell_of, values)
    return least


def _whole(good: Flags, at: Spots) -> Flags:
    if at.is_flat:
        return good
    whole = np.ones(int(at.cell_starts[-1]), dtype=bool)
    np.logical_and.at(whole, at.cell_of, good)
    return whole


def _ranks(links: Links, is_down: Flags, sums: _Sums, covered: Flags) -> NDArray[np.int8]:
    """(cells,) the first reason that holds for each cell that lacks."""
    rank = np.full(len(covered), -1, dtype=np.int8)
    if covered.all():
        return rank
    up = ~is_down[links.devices]
    single = replace(sums, wanted=np.ones_like(sums.wanted))
    there = np.zeros(len(sums.at.points_m), dtype=bool)
    there[links.samples[up]] = True
    holds = (
        single.cells(links.samples[up], links.values[up]),
        sums.cells(links.samples, links.values),
        sums.cells(links.samples, links.full),
        single.cells(links.samples[up], links.free[up]),
        _whole(there, sums.at),
        np.ones(len(covered), dtype=bool),
    )
    for k, which in enumerate(holds):
        rank[which & ~covered & (rank < 0)] = k
    return rank


def _nearest(up: Links, at: Spots) -> Ints:
    """(cells,) device that would give the most in the free, at the lowest height."""
    found = np.full(int(at.cell_starts[-1]), -1, dtype=np.int64)
    order = np.argsort(up.free, kind="stable")
    found[at.cell_of[up.samples[order]]] = up.devices[order]  # the last one written stays
    return found


def _lost(
    up: Links, at: Spots, sums: _Sums, total: Floats, counts: Ints, good: Flags, devices: int
) -> Ints:  # fmt: skip
    """Rows (place, device, cells): covered cells that lack without a device."""
    mine = up.values
    enough = mine >= sums.needed[up.samples] - _SLACK
    needed, others = sums.needed[up.samples], counts[up.samples] - enough
    if sums.combine == "best":
        fails = enough & (others < sums.wanted[up.samples])
    else:
        if sums.combine == "sum":
            rest = total[up.samples] - mine
        else:
            with np.errstate(divide="ignore", invalid="ignore"):
                left = np.maximum(10 ** (total[up.samples] / 10) - 10 ** (mine / 10), 0.0)
                rest = 10 * np.log10(left)
        fails = (rest < needed - 1e-3) | ((sums.wanted[up.samples] > 1) & enough & (others < sums.wanted[up.samples]))
    whole = _whole(good, at)
    cell = at.cell_of[up.samples]
    fails &= whole[cell]
    pairs = np.unique(cell[fails] * devices + up.devices[fails])
    place = np.searchsorted(at.cell_starts, pairs // max(devices, 1), side="right") - 1
    keys, often = np.unique(place * devices + pairs % max(devices, 1), return_counts=True)
    return np.column_stack((keys // max(devices, 1), keys % max(devices, 1), often))


def _serves(up: Links, at: Spots, level: Floats, total: Floats, combine: Combine) -> Ints:
    """Rows (place, device) of the devices that count somewhere: enough alone, or a tenth of what is there."""
    counts = up.values >= level[up.samples] - _SLACK
    if combine == "sum":
        counts |= up.values >= 0.1 * np.maximum(total[up.samples], 1e-12)
    elif combine == "energy":
        counts |= up.values >= total[up.samples] - 10
    pairs = np.column_stack((at.place_of[up.samples[counts]], up.devices[counts]))
    return np.unique(pairs, axis=0) if len(pairs) else np.empty((0, 2), np.int64)


def no_links() -> Links:
    """No device gives anything anywhere."""
    none, nothing = np.empty(0, np.int64), np.empty(0)
    return Links(none, none, nothing, nothing, nothing)


def merged(parts: Sequence[Links]) -> Links:
    """All of them."""
    if not parts:
        return no_links()
    return Links(
        devices=np.concatenate([part.devices for part in parts]),
        samples=np.concatenate([part.samples for part in parts]),
        values=np.concatenate([part.values for part in parts]),
        full=np.concatenate([part.full for part in parts]),
        free=np.concatenate([part.free for part in parts]),
    )
