"""Whether an emergency broadcast is heard where it must be: level over the noise, and the distances of the standard.

Levels are those of the direct sound, through walls and doors as they stand; sound that rooms reflect comes on top, and
what bends around edges is left out.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import numpy as np
import yaml
from numpy.typing import NDArray

from geometry.decibels import sound_level_db
from twin.coverage.prepared import Prepared
from twin.coverage.radiate.air import Air, Losses, Ways, air
from twin.coverage.radiate.answers import KindCoverage, answers
from twin.coverage.radiate.links import Links, combined, together
from twin.coverage.radiate.models import model_of
from twin.coverage.radiate.speaker_rules import Speakers, speaker_rules
from twin.coverage.radiate.spots import Spots, down, near_pairs, place_at, reaching, spots
from twin.coverage.result import Problem
from twin.coverage.settings import Settings, settings
from twin.model.devices import Device
from twin.model.radiators import Ceiling, LoudspeakerModel
from twin.state import StateSnapshot

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

STEP_M: Final = 1.0
_MAY_ADD_DB: Final = 20.0
"""What is so much weaker than needed adds less than 0.05 dB; even ten of them, less than half a decibel."""
_OFF_AXIS_DB: Final = 6.0
_MOST_OFF_AXIS_DB: Final = 20.0


@cache
def generic_models() -> Mapping[str, LoudspeakerModel]:
    """The models that come with the product, by name; the first is taken where a device names none."""
    text = files("twin.coverage.catalogue").joinpath("loudspeakers.yaml").read_text(encoding="utf-8")
    made = (LoudspeakerModel(**item) for item in yaml.safe_load(text)["loudspeaker_models"])
    return MappingProxyType({model.id: model for model in made})


def sound_spots(prepared: Prepared) -> Spots:
    """The places where a broadcast must be heard, sampled."""
    return spots(prepared, "sound", step_m=STEP_M, without=prepared.occluders.taken)


def check_sound(
    prepared: Prepared, state: StateSnapshot | None = None, *, at: Spots | None = None, through: Air | None = None,
    explain: bool = True,
) -> KindCoverage:  # fmt: skip
    """Whether a broadcast is heard wherever it must be. [dB]

    Parameters
    ----------
    at : `sound_spots` made before
    through : `twin.coverage.radiate.air.air` of the same scene made before
    explain : without it gaps are left out

    References
    ----------
    GB 50116-2013, 6.6.1: 15 dB over noise that is above 60 dB; L = S + 10 lg P - 20 lg d, sums of energies.
    """
    at = sound_spots(prepared) if at is None else at
    values, problems = settings(prepared.index.site)
    speakers, unusable = _speakers(prepared, state)
    if through is None:
        through = air(prepared, light_wall_below_m=values["sound.light_wall_below_m"])
    needed = needed_db(prepared, at, values)
    rows, samples = near_pairs(at.points_m, speakers.at_m, values["sound.reach_m"])
    free = _free_db(speakers, rows, at.points_m[samples])
    ways = Ways(speakers.at_m[rows], at.points_m[samples], free[:, None], (_losses(values),))
    level = _levels(ways, through, at, samples, needed=needed, least=values["sound.least_db"],
                    is_up=~speakers.is_down[rows])  # fmt: skip
    links = Links(rows, samples, level, level, free)
    wanted = np.array([made.place.requirement.min_count for made in at.places], dtype=np.int64)
    given = together(
        links, at, is_down=speakers.is_down, needed=needed, wanted=wanted, combine="energy",
        floor=values["sound.least_db"],
    )  # fmt: skip
    told = speaker_rules(prepared, at, speakers, values, serves=given.serves)
    places = answers(prepared, at, given, speakers.devices, needed=needed, unit="db", origins_m=speakers.at_m,
                     rules=told, explain=explain)  # fmt: skip
    return KindCoverage(
        kind="sound",
        places=places,
        made_of={(m.place.id, m.place.requirement.id): m for m in at.places},
        devices=speakers.devices,
        offline=frozenset(d.id for d, gone in zip(speakers.devices, speakers.is_down, strict=True) if gone),
        problems=(*at.problems, *problems, *unusable),
    )


def needed_db(prepared: Prepared, at: Spots, values: Settings) -> Floats:
    """(places,) level each place needs: what its requirement says, and so much over its noise where that is loud."""
    ceilings = {ceiling.id: ceiling for ceiling in prepared.index.site.ceilings}
    found = []
    for made in at.places:
        place = made.place
        space = prepared.index.spaces.get(place.id)
        ceiling = ceilings.get(space.template.id) or ceilings.get(space.id) if space is not None else None
        noise_db = _noise_db(ceiling, place_at(prepared, place), values)
        asked = place.requirement.min_value
        level = values["sound.needed_db"] if asked is None else asked
        if noise_db > values["sound.noisy_db"]:
            level = max(level, noise_db + values["sound.above_noise_db"])
        found.append(level)
    return np.array(found, dtype=np.float64)


def _noise_db(ceiling: Ceiling | None, use: str, values: Settings) -> float:
    if ceiling is not None and ceiling.noise_db is not None:
        return ceiling.noise_db
    return values.find(f"sound.noise.{use}", "sound.noise.other")


def _speakers(prepared: Prepared, state: StateSnapshot | None) -> tuple[Speakers, tuple[Problem, ...]]:
    found, at_m = reaching(prepared.index, "sound")
    own = {model.id: model for model in prepared.index.site.loudspeaker_models}
    models, problems = model_of(
        found, {**generic_models(), **own}, "loudspeaker-models.yaml", next(iter(generic_models()))
    )
    usable = [k for k, model in enumerate(models) if model is not None]
    devices = tuple(found[k] for k in usable)
    known = tuple(model for model in models if model is not None)
    return Speakers(devices, known, at_m[usable], down(prepared, devices, state)), problems


def _free_db(speakers: Speakers, rows: Ints, points_m: Floats) -> Floats:
    """(h,) level of single loudspeakers with nothing in between, less off their axes."""
    sensitivity, power = (
        np.array([getattr(model, name) for model in speakers.models], dtype=np.float64)
        for name in ("sensitivity_db", "power_w")
    )
    ways = points_m - speakers.at_m[rows]
    away_m = np.linalg.norm(ways, axis=1)
    level = sound_level_db(away_m, sensitivity_db=sensitivity[rows], power_w=power[rows])
    half = np.array([model.dispersion_deg / 2 for model in speakers.models], dtype=np.float64)
    axes = np.array([_axis(device) for device in speakers.devices], dtype=np.float64).reshape(-1, 3)
    cosine = np.einsum("ij,ij->i", ways, axes[rows]) / np.maximum(away_m, 1e-9)
    off = np.degrees(np.arccos(np.clip(cosine, -1, 1))) / np.maximum(half[rows], 1e-9)
    weaker: Floats = np.where(half[rows] < 180, np.minimum(_OFF_AXIS_DB * off**2, _MOST_OFF_AXIS_DB), 0.0)
    return level - weaker


def _axis(device: Device) -> tuple[float, float, float]:
    """The way a loudspeaker looks: down, where it does not say."""
    if device.tilt_deg is None and device.bearing_deg is None:
        return 0.0, 0.0, -1.0
    turn, tip = np.radians(device.bearing_deg or 0.0), np.radians(device.tilt_deg or 0.0)
    return float(np.sin(turn) * np.cos(tip)), float(np.cos(turn) * np.cos(tip)), float(-np.sin(tip))


def _losses(values: Settings) -> Losses:
    return Losses(
        heavy_wall_db=values["sound.heavy_wall_db"],
        light_wall_db=values["sound.light_wall_db"],
        floor_db=values["sound.slab_db"],
        door_db=values["sound.door_db"],
        vehicle_db=values["sound.vehicle_db"],
        tree_db=values["sound.tree_db"],
        floor_exponent=1.0,
    )


def _levels(
    ways: Ways, through: Air, at: Spots, samples: Ints, *, needed: Floats, least: float, is_up: Flags
) -> Floats:
    """(h,) what arrives; what hardly adds is followed only where it does not suffice without."""
    asked = needed[at.place_of[samples]]
    level = ways.arrives(through, np.arange(len(samples)), least=np.maximum(asked - _MAY_ADD_DB, least))[:, 0]
    total = combined(samples[is_up], level[is_up], len(at.points_m), combine="energy", floor=least)
    weak = np.flatnonzero((total < needed[at.place_of])[samples])
    level[weak] = ways.arrives(through, weak, least=np.full(len(weak), least))[:, 0]
    return level
