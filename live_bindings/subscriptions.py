"""Who wants to know what changed: each subscriber has its own, bounded, coalesced list.

A slow subscriber is not waited for: of a row that changed ten times it sees the last value, and when more than half
of all rows wait for it, it is told to take a snapshot instead.
"""

import asyncio
import threading
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.operations.events import (
    LEAK_EVENTS,
    EvacuationNoted,
    Event,
    LeakLocated,
    LeakUpdated,
    WorkOrderMoved,
    WorkOrderRequested,
)
from twin.operations.leaks import alarm_of


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a subscriber last asked; it reads the new state itself.

    Attributes
    ----------
    snapshot : bool, every row is to be sent
    rows : (k,) int32, rows that changed (empty if `snapshot`)
    alarms : tuple of str, ids of alarms that changed
    work_orders : tuple of str, ids of work orders that changed
    simulator : bool, the simulator's status changed
    health : bool, the service's health changed
    leaks : bool, the report on leaks changed
    evacuation : bool, what is in the way of people who leave changed
    """

    snapshot: bool
    rows: NDArray[np.int32]
    alarms: tuple[str, ...]
    work_orders: tuple[str, ...]
    simulator: bool
    health: bool
    leaks: bool = False
    evacuation: bool = False


class Subscription:
    """One subscriber. `wait` in the event loop it was made in; the changes come from any thread."""

    def __init__(self, rows: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._ready = asyncio.Event()
        self._dirty = np.zeros(rows, dtype=np.bool_)
        self._snapshot = True
        self._alarms: dict[str, None] = {}
        self._work_orders: dict[str, None] = {}
        self._simulator = True
        self._health = True
        self._leaks = True
        self._evacuation = True
        self._ready.set()
        self._told = True

    def offer(
        self,
        rows: NDArray[np.int32] | None = None,
        events: Iterable[Event] = (),
        *,
        simulator: bool = False,
        health: bool = False,
        leaks: bool = False,
        evacuation: bool = False,
    ) -> None:
        """Add what changed; called from any thread."""
        with self._lock:
            if rows is not None:
                self._dirty[rows] = True
            for event in events:
                if isinstance(event, WorkOrderRequested | WorkOrderMoved):
                    self._work_orders[event.work_order] = None
                    if isinstance(event, WorkOrderRequested) and event.alarm is not None:
                        self._alarms[event.alarm] = None
                elif isinstance(event, LEAK_EVENTS):
                    self._leaks = True
                    if isinstance(event, LeakUpdated | LeakLocated):
                        self._alarms[alarm_of(event.leak)] = None
                elif not isinstance(event, EvacuationNoted):
                    self._alarms[event.alarm] = None
            self._simulator |= simulator
            self._health |= health
            self._leaks |= leaks
            self._evacuation |= evacuation
            if self._told:
                return
            self._told = True
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ready.set)

    async def wait(self) -> Changes:
        """What changed since the last call, as soon as something did; the first call asks for a snapshot."""
        await self._ready.wait()
        with self._lock:
            self._ready.clear()
            self._told = False
            rows = np.flatnonzero(self._dirty).astype(np.int32)
            snapshot = self._snapshot or 2 * len(rows) > len(self._dirty) > 64
            changes = Changes(
                snapshot=snapshot,
                rows=np.empty(0, np.int32) if snapshot else rows,
                alarms=tuple(self._alarms),
                work_orders=tuple(self._work_orders),
                simulator=self._simulator,
                health=self._health,
                leaks=self._leaks,
                evacuation=self._evacuation,
            )
            self._dirty[:] = False
            self._alarms.clear()
            self._work_orders.clear()
            self._snapshot = self._simulator = self._health = self._leaks = self._evacuation = False
        return changes


class Subscribers:
    """All subscribers of a runtime; may be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: set[Subscription] = set()

    def add(self, subscription: Subscription) -> None:
        """Tell it from now on."""
        with self._lock:
            self._all.add(subscription)

    def remove(self, subscription: Subscription) -> None:
        """Tell it no more."""
        with self._lock:
            self._all.discard(subscription)

    def __len__(self) -> int:
        return len(self._all)

    def offer(
        self,
        rows: NDArray[np.int32] | None = None,
        events: Iterable[Event] = (),
        *,
        simulator: bool = False,
        health: bool = False,
        leaks: bool = False,
        evacuation: bool = False,
    ) -> None:
        """Tell all of them what changed."""
        events = tuple(events)
        if not (events or simulator or health or leaks or evacuation or (rows is not None and len(rows))):
            return
        with self._lock:
            subscriptions = tuple(self._all)
        for subscription in subscriptions:
            subscription.offer(rows, events, simulator=simulator, health=health, leaks=leaks, evacuation=evacuation)
