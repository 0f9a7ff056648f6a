"""A district that loses water, as a leak: the posterior over its pipes, in groups people know."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipe_network.balance_changes import Change
from pipe_network.posterior import (
    SIZES_M3_PER_S,
    CandidateKind,
    Candidates,
    Evidence,
    Posterior,
    combine,
    search_area,
)
from twin.index import SiteIndex
from twin.leaks import words
from twin.leaks.districts import DistrictBalance
from twin.leaks.measured import HOUR_S
from twin.leaks.model import NetworkModel
from twin.leaks.names import indoor_name, outdoor_name
from twin.leaks.next_measurement import next_measurement
from twin.leaks.places import PipePlace
from twin.leaks.pressures import Located, spread_over
from twin.leaks.result import (
    Area,
    Candidate,
    EvidenceLine,
    Group,
    GroupLevel,
    Leak,
    Place,
    Shape,
    Words,
)

_SHOWN_RATIO: Final = 1e-4
_WIDE_RATIO: Final = 0.1
"""More than this share of a network's pipe to search is no place to send anyone to."""
_CLASS_RATIO: Final = 0.02
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class When:
    """A leak's course in time: epoch [s]."""

    onset_s: float
    low_s: float
    high_s: float
    shape: Shape


def district_candidates(model: NetworkModel, district: DistrictBalance) -> Candidates:
    """The pipes in which a district's leak may be: its own, and those its meters stand in, up to the meter."""
    tree = model.tree
    lengths = {p.id: max(p.length_m, 1e-3) for p in model.network.pipes}
    found = {pipe: lengths[pipe] for pipe in district.district.pipes}
    for pipe, meter in tree.own_pipes.items() if tree is not None else ():
        sign = tree.signs[district.row, tree.meters.index(meter)] if tree is not None and meter in tree.meters else 0.0
        if sign:
            before = model.meter_at_ratio.get(pipe, 0.5)
            found[pipe] = max(0.05, before if sign < 0 else 1.0 - before) * lengths[pipe]
    names = tuple(found)
    lengths_m = np.array(list(found.values()))
    kinds: tuple[CandidateKind, ...] = tuple("pipe" for _ in names)
    return Candidates(kinds, names, lengths_m, lengths_m / lengths_m.sum())


def district_leak(
    index: SiteIndex, model: NetworkModel, district: DistrictBalance, found: Change, when: When, *, now_s: float,
    located: Located | None = None, line: EvidenceLine | None = None,
) -> Leak:  # fmt: skip
    """The leak of a district.

    Parameters
    ----------
    located : what the pressures say of its place
    line : what told of the leak, where it was no balance of meters
    """
    inside = district_candidates(model, district)
    candidates = inside if located is None else located.candidates
    more = () if located is None else located.evidence
    log_likelihood = spread_over(candidates, inside, found.log_likelihood(SIZES_M3_PER_S))
    balance = Evidence("balance", district.district.id, log_likelihood)
    posterior = combine(candidates, [balance, *(e for e, _ in more)])
    lines = _weighed((w for _, w in more), posterior.weights_nats[1:])
    groups = pipe_groups(index, model, district.district.id, posterior)
    place = likeliest(groups)
    size = found.size_m3_per_s
    spread = 1.64 * float(np.hypot(found.size_sd_m3_per_s, _CLASS_RATIO * size))
    hours = max(1, round((now_s - when.onset_s) / HOUR_S))
    named = words.district_name(index, district.district.id)
    line = line or EvidenceLine(
        kind="balance", text=words.balance_line(named, size, hours),
        channel=model.meters[district.district.id].channel if district.district.id in model.meters else None,
        weight_nats=round(found.gain_nats, 1),
    )  # fmt: skip
    area_50, area_90 = (area(model, posterior, share) for share in (0.5, 0.9))
    total_m = sum(p.length_m for p in model.network.pipes)
    localisable = area_90.length_m <= _WIDE_RATIO * total_m
    why_not = None if localisable else Words(
        zh=f"水量平衡只能说明漏点在{named.zh}的管段之中，共 {area_90.length_m:.0f} m",
        en=f"balances tell only that it is among the pipes {named.en}, {area_90.length_m:.0f} m of them",
    )  # fmt: skip
    cost, currency = cost_per_day(index, size)
    onset_id = f"{at(when.onset_s):%Y%m%dT%H}"
    return Leak(
        id=f"{model.id}/{district.district.id}/{onset_id}", network=model.id, shape=when.shape,
        onset_at=at(when.onset_s), onset_low_at=at(when.low_s), onset_high_at=at(when.high_s),
        size_m3_per_s=size, size_low_m3_per_s=max(0.0, size - spread), size_high_m3_per_s=size + spread,
        cost_per_day=cost, currency=currency, lost_m3=round(lost_m3(found, when, now_s), 3),
        title=words.leak_title(place.name, size, shape=when.shape), place=place, localisable=localisable,
        why_not=why_not, groups=groups, candidates=listed(model, posterior, size), area_50=area_50, area_90=area_90,
        evidence=(line, *lines), next_measurement=next_measurement(index, model, district, posterior),
    )  # fmt: skip


