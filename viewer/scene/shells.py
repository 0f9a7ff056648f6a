"""The outside of a storey, as one sees it from afar: façade with its windows, slab edges, balconies, roofs.

Every triangle here is paid for once a storey of the whole estate, so windows are set back by four faces and nothing
else is modelled. Local object row 0 is the storey.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from twin.fabric.plans import StoreyPlan
from twin.fabric.walls import EXTERIOR_M, Hole, WallPlan
from viewer.scene import palette
from viewer.scene.interiors import PARAPET_M, draw_railings
from viewer.scene.palette import Colour
from viewer.scene.surfaces import Drawing, polygons, rings

_BAND_M: Final = 0.26
_REVEAL_M: Final = 0.16
_NEAR_M: Final = 0.45
_ROOF_M: Final = 0.25
"""Thickness of a roof over its ceiling."""

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Bay:
    """An opening in a façade edge: from and to along the edge, from and to in height."""

    u0_m: float
    u1_m: float
    z0_m: float
    z1_m: float
    colour: Colour


def draw_shell(plan: StoreyPlan, walls: WallPlan, drawing: Drawing) -> None:
    """Draw the façade of a storey and its open floors."""
    drawing.object_row = 0
    top_m = plan.storey_height_m
    for ring in rings(walls.enclosed):
        for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            _edge(a, b, plan.holes, top_m, drawing)
    for part in polygons(walls.open_air):
        deck = part.buffer(EXTERIOR_M / 2, join_style="mitre") - walls.enclosed
        drawing.prism(deck, -0.14, 0.0, palette.BAND, palette.ROOF)
        drawing.area(deck, -0.14, palette.REVEAL, faces_down=True)
    parapet = walls.parapets.buffer(EXTERIOR_M / 2, cap_style="square", join_style="mitre") - walls.enclosed
    drawing.prism(parapet, 0.0, PARAPET_M, palette.FACADE, palette.PARAPET)
    draw_railings(walls, drawing)


def draw_roof(exposed: BaseGeometry, z_m: float, drawing: Drawing) -> None:
    """Draw the roof over that part of a storey on which no other stands."""
    drawing.prism(exposed, z_m - 0.05, z_m + _ROOF_M, palette.BAND, palette.ROOF)
    rim = exposed - exposed.buffer(-0.3, join_style="mitre")
    drawing.prism(rim, z_m + _ROOF_M, z_m + _ROOF_M + 0.35, palette.FACADE, palette.PARAPET)


def draw_edges(plan: StoreyPlan, walls: WallPlan, drawing: Drawing) -> None:
    """Draw the lines of a façade: the storey's foot, its corners, and finely its windows."""
    drawing.object_row = 0
    drawing.outline(walls.enclosed, 0.0, palette.FINE_EDGE)
    for ring in rings(walls.enclosed):
        before, after = np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0)
        for p, q, r in zip(before, ring, after, strict=True):
            if _turns(p, q, r):
                x, y = float(q[0]), float(q[1])
                drawing.polyline([(x, y, 0.0), (x, y, plan.storey_height_m)], palette.EDGE)
        for a, b in zip(ring, after, strict=True):
            length_m = math.dist(a, b)
            if length_m < 0.05:
                continue
            along = (b - a) / length_m
            out = np.array([along[1], -along[0]]) * 0.01
            for bay in _bays(a, along, length_m, plan.holes, plan.storey_height_m):
                (x0, y0), (x1, y1) = a + along * bay.u0_m + out, a + along * bay.u1_m + out
                corners = [(x0, y0, bay.z0_m), (x1, y1, bay.z0_m), (x1, y1, bay.z1_m), (x0, y0, bay.z1_m)]
                drawing.polyline(corners, palette.FINE_EDGE, closed=True)
    if not walls.open_air.is_empty:
        drawing.outline(walls.open_air.buffer(EXTERIOR_M / 2, join_style="mitre"), 0.0, palette.FINE_EDGE)


