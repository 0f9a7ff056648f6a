"""What came over the wire and could not be used, or only with doubt: counted, listed, bounded.

Nothing is dropped silently: each reason has a code, each entry its topic, a count, when it was first and last seen,
and the beginning of one payload as an example.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

MAX_PROBLEMS: Final = 500
"""Entries kept; the one not seen for longest makes room. The counts by reason are never lost."""

EXAMPLE_BYTES: Final = 200


class Reason(StrEnum):
    """Why a message or a reading was rejected, or stored with doubt."""

    UNKNOWN_TOPIC = "unknown_topic"
    """No binding matches the topic."""
    UNKNOWN_DEVICE = "unknown_device"
    """The site has no such device."""
    UNKNOWN_CHANNEL = "unknown_channel"
    """The device's kind has no such channel."""
    MALFORMED = "malformed"
    """The payload is not of the form its binding names."""
    MISSING_VALUE = "missing_value"
    """The payload has nothing where the binding looks for device, channel or value."""
    NOT_A_NUMBER = "not_a_number"
    """The value is neither a number nor one of the binding's words."""
    NON_FINITE = "non_finite"
    """The value is infinite or NaN."""
    BAD_TIME = "bad_time"
    """The time is neither ISO 8601 nor an epoch."""
    UNIT_MISMATCH = "unit_mismatch"
    """The binding's unit cannot become the channel's."""
    TOO_LARGE = "too_large"
    """The payload is beyond what a gateway may send at once."""
    OUT_OF_RANGE = "out_of_range"
    """Stored as bad: outside the channel's physically possible values."""
    FUTURE_TIME = "future_time"
    """Stored as uncertain with the time of arrival: the reading's own time lies in the future."""
    CLOCK_UNSET = "clock_unset"
    """Stored as uncertain with the time of arrival: the reading's own time lies before the year 2000."""


STORED: Final = frozenset({Reason.OUT_OF_RANGE, Reason.FUTURE_TIME, Reason.CLOCK_UNSET})
"""Reasons for doubt that do not reject the reading."""


@dataclass(slots=True)
class Problem:
    """One reason on one topic (and device or channel), with its count.

    Attributes
    ----------
    reason : Reason
    topic : str
    detail : str, what exactly: the unknown id, the wrong value
    count : int
    first_s, last_s : float, when it was first and last seen, epoch [s]
    example : str, beginning of one payload
    """

    reason: Reason
    topic: str
    detail: str
    count: int
    first_s: float
    last_s: float
    example: str


class Problems:
    """The bounded list of problems and the counts by reason; written by the ingest's thread, read by any."""

    def __init__(self, limit: int = MAX_PROBLEMS) -> None:
        self.limit = limit
        self.by_reason: dict[Reason, int] = dict.fromkeys(Reason, 0)
        self._items: OrderedDict[tuple[Reason, str, str], Problem] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, reason: Reason, topic: str, payload: bytes, *, now_s: float, detail: str = "") -> None:
        """Count a problem and keep its example."""
        with self._lock:
            self.by_reason[reason] += 1
            key = (reason, topic[:300], detail[:120])
            known = self._items.get(key)
            if known is not None:
                known.count += 1
                known.last_s = now_s
                self._items.move_to_end(key)
                return
            if len(self._items) >= self.limit:
                self._items.popitem(last=False)
            example = payload[:EXAMPLE_BYTES].decode("utf-8", errors="replace")
            self._items[key] = Problem(reason, key[1], key[2], 1, now_s, now_s, example)

    def items(self) -> tuple[Problem, ...]:
        """The problems, the latest first."""
        with self._lock:
            return tuple(replace(item) for item in reversed(self._items.values()))

    @property
    def rejected(self) -> int:
        """Readings and messages that could not be stored at all, those of unknown topics left out."""
        return sum(n for r, n in self.by_reason.items() if r not in STORED and r is not Reason.UNKNOWN_TOPIC)

    @property
    def unknown_topic(self) -> int:
        """Messages that no binding matches."""
        return self.by_reason[Reason.UNKNOWN_TOPIC]
