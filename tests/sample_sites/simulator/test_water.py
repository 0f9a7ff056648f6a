"""Water in the simulated estate is conserved, and incidents act through the physics."""

from collections.abc import Iterator

import numpy as np
import pytest

from sample_sites.simulator.incidents import Effects
from sample_sites.simulator.water import NetworkModel
from sample_sites.simulator.world import World, world_of
from tests.sample_sites.simulator.small_site import small_index

TANK_AREA_M2 = np.pi * 4.0**2 / 4


class Running:
    """A network that runs at noon."""

    def __init__(self) -> None:
        index = small_index()
        self.world: World = world_of(index, seed=3)
        self.effects = Effects()
        self.model = NetworkModel(self.world, index.site.networks[0])
        self.site_s = 0.0

    def run(self, seconds: float, *, hour: float = 12.0) -> None:
        for _ in range(int(seconds / 10)):
            self.site_s += 10.0
            self.model.step(self.world, self.effects, site_s=self.site_s, hour=hour, dt_s=10.0)


@pytest.fixture
def running() -> Iterator[Running]:
    run = Running()
    run.run(60)
    yield run
    run.model.close()


def _volumes(world: World) -> dict[str, float]:
    return {name: world.get(name, "volume") for name in ("wm-inlet", "wm-1", "wm-2")}


def test_flats_and_tank_sum_to_the_inlet(running: Running) -> None:
    world = running.world
    before, level = _volumes(world), world.get("tank-roof", "level")
    running.run(3600)
    after, risen_m = _volumes(world), world.get("tank-roof", "level") - level
    drawn = after["wm-1"] - before["wm-1"] + after["wm-2"] - before["wm-2"]
    stored = risen_m * TANK_AREA_M2
    # the level is read at the start of a 30 s step, the meters run to its end
    assert after["wm-inlet"] - before["wm-inlet"] == pytest.approx(drawn + stored, abs=30 * 8e-3)
    assert drawn > 0


def test_flat_meters_rest_most_of_the_time(running: Running) -> None:
    resting = 0
    for _ in range(120):
        running.run(30, hour=15.0)
        resting += running.world.get("wm-1", "flow") < 1e-6  # below the start of the meter
    assert 60 < resting < 120


def test_burst_lowers_the_ring_and_raises_the_inlet_at_once(running: Running) -> None:
    world = running.world
    pressure, flow = world.get("pt-ring", "pressure"), world.get("wm-inlet", "flow")
    running.effects.leaks_m3_per_s["water", "ring-1"] = 15e-3
    running.run(10)
    assert world.get("pt-ring", "pressure") < pressure - 10e3
    assert world.get("wm-inlet", "flow") > flow + 1e-4
    level = world.get("tank-roof", "level")
    running.run(120)
    # the roof tank feeds the hole too: 15 L/s at 30 m of head leave the estate one way or the other
    assert (level - world.get("tank-roof", "level")) * TANK_AREA_M2 / 120 + world.get("wm-inlet", "flow") > 13e-3
    running.effects.leaks_m3_per_s.clear()
    running.run(10)
    assert world.get("pt-ring", "pressure") == pytest.approx(pressure, abs=40e3)


def test_leak_in_a_flat_never_lets_its_meter_rest(running: Running) -> None:
    running.effects.flat_leaks_m3_per_s["tower-1/f2/201"] = 2e-5
    for _ in range(40):
        running.run(30, hour=3.0)
        assert running.world.get("wm-1", "flow") >= 2e-5 * 0.999


def test_shut_taps_stop_the_meter(running: Running) -> None:
    running.effects.shut_taps.add("tower-1/f3/301")
    running.run(60)
    volume = running.world.get("wm-2", "volume")
    running.run(3600, hour=7.0)
    assert running.world.get("wm-2", "volume") == pytest.approx(volume, abs=1e-3)


def test_failed_pump_reports_it_and_its_standby_starts(running: Running) -> None:
    assert running.world.get("pump-a", "state") == 1.0
    running.effects.failed_pumps.add("pump-a")
    running.run(60)
    assert running.world.get("pump-a", "state") == 2.0
    assert running.world.get("pump-b", "state") == 1.0
    assert running.world.get("pt-ring", "pressure") > 100e3
