"""Whole answers against closed forms, for many numbers: what a planner could check with a pencil.

The camera is at (5, 0.5), `f` pixels in focal length; a share of a zone may be wrong by half a cell along its edge.
"""

import math
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
import shapely

from tests.twin.coverage.rooms import CAMERA, camera, covered, seen, site, zone
from tests.twin.riverside_in_small import box
from twin.coverage.check import camera_coverage
from twin.coverage.prepared import prepare
from twin.coverage.result import PlaceResult
from twin.index import build
from twin.model.base import Polygon
from twin.model.buildings import Building, Obstacle, Space, Storey
from twin.model.cameras import CameraModel
from twin.model.site import Site

CELL_M = 0.25
OPEN_CELL_M = 0.5


def only(of: Site) -> PlaceResult:
    (place,) = covered(of).places
    return place


def edge_slack(length_m: float, cell_m: float, area_m2: float) -> float:
    """What half a cell along an edge of a shape is of an area."""
    return length_m * cell_m / 2 / area_m2


def open_air(model: CameraModel, *, half_m: float = 15.0, **changes: object) -> Site:
    """A shed far off, and a field of 30 m by 30 m round the camera at the origin; nothing stands there."""
    shed = Building(id="hall", use="other", footprint=box(60, 60, 62, 62), height_m=3.0)
    made = site([zone(box(-half_m, -half_m, half_m, half_m), storey=None)], [], seen(level="detect"))
    fields = {"x_m": 0.0, "y_m": 0.0, "z_m": 6.0, "model": model.id} | changes
    eye = camera("cam", **fields).replace(space=None)
    return made.replace(buildings=(shed,), camera_models=(model,), devices=(eye,))


@pytest.mark.parametrize(("x_m", "y_m", "wide_m", "deep_m"), [
    (4.0, 2.0, 0.6, 0.4), (5.5, 2.5, 0.5, 1.0), (6.0, 3.0, 1.5, 0.3), (2.5, 4.0, 2.0, 0.5), (4.75, 1.75, 0.5, 0.5),
])  # fmt: skip
def test_a_pillars_shadow_wherever_it_stands(x_m: float, y_m: float, wide_m: float, deep_m: float) -> None:
    pillar = box(x_m, y_m, x_m + wide_m, y_m + deep_m)
    room = shapely.box(0.12, 5.0, 9.88, 7.8)
    eye = (5.0, 0.5)
    # the shadow is the cone over the pillar's corners, seen from above, cut to the zone behind it
    corners = np.array([(x_m, y_m), (x_m + wide_m, y_m), (x_m + wide_m, y_m + deep_m), (x_m, y_m + deep_m)])
    far = [tuple(eye + (corner - eye) * 40) for corner in corners]
    shadow = shapely.convex_hull(shapely.MultiPoint([*map(tuple, corners), *far]))
    field = shapely.Polygon([eye, (5 - 20, 20.5), (5 + 20, 20.5)])  # 45 degrees to each side
    place = only(site([zone(box(0.12, 5.0, 9.88, 7.8))], [camera(z_m=1.6)], pillars=[pillar]))
    edges = (shadow & room).length + (field & room).length
    share = (room & (field - shadow)).area / room.area
    assert place.share_ratio == pytest.approx(share, abs=edge_slack(edges, CELL_M, room.area) / 2 + 0.004)


@pytest.mark.parametrize("height_m", [0.2, 0.8, 1.4])
@pytest.mark.parametrize("wall_m", [1.6, 2.0])
def test_a_low_walls_shadow_is_longer_at_the_feet(height_m: float, wall_m: float) -> None:
    """A block of some height from y = 3 to 3.5; what is behind it is seen from where the ray clears its far edge."""
    eye_m, edge_y = 2.8, 3.5
    of = site([zone(box(4.5, 3.6, 5.5, 7.6))], [camera(z_m=eye_m)], seen(level="detect", target_heights_m=(height_m,)))
    (building,) = of.buildings
    (storey,) = building.storeys
    block = Obstacle(id="hall/f1/block", polygon=box(1, 3, 9, edge_y), height_m=wall_m)
    of = of.replace(buildings=(building.replace(storeys=(storey.replace(obstacles=(block,)),)),))
    clears_y = 0.5 + (edge_y - 0.5) * (eye_m - height_m) / (eye_m - wall_m) if height_m < wall_m else 3.6
    under_y = 0.5 + (eye_m - height_m) / 0.75  # the lower edge of the picture
    share = max(0.0, 7.6 - max(clears_y, under_y, 3.6)) / 4
    assert only(of).share_ratio == pytest.approx(min(1.0, share), abs=CELL_M / 2 / 4 + 1e-6)


