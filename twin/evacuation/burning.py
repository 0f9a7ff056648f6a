"""What a fire does to people who flee from it: which rooms can be borne how long, and what is met on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twin.evacuation.asking import Asked
from twin.evacuation.dose import Met, met, smoke_factors, stayed
from twin.evacuation.escape import Escape
from twin.evacuation.flow_network import Change, Emptied, People
from twin.evacuation.smoke import EVERY_S, Smoke, fire_values, smoke_of
from twin.fabric.flats import flat_of
from twin.fabric.site_graph import SiteGraph

Floats = NDArray[np.float64]

_LOOKED_S: Final = 30.0
"""So often people are told anew where smoke is."""
_SLOWED_S: Final = 15.0
"""So often their speed in it is reckoned."""
_SURE: Final = 0.95
_CLEARLY: Final = 0.01
"""Of a dose: less is nothing to decide by."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """What people of a home, or of a room elsewhere, met.

    Attributes
    ----------
    space : the flat or room
    dose : the worst of them breathed, 1 is one that half of people cannot bear; harmed : persons above the bearable
    sight_m : the least on the way
    out_s : when the last one was out; infinite for never
    stay_dose : of who would have stayed, where it is worst
    """

    space: str
    persons: float
    dose: float
    harmed: float
    sight_m: float
    out_s: float
    stay_dose: float

    @property
    def is_better_staying(self) -> bool:
        """Whether who stays breathes clearly less than who goes."""
        return self.dose > _CLEARLY and self.stay_dose < 0.5 * self.dose


@dataclass(frozen=True, slots=True)
class Margin:
    """How long a place can be walked through, and how long people need it.

    Attributes
    ----------
    available_s : from the alarm until it is unbearable; infinite where it stays bearable (ASET)
    needed_s : when the last one has left it (RSET); sure_s : in 95 of 100 runs by chance, none without runs
    """

    place: str
    storey: str | None
    available_s: float
    needed_s: float
    sure_s: float | None

    @property
    def margin_s(self) -> float:
        """What is left over; negative where people are still there."""
        return self.available_s - (self.needed_s if self.sure_s is None else self.sure_s)


@dataclass(frozen=True, slots=True, eq=False)
class FireCourse:
    """A fire and the people it meets.

    Attributes
    ----------
    margins : places that people pass and that become unbearable, the worst first
    exposed : spaces whose people breathe or see smoke, the worst first
    harmed, overcome : persons with more than the bearable dose, and with one that half of people cannot bear
    """

    smoke: Smoke
    margins: tuple[Margin, ...]
    exposed: tuple[Exposed, ...]
    harmed: float
    overcome: float


def smoke_asked(site: SiteGraph, asked: Asked) -> Smoke | None:
    """The fire's smoke, where it is asked for."""
    if not asked.smoke or asked.fire is None:
        return None
    return smoke_of(site, asked.fire, closed=asked.closed, fans=asked.fans)


def smoky_cells(site: SiteGraph, smoke: Smoke) -> tuple[tuple[float, frozenset[int]], ...]:
    """From when on which common rooms are so full of smoke that people are sent round them; each change once."""
    limit_m = float(fire_values()["bearable"]["sight_m"]["value"])
    common = np.array([flat_of(site.index, site.graph.cells[cell].id) is None for cell in smoke.zones.tolist()])
    found: list[tuple[float, frozenset[int]]] = []
    before: frozenset[int] = frozenset()
    for row in range(0, len(smoke.times_s), int(_LOOKED_S / EVERY_S)):
        full = frozenset(smoke.zones[common & (smoke.sight_m()[row] < limit_m)].tolist())
        if full != before:
            found.append((float(smoke.times_s[row]), full))
            before = full
    return tuple(found)


def slowed(way: Escape, smoke: Smoke) -> tuple[Change, ...]:
    """How smoke slows people, as it spreads."""
    rows = range(0, len(smoke.times_s), int(_SLOWED_S / EVERY_S))
    return tuple(Change(float(smoke.times_s[row]), factors=smoke_factors(way, smoke, row)) for row in rows)


