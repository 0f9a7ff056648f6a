"""How a building empties: people as streams that walk, queue at doors and merge, by the relations of the SFPE.

People go along legs, each from a spot (a door, a flight's head) to the next. At a leg's end they queue; the spot lets
so many through in a second as its width allows and the room behind has place for. How fast they walk follows from how
many there are in the room. Streams have no persons in them: what it takes to reckon hangs on neither their number nor
chance, and nobody is lost.

What is declared, because the relations leave it open: streams that meet share a spot by their weights while both have
people waiting; a room takes in less from 1.88 persons on a square metre on, none from 2.75 on; who comes out of the
last spot is safe.

References
----------
Gwynne and Rosenbaum, SFPE Handbook of Fire Protection Engineering, 5th edition (2016), chapter 59.
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from twin.evacuation.flow_network import SAFE, STAYS, Change, Emptied, Floats, FlowNetwork, Ints, People
from twin.evacuation.sfpe import DENSEST_PER_M2, FREE_BELOW_PER_M2, SLOPE_M2

FULL_PER_M2: Final = 2.75
"""A room with so many people on a square metre takes in no more."""
_LEAST_SHARE: Final = 0.1
"""Of the walking speed that is left in the densest crowd: people who got in get on."""
_GONE: Final = 1e-9
_LAST: Final = 0.02
"""With so little of a person in a step everybody is past: arrivals between two steps are smeared over both."""
_MOST_S: Final = 6 * 3600.0
_ROUNDS: Final = 3
_AT_ONCE: Final = 100
"""Runs that are walked at the same time: more do not fit into the processor's memory and are slower."""


def emptied(
    network: FlowNetwork, people: People, *, changes: Sequence[Change] = (), step_s: float = 0.5,
    until_s: float = _MOST_S, record_every_s: float = 5.0,
) -> Emptied:  # fmt: skip
    """Everybody out, step by step; several runs at the same time where people have several times to set off.

    Parameters
    ----------
    changes : in the order of their times
    until_s : whoever is inside then is left
    record_every_s : of `Emptied.times_s`; infinite for none

    Examples
    --------
    >>> door = FlowNetwork(*map(np.asarray, ([40.0], [1.4], [1.0], [0], [0], [5.0], [1.0], [0.92], [SAFE])))
    >>> ten = People(np.array([0]), np.array([5.0]), np.array([10.0]), np.array([0.0]), np.array([1.0]))
    >>> round(float(emptied(door, ten).clear_s[0]))  # 4.2 s to walk there, then 10 persons at 0.92 in a second
    15
    """
    start_s = np.atleast_2d(people.start_s)
    persons = np.broadcast_to(people.persons, start_s.shape)
    some = [slice(k, k + _AT_ONCE) for k in range(0, len(start_s), _AT_ONCE)]
    parts = [
        _emptied(network, replace(people, start_s=start_s[runs], persons=persons[runs]), changes, step_s=step_s,
                 until_s=until_s, record_every_s=record_every_s if runs.start == 0 else np.inf)
        for runs in some
    ]  # fmt: skip
    if len(parts) == 1:
        return parts[0]
    runs = ("clear_s", "left", "spot_clear_s", "passed", "waited_person_s", "longest", "cell_clear_s", "densest_per_m2",
            "left_in")  # fmt: skip
    return replace(parts[0], **{name: np.concatenate([getattr(part, name) for part in parts]) for name in runs})


