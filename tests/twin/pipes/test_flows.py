"""Which way water runs: by the model's usual day, by meters, by the fall of drains."""

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pytest

from tests.twin.riverside_in_small import small_site
from twin.index import build
from twin.model.networks import LinkTie, NetworkKind, NodeTie, SiteNetwork
from twin.pipes.flows import PipeFlow, flows_now
from twin.pipes.served import ServedNetwork, serve
from twin.state import Readings, State, StateSnapshot

NOON = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)
"""Noon in Shanghai."""
INP = """[JUNCTIONS]
a 0
b 0 3.6 day
[RESERVOIRS]
r 30
[PIPES]
backwards a r 10 100 130
to-b a b 10 50 130
dead a c 10 50 130
[JUNCTIONS]
c 0
[PATTERNS]
day 0 0 0 0 0 0 1 1 1 1 1 1 2 2 2 2 2 2 1 1 1 1 0 0
[TIMES]
DURATION 24
[OPTIONS]
UNITS CMH
[COORDINATES]
a 0 0
b 9 0
c 0 9
r -9 0
[END]
"""


def network(kind: NetworkKind = "domestic_water", links: Mapping[str, LinkTie] | None = None) -> ServedNetwork:
    made = SiteNetwork(id="water", kind=kind, inp=INP, links=dict(links or {}), nodes={"b": NodeTie(asset="outfall")})
    return serve(build(small_site().replace(networks=(made,))), "water")


def flows(of: ServedNetwork, at: dt.datetime = NOON, latest: StateSnapshot | None = None) -> dict[str, PipeFlow]:
    snapshot = State(of.index.intervals_s).snapshot(at.timestamp()) if latest is None else latest
    return {f.pipe: f for f in flows_now(of, snapshot, at).items}


def test_water_runs_as_on_the_usual_day_at_this_time_whichever_way_a_pipe_was_drawn() -> None:
    told = flows(network())
    assert {name: f.way for name, f in told.items()} == {"water/backwards": -1, "water/to-b": 1, "water/dead": 0}
    # 7.2 m3/h through 50 mm; EPANET writes flows in single precision
    assert told["water/to-b"].flow_m3_per_s == pytest.approx(7.2 / 3600, rel=1e-4)
    assert told["water/to-b"].velocity_m_per_s == pytest.approx(7.2 / 3600 / (np.pi / 4 * 0.05**2), rel=1e-3)
    assert not any(f.measured for f in told.values())


def test_water_stands_in_the_hours_in_which_nobody_draws() -> None:
    midnight = dt.datetime(2026, 3, 1, 16, 30, tzinfo=dt.UTC)
    assert {f.way for f in flows(network(), midnight).values()} == {0}


def test_a_meter_of_its_own_tells_more_than_the_model() -> None:
    site_meter = next(d.id for d in small_site().devices if d.kind == "water-meter")
    of = network(links={"backwards": LinkTie(device=site_meter)})
    row = of.index.rows[f"{site_meter}:flow"]
    state = State(of.index.intervals_s)
    state.apply(
        Readings(np.array([row], np.int32), np.array([NOON.timestamp()]), np.array([0.0005]), np.zeros(1, np.uint8))
    )
    told = flows(of, latest=state.snapshot(NOON.timestamp()))["water/backwards"]
    assert (told.way, told.flow_m3_per_s, told.measured) == (-1, 0.0005, True)


def test_a_drain_runs_to_its_outfall_and_a_duct_nowhere() -> None:
    drain = flows(network("drainage"))
    assert drain["water/to-b"].way == 1
    assert drain["water/to-b"].flow_m3_per_s is None
    assert {f.way for f in flows(network("telecom_duct")).values()} == {0}
