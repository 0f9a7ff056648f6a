"""`plumbline route`: the way from one place of a site to another, step by step."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from viewer.cli import EXIT_FINDINGS

if TYPE_CHECKING:
    from twin.operations.directions import Way
    from twin.wayfinding.network import Wayfinder
    from twin.wayfinding.refusals import Refusal

Language = Literal["en", "zh"]
_MINUTE_S = 60.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("route")(route)


def route(
    site: Annotated[Path, typer.Argument(help="The site folder.")],
    start: Annotated[
        str,
        typer.Argument(
            metavar="FROM",
            help="A space, device, building, ground feature, pipe, member of staff, or point as x,y[,z]; "
            "'gate' is the gate that is soonest there.",
        ),
    ],
    target: Annotated[str, typer.Argument(metavar="TO", help="The same.")],
    *,
    profile: Annotated[
        str, typer.Option("--profile", help="Who goes: resident, wheelchair, pushchair, crew, fire_crew, car …")
    ] = "resident",
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="ID", help="A door, stair, lift, ramp or gate out of use; may be repeated."),
    ] = None,
    released: Annotated[
        bool, typer.Option("--released", help="Nothing is locked or private, as in an evacuation.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document, with a line for each storey.")
    ] = False,
    language: Annotated[Language, typer.Option("--language", help="Of the steps.")] = "en",
) -> None:
    """Tell the way through doors, stairs and lifts, how far it is and what it takes; exit 1 if there is none."""
    import msgspec

    from twin.operations.directions import directions
    from twin.wayfinding.refusals import RefusedError

    ways = _ways(site)
    try:
        way = directions(
            ways, target, start="" if start == "gate" else start, profile=profile,
            closed=frozenset(without or ()), is_released=released,
        )  # fmt: skip
    except RefusedError as error:
        _refuse(error.refusal, language, as_json=as_json)
        raise typer.Exit(EXIT_FINDINGS) from None
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(way), ensure_ascii=False))
    else:
        _print(way, ways, language)


def _ways(site: Path) -> "Wayfinder":
    from twin.index import build
    from twin.site_folder import read
    from twin.wayfinding.network import Wayfinder

    return Wayfinder(build(read(site)))


def _refuse(why: "Refusal", language: Language, *, as_json: bool) -> None:
    if not as_json:
        typer.echo(why.text.zh if language == "zh" else why.text.en)
        return
    obstacles = [
        {"cause": o.cause, "id": o.id, "point_m": o.point_m, "text": {"zh": o.text.zh, "en": o.text.en}}
        for o in why.obstacles
    ]
    told = {"text": {"zh": why.text.zh, "en": why.text.en}, "obstacles": obstacles, "reached": why.reached}
    typer.echo(json.dumps({"refusal": told}, ensure_ascii=False))


def _print(way: "Way", ways: "Wayfinder", language: Language) -> None:
    minutes = way.duration_s / _MINUTE_S
    metres = (
        f"{way.length_m:.0f} 米，{minutes:.1f} 分钟" if language == "zh" else f"{way.length_m:.0f} m, {minutes:.1f} min"
    )
    typer.echo(metres)
    storey: str | None = "?"
    for k, step in enumerate(way.steps, 1):
        if step.storey != storey:
            storey = step.storey
            typer.echo(_place(ways, storey, language))
        typer.echo(f"  {k:2d}. {step.text.zh if language == 'zh' else step.text.en}")


def _place(ways: "Wayfinder", storey_id: str | None, language: Language) -> str:
    if storey_id is None:
        return "室外" if language == "zh" else "In the open"
    storey = ways.index.storeys[storey_id]
    names = [name.zh if language == "zh" else name.en for name in (storey.building.name, storey.name)]
    return ", ".join(name for name in names if name) or storey_id
