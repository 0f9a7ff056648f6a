"""`plumbline coverage`: what the devices of a site really reach of what they are required to."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from viewer.cli import EXIT_FINDINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from twin.coverage.check import CameraCoverage
    from twin.coverage.kinds import KindAnswer
    from twin.coverage.prepared import Prepared
    from twin.coverage.result import Gap, PlaceResult, Problem, Rule
    from twin.index import SiteIndex

_GAPS = 3
"""Gaps told of a place; the rest is in the JSON document."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("coverage")(coverage)


def coverage(
    site: Annotated[Path, typer.Argument(help="The site folder.")],
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", help="Only this kind, such as camera or detection; may be repeated. [default: all]"),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="DEVICE", help="A device that counts as down; may be repeated."),
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
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE.html", help="Also write a report to print, one HTML file.")
    ] = None,
    excel: Annotated[
        Path | None,
        typer.Option("--excel", metavar="FILE.xlsx", help="Also write a workbook (extra excel)."),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option("--pictures", metavar="FOLDER", help="Also write pictures of floors and cameras (extra render)."),
    ] = None,
    language: Annotated[
        Literal["en", "zh"], typer.Option("--language", help="Of the report, workbook and pictures.")
    ] = "en",
) -> None:
    """Tell whether each place is covered as required, what is not and why; exit 1 if a requirement is not met."""
    from rich.console import Console

    from twin.coverage.check import camera_coverage
    from twin.coverage.kinds import asked_kinds, kind_coverage
    from twin.coverage.prepared import prepare
    from twin.coverage.ready_made import by_the_standard
    from twin.index import build

    chosen = _chosen(kind)
    if pictures is not None:
        from viewer.drawing import must_draw

        must_draw()  # before the minutes of work, not after
    index, faults = _index(site)
    if standard:
        index = build(by_the_standard(index))
    _known(index, without or (), open_doors or ())
    answers: dict[str, KindAnswer] = {}
    with Console(stderr=True).status("preparing the site") as status:
        prepared = prepare(index).with_doors(open_doors or ())
        left = prepared.without_devices(*(without or ()))
        for one in chosen or asked_kinds(index) or ("camera",):
            status.update(f"reckoning what is covered: {one}")
            answers[one] = (
                camera_coverage(prepared, without=without or ()) if one == "camera" else kind_coverage(left, one)
            )
    _hand_on(prepared, answers, language, report=report, excel=excel, pictures=pictures)
    if as_json:
        typer.echo(json.dumps(_document(index, answers, faults), ensure_ascii=False))
    else:
        for issue in faults:
            typer.echo(issue.message)
        for one, answer in answers.items():
            _print(one, answer, lacking=lacking)
    lacks = any(answer.problems or not all(place.is_met for place in answer.places) for answer in answers.values())
    if faults or lacks:
        raise typer.Exit(EXIT_FINDINGS)


def _hand_on(
    prepared: "Prepared",
    answers: "Mapping[str, KindAnswer]",
    language: Literal["en", "zh"],
    *,
    report: Path | None,
    excel: Path | None,
    pictures: Path | None,
) -> None:
    """Write what is asked for beside the answer."""
    import datetime as dt

    if report is not None:
        from viewer.reports.coverage_report import coverage_report

        page = coverage_report(prepared, answers, now=dt.datetime.now(dt.UTC), language=language)
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(page, encoding="utf-8")
        typer.echo(f"The report is in {report}.", err=True)
    if excel is not None:
        from viewer.reports.workbook import write_workbook

        write_workbook(excel, prepared, answers, language=language)
        typer.echo(f"The workbook is in {excel}.", err=True)
    if pictures is not None:
        from viewer.stills3d import write_pictures

        made = write_pictures(pictures, prepared, answers, language=language)
        typer.echo(f"{len(made)} pictures are in {pictures}.", err=True)


def _known(index: "SiteIndex", devices: "Sequence[str]", openings: "Sequence[str]") -> None:
    """Raise for a device or door that the site has not."""
    from twin.errors import UnknownIdError

    for device in devices:
        index.device(device)
    for opening in openings:
        if opening not in index.openings:
            raise UnknownIdError("opening", opening, index.openings)


def _chosen(kinds: list[str] | None) -> tuple[str, ...]:
    """The kinds asked for; ``cameras`` is as good as ``camera``."""
    from twin.coverage.kinds import CHECKS

    chosen = []
    for kind in kinds or ():
        known = next((one for one in CHECKS if kind in (one, f"{one}s")), None)
        if known is None:
            raise typer.BadParameter(f"{kind!r} is not among {', '.join(CHECKS)}", param_hint="--kind")
        chosen.append(known)
    return tuple(chosen)


