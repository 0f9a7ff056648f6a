"""`plumbline import`: make a site folder from a foreign file."""

from pathlib import Path

import typer

from viewer.cli import fail, site_id_of


def register(app: typer.Typer) -> None:
    """Add the group of importers."""
    group = typer.Typer(help="Make a site folder from a foreign file.", no_args_is_help=True)
    group.command("inp")(import_inp)
    group.callback()(_nothing)
    app.add_typer(group, name="import")


def _nothing() -> None:
    """Make a site folder from a foreign file."""


def import_inp(
    file: Path = typer.Argument(..., metavar="FILE", help="EPANET file."),
    folder: Path = typer.Argument(..., metavar="SITE", help="Site folder to write; new or empty."),
    epsg: int | None = typer.Option(None, "--epsg", help="Reference system of its coordinates, e.g. 4547 or 32651."),
    origin: str = typer.Option("", "--origin", metavar="LON,LAT", help="Where the middle of the drawing is."),
    sensors: str = typer.Option(
        "", "--sensors", help="Nodes (pressure) and links (flow) to watch: n1,p227; all; or a file with one id a line."
    ),
    site_id: str = typer.Option("", "--id", help="Id of the site; none takes the folder's name."),
    name: str = typer.Option("", "--name", help="Shown name; none takes the file's title."),
    interval_s: float = typer.Option(300.0, "--interval", min=0.1, help="Seconds between readings of a sensor."),
    time_zone: str = typer.Option("UTC", "--time-zone", help="Of the place, e.g. Asia/Nicosia."),
    kind: str = typer.Option(
        "domestic_water", "--kind", help="What runs in it: domestic_water, fire_main, drainage, heating, gas …"
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result for machines."),
) -> None:
    """Make a site from an EPANET network: pipes, valves, tanks as assets, sensors as devices, bindings and rules."""
    import json

    from twin.importers.inp import import_inp as made_of
    from twin.model.networks import NETWORK_KINDS
    from twin.site_folder import write

    known = next((k for k in NETWORK_KINDS if k == kind), None)
    if known is None:
        fail(f"--kind {kind!r} is none of {', '.join(NETWORK_KINDS)}", code=2)

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        fail(f"{folder} is there and not empty; name a new folder", code=2)
    own_id = site_id or site_id_of(folder.resolve().name)
    imported = made_of(
        _text(file), site_id=own_id, name=name, sensors=_names(sensors), epsg=epsg,
        origin=_lonlat(origin), interval_s=interval_s, time_zone=time_zone, kind=known,
    )  # fmt: skip
    write(imported.site, folder)
    site = imported.site
    if as_json:
        counts = {"devices": len(site.devices), "networks": len(site.networks)}
        typer.echo(json.dumps({"site": site.id, "folder": str(folder), **counts, "notes": imported.notes}))
        return
    typer.echo(f"{folder}: site {site.id} with {len(site.devices)} devices")
    for note in imported.notes:
        typer.echo(f"  {note}")
    typer.echo(f"See it with: plumbline serve {folder}")


def _text(file: Path) -> str:
    """The file's text: UTF-8, else the encodings EPANET's users have on their machines."""
    data = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _names(words: str) -> tuple[str, ...]:
    listed = Path(words)
    if words and words != "all" and "," not in words and listed.is_file():
        lines = listed.read_text(encoding="utf-8-sig").replace(";", ",").splitlines()
        return tuple(cell for line in lines if (cell := line.split(",")[0].strip()) and not cell.startswith("#"))
    return tuple(word.strip() for word in words.split(",") if word.strip())


def _lonlat(words: str) -> tuple[float, float] | None:
    if not words:
        return None
    try:
        lon, lat = (float(w) for w in words.split(","))
    except ValueError:
        fail(f"--origin {words!r}: write longitude and latitude in degrees, such as 33.02,34.69", code=2)
    if not (-180 <= lon <= 180 and -85 <= lat <= 85):
        fail(f"--origin {words!r}: longitude is within ±180 and latitude within ±85 degrees", code=2)
    return lon, lat
