"""Pipe networks in the scene: a unit tube and a unit joint, instanced along every pipe."""

import itertools
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from pipe_network.model import Pipe, Pump, Reservoir, Tank, Valve
from twin.index import SiteIndex
from viewer.documents.pipes import Pipes, PlacedLink, PlacedNode, PointM
from viewer.scene import palette
from viewer.scene.gltf import GlbWriter, Instances, Surface
from viewer.scene.objects import ObjectTable
from viewer.scene.surfaces import Drawing

_LEAST_RADIUS_M: Final = 0.05
_DRAWN_RATIO: Final = 1.4
"""Pipes are drawn wider than they are, or a service pipe would be a hair."""
_SEEN_RATIO: Final = 1 / 900
"""Least radius over the extent of a town's network, which is looked at from far."""

_SIDES: Final = 6
_SYMBOLS: Final = frozenset({"hydrant", "meter", "tank", "pump_suction", "manhole", "outfall", "inlet"})


def add_pipes(index: SiteIndex, writer: GlbWriter, table: ObjectTable) -> None:
    """Add the pipes, pumps and valves of every network, and its nodes that stand for something."""
    pipes = Pipes(index)
    tube, joint = _tube(), _joint()
    scale = 1.0 if index.site.buildings else _town_scale(pipes)
    for network in index.site.networks:
        links = [k for k in pipes.links.values() if k.network == network.id]
        segments = [(link, table.add("pipe", link.id)) for link in links]
        extras = {
            "role": "pipes",
            "network": network.id,
            "kind": network.kind,
            "colour": palette.NETWORKS[network.kind],
        }
        writer.add(f"pipes-{network.id}", tube, extras, _segments(segments, pipes.nodes, scale))
        symbols, rows = [], []
        fittings = [(link.middle_m, row) for link, row in segments if isinstance(link.link, Valve | Pump)]
        for point, row in fittings:
            symbols.append((*point, 0.28 * scale))
            rows.append(row)
        for node in pipes.nodes.values():
            if node.network != network.id:
                continue
            stands = node.tie.asset in _SYMBOLS or isinstance(node.node, Tank | Reservoir)
            if not stands:
                continue
            x_m, y_m, z_m = node.point_m
            symbols.append((x_m, y_m, 0.0 if isinstance(node.node, Reservoir) else z_m, 0.34 * scale))
            rows.append(table.add("node", node.id))
        writer.add(f"nodes-{network.id}", joint, {**extras, "role": "nodes"}, _symbols(symbols, rows))


def _town_scale(pipes: Pipes) -> float:
    """How many times wider than on an estate the pipes of a whole town are drawn."""
    points = np.array([node.point_m for node in pipes.nodes.values()], dtype=np.float64).reshape(-1, 3)
    if len(points) == 0:
        return 1.0
    extent_m = float(np.ptp(points[:, :2], axis=0).max())
    return max(1.0, extent_m * _SEEN_RATIO / (2 * _LEAST_RADIUS_M))


def _radius_m(link: PlacedLink) -> float:
    wide_m = link.link.diameter_m if isinstance(link.link, Pipe | Valve) else 0.1
    return max(_LEAST_RADIUS_M, wide_m / 2 * _DRAWN_RATIO)


def _path(link: PlacedLink, sources: tuple[bool, bool]) -> tuple[PointM, ...]:
    """The link's line at the height it lies: below ground by its cover where the file gives the ground's height."""
    points = link.path_m
    cover_m = link.tie.depth_m or 0.0
    heights = [z - cover_m if -0.3 < z < 0.3 else z for _, _, z in points]
    if sources[0]:  # the head of a source is no place
        heights[0] = heights[-1]
    if sources[1]:
        heights[-1] = heights[0]
    return tuple((x, y, z) for (x, y, _), z in zip(points, heights, strict=True))


def _segments(links: list[tuple[PlacedLink, int]], nodes: dict[str, PlacedNode], scale: float) -> Instances:
    starts, ends, radii, rows = [], [], [], []
    for link, row in links:
        two = (nodes[f"{link.network}/{end}"].node for end in (link.link.start, link.link.end))
        first, last = (isinstance(node, Reservoir) for node in two)
        path = _path(link, (first, last))
        for a, b in itertools.pairwise(path):
            starts.append(a)
            ends.append(b)
            radii.append(_radius_m(link) * scale)
            rows.append(row)
    start, end = (np.array(p, dtype=np.float64).reshape(-1, 3) for p in (starts, ends))
    along = end - start
    length_m = np.linalg.norm(along, axis=1)
    real = length_m > 1e-3
    radius = np.array(radii)[real]
    return Instances(
        places_m=start[real].astype(np.float32),
        objects=np.array(rows, dtype=np.float32)[real],
        turns=upright_to(along[real] / length_m[real, None]).astype(np.float32),
        sizes_ratio=np.column_stack((radius, radius, length_m[real])).astype(np.float32),
    )


def upright_to(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 4) the quaternions x, y, z, w that turn the z axis to each unit direction.

    Examples
    --------
    >>> upright_to(np.array([[0.0, 0.0, 1.0]])).tolist()
    [[0.0, 0.0, 0.0, 1.0]]
    """
    x, y, z = directions[:, 0], directions[:, 1], directions[:, 2]
    turns = np.column_stack((-y, x, np.zeros_like(x), 1 + z))
    straight_down = z < -1 + 1e-9
    turns[straight_down] = (1.0, 0.0, 0.0, 0.0)
    found: NDArray[np.float64] = turns / np.linalg.norm(turns, axis=1, keepdims=True) + 0.0
    return found


def _symbols(points: list[tuple[float, float, float, float]], rows: list[int]) -> Instances:
    at = np.array(points, dtype=np.float32).reshape(-1, 4)
    return Instances(at[:, :3], np.array(rows, dtype=np.float32), sizes_ratio=np.repeat(at[:, 3:], 3, axis=1))


def _tube() -> Surface:
    """A tube of radius 1 from 0 to 1 along z."""
    drawing = Drawing()
    angles = np.arange(_SIDES) * 2 * np.pi / _SIDES
    drawing.sides(shapely.Polygon(np.column_stack((np.cos(angles), np.sin(angles)))), 0.0, 1.0, (255, 255, 255, 255))
    return drawing.surface()


def _joint() -> Surface:
    """An octahedron of radius 1."""
    drawing = Drawing()
    around = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0)]
    for k, a in enumerate(around):
        b = around[(k + 1) % 4]
        for pole in ((0.0, 0.0, 1.0), (0.0, 0.0, -1.0)):
            corners = (a, b, pole, pole) if pole[2] > 0 else (b, a, pole, pole)
            drawing.quad(corners, (255, 255, 255, 255))
    return drawing.surface()
