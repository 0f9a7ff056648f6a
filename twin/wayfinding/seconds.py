"""Seconds that a profile takes for every arc of a graph; what it cannot take is infinite."""

import numpy as np
from numpy.typing import NDArray

from geometry.walk_graph import Link
from twin.fabric.site_graph import SiteGraph
from twin.model.buildings import Lift, Ramp
from twin.wayfinding.access import Flags
from twin.wayfinding.profiles import Profile

Floats = NDArray[np.float64]


def arc_seconds(of: SiteGraph, profile: Profile, *, shut: Flags | None = None, locks_s: Floats | None = None) -> Floats:
    """(arcs,) what each takes. [s]

    Parameters
    ----------
    shut : (spots,) where nobody passes: arcs into these are infinite; see `Access.shut`
    locks_s : (spots,) what unlocking each takes, added to arcs into it
    """
    graph = of.graph
    seconds: Floats = graph.lengths_m / profile["level_m_per_s"]
    lifts = {lift.id: lift for building in of.index.site.buildings for lift in building.lifts}
    ramps = {ramp.id: ramp for building in of.index.site.buildings for ramp in building.ramps}
    arcs = np.flatnonzero(graph.links_of >= 0)
    for arc in arcs.tolist():
        link = graph.links[graph.links_of[arc]]
        boards = graph.spots[graph.heads[arc]].kind == "lift"
        seconds[arc] = _link_seconds(
            link, profile, float(graph.rises_m[arc]), boards=boards, lift=lifts.get(link.id), ramp=ramps.get(link.id)
        )
    closed = np.array([spot.is_end for spot in graph.spots], dtype=bool)[graph.tails]
    if shut is not None:
        closed |= shut[graph.heads]
    seconds[closed] = np.inf
    if locks_s is not None:
        seconds += locks_s[graph.heads]
    return seconds


def _link_seconds(
    link: Link, profile: Profile, rise_m: float, *, boards: bool, lift: Lift | None, ramp: Ramp | None
) -> float:
    if link.kind == "stair":
        speed = profile["stairs_up_m_per_s" if rise_m > 0 else "stairs_down_m_per_s"]
        return link.length_m / speed if profile.takes_steps else np.inf
    if link.kind in {"lift", "lift_door"}:
        if lift is None or lift.kind not in profile.lift_kinds:
            return np.inf
        if link.kind == "lift":
            return abs(rise_m) / lift.speed_m_per_s
        return profile["lift_wait_s"] if boards else 0.0
    steep_ratio = abs(rise_m) / max(link.length_m, 1e-9)
    barred = steep_ratio > profile["steepest_ramp_ratio"] + 1e-9
    if barred or (profile.is_vehicle and ramp is not None and not ramp.vehicles):
        return np.inf
    return link.length_m / profile["ramp_up_m_per_s" if rise_m > 0 else "ramp_down_m_per_s"]


def unlocking_s(of: SiteGraph, profile: Profile) -> Floats:
    """(spots,) what unlocking each door takes who has its key."""
    openings, after = of.index.openings, profile.after_hours
    locked = np.array(
        [s.id in after or (s.id in openings and openings[s.id].template.locked) for s in of.graph.spots], dtype=bool
    )
    return np.where(locked, profile["unlock_s"], 0.0)
