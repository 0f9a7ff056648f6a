"""From messages to readings: which binding a topic has, which row each value belongs to, what it is in SI.

Every message ends in readings, in rejections with a reason (`live_bindings.problems.Reason`), or in both; decoding
never raises. What happens to a reading:

=============================================  ==========================================================
value outside the channel's `range`            stored, quality bad, counted as ``out_of_range``
time more than 5 minutes ahead of the server   stored with the time of arrival, uncertain, ``future_time``
time before the year 2000 (clock never set)    stored with the time of arrival, uncertain, ``clock_unset``
no time at all                                 stored with the time of arrival
quality sent by the device                     kept; an unknown word or ``stale`` becomes uncertain
NaN, infinite, no number, no such channel      rejected, counted, listed
=============================================  ==========================================================

Commands and the simulator's own talk (``SITE/commands/...``, ``SITE/simulator/...``) are no telemetry.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from geometry.units import UnitError, conversion
from live_bindings.payloads import (
    DECODE_ERRORS,
    MAX_BATCH,
    MAX_PAYLOAD_BYTES,
    RejectedError,
    Sample,
    decode_batch,
    decode_compact,
    decode_json,
    decode_loose_batch,
    decode_sample,
    epoch_s,
    number,
    pick,
)
from live_bindings.problems import Reason
from live_bindings.topics import TopicPattern, compile_pattern, minimal_filters
from twin.index import SiteIndex
from twin.model.rules import Binding
from twin.state import Quality, Readings

FUTURE_S: Final = 300.0
"""A device's clock may be this far ahead of the server's; a reading from further ahead would hide all that follow."""

YEAR_2000_S: Final = 946_684_800.0

MAX_CACHED_TOPICS: Final = 50_000
"""Topics whose bindings are remembered; beyond it (a scan of made-up topics) the memory starts anew."""

_MAX_VALUE: Final = 1e30
_MAX_SEQUENCE: Final = 1 << 62
_PART: Final = re.compile(r"\{([^{}]+)\}")
_QUALITIES: Final[dict[object, Quality]] = {
    None: Quality.GOOD, 0: Quality.GOOD, 3: Quality.BAD, "good": Quality.GOOD, "bad": Quality.BAD,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rejection:
    """A message or reading that cannot be used, or (see `Reason`) is used with doubt."""

    reason: Reason
    topic: str
    payload: bytes
    detail: str = ""


@dataclass(slots=True)
class Decoded:
    """Columns that grow message by message; one for each batch on its way to the history.

    Attributes
    ----------
    rows, times_s, values, quality, sequences : one entry a reading; sequence 0 where the device sent none
    rejections : what could not be used
    """

    rows: list[int] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    quality: list[int] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)

    def readings(self) -> Readings:
        """The columns as arrays."""
        return Readings(
            rows=np.array(self.rows, dtype=np.int32),
            times_s=np.array(self.times_s, dtype=np.float64),
            values=np.array(self.values, dtype=np.float64),
            quality=np.array(self.quality, dtype=np.uint8),
        )


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A binding with its pattern."""

    binding: Binding
    pattern: TopicPattern


@dataclass(frozen=True, slots=True)
class _Target:
    """A row and how a value as sent becomes the row's: value * scale + offset."""

    row: int
    scale: float
    offset: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Bound:
    """A binding for one topic: the ids filled in; the target too, unless the payload names a part of them."""

    binding: Binding
    device: str
    channel: str
    target: _Target | None


