"""A fire in a building: smoke and heat go through doors, stairs and shafts from space to space.

A well-mixed zone per space, exchanging air through its openings: the simplest model in which a closed fire door, an
open stair and the height of a storey matter. Growth follows the t-squared fire of the SFPE Handbook (5th ed., ch. 26),
"fast": alpha = 0.0469 kW/s2, up to a ceiling. It is a source of believable telemetry, not a design tool.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from twin.index import PlacedSpace, SiteIndex, to_shapely

if TYPE_CHECKING:
    import scipy.sparse as sp

GROWTH_W_PER_S2 = 46.9  # fast t-squared fire
PEAK_W = 3.0e6
AMBIENT_DEGC = 22.0
SMOKE_M3_PER_J = 1.5e-5
"""Air made as dark as a detector can tell, per joule burnt: soot yield 0.05 kg/kg over 20 MJ/kg, extinction 8700 m2/kg
(SFPE Handbook, 5th ed., ch. 61), darkness 1 at an extinction of 1.5 per metre."""
AIR_J_PER_M3_K = 1200.0
WALL_LOSS_W_PER_M2_K = 12.0
_EXCHANGE_M_PER_S = {"passage": 0.40, "door": 0.02, "shutter": 0.0, "gate": 0.4, "window": 0.003}
_BURNING_ROOM_DOOR_M_PER_S = 0.30
FLAMING_S = 60.0
"""A fire begins here when it flames; what smouldered before is not told."""
_RATED_DOOR_RATIO = 0.6
"""A self-closing fire door leaks less than a room door, but is opened by those who leave."""
_SHAFT_UP_M_PER_S = 0.25
_SHAFT_USES = {"stair": 1.0, "lift_shaft": 0.2, "shaft": 0.05}


@dataclass
class Fire:
    """A burning space and the spaces of its building.

    Attributes
    ----------
    smoke : (n,) float64
        0 clear, 1 as dark as a detector can tell.
    temperature_degc : (n,) float64
    """

    origin: str
    space_ids: tuple[str, ...]
    position: dict[str, int]
    volume_m3: NDArray[np.float64]
    surface_m2: NDArray[np.float64]
    exchange_m3_per_s: "sp.csr_matrix"
    smoke: NDArray[np.float64]
    temperature_degc: NDArray[np.float64]
    age_s: float = FLAMING_S
    burning: bool = True

    def at(self, space_id: str) -> tuple[float, float]:
        """Smoke (0 to 1) and temperature [degC] in a space; ambient where the fire's building has no such space."""
        k = self.position.get(space_id)
        return (0.0, AMBIENT_DEGC) if k is None else (min(1.0, float(self.smoke[k])), float(self.temperature_degc[k]))


def _leaf_spaces(index: SiteIndex, building_id: str) -> list[PlacedSpace]:
    """The spaces that hold air: those of the building that are nobody's parent."""
    own = [s for s in index.spaces.values() if s.storey.building.id == building_id]
    parents = {s.parent for s in own}
    return [s for s in own if s.id not in parents]


def _shaft_links(spaces: list[PlacedSpace], areas: NDArray[np.float64]) -> list[tuple[int, int, float]]:
    """(lower, upper, flow) between stairs and shafts that stand over one another on neighbouring storeys."""
    by_use: dict[str, list[int]] = {}
    for k, space in enumerate(spaces):
        if space.template.use in _SHAFT_USES:
            by_use.setdefault(space.template.use, []).append(k)
    links = []
    for use, members in by_use.items():
        order = sorted(members, key=lambda k: spaces[k].storey.elevation_m)
        shapes = {k: to_shapely(spaces[k].template.polygon) for k in order}
        for n, low in enumerate(order):
            top_m = spaces[low].storey.elevation_m + spaces[low].storey.template.height_m
            for high in order[n + 1 :]:
                rise_m = spaces[high].storey.elevation_m - top_m
                if rise_m > 0.5:
                    break
                if abs(rise_m) <= 0.5 and shapes[low].intersection(shapes[high]).area > 0.5 * areas[low]:
                    links.append((low, high, _SHAFT_UP_M_PER_S * _SHAFT_USES[use] * float(areas[low])))
    return links


