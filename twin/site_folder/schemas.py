"""JSON Schemas of the site folder's files, as the files look: features with their properties, rows, documents."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter

from twin.model.base import ID_PATTERN, Model, Text
from twin.model.networks import SiteNetwork
from twin.model.site import Site
from twin.site_folder.features import BUILDING_TYPES, CHILDREN, GROUND_TYPES, ZONE_TYPES, FeatureType
from twin.site_folder.flat import text_fields
from twin.site_folder.reading import LISTS, NETWORK_KEYS, SITE_FILE, SITE_KEYS, TABLES
from twin.site_folder.tables import columns, tuple_fields

Schema = dict[str, Any]  # a JSON Schema nests without end

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_POSITION: Final[Schema] = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_GEOMETRIES: Final[Mapping[str, Schema]] = {
    "Polygon": {"type": "array", "minItems": 1, "items": {"type": "array", "items": _POSITION, "minItems": 4}},
    "LineString": {"type": "array", "items": _POSITION, "minItems": 2},
    "LineString3": {"type": "array", "minItems": 2, "items": {**_POSITION, "minItems": 3, "maxItems": 3}},
    "Point": _POSITION,
}


def schemas() -> dict[str, Schema]:
    """The schema of every file, by the name it has in ``docs/site-folder.md``.

    Examples
    --------
    >>> list(schemas())[:3]
    ['site.yaml', 'buildings/ID.geojson', 'grounds.geojson']
    """
    made = {
        SITE_FILE: _site(),
        "buildings/ID.geojson": _collection(BUILDING_TYPES),
        "grounds.geojson": _collection(GROUND_TYPES),
        "zones.geojson": _collection(ZONE_TYPES),
        **{file: _list(name, model) for file, (name, model) in LISTS.items()},
        **{file: _table(model) for file, (_, model) in TABLES.items()},
        "networks/ID.yaml": _network(),
    }
    return {name: {"$schema": DIALECT, "title": name, **schema} for name, schema in made.items()}


def schema_file(name: str) -> str:
    """The file name for a schema.

    Examples
    --------
    >>> schema_file("buildings/ID.geojson")
    'buildings.geojson.schema.json'
    """
    return f"{name.replace('/ID', '')}.schema.json"


def _model(model: type[Model]) -> Schema:
    made: Schema = TypeAdapter(model).json_schema()
    return made


def _part(model: type[Model], names: frozenset[str]) -> tuple[dict[str, Schema], list[str], dict[str, Schema]]:
    """Properties, required names and definitions of some fields of a model."""
    schema = _model(model)
    properties: dict[str, Schema] = schema["properties"]
    required: list[str] = schema.get("required", [])
    definitions: dict[str, Schema] = schema.get("$defs", {})
    return {k: v for k, v in properties.items() if k in names}, [r for r in required if r in names], definitions


def _used(body: object, definitions: Mapping[str, Schema]) -> dict[str, Schema]:
    """The definitions a schema points to, and those they point to."""
    used: dict[str, Schema] = {}
    waiting: list[object] = [body]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            name = str(item.get("$ref", "")).removeprefix("#/$defs/")
            if name in definitions and name not in used:
                used[name] = definitions[name]
                waiting.append(definitions[name])
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return dict(sorted(used.items()))


def _object(properties: dict[str, Schema], required: list[str], definitions: Mapping[str, Schema]) -> Schema:
    made: Schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    used = _used(properties, definitions)
    return {**made, "$defs": used} if used else made


def _site() -> Schema:
    properties, required, definitions = _part(Site, frozenset(SITE_KEYS))
    ids: Schema = {"type": "array", "items": {"type": "string", "pattern": ID_PATTERN}}
    properties |= {
        "buildings": {**ids, "description": "Their order, if not that of their names."},
        "networks": {**ids, "description": "Their order, if not that of their names."},
    }
    return _object(properties, required, definitions)


def _network() -> Schema:
    return _object(*_part(SiteNetwork, frozenset(NETWORK_KEYS)))


def _list(name: str, model: type[Model]) -> Schema:
    schema = _model(model)
    definitions = schema.pop("$defs", {})
    made: Schema = {"type": "object", "properties": {name: {"type": "array", "items": schema}}}
    return {**made, "additionalProperties": False, "$defs": definitions}


def _flat(model: type[Model], leave_out: frozenset[str]) -> tuple[dict[str, Schema], list[str], dict[str, Schema]]:
    """Properties with each bilingual field as two."""
    names = frozenset(model.model_fields) - leave_out
    properties, required, definitions = _part(model, names)
    flat: dict[str, Schema] = {}
    for name, schema in properties.items():
        if name in text_fields(model):
            flat |= {f"{name}_{language}": {"type": "string"} for language in Text.model_fields}
        else:
            flat[name] = schema
    return flat, [name for name in required if name in flat], definitions


def _table(model: type[Model]) -> Schema:
    properties, required, definitions = _flat(model, frozenset())
    for name in tuple_fields(model):
        properties[name] = {"type": "string", "description": "Several are separated by semicolons."}
    row = _object({name: properties[name] for name in columns(model)}, required, definitions)
    definitions = row.pop("$defs", {})
    made: Schema = {"type": "array", "description": "The rows of the table; an empty cell is an absent value."}
    return {**made, "items": row, "$defs": definitions}


def _collection(types: Mapping[str, FeatureType]) -> Schema:
    definitions: dict[str, Schema] = {}
    features: list[Schema] = []
    for type_name, kind in types.items():
        feature, used = _feature(type_name, kind)
        features.append(feature)
        definitions |= used
    properties: dict[str, Schema] = {
        "type": {"const": "FeatureCollection"},
        "features": {"type": "array", "items": {"oneOf": features}},
    }
    return {"type": "object", "properties": properties, "required": ["type", "features"], "$defs": definitions}


def _feature(type_name: str, kind: FeatureType) -> tuple[Schema, dict[str, Schema]]:
    flat, required, definitions = _flat(kind.model, CHILDREN | {"id", kind.field, kind.type_field})
    properties: dict[str, Schema] = {"type": {"const": type_name}}
    if kind.on_storey:
        properties |= {
            "storey": {"type": "string", "description": "Id template of its storey."},
            "storey_first": {"type": "integer", "description": "First number of the storey, if several share its id."},
        }
        required = ["storey", *required]
    body = _object({**properties, **flat}, ["type", *required], definitions)
    used: dict[str, Schema] = body.pop("$defs", {})
    shapes: list[Schema] = [_geometry(name) for name in kind.geometries] or [{"type": "null"}]
    feature: dict[str, Schema] = {
        "type": {"const": "Feature"},
        "id": {"type": "string"},
        "properties": body,
        "geometry": {"oneOf": shapes} if len(shapes) > 1 else shapes[0],
    }
    required = ["type", "id", "properties", *(["geometry"] if kind.geometries else [])]
    return {"type": "object", "title": type_name, "properties": feature, "required": required}, used


def _geometry(name: str) -> Schema:
    properties: dict[str, Schema] = {"type": {"const": name.removesuffix("3")}, "coordinates": _GEOMETRIES[name]}
    return {"type": "object", "properties": properties, "required": ["type", "coordinates"]}
