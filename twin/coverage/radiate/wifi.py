"""Whether Wi-Fi is strong enough where it must be: the multi-wall model, with walls and slabs counted on the way.

What arrives is the transmitted power less free space less what walls and slabs take (COST 231). Beside it the answer of
ITU-R P.1238 is told, which knows distance alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import numpy as np
import yaml
from numpy.typing import NDArray

from geometry.decibels import free_space_loss_db, site_general_loss_db
from twin.coverage.prepared import Prepared
from twin.coverage.radiate.air import Air, Losses, Ways, air
from twin.coverage.radiate.answers import KindCoverage, answers
from twin.coverage.radiate.links import Links, combined, together
from twin.coverage.radiate.models import model_of
from twin.coverage.radiate.spots import Spots, down, near_pairs, other_pairs, reaching, spots
from twin.coverage.result import Problem, Rule
from twin.coverage.settings import Settings, settings
from twin.model.devices import Device
from twin.model.radiators import AccessPointModel, Radio
from twin.state import StateSnapshot

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

STEP_M: Final = 1.5
"""Fading makes a level at a spot uncertain by more than it changes over a metre."""
_LOSSES: Final = ("heavy_wall_db", "light_wall_db", "floor_db", "door_db", "vehicle_db", "tree_db")
_SAME_STOREY_M: Final = 2.0
_FIRST: Final = 4
"""Access points of each spot that are followed before the others."""


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """Access points: where, with which radios; those of one band in a column.

    Attributes
    ----------
    bands : names of the rows of losses
    frequency_hz, eirp_dbm : (devices, bands); minus infinity where one has no radio there
    """

    devices: tuple[Device, ...]
    at_m: Floats
    is_down: Flags
    bands: tuple[str, ...]
    frequency_hz: Floats
    eirp_dbm: Floats


@cache
def generic_models() -> Mapping[str, AccessPointModel]:
    """The models that come with the product, by name; the first is taken where a device names none."""
    text = files("twin.coverage.catalogue").joinpath("access_points.yaml").read_text(encoding="utf-8")
    made = (AccessPointModel(**item) for item in yaml.safe_load(text)["access_point_models"])
    return MappingProxyType({model.id: model for model in made})


def wifi_spots(prepared: Prepared) -> Spots:
    """The places where Wi-Fi is required, sampled."""
    return spots(prepared, "wifi", step_m=STEP_M, without=prepared.occluders.taken)


def check_wifi(
    prepared: Prepared, state: StateSnapshot | None = None, *, at: Spots | None = None, through: Air | None = None,
    explain: bool = True,
) -> KindCoverage:  # fmt: skip
    """Whether Wi-Fi is strong enough wherever it must be. [dBm]

    Parameters
    ----------
    at : `wifi_spots` made before
    through : `twin.coverage.radiate.air.air` of the same scene made before
    explain : without it gaps are left out

    References
    ----------
    COST 231 final report (1999), section 4.7; ITU-R P.1238-11, section 3.1.
    """
    at = wifi_spots(prepared) if at is None else at
    values, problems = settings(prepared.index.site)
    points, unusable = _points(prepared, values, state)
    if through is None:
        through = air(prepared, light_wall_below_m=values["wifi.light_wall_below_m"])
    needed = np.array([_needed(made.place.requirement.min_value, values) for made in at.places], dtype=np.float64)
    follow = partial(_followed, points=points, at=at, through=through, needed=needed, values=values)
    near = follow(*near_pairs(at.points_m, points.at_m, values["wifi.reach_m"]))
    # of hundreds in a tower the nearest dozen count; where they do not suffice, all others are asked
    lacking = np.flatnonzero(near.best(len(at.points_m), ~points.is_down) < needed[at.place_of])
    known = near.rows, near.samples
    rest = follow(*other_pairs(at.points_m, points.at_m, values["wifi.reach_m"], asked=lacking, known=known))
    rows, samples, away_m, free, level = near.and_(rest)
    best = level.max(axis=1, initial=-np.inf)
    links = Links(rows, samples, best, best, free.max(axis=1, initial=-np.inf))
    wanted = np.array([made.place.requirement.min_count for made in at.places], dtype=np.int64)
    least = values["wifi.least_dbm"]
    given = together(links, at, is_down=points.is_down, needed=needed, wanted=wanted, combine="best", floor=least)
    up = ~points.is_down[rows]
    by_band = [(band, level[:, k]) for k, band in enumerate(points.bands)]
    told = _rules(at, samples[up], [(b, v[up]) for b, v in by_band], needed, values)
    _add(told, _by_distance(at, points, rows[up], samples[up], away_m[up], needed=needed, values=values))
    places = answers(prepared, at, given, points.devices, needed=needed, unit="dbm", origins_m=points.at_m,
                     rules=told, explain=explain)  # fmt: skip
    return KindCoverage(
        kind="wifi",
        places=places,
        made_of={(m.place.id, m.place.requirement.id): m for m in at.places},
        devices=points.devices,
        offline=frozenset(d.id for d, gone in zip(points.devices, points.is_down, strict=True) if gone),
        problems=(*at.problems, *problems, *unusable, *_never(at, points, needed)),
    )


def _needed(min_value: float | None, values: Settings) -> float:
    return values["wifi.needed_dbm"] if min_value is None else min_value


def _points(
    prepared: Prepared, values: Settings, state: StateSnapshot | None
) -> tuple[_Points, tuple[Problem, ...]]:  # fmt: skip
    found, at_m = reaching(prepared.index, "wifi")
    own = {model.id: model for model in prepared.index.site.access_point_models}
    models, problems = model_of(
        found, {**generic_models(), **own}, "access-point-models.yaml", next(iter(generic_models()))
    )
    usable = [k for k, model in enumerate(models) if model is not None]
    radios = [models[k].radios for k in usable]  # type: ignore[union-attr] # those without a model are left out
    bands = tuple(values.rows("wifi.band."))
    frequency, eirp = np.full((len(usable), len(bands)), 1e9), np.full((len(usable), len(bands)), -np.inf)
    for k, of in enumerate(radios):
        for radio in of:
            column = _band(radio, values, bands)
            if radio.eirp_dbm > eirp[k, column]:
                frequency[k, column], eirp[k, column] = radio.frequency_hz, radio.eirp_dbm
    devices = tuple(found[k] for k in usable)
    return _Points(devices, at_m[usable], down(prepared, devices, state), bands, frequency, eirp), problems


def _band(radio: Radio, values: Settings, bands: Sequence[str]) -> int:
    for k, band in enumerate(bands):
        if radio.frequency_hz <= values[f"{band}.frequency_to_hz"]:
            return k
    return len(bands) - 1


def _losses(values: Settings, band: str) -> Losses:
    row = values.row(band)
    return Losses(**{name: row[name] for name in _LOSSES}, floor_exponent=values["wifi.floor_exponent"])


@dataclass(frozen=True, slots=True, eq=False)
class _Followed:
    """Ways from access points to samples, and what arrives: (h,), (h,), (h,), (h, bands), (h, bands)."""

    rows: Ints
    samples: Ints
    away_m: Floats
    free: Floats
    level: Floats

    def best(self, samples: int, is_up: Flags) -> Floats:
        """(samples,) the strongest that arrives."""
        up = is_up[self.rows]
        level = self.level[up].max(axis=1, initial=-np.inf)
        return combined(self.samples[up], level, samples, combine="best", floor=-np.inf)

    def and_(self, other: "_Followed") -> tuple[Ints, Ints, Floats, Floats, Floats]:
        """All of them."""
        return (
            np.concatenate((self.rows, other.rows)),
            np.concatenate((self.samples, other.samples)),
            np.concatenate((self.away_m, other.away_m)),
            np.concatenate((self.free, other.free)),
            np.concatenate((self.level, other.level)),
        )


def _followed(
    rows: Ints, samples: Ints, *, points: _Points, at: Spots, through: Air, needed: Floats, values: Settings
) -> _Followed:  # fmt: skip
    """What arrives; what can change no answer is not followed to its end.

    The strongest few in the free come first. Where they are enough, and more than are counted, of the others only those
    are followed that may be stronger still; where nothing is enough, all are, down to the least that is told.
    """
    away_m = np.linalg.norm(points.at_m[rows] - at.points_m[samples], axis=1)
    free = points.eirp_dbm[rows] - free_space_loss_db(away_m[:, None], frequency_hz=points.frequency_hz[rows])
    ways = Ways(points.at_m[rows], at.points_m[samples], free, tuple(_losses(values, band) for band in points.bands))
    asked, floor = needed[at.place_of[samples]], values["wifi.least_dbm"]
    least, is_up = np.maximum(asked, floor), ~points.is_down[rows]
    counted = np.array([made.place.requirement.min_count + 2 for made in at.places], dtype=np.int64)[at.place_of]
    level = np.full(free.shape, -np.inf)
    is_first = _strongest(samples, free.max(axis=1, initial=-np.inf), _FIRST)
    first, others = np.flatnonzero(is_first), np.flatnonzero(~is_first)
    level[first] = ways.arrives(through, first, least=least[first])
    enough = is_up & (level.max(axis=1, initial=-np.inf) >= asked)
    plenty = np.bincount(samples[enough], minlength=len(at.points_m)) >= counted
    best = np.column_stack([
        combined(samples[is_up], level[is_up, k], len(at.points_m), combine="best", floor=-np.inf)
        for k in range(len(points.bands))
    ])  # fmt: skip
    to = samples[others]
    stronger = np.where(plenty[to, None], best[to], -np.inf)
    level[others] = ways.arrives(through, others, least=np.maximum(stronger, least[others, None]))
    some = np.zeros(len(at.points_m), dtype=bool)
    some[samples[is_up & (level.max(axis=1, initial=-np.inf) >= asked)]] = True
    weak = np.flatnonzero(~some[samples])
    level[weak] = ways.arrives(through, weak, least=np.full(len(weak), floor))
    return _Followed(rows, samples, away_m, free, level)


def _strongest(samples: Ints, level: Floats, most: int) -> Flags:
    """(h,) whether something is among the strongest at its sample."""
    order = np.lexsort((-level, samples))
    of = samples[order]
    starts = np.flatnonzero(np.concatenate(([True], of[1:] != of[:-1]))) if len(of) else np.empty(0, np.int64)
    rank = np.arange(len(of)) - np.repeat(starts, np.diff(np.concatenate((starts, [len(of)]))))
    found = np.zeros(len(samples), dtype=bool)
    found[order] = rank < most
    return found


def _rules(
    at: Spots, samples: Ints, by_band: Sequence[tuple[str, Floats]], needed: Floats, values: Settings
) -> dict[int, tuple[Rule, ...]]:
    """The share that each band alone covers, told beside."""
    told: dict[int, tuple[Rule, ...]] = {}
    for band, level in by_band:
        known = values.of(f"{band}.heavy_wall_db")
        shares = _shares(at, samples, level, needed)
        name = f"covered-by-{band.rsplit('.', 1)[1]}-band"
        _add(told, {row: _share_rule(at, row, share, name, known.where, known.certainty) for row, share in shares})
    return told


def _by_distance(
    at: Spots, points: _Points, rows: Ints, samples: Ints, away_m: Floats, *, needed: Floats, values: Settings
) -> dict[int, tuple[Rule, ...]]:
    """The share that is covered by distance alone, from access points on the same storey."""
    row = values.row("wifi.p1238.office")
    known = values.of("wifi.p1238.office.alpha")
    same = np.abs(points.at_m[rows, 2] - at.points_m[samples, 2]) < _SAME_STOREY_M
    level = np.full(len(rows), -np.inf)
    for band in range(len(points.bands)):
        for frequency_hz in np.unique(points.frequency_hz[:, band]):
            mine = same & (points.frequency_hz[rows, band] == frequency_hz)
            loss = site_general_loss_db(
                away_m[mine], frequency_hz=float(frequency_hz), alpha=row["alpha"], beta_db=row["beta_db"],
                gamma=row["gamma"],
            )  # fmt: skip
            level[mine] = np.maximum(level[mine], points.eirp_dbm[rows[mine], band] - loss)
    shares = _shares(at, samples, level, needed)
    return {k: _share_rule(at, k, share, "covered-by-p1238", known.where, known.certainty) for k, share in shares}


def _shares(at: Spots, samples: Ints, level: Floats, needed: Floats) -> list[tuple[int, float]]:
    """The share of each place's samples that is reached."""
    if not len(at.places):
        return []
    best = combined(samples, level, len(at.points_m), combine="best", floor=-np.inf)
    reached = best >= needed[at.place_of] - 1e-6
    counts = np.add.reduceat(reached.astype(np.int64), at.starts[:-1])
    share = counts / np.diff(at.starts)
    return list(enumerate(share.tolist()))


def _share_rule(at: Spots, row: int, share: float, code: str, source: str, certainty: str) -> tuple[Rule, ...]:
    least = at.places[row].place.requirement.min_share_ratio
    return (Rule(code, least, share, "ratio", share >= least - 1e-9, source, certainty, is_binding=False),)


def _add(told: dict[int, tuple[Rule, ...]], more: Mapping[int, tuple[Rule, ...]]) -> None:
    for row, rules in more.items():
        told[row] = (*told.get(row, ()), *rules)


def _never(at: Spots, points: _Points, needed: Floats) -> list[Problem]:
    """Requirements that no access point of the site can meet anywhere."""
    strongest = float(points.eirp_dbm.max(initial=-np.inf))
    asked = {made.place.requirement.id: value for made, value in zip(at.places, needed.tolist(), strict=True)}
    return [
        Problem("never-met", name, f"requirement {name} asks for {value:g} dBm, no access point sends more than "
                f"{strongest:g} dBm; lower it")
        for name, value in asked.items()
        if np.isfinite(strongest) and value > strongest
    ]  # fmt: skip
