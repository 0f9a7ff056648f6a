"""`plumbline leaks --battledim`: the competition's own data surveyed, and scored by its rule."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipe_network.survey import BackgroundLeakage, Finding
    from viewer.bench.leaks.battledim import Competition
    from viewer.bench.leaks.scoring import Report, Score


def survey_competition(folder: Path, *, as_json: bool, results: Path | None = None) -> bool:
    """Survey the data of a folder and print what was found; whether anything was.

    Parameters
    ----------
    results : file to write the reports to, as the competition wants them
    """
    from rich.console import Console

    from pipe_network.survey import background_leakage, survey
    from viewer.bench.leaks.battledim import read_competition
    from viewer.bench.leaks.scoring import reports

    with Console(stderr=True).status("reading") as status:
        competition = read_competition(folder)
        before = background_leakage(competition.network, competition.record)
        findings = survey(competition.network, competition.record, tell=status.update)
    sent = reports(findings)
    if results is not None:
        results.write_text(_as_submitted(sent), encoding="utf-8")
    scored = _scored(competition, sent)
    if as_json:
        typer.echo(json.dumps(_document(before, findings, scored), indent=1))
        return bool(findings)
    for part in before:
        if part.is_sure:
            flow, doubt = part.leakage_m3_per_s * 3600, part.spread_m3_per_s * 3600
            typer.echo(f"{flow:.1f} m3/h (to {doubt:.1f}) leak since before the record, on the {len(part.pipe_ids)}"
                       f" pipes around {part.pipe_ids[0]}; what leaks from the beginning is not located")  # fmt: skip
    for finding in findings:
        size = finding.size_m3_per_s * 3600
        kind = "corrected" if finding.is_correction else "leak"
        gone = f", gone since {_date(finding.ended_s)}" if finding.ended_s is not None else ""
        typer.echo(f"{_date(finding.found_at_s)}  {kind:9} {finding.pipe_id:6} {size:5.1f} m3/h  since about"
                   f" {_date(finding.onset_s)}  within 300 m: {finding.probability_ratio:.0%}{gone}")  # fmt: skip
    if scored is None:
        typer.echo(f"{len(sent)} reports count in 2019; no file of the true leaks, so no score.")
        return bool(findings)
    for hit in scored.hits:
        worth = f"{hit.euros:,.0f} euros" if hit.leak is not None else "repeated" if hit.is_repeated else "false"
        typer.echo(f"  reported {_date(hit.report.time_s)} {hit.report.pipe_id:6} {worth}")
    typer.echo(f"{scored.euros:,.2f} euros, {scored.found} leaks found, {scored.false} false reports")
    return bool(findings)


def _as_submitted(sent: "Sequence[Report]") -> str:
    """The competition's file of results; what was found in 2018 is reported as 2019 begins.

    Examples
    --------
    >>> from viewer.bench.leaks.scoring import Report
    >>> print(_as_submitted([Report("p31", 0.0), Report("p7", 86400.0)]), end="")
    # linkID, startTime
    p31, 2019-01-01 00:05
    p7, 2019-01-02 00:00
    """
    first_s = 300.0  # the competition's own perfect answer begins with its first step
    lines = [f"{r.pipe_id}, {_moment(max(r.time_s, first_s))}" for r in sent]
    return "\n".join(["# linkID, startTime", *lines, ""])


def _scored(competition: "Competition", sent: "Sequence[Report]") -> "Score | None":
    from viewer.bench.leaks.scoring import score

    if competition.leak_times_s is None or competition.leaks_m3_per_s is None:
        return None
    return score(
        competition.network,
        competition.leaks,
        sent,
        times_s=competition.leak_times_s,
        leaks_m3_per_s=competition.leaks_m3_per_s,
    )


def _document(
    before: "tuple[BackgroundLeakage, ...]", findings: "tuple[Finding, ...]", scored: "Score | None"
) -> dict[str, object]:
    from dataclasses import asdict

    items = [asdict(f) | {"found_at": _date(f.found_at_s), "onset_at": _date(f.onset_s)} for f in findings]
    leaking = [asdict(part) | {"is_sure": part.is_sure} for part in before]
    document: dict[str, object] = {"leaking_before": leaking, "findings": items}
    if scored is not None:
        document |= {"euros": scored.euros, "found": scored.found, "false_reports": scored.false}
    return document


def _date(time_s: float) -> str:
    return _moment(time_s)[:10]


def _moment(time_s: float) -> str:
    from datetime import UTC, datetime, timedelta

    return f"{datetime(2019, 1, 1, tzinfo=UTC) + timedelta(seconds=time_s):%Y-%m-%d %H:%M}"
