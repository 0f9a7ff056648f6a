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

    from twin.evacuation.checked import EgressFinding
    from twin.evacuation.free_ways import Ways
    from twin.evacuation.public_rooms import NotChecked
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
        typer.Option(
            "--closed",
            metavar="OPENING[@SECONDS]",
            help="A door, exit or stair nobody passes, or from so long after the alarm on; may be repeated.",
        ),
    ] = None,
    later: Annotated[
        list[str] | None,
        typer.Option("--later", metavar="STOREY=SECONDS", help="A storey or building told later; may be repeated."),
    ] = None,
    others_later: Annotated[
        float,
        typer.Option(
            "--others-later",
            min=0,
            max=14_400,
            metavar="SECONDS",
            help="With --fire: storeys but the burning one and its neighbours are told later.",
        ),
    ] = 0.0,
    full: Annotated[
        list[str] | None,
        typer.Option("--full", metavar="STOREY[=PEOPLE]", help="A storey that is crowded; may be repeated."),
    ] = None,
    lift: Annotated[
        list[str] | None,
        typer.Option("--lift", help="A lift with which the fire crew brings people down; may be repeated."),
    ] = None,
    smoke: Annotated[
        bool, typer.Option("--smoke/--no-smoke", help="With --fire: follow its smoke, and what people breathe.")
    ] = True,
    fans: Annotated[bool, typer.Option("--fans/--no-fans", help="Whether fans keep stairs free of smoke.")] = True,
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

    from twin.evacuation.asking import Asked, fire_first, room_of
    from twin.evacuation.documents import evacuation_document
    from twin.evacuation.simulation import evacuate as simulate
    from twin.fabric.site_graph import site_graph

    index, faults = _readable(site)
    if check:
        _check(index, site, as_json=as_json)
        return
    persons = _people(index, people, time=time, full=full, buildings=building or ())
    shut, closings = _shut(closed or ())
    if others_later and fire is None:
        raise typer.BadParameter("name with --fire what burns", param_hint="--others-later")
    told = {} if fire is None else fire_first(index, fire, others_later)
    told |= _seconds(later, "--later")
    with Console(stderr=True).status("deriving the ways") as status:
        graph = site_graph(index)
        status.update(f"{sum(persons.values()):.0f} people on their way out")
        asked = Asked(persons, fire, shut, runs, seed, closings=closings, later=told, lifts=tuple(lift or ()),
                      smoke=smoke and fire is not None, fans=fans)  # fmt: skip
        found = simulate(graph, asked)
        plans, ways = [], []
        for name in sorted({index.spaces[space].storey.building.id for space in persons}) if guide else ():
            status.update(f"planning who goes where in {name}")
            burning = () if fire is None else (room_of(graph, fire),)
            plan, way = _plan(graph, name, _in(index, persons, [name]), shut, burning)
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
    if found.trapped or found.caught:
        raise typer.Exit(EXIT_FINDINGS)


def _people(
    index: "SiteIndex",
    file: Path | None,
    *,
    time: str,
    full: list[str] | None,
    buildings: "tuple[str, ...] | list[str]",
) -> dict[str, float]:
    """Who is where."""
    from twin.evacuation.people import crowded, people_at_night, people_by_day
    from twin.evacuation.people_file import read_people

    if file is not None:
        persons = dict(read_people(file, index.spaces))
    else:
        persons = people_at_night(index) if time == "night" else people_by_day(index)
    for storey, many in _numbers(full, "--full").items():
        persons |= crowded(index, storey, many)
    return _in(index, persons, buildings)


def _shut(said: "list[str] | tuple[str, ...]") -> tuple[frozenset[str], dict[str, float]]:
    """What is closed from the beginning, and what closes when."""
    closings = {name: when_s for name, when_s in _numbers(list(said), "--closed", "@").items() if when_s is not None}
    return frozenset(name.partition("@")[0] for name in said) - frozenset(closings), closings


def _seconds(said: list[str] | None, option: str) -> dict[str, float]:
    """Names with the seconds behind them."""
    found = {}
    for name, seconds in _numbers(said, option).items():
        if seconds is None:
            raise typer.BadParameter(f"{name} has no seconds; write {name}=120", param_hint=option)
        found[name] = seconds
    return found


def _numbers(said: list[str] | None, option: str, mark: str = "=") -> dict[str, float | None]:
    """Names with the number behind a mark, where there is one."""
    found: dict[str, float | None] = {}
    for one in said or ():
        name, has, number = one.partition(mark)
        try:
            found[name] = float(number) if has else None
        except ValueError as error:
            raise typer.BadParameter(
                f"{number!r} in {one} is no number; write NAME{mark}NUMBER", param_hint=option
            ) from error
    return found


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
    from twin.evacuation.free_ways import too_narrow

    narrow = (f"door {name} is {width_m:.2f} m wide, which lets nobody through: correct its width"
              for name, width_m in too_narrow(graph).items())  # fmt: skip
    return (*(fault.message for fault in graph.faults), *narrow)


