"""The site frame on the earth: metres east, north and up of an origin, and the way to longitude and latitude.

The frame is a transverse Mercator centred on the origin, scale 1 there. Within 10 km a length is true to
1.3 mm in a kilometre, so that a site needs no other correction.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray
from pyproj.exceptions import CRSError

from geometry.errors import GeometryError

WGS84_EPSG = 4326
EXTENT_M = 200_000.0
"""Farther from its origin nothing belongs to one site, and a projected map is probably taken for a local one."""

FloatArray = NDArray[np.float64]


class FrameError(GeometryError):
    """Coordinates that do not fit a frame, or a reference system that cannot carry one."""


@dataclass(frozen=True)
class SiteFrame:
    """A site's own metres, and where on the earth they are.

    Attributes
    ----------
    lon_deg, lat_deg : float
        The origin, in the geographic reference system `epsg`.
    height_m : float
        Height of the site datum above the vertical reference.
    epsg : int
        Geographic reference system: 4326 is WGS 84, 4490 is CGCS2000.

    Examples
    --------
    >>> frame = SiteFrame(121.4737, 31.2304)
    >>> frame.to_lonlat([(0, 0)]).round(6).tolist()
    [[121.4737, 31.2304]]
    """

    lon_deg: float
    lat_deg: float
    height_m: float = 0.0
    epsg: int = WGS84_EPSG

    def __post_init__(self) -> None:
        if not (-180 <= self.lon_deg <= 180 and -85 <= self.lat_deg <= 85):
            raise FrameError(
                f"origin {self.lon_deg}, {self.lat_deg} is no longitude and latitude within ±180 and ±85 degrees; "
                "give it in degrees, longitude first"
            )

    @cached_property
    def _geographic(self) -> pyproj.CRS:
        return _crs(self.epsg, geographic=True)

    @cached_property
    def proj_string(self) -> str:
        """The frame in the words of PROJ, which any GIS takes as a user-defined reference system."""
        ellipsoid = self._geographic.ellipsoid
        if ellipsoid is None:
            raise FrameError(f"EPSG:{self.epsg} has no ellipsoid; use 4326 (WGS 84) or 4490 (CGCS2000)")
        shape = f"+a={ellipsoid.semi_major_metre:.12g} +rf={ellipsoid.inverse_flattening:.12g}"
        return (
            f"+proj=tmerc +lat_0={self.lat_deg!r} +lon_0={self.lon_deg!r} +k=1 +x_0=0 +y_0=0 {shape} +units=m +no_defs"
        )

    @cached_property
    def _projection(self) -> pyproj.Proj:
        return pyproj.Proj(self.proj_string)

    def to_lonlat(self, points_m: ArrayLike) -> FloatArray:
        """(n, 2) longitude and latitude in `epsg`. [deg]

        Parameters
        ----------
        points_m : (n, 2), site frame. [m]

        Raises
        ------
        FrameError
            If a point is not finite or farther than 200 km from the origin.
        """
        points = _points(points_m)
        _within(points, "site frame")
        lon, lat = self._projection(points[:, 0].copy(), points[:, 1].copy(), inverse=True)
        return np.column_stack([lon, lat])

    def from_lonlat(self, points_deg: ArrayLike) -> FloatArray:
        """(n, 2) points in the site frame. [m]

        Parameters
        ----------
        points_deg : (n, 2), longitude and latitude in `epsg`. [deg]

        Raises
        ------
        FrameError
            If a point is no longitude and latitude, or farther than 200 km from the origin.
        """
        points = _points(points_deg)
        if np.any(np.abs(points) > (180.0, 90.0)):
            raise FrameError("a point is no longitude and latitude in degrees; give longitude first")
        x, y = self._projection(points[:, 0].copy(), points[:, 1].copy())
        made = np.column_stack([x, y])
        _within(made, f"longitude and latitude around {self.lon_deg}, {self.lat_deg}")
        return made

    def from_projected(self, points: ArrayLike, epsg: int) -> FloatArray:
        """(n, 2) points in the site frame, from map coordinates of any reference system. [m]

        Parameters
        ----------
        points : (n, 2), easting and northing (or longitude and latitude) in the units of `epsg`
        epsg : reference system of the map, such as 4547 (CGCS2000 3-degree zone 38) or 32651 (UTM 51N)

        Raises
        ------
        FrameError
            If there is no such reference system, or the points are farther than 200 km from the origin.
        """
        # always_xy: some systems, China's among them, have northing first on paper
        transformer = pyproj.Transformer.from_crs(_crs(epsg), self._geographic, always_xy=True)
        given = _points(points)
        lon, lat = transformer.transform(given[:, 0], given[:, 1])
        lonlat = np.column_stack([lon, lat])
        if not np.isfinite(lonlat).all():
            raise FrameError(f"a point is outside of EPSG:{epsg}; check the order of its coordinates and the system")
        return self.from_lonlat(lonlat)


def shift(points_m: ArrayLike, *, east_m: float = 0.0, north_m: float = 0.0) -> FloatArray:
    """(n, 2) the points moved, for maps whose coordinates are metres from some corner. [m]

    Examples
    --------
    >>> shift([(500.0, 800.0)], east_m=-500.0, north_m=-500.0).tolist()
    [[0.0, 300.0]]
    """
    moved: FloatArray = _points(points_m) + np.array([east_m, north_m])
    return moved


def _crs(epsg: int, *, geographic: bool = False) -> pyproj.CRS:
    try:
        crs = pyproj.CRS.from_epsg(epsg)
    except CRSError:
        raise FrameError(f"EPSG:{epsg} is not known; give the number of a reference system such as 4326") from None
    if geographic and not crs.is_geographic:
        raise FrameError(f"EPSG:{epsg} ({crs.name}) is not geographic; give 4326 (WGS 84) or 4490 (CGCS2000)")
    return crs


def _points(points: ArrayLike) -> FloatArray:
    made = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(made).all():
        raise FrameError("a coordinate is not a finite number; remove or correct that point")
    return made


def _within(points_m: FloatArray, what: str) -> None:
    far = np.abs(points_m).max(initial=0.0)
    if not far <= EXTENT_M:
        raise FrameError(
            f"a point ({what}) is {far / 1000:,.0f} km from the origin, the limit is {EXTENT_M / 1000:.0f} km; "
            "check the origin and the order of coordinates"
        )
