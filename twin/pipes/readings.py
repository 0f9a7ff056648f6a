"""A channel's value now, if it can be believed."""

import numpy as np

from twin.index import SiteIndex
from twin.state import Quality, StateSnapshot


def reading(index: SiteIndex, device: str | None, channel: str, latest: StateSnapshot) -> float | None:
    """A channel's value, if there is one that can be believed."""
    row = index.rows.get(f"{device}:{channel}")
    if row is None or latest.quality[row] not in {Quality.GOOD, Quality.UNCERTAIN}:
        return None
    value = float(latest.values[row])
    return value if np.isfinite(value) else None
