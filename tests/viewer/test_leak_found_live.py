"""A leak that begins while a visitor watches: generated days, then the simulator faster than the clock, then the alarm.

The path of `plumbline demo --with-history` in one process: messages as gateways send them, the history, the monitor.
"""

import contextlib
import json
from collections.abc import Iterator

import numpy as np
import pytest

from live_bindings.bindings import Bindings, Decoded
from live_bindings.history.series import Entries
from live_bindings.history.sqlite import SqliteSeries
from live_bindings.leak_monitor import LeakMonitor
from live_bindings.leak_pace import PaceKeeper
from sample_sites.generator.estate import generate
from sample_sites.generator.plan import EstatePlan
from sample_sites.simulator.models import all_models
from sample_sites.simulator.run import Simulation
from twin.index import SiteIndex, build
from twin.leaks.result import Leak, LeakReport
from twin.operations.leak_watch import Followed, Measure, Memory
from viewer.generated_past import last_registers, read_mark, write_past

END_S = 1_770_300_000.0
SPEED = 240.0
TICK_S = 2.5
"""Of the clock on the wall: ten minutes of the estate."""
HOUR_TICKS = round(3600.0 / SPEED / TICK_S)


class Demo:
    """The estate, and the engine that watches it."""

    def __init__(self, index: SiteIndex, history: SqliteSeries, simulation: Simulation) -> None:
        self.now_s = END_S + 20.0
        self._history, self._simulation = history, simulation
        self._bindings, self._pace = Bindings(index), PaceKeeper(history)
        self._numbers = history.numbers([c.id for c in index.channels])
        self._monitor = LeakMonitor(
            index, history, clock=lambda: self.now_s, on_report=_not_followed, on_trouble=lambda _: None
        )

    def begin(self, incident: str, target: str) -> None:
        command = {"action": "start", "incident": incident, "target": target}
        assert self._simulation.command(json.dumps(command).encode())

    def live(self, hours: float) -> None:
        for _ in range(round(hours * HOUR_TICKS)):
            self.now_s += TICK_S
            decoded = Decoded()
            for message in self._simulation.tick(self.now_s):
                self._bindings.decode(message.topic, message.payload, arrived_s=self.now_s, into=decoded)
            readings = decoded.readings()
            sequences = np.array(decoded.sequences, np.int64)
            rows = self._numbers[readings.rows]
            self._history.append(Entries(rows, readings.times_s, readings.values, readings.quality, sequences))
            self._pace.keep(json.loads(self._simulation.status().payload), self.now_s)
            self._monitor.note(readings)

    def leaks(self) -> tuple[Leak, ...]:
        return self._monitor.look().report.leaks


def _not_followed(_report: LeakReport, memory: Memory, _measure: Measure) -> Followed:
    return Followed((), memory, {}, {})


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    index = build(generate(EstatePlan(towers=2, storeys=3)))
    data = tmp_path_factory.mktemp("live")
    write_past(index, data, end_s=END_S, days=4.0, seed=10)
    mark = read_mark(data)
    assert mark is not None
    assert mark.leaking is not None
    with contextlib.closing(SqliteSeries(data / "history.db")) as history, Simulation(
        index, all_models, start_s=END_S + 20.0, speed=SPEED, registers=last_registers(index, data)
    ) as simulation:  # fmt: skip
        demo = Demo(index, history, simulation)
        demo.begin("riser_leak", mark.leaking)
        yield demo


def test_leak_of_the_generated_days_goes_on_and_new_ones_are_found_within_hours_of_the_estate(demo: Demo) -> None:
    demo.live(1.0)
    (old,) = demo.leaks()
    demo.begin("riser_leak", "T1-LR2")
    demo.begin("flat_leak", "tower-1/f2/201")
    began_s = demo.now_s
    demo.live(3.0)
    # three hours indoors may be a filling or a flushing still
    assert [leak.id.rpartition("/")[0] for leak in demo.leaks()] == [old.id.rpartition("/")[0]]
    demo.live(5.0)
    found = {candidate.id: leak for leak in demo.leaks() for candidate in leak.candidates}
    new = found["domestic-water/T1-LR2"]
    assert new.size_m3_per_s == pytest.approx(0.25e-3, rel=0.25)  # an orifice, under the pressures of the day
    # an hour of the estate is 15 s of the clock by which its beginning is told
    assert abs(new.onset_at.timestamp() - began_s) < 3600.0 / SPEED * 2
    assert found[old.candidates[0].id].size_m3_per_s == pytest.approx(old.size_m3_per_s, rel=0.25)
    demo.live(18.0)
    found = {candidate.id: leak for leak in demo.leaks() for candidate in leak.candidates}
    assert found["tower-1/f2/201"].size_m3_per_s == pytest.approx(0.02e-3, rel=0.25)
    # and nobody else is suspected
    assert len(demo.leaks()) == 3
