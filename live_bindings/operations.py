"""Operations at run time: the desk, its journal and the alarm watch of one site, tied together.

The decisions are `twin.operations.desk`'s; here is only their order: journal first, then the desk, so that nothing is
shown that a restart would forget. The clock is the caller's.
"""

import datetime as dt
import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twin.coverage.lost import Lost
from twin.evacuation.moment import Moment
from twin.index import SiteIndex
from twin.journal import Journal
from twin.leaks.result import LeakReport
from twin.operations import desk as desks
from twin.operations.alarm_rules import Columns, RuleTable, compile_rules
from twin.operations.coverage_watch import CoverageMemory, follow_coverage
from twin.operations.desk import Desk
from twin.operations.evacuation_notes import follow_detectors
from twin.operations.evacuation_watch import EvacuationMemory, follow_ways
from twin.operations.events import Command, Event
from twin.operations.leak_watch import Followed, Measure, Memory, follow
from twin.operations.leaks import OVER, LeakCase
from twin.operations.pipe_watch import PipeMemory, follow_findings
from twin.pipes.result import PipeFinding
from twin.state import StateSnapshot

log: Final = logging.getLogger(__name__)


class Operations:
    """The desk of a site as it is now. Methods may be called from any thread; each acts as a whole."""

    def __init__(self, index: SiteIndex, journal: Journal, *, now: dt.datetime) -> None:
        """Bring the desk back from its journal and begin to watch the site's rules."""
        self.index = index
        self.journal = journal
        self._lock = threading.Lock()
        self._desk = desks.replay(journal.events())
        self.table: RuleTable = compile_rules(index)
        self._watch = desks.watch(self.table, self._desk, now.timestamp())
        log.info("operations: %d alarms, %d work orders", len(self._desk.alarms), len(self._desk.work_orders))

    @property
    def desk(self) -> Desk:
        """All alarms and work orders; frozen, so that it may be read while the next is made."""
        return self._desk

    def execute(self, command: Command, now: dt.datetime) -> tuple[Event, ...]:
        """The events of a person's command, in the journal and on the desk; none if it was carried out before.

        Raises
        ------
        UnknownIdError, ForbiddenTransitionError, CommandError
            As `twin.operations.desk.decide`; nothing has changed then.
        """
        with self._lock:
            return self._keep(desks.decide(self._desk, self.index, command, now))

    def evaluate(
        self, columns: Columns, now: dt.datetime, *, changed: NDArray[np.int32] | None = None
    ) -> tuple[Event, ...]:
        """The alarm events of this moment, in the journal and on the desk.

        Parameters
        ----------
        changed : rows of the batch just applied; none looks at every row, at silence and at shelves that end
            (do so each second).
        """
        with self._lock:
            events, watch = desks.evaluate(self._desk, self.table, self._watch, columns, now=now, changed=changed)
            kept = self._keep(events)
            # only now: if the journal could not be written, the same events come again
            self._watch = watch
            return kept

    def follow_leaks(self, report: LeakReport, memory: Memory, measure: Measure) -> Followed:
        """What a report on leaks leads to, in the journal and on the desk.

        To measure takes long, so it is done while others go on; if the desk's leaks or orders changed meanwhile, again.
        """
        while True:
            desk = self._desk
            followed = follow(desk.leaks, desk.work_orders, self.index, report, memory, measure=measure)
            with self._lock:
                if self._desk.leaks is desk.leaks and self._desk.work_orders is desk.work_orders:
                    self._keep(followed.events)
                    return followed

    def follow_pipes(
        self, found: Mapping[str, tuple[PipeFinding, ...]], latest: StateSnapshot, memory: PipeMemory, now: dt.datetime
    ) -> tuple[tuple[Event, ...], PipeMemory]:
        """What is amiss with the other networks as alarms, in the journal and on the desk."""
        with self._lock:
            leaking = {c.found.network for c in self._desk.leaks.values() if c.state not in OVER}
            events, after = follow_findings(
                self._desk.alarms, leaking, self.index, found, latest=latest, memory=memory, now=now
            )
            return self._keep(events), after

    def follow_coverage(
        self, found: Sequence[Lost], memory: CoverageMemory, now: dt.datetime
    ) -> tuple[tuple[Event, ...], CoverageMemory]:
        """What cameras no longer cover as alarms, in the journal and on the desk."""
        with self._lock:
            events, after = follow_coverage(self._desk.alarms, self.index, found, memory=memory, now=now)
            return self._keep(events), after

    def follow_ways(
        self, found: Moment, memory: EvacuationMemory, now: dt.datetime
    ) -> tuple[tuple[Event, ...], EvacuationMemory]:
        """Storeys that are cut off from every way out as alarms, and who gave alarm, in the journal and on the desk."""
        with self._lock:
            events, after = follow_ways(
                self._desk.alarms, self.index, found.cut_off, found.hazards, memory=memory, now=now
            )
            return self._keep((*events, *follow_detectors(self._desk.noted, found.memory, now))), after

    def leaks_at(self, at: dt.datetime) -> dict[str, LeakCase]:
        """The leaks as they stood at a past moment, from the journal."""
        return desks.replay(e for e in self.journal.events() if e.at <= at).leaks

    def _keep(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        self.journal.append(events)
        self._desk = desks.replay(events, self._desk)
        return events
