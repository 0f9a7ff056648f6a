"""The journal keeps what was decided, and shows when someone changed it."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tests.twin.operations.conftest import LOW, NOW, make_site
from twin.index import build
from twin.journal import GENESIS, Journal, JournalError, metadata
from twin.operations.desk import Desk, decide, replay
from twin.operations.events import Command, Event, MoveWorkOrder, Phrase, RequestWorkOrder
from twin.operations.places import place_of

INDEX = build(make_site(LOW))


def life() -> tuple[Event, ...]:
    """A work order from request to acceptance."""
    request = RequestWorkOrder(
        id="order-1", actor="wang", title=Phrase("修水管", "Mend the pipe"), place=place_of(INDEX, "device", "g1")
    )
    steps: tuple[Command, ...] = (
        request,
        MoveWorkOrder(id="c1", actor="wang", work_order="order-1", move="assign", assignee="li"),
        MoveWorkOrder(id="c2", actor="li", work_order="order-1", move="accept", note="路上 on the way"),
    )
    desk = Desk()
    events: tuple[Event, ...] = ()
    for command in steps:
        new = decide(desk, INDEX, command, NOW)
        desk, events = replay(new, desk), (*events, *new)
    return events


def test_events_come_back_in_order_after_reopening(tmp_path: Path) -> None:
    with Journal.in_folder(tmp_path) as journal:
        journal.append(life()[:1])
        journal.append(life()[1:])
    with Journal.in_folder(tmp_path) as journal:
        assert tuple(journal.events()) == life()
        assert replay(journal.events()) == replay(life())
        assert [e.type for e in journal.newest(limit=2)] == ["work_order_accepted", "work_order_assigned"]
        assert [e.seq for e in journal.newest(limit=9, of="order-1", before=3)] == [2, 1]
        assert journal.newest(limit=9, of="order-2") == ()
        assert journal.verify().entries == 3
        assert journal.verify().broken_seq is None


def test_empty_journal_holds(tmp_path: Path) -> None:
    with Journal.in_folder(tmp_path) as journal:
        assert journal.append(()) == ()
        assert journal.head() == (0, GENESIS)
        assert journal.verify().broken_seq is None


@pytest.mark.parametrize(
    ("tamper", "broken"),
    [
        ("update journal set actor = 'li' where seq = 2", 2),
        ("update journal set data = replace(data, 'li', 'wang') where seq = 2", 2),
        ("update journal set hash = 'aa' where seq = 1", 1),
        ("delete from journal where seq = 2", 2),
        ("update journal set seq = 9 where seq = 3", 3),
        ("update journal set at = '2020-01-01T00:00:00Z' where seq = 3", 3),
    ],
)
def test_tampering_names_the_first_broken_entry(tmp_path: Path, tamper: str, broken: int) -> None:
    with Journal.in_folder(tmp_path) as journal:
        journal.append(life())
        connection = sqlite3.connect(tmp_path / "journal.db")
        with connection:
            connection.execute(tamper)
        connection.close()
        assert journal.verify().broken_seq == broken


def test_entry_that_is_no_event_is_named(tmp_path: Path) -> None:
    with Journal.in_folder(tmp_path) as journal:
        journal.append(life())
        connection = sqlite3.connect(tmp_path / "journal.db")
        with connection:
            connection.execute('update journal set data = \'{"event": "party"}\' where seq = 2')
        connection.close()
        with pytest.raises(JournalError, match="entry 2"):
            tuple(journal.events())


def test_failed_append_writes_nothing(tmp_path: Path) -> None:
    with Journal.in_folder(tmp_path) as journal:
        journal.append(life()[:1])
        connection = sqlite3.connect(tmp_path / "journal.db")
        connection.execute(
            "create trigger full before insert on journal when new.seq = 3 begin select raise(abort, 'full'); end"
        )
        connection.close()
        with pytest.raises(sa.exc.IntegrityError):
            journal.append(life()[1:])
        assert journal.head()[0] == 1


def test_pages_read_everything_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twin.journal._PAGE", 2)
    with Journal.in_folder(tmp_path) as journal:
        journal.append(life())
        assert [e.seq for e in journal.read()] == [1, 2, 3]
        assert [e.seq for e in journal.read(after=1)] == [2, 3]


def test_migrations_make_the_tables_the_code_speaks_of(tmp_path: Path) -> None:
    Journal.in_folder(tmp_path).close()
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'journal.db'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