@pytest.mark.parametrize("inner_y", [2.5, 4.0])
@pytest.mark.parametrize("inner_x", [3.0, 5.0])
def test_an_l_shaped_room_hides_what_is_round_its_corner(inner_x: float, inner_y: float) -> None:
    """The room is 10 by 8 without its corner beyond (inner_x, inner_y); the camera looks north along the east leg."""
    ring = Polygon(outer=((0, 0), (10, 0), (10, inner_y), (inner_x, inner_y), (inner_x, 8), (0, 8)))
    storey = Storey(
        id="hall/f1", first=1, last=1, elevation_m=0.0, height_m=3.0, polygon=ring,
        spaces=(Space(id="hall/f1/room", use="other", polygon=ring),),
    )  # fmt: skip
    eye_x, eye_y = 9.0, 0.6
    around = CameraModel(id="all", width_px=6000, height_px=6000, optics="fisheye", fov_deg=180)
    # a face at 1.6 m, and an eye at 1.6 m that looks level with a field of 180 degrees to the west
    of = site([zone(box(0.2, inner_y + 0.3, inner_x - 0.3, 7.8))], [], seen(level="detect"))
    made = camera("cam", model="all", x_m=eye_x, y_m=eye_y, z_m=1.6, bearing_deg=270.0, tilt_deg=0.0)
    of = of.replace(
        buildings=(Building(id="hall", use="other", footprint=box(0, 0, 10, 8), height_m=3.0, storeys=(storey,)),),
        camera_models=(around,), devices=(made,),
    )  # fmt: skip
    leg = shapely.box(0.2, inner_y + 0.3, inner_x - 0.3, 7.8)
    # walls are 0.24 m thick about the line: the corner that hides stands 0.12 m into the room
    corner = (inner_x - 0.12, inner_y - 0.12)
    slope = (corner[1] - eye_y) / (corner[0] - eye_x)
    line = [(x, eye_y + slope * (x - eye_x)) for x in (corner[0], -200.0)]
    below = shapely.Polygon([*line, (-200.0, -1.0), (corner[0], -1.0)])
    share = (leg & below).area / leg.area
    assert only(of).share_ratio == pytest.approx(share, abs=edge_slack(8.0, CELL_M, leg.area))


@pytest.mark.parametrize(("tilt_deg", "roll_deg"), list(product([40.0, 50.0, 70.0], [0.0, 20.0, 90.0, -135.0])))
def test_the_footprint_of_a_tilted_and_rolled_camera(tilt_deg: float, roll_deg: float) -> None:
    """The picture's corners meet the ground in a quadrangle, by the rotation written out here anew."""
    model = CameraModel(id="m", width_px=1600, height_px=900, focal_mm=4.0, sensor_width_mm=5.0)
    focal = 1280.0
    bearing_deg = 30.0
    z_m = 6.0
    b, t, r = (math.radians(v) for v in (bearing_deg, tilt_deg, roll_deg))
    ahead = np.array([math.sin(b) * math.cos(t), math.cos(b) * math.cos(t), -math.sin(t)])
    right0 = np.array([math.cos(b), -math.sin(b), 0.0])
    down0 = np.cross(ahead, right0)
    # clockwise as one looks along: the right side of the picture turns downwards
    right = right0 * math.cos(r) + down0 * math.sin(r)
    down = -right0 * math.sin(r) + down0 * math.cos(r)
    corners = [ahead + right * (sx * 800 / focal) + down * (sy * 450 / focal)
               for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))]  # fmt: skip
    height_m = 0.5
    quad = shapely.Polygon([tuple(c[:2] * (z_m - height_m) / -c[2]) for c in corners])
    of = open_air(model, bearing_deg=bearing_deg, tilt_deg=tilt_deg, roll_deg=roll_deg, z_m=z_m)
    asked = seen(level="monitor", target_heights_m=(height_m,))
    # each side of the way it looks by itself, so that a picture rolled the other way is told from this one
    for x0, x1 in ((-15, 2), (2, 15)):
        part = shapely.box(x0, -15, x1, 15)
        place = only(of.replace(requirements=(asked,), zones=(zone(box(x0, -15, x1, 15), storey=None),)))
        seen_m2 = place.share_ratio * part.area
        assert seen_m2 == pytest.approx((quad & part).area, abs=(quad & part).length * OPEN_CELL_M / 4 + 0.1)


RADIUS: dict[str, Callable[[float], float]] = {
    "equidistant": lambda a: a,
    "equisolid": lambda a: 2 * math.sin(a / 2),
    "stereographic": lambda a: 2 * math.tan(a / 2),
    "orthographic": math.sin,
}
SLOPE: dict[str, Callable[[float], float]] = {
    "equidistant": lambda _: 1.0,
    "equisolid": lambda a: math.cos(a / 2),
    "stereographic": lambda a: 1 / math.cos(a / 2) ** 2,
    "orthographic": math.cos,
}


