"""What to do next to know more of a leak: of all that can be done, what is expected to tell most."""

import math

import networkx as nx
import numpy as np

from pipe_network.posterior import Posterior
from twin.index import SiteIndex
from twin.leaks import words
from twin.leaks.districts import DistrictBalance
from twin.leaks.model import NetworkModel
from twin.leaks.result import Measurement, Words

_HEARD_RATIO = 0.8
"""How often a leak is heard by whoever listens on its own pipe."""


def entropy_nats(share_ratio: float) -> float:
    """What a yes or no of that probability tells.

    Examples
    --------
    >>> round(entropy_nats(0.5), 3), entropy_nats(1.0)
    (0.693, 0.0)
    """
    p = min(max(share_ratio, 0.0), 1.0)
    return -sum(x * math.log(x) for x in (p, 1.0 - p) if x > 0.0)


def next_measurement(
    index: SiteIndex, model: NetworkModel, district: DistrictBalance, posterior: Posterior
) -> Measurement:
    """The valve whose closing halves what is possible, or the pipe to listen on; whichever tells more."""
    shares = dict(zip(posterior.candidates.ids, posterior.probability_ratio.tolist(), strict=True))
    best_valve, told = _best_valve(model, district, shares)
    likeliest = int(np.argmax(posterior.probability_ratio))
    pipe = posterior.candidates.ids[likeliest]
    heard = entropy_nats(_HEARD_RATIO * shares[pipe])
    if best_valve is not None and told > heard:
        tie = model.site_network.links.get(best_valve)
        device = tie.device if tie is not None else None
        named = words.device_name(index, device) if device else Words(zh=f"阀门 {best_valve}", en=f"valve {best_valve}")
        return Measurement(
            kind="step_test", text=words.next_step("step_test", named), objects=(f"{model.id}/{best_valve}",)
        )
    return Measurement(
        kind="listen", text=words.next_step("listen", Words(zh=f"管段 {pipe}", en=f"pipe {pipe}")),
        objects=(f"{model.id}/{pipe}",),
    )  # fmt: skip


def _best_valve(model: NetworkModel, district: DistrictBalance, shares: dict[str, float]) -> tuple[str | None, float]:
    links = [model.network.links[k] for k in district.district.pipes]
    inside = set(district.district.nodes)
    inside_links = [k for k in model.network.links.values() if k.start in inside and k.end in inside]
    graph: nx.MultiGraph[str] = nx.MultiGraph()
    graph.add_nodes_from(inside)
    for link in inside_links:
        graph.add_edge(link.start, link.end, key=link.id)
    feed = _feed(model, district)
    if feed is None:
        return None, 0.0
    best: tuple[str | None, float] = (None, 0.0)
    bridges = set(nx.bridges(nx.Graph(graph))) if graph.number_of_edges() else set()
    for valve in links:
        tie = model.site_network.links.get(valve.id)
        ends = (valve.start, valve.end)
        if tie is None or tie.asset != "isolation_valve" or not ({ends, ends[::-1]} & bridges):
            continue
        graph.remove_edge(*ends, key=valve.id)
        reached = nx.node_connected_component(graph, feed)
        graph.add_edge(*ends, key=valve.id)
        behind = sum(shares.get(k.id, 0.0) for k in links if k.start not in reached or k.end not in reached)
        told = entropy_nats(behind)
        if told > best[1] + 1e-9:
            best = (valve.id, told)
    return best


def _feed(model: NetworkModel, district: DistrictBalance) -> str | None:
    """The node at which a district's first meter lets water in."""
    inside = set(district.district.nodes)
    for link, tie in model.site_network.links.items():
        if tie.device == district.district.id and link in model.network.links:
            ends = model.network.links[link]
            return next((n for n in (ends.end, ends.start) if n in inside), None)
    return None
