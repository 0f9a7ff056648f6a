"""Which of many is soonest there, or soonest reached: crew, AED, hydrant, extinguisher, call button, parking space.

One search over the graph serves all of them; in each room that holds some, one more over its floor.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twin.errors import UnknownIdError
from twin.index import SiteIndex
from twin.wayfinding.ends import End
from twin.wayfinding.network import Costs, Network, Wayfinder
from twin.wayfinding.profiles import Profile

Floats = NDArray[np.float64]
CREW: Final = "crew"
"""The kind that all of the staff are who state a base."""


@dataclass(frozen=True, slots=True)
class Near:
    """One of many, and what it takes to get there; or from there, where that was asked."""

    end: End
    duration_s: float


def nearest(
    ways: Wayfinder, start: End, targets: Sequence[End], profile: Profile, *, closed: Collection[str] = (),
    is_released: bool = False, is_coming: bool = False,
) -> tuple[Near, ...]:  # fmt: skip
    """Those of some places that can be reached, the soonest first; what is in other people's flats is not for everyone.

    Parameters
    ----------
    start, targets : of the profile's own network
    closed, is_released : as in `twin.wayfinding.routes.route`
    is_coming : not who is reached soonest from the start, but who is soonest there
    """
    network = ways.network(profile)
    if "private" not in profile.opens and not is_released:
        targets = [target for target in targets if target.flats <= start.flats]
    costs = network.costs(profile, (start,), closed=closed, is_released=is_released)
    took_s = durations_s(network, start, targets, costs, profile, is_coming=is_coming)
    found = [Near(end, float(s)) for end, s in zip(targets, took_s, strict=True) if np.isfinite(s)]
    return tuple(sorted(found, key=lambda near: (near.duration_s, near.end.id)))


def durations_s(
    network: Network, start: End, targets: Sequence[End], costs: Costs, profile: Profile, *, is_coming: bool = False
) -> Floats:
    """(targets,) what it takes from an end to others, infinite where there is no way."""
    found = network.from_end(start, costs, profile, is_backwards=is_coming)
    speed = profile["level_m_per_s"]
    took_s = np.full(len(targets), np.inf)
    wanted: dict[int, list[tuple[int, tuple[float, float, float]]]] = {}
    for row, target in enumerate(targets):
        for number, point in target.spots:
            wanted.setdefault(number, []).append((row, point))
    for number, points in wanted.items():
        cell = network.graph.cells[number]
        if cell.floor is None:
            continue
        spots = network.graph.spots
        from_rows = [r for r in network.graph.spots_in[number] if not (spots[r].is_end or costs.is_shut[r])]
        own = [point for at, point in start.spots if at == number]
        sources = np.array([*(spots[r].point_m for r in from_rows), *own]).reshape(-1, 3)
        # who comes from here has the first door to unlock; who arrives has done so
        first_s = found.seconds[from_rows] + (costs.locks_s[from_rows] if is_coming else 0.0)
        ahead_m = np.concatenate((first_s * speed, np.zeros(len(own))))
        onto, off_m = cell.floor.onto(cell.own(sources))
        if not np.isfinite(ahead_m + off_m).any():
            continue
        field = cell.floor.field(onto, ahead_m=ahead_m + off_m)
        lengths_m, _ = field.walk(cell.floor.ends(cell.own(np.array([point for _, point in points]))))
        for (row, _), length_m in zip(points, lengths_m.tolist(), strict=True):
            took_s[row] = min(took_s[row], length_m / speed)
    return took_s


def things(index: SiteIndex, kind: str) -> tuple[str, ...]:
    """Ids of all things of a kind.

    Parameters
    ----------
    kind : of devices, a use of spaces or of the ground, what an end of a pipe is (``hydrant``), ``crew`` or a role of
        the staff

    Raises
    ------
    UnknownIdError
        If the site has none of that kind.
    """
    by_kind = _by_kind(index)
    if kind not in by_kind:
        raise UnknownIdError("kind of thing", kind, by_kind)
    return tuple(dict.fromkeys(by_kind[kind]))


def _by_kind(index: SiteIndex) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for device in index.site.devices:
        found.setdefault(device.kind, []).append(device.id)
    for space in index.spaces.values():
        found.setdefault(space.template.use, []).append(space.id)
    for feature in index.site.grounds:
        found.setdefault(feature.use, []).append(feature.id)
    for network in index.site.networks:
        for name, tie in network.nodes.items():
            if tie.asset is not None:
                found.setdefault(tie.asset, []).append(f"{network.id}/{name}" if tie.device is None else tie.device)
    for member in index.site.staff:
        if member.base is not None:
            found.setdefault(CREW, []).append(member.id)
            found.setdefault(member.role, []).append(member.id)
    return found
