"""The way to read for a crew: gate, building entrance, lift or stairs, storey, corridor, door.

A graph of door points joined by straight segments through the spaces between them, stairs and lifts from storey to
storey, and straight lines outdoors. Its words are right; its length is a little short where a space is not convex
and where buildings stand between a gate and an entrance.
"""

import math
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import networkx as nx

from twin.errors import UnknownIdError
from twin.index import PlacedOpening, SiteIndex
from twin.model.base import Text, fill_template
from twin.model.buildings import OUTSIDE, Building, Lift, Ramp, Stair
from twin.operations.errors import CommandError
from twin.operations.events import Phrase, Place
from twin.operations.pipe_places import space_to_reach
from twin.operations.places import phrase, place_of

STAIR_RATIO: Final = 2.0
"""Walking length of a stair per metre of height: risers of 0.165 m on treads of 0.26 m slope 1.87, and landings."""
STAIR_COST_RATIO: Final = 4.8
"""What a metre of height on a stair costs beside a metre walked: 0.25 m/s upwards against 1.2 m/s."""
LIFT_WAIT_M: Final = 30.0
"""A lift costs as much as walking this far before it comes, so that one storey or two are climbed."""
LIFT_RATIO: Final = 0.8
"""What a metre in a lift costs beside a metre walked: 1.75 m/s less stops and doors."""
GROUND_M: Final = 2.0
"""A door higher above or deeper below the building's base than this does not lead onto the ground."""
_GATES: Final = ("gate", "vehicle_gate")

if TYPE_CHECKING:
    Graph = nx.Graph["Node"]  # generic only in the stubs
else:
    Graph = nx.Graph

Point = tuple[float, float, float]
Node = tuple[str, str]
"""What kind of point (``door``, ``ramp``, ``shaft``, ``start``, ``end``) and its id; a shaft has one a storey."""
Edge = Literal["walk", "stairs", "lift", "ramp", "outside"]


class WayStep(msgspec.Struct, frozen=True):
    """One thing to do, where, and on which storey."""

    text: Phrase
    storey: str | None
    point_m: Point


class Way(msgspec.Struct, frozen=True):
    """A way step by step, and how long it is."""

    steps: tuple[WayStep, ...]
    length_m: float


@dataclass(frozen=True, slots=True)
class _End:
    """An end of the way: where it is, the spaces it is in (none outdoors), and its building."""

    id: str
    name: Phrase
    point_m: Point
    spaces: tuple[str, ...]
    building: str | None
    storey: str | None


def directions(index: SiteIndex, target: str, *, start: str | None = None) -> Way:
    """The way to a device, space, building, ground feature, pipe or node.

    Parameters
    ----------
    start : id to begin at; none or empty means the gate nearest to the target

    Raises
    ------
    UnknownIdError
        If the site has no such place.
    CommandError
        If no doors, stairs or lifts lead there.
    """
    end = _end(index, target)
    begin = _end(index, start) if start else _nearest_gate(index, end)
    graph = _graph(index, {b for b in (begin.building, end.building) if b is not None})
    for kind, place in (("start", begin), ("end", end)):
        _join(graph, (kind, place.id), place)
    try:
        path: list[Node] = nx.shortest_path(graph, ("start", begin.id), ("end", end.id), weight="cost")
    except nx.NetworkXNoPath:
        raise CommandError("to", f"no doors, stairs or lifts lead from {begin.id} to {end.id}; draw them") from None
    length_m = sum(float(graph.edges[a, b]["length_m"]) for a, b in pairwise(path))
    return Way(_steps(index, graph, path, begin, end), round(length_m, 1))


def _end(index: SiteIndex, object_id: str) -> _End:
    if object_id in index.devices:
        place = place_of(index, "device", object_id)
        space = index.devices[object_id].space
        return _within(index, place, space)
    if object_id in index.spaces:
        return _within(index, place_of(index, "space", object_id), object_id)
    if object_id in index.buildings:
        return _within(index, _entrance(index, object_id), None)
    if any(feature.id == object_id for feature in index.site.grounds):
        return _within(index, place_of(index, "ground", object_id), None)
    for kind in ("pipe", "node"):
        if _is_of_network(index, kind, object_id):
            place = place_of(index, kind, object_id)
            return _within(index, place, space_to_reach(index, place))
    known = (*index.devices, *index.spaces, *index.buildings, *(f.id for f in index.site.grounds))
    raise UnknownIdError("place", object_id, known)


