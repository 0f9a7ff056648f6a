"""Follows the ways out while alarms come and go: woken by what ways hang on, and every few seconds as smoke spreads.

The graph of ways is made in the monitor's thread, so that a start does not wait for it.
"""

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from live_bindings.history.series import Window
from live_bindings.people_inside import LiveInside
from twin.errors import EvacuationError, UnknownIdError
from twin.evacuation.commands import Proposal, proposals
from twin.evacuation.hazard_rules import hazard_rules
from twin.evacuation.hazards import alarmed_since, cell_of
from twin.evacuation.moment import Moment, Prepared, after_reset, moment, prepare
from twin.evacuation.roll_call import Count
from twin.evacuation.signals import rows_that_matter
from twin.evacuation.ways_out import Solver
from twin.index import SiteIndex
from twin.operations.evacuation_notes import Notes, counts_of, heard_of, said_of
from twin.operations.evacuation_watch import EvacuationMemory
from twin.operations.events import EvacuationStep
from twin.state import StateSnapshot

logger = logging.getLogger(__name__)

EVERY_S: Final = 5.0
_LOGGED: Final = 500

OnMoment = Callable[[Moment, EvacuationMemory], EvacuationMemory]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A line of the log of commands: when one was proposed, or was not any more; the journal has who sent what."""

    at_s: float
    proposal: Proposal
    is_over: bool


class LiveEvacuation:
    """The answer as of now. Methods may be called from any thread; each acts as a whole.

    Parameters
    ----------
    latest : the state now
    noted : what people said that holds still

    Attributes
    ----------
    lock : held while ways are looked at and what follows is noted
    """

    def __init__(
        self, index: SiteIndex, *, latest: Callable[[], StateSnapshot], noted: Callable[[], Notes]
    ) -> None:  # fmt: skip
        self.index = index
        self._latest = latest
        self._noted = noted
        self.lock = threading.RLock()
        self._prepared: Prepared | None = None
        self._solver: Solver | None = None
        self._moment: Moment | None = None
        self._proposals: tuple[Proposal, ...] = ()
        self._proposed_for: Moment | None = None
        self._log: deque[Proposed] = deque(maxlen=_LOGGED)

    @property
    def prepared(self) -> Prepared:
        """The site prepared; who asks first waits while it is made."""
        with self.lock:
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
        with self.lock:
            last = self._moment or self.look()
            if self._proposed_for is not last:
                self._note_proposals(last, proposals(self.prepared, last, self._latest()))
                self._proposed_for = last
            return self._proposals

    @property
    def log(self) -> tuple[Proposed, ...]:
        """What was proposed and ended since the start, the latest first."""
        with self.lock:
            self.propose()
            return tuple(reversed(self._log))

    @property
    def counts(self) -> dict[str, Count]:
        """The last count at each assembly point of this alarm."""
        return counts_of(self._noted())

    def look(self) -> Moment:
        """Work the answer out anew.

        What devices should do is not worked out with it: who asks for ways does not wait for that.
        """
        with self.lock:
            of = self.prepared
            if self._solver is None:
                self._solver = Solver(of.graph)
            state, notes = self._latest(), self._noted()
            self._moment = moment(
                of, state, self._moment, said=said_of(notes), heard=heard_of(notes, state.now_s), solver=self._solver
            )
            return self._moment

    def _note_proposals(self, found: Moment, now: tuple[Proposal, ...]) -> None:
        known, wanted = {p.key: p for p in self._proposals}, {p.key: p for p in now}
        for key, proposal in wanted.items():
            if key not in known:
                self._log.append(Proposed(found.at_s, proposal, is_over=False))
        for key, proposal in known.items():
            if key not in wanted:
                self._log.append(Proposed(found.at_s, proposal, is_over=True))
        self._proposals = now

    def check(self, step: EvacuationStep, of: str) -> None:
        """Refuse what nobody can say.

        Raises
        ------
        UnknownIdError
            If there is no such door, space, detector or assembly point, or nothing was said that could be taken back.
        EvacuationError
            If nobody can walk in a space that would burn, or a detector is in no alarm.
        """
        prepared, said = self.prepared, said_of(self._noted())
        graph, detectors = prepared.graph.site.graph, prepared.map.watchers.numbers
        known: Collection[str]
        match step:
            case "open":
                known, what = {**said.shut, **said.burning}, "report of something shut or burning"
            case "confirm" | "reset":
                known, what = detectors, "detector"
            case "count":
                known, what = [graph.spots[row].id for row in prepared.graph.targets.tolist()], "assembly point"
            case "burns":
                cell_of(prepared.graph.site, of)
                return
            case _:
                known, what = [spot.id for spot in graph.spots if spot.kind != "place"], "door, stair, lift or gate"
        if of not in known:
            raise UnknownIdError(what, of, known)
        if step == "confirm" and of not in self.look().memory:
            raise EvacuationError(f"{of} is in no alarm that could be confirmed; say which space burns")

    def reset(self, device: str | None, *, say: Callable[[], object]) -> None:
        """Forget what a detector, or all of them, told; who is still in alarm tells it again.

        Parameters
        ----------
        say : notes it in the journal; in one go with it, so that no look between brings back what was reset
        """
        with self.lock:
            say()
            those = None if device is None else frozenset({device})
            self._moment = after_reset(self._moment or self.look(), those, self._latest().now_s)


class EvacuationMonitor:
    """The thread that follows the ways out. A resource: `start`, then `stop`.

    Parameters
    ----------
    latest, noted : as `LiveEvacuation` has them
    past : as `LiveInside` has it
    on_moment : told every look, in the monitor's thread; gives what to remember
    on_change : told when people have to be told something else than before
    """

    def __init__(
        self, index: SiteIndex, *, latest: Callable[[], StateSnapshot], noted: Callable[[], Notes],
        past: Callable[[str, float, float], Window], on_moment: OnMoment, on_change: Callable[[], None],
    ) -> None:  # fmt: skip
        self.inside = LiveInside(index, past)
        self._latest = latest
        self.live = LiveEvacuation(index, latest=latest, noted=noted)
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
        with self.live.lock:
            found = self.live.look()
            self._memory = self._on_moment(found, self._memory)
        self.inside.look(self._latest(), alarmed_since(self.live.prepared.map, found.hazards.found))
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
