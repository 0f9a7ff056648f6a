"""IMO MSC.1/Circ.1533, annex 3: tests 1 to 11."""

from typing import Final

import numpy as np

from twin.evacuation.people import setting_off_s
from twin.evacuation.sfpe import stair_k
from viewer.bench.evacuation.rooms import FREE_M_PER_S, Rooms
from viewer.bench.evacuation.suites import Case, Outcome, near, within
from viewer.bench.evacuation.suites.nist import counterflow, door_flow
from viewer.bench.evacuation.suites.rimea import assigned, corner, many_doors, stair_foot


def _walk(length_m: float, *, k: float = 1.4) -> Outcome:
    of = Rooms()
    of.room("way", k=k)
    of.door("end")
    of.way("way", "way", "end", length_m)
    of.group("way", 1, speed=1.0)
    return near(of.clear_s(), length_m, 0.5)


def _response() -> Outcome:
    drawn = setting_off_s("uniform", 10, np.random.default_rng(2), first=10.0, second=100.0)
    off = []
    for start_s in drawn.tolist():
        of = Rooms()
        of.room("room", 40.0)
        of.door("door")
        of.way("way", "room", "door", 4.0)
        of.group("way", 1, start_s=start_s)
        off.append(abs(of.clear_s() - 4.0 / FREE_M_PER_S - start_s))
    return Outcome(
        "ten set off at their own times ± a step of 0.5 s", f"off by {max(off):.2f} s at most", max(off) <= 0.5
    )


def _speeds() -> Outcome:
    rng = np.random.default_rng(3)
    drawn = rng.uniform(0.97, 1.62, 50)  # men of 30 to 50 years
    got = []
    for speed in drawn.tolist():
        of = Rooms()
        of.room("way")
        of.door("end")
        of.way("way", "way", "end", 100.0)
        of.group("way", 1, speed=speed)
        got.append(100.0 / of.clear_s(step_s=0.25))
    return Outcome("0.97 to 1.62 m/s", f"{min(got):.2f} to {max(got):.2f} m/s", min(got) >= 0.96 and max(got) <= 1.63)


def _half() -> Outcome:
    return within(many_doors(2) / many_doors(4), 1.7, 2.3, unit="times as long with half the doors")


CASES: Final = (
    Case("IMO", "1", "40 m at 1 m/s take 40 s", lambda: _walk(40.0)),
    Case("IMO", "2", "10 m up a stair at 1 m/s take 10 s", lambda: _walk(10.0, k=stair_k(0.28, 0.18))),
    Case("IMO", "3", "10 m down a stair at 1 m/s take 10 s", lambda: _walk(10.0, k=stair_k(0.28, 0.18))),
    Case("IMO", "4", "a door of 1 m lets through no more than 1.33 persons a second", door_flow),
    Case("IMO", "5", "people respond at their own times", _response),
    Case("IMO", "6", "ways round a corner pass no wall", corner),
    Case("IMO", "7", "50 men of 30 to 50 years walk at their speeds", _speeds),
    Case("IMO", "8", "people against the stream hold it up", counterflow),
    Case("IMO", "9", "half the doors take about twice as long", _half),
    Case("IMO", "10", "people keep to the exit they were told", assigned),
    Case("IMO", "11", "people jam at the foot of a stair", stair_foot),
)
