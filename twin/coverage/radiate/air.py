"""What radio and sound pass through on their way, counted along straight lines: walls, slabs, doors, trees."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geometry.crossings import Counts, Material, Matter, matter, passed
from geometry.decibels import multi_wall_loss_db
from geometry.rays import RayScene
from twin.coverage.prepared import Prepared
from twin.fabric.occluders import OccluderKind

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Stuff(IntEnum):
    """The columns of what is counted."""

    HEAVY_WALL = 0
    LIGHT_WALL = 1
    FLOOR = 2
    GROUND = 3
    DOOR = 4
    VEHICLE = 5
    TREE = 6


_OF_KIND: Final[dict[OccluderKind, Stuff]] = {
    "wall": Stuff.HEAVY_WALL,
    "obstacle": Stuff.HEAVY_WALL,
    "stair": Stuff.HEAVY_WALL,
    "slab": Stuff.FLOOR,
    "roof": Stuff.FLOOR,
    "ground": Stuff.GROUND,
    "ramp": Stuff.GROUND,
    "door": Stuff.DOOR,
    "vehicle": Stuff.VEHICLE,
    "tree": Stuff.TREE,
}
_SHEETS: Final = frozenset({Stuff.GROUND, Stuff.DOOR})
_WALLS: Final = (Stuff.HEAVY_WALL, Stuff.LIGHT_WALL, Stuff.DOOR, Stuff.VEHICLE, Stuff.TREE)


@dataclass(frozen=True, slots=True, eq=False)
class Air:
    """A scene with what everything in it is made of."""

    scene: RayScene
    matter: Matter


@dataclass(frozen=True, slots=True)
class Losses:
    """What passing through each kind of thing takes; several floors by the exponent of the multi-wall model."""

    heavy_wall_db: float
    light_wall_db: float
    floor_db: float
    door_db: float
    vehicle_db: float
    tree_db: float
    floor_exponent: float = 1.0

    def of(self, counts: Counts) -> Floats:
        """(n,) what is lost on ways that pass so much.

        Parameters
        ----------
        counts : (n, kinds of `Stuff`)
        """
        walls = (self.heavy_wall_db, self.light_wall_db, self.door_db, self.vehicle_db, self.tree_db)
        floors = counts[:, Stuff.FLOOR] + counts[:, Stuff.GROUND]
        return multi_wall_loss_db(
            counts[:, _WALLS], walls, floors, floor_loss_db=self.floor_db, floor_exponent=self.floor_exponent
        )


def air(prepared: Prepared, *, light_wall_below_m: float) -> Air:
    """A site's walls and slabs, ready for counting.

    Parameters
    ----------
    light_wall_below_m : thinner walls are light
    """
    materials = [Material(is_solid=stuff not in _SHEETS) for stuff in Stuff]
    materials[Stuff.HEAVY_WALL] = Material(is_solid=True, thin_below_m=light_wall_below_m, thin=Stuff.LIGHT_WALL)
    owners = len(prepared.occluders.owners) + len(prepared.standing)
    kinds = [_OF_KIND.get(prepared.owner(row).kind, -1) for row in range(owners)]
    return Air(prepared.scene, matter(prepared.scene, materials, [int(kind) for kind in kinds]))


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Ways from devices to samples, and how strongly something arrives.

    Attributes
    ----------
    free : (h, bands) level that would arrive with nothing in between
    losses : of each band
    """

    origins_m: Floats
    targets_m: Floats
    free: Floats
    losses: tuple[Losses, ...]

    def arrives(self, through: Air, rows: Ints, *, least: Floats) -> Floats:
        """(rows, bands) level that arrives on some of the ways; minus infinity where it is less than asked about.

        Parameters
        ----------
        least : (rows,) or (rows, bands); what arrives with less in all bands is not followed to its end
        """
        free = self.free[rows]
        least = np.broadcast_to(least if least.ndim > 1 else least[:, None], free.shape)
        open_rows = np.flatnonzero((free >= least).any(axis=1))
        level = np.full(free.shape, -np.inf)
        if not len(open_rows):
            return level

        def lost(ways: Ints, counts: Counts) -> Flags:
            of = open_rows[ways]
            return np.asarray(~(self._level(free[of], counts) >= least[of]).any(axis=1))

        ends = rows[open_rows]
        counts = passed(
            through.scene, self.origins_m[ends], self.targets_m[ends], through.matter, is_lost=lost
        )  # fmt: skip
        found = self._level(free[open_rows], counts)
        arrived = (found >= least[open_rows]).any(axis=1)
        level[open_rows[arrived]] = found[arrived]
        return level

    def _level(self, free: Floats, counts: Counts) -> Floats:
        return free - np.column_stack([losses.of(counts) for losses in self.losses])
