"""Incidents one can start while the estate runs: what they are, where they can strike, what they change.

An incident only changes causes (`Effects`): a hole in a pipe, a burning room, a shut tap. What the devices then report
follows from the models.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sample_sites.simulator.manholes import blockable
from twin.index import SiteIndex
from twin.model.base import Text


@dataclass
class Effects:
    """Causes that incidents have put into the world; the models read them.

    Attributes
    ----------
    leaks_m3_per_s : dict
        Flow lost at a network node at 30 m head, by (network id, node or link id).
    flat_leaks_m3_per_s : dict
        Flow lost behind a flat's meter, by flat (space id).
    fires : dict
        Burning space by storey or space id as the incident names it.
    """

    leaks_m3_per_s: dict[tuple[str, str], float] = field(default_factory=dict)
    flat_leaks_m3_per_s: dict[str, float] = field(default_factory=dict)
    fires: dict[str, str] = field(default_factory=dict)
    dead_devices: set[str] = field(default_factory=set)
    failed_pumps: set[str] = field(default_factory=set)
    stuck_lifts: set[str] = field(default_factory=set)
    full_bins: set[str] = field(default_factory=set)
    blocked_lanes: set[str] = field(default_factory=set)
    shut_taps: set[str] = field(default_factory=set)
    blocked_drains: set[tuple[str, str]] = field(default_factory=set)
    """Pipes of drains that let hardly anything through, by (network id, link id)."""
    intruders: dict[str, float] = field(default_factory=dict)
    """Perimeter detector first crossed, and when the intruder came. [site seconds]"""


class RefusedError(ValueError):
    """A command to the simulator that cannot be done; the message says why and what would be."""


BURST_M3_PER_S: Final = 15e-3
SMALL_LEAK_M3_PER_S: Final = 0.25e-3
DRIPPING_FLAT_M3_PER_S: Final = 0.02e-3


def _network_links(index: SiteIndex, kind: str) -> list[str]:
    nets = [n for n in index.site.networks if n.kind == kind]
    return [f"{n.id}/{link}" for n in nets for link, tie in n.links.items() if tie.asset in {"main", "ring", "branch"}]


def _risers(index: SiteIndex) -> list[str]:
    nets = [n for n in index.site.networks if n.kind == "domestic_water"]
    return [f"{n.id}/{link}" for n in nets for link, tie in n.links.items() if tie.asset == "riser"]


def _drains(index: SiteIndex) -> list[str]:
    return [f"{n.id}/{link}" for n in index.site.networks if n.kind == "drainage" for link in blockable(n)]


def _flats(index: SiteIndex) -> list[str]:
    homes = {h.space for h in index.site.households if h.tenure not in {"vacant", "shop"}}
    return [s for s in index.spaces if s in homes]


def _elderly_flats(index: SiteIndex) -> list[str]:
    return [h.space for h in index.site.households if h.elderly_alone and h.space in index.spaces]


def _storeys(index: SiteIndex) -> list[str]:
    return [s.id for s in index.storeys.values() if s.template.spaces]


def _of_kind(*kinds: str) -> Callable[[SiteIndex], list[str]]:
    def found(index: SiteIndex) -> list[str]:
        return [d.id for d in index.site.devices if any(k in d.kind for k in kinds)]

    return found


@dataclass(frozen=True, slots=True)
class IncidentKind:
    """One kind of incident: its name and where it can strike."""

    id: str
    name: Text
    targets: str
    """What its target is: ``pipe``, ``flat``, ``storey`` or ``device:KIND``."""
    candidates: Callable[[SiteIndex], list[str]]


CATALOG: Final[tuple[IncidentKind, ...]] = (
    IncidentKind("burst", Text(zh="供水管爆管", en="Water main burst"), "pipe",
                 lambda i: _network_links(i, "domestic_water")),
    IncidentKind("riser_leak", Text(zh="立管渗漏", en="Leaking riser"), "pipe", _risers),
    IncidentKind("flat_leak", Text(zh="户内漏水", en="Leak in a flat"), "flat", _flats),
    IncidentKind("fire", Text(zh="楼层火灾", en="Fire on a storey"), "storey", _storeys),
    IncidentKind("camera_dies", Text(zh="摄像机掉线", en="Camera dies"), "device:camera", _of_kind("camera")),
    IncidentKind("intruder", Text(zh="周界入侵", en="Intruder on the perimeter"), "device:perimeter",
                 _of_kind("perimeter")),
    IncidentKind("lane_blocked", Text(zh="消防通道被占", en="Car on the fire lane"), "device:lane",
                 _of_kind("lane")),
    IncidentKind("lift_stuck", Text(zh="电梯困人", en="Lift stops with someone in it"), "device:lift",
                 lambda i: [d.id for d in i.site.devices if d.kind == "lift"]),
    IncidentKind("taps_shut", Text(zh="独居老人无用水", en="Elderly resident's taps stay shut"), "flat",
                 _elderly_flats),
    IncidentKind("bin_full", Text(zh="垃圾箱满溢", en="Bin is full"), "device:bin",
                 lambda i: [d.id for d in i.site.devices if d.kind == "bin"]),
    IncidentKind("drain_blocked", Text(zh="排水管堵塞", en="Drain is blocked"), "pipe", _drains),
    IncidentKind("pump_fails", Text(zh="水泵故障", en="Pump fails"), "device:pump",
                 lambda i: [d.id for d in i.site.devices if "pump" in d.kind.split("-")]),
)  # fmt: skip

_BY_ID: Final = {kind.id: kind for kind in CATALOG}


def catalog(index: SiteIndex, *, examples: int = 5) -> list[dict[str, object]]:
    """The incidents this site can have, with some targets of each, as the status message carries them."""
    out: list[dict[str, object]] = []
    for kind in CATALOG:
        places = kind.candidates(index)
        if places:
            step = max(1, len(places) // examples)
            name = {"zh": kind.name.zh, "en": kind.name.en}
            out.append({"kind": kind.id, "name": name, "targets": kind.targets, "examples": places[::step][:examples],
                        "count": len(places)})  # fmt: skip
    return out


def _target(kind: IncidentKind, index: SiteIndex, target: str | None) -> str:
    places = kind.candidates(index)
    if not places:
        raise RefusedError(f"this site has nowhere a {kind.id} could strike")
    if target is None:
        return places[len(places) // 2]
    if target in places:
        return target
    # a pipe may be named without its network, a storey by one of its spaces
    short = [p for p in places if p.endswith(f"/{target}")]
    if len(short) == 1:
        return short[0]
    if kind.targets == "storey" and target in index.spaces:
        return target
    raise RefusedError(f"{target!r} is no target of {kind.id}; try {', '.join(places[:3])}")


def start_inplace(effects: Effects, index: SiteIndex, kind_id: str, target: str | None, site_s: float) -> str:
    """Start an incident; gives the target it strikes.

    Raises
    ------
    RefusedError
        If the kind or the target is not known on this site.
    """
    kind = _BY_ID.get(kind_id)
    if kind is None:
        raise RefusedError(f"no incident {kind_id!r}; there are {', '.join(_BY_ID)}")
    place = _target(kind, index, target)
    match kind_id:
        case "burst" | "riser_leak":
            flow = BURST_M3_PER_S if kind_id == "burst" else SMALL_LEAK_M3_PER_S
            effects.leaks_m3_per_s[_network_and_link(index, place)] = flow
        case "drain_blocked":
            effects.blocked_drains.add(_network_and_link(index, place))
        case "flat_leak":
            effects.flat_leaks_m3_per_s[place] = DRIPPING_FLAT_M3_PER_S
        case "fire":
            effects.fires[place] = _burning_space(index, place)
        case "intruder":
            effects.intruders[place] = site_s
        case _:
            _devices(effects, kind_id).add(place)
    return place


def _network_and_link(index: SiteIndex, place: str) -> tuple[str, str]:
    """The network and its link that the site calls ``NETWORK/LINK``; either may hold a slash of its own."""
    network = next(
        n.id for n in index.site.networks if place.startswith(f"{n.id}/") and place[len(n.id) + 1 :] in n.links
    )
    return network, place[len(network) + 1 :]


def _burning_space(index: SiteIndex, place: str) -> str:
    """The room that burns where a storey is named: one with a detector if there is one, else a kitchen, else any."""
    if place in index.spaces:
        return place
    rooms = [s for s in index.spaces.values() if s.storey.id == place]
    parents = {s.parent for s in rooms}
    rooms = [s for s in rooms if s.id not in parents]
    if not rooms:
        raise RefusedError(f"storey {place!r} has no room that could burn")
    watched = {d.space for d in index.site.devices if d.kind == "smoke-detector"}
    found = [s.id for s in rooms if s.id in watched] or [s.id for s in rooms if s.template.use == "kitchen"]
    return found[0] if found else rooms[0].id


def _devices(effects: Effects, kind_id: str) -> set[str]:
    return {
        "camera_dies": effects.dead_devices,
        "lane_blocked": effects.blocked_lanes,
        "lift_stuck": effects.stuck_lifts,
        "taps_shut": effects.shut_taps,
        "bin_full": effects.full_bins,
        "pump_fails": effects.failed_pumps,
    }[kind_id]


def stop_inplace(effects: Effects, kind_id: str, target: str) -> None:
    """End an incident: the hole is mended, the fire put out, the device works again.

    Raises
    ------
    RefusedError
        If no such incident is running.
    """
    try:
        match kind_id:
            case "burst" | "riser_leak":
                key = next((key for key in effects.leaks_m3_per_s if "/".join(key) == target), ("", ""))
                del effects.leaks_m3_per_s[key]
            case "drain_blocked":
                drain = next((k for k in effects.blocked_drains if "/".join(k) == target), ("", ""))
                effects.blocked_drains.remove(drain)
            case "flat_leak":
                del effects.flat_leaks_m3_per_s[target]
            case "fire":
                del effects.fires[target]
            case "intruder":
                del effects.intruders[target]
            case _:
                _devices(effects, kind_id).remove(target)
    except KeyError:
        raise RefusedError(f"no {kind_id!r} is running at {target!r}") from None
