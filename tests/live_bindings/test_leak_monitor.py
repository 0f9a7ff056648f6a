"""The thread that looks for leaks: when it looks, and what health says of it."""

import contextlib
import threading
from pathlib import Path

import numpy as np
import pytest

from live_bindings.errors import HistoryError
from live_bindings.history.series import Window
from live_bindings.history.sqlite import SqliteSeries
from live_bindings.leak_monitor import BLIND_S, EVERY_S, LATE_LOOKS, FlowLeaps, LeakMonitor
from tests.twin.operations.conftest import make_site
from tests.twin.operations.leak_reports import with_water
from twin.index import SiteIndex, build
from twin.leaks.result import LeakReport
from twin.model.base import Text
from twin.model.devices import Channel, Device, DeviceKind
from twin.model.networks import LinkTie
from twin.operations.leak_watch import Followed, Measure, Memory
from twin.state import Readings


def metered_index() -> SiteIndex:
    """The yard with a meter in its main."""
    kind = DeviceKind(
        id="meter", name=Text(en="Meter"), system="water",
        channels=(Channel(id="flow", unit="m3_per_s", interval_s=60), Channel(id="volume", unit="m3", interval_s=60)),
    )  # fmt: skip
    site = with_water(make_site())
    network = site.networks[0].replace(links={**site.networks[0].links, "P0": LinkTie(device="wm", asset="meter")})
    meter = Device(id="wm", kind="meter", x_m=-20, y_m=-10, z_m=0)
    return build(site.replace(kinds=(*site.kinds, kind), devices=(*site.devices, meter), networks=(network,)))


class Broken(SqliteSeries):
    """A history that cannot be read while `broken`."""

    broken = True

    def window(self, channel: str, start_s: float, end_s: float) -> Window:
        if self.broken:
            raise HistoryError("the disk is gone")
        return super().window(channel, start_s, end_s)


class Listener:
    """What the monitor tells."""

    def __init__(self) -> None:
        self.reports: list[LeakReport] = []
        self.troubles: list[str | None] = []
        self.heard = threading.Event()

    def report(self, report: LeakReport, memory: Memory, _measure: Measure) -> Followed:
        self.reports.append(report)
        self.heard.set()
        return Followed((), memory, {}, {})

    def trouble(self, trouble: str | None) -> None:
        self.troubles.append(trouble)
        self.heard.set()

    def next(self) -> None:
        assert self.heard.wait(10)
        self.heard.clear()


def test_history_that_cannot_be_read_is_told_and_looked_at_again(tmp_path: Path) -> None:
    listener = Listener()
    with contextlib.closing(Broken(tmp_path / "history.db")) as history:
        monitor = LeakMonitor(
            metered_index(), history, clock=lambda: 1.8e9, on_report=listener.report, on_trouble=listener.trouble
        )
        monitor.start()
        listener.next()
        assert "the disk is gone" in (monitor.health().trouble or "")
        history.broken = False
        monitor.look()
        listener.next()
        assert monitor.health().trouble is None
        assert [r.status for r in listener.reports] == ["blind"]
        monitor.stop()
    assert len(listener.troubles) == 1


def test_monitor_that_has_not_looked_for_long_is_late(tmp_path: Path) -> None:
    now_s = [1.8e9]
    listener = Listener()
    with contextlib.closing(SqliteSeries(tmp_path / "history.db")) as history:
        monitor = LeakMonitor(
            metered_index(), history, clock=lambda: now_s[0], on_report=listener.report, on_trouble=listener.trouble
        )
        monitor.look()
        assert monitor.health().trouble is None
        now_s[0] += LATE_LOOKS * EVERY_S + 1
        assert "looked last at 2027-01-15" in (monitor.health().trouble or "")


@pytest.mark.parametrize(("speed", "every_s"), [(1.0, 300.0), (10.0, 30.0), (3600.0, 8.0)])
def test_faster_estate_is_looked_at_more_often(tmp_path: Path, speed: float, every_s: float) -> None:
    listener = Listener()
    with contextlib.closing(SqliteSeries(tmp_path / "history.db")) as history:
        monitor = LeakMonitor(
            metered_index(), history, clock=lambda: 1.8e9, on_report=listener.report, on_trouble=listener.trouble,
            speed=lambda: speed,
        )  # fmt: skip
        assert monitor.every_s == every_s


def test_monitor_that_saw_nothing_looks_again_soon(tmp_path: Path) -> None:
    listener = Listener()
    with contextlib.closing(SqliteSeries(tmp_path / "history.db")) as history:
        monitor = LeakMonitor(
            metered_index(), history, clock=lambda: 1.8e9, on_report=listener.report, on_trouble=listener.trouble
        )
        assert monitor.every_s == EVERY_S
        assert monitor.look().report.status == "blind"
        assert monitor.every_s == BLIND_S


def readings(index: SiteIndex, channel: str, *values: float) -> Readings:
    n = len(values)
    rows = np.full(n, index.row(channel), np.int32)
    return Readings(rows, np.linspace(1.8e9, 1.8e9 + 60.0 * n, n), np.array(values), np.zeros(n, np.uint8))


def test_flow_that_leaps_and_stays_is_seen_and_daily_life_is_not() -> None:
    index = metered_index()
    rng = np.random.default_rng(3)
    calm = (1.5e-3 * rng.gamma(2.0, 0.5, 400)).tolist()
    leaps = FlowLeaps(index, (index.row("wm:flow"), index.row("wm:volume")))
    alone = [leaps.seen_inplace(readings(index, "wm:flow", value)) for value in calm]
    assert sum(alone) <= 2
    assert not leaps.seen_inplace(readings(index, "wm:flow", 2e-2))  # one reading may be a fault
    assert leaps.seen_inplace(readings(index, "wm:flow", 2e-2))
    assert not leaps.seen_inplace(readings(index, "wm:volume", 900.0, 1900.0))
