"""One posterior over everything a leak can be, from all the evidence there is.

Every kind of evidence speaks of the same candidates and the same sizes, as a log-likelihood relative to "no leak";
evidence is summed, and what comes out are probabilities of places, a search area, and an interval of the size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipe_network.errors import PipeNetworkError
from pipe_network.model import Network

Floats = NDArray[np.float64]

SIZES_M3_PER_S: Final[Floats] = np.geomspace(0.002, 300.0, 384) / 3600.0
"""Sizes of leaks that are weighed, 2 L/h to 300 m3/h; 3 % from one to the next. A grid coarser than the evidence is
sharp would favour candidates whose best size happens to be on it."""
_PREMISE_M: Final = 1.0
"""A premise has no pipe to walk; where effort is shared out it counts as a metre, not as nothing."""


class EvidenceShapeError(PipeNetworkError, ValueError):
    """Evidence that does not speak of the candidates and sizes at hand."""

    def __init__(self, source: str, shape: tuple[int, ...], wanted: tuple[int, int]) -> None:
        self.source, self.shape, self.wanted = source, shape, wanted
        super().__init__(
            f"evidence from {source!r} has log-likelihoods of shape {shape}, but there are {wanted[0]} candidates and"
            f" {wanted[1]} sizes; give one finite number for each of them"
        )


CandidateKind = Literal["pipe", "premise"]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Where a leak can be.

    Attributes
    ----------
    kinds, ids : what each is: a pipe (its link id), or the premise behind a junction, such as a flat's own plumbing
    lengths_m : (c,) pipe to search; 0 for a premise [m]
    weights_ratio : (c,) prior probability, given that there is a leak; sums to 1
    """

    kinds: tuple[CandidateKind, ...]
    ids: tuple[str, ...]
    lengths_m: Floats
    weights_ratio: Floats

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What one observation says of every candidate at every size.

    Attributes
    ----------
    source : the channel, sensor or district it comes from
    log_likelihood : (c, s) relative to no leak, whose log-likelihood is 0 [nat]
    """

    kind: Literal["balance", "pressure", "signature"]
    source: str
    log_likelihood: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What is known of a leak.

    Attributes
    ----------
    joint_ratio : (c, s) probability of candidate and size, given that there is a leak; sums to 1
    leak_ratio : probability that there is a leak at all
    weights_nats : for each evidence, by how much its observations are likelier with the leak than without [nat]
    """

    candidates: Candidates
    sizes_m3_per_s: Floats
    joint_ratio: Floats
    leak_ratio: float
    weights_nats: tuple[float, ...]

    @property
    def probability_ratio(self) -> Floats:
        """(c,) probability of each candidate, given that there is a leak."""
        total: Floats = self.joint_ratio.sum(axis=1)
        return total


@dataclass(frozen=True, slots=True, eq=False)
class SearchArea:
    """The least pipe that holds the leak with a probability.

    Attributes
    ----------
    rows : candidates, the densest first
    length_m : their pipes together [m]
    """

    rows: NDArray[np.intp]
    length_m: float
    probability_ratio: float


def pipe_candidates(network: Network) -> Candidates:
    """Every pipe of a network, likelier to leak the longer it is.

    Raises
    ------
    PipeNetworkError
        If the network has no pipe.
    """
    if not network.pipes:
        raise PipeNetworkError("the network has no pipes, so nothing in it can be searched for a leak")
    kinds: tuple[CandidateKind, ...] = tuple("pipe" for _ in network.pipes)
    lengths_m = np.array([max(p.length_m, 1e-3) for p in network.pipes])
    return Candidates(
        kinds=kinds,
        ids=tuple(p.id for p in network.pipes),
        lengths_m=lengths_m,
        weights_ratio=lengths_m / lengths_m.sum(),
    )


def quadratic_evidence(slope: ArrayLike, curvature: ArrayLike, sizes_m3_per_s: Floats = SIZES_M3_PER_S) -> Floats:
    """(c, s) log-likelihood of a Gaussian observation whose mean is linear in the leak's size.

    With residual r, response g and covariance C it is ``q gᵀC⁻¹r - q² gᵀC⁻¹g / 2``.

    Parameters
    ----------
    slope : (c,) gᵀC⁻¹r [s/m3]
    curvature : (c,) gᵀC⁻¹g [s2/m6]

    Examples
    --------
    >>> ll = quadratic_evidence([2.0], [1.0], np.array([1.0, 2.0, 3.0]))
    >>> ll.tolist()  # the best size is slope / curvature
    [[1.5, 2.0, 1.5]]
    """
    q = sizes_m3_per_s[None, :]
    result: Floats = q * np.asarray(slope)[:, None] - 0.5 * q * q * np.asarray(curvature)[:, None]
    return result


