"""Reports on leaks, made up for tests of what people and the monitor do with them."""

import datetime as dt

from tests.twin.operations.conftest import NOW
from twin.leaks.result import Area, Candidate, Leak, LeakReport, Measurement, Place, Shape, Span, Words
from twin.model.networks import LinkTie, NodeTie, SiteNetwork
from twin.model.site import Site

HOUR = dt.timedelta(hours=1)
M3_PER_H = 1.0 / 3600.0
INP = """[JUNCTIONS]
J1  -1  0
J2  -1  0
R1   0  0
R2   9  0
[RESERVOIRS]
CITY 30
[PIPES]
P0  CITY J1  10  150 130
P1  J1   J2  60  150 130
P2  J2   R1  20  100 130
UP  R1   R2   9   80 130
[COORDINATES]
CITY -30 -10
J1   -20 -10
J2    40 -10
R1    11   1
R2    11   1
[OPTIONS]
UNITS CMH
[END]
"""


def with_water(site: Site) -> Site:
    """The yard with a buried main past its tower and a riser in the stair."""
    network = SiteNetwork(
        id="water", kind="domestic_water", inp=INP,
        nodes={"R1": NodeTie(space="t1/f1/stair"), "R2": NodeTie(space="t1/f4/stair"), "J2": NodeTie(asset="hydrant")},
        links={
            "P1": LinkTie(asset="main", material="ductile iron", depth_m=1.0),
            "P2": LinkTie(asset="branch", material="PE", depth_m=1.0),
            "UP": LinkTie(asset="riser", material="steel"),
        },
    )  # fmt: skip
    return site.replace(networks=(network,))


def leak(
    name: str = "wm-1", *, size: float = M3_PER_H, spread: float = 0.1, onset: dt.datetime = NOW - 5 * HOUR,
    shape: Shape = "step", localisable: bool = True, pipe: str = "water/P1",
) -> Leak:  # fmt: skip
    """A leak that a meter's district told of."""
    return Leak(
        id=f"water/{name}/{onset:%Y%m%dT%H}", network="water", shape=shape, onset_at=onset,
        onset_low_at=onset - HOUR, onset_high_at=onset + HOUR, size_m3_per_s=size,
        size_low_m3_per_s=size * (1 - spread), size_high_m3_per_s=size * (1 + spread), cost_per_day=100.0,
        currency="CNY", lost_m3=5.0, title=Words(zh="干管漏水", en="Leak in the main"),
        place=Place(name=Words(zh="干管", en="the main"), object=pipe, probability_ratio=0.8), localisable=localisable,
        why_not=None, groups=(),
        candidates=(
            Candidate(type="pipe", id=pipe, probability_ratio=0.8, size_m3_per_s=size),
            Candidate(type="pipe", id="water/P2", probability_ratio=0.2, size_m3_per_s=size),
        ),
        area_50=Area(60.0, (pipe,)), area_90=Area(80.0, (pipe, "water/P2")), evidence=(),
        next_measurement=Measurement(kind="listen", text=Words(zh="听 P1", en="listen at P1"), objects=(pipe,)),
    )  # fmt: skip


def report(*leaks: Leak, at: dt.datetime = NOW) -> LeakReport:
    """A report of a watching engine."""
    return LeakReport(at=at, window=Span(at - 24 * HOUR, at), status="watching", leaks=leaks)
