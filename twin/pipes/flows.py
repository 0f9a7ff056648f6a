"""Which way water runs through each pipe now, and how much, as far as the model and the meters tell."""

import datetime as dt
import math
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from pipe_network.model import Pipe
from pipe_network.tracing import STANDING_M3_PER_S, Ways
from twin.pipes.readings import reading
from twin.pipes.served import ServedNetwork
from twin.pipes.tracing import directions
from twin.state import StateSnapshot

_DRY_KINDS = frozenset({"telecom_duct"})
_FLOW_DECIMALS = 8
"""36 mL an hour: the answer of a large estate stays small."""
_VELOCITY_DECIMALS = 5


class PipeFlow(msgspec.Struct, frozen=True, kw_only=True):
    """What runs through a link.

    Attributes
    ----------
    way : 1 from its start to its end, -1 back, 0 where it stands or nobody can tell
    flow_m3_per_s : never negative; none where only the way is known
    velocity_m_per_s : mean over the bore of a pipe
    measured : whether a meter on the link says so now; else it is the model's usual day at this hour
    """

    pipe: str
    way: int
    flow_m3_per_s: float | None = None
    velocity_m_per_s: float | None = None
    measured: bool = False


class PipeFlows(msgspec.Struct, frozen=True, kw_only=True):
    """A network's flows.

    Attributes
    ----------
    by : what told the ways: ``flow``, ``fall`` or ``source``, as for a trace
    """

    at: dt.datetime
    by: str
    items: tuple[PipeFlow, ...]


def flows_now(of: ServedNetwork, latest: StateSnapshot, now: dt.datetime) -> PipeFlows:
    """What runs through each link of a network at a moment.

    Water networks: EPANET's usual day at this time of the day, replaced by the meter of a link that has one to itself.
    Drains: the way they fall. Ducts: nothing runs.
    """
    kind = of.site_network.kind
    by, ways = directions(of)
    if kind in _DRY_KINDS or by != "flow":
        leads = {} if kind in _DRY_KINDS else ways
        items = tuple(PipeFlow(pipe=of.full(k), way=_way(leads.get(k, (False, False)))) for k in of.network.links)
        return PipeFlows(at=now, by=by, items=items)
    usual = _usual(of, now)
    metered = _metered(of, latest)
    return PipeFlows(
        at=now, by=by, items=tuple(_flow(of, k, usual.get(k, 0.0), metered, ways) for k in of.network.links)
    )


def _way(leads: tuple[bool, bool]) -> int:
    return int(leads[0]) - int(leads[1])


def _usual(of: ServedNetwork, now: dt.datetime) -> dict[str, float]:
    """Each link's flow of the usual day at this time of the day, from its start to its end. [m3/s]"""
    course = of.usual
    if course is None or len(course.times_s) == 0:
        return {}
    local = now.astimezone(ZoneInfo(of.index.site.time_zone))
    clock_s = (local.hour * 60.0 + local.minute) * 60.0 + local.second
    at_s = (clock_s - of.network.times.start_clock_s) % 86_400.0
    row = int(np.searchsorted(course.times_s, at_s, "right")) - 1
    return dict(zip(course.link_ids, course.flows_m3_per_s[max(row, 0)].tolist(), strict=True))


def _metered(of: ServedNetwork, latest: StateSnapshot) -> dict[str, float]:
    """What a meter says of its link; one that reads the sum of several says nothing of each. [m3/s]"""
    links: dict[str, list[str]] = {}
    for name, tie in of.site_network.links.items():
        if tie.device is not None and name in of.network.links:
            links.setdefault(tie.device, []).append(name)
    found: dict[str, float] = {}
    for device, tied in links.items():
        flow = reading(of.index, device, "flow", latest) if len(tied) == 1 else None
        if flow is not None:
            found[tied[0]] = flow
    return found


def _flow(of: ServedNetwork, name: str, usual_m3_per_s: float, metered: dict[str, float], ways: Ways) -> PipeFlow:
    said = metered.get(name)
    # a meter counts along the water's usual way, whichever way its link was drawn
    along = _sign(usual_m3_per_s) or _way(ways.get(name, (False, False))) or 1
    flow = usual_m3_per_s if said is None else along * said
    link = of.network.links[name]
    bore_m2 = math.pi / 4 * link.diameter_m**2 if isinstance(link, Pipe) else 0.0
    size = abs(flow)
    return PipeFlow(
        pipe=of.full(name), way=_sign(flow), flow_m3_per_s=round(size, _FLOW_DECIMALS),
        velocity_m_per_s=round(size / bore_m2, _VELOCITY_DECIMALS) if bore_m2 else None, measured=said is not None,
    )  # fmt: skip


def _sign(flow_m3_per_s: float) -> int:
    return 0 if abs(flow_m3_per_s) <= STANDING_M3_PER_S else 1 if flow_m3_per_s > 0 else -1
