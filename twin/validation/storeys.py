"""The plan of one storey, checked once however many numbers it stands for."""

from collections.abc import Iterator
from typing import Final, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from geometry.polygons import distance_m, fault
from twin.index import as_drawn
from twin.model.base import Line, Polygon, fill_template
from twin.model.buildings import OUTSIDE, Obstacle, Opening, Space, Storey
from twin.site_folder.issues import MOST_PER_CODE
from twin.validation.ids import cycles
from twin.validation.report import Report

OVERLAP_M2: Final = 0.05
"""So much two areas may share: outlines digitised to the centimetre along a wall of 5 m."""
WALL_M: Final = 0.4
"""So far an opening may lie from the wall's axis: models of real walls have thickness."""
WIDTH_M: Final = 0.05
CHUNK: Final = 64
PAIRS: Final = 100_000
"""Of one chunk; spaces of a sane storey touch ten others each."""

Shapes = NDArray[np.object_]


def check_polygon(report: Report, file: str, object_id: str, polygon: Polygon, what: str) -> shapely.Polygon | None:
    """The polygon for computing, or none if it cannot be used, which is noted."""
    shape = as_drawn(polygon)
    found = fault(shape)
    if found is not None:
        reason, where = found
        at = f" at {where[0]:.2f}, {where[1]:.2f}"
        cure = "Draw the outline anew, corner after corner."
        report.add("bad-polygon", file, object_id, f"{what}: {reason}{at}.", cure, shape=where)
        return None
    if not shape.exterior.is_ccw or any(hole.is_ccw for hole in shape.interiors):
        message = f"{what}: a ring runs the wrong way; the outer runs counter-clockwise, holes clockwise."
        report.add("ring-wrong-way", file, object_id, message, "Reverse the order of its positions.", shape=polygon)
    return shape


def check_storey(report: Report, file: str, storey: Storey) -> None:
    """Every fault of a storey's plan."""
    if storey.last < storey.first:
        message = f"Its numbers go from {storey.first} to {storey.last}."
        report.add("numbers-reversed", file, storey.id, message, "Let first be the lower one.")
    outline = check_polygon(report, file, storey.id, storey.polygon, "The storey's outline")
    shapes: dict[str, shapely.Polygon] = {}
    for space in storey.spaces:
        shape = check_polygon(report, file, space.id, space.polygon, "The space's outline")
        if shape is not None:
            shapes[space.id] = shape
    _check_parents(report, file, storey)
    spaces = [space for space in storey.spaces if space.id in shapes]
    if spaces:
        found = np.array([shapes[space.id] for space in spaces], dtype=object)
        _check_overlaps(report, file, spaces, found)
        _check_within(report, file, spaces, found, outline)
    for obstacle in storey.obstacles:
        _check_obstacle(report, file, obstacle, outline)
    _check_openings(report, file, storey, shapes)


def _check_parents(report: Report, file: str, storey: Storey) -> None:
    parents = {space.id: space.parent for space in storey.spaces if space.parent is not None}
    for space_id, parent in parents.items():
        missing = report.all_known(parent, storey)
        if missing is not None or parent == OUTSIDE:
            message, cure = report.unknown("space", missing or parent, (s.id for s in storey.spaces))
            report.add("unknown-space", file, space_id, f"Its parent: {message}", cure)
    for chain in cycles(parents):
        message = f"Its parents go round in a circle: {' in '.join((*chain, chain[0]))}."
        report.add("cyclic-parents", file, chain[0], message, "Remove one of the parents.", others=chain[1:])


def _check_overlaps(report: Report, file: str, spaces: list[Space], shapes: Shapes) -> None:
    tree = shapely.STRtree(shapes)
    parents = np.array([space.parent or "" for space in spaces], dtype=object)
    listed = 0
    # piece by piece, and only as far as anyone reads: ten thousand spaces drawn on one another are 5e7 pairs
    for start in range(0, len(spaces), CHUNK):
        first, second = tree.query(shapes[start : start + CHUNK], predicate="intersects")
        first = first + start
        wanted = (first < second) & (parents[first] == parents[second])
        first, second = first[wanted][:PAIRS], second[wanted][:PAIRS]
        areas = np.asarray(shapely.area(shapely.intersection(shapes[first], shapes[second])))
        for k in np.flatnonzero(areas > OVERLAP_M2).tolist():
            a, b = spaces[first[k]], spaces[second[k]]
            message = f"It overlaps {b.id} by {areas[k]:.2f} m2."
            cure = f"Let them share an edge, or name {b.id} its parent if it lies within."
            report.add("spaces-overlap", file, a.id, message, cure, others=[b.id], shape=a.polygon)
            listed += 1
        if listed > MOST_PER_CODE:
            return


