"""Ids: none twice, and no chain of parents that comes back to itself."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from twin.model.base import fill_template, has_placeholder
from twin.model.buildings import Building, Storey
from twin.validation.report import Report, building_file


def check_ids(report: Report) -> None:
    """No id is there twice among things of one sort."""
    site = report.site
    for part, things in (
        ("device", site.devices), ("household", site.households), ("staff", site.staff), ("kind", site.kinds),
        ("requirement", site.requirements), ("binding", site.bindings), ("rule", site.rules),
        ("camera model", site.camera_models),
        ("loudspeaker model", site.loudspeaker_models), ("access point model", site.access_point_models),
        ("luminaire model", site.luminaire_models),
    ):  # fmt: skip
        for twice in _twice(thing.id for thing in things):
            report.add_for(part, "duplicate-id", twice, f"{part} {twice} is there twice.", "Rename or remove one.")
    for file, ids in (("grounds.geojson", (g.id for g in site.grounds)), ("zones.geojson", (z.id for z in site.zones))):
        for twice in _twice(ids):
            report.add("duplicate-id", file, twice, f"{twice} is there twice.", "Rename or remove one.")
    _check_placed_ids(report)


def _twice(ids: Iterable[str]) -> list[str]:
    return [i for i, count in Counter(ids).items() if count > 1]


def _check_placed_ids(report: Report) -> None:
    seen: set[tuple[str, str]] = set()
    for building in report.site.buildings:
        file = building_file(building.id)
        for sort, template, storey in _templates(building):
            numbers = storey.numbers if storey is not None else range(1)
            if len(numbers) > 1 and not has_placeholder(template):
                message = f"{template} stands on {len(numbers)} storeys but its id is the same on all."
                report.add("no-placeholder", file, template, message, "Put {n} into its id, for the storey number.")
                continue
            placed = [(sort, fill_template(template, number)) for number in numbers]
            twice = next((object_id for key, object_id in placed if (key, object_id) in seen), None)
            if twice is not None:
                message = f"{sort} {twice} is there twice."
                report.add("duplicate-id", file, template, message, "Rename or remove one.", others=[twice])
            seen.update(placed)


def _templates(building: Building) -> Iterator[tuple[str, str, Storey | None]]:
    yield "building", building.id, None
    for storey in building.storeys:
        yield "storey", storey.id, storey
        yield from (("space", space.id, storey) for space in storey.spaces)
        yield from (("opening", opening.id, storey) for opening in storey.openings)
        yield from (("obstacle", obstacle.id, storey) for obstacle in storey.obstacles)
    for sort, things in (("stair", building.stairs), ("lift", building.lifts), ("ramp", building.ramps)):
        yield from ((sort, thing.id, None) for thing in things)


def cycles(parents: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Every chain of parents that comes back to itself, each once.

    Examples
    --------
    >>> cycles({"a": "b", "b": "a", "c": "a"})
    [('a', 'b')]
    """
    done: set[str] = set()
    found: list[tuple[str, ...]] = []
    for start in parents:
        chain: dict[str, None] = {}
        node: str | None = start
        while node is not None and node not in done and node not in chain:
            chain[node] = None
            node = parents.get(node)
        if node in chain:
            way = list(chain)
            found.append(tuple(way[way.index(node) :]))
        done.update(chain)
    return found
