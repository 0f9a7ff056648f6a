"""What changes, is reckoned again as if it had always been so."""

import numpy as np
import pytest
import shapely

from tests.twin.coverage.rooms import camera, seen, site, state, zone
from tests.twin.riverside_in_small import box
from twin.coverage.check import CameraCoverage, camera_coverage
from twin.coverage.prepared import Prepared, prepare
from twin.fabric.occluders import vehicle
from twin.index import build
from twin.model.devices import Device

ALL = box(1, 3, 9, 7)
VAN = vehicle(shapely.box(4, 4, 6, 5), is_lorry=True)


@pytest.fixture
def hall() -> Prepared:
    both = [camera("a", x_m=3.0), camera("b", x_m=7.0), camera("turns", y_m=1.0, presets=("0/10/1", "300/10/1"))]
    return prepare(build(site([zone(ALL)], both, seen(min_count=2), door=True)))


def same(one: CameraCoverage, other: CameraCoverage) -> bool:
    return all(
        np.array_equal(a.numbers, b.numbers)
        and np.array_equal(a.density_px_per_m, b.density_px_per_m)
        and np.array_equal(a.hidden, b.hidden)
        for a, b in zip(one.views, other.views, strict=True)
    ) and [p.by_count for p in one.places] == [p.by_count for p in other.places]


@pytest.mark.parametrize(
    "turned",
    [camera("a", x_m=3.0, bearing_deg=40.0), camera("a", x_m=1.0), camera("new", x_m=9.0, bearing_deg=320.0)],
    ids=["turned", "moved", "added"],
)
def test_a_changed_camera_alone_is_looked_through_again(hall: Prepared, turned: Device) -> None:
    before = camera_coverage(hall)
    changed = hall.with_devices(turned)
    after = camera_coverage(changed, before=before)
    assert same(after, camera_coverage(changed))
    assert sum(any(view is known for known in before.views) for view in after.views) == 2 + (turned.id == "new")


def test_a_removed_camera_is_gone(hall: Prepared) -> None:
    after = camera_coverage(hall.without_devices("b"), before=camera_coverage(hall))
    assert [c.id for c in after.cameras] == ["a", "turns"]
    assert same(after, camera_coverage(hall.without_devices("b")))


@pytest.mark.parametrize("vans", [1, 2])
def test_what_comes_to_stand_there_hides_as_if_it_had_always_stood(hall: Prepared, vans: int) -> None:
    open_ = hall.with_doors(["hall/f1/d"])
    before = camera_coverage(open_)
    standing = open_.with_standing(*[VAN.moved((0, 2.0 * k, 0)) for k in range(vans)])
    after = camera_coverage(standing, before=before)
    assert same(after, camera_coverage(standing))
    assert not same(after, before)
    assert ("vehicle", "standing-1") in {by for place in after.places for gap in place.gaps for by in gap.hidden_by}
    gone = camera_coverage(open_, before=after)
    assert same(gone, before)


def test_a_door_that_opens_is_seen_through_though_it_was_shut_before(hall: Prepared) -> None:
    before = camera_coverage(hall)
    opened = hall.with_doors(["hall/f1/d"])
    assert same(camera_coverage(opened, before=before), camera_coverage(opened))
    assert not same(camera_coverage(opened), before)


def test_an_answer_for_another_site_is_not_taken_over(hall: Prepared) -> None:
    other = prepare(hall.index)
    after = camera_coverage(other, before=camera_coverage(hall))
    assert same(after, camera_coverage(other))


def test_a_camera_left_out_counts_as_down(hall: Prepared) -> None:
    hall = hall.with_doors(["hall/f1/d"])
    result = camera_coverage(hall, without=["a"])
    assert result.offline == {"a"}
    without = camera_coverage(hall.without_devices("a"))
    assert result.places[0].by_count == without.places[0].by_count
    assert result.cameras[0].id == "a"


def test_without_reasons_the_rest_is_the_same(hall: Prepared) -> None:
    before = camera_coverage(hall)
    turned = hall.with_devices(camera("a", x_m=3.0, bearing_deg=40.0))
    quick, whole = camera_coverage(turned, before=before, explain=False), camera_coverage(turned)
    assert same(quick, whole)
    assert [p.lost_without for p in quick.places] == [p.lost_without for p in whole.places]
    assert quick.places[0].gaps == ()


def test_a_place_that_nothing_changed_for_keeps_its_answer() -> None:
    zones = [zone(box(1, 3, 3, 4), id="west"), zone(box(7, 3, 9, 4), id="east")]
    both = [camera("a", x_m=2.0, bearing_deg=340.0), camera("b", x_m=8.0, bearing_deg=90.0)]
    prepared = prepare(build(site(zones, both, seen(target_heights_m=(0.2, 1.6)))))
    before = camera_coverage(prepared)
    turned = prepared.with_devices(camera("b", x_m=8.0, bearing_deg=10.0))
    after = camera_coverage(turned, before=before, explain=False)
    assert same(after, camera_coverage(turned))
    assert after.places[0] is before.places[0]
    assert after.places[1] is not before.places[1]


def test_a_state_is_of_the_site_as_it_stands_whatever_devices_are_asked_about(hall: Prepared) -> None:
    told = state(hall.index, {"a": 1.0, "b": 0.0, "turns": 1.0})
    assert camera_coverage(hall, told).offline == {"b"}
    assert camera_coverage(hall.without_devices("a"), told).offline == {"b"}
    assert camera_coverage(hall.with_devices(camera("new", x_m=9.0)), told).offline == {"b"}


@pytest.mark.parametrize("preset", ["0/10/1", "300/10/1"])
def test_what_stands_before_a_camera_that_turns_hides_at_each_preset(hall: Prepared, preset: str) -> None:
    fixed = hall.with_doors(["hall/f1/d"]).with_devices(camera("turns", y_m=1.0, presets=(preset,)))
    for one in (hall.with_doors(["hall/f1/d"]), fixed):
        before, standing = camera_coverage(one), one.with_standing(VAN)
        assert same(camera_coverage(standing, before=before), camera_coverage(standing))