def _document(index: "SiteIndex", answers: "Mapping[str, KindAnswer]", faults: "tuple[Problem, ...]") -> dict[str, Any]:
    from twin.coverage.documents import camera_answer, document

    kinds = [
        {"kind": kind, **(camera_answer(answer) if isinstance(answer, _camera_type()) else document(answer))}
        for kind, answer in answers.items()
    ]
    return {
        "site": index.site.id,
        "is_met": all(made["is_met"] for made in kinds),
        "problems": _documents(faults),
        "kinds": kinds,
    }


def _camera_type() -> "type[CameraCoverage]":
    from twin.coverage.check import CameraCoverage

    return CameraCoverage


def _index(folder: Path) -> tuple["SiteIndex", "tuple[Problem, ...]"]:
    """The site with what is wrong in its files; a model, zone or device that is faulty does not keep the rest back."""
    from twin.coverage.result import Problem
    from twin.coverage.unplaced import without_unplaced
    from twin.index import build
    from twin.site_folder import load, read

    loaded = load(folder)
    if loaded.readable is None or loaded.unread:
        return build(read(folder)), ()  # which says what is wrong
    site, left_out = without_unplaced(loaded.readable)
    told = (Problem(i.code, next(iter(i.object_ids), i.file), str(i)) for i in loaded.issues)
    return build(site), (*told, *left_out)


def _documents(faults: "tuple[Problem, ...]") -> list[dict[str, str]]:
    return [{"code": fault.code, "object_id": fault.object_id, "message": fault.message} for fault in faults]


def _print(kind: str, answer: "KindAnswer", *, lacking: bool) -> None:
    shown = [place for place in answer.places if not (lacking and place.is_met)]
    widths = [max((len(cells[k]) for cells in map(_cells, shown)), default=0) for k in range(3)]
    for place in shown:
        cells = _cells(place)
        line = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=False))
        typer.echo(f"{typer.style('met  ', dim=True) if place.is_met else 'LACKS'} {line}  {cells[3]}")
        if not place.is_met:
            for gap in place.gaps[:_GAPS]:
                typer.echo(f"      {_told(gap)}")
            for rule in place.rules:
                if rule.is_binding and not rule.is_met:
                    typer.echo(f"      {_broken(rule)}")
    for problem in answer.problems:
        typer.echo(f"{problem.object_id}: {problem.message} [{problem.code}]")
    met = sum(place.is_met for place in answer.places)
    editions = sorted({place.requirement.edition for place in answer.places if place.requirement.edition})
    by = f", levels of IEC 62676-4:{' and '.join(editions)}" if editions else ""
    down = f", {len(answer.offline)} of them down" if answer.offline else ""
    places = "1 place is" if len(answer.places) == 1 else f"{len(answer.places)} places are"
    typer.echo(f"{kind}: {met} of {places} covered by {_devices(kind, answer)}{down}{by}.")


def _cells(place: "PlaceResult") -> tuple[str, str, str, str]:
    asked = place.requirement
    level = asked.level if asked.level is not None else f"{place.needed:g} {unit_text(place.unit)}"
    if place.unit == "count":
        level = f"{place.needed:g} {'device' if place.needed == 1 else 'devices'}"
    elif asked.min_count != 1:
        level += f" by {asked.min_count}"
    share = f"{_percent(place.share_ratio)} of {_percent(asked.min_share_ratio)}"
    return place.place_id, level, share, f"hangs on {', '.join(place.depends_on)}" if place.depends_on else ""


def unit_text(unit: str) -> str:
    """A unit as it is written.

    Examples
    --------
    >>> unit_text("px_per_m"), unit_text("dbm"), unit_text("lx")
    ('px/m', 'dBm', 'lx')
    """
    return {"px_per_m": "px/m", "dbm": "dBm", "db": "dB"}.get(unit, unit)


def _broken(rule: "Rule") -> str:
    return f"{rule.code}: {rule.reached:g} where {rule.needed:g} {rule.unit} is asked for, {rule.source}"


def _told(gap: "Gap") -> str:
    reasons = ", ".join(f"{reason.replace('_', ' ')} {share:.0%}" for reason, share in gap.reasons.items())
    behind = f"; behind {', '.join(f'{kind} {owner}' for kind, owner in gap.hidden_by)}" if gap.hidden_by else ""
    near = f"; nearest {', '.join(gap.nearest)}" if gap.nearest else ""
    at = gap.area.representative_point()
    size = f"{gap.area_m2:.1f} m²" if gap.length_m is None else f"{gap.length_m:.1f} m"
    return f"{size} at {at.x:.1f}, {at.y:.1f}: {reasons}{behind}{near}"


def _devices(kind: str, answer: "KindAnswer") -> str:
    count = len(answer.devices)
    noun = "camera" if kind == "camera" else "device"
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"


def _percent(ratio: float) -> str:
    """Rounded down, so that nothing that is not whole is called 100 %."""
    return f"{int(ratio * 1000 + 1e-6) / 10:g} %"
