"""What a store of readings over time promises; `live_bindings.history.sqlite` is the one that is always there.

Channels are named by their stable id ``device:channel``, never by rows, so that a site may change and its history
stay. Times are kept to the millisecond. A reading is told from another by channel, time and sequence number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Entries:
    """Readings of many channels on their way in, all columns of length n.

    Attributes
    ----------
    channels : (n,) int64, numbers as `SeriesStore.numbers` gives them
    times_s : (n,) float64, epoch [s]
    values : (n,) float64, SI
    quality : (n,) uint8, `twin.state.Quality`
    sequences : (n,) int64, 0 where the device sent none
    """

    channels: NDArray[np.int64]
    times_s: NDArray[np.float64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]
    sequences: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.channels)


@dataclass(frozen=True, slots=True)
class Window:
    """All readings of one channel between two times, in order of time.

    Attributes
    ----------
    times_s : (n,) float64, epoch [s]
    values : (n,) float64, SI
    quality : (n,) uint8, `twin.state.Quality`
    sequences : (n,) int64
    """

    times_s: NDArray[np.float64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]
    sequences: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.times_s)


@dataclass(frozen=True, slots=True)
class Buckets:
    """A channel at a zoom: one entry a bucket that has readings. Bad readings are left out.

    Attributes
    ----------
    step_s : float, length of a bucket; 0 if each entry is one reading as it is [s]
    times_s : (n,) float64, start of the bucket, or time of the reading; epoch [s]
    mean, min, max : (n,) float64, SI
    count : (n,) int64, readings in the bucket
    """

    step_s: float
    times_s: NDArray[np.float64]
    mean: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    count: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.times_s)


@dataclass(frozen=True, slots=True)
class Latest:
    """The last reading of channels, in the order asked for; time minus infinity where there is none.

    Attributes
    ----------
    times_s : (n,) float64, epoch [s]
    values : (n,) float64, SI
    quality : (n,) uint8, `twin.state.Quality`
    """

    times_s: NDArray[np.float64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]


class SeriesStore(Protocol):
    """Readings over time. One thread writes; any may read meanwhile."""

    def numbers(self, channels: Sequence[str]) -> NDArray[np.int64]:
        """The store's own numbers of channel ids, given once and kept for ever."""
        ...

    def append(self, entries: Entries) -> NDArray[np.bool_]:
        """Store the readings, on disk when it returns; says which are new (false: stored before)."""
        ...

    def latest(self, channels: Sequence[str]) -> Latest:
        """The last reading of each channel."""
        ...

    def window(self, channel: str, start_s: float, end_s: float) -> Window:
        """The readings of a channel with start <= time < end."""
        ...

    def downsample(self, channel: str, start_s: float, end_s: float, points: int) -> Buckets:
        """The same at a zoom of about `points` entries, raw where there are no more."""
        ...

    def drop_before(self, time_s: float) -> int:
        """Forget readings older than that, in whole hours; says how many."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
