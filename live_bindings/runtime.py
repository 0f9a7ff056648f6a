"""The only owner of clock, state, stores and schedule of a live site; wiring only.

The way of one reading: `mqtt` takes it, `bindings` gives it a row, `history` commits it, then it is acknowledged;
`twin.state` applies it, `operations` looks for alarms, `subscriptions` tell the pages. All of it runs in the ingest's
thread; pages and commands come from others, and each part says what it does about that.
"""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import psutil

from live_bindings.bindings import Bindings
from live_bindings.command_topics import command_payload, command_topic
from live_bindings.coverage_monitor import CoverageMonitor, LiveCoverage
from live_bindings.data_folder import DataFolder
from live_bindings.errors import LiveBindingsError
from live_bindings.evacuation_monitor import EvacuationMonitor
from live_bindings.history.sqlite import SqliteSeries
from live_bindings.ingest import Counters, Ingest, Receivers
from live_bindings.leak_monitor import LeakMonitor
from live_bindings.leak_pace import PaceKeeper
from live_bindings.mqtt import Consumer, parse_address
from live_bindings.operations import Operations
from live_bindings.pipe_monitor import PipeMonitor
from live_bindings.problems import Problem
from live_bindings.subscriptions import Changes, Subscribers, Subscription
from twin.coverage.lost import Lost
from twin.evacuation.moment import Moment
from twin.index import SiteIndex, build
from twin.journal import Journal
from twin.leaks.result import LeakReport
from twin.model.site import Site
from twin.operations.coverage_watch import CoverageMemory
from twin.operations.errors import CommandError
from twin.operations.evacuation_watch import EvacuationMemory
from twin.operations.events import Command, Event
from twin.operations.leak_watch import Followed, Measure, Memory
from twin.operations.pipe_watch import PipeMemory
from twin.pipes.result import PipeFinding
from twin.site_folder import read
from twin.state import Readings, State, StateSnapshot

__all__ = ["Changes", "NotRunningError", "Runtime", "Subscription"]

logger = logging.getLogger(__name__)

_STATUS_BYTES: Final = 1 << 20


class NotRunningError(LiveBindingsError, RuntimeError):
    """A part of a runtime that is there only between its start and its stop."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a running runtime holds."""

    folder: DataFolder
    history: SqliteSeries
    journal: Journal
    operations: Operations
    consumer: Consumer
    ingest: Ingest
    pace: PaceKeeper
    leak_monitor: LeakMonitor
    pipe_monitor: PipeMonitor
    coverage_monitor: CoverageMonitor
    evacuation_monitor: EvacuationMonitor


