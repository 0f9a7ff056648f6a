"""What a crew needs to know of a leak: where to begin, how to listen, how far from where, what to measure next."""

import heapq
from collections.abc import Mapping
from typing import Final

from pipe_network.errors import PipeNetworkError
from pipe_network.model import Network, Pipe
from twin.errors import PipeQuestionError, UnknownIdError
from twin.index import SiteIndex
from twin.leaks.result import Leak
from twin.model.networks import SiteNetwork
from twin.operations.errors import CommandError
from twin.operations.events import Phrase, Place
from twin.operations.pipe_places import split
from twin.operations.places import place_of
from twin.pipes.isolation import isolation_plan
from twin.pipes.served import serve

_PLASTIC: Final = ("pe", "pvc", "ppr", "pp-r", "hdpe", "plastic", "塑")
_METAL_REACH_M: Final = 150.0
_PLASTIC_REACH_M: Final = 50.0
"""How far apart two microphones may be: a leak's noise dies away over some 150 m of metal pipe and 50 m of plastic."""
_METAL_M_PER_S: Final = (1200, 1400)
_PLASTIC_M_PER_S: Final = (300, 600)
_ACCESS_ASSETS: Final = {
    "hydrant": ("消火栓", "hydrant"), "meter": ("水表", "meter"), "manhole": ("检查井", "manhole"),
    "isolation_valve": ("阀门", "valve"), "prv": ("减压阀", "pressure-reducing valve"),
    "riser": ("立管检修口", "riser hatch"),
}  # fmt: skip
_ACCESSES: Final = 4
_SEARCH_M: Final = 400.0


def place_of_leak(index: SiteIndex, leak: Leak) -> Place | None:
    """Where to go for a leak: the object its report names, else its likeliest candidate; none if neither is there."""
    wanted = [leak.place.object, *(c.id for c in leak.candidates[:1])]
    for object_id in wanted:
        if object_id is None:
            continue
        for kind in ("space", "building", "storey", "device", "pipe", "node"):
            try:
                place = place_of(index, kind, object_id)
            except (UnknownIdError, PipeNetworkError, CommandError):
                continue
            if object_id == leak.place.object and leak.place.name.en:
                return Place(
                    kind, object_id, Phrase(leak.place.name.zh, leak.place.name.en), place.point_m, place.storey
                )
            return place
    return None


def advice_on(index: SiteIndex, leak: Leak) -> Phrase:
    """What the crew does, in sentences: the area, the way to listen, the next measurement."""
    parts = [_area(leak)]
    pipe = next((c.id for c in leak.candidates if c.type == "pipe"), None)
    first = leak.candidates[0].type if leak.candidates else None
    if first == "space":
        parts.append(
            Phrase(
                "入户：关闭户内阀门，看水表是否停走；先查便器水箱、热水器安全阀与埋墙管。",
                "Enter the flat: close its stop valve and see whether the meter stops; look first at cisterns, the "
                "heater's safety valve and pipes in walls.",
            )
        )
    elif pipe is not None:
        parts.append(_listening(index, pipe))
    if leak.next_measurement is not None:
        text = leak.next_measurement.text
        parts.append(Phrase(f"下一步：{text.zh}", f"Next: {text.en}"))
    parts = [p for p in parts if p.zh]
    return Phrase("\n".join(p.zh for p in parts), "\n".join(p.en for p in parts))


def order_advice(index: SiteIndex, leak: Leak) -> Phrase:
    """What goes with a work order: the advice, and the valves that cut the likeliest pipe off, in their order."""
    said = advice_on(index, leak)
    first = leak.candidates[0] if leak.candidates else None
    valves = _valves(index, first.id) if first is not None and first.type == "pipe" else Phrase()
    return Phrase(f"{said.zh}\n{valves.zh}".strip(), f"{said.en}\n{valves.en}".strip())


def _valves(index: SiteIndex, pipe_id: str) -> Phrase:
    try:
        site_network, name = split(index, "pipe", pipe_id)
        plan = isolation_plan(serve(index, site_network.id), name)
    except (UnknownIdError, PipeNetworkError):
        return Phrase()
    except PipeQuestionError as error:
        return Phrase(f"无法用阀门隔离 {pipe_id}：{error}", f"No valves cut {pipe_id} off: {error}")
    zh_valves = "、".join(f"{v.order}. {v.name.zh or v.valve}" for v in plan.close)
    en_valves = ", ".join(f"{v.order}. {v.name.en or v.valve}" for v in plan.close)
    dry = plan.without_water
    zh = f"必要时关阀隔离 {name}：{zh_valves}；停水 {len(dry.flats)} 户，消火栓 {len(dry.hydrants)} 个"
    en = (
        f"To cut {name} off, close {en_valves}; {len(dry.flats)} flats and {len(dry.hydrants)} hydrants are then "
        "without water"
    )
    if dry.critical:
        zh += "，含" + "、".join(place.name.zh for place in dry.critical)
        en += ", among them " + ", ".join(place.name.en for place in dry.critical)
    return Phrase(f"{zh}。", f"{en}.")


