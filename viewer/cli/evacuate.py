"""`plumbline evacuate`: how long it takes until everybody is out, where they queue, and who has no way."""

import dataclasses
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from viewer.cli import EXIT_FINDINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from twin.evacuation.audit import EgressFinding
    from twin.evacuation.escape import Ways
    from twin.evacuation.rules import EgressRule
    from twin.evacuation.simulation import Cleared, Evacuation
    from twin.fabric.site_graph import SiteGraph
    from twin.index import SiteIndex

_DRAWN = ("buildings", "grounds")
"""Files whose faults change ways."""
_ROWS = 12
"""Rows told of each table; the rest is in the JSON document."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evacuate")(evacuate)


def evacuate(
    site: Annotated[Path, typer.Argument(help="The site folder.")],
    *,
    building: Annotated[
        list[str] | None, typer.Option("--building", help="Only people in this building; may be repeated.")
    ] = None,
    fire: Annotated[str | None, typer.Option("--fire", metavar="SPACE", help="The space that burns.")] = None,
    closed: Annotated[
        list[str] | None,
        typer.Option("--closed", metavar="OPENING", help="A door, exit or stair nobody passes; may be repeated."),
    ] = None,
    people: Annotated[
        Path | None, typer.Option("--people", metavar="FILE.csv", help="Columns space,persons. [default: by --time]")
    ] = None,
    time: Annotated[
        Literal["night", "day"],
        typer.Option("--time", help="Households at home, or all places in use at the same time."),
    ] = "night",
    runs: Annotated[int, typer.Option("--runs", min=0, max=2000, help="Runs by chance, for how sure times are.")] = 50,
    seed: Annotated[int, typer.Option("--seed", help="Of these runs.")] = 1,
    check: Annotated[
        bool,
        typer.Option("--check", help="Check ways out against rules of codes instead; exit 1 if one does not hold."),
    ] = False,
    guide: Annotated[
        bool, typer.Option("--guide", help="Also plan who goes where so that the last one is out soonest.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE.html", help="Also write a report to print, one HTML file.")
    ] = None,
    language: Annotated[Literal["en", "zh"], typer.Option("--language", help="Of the report.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Tell when each storey and building is clear, where people queue, by which exits; exit 1 if any are trapped."""
    from rich.console import Console

    from twin.evacuation.documents import evacuation_document
    from twin.evacuation.people import people_at_night, people_by_day
    from twin.evacuation.people_file import read_people
    from twin.evacuation.simulation import Asked, room_of
    from twin.evacuation.simulation import evacuate as simulate
    from twin.fabric.site_graph import site_graph

    index, faults = _readable(site)
    if check:
        _check(index, site, as_json=as_json)
        return
    if people is not None:
        persons = read_people(people, index.spaces)
    else:
        persons = people_at_night(index) if time == "night" else people_by_day(index)
    persons = _in(index, persons, building or ())
    with Console(stderr=True).status("deriving the ways") as status:
        graph = site_graph(index)
        status.update(f"{sum(persons.values()):.0f} people on their way out")
        found = simulate(graph, Asked(persons, fire, frozenset(closed or ()), runs, seed))
        plans, ways = [], []
        for name in sorted({index.spaces[space].storey.building.id for space in persons}) if guide else ():
            status.update(f"planning who goes where in {name}")
            burning = () if fire is None else (room_of(graph, fire),)
            plan, way = _plan(graph, name, _in(index, persons, [name]), frozenset(closed or ()), burning)
            plans.append(plan)
            ways.append(way)
    if report is not None:
        _write(report, found, language, plans=plans, ways=ways, faults=(*faults, *_amiss(graph)))
    if as_json:
        said = {"site": index.site.id, **evacuation_document(found), "faults": [*faults, *_amiss(graph)]}
        said |= {"plans": plans} if guide else {}
        typer.echo(json.dumps(said, ensure_ascii=False))
    else:
        console = Console()
        _print(console, found)
        _print_plans(console, plans)
        for fault in (*faults, *_amiss(graph))[:_ROWS]:
            typer.echo(f"drawing: {fault}")
    if found.trapped:
        raise typer.Exit(EXIT_FINDINGS)


