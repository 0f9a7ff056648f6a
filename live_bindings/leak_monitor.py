"""Looks for leaks while readings arrive: its own thread, one look at a time, never in the way of the ingest.

Every `EVERY_S` of the site's time, and soon after a meter's flow leaps, it takes the window of readings, asks
`twin.leaks` and tells what came out. A look that fails or is late is told by `health` and tried again.
"""

import datetime as dt
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from live_bindings.errors import HistoryError
from live_bindings.history.series import SeriesStore
from live_bindings.leak_window import WarmWindow, window_of
from twin.index import SiteIndex
from twin.leaks.balance_course import BalanceCourse
from twin.leaks.model import LeakModel, prepare
from twin.leaks.repair import remaining
from twin.leaks.report import leaks
from twin.leaks.report import look as look_for_leaks
from twin.leaks.result import LeakReport
from twin.leaks.window import Window
from twin.operations.leak_watch import Followed, Measure, Memory
from twin.state import Readings

logger = logging.getLogger(__name__)

EVERY_S: Final = 300.0
SHORTEST_S: Final = 8.0
"""Looks are at least this far apart, whatever happens: an estate's burst is no faster."""
_BUSY_RATIO: Final = 0.1
"""Looking takes no more than this share of the time, however fast the estate lives."""
_LONG_S: Final = 30.0
"""The first look reads the whole window and takes long; the next need not wait for that."""
BLIND_S: Final = 10.0
"""A site that has just begun to report must not be called blind for five minutes."""
LATE_LOOKS: Final = 3.0
LEAP_M3_PER_S: Final = 1.0 / 3600
"""A flow that exceeds all it usually is by this much is worth a look at once."""
_LEAP_SPREADS: Final = 6.0
_SLOWLY: Final = 0.02
"""Weight of a new reading in the running mean: the memory is some fifty readings."""
_LEARNT: Final = 20


@dataclass(frozen=True, slots=True)
class MonitorHealth:
    """When it looked last, how long that took, and what is wrong."""

    at: dt.datetime | None = None
    took_s: float | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a look found, what it led to, and each district's balance behind it."""

    report: LeakReport
    followed: Followed
    courses: Mapping[str, BalanceCourse] = field(default_factory=dict)


OnReport = Callable[[LeakReport, Memory, Measure], Followed]


class FlowLeaps:
    """Tells when a flow leaps over what it has been; a cheap trigger, which decides nothing."""

    def __init__(self, index: SiteIndex, rows: tuple[int, ...]) -> None:
        n = len(index.channels)
        self._watched = np.zeros(n, np.bool_)
        self._watched[[r for r in rows if index.channels[r].channel.unit == "m3_per_s"]] = True
        self._mean = np.zeros(n)
        self._spread = np.zeros(n)
        self._count = np.zeros(n, np.int64)
        self._high = np.zeros(n, np.int64)

    def seen_inplace(self, readings: Readings) -> bool:
        """Take note of readings; whether a flow has leapt and stayed there for two readings."""
        leapt = False
        for i in np.flatnonzero(self._watched[readings.rows]).tolist():
            row, value = int(readings.rows[i]), float(readings.values[i])
            if not np.isfinite(value):
                continue
            count, mean, spread = int(self._count[row]), float(self._mean[row]), float(self._spread[row])
            above = value - mean > LEAP_M3_PER_S + _LEAP_SPREADS * spread
            self._high[row] = self._high[row] + 1 if above and count >= _LEARNT else 0
            leapt |= self._high[row] == 2
            weight = max(_SLOWLY, 1.0 / (count + 1))
            self._mean[row] = mean + weight * (value - mean)
            self._spread[row] = spread + weight * (abs(value - mean) - spread)
            self._count[row] = count + 1
        return leapt


