"""From candidates to devices: the models to choose from, their prices, the kinds of the site's own cameras."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from geometry.lenses import LensError
from twin.coverage.cameras import models, needed_lx
from twin.coverage.placement.candidates import Candidate, Optics, optics_of
from twin.coverage.placement.mounts import Mount
from twin.coverage.placement.wish import Wish
from twin.errors import CameraError, CoverageError, UnknownIdError
from twin.index import SiteIndex
from twin.model.base import Text
from twin.model.cameras import CameraModel
from twin.model.devices import Device

_USUAL: Final = ("4MP-2.8mm", "4MP-4mm", "4MP-6mm")
_MOST_MODELS: Final = 4


def chosen_optics(index: SiteIndex, wish: Wish) -> tuple[Optics, ...]:
    """The models to choose from.

    Raises
    ------
    UnknownIdError
        If the wish names a model that is not in the catalogue.
    CameraError
        If no picture can come from one.
    """
    known = models(index.site)
    names = wish.models or _most_used(index, known)
    for name in names:
        if name not in known:
            raise UnknownIdError("camera model", name, known)
    found = []
    for name in names:
        try:
            found.append(optics_of(known[name], needed_lx=needed_lx(known[name], index.site)))
        except LensError as error:
            raise CameraError(name, f"Its model {name}: {error}", "Correct the model.") from error
    return tuple(found)


def _most_used(index: SiteIndex, known: Mapping[str, CameraModel]) -> tuple[str, ...]:
    """The models the site has most of, but those that turn; of a site with fewer than two the usual ones too."""
    lifts = {space.id for space in index.spaces.values() if space.template.use == "lift_shaft"}  # made for their cars
    used = Counter(
        d.model for d in index.site.devices if index.kinds[d.kind].reaches == "camera" and d.space not in lifts
    )
    found = [name for name, _ in used.most_common() if name in known and not known[name].turns][:_MOST_MODELS]
    return tuple(dict.fromkeys([*found, *_USUAL])) if len(found) < 2 else tuple(found)


def costs_of(optics: Sequence[Optics], wish: Wish) -> dict[str, float]:
    """What one camera of each model costs: money, or 1 where cameras are counted.

    Raises
    ------
    CoverageError
        If money is asked about and a model has no price.
    """
    if not wish.in_money:
        return {glass.model.id: 1.0 for glass in optics}
    prices = {glass.model.id: wish.prices.get(glass.model.id, glass.model.price) for glass in optics}
    lacking = sorted(model for model, price in prices.items() if price is None)
    if lacking:
        raise CoverageError(
            f"no price of {', '.join(lacking)}: give it with the wish or in camera-models.yaml, or ask for the fewest"
        )
    return {model: price for model, price in prices.items() if price is not None}


def cost_of(candidate: Candidate, mount: Mount, costs: Mapping[str, float], wish: Wish) -> float:
    """Of hanging a candidate at its mount."""
    pole = wish.pole_price if wish.in_money and mount.kind == "pole" else 0.0
    return costs[candidate.optics.model.id] + pole


def hung(chosen: Sequence[tuple[Candidate, Mount]], index: SiteIndex) -> tuple[Device, ...]:
    """New devices for candidates.

    Raises
    ------
    CoverageError
        If the site has no kind of device that is a camera.
    """
    taken, number, found = set(index.devices), 0, []
    for candidate, mount in chosen:
        number += 1
        while f"new-camera-{number}" in taken:
            number += 1
        x, y, z = mount.position_m
        model = candidate.optics.model
        found.append(
            Device(
                id=f"new-camera-{number}",
                kind=_kind(model, index),
                name=Text(zh=f"新增摄像机 {number}", en=f"New camera {number}"),
                x_m=x,
                y_m=y,
                z_m=z,
                space=mount.space,
                bearing_deg=None if candidate.optics.is_down else candidate.bearing_deg,
                tilt_deg=candidate.tilt_deg,
                model=model.id,
            )
        )
    return tuple(found)


def turned(device: Device, candidates: Sequence[Candidate]) -> Device:
    """A camera aimed otherwise; one that turns by itself gets presets beside those it has."""
    if candidates[0].optics.model.turns:
        more = [f"{c.bearing_deg:g}/{c.tilt_deg:g}/{c.optics.zoom_ratio:g}" for c in candidates]
        home = () if device.presets or device.bearing_deg is None else (
            f"{device.bearing_deg:g}/{device.tilt_deg or 0:g}/1",
        )  # fmt: skip
        return device.replace(presets=(*device.presets, *home, *more))
    (candidate,) = candidates
    return device.replace(bearing_deg=candidate.bearing_deg, tilt_deg=candidate.tilt_deg)


def _kind(model: CameraModel, index: SiteIndex) -> str:
    """The kind that the site's cameras of the model are of; of one it has none of, of those most alike."""
    known = models(index.site)
    cameras = [d for d in index.site.devices if index.kinds[d.kind].reaches == "camera"]
    same = Counter(d.kind for d in cameras if d.model == model.id)
    alike = Counter(d.kind for d in cameras if d.model in known and known[d.model].is_dome == model.is_dome)
    for found in (same, alike):
        if found:
            return found.most_common(1)[0][0]
    kinds = [kind.id for kind in index.site.kinds if kind.reaches == "camera"]
    if not kinds:
        raise CoverageError("the site has no kind of device that reaches as a camera: add one to kinds.yaml")
    return kinds[0]


def zoomed(optics: Optics) -> tuple[Optics, ...]:
    """A model that turns, at zooms each twice the one before."""
    ratios = [1.0]
    while ratios[-1] * 2 <= optics.model.zoom_ratio:
        ratios.append(ratios[-1] * 2)
    return tuple(optics_of(optics.model, needed_lx=optics.needed_lx, zoom_ratio=ratio) for ratio in ratios)
