"""`plumbline check` and `plumbline schema`: what a site folder holds, what is wrong with it, how it is written."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli import EXIT_COULD_NOT_RUN, EXIT_FINDINGS

if TYPE_CHECKING:
    from twin.site_folder import SiteIssue


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(check)
    app.command()(schema)


def check(
    site: Annotated[Path, typer.Argument(help="The site folder.")],
    deep: Annotated[
        bool, typer.Option("--deep", help="Also run every pipe network in EPANET for its duration.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List every fault of a site folder: where it is, what is wrong, how to mend it."""
    from twin.validation import check_folder

    loaded, issues = check_folder(site, deep=deep)
    counts = loaded.counts()
    if as_json:
        items = [issue.model_dump(mode="json", exclude_none=True) for issue in issues]
        typer.echo(json.dumps({"site": str(site), "fine": not issues, "counts": counts, "issues": items}, indent=1))
    elif issues:
        _print_issues(issues)
    else:
        held = ", ".join(f"{count:,} {name if count != 1 else name[:-1]}" for name, count in counts.items() if count)
        typer.echo(f"{site} is fine: {held}.")
    if issues:
        could_not_run = any(issue.file == "." for issue in issues)
        raise typer.Exit(EXIT_COULD_NOT_RUN if could_not_run else EXIT_FINDINGS)


def _print_issues(issues: "tuple[SiteIssue, ...]") -> None:
    by_file: dict[str, list[SiteIssue]] = {}
    for issue in issues:
        by_file.setdefault(issue.file, []).append(issue)
    for file, found in by_file.items():
        typer.echo(typer.style(f"{file}  ({_faults(len(found))})", bold=True))
        for issue in found:
            code = typer.style(f"[{issue.code}]", dim=True)
            typer.echo(f"  {issue.place + ': ' if issue.place else ''}{issue.message} {code}")
            typer.echo(f"      {issue.cure}")
    codes: dict[str, int] = {}
    for issue in issues:
        codes[issue.code] = codes.get(issue.code, 0) + 1
    most = sorted(codes.items(), key=lambda item: -item[1])
    typer.echo(f"\n{_faults(len(issues))} in {len(by_file)} file{'s' if len(by_file) > 1 else ''}: ", nl=False)
    typer.echo(", ".join(f"{count} {code}" for code, count in most))


def _faults(count: int) -> str:
    return f"{count:,} fault{'s' if count != 1 else ''}"


def schema(
    name: Annotated[str, typer.Argument(help="A file such as devices.csv; all if none is named.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="Write one file each into this folder.")] = None,
) -> None:
    """Print the JSON Schemas of the site folder's files."""
    from twin.site_folder.schemas import schema_file, schemas

    known = schemas()
    if name and name not in known:
        typer.echo(f"no schema {name!r}; there are {', '.join(known)}", err=True)
        raise typer.Exit(2)
    wanted = {name: known[name]} if name else known
    if out is None:
        typer.echo(json.dumps(wanted[name] if name else wanted, ensure_ascii=False, indent=2))
        return
    out.mkdir(parents=True, exist_ok=True)
    for file, found in wanted.items():
        path = out / schema_file(file)
        path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        typer.echo(str(path))
