"""A camera's picture is what its lens would show."""

import numpy as np
import pytest

from tests.twin.coverage.rooms import camera, site, zone
from tests.twin.riverside_in_small import box
from twin.coverage.cameras import cameras
from twin.coverage.levels import editions
from twin.coverage.picture import camera_picture
from twin.coverage.prepared import prepare
from twin.index import build

LEVELS = editions()["2015"].levels


def picture(*, door: bool = False, open_door: bool = False, **changes: object) -> np.ndarray:
    index = build(site([zone(box(4, 5, 6, 7))], [camera("cam", **changes)], door=door))
    prepared = prepare(index).with_doors(["hall/f1/d"] if open_door else [])
    (made,), _ = cameras(index, least_px_per_m=1.0)
    return camera_picture(prepared, made.eyes[0], width_px=200, levels=LEVELS)


def test_floor_is_tinted_by_the_level_people_on_it_are_shown_at() -> None:
    # tilted 45 degrees from 2.5 m the middle of the picture is 3.54 m ahead, 283 px/m along its depth: identify
    tilted = picture(tilt_deg=45.0)
    assert tilted.shape == (150, 200, 3)
    rows = tilted[:, 100].astype(int)
    # the floor's nearest part lies at the lower edge: 1000 px over 2.5 / sin(45 + 36.87) * cos 36.87 = 2.02 m
    assert tuple(rows[75]) == tuple(rows[149])
    # at the back wall 8 m away the floor is 1000 / (7.5 cos 45 + 2.5 sin 45) = 141 px/m: recognise, another tint
    depth_m = (7.4 + 2.5) * np.cos(np.pi / 4)
    down = (2.5 * np.cos(np.pi / 4) - 7.4 * np.sin(np.pi / 4)) / depth_m
    far = round(75 + down * 100)
    assert tuple(rows[far]) != tuple(rows[75])


def test_what_hides_is_in_front() -> None:
    closed, opened = picture(door=True), picture(door=True, open_door=True)
    differs = (closed != opened).any(axis=2)
    # the door is 2 m wide, 3.5 m ahead: from -1/3.5 to 1/3.5 of the focal length (100 px here) beside the middle
    columns = np.flatnonzero(differs.any(axis=0))
    assert columns.min() == pytest.approx(100 - 100 / 3.5, abs=2)
    assert columns.max() == pytest.approx(100 + 100 / 3.5, abs=2)


def test_fisheye_has_a_round_picture() -> None:
    around = picture(model="around", tilt_deg=90.0)
    dark = (around == 0).all(axis=2)
    assert dark[0, 0]
    assert dark[-1, -1]
    assert not dark[100, 3:197].any()
    assert dark.mean() == pytest.approx(1 - np.pi / 4, abs=0.01)
