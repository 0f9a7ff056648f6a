"""What each camera sees of the required places."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geometry.culling import Eye, may_see
from geometry.sight import Known, Mover, Seen, all_seen, hidden_by
from geometry.sight import Place as Sighted
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


def views(
    cameras: Sequence[Camera], at: Sighted, *, known: Mapping[str, tuple[Camera, View]] | None = None
) -> tuple[View, ...]:
    """What each of a site's cameras sees.

    Parameters
    ----------
    known : by id, cameras and what they saw in the same place with the same about; one that only turned since has
        still in its view what it had, and only the rest of its picture is looked at
    """
    eyes = [eye for camera in cameras for eye in camera.eyes]
    before = [_from_there(eye, (known or {}).get(camera.id)) for camera in cameras for eye in camera.eyes]
    looked = all_seen(eyes, at, known=before)
    ends = np.cumsum([0, *(len(camera.eyes) for camera in cameras)])
    return tuple(_joined(looked[a:b]) for a, b in itertools.pairwise(ends))


def _from_there(eye: Eye, was: tuple[Camera, View] | None) -> Known | None:
    """What is known from where an eye is; all eyes of a camera are in one place."""
    if was is None or any(other.pose.position_m != eye.pose.position_m for other in was[0].eyes):
        return None
    return Known(was[1].numbers, was[1].hidden)


def hidden_from(camera: Camera, view: View, added: Sequence[Mover], at: Sighted) -> View:
    """A camera's view with things added to what stood about; all its eyes are in one place.

    Parameters
    ----------
    added : each of them close together, such as a vehicle
    at : the place before they came
    """
    lost = [hidden_by(thing, camera.eyes, view.numbers, at) for thing in added]
    if not any(map(len, lost)):
        return view
    gone = np.isin(view.numbers, np.concatenate(lost))
    hidden = np.concatenate((view.hidden, view.numbers[gone]))
    density = np.concatenate((view.hidden_density_px_per_m, view.density_px_per_m[gone]))
    order = np.argsort(hidden, kind="stable")
    return View(view.numbers[~gone], view.density_px_per_m[~gone], hidden[order], density[order])


def may_see_any(camera: Camera, things: Sequence[Mover]) -> bool:
    """Whether any of some things may be in a camera's picture; each of them close together."""
    return any(may_see(eye, thing.middle_m, thing.around_m) for eye in camera.eyes for thing in things)


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
