"""Short ways to write channels and kinds of the catalogue."""

from typing import Any, Literal

from twin.model.base import Text
from twin.model.devices import Channel, DeviceKind, Reach, System

SYSTEM_COLOURS: dict[System, str] = {
    "water": "#2f8fd8",
    "fire": "#e5484d",
    "drainage": "#9a7648",
    "telecom": "#8e6bd6",
    "security": "#5b74e8",
    "access": "#2f97a8",
    "energy": "#d9921c",
    "gas": "#c4764a",
    "parking": "#5f8f5a",
    "charging": "#2fae6a",
    "lighting": "#d1a520",
    "broadcast": "#b565a7",
    "environment": "#2ba58a",
    "waste": "#8a8f3f",
    "lift": "#7d8aa0",
    "care": "#e0689c",
    "service": "#a9795a",
    "climate": "#4aa3c7",
}
"""One colour per system, of middling lightness: it stands out on white and on near-black."""

HEARTBEAT_S = 120.0
"""How often a device that reports on change says that it still lives."""


def text(zh: str, en: str) -> Text:
    """The text in both languages."""
    return Text(zh=zh, en=en)


ONLINE_STATES = {0: text("离线", "offline"), 1: text("在线", "online")}
ALARM_STATES = {0: text("正常", "normal"), 1: text("报警", "alarm"), 2: text("故障", "fault")}
RUN_STATES = {0: text("停止", "stopped"), 1: text("运行", "running"), 2: text("故障", "fault")}
SUPPLY_STATES = {0: text("主电", "mains"), 1: text("备电", "backup"), 2: text("断电", "no supply")}
SIGN_ARROWS = {
    0: text("灭灯", "dark"), 1: text("向左", "left"), 2: text("向右", "right"), 3: text("直行", "straight on"),
    4: text("禁止通行", "no entry"),
}  # fmt: skip
SWITCH_STATES = {0: text("关", "off"), 1: text("开", "on")}


def measured(channel_id: str, unit: str, names: tuple[str, str], interval_s: float, **rest: Any) -> Channel:  # noqa: ANN401 - the channel's fields
    """A channel with a number that is reported every `interval_s`."""
    return Channel(id=channel_id, unit=unit, name=text(*names), interval_s=interval_s, **rest)


def discrete(
    channel_id: str, names: tuple[str, str], states: dict[int, Text], *alarms: int, interval_s: float = HEARTBEAT_S,
    writable: bool = False,
) -> Channel:  # fmt: skip
    """A channel of named states, reported on change and at least every `interval_s`."""
    return Channel(
        id=channel_id,
        unit="state",
        name=text(*names),
        interval_s=interval_s,
        reports="change",
        range=(min(states), max(states)),
        states=states,
        alarm_states=alarms,
        writable=writable,
        decimals=0,
    )


def status(interval_s: float = HEARTBEAT_S) -> Channel:
    """Whether the device is online."""
    return discrete("status", ("状态", "status"), ONLINE_STATES, 0, interval_s=interval_s)


def kind(
    kind_id: str, system: System, names: tuple[str, str], channels: tuple[Channel, ...], *,
    clauses: str = "", brick: str | None = None, ifc: str | None = None, height_m: float = 1.5,
    primary: str | None = None, reaches: Reach | None = None,
    tells_of: Literal["car", "lorry"] | None = None,
) -> DeviceKind:  # fmt: skip
    """A kind of the catalogue; `clauses` are separated by spaces, the colour is its system's."""
    return DeviceKind(
        id=kind_id,
        name=text(*names),
        system=system,
        channels=channels,
        primary=primary,
        reaches=reaches,
        tells_of=tells_of,
        brick=brick,
        ifc=ifc,
        clauses=tuple(clauses.split()),
        mount_height_m=height_m,
        colour=SYSTEM_COLOURS[system],
    )