def _weighed(lines: Iterable[EvidenceLine], weights_nats: Sequence[float]) -> tuple[EvidenceLine, ...]:
    """The lines of evidence with what each contributed to the posterior they are in together."""
    return tuple(
        EvidenceLine(kind=line.kind, text=line.text, channel=line.channel, weight_nats=round(weight, 1))
        for line, weight in zip(lines, weights_nats, strict=True)
    )


def at(time_s: float) -> dt.datetime:
    """An instant as aware UTC, to the second."""
    return dt.datetime.fromtimestamp(round(time_s), dt.UTC)


def cost_per_day(index: SiteIndex, size_m3_per_s: float) -> tuple[float, str]:
    """What a leak costs in a day, and in which money."""
    tariffs = index.site.tariffs
    return round(size_m3_per_s * _DAY_S * tariffs.water_per_m3, 2), tariffs.currency


def lost_m3(found: Change, when: When, now_s: float) -> float:
    """What has been lost since the onset."""
    share = float(found.shape[found.onset :].mean()) if found.ramp_steps else 1.0
    return max(0.0, now_s - when.onset_s) * found.size_m3_per_s * share


def area(model: NetworkModel, posterior: Posterior, share_ratio: float) -> Area:
    """The least pipe to search."""
    found = search_area(posterior, share_ratio)
    return Area(round(found.length_m, 1), tuple(f"{model.id}/{posterior.candidates.ids[r]}" for r in found.rows))


def listed(model: NetworkModel, posterior: Posterior, size_m3_per_s: float) -> tuple[Candidate, ...]:
    """Candidates, the likeliest first."""
    shares = posterior.probability_ratio
    kept = [int(k) for k in np.argsort(-shares, kind="stable") if shares[k] >= _SHOWN_RATIO]
    total = float(shares[kept].sum())
    return tuple(
        Candidate(type="pipe", id=f"{model.id}/{posterior.candidates.ids[k]}",
                  probability_ratio=float(shares[k]) / total, size_m3_per_s=size_m3_per_s)
        for k in kept
    )  # fmt: skip


def pipe_groups(index: SiteIndex, model: NetworkModel, district: str, posterior: Posterior) -> tuple[Group, ...]:
    """The posterior by zone, building, riser and storey; largest first within each level."""
    sums: dict[tuple[GroupLevel, str], float] = {}
    for link, share in zip(posterior.candidates.ids, posterior.probability_ratio.tolist(), strict=True):
        for key in group_keys(model, district, model.places.get(link, PipePlace())):
            sums[key] = sums.get(key, 0.0) + share
    order: tuple[GroupLevel, ...] = ("zone", "building", "riser", "storey", "flat")
    return tuple(
        Group(level=level, id=group, name=_group_name(index, model, level, group), probability_ratio=min(1.0, share))
        for level, group, share in sorted(
            ((level, group, share) for (level, group), share in sums.items() if share >= _SHOWN_RATIO),
            key=lambda g: (order.index(g[0]), -g[2], g[1]),
        )
    )  # fmt: skip


def group_keys(model: NetworkModel, district: str, place: PipePlace) -> tuple[tuple[GroupLevel, str], ...]:
    """The groups a pipe of a district belongs to: outdoors its zone, indoors its building, riser and storey.

    Where the meters do not tell two risers of a building apart, they are one group.
    """
    if place.building is None:
        return (("zone", f"{model.id}/{district}"),)
    keys: list[tuple[GroupLevel, str]] = [
        ("building", place.building), ("riser", f"{model.id}/{district}/{place.building}")
    ]  # fmt: skip
    if place.storey is not None:
        keys.append(("storey", place.storey))
    return tuple(keys)


def _group_name(index: SiteIndex, model: NetworkModel, level: GroupLevel, group: str) -> Words:
    if level == "building":
        return words.building_name(index, group)
    if level == "storey":
        return words.storey_name(index, group)
    if level == "flat":
        return words.space_name(index, group)
    rest = group.removeprefix(f"{model.id}/")
    if level == "zone":
        return outdoor_name(index, model, rest)
    district, building = rest.split("/", 1)
    return indoor_name(index, model, district, building)


def likeliest(groups: Sequence[Group]) -> Place:
    """The smallest group that is likelier than not, else the likeliest of the large ones."""
    for level in ("flat", "storey", "riser", "building", "zone"):
        for group in groups:
            if group.level == level and group.probability_ratio > 0.5:
                return Place(name=group.name, object=group.id, probability_ratio=group.probability_ratio)
    large = [g for g in groups if g.level in {"building", "zone"}]
    best = max(large or list(groups), key=lambda g: g.probability_ratio)
    return Place(name=best.name, object=best.id, probability_ratio=best.probability_ratio)
