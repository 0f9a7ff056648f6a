"""The graph of all ways on foot: doors are its nodes, what lies between two doors of one room is an arc.

Rooms, which are `Cell` here, share their doors. How far doors of a room are from each other is worked out once for all
rooms that are alike, exactly: `geometry.walking` walks round corners and what stands about, never through a wall.
Stairs, lifts and ramps are links between spots in rooms. A door that closes is a node that nobody gets to any more, so
nothing has to be drawn anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray

from geometry.walking import Ends, Floor

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

_LEAST_M: Final = 1e-6
"""Length of an arc that has none: to solvers an arc of 0 is no arc."""
_DECIMALS: Final = 6

Flags = NDArray[np.bool_]
Point3 = tuple[float, float, float]
_Alike = tuple[int, bytes, bytes]


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A room, or the open ground: what one walks about in without passing a door.

    Attributes
    ----------
    floor : perhaps shared with other rooms; none is a room that nobody can walk in
    shift_m : (2,) from the floor's own coordinates to the site's
    z_m : height of the floor
    """

    id: str
    floor: Floor | None
    shift_m: Floats
    z_m: float

    def own(self, points_m: Floats) -> Floats:
        """(n, 2) points of the site in the floor's own coordinates."""
        own: Floats = np.asarray(points_m, dtype=np.float64).reshape(-1, np.shape(points_m)[-1])[:, :2] - self.shift_m
        return own


