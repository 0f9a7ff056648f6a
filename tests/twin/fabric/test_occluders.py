"""What hides what on the sample estate."""

import numpy as np
import pytest
import shapely

from geometry.rays import RayScene, ray_scene
from twin.fabric.occluders import Occluders, closed_doors, occluders, vehicle
from twin.index import SiteIndex, to_shapely


@pytest.fixture(scope="module")
def hidden(riverside: SiteIndex) -> Occluders:
    return occluders(riverside)


@pytest.fixture(scope="module")
def scene(hidden: Occluders) -> RayScene:
    return ray_scene(hidden.mesh, movers=closed_doors(hidden))


def _blocking(of: Occluders, scene: RayScene, a: tuple[float, ...], b: tuple[float, ...]) -> list[tuple[str, str]]:
    found = scene.crossings([a], [b])
    table = [(o.kind, o.id) for o in of.owners]
    return [table[k] for k in found.owners]


def test_a_wall_hides_the_next_flat_and_the_slab_the_one_above(
    riverside: SiteIndex, hidden: Occluders, scene: RayScene
) -> None:
    flats = [s for s in riverside.spaces.values() if s.template.use == "living_room"]
    one = flats[0]
    x, y, z = riverside.space_point(one.id)
    above = next(s for s in riverside.storeys.values() if s.building is one.storey.building and s.elevation_m > z + 1.0)
    assert ("slab", above.id) in _blocking(hidden, scene, (x, y, z + 1.0), (x, y, above.elevation_m + 1.0))
    beside = next(s for s in flats if s.storey is one.storey and s is not one)
    bx, by, bz = riverside.space_point(beside.id)
    assert {kind for kind, _ in _blocking(hidden, scene, (x, y, z + 1.0), (bx, by, bz + 1.0))} & {"wall", "door"}


def test_nothing_hides_within_a_room(riverside: SiteIndex, scene: RayScene) -> None:
    for use in ("living_room", "substation", "lobby"):
        space = next(s for s in riverside.spaces.values() if s.template.use == use)
        inner = to_shapely(space.template.polygon).buffer(-0.4)
        convex = inner.convex_hull.area <= inner.area * 1.001
        x0, y0, x1, y1 = inner.bounds
        at = np.random.default_rng(0).uniform((x0, y0), (x1, y1), (400, 2))
        at = at[shapely.contains_xy(inner, at)]
        points = np.column_stack((at, np.full(len(at), space.storey.elevation_m + 1.5)))
        half = len(points) // 2
        blocked = scene.blocked(points[:half], points[half : 2 * half])
        assert not convex or not blocked.any()
        assert half > 50


def test_a_door_hides_until_it_is_open(riverside: SiteIndex, hidden: Occluders, scene: RayScene) -> None:
    corridors = {s.id for s in riverside.spaces.values() if s.template.use == "corridor"}
    door = next(o for o in riverside.openings.values() if o.template.kind == "door" and corridors & {*o.connects})
    (x0, y0), (x1, y1) = door.template.line
    along = np.array([x1 - x0, y1 - y0])
    across = np.array([-along[1], along[0]]) / np.hypot(*along)
    middle = np.array([x0 + x1, y0 + y1]) / 2
    z = door.storey.elevation_m + 1.0
    a, b = (*(middle + 0.25 * across), z), (*(middle - 0.25 * across), z)
    assert _blocking(hidden, scene, a, b) == [("door", door.id)]
    ajar = scene.with_movers(closed_doors(hidden, [door.id]))
    assert not ajar.blocked([a], [b])[0]


def test_windows_hide_nothing(riverside: SiteIndex, scene: RayScene) -> None:
    windows = [o for o in riverside.openings.values() if o.template.kind == "window"][:50]
    starts, ends = [], []
    for window in windows:
        (x0, y0), (x1, y1) = window.template.line
        across = np.array([-(y1 - y0), x1 - x0]) / np.hypot(x1 - x0, y1 - y0)
        middle = np.array([x0 + x1, y0 + y1]) / 2
        z = window.storey.elevation_m + window.template.sill_m + window.template.height_m / 2
        starts.append((*(middle + 0.3 * across), z))
        ends.append((*(middle - 0.3 * across), z))
    assert not scene.blocked(starts, ends).any()


def test_from_the_street_nobody_sees_into_the_garage(riverside: SiteIndex, scene: RayScene) -> None:
    garage = next(s for s in riverside.spaces.values() if s.template.use == "garage")
    x, y, z = riverside.space_point(garage.id)
    assert scene.blocked([(x, y, 3.0)], [(x, y, z + 1.0)])[0]


def test_a_vehicle_fits_its_place() -> None:
    parked = vehicle(shapely.box(0, 0, 5, 2.4), elevation_m=1.0)
    low, high = parked.vertices_m.min(axis=0), parked.vertices_m.max(axis=0)
    assert (low >= (0, 0, 1.0)).all()
    assert (high <= (5, 2.4, 3.0)).all()
