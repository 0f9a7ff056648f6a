"""What is known of an estate's leaks at a moment; every part becomes JSON as it is.

Instants are aware UTC and become ISO 8601 with ``Z``. Object ids are the site's: pipes ``NETWORK/LINK``, nodes
``NETWORK/NODE``, flats by their space.
"""

import datetime as dt
from typing import Literal

import msgspec

Status = Literal["learning", "watching", "blind"]
Shape = Literal["step", "ramp", "burst", "steady"]
GroupLevel = Literal["zone", "building", "riser", "storey", "flat"]
EvidenceKind = Literal["balance", "pressure", "signature", "resting"]
MeasurementKind = Literal["listen", "step_test", "move_sensor", "read_meter", "enter_flat"]
SensorFaultKind = Literal["stuck", "drifting", "silent", "backwards", "late", "jumped"]


class Words(msgspec.Struct, frozen=True):
    """A sentence in the languages of the product."""

    zh: str = ""
    en: str = ""


class Span(msgspec.Struct, frozen=True):
    """The readings that were looked at."""

    start: dt.datetime
    end: dt.datetime


class District(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a network between meters.

    Attributes
    ----------
    inflow_m3_per_s : mean of the last day
    leakage_m3_per_s, low_m3_per_s, high_m3_per_s : what it loses now, with the ends of the 90 % interval
    night_flow_m3_per_s : least hourly inflow of the last day
    balance_m3_per_s : inflow less outflow, consumption and storage, of the last day, as measured
    parent : id of the district it is fed from; none where its water comes from the network's sources
    passed_m3_per_s, drawn_m3_per_s, stored_m3_per_s : where the inflow of the last day went by the meters: on to other
        districts, to flats and other ends, into tanks; none where a meter or level of it said nothing
    """

    id: str
    name: Words
    network: str
    inflow_m3_per_s: float
    leakage_m3_per_s: float
    low_m3_per_s: float
    high_m3_per_s: float
    night_flow_m3_per_s: float | None = None
    balance_m3_per_s: float | None = None
    parent: str | None = None
    passed_m3_per_s: float | None = None
    drawn_m3_per_s: float | None = None
    stored_m3_per_s: float | None = None
    note: Words | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The likeliest place in words, and the object that stands for it."""

    name: Words
    object: str | None
    probability_ratio: float
    """Of the smallest group that is likelier than not, or of the likeliest."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A building, riser, storey, flat, or pressure zone with all that leak-prone in it."""

    level: GroupLevel
    id: str
    name: Words
    probability_ratio: float


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A pipe or a flat that may leak, how probably, and how much if so."""

    type: Literal["pipe", "space"]
    id: str
    probability_ratio: float
    size_m3_per_s: float


class Area(msgspec.Struct, frozen=True):
    """The least pipe that holds the leak with a probability."""

    length_m: float
    objects: tuple[str, ...]


class EvidenceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One observation that speaks for (positive) or against the leak."""

    kind: EvidenceKind
    text: Words
    channel: str | None
    weight_nats: float


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """What to do next to know more."""

    kind: MeasurementKind
    text: Words
    objects: tuple[str, ...]


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """One leak; its id stays the same while it lasts."""

    id: str
    network: str
    shape: Shape
    onset_at: dt.datetime
    onset_low_at: dt.datetime
    onset_high_at: dt.datetime
    size_m3_per_s: float
    size_low_m3_per_s: float
    size_high_m3_per_s: float
    cost_per_day: float
    currency: str
    lost_m3: float
    title: Words
    place: Place
    localisable: bool
    why_not: Words | None
    groups: tuple[Group, ...]
    candidates: tuple[Candidate, ...]
    area_50: Area
    area_90: Area
    evidence: tuple[EvidenceLine, ...]
    next_measurement: Measurement | None


class Unanswered(msgspec.Struct, frozen=True, kw_only=True):
    """What cannot be said, why, and what would mend it."""

    what: Words
    why: Words
    mend: Words
    objects: tuple[str, ...] = ()


class SensorFault(msgspec.Struct, frozen=True, kw_only=True):
    """A sensor that is not believed, so that its readings are no evidence."""

    channel: str
    device: str
    fault: SensorFaultKind
    since: dt.datetime | None
    text: Words


class LeakReport(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known at a moment."""

    at: dt.datetime
    window: Span
    status: Status
    learning_until: dt.datetime | None = None
    districts: tuple[District, ...] = ()
    leaks: tuple[Leak, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    sensors: tuple[SensorFault, ...] = ()


def to_json(report: LeakReport) -> bytes:
    """The report as JSON.

    Examples
    --------
    >>> at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    >>> to_json(LeakReport(at=at, window=Span(at, at), status="blind"))[:60]
    b'{"at":"2026-01-01T00:00:00Z","window":{"start":"2026-01-01T0'
    """
    return msgspec.json.encode(report)
