"""The readings that are stored but not yet folded into chunks, mirrored in memory as columns."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from live_bindings.history.chunks import HOUR_MS, Columns


class Tail:
    """Growing columns; prepared state of the history's writer."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self.clear()

    def clear(self) -> None:
        """Forget all of it."""
        self._n = 0
        self._keys = np.empty((3, self._capacity), np.int64)  # channel, time, sequence
        self._values = np.empty(self._capacity, np.float64)
        self._quality = np.empty(self._capacity, np.uint8)

    def __len__(self) -> int:
        return self._n

    @property
    def channels(self) -> NDArray[np.int64]:
        """(n,) channel numbers."""
        return self._keys[0, : self._n]

    @property
    def times_ms(self) -> NDArray[np.int64]:
        """(n,) epoch. [ms]"""
        return self._keys[1, : self._n]

    @property
    def sequences(self) -> NDArray[np.int64]:
        """(n,) sequence numbers."""
        return self._keys[2, : self._n]

    def load(self, rows: Sequence[tuple[int, int, int, float, int]]) -> None:
        """Take rows as the file holds them."""
        if rows:
            channels, times_ms, sequences, values, quality = zip(*rows, strict=True)
            self.extend(
                np.array(channels, np.int64),
                np.array(times_ms, np.int64),
                np.array(sequences, np.int64),
                np.array(values, np.float64),
                np.array(quality, np.uint8),
            )

    def extend(
        self,
        channels: NDArray[np.int64],
        times_ms: NDArray[np.int64],
        sequences: NDArray[np.int64],
        values: NDArray[np.float64],
        quality: NDArray[np.uint8],
    ) -> None:
        """Add readings."""
        end = self._n + len(channels)
        if end > len(self._values):
            more = max(end - len(self._values), self._capacity)
            self._keys = np.concatenate((self._keys, np.empty((3, more), np.int64)), axis=1)
            self._values = np.concatenate((self._values, np.empty(more)))
            self._quality = np.concatenate((self._quality, np.empty(more, np.uint8)))
        here = slice(self._n, end)
        self._keys[0, here], self._keys[1, here], self._keys[2, here] = channels, times_ms, sequences
        self._values[here], self._quality[here] = values, quality
        self._n = end

    def keys(self, channels: NDArray[np.int64], first_ms: int, last_ms: int) -> set[tuple[int, int, int]]:
        """(channel, time, sequence) of the readings of these channels between two times, both included."""
        near = (self.times_ms >= first_ms) & (self.times_ms <= last_ms)
        near &= np.isin(self.channels, np.unique(channels))
        return set(zip(*(k[near].tolist() for k in (self.channels, self.times_ms, self.sequences)), strict=True))

    def by_hour(self) -> list[tuple[int, int, Columns]]:
        """(channel, hour, readings) of each channel and hour there is, readings in order of time and sequence."""
        if self._n == 0:
            return []
        hours = self.times_ms // HOUR_MS
        order = np.lexsort((self.sequences, self.times_ms, self.channels))
        channel, hour = self.channels[order], hours[order]
        cuts = np.flatnonzero((np.diff(channel) != 0) | (np.diff(hour) != 0)) + 1
        starts, ends = [0, *cuts.tolist()], [*cuts.tolist(), self._n]
        columns = Columns(
            self.times_ms[order], self.sequences[order], self._values[: self._n][order], self._quality[: self._n][order]
        )
        return [(int(channel[a]), int(hour[a]), columns.take(slice(a, b))) for a, b in zip(starts, ends, strict=True)]