class Runtime:
    """A live site. A resource: `await start()`, then `await stop()`.

    Parameters
    ----------
    site : the site, or its folder
    data_folder : where history and journal are kept
    broker_url : as `live_bindings.mqtt.parse_address` takes it
    clock : epoch; for tests [s]
    """

    def __init__(
        self, site: Site | Path, data_folder: Path, broker_url: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.site: Site = read(site) if isinstance(site, Path) else site
        self.index: SiteIndex = build(self.site)
        self.state = State(self.index.intervals_s)
        self.subscribers = Subscribers()
        self._address = parse_address(broker_url)
        self._data_folder = data_folder
        self._clock = clock
        self._parts: _Parts | None = None
        self._quality = self.state.quality_at(clock())
        self._stored_before = 0
        self._started_s = clock()
        self._broker_since_s: float | None = None
        self._reasons: dict[str, str] = {}
        self._simulator: dict[str, Any] | None = None

    async def start(self) -> None:
        """Bring the state back from the history, connect, and take readings.

        A broker that is not there does not stop it: it is tried again, and `health` says so.

        Raises
        ------
        LiveBindingsError
            If the data folder, the history or the journal cannot be used.
        """
        await asyncio.to_thread(self._open)

    async def stop(self) -> None:
        """Disconnect and close; the broker keeps what comes meanwhile."""
        await asyncio.to_thread(self._close)

    def _open(self) -> None:
        if self._parts is not None:
            raise NotRunningError(f"site {self.site.id} is running already; stop it first")
        folder = DataFolder(self._data_folder)
        opened: list[Callable[[], None]] = [folder.release]
        try:
            history = SqliteSeries(folder.history)
            opened.append(history.close)
            journal = Journal.in_folder(folder.path)
            opened.append(journal.close)
            self._bring_back(history)
            bindings = Bindings(self.index)
            consumer = Consumer(
                self._address,
                client_id=folder.client_id(self.site.id),
                filters=bindings.filters,
                on_connection=self._connection_changed,
            )
            receivers = Receivers(
                self._readings_stored, self._aside, self._tick, self._history_trouble, self._is_urgent
            )
            self._parts = _Parts(
                folder=folder,
                history=history,
                journal=journal,
                operations=Operations(self.index, journal, now=self._now()),
                consumer=consumer,
                ingest=Ingest(consumer, bindings, history, receivers, clock=self._clock),
                pace=PaceKeeper(history),
                leak_monitor=LeakMonitor(
                    self.index,
                    history,
                    clock=self._clock,
                    on_report=self._leaks_found,
                    on_trouble=lambda trouble: self._give_reason("leaks", trouble),
                    speed=self._speed,
                ),
                pipe_monitor=PipeMonitor(
                    self.index, latest=lambda: self.state.snapshot(self._clock()), on_findings=self._pipes_found
                ),
                coverage_monitor=CoverageMonitor(
                    self.index, latest=lambda: self.state.snapshot(self._clock()), on_lost=self._coverage_lost
                ),
                evacuation_monitor=EvacuationMonitor(
                    self.index,
                    latest=lambda: self.state.snapshot(self._clock()),
                    noted=lambda: self.operations.desk.noted,
                    past=history.window,
                    on_moment=self._ways_found,
                    on_change=lambda: self.subscribers.offer(evacuation=True),
                ),
            )
        except BaseException:
            for close in reversed(opened):
                close()
            raise
        self._started_s = self._clock()
        self._reasons["broker"] = f"no connection to broker {self._address.url} yet"
        consumer.start()
        self._parts.ingest.start()
        self._parts.leak_monitor.start()
        self._parts.pipe_monitor.start()
        self._parts.coverage_monitor.start()
        self._parts.evacuation_monitor.start()

    def _bring_back(self, history: SqliteSeries) -> None:
        """The latest reading of every channel from the history into the state."""
        self._stored_before = history.count()
        latest = history.latest([c.id for c in self.index.channels])
        rows = np.flatnonzero(np.isfinite(latest.times_s)).astype(np.int32)
        self.state.apply(Readings(rows, latest.times_s[rows], latest.values[rows], latest.quality[rows]))
        self._quality = self.state.quality_at(self._clock())

    def _close(self) -> None:
        parts = self._parts
        if parts is None:
            return
        parts.ingest.stop()
        parts.consumer.stop()
        parts.leak_monitor.stop()
        parts.pipe_monitor.stop()
        parts.coverage_monitor.stop()
        parts.evacuation_monitor.stop()
        self._parts = None
        parts.history.close()
        parts.journal.close()
        parts.folder.release()

    @property
    def _running(self) -> _Parts:
        if self._parts is None:
            raise NotRunningError(f"site {self.site.id} is not running; start it first")
        return self._parts

    @property
    def history(self) -> SqliteSeries:
        """What devices said."""
        return self._running.history

    @property
    def operations(self) -> Operations:
        """Alarms, work orders and their journal."""
        return self._running.operations

    @property
    def leak_monitor(self) -> LeakMonitor:
        """Looks for leaks while readings arrive."""
        return self._running.leak_monitor

    @property
    def coverage(self) -> LiveCoverage:
        """What cameras cover, as of now."""
        return self._running.coverage_monitor.live

    @property
    def evacuation(self) -> EvacuationMonitor:
        """The ways out, as of now."""
        return self._running.evacuation_monitor

    @property
    def counters(self) -> Counters:
        """What came in since the start."""
        return self._running.ingest.counters

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be used, or only with doubt; the latest first."""
        return self._running.ingest.problems.items()

    @property
    def simulator(self) -> dict[str, Any] | None:
        """The simulator's last status; none if there has been no simulator."""
        return self._simulator

    def now_s(self) -> float:
        """The time, as everything of this site sees it; epoch. [s]"""
        return self._clock()

    def _now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self._clock(), dt.UTC)

    async def wait_ready(self, timeout_s: float = 10.0) -> None:
        """Wait until the broker's subscriptions stand.

        Raises
        ------
        BrokerError
            If that takes longer.
        """
        await asyncio.to_thread(self._running.consumer.wait_ready, timeout_s)

    def subscribe(self) -> Subscription:
        """A new subscriber of everything that changes; called in its event loop. End it with `unsubscribe`."""
        subscription = Subscription(len(self.index.channels))
        self.subscribers.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription."""
        self.subscribers.remove(subscription)

    def publish(self, topic: str, payload: bytes) -> None:
        """Send a message with QoS 1: a command to a device or to the simulator."""
        self._running.consumer.publish(topic, payload)

    def write(self, device: str, channel: str, value: float) -> str:
        """Tell a writable channel of a device a value; the topic it went to.

        Raises
        ------
        UnknownIdError, CommandError
            If there is no such device, or no binding says where its channel is written.
        """
        topic = command_topic(self.index, device, channel)
        if topic is None:
            raise CommandError("channel", f"{device}:{channel} cannot be written; give a binding its command")
        self.publish(topic, command_payload(value, now_s=self._clock()))
        return topic

    def execute(self, command: Command) -> tuple[Event, ...]:
        """Carry out a person's command now and tell every subscriber; called from any thread.

        Raises
        ------
        UnknownIdError, ForbiddenTransitionError, CommandError
            As `twin.operations.desk.decide`.
        """
        events = self._running.operations.execute(command, self._now())
        self.subscribers.offer(events=events)
        return events

    def health(self) -> dict[str, Any]:
        """Whether all is well, as ``GET /api/health`` tells it."""
        parts = self._running
        looking = parts.leak_monitor.health()
        reasons = {**self._reasons, "leaks": looking.trouble} if looking.trouble is not None else dict(self._reasons)
        since_s = self._broker_since_s
        return {
            "status": "degraded" if reasons else "ok",
            "broker": {
                "connected": parts.consumer.connected,
                "since": None if since_s is None else dt.datetime.fromtimestamp(since_s, dt.UTC),
            },
            "history": {
                "writable": "history" not in reasons,
                "readings": self._stored_before + parts.ingest.counters.stored,
            },
            "leaks": {"at": looking.at, "took_s": looking.took_s},
            "uptime_s": self._clock() - self._started_s,
            "memory_bytes": psutil.Process().memory_info().rss,
            "reasons": list(reasons.values()),
        }

    # what follows is called by the ingest and the broker's client, in their threads

    def _readings_stored(self, readings: Readings) -> int:
        late = int((readings.times_s < self.state.times_s[readings.rows]).sum())
        self._running.leak_monitor.note(readings)
        rows = self.state.apply(readings)
        self._running.evacuation_monitor.note(rows)
        now_s = self._clock()
        self._quality[rows] = self.state.quality_at(now_s)[rows]
        self.subscribers.offer(rows, self._running.operations.evaluate(self.state, self._now(), changed=rows))
        return late

    def _is_urgent(self, rows: Sequence[int], values: Sequence[float]) -> bool:
        """Whether a device that tells of dangers says something else than before."""
        parts = self._parts
        if parts is None:
            return False
        is_urgent, last = parts.evacuation_monitor.is_urgent, self.state.values
        return any(is_urgent(row) and last[row] != value for row, value in zip(rows, values, strict=True))

    def _tick(self) -> None:
        """What a second brings: channels fall silent, delays and shelves end."""
        parts = self._parts
        if parts is None:
            return
        quality = self.state.quality_at(self._clock())
        rows = np.flatnonzero(quality != self._quality).astype(np.int32)
        self._quality = quality
        self.subscribers.offer(rows, parts.operations.evaluate(self.state, self._now()))

    def _aside(self, topic: str, payload: bytes) -> None:
        if topic != f"{self.site.id}/simulator/status" or len(payload) > _STATUS_BYTES:
            return
        try:
            status = msgspec.json.decode(payload, type=dict[str, Any])
        except msgspec.DecodeError as error:
            logger.warning("the simulator's status cannot be read: %s", error)
            return
        self._simulator = status
        if self._parts is not None:
            self._parts.pace.keep(status, self._clock())
        self.subscribers.offer(simulator=True)

    def _speed(self) -> float:
        """How many times faster than its clock the estate lives: a simulator says so, else 1."""
        said = (self._simulator or {}).get("speed")
        return float(said) if isinstance(said, int | float) and said > 0 else 1.0

    def _leaks_found(self, report: LeakReport, memory: Memory, measure: Measure) -> Followed:
        followed = self._running.operations.follow_leaks(report, memory, measure)
        self.subscribers.offer(events=followed.events, leaks=True)
        return followed

    def _pipes_found(
        self, found: Mapping[str, tuple[PipeFinding, ...]], latest: StateSnapshot, memory: PipeMemory
    ) -> PipeMemory:
        events, after = self._running.operations.follow_pipes(found, latest, memory, self._now())
        if events:
            self.subscribers.offer(events=events)
        return after

    def _coverage_lost(self, found: tuple[Lost, ...], memory: CoverageMemory) -> CoverageMemory:
        events, after = self._running.operations.follow_coverage(found, memory, self._now())
        if events:
            self.subscribers.offer(events=events)
        return after

    def _ways_found(self, found: Moment, memory: EvacuationMemory) -> EvacuationMemory:
        events, after = self._running.operations.follow_ways(found, memory, self._now())
        if events:
            self.subscribers.offer(events=events)
        return after

    def _connection_changed(self, connected: bool) -> None:  # noqa: FBT001 - a callback
        self._broker_since_s = self._clock()
        self._give_reason("broker", None if connected else f"no connection to broker {self._address.url}")

    def _history_trouble(self, trouble: str | None) -> None:
        self._give_reason("history", trouble)

    def _give_reason(self, part: str, reason: str | None) -> None:
        reasons = {k: v for k, v in self._reasons.items() if k != part}
        self._reasons = reasons if reason is None else {**reasons, part: reason}
        self.subscribers.offer(health=True)
