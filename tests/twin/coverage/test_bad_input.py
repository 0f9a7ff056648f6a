"""What is drawn or asked wrongly is told of, and everything else is still reckoned."""

from collections.abc import Sequence

import pytest
from pydantic import ValidationError

from tests.twin.coverage.rooms import camera, covered, seen, site, zone
from tests.twin.riverside_in_small import box
from twin.coverage.kinds import CHECKS, kind_coverage
from twin.coverage.prepared import prepare
from twin.coverage.unplaced import without_unplaced
from twin.index import build
from twin.model.base import Polygon
from twin.model.buildings import Obstacle, Stair
from twin.model.cameras import CameraModel
from twin.model.grounds import GroundFeature, Requirement
from twin.model.site import Site

FRONT = zone(box(4, -6, 6, -4), storey=None)
"""In the open before the hall, whatever is wrong inside."""
BOW_TIE = Polygon(outer=((0, 0), (10, 8), (10, 0), (0, 8)))
FLAT = Polygon(outer=((0, 0), (5, 0), (10, 0)))
STROKE = Polygon(outer=((1, 1), (2, 2), (1.5, 1.5)))
SPIKE = Polygon(outer=((0, 0), (10, 0), (10, 8), (40, 8), (0, 8)))
HOLE_OUTSIDE = Polygon(outer=((0, 0), (10, 0), (10, 8), (0, 8)), holes=(((20, 20), (20, 21), (21, 21)),))


def hall(asked: Sequence[Requirement] = ()) -> Site:
    """A hall with a camera on its front and a second requirement of every other kind on its room."""
    outside = camera("front", y_m=-0.3, bearing_deg=180.0)
    return site([FRONT], [outside]).replace(requirements=(seen(level="detect"), *asked))


def of_every_kind() -> tuple[Requirement, ...]:
    return tuple(
        Requirement(id=kind, kind=kind, space_uses=("other",), min_value=5.0) for kind in CHECKS if kind != "camera"
    )


def with_space(of: Site, polygon: Polygon) -> Site:
    (building,) = of.buildings
    (storey,) = building.storeys
    (space,) = storey.spaces
    changed = storey.replace(spaces=(space.replace(polygon=polygon),))
    return of.replace(buildings=(building.replace(storeys=(changed,)),))


def with_storey(of: Site, **changes: object) -> Site:
    (building,) = of.buildings
    return of.replace(buildings=(building.replace(storeys=(building.storeys[0].replace(**changes),)),))


@pytest.mark.parametrize(
    "outline", [BOW_TIE, FLAT, STROKE, SPIKE, HOLE_OUTSIDE], ids=["bow tie", "flat", "stroke", "spike", "hole"]
)
@pytest.mark.parametrize("what", ["space", "storey", "building", "column", "ground"])
def test_a_faulty_outline_is_told_of_and_the_rest_is_reckoned(what: str, outline: Polygon) -> None:
    good = hall(of_every_kind())
    faulty = {
        "space": lambda: with_space(good, outline),
        "storey": lambda: with_storey(good, polygon=outline),
        "building": lambda: good.replace(buildings=(good.buildings[0].replace(footprint=outline),)),
        "column": lambda: with_storey(good, obstacles=(Obstacle(id="hall/f1/p", polygon=outline),)),
        "ground": lambda: good.replace(grounds=(GroundFeature(id="lawn", use="water", geometry=outline),)),
    }[what]()
    prepared = prepare(build(faulty))
    told = [problem for problem in prepared.problems if problem.code == "bad-outline"]
    assert len(told) == 1
    assert "draw its outline anew" in told[0].message
    for kind in CHECKS:
        kind_coverage(prepared, kind)  # none of them gives up
    places = {place.place_id: place for place in kind_coverage(prepared, "camera").places}
    # columns and rooms do not stand before the front's camera; a wrong footprint of a hall with storeys neither
    assert places["zone"].share_ratio == 1.0


@pytest.mark.parametrize("density_px_per_m", [0.0, -5.0])
def test_pixels_on_a_metre_that_cannot_be_are_told_of_and_the_rest_is_reckoned(density_px_per_m: float) -> None:
    wrong = seen(id="wrong", level=None, edition=None, min_value=density_px_per_m)
    faulty = hall([wrong]).replace(zones=(FRONT, zone(box(4, -6, 6, -4), id="other", requirement="wrong", storey=None)))
    result = covered(faulty)
    assert [(p.code, p.object_id) for p in result.problems] == [("unknown-level", "wrong")]
    assert "give more than 0" in result.problems[0].message
    assert [(place.place_id, place.is_met) for place in result.places] == [("zone", True)]


