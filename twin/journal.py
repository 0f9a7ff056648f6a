"""What people and rules decided: append-only, in order, each entry sealed by the hash of the one before.

The journal is the truth of operations: the desk is what `twin.operations.desk.replay` makes of it. It lies in SQLite
or, by URL, in PostgreSQL.

The chain shows any entry that was changed, inserted or taken out between others. It cannot show that the newest
entries were cut off; for that, keep the last hash (`Journal.head`) elsewhere from time to time.
"""

import datetime as dt
import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import alembic.command
import msgspec
import sqlalchemy as sa
from alembic.config import Config

from twin.errors import TwinError
from twin.operations.events import Event, object_of, type_of

_MIGRATIONS: Final = Path(__file__).with_name("journal_migrations")
GENESIS: Final = "0" * 64
"""What stands in place of a previous hash before the first entry."""
_PAGE: Final = 1000

metadata: Final = sa.MetaData()
entries: Final = sa.Table(
    "journal",
    metadata,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("actor", sa.String(120), nullable=False),
    sa.Column("type", sa.String(60), nullable=False),
    sa.Column("object", sa.String(120), nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index("journal_object", "object", "seq"),
)
_decoder: Final[msgspec.json.Decoder[Event]] = msgspec.json.Decoder(Event)


class JournalError(TwinError, ValueError):
    """A journal that cannot be read as written: `seq` is the first broken entry."""

    def __init__(self, seq: int, reason: str) -> None:
        self.seq = seq
        self.reason = reason
        super().__init__(f"journal entry {seq} {reason}; restore the journal from a backup and compare")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal."""

    seq: int
    at: str
    """ISO 8601, as the hash covers it."""
    actor: str
    type: str
    object: str
    data: str
    """The event as canonical JSON."""
    hash: str

    @property
    def event(self) -> Event:
        """The event it keeps."""
        return _decoder.decode(self.data)


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the chain holds: how many entries hold, and the first that does not."""

    entries: int
    broken_seq: int | None = None
    reason: str = ""


def seal(previous: str, entry: Entry) -> str:
    """The hash of an entry: SHA-256 over the previous hash and the entry as canonical JSON."""
    said = {
        "actor": entry.actor,
        "at": entry.at,
        "data": entry.data,
        "object": entry.object,
        "seq": entry.seq,
        "type": entry.type,
    }
    return hashlib.sha256(previous.encode() + msgspec.json.encode(said, order="sorted")).hexdigest()


class Journal:
    """An open journal; close it, or use it as a context manager. Safe to use from several threads.

    One process writes. Should two, the second to write the same sequence number fails as a whole and changes nothing.
    """

    def __init__(self, url: str) -> None:
        """Open a journal, and make or migrate its table.

        Parameters
        ----------
        url : ``sqlite:///path`` or ``postgresql+...://``
        """
        self._engine = sa.create_engine(url)
        self._lock = threading.Lock()
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _keep_what_is_committed)
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        with self._engine.begin() as connection:
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, "head")

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """The journal of a data folder, in SQLite."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(f"sqlite:///{folder / 'journal.db'}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def append(self, events: Sequence[Event]) -> tuple[Entry, ...]:
        """The entries of these events, written in one transaction: all or none."""
        if not events:
            return ()
        with self._lock, self._engine.begin() as connection:
            last = connection.execute(sa.select(entries.c.seq, entries.c.hash).order_by(entries.c.seq.desc()).limit(1))
            seq, previous = last.one_or_none() or (0, GENESIS)
            written: list[Entry] = []
            for event in events:
                seq += 1
                entry = Entry(
                    seq, event.at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"), event.actor, type_of(event),
                    object_of(event), msgspec.json.encode(event, order="sorted").decode(), "",
                )  # fmt: skip
                previous = seal(previous, entry)
                written.append(_sealed(entry, previous))
            connection.execute(sa.insert(entries), [_row(entry) for entry in written])
        return tuple(written)

    def read(self, *, after: int = 0) -> Iterator[Entry]:
        """Every entry after a sequence number, oldest first; read in pages, so that writing goes on meanwhile."""
        while True:
            query = sa.select(entries).where(entries.c.seq > after).order_by(entries.c.seq).limit(_PAGE)
            page = self._select(query)
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].seq

    def newest(self, *, limit: int, of: str | None = None, before: int | None = None) -> tuple[Entry, ...]:
        """The last entries, newest first; `of` one object, `before` a sequence number."""
        query = sa.select(entries).order_by(entries.c.seq.desc()).limit(limit)
        if of is not None:
            query = query.where(entries.c.object == of)
        if before is not None:
            query = query.where(entries.c.seq < before)
        return self._select(query)

    def head(self) -> tuple[int, str]:
        """Sequence number and hash of the last entry."""
        last = self.newest(limit=1)
        return (last[0].seq, last[0].hash) if last else (0, GENESIS)

    def events(self) -> Iterator[Event]:
        """Every event, oldest first.

        Raises
        ------
        JournalError
            If an entry cannot be read.
        """
        for entry in self.read():
            try:
                yield entry.event
            except msgspec.DecodeError as error:
                raise JournalError(entry.seq, f"is no event that is known here ({error})") from None

    def verify(self) -> Verification:
        """Whether every entry still is what was written, and the first that is not."""
        previous, expected = GENESIS, 1
        for entry in self.read():
            if entry.seq != expected:
                return Verification(expected - 1, expected, "is missing")
            if seal(previous, entry) != entry.hash:
                return Verification(expected - 1, expected, "is not what was written, or follows another entry")
            previous, expected = entry.hash, expected + 1
        return Verification(expected - 1)

    def _select(self, query: sa.Select[tuple[object, ...]]) -> tuple[Entry, ...]:
        with self._engine.connect() as connection:
            return tuple(Entry(**row) for row in connection.execute(query).mappings())


def _sealed(entry: Entry, digest: str) -> Entry:
    return Entry(entry.seq, entry.at, entry.actor, entry.type, entry.object, entry.data, digest)


def _row(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in Entry.__slots__}


def _keep_what_is_committed(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection; SQLAlchemy types it as object
    cursor.execute("PRAGMA journal_mode=WAL")
    # an answer given to a person must survive a power cut, and decisions are few: a sync each costs nothing
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()
