"""`plumbline replay`: publish recorded readings over MQTT, at their own pace or faster."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from viewer.cli import fail

if TYPE_CHECKING:
    from live_bindings.mqtt import Publisher
    from live_bindings.recordings import Column
    from live_bindings.replay import Tape

_TICK_S = 0.1
_YEARS = (1969, 3000)
_UNDER_WAY = 64
"""Messages the broker may owe: 32,000 readings, enough to keep it busy and small in memory."""


def known_units(units: list[str] | None) -> list[str] | None:
    """The units of a `--unit` option; one that is none is wrong use, told before anything is read."""
    if units:
        from live_bindings.errors import RecordingError
        from live_bindings.replay import refuse_unknown_units

        try:
            refuse_unknown_units(units)
        except RecordingError as error:
            raise typer.BadParameter(str(error)) from error
    return units


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay")(replay)


def replay(
    site: Path = typer.Argument(..., metavar="SITE", help="Site folder."),
    files: list[Path] = typer.Argument(..., metavar="FILE...", help="CSV, CSV.gz or Parquet, wide or long."),
    speed: str = typer.Option("max", "--speed", help="Recorded time over wall time, e.g. 1 or 3600; max: no waiting."),
    broker: str = typer.Option("mqtt://127.0.0.1:1883", "--broker", help="Address of the MQTT broker."),
    start: str = typer.Option("", "--start", help="First time, e.g. 2019-03-01; the site's zone if it names none."),
    end: str = typer.Option("", "--end", help="Time to stop before."),
    maps: list[str] = typer.Option(
        [], "--map", metavar="COLUMN=DEVICE:CHANNEL[@UNIT]", help="Where a column goes; COLUMN=- leaves it out."
    ),
    units: list[str] = typer.Option(
        [], "--unit", help="Unit of the values where it fits the channel, e.g. m3_per_h.", callback=known_units
    ),
    ending_now: bool = typer.Option(False, "--ending-now", help="Shift all times so that the last one is now."),
    as_json: bool = typer.Option(False, "--json", help="Print the result for machines."),
) -> None:
    """Publish recorded readings with their own times; every one is acknowledged by the broker before it ends."""
    import json
    import time

    from live_bindings.mqtt import Publisher
    from live_bindings.replay import batch_topic, select, tape, targets
    from twin.index import build
    from twin.site_folder import read

    pace = _pace(speed)
    index = build(read(site))
    zone = index.site.time_zone
    columns = _columns(files, zone)
    cut = {c.name: c for c in select(columns.values(), start_s=instant_of(start, zone), end_s=instant_of(end, zone))}
    chosen = targets(index, list(cut), mapping=mapping_of(maps), units=units)
    last_s = max((c.times_s[-1] for t in chosen if len((c := cut[t.column]).times_s)), default=0.0)
    reel = tape(batch_topic(index), cut, chosen, shift_s=time.time() - last_s if ending_now else 0.0)
    if not len(reel):
        fail("no readings between --start and --end", code=2)
    began_s = time.monotonic()
    with Publisher(broker, max_under_way=_UNDER_WAY) as publisher:
        _play(reel, publisher, pace)
        publisher.wait(120.0)
    took_s = time.monotonic() - began_s
    channels = {t.row.id: int((reel.which == k).sum()) for k, t in enumerate(reel.targets)}
    if as_json:
        typer.echo(json.dumps({"readings": len(reel), "seconds": round(took_s, 3), "channels": channels}))
        return
    for target in reel.targets:
        typer.echo(f"{target.column} -> {target.row.id}: {channels[target.row.id]:,} readings")
    typer.echo(f"{len(reel):,} readings published and acknowledged in {took_s:.1f} s")


def _play(reel: "Tape", publisher: "Publisher", pace: float | None) -> None:
    import time

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    parts = (TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*parts, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("replaying", total=len(reel))
        if pace is None:
            for batch in reel.batches():
                publisher.publish(batch.topic, batch.payload)
                progress.advance(bar, batch.readings)
            return
        began_s, first_s, sent = time.monotonic(), float(reel.times_s[0]), 0
        while sent < len(reel):
            due = reel.until(sent, first_s + (time.monotonic() - began_s) * pace)
            if due > sent:
                batch = reel.batch(sent, due)
                publisher.publish(batch.topic, batch.payload)
                progress.advance(bar, batch.readings)
                sent = due
                continue  # more may be due by now
            next_s = began_s + (float(reel.times_s[sent]) - first_s) / pace
            time.sleep(min(1.0, max(0.0, next_s - time.monotonic())) or _TICK_S / 100)


def _columns(files: list[Path], zone: str) -> "dict[str, Column]":
    """The columns of all files; a name in two files must be told apart by the person."""
    from live_bindings.recordings import read_recording

    columns: dict[str, Column] = {}
    for file in files:
        recording = read_recording(file, zone)
        for note in recording.notes:
            typer.echo(note, err=True)
        if recording.missing:
            typer.echo(f"{file.name}: {recording.missing:,} cells hold no reading", err=True)
        for column in recording.columns:
            if column.name in columns:
                fail(f"column {column.name} is in two of the files; replay them one after the other", code=2)
            columns[column.name] = column
    return columns


def _pace(speed: str) -> float | None:
    if speed == "max":
        return None
    try:
        pace = float(speed)
    except ValueError:
        pace = 0.0
    if not 0 < pace < float("inf"):
        fail(f"--speed {speed!r}: write max, or how many times faster than recorded, such as 3600", code=2)
    return pace


def mapping_of(words: list[str]) -> dict[str, str]:
    """The target of each column from `--map` options."""
    made = {}
    for word in words:
        column, sign, target = word.partition("=")
        if not sign or not column or not target:
            fail(f"--map {word!r}: write column=device:channel, such as p227=fm-p227:flow", code=2)
        made[column] = target
    return made


def instant_of(word: str, zone: str) -> float | None:
    """Epoch of a time a person wrote, in the site's zone if it names none; none of an empty one. [s]"""
    import datetime as dt
    from zoneinfo import ZoneInfo

    if not word:
        return None
    try:
        moment = dt.datetime.fromisoformat(word)
    except ValueError:
        fail(f"{word!r} is no time; write 2019-03-01 or 2019-03-01T12:00:00Z", code=2)
    if not _YEARS[0] < moment.year < _YEARS[1]:
        fail(f"{word!r} is no time of a reading; years are from {_YEARS[0] + 1} to {_YEARS[1] - 1}", code=2)
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).timestamp()
