"""Answers place by place, from what devices give together: shares, what hangs on which device, gaps with reasons."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geometry.samples import cells_area
from twin.coverage.places import PlaceGrids
from twin.coverage.prepared import Prepared
from twin.coverage.radiate.links import RANK, Together
from twin.coverage.radiate.spots import Spots
from twin.coverage.result import Gap, PlaceResult, Problem, Reason, Rule
from twin.model.devices import Device

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

_ASKED: Final = 6
"""Cells of a gap whose way to the nearest device is looked along for what stands there."""


@dataclass(frozen=True, slots=True, eq=False)
class KindCoverage:
    """The answer for all devices of a kind.

    Attributes
    ----------
    kind : of requirement
    places : in the order of the site's zones and spaces
    made_of : samples of each place, by place and requirement
    devices : that were asked about; `offline` those that are down
    problems : what could not be reckoned, or was assumed
    """

    kind: str
    places: tuple[PlaceResult, ...]
    made_of: Mapping[tuple[str, str], PlaceGrids]
    devices: tuple[Device, ...]
    offline: frozenset[str]
    problems: tuple[Problem, ...]

    @property
    def is_met(self) -> bool:
        """Whether every place has what is required."""
        return all(place.is_met for place in self.places)


def answers(
    prepared: Prepared, at: Spots, found: Together, devices: Sequence[Device], *, needed: Floats, unit: str,
    origins_m: Floats, rules: Mapping[int, tuple[Rule, ...]] | None = None, explain: bool = True,
) -> tuple[PlaceResult, ...]:  # fmt: skip
    """The answer for each place.

    Parameters
    ----------
    needed : (places,)
    origins_m : (devices, 3) where each is, to look along the way for what stands there
    rules : of places by row
    explain : without it gaps are left out
    """
    lost: dict[int, dict[str, float]] = defaultdict(dict)
    for place, device, cells in found.lost.tolist():
        whole = int(at.cell_starts[place + 1] - at.cell_starts[place])
        lost[place][devices[device].id] = cells / whole
    serves: dict[int, list[str]] = defaultdict(list)
    for place, device in found.serves.tolist():
        serves[place].append(devices[device].id)
    gaps = _gaps(prepared, at, found, devices, origins_m) if explain else {}
    return tuple(
        _place(at, row, found, needed=float(needed[row]), unit=unit, gaps=tuple(gaps.get(row, ())),
               lost=lost.get(row, {}), serves=tuple(serves.get(row, ())), rules=(rules or {}).get(row, ()))
        for row in range(len(at.places))
    )  # fmt: skip


def _place(
    at: Spots, row: int, found: Together, *, needed: float, unit: str, gaps: tuple[Gap, ...],
    lost: Mapping[str, float], serves: tuple[str, ...], rules: tuple[Rule, ...],
) -> PlaceResult:  # fmt: skip
    made = at.places[row]
    mine = slice(int(at.cell_starts[row]), int(at.cell_starts[row + 1]))
    covered, counts = found.covered[mine], found.counts[mine]
    requirement = made.place.requirement
    most = requirement.min_count + 2
    often = np.bincount(np.minimum(counts, most), minlength=most + 1) / len(counts)
    return PlaceResult(
        place_id=made.place.id,
        name=made.place.name,
        requirement=requirement,
        storey=made.place.storey,
        area_m2=len(covered) * made.cell_m2,
        needed=needed,
        unit=unit,
        share_ratio=float(np.count_nonzero(covered)) / len(covered),
        by_count={k: float(share) for k, share in enumerate(often)},
        gaps=gaps,
        lost_without=lost,
        devices=serves,
        covered=covered,
        counts=counts.astype(np.int32),
        values=found.values[mine].astype(np.float32),
        rules=rules,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A connected part of a place that lacks: its place's row and its cells, numbered through all places."""

    row: int
    cells: Ints


