"""`plumbline coverage`: what the cameras of a site really see of what they are required to."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from viewer.cli import EXIT_FINDINGS

if TYPE_CHECKING:
    from twin.coverage.check import CameraCoverage
    from twin.coverage.result import Gap, PlaceResult
    from twin.index import SiteIndex
    from twin.site_folder import SiteIssue

KINDS = ("camera",)
_GAPS = 3
"""Gaps told of a place; the rest is in the JSON document."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("coverage")(coverage)


def coverage(
    site: Annotated[Path, typer.Argument(help="The site folder.")],
    kind: Annotated[str, typer.Option("--kind", help=f"What reaches out: {', '.join(KINDS)}.")] = "camera",
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="DEVICE", help="A camera that counts as down; may be repeated."),
    ] = None,
    open_doors: Annotated[
        list[str] | None,
        typer.Option("--open", metavar="OPENING", help="A door that stands open; may be repeated. Others are closed."),
    ] = None,
    standard: Annotated[
        bool,
        typer.Option("--standard", help="Ask what the property standard asks, instead of the site's own requirements."),
    ] = False,
    lacking: Annotated[bool, typer.Option("--lacking", help="List only requirements that are not met.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Tell whether each place is covered as required, what is not and why; exit 1 if a requirement is not met."""
    if kind not in KINDS:
        raise typer.BadParameter(f"{kind!r} is not among {', '.join(KINDS)}", param_hint="--kind")
    from rich.console import Console

    from twin.coverage.check import camera_coverage
    from twin.coverage.documents import document
    from twin.coverage.prepared import prepare
    from twin.coverage.ready_made import by_the_standard
    from twin.errors import UnknownIdError
    from twin.index import build

    index, faults = _index(site)
    if standard:
        index = build(by_the_standard(index))
    for device in without or ():
        index.device(device)
    for opening in open_doors or ():
        if opening not in index.openings:
            raise UnknownIdError("opening", opening, index.openings)
    with Console(stderr=True).status("looking through the cameras"):
        answer = camera_coverage(prepare(index).with_doors(open_doors or ()), without=without or ())
    if as_json:
        made = document(answer)
        made["problems"] = [*_documents(faults), *made["problems"]]
        typer.echo(json.dumps({"site": index.site.id, "kind": kind, **made}, ensure_ascii=False))
    else:
        for issue in faults:
            typer.echo(str(issue))
        _print(answer, lacking=lacking)
    if faults or answer.problems or not all(place.is_met for place in answer.places):
        raise typer.Exit(EXIT_FINDINGS)


def _index(folder: Path) -> tuple["SiteIndex", "tuple[SiteIssue, ...]"]:
    """The site with what is wrong in its files; a camera model or zone that is faulty does not keep the rest back."""
    from twin.index import build
    from twin.site_folder import load, read

    loaded = load(folder)
    if loaded.readable is None or loaded.unread:
        return build(read(folder)), ()  # which says what is wrong
    return build(loaded.readable), loaded.issues


def _documents(faults: "tuple[SiteIssue, ...]") -> list[dict[str, str]]:
    return [{"code": i.code, "object_id": next(iter(i.object_ids), i.file), "message": str(i)} for i in faults]


def _print(answer: "CameraCoverage", *, lacking: bool) -> None:
    shown = [place for place in answer.places if not (lacking and place.is_met)]
    widths = [max((len(cells[k]) for cells in map(_cells, shown)), default=0) for k in range(3)]
    for place in shown:
        cells = _cells(place)
        line = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=False))
        typer.echo(f"{typer.style('met  ', dim=True) if place.is_met else 'LACKS'} {line}  {cells[3]}")
        if not place.is_met:
            for gap in place.gaps[:_GAPS]:
                typer.echo(f"      {_told(gap)}")
    for problem in answer.problems:
        typer.echo(f"{problem.object_id}: {problem.message} [{problem.code}]")
    met = sum(place.is_met for place in answer.places)
    editions = sorted({place.requirement.edition for place in answer.places if place.requirement.edition})
    by = f", levels of IEC 62676-4:{' and '.join(editions)}" if editions else ""
    down = f", {len(answer.offline)} of them down" if answer.offline else ""
    typer.echo(f"{met} of {len(answer.places)} places are covered by {_cameras(len(answer.cameras))}{down}{by}.")


def _cells(place: "PlaceResult") -> tuple[str, str, str, str]:
    asked = place.requirement
    level = asked.level if asked.level is not None else f"{place.needed:g} px/m"
    level += "" if asked.min_count == 1 else f" by {asked.min_count}"
    share = f"{_percent(place.share_ratio)} of {_percent(asked.min_share_ratio)}"
    return place.place_id, level, share, f"hangs on {', '.join(place.depends_on)}" if place.depends_on else ""


def _told(gap: "Gap") -> str:
    reasons = ", ".join(f"{reason.replace('_', ' ')} {share:.0%}" for reason, share in gap.reasons.items())
    behind = f"; behind {', '.join(f'{kind} {owner}' for kind, owner in gap.hidden_by)}" if gap.hidden_by else ""
    near = f"; nearest {', '.join(gap.nearest)}" if gap.nearest else ""
    at = gap.area.representative_point()
    return f"{gap.area_m2:.1f} m² at {at.x:.1f}, {at.y:.1f}: {reasons}{behind}{near}"


def _cameras(count: int) -> str:
    return "1 camera" if count == 1 else f"{count} cameras"


def _percent(ratio: float) -> str:
    """Rounded down, so that nothing that is not whole is called 100 %."""
    return f"{int(ratio * 1000 + 1e-6) / 10:g} %"
