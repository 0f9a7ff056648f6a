"""`plumbline bench`: the project's own figures, measured on this machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli import EXIT_FINDINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.table import Table

    from viewer.bench.figures import Figure

    Measure = Callable[..., Iterator[Figure]]

NAMES = {
    "coverage": "what cameras see: rays, the whole job, moves",
    "demo": "the demo: life, incidents, memory",
    "estate": "30 towers: read, index, scene, check",
    "leaks": "leaks: found, sized, located, isolated",
    "replay": "a month, or the year, of L-Town: stored, charted",
}
_OF_FAMILIES = ("coverage", "leaks")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(bench)


def bench(
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
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Also draw the errors of the leaks' figures.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure a set of figures; exit 1 if one misses its goal. How each is measured is in docs/figures.md."""
    if name not in NAMES:
        raise typer.BadParameter(f"no set of figures {name!r}; there are {', '.join(NAMES)}", param_hint="NAME")
    if minutes is not None and name != "demo":
        raise typer.BadParameter("only the demo is watched for a time", param_hint="--minutes")
    if name not in _OF_FAMILIES and (seed is not None or only is not None):
        raise typer.BadParameter(f"only {' and '.join(_OF_FAMILIES)} have families", param_hint="--seed, --only")
    if name != "leaks" and picture is not None:
        raise typer.BadParameter("only the leaks have a picture", param_hint="--picture")
    import importlib

    from rich.console import Console

    from viewer.bench.figures import as_json as document

    measure: Measure = importlib.import_module(f"viewer.bench.{name}").measure
    with Console(stderr=True).status(f"measuring {name}") as status:
        asked = {"minutes": minutes, "seed": seed, "only": only}
        options = {option: value for option, value in asked.items() if value is not None}
        figures = list(measure(quick=quick, tell=status.update, **options))
        if picture is not None:
            from viewer.bench.leaks.picture import draw

            picture.write_text(draw(quick=quick, tell=status.update, seed=seed), encoding="utf-8")
    if as_json:
        typer.echo(document(figures))
    else:
        Console().print(_table(name, figures))
    if any(figure.reached is False for figure in figures):
        raise typer.Exit(EXIT_FINDINGS)


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
