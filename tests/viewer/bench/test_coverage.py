"""The quarter that cameras' figures are measured on."""

import numpy as np

from geometry.culling import in_field_by_testing_all
from geometry.rays import ray_scene
from geometry.sight import place, seen
from viewer.bench.coverage.town import lorry, town


def test_the_quarter_is_the_same_for_everybody() -> None:
    one, other = town(cameras=15, step_m=4.0), town(cameras=15, step_m=4.0)
    assert np.array_equal(one.mesh.vertices_m, other.mesh.vertices_m)
    assert [part.eyes for part in one.parts] == [part.eyes for part in other.parts]
    assert (len(one.outdoors.eyes), len(one.garage.eyes)) == (11, 4)
    assert 230_000 < len(one.mesh.triangles) < 260_000


def test_cameras_of_the_quarter_see_what_the_plain_way_sees_and_lorries_hide() -> None:
    quarter = town(cameras=15, step_m=4.0)
    at = place(quarter.scene, quarter.outdoors.samples)
    seen_of_all = 0
    for eye in quarter.outdoors.eyes:
        view, field = seen(eye, at), in_field_by_testing_all(eye, at.samples)
        free = ~quarter.scene.blocked(eye.pose.position_m, at.samples.points_m[field])
        assert np.array_equal(view.numbers, field[free])
        seen_of_all += len(view.numbers)
    assert seen_of_all > 500
    eye = quarter.outdoors.eyes[0]
    x, y, _ = eye.pose.position_m
    assert ray_scene(lorry(x, y + 10)).blocked([(x, y, 1.0)], [(x, y + 20, 1.0)]).all()
