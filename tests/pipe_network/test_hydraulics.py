"""Courses of networks whose controls turn valves: a moment of them stands as it stood, and its slopes are EPANET's."""

import numpy as np
import pytest

from pipe_network.hydraulics import Status, has_setting, simulate, snapshot
from pipe_network.inp import parse
from pipe_network.sensitivity import sensitivities
from viewer.bench.leaks.differences import central_differences, closely

TURNED = """\
[JUNCTIONS]
a 10 20
b 5 30
c 0 25
d 0 15
e 2 10
s 3 1
[RESERVOIRS]
r 60
[PIPES]
ab a b 400 200 120
bc b c 300 150 120 2.5
ac a c 500 150 120
de d e 200 100 120
rs r s 50 300 120
cd c d 250 120 120
bd b d 900 80 120
[VALVES]
{valves}
[CONTROLS]
LINK v {change} AT TIME 2
[TIMES]
DURATION 4:00
HYDRAULIC TIMESTEP 1:00
[OPTIONS]
UNITS CMH
HEADLOSS H-W
"""
GPV = "7\n[CURVES]\n7 0 0\n7 50 2\n7 120 9\n7 300 40"
CASES = {
    "TCV throttled": ("v s a 200 TCV 10", "150"),
    "TCV opened": ("v s a 200 TCV 50 1", "OPEN"),
    "TCV closed": ("w s a 200 TCV 10\nv b d 100 TCV 5", "CLOSED"),
    "TCV put to work": ("v s a 200 TCV 20 2\n[STATUS]\nv OPEN", "80"),
    "PRV lowered": ("v s a 200 PRV 35", "25"),
    "PRV opened": ("v s a 200 PRV 35 2", "OPEN"),
    "PBV raised": ("v s a 200 PBV 5", "15"),
    "PBV opened": ("v s a 200 PBV 5 3", "OPEN"),
    "FCV lowered": ("w s a 200 TCV 1\nv e b 100 FCV 5", "2"),
    "GPV closed": (f"w s a 200 TCV 1\nv b d 100 GPV {GPV}", "CLOSED"),
    "GPV said to be open": (f"v s a 200 GPV {GPV}\n[STATUS]\nv OPEN", "OPEN"),
}


@pytest.mark.parametrize("name", CASES)
def test_valves_that_controls_turn_are_as_they_are_at_the_moment(name: str) -> None:
    valves, change = CASES[name]
    net = closely(parse(TURNED.format(valves=valves, change=change)))
    course = simulate(net)
    ids = [j.id for j in net.junctions]
    ours = sensitivities(net, course, ids)
    for row in (0, len(course.times_s) - 1):
        still = snapshot(net, course, row)
        # the course is in single precision, and so are the demands the snapshot repeats
        np.testing.assert_allclose(simulate(still).heads_m[0], course.heads_m[row], atol=1e-3)
        peer = central_differences(still, ids, ids, ours[row])
        assert peer.are_smooth.sum() >= 20
        np.testing.assert_allclose(ours[row][peer.are_smooth], peer.values[peer.are_smooth], rtol=0.01)


def test_what_a_control_fixed_has_no_setting() -> None:
    course = simulate(parse(TURNED.format(valves="v s a 200 PRV 35", change="OPEN")))
    valve = course.link_ids.index("v")
    assert has_setting(course.settings[[0, -1], valve]).tolist() == [True, False]
    assert course.statuses[[0, -1], valve].tolist() == [Status.ACTIVE, Status.OPEN]
    assert course.are_open[:, valve].all()
