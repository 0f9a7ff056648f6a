"""Answers about pipe networks; every part becomes JSON as it is. Links are ``NETWORK/LINK``, nodes ``NETWORK/NODE``."""

from typing import Literal

import msgspec

from twin.leaks.result import Words

FindingKind = Literal[
    "valve_closed",
    "hydrant_pressure_low",
    "tank_low",
    "flow",
    "loss",
    "blockage",
    "duct_full",
    "blind",
    "pressure_low",
    "pressure_high",
]
Severity = Literal["critical", "major", "minor", "info"]
PointM = tuple[float, float, float]


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """The limit something is held against, where it is from, and how sure it is.

    Attributes
    ----------
    certainty : quoted from the text of its source, recalled and to be confirmed against it, or chosen by us
    """

    value: float
    unit: str
    source: str
    certainty: Literal["quoted", "recalled", "chosen"]


class ValveToClose(msgspec.Struct, frozen=True, kw_only=True):
    """A valve of a plan.

    Attributes
    ----------
    point_m : where it is in the site frame, if its network has coordinates
    order : from 1, the one to close first
    state : as last heard: open, or unknown where nothing tells
    """

    valve: str
    name: Words
    point_m: PointM | None
    order: int
    reason: Words
    state: str


class CriticalPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A place in which water may not fail unannounced."""

    id: str
    name: Words


class WithoutWater(msgspec.Struct, frozen=True, kw_only=True):
    """Who loses the water.

    Attributes
    ----------
    flats, households, hydrants : ids; a hydrant is its device, or its node where it has none
    vulnerable : households in which somebody elderly lives alone
    people : who live there
    critical : places that may not be without water unannounced
    """

    flats: tuple[str, ...]
    households: tuple[str, ...]
    vulnerable: tuple[str, ...]
    people: int
    hydrants: tuple[str, ...]
    critical: tuple[CriticalPlace, ...]


class LowFlat(msgspec.Struct, frozen=True, kw_only=True):
    """A flat whose pressure falls below what it needs, at the worst hour of the day."""

    space: str
    pressure_head_m: float
    before_m: float
    needed_m: float
    limit: Basis | None = None
    """Where what it needs is from."""


class LaterDry(msgspec.Struct, frozen=True, kw_only=True):
    """A flat that has water until its tank is empty."""

    space: str
    after_s: float


class Drain(msgspec.Struct, frozen=True, kw_only=True):
    """The lowest point of what is cut off, where it can be drained."""

    node: str
    elevation_m: float


class IsolationPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How to cut a pipe off, and what that takes.

    Attributes
    ----------
    close : in the order of closing
    keep_closed : valves known to be closed that must stay so
    stuck : valves that were left out because they do not close
    isolated : links whose water stands
    hours : how long the shut-down was taken to last
    later : flats that would lose their water if it lasted longer
    checked : whether EPANET ran the network with these valves closed
    """

    pipe: str
    close: tuple[ValveToClose, ...]
    keep_closed: tuple[str, ...]
    stuck: tuple[str, ...]
    isolated: tuple[str, ...]
    hours: float
    without_water: WithoutWater
    low_pressure: tuple[LowFlat, ...]
    later: tuple[LaterDry, ...]
    drain: Drain | None
    checked: bool
    warnings: tuple[Words, ...]


class TraceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a trace reaches.

    Attributes
    ----------
    ends : nodes at which it goes no further
    by : what told the direction: the flow, the fall, or the way from the source
    flats : how many have their tap on it
    """

    pipes: tuple[str, ...]
    nodes: tuple[str, ...]
    length_m: float
    ends: tuple[str, ...]
    flats: int
    by: str


class HydrantState(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a hydrant is of use; none where nothing tells. Out of service it has a reason."""

    node: str
    device: str | None
    in_service: bool | None
    reason: Words | None


class PipeFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Something amiss with a network, as its devices tell it.

    Attributes
    ----------
    objects : links and nodes it concerns
    devices : that tell it
    value, unit : the number behind it, in SI
    limit : what it is held against
    """

    kind: FindingKind
    severity: Severity
    text: Words
    objects: tuple[str, ...]
    devices: tuple[str, ...]
    value: float | None = None
    unit: str | None = None
    limit: Basis | None = None


class PipeFindings(msgspec.Struct, frozen=True, kw_only=True):
    """All that is amiss with a network, and whether its hydrants are in service."""

    items: tuple[PipeFinding, ...]
    hydrants: tuple[HydrantState, ...] = ()
