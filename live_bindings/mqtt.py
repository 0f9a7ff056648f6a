"""MQTT in and out, through paho: nothing is acknowledged before it is stored.

The rules, each found by killing processes in the middle of the work: a fixed client id and a session that the broker
keeps; QoS 1; acknowledgement by hand, in order, after the commit; a receive maximum as large as the protocol allows,
else the broker's default of 20 unacknowledged messages caps the rate; publishers that wait for theirs.

MQTT 5 is spoken where the broker does, else 3.1.1; the address may say which (``mqtt://host:1883?protocol=3.1.1``).
"""

import logging
import queue
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from live_bindings.errors import BrokerError

logger = logging.getLogger(__name__)

SESSION_EXPIRY_S: Final = 7 * 24 * 3600
"""The broker keeps what we missed for a week: a long weekend without a server loses nothing."""

RECEIVE_MAXIMUM: Final = 10_000
"""Messages under way unacknowledged; bounds the memory of a consumer that cannot store."""

_PROBE_S: Final = 2.0
_HELLO_5: Final = bytes.fromhex("100d 0004 4d515454 05 02 000a 00 0000")
"""CONNECT of MQTT 5: clean start, keep alive 10 s, no properties, the broker names us."""
_BYE: Final = bytes.fromhex("e000")

_PROTOCOLS: Final = {"3.1.1": paho.MQTTv311, "5": paho.MQTTv5}
_DEFAULT_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker is and how it is spoken to; make one with `parse_address`."""

    host: str
    port: int
    tls: bool = False
    protocol: str | None = None
    """``5`` or ``3.1.1``; none asks the broker."""
    username: str | None = None
    password: str | None = None

    @property
    def url(self) -> str:
        """The address without its password."""
        scheme = "mqtts" if self.tls else "mqtt"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}" + ("?protocol=3.1.1" if self.protocol == "3.1.1" else "")


def parse_address(url: str) -> BrokerAddress:
    """The parts of ``mqtt[s]://[user:password@]host[:port][?protocol=3.1.1]``.

    Raises
    ------
    BrokerError
        If it is no such address.

    Examples
    --------
    >>> parse_address("mqtt://127.0.0.1:1884?protocol=3.1.1").url
    'mqtt://127.0.0.1:1884?protocol=3.1.1'
    """
    cure = "write mqtt://host:1883, mqtts://user:password@host or mqtt://host?protocol=3.1.1"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BrokerError(f"broker address {url!r}: {error}; {cure}") from None
    protocol = parse_qs(parts.query).get("protocol", [None])[-1]
    known = protocol is None or protocol in _PROTOCOLS
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or not known:
        raise BrokerError(f"broker address {url!r} is not understood; {cure}")
    return BrokerAddress(
        host=parts.hostname,
        port=port or _DEFAULT_PORTS[parts.scheme],
        tls=parts.scheme == "mqtts",
        protocol=protocol,
        username=parts.username,
        password=parts.password,
    )


def with_protocol(address: BrokerAddress) -> BrokerAddress:
    """The address with the protocol that its broker speaks; 5 if that cannot be found out.

    A broker that knows 3.1.1 only answers a greeting in 5 with a shorter refusal, or hangs up.
    """
    if address.protocol is not None:
        return address
    if address.tls:
        return replace(address, protocol="5")
    try:
        with socket.create_connection((address.host, address.port), timeout=_PROBE_S) as probe:
            probe.settimeout(_PROBE_S)
            probe.sendall(_HELLO_5)
            answer = probe.recv(64)
            if answer[:1] == b"\x20" and answer[1:2] > b"\x02":
                probe.sendall(_BYE)
                return replace(address, protocol="5")
    except ConnectionResetError:
        pass
    except OSError:
        return replace(address, protocol="5")  # nobody there yet
    return replace(address, protocol="3.1.1")


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came; hand it to `Consumer.acknowledge` once it is stored."""

    topic: str
    payload: bytes
    message_id: int
    qos: int
    connection: int
    """Number of the connection it came over; an acknowledgement on a later one would be for another message."""


def _client(address: BrokerAddress, client_id: str, *, keep_session: bool, manual_ack: bool) -> paho.Client:
    protocol = address.protocol or "5"
    clean = None if protocol == "5" else not keep_session
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        clean_session=clean,
        protocol=_PROTOCOLS[protocol],
        manual_ack=manual_ack,
    )
    if address.username is not None:
        client.username_pw_set(address.username, address.password)
    if address.tls:
        client.tls_set()
    client.reconnect_delay_set(min_delay=1, max_delay=15)
    return client


