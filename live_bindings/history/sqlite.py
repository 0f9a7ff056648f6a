"""Readings in one SQLite file: a tail that is appended to, and hourly chunks that it is folded into.

Why so: a row for each reading keyed by (channel, time) writes at a tenth of the speed and grows twice as large. The
tail takes batches as they come, one commit each, on disk before the message is acknowledged (``synchronous=FULL``:
at ten commits a second it costs 1 % of a core, and a power cut loses nothing). From `TAIL_ROWS` readings on, or
after `TAIL_S`, it is folded into chunks in one transaction; late readings open their chunk again. A process that is
killed in between leaves the tail as it was.

A reading newer than all of its channel is new without looking; only late and repeated ones are looked up.
"""

import contextlib
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from live_bindings.errors import HistoryError
from live_bindings.history import buckets, chunks
from live_bindings.history.chunks import HOUR_MS, Columns
from live_bindings.history.series import Buckets, Entries, Latest, Window
from live_bindings.history.tail import Tail
from twin.state import Quality

logger = logging.getLogger(__name__)

TAIL_ROWS: Final = 65_536
"""Readings in the tail before it is folded: a scan of so many for one channel costs some 3 ms."""

TAIL_S: Final = 900.0
"""A tail is folded after this long, so that a restart has little to read."""

MAX_VALUE: Final = 1e100
"""Sums of such values stay finite, and no quantity of an estate comes near."""