def survived(
    way: Escape, people: People, found: Emptied, smoke: Smoke, spaces: Sequence[str], *, asked: Asked,
    drawn: Emptied | None,
) -> FireCourse:  # fmt: skip
    """What the fire did.

    Parameters
    ----------
    people : groups of `spaces`, as many of each
    found : of the even spread; drawn : of the runs by chance
    """
    limits = {name: float(row["value"]) for name, row in fire_values()["bearable"].items()}
    walked = met(way, people, found, smoke)
    persons = np.asarray(people.persons, dtype=np.float64)
    exposed = [
        *_exposed(way.site, walked, persons, smoke, spaces),
        *_left(way.site, smoke, {space: asked.persons[space] for space in way.trapped}, limits["dose"]),
    ]
    caught = walked.dose > limits["fatal_dose"]
    stuck = sum(one.persons for one in exposed if one.space in way.trapped and one.dose > limits["fatal_dose"])
    return FireCourse(
        smoke,
        _margins(way, found, smoke, drawn),
        tuple(sorted(exposed, key=lambda one: (-one.dose, one.sight_m, one.space))),
        float(persons[walked.dose > limits["dose"]].sum())
        + sum(one.harmed for one in exposed if one.space in way.trapped),
        float(persons[caught].sum()) + stuck,
    )


def _exposed(site: SiteGraph, walked: Met, persons: Floats, smoke: Smoke, spaces: Sequence[str]) -> list[Exposed]:
    """Spaces whose people met smoke."""
    limits = {name: float(row["value"]) for name, row in fire_values()["bearable"].items()}
    many = len(spaces)
    if not many:
        return []
    each = (len(persons) - len(persons) % many) // many
    found: dict[str, Exposed] = {}
    by_space = [value[: many * each].reshape(many, each) for value in
                (walked.dose, persons, walked.thickest_per_m, walked.out_s)]  # fmt: skip
    for space, dose, there, thickest, out_s in zip(spaces, *by_space, strict=True):
        if there.sum() <= 0 or thickest.max() < 1e-3:
            continue
        worst = float(dose[there > 0].max())
        sight_m = float(limits["sign_factor"] / thickest[there > 0].max())
        one = Exposed(
            flat_of(site.index, space) or space, float(there.sum()), worst, float(there[dose > limits["dose"]].sum()),
            sight_m, float(out_s[there > 0].max()), stayed(site, smoke, space)[0],
        )  # fmt: skip
        found[one.space] = _together(found[one.space], one) if one.space in found else one
    return list(found.values())


def _together(a: Exposed, b: Exposed) -> Exposed:
    """Two rooms of one home."""
    return Exposed(
        a.space, a.persons + b.persons, max(a.dose, b.dose), a.harmed + b.harmed, min(a.sight_m, b.sight_m),
        max(a.out_s, b.out_s), max(a.stay_dose, b.stay_dose),
    )  # fmt: skip


def _left(site: SiteGraph, smoke: Smoke, persons: Mapping[str, float], bearable: float) -> list[Exposed]:
    """Those who have no way out."""
    factor = float(fire_values()["bearable"]["sign_factor"]["value"])
    found = []
    for space, many in persons.items():
        dose, thickest = stayed(site, smoke, space)
        if thickest >= 1e-3:
            harmed = many if dose > bearable else 0.0
            found.append(Exposed(space, many, dose, harmed, factor / thickest, np.inf, dose))
    return found


def _margins(way: Escape, found: Emptied, smoke: Smoke, drawn: Emptied | None) -> tuple[Margin, ...]:
    """Of rooms that people pass, that of each storey's and stair's that is lost first."""
    index = way.site.index
    available = smoke.unbearable_s()
    margins = []
    for zone, cell in enumerate(smoke.zones.tolist()):
        name, needed = way.site.graph.cells[cell].id, float(found.cell_clear_s[0, cell])
        if not np.isfinite(available[zone]) or (needed <= 0 and found.left_in[0, cell] < _SURE):
            continue
        needed = np.inf if found.left_in[0, cell] > _SURE else needed
        sure = None if drawn is None else float(np.quantile(drawn.cell_clear_s[:, cell], _SURE))
        storey = index.spaces[name].storey.id if name in index.spaces else None
        margins.append(Margin(name, storey, float(available[zone]), needed, sure))
    return tuple(sorted(margins, key=lambda one: (one.margin_s, one.place)))
