"""Sensitivities against EPANET's own central differences, on every network there is and every kind of element."""

import numpy as np
import pytest

from pipe_network.errors import UnknownElementError
from pipe_network.hydraulics import States, Status, simulate, snapshot
from pipe_network.inp import parse
from pipe_network.model import Network
from pipe_network.sensitivity import prepare, sensitivities
from viewer.bench.leaks.differences import central_differences, closely, public_networks
from viewer.bench.replay import shared_data

PIPES = """\
[JUNCTIONS]
a 10 20
b 5 30
c 0 25
d 0 15
e 2 10
s 3 1
[RESERVOIRS]
r {head}
[PIPES]
ab a b 400 200 {rough}
bc b c 300 150 {rough} 2.5
ac a c 500 150 {rough}
de d e 200 100 {rough}
rs r s 50 300 {rough}
{more}
[OPTIONS]
UNITS CMH
HEADLOSS {law}
{options}
"""
SOURCE = "sa s a 100 250 {rough}\n"
JOIN = "cd c d 250 120 {rough}\n"


def network(more: str, *, law: str = "H-W", rough: str = "120", head: float = 60.0, options: str = "") -> Network:
    text = PIPES.format(head=head, rough=rough, more=more.replace("{rough}", rough), law=law, options=options)
    return closely(parse(text))


def share_within_one_percent(net: Network, states: States) -> tuple[float, int]:
    sensors = junctions = [j.id for j in net.junctions]
    ours = sensitivities(net, states, sensors)[0]
    peer = central_differences(net, sensors, junctions, ours)
    error = np.abs(ours - peer.values)[peer.are_smooth] / np.abs(peer.values[peer.are_smooth])
    return float(np.mean(error < 0.01)), int(peer.are_smooth.sum())


@pytest.mark.parametrize(("law", "rough"), [("H-W", "120"), ("D-W", "0.3"), ("C-M", "0.011")])
def test_every_head_loss_law_gives_epanet_s_differences(law: str, rough: str) -> None:
    net = network(SOURCE + JOIN, law=law, rough=rough)
    assert share_within_one_percent(net, simulate(net)) == (1.0, 36)


ELEMENTS = {
    "pump of one point": ("[PUMPS]\np s a HEAD 1\n[CURVES]\n1 150 40\n", 20.0, Status.OPEN),
    "pump of three points": ("[PUMPS]\np s a HEAD 1\n[CURVES]\n1 0 55\n1 120 40\n1 200 20\n", 20.0, Status.OPEN),
    "pump of many points": ("[PUMPS]\np s a HEAD 1\n[CURVES]\n1 0 55\n1 60 50\n1 130 35\n1 220 9\n", 20.0, Status.OPEN),
    "slower pump": ("[PUMPS]\np s a HEAD 1 SPEED 0.9\n[CURVES]\n1 150 40\n", 20.0, Status.OPEN),
    "pump of constant power": ("[PUMPS]\np s a POWER 15\n", 20.0, Status.OPEN),
    "PRV": ("[VALVES]\np s a 200 PRV 35\n", 60.0, Status.ACTIVE),
    "PRV wide open": ("[VALVES]\np s a 200 PRV 90 1.5\n", 60.0, Status.OPEN),
    "TCV": ("[VALVES]\np s a 200 TCV 30\n", 60.0, Status.ACTIVE),
    "PBV": ("[VALVES]\np s a 200 PBV 12\n", 60.0, Status.ACTIVE),
    "GPV": ("[VALVES]\np s a 200 GPV 7\n[CURVES]\n7 0 0\n7 50 2\n7 120 9\n7 300 40\n", 60.0, Status.OPEN),
}  # fmt: skip


@pytest.mark.parametrize("name", ELEMENTS)
def test_every_element_at_the_source_gives_epanet_s_differences(name: str) -> None:
    element, head, status = ELEMENTS[name]
    net = network(JOIN + element, head=head)
    states = simulate(net)
    assert states.statuses[0, states.link_ids.index("p")] == status
    share, pairs = share_within_one_percent(net, states)
    assert share == 1.0
    # of a node whose head is held nothing is compared, nor what happens behind it with what lies before
    assert pairs >= (16 if name == "PRV" else 25)


