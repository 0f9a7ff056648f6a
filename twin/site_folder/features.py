"""The GeoJSON files: one feature a line, each an object of the model.

`Feature` is what stands in the file, checked for shape but not yet a model; `buildings` and `reading` make models.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import ValidationError

from twin.model.base import Model
from twin.model.buildings import Building, Lift, Obstacle, Opening, Ramp, Space, Stair, Storey
from twin.model.grounds import GroundFeature, Zone
from twin.site_folder.faults import faults
from twin.site_folder.flat import columns_of, fold_texts
from twin.site_folder.issues import IssueList
from twin.site_folder.json_text import JsonError, Object, parse
from twin.site_folder.shapes import Shape, ShapeError, geometry_of, shape_of

M = TypeVar("M", bound=Model)

FEATURES_LIMIT: Final = 50_000
"""Of one file; an underground garage of 5,000 parking spaces has a fifth of it."""


@dataclass(frozen=True, slots=True)
class FeatureType:
    """How one `properties.type` is written: its model, geometry types and the field that holds the geometry."""

    model: type[Model]
    geometries: tuple[str, ...] = ()
    field: str = ""
    type_field: str = ""
    """The model's field that `type` itself fills: the kind of an opening or obstacle."""
    on_storey: bool = False


def _kinds(model: type[Model], names: tuple[str, ...], geometry: str, field: str) -> dict[str, FeatureType]:
    return {name: FeatureType(model, (geometry,), field, "kind", on_storey=True) for name in names}


BUILDING_TYPES: Final = {
    "building": FeatureType(Building, ("Polygon",), "footprint"),
    "storey": FeatureType(Storey, ("Polygon",), "polygon"),
    "space": FeatureType(Space, ("Polygon",), "polygon", on_storey=True),
    **_kinds(Opening, ("door", "window", "passage", "shutter", "gate"), "LineString", "line"),
    **_kinds(Obstacle, ("column", "wall", "fixture"), "Polygon", "polygon"),
    "stair": FeatureType(Stair),
    "lift": FeatureType(Lift),
    "ramp": FeatureType(Ramp, ("LineString3",), "axis"),
}
GROUND_TYPES: Final = {"ground": FeatureType(GroundFeature, ("Polygon", "LineString", "Point"), "geometry")}
ZONE_TYPES: Final = {"zone": FeatureType(Zone, ("Polygon",), "polygon")}

CHILDREN: Final = frozenset({"spaces", "openings", "obstacles", "storeys", "stairs", "lifts", "ramps"})
"""Fields that are features of their own."""


@dataclass(slots=True)
class Feature:
    """A feature as it stands in the file."""

    id: str
    type: str
    properties: dict[str, object]
    geometry: object

    def take(self, name: str) -> object:
        """A property that is no field of the model, taken out."""
        return self.properties.pop(name, None)


def feature_text(thing: Model, type_name: str, kind: FeatureType, extra: dict[str, object] | None = None) -> str:
    """One line of GeoJSON."""
    leave_out = CHILDREN | {"id", kind.field, kind.type_field}
    properties = {"type": type_name, **(extra or {}), **columns_of(thing, leave_out=leave_out)}
    shape = getattr(thing, kind.field) if kind.field else None
    geometry = None
    if shape is not None:
        line = type_name in _TWO_POINTS
        geometry = _line_geometry(shape) if line else geometry_of(shape)
    feature = {"type": "Feature", "id": thing.id, "properties": properties, "geometry": geometry}  # type: ignore[attr-defined]
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


_TWO_POINTS: Final = frozenset(name for name, kind in BUILDING_TYPES.items() if kind.field == "line")


def _line_geometry(points: tuple[tuple[float, float], tuple[float, float]]) -> dict[str, object]:
    return {"type": "LineString", "coordinates": [geometry_of(p)["coordinates"] for p in points]}


def collection_text(name: str, features: Iterable[str]) -> str:
    """The GeoJSON file of some features, one a line."""
    head = json.dumps({"type": "FeatureCollection", "name": name}, ensure_ascii=False)[:-1]
    return head + ', "features": [\n' + ",\n".join(features) + "\n]}\n"


