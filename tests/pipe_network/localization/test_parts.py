"""What locating is made of: responses against EPANET, balances, districts, errors that are told apart."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from pipe_network.epanet import Project
from pipe_network.errors import UnknownElementError
from pipe_network.inp import parse
from pipe_network.localization import twin
from pipe_network.localization.districts import find_districts, shared_inlets
from pipe_network.localization.fields import FLOW_AS_HEAD, field
from pipe_network.localization.inflow import rises
from pipe_network.localization.likelihood import Responses, log_likelihoods
from pipe_network.localization.noise import learn, within
from pipe_network.model import Network
from pipe_network.posterior import quadratic_evidence
from pipe_network.record import Record
from tests.pipe_network.localization.grids import grid
from viewer.bench.leaks.trials import A, random_sensors, trial

STEPS = 24


def solved(network: Network) -> tuple[np.ndarray, np.ndarray]:
    with Project(network) as project:
        project.start()
        project.solve()
        return project.heads_m(), project.flows_m3_per_s()


def with_prv(network: Network) -> Network:
    """The grid fed through a valve that holds 30 m."""
    text = "[JUNCTIONS]\na 0\nb 0 5\nc 0 5\nd 0 5\n[RESERVOIRS]\nr 60\n[PIPES]\np r a 100 150 120\nq b c 200 100 120\n"
    text += "s c d 200 100 120\nt b d 300 100 120\n[VALVES]\nv a b 150 PRV 30 0\n[OPTIONS]\nUNITS CMH\n"
    return replace(parse(text), title=network.title)


@pytest.mark.parametrize("kind", ["grid", "valve"])
def test_responses_are_those_of_epanet(kind: str) -> None:
    network = grid(4) if kind == "grid" else with_prv(grid(4))
    precise = replace(network.options, extra=(*network.options.extra, ("Accuracy", "0.0000001")))
    network = replace(network, options=precise)
    sensors = tuple(j.id for j in network.junctions)
    responds = field(network, *solved(network), sensors, with_flows=True)
    more = 2e-5
    for k, junction in enumerate(network.junctions):
        heads, flows = [], []
        for sign in (1.0, -1.0):
            with Project(network) as project:
                project.set_demands([k], [junction.demands[0].base_m3_per_s + sign * more] if junction.demands else [0])
                project.start()
                project.solve()
                heads.append(project.heads_m()[: len(sensors)])
                flows.append(project.flows_m3_per_s()[: len(network.pipes)])
        if not junction.demands:
            continue
        pattern = 0.4 if kind == "grid" else 1.0  # the demand set is multiplied by the first value of the day
        by_epanet = (heads[0] - heads[1]) / (2 * more * pattern)
        # EPANET solves to 1e-7 of the flows, which two differences of 2e-5 m3/s make about a percent of
        assert responds.heads_by_draw[:, k] == pytest.approx(by_epanet, abs=0.02 * np.abs(by_epanet).max())
        assert responds.flows_by_draw is not None
        moved = (flows[0] - flows[1]) / (2 * more * pattern)
        assert responds.flows_by_draw[:, k] == pytest.approx(moved, abs=0.02)


TWO_SOURCES = """[JUNCTIONS]
a 0 8
b 0 5
c 0 9
d 0 4
[RESERVOIRS]
r 50
s 48
[PIPES]
in r a 100 150 120
by s c 150 150 110
p a b 200 100 120
q b c 200 100 110
t b d 200 80 100
[OPTIONS]
UNITS CMH
ACCURACY 0.0000001
"""


def test_how_two_sources_share_a_draw_is_as_epanet_has_it() -> None:
    network = parse(TWO_SOURCES)
    base = field(network, *solved(network), ("d",), inlets=("by",))
    more = 2e-5
    row = [link.id for link in network.links.values()].index("by")
    for k, junction in enumerate(network.junctions):
        flows = []
        for sign in (1.0, -1.0):
            with Project(network) as project:
                project.set_demands([k], [junction.demands[0].base_m3_per_s + sign * more])
                project.start()
                project.solve()
                flows.append(project.flows_m3_per_s()[row])
        moved = (flows[0] - flows[1]) / (2 * more)
        assert 0.0 < moved < 1.0
        assert base.heads_by_draw[1, k] / FLOW_AS_HEAD == pytest.approx(moved, rel=0.01)  # as above


def test_an_error_of_the_inlet_itself_changes_its_flow_at_once() -> None:
    network = parse(TWO_SOURCES)
    heads_m, flows = solved(network)
    base = field(network, heads_m, flows, ("d",), inlets=("by",))
    for pipe in network.pipes:
        longer = replace(
            network,
            pipes=tuple(replace(p, length_m=p.length_m * 1.002) if p is pipe else p for p in network.pipes),
        )
        row = [link.id for link in network.links.values()].index("by")
        # the loss at a flow is 0.2 % more, so at the same loss the flow is smaller by 0.2 % / 1.852
        less = 0.002 / 1.852 * flows[[link.id for link in network.links.values()].index(pipe.id)]
        expected = -(solved(longer)[1][row] - flows[row]) / less
        found = base.heads_by_loss[1, [p.id for p in network.pipes].index(pipe.id)] / FLOW_AS_HEAD
        assert found == pytest.approx(expected, abs=0.01)


def test_the_smaller_of_two_shared_inlets_is_an_instrument_and_a_single_one_is_not() -> None:
    network = parse(TWO_SOURCES)
    flows = np.column_stack((np.full(3, 0.005), np.full(3, 0.002)))
    record = Record(np.array([0.0, 3600.0, 7200.0]), (), np.empty((3, 0)), ("in", "by"), flows)
    assert shared_inlets(network, record, find_districts(network, record)) == ("by",)
    alone = Record(record.times_s, (), np.empty((3, 0)), ("in",), flows[:, :1])
    assert shared_inlets(network, alone, find_districts(network, alone)) == ()


def test_metered_links_part_a_network_and_tanks_count() -> None:
    network = grid(3, tank=True)
    record = Record(
        times_s=np.array([0.0, 3600.0, 7200.0]),
        sensors=(),
        pressure_heads_m=np.empty((3, 0)),
        flow_links=("in", "up"),
        flows_m3_per_s=np.array([[0.010, 0.002], [0.010, 0.0], [0.010, 0.0]]),
        tanks=("t",),
        levels_m=np.array([[2.0], [2.1], [2.05]]),
    )
    districts = find_districts(network, record)
    low, high = (int(districts.of_junction[k]) for k in (0, len(network.junctions) - 1))
    inflows = districts.inflows_m3_per_s(record)
    assert inflows[:2, low] == pytest.approx([0.008, 0.010])
    area_m2 = np.pi * 81 / 4
    assert inflows[:2, high] == pytest.approx([0.002 - 0.1 * area_m2 / 3600, 0.05 * area_m2 / 3600])
    assert np.isnan(inflows[2, high])  # how the level goes on is not known


def test_the_twin_draws_what_was_measured() -> None:
    network = grid(4)
    leak = trial(network, random_sensors(network, 4, seed=1), A, seed=7)
    districts = find_districts(network, leak.observations)
    driven = twin.prepare(network, districts, leak.observations, known_m3_per_s={})
    flows = leak.observations.flows_m3_per_s[:, 0]
    assert driven.demands_m3_per_s.sum(axis=1) == pytest.approx(flows)
    course = twin.solve(driven, ("g0-0",), len(flows), whole={5})
    # EPANET's own balance at the accuracy asked for
    assert course.flows_m3_per_s[5][[p.id for p in driven.driven.pipes].index("in")] == pytest.approx(
        flows[5], rel=1e-4
    )


def test_a_known_leak_is_drawn_where_it_is_and_not_by_people() -> None:
    network = grid(4)
    leak = trial(network, random_sensors(network, 4, seed=1), A, seed=7)
    districts = find_districts(network, leak.observations)
    plain = twin.prepare(network, districts, leak.observations, known_m3_per_s={})
    known = twin.prepare(network, districts, leak.observations, known_m3_per_s={"x1-1": 0.001})
    people = plain.demands_m3_per_s.sum(axis=1) - known.demands_m3_per_s.sum(axis=1)
    assert people == pytest.approx(np.full(len(people), 0.001))
    with pytest.raises(UnknownElementError, match="nowhere"):
        twin.prepare(network, districts, leak.observations, known_m3_per_s={"nowhere": 0.001})


def test_the_rise_of_the_inflow_is_the_leak_whatever_the_rhythm() -> None:
    network = grid(4)
    leak = trial(network, random_sensors(network, 4, seed=1), A, seed=8)
    record = leak.observations
    districts = find_districts(network, record)
    nominal = twin.nominal_demands_m3_per_s(network, record.times_s, record.step_s)
    after = record.times_s >= leak.onset_s
    rise = rises(districts, record, nominal, ~after, after)
    assert abs(rise.mean_m3_per_s[0] - leak.size_m3_per_s) < 3.0 * rise.deviation_m3_per_s[0]
    assert rise.deviation_m3_per_s[0] < 0.05 * leak.size_m3_per_s + 0.02 * record.flows_m3_per_s.mean()


def test_noise_of_sensors_and_demands_is_told_apart() -> None:
    rng = np.random.default_rng(3)
    sensors, steps = 12, 400
    shape = rng.normal(0.0, 0.05, (sensors, 40))
    own_m = np.where(np.arange(sensors) == 4, 0.09, 0.03)
    seen = rng.normal(0.0, 0.15, (steps, 40)) @ shape.T + rng.normal(0.0, own_m, (steps, sensors))
    left = within(seen, np.empty((steps, 0)))
    noise = learn(left, np.zeros(steps, dtype=np.intp), (shape @ shape.T)[None], np.full((1, sensors, sensors), 1e-6))
    # 400 steps of 40 causes seen by 12 sensors; the search for the likeliest stops early
    assert noise.demand_ratio == pytest.approx(0.15, rel=0.15)
    assert np.median(noise.sensors_m) == pytest.approx(0.03, rel=0.3)
    assert noise.sensors_m.argmax() == 4
    assert noise.sensors_m[4] > 2.0 * np.median(noise.sensors_m)


def test_exact_responses_give_the_gaussian_likelihood() -> None:
    rng = np.random.default_rng(1)
    linear, value = rng.normal(size=(5, 4)), rng.normal(size=4)
    root = rng.normal(size=(4, 4))
    cov = root @ root.T + np.eye(4)
    sizes = np.array([0.1, 0.5, 2.0])
    exact = Responses(linear, np.zeros((5, 4)), 1.0, np.zeros((3, 4, 4)), np.array([0, 0, 1, 2, 2]))
    inverse = np.linalg.inv(cov)
    wanted = quadratic_evidence(linear @ inverse @ value, np.einsum("pi,ij,pj->p", linear, inverse, linear), sizes)
    assert log_likelihoods(value, cov, exact, sizes) == pytest.approx(wanted)


def test_uncertain_bent_responses_give_the_likelihood_of_their_own_covariance() -> None:
    rng = np.random.default_rng(2)
    linear, bent, value = rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), rng.normal(size=3)
    roots = rng.normal(size=(2, 3, 3))
    spread = roots @ roots.transpose(0, 2, 1)
    cov = np.diag([1.0, 2.0, 0.5])
    found = log_likelihoods(value, cov, Responses(linear, bent, 0.5, spread, np.arange(2)), np.array([0.3, 0.8]))
    for p in range(2):
        for k, size in enumerate((0.3, 0.8)):
            mean = size * linear[p] + (size / 0.5) ** 2 * bent[p]
            wanted = multivariate_normal(mean, cov + size**2 * spread[p]).logpdf(value)
            assert found[p, k] == pytest.approx(wanted - multivariate_normal(np.zeros(3), cov).logpdf(value))
