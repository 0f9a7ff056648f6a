"""What each camera sees of the required places."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geometry.culling import may_see
from geometry.meshes import Mesh
from geometry.sight import Place as Sighted
from geometry.sight import Seen, all_seen, hidden_by
from twin.coverage.cameras import Camera

Singles = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What a camera sees, over all its sensors; numbers ascend.

    Attributes
    ----------
    numbers, density_px_per_m : (v,) samples seen
    hidden, hidden_density_px_per_m : (h,) samples in its field that something stands before
    """

    numbers: Ints
    density_px_per_m: Singles
    hidden: Ints
    hidden_density_px_per_m: Singles

    def within(self, start: int, stop: int) -> tuple[Ints, Singles]:
        """Those seen of a stretch of samples, counted from its start."""
        first, last = np.searchsorted(self.numbers, (start, stop))
        return self.numbers[first:last] - start, self.density_px_per_m[first:last]

    def hidden_within(self, start: int, stop: int) -> tuple[Ints, Singles]:
        """Those hidden of a stretch of samples, counted from its start."""
        first, last = np.searchsorted(self.hidden, (start, stop))
        return self.hidden[first:last] - start, self.hidden_density_px_per_m[first:last]


def views(cameras: Sequence[Camera], at: Sighted) -> tuple[View, ...]:
    """What each of a site's cameras sees."""
    eyes = [eye for camera in cameras for eye in camera.eyes]
    looked = all_seen(eyes, at)
    ends = np.cumsum([0, *(len(camera.eyes) for camera in cameras)])
    return tuple(_joined(looked[a:b]) for a, b in itertools.pairwise(ends))


def hidden_from(camera: Camera, view: View, added: Sequence[Mesh], at: Sighted) -> View | None:
    """A camera's view with things added to what stood about; none where it must look again.

    Parameters
    ----------
    added : each of them close together, such as a vehicle
    at : the place before they came
    """
    if len(camera.eyes) > 1:  # what one of several eyes no longer sees another still may
        return None if may_see_any(camera, added) else view
    (eye,) = camera.eyes
    seen = Seen(view.numbers, view.density_px_per_m, view.hidden, view.hidden_density_px_per_m)
    lost = [hidden_by(mesh, eye, seen, at) for mesh in added]
    gone = np.isin(view.numbers, np.concatenate(lost)) if lost else np.zeros(len(view.numbers), dtype=bool)
    if not gone.any():
        return view
    hidden = np.concatenate((view.hidden, view.numbers[gone]))
    density = np.concatenate((view.hidden_density_px_per_m, view.density_px_per_m[gone]))
    order = np.argsort(hidden, kind="stable")
    return View(view.numbers[~gone], view.density_px_per_m[~gone], hidden[order], density[order])


def may_see_any(camera: Camera, things: Sequence[Mesh]) -> bool:
    """Whether any of some things may be in a camera's picture; each of them close together."""
    return any(may_see(eye, *_ball(mesh)) for eye in camera.eyes for mesh in things)


def _ball(mesh: Mesh) -> tuple[NDArray[np.float64], float]:
    """Middle and radius of a ball around a mesh."""
    low, high = mesh.vertices_m.min(axis=0), mesh.vertices_m.max(axis=0)
    return (low + high) / 2, float(np.linalg.norm(high - low)) / 2


def _joined(parts: Sequence[Seen]) -> View:
    numbers, density = _best([(p.numbers, p.density_px_per_m) for p in parts])
    hidden, hidden_density = _best([(p.hidden, p.hidden_density_px_per_m) for p in parts])
    if len(parts) > 1:
        unseen = ~np.isin(hidden, numbers)  # what one sensor sees is not hidden
        hidden, hidden_density = hidden[unseen], hidden_density[unseen]
    return View(numbers, density, hidden, hidden_density)


def _best(parts: Sequence[tuple[Ints, Singles]]) -> tuple[Ints, Singles]:
    """Each sample once, with the most pixels any sensor has there."""
    if len(parts) == 1:
        return parts[0]
    numbers = np.concatenate([n for n, _ in parts])
    density = np.concatenate([d for _, d in parts])
    order = np.lexsort((-density, numbers))
    first = np.diff(numbers[order], prepend=-1) > 0
    return numbers[order][first], density[order][first]
