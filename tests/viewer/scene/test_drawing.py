"""Walls, stairs and tubes as they are drawn."""

import numpy as np
import pytest
import shapely

from twin.fabric.plans import Flights
from twin.fabric.walls import Room, plan
from viewer.scene.interiors import draw_flights
from viewer.scene.palette import FACADE
from viewer.scene.pipes import upright_to
from viewer.scene.surfaces import Drawing


def test_rooms_side_by_side_share_one_wall_between_them() -> None:
    rooms = [Room(shapely.box(0, 0, 4, 3), "bedroom", "a"), Room(shapely.box(4, 0, 8, 3), "bedroom", "a")]
    walls = plan(rooms).walls
    across = shapely.LineString([(2, 1.5), (6, 1.5)])
    assert (walls & across).length == pytest.approx(0.12)


def test_walls_between_two_homes_are_thicker() -> None:
    rooms = [Room(shapely.box(0, 0, 4, 3), "bedroom", "a"), Room(shapely.box(4, 0, 8, 3), "bedroom", "b")]
    across = shapely.LineString([(2, 1.5), (6, 1.5)])
    assert (plan(rooms).walls & across).length == pytest.approx(0.20)


def test_a_balcony_has_a_railing_to_the_open_and_a_wall_to_its_room() -> None:
    rooms = [
        Room(shapely.box(0, 2, 4, 6), "living_room", "a"),
        Room(shapely.box(0, 0, 4, 2), "balcony", "a", open_air=True),
    ]
    found = plan(rooms)
    assert found.railings.length == pytest.approx(8.0)
    assert found.walls.intersects(shapely.Point(2, 2))
    assert not found.walls.intersects(shapely.Point(2, 0))


def test_parking_spaces_have_no_walls() -> None:
    hall = Room(shapely.box(0, 0, 20, 10), "garage", None)
    bay = Room(shapely.box(5, 2, 7.5, 7), "parking_space", "hall")
    assert plan([hall, bay]).walls.equals(plan([hall]).walls)


def test_rooms_drawn_with_real_walls_between_them_are_not_outside() -> None:
    rooms = [Room(shapely.box(0, 0, 4, 3), "office", "a"), Room(shapely.box(4.2, 0, 8, 3), "office", "a")]
    across = shapely.LineString([(3.5, 1.5), (4.7, 1.5)])
    assert (plan(rooms).walls & across).length <= 0.2 + 0.12 + 1e-9


def test_a_dogleg_stair_climbs_exactly_one_storey_within_its_space() -> None:
    drawing = Drawing()
    flights = Flights(shapely.box(0, 0, 2.7, 5.4), "dogleg", 1.2, 0.161, (1.4, 0.0), 1)
    draw_flights(flights, 2.9, drawing)
    points = drawing.surface().positions_m
    assert points[:, 2].max() == pytest.approx(2.9, abs=1e-5)
    assert points[:, :2].min() >= 0
    assert points[:, 0].max() <= 2.7
    assert points[:, 1].max() <= 5.4


def test_flat_areas_face_up_whatever_way_their_ring_runs() -> None:
    for ring in ([(0, 0), (1, 0), (1, 1), (0, 1)], [(0, 0), (0, 1), (1, 1), (1, 0)]):
        drawing = Drawing()
        drawing.area(shapely.Polygon(ring), 0.0, FACADE)
        surface = drawing.surface()
        corners = surface.positions_m[surface.indices].reshape(-1, 3, 3)
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        assert (normals[:, 2] > 0).all()


def test_sides_of_a_prism_face_outwards() -> None:
    drawing = Drawing()
    drawing.sides(shapely.box(-1, -1, 1, 1), 0.0, 1.0, FACADE)
    surface = drawing.surface()
    corners = surface.positions_m[surface.indices].reshape(-1, 3, 3)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert ((normals[:, :2] * corners.mean(axis=1)[:, :2]).sum(axis=1) > 0).all()


def test_a_tube_is_turned_along_its_pipe() -> None:
    rng = np.random.default_rng(7)
    directions = rng.normal(size=(50, 3))
    directions[0] = (0, 0, -1)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    x, y, z, w = upright_to(directions).T
    turned = np.column_stack((2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)))
    np.testing.assert_allclose(turned, directions, atol=1e-9)
