"""Whether places are lit as they must be: light on the floor from each lamp's intensities, as far as it gets there.

Direct light alone: what walls and the sky reflect comes on top.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import numpy as np
import yaml
from numpy.typing import NDArray

from geometry.photometry import (
    Intensities,
    PhotometryError,
    cosine_lamp,
    even_lamp,
    illuminance_lx,
    read_ies,
    road_lamp,
)
from twin.coverage.prepared import Prepared
from twin.coverage.radiate.answers import KindCoverage, answers
from twin.coverage.radiate.links import Links, together
from twin.coverage.radiate.models import model_of
from twin.coverage.radiate.spots import Spots, down, near_pairs, reaching, spots
from twin.coverage.result import PlaceResult, Problem, Rule
from twin.coverage.settings import Settings, settings
from twin.model.devices import Device
from twin.model.grounds import Requirement
from twin.model.radiators import LuminaireModel
from twin.state import Quality, StateSnapshot

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

STEP_M: Final = 1.0
_HIGH_M: Final = 4.0
"""From this height above its floor on a lamp that names no model is taken for a street luminaire."""
_OFF: Final = frozenset({"off", "stopped", "关", "停止", "关灯"})
_DIMS: Final = ("level", "brightness", "dimming")
_OWN: Final = "requirements.yaml"
_LEAST_LX: Final = 0.01
"""Less is moonlight: whether something stands in its way is not asked."""


@dataclass(frozen=True, slots=True, eq=False)
class Lamps:
    """Lamps: where, how they shine, what share of their light they give now."""

    devices: tuple[Device, ...]
    at_m: Floats
    intensities: tuple[Intensities, ...]
    output: Floats
    is_down: Flags


@cache
def generic_models() -> Mapping[str, LuminaireModel]:
    """The models that come with the product, by name."""
    text = files("twin.coverage.catalogue").joinpath("luminaires.yaml").read_text(encoding="utf-8")
    made = (LuminaireModel(**item) for item in yaml.safe_load(text)["luminaire_models"])
    return MappingProxyType({model.id: model for model in made})


def check_lighting(
    prepared: Prepared, state: StateSnapshot | None = None, *, at: Spots | None = None, explain: bool = True
) -> KindCoverage:
    """Whether places have light enough. [lx]

    A requirement that states a value asks for it at each spot; one that names a class of `values/lighting.yaml` in its
    level asks for the class's mean, least and uniformity. Without a state all lamps shine fully.

    Parameters
    ----------
    at : the places where light is required, sampled before
    explain : without it gaps are left out

    References
    ----------
    CIE 140-2019, section 4: E = I cos(theta) / d2, summed over lamps, times the maintenance factor.
    """
    at = spots(prepared, "lighting", step_m=STEP_M, without=prepared.occluders.taken) if at is None else at
    values, problems = settings(prepared.index.site)
    lamps, unusable = lamps_of(prepared, state)
    classes = [_class(made.place.requirement, values) for made in at.places]
    names = ", ".join(_names(values))
    unknown = [
        Problem("unknown-class", name, f"requirement {name} asks for level {level}; there are {names}")
        for name, level in dict.fromkeys(
            (made.place.requirement.id, made.place.requirement.level)
            for made, of in zip(at.places, classes, strict=True)
            if of is None
        )
    ]  # fmt: skip
    needed = np.array([_needed(m.place.requirement, of, values) for m, of in zip(at.places, classes, strict=True)])
    rows, samples = near_pairs(at.points_m, lamps.at_m, values["lighting.reach_m"])
    free = _free_lx(lamps, rows, at.points_m[samples]) * values["lighting.maintenance_ratio"]
    full = np.where(_is_open(prepared, lamps.at_m[rows], at.points_m[samples], free), free, 0.0)
    links = Links(rows, samples, full * lamps.output[rows], full, free)
    wanted = np.ones(len(at.places), dtype=np.int64)
    given = together(links, at, is_down=lamps.is_down, needed=needed, wanted=wanted, combine="sum", floor=0.0)
    places = answers(
        prepared, at, given, lamps.devices, needed=needed, unit="lx", origins_m=lamps.at_m, explain=explain
    )
    return KindCoverage(
        kind="lighting",
        places=tuple(
            replace(place, rules=_rules(place, of, values)) for place, of in zip(places, classes, strict=True)
        ),
        made_of={(m.place.id, m.place.requirement.id): m for m in at.places},
        devices=lamps.devices,
        offline=frozenset(d.id for d, gone in zip(lamps.devices, lamps.is_down, strict=True) if gone),
        problems=(*at.problems, *problems, *unusable, *unknown),
    )


def lit_lx(prepared: Prepared, lamps: Lamps, points_m: Floats, values: Settings, *, least_lx: float) -> Floats:
    """(n,) the light that lamps give now on points of a level floor, as far as nothing hides them. [lx]

    Parameters
    ----------
    points_m : (n, 3)
    least_lx : a lamp that gives less is not asked about
    """
    rows, samples = near_pairs(points_m, lamps.at_m, values["lighting.reach_m"])
    given = _free_lx(lamps, rows, points_m[samples]) * values["lighting.maintenance_ratio"] * lamps.output[rows]
    is_open = _is_open(prepared, lamps.at_m[rows], points_m[samples], given, least_lx=least_lx)
    light: Floats = np.bincount(samples, weights=np.where(is_open, given, 0.0), minlength=len(points_m)).astype(
        np.float64
    )
    return light


def lamps_of(prepared: Prepared, state: StateSnapshot | None) -> tuple[Lamps, tuple[Problem, ...]]:
    """A site's lamps with what they give in a state, and those whose light cannot be reckoned."""
    found, at_m = reaching(prepared.index, "light")
    low, high = list(generic_models())[:2]
    floors_m = [_floor_m(prepared, device) for device in found]
    usual = [
        high if z - floor >= _HIGH_M else low for z, floor in zip(at_m[:, 2].tolist(), floors_m, strict=True)
    ]  # fmt: skip
    own = {model.id: model for model in prepared.index.site.luminaire_models}
    models, problems = model_of(found, {**generic_models(), **own}, "luminaire-models.yaml", usual)
    shining: dict[str, Intensities | PhotometryError] = {}
    more: dict[str, Problem] = {}
    usable = []
    for k, model in enumerate(models):
        if model is None:
            continue
        if model.id not in shining:
            shining[model.id] = _shining(model)
        made = shining[model.id]
        if isinstance(made, PhotometryError):
            more[model.id] = Problem("broken-luminaire", model.id, f"luminaire model {model.id}: {made}")
        else:
            usable.append((k, made))
    rows = [k for k, _ in usable]
    devices = tuple(found[k] for k in rows)
    lamps = Lamps(
        devices=devices,
        at_m=at_m[rows],
        intensities=tuple(_faced(made, found[k]) for k, made in usable),
        output=_output(prepared, devices, state),
        is_down=down(prepared, devices, state),
    )
    return lamps, (*problems, *more.values())


