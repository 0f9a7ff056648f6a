"""`plumbline demo`: the sample estate, alive, from one command."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    site: Annotated[Path | None, typer.Argument(help="The site folder.", show_default="the sample estate")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder for history and journal.", show_default="the user's data folder")
    ] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=3600, help="Estate's seconds in one of ours.")] = 1.0,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port; 0 takes a free one.", show_default="8750, or a free one"),
    ] = None,
    towers: Annotated[
        int | None, typer.Option(min=1, max=60, help="Generate an estate of so many towers instead.")
    ] = None,
    storeys: Annotated[int, typer.Option(min=2, max=60, help="Storeys of those towers.")] = 18,
    with_history: Annotated[
        float, typer.Option(min=0, max=30, metavar="DAYS", help="Begin with so many generated days of water readings.")
    ] = 0.0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address only.")] = False,
) -> None:
    """Open an estate live: a broker, a simulator that acts as its gateways, and the server."""
    if site is not None and towers is not None:
        raise typer.BadParameter("give a site or a number of towers, not both", param_hint="--towers")
    if 0 < with_history < 1:
        raise typer.BadParameter("give a day or more; a rhythm needs at least three", param_hint="--with-history")
    from viewer.estate_service import EstateOptions, generated_site, run_estate, sample_site

    options = EstateOptions(
        data=data, port=port, simulator_speed=speed, open_browser=not no_browser, history_days=with_history
    )
    if towers is not None:
        site = generated_site(options, towers=towers, storeys=storeys)
    run_estate(site or sample_site(), options)
