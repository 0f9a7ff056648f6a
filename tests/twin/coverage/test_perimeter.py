"""Every metre of a perimeter, worked out by hand."""

import math
from collections.abc import Iterable

import numpy as np
import pytest
import shapely

from tests.twin.houses import on
from tests.twin.riverside_in_small import box
from twin.coverage.perimeter import PerimeterCoverage, perimeter_coverage, perimeter_values
from twin.coverage.result import PlaceResult
from twin.coverage.stretches import covers, cut, joined, run
from twin.index import build
from twin.model.base import Line, Text
from twin.model.devices import Channel, Device, DeviceKind
from twin.model.grounds import GroundFeature, GroundUse, Requirement, Zone
from twin.model.site import Site
from twin.state import Quality, Readings, State

XY = tuple[float, float]
DETECTOR = DeviceKind(
    id="det", name=Text(en="Detector"), system="security", reaches="perimeter",
    channels=(Channel(id="state", unit="state", interval_s=60, down_states=(2, 3)),),
)  # fmt: skip
CAMERA = DeviceKind(id="cam", name=Text(en="Camera"), system="security", reaches="camera")
LOCK = DeviceKind(id="lock", name=Text(en="Lock"), system="access")
ASKED = Requirement(id="asked", kind="perimeter")
EAST = ((0.0, 0.0), (100.0, 0.0))
SQUARE = ((0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0), (0.0, 0.0))
BEAM_END_M = 1.0
"""A beam guards up to a metre around its ends too."""


def det(name: str, x_m: float, y_m: float, bearing_deg: float | None = 90.0, model: str = "beam-50") -> Device:
    return Device(id=name, kind="det", x_m=x_m, y_m=y_m, z_m=1.5, bearing_deg=bearing_deg, model=model)


def feature(name: str, use: GroundUse, points: Iterable[XY]) -> GroundFeature:
    return GroundFeature(id=name, use=use, geometry=Line(points=tuple(points)))


def site(
    line: Iterable[XY],
    *devices: Device,
    requirement: Requirement = ASKED,
    more: Iterable[GroundFeature] = (),
    **fields: object,
) -> Site:
    grounds = (feature("fence", "perimeter", line), *more)
    return on(grounds=grounds, devices=devices, kinds=(DETECTOR, CAMERA, LOCK), requirements=(requirement,), **fields)


def guarded(of: Site, without: tuple[str, ...] = ()) -> PerimeterCoverage:
    return perimeter_coverage(build(of), without=without)


def fence(of: Site, without: tuple[str, ...] = ()) -> PlaceResult:
    return guarded(of, without).places[0]


@pytest.mark.parametrize(("model", "reach_m"), [("beam-30", 30), ("beam-50", 50), ("", 50), ("beam-100", 100)])
@pytest.mark.parametrize("x_m", [0.0, 20.0])
def test_a_beam_guards_its_reach_along_its_bearing(model: str, reach_m: float, x_m: float) -> None:
    place = fence(site(EAST, det("a", x_m, 0.0, model=model)))
    start, end = max(0.0, x_m - BEAM_END_M), min(100.0, x_m + reach_m + BEAM_END_M)
    assert place.length_m == pytest.approx(100.0)
    assert place.share_ratio == pytest.approx((end - start) / 100, abs=1e-9)
    assert sum(gap.length_m or 0 for gap in place.gaps) == pytest.approx(100 - end + start)


@pytest.mark.parametrize(
    ("bearing_deg", "start", "end"), [(90.0, 49, 81), (270.0, 19, 51), (None, 34, 66), (0.0, 49, 51)]
)
def test_the_bearing_tells_which_side_is_guarded(bearing_deg: float | None, start: float, end: float) -> None:
    place = fence(site(EAST, det("a", 50.0, 0.0, bearing_deg, "beam-30")))
    outside = [gap.area.bounds for gap in place.gaps]
    assert sorted(x for b in outside for x in (b[0], b[2])) == pytest.approx([0.0, start, end, 100.0])


@pytest.mark.parametrize(
    ("turn_deg", "reached_m"),
    [
        (1.0, 50 * math.cos(math.radians(1)) + math.sqrt(1 - (50 * math.sin(math.radians(1))) ** 2)),
        (5.0, 1 / math.sin(math.radians(5))),
    ],
)
def test_a_beam_that_leaves_the_line_guards_it_only_as_long_as_it_is_near(turn_deg: float, reached_m: float) -> None:
    place = fence(site(EAST, det("a", 0.0, 0.0, 90.0 - turn_deg)))
    assert place.share_ratio == pytest.approx(reached_m / 100, abs=0.005)


