"""Smoke in houses of one and two rooms, and what it does to people, held against sums done by hand."""

import dataclasses
import math

import numpy as np
import pytest

from tests.twin.evacuation.test_simulation import BETWEEN, EAST, HALL, SOUTH, TWO, gone, of
from twin.errors import EvacuationError
from twin.evacuation.asking import Asked
from twin.evacuation.dose import met
from twin.evacuation.groups import spread_evenly
from twin.evacuation.sfpe import dose_per_s
from twin.evacuation.smoke import EVERY_S, Smoke, fire_values, smoke_of
from twin.fabric.site_graph import SiteGraph

DESIGN = {name: float(row["value"]) for name, row in fire_values()["design_fire"].items()}
SPREAD = {name: float(row["value"]) for name, row in fire_values()["spread"].items()}


def soot_kg(site: SiteGraph, smoke: Smoke) -> np.ndarray:
    """Of all rooms, from how thick their smoke is."""
    heights = {site.cell_of[name]: space.height_m for name, space in site.index.spaces.items()}
    floors = [site.graph.cells[cell].floor for cell in smoke.zones.tolist()]
    volumes = [
        floor.area.area * heights[cell] for floor, cell in zip(floors, smoke.zones.tolist(), strict=True) if floor
    ]
    found: np.ndarray = (smoke.extinction_per_m / SPREAD["mass_extinction_m2_per_kg"] * volumes).sum(axis=1)
    return found


@pytest.mark.parametrize(("rooms", "doors"), [((HALL), ()), (TWO, (BETWEEN,))])
def test_all_soot_is_somewhere(rooms: object, doors: tuple[object, ...]) -> None:
    site = of(rooms, *doors)  # type: ignore[arg-type]
    fire = next(iter(site.index.spaces))
    smoke = smoke_of(site, fire)
    # what has burnt by the trapezoids of what was told of the heat
    burnt_kj = np.concatenate(([0.0], np.cumsum((smoke.heat_kw[1:] + smoke.heat_kw[:-1]) / 2 * EVERY_S)))
    soot = burnt_kj / (DESIGN["heat_of_burning_kj_per_g"] * 1e3) * DESIGN["soot_ratio"]
    told = soot_kg(site, smoke)
    # the growth is curved between two moments, by less than one in a hundred of what burns
    np.testing.assert_allclose(told - told[0], soot, rtol=0.01, atol=0.01 * soot[-1])


def test_a_fire_without_air_dies_down() -> None:
    smoke = smoke_of(of(HALL), "h/f1/hall")
    assert smoke.heat_kw.max() > 500
    assert smoke.heat_kw[-1] < 10
    assert smoke.o2_ratio.min() >= DESIGN["burns_from_ratio"] - 1e-3
    # all oxygen that is gone has given its heat
    used_kg = (0.209 - smoke.o2_ratio[-1, 0]) * 32.0 / 28.97 * 1.2 * volume_m3(of(HALL))
    total_kj = float(((smoke.heat_kw[1:] + smoke.heat_kw[:-1]) / 2 * EVERY_S).sum())
    assert used_kg * DESIGN["oxygen_kj_per_g"] * 1e3 == pytest.approx(total_kj, rel=0.03)  # what burnt before the alarm


def volume_m3(site: SiteGraph) -> float:
    floor = site.graph.cells[0].floor
    assert floor is not None
    return float(floor.area.area) * next(iter(site.index.spaces.values())).height_m


def test_a_door_kept_shut_holds_smoke_back() -> None:
    site = of(TWO, BETWEEN, EAST)
    opened, shut = smoke_of(site, "h/f1/a"), smoke_of(site, "h/f1/a", closed={"h/f1/between"})
    b = int(np.flatnonzero(opened.zones == site.cell_of["h/f1/b"])[0])
    assert opened.unbearable_s()[b] < 0.3 * shut.unbearable_s()[b]
    assert (shut.extinction_per_m[10:, b] < opened.extinction_per_m[10:, b]).all()
    # and the fire behind it gets less air
    assert shut.heat_kw.sum() < opened.heat_kw.sum()


def test_rooms_with_nothing_between_them_stay_clear() -> None:
    site = of(TWO, EAST)
    smoke = smoke_of(site, "h/f1/a")
    b = int(np.flatnonzero(smoke.zones == site.cell_of["h/f1/b"])[0])
    assert smoke.extinction_per_m[:, b].max() == 0.0
    assert smoke.unbearable_s()[b] == math.inf


