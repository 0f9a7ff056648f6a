"""`plumbline suggest`: where cameras should be, so that what is required of them is covered."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli import EXIT_FINDINGS

if TYPE_CHECKING:
    from twin.coverage.placement.wish import Proof, Suggestion, Wish
    from twin.model.devices import Device


class WayName(StrEnum):
    """Ways a wish can be fulfilled."""

    TURN = "turn"
    ADD = "add"
    BOTH = "both"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("suggest")(suggest)


def suggest(
    site: Annotated[Path, typer.Argument(help="The site folder.")],
    *,
    ways: Annotated[
        list[WayName] | None,
        typer.Option("--way", help="turn: aim cameras that are there; add: new ones; both. May be repeated."),
    ] = None,
    requirements: Annotated[
        list[str] | None, typer.Option("--requirement", metavar="ID", help="Only places of this requirement.")
    ] = None,
    places: Annotated[list[str] | None, typer.Option("--place", metavar="ID", help="Only this zone or space.")] = None,
    models: Annotated[
        list[str] | None,
        typer.Option("--model", help="A camera model to choose from; else those the site has most of."),
    ] = None,
    cameras: Annotated[
        int | None, typer.Option("--cameras", min=1, help="The best use of so many, instead of the fewest that do.")
    ] = None,
    budget: Annotated[
        float | None, typer.Option("--budget", min=0.0, help="The best use of so much money; needs prices.")
    ] = None,
    cheapest: Annotated[bool, typer.Option("--cheapest", help="The cheapest instead of the fewest.")] = False,
    prices: Annotated[
        list[str] | None, typer.Option("--price", metavar="MODEL=SUM", help="Price of a model; may be repeated.")
    ] = None,
    pole_price: Annotated[float, typer.Option("--pole-price", min=0.0, help="Price of a new pole.")] = 0.0,
    turn_price: Annotated[float, typer.Option("--turn-price", min=0.0, help="Price of aiming a camera anew.")] = 0.0,
    keep: Annotated[
        list[str] | None, typer.Option("--keep", metavar="DEVICE", help="A camera that is not aimed otherwise.")
    ] = None,
    from_nothing: Annotated[
        bool, typer.Option("--from-nothing", help="As if the site had no cameras: all of them anew.")
    ] = False,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, help="Time for the search of each way.")] = 20.0,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the devices of the first way as devices.csv.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Suggest where cameras should be for what is not covered as required; exit 1 if something stays uncovered."""
    from rich.console import Console

    from twin.coverage.placement.documents import suggestion_document
    from twin.coverage.placement.suggest import suggest as ask
    from twin.coverage.placement.wish import Wish
    from twin.coverage.prepared import prepare
    from twin.index import build
    from twin.site_folder import read

    if cameras is not None and budget is not None:
        raise typer.BadParameter("give --cameras or --budget, not both", param_hint="--budget")
    wish = Wish(
        ways=tuple(way.value for way in ways or _usual(from_nothing=from_nothing)),
        requirements=frozenset(requirements) if requirements else None,
        places=frozenset(places) if places else None,
        models=tuple(models or ()),
        cameras=cameras,
        budget=budget,
        by_price=cheapest,
        prices=dict(_price(text) for text in prices or ()),
        pole_price=pole_price,
        turn_price=turn_price,
        kept=frozenset(keep or ()),
        time_limit_s=seconds,
    )
    index = build(read(site))
    prepared = prepare(index)
    if from_nothing:
        there = [d.id for d in index.site.devices if index.kinds[d.kind].reaches == "camera"]
        prepared = prepared.without_devices(*there)
    with Console(stderr=True).status("looking for places for cameras"):
        found = ask(prepared, wish)
    if csv is not None and found:
        _write(csv, found[0].devices)
    if as_json:
        made = [suggestion_document(one) for one in found]
        typer.echo(json.dumps({"site": index.site.id, "suggestions": made}, ensure_ascii=False))
    else:
        _print(found, wish)
    if not all(one.is_met for one in found):
        raise typer.Exit(EXIT_FINDINGS)


def _usual(*, from_nothing: bool) -> tuple[WayName, ...]:
    return (WayName.ADD,) if from_nothing else (WayName.TURN, WayName.ADD)


def _price(text: str) -> tuple[str, float]:
    model, _, told = text.partition("=")
    try:
        price = float(told)
    except ValueError:
        price = -1.0
    if not model or not 0 <= price < float("inf"):
        raise typer.BadParameter(f"{text!r} is not MODEL=SUM, such as 4MP-4mm=380", param_hint="--price")
    return model, price


def _write(path: Path, devices: "tuple[Device, ...]") -> None:
    from twin.model.devices import Device
    from twin.site_folder.tables import table_text

    path.write_text(table_text(devices, Device), encoding="utf-8")


def _print(found: "tuple[Suggestion, ...]", wish: "Wish") -> None:
    if not found:
        typer.echo("Nothing that is asked for lacks.")
    for one in found:
        typer.echo(f"{one.way}: {_sum(one, wish)}; {_proven(one.proof)}.")
        for device in one.devices:
            typer.echo(f"  {_device(device, is_there=device.id in one.changed)}")
        for gain in one.gains:
            word = "met  " if gain.is_met else "LACKS"
            shares = f"{gain.before_ratio:.1%} -> {gain.after_ratio:.1%} of {gain.min_share_ratio:.0%}"
            typer.echo(f"  {word} {gain.place_id}  {gain.requirement}  {shares}")
        for unmet in one.unmet:
            at = unmet.area.representative_point()
            reason = unmet.reason.replace("_", " ")
            typer.echo(
                f"  cannot be covered: {unmet.area_m2:.1f} m² of {unmet.place_id} at {at.x:.1f}, {at.y:.1f}: {reason}"
            )


def _sum(one: "Suggestion", wish: "Wish") -> str:
    turned, new = len(one.changed), len(one.devices) - len(one.changed)
    parts = [f"{new} new" for _ in range(new > 0)] + [f"{turned} aimed otherwise" for _ in range(turned > 0)]
    money = f", {one.cost:g} in money" if wish.in_money else ""
    return f"{' and '.join(parts) or 'no camera helps'}{money}"


def _proven(proof: "Proof") -> str:
    among = f"among {proof.considered} candidate{'' if proof.considered == 1 else 's'}"
    if proof.is_optimal:
        return f"proven best {among}"
    return f"within {proof.gap_ratio:.1%} of the best {among}"


def _device(device: "Device", *, is_there: bool) -> str:
    aim = f"bearing {device.bearing_deg:g}, " if device.bearing_deg is not None else ""
    look = f"presets {' '.join(device.presets)}" if device.presets else f"{aim}tilt {device.tilt_deg or 0:g}"
    if is_there:
        return f"turn {device.id}: {look}"
    x, y, z = device.x_m or 0.0, device.y_m or 0.0, device.z_m or 0.0
    within = f" in {device.space}" if device.space else ""
    return f"hang {device.model} at {x:.1f}, {y:.1f}, {z:.1f} m{within}: {look}"
