"""How smoke, heat and poison spread from a burning room through a building, room by room, while people flee.

Each room is one volume of air, mixed well. Air changes places through openings by buoyancy: as much goes one way as
comes the other. A fire grows with the square of time until its room's floor or air gives no more. This is an estimate
to compare plans with, not a field model: a layer under the ceiling reaches further, and wind and fans are not in it but
for stairs under pressure, which let nothing in while their fans run.

References
----------
Brown and Solvason, Natural convection through rectangular openings in partitions (1962): exchange through a door.
C/VM2 Verification Method: Framework for Fire Safety Design, New Zealand: fires and what people bear.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

from twin.evacuation.sfpe import dose_per_s
from twin.fabric.flats import flat_of
from twin.fabric.site_graph import SiteGraph
from twin.index import PlacedOpening
from twin.model.buildings import OUTSIDE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EVERY_S: Final = 5.0
"""Between two moments that are told."""
_STEP_S: Final = 0.5
_LONGEST_S: Final = 1800.0
"""So long after the alarm it is followed; then it stays as it is."""
_AIR_KG_PER_M3: Final = 1.2
_HEAT_KJ_PER_KG_K: Final = 1.005
_ABSOLUTE_K: Final = 293.15
_GRAVITY: Final = 9.81
_OXYGEN: Final = 0.209
_MOLES: Final = {"co": 28.97 / 28.01, "co2": 28.97 / 44.01, "o2": 28.97 / 32.0}
"""Of a share by mass the share by volume."""
_MOST_EXCHANGED: Final = 0.4
"""Of a room's air in a step: more, and steps would have to be shorter."""
_MOST_RISE_K: Final = 900.0


@dataclass(frozen=True, slots=True, eq=False)
class Smoke:
    """The air of a building's rooms while it burns.

    Attributes
    ----------
    zones : rows of the graph's cells
    times_s : (t,) since the alarm, from 0 on
    extinction_per_m, co_ppm, co2_ratio, o2_ratio, rise_k : (t, zones), shares by volume
    heat_kw : (t,) what the fire gives
    """

    zones: Ints
    times_s: Floats
    extinction_per_m: Floats
    co_ppm: Floats
    co2_ratio: Floats
    o2_ratio: Floats
    rise_k: Floats
    heat_kw: Floats

    def dose_per_s(self) -> Floats:
        """(t, zones) share of an incapacitating dose breathed in a second."""
        return dose_per_s(co_ppm=self.co_ppm, co2_ratio=self.co2_ratio, o2_ratio=self.o2_ratio)

    def sight_m(self) -> Floats:
        """(t, zones) how far one sees reflecting signs; infinite in clear air."""
        factor = float(fire_values()["bearable"]["sign_factor"]["value"])
        with np.errstate(divide="ignore"):
            seen: Floats = np.divide(factor, self.extinction_per_m)
        return seen

    def unbearable_s(self) -> Floats:
        """(zones,) when each can no longer be walked through: no sight, too hot, or too much breathed by who stays.

        Infinite where that does not come to pass.
        """
        limits = {name: float(row["value"]) for name, row in fire_values()["bearable"].items()}
        dose = np.cumsum(self.dose_per_s(), axis=0) * EVERY_S
        bad = (self.sight_m() < limits["sight_m"]) | (self.rise_k > limits["warm_k"]) | (dose > limits["dose"])
        first = np.argmax(bad, axis=0)
        return np.where(bad.any(axis=0), self.times_s[first], np.inf)