@pytest.mark.parametrize(
    "valve", ["v c d 100 PRV 30", "v c d 100 FCV 5", "v c d 100 PSV 58.95", "v c d 100 TCV 80", "v d c 100 PRV 90"]
)
def test_valves_between_districts_pass_on_what_is_drawn_behind_them(valve: str) -> None:
    loop = "" if "PRV 30" in valve else "bd b d 900 80 120\n"
    net = network(SOURCE + loop + f"[VALVES]\n{valve}\n")
    states = simulate(net)
    expected = Status.CLOSED if "PRV 90" in valve else Status.ACTIVE
    assert states.statuses[0, states.link_ids.index("v")] == expected
    share, compared = share_within_one_percent(net, states)
    assert share == 1.0
    # what a valve holds does not move, so at least the free nodes among each other are compared
    assert compared >= 16


def test_emitters_give_way() -> None:
    net = network(SOURCE + JOIN, options="EMITTER EXPONENT 0.6\n[EMITTERS]\nd 4\nb 2")
    assert share_within_one_percent(net, simulate(net)) == (1.0, 36)


def test_demands_that_need_pressure_give_way() -> None:
    net = network(SOURCE + JOIN, options="DEMAND MODEL PDA\nMINIMUM PRESSURE 5\nREQUIRED PRESSURE 70")
    states = simulate(net)
    ids = [j.id for j in net.junctions]
    asked = np.array([sum(d.base_m3_per_s for d in j.demands) for j in net.junctions])
    served = states.demands_m3_per_s[0, : len(ids)] / asked
    assert (served < 0.95).all()
    # of one more m3/s that is asked for, only so much is drawn
    ours = sensitivities(net, states, ids)[0] * served
    peer = central_differences(net, ids, ids, ours)
    np.testing.assert_allclose(ours[peer.are_smooth], peer.values[peer.are_smooth], rtol=0.01)
    assert peer.are_smooth.all()


def test_what_nothing_feeds_is_not_a_number_and_the_rest_is() -> None:
    net = network(SOURCE + "cd c d 250 120 {rough} 0 CLOSED\n")  # d and e are cut off
    at_a, at_e = sensitivities(net, simulate(net), ["a", "e"])[0]
    assert np.isnan(at_e).all()
    assert np.isnan(at_a[3:5]).all()
    assert (at_a[[0, 1, 2, 5]] < 0).all()


def test_sources_do_not_move_and_a_sensor_that_is_not_there_is_named() -> None:
    net = network(SOURCE + JOIN)
    states = simulate(net)
    assert (sensitivities(net, states, ["r"]) == 0.0).all()
    with pytest.raises(UnknownElementError, match="n999"):
        sensitivities(net, states, ["a", "n999"])


@pytest.mark.shared_data
def test_public_networks_answer_as_epanet_says() -> None:
    data = shared_data()
    compared = 0
    for name, found in public_networks(data):
        if len(found.junctions) > 1000:
            continue  # its course takes seconds; the benchmark has it
        net, rng = closely(found), np.random.default_rng(7)
        course = simulate(net, duration_s=min(net.times.duration_s, 86_400))
        still = snapshot(net, course, int(rng.integers(len(course.times_s))))
        ids = [j.id for j in net.junctions]
        sensors = [ids[k] for k in rng.choice(len(ids), size=min(8, len(ids)), replace=False)]
        draws = rng.choice(len(ids), size=min(8, len(ids)), replace=False)
        ours = sensitivities(still, simulate(still), sensors)[0][:, draws]
        peer = central_differences(still, sensors, [ids[k] for k in draws], ours)
        error = np.abs(ours - peer.values)[peer.are_smooth] / np.abs(peer.values[peer.are_smooth])
        # ky10's thirteen pumps of constant power leave EPANET itself undecided by more than that in places
        assert np.mean(error < 0.01) > 0.97, name
        compared += error.size
    assert compared > 200


@pytest.mark.shared_data
def test_a_snapshot_stands_as_the_course_stood() -> None:
    for name, net in public_networks(shared_data()):
        if name not in {"Net1", "Net3"}:
            continue
        course = simulate(closely(net))
        for row in (0, len(course.times_s) // 2, len(course.times_s) - 1):
            still = simulate(snapshot(closely(net), course, row))
            # EPANET's own rounding, over hundreds of pipes
            np.testing.assert_allclose(still.heads_m[0], course.heads_m[row], atol=0.02, err_msg=name)


def test_one_structure_serves_many_states() -> None:
    net = network(JOIN + "[VALVES]\np s a 200 PRV 35\n")
    structure = prepare(net)
    both = [simulate(net), simulate(network(JOIN + "[VALVES]\np s a 200 PRV 90\n"))]
    for states in both:
        np.testing.assert_allclose(sensitivities(structure, states, ["c"]), sensitivities(net, states, ["c"]))
    assert len(structure.systems) == 2