def _check(index: "SiteIndex", folder: Path, *, as_json: bool) -> None:
    """Tell which rules hold where, and which do not."""
    from rich.console import Console

    from twin.evacuation.audit import audit
    from twin.evacuation.public_rooms import not_checked
    from twin.evacuation.rules import egress_facts, egress_rules
    from twin.fabric.site_graph import site_graph
    from twin.wayfinding.profiles import profile

    rules, facts = egress_rules(folder), egress_facts(folder)
    unknown = not_checked(index)
    with Console(stderr=True).status("deriving the ways"):
        narrow = site_graph(index, clearance_m=profile("wheelchair").clearance_m)
        found = audit(site_graph(index), rules, step_free=narrow, facts=facts)
    if as_json:
        rows = [{**dataclasses.asdict(one), "reached": _number(one.reached)} for one in found]
        said = {name: rule.model_dump() for name, rule in rules.items()}
        left = [dataclasses.asdict(one) for one in unknown]
        made = {"site": index.site.id, "findings": rows, "rules": said, "not_checked": left}
        typer.echo(json.dumps(made, ensure_ascii=False))
    else:
        _print_check(Console(), rules, found)
        _print_unknown(Console(), unknown)
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
            asked = "yes" if rule.unit == "bool" else f"{sign} {_span([one.needed for one in mine])} {rule.unit}"
            where = f"{rule.where} ({rule.certainty})"
            table.add_row(rule.name.en or name, asked, str(len(mine) - broken), str(broken), where)
    console.print(table)
    lacking = [one for one in found if not one.is_met]
    for one in lacking[:_ROWS]:
        by = f", by {', '.join(one.objects)}" if one.objects else ""
        console.print(f"[b]{rules[one.rule].name.en}[/b] at {one.place}: {_reached(one)}{by}")
    if len(lacking) > _ROWS:
        console.print(f"and {len(lacking) - _ROWS} more; --json has all")


def _span(values: list[float]) -> str:
    """What is asked: one value, or the least and the most where it hangs on the place."""
    low, high = min(values), max(values)
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _reached(one: "EgressFinding") -> str:
    if one.unit == "bool":
        return "no"
    return f"{one.reached:.4g} {one.unit}" if math.isfinite(one.reached) else "no way"


def _print_unknown(console: "Console", unknown: "tuple[NotChecked, ...]") -> None:
    """Storeys that distances, doors and exits were not checked of, those with the same uses together."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for one in unknown:
        alike.setdefault(one.uses, []).append(one.storey)
    for uses, storeys in alike.items():
        why = f"no rule for {', '.join(uses)}" if uses else "nothing says what they are used for"
        console.print(f"[b]not checked[/b] for distances, doors and exits, {why}: {_listed(tuple(storeys))}")


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
    _print_fire(console, found)
    for trip in found.lifted[-1:]:
        many = sum(one.persons for one in found.lifted)
        console.print(f"Lifts bring down {many:.1f} people in {len(found.lifted)} rides by {_time(trip.arrives_s)}.")
    for one in found.caught[:_ROWS]:
        console.print(f"[b]Left behind what closed:[/b] {one.cell}, {one.persons:.1f} people")
    if found.through_fire:
        console.print(f"[b]Only through the burning room:[/b] {_listed(_homes(found))}")
    for space in found.trapped[:_ROWS]:
        console.print(f"[b]No way out:[/b] {space}, {found.asked.persons[space]:.1f} people")


def _print_fire(console: "Console", found: "Evacuation") -> None:
    """How long ways can be used, and what people breathe."""
    from rich.table import Table

    if found.fire is None:
        return
    table = Table("place", "can be used", "needed", "19 of 20", "left over", title_justify="left",
                  title="Ways in smoke, the worst first")  # fmt: skip
    for one in found.fire.margins[:_ROWS]:
        sure = "" if one.sure_s is None else _time(one.sure_s)
        table.add_row(one.place, _time(one.available_s), _time(one.needed_s), sure, _time(one.margin_s))
    console.print(
        table if found.fire.margins else "Smoke makes no way that people take unbearable while it is followed."
    )
    table = Table("from", "people", "dose", "sees, m", "dose of who stays", title_justify="left",
                  title="Who breathes most on the way; 1 is what half of people cannot bear")  # fmt: skip
    for met in found.fire.exposed[:_ROWS]:
        stay = f"{met.stay_dose:.2f}" + (", better" if met.is_better_staying else "")
        table.add_row(met.space, f"{met.persons:.1f}", f"{met.dose:.3f}", f"{met.sight_m:.1f}", stay)
    if found.fire.exposed:
        console.print(table)
    console.print(
        f"{found.fire.harmed:.1f} people breathe more than people bear, {found.fire.overcome:.1f} are overcome."
    )


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
    >>> _time(-90.0)
    '-1:30 min'
    """
    if math.isinf(seconds):
        return "never"
    if seconds < 0:
        return f"-{_time(-seconds)}"
    return f"{round(seconds) // 60}:{round(seconds) % 60:02d} min"


def _homes(found: "Evacuation") -> tuple[str, ...]:
    """Spaces that one only leaves through the burning room; of a flat's rooms the flat."""
    from twin.fabric.flats import flat_of

    index = found.of.site.index
    return tuple(dict.fromkeys(flat_of(index, space) or space for space in found.through_fire))


def _listed(names: "tuple[str, ...]") -> str:
    more = f" and {len(names) - _ROWS} more" if len(names) > _ROWS else ""
    return ", ".join(names[:_ROWS]) + more