def _check_within(
    report: Report, file: str, spaces: list[Space], shapes: Shapes, outline: shapely.Polygon | None
) -> None:
    position = {space.id: k for k, space in enumerate(spaces)}
    around = np.array(
        [outline if s.parent is None else shapes[position[s.parent]] if s.parent in position else None for s in spaces],
        dtype=object,
    )
    areas = shapely.area(shapely.difference(shapes, around))  # nan where there is nothing to lie within
    for k in np.flatnonzero(areas > OVERLAP_M2):
        space = spaces[k]
        code, what = (
            ("outside-storey", "its storey")
            if space.parent is None
            else ("outside-parent", f"its parent {space.parent}")
        )
        message = f"{areas[k]:.2f} m2 of it lie outside of {what}."
        report.add(code, file, space.id, message, "Correct the one outline or the other.", shape=space.polygon)


def _check_obstacle(report: Report, file: str, obstacle: Obstacle, outline: shapely.Polygon | None) -> None:
    shape = check_polygon(report, file, obstacle.id, obstacle.polygon, f"The {obstacle.kind}'s outline")
    if shape is not None and outline is not None and not outline.intersects(shape):
        message = f"The {obstacle.kind} lies outside of its storey."
        report.add("outside-storey", file, obstacle.id, message, "Move it, or remove it.", shape=obstacle.polygon)


def _check_openings(report: Report, file: str, storey: Storey, shapes: dict[str, shapely.Polygon]) -> None:
    usable = [opening for opening in storey.openings if _leads_somewhere(report, file, storey, opening)]
    if not usable:
        return
    sides = np.array(
        [[_side(report, storey, shapes, ref) for ref in opening.connects] for opening in usable], dtype=object
    )
    lines = np.array([opening.line for opening in usable])
    middles: Shapes = np.asarray(shapely.points(lines.mean(axis=1)), dtype=object)
    ends: Shapes = np.asarray(shapely.points(lines), dtype=object)
    with np.errstate(invalid="ignore"):
        walls = shapely.boundary(sides)
        off = _worst(distance_m(middles[:, None], walls))
        ends_off = _worst(_worst(distance_m(ends[:, :, None], walls[:, None, :])))
    every_wall = shapely.boundary(np.array(list(shapes.values()), dtype=object))
    anywhere = shapely.union_all(every_wall) if (off > WALL_M).any() else None
    for k, opening in enumerate(usable):
        shape = Line(points=opening.line)
        length = float(np.hypot(*(lines[k, 1] - lines[k, 0])))
        if off[k] > WALL_M:
            nowhere = distance_m(middles[k], anywhere) > WALL_M
            code, message = (
                ("on-no-wall", f"It lies on no wall, {off[k]:.2f} m from those of its spaces.")
                if nowhere
                else ("not-between", f"It lies {off[k]:.2f} m from the wall of one of the spaces it connects.")
            )
            cure = f"Move it onto the edge its spaces share ({WALL_M} m tolerance), or correct connects."
            report.add(code, file, opening.id, message, cure, others=opening.connects, shape=shape)
        elif ends_off[k] > WALL_M:
            message = f"It is wider than its wall: an end lies {ends_off[k]:.2f} m beyond."
            report.add("wider-than-wall", file, opening.id, message, "Shorten it or move it.", shape=shape)
        if opening.width_m is not None and opening.width_m > length + WIDTH_M:
            message = f"Its clear width of {opening.width_m} m exceeds the {length:.2f} m of its line."
            report.add("wider-than-wall", file, opening.id, message, "Correct width_m or its line.", shape=shape)
        if opening.sill_m + opening.height_m > storey.height_m:
            message = f"Its top is {opening.sill_m + opening.height_m:.2f} m high, the storey {storey.height_m} m."
            report.add("too-high", file, opening.id, message, "Correct sill_m or height_m.", shape=shape)


def _worst(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """The greatest along the last axis; nan (outside, or a space without a usable outline) counts as near."""
    return cast("NDArray[np.float64]", np.nan_to_num(distances, nan=0.0).max(axis=-1))


def _leads_somewhere(report: Report, file: str, storey: Storey, opening: Opening) -> bool:
    shape = Line(points=opening.line)
    for message, cure, other in _nowhere(report, storey, opening):
        report.add("leads-nowhere", file, opening.id, message, cure, others=[other], shape=shape)
        return False
    if opening.line[0] == opening.line[1]:
        message = f"The {opening.kind} has no length."
        report.add("no-length", file, opening.id, message, "Draw its line from end to end.", shape=shape)
        return False
    return True


def _nowhere(report: Report, storey: Storey, opening: Opening) -> Iterator[tuple[str, str, str]]:
    a, b = opening.connects
    if a == b:
        yield f"The {opening.kind} leads from {a} to {b}.", "Name the spaces on both of its sides.", a
    for ref in (a, b):
        missing = report.all_known(ref, storey)
        if missing is not None:
            message, cure = report.unknown("space", missing, (s.id for s in storey.spaces))
            yield f"The {opening.kind} leads nowhere. {message}", cure, missing


def _side(report: Report, storey: Storey, shapes: dict[str, shapely.Polygon], ref: str) -> shapely.Polygon | None:
    if ref in shapes or ref == OUTSIDE:
        return shapes.get(ref)
    placed = report.index.spaces.get(fill_template(ref, storey.first))  # a space of another storey or building
    if placed is None or fault(as_drawn(placed.template.polygon)):
        return None
    return as_drawn(placed.template.polygon)
