"""Looks at fire main, drains and ducts while readings arrive, and in past readings: the same looks either way."""

import datetime as dt
import logging
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from pipe_network.errors import PipeNetworkError
from twin.errors import TwinError
from twin.index import SiteIndex
from twin.leaks.window import Window
from twin.operations import desk as desks
from twin.operations.desk import Desk
from twin.operations.events import AlarmEvent
from twin.operations.leaks import OVER
from twin.operations.pipe_watch import PipeMemory, follow_findings
from twin.pipes.result import PipeFinding
from twin.pipes.served import ServedNetwork, serve
from twin.pipes.watch import watch
from twin.state import Readings, State, StateSnapshot

logger = logging.getLogger(__name__)

EVERY_S: Final = 10.0


@dataclass(frozen=True)
class WatchedNetworks:
    """The networks of a site, prepared when first looked at."""

    index: SiteIndex

    @cached_property
    def networks(self) -> tuple[ServedNetwork, ...]:
        """Those that can be read; the others are named in the log once."""
        found: list[ServedNetwork] = []
        for network in self.index.site.networks:
            try:
                found.append(serve(self.index, network.id))
            except (PipeNetworkError, TwinError) as error:
                logger.warning("network %s is not watched: %s", network.id, error)
        return tuple(found)

    def look(self, latest: StateSnapshot) -> dict[str, tuple[PipeFinding, ...]]:
        """What is amiss, by network."""
        return {network.id: watch(network, latest) for network in self.networks}


OnFindings = Callable[[Mapping[str, tuple[PipeFinding, ...]], StateSnapshot, PipeMemory], PipeMemory]


class PipeMonitor:
    """The thread that looks at the other networks. A resource: `start`, then `stop`.

    Parameters
    ----------
    latest : the state now
    on_findings : told every look, in the monitor's thread; gives what to remember
    """

    def __init__(self, index: SiteIndex, *, latest: Callable[[], StateSnapshot], on_findings: OnFindings) -> None:
        self._watched = WatchedNetworks(index)
        self._latest = latest
        self._on_findings = on_findings
        self._memory = PipeMemory()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pipe-monitor", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End after the look at hand."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> None:
        """Look once at the state as it is."""
        latest = self._latest()
        self._memory = self._on_findings(self._watched.look(latest), latest, self._memory)

    def _run(self) -> None:
        while not self._stopping.wait(EVERY_S):
            try:
                self.look()
            except Exception:  # the monitor must outlive what one state does to it
                logger.exception("pipe monitor error %s", uuid.uuid4().hex)


def look_through_pipes(
    index: SiteIndex, window: Window, instants: Iterable[dt.datetime]
) -> Iterator[tuple[Mapping[str, tuple[PipeFinding, ...]], tuple[AlarmEvent, ...], Desk]]:
    """What would have been found and raised at each instant, from the readings up to it.

    Parameters
    ----------
    instants : in order
    """
    watched, desk, memory = WatchedNetworks(index), Desk(), PipeMemory()
    for at in instants:
        latest = state_at(index, window, at.timestamp())
        found = watched.look(latest)
        leaking = {c.found.network for c in desk.leaks.values() if c.state not in OVER}
        events, memory = follow_findings(desk.alarms, leaking, index, found, latest=latest, memory=memory, now=at)
        desk = desks.replay(events, desk)
        yield found, events, desk


def state_at(index: SiteIndex, window: Window, at_s: float) -> StateSnapshot:
    """The latest value of every channel of a window as it was known at an instant. [epoch s]"""
    state = State(index.intervals_s)
    known = window.until(at_s)
    last = [(row, *(part[-1] for part in read)) for row in known.series if len((read := known.reading(row))[0])]
    if last:
        rows, times_s, values = (np.array(column) for column in zip(*last, strict=True))
        state.apply(Readings(rows.astype(np.int32), times_s, values, np.zeros(len(rows), np.uint8)))
    return state.snapshot(at_s)
