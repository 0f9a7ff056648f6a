"""The inside of a storey: floors, walls with their openings, doors, glass, stairs, columns, markings.

Drawn relative to the building's corner and the storey's floor, so that equal storeys are drawn once. Local object
row 0 is the storey, k + 1 its k-th space.
"""

from typing import Final

import shapely

from twin.fabric.flights import steps
from twin.fabric.plans import Flights, StoreyPlan
from twin.fabric.walls import EXTERIOR_M, Hole, WallPlan
from viewer.scene import palette
from viewer.scene.surfaces import Drawing, polygons

SLAB_M: Final = 0.14
RAILING_M: Final = 1.1
PARAPET_M: Final = 1.2
_LEAF_M: Final = 0.05
_PANE_M: Final = 0.03
_CUT_M: Final = 0.3


def draw_interior(plan: StoreyPlan, walls: WallPlan, drawing: Drawing) -> None:
    """Draw the inside of a storey."""
    drawing.object_row = 0
    height_m = plan.clear_height_m
    drawing.sides(plan.outline, -SLAB_M, 0.0, palette.SLAB)
    drawing.area(plan.outline, -SLAB_M, palette.SLAB, faces_down=True)
    drawing.area(plan.outline, -0.02, palette.SLAB)
    _floors(plan, drawing)
    drawing.object_row = 0
    _walls(plan, walls, height_m, drawing)
    for hole in plan.holes:
        _fill(hole, drawing)
    for shape, tall_m in plan.obstacles:
        drawing.prism(shape, 0.0, tall_m, palette.COLUMN, palette.WALL_CUT)
    for flights in plan.stairs:
        drawing.object_row = flights.space_row
        draw_flights(flights, plan.storey_height_m, drawing)
    drawing.object_row = 0


def draw_flights(flights: Flights, rise_m: float, drawing: Drawing) -> None:
    """Draw the flights of a stair from one storey to the next."""
    for step in steps(flights, rise_m):
        drawing.prism(step.shape, step.bottom_m, step.top_m, palette.STEP, palette.STEP)


def _floors(plan: StoreyPlan, drawing: Drawing) -> None:
    for row, space in enumerate(plan.spaces, 1):
        drawing.object_row = row
        colour = palette.FLOORS.get(space.use, palette.OTHER_FLOOR)
        drawing.area(space.shape, 0.012 if space.is_leaf else 0.0, colour)
        if space.use == "parking_space":
            lines = space.shape.exterior.buffer(0.05, join_style="mitre") & space.shape
            drawing.area(lines, 0.024, palette.MARKING)
        elif space.use == "lift_shaft":
            _cabin(space.shape, drawing)


def _cabin(shaft: shapely.Polygon, drawing: Drawing) -> None:
    """A lift's shaft as on drawings: the cabin with its diagonals."""
    cabin = shaft.buffer(-0.3, join_style="mitre")
    corners = list(cabin.exterior.coords)[:-1] if isinstance(cabin, shapely.Polygon) and not cabin.is_empty else []
    if len(corners) == 4:
        cross = [shapely.LineString((corners[k], corners[k + 2])).buffer(0.03) for k in (0, 1)]
        frame = cabin.exterior.buffer(0.03)
        drawing.area(shapely.union_all([*cross, frame]), 0.024, palette.EDGE)


def _walls(plan: StoreyPlan, walls: WallPlan, height_m: float, drawing: Drawing) -> None:
    cuts = [hole.cut(_CUT_M) for hole in plan.holes]
    whole = walls.walls - shapely.union_all(cuts) if cuts else walls.walls
    drawing.prism(whole, 0.0, height_m, palette.WALL, palette.WALL_CUT)
    for hole, cut in zip(plan.holes, cuts, strict=True):
        piece = walls.walls & cut
        if hole.sill_m > 0:
            drawing.prism(piece, 0.0, hole.sill_m, palette.WALL, palette.REVEAL)
        head_m = min(hole.sill_m + hole.head_m, height_m)
        if head_m < height_m:
            drawing.prism(piece, head_m, height_m, palette.LINTEL, palette.LINTEL_TOP)
            drawing.area(piece, head_m, palette.LINTEL, faces_down=True)
    parapet = walls.parapets.buffer(EXTERIOR_M / 2, cap_style="square", join_style="mitre")
    drawing.prism(parapet - shapely.union_all(cuts) if cuts else parapet, 0.0, PARAPET_M, palette.PARAPET, palette.ROOF)
    draw_railings(walls, drawing)


def draw_railings(walls: WallPlan, drawing: Drawing) -> None:
    """The railings of open balconies: a pane of glass under a rail."""
    drawing.prism(walls.railings.buffer(0.02, cap_style="flat"), 0.05, RAILING_M, palette.GLASS, palette.GLASS)
    rail = walls.railings.buffer(0.04, cap_style="square", join_style="mitre")
    drawing.prism(rail, RAILING_M, RAILING_M + 0.05, palette.RAILING, palette.RAILING)


def _fill(hole: Hole, drawing: Drawing) -> None:
    """The leaf of a door or the pane of a window."""
    if hole.kind == "window":
        pane = shapely.LineString(hole.line).buffer(_PANE_M, cap_style="flat")
        drawing.prism(pane, hole.sill_m, hole.sill_m + hole.head_m, palette.GLASS, palette.GLASS)
        return
    if hole.kind == "passage":
        return
    leaf = shapely.LineString(hole.line).buffer(_LEAF_M, cap_style="flat")
    plain = palette.GLASS_DOOR if hole.glazed else palette.DOOR
    colour = palette.LIFT_DOOR if hole.lift else palette.FIRE_DOOR if hole.fire else plain
    for part in polygons(leaf):
        drawing.prism(part, 0.02, hole.sill_m + hole.head_m, colour, colour)
