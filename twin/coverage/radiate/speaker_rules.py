"""What a standard asks of loudspeakers beside their level: distances, power, height, storeys for each."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.coverage.places import Place
from twin.coverage.prepared import Prepared
from twin.coverage.radiate.spots import Spots, place_at
from twin.coverage.result import Rule
from twin.coverage.settings import Settings
from twin.index import PlacedStorey, to_shapely
from twin.model.buildings import Building
from twin.model.devices import Device
from twin.model.radiators import LoudspeakerModel

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

_EMPTY: Final = frozenset({"roof", "shaft", "lift_shaft", "stair", "lift_machine_room", "tank_room"})
"""A storey of nothing but these needs no loudspeaker of its own."""
_AT_WALL_M: Final = 0.5
_FAR_M: Final = 9999.0
"""What is told as distance where no loudspeaker is."""


@dataclass(frozen=True, slots=True, eq=False)
class Speakers:
    """All loudspeakers of a site.

    Attributes
    ----------
    at_m : (n, 3)
    """

    devices: tuple[Device, ...]
    models: tuple[LoudspeakerModel, ...]
    at_m: Floats
    is_down: Flags


def speaker_rules(
    prepared: Prepared, at: Spots, speakers: Speakers, values: Settings, *, serves: Ints
) -> dict[int, tuple[Rule, ...]]:
    """What the standard asks of each place's loudspeakers, by the place's row.

    Parameters
    ----------
    serves : rows (place, loudspeaker) of those that count there
    """
    served: dict[int, list[int]] = defaultdict(list)
    for place, speaker in serves.tolist():
        served[place].append(speaker)
    buildings = _Buildings(prepared, speakers)
    told = {}
    for row, made in enumerate(at.places):
        points = at.points_m[int(at.starts[row]) : int(at.starts[row + 1])]
        here = buildings.of(made.place)
        counting = sorted({*here.tolist()} & {*served[row]})
        rules = [*_distance(prepared, made.place, points, here, speakers, values)]
        rules += _power(counting, speakers, values)
        rules += _mount(made.place, counting, speakers, values)
        rules += buildings.storeys(made.place, values)
        told[row] = tuple(rules)
    return told


def _distance(
    prepared: Prepared, place: Place, points_m: Floats, rows: Ints, speakers: Speakers, values: Settings
) -> list[Rule]:
    """From the farthest spot straight to the nearest loudspeaker; in corridors nearer than elsewhere."""
    near = rows[~speakers.is_down[rows]]
    away_m = _FAR_M
    if len(near):
        from scipy.spatial import cKDTree  # noqa: PLC0415 - weighs on `plumbline --help`

        away_m = float(cKDTree(speakers.at_m[near]).query(points_m)[0].max())
    codes = [("speaker-distance", "sound.farthest_m")]
    if place_at(prepared, place) == "corridor":
        codes.append(("speaker-corridor-end", "sound.corridor_end_m"))
    rules = []
    for code, name in codes:
        known = values.of(name)
        is_met = away_m <= known.value + 1e-6
        rules.append(Rule(code, known.value, away_m, "m", is_met, known.where, known.certainty))
    return rules


def _power(rows: Sequence[int], speakers: Speakers, values: Settings) -> list[Rule]:
    known = values.of("sound.least_power_w")
    if not rows:
        return []
    weakest = min(speakers.models[k].power_w for k in rows)
    weak = tuple(speakers.devices[k].id for k in rows if speakers.models[k].power_w < known.value)
    return [
        Rule("speaker-power", known.value, weakest, "w", not weak, known.where, known.certainty, objects=weak)
    ]  # fmt: skip


def _mount(place: Place, rows: Sequence[int], speakers: Speakers, values: Settings) -> list[Rule]:
    """How high loudspeakers in a place hang over its floor; those outside are heard there too and do not count."""
    known = values.of("sound.wall_mount_m")
    above = {
        k: float(speakers.at_m[k, 2]) - place.elevation_m
        for k in rows
        if shapely.intersects_xy(place.area, *speakers.at_m[k, :2])
    }
    here = {k: height for k, height in above.items() if 0 <= height < 6 and place.storey is not None}
    if not here:
        return []
    low = tuple(speakers.devices[k].id for k, height in here.items() if height < known.value - 1e-6)
    return [
        Rule("speaker-height", known.value, min(here.values()), "m", not low, known.where, known.certainty, objects=low)
    ]


def storeys_each(storeys: int, on: Sequence[int]) -> int:
    """Least number of storeys one above the other that a loudspeaker serves, its own among them, if all are served.

    Parameters
    ----------
    on : storey of each loudspeaker, counted from 0

    Examples
    --------
    >>> storeys_each(18, [0, 3, 6, 9, 12, 15]), storeys_each(18, [1, 4, 7, 10, 13]), storeys_each(3, [])
    (3, 5, 3)
    """
    for each in range(1, storeys):
        first = 0  # that nobody serves yet
        for own in sorted(on):
            if own - each + 1 > first:
                break
            first = max(first, min(first, own) + each)
        if first >= storeys:
            return each
    return storeys


def _is_lived_in(storey: PlacedStorey) -> bool:
    return any(space.use not in _EMPTY for space in storey.template.spaces)


class _Buildings:
    """Which loudspeakers hang in which building, and how many storeys each has to serve."""

    def __init__(self, prepared: Prepared, speakers: Speakers) -> None:
        self.index, self.speakers = prepared.index, speakers
        self.rows: dict[str, Ints] = {}
        inside = np.zeros(len(speakers.devices), dtype=bool)
        for building in self.index.site.buildings:
            foot = to_shapely(building.footprint).buffer(_AT_WALL_M)
            mine: Flags = np.asarray(shapely.contains_xy(foot, speakers.at_m[:, :2]), dtype=bool)
            tops = [s for s in self.index.storeys.values() if s.building is building]
            if tops:
                z = speakers.at_m[:, 2]
                mine &= z >= min(s.elevation_m for s in tops) - 0.5
                mine &= z <= max(s.elevation_m + s.template.height_m for s in tops) + 0.5
            self.rows[building.id] = np.flatnonzero(mine)
            inside |= mine
        self.everywhere: Ints = np.arange(len(speakers.devices))
        self.each = {b.id: self._each(b) for b in self.index.site.buildings if b.use == "residential"}

    def of(self, place: Place) -> Ints:
        """Rows of the loudspeakers of a place's storey; of all, in the open."""
        if place.storey is None:
            return self.everywhere
        storey = self.index.storeys[place.storey]
        rows = self.rows[storey.building.id]
        over_m = self.speakers.at_m[rows, 2] - storey.elevation_m
        mine: Ints = rows[(over_m > -_AT_WALL_M) & (over_m < storey.template.height_m + _AT_WALL_M)]
        return mine

    def _each(self, building: Building) -> int:
        """How many storeys a loudspeaker has to serve, shared out as evenly as may be."""
        storeys = sorted(
            (s for s in self.index.storeys.values() if s.building is building and _is_lived_in(s)),
            key=lambda storey: storey.elevation_m,
        )
        up = [k for k in self.rows[building.id].tolist() if not self.speakers.is_down[k]]
        middle = np.array([s.elevation_m + s.template.height_m / 2 for s in storeys])
        if not storeys:
            return 0
        return storeys_each(len(storeys), [int(np.argmin(np.abs(middle - self.speakers.at_m[k, 2]))) for k in up])

    def storeys(self, place: Place, values: Settings) -> list[Rule]:
        """Storeys for each loudspeaker, in homes."""
        if place.storey is None:
            return []
        each = self.each.get(self.index.storeys[place.storey].building.id)
        if each is None:
            return []
        known, many = values.of("sound.storeys_each"), float(each)
        return [
            Rule("storeys-per-speaker", known.value, many, "count", many <= known.value, known.where, known.certainty)
        ]
