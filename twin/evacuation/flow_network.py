"""What people flee through, who they are, what changes on the way, and what came of it, as `flow` walks them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SAFE: Final = -1
"""In place of a leg: out in safety."""
STAYS: Final = -2
"""In place of a leg: no way leads on."""


@dataclass(frozen=True, slots=True, eq=False)
class FlowNetwork:
    """What people move through.

    Attributes
    ----------
    areas_m2 : (cells,) that people can stand on; infinite where density does not count
    k_m_per_s : (cells,) speed factor: 1.40 on the level, that of its treads and risers on a stair
    factors : (cells,) what smoke leaves of the speed
    leg_cells, leg_ends, lengths_m, weights : (legs,) cell a leg lies in, spot at its end, length, and share of the spot
        when streams meet
    capacity_per_s : (spots,) 0 for a closed one
    next_legs : (spots,) leg behind each spot, `SAFE` where it leads out
    """

    areas_m2: Floats
    k_m_per_s: Floats
    factors: Floats
    leg_cells: Ints
    leg_ends: Ints
    lengths_m: Floats
    weights: Floats
    capacity_per_s: Floats
    next_legs: Ints


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Who is where at first.

    Attributes
    ----------
    legs : (groups,) the leg at whose end each group comes first
    lengths_m : (groups,) how far each walks to there
    persons : (groups,); or (runs, groups)
    start_s : (groups,) when they set off; or (runs, groups)
    speed_factors : (groups,) against the relations' speed
    cells : (groups,) where each is until it comes to its first queue; without them in the leg's cell
    """

    legs: Ints
    lengths_m: Floats
    persons: Floats
    start_s: Floats
    speed_factors: Floats
    cells: Ints | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What is different from a moment on: doors close, routes change.

    Attributes
    ----------
    capacity_per_s, next_legs : (spots,) or none for as before
    factors : (cells,) or none for as before
    turns : (legs,) leg behind each, or `SAFE`, or `STAYS`; instead of `next_legs` where streams that come to one spot
        go different ways, as at a door that is found shut: each turns round on its own side
    is_shut : (spots,) whose passing is turning round there
    """

    at_s: float
    capacity_per_s: Floats | None = None
    next_legs: Ints | None = None
    factors: Floats | None = None
    turns: Ints | None = None
    is_shut: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Emptied:
    """What came of it; arrays have a row for each run.

    Attributes
    ----------
    clear_s : (runs,) when the last one was out; infinite where people are left
    left : (runs,) persons left inside
    spot_clear_s : (runs, spots) when the last one passed, 0 where nobody did
    passed : (runs, spots) persons
    waited_person_s : (runs, spots) time spent queueing before each
    longest : (runs, spots) most people queueing at a time
    cell_clear_s : (runs, cells) when the last one left it
    densest_per_m2, left_in : (runs, cells), of the latter the persons in it at the end
    times_s : (t,) and, of the first run, at these times `inside` (t, cells), `waiting` and `gone` through (t, spots),
        and `out` (t,)
    """

    clear_s: Floats
    left: Floats
    spot_clear_s: Floats
    passed: Floats
    waited_person_s: Floats
    longest: Floats
    cell_clear_s: Floats
    densest_per_m2: Floats
    left_in: Floats
    times_s: Floats
    inside: Floats
    waiting: Floats
    gone: Floats
    out: Floats
