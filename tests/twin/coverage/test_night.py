"""What cameras see by night in the light of lamps, reckoned by hand: E = 0.7 I cos(theta) / d2."""

import math

import numpy as np
import pytest
import shapely

from tests.twin.coverage.rooms import camera, seen, site, zone
from tests.twin.riverside_in_small import box
from twin.coverage.check import CameraCoverage, camera_coverage
from twin.coverage.prepared import prepare
from twin.coverage.result import PlaceResult
from twin.fabric.occluders import vehicle
from twin.index import SiteIndex, build
from twin.model.base import Text
from twin.model.cameras import CameraModel
from twin.model.devices import Channel, Device, DeviceKind
from twin.model.radiators import CoverageValue, LuminaireModel
from twin.model.site import Site
from twin.state import Quality, Readings, State, StateSnapshot

LAMP = DeviceKind(
    id="lamp",
    name=Text(en="Lamp"),
    system="lighting",
    channels=(
        Channel(id="state", unit="state", interval_s=60, states={0: Text(en="off"), 1: Text(en="on")}),
        Channel(id="level", unit="ratio", interval_s=60),
    ),
    reaches="light",
)
CANDELA = 100.0
KEPT = 0.7
BARE = LuminaireModel(id="bare", shape="even", flux_lm=4 * math.pi * CANDELA)
BLIND = CameraModel(id="blind", width_px=2000, height_px=1500, horizontal_fov_deg=90, min_illumination_lx=2.0)
CELL_M = 0.25
STRIP = zone(box(4.5, 3, 5.5, 7))


def lamp(name: str, x_m: float, y_m: float, z_m: float = 2.5) -> Device:
    return Device(id=name, kind="lamp", x_m=x_m, y_m=y_m, z_m=z_m, model="bare")


def hall(*lamps: Device, needed_lx: float | None = 2.0, infrared_m: float | None = None, **asked: object) -> Site:
    """The hall of `rooms` by night, its camera looking north at a strip from y = 3 to 7."""
    model = BLIND.replace(min_illumination_lx=needed_lx, infrared_m=infrared_m)
    made = site([STRIP], [camera(model="blind")], seen(**({"by_night": True} | asked)))
    return made.replace(
        kinds=(*made.kinds, LAMP), camera_models=(model,), luminaire_models=(BARE,), devices=(*made.devices, *lamps)
    )


def lit_to_m(needed_lx: float, height_m: float, output: float = 1.0) -> float:
    """How far from below a lamp the floor has so much light: E = k h / d3, so d = cbrt(k h / E)."""
    h = height_m - 0.02
    away = (KEPT * CANDELA * output * h / needed_lx) ** (1 / 3)
    return math.sqrt(away**2 - h**2) if away > h else 0.0


def told(index: SiteIndex, **said: float) -> StateSnapshot:
    held = State(index.intervals_s)
    names = [name.replace("__", ":") for name in said]
    rows = np.array([index.rows[name] for name in names], dtype=np.int32)
    good = np.full(len(rows), Quality.GOOD, dtype=np.uint8)
    held.apply(Readings(rows, np.zeros(len(rows)), np.array(list(said.values())), good))
    return held.snapshot(10.0)


def only(coverage: CameraCoverage) -> PlaceResult:
    (place,) = coverage.places
    return place


def covered(of: Site, **said: float) -> PlaceResult:
    index = build(of)
    return only(camera_coverage(prepare(index), told(index, **said) if said else None))


@pytest.mark.parametrize("needed_lx", [1.2, 2.0, 3.0, 5.0, 8.0])
@pytest.mark.parametrize("height_m", [2.2, 2.6])
def test_a_lamp_lets_a_camera_see_as_far_as_its_light_is_enough(needed_lx: float, height_m: float) -> None:
    """The lamp hangs over y = 3, where the strip begins; the strip is so narrow that its edge lies in the circle."""
    place = covered(hall(lamp("l", 5.0, 3.0, height_m), needed_lx=needed_lx))
    far_m = lit_to_m(needed_lx, height_m)
    # the edge of the circle is not straight across the strip of 1 m; mean over x of the chord's depth
    x = np.linspace(-0.5, 0.5, 101)
    depth = np.minimum(np.sqrt(np.maximum(far_m**2 - x**2, 0.0)), 4.0)
    assert place.share_ratio == pytest.approx(float(depth.mean()) / 4, abs=CELL_M / 2 / 4)
    if place.share_ratio < 1:
        assert place.gaps[0].reasons == {"dark": 1.0}
        assert place.gaps[0].nearest == ("cam",)