@pytest.mark.parametrize(
    ("lens", "words"),
    [
        ({"horizontal_fov_deg": 0.0}, "more than 0"),
        ({"horizontal_fov_deg": 180.0}, "less than 180"),
        ({"horizontal_fov_deg": 179.9}, "no straight lens|179"),
        ({"horizontal_fov_deg": 360.0}, "less than 180"),
        ({"horizontal_fov_deg": -60.0}, "more than 0"),
        ({"focal_mm": 1e9, "sensor_width_mm": 5.0}, "both in millimetres"),
        ({"focal_mm": 4e-9, "sensor_width_mm": 5.0}, "both in millimetres"),
        ({"focal_mm": 1e300, "sensor_width_mm": 1e-300}, "both in millimetres"),
        ({"horizontal_fov_deg": 90.0, "k1": -0.9}, "folds the picture"),
        ({"horizontal_fov_deg": 90.0, "k1": 1e300}, "both in millimetres"),
        ({"horizontal_fov_deg": 60.0, "k2": -1e200}, "above 0"),
        ({"optics": "fisheye", "fov_deg": 0.0}, "not possible"),
        ({"optics": "fisheye", "fov_deg": 361.0}, "not possible"),
        ({"optics": "fisheye", "fov_deg": 360.0, "projection": "orthographic"}, "up to 180"),
        ({"optics": "fisheye", "fov_deg": 360.0, "projection": "stereographic"}, "up to 359"),
    ],
)
def test_a_lens_that_cannot_be_is_told_of_and_the_other_cameras_are_reckoned(
    lens: dict[str, object], words: str
) -> None:
    odd = CameraModel.model_validate({"id": "odd", "width_px": 2000, "height_px": 1500, **lens})
    good = hall()
    cameras = (*good.devices, camera("bad", model="odd", y_m=-0.3, bearing_deg=180.0))
    result = covered(good.replace(camera_models=(*good.camera_models, odd), devices=cameras))
    (problem,) = result.problems
    assert (problem.code, problem.object_id) == ("camera-unusable", "bad")
    assert any(word in problem.message for word in words.split("|"))
    assert result.places[0].is_met


def test_a_fisheye_that_sees_all_around_is_one() -> None:
    """A field of 360 degrees is possible for two of the projections, and has nothing outside of it."""
    for projection in ("equidistant", "equisolid"):
        ball = CameraModel(
            id="ball", width_px=4000, height_px=4000, optics="fisheye", fov_deg=360.0, projection=projection
        )
        made = camera("ball", model="ball", y_m=-0.3, z_m=2.0, bearing_deg=0.0, tilt_deg=-90.0)
        good = hall()
        result = covered(good.replace(camera_models=(ball,), devices=(made,)))
        assert not result.problems
        assert result.places[0].share_ratio == 1.0


def test_a_camera_model_has_a_head_at_least() -> None:
    with pytest.raises(ValidationError, match="heads_deg"):
        CameraModel(id="headless", width_px=100, height_px=100, horizontal_fov_deg=90.0, heads_deg=())


@pytest.mark.parametrize(
    ("where", "code", "words"),
    [
        ({"y_m": -3.0, "z_m": -2.0}, "camera-blocked", "under the ground of hall"),
        ({"x_m": 900.0}, "camera-outside", "at 900, -0.3, outside of the site"),
        ({"x_m": 5e6, "y_m": 3e6}, "camera-outside", "outside of the site"),
        ({"z_m": 1e12}, "camera-outside", "height of 1e+12 m"),
        ({"z_m": -40.0}, "camera-outside", "height of -40 m"),
    ],
)
@pytest.mark.parametrize("tilt_deg", [-90.0, 0.0, 90.0])
def test_a_camera_where_the_site_is_not_is_told_of(
    where: dict[str, float], code: str, words: str, tilt_deg: float
) -> None:
    good = hall()
    stray = camera("stray", y_m=-0.3, bearing_deg=180.0, tilt_deg=tilt_deg).replace(**where)
    result = covered(good.replace(devices=(*good.devices, stray)))
    assert [(p.code, p.object_id) for p in result.problems] == [(code, "stray")]
    assert words in result.problems[0].message
    assert result.places[0].is_met