def _area(leak: Leak) -> Phrase:
    if not leak.candidates or leak.candidates[0].type == "space":
        return Phrase()
    a, b = leak.area_50, leak.area_90
    return Phrase(
        f"搜索范围：{a.length_m:.0f} m 管段（{len(a.objects)} 段）含漏点的概率为 50 %，{b.length_m:.0f} m"
        f"（{len(b.objects)} 段）为 90 %。",
        f"To search: {a.length_m:.0f} m of pipe ({len(a.objects)} pieces) hold the leak with 50 %, {b.length_m:.0f} m "
        f"({len(b.objects)} pieces) with 90 %.",
    )


def _listening(index: SiteIndex, pipe_id: str) -> Phrase:
    try:
        site_network, name = split(index, "pipe", pipe_id)
    except (UnknownIdError, PipeNetworkError):
        return Phrase()
    tie = site_network.links.get(name)
    material = "" if tie is None else tie.material
    plastic = any(word in material.lower().replace("-", " ").split() or word in material for word in _PLASTIC)
    reach_m = _PLASTIC_REACH_M if plastic else _METAL_REACH_M
    low, high = _PLASTIC_M_PER_S if plastic else _METAL_M_PER_S
    said = material or ("塑料" if plastic else "材质未知")
    zh = f"听漏：{name}（{said}），相关仪两测点相距不超过约 {reach_m:.0f} m，声速约 {low}–{high} m/s"
    en = (
        f"Listen at {name} ({material or 'material not known'}): the two points of a correlator at most some "
        f"{reach_m:.0f} m apart, sound at about {low} to {high} m/s"
    )
    depth_m = None if tie is None else tie.depth_m
    if depth_m:
        zh, en = f"{zh}，埋深 {depth_m:.1f} m", f"{en}; {depth_m:.1f} m below ground"
    accesses = access_points(index.network(site_network.id), site_network, name)
    if accesses:
        zh_points = "、".join(f"{zh_word} {point}（{away_m:.0f} m）" for point, (zh_word, _), away_m in accesses)
        en_points = ", ".join(f"{en_word} {point} ({away_m:.0f} m)" for point, (_, en_word), away_m in accesses)
        zh, en = f"{zh}；接触点：{zh_points}", f"{en}; to touch the pipe: {en_points}"
    return Phrase(f"{zh}。", f"{en}.")


def access_points(
    network: Network, site_network: SiteNetwork, pipe_id: str
) -> tuple[tuple[str, tuple[str, str], float], ...]:
    """The nearest points where one can touch a pipe: id, word in both languages, and metres of pipe to its middle."""
    link = network.links[pipe_id]
    half_m = 0.5 * link.length_m if isinstance(link, Pipe) else 0.0
    reached = _ways_m(network, {link.start: half_m, link.end: half_m})
    found: dict[str, tuple[tuple[str, str], float]] = {}
    for node, tie in site_network.nodes.items():
        if tie.asset in _ACCESS_ASSETS and node in reached:
            found[node] = (_ACCESS_ASSETS[tie.asset], reached[node])
    for name, link_tie in site_network.links.items():
        if link_tie.asset in _ACCESS_ASSETS and link_tie.asset != "riser" and name in network.links:
            ends = [reached[n] for n in (network.links[name].start, network.links[name].end) if n in reached]
            if ends:
                found[name] = (_ACCESS_ASSETS[link_tie.asset], min(ends) if name != pipe_id else 0.0)
    nearest = sorted(found.items(), key=lambda item: (item[1][1], item[0]))[:_ACCESSES]
    return tuple((name, word, away_m) for name, (word, away_m) in nearest)


def _ways_m(network: Network, starts: Mapping[str, float]) -> dict[str, float]:
    """Metres of pipe from some nodes to those around, as far as anyone would walk along it."""
    beside: dict[str, list[tuple[str, float]]] = {}
    for link in network.links.values():
        length_m = link.length_m if isinstance(link, Pipe) else 0.0
        beside.setdefault(link.start, []).append((link.end, length_m))
        beside.setdefault(link.end, []).append((link.start, length_m))
    done: dict[str, float] = {}
    waiting = [(away_m, node) for node, away_m in starts.items()]
    heapq.heapify(waiting)
    while waiting:
        away_m, node = heapq.heappop(waiting)
        if node in done or away_m > _SEARCH_M:
            continue
        done[node] = away_m
        for other, length_m in beside.get(node, ()):
            if other not in done:
                heapq.heappush(waiting, (away_m + length_m, other))
    return done
