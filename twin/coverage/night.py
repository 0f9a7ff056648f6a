"""Light of lamps on what must be seen by night, which cameras without a light of their own, or too far for it, live on.

What counts is the light on the floor (`twin.coverage.radiate.lights`): direct, from lamps that shine and that nothing
hides. A camera needs its `min_illumination_lx` there.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geometry.rays import RayScene
from twin.coverage.places import PlaceGrids
from twin.coverage.prepared import Prepared
from twin.coverage.radiate.lights import Lamps, lamps_of, lit_lx
from twin.coverage.settings import settings
from twin.state import StateSnapshot

Floats = NDArray[np.float64]

FLOOR_M: Final = 0.02
"""So high above the floor light is asked for; a point on it would lie in its own floor."""
_LEAST_SHARE: Final = 0.05
"""A lamp that gives less of what the most sensitive camera needs is not asked about."""


@dataclass(frozen=True, slots=True, eq=False)
class NightLight:
    """Light on the places that must be seen by night.

    Attributes
    ----------
    scene : it was reckoned in
    lamps : with what they give now
    of_place : (cells,) light on the floor by place and requirement. [lx]
    """

    scene: RayScene
    lamps: Lamps
    least_lx: float
    of_place: Mapping[tuple[str, str], Floats]

    def on(self, made: PlaceGrids) -> Floats:
        """(cells,) light on a place that must be seen by night. [lx]"""
        return self.of_place[made.place.id, made.place.requirement.id]


def night_light(
    prepared: Prepared, state: StateSnapshot | None, *, least_lx: float, without: Collection[str] = (),
    by_day: bool = False, before: NightLight | None = None,
) -> NightLight | None:  # fmt: skip
    """The light of lamps on the places that cameras must see by night; none where there is no such place.

    Parameters
    ----------
    state : says which lamps shine and how much; without one they give what they gave before, or all their light
    least_lx : that any camera needs
    without : ids of lamps that count as down
    by_day : whether it is day, so that a lamp that is off is not one that will be off by night
    before : the answer for nearly the same, which is taken where nothing is otherwise
    """
    dark = [made for made in prepared.places if made.place.requirement.by_night]
    if not dark:
        return None
    if state is None and before is not None and not by_day and _is_untouched(prepared, least_lx, without, before):
        return before
    lamps, _ = lamps_of(prepared, state)
    if by_day:
        lamps = replace(lamps, output=np.ones(len(lamps.devices)))
    if state is None and before is not None:
        lamps = _as_before(lamps, before.lamps)
    down = lamps.is_down | np.array([device.id in without for device in lamps.devices], dtype=bool)
    lamps = replace(lamps, output=np.where(down, 0.0, lamps.output), is_down=down)
    if before is not None and _is_same(prepared, lamps, least_lx, before):
        return before
    values, _ = settings(prepared.index.site)
    found = {}
    for made in dark:
        at_m = np.column_stack((made.cells_m, np.full(len(made.cells_m), made.place.elevation_m + FLOOR_M)))
        found[made.place.id, made.place.requirement.id] = lit_lx(
            prepared, lamps, at_m, values, least_lx=_LEAST_SHARE * least_lx
        )
    return NightLight(prepared.scene, lamps, least_lx, found)


def _is_untouched(prepared: Prepared, least_lx: float, without: Collection[str], before: NightLight) -> bool:
    """Whether lamps are those there were; asked while a camera is dragged, so it looks at devices alone."""
    if prepared.scene is not before.scene or least_lx != before.least_lx:
        return False
    lights = frozenset(kind.id for kind in prepared.index.kinds.values() if kind.reaches == "light")
    now = [device for device in prepared.index.site.devices if device.kind in lights]
    was = before.lamps
    is_same = len(now) == len(was.devices) and all(a is b for a, b in zip(now, was.devices, strict=True))
    gone = set(without).intersection(device.id for device in now)
    return is_same and gone <= {d.id for d, is_down in zip(was.devices, was.is_down, strict=True) if is_down}


def _as_before(lamps: Lamps, before: Lamps) -> Lamps:
    gave = dict(zip((d.id for d in before.devices), zip(before.output, before.is_down, strict=True), strict=True))
    known = [gave.get(device.id, (1.0, False)) for device in lamps.devices]
    return replace(
        lamps,
        output=np.array([output for output, _ in known], dtype=np.float64),
        is_down=np.array([is_down for _, is_down in known], dtype=bool),
    )


def _is_same(prepared: Prepared, lamps: Lamps, least_lx: float, before: NightLight) -> bool:
    was = before.lamps
    return (
        prepared.scene is before.scene
        and least_lx == before.least_lx
        and len(lamps.devices) == len(was.devices)
        and all(a is b for a, b in zip(lamps.devices, was.devices, strict=True))
        and np.array_equal(lamps.output, was.output)
    )