_READERS: Final = 4
_SCHEMA_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE channel (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE tail (
  channel INTEGER NOT NULL, time_ms INTEGER NOT NULL, sequence INTEGER NOT NULL, value REAL NOT NULL,
  quality INTEGER NOT NULL
);
CREATE TABLE chunk (
  channel INTEGER NOT NULL, hour INTEGER NOT NULL, total INTEGER NOT NULL, count INTEGER NOT NULL,
  min REAL NOT NULL, max REAL NOT NULL, sum REAL NOT NULL, readings BLOB NOT NULL,
  PRIMARY KEY (channel, hour)
) WITHOUT ROWID;
"""


class SqliteSeries:
    """The history in a SQLite file. A resource: `close` it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, contextlib.closing(SqliteSeries(Path(folder) / "h.db")) as store:
    ...     number = store.numbers(["gauge-1:pressure"])
    ...     entries = Entries(number, np.array([1e9]), np.array([3e5]), np.zeros(1, np.uint8), np.zeros(1, np.int64))
    ...     store.append(entries), store.append(entries), store.window("gauge-1:pressure", 0, 2e9).values
    (array([ True]), array([False]), array([300000.]))
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._closed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._connect()
        except (sqlite3.Error, OSError) as error:
            raise HistoryError(f"cannot open the history {path}: {error}") from error
        try:
            self._prepare()
        except HistoryError:
            self._writer.close()
            raise
        except sqlite3.Error as error:
            self._writer.close()
            raise HistoryError(f"cannot open the history {path}: {error}") from error
        self._free: queue.SimpleQueue[sqlite3.Connection | None] = queue.SimpleQueue()
        for _ in range(_READERS):
            self._free.put(None)
        self._channels: dict[str, int] = dict(self._writer.execute("SELECT id, number FROM channel"))
        self._newest_ms = np.full(1024, np.iinfo(np.int64).min, dtype=np.int64)
        self._tail = Tail(TAIL_ROWS)
        self._folded_at = time.monotonic()
        self._load()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=30, check_same_thread=False, isolation_level=None)
        try:
            for setting in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-4000", "journal_size_limit=16777216"):
                connection.execute(f"PRAGMA {setting}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _prepare(self) -> None:
        version = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            with self._transaction() as connection:
                for statement in _SCHEMA.split(";"):
                    if statement.strip():
                        connection.execute(statement)
                connection.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")
        elif version != _SCHEMA_VERSION:
            raise HistoryError(f"{self.path} is of history version {version}; this program knows {_SCHEMA_VERSION}")

    def _load(self) -> None:
        rows = self._writer.execute("SELECT channel, time_ms, sequence, value, quality FROM tail ORDER BY rowid")
        self._tail.load(rows.fetchall())
        for number in self._channels.values():
            self._grow(number)
            last = self._writer.execute(
                "SELECT readings FROM chunk WHERE channel=? ORDER BY hour DESC LIMIT 1", (number,)
            ).fetchone()
            if last is not None:
                self._newest_ms[number] = chunks.decode(last[0]).times_ms[-1]
        np.maximum.at(self._newest_ms, self._tail.channels, self._tail.times_ms)

    def _grow(self, number: int) -> None:
        if number >= len(self._newest_ms):
            more = np.full(number + 1, np.iinfo(np.int64).min, dtype=np.int64)
            self._newest_ms = np.concatenate((self._newest_ms, more))

    @contextlib.contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection, None, None]:
        connection = self._writer
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def _reader(self) -> Generator[sqlite3.Connection, None, None]:
        """A connection of a small pool, in one read transaction: tail and chunks of the same moment."""
        connection = self._free.get()
        try:
            if self._closed:
                raise HistoryError(f"the history {self.path} is closed")
            if connection is None:
                connection = self._connect()
                connection.execute("PRAGMA query_only=1")
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise HistoryError(f"cannot read the history {self.path}: {error}") from error
        finally:
            self._free.put(connection)

    def close(self) -> None:
        """Let go of the file; what is stored stays."""
        with self._lock:
            self._closed = True
            connections = [self._free.get() for _ in range(_READERS)]
            for connection in (*connections, self._writer):
                if connection is not None:
                    connection.close()
            for _ in range(_READERS):
                self._free.put(None)

    def numbers(self, channels: Sequence[str]) -> NDArray[np.int64]:
        """The store's numbers of these channel ids; unknown ones get theirs now, for ever.

        Raises
        ------
        HistoryError
            If the file cannot be written.
        """
        with self._lock:
            missing = [c for c in dict.fromkeys(channels) if c not in self._channels]
            if missing:
                try:
                    with self._transaction() as connection:
                        connection.executemany("INSERT INTO channel (id) VALUES (?)", [(c,) for c in missing])
                        found = dict(connection.execute("SELECT id, number FROM channel"))
                except sqlite3.Error as error:
                    raise HistoryError(f"cannot write the history {self.path}: {error}") from error
                self._channels = found
                self._grow(max(found.values()))
            return np.array([self._channels[c] for c in channels], dtype=np.int64)

    def append(self, entries: Entries) -> NDArray[np.bool_]:
        """Store the readings, on disk when it returns; true for those that are new.

        Raises
        ------
        HistoryError
            If they could not be written; nothing of the batch is stored then.
        """
        if len(entries) == 0:
            return np.empty(0, np.bool_)
        if not (np.abs(entries.values) < MAX_VALUE).all():
            raise HistoryError(f"a value is not finite or beyond {MAX_VALUE:g}; the bindings reject such values")
        with self._lock:
            times_ms = np.rint(entries.times_s * 1000).astype(np.int64)
            new = self._new_ones(entries, times_ms)
            if new.any():
                fresh = (
                    entries.channels[new], times_ms[new], entries.sequences[new],
                    entries.values[new], entries.quality[new],
                )  # fmt: skip
                try:
                    with self._transaction() as connection:
                        connection.executemany(
                            "INSERT INTO tail VALUES (?,?,?,?,?)", zip(*(c.tolist() for c in fresh), strict=True)
                        )
                except sqlite3.Error as error:
                    raise HistoryError(f"cannot write the history {self.path}: {error}") from error
                self._tail.extend(*fresh)
                np.maximum.at(self._newest_ms, fresh[0], fresh[1])
            return new

    def _new_ones(self, entries: Entries, times_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
        order = np.lexsort((entries.sequences, times_ms, entries.channels))  # stable: the first of equal ones stays
        keys = (entries.channels[order], times_ms[order], entries.sequences[order])
        repeated = np.zeros(len(order), np.bool_)
        repeated[1:] = np.logical_and.reduce([k[1:] == k[:-1] for k in keys])
        new = np.ones(len(order), np.bool_)
        new[order[repeated]] = False
        late = np.flatnonzero(new & (times_ms <= self._newest_ms[entries.channels]))
        if len(late):
            known = self._known(entries.channels[late], times_ms[late])
            for i in late.tolist():
                key = (int(entries.channels[i]), int(times_ms[i]), int(entries.sequences[i]))
                new[i] = key not in known
        return new

    def _known(self, channels: NDArray[np.int64], times_ms: NDArray[np.int64]) -> set[tuple[int, int, int]]:
        """Keys that are stored already, in the hours these readings fall into."""
        known = self._tail.keys(channels, int(times_ms.min()), int(times_ms.max()))
        hours = set(zip(channels.tolist(), (times_ms // HOUR_MS).tolist(), strict=True))
        for channel, hour in hours:
            found = self._writer.execute(
                "SELECT readings FROM chunk WHERE channel=? AND hour=?", (channel, hour)
            ).fetchone()
            if found is not None:
                columns = chunks.decode(found[0])
                known.update(
                    (channel, t, s) for t, s in zip(columns.times_ms.tolist(), columns.sequences.tolist(), strict=True)
                )
        return known

    def fold_due(self) -> bool:
        """Whether the tail is long or old enough to be folded into chunks."""
        old = time.monotonic() - self._folded_at > TAIL_S and len(self._tail) > 0
        return len(self._tail) >= TAIL_ROWS or old

    def fold(self) -> int:
        """Fold the tail into hourly chunks; says how many chunks were written.

        Raises
        ------
        HistoryError
            If that could not be written; the tail is as before then.
        """
        with self._lock:
            groups = self._tail.by_hour()
            try:
                with self._transaction() as connection:
                    for channel, hour, late in groups:
                        self._fold_into(connection, channel, hour, late)
                    connection.execute("DELETE FROM tail")
            except sqlite3.Error as error:
                raise HistoryError(f"cannot write the history {self.path}: {error}") from error
            self._tail.clear()
            self._folded_at = time.monotonic()
            logger.debug("folded the tail into %d chunks", len(groups))
            return len(groups)

    def _fold_into(self, connection: sqlite3.Connection, channel: int, hour: int, late: Columns) -> None:
        found = connection.execute("SELECT readings FROM chunk WHERE channel=? AND hour=?", (channel, hour)).fetchone()
        merged = chunks.merge([late] if found is None else [chunks.decode(found[0]), late])
        s = chunks.statistics(merged)
        connection.execute(
            "INSERT OR REPLACE INTO chunk VALUES (?,?,?,?,?,?,?,?)",
            (channel, hour, s.total, s.count, s.min, s.max, s.sum, chunks.encode(merged)),
        )

    def count(self) -> int:
        """Readings stored."""
        with self._reader() as connection:
            folded = connection.execute("SELECT coalesce(sum(total), 0) FROM chunk").fetchone()[0]
            return int(folded + connection.execute("SELECT count(*) FROM tail").fetchone()[0])

    def latest(self, channels: Sequence[str]) -> Latest:
        """The last reading of each channel: of equal times the one with the highest sequence."""
        n = len(channels)
        result = Latest(np.full(n, -np.inf), np.full(n, np.nan), np.full(n, Quality.NEVER, np.uint8))
        with self._reader() as connection:
            last: dict[int, tuple[int, int, float, int]] = {}
            rows = connection.execute("SELECT channel, time_ms, sequence, value, quality FROM tail")
            for number, *reading in rows:
                candidate = (reading[0], reading[1], reading[2], reading[3])
                if number not in last or candidate[:2] >= last[number][:2]:
                    last[number] = candidate
            for i, channel in enumerate(channels):
                number = self._channels.get(channel)
                if number is None:
                    continue
                found = connection.execute(
                    "SELECT readings FROM chunk WHERE channel=? ORDER BY hour DESC LIMIT 1", (number,)
                ).fetchone()
                best = last.get(number)
                if found is not None:
                    c = chunks.decode(found[0])
                    folded = (int(c.times_ms[-1]), int(c.sequences[-1]), float(c.values[-1]), int(c.quality[-1]))
                    best = folded if best is None or folded[:2] > best[:2] else best
                if best is not None:
                    result.times_s[i], result.values[i], result.quality[i] = best[0] / 1000, best[2], best[3]
        return result

    def window(self, channel: str, start_s: float, end_s: float) -> Window:
        """The readings of a channel with start <= time < end, in order; none if the channel is not known."""
        with self._reader() as connection:
            columns = self._columns(connection, channel, _ms(start_s), _ms(end_s))
        return Window(columns.times_ms / 1000.0, columns.values, columns.quality, columns.sequences)

    def _columns(self, connection: sqlite3.Connection, channel: str, start_ms: int, end_ms: int) -> Columns:
        number = self._channels.get(channel)
        if number is None or end_ms <= start_ms:
            return chunks.no_columns()
        rows = connection.execute(
            "SELECT readings FROM chunk WHERE channel=? AND hour BETWEEN ? AND ? ORDER BY hour",
            (number, start_ms // HOUR_MS, (end_ms - 1) // HOUR_MS),
        )
        parts = [chunks.decode(blob) for (blob,) in rows]
        parts.append(self._tail_columns(connection, number, start_ms, end_ms))
        merged = chunks.merge(parts)
        first, last = np.searchsorted(merged.times_ms, (start_ms, end_ms))
        return merged.take(slice(int(first), int(last)))

    def _tail_columns(self, connection: sqlite3.Connection, number: int, start_ms: int, end_ms: int) -> Columns:
        rows = connection.execute(
            "SELECT time_ms, sequence, value, quality FROM tail WHERE channel=? AND time_ms>=? AND time_ms<?",
            (number, start_ms, end_ms),
        ).fetchall()
        if not rows:
            return chunks.no_columns()
        times_ms, sequences, values, quality = zip(*rows, strict=True)
        return Columns(
            np.array(times_ms, np.int64), np.array(sequences, np.int64), np.array(values), np.array(quality, np.uint8)
        )

    def downsample(self, channel: str, start_s: float, end_s: float, points: int) -> Buckets:
        """The channel between two times in at most `points` buckets (one or two more where they are whole hours).

        Raw readings where there are no more than `points`. Buckets of an hour and more are whole hours of the clock
        and come from the chunks' statistics; the hours that the range cuts, from their readings. Bad readings are
        left out.

        Raises
        ------
        HistoryError
            If `points` is not positive or the file cannot be read.
        """
        if points < 1:
            raise HistoryError(f"points is {points}; ask for at least 1")
        start_ms, end_ms = _ms(start_s), _ms(end_s)
        step_s = buckets.step_for(max(end_ms - start_ms, 1) / 1000.0, points)
        with self._reader() as connection:
            if step_s < buckets.HOUR_S or self._few(connection, channel, start_ms, end_ms, points):
                columns = self._columns(connection, channel, start_ms, end_ms)
                if len(columns) <= points or step_s == 0:
                    return buckets.raw(columns)
                first_s = start_ms / 1000.0 if step_s < buckets.HOUR_S else start_ms / 1000.0 // step_s * step_s
                return buckets.fold(buckets.parts_of(columns), start_s=first_s, step_s=step_s)
            parts = self._hourly_parts(connection, channel, start_ms, end_ms)
        return buckets.fold(parts, start_s=start_ms / 1000.0 // step_s * step_s, step_s=step_s)

    def _few(self, connection: sqlite3.Connection, channel: str, start_ms: int, end_ms: int, points: int) -> bool:
        """Whether the whole range may hold few enough readings to be shown raw."""
        number = self._channels.get(channel)
        if number is None:
            return True
        total = connection.execute(
            "SELECT coalesce(sum(total), 0) FROM chunk WHERE channel=? AND hour BETWEEN ? AND ?",
            (number, -(-start_ms // HOUR_MS), end_ms // HOUR_MS - 1),
        ).fetchone()[0]
        return int(total) <= points

    def _hourly_parts(self, connection: sqlite3.Connection, channel: str, start_ms: int, end_ms: int) -> buckets.Parts:
        number = self._channels[channel]
        first, last = -(-start_ms // HOUR_MS), end_ms // HOUR_MS  # whole hours: first <= hour < last
        rows = connection.execute(
            "SELECT hour, count, min, max, sum FROM chunk WHERE channel=? AND hour>=? AND hour<?", (number, first, last)
        ).fetchall()
        hourly = np.array(rows, dtype=np.float64).reshape(-1, 5)
        parts = [
            buckets.Parts(
                hourly[:, 0] * buckets.HOUR_S, hourly[:, 1].astype(np.int64), hourly[:, 2], hourly[:, 3], hourly[:, 4]
            ),
            # the tail never repeats a chunk's readings, so the two add up
            buckets.parts_of(self._tail_columns(connection, number, first * HOUR_MS, last * HOUR_MS)),
            buckets.parts_of(self._columns(connection, channel, start_ms, min(first * HOUR_MS, end_ms))),
            buckets.parts_of(self._columns(connection, channel, max(last * HOUR_MS, start_ms), end_ms)),
        ]
        return buckets.join(parts)

    def drop_before(self, time_s: float) -> int:
        """Forget whole hours that end before that time; says how many readings went.

        Raises
        ------
        HistoryError
            If the file cannot be written.
        """
        with self._lock:
            self.fold()
            hour = _ms(time_s) // HOUR_MS
            try:
                with self._transaction() as connection:
                    total = connection.execute(
                        "SELECT coalesce(sum(total), 0) FROM chunk WHERE hour<?", (hour,)
                    ).fetchone()[0]
                    connection.execute("DELETE FROM chunk WHERE hour<?", (hour,))
            except sqlite3.Error as error:
                raise HistoryError(f"cannot write the history {self.path}: {error}") from error
            return int(total)


def _ms(time_s: float) -> int:
    if not abs(time_s) < 1e13:
        raise HistoryError(f"time {time_s} is no epoch in seconds")
    return round(time_s * 1000)
