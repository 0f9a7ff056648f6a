"""`plumbline serve`: a site, live, in the browser."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    site: Annotated[Path, typer.Argument(help="The site folder.")],
    data: Annotated[
        Path | None, typer.Option(help="Folder for history and journal.", show_default="the user's data folder")
    ] = None,
    broker: Annotated[
        str | None,
        typer.Option(help="MQTT broker, mqtt://[user:password@]host:port.", show_default="one of its own"),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port; 0 takes a free one.", show_default="8750, or a free one"),
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="Another name this server is reached by; may be repeated.")
    ] = None,
) -> None:
    """Serve a site: bind it to a broker, keep its history, show it in the browser."""
    from viewer.estate_service import EstateOptions, run_estate

    run_estate(
        site,
        EstateOptions(data=data, broker_url=broker, host=host, port=port, allowed_hosts=frozenset(allow_host or ())),
    )
