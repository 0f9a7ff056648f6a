"""An evacuation as plain values, for JSON."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import shapely

from geometry.meshes import polygons_of
from geometry.walk_graph import Cell
from twin.evacuation.burning import FireCourse
from twin.evacuation.simulation import QUANTILES, Cleared, Evacuation
from twin.evacuation.streams import streams

_DRAWN_QUEUES: Final = 60
_SEEN_M: Final = 10.0
"""Who never sees less far than this met no smoke to speak of."""
_SEEN_PER_M: Final = 0.05
_COARSE_M: Final = 0.1
_SMOKE_EVERY: Final = 3
"""Of the moments that are told of smoke, each third is drawn."""


def evacuation_document(found: Evacuation) -> dict[str, Any]:
    """Times, queues, exits and who has no way; a time that is never is null."""
    names = found.of.site.index
    return {
        "persons": round(found.site.persons, 1),
        "clear_s": _seconds(found.site.clear_s),
        "quantiles_s": _quantiles(found.site),
        "buildings": [
            {"id": one.id, "name": names.buildings[one.id].name.model_dump(), **_cleared(one)}
            for one in found.buildings
        ],
        "storeys": [
            {
                "id": one.id,
                "building": names.storeys[one.id].building.id,
                "name": names.storeys[one.id].name.model_dump(),
                **_cleared(one),
            }
            for one in found.storeys
        ],
        "queues": [
            {
                "id": one.id,
                "kind": one.kind,
                "storey": one.storey,
                "place": _place(found, one.storey),
                "point_m": _point(one.point_m),
                "waited_person_s": round(one.waited_person_s),
                "longest": round(one.longest, 1),
            }
            for one in found.queues
        ],
        "exits": [
            {
                "id": one.id,
                "place": _place(found, one.storey),
                "point_m": _point(one.point_m),
                "persons": round(one.persons, 1),
                "clear_s": _seconds(one.clear_s),
            }
            for one in found.exits
        ],
        "fire": _fire(found),
        "trapped": [{"space": space, "persons": _persons(found, space)} for space in found.trapped],
        "caught": [
            {
                "place": one.cell,
                "name": _name(found, one.cell),
                "storey": one.storey,
                "persons": round(one.persons, 1),
            }
            for one in found.caught
        ],
        "through_fire": list(found.through_fire),
        "smoke": None if found.fire is None else _smoke(found, found.fire),
        "lifted": [
            {
                "lift": trip.lift,
                "storey": trip.storey,
                "persons": round(trip.persons, 2),
                "leaves_s": round(trip.leaves_s, 1),
                "arrives_s": round(trip.arrives_s, 1),
            }
            for trip in found.lifted
        ],
        "timeline": _timeline(found.times_s, found.inside, found.out),
    }


def _name(found: Evacuation, cell: str) -> dict[str, str]:
    """Of a room or a stair."""
    index = found.of.site.index
    if cell in index.spaces:
        return index.spaces[cell].name.model_dump()
    stairs = {stair.id: stair.name.model_dump() for of in index.site.buildings for stair in of.stairs}
    return stairs.get(cell, {"zh": cell, "en": cell})


def _smoke(found: Evacuation, fire: FireCourse) -> dict[str, Any]:
    """What the fire does: to ways, and to people."""
    return {
        "harmed": round(fire.harmed, 1),
        "overcome": round(fire.overcome, 1),
        "margins": [
            {
                "place": one.place,
                "name": _name(found, one.place),
                "at": _place(found, one.storey),
                "available_s": _seconds(one.available_s),
                "needed_s": _seconds(one.needed_s),
                "sure_s": None if one.sure_s is None else _seconds(one.sure_s),
                "margin_s": _seconds(one.margin_s),
            }
            for one in fire.margins
        ],
        "exposed": [
            {
                "space": one.space,
                "name": _name(found, one.space),
                "at": _place(found, found.of.site.index.spaces[one.space].storey.id),
                "persons": round(one.persons, 1),
                "harmed": round(one.harmed, 2),
                "dose": round(one.dose, 3),
                "sight_m": round(min(one.sight_m, 999.0), 1),
                "out_s": _seconds(one.out_s),
                "stay_dose": round(one.stay_dose, 3),
                "is_better_staying": one.is_better_staying,
            }
            for one in fire.exposed
            if one.dose > 1e-3 or one.sight_m < _SEEN_M
        ],
    }


def smoke_document(found: Evacuation) -> dict[str, Any]:
    """Smoke as it is drawn: of each room that it reaches, how thick it is over time."""
    if found.fire is None:
        return {"smoke_times_s": [], "smoke_rooms": []}
    smoke, graph, spaces = found.fire.smoke, found.of.site.graph, found.of.site.index.spaces
    told = np.arange(0, len(smoke.times_s), _SMOKE_EVERY)
    reached = [(zone, graph.cells[cell].id) for zone, cell in enumerate(smoke.zones.tolist())
               if smoke.extinction_per_m[told, zone].max() > _SEEN_PER_M]  # fmt: skip
    return {
        "smoke_times_s": smoke.times_s[told].tolist(),
        "smoke_rooms": [
            {
                "space": name,
                "storey": spaces[name].storey.id if name in spaces else None,
                "z_m": round(graph.cells[int(smoke.zones[zone])].z_m, 2),
                "outline_m": _outline(graph.cells[int(smoke.zones[zone])]),
                "extinction_per_m": np.round(smoke.extinction_per_m[told, zone], 2).tolist(),
            }
            for zone, name in reached
        ],
    }


def _outline(cell: Cell) -> list[list[float]]:
    """Of a room's floor, in the site frame."""
    if cell.floor is None:
        return []
    ground = max(polygons_of(cell.floor.area), key=lambda part: part.area)
    simple = shapely.get_coordinates(shapely.get_exterior_ring(ground.simplify(_COARSE_M))) + cell.shift_m
    found: list[list[float]] = np.round(simple, 2).tolist()
    return found