def _emptied(
    network: FlowNetwork, people: People, changes: Sequence[Change], *, step_s: float, until_s: float,
    record_every_s: float,
) -> Emptied:  # fmt: skip
    pending = sorted(changes, key=lambda change: change.at_s)
    run = _Run(network, people, step_s, pending)
    records: list[tuple[float, Floats, Floats, Floats, float]] = []
    every = max(1, round(record_every_s / step_s)) if np.isfinite(record_every_s) else 0
    for step in itertools.count():
        now_s = step * step_s
        while pending and pending[0].at_s <= now_s + 1e-9:
            run.change_inplace(pending.pop(0))
        if every and step % every == 0:
            records.append((now_s, *run.seen()))
        if now_s >= until_s or (not pending and run.is_over(step)):
            break
        run.step_inplace(step)
    times, inside, waiting, gone, out = zip(*records, strict=True) if records else ((), (), (), (), ())
    return replace(
        run.result(),
        times_s=np.array(times, dtype=np.float64),
        inside=np.array(inside, dtype=np.float64).reshape(len(records), len(network.areas_m2)),
        waiting=np.array(waiting, dtype=np.float64).reshape(len(records), len(network.capacity_per_s)),
        gone=np.array(gone, dtype=np.float64).reshape(len(records), len(network.capacity_per_s)),
        out=np.array(out, dtype=np.float64),
    )


def _groups(sorted_: Ints) -> tuple[Ints, Ints]:
    """Where each run of equal numbers begins, and how long it is."""
    is_new = np.empty(len(sorted_), dtype=bool)
    is_new[:1] = True
    np.not_equal(sorted_[1:], sorted_[:-1], out=is_new[1:])
    starts = np.flatnonzero(is_new)
    counts = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=counts[:-1])
    counts[-1:] = len(sorted_) - starts[-1:]
    return starts, counts