@pytest.mark.parametrize("level", [0.1, 0.3, 0.6, 1.0])
def test_a_dimmed_lamp_lets_see_less_far(level: float) -> None:
    place = covered(hall(lamp("l", 5.0, 3.0)), l__level=level)
    far_m = lit_to_m(2.0, 2.5, level)
    x = np.linspace(-0.5, 0.5, 101)
    depth = np.sqrt(np.maximum(far_m**2 - x**2, 0.0))
    assert place.share_ratio == pytest.approx(float(depth.mean()) / 4, abs=CELL_M / 2 / 4)


@pytest.mark.parametrize(
    ("said", "share"), [({"l__state": 1.0}, 1.0), ({"l__state": 0.0}, 0.0), ({"l__level": 0.0}, 0.0), ({}, 1.0)]
)
def test_a_lamp_that_is_off_lends_no_light(said: dict[str, float], share: float) -> None:
    assert covered(hall(lamp("l", 5.0, 5.0), needed_lx=0.5), **said).share_ratio == share


def test_light_of_several_lamps_adds_up() -> None:
    """Alone each gives 1.9 lx at most where both are asked for 3 lx together."""
    one, two = lamp("a", 2.0, 5.0), lamp("b", 8.0, 5.0)
    middle = KEPT * CANDELA * 2.48 / math.hypot(2.48, 3.0) ** 3
    assert covered(hall(one, needed_lx=middle * 1.3)).share_ratio < 0.5
    (beside,) = (covered(hall(one, two, needed_lx=middle * 1.3)),)
    spot = zone(box(4.9, 4.9, 5.1, 5.1))
    both = covered(hall(one, two, needed_lx=2 * middle * 0.99).replace(zones=(spot,)))
    neither = covered(hall(one, two, needed_lx=2 * middle * 1.05).replace(zones=(spot,)))
    assert (both.share_ratio, neither.share_ratio) == (1.0, 0.0)
    assert beside.share_ratio > 0.5


def test_what_hides_a_lamp_takes_its_light_but_not_the_cameras_own() -> None:
    """A pillar between lamp and strip; the camera's infrared reaches 6 m, over the floor to y = 0.5 + 5.45."""
    pillar = box(2, 3, 2.5, 8)
    of = site([STRIP], [], seen(by_night=True), pillars=[pillar])
    dark = hall(lamp("l", 1.0, 5.0)).replace(buildings=of.buildings)
    assert covered(dark).share_ratio == 0.0
    own = hall(lamp("l", 1.0, 5.0), infrared_m=6.0).replace(buildings=of.buildings)
    assert covered(own).share_ratio == pytest.approx((0.5 + math.sqrt(36 - 2.5**2) - 3) / 4, abs=CELL_M / 4)


def test_by_day_lamps_do_not_matter() -> None:
    assert covered(hall(lamp("l", 5.0, 5.0), by_night=False), l__state=0.0).share_ratio == 1.0


def test_a_model_that_does_not_say_needs_what_is_usual_and_a_site_may_say_otherwise() -> None:
    dim = hall(lamp("l", 5.0, 3.0), needed_lx=None)
    assert covered(dim, l__level=0.07).share_ratio == 1.0  # 0.1 lx; the far end has 0.07 of 1.7 lx
    strict = dim.replace(coverage_values=(CoverageValue(id="camera.min_illumination_lx", value=2.0),))
    assert covered(strict, l__level=0.07).share_ratio == 0.0


def test_an_answer_follows_lamps_from_the_one_before() -> None:
    index = build(hall(lamp("l", 5.0, 5.0), needed_lx=0.5))
    prepared = prepare(index)
    shining = camera_coverage(prepared)
    off = camera_coverage(prepared, told(index, l__state=0.0), before=shining)
    assert (only(shining).share_ratio, only(off).share_ratio) == (1.0, 0.0)
    assert only(camera_coverage(prepared, told(index, l__state=0.0), before=off, by_day=True)).share_ratio == 1.0
    # a question on top of an answer keeps its lamps, and those it takes away are gone
    turned = prepared.with_devices(index.devices["cam"].replace(bearing_deg=1.0))
    assert only(camera_coverage(turned, before=off)).share_ratio == 0.0
    assert only(camera_coverage(turned, before=shining)).share_ratio == 1.0
    assert only(camera_coverage(prepared, without=["l"], before=shining)).share_ratio == 0.0
    assert only(camera_coverage(prepared.without_devices("l"), before=shining)).share_ratio == 0.0


def test_a_parked_lorry_takes_light() -> None:
    index = build(hall(lamp("l", 1.0, 5.0), needed_lx=0.1))
    prepared = prepare(index)
    base = camera_coverage(prepared)
    wall = vehicle(shapely.box(2, 1, 3.5, 8), is_lorry=True)
    assert only(base).share_ratio == 1.0
    parked = camera_coverage(prepared.with_standing(wall), before=base)
    assert only(parked).share_ratio < 1.0
    assert "dark" in only(parked).gaps[0].reasons