@pytest.mark.parametrize(("model", "share"), [("fence-50", 0.5), ("beam-50", 0.11)])
def test_a_cable_follows_corners_a_beam_does_not(model: str, share: float) -> None:
    # 10 m before the corner of an ell of 50 m and 50 m
    ell = ((0.0, 0.0), (50.0, 0.0), (50.0, 50.0))
    place = fence(site(ell, det("a", 40.0, 0.0, 90.0, model)))
    # the beam guards a metre behind its foot, 10 m to the corner and a metre beside it round the corner
    assert place.share_ratio == pytest.approx(share + (0.01 if model == "beam-50" else 0.0), abs=1e-6)


@pytest.mark.parametrize(
    ("bearing_deg", "start", "end"), [(90.0, 380.0, 430.0), (270.0, 330.0, 380.0), (None, 355.0, 405.0)]
)
def test_a_cable_goes_on_over_the_end_of_a_closed_line(bearing_deg: float | None, start: float, end: float) -> None:
    # at (0, 20), 380 m along the square, which runs south there: its own direction counts, east is neither
    heading = {90.0: 180.0, 270.0: 0.0}.get(bearing_deg or -1.0)
    place = fence(site(SQUARE, det("a", 0.0, 20.0, heading, "fence-50")))
    gap_m = sum(gap.length_m or 0.0 for gap in place.gaps)
    assert gap_m == pytest.approx(400 - (end - start))
    line = run(SQUARE)
    assert all(
        shapely.Point(line.point(at % 400)).distance(gap.area) > 4 for gap in place.gaps for at in (start + 5, end - 5)
    )


@pytest.mark.parametrize(("gap_m", "reason"), [(3.0, "too_far"), (-0.1, "loose_joint"), (-0.5, None), (-5.0, None)])
def test_detectors_must_overlap_where_one_takes_over(gap_m: float, reason: str | None) -> None:
    place = fence(site(EAST, det("a", 0.0, 0.0, model="fence-50"), det("b", 50.0 + gap_m, 0.0, model="fence-50")))
    assert {gap.reason for gap in place.gaps if gap.area.bounds[0] < 90} == ({reason} if reason else set())
    if reason == "loose_joint":
        # 0.1 m of overlap, 0.2 m asked: as much is called loose around either end
        assert place.gaps[0].length_m == pytest.approx(0.3) or place.gaps[-1].length_m == pytest.approx(0.3)


def test_detectors_all_round_leave_nothing_open() -> None:
    corners = [
        det(f"d{k}", float(x), float(y), None, "fence-50")
        for k, (x, y) in enumerate(map(run(SQUARE).point, range(0, 400, 40)))
    ]
    place = fence(site(SQUARE, *corners))
    assert place.is_met
    assert place.by_count == pytest.approx({0: 0.0, 1: 0.75, 2: 0.25, 3: 0.0})
    # each guards 30 m alone: any one that is lost opens the line
    assert place.lost_without == pytest.approx({f"d{k}": 0.075 for k in range(10)})
    assert set(place.depends_on) == set(place.devices)


def test_two_detectors_may_be_asked_for() -> None:
    place = fence(
        site(
            EAST,
            det("a", 0.0, 0.0, model="fence-50"),
            det("b", 20.0, 0.0, model="cable-100"),
            requirement=ASKED.replace(min_count=2),
        )
    )
    assert place.share_ratio == pytest.approx(0.3)
    assert {gap.reason for gap in place.gaps} == {"too_few"}


@pytest.mark.parametrize(
    ("told", "now_s", "is_up"), [(0, 10, True), (1, 10, True), (2, 10, False), (3, 10, False), (0, 1000, False)]
)
def test_a_detector_that_is_down_or_disarmed_guards_nothing(told: int, now_s: float, is_up: bool) -> None:  # noqa: FBT001
    index = build(site(EAST, det("a", 0.0, 0.0, model="cable-100")))
    state = State(index.intervals_s)
    state.apply(
        Readings(np.array([0], np.int32), np.zeros(1), np.array([float(told)]), np.array([Quality.GOOD], np.uint8))
    )
    found = perimeter_coverage(index, state.snapshot(now_s))
    assert found.places[0].is_met == is_up
    assert found.offline == (frozenset() if is_up else {"a"})
    assert [dict(gap.reasons) for gap in found.places[0].gaps] == ([] if is_up else [{"offline": 1.0}])


GATE = feature("gate", "gate", [(60.0, 0.0), (64.0, 0.0)])


@pytest.mark.parametrize(
    ("guard", "open_m"),
    [(None, 4.0),
     (Device(id="g", kind="cam", x_m=62, y_m=5, z_m=3), 0.0),
     (Device(id="g", kind="lock", x_m=60, y_m=0, z_m=1), 0.0),
     (Device(id="g", kind="cam", x_m=62, y_m=20, z_m=3), 4.0)],
    ids=["nothing", "camera", "lock", "camera-too-far"],
)  # fmt: skip
def test_a_gate_is_guarded_by_what_watches_or_locks_it(guard: Device | None, open_m: float) -> None:
    detectors = [
        det("a", 0.0, 0.0, 90, "fence-50"),
        det("b", 64.0, 0.0, 90, "fence-50"),
        det("c", 60.0, 0.0, 270, "fence-50"),
    ]
    place = fence(site(EAST, *detectors, *([guard] if guard else []), more=[GATE]))
    assert [gap.reason for gap in place.gaps] == (["open_gate"] if open_m else [])
    assert [gap.length_m for gap in place.gaps] == pytest.approx([open_m] if open_m else [])


