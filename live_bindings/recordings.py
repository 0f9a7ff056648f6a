"""Files of recorded readings: CSV (also gzipped) and Parquet, wide or long, as loggers and exports write them.

Wide has a column of times and one for each channel; long has one reading a row. Separators ``,``, ``;`` and tab and
decimal commas are told by the file itself. An empty cell, ``nan`` or ``null`` is a reading that was not taken. A logger
that lost its power or its sensor leaves a torn line or an ``ERR`` now and then: few of them are left out and told, a
file full of them is refused.
"""

import csv
import datetime as dt
import gzip
import io
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from live_bindings.errors import RecordingError

_TIME_NAMES: Final = ("timestamp", "time", "datetime", "date", "t", "at", "ts", "时间")
_VALUE_NAMES: Final = ("value", "v", "reading", "数值")
_DEVICE_NAMES: Final = ("device", "sensor", "id", "name", "tag", "column", "point", "设备")
_CHANNEL_NAMES: Final = ("channel", "quantity", "通道")
_MISSING: Final = frozenset({"", "nan", "null", "none", "na", "n/a", "-"})
_FORMATS: Final = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M")
MAX_FILE_BYTES: Final = 2 << 30
_MILLISECONDS_FROM: Final = 1e11
"""Epoch numbers from here on are milliseconds: as seconds they would be the year 5138."""

_SPOILT_RATIO: Final = 0.01
"""Of rows that may be torn, and of a column's cells that may say no number; a file with more is of another kind."""

Floats = NDArray[np.float64]
Cell = str | float | int | dt.datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """What one column of a recording says, in the order of time."""

    name: str
    times_s: Floats
    """(n,) epoch. [s]"""
    values: Floats
    """(n,) as recorded, without those not taken."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The columns of a file, and what had to be decided about it."""

    columns: tuple[Column, ...]
    missing: int
    """Cells without a reading."""
    notes: tuple[str, ...] = ()


def read_recording(path: Path, time_zone: str) -> Recording:
    """The recorded readings of a file.

    Parameters
    ----------
    path : ``.csv``, ``.csv.gz``, ``.txt``, ``.tsv`` or ``.parquet``.
    time_zone : zone of times that name none, an IANA name.

    Raises
    ------
    RecordingError
        If the file is no such recording; it names the line and column.
    """
    rows = _parquet_rows(path) if path.suffix.lower() in {".parquet", ".pq"} else _text_rows(path)
    header = next(rows, None)
    if not header:
        raise RecordingError(f"{path.name} is empty; it needs a row of column names and rows of readings")
    names = [str(c or "").strip().lstrip("\ufeff") for c in header]
    low = [n.lower() for n in names]
    time_at = next((low.index(n) for n in _TIME_NAMES if n in low), 0)
    value_at = next((low.index(n) for n in _VALUE_NAMES if n in low), None)
    device_at = next((low.index(n) for n in _DEVICE_NAMES if n in low), None)
    channel_at = next((low.index(n) for n in _CHANNEL_NAMES if n in low), None)
    gathered = _Gathered(path)
    for line, row in enumerate(rows, 2):
        if not any(str(c or "").strip() for c in row):
            continue
        if len(row) < len(names):
            gathered.tear(f"{path.name}, line {line}: {len(row)} cells under {len(names)} names; complete it")
        elif value_at is not None and device_at is not None:
            channel = f":{row[channel_at]}" if channel_at is not None else ""
            gathered.take(line, row[time_at], [(f"{row[device_at]}{channel}", row[value_at])])
        else:
            gathered.take(line, row[time_at], [(n, row[k]) for k, n in enumerate(names) if k != time_at and n])
    return gathered.recording(time_zone)


@dataclass(slots=True)
class _Gathered:
    """The rows of a file as they are read, and what of them says nothing."""

    path: Path
    moments: list[float | dt.datetime] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=dict)
    where: dict[str, list[int]] = field(default_factory=dict)
    words: dict[str, list[RecordingError]] = field(default_factory=dict)
    """Cells of each column that are neither a number nor empty."""
    torn: list[RecordingError] = field(default_factory=list)
    missing: int = 0

    def tear(self, why: str) -> None:
        """Note a row of which nothing can be used."""
        self.torn.append(RecordingError(why))

    def take(self, line: int, time: Cell, cells: Iterable[tuple[str, Cell]]) -> None:
        """Take in a row."""
        try:
            moment = _moment(time, self.path, line)
        except RecordingError as error:
            self.torn.append(error)
            return
        self.moments.append(moment)
        for name, cell in cells:
            try:
                value = _number(cell, self.path, line, name)
            except RecordingError as error:
                self.words.setdefault(name, []).append(error)
                continue
            if math.isnan(value):
                self.missing += 1
            else:
                self.values.setdefault(name, []).append(value)
                self.where.setdefault(name, []).append(len(self.moments) - 1)

    def recording(self, time_zone: str) -> Recording:
        """What was taken in; refused where more than a few rows, or cells of a column, say nothing."""
        spoilt = [*self.torn, *(error for errors in self.words.values() for error in errors)]
        if len(self.torn) > _SPOILT_RATIO * (len(self.torn) + len(self.moments)):
            raise self.torn[0]
        for name, errors in self.words.items():
            good = len(self.values.get(name, ()))
            if good and len(errors) > _SPOILT_RATIO * (good + len(errors)):
                raise errors[0]  # numbers in a form that is read for some of them only would be worse than none
        if not self.values:
            if spoilt:
                raise spoilt[0]
            raise RecordingError(f"{self.path.name} has no readings; give a column of times and columns of numbers")
        seconds, notes = _seconds(self.moments, self.path, time_zone)
        if spoilt:
            notes = (*notes, f"{len(spoilt)} rows or cells are left out, the first: {spoilt[0]}")
        columns = tuple(_column(n, seconds[self.where[n]], np.array(values)) for n, values in self.values.items())
        return Recording(columns, self.missing, notes)