class _Run:
    """The state of some runs, flat: all runs' cells, spots and legs one after the other; a leg once for each speed.

    Most of a building is empty most of the time, so a step looks at the legs where somebody waits, and at no others.
    """

    def __init__(self, network: FlowNetwork, people: People, step_s: float, changes: Sequence[Change]) -> None:
        self.step_s, start_s = step_s, np.atleast_2d(people.start_s)
        self.speeds, kind = np.unique(people.speed_factors, return_inverse=True)
        self.runs = len(start_s)
        self.cells, self.spots, legs = len(network.areas_m2), len(network.capacity_per_s), len(network.leg_cells)
        every = np.meshgrid(np.arange(self.runs), np.arange(len(self.speeds)), np.arange(legs), indexing="ij")
        run, speed, leg = (rows.ravel() for rows in every)
        # sorted by the spot at their end, so that streams that meet lie next to each other
        self.order = np.lexsort((speed, leg, run * self.spots + network.leg_ends[leg]))
        self.run_of, self.speed_of, self.leg_of = run[self.order], speed[self.order], leg[self.order]
        self.row_of = np.empty_like(self.order)
        self.row_of[self.order] = np.arange(len(self.order))
        self.legs = legs
        self.ends = self.run_of * self.spots + network.leg_ends[self.leg_of]
        self.cell_of = self.run_of * self.cells + network.leg_cells[self.leg_of]
        self.lengths_m, self.weights = network.lengths_m[self.leg_of], network.weights[self.leg_of]
        self.factor_of = self.speeds[self.speed_of]
        self.areas = np.tile(network.areas_m2, self.runs)
        self.k = np.tile(network.k_m_per_s, self.runs)
        self.places = np.where(np.isinf(self.areas), np.inf, FULL_PER_M2 * self.areas)
        self.leg_ends = network.leg_ends
        self.waiting = np.zeros(len(self.order))
        self.pipe = np.zeros((32, len(self.order)))
        self.is_filled = np.zeros(32, dtype=bool)  # of the pipe, where anybody is
        self.occupied = np.zeros(self.runs * self.cells)
        self.coming_in = np.zeros(self.runs * self.cells)
        self.total = np.broadcast_to(people.persons, start_s.shape).sum(axis=1)
        self.out = np.zeros(self.runs)
        self.is_stuck = False
        self.spot_clear, self.passed, self.waited, self.longest = np.zeros((4, self.runs * self.spots))
        self.cell_clear = np.zeros(self.runs * self.cells)
        self.factors = np.tile(network.factors, self.runs)
        self.is_last = self.is_shut = np.zeros(self.runs * self.spots, dtype=bool)
        self.change_inplace(Change(0.0, network.capacity_per_s, network.next_legs))
        self._schedule(network, people, kind, changes)

    def _schedule(self, network: FlowNetwork, people: People, kind: Ints, changes: Sequence[Change]) -> None:
        """When each group reaches its first queue, sorted by step."""
        start_s = np.atleast_2d(people.start_s)
        first = np.arange(self.runs)[:, None]
        cells = first * self.cells + (network.leg_cells[people.legs] if people.cells is None else people.cells)
        persons = np.broadcast_to(people.persons, cells.shape).ravel()
        self.occupied[:] = np.bincount(cells.ravel(), weights=persons, minlength=self.runs * self.cells)
        self.densest = self.occupied / self.areas
        speed = self._speed(self.occupied[cells] / self.areas[cells], cells) * people.speed_factors
        smoky = [(change.at_s, change.factors) for change in changes if change.factors is not None]
        if smoky:  # as it is when they set off
            factors = np.stack([self.factors[: self.cells], *(left for _, left in smoky)])
            row = np.searchsorted([at_s for at_s, _ in smoky], start_s, side="right")
            speed = speed / self.factors[cells] * factors[row, cells % self.cells]
        at = (start_s + people.lengths_m / speed) / self.step_s
        step = np.floor(at).astype(np.int64)
        later = (at - step).ravel()
        rows = self.row_of[((first * len(self.speeds) + kind) * self.legs + people.legs).ravel()]
        # part arrives in this step and part in the next, so that times hang on no step
        steps = np.concatenate((step.ravel(), step.ravel() + 1))
        order = np.argsort(steps, kind="stable")
        self.coming_rows = np.concatenate((rows, rows))[order]
        self.coming = np.concatenate((persons * (1 - later), persons * later))[order]
        self.coming_home = None if people.cells is None else np.concatenate((cells.ravel(), cells.ravel()))[order]
        self.coming_from = np.searchsorted(steps[order], np.arange(int(steps.max(initial=0)) + 2))

    def change_inplace(self, change: Change) -> None:
        """Doors and routes as they are from now on."""
        if change.capacity_per_s is not None:
            self.could = np.tile(change.capacity_per_s, self.runs) * self.step_s
        if change.factors is not None:
            self.factors = np.tile(change.factors, self.runs)
        if change.next_legs is not None:
            self.is_last = self.is_last | np.tile(change.next_legs == SAFE, self.runs)
            self._lead(change.next_legs[self.leg_ends])
        if change.turns is not None:
            self.is_last = self.is_last | np.tile(np.isin(np.arange(self.spots), self.leg_ends[change.turns == SAFE]),
                                                  self.runs)  # fmt: skip
            self._lead(change.turns)
        if change.is_shut is not None:
            self.is_shut = np.tile(change.is_shut, self.runs)

    def _lead(self, behind: Ints) -> None:
        """From each leg on to another."""
        led = behind[self.leg_of]
        first = (self.run_of * len(self.speeds) + self.speed_of) * self.legs
        self.next = np.where(led < 0, led, self.row_of[first + np.maximum(led, 0)])
        self.has_stayers = bool((led == STAYS).any())

    def is_over(self, step: int) -> bool:
        """Whether nobody is inside, or nobody can get on any more."""
        inside = self.total - self.out
        if (inside <= _GONE * np.maximum(self.total, 1)).all():
            return True
        return self.is_stuck and step >= len(self.coming_from) and not self.is_filled.any()

    def seen(self) -> tuple[Floats, Floats, Floats, float]:
        """Of the first run: persons in each cell, waiting at each spot, gone through each, and out."""
        mine = self.ends < self.spots
        waits = np.zeros(self.spots)
        np.add.at(waits, self.ends[mine], self.waiting[mine])
        return self.occupied[: self.cells].copy(), waits, self.passed[: self.spots].copy(), float(self.out[0])

    def _speed(self, density: Floats, cells: Ints) -> Floats:
        slowed = np.maximum(1 - SLOPE_M2 * np.maximum(density, FREE_BELOW_PER_M2), _LEAST_SHARE)
        speed: Floats = self.k[cells] * self.factors[cells] * slowed
        return speed

    def step_inplace(self, step: int) -> None:
        """One step: who has arrived queues, spots let through what they can, who got through walks on."""
        slot = step % len(self.pipe)
        if self.is_filled[slot]:
            arrived = self.pipe[slot]
            rows = np.flatnonzero(arrived > 0)  # of truths it is quicker
            self.waiting[rows] += arrived[rows]
            arrived[rows] = 0.0
            self.is_filled[slot] = False
        if step + 1 < len(self.coming_from):
            now = slice(self.coming_from[step], self.coming_from[step + 1])
            np.add.at(self.waiting, self.coming_rows[now], self.coming[now])
            if self.coming_home is not None:
                self._leave_home(step, self.coming_home[now], self.coming_rows[now], self.coming[now])
        rows = np.flatnonzero(self.waiting > 0)
        if self.has_stayers:
            rows = rows[self.next[rows] != STAYS]
        self.is_stuck = True
        if not len(rows):
            return
        queue, ends = self.waiting[rows], self.ends[rows]
        starts, counts = _groups(ends)
        spots = ends[starts]
        asked = np.add.reduceat(queue, starts)
        through = np.minimum(asked, self.could[spots])
        self._hold_back(through, self.next[rows[starts]], spots)
        self.is_stuck = not through.any()
        served = queue * np.repeat(through / asked, counts)
        short = (through < asked) & (counts > 1)
        if short.any():
            self._meet(np.flatnonzero(np.repeat(short, counts)), rows, queue, through[short], served)
        self.waiting[rows] = np.maximum(queue - served, 0.0)
        self._note(step, spots, asked, through)
        cells = self.cell_of[rows]
        np.subtract.at(self.occupied, cells, served)
        self.cell_clear[cells[served > _LAST]] = (step + 1) * self.step_s
        self._walk_on(step, rows, served)

    def _leave_home(self, step: int, homes: Ints, rows: Ints, persons: Floats) -> None:
        """Who comes to its first queue is no longer in the room it was in."""
        np.subtract.at(self.occupied, homes, persons)
        np.add.at(self.occupied, self.cell_of[rows], persons)
        self.cell_clear[homes[persons > _LAST]] = step * self.step_s

    def _hold_back(self, through: Floats, behind: Ints, spots: Ints) -> None:
        """No room is let in more than it has place for; who turns round before a shut door is in it already."""
        on = np.flatnonzero((behind != SAFE) & ~self.is_shut[spots])
        cells = self.cell_of[behind[on]]
        np.add.at(self.coming_in, cells, through[on])
        coming, inside = self.coming_in[cells], np.maximum(self.occupied[cells], 0.0)
        self.coming_in[cells] = 0.0
        share = (FULL_PER_M2 - inside / self.areas[cells]) / (FULL_PER_M2 - DENSEST_PER_M2)
        share = np.minimum(np.maximum(share, 0.0), 1.0)
        place = np.maximum(self.places[cells] - inside, 0.0)
        tight = coming > place
        share[tight] = np.minimum(share[tight], place[tight] / coming[tight])
        through[on] *= share

    def _meet(self, some: Ints, rows: Ints, queue: Floats, through: Floats, served: Floats) -> None:
        """Streams that meet where not all get through share by weight, while they last.

        Parameters
        ----------
        some : numbers among the waiting legs, of those that end at a spot where others wait as well
        through : of those spots
        """
        starts, counts = _groups(self.ends[rows[some]])
        want, weights, left = queue[some], self.weights[rows[some]], through.copy()
        got = np.zeros_like(want)
        for _ in range(_ROUNDS):
            pull = np.where(got < want, weights, 0.0)
            total = np.add.reduceat(pull, starts)
            part = np.divide(left, total, out=np.zeros_like(left), where=total > 0)
            more = np.minimum(pull * np.repeat(part, counts), want - got)
            got += more
            left = np.maximum(left - np.add.reduceat(more, starts), 0.0)
            if not (left > _GONE).any():
                break
        # what is left after so many rounds goes by what still waits
        rest = np.add.reduceat(want - got, starts)
        part = np.divide(left, rest, out=np.zeros_like(left), where=rest > 0)
        served[some] = got + (want - got) * np.repeat(np.minimum(part, 1.0), counts)

    def _note(self, step: int, spots: Ints, asked: Floats, through: Floats) -> None:
        waits = asked - through
        through = np.where(self.is_shut[spots], 0.0, through)
        # of the last step only the part it takes counts
        went = through > _LAST
        took = np.minimum(through[went] / np.maximum(self.could[spots[went]], 1e-300), 1.0)
        self.spot_clear[spots[went]] = (step + took) * self.step_s
        self.passed[spots] += through
        self.waited[spots] += waits * self.step_s
        self.longest[spots] = np.maximum(self.longest[spots], waits)

    def _walk_on(self, step: int, rows: Ints, served: Floats) -> None:
        behind = self.next[rows]
        out = behind == SAFE
        if out.any():
            self.out += np.bincount(self.run_of[rows[out]], weights=served[out], minlength=self.runs)
        on = behind[~out]
        if not len(on):
            return
        persons, cells = served[~out], self.cell_of[on]
        np.add.at(self.occupied, cells, persons)
        density = np.maximum(self.occupied[cells], 0.0) / self.areas[cells]
        self.densest[cells] = np.maximum(self.densest[cells], density)
        speed = self._speed(density, cells) * self.factor_of[on]
        # who gets through in a step arrives at its place in a later one, however near that is
        steps = np.maximum(self.lengths_m[on] / (speed * self.step_s), 1.0)
        whole = steps.astype(np.int64)
        if int(whole.max()) + 3 > len(self.pipe):
            self._lengthen(step, int(whole.max()) + 3)
        later, slots, width = steps - whole, (step + whole) % len(self.pipe), self.pipe.shape[1]
        following = (slots + 1) % len(self.pipe)
        flat = self.pipe.reshape(-1)
        np.add.at(flat, slots * width + on, persons * (1 - later))
        np.add.at(flat, following * width + on, persons * later)
        self.is_filled[slots] = True
        self.is_filled[following] = True

    def _lengthen(self, step: int, most: int) -> None:
        """A longer pipe, with what is in it in its place."""
        size = len(self.pipe)
        longer = np.zeros((max(most, 2 * size), self.pipe.shape[1]))
        is_filled = np.zeros(len(longer), dtype=bool)
        for ahead in range(1, size):
            was, slot = (step + ahead) % size, (step + ahead) % len(longer)
            if self.is_filled[was]:
                longer[slot] = self.pipe[was]
                is_filled[slot] = True
        self.pipe, self.is_filled = longer, is_filled

    def result(self) -> Emptied:
        """What came of it so far."""
        left = np.maximum(self.total - self.out, 0.0)
        done = left <= 1e-6 * np.maximum(self.total, 1.0)
        by_spot, by_cell = (self.runs, self.spots), (self.runs, self.cells)
        last = np.where(self.is_last, self.spot_clear, 0.0).reshape(by_spot).max(axis=1, initial=0.0)
        none = np.empty(0)
        return Emptied(
            np.where(done, last, np.inf), np.where(done, 0.0, left), self.spot_clear.reshape(by_spot),
            self.passed.reshape(by_spot), self.waited.reshape(by_spot), self.longest.reshape(by_spot),
            self.cell_clear.reshape(by_cell), self.densest.reshape(by_cell),
            np.maximum(self.occupied, 0.0).reshape(by_cell), none, none, none, none, none,
        )  # fmt: skip