def _connect(client: paho.Client, address: BrokerAddress, *, keep_session: bool) -> None:
    """Start connecting in the client's own thread; it tries again until it is stopped."""
    if address.protocol != "3.1.1":
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no type here
        properties.SessionExpiryInterval = SESSION_EXPIRY_S if keep_session else 0
        properties.ReceiveMaximum = RECEIVE_MAXIMUM
        client.connect_async(
            address.host, address.port, keepalive=30, clean_start=not keep_session, properties=properties
        )
    else:
        client.connect_async(address.host, address.port, keepalive=30)
    client.loop_start()


class Consumer:
    """Takes messages from a broker and acknowledges them when told to. A resource: `start`, then `stop`.

    Messages wait in a bounded queue; when it is full the network thread waits, and the broker with it.
    `on_aside` is called in the network thread for topics that `aside` says are no telemetry; it must be quick.
    """

    def __init__(
        self,
        address: BrokerAddress,
        *,
        client_id: str,
        filters: Sequence[str],
        on_connection: Callable[[bool], None] = lambda _connected: None,
    ) -> None:
        self.address = address
        self.filters = tuple(filters)
        self._client_id = client_id
        self.queue: queue.Queue[Message] = queue.Queue(maxsize=2 * RECEIVE_MAXIMUM)
        self._on_connection = on_connection
        self._connection = 0
        self._connected = threading.Event()
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._client = self._make_client()

    def _make_client(self) -> paho.Client:
        client = _client(self.address, self._client_id, keep_session=True, manual_ack=True)
        client.on_connect = self._connected_to
        client.on_connect_fail = self._failed
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._subscribed
        client.on_message = self._take
        return client

    def start(self) -> None:
        """Connect and subscribe, in a thread of its own, again and again until it works."""
        self.address = with_protocol(self.address)
        self._client = self._make_client()
        _connect(self._client, self.address, keep_session=True)

    def stop(self) -> None:
        """Disconnect; the broker keeps the session and what has not been acknowledged."""
        self._stopping.set()
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def connected(self) -> bool:
        """Whether the broker can be reached now."""
        return self._connected.is_set()

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until the subscriptions stand.

        Raises
        ------
        BrokerError
            If that takes longer than `timeout_s`.
        """
        if not self._ready.wait(timeout_s):
            raise BrokerError(
                f"no broker answers at {self.address.url} within {timeout_s:g} s; start it or mend the URL"
            )

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Tell the broker that these are stored, in their order. What came over an earlier connection comes again."""
        for message in messages:
            if message.qos and message.connection == self._connection:
                self._client.ack(message.message_id, message.qos)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send a message with QoS 1; kept and sent later if the broker is away."""
        self._client.publish(topic, payload, qos=1, retain=retain)

    def _connected_to(
        self, client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            logger.error("broker %s refuses the connection: %s", self.address.url, _refusal(self.address, reason))
            return
        self._connection += 1
        self._connected.set()
        logger.info("connected to broker %s", self.address.url)
        client.subscribe([(f, 1) for f in self.filters])
        self._on_connection(True)  # noqa: FBT003 - a callback has no keywords

    def _subscribed(
        self, _client: paho.Client, _data: object, _mid: int, reasons: list[ReasonCode], _properties: object
    ) -> None:
        refused = [f for f, reason in zip(self.filters, reasons, strict=False) if reason.is_failure]
        if refused:
            logger.error("broker %s refuses to subscribe %s", self.address.url, ", ".join(refused))
        self._ready.set()

    def _failed(self, _client: paho.Client, _data: object) -> None:
        logger.warning("no broker at %s; trying again", self.address.url)

    def _disconnected(
        self, _client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if self._connected.is_set():
            self._connected.clear()
            self._ready.clear()
            if not self._stopping.is_set():
                logger.warning("lost broker %s: %s", self.address.url, reason)
            self._on_connection(False)  # noqa: FBT003 - a callback has no keywords

    def _take(self, _client: paho.Client, _data: object, received: paho.MQTTMessage) -> None:
        message = Message(received.topic, bytes(received.payload), received.mid, received.qos, self._connection)
        while not self._stopping.is_set():
            try:
                self.queue.put(message, timeout=0.5)
            except queue.Full:
                continue
            return


def _refusal(address: BrokerAddress, reason: ReasonCode) -> str:
    if address.protocol != "3.1.1" and "protocol" in str(reason).lower():
        return f"{reason}; it speaks MQTT 3.1.1 only: add ?protocol=3.1.1 to the address"
    return str(reason)


class Publisher:
    """Publishes with QoS 1 and a bounded number under way; a context manager.

    Examples
    --------
    >>> with Publisher("mqtt://127.0.0.1:1883", client_id="gateway-1") as publisher:  # doctest: +SKIP
    ...     publisher.publish("site/gateway-1/batch", b'{"r": []}')
    """

    def __init__(
        self,
        url: str,
        *,
        client_id: str = "",
        max_under_way: int = 500,
        subscribe: Sequence[str] = (),
        on_message: Callable[[str, bytes], None] | None = None,
    ) -> None:
        self.address = parse_address(url)
        self.max_under_way = max_under_way
        self._subscribe = tuple(subscribe)
        self._on_message = on_message
        self._under_way = 0
        self._changed = threading.Condition()
        self._connected = threading.Event()
        self._client_id = client_id
        self._client = self._make_client()

    def _make_client(self) -> paho.Client:
        client = _client(self.address, self._client_id, keep_session=False, manual_ack=False)
        client.max_inflight_messages_set(self.max_under_way)
        client.on_connect = self._connected_to
        client.on_disconnect = self._disconnected
        client.on_publish = self._published
        client.on_message = self._received
        return client

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(flush=error is None)

    def start(self, timeout_s: float = 10.0) -> None:
        """Connect.

        Raises
        ------
        BrokerError
            If no broker answers in time.
        """
        self.address = with_protocol(self.address)
        if self.address.protocol == "3.1.1" and sys.version_info >= (3, 12):
            # such a broker is likely amqtt in our own process, which loses some of a flood there: 4 of 200 messages
            # with 20 under way, none one at a time (Python 3.13)
            self.max_under_way = 1
        self._client = self._make_client()
        _connect(self._client, self.address, keep_session=False)
        if not self._connected.wait(timeout_s):
            self.close(flush=False)
            raise BrokerError(
                f"no broker answers at {self.address.url} within {timeout_s:g} s; start it or mend the URL"
            )

    def close(self, *, flush: bool = True, timeout_s: float = 30.0) -> None:
        """Disconnect, after everything is acknowledged if `flush`."""
        try:
            if flush:
                self.wait(timeout_s)
        finally:
            self._client.disconnect()
            self._client.loop_stop()

    @property
    def under_way(self) -> int:
        """Messages published and not yet acknowledged by the broker."""
        return self._under_way

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, timeout_s: float = 60.0) -> None:
        """Send a message with QoS 1; waits while too many are under way.

        Raises
        ------
        BrokerError
            If the broker acknowledges nothing for `timeout_s`, or the topic or payload is not MQTT's.
        """
        with self._changed:
            while self._under_way >= self.max_under_way:
                before = self._under_way
                if not self._changed.wait(timeout_s) and self._under_way >= before:
                    raise BrokerError(
                        f"broker {self.address.url} acknowledged nothing for {timeout_s:g} s; is it alive?"
                    )
            self._under_way += 1
        try:
            self._client.publish(topic, payload, qos=1, retain=retain)
        except ValueError as error:
            with self._changed:
                self._under_way -= 1
            raise BrokerError(f"cannot publish to {topic!r}: {error}") from error

    def wait(self, timeout_s: float = 30.0) -> None:
        """Wait until the broker has acknowledged everything.

        Raises
        ------
        BrokerError
            If it does not in time.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._under_way == 0, timeout_s):
                raise BrokerError(f"broker {self.address.url} still owes {self._under_way} acknowledgements")

    def _connected_to(
        self, client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            logger.error("broker %s refuses the connection: %s", self.address.url, _refusal(self.address, reason))
            return
        if self._subscribe:
            client.subscribe([(f, 1) for f in self._subscribe])
        self._connected.set()

    def _disconnected(
        self, _client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure and self._connected.is_set():
            logger.warning("lost broker %s: %s; trying again", self.address.url, reason)
        self._connected.clear()

    def _published(
        self, _client: paho.Client, _data: object, _mid: int, _reason: ReasonCode, _properties: object
    ) -> None:
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()

    def _received(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        if self._on_message is not None:
            self._on_message(message.topic, bytes(message.payload))