def _floor_m(prepared: Prepared, device: Device) -> float:
    space = prepared.index.spaces.get(device.space or "")
    return 0.0 if space is None else space.storey.elevation_m


def _shining(model: LuminaireModel) -> Intensities | PhotometryError:
    if model.ies is not None:
        try:
            return read_ies(model.ies)
        except PhotometryError as error:
            return error
    shapes = {"cosine": cosine_lamp, "even": even_lamp, "road": road_lamp}
    return shapes[model.shape or "cosine"](flux_lm=model.flux_lm or 0.0, power_w=model.power_w or 0.0)


def _faced(of: Intensities, device: Device) -> Intensities:
    """The intensities of a lamp; of one that does not say where it faces, the mean of all sides."""
    if device.bearing_deg is not None or len(of.planes_deg) == 1:
        return of
    last = of.planes_deg[-1]
    mean = np.trapezoid(of.candela, of.planes_deg, axis=0) / last
    return Intensities(of.gammas_deg, np.zeros(1), mean[None], of.power_w)


def _output(prepared: Prepared, devices: tuple[Device, ...], state: StateSnapshot | None) -> Floats:
    """(n,) share of its light each lamp gives: none where it is off, less where it is dimmed."""
    output = np.ones(len(devices))
    if state is None:
        return output
    index = prepared.as_it_stands
    for k, device in enumerate(devices):
        for name in ("state", *_DIMS):
            row = index.rows.get(f"{device.id}:{name}")
            if row is None or state.quality[row] not in (Quality.GOOD, Quality.UNCERTAIN):
                continue
            channel, value = index.channels[row].channel, float(state.values[row])
            said = channel.states.get(round(value))
            if said is not None and not _OFF.isdisjoint((said.en.lower(), said.zh)):
                output[k] = 0.0
            elif name in _DIMS and channel.unit == "ratio":
                output[k] *= min(max(value, 0.0), 1.0)
    return output


