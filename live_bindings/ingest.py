"""From the queue of messages to the history, and only then to the broker: stored, thank you.

One thread does it all in order: collect a batch for at most `BATCH_S`, decode, append and commit, acknowledge, hand
the new readings on. If the history cannot be written (disk full, say), nothing is acknowledged and the same batch is
tried again until it can; meanwhile the queue fills, then the broker keeps the rest.
"""

import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from live_bindings.bindings import Bindings, Decoded
from live_bindings.errors import HistoryError
from live_bindings.history.series import Entries, SeriesStore
from live_bindings.mqtt import Consumer, Message
from live_bindings.problems import Problems, Reason
from twin.state import Readings

logger = logging.getLogger(__name__)

BATCH_S: Final = 0.08
"""A batch collects for this long: a dozen commits a second, and a change is on the page within a blink."""

BATCH_MESSAGES: Final = 2000
TICK_S: Final = 1.0
_RETRY_S: Final = (0.25, 0.5, 1.0, 2.0, 5.0)


class FoldingStore(SeriesStore, Protocol):
    """A store whose tail is folded now and then, when no batch waits."""

    def fold_due(self) -> bool:
        """Whether it is time."""
        ...

    def fold(self) -> int:
        """Do it."""
        ...


@dataclass(slots=True)
class Counters:
    """What came in, since the start. Messages: `received`, `unknown_topic`. Readings: the others."""

    received: int = 0
    stored: int = 0
    duplicates: int = 0
    late: int = 0
    """Stored, but older than what the channel has; they do not touch the latest value."""
    rejected: int = 0
    unknown_topic: int = 0


@dataclass(frozen=True, slots=True)
class Receivers:
    """Whom the ingest tells, in its own thread.

    Attributes
    ----------
    on_readings : new readings, after they are stored; returns how many were late
    on_aside : a message that is no telemetry
    on_tick : about every second, busy or not
    on_trouble : the history cannot be written, with the reason; none when it can again
    is_urgent : whether rows with their new values are not to wait until a batch is full
    """

    on_readings: Callable[[Readings], int]
    on_aside: Callable[[str, bytes], None]
    on_tick: Callable[[], None]
    on_trouble: Callable[[str | None], None]
    is_urgent: Callable[[Sequence[int], Sequence[float]], bool]


@dataclass(slots=True)
class _Batch:
    """Messages that are stored and acknowledged together, and what they say."""

    messages: list[Message] = field(default_factory=list)
    decoded: Decoded = field(default_factory=Decoded)


