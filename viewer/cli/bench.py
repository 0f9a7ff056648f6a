"""`plumbline bench`: the project's own figures, measured on this machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli import EXIT_FINDINGS, fail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rich.table import Table

    from viewer.bench.figures import Figure

    Measure = Callable[..., Iterator[Figure]]

NAMES = {
    "coverage": "what cameras see: rays, the whole job, moves",
    "demo": "the demo: life, incidents, memory",
    "estate": "30 towers: read, index, scene, check",
    "evacuation": "ways out: routes, fields, people, suites",
    "leaks": "leaks: found, sized, located, isolated",
    "replay": "a month, or the year, of L-Town: stored, charted",
}
_OF_FAMILIES = ("coverage", "evacuation", "leaks")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(bench)


def bench(  # noqa: C901 - one check an option
    name: Annotated[str, typer.Argument(help="One of: " + "; ".join(f"{k} ({v})" for k, v in NAMES.items()))],
    quick: Annotated[bool, typer.Option("--quick", help="Within 50 s on two cores.")] = False,
    minutes: Annotated[
        float | None, typer.Option(min=0.1, max=1440, help="How long the demo's memory is watched.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Other trials than the documented ones, of leaks and coverage.")
    ] = None,
    only: Annotated[
        str | None, typer.Option(help="One family of figures, such as location of leaks or rays of coverage.")
    ] = None,
    trials: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="Leaks of each kind, of location and estate of leaks.")
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json", help="Add to this document of figures, of families run one by one; show all."
        ),
    ] = None,
    kept_only: Annotated[bool, typer.Option("--kept-only", help="Measure nothing, show what --keep has.")] = False,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Also draw the leaks' figures that are shown.")
    ] = None,
    suites: Annotated[
        bool, typer.Option("--suites", help="Of evacuation, each test of the public suites: expected and got.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure a set of figures; exit 1 if one misses its goal. How each is measured is in docs/figures.md."""
    if name not in NAMES:
        raise typer.BadParameter(f"no set of figures {name!r}; there are {', '.join(NAMES)}", param_hint="NAME")
    if minutes is not None and name != "demo":
        raise typer.BadParameter("only the demo is watched for a time", param_hint="--minutes")
    if name not in _OF_FAMILIES and (seed is not None or only is not None):
        raise typer.BadParameter(f"only {' and '.join(_OF_FAMILIES)} have families", param_hint="--seed, --only")
    if name != "leaks" and (picture is not None or trials is not None):
        raise typer.BadParameter("only the leaks have pictures and trials", param_hint="--picture, --trials")
    if kept_only and (keep is None or not keep.is_file()):
        raise typer.BadParameter("nothing is kept: --keep FILE.json names a document that is there")
    if suites:
        if name != "evacuation":
            raise typer.BadParameter("only evacuation has public suites", param_hint="--suites")
        _print_suites(as_json=as_json)
        return
    from rich.console import Console

    from viewer.bench.figures import as_json as document

    asked = {"minutes": minutes, "seed": seed, "only": only, "trials": trials}
    options = {option: value for option, value in asked.items() if value is not None}
    figures = _kept(keep)
    if not kept_only:
        figures = _measured(name, figures, keep, quick=quick, options=options)
    if picture is not None:
        _draw(figures, picture)
    if as_json:
        typer.echo(document(figures))
    else:
        Console().print(_table(name, figures))
    if any(figure.reached is False for figure in figures):
        raise typer.Exit(EXIT_FINDINGS)


def _print_suites(*, as_json: bool) -> None:
    """Each test of the public suites; exit 1 if one does not hold."""
    import json

    from rich.console import Console
    from rich.table import Table

    from viewer.bench.evacuation.checked import CASES

    table = Table("suite", "test", "checks", "expected", "got", "holds", title="evacuation", title_justify="left")
    rows: list[dict[str, str | bool | None]] = []
    for case in CASES:
        outcome = None if case.run is None else case.run()
        row: dict[str, str | bool | None] = {"suite": case.suite, "test": case.number, "checks": case.checks}
        if outcome is None:
            rows.append({**row, "expected": "", "got": "not for a model of streams", "holds": None})
        else:
            rows.append({**row, "expected": outcome.expected, "got": outcome.got, "holds": bool(outcome.holds)})
        told = "-" if outcome is None else "yes" if outcome.holds else "NO"
        table.add_row(*(str(rows[-1][key]) for key in ("suite", "test", "checks", "expected", "got")), told)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        Console().print(table)
        for suite in dict.fromkeys(row["suite"] for row in rows):
            mine = [row for row in rows if row["suite"] == suite]
            typer.echo(f"{suite}: {sum(row['holds'] is True for row in mine)} of {len(mine)} hold")
    if any(row["holds"] is False for row in rows):
        raise typer.Exit(EXIT_FINDINGS)


def _kept(keep: Path | None) -> "list[Figure]":
    from viewer.bench.figures import from_json

    if keep is None or not keep.exists():
        return []
    try:
        return from_json(keep.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        fail(f"--keep {keep} cannot be added to: {error}", code=2)


def _measured(
    name: str, figures: "list[Figure]", keep: Path | None, *, quick: bool, options: "Mapping[str, object]"
) -> "list[Figure]":
    """The figures with those measured now; what is measured is kept at once, lest an interruption costs an hour."""
    import importlib

    from rich.console import Console

    from viewer.bench.figures import as_json, merged

    measure: Measure = importlib.import_module(f"viewer.bench.{name}").measure
    with Console(stderr=True).status(f"measuring {name}") as status:
        for figure in measure(quick=quick, tell=status.update, **options):
            figures = merged(_kept(keep) or figures, [figure])
            if keep is not None:
                keep.write_text(as_json(figures), encoding="utf-8")
    return figures


def _draw(figures: "list[Figure]", file: Path) -> None:
    from viewer.bench.leaks.picture import draw

    try:
        file.write_text(draw(figures), encoding="utf-8")
    except (ValueError, OSError) as error:
        typer.echo(f"no picture in {file}: {error}", err=True)


def _table(name: str, figures: "list[Figure]") -> "Table":
    from rich.table import Table

    # figures are what one comes for: their names are not broken
    table = Table("figure", "value", "unit", "peer", "ratio", "goal", "reached", title=name, title_justify="left")
    for column in (1, 4):
        table.columns[column].justify = "right"
    for f in figures:
        peer = "" if f.peer is None else f"{f.peer} {_number(f.peer_value or 0.0)}"
        reached = {None: "", True: "yes", False: "NO"}[f.reached]
        ratio = "" if f.ratio is None else _number(f.ratio)
        table.add_row(f.name, _number(f.value), f.unit, peer, ratio, str(f.goal or ""), reached)
    return table


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:.3g}"
