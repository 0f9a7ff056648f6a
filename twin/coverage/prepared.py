"""A site made ready for questions of coverage: what hides, and the places that are asked about.

It depends on the site alone, not on cameras nor on what anything is doing, and is made once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from geometry.meshes import Mesh, merged
from geometry.rays import RayScene, ray_scene
from geometry.samples import gather
from geometry.sight import Place as Sighted
from geometry.sight import place as sighted
from twin.coverage.places import PlaceGrids, loose_zones, required_places, sampled
from twin.coverage.result import Problem
from twin.fabric.occluders import Occluders, closed_doors, occluders
from twin.index import SiteIndex


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What questions of coverage stand on.

    Attributes
    ----------
    scene : closed doors are its movers
    places : those that cameras are required for, in the order of their samples
    at : their samples in the scene
    starts : (places + 1,) number of each place's first sample
    """

    index: SiteIndex
    occluders: Occluders
    scene: RayScene
    places: tuple[PlaceGrids, ...]
    at: Sighted
    starts: tuple[int, ...]
    problems: tuple[Problem, ...]

    def with_doors(self, open_ids: Iterable[str], others: Mesh | None = None) -> "Prepared":
        """The same with some doors open, and with other things standing about."""
        leaves = closed_doors(self.occluders, open_ids)
        scene = self.scene.with_movers(leaves if others is None else merged([leaves, others]))
        return replace(self, scene=scene, at=self.at.with_scene(scene))


def prepare(index: SiteIndex) -> Prepared:
    """A site made ready; all its doors are closed."""
    hidden = occluders(index)
    scene = ray_scene(hidden.mesh, movers=closed_doors(hidden))
    problems, places = list(loose_zones(index)), []
    for row, place in enumerate(required_places(index, {"camera"})):
        made = sampled(place, owner=row)
        if isinstance(made, Problem):
            problems.append(made)
        else:
            places.append(made)
    samples = gather([grid for made in places for grid in made.grids])
    counts = [sum(grid.count for grid in made.grids) for made in places]
    starts = tuple(int(k) for k in np.cumsum([0, *counts]))
    return Prepared(index, hidden, scene, tuple(places), sighted(scene, samples), starts, tuple(problems))
