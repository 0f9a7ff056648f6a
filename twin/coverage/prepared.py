"""A site made ready for questions of coverage: what hides, and the places that are asked about.

It depends on the site alone, not on cameras nor on what anything is doing, and is made once.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from shapely.geometry.base import BaseGeometry

from geometry.meshes import Mesh, merged
from geometry.rays import RayScene, ray_scene
from geometry.samples import gather
from geometry.sight import Place as Sighted
from geometry.sight import place as sighted
from twin.coverage.misasked import misasked
from twin.coverage.misdrawn import misdrawn
from twin.coverage.places import PlaceGrids, extent, heights_m, loose_zones, required_places, sampled, zones_outside
from twin.coverage.result import Problem
from twin.fabric.occluders import Occluder, Occluders, closed_doors, occluders
from twin.index import SiteIndex, with_devices
from twin.model.devices import Device


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What questions of coverage stand on.

    Attributes
    ----------
    as_it_stands : the site whose rows states have, whatever devices are asked about
    scene : closed doors are its movers
    places : those that cameras are required for, in the order of their samples
    at : their samples in the scene
    starts : (places + 1,) number of each place's first sample
    leaves : of the doors that are closed
    extent, between_m : where the site is, in the plane and in height
    standing : vehicles and other things that stand about, each a mesh
    standing_ids : what each is called: the device that tells of it, or a name for the question
    """

    index: SiteIndex
    as_it_stands: SiteIndex
    occluders: Occluders
    scene: RayScene
    places: tuple[PlaceGrids, ...]
    at: Sighted
    starts: tuple[int, ...]
    problems: tuple[Problem, ...]
    leaves: Mesh
    extent: BaseGeometry
    between_m: tuple[float, float]
    standing: tuple[Mesh, ...] = ()
    standing_ids: tuple[str, ...] = ()

    def with_doors(self, open_ids: Iterable[str]) -> "Prepared":
        """The same with some doors open and all others closed."""
        return self._with_movers(closed_doors(self.occluders, open_ids), self.standing, self.standing_ids)

    def with_standing(self, *things: Mesh, ids: Sequence[str] = ()) -> "Prepared":
        """The same with more things standing about, such as `twin.fabric.occluders.vehicle`.

        Parameters
        ----------
        ids : what they are called; none numbers them
        """
        row, known = len(self.occluders.owners), len(self.standing)
        named = (thing.owned_by(row + known + k) for k, thing in enumerate(things))
        called = tuple(ids) or tuple(f"standing-{known + k + 1}" for k in range(len(things)))
        return self._with_movers(self.leaves, (*self.standing, *named), (*self.standing_ids, *called))

    def without_standing(self, ids: Collection[str]) -> "Prepared":
        """The same without some of what stands about."""
        kept = [(name, thing) for name, thing in zip(self.standing_ids, self.standing, strict=True) if name not in ids]
        bare = self._with_movers(self.leaves, (), ())
        return bare.with_standing(*(thing for _, thing in kept), ids=[name for name, _ in kept])

    def with_devices(self, *devices: Device) -> "Prepared":
        """The same with devices added, or put in the place of those of the same id: what if it hung there?"""
        changed = {**self.index.devices, **{device.id: device for device in devices}}
        return replace(self, index=with_devices(self.index, tuple(changed.values())))

    def without_devices(self, *device_ids: str) -> "Prepared":
        """The same without some devices."""
        gone = {self.index.device(device_id).id for device_id in device_ids}
        kept = tuple(device for device in self.index.site.devices if device.id not in gone)
        return replace(self, index=with_devices(self.index, kept))

    def owner(self, row: int) -> Occluder:
        """What hides, by its row; what stands about counts as a vehicle."""
        known = self.occluders.owners
        return known[row] if row < len(known) else Occluder("vehicle", self.standing_ids[row - len(known)])

    def _with_movers(self, leaves: Mesh, standing: tuple[Mesh, ...], ids: tuple[str, ...]) -> "Prepared":
        scene = self.scene.with_movers(merged([leaves, *standing]))
        at = self.at.with_scene(scene)
        return replace(self, scene=scene, at=at, leaves=leaves, standing=standing, standing_ids=ids)


def prepare(index: SiteIndex) -> Prepared:
    """A site made ready; all its doors are closed."""
    hidden = occluders(index)
    leaves = closed_doors(hidden)
    scene = ray_scene(hidden.mesh, movers=leaves)
    problems = [*misdrawn(index), *loose_zones(index), *zones_outside(index, {"camera"}), *_misasked(index)]
    places = []
    for row, place in enumerate(required_places(index, {"camera"}, hidden=hidden)):
        made = sampled(place, owner=row)
        if isinstance(made, Problem):
            problems.append(made)
        else:
            places.append(made)
    samples = gather([grid for made in places for grid in made.grids])
    counts = [sum(grid.count for grid in made.grids) for made in places]
    starts = tuple(int(k) for k in np.cumsum([0, *counts]))
    at = sighted(scene, samples)
    return Prepared(
        index, index, hidden, scene, tuple(places), at, starts, tuple(problems), leaves, extent(index), heights_m(index)
    )


def _misasked(index: SiteIndex) -> Iterator[Problem]:
    for one in misasked(index):
        yield Problem(one.code, one.requirement, f"requirement {one.requirement}: {one.fault}. {one.cure}")
