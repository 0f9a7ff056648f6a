"""What holds of ways whatever the site: turned, shifted, reversed, through another place, with more closed."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.twin.houses import on
from tests.twin.wayfinding.test_routes import GATE, many_rooms, tower, way
from twin.index import SiteIndex, build
from twin.model.base import Polygon
from twin.model.site import Site
from twin.wayfinding.network import Wayfinder
from twin.wayfinding.profiles import product_profiles, profile
from twin.wayfinding.routes import NoRouteError
from twin.wayfinding.words import steps_of

WALKED = {who for who, one in product_profiles().items() if not one.is_vehicle}
MEDIUM_M = 0.02
"""Of a way of some metres: each corner's few millimetres of margin lie otherwise where walls are turned."""


@pytest.fixture(scope="module")
def ways() -> Wayfinder:
    return Wayfinder(build(on(tower(), grounds=[GATE])))


PLACES = ["gate", *(f"h/f{n}/{room}" for n in range(1, 7) for room in ("room", "landing", "stair"))]
places = st.sampled_from(PLACES)
closable = st.sets(st.sampled_from(["lift", "stair", "h/f1/entrance", "h/f3/to-stair", "h/f5/to-room"]), max_size=3)


def took_s(ways: Wayfinder, start: str, end: str, who: str, closed: set[str]) -> float:
    try:
        return way(ways, start, end, who, closed=closed).duration_s
    except NoRouteError:
        return math.inf


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=places, middle=places, end=places, who=st.sampled_from(sorted(WALKED)), closed=closable)
def test_a_way_is_no_longer_than_by_way_of_another_place(
    ways: Wayfinder, start: str, middle: str, end: str, who: str, closed: set[str]
) -> None:
    direct = took_s(ways, start, end, who, closed)
    by = took_s(ways, start, middle, who, closed) + took_s(ways, middle, end, who, closed)
    # doors are chosen by ways through their middles: two decimetres a door, of at most five
    assert direct <= by + 1.0 / profile(who)["level_m_per_s"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=places, end=places, who=st.sampled_from(sorted(WALKED)), closed=closable, more=closable)
def test_closing_more_makes_no_way_quicker_and_closed_things_are_never_passed(
    ways: Wayfinder, start: str, end: str, who: str, closed: set[str], more: set[str]
) -> None:
    slack_s = 1.0 / profile(who)["level_m_per_s"]
    assert took_s(ways, start, end, who, closed) <= took_s(ways, start, end, who, closed | more) + slack_s
    try:
        found = way(ways, start, end, who, closed=closed)
    except NoRouteError:
        return
    assert closed.isdisjoint({leg.id for leg in found.legs} | {door.id for leg in found.legs for door in leg.doors})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=places, end=places, who=st.sampled_from(sorted(WALKED)))
def test_a_way_joins_its_ends_without_gaps_and_its_steps_tell_all_of_it(
    ways: Wayfinder, start: str, end: str, who: str
) -> None:
    try:
        found = way(ways, start, end, who)
    except NoRouteError:
        return
    for one, other in zip(found.legs, found.legs[1:], strict=False):
        # a lift's car stands behind its door, in no room
        assert np.allclose(one.line_m[-1], other.line_m[0], atol=0.3)
    steps = steps_of(ways.index, found)
    assert sum(step.length_m for step in steps) == pytest.approx(found.length_m, abs=1e-6)
    assert sum(step.duration_s for step in steps) == pytest.approx(found.duration_s, abs=1e-6)
    assert all(step.text.zh and step.text.en for step in steps)


def turned(site: Site, angle_deg: float, by_m: tuple[float, float]) -> SiteIndex:
    """The same site elsewhere, turned."""
    cos, sin = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))

    def at(x: float, y: float) -> tuple[float, float]:
        return cos * x - sin * y + by_m[0], sin * x + cos * y + by_m[1]

    def shape(of: Polygon) -> Polygon:
        return Polygon(outer=tuple(at(*p) for p in of.outer), holes=tuple(tuple(at(*p) for p in h) for h in of.holes))

    buildings = []
    for building in site.buildings:
        storeys = tuple(
            s.replace(
                polygon=shape(s.polygon),
                spaces=tuple(space.replace(polygon=shape(space.polygon)) for space in s.spaces),
                openings=tuple(o.replace(line=tuple(at(*p) for p in o.line)) for o in s.openings),
            )
            for s in building.storeys
        )
        buildings.append(building.replace(footprint=shape(building.footprint), storeys=storeys))
    devices = []
    for device in site.devices:
        assert device.x_m is not None
        assert device.y_m is not None
        x, y = at(device.x_m, device.y_m)
        devices.append(device.replace(x_m=x, y_m=y))
    return build(site.replace(buildings=tuple(buildings), devices=tuple(devices)))


@pytest.mark.parametrize(("angle_deg", "by_m"), [(0.0, (4000.0, -7000.0)), (90.0, (0.0, 0.0)), (37.0, (12.0, 5.0))])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_site_elsewhere_and_turned_has_the_same_ways(seed: int, angle_deg: float, by_m: tuple[float, float]) -> None:
    index, _ = many_rooms(np.random.default_rng(seed))
    here, there = Wayfinder(index), Wayfinder(turned(index.site, angle_deg, by_m))
    ids = [device.id for device in index.site.devices][:7]
    for k, one in enumerate(ids):
        for other in ids[k + 1 :]:
            try:
                length_m = way(here, one, other).length_m
            except NoRouteError:
                with pytest.raises(NoRouteError):
                    way(there, one, other)
                continue
            assert way(there, one, other).length_m == pytest.approx(length_m, abs=MEDIUM_M)


def test_there_and_back_are_as_long(ways: Wayfinder) -> None:
    for end in ("h/f1/room", "h/f4/room", "h/f6/stair"):
        there, back = way(ways, "gate", end, "wheelchair"), way(ways, end, "gate", "wheelchair")
        assert there.length_m == pytest.approx(back.length_m, abs=0.05)
