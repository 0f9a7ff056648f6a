"""Follows the ways out while alarms come and go: woken by what ways hang on, and every few seconds as smoke spreads.

The graph of ways is made in the monitor's thread, so that a start does not wait for it.
"""

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twin.errors import EvacuationError, UnknownIdError
from twin.evacuation.commands import Proposal, proposals
from twin.evacuation.hazard_rules import hazard_rules
from twin.evacuation.hazards import Report
from twin.evacuation.moment import Moment, Prepared, Said, after_reset, moment, prepare
from twin.evacuation.roll_call import Count
from twin.evacuation.signals import rows_that_matter
from twin.evacuation.ways_out import Solver
from twin.index import SiteIndex
from twin.model.base import Text
from twin.operations.evacuation_watch import EvacuationMemory
from twin.state import StateSnapshot

logger = logging.getLogger(__name__)

EVERY_S: Final = 5.0
_LOGGED: Final = 500

OnMoment = Callable[[Moment, EvacuationMemory], EvacuationMemory]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A line of the log of commands: when one was proposed, was not any more, or was written, and by whom."""

    at_s: float
    proposal: Proposal
    is_over: bool = False
    sent_by: str | None = None


class LiveEvacuation:
    """The answer as of now, and what people say of it. Methods may be called from any thread; each acts as a whole."""

    def __init__(self, index: SiteIndex, *, latest: Callable[[], StateSnapshot]) -> None:
        self.index = index
        self._latest = latest
        self._lock = threading.RLock()
        self._prepared: Prepared | None = None
        self._solver: Solver | None = None
        self._moment: Moment | None = None
        self._proposals: tuple[Proposal, ...] = ()
        self._proposed_for: Moment | None = None
        self._log: deque[Proposed] = deque(maxlen=_LOGGED)
        self._counts: dict[str, Count] = {}

    @property
    def prepared(self) -> Prepared:
        """The site prepared; who asks first waits while it is made."""
        with self._lock:
            if self._prepared is None:
                self._prepared = prepare(self.index)
            return self._prepared

    @property
    def now(self) -> Moment:
        """The answer for the state as it is."""
        return self.look()

    @property
    def last(self) -> Moment | None:
        """The answer as of the last look; none before the first."""
        return self._moment

    def propose(self) -> tuple[Proposal, ...]:
        """What devices should do, as of the last look; what begins and ends with it is logged."""
        with self._lock:
            last = self._moment or self.look()
            if self._proposed_for is not last:
                self._note_proposals(last, proposals(self.prepared, last, self._latest()))
                self._proposed_for = last
            return self._proposals

    @property
    def log(self) -> tuple[Proposed, ...]:
        """What was proposed and ended since the start, the latest first."""
        with self._lock:
            self.propose()
            return tuple(reversed(self._log))

    @property
    def counts(self) -> dict[str, Count]:
        """The last count at each assembly point of this alarm."""
        with self._lock:
            return dict(self._counts)

    def look(self, said: Said | None = None) -> Moment:
        """Work the answer out anew; `said` in place of what people said before.

        What devices should do is not worked out with it: who asks for ways does not wait for that.
        """
        with self._lock:
            of = self.prepared
            if self._solver is None:
                self._solver = Solver(of.graph)
            self._moment = moment(of, self._latest(), self._moment, said=said, solver=self._solver)
            return self._moment

    def _say(self, said: Said) -> Moment:
        found = self.look(said)
        self.propose()
        return found

    def _note_proposals(self, found: Moment, now: tuple[Proposal, ...]) -> None:
        known, wanted = {p.key: p for p in self._proposals}, {p.key: p for p in now}
        for key, proposal in wanted.items():
            if key not in known:
                self._log.append(Proposed(found.at_s, proposal, is_over=False))
        for key, proposal in known.items():
            if key not in wanted:
                self._log.append(Proposed(found.at_s, proposal, is_over=True))
        self._proposals = now

    def note_sent(self, proposal: Proposal, actor: str) -> None:
        """Somebody had a proposal written to its device."""
        with self._lock:
            self._log.append(Proposed(self._latest().now_s, proposal, sent_by=actor))

    def shut(self, name: str, text: Text) -> Moment:
        """Somebody says that a door, stair, lift or gate cannot be used.

        Raises
        ------
        UnknownIdError
            If there is none of that id.
        """
        with self._lock:
            last = self._moment or self.look()
            report = Report(self._latest().now_s, text)
            return self._say(replace(last.said, shut={**last.said.shut, name: report}))

    def open(self, name: str) -> Moment:
        """It can be used again, or does not burn any more.

        Raises
        ------
        UnknownIdError
            If nobody had said that it cannot.
        """
        with self._lock:
            said = (self._moment or self.look()).said
            if name not in said.shut and name not in said.burning:
                raise UnknownIdError("report of something shut or burning", name, [*said.shut, *said.burning])
            shut = {key: value for key, value in said.shut.items() if key != name}
            burning = {key: value for key, value in said.burning.items() if key != name}
            return self._say(replace(said, shut=shut, burning=burning))

    def burns(self, space: str, text: Text) -> Moment:
        """Somebody says that a space is on fire.

        Raises
        ------
        UnknownIdError, EvacuationError
            If there is no such space, or nobody can walk in it.
        """
        with self._lock:
            last = self._moment or self.look()
            report = Report(self._latest().now_s, text)
            return self._say(replace(last.said, burning={**last.said.burning, space: report}))

    def confirm(self, device: str) -> Moment:
        """Somebody has seen that a detector's alarm is true.

        Raises
        ------
        UnknownIdError
            If there is no such detector.
        EvacuationError
            If it is in no alarm.
        """
        with self._lock:
            last = self.look()
            if device in self.prepared.map.watchers.numbers and device not in last.memory:
                raise EvacuationError(f"{device} is in no alarm that could be confirmed; say which space burns")
            return self._say(replace(last.said, confirmed=last.said.confirmed | {device}))

    def reset(self, device: str | None) -> Moment:
        """Somebody resets a detector, or all, and the counts with them; who is still in alarm stays so.

        Raises
        ------
        UnknownIdError
            If there is no such detector.
        """
        with self._lock:
            known = self.prepared.map.watchers.numbers
            if device is not None and device not in known:
                raise UnknownIdError("detector", device, known)
            if device is None:
                self._counts.clear()
            those = None if device is None else frozenset({device})
            self._moment = after_reset(self._moment or self.look(), those, self._latest().now_s)
            return self.look()

    def count(self, point: str, persons: int) -> None:
        """So many have been counted at an assembly point.

        Raises
        ------
        UnknownIdError
            If there is no such assembly point.
        """
        with self._lock:
            spots = self.prepared.graph.site.graph.spots
            known = [spots[row].id for row in self.prepared.graph.targets.tolist()]
            if point not in known:
                raise UnknownIdError("assembly point", point, known)
            self._counts[point] = Count(point, persons, self._latest().now_s)


class EvacuationMonitor:
    """The thread that follows the ways out. A resource: `start`, then `stop`.

    Parameters
    ----------
    latest : the state now
    on_moment : told every look, in the monitor's thread; gives what to remember
    on_change : told when people have to be told something else than before
    """

    def __init__(
        self, index: SiteIndex, *, latest: Callable[[], StateSnapshot], on_moment: OnMoment,
        on_change: Callable[[], None],
    ) -> None:  # fmt: skip
        self.live = LiveEvacuation(index, latest=latest)
        self._on_moment = on_moment
        self._on_change = on_change
        states, every = rows_that_matter(index, hazard_rules())
        self._urgent = frozenset(states.tolist())
        self._matters = np.zeros(len(index.channels), dtype=bool)
        self._matters[every] = True
        self._memory = EvacuationMemory()
        self._told: tuple[object, ...] | None = None
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="evacuation-monitor", daemon=True)

    def start(self) -> None:
        """Begin to look, where any device tells of dangers."""
        if self._urgent:
            self._thread.start()

    def stop(self) -> None:
        """End after the look at hand."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def is_urgent(self, row: int) -> bool:
        """Whether a row is the state of a device that tells of dangers."""
        return row in self._urgent

    def note(self, rows: NDArray[np.int32]) -> None:
        """Channels have changed; called from any thread."""
        if self._matters[rows].any():
            self._woken.set()

    def wake(self) -> None:
        """Look at once: people said something."""
        self._woken.set()

    def look(self) -> Moment:
        """Look once at the state as it is, and tell."""
        began_s = time.perf_counter()
        found = self.live.look()
        self._memory = self._on_moment(found, self._memory)
        if found.signature != self._told:
            self._told = found.signature
            self._on_change()
            took_ms = (time.perf_counter() - began_s) * 1e3
            told = len(found.hazards.found), len(found.cut_off), len(self.live.propose())
            logger.info("ways out: %d hazards, %d spaces cut off, %d proposals, %.0f ms", *told, took_ms)
        return found

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.look()
            except Exception:  # the monitor must outlive what one state does to it
                logger.exception("evacuation monitor error %s", uuid.uuid4().hex)
            self._woken.wait(EVERY_S)
            self._woken.clear()
