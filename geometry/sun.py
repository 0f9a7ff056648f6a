"""How high the sun stands.

References
----------
The Astronomical Almanac, section C, low-precision formulas for the sun (0.01 degrees between 1950 and 2050); without
refraction, which lifts it by half a degree at the horizon.
"""

import math
from typing import Final

_J2000_S: Final = 946_728_000.0
"""1 January 2000, 12:00 UTC, as seconds of the epoch."""


def sun_elevation_deg(lon_deg: float, lat_deg: float, *, at_s: float) -> float:
    """How high the sun stands over the horizon; below it negative. [deg]

    Parameters
    ----------
    at_s : seconds of the epoch

    Examples
    --------
    >>> round(sun_elevation_deg(0.0, 23.4, at_s=1782043320))  # noon at the tropic, 21 June 2026, 12:02 UTC
    90
    >>> round(sun_elevation_deg(121.4, 31.2, at_s=1781972400))  # Shanghai at 00:20, 21 June 2026
    -35
    """
    days = (at_s - _J2000_S) / 86_400
    anomaly = math.radians(357.528 + 0.9856003 * days)
    mean_deg = 280.460 + 0.9856474 * days
    along = math.radians(mean_deg + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly))
    tilted = math.radians(23.439 - 4e-7 * days)
    ascension_deg = math.degrees(math.atan2(math.cos(tilted) * math.sin(along), math.cos(along)))
    declination = math.asin(math.sin(tilted) * math.sin(along))
    sidereal_deg = 280.46062 + 360.98564737 * days
    hour = math.radians(sidereal_deg + lon_deg - ascension_deg)
    lat = math.radians(lat_deg)
    sine = math.sin(lat) * math.sin(declination) + math.cos(lat) * math.cos(declination) * math.cos(hour)
    return math.degrees(math.asin(max(-1.0, min(1.0, sine))))