class Bindings:
    """The bindings of a site, compiled; prepared state of one thread (it remembers the topics it has seen).

    Examples
    --------
    >>> from twin.index import build
    >>> from twin.model.site import Origin, Site
    >>> site = Site(id="s", name={"en": "S"}, origin=Origin(lon_deg=0, lat_deg=0))
    >>> decoded = Decoded()
    >>> Bindings(build(site)).decode("s/g/batch", b"{}", arrived_s=0.0, into=decoded)
    >>> decoded.rejections[0].reason
    <Reason.UNKNOWN_TOPIC: 'unknown_topic'>
    """

    def __init__(self, index: SiteIndex) -> None:
        self.index = index
        self._zone = ZoneInfo(index.site.time_zone)
        self._compiled = [_Compiled(b, compile_pattern(b.topic)) for b in index.site.bindings]
        self._own = (f"{index.site.id}/commands/", f"{index.site.id}/simulator/")
        self._topics: dict[str, tuple[_Bound, ...]] = {}
        self._targets: dict[tuple[str, str, str], _Target] = {}
        self._ways: dict[str, Callable[[_Bound, str, bytes, float, Decoded], None]] = {
            "compact": self._decode_compact,
            "batch": self._decode_batch,
            "json": self._decode_json,
            "plain": self._decode_plain,
        }

    @property
    def filters(self) -> tuple[str, ...]:
        """MQTT filters to subscribe to: those of the bindings, and all of the site, to see what is not bound."""
        return minimal_filters([f"{self.index.site.id}/#", *(c.pattern.mqtt_filter for c in self._compiled)])

    def is_telemetry(self, topic: str) -> bool:
        """Whether the topic may hold readings: it is neither a command nor the simulator's own talk."""
        return not topic.startswith(self._own)

    def decode(self, topic: str, payload: bytes, *, arrived_s: float, into: Decoded) -> None:
        """Add the message's readings and rejections to `into`. Never raises.

        Parameters
        ----------
        arrived_s : time of arrival, epoch [s]
        """
        bounds = self._topics.get(topic)
        if bounds is None:
            bounds = self._bind(topic)
        if not bounds:
            into.rejections.append(Rejection(Reason.UNKNOWN_TOPIC, topic, payload))
            return
        if len(payload) > MAX_PAYLOAD_BYTES:
            detail = f"{len(payload)} bytes; at most {MAX_PAYLOAD_BYTES}"
            into.rejections.append(Rejection(Reason.TOO_LARGE, topic, payload[:1000], detail))
            return
        before, rejections = len(into), len(into.rejections)
        for bound in bounds:
            try:
                self._ways[bound.binding.payload](bound, topic, payload, arrived_s, into)
            except RejectedError as error:
                into.rejections.append(Rejection(error.reason, topic, payload, error.detail))
            except DECODE_ERRORS as error:
                into.rejections.append(Rejection(Reason.MALFORMED, topic, payload, str(error)))
        if len(bounds) > 1 and len(into) > before:
            # several bindings share the payload; those whose value is not in this message have nothing to say
            kept = [r for r in into.rejections[rejections:] if r.reason is not Reason.MISSING_VALUE]
            into.rejections[rejections:] = kept

    def _bind(self, topic: str) -> tuple[_Bound, ...]:
        found = [(c, parts) for c in self._compiled if (parts := c.pattern.match(topic)) is not None]
        best = max((c.pattern.specificity for c, _ in found), default=())
        bounds = []
        for compiled, parts in found:
            if compiled.pattern.specificity != best:
                continue
            binding = compiled.binding
            device, channel = _fill(binding.device, parts), _fill(binding.channel, parts)
            target = None
            if binding.payload != "batch" and "{" not in device + channel:
                try:
                    target = self._target(binding, device, channel)
                except RejectedError:
                    target = None  # said again for every message, with its payload, when the target is looked up
            bounds.append(_Bound(binding, device, channel, target))
        if len(self._topics) >= MAX_CACHED_TOPICS:
            self._topics.clear()
        self._topics[topic] = tuple(bounds)
        return self._topics[topic]

    def _target(self, binding: Binding, device: str, channel: str) -> _Target:
        key = (binding.id, device, channel)
        known = self._targets.get(key)
        if known is not None:
            return known
        row = self.index.rows.get(f"{device}:{channel}")
        if row is None:
            if device not in self.index.devices:
                raise RejectedError(Reason.UNKNOWN_DEVICE, f"no device {device[:80]!r}")
            raise RejectedError(Reason.UNKNOWN_CHANNEL, f"device {device} has no channel {channel[:40]!r}")
        unit = self.index.channels[row].channel.unit
        try:
            scale, offset = conversion(binding.unit or unit, unit)
        except UnitError as error:
            raise RejectedError(Reason.UNIT_MISMATCH, str(error)) from None
        low, high = self.index.ranges[row].tolist()
        target = _Target(row, binding.scale * scale, binding.offset * scale + offset, low, high)
        self._targets[key] = target
        return target

    def _decode_compact(self, bound: _Bound, topic: str, payload: bytes, arrived_s: float, into: Decoded) -> None:
        message = decode_compact(payload)
        sample = Sample("", "", message.v, message.t, message.s, message.q)
        target = bound.target or self._target(bound.binding, bound.device, bound.channel)
        self._add(target, sample, bound, (topic, payload, arrived_s), into)

    def _decode_batch(self, bound: _Bound, topic: str, payload: bytes, arrived_s: float, into: Decoded) -> None:
        try:
            batch = decode_batch(payload)
            samples, sent = batch.r, batch.t
        except DECODE_ERRORS:
            loose = decode_loose_batch(payload)
            samples, sent = _readable_samples(loose.r[:MAX_BATCH], topic, into), loose.t
            if len(loose.r) > MAX_BATCH:
                into.rejections.append(Rejection(Reason.TOO_LARGE, topic, payload, f"{len(loose.r)} readings"))
        if len(samples) > MAX_BATCH:
            raise RejectedError(Reason.TOO_LARGE, f"{len(samples)} readings; at most {MAX_BATCH}")
        context = (topic, payload, arrived_s)
        for sample in samples:
            if sample.time is None:
                sample.time = sent
            try:
                target = self._target(bound.binding, sample.device, sample.channel)
                self._add(target, sample, bound, context, into)
            except RejectedError as error:
                into.rejections.append(Rejection(error.reason, topic, payload, error.detail))

    def _decode_json(self, bound: _Bound, topic: str, payload: bytes, arrived_s: float, into: Decoded) -> None:
        document = decode_json(payload)
        binding = bound.binding
        value = pick(document, binding.value)
        sequence = None if binding.sequence is None else pick(document, binding.sequence)
        sample = Sample(
            _fill_from(bound.device, document),
            _fill_from(bound.channel, document),
            value,  # type: ignore[arg-type]  # `number` looks at it
            None if binding.time is None else pick(document, binding.time),  # type: ignore[arg-type]  # `epoch_s` does
            sequence if isinstance(sequence, int) and not isinstance(sequence, bool) else None,
        )
        target = bound.target or self._target(binding, sample.device, sample.channel)
        self._add(target, sample, bound, (topic, payload, arrived_s), into)

    def _decode_plain(self, bound: _Bound, topic: str, payload: bytes, arrived_s: float, into: Decoded) -> None:
        target = bound.target or self._target(bound.binding, bound.device, bound.channel)
        sample = Sample("", "", payload.decode("utf-8"))
        self._add(target, sample, bound, (topic, payload, arrived_s), into)

    def _add(
        self, target: _Target, sample: Sample, bound: _Bound, context: tuple[str, bytes, float], into: Decoded
    ) -> None:
        """Append one reading, or raise RejectedError before anything is appended."""
        topic, payload, arrived_s = context
        value = number(sample.value, bound.binding.values) * target.scale + target.offset
        if not -_MAX_VALUE < value < _MAX_VALUE:
            raise RejectedError(Reason.NON_FINITE, "beyond any quantity")
        quality = int(_QUALITIES.get(sample.quality, Quality.UNCERTAIN))
        time_s = round(arrived_s, 3) if sample.time is None else epoch_s(sample.time, self._zone)
        doubt = None
        if time_s > arrived_s + FUTURE_S:
            doubt = (Reason.FUTURE_TIME, f"{time_s - arrived_s:.0f} s ahead")
        elif time_s < YEAR_2000_S:
            doubt = (Reason.CLOCK_UNSET, f"epoch {time_s:.0f}")
        if doubt is not None:
            into.rejections.append(Rejection(doubt[0], topic, payload, self.index.channels[target.row].id))
            time_s, quality = round(arrived_s, 3), max(quality, int(Quality.UNCERTAIN))
        if not target.low <= value <= target.high:
            into.rejections.append(Rejection(Reason.OUT_OF_RANGE, topic, payload, self.index.channels[target.row].id))
            quality = int(Quality.BAD)
        sequence = sample.sequence or 0
        into.rows.append(target.row)
        into.times_s.append(time_s)
        into.values.append(value)
        into.quality.append(quality)
        into.sequences.append(sequence if -_MAX_SEQUENCE < sequence < _MAX_SEQUENCE else 0)


def _readable_samples(raws: list, topic: str, into: Decoded) -> list[Sample]:  # type: ignore[type-arg]
    """Those readings of a batch that have the right form; the others become rejections."""
    samples = []
    for raw in raws:
        try:
            samples.append(decode_sample(raw))
        except DECODE_ERRORS as error:
            into.rejections.append(Rejection(Reason.MALFORMED, topic, bytes(raw), str(error)))
    return samples


def _fill(template: str, parts: dict[str, str]) -> str:
    """The template with the named parts of the topic filled in; payload paths ``{$.path}`` stay."""
    return _PART.sub(lambda m: parts.get(m[1], m[0]), template) if "{" in template else template


def _fill_from(template: str, document: object) -> str:
    """The template with its payload paths filled in."""
    if "{" not in template:
        return template

    def value_at(found: re.Match[str]) -> str:
        value = pick(document, found[1].removeprefix("$."))
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise RejectedError(Reason.MISSING_VALUE, f"{found[0]} is no id")

    return _PART.sub(value_at, template)
