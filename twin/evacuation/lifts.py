"""How long a lift takes."""

import math


def ride_s(rise_m: float, *, speed_m_per_s: float, acceleration_m_per_s2: float = 1.0) -> float:
    """From standstill to standstill: as fast as it goes, or half way up and braking where that is too short.

    Examples
    --------
    >>> ride_s(30.0, speed_m_per_s=2.0)  # 2 s to speed up, 13 s at 2 m/s, 2 s to stop
    17.0
    >>> ride_s(1.0, speed_m_per_s=2.0)
    2.0
    """
    rise_m = abs(rise_m)
    ramp_m = speed_m_per_s**2 / acceleration_m_per_s2
    if rise_m < ramp_m:
        return 2 * math.sqrt(rise_m / acceleration_m_per_s2)
    return rise_m / speed_m_per_s + speed_m_per_s / acceleration_m_per_s2


def cleared_s(
    persons: float, rise_m: float, *, places: float, speed_m_per_s: float, door_s: float = 5.0, person_s: float = 1.0
) -> float:
    """When a car that starts at the bottom has brought so many down from one storey, trip by trip.

    Parameters
    ----------
    places : persons in a full car
    door_s : to open and close its doors at a stop
    person_s : for each to get in, and to get out

    Examples
    --------
    >>> cleared_s(8, 30.0, places=8, speed_m_per_s=2.0)  # up 17, doors 5, in 8, down 17, doors 5, out 8
    60.0
    """
    trips = math.ceil(persons / places)
    stopped_s = trips * 2 * door_s + 2 * persons * person_s
    return 2 * trips * ride_s(rise_m, speed_m_per_s=speed_m_per_s) + stopped_s