@dataclass(frozen=True, slots=True)
class Spot:
    """A node: a door between two cells, or a place in one.

    Attributes
    ----------
    id : of the door, stair, lift, exit or place
    cells : rows of the cells it is in: both sides of a door, twice the same for a place, none for a lift's car
    kind : such as ``door``, ``stair``, ``lift``, ``exit``, ``place``
    width_m : clear width of a door; infinite where nothing narrows
    is_end : one comes from there or goes there, but never passes on the way to elsewhere, as with a bed or a parked car
    """

    id: str
    kind: str
    cells: tuple[int, ...]
    point_m: Point3
    width_m: float = np.inf
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A way between two spots that leads through no cell: a flight of stairs, a lift's ride, a ramp.

    Attributes
    ----------
    spots : rows of its two ends, the lower first
    id : of the stair, lift or ramp
    kind : such as ``stair``, ``lift``, ``ramp``
    length_m : as one walks
    rise_m : from the first to the second end
    is_both_ways : whether it leads back, too
    """

    spots: tuple[int, int]
    id: str
    kind: str
    length_m: float
    rise_m: float
    is_both_ways: bool = True


@dataclass(frozen=True, eq=False)
class WalkGraph:
    """Spots and the arcs between them, flat. Make one with `walk_graph`.

    Attributes
    ----------
    points_m : (n, 3) where each spot is
    tails, heads : (a,) rows of spots
    lengths_m : (a,) as one walks
    cells_of : (a,) row of the cell an arc lies in, -1 for links
    links_of : (a,) row of the link an arc is, -1 in cells
    rises_m : (a,) how far it goes up; down is negative
    """

    cells: tuple[Cell, ...]
    spots: tuple[Spot, ...]
    links: tuple[Link, ...]
    points_m: Floats
    tails: Ints
    heads: Ints
    lengths_m: Floats
    cells_of: Ints
    links_of: Ints
    rises_m: Floats

    @cached_property
    def rows(self) -> Mapping[str, tuple[int, ...]]:
        """Rows of the spots of each id."""
        found: dict[str, list[int]] = {}
        for row, spot in enumerate(self.spots):
            found.setdefault(spot.id, []).append(row)
        return {name: tuple(rows) for name, rows in found.items()}

    @cached_property
    def spots_in(self) -> tuple[tuple[int, ...], ...]:
        """Rows of the spots of each cell."""
        found: list[list[int]] = [[] for _ in self.cells]
        for row, spot in enumerate(self.spots):
            for cell in dict.fromkeys(spot.cells):
                found[cell].append(row)
        return tuple(tuple(rows) for rows in found)

    def to_networkx(self) -> "nx.DiGraph[int]":
        """The same for people to inspect, draw and export; parallel arcs keep the shortest."""
        graph: nx.DiGraph[int] = nx.DiGraph()
        for row, spot in enumerate(self.spots):
            x, y, z = spot.point_m
            graph.add_node(row, id=spot.id, kind=spot.kind, x_m=x, y_m=y, z_m=z, width_m=spot.width_m)
        order = np.argsort(-self.lengths_m, kind="stable")
        for k in order.tolist():
            within, link = int(self.cells_of[k]), int(self.links_of[k])
            graph.add_edge(
                int(self.tails[k]), int(self.heads[k]), length_m=float(self.lengths_m[k]),
                rise_m=float(self.rises_m[k]), cell=self.cells[within].id if within >= 0 else "",
                link=self.links[link].id if link >= 0 else "",
            )  # fmt: skip
        return graph


def walk_graph(cells: Sequence[Cell], spots: Sequence[Spot], links: Sequence[Link] = ()) -> WalkGraph:
    """The graph of cells that share spots, joined by links.

    Examples
    --------
    >>> import shapely
    >>> from geometry.walking import floor
    >>> room = floor(shapely.box(0, 0, 4, 3))
    >>> here, there = Cell("a", room, np.zeros(2), 0.0), Cell("b", room, np.array([4.0, 0.0]), 0.0)
    >>> door = Spot("door", "door", (0, 1), (4.0, 1.5, 0.0), 0.9)
    >>> bed = Spot("bed", "place", (0, 0), (1.0, 1.5, 0.0), is_end=True)
    >>> sofa = Spot("sofa", "place", (1, 1), (7.0, 1.5, 0.0), is_end=True)
    >>> graph = walk_graph([here, there], [door, bed, sofa])
    >>> [(graph.spots[a].id, graph.spots[b].id) for a, b in zip(graph.tails, graph.heads)]
    [('door', 'bed'), ('bed', 'door'), ('door', 'sofa'), ('sofa', 'door')]
    >>> graph.lengths_m.round(2).tolist()
    [3.0, 3.0, 3.0, 3.0]
    """
    points = np.array([spot.point_m for spot in spots], dtype=np.float64).reshape(-1, 3)
    members: list[list[int]] = [[] for _ in cells]
    for row, spot in enumerate(spots):
        for number in dict.fromkeys(spot.cells):
            members[number].append(row)
    is_end = np.array([spot.is_end for spot in spots], dtype=bool)
    known: dict[_Alike, tuple[Ints, Ints, Floats]] = {}
    parts: list[tuple[Ints, Ints, Floats, int]] = []
    for row, (cell, mine) in enumerate(zip(cells, members, strict=True)):
        if cell.floor is None or len(mine) < 2:
            continue
        inside = np.asarray(mine, dtype=np.int32)
        one, other, length_m = _between(cell.floor, cell.own(points[inside]), is_end[inside], known)
        parts.append((inside[one], inside[other], length_m, row))
    ups = [(k, link) for k, link in enumerate(links) if np.isfinite(link.length_m)]
    downs = [(k, link) for k, link in ups if link.is_both_ways]
    tails = [*(a for a, *_ in parts), _rows(u.spots[0] for _, u in ups), _rows(d.spots[1] for _, d in downs)]
    heads = [*(b for _, b, *_ in parts), _rows(u.spots[1] for _, u in ups), _rows(d.spots[0] for _, d in downs)]
    lengths = [*(c for _, _, c, _ in parts), np.array([link.length_m for _, link in (*ups, *downs)])]
    walked = sum(len(a) for a, *_ in parts)
    cells_of = np.concatenate([np.repeat(_rows(r for *_, r in parts), [len(a) for a, *_ in parts]),
                               np.full(len(ups) + len(downs), -1, np.int32)]).astype(np.int32)  # fmt: skip
    links_of = np.concatenate([np.full(walked, -1, np.int32), _rows(k for k, _ in (*ups, *downs))])
    rises = np.concatenate([np.zeros(walked), [u.rise_m for _, u in ups], [-d.rise_m for _, d in downs]])
    return WalkGraph(
        tuple(cells), tuple(spots), tuple(links), points, np.concatenate(tails), np.concatenate(heads),
        np.maximum(np.concatenate(lengths), _LEAST_M), cells_of, links_of, rises,
    )  # fmt: skip


def _rows(rows: object) -> Ints:
    return np.fromiter(rows, dtype=np.int32)  # type: ignore[call-overload,no-any-return] # any iterable of whole numbers


def _between(
    over: Floor, points_m: Floats, is_end: Flags, known: dict[_Alike, tuple[Ints, Ints, Floats]]
) -> tuple[Ints, Ints, Floats]:
    """Rows of points and of points that one can walk between, and how far; rooms alike are asked once."""
    key = id(over), np.round(points_m, _DECIMALS).tobytes(), is_end.tobytes()
    if key not in known:
        at, off_m = over.onto(points_m)
        passed = np.flatnonzero(np.isfinite(off_m) & ~is_end)
        ends = np.flatnonzero(np.isfinite(off_m) & is_end)
        apart = np.full((len(at), len(at)), np.inf)
        apart[np.ix_(passed, passed)] = over.between_m(at[passed])
        if len(passed) and len(ends):
            to = over.ends(at[ends])
            for row in passed.tolist():
                apart[row, ends] = apart[ends, row] = over.field(at[row][None]).walk(to)[0]
        apart += off_m[:, None] + off_m[None]
        np.fill_diagonal(apart, np.inf)
        one, other = np.nonzero(np.isfinite(apart))
        known[key] = one.astype(np.int32), other.astype(np.int32), apart[one, other]
    return known[key]


def nearest_on(cell: Cell, point_m: Point3, within_m: float) -> Point3:
    """The point of a cell's floor that is nearest to another; itself where it is on the floor, or too far off it.

    Examples
    --------
    >>> import shapely
    >>> from geometry.walking import floor
    >>> room = Cell("a", floor(shapely.box(0, 0, 4, 3), clearance_m=0.9), np.zeros(2), 0.0)
    >>> nearest_on(room, (2.0, 0.0, 0.0), 1.5), nearest_on(room, (2.0, -5.0, 0.0), 1.5)
    ((2.0, 0.903, 0.0), (2.0, -5.0, 0.0))
    """
    if cell.floor is None:
        return point_m
    at = shapely.Point(*cell.own(np.array([point_m]))[0])
    line = shapely.shortest_line(cell.floor.area, at)
    if line.length < 1e-9 or line.length > within_m:
        return point_m
    x, y = np.array(line.coords[0]) + cell.shift_m
    return round(float(x), _DECIMALS), round(float(y), _DECIMALS), point_m[2]


def legs_in(cell: Cell, point_m: Point3, spots: Sequence[Spot]) -> Floats:
    """(spots,) how far a point in a cell is from some of the cell's spots; infinite where no way leads. [m]"""
    if cell.floor is None or not spots:
        return np.full(len(spots), np.inf)
    ends: Ends = cell.floor.ends(cell.own(np.array([spot.point_m for spot in spots])))
    origin, off_m = cell.floor.onto(cell.own(np.array([point_m])))
    if not np.isfinite(off_m[0]):
        return np.full(len(spots), np.inf)
    lengths, _ = cell.floor.field(origin).walk(ends)
    found: Floats = lengths + off_m[0]
    return found