@pytest.mark.parametrize("projection", list(RADIUS))
@pytest.mark.parametrize("fov_deg", [120.0, 170.0])
@pytest.mark.parametrize("least", [30.0, 55.0])
def test_a_fisheye_overhead_covers_a_circle(projection: str, fov_deg: float, least: float) -> None:
    """Straight down, a point d aside of an eye h above it is at angle atan(d / h) and hypot(d, h) away."""
    model = CameraModel.model_validate({
        "id": "m", "width_px": 2400, "height_px": 2400, "optics": "fisheye", "fov_deg": fov_deg, "is_dome": True,
        "projection": projection,
    })  # fmt: skip
    h = 4.0
    half = math.radians(fov_deg) / 2
    focal = 1200 / RADIUS[projection](half)

    def density(away_m: float) -> float:
        angle = math.atan2(away_m, h)
        if angle > half:
            return 0.0
        across = RADIUS[projection](angle) / math.sin(angle) if angle > 1e-9 else 1.0
        return focal * min(SLOPE[projection](angle), across) / math.hypot(away_m, h)

    steps = np.linspace(0, 21, 4201)
    good = np.array([density(float(s)) >= least for s in steps])
    # the area where it is enough, by rings
    x, y = np.meshgrid(np.arange(-14.9, 15, 0.2), np.arange(-14.9, 15, 0.2))
    share = float(good[np.minimum((np.hypot(x, y) / 0.005).astype(int), 4200)].mean())
    of = open_air(model, z_m=h + 1.0, bearing_deg=None, tilt_deg=None)
    asked = seen(level=None, edition=None, min_value=least, target_heights_m=(1.0,))
    place = only(of.replace(requirements=(asked,)))
    around_m = 2 * math.pi * math.sqrt(share * 900 / math.pi)
    assert place.share_ratio == pytest.approx(share, abs=edge_slack(around_m, OPEN_CELL_M, 900) / 2 + 0.002)


@pytest.mark.parametrize("k1", [-0.25, -0.1, 0.0, 0.15])
@pytest.mark.parametrize("fov_deg", [60.0, 90.0])
def test_distortion_leaves_the_width_seen_and_changes_the_density(k1: float, fov_deg: float) -> None:
    """Straight ahead the focal length alone counts: half the width over the bent tangent of half the angle."""
    edge = math.tan(math.radians(fov_deg / 2))
    focal = 1000 / (edge * (1 + k1 * edge**2))
    model = CameraModel(id="m", width_px=2000, height_px=400, horizontal_fov_deg=fov_deg, k1=k1)
    least = 125.0
    strip = zone(box(-0.5, 1.0, 0.5, 40.0), storey=None)
    of = open_air(model, z_m=1.6, bearing_deg=0.0, tilt_deg=0.0).replace(zones=(strip,))
    asked = seen(level=None, edition=None, min_value=least, target_heights_m=(1.6,))
    place = only(of.replace(requirements=(asked,)))
    # off the axis by 0.5 m at 1 m the bend changes the density a little: compare where it ends, far ahead
    assert place.share_ratio == pytest.approx((focal / least - 1) / 39, abs=0.5 * OPEN_CELL_M / 39 + 0.012)
    row = zone(box(-20.0, 9.75, 20.0, 10.25), storey=None)
    wide = seen(level=None, edition=None, min_value=1.0, target_heights_m=(1.6,))
    across = only(of.replace(zones=(row,), requirements=(wide,))).share_ratio * 40
    assert across == pytest.approx(2 * 10 * edge, abs=OPEN_CELL_M)


@pytest.mark.parametrize(("needed", "count"), [(1, 1), (1, 2), (2, 2), (2, 3), (3, 3), (4, 3)])
def test_k_counts_and_what_failures_take(needed: int, count: int) -> None:
    """Cameras side by side, all of which see the spot."""
    several = [camera(f"c{k}", x_m=4.5 + 0.5 * k) for k in range(count)]
    place = only(site([zone(box(4.5, 5, 5.5, 6))], several, seen(min_count=needed)))
    assert place.share_ratio == (1.0 if count >= needed else 0.0)
    assert place.by_count[min(count, needed + 2)] == 1.0
    assert place.lost_without == ({c.id: 1.0 for c in several} if count == needed else {})
    assert place.depends_on == (tuple(c.id for c in several) if count == needed else ())