def steady(site: SiteGraph, *, co_ppm: float, extinction_per_m: float = 0.0) -> Smoke:
    """The same air in every room at all times."""
    zones, times = np.arange(len(site.graph.cells) - 1), np.arange(0.0, 1801.0, EVERY_S)
    shape = (len(times), len(zones))
    seen, poison, none, air, warm = (np.full(shape, value) for value in (extinction_per_m, co_ppm, 0.0, 0.209, 0.0))
    return Smoke(zones, times, seen, poison, none, air, warm, np.zeros(len(times)))


@pytest.mark.parametrize("persons", [1.0, 60.0, 300.0])
def test_who_breathes_the_same_all_the_way_has_the_dose_of_the_time_it_takes(persons: float) -> None:
    site = of(HALL, SOUTH)
    found = gone(site, {"h/f1/hall": persons})
    people = spread_evenly(found.of, ["h/f1/hall"], Asked({"h/f1/hall": persons}))
    walked = met(found.of, people, found.emptied, steady(site, co_ppm=2000.0))
    rate = float(dose_per_s(co_ppm=2000.0, co2_ratio=0.0, o2_ratio=0.209))
    np.testing.assert_allclose(walked.dose, walked.out_s * rate, rtol=1e-9)
    # first come first served, so followed one by one they are out as the streams are: within a moment of the record,
    # and a group, which comes to the queue at the same time
    group = persons / len(walked.out_s) + EVERY_S * 0.7 * 1.32
    for share in (0.25, 0.5, 0.75, 1.0):
        when = np.sort(walked.out_s)[max(round(share * len(walked.out_s)) - 1, 0)]
        out = float(people.persons[walked.out_s <= when].sum())
        assert np.interp(when + 5.5, found.times_s, found.out) >= out - group - 0.1
        assert np.interp(when - 5.5, found.times_s, found.out) <= out + group + 0.1
    assert walked.out_s.max() == pytest.approx(found.site.clear_s, abs=6.0)


def test_clean_air_harms_nobody() -> None:
    site = of(TWO, BETWEEN, EAST)
    found = gone(site, {"h/f1/a": 20.0})
    people = spread_evenly(found.of, ["h/f1/a"], Asked({"h/f1/a": 20.0}))
    walked = met(found.of, people, found.emptied, steady(site, co_ppm=0.0))
    assert walked.dose.max() == 0.0
    assert walked.thickest_per_m.max() == 0.0


def test_a_fire_tells_how_long_ways_can_be_used_and_how_long_they_are_needed() -> None:
    site = of(TWO, BETWEEN, EAST)
    found = gone(site, {"h/f1/a": 10.0, "h/f1/b": 30.0}, fire="h/f1/a", smoke=True, runs=10)
    assert found.fire is not None
    worst = found.fire.margins[0]
    assert {margin.place for margin in found.fire.margins} == {"h/f1/a", "h/f1/b"}
    assert worst.margin_s == min(margin.margin_s for margin in found.fire.margins)
    assert {margin.available_s for margin in found.fire.margins} == set(found.fire.smoke.unbearable_s())
    assert worst.sure_s is not None
    assert worst.margin_s == worst.available_s - worst.sure_s
    exposed = {one.space: one for one in found.fire.exposed}
    # those in the burning room go at once; those next door later, through what has come in by then
    assert exposed["h/f1/a"].out_s < exposed["h/f1/b"].out_s
    assert exposed["h/f1/a"].dose < exposed["h/f1/b"].dose
    assert exposed["h/f1/a"].sight_m < 5.0
    # who would have stayed there would be dead
    assert exposed["h/f1/a"].stay_dose > 1.0


def test_who_is_behind_a_closed_door_breathes_what_comes_in() -> None:
    shut = frozenset({"h/f1/between"})
    found = gone(of(TWO, BETWEEN, EAST), {"h/f1/a": 4.0}, fire="h/f1/a", smoke=True, closed=shut)
    assert found.fire is not None
    assert found.trapped == ("h/f1/a",)
    assert found.fire.harmed == found.fire.overcome == 4.0


def test_smoke_slows_who_walks_through_it() -> None:
    site = of(TWO, BETWEEN, EAST)
    clear = gone(site, {"h/f1/b": 5.0}, fire="h/f1/a")
    smoky = gone(site, {"h/f1/b": 5.0}, fire="h/f1/a", smoke=True)
    assert smoky.site.clear_s > clear.site.clear_s + 2.0


def test_smoke_of_what_nobody_can_walk_in_is_refused() -> None:
    site = of(HALL, SOUTH)
    gone_ = dataclasses.replace(site, cell_of={})
    with pytest.raises(EvacuationError, match="cannot be followed"):
        gone(gone_, {}, fire="h/f1/hall", smoke=True)
