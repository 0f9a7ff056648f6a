"""`plumbline generate`: write the folder of a sample estate of any size."""

from pathlib import Path

import typer

from viewer.cli import fail, site_id_of


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("generate")(generate)


def generate(
    folder: Path = typer.Argument(..., metavar="OUT", help="Folder to write; new, empty, or a site with --force."),
    towers: int = typer.Option(6, "--towers", min=1, max=60, help="Number of towers."),
    storeys: int = typer.Option(18, "--storeys", min=3, max=40, help="Storeys of each tower."),
    flats: int = typer.Option(4, "--flats", min=2, max=4, help="Flats on a storey: 2 or 4."),
    seed: int = typer.Option(1, "--seed", help="Decides on trees, households and the like."),
    site_id: str = typer.Option("", "--id", help="The site's id, first level of its topics; none: the folder's name."),
    force: bool = typer.Option(False, "--force", help="Write over a site that is there."),
) -> None:
    """Write the site folder of a residential estate: buildings, grounds, networks, devices, people, rules."""
    from sample_sites.generator import EstatePlan
    from sample_sites.generator import generate as generate_site
    from twin.site_folder import write

    if folder.is_dir() and any(folder.iterdir()) and not force:
        fail(f"{folder} is not empty; name a new folder, or write over a site with --force", code=2)
    if force and folder.is_dir() and any(folder.iterdir()) and not (folder / "site.yaml").is_file():
        fail(f"{folder} holds files but no site.yaml, so it is no site folder; name another", code=2)
    plan = EstatePlan(
        towers=towers, storeys=storeys, flats_per_storey=flats, seed=seed,
        id=site_id or site_id_of(folder.resolve().name),
    )  # fmt: skip
    site = generate_site(plan)
    write(site, folder)
    size_mb = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6
    homes = sum(b.use == "residential" for b in site.buildings)
    typer.echo(
        f"{folder}: {homes} towers, {len(site.buildings)} buildings, {len(site.devices)} devices, "
        f"{len(site.households)} households, {len(site.networks)} networks, {size_mb:.1f} MB"
    )
