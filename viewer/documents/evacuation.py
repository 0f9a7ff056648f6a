"""Ways out as the pages get them: what is in the way, every space's way, who is cut off, what is to be done."""

import datetime as dt
from collections.abc import Iterable, Mapping

import msgspec

from live_bindings.evacuation_monitor import Proposed
from live_bindings.people_inside import LiveInside
from twin.evacuation.commands import Proposal
from twin.evacuation.hazards import Hazard, burning_buildings
from twin.evacuation.moment import Moment, Prepared
from twin.evacuation.names import Names
from twin.evacuation.occupancy import Remaining, remaining
from twin.evacuation.refuges import Refuge
from twin.evacuation.roll_call import Count, RollCall, roll_call
from twin.evacuation.signals import NOWHERE
from twin.evacuation.ways_out import WayOut
from twin.index import SiteIndex
from twin.model.base import Text

Point = tuple[float, float, float]


class EvacuationWords(msgspec.Struct, frozen=True):
    """A text in both languages."""

    zh: str
    en: str


class EvacuationHazard(msgspec.Struct, frozen=True):
    """What is in the way, or may be."""

    id: str
    kind: str
    standing: str
    is_confirmed: bool
    space: str | None
    """Of the room it is in."""
    storey: str | None
    point_m: Point | None
    since: dt.datetime | None
    measured: float | None
    closes: bool
    factor_ratio: float
    objects: tuple[str, ...]
    text: EvacuationWords


class EvacuationWay(msgspec.Struct, frozen=True):
    """The way out of a space."""

    space: str
    door: str
    exit: str | None
    target: str
    length_m: float
    time_s: float
    is_usual: bool
    hazards: tuple[str, ...]


class EvacuationRefuge(msgspec.Struct, frozen=True):
    """A space without a way out, and where those in it go."""

    space: str
    storey: str
    kind: str
    to: str | None
    time_s: float | None
    is_usual: bool
    persons: float | None
    """Estimated; null where nothing is known of the space."""


class EvacuationCommand(msgspec.Struct, frozen=True):
    """What a device should do. It is proposed: nothing is written to devices but by a command to the proposals."""

    device: str
    kind: str
    how: str
    """`channel`: the device could take it; `by_hand`: somebody does it."""
    channel: str | None
    value: float | None
    text: EvacuationWords
    is_done: bool
    clause: str


class EvacuationWritten(msgspec.Struct, frozen=True):
    """A value for a device's channel, and the topic it goes to."""

    device: str
    channel: str
    value: float
    topic: str


class EvacuationSent(msgspec.Struct, frozen=True):
    """What was written to devices, or would be, and what is left to people."""

    is_dry_run: bool
    written: tuple[EvacuationWritten, ...]
    by_hand: tuple[EvacuationCommand, ...]


class EvacuationLogged(msgspec.Struct, frozen=True):
    """A line of the log: when a command was proposed, or was not any more; the journal has who sent what."""

    at: dt.datetime
    is_over: bool
    command: EvacuationCommand


class EvacuationPoint(msgspec.Struct, frozen=True):
    """An assembly point in the roll-call."""

    id: str
    name: EvacuationWords
    """What people call it; its id where it has no name."""
    expected: float
    counted: int | None
    counted_at: dt.datetime | None


class EvacuationRollCall(msgspec.Struct, frozen=True):
    """Who has come. `expected` is an estimate; who is missing by name is not known: no door counts people by name."""

    points: tuple[EvacuationPoint, ...]
    cut_off: float
    missing: float | None
    source: str


class EvacuationInside(msgspec.Struct, frozen=True):
    """How many people are in a building, or in some: an estimate, and the range that holds in four of five cases."""

    persons: float
    low: float
    high: float
    at_alarm: float | None
    """In them when the alarm began."""
    came_out: float | None
    """Since then, as counted at doors or at assembly points."""
    exits: int
    counted_exits: int
    """Of them, with a counter that works."""
    silent: tuple[str, ...]
    """Counters that tell nothing."""
    building: str | None = None
    name: EvacuationWords | None = None


class EvacuationPresent(msgspec.Struct, frozen=True):
    """Who is in: in buildings on alarm, or in all while none is; and in each of those."""

    all: EvacuationInside
    buildings: tuple[EvacuationInside, ...]


class EvacuationAnswer(msgspec.Struct, frozen=True):
    """The ways out at a moment."""

    at: dt.datetime
    is_alarm: bool
    is_fire: bool
    hazards: tuple[EvacuationHazard, ...]
    faults: tuple[str, ...]
    """Detectors at fault or silent, which tell of nothing."""
    ways: tuple[EvacuationWay, ...]
    cut_off: tuple[EvacuationRefuge, ...]
    """Spaces without a way out because of what is in the way."""
    never: tuple[EvacuationRefuge, ...]
    """Spaces that have none as they are drawn."""
    commands: tuple[EvacuationCommand, ...]
    log: tuple[EvacuationLogged, ...]
    roll_call: EvacuationRollCall
    inside: EvacuationPresent | None
    """Null where nothing was estimated: in what-ifs, and for the first seconds after a start."""
    took_ms: float


