"""The site frame on the earth."""

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geometry.frames import FrameError, SiteFrame, shift

SHANGHAI = SiteFrame(121.4737, 31.2304, 4.0)


def test_the_origin_is_zero() -> None:
    assert SHANGHAI.from_lonlat([(121.4737, 31.2304)]) == pytest.approx(np.zeros((1, 2)), abs=1e-9)


def test_lengths_are_those_on_the_ellipsoid() -> None:
    ends = SHANGHAI.to_lonlat([(-700.0, 300.0), (900.0, -400.0)])
    _, _, ground_m = pyproj.Geod(ellps="WGS84").inv(*ends[0], *ends[1])
    # the scale error of a transverse Mercator is (x/R)^2/2: 1e-8 at 1 km
    assert ground_m == pytest.approx(np.hypot(1600.0, 700.0), abs=1e-4)


def test_north_is_north_and_east_is_east() -> None:
    lon_deg, lat_deg = (SHANGHAI.to_lonlat([(100.0, 0.0), (0.0, 100.0)]) - (121.4737, 31.2304)).T
    assert lon_deg[0] > 1e-4
    assert abs(lat_deg[0]) < 1e-8
    assert lat_deg[1] > 1e-4
    assert abs(lon_deg[1]) < 1e-12


@given(
    lon_deg=st.floats(-180, 180),
    lat_deg=st.floats(-84, 84),
    x_m=st.floats(-20_000, 20_000),
    y_m=st.floats(-20_000, 20_000),
)
def test_there_and_back_is_the_same_point(lon_deg: float, lat_deg: float, x_m: float, y_m: float) -> None:
    frame = SiteFrame(lon_deg, lat_deg)
    assert frame.from_lonlat(frame.to_lonlat([(x_m, y_m)])) == pytest.approx(np.array([[x_m, y_m]]), abs=1e-4)


def test_a_gis_given_the_proj_string_agrees() -> None:
    transformer = pyproj.Transformer.from_crs("EPSG:4326", SHANGHAI.proj_string, always_xy=True)
    x, y = transformer.transform(121.48, 31.24)
    assert SHANGHAI.from_lonlat([(121.48, 31.24)])[0] == pytest.approx((x, y), abs=1e-3)


def test_a_map_in_utm_lands_on_the_same_place() -> None:
    utm = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:32651", always_xy=True).transform(121.48, 31.24)
    assert SHANGHAI.from_projected([utm], 32651) == pytest.approx(SHANGHAI.from_lonlat([(121.48, 31.24)]), abs=1e-3)


def test_no_points_give_no_points() -> None:
    assert SHANGHAI.to_lonlat(np.empty((0, 2))).shape == (0, 2)


def test_a_shift_moves_every_point() -> None:
    assert shift([(1.0, 2.0), (3.0, 4.0)], north_m=1.0).tolist() == [[1.0, 3.0], [3.0, 5.0]]


def test_latitude_first_is_refused() -> None:
    with pytest.raises(FrameError, match="longitude first"):
        SiteFrame(31.2304, 121.4737)
    with pytest.raises(FrameError, match="longitude first"):
        SHANGHAI.from_lonlat([(31.2304, 121.4737)])


def test_far_points_and_unknown_systems_are_refused() -> None:
    with pytest.raises(FrameError, match="km from the origin"):
        SHANGHAI.to_lonlat([(354_000.0, 3_457_000.0)])
    with pytest.raises(FrameError, match="not a finite"):
        SHANGHAI.to_lonlat([(float("nan"), 0.0)])
    with pytest.raises(FrameError, match="is not known"):
        SHANGHAI.from_projected([(0.0, 0.0)], 999_999)
    with pytest.raises(FrameError, match="is not geographic"):
        SiteFrame(121.0, 31.0, epsg=32651).to_lonlat([(0.0, 0.0)])
