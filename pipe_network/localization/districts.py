"""Parts of a network whose inflow is measured: what enters must be drawn or lost in the same part.

References
----------
IWA District Metered Areas Guidance Notes (2007): the district and its balance.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.model import Network, Tank
from pipe_network.record import Record

Floats = NDArray[np.float64]
UNFED: Final = -1
"""District of a junction that nothing open leads to."""


@dataclass(frozen=True, slots=True, eq=False)
class Districts:
    """What belongs together once every metered link is cut.

    Attributes
    ----------
    of_junction : (junctions,) row of its district
    meter_signs : (districts, meters) 1 where a metered link's flow enters, -1 where it leaves, else 0
    tank_areas_m2 : (districts, tanks) surface of measured tanks that stand in the district, else 0
    is_metered : (districts,) whether everything that enters is measured
    """

    of_junction: NDArray[np.intp]
    meter_signs: Floats
    tank_areas_m2: Floats
    is_metered: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.is_metered)

    def inflows_m3_per_s(self, record: Record) -> Floats:
        """(t, districts) what entered, less what left by meters or went into tanks; NaN where that is not known."""
        flows = np.column_stack([_sum(record.flows_m3_per_s, signs) for signs in self.meter_signs])
        if record.tanks:
            filling = np.full(record.levels_m.shape, np.nan)
            filling[:-1] = np.diff(record.levels_m, axis=0) / record.step_s
            flows -= np.column_stack([_sum(filling, areas) for areas in self.tank_areas_m2])
        flows[:, ~self.is_metered] = np.nan
        return flows


def find_districts(network: Network, record: Record) -> Districts:
    r"""The districts the meters of a record make.

    Examples
    --------
    >>> from pipe_network.inp import parse
    >>> text = "[JUNCTIONS]\na 1\nb 1\n[RESERVOIRS]\nr 50\n[PIPES]\np r a 9 150 130\nq a b 9 150 130\n"
    >>> network = parse(text + "[OPTIONS]\nUNITS CMH\n")
    >>> record = Record(np.arange(2.0), (), np.empty((2, 0)), ("p", "q"), np.ones((2, 2)))
    >>> find_districts(network, record).meter_signs.tolist()  # what q passes on leaves the first
    [[1.0, -1.0], [0.0, 1.0]]
    """
    from scipy.sparse import coo_array  # noqa: PLC0415 - weighs on `plumbline --help`
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    rows = {n: k for k, n in enumerate(network.nodes)}
    junctions = len(network.junctions)
    measured_tanks = {t.id for t in network.tanks} & set(record.tanks)
    # a tank joins what it feeds without a meter; a reservoir does not, whoever is at it has a source of their own
    passes = {j.id for j in network.junctions} | {t.id for t in network.tanks}
    metered = set(record.flow_links)
    cut = [k for k in network.links.values() if k.id not in metered and k.status != "CLOSED"]
    pairs = np.array([(rows[k.start], rows[k.end]) for k in cut if {k.start, k.end} <= passes]).reshape(-1, 2)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(rows), len(rows)))
    _, label = connected_components(graph, directed=False)
    kept = np.unique(label[:junctions])
    district = np.full(label.max() + 1, UNFED)
    district[kept] = np.arange(len(kept))
    of_node = {n: int(district[label[k]]) for n, k in rows.items()}

    is_metered = np.ones(len(kept), dtype=bool)
    for link in cut:
        for node, other in ((link.start, link.end), (link.end, link.start)):
            if node not in passes and other in passes:
                is_metered[of_node[other]] = False
    areas = np.zeros((len(kept), len(record.tanks)))
    for tank in network.tanks:
        if tank.id in measured_tanks and of_node[tank.id] != UNFED:
            areas[of_node[tank.id], record.tanks.index(tank.id)] = _surface_m2(tank)
        elif of_node[tank.id] != UNFED:
            is_metered[of_node[tank.id]] = False
    signs = np.zeros((len(kept), len(record.flow_links)))
    for k, name in enumerate(record.flow_links):
        link = network.links[name]
        for node, sign in ((link.start, -1.0), (link.end, 1.0)):
            if node in passes and of_node[node] != UNFED:
                signs[of_node[node], k] += sign
    return Districts(np.array([of_node[j.id] for j in network.junctions]), signs, areas, is_metered)


def shared_inlets(network: Network, record: Record, districts: Districts) -> tuple[str, ...]:
    """Metered pipes at sources that share their district's inflow with others: how they share it tells where a leak is.

    All but the largest of each district, whose flow is what the others leave.
    """
    fixed = {r.id for r in network.reservoirs} | {t.id for t in network.tanks}
    pipes = {p.id: p for p in network.pipes}
    found: list[str] = []
    for signs in districts.meter_signs:
        at_source = [
            k
            for k in np.flatnonzero(signs)
            if (name := record.flow_links[k]) in pipes and {pipes[name].start, pipes[name].end} & fixed
        ]
        known = [k for k in at_source if np.isfinite(record.flows_m3_per_s[:, k]).any()]
        mean = [abs(float(np.nanmean(record.flows_m3_per_s[:, k]))) for k in known]
        if len(known) > 1:
            found += [record.flow_links[k] for k in known if k != known[int(np.argmax(mean))]]
    return tuple(found)


def _surface_m2(tank: Tank) -> float:
    return float(np.pi * tank.diameter_m**2 / 4.0)


def _sum(values: Floats, weights: Floats) -> Floats:
    """Weighted sum over columns; a missing value spoils only sums it is part of."""
    used = weights != 0.0
    total: Floats = values[:, used] @ weights[used]
    return total
