"""What the gateways send: values to topics and payloads, in the words each binding of the site expects.

The bindings of a site say how messages are read; here they are read backwards, so that the simulator speaks to any
site in its own protocol. A channel that a foreign binding (``json``, ``plain``) claims is sent that way, one message a
reading; all others go in one compact batch per gateway and tick.
"""

import json
import re
from dataclasses import dataclass

from geometry.units import conversion
from twin.index import ChannelRow, SiteIndex
from twin.model.rules import Binding

_PART = re.compile(r"\{([a-z_]+)(#?)\}")


@dataclass(frozen=True, slots=True)
class Message:
    """One MQTT message."""

    topic: str
    payload: bytes
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """One reading as the device sends it: channel row, time, value (SI) and sequence number."""

    row: int
    time_s: float
    value: float
    sequence: int


@dataclass(frozen=True, slots=True)
class _Route:
    """How one channel is sent: its binding and the topic filled in."""

    binding: Binding
    topic: str


def _template_parts(template: str, text: str) -> dict[str, str] | None:
    """The named parts of a template that make `text`, or none if they cannot."""
    pattern = ""
    last = 0
    for match in _PART.finditer(template):
        pattern += re.escape(template[last : match.start()]) + f"(?P<{match[1]}>.+)"
        last = match.end()
    found = re.fullmatch(pattern + re.escape(template[last:]), text)
    return None if found is None else found.groupdict()


def gateway_of(index: SiteIndex, device_id: str) -> str:
    """The gateway a device hangs on: the first of its parents of a gateway kind, else the site's own.

    Raises
    ------
    ValueError
        If the parents go round in a circle.
    """
    seen: set[str] = set()
    current: str | None = device_id
    while current is not None:
        if current in seen:
            raise ValueError(f"the parents of device {device_id!r} go round in a circle; run plumbline check")
        seen.add(current)
        device = index.devices[current]
        if "gateway" in device.kind:
            return current
        current = device.parent
    return f"{index.site.id}-gateway"


def _topic(binding: Binding, parts: dict[str, str]) -> str | None:
    """The binding's topic with its parts filled in; none if a part is not known."""
    topic = binding.topic
    for match in _PART.finditer(binding.topic):
        if match[1] not in parts:
            return None
        topic = topic.replace(match[0], parts[match[1]])
    return topic


def _foreign(binding: Binding, row: ChannelRow, gateway: str) -> _Route | None:
    """The route of a channel through a foreign binding, or none if it does not claim the channel.

    Only a binding that names its channel, or whose device template has a fixed part, claims channels: ``{device}``
    and ``{channel}`` alone would claim every channel of the site.
    """
    if _PART.fullmatch(binding.device) and _PART.search(binding.channel):
        return None
    if "{$" in binding.device or "{$" in binding.channel:
        return None
    device_parts = _template_parts(binding.device, row.device.id)
    channel_parts = _template_parts(binding.channel, row.channel.id)
    if device_parts is None or channel_parts is None or _PART.fullmatch(binding.device):
        return None
    parts = {"gateway": gateway, **device_parts, **channel_parts}
    topic = _topic(binding, parts)
    return None if topic is None else _Route(binding, topic)


def _foreign_value(binding: Binding, row: ChannelRow, value: float) -> float | str:
    """The value as the foreign device writes it: its own unit and scale, or its word."""
    scale, offset = conversion(binding.unit, row.channel.unit) if binding.unit else (1.0, 0.0)
    sent = ((value - offset) / scale - binding.offset) / binding.scale
    words = {number: word for word, number in binding.values.items()}
    return words.get(sent, round(sent, 6))


def _set_path(document: dict[str, object], path: str, value: object) -> None:
    """Put a value at a dotted path of a JSON document, making what is missing."""
    *folders, last = path.split(".")
    here = document
    for name in folders:
        nested = here.setdefault(name, {})
        if not isinstance(nested, dict):
            raise TypeError(f"payload path {path!r} goes through a value")
        here = nested
    here[last] = value


class Wire:
    """Prepared routes of every channel of a site."""

    def __init__(self, index: SiteIndex) -> None:
        self._index = index
        site = index.site
        batches = [b for b in site.bindings if b.payload == "batch"]
        self._batch = batches[0] if batches else None
        foreign = [b for b in site.bindings if b.payload in {"json", "plain"}]
        singles = [b for b in site.bindings if b.payload == "compact"]
        self._gateways = {d: gateway_of(index, d) for d in index.devices}
        self._routes: dict[int, _Route] = {}
        self.unsendable: list[str] = []
        """Channels that no binding of the site could ever receive."""
        for row in index.channels:
            gateway = self._gateways[row.device.id]
            claims = (_foreign(b, row, gateway) for b in foreign)
            route = next((r for r in claims if r is not None), None)
            if route is None and self._batch is None:
                parts = {"gateway": gateway, "device": row.device.id, "channel": row.channel.id}
                topics = ((b, _topic(b, parts)) for b in singles)
                route = next((_Route(b, t) for b, t in topics if t is not None), None)
                if route is None:
                    self.unsendable.append(row.id)
            if route is not None:
                self._routes[row.row] = route

    def messages(self, readings: list[Sent], now_s: float) -> list[Message]:
        """The messages that carry these readings; foreign ones alone, the others batched per gateway."""
        batches: dict[str, list[list[object]]] = {}
        out: list[Message] = []
        channels = self._index.channels
        for reading in readings:
            row = channels[reading.row]
            route = self._routes.get(reading.row)
            if route is not None:
                out.append(Message(route.topic, self._single(route.binding, row, reading)))
            elif self._batch is not None:
                entry: list[object] = [row.device.id, row.channel.id, reading.value, reading.time_s, reading.sequence]
                batches.setdefault(self._gateways[row.device.id], []).append(entry)
        for gateway, entries in batches.items():
            topic = None if self._batch is None else _topic(self._batch, {"gateway": gateway})
            if topic is not None:
                payload = json.dumps({"t": round(now_s, 3), "r": entries}, separators=(",", ":"))
                out.append(Message(topic, payload.encode()))
        return out

    @staticmethod
    def _single(binding: Binding, row: ChannelRow, reading: Sent) -> bytes:
        if binding.payload == "compact":
            document: dict[str, object] = {"t": reading.time_s, "v": reading.value, "s": reading.sequence}
            return json.dumps(document, separators=(",", ":")).encode()
        value = _foreign_value(binding, row, reading.value)
        if binding.payload == "plain":
            return str(value).encode()
        document = {}
        _set_path(document, binding.value, value)
        if binding.time is not None:
            _set_path(document, binding.time, reading.time_s)
        if binding.sequence is not None:
            _set_path(document, binding.sequence, reading.sequence)
        return json.dumps(document, separators=(",", ":")).encode()