@cache
def fire_values() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """The values of fires and smoke, each with its source and certainty."""
    text = files("twin.evacuation").joinpath("values/fire.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, Mapping[str, Any]]] = yaml.safe_load(text)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Openings:
    """Where air changes places; the last zone is the open air.

    Attributes
    ----------
    breaks : whether heat opens it whole
    is_shaft : whether b is above a, so that air only rises in it
    """

    a: Ints
    b: Ints
    area_m2: Floats
    height_m: Floats
    breaks: NDArray[np.bool_]
    whole_m2: Floats
    is_shaft: NDArray[np.bool_]


def smoke_of(
    site: SiteGraph, fire: str, *, closed: Collection[str] = (), fans: bool = True, minutes: float = 30.0
) -> Smoke:
    """How smoke spreads from a space that burns through its building.

    Parameters
    ----------
    closed : doors that are kept shut, that of the burning room perhaps; else those between the fire's flat, or room,
        and the rest stand open, as people leave them
    fans : whether stairs that can be are kept under pressure
    minutes : to follow it after the alarm

    Raises
    ------
    KeyError
        For a space that nobody can walk in: it is no room of the graph.
    """
    row = site.cell_of[fire]
    building = site.buildings[row]
    zones = np.array([k for k, name in enumerate(site.buildings) if name == building and site.graph.cells[k].floor],
                     dtype=np.int64)  # fmt: skip
    volumes_m3, walls_m2, areas_m2 = _sizes(site, zones)
    openings = _openings(site, zones, fire, closed=closed, fans=fans)
    source = int(np.flatnonzero(zones == row)[0])
    steps = int(min(minutes * 60.0, _LONGEST_S) / _STEP_S)
    return _spread(openings, volumes_m3, walls_m2, source=source, floor_m2=areas_m2[source], steps=steps, zones=zones)


def _sizes(site: SiteGraph, zones: Ints) -> tuple[Floats, Floats, Floats]:
    """Volume, walls with floor and ceiling, and floor of each zone."""
    index = site.index
    heights: dict[int, float] = {}
    for name, cell in site.cell_of.items():
        heights[cell] = max(heights.get(cell, 0.0), index.spaces[name].height_m)
    shapes = [site.graph.cells[cell].floor for cell in zones.tolist()]
    area = np.array([max(shape.area.area, 0.1) for shape in shapes if shape is not None])
    around = np.array([shape.area.length for shape in shapes if shape is not None])
    height = np.array([heights.get(cell, 2.5) for cell in zones.tolist()])
    return area * height, 2 * area + around * height, area


def _openings(site: SiteGraph, zones: Ints, fire: str, *, closed: Collection[str], fans: bool) -> _Openings:
    """Doors, windows and stairs of a building as gaps in its rooms."""
    index, outside = site.index, len(zones)
    number = {int(cell): k for k, cell in enumerate(zones.tolist())}
    under_pressure = _under_pressure(site) if fans else frozenset()
    rows: list[tuple[int, int, float, float, bool, float]] = []
    home = flat_of(index, fire) or fire
    for opening in index.openings.values():
        ends = [outside if end == OUTSIDE else number.get(site.cell_of.get(end, -1), -1) for end in opening.connects]
        if -1 in ends or ends[0] == ends[1] or any(end in under_pressure for end in opening.connects):
            continue
        gap_m2, breaks = _gap(site, opening, home, closed=closed)
        rows.append((ends[0], ends[1], gap_m2, opening.template.height_m, breaks, _whole_m2(opening)))
    walls = len(rows)
    rows.extend(_shafts(site, number, under_pressure))
    a, b, area, height, breaks_, whole = zip(*rows, strict=True) if rows else ((), (), (), (), (), ())
    return _Openings(np.array(a, dtype=np.int64), np.array(b, dtype=np.int64), np.array(area, dtype=np.float64),
                     np.array(height, dtype=np.float64), np.array(breaks_, dtype=bool),
                     np.array(whole, dtype=np.float64), np.arange(len(rows)) >= walls)  # fmt: skip


def _whole_m2(opening: PlacedOpening) -> float:
    template = opening.template
    (x0, y0), (x1, y1) = template.line
    return (template.width_m or float(np.hypot(x1 - x0, y1 - y0))) * template.height_m


def _gap(site: SiteGraph, opening: PlacedOpening, home: str, *, closed: Collection[str]) -> tuple[float, bool]:
    """How much of an opening is open, and whether heat breaks it."""
    spread, whole_m2 = fire_values()["spread"], _whole_m2(opening)
    if opening.template.kind == "window":
        return float(spread["window_leak_m2"]["value"]), True
    leak_m2 = min(float(spread["leak_m2"]["value"]), whole_m2)
    return max(leak_m2, whole_m2 * _open_ratio(site, opening, home, closed=closed)), False


def _open_ratio(site: SiteGraph, opening: PlacedOpening, home: str, *, closed: Collection[str]) -> float:
    """Of the time, or of its area, how much a door stands open."""
    if opening.id in closed or opening.template.kind == "shutter":
        return 0.0
    flats = [flat_of(site.index, end) or end for end in opening.connects]
    is_within = flats[0] == flats[1] and flats[0] not in opening.connects
    is_left_open = home in flats and OUTSIDE not in flats  # by those who fled
    if opening.template.kind == "passage" or is_within or is_left_open:
        return 1.0
    uses = {site.index.spaces[end].template.use for end in opening.connects if end != OUTSIDE}
    passes = "stair" in uses and not opening.template.locked
    return float(fire_values()["spread"]["flee_open_ratio"]["value"]) if passes else 0.0


def _under_pressure(site: SiteGraph) -> frozenset[str]:
    """Spaces of stairs that fans keep free of smoke."""
    found: set[str] = set()
    graph = site.graph
    kept = {stair.id for building in site.index.site.buildings for stair in building.stairs if stair.pressurised}
    for spot in graph.spots:
        if spot.kind == "stair" and spot.id in kept:
            found.update(graph.cells[cell].id for cell in spot.cells)
    rows = {row for row, cell in enumerate(graph.cells) if cell.id in found}
    return frozenset(space for space, cell in site.cell_of.items() if cell in rows)


def _shafts(
    site: SiteGraph, number: Mapping[int, int], under_pressure: Collection[str]
) -> list[tuple[int, int, float, float, bool, float]]:
    """The stairs from storey to storey: open up and down over half of their floor."""
    graph, rows = site.graph, []
    for link in graph.links:
        if link.kind != "stair":
            continue
        low, high = (graph.spots[spot].cells[0] for spot in link.spots)
        if low == high or low not in number or high not in number or graph.cells[low].id in under_pressure:
            continue
        floors = [graph.cells[cell].floor for cell in (low, high)]
        area = 0.5 * min(shape.area.area for shape in floors if shape is not None)
        rows.append((number[low], number[high], float(area), max(abs(link.rise_m), 1.0), False, float(area)))
    return rows


def _spread(
    openings: _Openings, volumes_m3: Floats, walls_m2: Floats, *, source: int, floor_m2: float, steps: int, zones: Ints
) -> Smoke:
    """Step by step; the state of each zone is shares by mass of soot, CO, CO2, O2, and the rise of its warmth."""
    burnt, spread = ({name: float(row["value"]) for name, row in fire_values()[part].items()}
                     for part in ("design_fire", "spread"))  # fmt: skip
    count = len(volumes_m3)
    mass = np.append(volumes_m3 * _AIR_KG_PER_M3, np.inf)
    state = np.zeros((5, count + 1))
    state[3] = _OXYGEN / _MOLES["o2"]
    cooled = spread["loss_w_per_m2_k"] * walls_m2 / (volumes_m3 * _AIR_KG_PER_M3 * _HEAT_KJ_PER_KG_K * 1e3)
    smaller = np.minimum(mass[openings.a], mass[openings.b])
    most_kw = burnt["most_kw_per_m2"] * min(floor_m2, burnt["burning_m2"])
    area = openings.area_m2.copy()
    first = int(burnt["before_alarm_s"] / _STEP_S)
    every = int(EVERY_S / _STEP_S)
    told, heats = [], []
    for step in range(first + steps + 1):
        air = state[3, source] * _MOLES["o2"]
        free = np.clip(
            (air - burnt["burns_from_ratio"]) / (burnt["burns_freely_ratio"] - burnt["burns_from_ratio"]), 0, 1
        )
        heat_kw = float(min(burnt["growth_kw_per_s2"] * (step * _STEP_S) ** 2, most_kw) * free)
        if step >= first and (step - first) % every == 0:
            told.append(state[:, :count].copy())
            heats.append(heat_kw)
        hot = np.maximum(state[4, openings.a], state[4, openings.b])
        area = np.where(openings.breaks & (hot > spread["window_breaks_at_k"]), openings.whole_m2, area)
        _exchange(state, openings, area, smaller, mass, spread)
        _burn(state, source, heat_kw, volumes_m3[source], burnt)
        state[4, :count] = np.minimum(state[4, :count] * np.exp(-cooled * _STEP_S), _MOST_RISE_K)
    seen = np.array(told)
    by_volume: dict[str, Floats] = {
        name: seen[:, row] * _MOLES[name] for row, name in ((1, "co"), (2, "co2"), (3, "o2"))
    }
    times_s = np.arange(len(told), dtype=np.float64) * EVERY_S
    return Smoke(
        zones, times_s, seen[:, 0] * _AIR_KG_PER_M3 * spread["mass_extinction_m2_per_kg"], by_volume["co"] * 1e6,
        by_volume["co2"], by_volume["o2"], seen[:, 4], np.array(heats),
    )  # fmt: skip


def _exchange(
    state: Floats, openings: _Openings, area: Floats, smaller: Floats, mass: Floats, spread: Mapping[str, float]
) -> None:
    """Air of two zones changes places: (Cd A / 3) √(g H ΔT / T), and a draught besides."""
    a, b = openings.a, openings.b
    apart = np.abs(state[4, a] - state[4, b])
    apart[openings.is_shaft & (state[4, a] <= state[4, b])] = 0.0
    mean = _ABSOLUTE_K + 0.5 * (state[4, a] + state[4, b])
    flow = spread["discharge_ratio"] / 3 * np.sqrt(_GRAVITY * openings.height_m * apart / mean)
    moved = (flow + spread["draught_m_per_s"]) * area * _AIR_KG_PER_M3 * _STEP_S
    moved = np.minimum(moved, _MOST_EXCHANGED * smaller)
    for row in range(len(state)):
        given = moved * (state[row, a] - state[row, b])
        change = np.bincount(b, given, len(mass)) - np.bincount(a, given, len(mass))
        state[row] += change / mass


def _burn(state: Floats, source: int, heat_kw: float, volume_m3: float, burnt: Mapping[str, float]) -> None:
    """What the fire gives to its room in a step."""
    air_kg = volume_m3 * _AIR_KG_PER_M3
    fuel_kg = heat_kw * _STEP_S / (burnt["heat_of_burning_kj_per_g"] * 1e3)
    state[0, source] += fuel_kg * burnt["soot_ratio"] / air_kg
    state[1, source] += fuel_kg * burnt["co_ratio"] / air_kg
    state[2, source] += fuel_kg * burnt["co2_ratio"] / air_kg
    used_kg = heat_kw * _STEP_S / (burnt["oxygen_kj_per_g"] * 1e3)
    state[3, source] = max(state[3, source] - used_kg / air_kg, 0.0)
    state[4, source] += heat_kw * _STEP_S * (1 - burnt["radiated_ratio"]) / (air_kg * _HEAT_KJ_PER_KG_K)