def features_of(text: str, file: str, types: Mapping[str, FeatureType], issues: IssueList) -> Iterator[Feature]:
    """The features of a GeoJSON file that can be read at all; the faults of the others are noted."""
    try:
        data = parse(text)
    except JsonError as error:
        place = f"line {error.line}"
        issues.add(
            "not-json", file, f"It is not JSON: {error}.", "Mend the brackets, quotes or commas there.", place=place
        )
        raw: list[object] = list(_readable_lines(text))
    else:
        found = data.get("features") if isinstance(data, dict) else None
        if not isinstance(found, list):
            cure = 'Begin with {"type": "FeatureCollection", "features": [.'
            issues.add("not-geojson", file, "It is no GeoJSON FeatureCollection.", cure)
            return
        raw = found
    if len(raw) > FEATURES_LIMIT:
        message = f"It has {len(raw):,} features; at most {FEATURES_LIMIT:,} are read."
        issues.add("too-many-features", file, message, "Write typical storeys once, and one building a file.")
        return
    for number, item in enumerate(raw, 1):
        feature = _feature(item, number, file, types, issues)
        if feature is not None:
            yield feature


def _readable_lines(text: str) -> Iterator[object]:
    # written one feature a line, so a slip in one line need not hide the faults of the others
    for line in text.splitlines():
        bare = line.strip().rstrip(",")
        if bare.startswith("{") and bare.endswith("}"):
            try:
                item = parse(bare)
            except JsonError:
                continue  # the fault of this line is what was noted, or will be once that one is mended
            if isinstance(item, dict) and item.get("type") == "Feature":
                yield item


def _feature(
    item: object, number: int, file: str, types: Mapping[str, FeatureType], issues: IssueList
) -> Feature | None:
    place = f"feature {number}"
    properties = item.get("properties") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(properties, dict):
        issues.add("not-geojson", file, "It is no GeoJSON feature with properties.", "Remove it.", place=place)
        return None
    feature_id = item.get("id", properties.get("id"))  # desktop GIS keep the id among the properties
    if not isinstance(feature_id, str) or not feature_id:
        issues.add("missing-field", file, "The feature has no id.", 'Add "id": "a-readable-id".', place=place)
        return None
    place = feature_id[:120]
    for part in (item, properties, item.get("geometry")):
        if isinstance(part, Object):
            for key in part.duplicates:
                message = f"{key[:60]} is given twice."
                issues.add("duplicate-key", file, message, "Remove one.", place=place, object_ids=[place])
    type_name = properties.get("type")
    if not isinstance(type_name, str) or type_name not in types:
        message = f"properties.type is {str(type_name)[:40]!r}."
        issues.add("unknown-word", file, message, f"Use one of {', '.join(types)}.", place=place, object_ids=[place])
        return None
    given = {k: v for k, v in properties.items() if v is not None and k not in {"type", "id"}}
    return Feature(feature_id, type_name, given, item.get("geometry"))


def model_of(feature: Feature, file: str, kind: FeatureType, model: type[M], issues: IssueList) -> M | None:
    """The object a feature describes, or none with its faults noted."""
    place = feature.id[:120]
    fields: dict[str, object] = {"id": feature.id, **fold_texts(feature.properties, model)}
    try:
        before = len(issues)
        if kind.field:
            fields[kind.field] = _geometry_field(feature, kind)
    except ShapeError as error:
        issues.add(error.code, file, str(error), error.cure, place=place, object_ids=[place])
        fields[kind.field] = None
    except ValidationError as error:
        for fault in faults(error, model):
            issues.add(fault.code, file, fault.message, fault.cure, place=place, object_ids=[place])
        fields[kind.field] = None
    if kind.type_field:
        fields[kind.type_field] = feature.type
    geometry_is_bad = len(issues) > before
    try:
        made = model.model_validate(fields)
    except ValidationError as error:
        for fault in faults(error, model):
            if not (geometry_is_bad and fault.path[:1] == (kind.field,)):  # said already, in better words
                issues.add(fault.code, file, fault.message, fault.cure, place=place, object_ids=[place])
        return None
    return None if geometry_is_bad else made


def _geometry_field(feature: Feature, kind: FeatureType) -> Shape | tuple[Shape, ...]:
    shape = shape_of(feature.geometry, kind.geometries)
    if feature.type not in _TWO_POINTS:
        return shape
    points = tuple(shape.points)  # type: ignore[union-attr]  # a LineString was wanted
    if len(points) != 2:
        raise ShapeError(
            "wrong-geometry", f"Its line has {len(points)} points.", "Draw it from end to end of the opening."
        )
    return points