def _column(name: str, times_s: Floats, values: Floats) -> Column:
    order = np.argsort(times_s, kind="stable")
    return Column(name, times_s[order], values[order])


def _text_rows(path: Path) -> Iterator[Sequence[Cell]]:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise RecordingError(f"{path.name} is larger than {MAX_FILE_BYTES >> 30} GiB; split it by months")
    raw = path.open("rb")
    try:
        with raw, gzip.open(raw) if path.suffix.lower() == ".gz" else raw as data:
            text = io.TextIOWrapper(data, encoding="utf-8-sig", newline="")
            first = text.readline()
            separator = max(";\t,", key=first.count)
            yield next(csv.reader([first], delimiter=separator), [])
            yield from csv.reader(text, delimiter=separator)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise RecordingError(f"{path.name} is not a whole gzip file: {error}; fetch it again") from error
    except UnicodeDecodeError as error:
        raise RecordingError(f"{path.name} is not text in UTF-8 ({error.reason}); save it as CSV UTF-8") from error
    except csv.Error as error:
        raise RecordingError(f"{path.name} is not a table: {error}; save it as CSV") from error


def _parquet_rows(path: Path) -> Iterator[Sequence[Cell]]:
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra that few installations have
        import pyarrow.parquet as pq  # noqa: PLC0415 - the same
    except ImportError:
        raise RecordingError(
            f"{path.name} needs pyarrow, which is not installed: pip install 'plumbline-twin[parquet]'"
        ) from None
    try:
        table = pq.ParquetFile(path)
        yield table.schema_arrow.names
        for batch in table.iter_batches(batch_size=10_000):
            yield from zip(*(c.to_pylist() for c in batch.columns), strict=True)
    except pa.ArrowException as error:
        raise RecordingError(f"{path.name} is not a Parquet file: {error}; export it again") from error


def _number(cell: Cell, path: Path, line: int, name: str) -> float:
    if cell is None:
        return math.nan
    if isinstance(cell, str):
        word = cell.strip()
        if word.lower() in _MISSING:
            return math.nan
        if "," in word and "." not in word:
            word = word.replace(",", ".")  # a decimal comma; the separator of columns is gone by now
        try:
            value = float(word)
        except ValueError:
            raise RecordingError(f"{path.name}, line {line}: {name!r} is {cell!r}; write a number or nothing") from None
    elif isinstance(cell, dt.datetime):
        raise RecordingError(f"{path.name}, line {line}: {name!r} is a time; only one column holds times")
    else:
        value = float(cell)
    return value if math.isfinite(value) else math.nan


def _seconds(moments: Sequence[float | dt.datetime], path: Path, time_zone: str) -> tuple[Floats, tuple[str, ...]]:
    """Epoch seconds of the time column, and what was decided about its zone."""
    naive = [m for m in moments if isinstance(m, dt.datetime) and m.tzinfo is None]
    zone = ZoneInfo(time_zone)
    notes: tuple[str, ...] = ()
    offset_s: float | None = None
    if naive and (gap := next((m for m in naive if _is_skipped(m, zone)), None)) is not None:
        offset_s = _standard_offset_s(gap, zone)
        notes = (
            f"{path.name} has {gap:%Y-%m-%d %H:%M}, which clocks in {time_zone} skip: its times are taken as standard "
            "time all year",
        )
    return np.array(list(_epochs(moments, zone, offset_s)), dtype=np.float64), notes


def _epochs(moments: Iterable[float | dt.datetime], zone: ZoneInfo, offset_s: float | None) -> Iterator[float]:
    last = -math.inf
    for moment in moments:
        if not isinstance(moment, dt.datetime):
            yield moment
            continue
        if moment.tzinfo is not None:
            yield moment.timestamp()
        elif offset_s is not None:
            yield moment.replace(tzinfo=dt.UTC).timestamp() - offset_s
        else:
            seconds = moment.replace(tzinfo=zone).timestamp()
            # in autumn an hour comes twice; the rows' order tells the second from the first
            if seconds < last and (again := moment.replace(tzinfo=zone, fold=1).timestamp()) > last:
                seconds = again
            last = seconds
            yield seconds


def _is_skipped(moment: dt.datetime, zone: ZoneInfo) -> bool:
    there = moment.replace(tzinfo=zone)
    return there.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != moment


def _standard_offset_s(moment: dt.datetime, zone: ZoneInfo) -> float:
    there = moment.replace(tzinfo=zone)
    offset, saving = there.utcoffset(), there.dst()
    return ((offset or dt.timedelta()) - (saving or dt.timedelta())).total_seconds()


def _moment(cell: Cell, path: Path, line: int) -> float | dt.datetime:
    if isinstance(cell, dt.datetime):
        return cell
    word = str("" if cell is None else cell).strip()
    try:
        return dt.datetime.fromisoformat(word)
    except ValueError:
        pass
    for pattern in _FORMATS:
        try:
            return dt.datetime.strptime(word, pattern)  # noqa: DTZ007 - the zone is added by whoever called
        except ValueError:
            continue
    try:
        number = float(word.replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise RecordingError(
            f"{path.name}, line {line}: {word!r} is no time; write 2019-01-01 00:05:00, an offset if the zone is not "
            "the site's, or epoch seconds"
        )
    return number / 1000 if number >= _MILLISECONDS_FROM else number