class Ingest:
    """The writer's thread. A resource: `start`, then `stop`."""

    def __init__(
        self,
        consumer: Consumer,
        bindings: Bindings,
        store: FoldingStore,
        receivers: Receivers,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.counters = Counters()
        self.problems = Problems()
        self._consumer = consumer
        self._bindings = bindings
        self._store = store
        self._receivers = receivers
        self._clock = clock
        self._numbers: NDArray[np.int64] = store.numbers([c.id for c in bindings.index.channels])
        self._stopping = threading.Event()
        self._trouble: str | None = None
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)

    def start(self) -> None:
        """Begin to take messages."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand; what is still queued stays unacknowledged and comes again."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        tick_at = time.monotonic() + TICK_S
        while not self._stopping.is_set():
            batch = _Batch()
            try:
                self._collect_inplace(batch, tick_at)
                if batch.messages:
                    self._take(batch)
                if time.monotonic() >= tick_at:
                    tick_at = time.monotonic() + TICK_S
                    self._receivers.on_tick()
                    if self._store.fold_due():
                        self._store.fold()
                        self._tell_trouble(None)
            except HistoryError as error:
                self._tell_trouble(str(error))
            except Exception:  # the loop must outlive what one batch or one rule does to it
                logger.exception(
                    "ingest error %s: a batch of %d messages went wrong", uuid.uuid4().hex, len(batch.messages)
                )

    def _collect_inplace(self, batch: _Batch, tick_at: float) -> None:
        """Messages of one batch: the first that comes until the next tick, and what follows it at once.

        What is urgent ends it: fire alarms do not wait for meters.
        """
        waiting = self._consumer.queue
        try:
            is_urgent = self._add_inplace(batch, waiting.get(timeout=max(0.0, min(tick_at - time.monotonic(), 0.2))))
        except queue.Empty:
            return
        until = time.monotonic() + BATCH_S
        while len(batch.messages) < BATCH_MESSAGES and not (is_urgent or self._stopping.is_set()):
            left_s = until - time.monotonic()
            try:
                message = waiting.get(timeout=left_s) if left_s > 0 else waiting.get_nowait()
            except queue.Empty:
                break
            is_urgent = self._add_inplace(batch, message)

    def _add_inplace(self, batch: _Batch, message: Message) -> bool:
        """Decode a message into a batch; whether it is urgent."""
        batch.messages.append(message)
        if not self._bindings.is_telemetry(message.topic):
            self._receivers.on_aside(message.topic, message.payload)
            return False
        self.counters.received += 1
        decoded, before = batch.decoded, len(batch.decoded)
        self._bindings.decode(message.topic, message.payload, arrived_s=self._clock(), into=decoded)
        return self._receivers.is_urgent(decoded.rows[before:], decoded.values[before:])

    def _take(self, batch: _Batch) -> None:
        arrived_s, decoded = self._clock(), batch.decoded
        readings = decoded.readings()
        new = self._store_until_stored(readings, np.array(decoded.sequences, dtype=np.int64))
        if new is None:
            return
        self._consumer.acknowledge(batch.messages)
        self._count(decoded, new, arrived_s)
        fresh = readings if new.all() else _those(readings, new)
        if len(fresh):
            self.counters.late += self._receivers.on_readings(fresh)
        if self._store.fold_due():
            self._store.fold()

    def _store_until_stored(self, readings: Readings, sequences: NDArray[np.int64]) -> NDArray[np.bool_] | None:
        """Which readings are new, once they are on disk; none if we are told to stop before."""
        if len(readings) == 0:
            return np.empty(0, np.bool_)
        entries = Entries(
            self._numbers[readings.rows], readings.times_s, readings.values, readings.quality, sequences
        )  # fmt: skip
        attempt = 0
        while True:
            try:
                new = self._store.append(entries)
            except HistoryError as error:
                self._tell_trouble(str(error))
                if self._stopping.wait(_RETRY_S[min(attempt, len(_RETRY_S) - 1)]):
                    return None
                attempt += 1
                self._receivers.on_tick()
                continue
            self._tell_trouble(None)
            return new

    def _count(self, decoded: Decoded, new: NDArray[np.bool_], arrived_s: float) -> None:
        stored = int(new.sum())
        self.counters.stored += stored
        self.counters.duplicates += len(new) - stored
        for rejection in decoded.rejections:
            self.problems.add(
                rejection.reason, rejection.topic, rejection.payload, now_s=arrived_s, detail=rejection.detail
            )
            if rejection.reason is Reason.UNKNOWN_TOPIC and self.problems.unknown_topic == 1:
                logger.warning(
                    "a message on topic %s that no binding matches; see the list of problems", rejection.topic
                )
        self.counters.rejected = self.problems.rejected
        self.counters.unknown_topic = self.problems.unknown_topic

    def _tell_trouble(self, trouble: str | None) -> None:
        if trouble == self._trouble:
            return
        if trouble is None:
            logger.info("the history can be written again")
        elif self._trouble is None:
            logger.error("nothing is acknowledged until the history can be written: %s", trouble)
        self._trouble = trouble
        self._receivers.on_trouble(trouble)


def _those(readings: Readings, which: NDArray[np.bool_]) -> Readings:
    return Readings(readings.rows[which], readings.times_s[which], readings.values[which], readings.quality[which])
