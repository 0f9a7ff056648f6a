"""Arrows of exit signs: left, right, straight on, or that nobody should go there.

A sign looks where its `bearing_deg` says, as a camera does; who reads it stands before it and looks the other way.
"""

from typing import Final, Literal

import numpy as np

Arrow = Literal["left", "right", "ahead", "no_entry"]
_HERE_M: Final = 1.5
"""A sign so near to a door hangs over it."""
_AHEAD_DEG: Final = 45.0


def arrow_towards(x_m: float, y_m: float, looks_deg: float) -> Arrow:
    """The arrow that leads somewhere.

    Parameters
    ----------
    x_m, y_m : where it leads, east and north of the sign
    looks_deg : the way the sign looks, clockwise from north

    Examples
    --------
    >>> arrow_towards(-10.0, 0.5, 180.0), arrow_towards(-10.0, 0.5, 0.0), arrow_towards(0.0, -9.0, 180.0)
    ('left', 'right', 'no_entry')
    """
    if np.hypot(x_m, y_m) <= _HERE_M:
        return "ahead"
    # clockwise from where the reader looks, -180 to 180
    turned_deg = (np.degrees(np.arctan2(x_m, y_m)) - looks_deg + 360.0) % 360.0 - 180.0
    if abs(turned_deg) <= _AHEAD_DEG:
        return "ahead"
    if abs(turned_deg) > 180.0 - _AHEAD_DEG:
        return "no_entry"
    return "right" if turned_deg > 0 else "left"
