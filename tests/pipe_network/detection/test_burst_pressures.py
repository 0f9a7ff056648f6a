"""Bursts placed by the drop of pressures: drops by EPANET, noise from the time before."""

import numpy as np
import pytest

from pipe_network.detection.burst_pressures import Drops, burst_drops, burst_evidence, learnt_covariance
from pipe_network.inp import parse
from pipe_network.model import Network
from pipe_network.posterior import Candidates, Evidence, combine, pipe_candidates, quadratic_evidence, search_area

SIZE_M3_PER_S = 8e-3
SENSORS = ("n2", "n5", "n8")
NOISE = np.eye(3) * 0.03**2


@pytest.fixture(scope="module")
def ring() -> Network:
    junctions = "\n".join(f"n{k} 0 0.4" for k in range(10))
    pipes = "\n".join(f"p{k} n{k} n{(k + 1) % 10} 100 100 120 0 OPEN" for k in range(10))
    return parse(
        f"[JUNCTIONS]\n{junctions}\n[RESERVOIRS]\nr 50\n[PIPES]\n{pipes}\nfeed r n0 20 150 120 0 OPEN\n"
        "[OPTIONS]\nUNITS LPS\nHEADLOSS H-W\n[END]\n"
    )


@pytest.fixture(scope="module")
def drops(ring: Network) -> Drops:
    return burst_drops(ring, SENSORS, [j.id for j in ring.junctions], SIZE_M3_PER_S)


def _ends(network: Network) -> dict[str, tuple[str, str]]:
    return {p.id: (p.start, p.end) for p in network.pipes}


def _sized(candidates: Candidates) -> Evidence:
    n, sd = len(candidates), 0.1 * SIZE_M3_PER_S
    return Evidence(
        "balance", "inlet", quadratic_evidence(np.full(n, SIZE_M3_PER_S / sd**2), np.full(n, sd**-2))
    )  # fmt: skip


@pytest.mark.parametrize("pipe", ["p1", "p4", "p7"])
def test_a_burst_is_narrowed_to_its_part_of_the_ring(ring: Network, drops: Drops, pipe: str) -> None:
    candidates = pipe_candidates(ring)
    rng = np.random.default_rng(5)
    fallen = np.mean([drops.fall_m[n] for n in _ends(ring)[pipe]], axis=0)
    change_m = -fallen + rng.normal(0.0, 0.03, 3)
    told = burst_evidence(candidates, _ends(ring), drops, change_m, NOISE, source="p")
    alone, joined = (combine(candidates, e) for e in ([_sized(candidates)], [_sized(candidates), told]))
    area = search_area(joined, 0.9)
    assert pipe in {candidates.ids[r] for r in area.rows}
    assert area.length_m < 0.6 * search_area(alone, 0.9).length_m
    assert joined.weights_nats[1] > 5.0


def test_pressures_that_fit_no_place_widen_instead_of_choosing_one(ring: Network, drops: Drops) -> None:
    candidates = pipe_candidates(ring)
    # one sensor falls by 9 m and its neighbours rise: no burst does that
    told = burst_evidence(candidates, _ends(ring), drops, np.array([2.0, -9.0, 2.0]), NOISE, source="p")
    joined = combine(candidates, [_sized(candidates), told])
    alone = combine(candidates, [_sized(candidates)])
    assert joined.probability_ratio == pytest.approx(alone.probability_ratio, abs=0.01)  # nothing is left but doubt


def test_a_silent_sensor_is_left_out(ring: Network, drops: Drops) -> None:
    candidates = pipe_candidates(ring)
    change_m = -drops.fall_m["n5"].copy()
    change_m[0] = np.nan
    told = burst_evidence(candidates, _ends(ring), drops, change_m, NOISE, source="p")
    assert np.isfinite(told.log_likelihood).all()
    best = combine(candidates, [_sized(candidates), told]).probability_ratio
    assert candidates.ids[int(np.argmax(best))] in {"p4", "p5"}


def test_noise_is_learnt_with_what_sensors_do_together() -> None:
    rng = np.random.default_rng(2)
    common = rng.normal(0.0, 0.5, (400, 1))
    history = common + rng.normal(0.0, 0.05, (400, 3))
    history[7] = 30.0  # a fire drill
    found = learnt_covariance(history)
    assert np.sqrt(np.diag(found)) == pytest.approx([0.5] * 3, rel=0.1)  # 400 changes know a spread to 4 %
    assert found[0, 1] / found[0, 0] == pytest.approx(0.8, abs=0.05)  # shrunk by a fifth
