"""Devices report as real ones do: at their interval, on change, sometimes late, twice or not at all."""

from collections import Counter

import numpy as np

from sample_sites.simulator.instruments import Faults, Instruments
from sample_sites.simulator.world import World, world_of
from tests.sample_sites.simulator.small_site import small_index


def _world() -> World:
    world = world_of(small_index(), seed=5)
    world.truth[:] = 1.0
    return world


def test_every_channel_reports_within_its_interval() -> None:
    world = _world()
    instruments = Instruments(world, faults=Faults(0, 0, 0, 0))
    last: dict[int, float] = {}
    longest: dict[int, float] = {}
    for second in range(1, 2000):
        for sent in instruments.read(float(second), float(second)):
            longest[sent.row] = max(longest.get(sent.row, 0.0), second - last.get(sent.row, 0.0))
            last[sent.row] = second
    for c in world.index.channels:
        assert longest[c.row] <= max(11.0, c.channel.interval_s * 1.03 + 1.0)


def test_change_is_reported_at_once() -> None:
    world = _world()
    instruments = Instruments(world, faults=Faults(0, 0, 0, 0))
    for second in range(1, 30):
        instruments.read(float(second), float(second))
    row = world.index.row("camera-dome-1:status")
    world.truth[row] = 0.0
    assert [s.value for s in instruments.read(30.0, 30.0) if s.row == row] == [0.0]


def test_faults_come_at_their_rates_and_nothing_late_is_forgotten() -> None:
    world = _world()
    instruments = Instruments(world, faults=Faults(lost_ratio=0.05, late_ratio=0.05, late_s=40, double_ratio=0.05))
    seen: Counter[tuple[int, int]] = Counter()
    late = 0
    for second in range(1, 3000):
        for sent in instruments.read(float(second), float(second)):
            seen[sent.row, sent.sequence] += 1
            late += second - sent.time_s >= 40
    highest: dict[int, int] = {}
    for row, sequence in seen:
        highest[row] = max(highest.get(row, 0), sequence)
    total = sum(highest.values())
    assert 0.02 < 1 - len(seen) / total < 0.08  # lost
    assert 0.03 < late / total < 0.07
    assert 0.03 < sum(n > 1 for n in seen.values()) / total < 0.07


def test_values_show_the_resolution_of_the_device() -> None:
    world = _world()
    row = world.index.row("pt-ring:pressure")
    world.truth[row] = 312_345.6
    sent = [s.value for second in range(1, 200) for s in Instruments(world).read(float(second), 0.0) if s.row == row]
    assert sent
    assert np.allclose(np.mod(sent, 1000.0), 0.0)


def test_water_is_told_often_enough_for_hours_when_the_estate_is_in_a_hurry() -> None:
    world = _world()
    instruments = Instruments(world, faults=Faults(0, 0, 0, 0))
    instruments.read(1.0, 1.0)
    instruments.hurry(60.0, 1.0)
    last: dict[int, float] = {}
    longest: dict[int, float] = {}
    count: Counter[int] = Counter()
    for second in range(2, 400):
        for sent in instruments.read(float(second), float(second)):
            count[sent.row] += 1
            longest[sent.row] = max(longest.get(sent.row, 0.0), second - last.get(sent.row, 1.0))
            last[sent.row] = second
    water = [c for c in world.index.channels if c.kind.system == "water"]
    assert max(c.channel.interval_s for c in water) > 10.0
    for c in water:
        assert longest[c.row] * 60.0 <= 700.0  # ten minutes of the estate, and a tick
    # other devices keep to the clock on the wall
    slow = [c for c in world.index.channels if c.kind.system != "water" and c.channel.interval_s >= 60.0]
    assert slow
    for c in slow:
        assert count[c.row] <= 400.0 / c.channel.interval_s / 0.97 + 2