def _write(
    path: Path,
    found: "Evacuation",
    language: Literal["en", "zh"],
    *,
    plans: list[dict[str, Any]],
    ways: "list[Ways]",
    faults: tuple[str, ...],
) -> None:
    """Write the report."""
    import datetime as dt

    from viewer.reports.evacuation_report import evacuation_report

    now = dt.datetime.now(dt.UTC)
    page = evacuation_report(found, now=now, language=language, plans=plans, ways=ways, faults=faults)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    typer.echo(f"The report is in {path}.", err=True)


def _readable(folder: Path) -> tuple["SiteIndex", tuple[str, ...]]:
    """The site, and what is wrong in its files; a faulty opening does not keep the rest from being reckoned."""
    from twin.index import build
    from twin.site_folder import read
    from twin.validation import check_folder

    loaded, issues = check_folder(folder)
    if loaded.readable is None or loaded.unread:
        return build(read(folder)), ()  # which says what is wrong
    return build(loaded.readable), tuple(str(issue) for issue in issues if issue.file.startswith(_DRAWN))


def _amiss(graph: "SiteGraph") -> tuple[str, ...]:
    """What nobody can walk through as it is drawn."""
    from twin.evacuation.escape import too_narrow

    narrow = (f"door {name} is {width_m:.2f} m wide, which lets nobody through: correct its width"
              for name, width_m in too_narrow(graph).items())  # fmt: skip
    return (*(fault.message for fault in graph.faults), *narrow)


def _check(index: "SiteIndex", folder: Path, *, as_json: bool) -> None:
    """Tell which rules hold where, and which do not."""
    from rich.console import Console

    from twin.evacuation.audit import audit
    from twin.evacuation.rules import egress_rules
    from twin.fabric.site_graph import site_graph
    from twin.wayfinding.profiles import profile

    rules = egress_rules(folder)
    with Console(stderr=True).status("deriving the ways"):
        narrow = site_graph(index, clearance_m=profile("wheelchair").clearance_m)
        found = audit(site_graph(index), rules, step_free=narrow)
    if as_json:
        rows = [{**dataclasses.asdict(one), "reached": _number(one.reached)} for one in found]
        said = {name: rule.model_dump() for name, rule in rules.items()}
        typer.echo(json.dumps({"site": index.site.id, "findings": rows, "rules": said}, ensure_ascii=False))
    else:
        _print_check(Console(), rules, found)
    if not all(one.is_met for one in found):
        raise typer.Exit(EXIT_FINDINGS)


