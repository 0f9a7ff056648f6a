"""Drains that are blocked: water rises above, falls below, is found and named, and runs off afterwards."""

from pathlib import Path

import numpy as np
import pytest

import sample_sites
from sample_sites.simulator.drains import Drains
from sample_sites.simulator.incidents import Effects, start_inplace, stop_inplace
from sample_sites.simulator.manholes import blockable, manholes_of
from sample_sites.simulator.world import World, world_of
from twin.index import SiteIndex, build
from twin.model.networks import SiteNetwork
from twin.pipes.result import PipeFinding
from twin.pipes.served import serve
from twin.pipes.watch import watch
from twin.site_folder import read
from twin.state import Readings, State

HOUR = 10.0
STEP_S = 60.0


@pytest.fixture(scope="module")
def index() -> SiteIndex:
    return build(read(Path(sample_sites.__file__).parent / "riverside"))


@pytest.fixture(scope="module")
def network(index: SiteIndex) -> SiteNetwork:
    return next(n for n in index.site.networks if n.kind == "drainage")


class Life:
    """The drains alone, stepped by minutes."""

    def __init__(self, index: SiteIndex, network: SiteNetwork) -> None:
        self.world: World = world_of(index, seed=1)
        self.effects = Effects()
        self.drains = Drains(self.world, network)

    def lived(self, minutes: int) -> dict[str, float]:
        for _ in range(minutes):
            self.drains.step(self.world, self.effects, site_s=0.0, hour=HOUR, dt_s=STEP_S)
        return dict(self.drains.levels_m)


def _found(index: SiteIndex, network: SiteNetwork, world: World) -> tuple[PipeFinding, ...]:
    state = State(index.intervals_s)
    rows = np.flatnonzero(np.isfinite(world.truth)).astype(np.int32)
    state.apply(Readings(rows, np.full(len(rows), 1000.0), world.truth[rows], np.zeros(len(rows), np.uint8)))
    return watch(serve(index, network.id), state.snapshot(1001.0))


def test_a_day_without_a_blockage_has_no_finding(index: SiteIndex, network: SiteNetwork) -> None:
    life = Life(index, network)
    for hour in range(24):
        life.drains.step(life.world, life.effects, site_s=0.0, hour=float(hour), dt_s=STEP_S)
        assert _found(index, network, life.world) == ()


def test_every_blockage_that_can_be_begun_is_found_between_the_right_manholes(
    index: SiteIndex, network: SiteNetwork
) -> None:  # fmt: skip
    links = blockable(network)
    assert len(links) > 5
    for link in links:
        life = Life(index, network)
        life.lived(1)
        start_inplace(life.effects, index, "drain_blocked", f"{network.id}/{link}", 0.0)
        life.lived(5)
        (finding,) = _found(index, network, life.world)
        assert finding.kind == "blockage"
        assert f"{network.id}/{link}" in finding.objects


def test_above_a_blockage_water_rises_level_and_below_it_falls(index: SiteIndex, network: SiteNetwork) -> None:
    life = Life(index, network)
    usual = life.lived(2)
    start_inplace(life.effects, index, "drain_blocked", f"{network.id}/D-P16", 0.0)
    early, late = life.lived(5), life.lived(60)
    blocked = life.drains.levels_m
    assert late["D-W2"] > early["D-W2"] > usual["D-W2"]
    assert blocked["D-W1"] < usual["D-W1"]
    inverts_m = {m.id: m.invert_m for m in manholes_of(index.network(network.id)).values()}
    surfaces_m = [inverts_m[n] + late[n] for n in ("D-W2", "D-R2.1", "D-R2.2")]
    assert surfaces_m == pytest.approx([surfaces_m[0]] * 3, abs=1e-6)  # one pool


def test_what_stood_above_it_runs_off_when_it_is_cleared(index: SiteIndex, network: SiteNetwork) -> None:
    life = Life(index, network)
    usual = life.lived(2)
    place = start_inplace(life.effects, index, "drain_blocked", None, 0.0)
    life.lived(30)
    stop_inplace(life.effects, "drain_blocked", place)
    assert life.lived(60) == pytest.approx(usual, abs=1e-9)
    assert _found(index, network, life.world) == ()


def test_no_water_is_made_or_lost_while_a_pool_fills(index: SiteIndex, network: SiteNetwork) -> None:
    life = Life(index, network)
    life.lived(1)
    life.effects.blocked_drains.add((network.id, "D-P16"))
    life.lived(1)
    pool = life.drains.above("D-P16")

    def held() -> float:
        return life.drains.held_m3(pool, inverts_m + life.drains.levels_m["D-W2"])

    inverts_m = pool[0].invert_m
    before = held()
    life.lived(30)
    inflow = sum(m.inflow_m3_per_s for m in pool) * life.drains.rhythm_ratio * 1800.0
    # hardly anything seeps through: a ten-thousandth part of a full pipe
    assert held() - before == pytest.approx(inflow, rel=0.05)
