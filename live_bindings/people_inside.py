"""Follows how many people are in each building, from what counters said before the start on."""

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from live_bindings.history.series import Window
from twin.evacuation.occupancy import Building, Inside, buildings, follow
from twin.index import SiteIndex
from twin.state import Quality, StateSnapshot

PAST_S: Final = 86_400.0
"""So far back counters are read at the start: what was before is outweighed by what is usual."""
_STEP_S: Final = 300.0
_SILENT_INTERVALS: Final = 3.0


class LiveInside:
    """The people of each building as of now. Methods may be called from any thread.

    Parameters
    ----------
    past : readings of a channel between two times, as a history has them
    """

    def __init__(self, index: SiteIndex, past: Callable[[str, float, float], Window]) -> None:
        self._index = index
        self._past = past
        self._lock = threading.Lock()
        self._now: Mapping[str, Inside] = MappingProxyType({})

    @cached_property
    def buildings(self) -> Mapping[str, Building]:
        """How the people of each building are told."""
        return {building.id: building for building in buildings(self._index)}

    @property
    def now(self) -> Mapping[str, Inside]:
        """By building; none before the first look."""
        return self._now

    def look(self, state: StateSnapshot, alarmed: Mapping[str, float]) -> Mapping[str, Inside]:
        """Follow up to a state.

        Parameters
        ----------
        alarmed : since when each building that is on alarm is so; epoch [s]
        """
        with self._lock:
            if not self._now:
                self._replay(state.now_s, alarmed)
            self._now = self._after(state, alarmed)
            return self._now

    def _after(self, state: StateSnapshot, alarmed: Mapping[str, float]) -> Mapping[str, Inside]:
        local = dt.datetime.fromtimestamp(state.now_s, ZoneInfo(self._index.site.time_zone))
        hour = local.hour + local.minute / 60.0 + local.second / 3600.0
        return {
            name: follow(building, self._now.get(name), state, hour=hour, alarm_s=alarmed.get(name))
            for name, building in self.buildings.items()
        }

    def _replay(self, now_s: float, alarmed: Mapping[str, float]) -> None:
        """What counters said on the day before the start, some minutes at a time; without readings, nothing."""
        channels = self._index.channels
        rows = sorted({r for b in self.buildings.values() for c in b.counters for r in (c.entered, c.left)})
        told = {row: self._past(channels[row].id, now_s - PAST_S, now_s) for row in rows}
        firsts = [window.times_s[0] for window in told.values() if len(window)]
        if not firsts:
            return
        values, times_s = np.full(len(channels), np.nan), np.zeros(len(channels))
        quality = np.full(len(channels), Quality.NEVER, dtype=np.uint8)
        for at_s in np.arange(min(firsts), now_s, _STEP_S).tolist():
            for row, window in told.items():
                k = int(np.searchsorted(window.times_s, at_s, side="right")) - 1
                if k >= 0:
                    values[row], times_s[row] = window.values[k], window.times_s[k]
                    late = at_s - times_s[row] > max(_STEP_S, _SILENT_INTERVALS * channels[row].channel.interval_s)
                    quality[row] = Quality.STALE if late else window.quality[k]
            state = StateSnapshot(at_s, values, times_s, quality)
            self._now = self._after(state, {b: since_s for b, since_s in alarmed.items() if since_s <= at_s})
