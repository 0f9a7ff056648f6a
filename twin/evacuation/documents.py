"""An evacuation as plain values, for JSON."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from twin.evacuation.simulation import QUANTILES, Cleared, Evacuation
from twin.evacuation.streams import streams

_DRAWN_QUEUES: Final = 60


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
        "through_fire": list(found.through_fire),
        "timeline": _timeline(found.times_s, found.inside, found.out),
    }


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
    return {"space": space, "name": name, "place": _place(found, site.index.spaces[space].storey.id), "point_m": point}


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