def _gaps(
    prepared: Prepared, at: Spots, found: Together, devices: Sequence[Device], origins_m: Floats
) -> dict[int, list[Gap]]:
    """The gaps of each place by its row, the largest first."""
    parts = [part for row in _lacking(at, found) for part in _parts(at, row, ~found.covered)]
    hiding = _hiding(prepared, at, found, parts, origins_m)
    gaps: dict[int, list[Gap]] = defaultdict(list)
    for part, owners in zip(parts, hiding, strict=True):
        gaps[part.row].append(_gap(prepared, at, found, part, owners, devices))
    return {row: sorted(those, key=lambda gap: -gap.area_m2) for row, those in gaps.items()}


def _lacking(at: Spots, found: Together) -> list[int]:
    cells = np.flatnonzero(~found.covered)
    rows: list[int] = np.unique(np.searchsorted(at.cell_starts, cells, side="right") - 1).tolist()
    return rows


def _parts(at: Spots, row: int, is_open: Flags) -> list[_Part]:
    first, last = int(at.cell_starts[row]), int(at.cell_starts[row + 1])
    mine = is_open[first:last]
    if mine.all():  # most places that lack do so wholly
        return [_Part(row, np.arange(first, last))]
    from scipy import ndimage  # noqa: PLC0415 - weighs on `plumbline --help`

    inside = at.places[row].grids[0].inside
    open_cells = np.zeros(inside.shape, dtype=bool)
    open_cells[inside] = mine
    labels, count = ndimage.label(open_cells, structure=np.ones((3, 3)))
    part = labels[inside]
    return [_Part(row, first + np.flatnonzero(part == k)) for k in range(1, count + 1)]


def _hiding(
    prepared: Prepared, at: Spots, found: Together, parts: Sequence[_Part], origins_m: Floats
) -> list[Counter[int]]:
    """For each part the owners of what stands between its occluded cells and the device nearest to serving them."""
    asked = []
    for part in parts:
        hidden = part.cells[found.rank[part.cells] == RANK.index("occluded")]
        asked.append(hidden[np.linspace(0, len(hidden) - 1, min(_ASKED, len(hidden))).astype(int)])
    counts: list[Counter[int]] = [Counter() for _ in parts]
    cells = np.concatenate(asked) if asked else np.empty(0, np.int64)
    if not len(cells):
        return counts
    of_part = np.repeat(np.arange(len(parts)), [len(some) for some in asked])
    lowest = np.full(int(at.cell_starts[-1]), -1, dtype=np.int64)
    lowest[at.cell_of[::-1]] = np.arange(len(at.cell_of))[::-1]
    met = prepared.scene.crossings(origins_m[found.nearest[cells]], at.points_m[lowest[cells]])
    pairs, often = np.unique(np.column_stack((of_part[met.rays], met.owners)), axis=0, return_counts=True)
    for (part_row, owner), times in zip(pairs.tolist(), often.tolist(), strict=True):
        counts[part_row][owner] += times
    return counts


def _gap(
    prepared: Prepared, at: Spots, found: Together, part: _Part, owners: Counter[int], devices: Sequence[Device]
) -> Gap:
    made = at.places[part.row]
    chosen = np.zeros(len(made.cells_m), dtype=bool)
    chosen[part.cells - int(at.cell_starts[part.row])] = True
    often = np.bincount(found.rank[part.cells], minlength=len(RANK))
    reasons: dict[Reason, float] = {
        RANK[k]: round(float(often[k]) / len(part.cells), 6) for k in np.argsort(-often, kind="stable") if often[k]
    }
    near = found.nearest[part.cells]
    known, times = np.unique(near[near >= 0], return_counts=True)
    by = [prepared.owner(owner) for owner, _ in owners.most_common(3)]
    area = made.place.area if chosen.all() else cells_area(made.grids[0], chosen)
    return Gap(
        area=area,
        area_m2=len(part.cells) * made.cell_m2,
        storey=made.place.storey,
        elevation_m=made.place.elevation_m,
        reasons=reasons,
        hidden_by=tuple((thing.kind, thing.id) for thing in by),
        nearest=tuple(devices[k].id for k in known[np.argsort(-times, kind="stable")][:3]),
    )
