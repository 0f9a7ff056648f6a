"""An evacuation as one page to print: when everybody is out, where they queue, and which way each storey goes."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from geometry.graph_fields import NOWHERE
from twin.evacuation.free_ways import Ways
from twin.evacuation.simulation import Cleared, Evacuation
from twin.fabric.flats import flat_of
from viewer.reports.words import Language, named, word

_ROWS: Final = 20
_TOLD_DOSE: Final = 0.001
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 640.0, 190.0, 44.0, 24.0


@dataclass(frozen=True, slots=True)
class Line:
    """People inside over time, as a drawn line."""

    points: str
    ticks: tuple[tuple[float, str], ...]
    most: str


@dataclass(frozen=True, slots=True)
class Instruction:
    """Which way some homes or rooms of a storey go."""

    building: str
    storey: str
    homes: str
    stair: str
    exit: str
    assembly: str


def evacuation_report(
    found: Evacuation, *, now: dt.datetime, language: Language, plans: Sequence[dict[str, Any]] = (),
    ways: Sequence[Ways] = (), faults: Sequence[str] = (),
) -> str:  # fmt: skip
    """The report as one HTML document that needs nothing else.

    Parameters
    ----------
    plans : of buildings with a plan, with their times; ways : those of the plans, in the same order
    faults : what is drawn wrong
    """
    environment = Environment(loader=PackageLoader("viewer.reports"), autoescape=True, undefined=StrictUndefined)
    index = found.of.site.index
    zone = index.site.time_zone

    def w(key: str, **filled: object) -> str:
        return word(f"ev_{key}", language, **filled)

    return environment.get_template("evacuation.html").render(
        w=w,
        language=language,
        site=named(index.site.name, language, index.site.id),
        made=w("made", at=f"{now.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"),
        found=found,
        time=lambda seconds: _time(seconds, language),
        line=_line(found),
        buildings=[(named(index.buildings[one.id].name, language, one.id), one, _sure(one, language))
                   for one in found.buildings],
        queues=[(word(f"ev_{queue.kind}", language), _place(found, queue.storey, language), queue)
                for queue in found.queues[:_ROWS]],
        exits=[(_place(found, one.storey, language) or one.id, one) for one in found.exits[:_ROWS]],
        trapped=[(_space(found, space, language), found.asked.persons[space]) for space in found.trapped],
        through_fire=list(dict.fromkeys(
            _space(found, flat_of(index, space) or space, language) for space in found.through_fire)),
        fire=None if found.asked.fire is None else _space(found, found.asked.fire, language),
        caught=[(_cell(found, one.cell, language), one.persons) for one in found.caught],
        margins=[] if found.fire is None else [
            (_cell(found, one.place, language), one) for one in found.fire.margins[:_ROWS]],
        exposed=[] if found.fire is None else [
            (_space(found, one.space, language), one) for one in found.fire.exposed[:_ROWS] if one.dose > _TOLD_DOSE],
        plans=[(named(index.buildings[plan["building"]].name, language, plan["building"]), plan) for plan in plans],
        instructions=_instructions(found, ways or [found.of.ways], [plan["building"] for plan in plans], language),
        faults=list(faults),
    )  # fmt: skip


def _time(seconds: float, language: Language) -> str:
    if math.isinf(seconds):
        return word("ev_never", language)
    if seconds < 0:
        return f"−{_time(-seconds, language)}"
    return f"{round(seconds) // 60}:{round(seconds) % 60:02d} min"


def _sure(one: Cleared, language: Language) -> str:
    return "" if one.quantiles_s is None else _time(one.quantiles_s[-1], language)


def _place(found: Evacuation, storey: str | None, language: Language) -> str:
    if storey is None:
        return ""
    at = found.of.site.index.storeys[storey]
    return f"{named(at.building.name, language, at.building.id)} · {named(at.name, language, storey)}"


def _space(found: Evacuation, space: str, language: Language) -> str:
    at = found.of.site.index.spaces[space]
    return f"{_place(found, at.storey.id, language)} · {named(at.name, language, space)}"


def _cell(found: Evacuation, cell: str, language: Language) -> str:
    """A room or a stair."""
    if cell in found.of.site.index.spaces:
        return _space(found, cell, language)
    stairs = {stair.id: stair for of in found.of.site.index.site.buildings for stair in of.stairs}
    return named(stairs[cell].name, language, cell) if cell in stairs else cell


def _line(found: Evacuation) -> Line:
    times = found.times_s
    if not len(times):
        return Line("", (), "0")
    last, most = max(float(times[-1]), 1.0), max(found.site.persons, 1.0)
    left = found.site.persons - found.out
    points = " ".join(
        f"{_LEFT + t / last * (_WIDTH - _LEFT - 8):.1f},{8 + (1 - max(many, 0.0) / most) * (_HEIGHT - _BOTTOM - 8):.1f}"
        for t, many in zip(times.tolist(), left.tolist(), strict=True)
    )
    ticks = tuple(
        (round(_LEFT + k / 4 * (_WIDTH - _LEFT - 8), 1), f"{round(last * k / 4) // 60}:{round(last * k / 4) % 60:02d}")
        for k in range(5)
    )
    return Line(points, ticks, f"{found.site.persons:.0f}")


def _instructions(
    found: Evacuation, ways: Sequence[Ways], planned: Sequence[str], language: Language
) -> list[Instruction]:  # fmt: skip
    """For each storey, which homes and rooms go by which stair to which exit and where they gather."""
    index, site = found.of.site.index, found.of.site
    stairs = {stair.id: named(stair.name, language, stair.id) for of in index.site.buildings for stair in of.stairs}
    by_building = dict(zip(planned, ways, strict=False))
    rows: dict[tuple[str, str, str, str], dict[str, None]] = {}
    for space in found.of.first_legs:
        storey = index.spaces[space].storey
        way = by_building.get(storey.building.id, found.of.ways)
        stair, door, gather = _passed(found, way, site.place_of[space])
        home = flat_of(index, space) or space
        rows.setdefault((storey.id, stair, door, gather), {})[home] = None
    told = []
    for (storey_id, stair, door, gather), homes in rows.items():
        storey = index.storeys[storey_id]
        feature = next((one for one in index.site.grounds if one.id == gather), None)
        told.append((storey.building.id, -storey.number, Instruction(
            named(storey.building.name, language, storey.building.id),
            named(storey.name, language, storey_id),
            ", ".join(named(index.spaces[home].name, language, home) for home in homes),
            stairs.get(stair, stair),
            door,
            named(feature.name, language, gather) if feature is not None else gather,
        )))  # fmt: skip
    return [row for *_, row in sorted(told, key=lambda one: (one[0], one[1], one[2].exit))]


def _passed(found: Evacuation, ways: Ways, row: int) -> tuple[str, str, str]:
    """Ids of the stair, the exit and the place to gather on a way."""
    graph = found.of.site.graph
    stair = door = ""
    while True:
        arc = int(ways.arcs[row])
        if arc == NOWHERE:
            end = graph.spots[row]
            return stair, door, end.id if end.kind == "assembly" else ""
        link = int(graph.links_of[arc])
        if link >= 0 and graph.links[link].kind == "stair" and not stair:
            stair = graph.links[link].id
        row = int(graph.heads[arc])
        if graph.spots[row].kind == "exit":
            door = graph.spots[row].id