def _number(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None


def _print_check(
    console: "Console", rules: "Mapping[str, EgressRule]", found: "tuple[EgressFinding, ...]"
) -> None:  # fmt: skip
    from rich.table import Table

    table = Table("rule", "asked", "holds", "does not", "from", title="Ways out against rules", title_justify="left")
    for name, rule in rules.items():
        mine = [one for one in found if one.rule == name]
        if mine:
            sign = "≥" if rule.better == "more" else "≤"
            broken = sum(not one.is_met for one in mine)
            asked = "yes" if rule.unit == "bool" else f"{sign} {rule.value:g} {rule.unit}"
            where = f"{rule.where} ({rule.certainty})"
            table.add_row(rule.name.en or name, asked, str(len(mine) - broken), str(broken), where)
    console.print(table)
    lacking = [one for one in found if not one.is_met]
    for one in lacking[:_ROWS]:
        by = f", by {', '.join(one.objects)}" if one.objects else ""
        there = "no" if one.unit == "bool" else f"{one.reached:.4g} {one.unit}"
        console.print(f"[b]{rules[one.rule].name.en}[/b] at {one.place}: {there}{by}")
    if len(lacking) > _ROWS:
        console.print(f"and {len(lacking) - _ROWS} more; --json has all")


def _plan(
    graph: "SiteGraph", building: str, persons: dict[str, float], closed: frozenset[str], burning: tuple[str, ...]
) -> "tuple[dict[str, Any], Ways]":
    """Who goes where in a building: times, and the exits people are sent to by the doors they come out of."""
    from twin.evacuation.bound import quickest_s
    from twin.evacuation.guidance import guided

    plan = guided(graph, persons, closed=closed, avoided=burning)
    sent: dict[str, list[str]] = {}
    for row, to in plan.sent.items():
        sent.setdefault(to, []).append(graph.graph.spots[row].id)
    said = {
        "building": building,
        "nearest_s": round(plan.nearest_s, 1),
        "guided_s": round(plan.guided_s, 1),
        "least_s": quickest_s(graph, persons, plan.queues, closed=closed),
        "sent": {to: sorted(doors) for to, doors in sent.items()},
    }
    return said, plan.ways


def _print_plans(console: "Console", plans: list[dict[str, Any]]) -> None:
    from rich.table import Table

    if not plans:
        return
    table = Table("", "nearest exit", "plan", "no plan below", "sent elsewhere", title_justify="left",
                  title="Until the last one is in the open, all setting off at once")  # fmt: skip
    for plan in plans:
        elsewhere = "; ".join(f"to {to}: {_listed(tuple(doors))}" for to, doors in plan["sent"].items())
        times = [_time(plan[name]) for name in ("nearest_s", "guided_s", "least_s")]
        table.add_row(plan["building"], *times, elsewhere or "nobody")
    console.print(table)


def _in(index: "SiteIndex", persons: dict[str, float], buildings: "tuple[str, ...] | list[str]") -> dict[str, float]:
    """People in some buildings; in all where none is named."""
    from twin.errors import UnknownIdError

    for name in buildings:
        if name not in index.buildings:
            raise UnknownIdError("building", name, index.buildings)
    if not buildings:
        return persons
    return {space: many for space, many in persons.items() if index.spaces[space].storey.building.id in buildings}


def _print(console: "Console", found: "Evacuation") -> None:
    from rich.table import Table

    whole = found.site
    spread = f"{_time(whole.clear_s)}[/b] if they set off evenly spread"
    console.print(f"[b]{whole.persons:.0f} people[/b], the last one safe after [b]{spread}{_sure(whole)}")
    _cleared(console, "Buildings", [(one.id, one) for one in found.buildings])
    _cleared(console, "Storeys, the last first", [(one.id, one) for one in found.storeys])
    table = Table("exit", "persons", "last one", title="Exits", title_justify="left")
    for door in found.exits[:_ROWS]:
        table.add_row(door.id, f"{door.persons:.0f}", _time(door.clear_s))
    console.print(table)
    table = Table(
        "queue at", "storey", "person-seconds", "longest", title="Queues, the worst first", title_justify="left"
    )
    for queue in found.queues[:_ROWS]:
        name = f"{queue.kind} {queue.id}"
        table.add_row(name, queue.storey or "", f"{queue.waited_person_s:,.0f}", f"{queue.longest:.1f} people")
    console.print(table if found.queues else "Nobody waits.")
    if found.through_fire:
        console.print(f"[b]Only through the burning room:[/b] {_listed(_homes(found))}")
    for space in found.trapped[:_ROWS]:
        console.print(f"[b]No way out:[/b] {space}, {found.asked.persons[space]:.1f} people")


def _cleared(console: "Console", title: str, rows: "list[tuple[str, Cleared]]") -> None:
    from rich.table import Table

    table = Table("", "people", "evenly spread", "5 %", "50 %", "95 %", title=title, title_justify="left")
    for name, one in rows[:_ROWS]:
        drawn = ["", "", ""] if one.quantiles_s is None else [_time(value) for value in one.quantiles_s]
        table.add_row(name, f"{one.persons:.0f}", _time(one.clear_s), *drawn)
    console.print(table)
    if len(rows) > _ROWS:
        console.print(f"and {len(rows) - _ROWS} more; --json has all")


def _sure(one: "Cleared") -> str:
    if one.quantiles_s is None:
        return ""
    least, middle, most = (_time(value) for value in one.quantiles_s)
    return f"; by chance {middle}, in 90 of 100 runs from {least} to {most}"


def _time(seconds: float) -> str:
    """Minutes and seconds.

    Examples
    --------
    >>> _time(75.4), _time(float("inf"))
    ('1:15 min', 'never')
    """
    if seconds == float("inf"):
        return "never"
    return f"{round(seconds) // 60}:{round(seconds) % 60:02d} min"


def _homes(found: "Evacuation") -> tuple[str, ...]:
    """Spaces that one only leaves through the burning room; of a flat's rooms the flat."""
    from twin.fabric.flats import flat_of

    index = found.of.site.index
    return tuple(dict.fromkeys(flat_of(index, space) or space for space in found.through_fire))


def _listed(names: "tuple[str, ...]") -> str:
    more = f" and {len(names) - _ROWS} more" if len(names) > _ROWS else ""
    return ", ".join(names[:_ROWS]) + more
