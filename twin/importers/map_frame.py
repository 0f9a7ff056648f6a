"""From a network's drawing to the site frame: known map coordinates, or a drawing whose scale its pipes tell."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import pyproj
from numpy.typing import NDArray

from geometry.errors import GeometryError
from geometry.frames import EXTENT_M, SiteFrame
from pipe_network.model import XY, Network, Pipe
from twin.errors import TwinError
from twin.model.site import Origin

_SAME_RATIO: Final = 0.15
"""A median of pipe lengths within 15 % of the drawn ones is a drawing to scale: pipes bend, so it is never exact."""
_FOOT_M: Final = 0.3048
_UNKNOWN: Final = Origin(lon_deg=0.0, lat_deg=0.0)

Floats = NDArray[np.float64]
Move = Callable[[Floats], Floats]
"""Points of the drawing to points of the frame."""


class MapError(TwinError, ValueError):
    """A drawing that cannot be laid into a site frame."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A network whose coordinates are metres in the site frame, its origin, and what had to be decided."""

    network: Network
    origin: Origin
    notes: tuple[str, ...]


def lay_in_frame(network: Network, *, epsg: int | None = None, origin: tuple[float, float] | None = None) -> Laid:
    """The network with site-frame coordinates.

    Parameters
    ----------
    network : as its file has it.
    epsg : reference system of its coordinates; without it they are a drawing of unknown place.
    origin : longitude and latitude of the site frame's zero, which is put at the drawing's middle. With `epsg` the
        zero is there instead of at the middle. [deg]

    Raises
    ------
    MapError
        If the network has no coordinates, or they do not fit the reference system.
    """
    complete, notes = _placed(network)
    names = list(complete)
    points = np.array([complete[n] for n in names], dtype=np.float64)
    vertices = {link.id: np.array(link.vertices).reshape(-1, 2) for link in network.links.values() if link.vertices}
    if not np.isfinite(points).all():
        raise MapError("a coordinate of the network is not a finite number; correct it under [COORDINATES]")
    if epsg is not None:
        move, site_origin = _projected(points, epsg, origin)
        notes.append(f"coordinates taken as EPSG:{epsg}")
    else:
        move, site_origin, note = _drawing(network, complete, points, origin)
        notes.append(note)
    moved = move(points)
    if np.abs(moved).max(initial=0.0) > EXTENT_M:
        raise MapError(
            f"the network reaches {np.abs(moved).max() / 1000:,.0f} km; name the reference system of its coordinates "
            "with --epsg"
        )
    coordinates = {n: _rounded(p) for n, p in zip(names, moved, strict=True)}
    bends = {name: tuple(_rounded(p) for p in move(row)) for name, row in vertices.items()}
    laid = replace(
        network,
        coordinates=coordinates,
        pipes=tuple(replace(p, vertices=bends.get(p.id, ())) for p in network.pipes),
        pumps=tuple(replace(p, vertices=bends.get(p.id, ())) for p in network.pumps),
        valves=tuple(replace(v, vertices=bends.get(v.id, ())) for v in network.valves),
        sections={k: v for k, v in network.sections.items() if k not in {"LABELS", "BACKDROP"}},
    )
    return Laid(laid, site_origin, tuple(notes))


def _rounded(point: Floats) -> XY:
    return round(float(point[0]), 3), round(float(point[1]), 3)


def _placed(network: Network) -> tuple[dict[str, XY], list[str]]:
    """Coordinates of every node; those without get the middle of their neighbours."""
    known = {n: xy for n, xy in network.coordinates.items() if n in network.nodes}
    if not known:
        raise MapError("the file has no [COORDINATES]; draw the network in EPANET first, or add them")
    missing = [n for n in network.nodes if n not in known]
    notes = [f"{len(missing)} node(s) without coordinates put beside their neighbours"] if missing else []
    near: dict[str, list[str]] = {}
    for link in network.links.values():
        near.setdefault(link.start, []).append(link.end)
        near.setdefault(link.end, []).append(link.start)
    centre = (sum(x for x, _ in known.values()) / len(known), sum(y for _, y in known.values()) / len(known))
    while missing:
        found = {n: around for n in missing if (around := [known[m] for m in near.get(n, []) if m in known])}
        if not found:
            known.update(dict.fromkeys(missing, centre))
            break
        for name, around in found.items():
            known[name] = (sum(x for x, _ in around) / len(around), sum(y for _, y in around) / len(around))
        missing = [n for n in missing if n not in known]
    return {n: known[n] for n in network.nodes}, notes


def _projected(points: Floats, epsg: int, origin: tuple[float, float] | None) -> tuple[Move, Origin]:
    try:
        if origin is None:
            middle = points.mean(axis=0)
            transformer = pyproj.Transformer.from_crs(epsg, 4326, always_xy=True)
            lon, lat = transformer.transform(middle[0], middle[1])
            if not (math.isfinite(lon) and math.isfinite(lat)):
                raise MapError(f"the coordinates are outside of EPSG:{epsg}; check the number and their order")
            origin = (round(lon, 6), round(lat, 6))
        frame = SiteFrame(*origin)
    except (GeometryError, pyproj.exceptions.ProjError) as error:
        raise MapError(f"EPSG:{epsg}: {error}; give the reference system of the coordinates") from error

    def move(given: Floats) -> Floats:
        try:
            return frame.from_projected(given, epsg)
        except GeometryError as error:
            raise MapError(str(error)) from error

    return move, Origin(lon_deg=origin[0], lat_deg=origin[1])


def _drawing(
    network: Network, coordinates: dict[str, XY], points: Floats, origin: tuple[float, float] | None
) -> tuple[Move, Origin, str]:
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    scale, words = _scale(network, coordinates)
    place = "" if origin else "; where on the earth it is, is not known: give --epsg, or --origin LON,LAT of its middle"
    made = Origin(lon_deg=origin[0], lat_deg=origin[1]) if origin else _UNKNOWN

    def move(given: Floats) -> Floats:
        moved: Floats = (given - centre) * scale
        return moved

    return move, made, f"coordinates {words}, shifted so that their middle is zero{place}"


def _scale(network: Network, coordinates: dict[str, XY]) -> tuple[float, str]:
    """Metres to a unit of the drawing, told by the pipes' lengths."""
    ratios = [p.length_m / drawn for p in network.pipes if (drawn := _drawn(p, coordinates)) > 0]
    ratio = float(np.median(ratios)) if ratios else 1.0
    if abs(ratio - 1.0) <= _SAME_RATIO:
        return 1.0, "taken as metres, which the lengths of the pipes bear out"
    if abs(ratio / _FOOT_M - 1.0) <= _SAME_RATIO:
        return _FOOT_M, "taken as feet, which the lengths of the pipes bear out"
    return ratio, f"are a sketch, enlarged {ratio:.3g} times to the lengths of the pipes"


def _drawn(pipe: Pipe, coordinates: dict[str, XY]) -> float:
    points = (coordinates.get(pipe.start), *pipe.vertices, coordinates.get(pipe.end))
    known = [p for p in points if p is not None]
    return sum(math.dist(a, b) for a, b in pairwise(known))
