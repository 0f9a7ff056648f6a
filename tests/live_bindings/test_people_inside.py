"""Who is in buildings is told from what counters said before the start, too."""

import numpy as np
import pytest

from live_bindings.history.series import Window
from live_bindings.people_inside import LiveInside
from tests.twin.evacuation.test_occupancy import BACK, FRONT, RULE, site, state

NOON_S = 1_700_000_000.0


def past(**told: tuple[list[float], list[float]]) -> dict[str, Window]:
    """Windows by ``device__channel``: hours before now, and values."""
    found = {}
    for name, (hours, values) in told.items():
        times_s = NOON_S - 3600.0 * np.array(hours)
        n = len(hours)
        window = Window(times_s, np.array(values), np.zeros(n, np.uint8), np.arange(n))
        found[name.replace("__", ":").replace("_", "-")] = window
    return found


def live(windows: dict[str, Window]) -> LiveInside:
    none = Window(np.empty(0), np.empty(0), np.empty(0, np.uint8), np.empty(0, np.int64))
    return LiveInside(site(FRONT, BACK), lambda channel, _start_s, _end_s: windows.get(channel, none))


def test_who_came_out_before_the_start_is_known_after_it() -> None:
    index = site(FRONT, BACK)
    # every six minutes; forty leave by the front half an hour ago, in an alarm since forty minutes
    hours = [k / 10 for k in range(30, -1, -1)]
    still = (hours, [0.0] * 31)
    windows = past(c_front__entered=still, c_front__left=(hours, [0.0 if h > 0.5 else 40.0 for h in hours]),
                   c_back__entered=still, c_back__left=still)  # fmt: skip
    now = state(index, NOON_S, c_front__entered=0, c_front__left=40, c_back__entered=0, c_back__left=0)
    found = live(windows).look(now, {"h": NOON_S - 2400.0})["h"]
    assert found.came_out == pytest.approx(40 * RULE.persons_each)
    assert found.at_alarm - found.persons == pytest.approx(found.came_out)
    forgot = live({}).look(now, {"h": NOON_S - 2400.0})["h"]
    assert forgot.came_out == 0.0


def test_a_counter_that_was_silent_for_hours_counted_nobody_meanwhile() -> None:
    index = site(FRONT, BACK)
    hours = [k / 10 for k in range(30, -1, -1)]
    early = [3.0, 2.9]
    windows = past(c_front__entered=(early, [0.0, 0.0]), c_front__left=(early, [0.0, 0.0]),
                   c_back__entered=(hours, [0.0] * 31), c_back__left=(hours, [0.0] * 31))  # fmt: skip
    made = live(windows)
    found = made.look(state(index, NOON_S, c_back__entered=0, c_back__left=0), {})["h"]
    assert found.silent == {"c-front"}
    assert made.now["h"] is found