def _is_of_network(index: SiteIndex, kind: str, object_id: str) -> bool:
    for network in index.site.networks:
        if object_id.startswith(f"{network.id}/"):
            parsed = index.network(network.id)
            names = parsed.nodes if kind == "node" else parsed.links
            if object_id.removeprefix(f"{network.id}/") in names:
                return True
    return False


def _within(index: SiteIndex, place: Place, space_id: str | None) -> _End:
    space = None if space_id is None else index.spaces.get(space_id)
    if space is None:
        return _End(place.id, place.name, place.point_m, (), None, None)
    point_m = (place.point_m[0], place.point_m[1], space.storey.elevation_m)
    # one is in a flat when one is in any of its rooms
    rooms = [s.id for s in index.spaces.values() if s.storey.id == space.storey.id and s.parent == space.id]
    return _End(place.id, place.name, point_m, (space.id, *rooms), space.storey.building.id, space.storey.id)


def _entrance(index: SiteIndex, building_id: str) -> Place:
    place = place_of(index, "building", building_id)
    for opening in index.openings.values():
        leads_out = OUTSIDE in opening.connects and _passable(opening) and _at_ground(opening)
        if opening.storey.building.id == building_id and leads_out:
            return Place(place.type, place.id, place.name, _door_point(opening))
    return place


def _nearest_gate(index: SiteIndex, end: _End) -> _End:
    gates = [place_of(index, "ground", f.id) for f in index.site.grounds if f.use in _GATES]
    if not gates:
        raise CommandError("from", "the site has no gate; say where to begin")
    return _within(index, min(gates, key=lambda g: math.dist(g.point_m, end.point_m)), None)


def _passable(opening: PlacedOpening) -> bool:
    return opening.template.kind != "window"


def _at_ground(opening: PlacedOpening) -> bool:
    """Whether a door to the outside leads onto the ground, not onto a balcony or a roof."""
    return abs(opening.storey.elevation_m - opening.storey.building.base_elevation_m) <= GROUND_M


def _door_point(opening: PlacedOpening) -> Point:
    (x0, y0), (x1, y1) = opening.template.line
    return (x0 + x1) / 2, (y0 + y1) / 2, opening.storey.elevation_m


def _graph(index: SiteIndex, buildings: set[str]) -> Graph:
    """Doors, stairs and lifts of some buildings; spaces are the edges between their doors."""
    graph: Graph = nx.Graph(doors={})
    for opening in index.openings.values():
        if opening.storey.building.id in buildings and _passable(opening):
            node = ("door", opening.id)
            graph.add_node(node, point_m=_door_point(opening), storey=opening.storey.id)
            for space in opening.connects:
                if space != OUTSIDE or _at_ground(opening):
                    graph.graph["doors"].setdefault(space, []).append(node)
    for building_id in sorted(buildings):
        _add_ways_up(graph, index, index.buildings[building_id])
    for space, doors in graph.graph["doors"].items():
        for a, b in combinations(doors, 2):
            _add_walk(graph, a, b, "outside" if space == OUTSIDE else "walk", space)
    return graph


def _add_ways_up(graph: Graph, index: SiteIndex, building: Building) -> None:
    for ramp in building.ramps:
        _add_ramp(graph, ramp)
    for stair in building.stairs:
        _add_shaft(graph, index, stair)
    for lift in building.lifts:
        _add_shaft(graph, index, lift)


def _add_walk(graph: Graph, a: Node, b: Node, kind: Edge, space: str) -> None:
    length_m = math.dist(graph.nodes[a]["point_m"], graph.nodes[b]["point_m"])
    if not graph.has_edge(a, b) or graph.edges[a, b]["cost"] > length_m:
        graph.add_edge(a, b, cost=length_m, length_m=length_m, kind=kind, space=space)


def _add_ramp(graph: Graph, ramp: Ramp) -> None:
    points = ramp.axis.points
    ends: tuple[Node, Node] = ("ramp", f"{ramp.id}:0"), ("ramp", f"{ramp.id}:1")
    for node, point_m, space in zip(ends, (points[0], points[-1]), ramp.connects, strict=True):
        graph.add_node(node, point_m=point_m, storey=None)
        graph.graph["doors"].setdefault(space, []).append(node)
    length_m = sum(math.dist(a, b) for a, b in pairwise(points))
    graph.add_edge(*ends, cost=length_m, length_m=length_m, kind="ramp", space=f"ramp {ramp.id}", ramp=ramp)