def combine(
    candidates: Candidates,
    evidence: Sequence[Evidence],
    *,
    sizes_m3_per_s: Floats = SIZES_M3_PER_S,
    leak_prior_ratio: float = 0.5,
) -> Posterior:
    """All evidence together; without any, the prior.

    Every size of the grid is as likely as any other beforehand, so small leaks are not ruled out for being small.

    Parameters
    ----------
    leak_prior_ratio : how probable a leak is before anything is observed

    Raises
    ------
    EvidenceShapeError
        If evidence does not fit candidates and sizes, or is not finite (an impossible candidate gets a low number).

    Examples
    --------
    >>> two = Candidates(("pipe", "pipe"), ("a", "b"), np.array([30.0, 10.0]), np.array([0.75, 0.25]))
    >>> says_b = Evidence("balance", "m1", np.array([[0.0], [3.0]]))
    >>> combine(two, [says_b], sizes_m3_per_s=np.array([1e-3])).probability_ratio.round(2).tolist()
    [0.13, 0.87]
    """
    shape = (len(candidates), len(sizes_m3_per_s))
    for each in evidence:
        if each.log_likelihood.shape != shape or not np.isfinite(each.log_likelihood).all():
            raise EvidenceShapeError(each.source, each.log_likelihood.shape, shape)
    prior = np.log(np.maximum(candidates.weights_ratio, 1e-300))[:, None] - np.log(shape[1])
    log_joint = prior + sum((e.log_likelihood for e in evidence), np.zeros(shape))
    top = float(log_joint.max())
    joint = np.exp(log_joint - top)
    total = float(joint.sum())
    joint /= total
    log_odds = top + np.log(total) + np.log(leak_prior_ratio) - np.log1p(-leak_prior_ratio)
    return Posterior(
        candidates=candidates,
        sizes_m3_per_s=sizes_m3_per_s,
        joint_ratio=joint,
        leak_ratio=float(np.exp(-np.logaddexp(0.0, -log_odds))),
        weights_nats=tuple(float((joint * e.log_likelihood).sum()) for e in evidence),
    )


def search_area(posterior: Posterior, share_ratio: float) -> SearchArea:
    """The least length of pipe that holds the leak with probability `share_ratio`: the densest pipes first.

    Examples
    --------
    >>> three = Candidates(("pipe",) * 3, ("a", "b", "c"), np.array([10.0, 10.0, 80.0]), np.array([0.1, 0.1, 0.8]))
    >>> says_b = Evidence("pressure", "s1", np.log(np.array([[1.0], [60.0], [1.0]])))
    >>> area = search_area(combine(three, [says_b], sizes_m3_per_s=np.array([1e-3])), 0.8)
    >>> area.rows.tolist(), area.length_m
    ([1], 10.0)
    """
    p = posterior.probability_ratio
    effort_m = np.maximum(posterior.candidates.lengths_m, _PREMISE_M)
    order = np.lexsort((np.arange(len(p)), -p / effort_m))
    reached = np.cumsum(p[order])
    # what rounding leaves short of a share of 1 is no reason to run off the end
    count = min(int(np.searchsorted(reached, share_ratio - 1e-12)) + 1, len(p))
    rows = order[:count]
    return SearchArea(rows, float(posterior.candidates.lengths_m[rows].sum()), float(reached[count - 1]))


def size_interval_m3_per_s(posterior: Posterior, share_ratio: float = 0.9) -> tuple[float, float, float]:
    """Lower end, median and upper end of the leak's size; as much is left out below as above. [m3/s]

    Examples
    --------
    >>> one = Candidates(("pipe",), ("a",), np.array([1.0]), np.array([1.0]))
    >>> q = np.linspace(0.5e-3, 1.5e-3, 201)
    >>> measured = Evidence("balance", "m", quadratic_evidence([1e-3 / 1e-10], [1 / 1e-10], q))
    >>> [f"{s * 1e3:.3f}" for s in size_interval_m3_per_s(combine(one, [measured], sizes_m3_per_s=q))]
    ['0.983', '1.000', '1.017']
    """
    mass = posterior.joint_ratio.sum(axis=0)
    middle = np.cumsum(mass) - 0.5 * mass
    tail = 0.5 * (1.0 - share_ratio)
    # between grid points by their logarithm, as the grid is
    low, median, high = np.exp(np.interp([tail, 0.5, 1.0 - tail], middle, np.log(posterior.sizes_m3_per_s)))
    return float(low), float(median), float(high)
