"""The one posterior: probabilities add up, evidence adds up, and areas hold what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipe_network.errors import PipeNetworkError
from pipe_network.model import Network, Pipe
from pipe_network.posterior import (
    SIZES_M3_PER_S,
    CandidateKind,
    Candidates,
    Evidence,
    EvidenceShapeError,
    combine,
    pipe_candidates,
    quadratic_evidence,
    search_area,
    size_interval_m3_per_s,
)


def candidates(count: int, seed: int = 1) -> Candidates:
    lengths_m = np.random.default_rng(seed).uniform(5.0, 200.0, count)
    kinds: tuple[CandidateKind, ...] = tuple("pipe" for _ in range(count))
    return Candidates(kinds, tuple(f"p{k}" for k in range(count)), lengths_m, lengths_m / lengths_m.sum())


def evidence(count: int, seed: int) -> Evidence:
    rng = np.random.default_rng(seed)
    return Evidence("pressure", f"s{seed}", rng.normal(0.0, 5.0, (count, len(SIZES_M3_PER_S))))


@given(count=st.integers(1, 30), seed=st.integers(0, 10_000), share=st.floats(0.01, 1.0))
def test_search_area_holds_its_share_and_no_pipe_too_many(count: int, seed: int, share: float) -> None:
    posterior = combine(candidates(count), [evidence(count, seed)])
    area = search_area(posterior, share)
    p = posterior.probability_ratio
    assert p.sum() == pytest.approx(1.0)
    assert p[area.rows].sum() == pytest.approx(area.probability_ratio)
    assert area.probability_ratio >= share - 1e-9
    assert p[area.rows[:-1]].sum() < share


@given(seed=st.integers(0, 10_000))
def test_evidence_counts_the_same_in_any_order_or_summed_up(seed: int) -> None:
    one, other = evidence(12, seed), evidence(12, seed + 1)
    both = Evidence("balance", "sum", one.log_likelihood + other.log_likelihood)
    expected = combine(candidates(12), [one, other])
    for said in ([other, one], [both]):
        np.testing.assert_allclose(combine(candidates(12), said).joint_ratio, expected.joint_ratio, atol=1e-12)


def test_without_evidence_the_prior_is_what_is_known() -> None:
    posterior = combine(candidates(7), [], leak_prior_ratio=0.2)
    np.testing.assert_allclose(posterior.probability_ratio, candidates(7).weights_ratio)
    assert posterior.leak_ratio == pytest.approx(0.2)


def test_overwhelming_evidence_neither_overflows_nor_is_lost() -> None:
    sure = np.zeros((3, len(SIZES_M3_PER_S)))
    sure[1] = 5e4
    assert combine(candidates(3), [Evidence("balance", "m", sure)]).leak_ratio == 1.0
    never = combine(candidates(3), [Evidence("balance", "m", sure * 0 - 5e4)])
    assert never.leak_ratio == 0.0
    np.testing.assert_allclose(never.probability_ratio, candidates(3).weights_ratio)


def test_size_interval_has_the_truth_as_often_as_it_says() -> None:
    truth_m3_per_s, sd_m3_per_s, rng = 1e-3, 1e-4, np.random.default_rng(4)
    inside = 0
    for observed in rng.normal(truth_m3_per_s, sd_m3_per_s, 1000):
        ll = quadratic_evidence([observed / sd_m3_per_s**2], [1 / sd_m3_per_s**2])
        low, _, high = size_interval_m3_per_s(combine(candidates(1), [Evidence("balance", "m", ll)]), 0.9)
        inside += low <= truth_m3_per_s <= high
    # 1000 draws have a standard error of 1 %; the grid and the flat prior in log size add as much
    assert 860 <= inside <= 940


@pytest.mark.parametrize("bad", [np.zeros((2, 5)), np.full((3, len(SIZES_M3_PER_S)), -np.inf)])
def test_evidence_of_other_candidates_is_refused_by_name(bad: np.ndarray) -> None:
    with pytest.raises(EvidenceShapeError, match="'meter-7'"):
        combine(candidates(3), [Evidence("balance", "meter-7", bad)])


def test_pipes_are_candidates_by_their_length() -> None:
    network = Network(pipes=(Pipe("a", "x", "y", 30.0, 0.1, 130.0), Pipe("b", "y", "z", 10.0, 0.1, 130.0)))
    np.testing.assert_allclose(pipe_candidates(network).weights_ratio, [0.75, 0.25])
    with pytest.raises(PipeNetworkError, match="no pipes"):
        pipe_candidates(Network())