def test_a_guard_that_is_down_leaves_its_gate_open() -> None:
    camera = Device(id="g", kind="cam", x_m=62, y_m=5, z_m=3)
    of = site(
        EAST,
        det("a", 0.0, 0.0, 90, "fence-50"),
        det("b", 64.0, 0.0, 90, "fence-50"),
        det("c", 60.0, 0.0, 270, "fence-50"),
        camera,
        more=[GATE],
    )
    assert fence(of).is_met
    assert [gap.reason for gap in fence(of, without=("g",)).gaps] == ["offline"]


@pytest.mark.parametrize(("gates", "codes"), [([GATE], []), ([], ["way-without-gate"])])
def test_a_way_through_the_line_needs_a_gate(gates: list[GroundFeature], codes: list[str]) -> None:
    path = feature("path", "path", [(62.0, -5.0), (62.0, 5.0)])
    found = guarded(site(EAST, det("a", 0.0, 0.0, model="cable-100"), more=[path, *gates]))
    assert [problem.code for problem in found.problems] == codes


def test_a_zone_answers_for_its_part_of_the_line() -> None:
    zones = (
        Zone(id="near", requirement="asked", polygon=box(10, -1, 30, 1)),
        Zone(id="far", requirement="asked", polygon=box(45, -1, 65, 1)),
        Zone(id="nowhere", requirement="asked", polygon=box(0, 50, 10, 60)),
    )
    found = guarded(site(EAST, det("a", 0.0, 0.0, model="fence-50"), zones=zones))
    shares = {place.place_id: place.share_ratio for place in found.places}
    # a zone takes 5 cm more at either end, so that one drawn along the line has it
    assert shares == pytest.approx({"fence": 0.5, "near": 1.0, "far": 5.05 / 20.1})
    assert [(problem.code, problem.object_id) for problem in found.problems] == [("place-without-samples", "nowhere")]


def test_bad_input_is_told_and_the_rest_is_reckoned() -> None:
    devices = (det("a", 0.0, 0.0, model="cable-100"), det("odd", 5.0, 0.0, model="moat-9"), det("lost", 50.0, 30.0))
    point = GroundFeature(id="spot", use="perimeter", geometry=(3.0, 3.0))
    found = guarded(site(EAST, *devices, more=[point]))
    told = {(problem.code, problem.object_id) for problem in found.problems}
    assert told == {("unknown-model", "odd"), ("device-out-of-reach", "lost"), ("no-length", "spot")}
    assert [(place.place_id, place.is_met) for place in found.places] == [("fence", True)]


def test_a_site_without_a_line_is_told() -> None:
    found = guarded(on(requirements=(ASKED,)))
    assert [problem.code for problem in found.problems] == ["no-perimeter"]


def test_where_nothing_is_asked_nothing_is_answered() -> None:
    found = guarded(on(grounds=[feature("fence", "perimeter", EAST)]))
    assert (found.places, found.problems) == ((), ())


def test_the_usual_model_is_one_there_is() -> None:
    values = perimeter_values()
    assert values.default in {model.id for model in values.models}


@pytest.mark.parametrize("turn_deg", [0.0, 37.0, 90.0, 211.0])
def test_shares_do_not_depend_on_how_the_site_lies(turn_deg: float) -> None:
    def turned(x: float, y: float) -> XY:
        c, s = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
        return c * x + s * y + 4000.0, -s * x + c * y - 900.0

    where = [((0.0, 0.0), 90.0), ((49.0, 0.5), 90.0), ((100.0, 0.0), 0.0), ((100.0, 60.0), 0.0)]
    there = [det(f"d{k}", *turned(*xy), (bearing + turn_deg) % 360) for k, (xy, bearing) in enumerate(where)]
    here = [det(f"d{k}", *xy, bearing) for k, (xy, bearing) in enumerate(where)]
    share = fence(site([turned(*p) for p in SQUARE], *there)).share_ratio
    assert share == pytest.approx(fence(site(SQUARE, *here)).share_ratio, abs=1e-6)


def test_stretches_are_joined_cut_and_asked() -> None:
    assert joined([(5, 9), (0, 2), (2, 4), (8, 12), (3, 3)]) == ((0, 4), (5, 12))
    assert cut([3.0, 0.0, 3.0, 10.0]).tolist() == [[0.0, 3.0], [3.0, 10.0]]
    assert covers([(0, 4), (5, 12)], np.array([2.0, 4.5, 12.0])).tolist() == [True, False, True]
    assert run(SQUARE).piece((90.0, 120.0)).coords[:] == [(90.0, 0.0), (100.0, 0.0), (100.0, 20.0)]
