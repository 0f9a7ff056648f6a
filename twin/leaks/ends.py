"""Flats and rooms whose meter never rests, as leaks."""

from typing import Final

from pipe_network.detection.resting_meters import NeverAtRest, never_at_rest, sure_nats
from pipe_network.remembered import remembered
from twin.index import SiteIndex
from twin.leaks import words
from twin.leaks.findings import at, cost_per_day
from twin.leaks.measured import HOUR_S, Measured
from twin.leaks.model import NetworkModel
from twin.leaks.result import Area, Candidate, EvidenceLine, Group, Leak, Measurement, Place, Words

_LEAST_M3_PER_S: Final = 1.0e-3 / 3600
_FALSE_PER_MONTH: Final = 0.03
"""Of all end meters of a network together, by the model of draws. In three leak-free months evidence of 13.2 nats came
up once and of 10 thrice: the tail is longer than the model has it, so less is allowed than would be borne."""
_SELDOM_RATIO: Final = 2.0
"""A canteen or a service building rests less surely than a flat; it is watched twice as long."""


_BACK_S: Final = 10 * 86_400.0
_DAY_S: Final = 86_400.0
_never_at_rest = remembered(never_at_rest)
"""Most of an estate's meters have said nothing new since the last look."""


def end_leaks(
    index: SiteIndex, model: NetworkModel, measured: Measured, *, now_s: float, midnight_s: float
) -> tuple[Leak, ...]:
    """Every end meter that never rests."""
    tree = model.tree
    if tree is None:
        return ()
    # a meter that has fallen silent still said what it said; an outage counts neither for a leak nor against it
    faulty = {f.device for f in measured.faults if f.fault not in {"jumped", "silent"}}
    sure = sure_nats(len(tree.outlets), false_alarms_per_month=_FALSE_PER_MONTH)
    found: list[Leak] = []
    for device in tree.outlets:
        if device in faulty:
            continue
        times_s, register = measured.registers[device]
        asked = sure if device in model.end_spaces else _SELDOM_RATIO * sure
        if len(times_s) == 0 or times_s[0] > now_s:
            continue
        last_s = float(times_s[min(int(times_s.searchsorted(now_s, "right")), len(times_s)) - 1])
        # from a whole day on, so that the series stays what it was until something new is read
        first = int(times_s.searchsorted((last_s - _BACK_S) // _DAY_S * _DAY_S))
        restless = _never_at_rest(
            times_s[first:], register[first:], now_s=last_s, midnight_s=midnight_s, sure_nats=asked
        )
        if restless is not None and restless.flow_m3_per_s >= _LEAST_M3_PER_S:
            found.append(_leak(index, model, device, restless, float(times_s[0])))
    return tuple(found)


def _leak(index: SiteIndex, model: NetworkModel, device: str, restless: NeverAtRest, first_s: float) -> Leak:
    space = model.end_spaces.get(device)
    size = restless.flow_m3_per_s
    named = words.device_name(index, device)
    hours = max(1, round(restless.observed_s / HOUR_S))
    cost, currency = cost_per_day(index, size)
    candidates: tuple[Candidate, ...]
    pipes = () if model.tree is None else model.tree.end_pipes[device]
    if space is not None:
        name = words.space_name(index, space)
        building = index.spaces[space].storey.building.id if space in index.spaces else None
        storey = index.spaces[space].storey.id if space in index.spaces else None
        candidates = (Candidate(type="space", id=space, probability_ratio=1.0, size_m3_per_s=size),)
        step = Measurement(kind="enter_flat", text=words.next_step("enter_flat", name), objects=(space,))
    else:
        building, storey = model.end_buildings.get(device), None
        name = words.district_name(index, device)
        share = 1.0 / max(1, len(pipes))
        candidates = tuple(
            Candidate(type="pipe", id=f"{model.id}/{p}", probability_ratio=share, size_m3_per_s=size) for p in pipes
        )
        step = Measurement(kind="read_meter", text=words.next_step("read_meter", named), objects=(device,))
    groups = [Group(level="building", id=building, name=words.building_name(index, building), probability_ratio=1.0)] \
        if building else []  # fmt: skip
    if storey is not None:
        groups.append(Group(level="storey", id=storey, name=words.storey_name(index, storey), probability_ratio=1.0))
    if space is not None:
        groups.append(Group(level="flat", id=space, name=name, probability_ratio=1.0))
    objects = (space,) if space else tuple(c.id for c in candidates)
    steady = restless.since_s <= first_s
    return Leak(
        id=f"{model.id}/{device}/{at(restless.since_s):%Y%m%dT%H}", network=model.id,
        shape="steady" if steady else "step", onset_at=at(restless.since_s),
        onset_low_at=at(restless.since_low_s), onset_high_at=at(restless.since_s),
        size_m3_per_s=size, size_low_m3_per_s=restless.low_m3_per_s, size_high_m3_per_s=restless.high_m3_per_s,
        cost_per_day=cost, currency=currency, lost_m3=round(size * restless.observed_s, 3),
        title=Words(zh=f"{name.zh}疑似户内漏水，约 {words.m3_per_h(size)}",
                    en=f"Leak likely in {name.en}, about {words.m3_per_h(size)}"),
        place=Place(name=name, object=space or building, probability_ratio=1.0), localisable=True, why_not=None,
        groups=tuple(groups), candidates=candidates, area_50=Area(0.0, objects), area_90=Area(0.0, objects),
        evidence=(EvidenceLine(kind="resting", text=words.resting_line(named, size, hours),
                               channel=model.meters[device].channel, weight_nats=round(restless.weight_nats, 1)),),
        next_measurement=step,
    )  # fmt: skip
