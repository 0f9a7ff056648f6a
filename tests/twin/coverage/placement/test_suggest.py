"""Suggestions, in rooms small enough to see at a glance what the best one is."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely

from tests.twin.coverage.rooms import HOME, camera, seen, site, state, zone
from tests.twin.riverside_in_small import box
from twin.coverage.cameras import models
from twin.coverage.check import camera_coverage
from twin.coverage.placement.candidates import Candidate, candidates, optics_of, served_by
from twin.coverage.placement.hanging import hung
from twin.coverage.placement.mounts import Mount, mount_rules, mounts
from twin.coverage.placement.spots import spots_of, thinned
from twin.coverage.placement.suggest import suggest
from twin.coverage.placement.wish import Suggestion, Wish
from twin.coverage.prepared import Prepared, prepare
from twin.errors import CoverageError, UnknownIdError
from twin.index import build
from twin.model.site import Site

MIDDLE = box(3, 3, 7, 6)
PILLAR = box(4.5, 3.5, 5.5, 4.5)
ADD = Wish(ways=("add",), models=("square",))
TURN = Wish(ways=("turn",))


def suggested(of: Site, wish: Wish = ADD, statuses: dict[str, float] | None = None) -> Suggestion:
    prepared = prepare(build(of))
    (found,) = suggest(prepared, wish, None if statuses is None else state(prepared.index, statuses))
    return found


def hooks(prepared: Prepared, place: int = 0) -> tuple[Mount, ...]:
    return mounts(prepared, [(made.place, 60.0) for made in prepared.places][place : place + 1])


def test_mounts_of_a_room_hang_in_it_and_off_its_walls() -> None:
    prepared = prepare(build(site([zone(MIDDLE)], [])))
    found = hooks(prepared)
    room = shapely.box(0, 0, 10, 8)
    rules = mount_rules()
    assert {mount.kind for mount in found} == {"wall", "corner", "ceiling"}
    assert sum(mount.kind == "corner" for mount in found) == 4
    for mount in found:
        x, y, z = mount.position_m
        off_m = room.boundary.distance(shapely.Point(x, y))
        assert room.contains(shapely.Point(x, y))
        assert z < 3.0 - 0.12
        assert mount.space == HOME
        if mount.kind != "ceiling":
            # outer walls are 0.24 m thick, half of it within the room
            assert off_m == pytest.approx(0.12 + rules["wall_offset_m"], abs=0.01)
            turn = math.radians(mount.facing_deg or 0.0)
            assert room.contains(shapely.Point(x + math.sin(turn), y + math.cos(turn)))


def test_no_mount_is_in_a_pillar_and_its_faces_carry_some() -> None:
    found = hooks(prepare(build(site([zone(MIDDLE)], [], pillars=[PILLAR]))))
    pillar = shapely.box(4.5, 3.5, 5.5, 4.5)
    away_m = [pillar.distance(shapely.Point(mount.position_m[:2])) for mount in found]
    assert min(away_m) > 0
    on_it = [m for m, a in zip(found, away_m, strict=True) if a < 0.3 and m.facing_deg is not None]
    assert len(on_it) >= 4
    for mount in on_it:
        turn = math.radians(mount.facing_deg or 0.0)
        x, y, _ = mount.position_m
        assert pillar.distance(shapely.Point(x + math.sin(turn), y + math.cos(turn))) > 0.5


def columns(prepared: Prepared, *names: str) -> tuple[tuple[Mount, ...], tuple[Candidate, ...]]:
    coverage = camera_coverage(prepared)
    spots = spots_of(coverage, range(len(coverage.places)))
    found = hooks(prepared)
    known = models(prepared.index.site)
    optics = [optics_of(known[name], needed_lx=0.1) for name in names]
    made, _ = candidates(prepared, found, spots, [optics] * len(found), dict.fromkeys(names, 1.0))
    return found, made


@pytest.mark.parametrize(
    "changes",
    [{}, {"target_heights_m": (0.2, 1.6)}, {"by_night": True}, {"max_face_angle_deg": 40.0},
     {"level": "recognise", "target_heights_m": (0.5, 1.2, 1.8)}],
)  # fmt: skip
@pytest.mark.parametrize("name", ["square", "around", "4MP-2.8mm", "4x4MP-4mm"])
def test_what_a_candidate_serves_is_what_the_check_finds_once_it_hangs(name: str, changes: dict[str, object]) -> None:
    prepared = prepare(build(site([zone(box(1, 1, 9, 7), facing_deg=180.0)], [], seen(**changes), pillars=[PILLAR])))
    found, made = columns(prepared, name)
    assert made
    rng = np.random.default_rng(1)
    for k in rng.choice(len(made), min(6, len(made)), replace=False):
        devices = hung([(made[k], found[made[k].mount])], prepared.index)
        (place,) = camera_coverage(prepared.with_devices(*devices)).places
        # the check reckons in float32, so a spot on the very edge of a picture may fall to either side
        assert len(np.setxor1d(np.flatnonzero(place.covered), made[k].serves)) <= 2


def test_a_corner_of_an_empty_room_is_enough() -> None:
    # the model has 90 degrees: from a corner it has the whole room, and 1000 px / 12.8 m is enough everywhere
    found = suggested(site([zone(box(2.5, 2.5, 7.5, 5.5))], []))
    assert len(found.devices) == 1
    assert found.cost == 1.0
    assert found.proof.is_optimal
    assert found.is_met
    assert not found.unmet
    assert found.gains[0].before_ratio == 0.0
    assert found.gains[0].after_ratio == 1.0


def test_the_suggestion_holds_when_it_is_built() -> None:
    of = site([zone(box(1, 1, 9, 7))], [], pillars=[PILLAR])
    found = suggested(of)
    (place,) = camera_coverage(prepare(build(of.replace(devices=found.devices)))).places
    assert place.is_met
    assert found.proof.is_optimal
    assert len(found.devices) == 2  # whatever hangs where, the pillar casts a shadow


def test_fewer_than_suggested_do_not_do() -> None:
    of = site([zone(box(1, 1, 9, 7))], [], pillars=[PILLAR])
    prepared = prepare(build(of))
    _, made = columns(prepared, "square")
    cells = len(prepared.places[0].cells_m)
    assert max(len(candidate.serves) for candidate in made) < cells


def test_two_watching_each_spot_hang_apart() -> None:
    found = suggested(site([zone(box(4, 3, 6, 5))], [], seen(min_count=2)))
    assert len(found.devices) == 2
    assert len({(device.x_m, device.y_m) for device in found.devices}) == 2
    assert found.is_met


def test_a_camera_that_is_there_counts() -> None:
    there = camera(z_m=2.5)
    alone = suggested(site([zone(box(4, 3, 6, 5))], [there], seen(min_count=2)))
    assert len(alone.devices) == 1


def test_a_camera_that_is_down_does_not_count() -> None:
    of = site([zone(box(4, 3, 6, 5))], [camera()])
    assert suggest(prepare(build(of)), ADD) == ()
    assert len(suggested(of, statuses={"cam": 0.0}).devices) == 1


def test_turning_is_found_where_it_does() -> None:
    of = site([zone(MIDDLE)], [camera(bearing_deg=180.0)])
    found = suggested(of, TURN)
    assert found.changed == ("cam",)
    assert found.is_met
    assert found.devices[0].model == "square"
    assert (found.devices[0].x_m, found.devices[0].y_m) == (5.0, 0.5)
    assert found.cost == pytest.approx(TURN.turn_ratio)


def test_a_camera_that_is_to_be_kept_is_not_turned() -> None:
    found = suggested(site([zone(MIDDLE)], [camera(bearing_deg=180.0)]), replace(TURN, kept=frozenset({"cam"})))
    assert found.devices == ()
    assert {unmet.reason for unmet in found.unmet} == {"none_near"}


def test_a_camera_is_not_turned_from_what_only_it_covers() -> None:
    behind = zone(box(1, 1, 2, 2), id="corner")
    ahead = zone(box(8, 6, 9, 7))
    # it stands between the two and looks at one
    eye = camera(x_m=5.0, y_m=4.0, bearing_deg=230.0, tilt_deg=15.0)
    of = site([ahead, behind], [eye])
    was = {place.place_id: place.is_met for place in camera_coverage(prepare(build(of))).places}
    assert was == {"zone": False, "corner": True}
    found = suggested(of, TURN)
    assert found.devices == ()
    assert not found.is_met
    assert {unmet.reason for unmet in found.unmet} == {"elsewhere"}
    assert found.unmet[0].area_m2 == pytest.approx(1.0)
    both = suggested(of, replace(ADD, ways=("both",)))
    assert both.is_met
    assert both.cost == 1.0


def test_a_camera_that_turns_by_itself_gets_a_preset_more() -> None:
    turns = {"id": "ptz", "width_px": 2000, "height_px": 1500, "horizontal_fov_deg": 90, "zoom_ratio": 4, "turns": True}
    of = site([zone(box(8, 6, 9, 7)), zone(box(1, 1, 2, 2), id="corner")], [
        camera(model="ptz", x_m=5.0, y_m=4.0, bearing_deg=230.0, tilt_deg=15.0)
    ])  # fmt: skip
    made = type(of.camera_models[0]).model_validate(turns)
    found = suggested(of.replace(camera_models=(*of.camera_models, made)), TURN)
    assert found.is_met
    assert found.devices[0].presets[0] == "230/15/1"
    assert len(found.devices[0].presets) == 2


@pytest.mark.parametrize(
    ("of", "reason"),
    [(site([zone(box(4, 3, 6, 5))], [], seen(level="inspect")), "none_near"),
     (site([zone(box(4, 3, 6, 5), facing_deg=0.0)], [], seen(max_face_angle_deg=1.0)), "too_steep"),
     (site([zone(box(3, 3, 7, 5))], [], seen(by_night=True, level="detect")), None)],
)  # fmt: skip
def test_what_no_camera_can_cover_is_told_with_its_reason(of: Site, reason: str | None) -> None:
    found = suggested(of)
    assert found.is_met == (reason is None)
    if reason is not None:
        assert {unmet.reason for unmet in found.unmet} == {reason}
        assert sum(unmet.area_m2 for unmet in found.unmet) == pytest.approx(4.0)
        assert found.unmet[0].place_id == "zone"


def test_the_rest_is_covered_where_a_part_cannot_be() -> None:
    # at 1000 px/m from 2.8 m only what is right below a wall's mount could be near enough; here a fisheye's dead edge
    of = site([zone(box(4, 3, 6, 5)), zone(box(1, 1, 2, 2), id="fine", requirement="fine")], [])
    of = of.replace(requirements=(*of.requirements, seen(level="inspect").replace(id="fine")))
    found = suggested(of)
    met = {gain.place_id: gain.is_met for gain in found.gains}
    assert met == {"zone": True, "fine": False}
    assert {unmet.place_id for unmet in found.unmet} == {"fine"}


def test_the_cheapest_is_not_the_fewest() -> None:
    of = site([zone(box(1, 1, 9, 7))], [], seen(target_heights_m=(0.5,)))
    fewest = suggested(of, replace(ADD, models=("square", "around")))
    dear = {"square": 100.0, "around": 1000.0}
    cheapest = suggested(of, replace(ADD, models=("square", "around"), by_price=True, prices=dear))
    assert fewest.cost <= len(cheapest.devices)
    assert cheapest.cost == sum(dear[device.model] for device in cheapest.devices)
    assert cheapest.proof.is_optimal
    assert cheapest.is_met


def test_one_camera_is_put_where_it_covers_most() -> None:
    of = site([zone(box(1, 1, 9, 7))], [], pillars=[PILLAR])
    prepared = prepare(build(of))
    _, made = columns(prepared, "square")
    most = max(len(candidate.serves) for candidate in made) / len(prepared.places[0].cells_m)
    found = suggested(of, replace(ADD, cameras=1))
    assert len(found.devices) == 1
    assert found.gains[0].after_ratio == pytest.approx(most, abs=0.005)  # spots on the edge of a picture
    assert {unmet.reason for unmet in found.unmet} == {"budget"}
    assert found.proof.goal == "most"


def test_money_is_kept_to() -> None:
    of = site([zone(box(1, 1, 9, 7))], [], pillars=[PILLAR])
    found = suggested(of, replace(ADD, budget=250.0, prices={"square": 100.0}))
    assert found.cost == 100.0 * len(found.devices) <= 250.0
    assert found.is_met


def test_places_asked_for_alone_are_met() -> None:
    of = site([zone(box(1, 1, 2, 2), id="a"), zone(box(8, 6, 9, 7), id="b")], [])
    found = suggested(of, replace(ADD, places=frozenset({"b"})))
    assert "b" in {gain.place_id for gain in found.gains if gain.is_met}
    assert len(found.devices) == 1


@pytest.mark.parametrize(
    ("wish", "error", "said"),
    [(replace(ADD, models=("sqare",)), UnknownIdError, "Did you mean square"),
     (replace(ADD, places=frozenset({"zoan"})), UnknownIdError, "Did you mean zone"),
     (replace(ADD, requirements=frozenset({"sean"})), UnknownIdError, "Did you mean seen"),
     (replace(TURN, kept=frozenset({"came"})), UnknownIdError, "no device 'came'"),
     (replace(ADD, by_price=True), CoverageError, "no price of square")],
)  # fmt: skip
def test_wishes_that_cannot_be_are_refused(wish: Wish, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        suggested(site([zone(MIDDLE)], []), wish)


def test_a_site_without_a_kind_of_camera_is_told_so() -> None:
    of = site([zone(MIDDLE)], [])
    kinds = tuple(kind.replace(reaches=None) for kind in of.kinds)
    with pytest.raises(CoverageError, match=r"kinds\.yaml"):
        suggested(of.replace(kinds=kinds))


def test_some_spots_stand_for_all() -> None:
    coverage = camera_coverage(prepare(build(site([zone(box(1, 1, 9, 7)), zone(box(2, 2, 3, 3), id="small")], []))))
    spots = spots_of(coverage, [0, 1])
    always = np.zeros(len(spots), dtype=bool)
    few = thinned(spots, 120, always=always)
    assert len(few) <= 120
    for place in (0, 1):
        whole = spots.area_m2[spots.place_of == place].sum()
        assert few.area_m2[few.place_of == place].sum() == pytest.approx(whole)
    assert thinned(spots, len(spots), always=always) is spots
    always[:] = True
    assert len(thinned(spots, 120, always=always)) == len(spots)


@pytest.mark.parametrize("most", [60, 200])
def test_an_answer_on_some_spots_is_mended_on_all(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twin.coverage.placement.asking._MOST_SPOTS", most)
    found = suggested(site([zone(box(1, 1, 9, 7))], [], pillars=[PILLAR]))
    assert found.is_met
    assert found.proof.asked < found.proof.spots
    assert 2 <= len(found.devices) <= 3
    assert found.proof.bound <= 2.0


def test_a_plain_lens_has_its_own_way_to_the_same_answer() -> None:
    prepared = prepare(build(site([zone(box(1, 1, 9, 7))], [], seen(target_heights_m=(0.2, 1.6)))))
    coverage = camera_coverage(prepared)
    spots = spots_of(coverage, [0])
    glass = optics_of(models(prepared.index.site)["square"], needed_lx=0.1)
    found, made = columns(prepared, "square")
    assert len(made) > 10
    for candidate in made:
        mount = found[candidate.mount]
        every = served_by(mount.position_m, candidate.bearing_deg, candidate.tilt_deg, glass, spots)
        # nothing stands in the room, so that the field alone decides
        assert np.setxor1d(np.flatnonzero(every), candidate.serves).tolist() == []
