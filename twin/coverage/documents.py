"""A coverage answer as plain values, for JSON."""

from typing import Any

from shapely.geometry import mapping

from twin.coverage.check import CameraCoverage
from twin.coverage.kinds import KindAnswer
from twin.coverage.levels import level_of
from twin.coverage.result import Gap, PlaceResult, Rule
from twin.coverage.walking_values import walk_class, walk_kinds

_DECIMALS = 4


def document(coverage: KindAnswer) -> dict[str, Any]:
    """The answer for all places of a kind; areas are GeoJSON geometries in the site frame."""
    return {
        "is_met": all(place.is_met for place in coverage.places),
        "places": [place_document(place) for place in coverage.places],
        "offline": sorted(coverage.offline),
        "problems": problems_document(coverage),
    }


def camera_answer(coverage: CameraCoverage) -> dict[str, Any]:
    """The answer for all places and cameras."""
    return {
        **document(coverage),
        "cameras": [
            {
                "id": camera.id,
                "model": camera.model.id,
                "is_offline": camera.id in coverage.offline,
                "needed_by": [place.place_id for place in coverage.places if camera.id in place.depends_on],
            }
            for camera in coverage.cameras
        ],
    }


def problems_document(coverage: KindAnswer) -> list[dict[str, str]]:
    """What could not be reckoned."""
    return [
        {"code": problem.code, "object_id": problem.object_id, "message": problem.message}
        for problem in coverage.problems
    ]


def place_document(place: PlaceResult) -> dict[str, Any]:
    """The answer for one place, of whatever kind."""
    return {
        "id": place.place_id,
        "name": place.name.model_dump(),
        "storey": place.storey,
        "area_m2": round(place.area_m2, _DECIMALS),
        **_line(place),
        "requirement": place.requirement.id,
        "clauses": list(place.requirement.clauses),
        **_asked(place),
        "min_share_ratio": place.requirement.min_share_ratio,
        "min_count": place.requirement.min_count,
        "share_ratio": round(place.share_ratio, _DECIMALS),
        "is_met": place.is_met,
        "shortfall_ratio": round(place.shortfall_ratio, _DECIMALS),
        "by_count": {str(count): round(share, _DECIMALS) for count, share in place.by_count.items()},
        "rules": [_rule(rule) for rule in place.rules],
        "depends_on": list(place.depends_on),
        "lost_without": {device: round(lost, _DECIMALS) for device, lost in place.lost_without.items()},
        "gaps": [_gap(gap) for gap in place.gaps],
    }


def _line(place: PlaceResult) -> dict[str, Any]:
    """Of a place that is a line."""
    if place.line is None or place.length_m is None:
        return {}
    return {"length_m": round(place.length_m, _DECIMALS), "line": mapping(place.line)}


def _asked(place: PlaceResult) -> dict[str, Any]:
    """What is asked of a place, and the devices that serve it."""
    requirement = place.requirement
    return {
        "kind": requirement.kind,
        "edition": requirement.edition,
        "level": level_of(requirement).id if requirement.kind == "camera" else requirement.level,
        "level_name": _level_name(place),
        "needed": place.needed,
        "unit": place.unit,
        "devices": list(place.devices),
    }


def _level_name(place: PlaceResult) -> dict[str, str] | None:
    """How a level is called, in both languages; none where none is asked for by name."""
    requirement = place.requirement
    if requirement.kind == "camera":
        return level_of(requirement).name.model_dump()
    if requirement.level is None or requirement.kind not in walk_kinds():
        return None
    return walk_class(requirement, in_the_open=place.storey is None).name.model_dump()


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "needed": round(rule.needed, _DECIMALS),
        "reached": round(rule.reached, _DECIMALS),
        "unit": rule.unit,
        "is_met": rule.is_met,
        "is_binding": rule.is_binding,
        "source": rule.source,
        "certainty": rule.certainty,
        "objects": list(rule.objects),
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "area_m2": round(gap.area_m2, _DECIMALS),
        **({} if gap.length_m is None else {"length_m": round(gap.length_m, _DECIMALS)}),
        "elevation_m": gap.elevation_m,
        "reasons": {reason: round(share, _DECIMALS) for reason, share in gap.reasons.items()},
        "hidden_by": [{"kind": kind, "id": owner} for kind, owner in gap.hidden_by],
        "nearest": list(gap.nearest),
        "area": mapping(gap.area),
    }