def evacuation_document(
    of: Prepared, found: Moment, *, proposed: Iterable[Proposal], log: Iterable[Proposed] = (),
    persons: Mapping[str, float], counts: Mapping[str, Count], inside: LiveInside | None = None,
    only_changed: bool = False, took_ms: float = 0.0,
) -> EvacuationAnswer:  # fmt: skip
    """The answer at a moment.

    Parameters
    ----------
    persons : by space, as many as are estimated to be there
    inside : who is in each building now; none for what would be
    only_changed : leave out ways that are as always
    """
    index = of.index
    told = [h for h in found.hazards.found if h.standing != "fault"]
    ids = [h.id for h in found.hazards.found]
    refuges = [_refuge(index, refuge, persons) for refuge in found.refuges]
    return EvacuationAnswer(
        at=_at(found.at_s), is_alarm=found.hazards.is_alarm, is_fire=found.hazards.is_fire,
        hazards=tuple(_hazard(of, hazard) for hazard in told),
        faults=tuple(h.id for h in found.hazards.found if h.standing == "fault"),
        ways=tuple(_way(way, ids) for way in found.all if not (only_changed and way.is_usual)),
        cut_off=tuple(r for r in refuges if not r.is_usual), never=tuple(r for r in refuges if r.is_usual),
        commands=tuple(command_out(p) for p in proposed),
        log=tuple(
            EvacuationLogged(_at(line.at_s), line.is_over, command_out(line.proposal)) for line in log
        ),
        roll_call=_called(Names(index), roll_call(found, _in_danger(of, found, persons), counts)),
        inside=None if inside is None else _present(index, inside, counts), took_ms=round(took_ms, 2),
    )  # fmt: skip


def _present(index: SiteIndex, live: LiveInside, counts: Mapping[str, Count]) -> EvacuationPresent | None:
    now = live.now
    if not now:
        return None
    alarmed = {name: inside for name, inside in now.items() if inside.alarm_s is not None}
    those, of = alarmed or now, live.buildings
    since_s = min((inside.alarm_s or 0.0 for inside in alarmed.values()), default=0.0)
    called = sum(count.persons for count in counts.values() if count.at_s >= since_s) if alarmed else 0
    each = (
        _inside(remaining(of, {name: inside}), name, _words(index.buildings[name].name))
        for name, inside in those.items()
    )
    return EvacuationPresent(_inside(remaining(of, those, called)), tuple(each))


def _inside(found: Remaining, building: str | None = None, name: EvacuationWords | None = None) -> EvacuationInside:
    def rounded(persons: float | None) -> float | None:
        return None if persons is None else round(persons, 1)

    return EvacuationInside(
        round(found.persons, 1), round(found.low, 1), round(found.high, 1), rounded(found.at_alarm),
        rounded(found.came_out), found.exits, found.counted_exits, found.silent, building, name,
    )  # fmt: skip


def _in_danger(of: Prepared, found: Moment, persons: Mapping[str, float]) -> Mapping[str, float]:
    """People of burning buildings; of all of them while none is known to burn, as in a drill."""
    burning = burning_buildings(of.map, found.hazards.found)
    spaces = of.index.spaces
    return {s: many for s, many in persons.items() if not burning or spaces[s].storey.building.id in burning}


def _at(epoch_s: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(epoch_s, dt.UTC)


def _words(text: Text) -> EvacuationWords:
    return EvacuationWords(text.zh or text.en, text.en or text.zh)


def _hazard(of: Prepared, hazard: Hazard) -> EvacuationHazard:
    index, graph = of.index, of.graph.site.graph
    space = graph.cells[hazard.cell].id if hazard.cell != NOWHERE else None
    placed = index.spaces.get(space or "")
    point: Point | None = None
    if hazard.id in index.devices:
        point = index.device_point(index.devices[hazard.id])
    elif hazard.objects and hazard.objects[0] in graph.rows:
        point = graph.spots[graph.rows[hazard.objects[0]][0]].point_m
    elif placed is not None:
        point = index.space_point(placed.id)
    return EvacuationHazard(
        hazard.id, hazard.kind, hazard.standing, hazard.is_confirmed, None if placed is None else placed.id,
        None if placed is None else placed.storey.id, point, _at(hazard.since_s) if hazard.since_s > 0 else None,
        hazard.measured, hazard.closes, round(hazard.factor_ratio, 4), hazard.objects, _words(hazard.text),
    )  # fmt: skip


def _way(way: WayOut, ids: list[str]) -> EvacuationWay:
    why = tuple(dict.fromkeys(ids[row] for row in way.hazards))
    return EvacuationWay(
        way.space, way.door, way.exit, way.target, round(way.length_m, 2), round(way.time_s, 1), way.is_usual, why
    )


def _refuge(index: SiteIndex, refuge: Refuge, persons: Mapping[str, float]) -> EvacuationRefuge:
    many = persons.get(refuge.space)
    return EvacuationRefuge(
        refuge.space, index.spaces[refuge.space].storey.id, refuge.kind, refuge.to,
        round(refuge.time_s, 1) if refuge.time_s < float("inf") else None, refuge.is_usual,
        None if many is None else round(many, 2),
    )  # fmt: skip


def command_out(proposal: Proposal) -> EvacuationCommand:
    """A proposal as the pages get it."""
    return EvacuationCommand(
        proposal.device, proposal.kind, proposal.how, proposal.channel, proposal.value, _words(proposal.text),
        proposal.is_done, proposal.clause,
    )  # fmt: skip


def _called(names: Names, call: RollCall) -> EvacuationRollCall:
    points = tuple(
        EvacuationPoint(
            point.point, _words(names[point.point]), round(point.expected_count, 1),
            None if point.counted is None else point.counted.persons,
            None if point.counted is None else _at(point.counted.at_s),
        )
        for point in call.points
    )  # fmt: skip
    missing = None if call.missing_count is None else round(call.missing_count, 1)
    return EvacuationRollCall(points, round(call.cut_off_count, 1), missing, "register")
