"""What devices send, taken apart: numbers, times and paths in JSON. Pure, and never trusting.

A `Sample` is the value as received; what it means is for `live_bindings.bindings` to say.
"""

import datetime as dt
import math
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from live_bindings.problems import Reason

Scalar = float | int | str | bool | None

MAX_PAYLOAD_BYTES: Final = 1 << 20
"""A batch of 10,000 readings is some 400 kB; what is larger is no gateway."""
MAX_BATCH: Final = 20_000
_MAX_PATH_DEPTH: Final = 32

# an epoch is told by its size: seconds until the year 5138, then milliseconds, then microseconds
_SECONDS_BELOW: Final = 1e11
_MILLISECONDS_BELOW: Final = 1e14
_MICROSECONDS_BELOW: Final = 1e17


class RejectedError(Exception):
    """A value that cannot be used, with its reason. Never leaves the live bindings."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason
        self.detail = detail


class Sample(msgspec.Struct, array_like=True, gc=False):
    """One reading of a batch as sent: ``[device, channel, value, time?, sequence?, quality?]``."""

    device: str
    channel: str
    value: float | int | str | bool | None
    time: float | int | str | None = None
    sequence: int | None = None
    quality: int | str | None = None


class Batch(msgspec.Struct, gc=False):
    """Many readings of a gateway; `t` is the time of those that carry none."""

    r: list[Sample]
    t: float | int | str | None = None


class LooseBatch(msgspec.Struct, gc=False):
    """The same with readings not yet looked at, so that one bad one does not cost the others."""

    r: list[msgspec.Raw]
    t: float | int | str | None = None


class Compact(msgspec.Struct, gc=False):
    """One reading: value, time, sequence, quality."""

    v: float | int | str | bool | None = None
    t: float | int | str | None = None
    s: int | None = None
    q: int | str | None = None


decode_batch: Final = msgspec.json.Decoder(Batch).decode
decode_loose_batch: Final = msgspec.json.Decoder(LooseBatch).decode
decode_sample: Final = msgspec.json.Decoder(Sample).decode
decode_compact: Final = msgspec.json.Decoder(Compact).decode
decode_json: Final = msgspec.json.Decoder().decode

DECODE_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, OverflowError)
"""Everything a decoder answers to bytes it was not meant for."""


def number(value: object, words: dict[str, float]) -> float:
    """The value as a finite number: a number, true or false, one of the binding's words, or digits in a string.

    Raises
    ------
    RejectedError
        With ``missing_value``, ``not_a_number`` or ``non_finite``.

    Examples
    --------
    >>> number("open", {"open": 1.0}), number("3.5", {}), number(True, {})
    (1.0, 3.5, 1.0)
    """
    if isinstance(value, str):
        word = value.strip()
        if word in words:
            return words[word]
        # float() also takes 1_000 and words such as infinity; devices that mean numbers send digits
        if not word or "_" in word or len(word) > 64:
            raise RejectedError(Reason.NOT_A_NUMBER, f"value {word[:40]!r}")
        try:
            value = float(word)
        except ValueError:
            raise RejectedError(Reason.NOT_A_NUMBER, f"value {word[:40]!r}") from None
    elif value is None:
        raise RejectedError(Reason.MISSING_VALUE)
    elif isinstance(value, bool) and words:
        return words.get("true" if value else "false", float(value))
    elif not isinstance(value, int | float):
        raise RejectedError(Reason.NOT_A_NUMBER, f"value of type {type(value).__name__}")
    try:
        result = float(value)
    except OverflowError:
        raise RejectedError(Reason.NON_FINITE) from None
    if not math.isfinite(result):
        raise RejectedError(Reason.NON_FINITE)
    return result


def epoch_s(value: object, zone: ZoneInfo) -> float:
    """The time as epoch seconds, to the millisecond.

    ISO 8601 with or without an offset (without: the site's time zone), or an epoch in seconds, milliseconds or
    microseconds, told apart by its size.

    Raises
    ------
    RejectedError
        With ``bad_time``.

    Examples
    --------
    >>> epoch_s("2026-01-01T08:00:00+08:00", ZoneInfo("UTC")), epoch_s(1767225600000, ZoneInfo("UTC"))
    (1767225600.0, 1767225600.0)
    """
    if isinstance(value, str):
        value = _text_epoch(value.strip(), zone)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RejectedError(Reason.BAD_TIME, f"time of type {type(value).__name__}")
    if not abs(value) < _MICROSECONDS_BELOW:
        raise RejectedError(Reason.BAD_TIME, "time beyond any calendar")
    seconds = float(value)
    if abs(seconds) >= _MILLISECONDS_BELOW:
        seconds /= 1e6
    elif abs(seconds) >= _SECONDS_BELOW:
        seconds /= 1e3
    return round(seconds, 3)


def _text_epoch(text: str, zone: ZoneInfo) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        at = dt.datetime.fromisoformat(text)
        if at.tzinfo is None:
            at = at.replace(tzinfo=zone)
        return at.timestamp()
    except (ValueError, OverflowError, OSError):
        raise RejectedError(Reason.BAD_TIME, f"time {text[:40]!r}") from None


def pick(document: object, path: str) -> object:
    """What stands at a dotted path of a JSON document; numbers are places in lists.

    Raises
    ------
    RejectedError
        With ``missing_value`` if the document has nothing there.

    Examples
    --------
    >>> pick({"data": [{"temp": 21.5}]}, "data.0.temp")
    21.5
    """
    found = document
    for step in path.split(".", _MAX_PATH_DEPTH) if path else ():
        if isinstance(found, dict) and step in found:
            found = found[step]
        elif isinstance(found, list) and step.isdecimal() and len(step) < 8 and int(step) < len(found):
            found = found[int(step)]
        else:
            raise RejectedError(Reason.MISSING_VALUE, f"nothing at {path!r}")
    return found