def _place(found: Evacuation, storey: str | None) -> dict[str, str] | None:
    """Building and storey in words."""
    if storey is None:
        return None
    at = found.of.site.index.storeys[storey]
    parts = (at.building.name.model_dump(), at.name.model_dump())
    return {
        language: " · ".join(part[language] for part in parts if part[language]) or storey for language in ("zh", "en")
    }


def _point(point_m: tuple[float, float, float]) -> list[float]:
    return [round(value, 2) for value in point_m]


def _fire(found: Evacuation) -> dict[str, Any] | None:
    """What burns, and where."""
    space, site = found.asked.fire, found.of.site
    if space is None:
        return None
    name = site.index.spaces[space].name.model_dump()
    row = site.place_of.get(space)
    point = None if row is None else _point(site.graph.spots[row].point_m)
    building = site.index.spaces[space].storey.building
    return {
        "space": space,
        "name": name,
        "place": _place(found, site.index.spaces[space].storey.id),
        "point_m": point,
        "lifts": [lift.id for lift in building.lifts],
    }


def streams_document(found: Evacuation) -> dict[str, Any]:
    """What is drawn of an evacuation: lines people walk along, and queues as they grow."""
    number = {int(row): k for k, row in enumerate(found.of.spots.tolist())}
    graph = found.of.site.graph
    rows = {(graph.spots[row].id, graph.spots[row].point_m): k for row, k in number.items()}
    drawn = found.queues[:_DRAWN_QUEUES]
    return {
        "streams": [
            {
                "line_m": np.round(stream.line_m, 2).tolist(),
                "persons": round(stream.persons, 1),
                "storey": stream.storey,
            }
            for stream in streams(found.of, found.asked.persons)
        ],
        "waiting": [np.round(found.emptied.waiting[:, rows[one.id, one.point_m]], 1).tolist() for one in drawn],
    }


def _persons(found: Evacuation, space: str) -> float:
    return round(found.asked.persons[space], 1)


def _cleared(one: Cleared) -> dict[str, Any]:
    return {"persons": round(one.persons, 1), "clear_s": _seconds(one.clear_s), "quantiles_s": _quantiles(one)}


def _quantiles(one: Cleared) -> dict[str, float | None] | None:
    if one.quantiles_s is None:
        return None
    return {f"{share:g}": _seconds(value) for share, value in zip(QUANTILES, one.quantiles_s, strict=True)}


def _seconds(value: float) -> float | None:
    return round(value, 1) if np.isfinite(value) else None


def _timeline(
    times_s: np.ndarray[Any, Any], inside: Mapping[str, np.ndarray[Any, Any]], out: np.ndarray[Any, Any]
) -> dict[str, Any]:
    """How many are where at which time; storeys nobody is ever on are left out."""
    return {
        "times_s": times_s.tolist(),
        "out": np.round(out, 1).tolist(),
        "inside": {
            storey: np.round(np.maximum(many, 0.0), 1).tolist() for storey, many in inside.items() if many.max() > 0.05
        },
    }
