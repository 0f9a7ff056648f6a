"""What still leaks since a moment, by the flow alone: truth by EPANET."""

import msgspec
import numpy as np
import pytest

from tests.live_bindings.leaky_week import BEGIN_S, END_S, MENDED_S, ONSET_S, SIZE_M3_PER_S, LeakyWeek, at, leaky_week
from twin.leaks.repair import UNKNOWN, Remaining, remaining
from twin.leaks.report import leaks
from twin.leaks.result import Leak
from twin.leaks.window import Reading, Window
from twin.operations.leak_watch import verdict

HOUR_S = 3600.0


@pytest.fixture(scope="module")
def week() -> LeakyWeek:
    return leaky_week()


@pytest.fixture(scope="module")
def found(week: LeakyWeek) -> Leak:
    now_s = ONSET_S + 22 * HOUR_S
    (leak,) = leaks(week.model, week.until(now_s), at(now_s)).leaks
    return leak


def test_mended_leak_is_gone_within_a_working_day(week: LeakyWeek, found: Leak) -> None:
    left = remaining(week.model, week.until(MENDED_S + 8 * HOUR_S), found, MENDED_S)
    assert left is not None
    assert verdict(left, found.size_m3_per_s) == "repaired"
    assert abs(left.size_m3_per_s) < 3 * left.sd_m3_per_s + 0.02 * SIZE_M3_PER_S


def test_leak_that_was_only_said_to_be_mended_is_still_there(week: LeakyWeek, found: Leak) -> None:
    left = remaining(week.model, week.until(ONSET_S + 20 * HOUR_S), found, ONSET_S + 10 * HOUR_S)
    assert left is not None
    assert verdict(left, found.size_m3_per_s) == "persists"
    # class 2 meters: what two of them count in an hour differs by up to 4 % of what passes
    assert left.size_m3_per_s == pytest.approx(SIZE_M3_PER_S, rel=0.15)


def test_nothing_is_said_in_the_first_hours(week: LeakyWeek, found: Leak) -> None:
    assert remaining(week.model, week.until(MENDED_S + 2 * HOUR_S), found, MENDED_S) == UNKNOWN


def test_meters_that_fell_silent_leave_it_open(week: LeakyWeek, found: Leak) -> None:
    row = week.index.row("wm-t2:volume")
    silent = {r: (t[t < MENDED_S], v[t < MENDED_S]) if r == row else (t, v) for r, (t, v) in week.window.series.items()}
    left = remaining(week.model, Window(BEGIN_S, END_S, silent), found, MENDED_S)
    assert left is not None
    assert verdict(left, found.size_m3_per_s) is None


def test_what_no_meter_watches_is_not_measured(week: LeakyWeek, found: Leak) -> None:
    elsewhere = msgspec.structs.replace(found, id="gas/zone/20260101T00", network="gas")
    assert remaining(week.model, week.window, elsewhere, MENDED_S) is None
    unknown = msgspec.structs.replace(found, id="domestic-water/wm-gone/20260101T00")
    assert remaining(week.model, week.window, unknown, MENDED_S) is None


def flat_meter(flows_m3_per_h: list[float]) -> Reading:
    n = 12 * len(flows_m3_per_h)
    times_s = np.linspace(MENDED_S, MENDED_S + 300.0 * n, n + 1)
    volumes = np.concatenate([[0.0], np.cumsum(np.repeat(flows_m3_per_h, 12) / 12)])
    return times_s, np.round(volumes, 3)


@pytest.mark.parametrize(
    ("flows", "said"),
    [
        ([0.2, 0.0, 0.0, 0.1], "repaired"),  # it rests
        ([0.2, 0.03, 0.03, 0.1], None),  # somebody may be drawing
        ([0.05, 0.04, 0.03, 0.06] * 4, "persists"),  # not once in sixteen hours
    ],
)
def test_flat_is_mended_when_its_meter_rests(
    week: LeakyWeek, found: Leak, flows: list[float], said: str | None
) -> None:
    (meter, space) = next((m, s) for m, s in week.model.networks[0].end_spaces.items() if week.model.networks[0].tree)
    leak = msgspec.structs.replace(
        found, id=f"domestic-water/{meter}/20260101T00", network="domestic-water", size_m3_per_s=0.03 / 3600
    )
    times_s, register = flat_meter(flows)
    series = {**week.window.series, week.index.row(f"{meter}:volume"): (times_s, register)}
    left = remaining(week.model, Window(MENDED_S - 86_400.0, float(times_s[-1]), series), leak, MENDED_S)
    assert isinstance(left, Remaining), space
    assert verdict(left, leak.size_m3_per_s) == said
