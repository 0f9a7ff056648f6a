"""Keeps how fast a simulator runs the estate among its readings: an hour lived in a minute counts as an hour."""

import logging
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from live_bindings.errors import HistoryError
from live_bindings.history.series import Entries, SeriesStore
from twin.leaks.lived_time import HELD_S, PACE
from twin.state import Quality

logger = logging.getLogger(__name__)

_EVERY_S: Final = HELD_S / 3.0
"""As often as this the same pace is kept again: two may be lost before it is taken to have stopped."""


class PaceKeeper:
    """Writes the pace a simulator's status tells into the history; used in the writer's thread only."""

    def __init__(self, history: SeriesStore) -> None:
        self._history = history
        self._kept = (-math.inf, 1.0)

    def keep(self, status: Mapping[str, Any], now_s: float) -> None:
        """Keep what a status message says, if it is news.

        Parameters
        ----------
        status : with the simulator's clock ``t`` (epoch [s]) and its ``speed``
        now_s : what the clock says; a status left behind by an earlier simulator is old, and no news
        """
        said_s, speed = status.get("t"), status.get("speed")
        if not (isinstance(said_s, int | float) and isinstance(speed, int | float)) or not 0 < speed < math.inf:
            return
        kept_s, kept = self._kept
        if not abs(now_s - said_s) <= HELD_S or said_s <= kept_s or (speed == kept and said_s - kept_s < _EVERY_S):
            return
        entries = Entries(
            self._history.numbers([PACE]), np.array([said_s], float), np.array([speed], float),
            np.array([Quality.GOOD], np.uint8), np.zeros(1, np.int64),
        )  # fmt: skip
        try:
            self._history.append(entries)
        except HistoryError as error:
            # what is measured cannot be stored either, which is told; the next status comes in a second
            logger.warning("the simulator's pace is not kept: %s", error)
            return
        self._kept = (float(said_s), float(speed))