@pytest.mark.parametrize(("z_m", "is_told"), [(-0.5, False), (-2.0, False), (-2.9, False), (-4.0, True)])
def test_a_camera_in_a_basement_is_not_under_the_ground(z_m: float, is_told: bool) -> None:  # noqa: FBT001
    good = hall()
    deep = with_storey(good, elevation_m=-3.0)
    result = covered(deep.replace(devices=(*good.devices, camera("low", y_m=4.0, z_m=z_m))))
    assert [p.object_id for p in result.problems] == (["low"] if is_told else [])


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"id": "idle"}, "asked-nowhere"),
        ({"id": "idle", "space_uses": ("garage",)}, "asked-nowhere"),
        ({"id": "idle", "space_uses": ("other",), "unit": "lx", "level": None, "edition": None, "min_value": 1.0},
         "wrong-unit"),
    ],
)  # fmt: skip
def test_a_requirement_that_cannot_be_meant_so_is_told_of(asked: dict[str, object], code: str) -> None:
    result = covered(hall([seen(**({"level": "detect"} | asked))]))
    assert [(p.code, p.object_id) for p in result.problems] == [(code, "idle")]
    assert result.places[0].is_met


@pytest.mark.parametrize(
    ("polygon", "changes", "words"),
    [
        (box(4, -6, 6, -4), {"storey": None, "elevation_m": 1e6}, "elevation_m"),
        (box(4, -6, 6, -4), {"storey": None, "elevation_m": -30.0}, "elevation_m"),
        (box(400, 400, 406, 406), {"storey": None}, "outside of the site"),
        (box(40, 40, 46, 46), {"storey": "hall/f1"}, "outside of its storey"),
        (box(2, -0.05, 3, 0.05), {"storey": "hall/f1"}, "nothing of it is free"),
    ],
)
def test_a_zone_where_nothing_can_be_is_told_of(polygon: Polygon, changes: dict[str, object], words: str) -> None:
    good = hall()
    result = covered(good.replace(zones=(FRONT, zone(polygon, id="stray", **changes))))
    assert [p.object_id for p in result.problems] == ["stray"]
    assert words in result.problems[0].message
    assert result.places[0].is_met


@pytest.mark.parametrize("size_m", [0.2, 0.05, 0.001])
@pytest.mark.parametrize("x_m", [5.0, 400.0])
def test_a_zone_smaller_than_the_grid_still_has_samples(size_m: float, x_m: float) -> None:
    """At x = 5 the front's camera sees it, 400 m beside it does not."""
    spot = zone(box(x_m, -5, x_m + size_m, -5 + size_m), storey=None)
    (place,) = covered(hall().replace(zones=(spot,))).places
    assert place.share_ratio == (1.0 if x_m == 5.0 else 0.0)
    assert len(place.covered) >= 4


def test_risers_of_a_micrometre_do_not_take_hours() -> None:
    good = hall()
    (building,) = good.buildings
    (storey,) = building.storeys
    stair = Stair(id="hall/stair", space="hall/f1/room", first=1, last=2, riser_m=1e-6)
    upper = storey.replace(id="hall/f2", first=2, last=2, elevation_m=3.0, spaces=())
    steep = good.replace(buildings=(building.replace(storeys=(storey, upper), stairs=(stair,)),))
    result = covered(steep)
    assert result.places[0].is_met
    assert len(result.of.occluders.mesh.triangles) < 20_000


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"kind": "camra"}, "unknown-kind"),
     ({"x_m": None, "y_m": None, "z_m": None, "space": "hall/f9/attic"}, "unknown-space")],
)  # fmt: skip
def test_devices_of_no_kind_or_place_are_left_out_and_told_of(changes: dict[str, object], code: str) -> None:
    good = hall()
    lost = good.devices[0].replace(id="lost", **changes)
    site_, told = without_unplaced(good.replace(devices=(*good.devices, lost)))
    assert [(p.code, p.object_id) for p in told] == [(code, "lost")]
    assert covered(site_).places[0].is_met
    assert without_unplaced(good) == (good, ())
