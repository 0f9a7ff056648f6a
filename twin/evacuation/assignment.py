"""Who should go where, so that the last one is out soonest."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def shares(persons: float, walk_s: ArrayLike, capacity_per_s: ArrayLike) -> Floats:
    """(exits,) how people in one room should divide among its exits: all that are used are done at the same time.

    Each exit is done after the walk there and its persons over its capacity; the least time at which all fit in solves
    the sum of capacity · (time − walk) = persons over the exits that are nearer than that.

    Parameters
    ----------
    walk_s : (exits,) until the first arrives
    capacity_per_s : (exits,) 0 for a closed one

    Examples
    --------
    >>> shares(100.0, [10.0, 10.0, 500.0], [1.0, 3.0, 9.0]).tolist()
    [25.0, 75.0, 0.0]
    """
    walk, capacity = np.asarray(walk_s, dtype=np.float64), np.asarray(capacity_per_s, dtype=np.float64)
    found = np.zeros(len(walk))
    usable = np.flatnonzero((capacity > 0) & np.isfinite(walk))
    order = usable[np.argsort(walk[usable], kind="stable")]
    for count in range(1, len(order) + 1):
        near = order[:count]
        done_s = (persons + (capacity[near] * walk[near]).sum()) / capacity[near].sum()
        if count == len(order) or done_s <= walk[order[count]]:
            found[near] = np.maximum(capacity[near] * (done_s - walk[near]), 0.0)
            break
    return found