def _add_shaft(graph: Graph, index: SiteIndex, shaft: Stair | Lift) -> None:
    landings: list[Node] = []
    for number in range(shaft.first, shaft.last + 1):
        space_id = fill_template(shaft.space, number)
        if space_id not in index.spaces:
            continue
        storey = index.spaces[space_id].storey
        node = ("shaft", f"{shaft.id}:{storey.id}")
        graph.add_node(node, point_m=index.space_point(space_id), storey=storey.id, shaft=shaft, number=number)
        graph.graph["doors"].setdefault(space_id, []).append(node)
        landings.append(node)
    for a, b in pairwise(landings) if isinstance(shaft, Stair) else combinations(landings, 2):
        rise_m = abs(graph.nodes[a]["point_m"][2] - graph.nodes[b]["point_m"][2])
        if isinstance(shaft, Stair):
            graph.add_edge(
                a, b, cost=STAIR_COST_RATIO * rise_m, length_m=STAIR_RATIO * rise_m, kind="stairs", shaft=shaft
            )
        else:
            graph.add_edge(a, b, cost=LIFT_WAIT_M + LIFT_RATIO * rise_m, length_m=rise_m, kind="lift", shaft=shaft)


def _join(graph: Graph, node: Node, end: _End) -> None:
    """Add an end of the way and join it to the doors of its spaces, or to the entrances."""
    graph.add_node(node, point_m=end.point_m, storey=end.storey)
    for space in end.spaces or (OUTSIDE,):
        nodes = graph.graph["doors"].setdefault(space, [])
        for other in nodes:
            _add_walk(graph, node, other, "outside" if space == OUTSIDE else "walk", space)
        nodes.append(node)


def _steps(index: SiteIndex, graph: Graph, path: list[Node], begin: _End, end: _End) -> tuple[WayStep, ...]:
    at = graph.nodes
    steps = [WayStep(Phrase(f"从{begin.name.zh}出发", f"Start at {begin.name.en}"), begin.storey, begin.point_m)]
    ridden: Stair | Lift | None = None
    for i, node in enumerate(path[1:-1], 1):
        edge, onward, here = graph.edges[path[i - 1], node], graph.edges[node, path[i + 1]], at[node]
        if edge["kind"] in {"stairs", "lift"}:
            if edge["shaft"] is ridden:
                steps.pop()  # one step for all storeys of a stair
            ridden = edge["shaft"]
            steps.append(WayStep(_ride(index, edge["shaft"], here["storey"]), here["storey"], here["point_m"]))
        elif edge["kind"] == "ramp":
            ramp = _name(edge["ramp"].name, edge["ramp"].id)
            steps.append(WayStep(Phrase(f"走{ramp.zh}", f"Take {ramp.en}"), here["storey"], here["point_m"]))
        elif node[0] == "door" and onward["space"] != edge["space"] and not _is_lift(index, onward["space"]):
            ridden = None
            text = _pass_door(index, index.openings[node[1]], onward["space"])
            steps.append(WayStep(text, here["storey"], here["point_m"]))
    steps.append(WayStep(Phrase(f"到达{end.name.zh}", f"Arrive at {end.name.en}"), end.storey, end.point_m))
    return tuple(steps)


def _is_lift(index: SiteIndex, space: str) -> bool:
    """Whether a door leads into a lift: the step is then to take it."""
    return space in index.spaces and index.spaces[space].template.use == "lift_shaft"


def _ride(index: SiteIndex, shaft: Stair | Lift, storey_id: str) -> Phrase:
    storey = _name(index.storeys[storey_id].name, storey_id)
    if isinstance(shaft, Lift):
        lift = _name(shaft.name, shaft.id)
        return Phrase(f"乘{lift.zh}到{storey.zh}", f"Take {lift.en} to {storey.en}")
    stair = _name(shaft.name, shaft.id)
    return Phrase(f"走{stair.zh}到{storey.zh}", f"Take {stair.en} to {storey.en}")


def _pass_door(index: SiteIndex, door: PlacedOpening, into: str) -> Phrase:
    """Through a door, into the space behind it."""
    building = _name(door.storey.building.name, door.storey.building.id)
    key = Phrase("（需门禁卡或钥匙）", " (card or key)") if door.template.locked else Phrase()
    if into == OUTSIDE:
        return Phrase(f"走出{building.zh}{key.zh}", f"Leave {building.en}{key.en}")
    if OUTSIDE in door.connects:
        return Phrase(f"由入口进入{building.zh}{key.zh}", f"Enter {building.en}{key.en}")
    space = index.spaces[into]
    name = _name(space.name, into)
    return Phrase(f"进入{name.zh}{key.zh}", f"Go into {name.en}{key.en}")


def _name(text: Text, fallback: str) -> Phrase:
    found = phrase(text)
    return found if found.zh else Phrase(fallback, fallback)