@pytest.mark.parametrize("infrared_m", [4.0, 6.0, 7.5])
@pytest.mark.parametrize("z_m", [1.5, 2.8])
def test_night_range_is_measured_in_space(infrared_m: float, z_m: float) -> None:
    model = CameraModel(id="m", width_px=2000, height_px=1500, horizontal_fov_deg=90, infrared_m=infrared_m)
    of = site([zone(box(4.75, 2.5, 5.25, 7.5))], [camera(model="m", z_m=z_m)], seen(by_night=True, level="detect"))
    place = only(of.replace(camera_models=(model,)))
    lit_y = 0.5 + math.sqrt(infrared_m**2 - z_m**2)
    # the face, 1.6 m up, must be over the picture's lower edge too
    under_y = 0.5 + max(0.0, (z_m - 1.6) / 0.75)
    share = (min(lit_y, 7.5) - max(under_y, 2.5)) / 5
    assert place.share_ratio == pytest.approx(share, abs=CELL_M / 2 / 5 + 0.002)


@pytest.mark.parametrize("facing_deg", [180.0, 150.0, 225.0])
@pytest.mark.parametrize("most_deg", [20.0, 35.0, 60.0])
def test_faces_must_turn_to_the_camera_in_space(facing_deg: float, most_deg: float) -> None:
    """The angle between the way a face looks and the way to the camera, which hangs 0.9 m higher."""
    x = np.arange(1.125, 9, CELL_M)
    y = np.arange(5.125, 7, CELL_M)
    px, py = (v.ravel() for v in np.meshgrid(x, y))
    to = np.column_stack((5 - px, 0.5 - py, np.full(len(px), 2.5 - 1.6)))
    front = np.array([math.sin(math.radians(facing_deg)), math.cos(math.radians(facing_deg)), 0.0])
    angle = np.degrees(np.arccos(to @ front / np.linalg.norm(to, axis=1)))
    in_picture = np.abs(px - 5) <= py - 0.5
    share = float(((angle <= most_deg) & in_picture).mean())
    of = site([zone(box(1, 5, 9, 7), facing_deg=facing_deg)], [camera()], seen(max_face_angle_deg=most_deg))
    assert only(of).share_ratio == pytest.approx(share, abs=0.5 / len(px))


@pytest.mark.parametrize("presets", [("0/0/1",), ("0/0/1", "90/0/1"), ("0/0/1", "270/0/1", "90/0/1")])
def test_presets_cover_the_union_of_their_fields(presets: tuple[str, ...]) -> None:
    """From the middle of the south wall 45 degrees to each side of each preset."""
    turning = camera(z_m=1.6, presets=presets)
    area = shapely.box(0.2, 0.7, 9.8, 7.8)
    fields = []
    for preset in presets:
        b = math.radians(float(preset.split("/")[0]))
        sides = [(5 + 30 * math.sin(b + s * math.pi / 4), 0.5 + 30 * math.cos(b + s * math.pi / 4)) for s in (-1, 1)]
        fields.append(shapely.Polygon([(5, 0.5), *sides]))
    union = shapely.union_all(fields) & area
    place = only(site([zone(box(0.2, 0.7, 9.8, 7.8))], [turning], seen(level="detect")))
    assert place.share_ratio == pytest.approx(union.area / area.area, abs=edge_slack(16.0, CELL_M, area.area))


@pytest.mark.parametrize("shift_m", [(0.0, 0.0), (3_500.0, -2_000.0), (15_000.0, 18_000.0), (500_000.0, 4_000_000.0)])
def test_the_answer_is_the_same_wherever_the_site_lies(shift_m: tuple[float, float]) -> None:
    """All moved by kilometres: Embree's single precision must not show."""
    dx, dy = shift_m

    def moved(x0: float, y0: float, x1: float, y1: float) -> Polygon:
        return box(x0 + dx, y0 + dy, x1 + dx, y1 + dy)

    storey = Storey(
        id="hall/f1", first=1, last=1, elevation_m=0.0, height_m=3.0, polygon=moved(0, 0, 10, 8),
        spaces=(Space(id="hall/f1/room", use="other", polygon=moved(0, 0, 10, 8)),),
        obstacles=(Obstacle(id="hall/f1/p", polygon=moved(4.5, 3, 5.5, 4)),),
    )  # fmt: skip
    here = site([zone(moved(3, 3.5, 7, 7.5))], [camera(x_m=5 + dx, y_m=0.5 + dy)])
    hall = Building(id="hall", use="other", footprint=moved(0, 0, 10, 8), height_m=3.0, storeys=(storey,))
    result = camera_coverage(prepare(build(here.replace(buildings=(hall,), kinds=(CAMERA,)))))
    still = site([zone(box(3, 3.5, 7, 7.5))], [camera()], pillars=[box(4.5, 3, 5.5, 4)])
    assert not result.problems
    assert result.places[0].share_ratio == only(still).share_ratio