def _openings_inplace(
    links: list[tuple[int, int, float]],
    vent: NDArray[np.float64],
    index: SiteIndex,
    position: dict[str, int],
    burning: str,
) -> None:
    """Add the air that goes through the doors and windows of a building."""
    building = index.spaces[burning].storey.building
    flat = index.spaces[burning].parent
    home = {burning} | {s for s in position if flat is not None and index.spaces[s].parent == flat}
    for opening in index.openings.values():
        if opening.storey.building is not building:
            continue
        inside = [position[end] for end in opening.connects if end in position]
        (x0, y0), (x1, y1) = opening.template.line
        width_m = opening.template.width_m or float(np.hypot(x1 - x0, y1 - y0))
        speed = _EXCHANGE_M_PER_S[opening.template.kind]
        if opening.template.kind == "door" and home & set(opening.connects):
            speed = _BURNING_ROOM_DOOR_M_PER_S  # whoever flees leaves the doors of the flat open
        elif opening.template.fire_rating_s > 0:
            speed *= _RATED_DOOR_RATIO
        flow = speed * width_m * opening.template.height_m
        if len(inside) == 2:
            links += [(inside[0], inside[1], flow), (inside[1], inside[0], flow)]
        elif inside:
            vent[inside[0]] += flow


def ignite(index: SiteIndex, space_id: str) -> Fire:
    """A fire just lit in a space; in one of its rooms, if it groups rooms.

    Raises
    ------
    ValueError
        If there is no such space, or it holds no room.
    """
    import scipy.sparse as sp  # noqa: PLC0415 - 30 MB that an estate without a fire need not hold

    if space_id not in index.spaces:
        raise ValueError(f"cannot light a fire in {space_id!r}: this site has no such space")
    spaces = _leaf_spaces(index, index.spaces[space_id].storey.building.id)
    position = {s.id: k for k, s in enumerate(spaces)}
    if space_id not in position:
        inside = next((s.id for s in spaces if s.parent == space_id), None)
        if inside is None:
            raise ValueError(f"cannot light a fire in {space_id!r}: it holds no room")
        space_id = inside
    areas = np.array([to_shapely(s.template.polygon).area for s in spaces])
    heights = np.array([s.height_m for s in spaces])
    n = len(spaces)
    links: list[tuple[int, int, float]] = []
    vent = np.zeros(n)
    _openings_inplace(links, vent, index, position, space_id)
    for low, high, flow in _shaft_links(spaces, areas):
        links += [(high, low, flow), (low, high, 0.05 * flow)]
    into, out_of, flows = zip(*links, strict=True) if links else ((), (), ())
    exchange = sp.csr_matrix((flows, (into, out_of)), shape=(n, n))
    # what comes in from neighbours leaves to them; air to the open is replaced by clean air
    outflow = np.asarray(exchange.sum(axis=0)).ravel() + vent
    return Fire(
        origin=space_id,
        space_ids=tuple(position),
        position=position,
        volume_m3=areas * heights,
        surface_m2=2 * areas + 4 * np.sqrt(areas) * heights,
        exchange_m3_per_s=sp.csr_matrix(exchange - sp.diags(outflow)),
        smoke=np.zeros(n),
        temperature_degc=np.full(n, AMBIENT_DEGC),
    )


def heat_w(age_s: float) -> float:
    """Heat release of the fire. [W]"""
    return min(PEAK_W, GROWTH_W_PER_S2 * age_s * age_s)


def step_inplace(fire: Fire, dt_s: float) -> None:
    """Let it burn, or smoulder out, for a while (implicit Euler: stable for any step)."""
    import scipy.sparse as sp  # noqa: PLC0415 - as above
    from scipy.sparse.linalg import splu  # noqa: PLC0415

    fire.age_s += dt_s
    power_w = heat_w(fire.age_s) if fire.burning else 0.0
    n = len(fire.volume_m3)
    source = np.zeros(n)
    source[fire.position[fire.origin]] = 1.0
    inertia = sp.diags(fire.volume_m3 / dt_s)
    # smoke also settles and is drawn off, with a time constant of about twenty minutes
    fade = sp.diags(fire.volume_m3 / 1200.0)
    smoke_matrix = sp.csc_matrix(inertia - fire.exchange_m3_per_s + fade)
    made = source * power_w * SMOKE_M3_PER_J
    fire.smoke = np.maximum(0.0, splu(smoke_matrix).solve(fire.volume_m3 / dt_s * fire.smoke + made))
    loss = sp.diags(fire.surface_m2 * WALL_LOSS_W_PER_M2_K / AIR_J_PER_M3_K)
    heat_matrix = sp.csc_matrix(inertia - fire.exchange_m3_per_s + loss)
    rise_k = fire.temperature_degc - AMBIENT_DEGC
    rise_k = splu(heat_matrix).solve(fire.volume_m3 / dt_s * rise_k + source * 0.6 * power_w / AIR_J_PER_M3_K)
    fire.temperature_degc = AMBIENT_DEGC + np.clip(rise_k, 0.0, 900.0)