def _turns(p: Vector, q: Vector, r: Vector) -> bool:
    """Whether a ring has a real corner at q."""
    one, two = q - p, r - q
    return abs(math.remainder(math.atan2(one[1], one[0]) - math.atan2(two[1], two[0]), math.tau)) > math.radians(20)


def _bays(a: Vector, along: Vector, length_m: float, holes: tuple[Hole, ...], top_m: float) -> list[_Bay]:
    """The openings that lie in an edge, in order, without overlap."""
    across = np.array([-along[1], along[0]])
    found = []
    for hole in holes:
        if not hole.outside or hole.kind == "passage":
            continue
        ends = np.array(hole.line) - a
        if np.max(np.abs(ends @ across)) > _NEAR_M:
            continue
        u0_m, u1_m = sorted(float(u) for u in ends @ along)
        u0_m, u1_m = max(u0_m, 0.05), min(u1_m, length_m - 0.05)
        if u1_m - u0_m < 0.2:
            continue
        head_m = min(hole.sill_m + hole.head_m, top_m - 0.05)
        colour = palette.WINDOW if hole.kind == "window" else palette.DOOR_OUTSIDE
        found.append(_Bay(u0_m, u1_m, max(hole.sill_m, 0.0), head_m, colour))
    found.sort(key=lambda bay: bay.u0_m)
    apart: list[_Bay] = []
    for bay in found:
        if not apart or bay.u0_m > apart[-1].u1_m + 0.02:
            apart.append(bay)
    return apart


def _edge(a: Vector, b: Vector, holes: tuple[Hole, ...], top_m: float, drawing: Drawing) -> None:
    """One straight piece of façade: a band at its foot, wall around its openings, each set back."""
    length_m = math.dist(a, b)
    if length_m < 1e-3:
        return
    along = (b - a) / length_m
    inward = np.array([-along[1], along[0]]) * _REVEAL_M

    def face(u0_m: float, u1_m: float, z0_m: float, z1_m: float, colour: Colour) -> None:
        if u1_m - u0_m > 1e-3:
            p, q = a + along * u0_m, a + along * u1_m
            drawing.upright((float(p[0]), float(p[1])), (float(q[0]), float(q[1])), z0_m, z1_m, colour)

    face(0.0, length_m, -0.14, _BAND_M, palette.BAND)
    done_m = 0.0
    for bay in _bays(a, along, length_m, holes, top_m):
        face(done_m, bay.u0_m, _BAND_M, top_m, palette.FACADE)
        foot_m = max(bay.z0_m, _BAND_M)
        face(bay.u0_m, bay.u1_m, _BAND_M, foot_m, palette.FACADE)
        face(bay.u0_m, bay.u1_m, bay.z1_m, top_m, palette.FACADE)
        _recess(a + along * bay.u0_m, a + along * bay.u1_m, inward, (foot_m, bay.z1_m), bay.colour, drawing)
        done_m = bay.u1_m
    face(done_m, length_m, _BAND_M, top_m, palette.FACADE)


def _recess(p: Vector, q: Vector, inward: Vector, z_m: tuple[float, float], pane: Colour, drawing: Drawing) -> None:
    """A pane set back from the façade, with its jambs, sill and head."""
    (x0, y0), (x1, y1) = (map(float, v) for v in (p, q))
    (i0, j0), (i1, j1) = (map(float, v) for v in (p + inward, q + inward))
    low_m, high_m = z_m
    drawing.upright((i0, j0), (i1, j1), low_m, high_m, pane)
    reveal = palette.REVEAL
    drawing.upright((x0, y0), (i0, j0), low_m, high_m, reveal)
    drawing.upright((i1, j1), (x1, y1), low_m, high_m, reveal)
    drawing.quad(((x0, y0, low_m), (x1, y1, low_m), (i1, j1, low_m), (i0, j0, low_m)), reveal)
    drawing.quad(((x0, y0, high_m), (i0, j0, high_m), (i1, j1, high_m), (x1, y1, high_m)), reveal)
