"""`plumbline past`: generated days of readings for a demonstration."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("past", hidden=True)(past)


def past(
    site: Annotated[Path, typer.Argument(help="Site folder.")],
    data: Annotated[Path, typer.Option("--data", help="Data folder, without any readings yet.")],
    days: Annotated[float, typer.Option("--days", min=1, max=30, help="How many days.")] = 7.0,
    seed: Annotated[int, typer.Option("--seed", help="Another number, other days.")] = 10,
) -> None:
    """Generate past days of a site's water with EPANET into a data folder."""
    import time

    from twin.index import build
    from twin.site_folder import read
    from viewer.generated_past import write_past

    count = write_past(build(read(site)), data, end_s=time.time(), days=days, seed=seed)
    typer.echo(f"{count:,} readings of {days:g} generated days are in {data}")