def _free_lx(lamps: Lamps, rows: Ints, points_m: Floats) -> Floats:
    """(h,) light from single lamps with nothing in between."""
    light = np.zeros(len(rows))
    edges = np.flatnonzero(np.diff(rows, prepend=-1, append=-1)).tolist()  # ways come lamp by lamp
    for first, last in itertools.pairwise(edges):
        k = int(rows[first])
        device = lamps.devices[k]
        light[first:last] = illuminance_lx(
            lamps.intensities[k], lamps.at_m[k], points_m[first:last], bearing_deg=device.bearing_deg or 0.0,
            tilt_deg=90.0 if device.tilt_deg is None else device.tilt_deg,
        )  # fmt: skip
    return light


def _is_open(
    prepared: Prepared, origins_m: Floats, targets_m: Floats, light_lx: Floats, *, least_lx: float = _LEAST_LX
) -> Flags:  # fmt: skip
    """(h,) whether light gets there; ways on which there is none are not asked about."""
    is_open = np.zeros(len(light_lx), dtype=bool)
    some = np.flatnonzero(light_lx >= least_lx)
    is_open[some] = ~prepared.scene.blocked(origins_m[some], targets_m[some])
    return is_open


def _names(values: Settings) -> list[str]:
    return [row.rsplit(".", 1)[1] for row in values.rows("lighting.class.")]


def _class(requirement: Requirement, values: Settings) -> str | None:
    """The row of the class a requirement names, empty where it names none; none where there is no such class."""
    if requirement.level is None:
        return ""
    return f"lighting.class.{requirement.level}" if requirement.level in _names(values) else None


def _needed(requirement: Requirement, of: str | None, values: Settings) -> float:
    """What each spot needs: of a class its least, or what its uniformity leaves of the mean."""
    if requirement.min_value is not None or not of:
        return values["lighting.needed_lx"] if requirement.min_value is None else requirement.min_value
    row = values.row(of)
    return max(row["least_lx"], row["uniformity_ratio"] * row["mean_lx"])


def _rules(place: PlaceResult, of: str | None, values: Settings) -> tuple[Rule, ...]:
    """Mean, least and uniformity, which bind where a class asks for them."""
    mean, least = float(place.values.mean()), float(place.values.min())
    even = least / mean if mean > 0 else 0.0
    if of:
        row, known = values.row(of), values.of(f"{of}.mean_lx")
        asked = (("mean", mean, row["mean_lx"], "lx"), ("least", least, row["least_lx"], "lx"),
                 ("uniformity", even, row["uniformity_ratio"], "ratio"))  # fmt: skip
        return tuple(
            Rule(f"light-{name}", wanted, reached, unit, reached >= wanted - 1e-9, known.where, known.certainty)
            for name, reached, wanted, unit in asked
            if wanted > 0
        )
    known = values.of("lighting.uniformity_ratio")
    return (
        Rule("light-mean", place.needed, mean, "lx", mean >= place.needed - 1e-9, _OWN, "chosen", is_binding=False),
        Rule("light-uniformity", known.value, even, "ratio", even >= known.value - 1e-9, known.where, known.certainty,
             is_binding=False),
    )  # fmt: skip
