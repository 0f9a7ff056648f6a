"""The true values of every channel, in columns, and who writes them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twin.index import SiteIndex


@dataclass
class World:
    """True state of an estate: one value per channel row of the site index.

    Attributes
    ----------
    truth : (n,) float64
        SI values; NaN where nothing was computed yet (the device then stays silent).
    """

    index: SiteIndex
    rng: np.random.Generator
    truth: NDArray[np.float64]
    _rows: dict[tuple[str, str], NDArray[np.int32]] = field(default_factory=dict, repr=False)

    def rows(self, kind: str, channel: str) -> NDArray[np.int32]:
        """Rows of one channel of all devices of a kind, in the order of the site's devices; empty if there are none."""
        key = (kind, channel)
        if key not in self._rows:
            self._rows[key] = np.array(
                [c.row for c in self.index.channels if c.kind.id == kind and c.channel.id == channel], dtype=np.int32
            )
        return self._rows[key]

    def row(self, device: str, channel: str) -> int | None:
        """Row of a device's channel, or none where the device or the channel is not on this site."""
        return self.index.rows.get(f"{device}:{channel}")

    def put(self, device: str, channel: str, value: float) -> None:
        """Set a true value if the site has that channel."""
        row = self.row(device, channel)
        if row is not None:
            self.truth[row] = value

    def get(self, device: str, channel: str, default: float = 0.0) -> float:
        """True value of a device's channel, `default` while there is none."""
        row = self.row(device, channel)
        return default if row is None or np.isnan(self.truth[row]) else float(self.truth[row])


def world_of(index: SiteIndex, *, seed: int) -> World:
    """A world in which nothing has happened yet."""
    n = len(index.channels)
    return World(index, np.random.default_rng(seed), np.full(n, np.nan))
