"""What devices of a burning building should do: release doors, speak, show ways, recall lifts, start fans.

These are proposals. Nothing here writes to a device: `how` says whether one has a channel that could be written, or
somebody does it by hand. While a fire is only suspected, one thing is asked for: that somebody looks.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from twin.evacuation.hazard_rules import OutputKind, OutputRule
from twin.evacuation.hazards import burning_buildings
from twin.evacuation.moment import Moment, Prepared
from twin.evacuation.names import Names
from twin.evacuation.signs import shown
from twin.evacuation.ways_out import NOWHERE
from twin.index import PlacedStorey, SiteIndex
from twin.model.base import Text
from twin.model.devices import Device
from twin.state import Quality, StateSnapshot

ProposalKind = OutputKind | Literal["verify", "clear"]
_FIRE: Final = Text(zh="本楼发生火情，请勿乘坐电梯。", en="Fire in this building. Do not use the lifts.")
_STAY: Final = Text(
    zh="通路有烟，请留在室内，关门堵缝，等待救援。",
    en="The ways out are cut off: stay in your room, close the door, seal the gaps and wait.",
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a device should do, or somebody with it.

    Attributes
    ----------
    channel, value : to be written; none where it is done by hand
    text : what to say or show, or what is to be done
    is_done : whether the device says that it does so already
    clause : of the property standard
    """

    device: str
    kind: ProposalKind
    text: Text
    clause: str
    channel: str | None = None
    value: float | None = None
    is_done: bool = False

    @property
    def how(self) -> Literal["channel", "by_hand"]:
        """Whether a channel takes it."""
        return "by_hand" if self.channel is None else "channel"

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from others; done or not it is the same."""
        return self.device, self.kind, self.value, self.text.en


def proposals(of: Prepared, found: Moment, state: StateSnapshot) -> tuple[Proposal, ...]:
    """What is to be done at a moment; nothing without an alarm."""
    return tuple(_proposals(of, found, state))


def _proposals(of: Prepared, found: Moment, state: StateSnapshot) -> Iterator[Proposal]:
    hazards = found.hazards
    for hazard in hazards.found:
        if hazard.kind in {"smoke", "heat", "call", "electrical"} and hazard.standing == "suspected":
            text = Text(zh="派人或调看摄像机核实，真火请确认。", en="Look there or by camera; confirm it if it burns.")
            yield Proposal(hazard.id, "verify", text, "7.2.2.4")
        elif hazard.kind == "fire_lane" and hazard.standing != "fault" and hazards.is_alarm:
            yield Proposal(hazard.id, "clear", Text(zh="立即移走消防车道上的车辆。",
                           en="Have the vehicle on the fire lane moved at once."), "7.2.2.4")  # fmt: skip
    burning = burning_buildings(of.map, hazards.found)
    if not burning:
        return
    words = messages(of, found, burning)
    for device, rule, storey in of.outputs:
        if storey.building.id in burning:
            made = _of_device(of, found, device, rule, storey=storey, words=words, state=state)
            if made is not None:
                yield made


def _of_device(
    of: Prepared, found: Moment, device: Device, rule: OutputRule, *, storey: PlacedStorey,
    words: Mapping[str, Text], state: StateSnapshot,
) -> Proposal | None:  # fmt: skip
    index, value = of.index, rule.value
    match rule.output:
        case "announce" | "show":
            text = words.get(storey.id, _FIRE)
        case "release":
            text = Text(zh="释放门锁。", en="Release the lock.")
        case "recall":
            text = Text(zh="召回首层，开门停用。", en="Recall to the ground, open the doors, out of use.")
        case "extract":
            text = Text(zh="启动防排烟。", en="Start smoke control.")
        case "direct":
            sign = shown(found.ways, index, device)
            if sign is None:
                return None
            text, value = sign.text, sign.bearing_deg
            if rule.shows is not None:  # arrows; where nobody knows which way it looks it is set by hand
                value = None if sign.arrow is None else rule.shows.get(sign.arrow)
    channel, is_done = _channel(index, device, rule.channel, value, state)
    if rule.output == "recall" and any(h.id == device.id and h.standing != "fault" for h in found.hazards.found):
        is_done = True  # it says itself that it is out of use
    return Proposal(device.id, rule.output, text, rule.clause, channel, None if channel is None else value, is_done)


def _channel(
    index: SiteIndex, device: Device, name: str | None, value: float | None, state: StateSnapshot
) -> tuple[str | None, bool]:
    """Id of the channel that can be written, and whether it has the value already."""
    first = index.first_row[device.id]
    for row, channel in enumerate(index.kinds[device.kind].channels, first):
        if channel.id == name and channel.writable and value is not None:
            is_told = state.quality[row] in (Quality.GOOD, Quality.UNCERTAIN)
            return channel.id, bool(is_told and state.values[row] == value)
    return None, False


def messages(of: Prepared, found: Moment, buildings: frozenset[str]) -> dict[str, Text]:
    """What is said on each storey of some buildings: by which stair and door most people there leave, or to stay."""
    ways, named = found.ways, Names(of.index)
    spots = of.graph.site.graph.spots
    leaving: dict[str, Counter[tuple[int, ...]]] = {}
    staying: Counter[str] = Counter()
    total: Counter[str] = Counter()
    those = [told for building in sorted(buildings) for told in of.told_rooms.get(building, ())]
    rows = np.array([row for row, _ in those], dtype=np.int64)
    leads_out = np.isfinite(ways.seconds[rows]).tolist()
    by = np.column_stack((ways.stairs[rows], ways.exits[rows], ways.ends[rows])).tolist()
    for (_, storey), leads, way in zip(those, leads_out, by, strict=True):
        total[storey] += 1
        if leads:
            leaving.setdefault(storey, Counter())[tuple(way)] += 1
        else:
            staying[storey] += 1
    made = {}
    for storey_id, many in total.items():
        parts = [_FIRE]
        if staying[storey_id] < many:
            (most, _), *_ = leaving[storey_id].most_common(1)
            names = [named[name] for name in dict.fromkeys(spots[row].id for row in most if row != NOWHERE)]
            parts.append(Text(zh=f"请经{'、'.join(n.zh or n.en for n in names)}撤离。",
                              en=f"Leave by {', '.join(n.en or n.zh for n in names)}."))  # fmt: skip
        if staying[storey_id] == many:
            parts.append(_STAY)
        elif staying[storey_id]:
            parts.append(Text(zh="门外有烟的，请留在室内关门等待救援。",
                              en="Where there is smoke before your door, stay in, close it and wait."))  # fmt: skip
        made[storey_id] = Text(zh="".join(p.zh for p in parts), en=" ".join(p.en for p in parts))
    return made