class LeakMonitor:
    """The thread that looks for leaks. A resource: `start`, then `stop`.

    Parameters
    ----------
    on_report : told every report, in the monitor's thread; gives what it led to
    on_trouble : told what is wrong, and none when it is well again
    speed : how many times faster than its clock the estate lives; a simulator's, else 1
    """

    def __init__(
        self,
        index: SiteIndex,
        history: SeriesStore,
        *,
        clock: Callable[[], float],
        on_report: OnReport,
        on_trouble: Callable[[str | None], None],
        speed: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self._index = index
        self._model: LeakModel | None = None
        self._preparing = threading.Lock()
        self._history = history
        self._clock = clock
        self._on_report = on_report
        self._on_trouble = on_trouble
        self._speed = speed
        self._warm = WarmWindow(index)
        self._leaps: FlowLeaps | None = None
        self._last: Look | None = None
        self._health = MonitorHealth()
        self._looking = threading.Lock()
        self._looking_back = threading.Lock()
        self._soon = threading.Event()
        self._stopping = False
        self._began_s = clock()
        self._thread = threading.Thread(target=self._run, name="leak-monitor", daemon=True)

    @property
    def model(self) -> LeakModel:
        """The site's leak model; who asks first waits while it is made."""
        with self._preparing:
            if self._model is None:
                self._model = prepare(self._index)
                self._leaps = FlowLeaps(self._index, self._model.rows)
            return self._model

    @property
    def last(self) -> Look | None:
        """The last look; none before the first."""
        return self._last

    @property
    def every_s(self) -> float:
        """Time from look to look; shorter where a simulator runs the estate faster, or while nothing was seen. [s]"""
        blind = self._last is not None and self._last.report.status == "blind"
        return min(BLIND_S if blind else EVERY_S, max(self._shortest_s, EVERY_S / max(self._speed(), 1.0)))

    @property
    def _shortest_s(self) -> float:
        return max(SHORTEST_S, min(_LONG_S, (self._health.took_s or 0.0) / _BUSY_RATIO))

    def health(self) -> MonitorHealth:
        """How it does; late is trouble too."""
        found = self._health
        since_s = self._began_s if found.at is None else found.at.timestamp()
        if found.trouble is None and self._clock() - since_s > LATE_LOOKS * EVERY_S:
            said = "has not looked yet" if found.at is None else f"looked last at {found.at:%Y-%m-%d %H:%M:%SZ}"
            return MonitorHealth(found.at, found.took_s, f"the leak monitor {said}")
        return found

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End after the look at hand."""
        self._stopping = True
        self._soon.set()
        if self._thread.is_alive():
            self._thread.join()

    def note(self, readings: Readings) -> None:
        """New readings, from the ingest's thread."""
        self._warm.note(readings)
        if self._leaps is not None and self._leaps.seen_inplace(readings):
            logger.info("a flow has leapt: looking for leaks")
            self._soon.set()

    def look(self) -> Look:
        """Look for leaks as of now, in all readings that came; one look at a time.

        Raises
        ------
        HistoryError
            If the history cannot be read.
        """
        with self._looking:
            began_s, now_s = time.perf_counter(), self._clock()
            model = self.model
            window = self._warm.window(self._history, model.rows, start_s=now_s - model.window_s, end_s=now_s)
            looked = look_for_leaks(model, window, dt.datetime.fromtimestamp(now_s, dt.UTC))
            report = looked.report
            memory = Memory() if self._last is None else self._last.followed.memory
            followed = self._on_report(
                report, memory, lambda leak, since: remaining(model, window, leak, since.timestamp())
            )
            took_s = time.perf_counter() - began_s
            look = self._last = Look(report, followed, looked.courses)
            self._health = MonitorHealth(report.at, took_s)
            logger.debug("looked for leaks in %.0f ms: %d", took_s * 1000, len(report.leaks))
        return look

    def report_at(self, at: dt.datetime) -> LeakReport:
        """What would have been reported at a past moment, from the readings up to it.

        Raises
        ------
        HistoryError
            If the history cannot be read.
        """
        with self._looking_back:
            return leaks(self.model, self.window_at(at, self.model.rows), at)

    def window_at(self, at: dt.datetime, rows: Iterable[int]) -> Window:
        """The readings of some rows that the answer at a moment rests on.

        Raises
        ------
        HistoryError
            If the history cannot be read.
        """
        end_s = at.timestamp()
        return window_of(self._history, self._index, rows, end_s - self.model.window_s, end_s)

    def _run(self) -> None:
        troubled = False
        while not self._stopping:
            began_s = time.monotonic()
            self._soon.clear()
            try:
                self.look()
                if troubled:
                    self._on_trouble(None)
                troubled = False
            except HistoryError as error:
                troubled = self._fail(f"cannot look for leaks: {error}")
            except Exception:  # the monitor must outlive what one window does to it
                name = uuid.uuid4().hex
                logger.exception("leak monitor error %s", name)
                troubled = self._fail(f"cannot look for leaks: an error, see {name} in the log")
            self._rest(began_s)

    def _fail(self, trouble: str) -> bool:
        before = self._health
        self._health = MonitorHealth(before.at, before.took_s, trouble)
        self._on_trouble(trouble)
        return True

    def _rest(self, began_s: float) -> None:
        """Wait for the next look: a whole interval, or the shortest once a flow has leapt."""
        while not self._stopping:
            waited_s = time.monotonic() - began_s
            if waited_s >= self.every_s or (self._soon.is_set() and waited_s >= self._shortest_s):
                return
            if self._soon.is_set():
                time.sleep(0.1)  # soon, but not sooner than the shortest
            else:
                self._soon.wait(min(1.0, self.every_s - waited_s))
