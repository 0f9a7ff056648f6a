"""`plumbline leaks --battledim`: the competition's own data surveyed, and scored by its rule."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pipe_network.survey import Finding
    from viewer.bench.leaks.battledim import Competition
    from viewer.bench.leaks.scoring import Score


def survey_competition(folder: Path, *, as_json: bool) -> bool:
    """Survey the data of a folder and print what was found; whether anything was."""
    from rich.console import Console

    from pipe_network.survey import survey
    from viewer.bench.leaks.battledim import read_competition

    with Console(stderr=True).status("reading") as status:
        competition = read_competition(folder)
        findings = survey(competition.network, competition.record, tell=status.update)
    scored = _scored(competition, findings)
    if as_json:
        typer.echo(json.dumps(_document(findings, scored), indent=1))
        return bool(findings)
    for finding, line in zip(findings, _lines(findings, scored), strict=True):
        size = finding.size_m3_per_s * 3600
        typer.echo(f"{_date(finding.found_at_s)}  {finding.pipe_id:6} {size:5.1f} m3/h  since about"
                   f" {_date(finding.onset_s)}  within 300 m: {finding.probability_ratio:.0%}{line}")  # fmt: skip
    if scored is None:
        typer.echo(f"{len(findings)} reports; no file of the true leaks, so no score.")
    else:
        typer.echo(f"{scored.euros:,.2f} euros, {scored.found} leaks found, {scored.false} false reports")
    return bool(findings)


def _scored(competition: "Competition", findings: "tuple[Finding, ...]") -> "Score | None":
    from viewer.bench.leaks.scoring import Report, score

    if competition.leak_times_s is None or competition.leaks_m3_per_s is None:
        return None
    return score(
        competition.network,
        competition.leaks,
        [Report(f.pipe_id, f.found_at_s) for f in findings],
        times_s=competition.leak_times_s,
        leaks_m3_per_s=competition.leaks_m3_per_s,
    )


def _lines(findings: "tuple[Finding, ...]", scored: "Score | None") -> list[str]:
    if scored is None:
        return ["" for _ in findings]
    return [f"  {hit.euros:,.0f} euros" if hit.leak is not None else "  false" for hit in scored.hits]


def _document(findings: "tuple[Finding, ...]", scored: "Score | None") -> dict[str, object]:
    from dataclasses import asdict

    items = [asdict(f) | {"found_at": _date(f.found_at_s), "onset_at": _date(f.onset_s)} for f in findings]
    document: dict[str, object] = {"findings": items}
    if scored is not None:
        document |= {"euros": scored.euros, "found": scored.found, "false_reports": scored.false}
    return document


def _date(time_s: float) -> str:
    from datetime import UTC, datetime, timedelta

    return f"{datetime(2019, 1, 1, tzinfo=UTC) + timedelta(seconds=time_s):%Y-%m-%d}"
