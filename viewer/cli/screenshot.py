"""`plumbline screenshot`: a picture of a page, by the Chromium or Chrome of this machine."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(screenshot)


def screenshot(
    url: Annotated[str, typer.Argument(help="Address of the page, as serve and demo print it.")],
    out: Annotated[Path, typer.Argument(help="The PNG to write.")],
    width: Annotated[int, typer.Option(min=200, max=8000, help="Width of the page in CSS pixels.")] = 1440,
    height: Annotated[int, typer.Option(min=200, max=8000, help="Height of the page in CSS pixels.")] = 900,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "en",
    theme: Annotated[str, typer.Option(help="light or dark.")] = "light",
    timeout_s: Annotated[float, typer.Option("--timeout", min=1, help="Longest wait for the page, in seconds.")] = 60.0,
) -> None:
    """Take a picture of a page once it shows what it was asked for."""
    if lang not in {"zh", "en"}:
        raise typer.BadParameter("zh or en", param_hint="--lang")
    if theme not in {"light", "dark"}:
        raise typer.BadParameter("light or dark", param_hint="--theme")
    from viewer.stills import page_still

    page_still(url, out, size=(width, height), language=lang, theme=theme, timeout_s=timeout_s)
    typer.echo(f"{out}")
