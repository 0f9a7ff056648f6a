"""The sun's height, against what is known of solstices, equinoxes and noon."""

import datetime as dt

import pytest

from geometry.sun import sun_elevation_deg


def at(*moment: int) -> float:
    return dt.datetime(*moment, tzinfo=dt.UTC).timestamp()  # type: ignore[misc, arg-type]  # a tzinfo is no number


@pytest.mark.parametrize(("lat_deg", "noon_deg"), [(0.0, 66.56), (31.2, 82.24), (51.5, 61.94), (-33.9, 32.66)])
def test_noon_of_the_june_solstice_is_as_high_as_geometry_says(lat_deg: float, noon_deg: float) -> None:
    """90 degrees less the distance from the tropic, 23.44 degrees north; 12:02 UTC is noon at Greenwich then."""
    assert sun_elevation_deg(0.0, lat_deg, at_s=at(2026, 6, 21, 12, 2)) == pytest.approx(noon_deg, abs=0.05)


@pytest.mark.parametrize("lon_deg", [-120.0, 0.0, 121.4])
def test_day_and_night_are_alike_at_the_equinox(lon_deg: float) -> None:
    """At the equator the sun is on the horizon at 6 and 18 of its own time; the equation of time is 7.5 minutes."""
    for hour, rising in ((6, 1), (18, -1)):
        moment = at(2026, 3, 20, 0, 7) + (hour - lon_deg / 15) * 3600
        assert sun_elevation_deg(lon_deg, 0.0, at_s=moment) == pytest.approx(0.0, abs=0.5)
        assert rising * sun_elevation_deg(lon_deg, 0.0, at_s=moment + 3600) == pytest.approx(15.0, abs=0.6)


def test_winter_days_end_early_and_summer_days_late() -> None:
    winter = sun_elevation_deg(120.15, 30.29, at_s=at(2026, 12, 21, 10, 0))  # 18:00 in Hangzhou
    summer = sun_elevation_deg(120.15, 30.29, at_s=at(2026, 6, 21, 10, 0))
    assert winter < -6 < 0 < summer
