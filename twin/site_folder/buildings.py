"""One building and its GeoJSON file: features gathered into storeys, and storeys written as features."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from twin.errors import SiteFolderError
from twin.model.base import Model
from twin.model.buildings import Building, Lift, Obstacle, Opening, Ramp, Space, Stair, Storey
from twin.site_folder.features import BUILDING_TYPES, Feature, collection_text, feature_text, features_of, model_of
from twin.site_folder.issues import IssueList

STOREYS_LIMIT: Final = 500
PLACED_LIMIT: Final = 250_000
"""Spaces, openings and obstacles of one building as they stand on the ground, typical storeys counted each time."""
NUMBERS_LIMIT: Final = 400
"""Storey numbers of one typical storey; the highest building there is has 163."""

_STOREY_FIELD: Final = {Space: "spaces", Opening: "openings", Obstacle: "obstacles"}
_BUILDING_FIELD: Final = {Stair: "stairs", Lift: "lifts", Ramp: "ramps"}


def building_text(building: Building) -> str:
    """The GeoJSON text of a building.

    Raises
    ------
    SiteFolderError
        If two of its storeys have both the same id and the same first number, so that a space could not say which.
    """
    return collection_text(building.id, _lines(building))


def _lines(building: Building) -> Iterator[str]:
    ids = Counter(s.id for s in building.storeys)
    keys = Counter((s.id, s.first) for s in building.storeys)
    twice = [key[0] for key, count in keys.items() if count > 1]
    if twice:
        raise SiteFolderError(f"building {building.id} has storey {twice[0]} twice; give each its own id")
    yield feature_text(building, "building", BUILDING_TYPES["building"])
    for storey in building.storeys:
        yield feature_text(storey, "storey", BUILDING_TYPES["storey"])
        on: dict[str, object] = {"storey": storey.id}
        if ids[storey.id] > 1:
            on["storey_first"] = storey.first
        for space in storey.spaces:
            yield feature_text(space, "space", BUILDING_TYPES["space"], on)
        things: tuple[Opening | Obstacle, ...] = (*storey.openings, *storey.obstacles)
        for thing in things:
            yield feature_text(thing, thing.kind, BUILDING_TYPES[thing.kind], on)
    for name, parts in (("stair", building.stairs), ("lift", building.lifts), ("ramp", building.ramps)):
        for part in parts:
            yield feature_text(part, name, BUILDING_TYPES[name])


class _Storeys:
    """The storeys of a building while its file is read, with what stands on them."""

    def __init__(self, file: str, issues: IssueList) -> None:
        self.file, self.issues = file, issues
        self.made: dict[tuple[str, int], Storey] = {}
        self.parts: dict[tuple[str, int], dict[str, list[Model]]] = {}
        self.by_id: dict[str, list[tuple[str, int]]] = {}
        self.broken: set[str] = set()

    def add(self, storey: Storey) -> None:
        key = storey.id, storey.first
        if key in self.made:
            message = f"Storey {storey.id} is there twice."
            self.issues.add("duplicate-id", self.file, message, "Rename one.", place=storey.id, object_ids=[storey.id])
        elif len(storey.numbers) > NUMBERS_LIMIT:
            message = f"Storey {storey.id} stands for {len(storey.numbers):,} numbers; at most {NUMBERS_LIMIT}."
            self.issues.add("too-many-storeys", self.file, message, "Correct first and last.", place=storey.id)
            self.broken.add(storey.id)
        elif len(self.made) >= STOREYS_LIMIT:
            message = f"The building has more than {STOREYS_LIMIT} storeys."
            self.issues.add("too-many-storeys", self.file, message, "Write typical storeys once.", place=storey.id)
            self.broken.add(storey.id)
        else:
            self.made[key] = storey
            self.by_id.setdefault(storey.id, []).append(key)

    def put(self, part: Model, feature: Feature, storey: object, first: object) -> None:
        named = storey if isinstance(storey, str) else ""
        keys = [key for key in self.by_id.get(named, []) if first is None or first == key[1]]
        if len(keys) == 1:
            self.parts.setdefault(keys[0], {}).setdefault(_STOREY_FIELD[type(part)], []).append(part)
        elif named not in self.broken:
            if len(keys) > 1:
                message, cure = f"Storey {storey} is there more than once.", "Add storey_first, its first number."
            elif storey is None:
                message, cure = "It belongs to no storey.", "Add storey, the id of its storey."
            else:
                message = f"Its storey {str(storey)[:120]!r} is not in this file."
                cure = f"Use one of {', '.join(list(self.by_id)[:20]) or 'none yet'}, or add that storey."
            self.issues.add(
                "no-storey", self.file, message, cure, place=feature.id[:120], object_ids=[feature.id[:120]]
            )

    def all(self) -> tuple[Storey, ...]:
        # the parts were validated as they were read, so copying validates nothing twice
        return tuple(
            storey.model_copy(update={field: tuple(parts) for field, parts in self.parts.get(key, {}).items()})
            for key, storey in self.made.items()
        )


def building_of(text: str, file: str, issues: IssueList, broken: set[str]) -> Building | None:
    """The building of a file without what is faulty in it; ids of faulty features go to `broken`."""
    features = list(features_of(text, file, BUILDING_TYPES, issues))
    buildings = [f for f in features if f.type == "building"]
    if len(buildings) != 1:
        message = f"It has {len(buildings)} features of type building."
        issues.add("one-building", file, message, "Keep exactly one building a file, with its footprint.")
    storeys = _Storeys(file, issues)
    building: Building | None = None
    rest: dict[str, list[Model]] = {}
    for feature in _storeys_first(features):
        kind = BUILDING_TYPES[feature.type]
        storey, first = (feature.take("storey"), feature.take("storey_first")) if kind.on_storey else (None, None)
        made = model_of(feature, file, kind, kind.model, issues)
        if made is None:
            broken.add(feature.id)
            if feature.type == "storey":
                storeys.broken.add(feature.id)
        elif isinstance(made, Building):
            building = building or made
        elif isinstance(made, Storey):
            storeys.add(made)
        elif kind.on_storey:
            storeys.put(made, feature, storey, first)
        else:
            rest.setdefault(_BUILDING_FIELD[type(made)], []).append(made)
    if building is None:
        broken.update(f.id for f in features)
        return None
    made_storeys = storeys.all()
    placed = sum(len(s.numbers) * (len(s.spaces) + len(s.openings) + len(s.obstacles)) for s in made_storeys)
    if placed > PLACED_LIMIT:
        message = f"{placed:,} spaces and openings stand in it; at most {PLACED_LIMIT:,} may."
        issues.add("too-many-features", file, message, "Correct first and last of its storeys, or split the building.")
        return None
    parts = {field: tuple(things) for field, things in rest.items()}
    return building.model_copy(update={"storeys": made_storeys, **parts})


def _storeys_first(features: Iterable[Feature]) -> list[Feature]:
    return sorted(features, key=lambda feature: feature.type != "storey")  # stable: all else keeps its order
