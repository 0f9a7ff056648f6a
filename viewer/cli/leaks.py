"""`plumbline leaks`: what leaks, from recorded readings or the history of a data folder, without a server."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from viewer.cli import EXIT_COULD_NOT_RUN, EXIT_FINDINGS, fail
from viewer.cli.replay import known_units

if TYPE_CHECKING:
    import contextlib
    import datetime as dt
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from live_bindings.leak_replay import WindowAt
    from live_bindings.recordings import Column
    from twin.index import SiteIndex
    from twin.leaks.model import LeakModel
    from twin.operations.leak_board import LeakAnswer, LeakOut

_ENDINGS = (".csv", ".csv.gz", ".parquet")
_Item = TypeVar("_Item")
_STRANGE_RATIO = 0.01
"""Readings that may be of clocks gone wrong; more of them are a record that goes on after a pause."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("leaks")(leaks)


def leaks(
    site: Annotated[Path | None, typer.Argument(metavar="[SITE]", help="Site folder.")] = None,
    readings: Annotated[
        list[Path] | None,
        typer.Option("--readings", help="CSV, CSV.gz or Parquet, or a folder of them; may be repeated."),
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Data folder whose history is to be read.")] = None,
    at: Annotated[str, typer.Option("--at", help="The moment to answer for; the last reading's if not given.")] = "",
    start: Annotated[str, typer.Option("--start", help="Look from this time on, again and again, until --end.")] = "",
    end: Annotated[str, typer.Option("--end", help="Time to stop; the last reading's if not given.")] = "",
    every_h: Annotated[float, typer.Option("--every-h", min=0.05, help="Hours from look to look.")] = 6.0,
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="COLUMN=DEVICE:CHANNEL[@UNIT]", help="Where a column goes; COLUMN=- leaves it out."
        ),
    ] = None,
    units: Annotated[
        list[str] | None,
        typer.Option(
            "--unit", help="Unit of the values where it fits the channel, e.g. m3_per_h.", callback=known_units
        ),
    ] = None,
    battledim: Annotated[
        Path | None,
        typer.Option("--battledim", metavar="DIR", help="Instead of a site: survey the BattLeDIM competition's files."),
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option(
            "--results", metavar="FILE", help="With --battledim: write the reports as the competition has them."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Find leaks in recorded readings: what, where, how much, since when, what it costs, and what to do next.

    Exit code 1 if anything leaks.
    """
    import contextlib

    if (site is None) == (battledim is None):
        fail("name a SITE, or --battledim DIR: one of them", code=2)
    if results is not None and battledim is None:
        fail("--results writes the competition's file: it goes with --battledim DIR", code=2)
    if site is None:
        _survey_competition(battledim or Path(), as_json=as_json, results=results)
        return
    from twin.index import build
    from twin.leaks.model import prepare
    from twin.site_folder import read

    if (readings is None) == (data is None):
        fail("give --readings FILES or --data DIR: one of them", code=2)
    if at and (start or end):
        fail("give --at, or --start and --end: the one answers for a moment, the others for a time", code=2)
    index = build(read(site))
    model = prepare(index)
    with contextlib.ExitStack() as stack:
        if data is not None:
            window_at, last_s = _from_history(stack, index, model, data)
        else:
            window_at, last_s = _from_files(index, model, readings or [], maps or [], units or [])
        instants = _instants(index.site.time_zone, last_s, at=at, start=start, end=end, every_s=every_h * 3600.0)
        answer = _look(index, model, window_at, instants)
    _print(index, answer, as_json=as_json)
    if answer.leaks or answer.past:
        raise typer.Exit(EXIT_FINDINGS)
    if answer.status == "blind":
        raise typer.Exit(EXIT_COULD_NOT_RUN)


def _survey_competition(folder: Path, *, as_json: bool, results: Path | None) -> None:
    from viewer.cli.battledim import survey_competition

    if survey_competition(folder, as_json=as_json, results=results):
        raise typer.Exit(EXIT_FINDINGS)


def _from_history(
    stack: "contextlib.ExitStack", index: "SiteIndex", model: "LeakModel", data: Path
) -> "tuple[WindowAt, float]":
    import numpy as np

    from live_bindings.history.sqlite import SqliteSeries
    from live_bindings.leak_window import window_of

    file = data / "history.db"
    if not file.is_file():
        fail(f"{data} holds no history.db; name the --data folder of plumbline serve or demo", code=2)
    history = SqliteSeries(file)
    stack.callback(history.close)
    times_s = history.latest([index.channels[row].id for row in model.rows]).times_s
    if not np.isfinite(times_s).any():
        fail(f"the history of {data} has no reading of any water meter, tank or pressure sensor of this site")
    return (
        lambda end_s: window_of(history, index, model.rows, end_s - model.window_s, end_s),
        float(times_s[np.isfinite(times_s)].max()),
    )


def _from_files(
    index: "SiteIndex", model: "LeakModel", paths: list[Path], maps: list[str], units: list[str]
) -> "tuple[WindowAt, float]":
    from live_bindings.leak_window import window_of_columns
    from live_bindings.replay import targets
    from viewer.cli.replay import mapping_of

    columns = _columns(paths, index.site.time_zone)
    chosen = targets(index, list(columns), mapping=mapping_of(maps), units=units, tell=_warn)
    wanted = [t for t in chosen if t.row.row in set(model.rows)]
    times_s = [columns[t.column].times_s for t in wanted if len(columns[t.column].times_s)]
    if not times_s:
        fail("no column is a reading of a water meter, tank or pressure sensor of this site")
    return (
        lambda end_s: window_of_columns(columns, wanted, start_s=end_s - model.window_s, end_s=end_s),
        _last_believed_s(times_s, model.window_s, index.site.time_zone),
    )


def _last_believed_s(times_s: "Sequence[NDArray[np.float64]]", window_s: float, zone: str) -> float:
    """The last reading's time, without the few of clocks so far ahead that no other reading is near them. [s]"""
    import datetime as dt

    import numpy as np

    every_s = np.sort(np.concatenate(times_s))
    gaps = np.flatnonzero(np.diff(every_s) > window_s)
    first_strange = int(gaps[-1]) + 1 if len(gaps) else len(every_s)
    for gap in gaps[::-1]:
        if len(every_s) - gap - 1 > _STRANGE_RATIO * len(every_s):
            break
        first_strange = int(gap) + 1
    strange = len(every_s) - first_strange
    if strange == 0 or strange > _STRANGE_RATIO * len(every_s):
        return float(every_s[-1])
    believed_s = float(every_s[first_strange - 1])
    last, far = (_local(dt.datetime.fromtimestamp(t, dt.UTC), zone) for t in (believed_s, float(every_s[-1])))
    _warn(f"{strange} reading(s) up to {far} are later than all others by weeks, as of clocks that go wrong: this is "
          f"the answer for {last}, the last of the others; --at asks for another time")  # fmt: skip
    return believed_s


def _warn(text: str) -> None:
    typer.echo(text, err=True)


def _columns(paths: list[Path], zone: str) -> "dict[str, Column]":
    """The columns of all files; a column in several files is one, as of files by days."""
    import numpy as np

    from live_bindings.errors import RecordingError
    from live_bindings.recordings import Column, read_recording

    absent = [str(path) for path in paths if not path.exists()]
    if absent:
        fail(f"there is no {', '.join(absent)}; --readings names files or folders that are there", code=2)
    files = [f for path in paths for f in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    files = [f for f in files if f in paths or f.name.lower().endswith(_ENDINGS)]
    if not files:
        fail(f"no CSV or Parquet file in {', '.join(map(str, paths))}", code=2)
    found: dict[str, list[Column]] = {}
    for file in _progress(files, "reading"):
        try:
            recording = read_recording(file, zone)
        except RecordingError as error:
            if len(files) == 1:
                raise
            _warn(f"left out: {error}")  # a logger's newest file is often empty or half written
            continue
        for note in recording.notes:
            _warn(note)
        for column in recording.columns:
            found.setdefault(column.name, []).append(column)
    if not found:
        fail("none of the files could be read")
    made = {}
    for name, parts in found.items():
        times_s = np.concatenate([p.times_s for p in parts])
        order = np.argsort(times_s, kind="stable")
        made[name] = Column(name, times_s[order], np.concatenate([p.values for p in parts])[order])
    return made


def _instants(
    zone: str, last_s: float, *, at: str, start: str, end: str, every_s: float
) -> "tuple[dt.datetime, ...]":  # fmt: skip
    import datetime as dt

    from viewer.cli.replay import instant_of

    last = instant_of(at or end, zone)
    end_s = last_s if last is None else last
    start_s = instant_of(start, zone)
    if start_s is None:
        return (dt.datetime.fromtimestamp(end_s, dt.UTC),)
    if start_s > end_s:
        fail("--start is after --end, or after the last reading", code=2)
    count = int((end_s - start_s) // every_s)
    times_s = [start_s + k * every_s for k in range(count + 1)]
    times_s += [end_s] if times_s[-1] < end_s else []
    return tuple(dt.datetime.fromtimestamp(t, dt.UTC) for t in times_s)


def _look(
    index: "SiteIndex", model: "LeakModel", window_at: "WindowAt", instants: "tuple[dt.datetime, ...]"
) -> "LeakAnswer":
    from live_bindings.leak_replay import look_at, look_through

    if len(instants) == 1:
        return look_at(model, window_at(instants[0].timestamp()), instants[0])
    answers = list(look_through(index, model, window_at, _progress(instants, "looking for leaks")))
    return answers[-1]


def _progress(items: "Sequence[_Item]", what: str) -> "Iterable[_Item]":
    from rich.console import Console
    from rich.progress import track

    return track(items, what, console=Console(stderr=True), transient=True)


def _print(index: "SiteIndex", answer: "LeakAnswer", *, as_json: bool) -> None:
    import msgspec

    if as_json:
        typer.echo(msgspec.json.encode(answer).decode())
        return
    zone = index.site.time_zone
    until = "" if answer.learning_until is None else f", learning until {_local(answer.learning_until, zone)}"
    said = {"learning": "still learning", "watching": "watching", "blind": "blind"}[answer.status]
    typer.echo(f"{index.site.name.en or index.site.id} at {_local(answer.at, zone)}: {said}{until}")
    if not answer.leaks:
        typer.echo("Nothing that leaks is known.")
    for number, leak in enumerate(answer.leaks, 1):
        _print_leak(number, leak, zone)
    for leak in answer.past:
        typer.echo(f"over: {leak.title.en} (since {_local(leak.onset_at, zone)}; {leak.state})")
    for each in answer.unanswered:
        typer.echo(f"unanswered: {each.what.en}: {each.why.en} {each.mend.en}")
    for fault in answer.sensors:
        typer.echo(f"not believed: {fault.device}: {fault.text.en}")


def _print_leak(number: int, leak: "LeakOut", zone: str) -> None:
    low, size, high = (
        3600.0 * q for q in (leak.size_low_m3_per_s, leak.size_m3_per_s, leak.size_high_m3_per_s)
    )  # fmt: skip
    doubt_h = (leak.onset_high_at - leak.onset_low_at).total_seconds() / 7200.0
    typer.echo(typer.style(f"{number}. {leak.title.en}", bold=True))
    typer.echo(f"   where  {leak.place.name.en} ({leak.place.probability_ratio:.0%})")
    if leak.area_90.length_m > 0:
        typer.echo(f"   search {leak.area_50.length_m:.0f} m of pipe (50 %), {leak.area_90.length_m:.0f} m (90 %)")
    typer.echo(f"   size   {size:.3g} m3/h ({low:.3g} to {high:.3g}), {leak.lost_m3:,.0f} m3 lost so far")
    typer.echo(f"   since  {_local(leak.onset_at, zone)} (give or take {doubt_h:.0f} h, {leak.shape})")
    typer.echo(f"   costs  {leak.cost_per_day:,.2f} {leak.currency} a day")
    if leak.why_not is not None:
        typer.echo(f"   cannot be told further: {leak.why_not.en}")
    if leak.next_measurement is not None:
        typer.echo(f"   next   {leak.next_measurement.text.en}")


def _local(at: "dt.datetime", zone: str) -> str:
    from zoneinfo import ZoneInfo

    return f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M}"
