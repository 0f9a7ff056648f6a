"""Follows what cameras cover while they come and go: the answer as of now, and what is lost.

The answer is kept until a camera goes down or comes up, or a vehicle comes or goes where a detector tells of it; then
only what that changes is looked at again.
"""

import logging
import threading
import uuid
from collections.abc import Callable
from typing import Final

import numpy as np

from geometry.sun import sun_elevation_deg
from twin.coverage.check import CameraCoverage, camera_coverage, offline, status_rows
from twin.coverage.kinds import KindAnswer, kind_coverage
from twin.coverage.lost import Lost, lost
from twin.coverage.night import night_light
from twin.coverage.prepared import Prepared, prepare
from twin.coverage.standing import vehicles
from twin.index import SiteIndex
from twin.operations.coverage_watch import CoverageMemory
from twin.state import StateSnapshot

logger = logging.getLogger(__name__)

EVERY_S: Final = 10.0
KIND_HELD_S: Final = 10.0
DUSK_DEG: Final = -6.0
"""The sun so high ends civil twilight: lamps should shine from then on."""

OnLost = Callable[[tuple[Lost, ...], CoverageMemory], CoverageMemory]


class LiveCoverage:
    """The answer as of now. Methods may be called from any thread; one of them reckons at a time."""

    def __init__(self, index: SiteIndex) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._nominal: CameraCoverage | None = None
        self._quick: CameraCoverage | None = None
        self._told: tuple[CameraCoverage, CameraCoverage] | None = None
        self._lost: tuple[Lost, ...] = ()
        self._kinds: dict[str, tuple[float, KindAnswer]] = {}

    @property
    def nominal(self) -> CameraCoverage:
        """The answer with every camera up and nothing standing about; who asks first waits while it is made."""
        with self._lock:
            return self._base()

    def at(self, state: StateSnapshot) -> CameraCoverage:
        """The answer in a state, gaps and their reasons included."""
        with self._lock:
            return self._explained(state, self._at(state))

    def lost_at(self, state: StateSnapshot) -> tuple[Lost, ...]:
        """Requirements that are met with everything up and are not met in a state."""
        with self._lock:
            before, now = self._quick, self._at(state)
            if now is not before:
                is_lost = any(a.is_met and not b.is_met for a, b in zip(self._base().places, now.places, strict=True))
                self._lost = lost(self._base(), self._explained(state, now)) if is_lost else ()
            return self._lost

    def kind_at(self, kind: str, state: StateSnapshot) -> KindAnswer:
        """The answer for another kind than cameras; one not older than `KIND_HELD_S` is taken as it is."""
        with self._lock:
            held = self._kinds.get(kind)
            if held is None or state.now_s - held[0] > KIND_HELD_S:
                held = self._kinds[kind] = state.now_s, kind_coverage(self._base().of, kind, state)
            return held[1]

    def _base(self) -> CameraCoverage:
        if self._nominal is None:
            self._nominal = camera_coverage(prepare(self._index))
        return self._nominal

    def _at(self, state: StateSnapshot) -> CameraCoverage:
        """The answer but for the gaps of what has changed, which take longer than all the rest."""
        last = self._base() if self._quick is None else self._quick
        prepared = self._standing(last.of, state)
        is_same = prepared is last.of and offline(self._index, last.cameras, state) == last.offline
        if is_same and self._shine_as(last, state):
            self._quick = last
        else:
            self._quick = camera_coverage(prepared, state, before=last, by_day=self._by_day(state), explain=False)
        return self._quick

    def _explained(self, state: StateSnapshot, quick: CameraCoverage) -> CameraCoverage:
        if quick is self._nominal:
            return quick
        if self._told is None or self._told[0] is not quick:
            self._told = quick, camera_coverage(quick.of, state, before=quick, by_day=self._by_day(state))
        return self._told[1]

    def _by_day(self, state: StateSnapshot) -> bool:
        """Whether lamps may be off because nobody needs them."""
        origin = self._index.site.origin
        return sun_elevation_deg(origin.lon_deg, origin.lat_deg, at_s=state.now_s) > DUSK_DEG

    def _shine_as(self, last: CameraCoverage, state: StateSnapshot) -> bool:
        """Whether lamps give what they gave, as far as cameras live on them."""
        night = last.sight.night
        if night is None:
            return True
        by_day = self._by_day(state)
        return night_light(last.of, state, least_lx=night.least_lx, by_day=by_day, before=night) is night

    def _standing(self, last: Prepared, state: StateSnapshot) -> Prepared:
        """What the last answer stood on with the vehicles as they are now."""
        there = vehicles(self._index, state)
        if set(there) == set(last.standing_ids):
            return last
        gone = set(last.standing_ids) - set(there)
        kept = last.without_standing(gone) if gone else last
        come = [device for device in there if device not in kept.standing_ids]
        return kept.with_standing(*(there[device] for device in come), ids=come) if come else kept


class CoverageMonitor:
    """The thread that looks at what is covered. A resource: `start`, then `stop`.

    Parameters
    ----------
    latest : the state now
    on_lost : told every look, in the monitor's thread; gives what to remember
    """

    def __init__(self, index: SiteIndex, *, latest: Callable[[], StateSnapshot], on_lost: OnLost) -> None:
        self.live = LiveCoverage(index)
        self._has_cameras = any(kind.reaches == "camera" for kind in index.kinds.values())
        self._index = index
        self._latest = latest
        self._on_lost = on_lost
        self._began_s: float | None = None
        self._memory = CoverageMemory()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="coverage-monitor", daemon=True)

    def start(self) -> None:
        """Begin to look, where there is anything to look at."""
        if self._has_cameras:
            self._thread.start()

    def stop(self) -> None:
        """End after the look at hand."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> None:
        """Look once at the state as it is; not before cameras that were up have had the time to say so again."""
        latest = self._latest()
        self._began_s = latest.now_s if self._began_s is None else self._began_s
        rows = status_rows(self._index)
        waits = bool((latest.times_s[rows] < self._began_s).any()) and bool(np.isfinite(latest.times_s[rows]).any())
        longest_s = 3.0 * float(self._index.intervals_s[rows].max(initial=0.0))
        if waits and latest.now_s - self._began_s < longest_s:
            return
        self._memory = self._on_lost(self.live.lost_at(latest), self._memory)

    def _run(self) -> None:
        while not self._stopping.wait(EVERY_S):
            try:
                self.look()
            except Exception:  # the monitor must outlive what one state does to it
                logger.exception("coverage monitor error %s", uuid.uuid4().hex)
