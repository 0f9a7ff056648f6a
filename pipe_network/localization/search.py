"""Where to begin: one pipe out of many that may leak."""

import numpy as np
from numpy.typing import NDArray

from pipe_network.posterior import Posterior

Floats = NDArray[np.float64]
REACH_M: float = 300.0
"""What a crew with a correlator covers from where it begins; the competition's rule of a hit too."""


def first_place(posterior: Posterior, distances_m: Floats, *, reach_m: float = REACH_M) -> int:
    """The candidate from which the leak is likely to be nearest.

    The likeliest pipe is often one that happens to stand apart from many likely ones which lie together. What is
    least here is the expected way to the leak, every way beyond the reach being as bad as another.

    Parameters
    ----------
    distances_m : (c, c) between the candidates

    Examples
    --------
    >>> from pipe_network.posterior import Candidates, Evidence, combine
    >>> one = np.ones(4)
    >>> four = Candidates(("pipe",) * 4, ("a", "b", "c", "d"), one, one / 4)
    >>> told = Evidence("pressure", "s", np.log(np.array([[0.34], [0.22], [0.22], [0.22]])))
    >>> posterior = combine(four, [told], sizes_m3_per_s=np.array([1e-3]))
    >>> at_m = np.array([900.0, 0.0, 50.0, 100.0])
    >>> first_place(posterior, np.abs(at_m[:, None] - at_m))  # a is likeliest, c is amid the others
    2
    """
    probable = posterior.probability_ratio
    return int(np.argmin(np.minimum(distances_m, reach_m) @ probable))
