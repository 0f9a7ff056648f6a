"""Worked examples of the SFPE's hydraulic model, against capacity chains calculated by hand."""

from functools import partial
from typing import Final

from twin.evacuation.sfpe import stair_k
from viewer.bench.evacuation.rooms import Rooms
from viewer.bench.evacuation.suites import Case, Outcome, near

_STEP_S: Final = 0.5
_INCH_M: Final = 0.0254
_FOOT_M: Final = 0.3048
_DOOR_FLOW: Final = 1.33
"""Specific flow of doors in these examples. [1/(m s)]"""


def _held(got_s: float, hand_s: float, *, headway_s: float = 0.0) -> Outcome:
    """Within 3 % or two steps of the hand value, and the time from one person to the next where that counts N - 1."""
    return near(got_s, hand_s, max(0.03 * hand_s, 2 * _STEP_S) + headway_s)


def _door(width_m: float, layer_m: float, hand_s: float) -> Outcome:
    of = Rooms()
    of.room("room", 40.0)
    of.door("door", width_m, layer_m=layer_m, specific_flow=_DOOR_FLOW)
    of.way("way", "room", "door", 0.0)
    of.group("way", 100)
    return _held(of.clear_s(), hand_s)


def _stair(length_m: float, width_m: float, persons: float, hand_s: float) -> Outcome:
    k = stair_k(0.28, 0.18)
    of = Rooms()
    of.room("head")
    of.room("flight", length_m * width_m, k=k)
    of.door("top", width_m, k=k, to="down")
    of.door("foot")
    of.way("there", "head", "top", 0.0)
    of.way("down", "flight", "foot", length_m)
    of.group("there", persons)
    return _held(of.clear_s(), hand_s, headway_s=1 / float(of.network().capacity_per_s[0]))


def _room_over_stair() -> Outcome:
    k = stair_k(0.28, 0.18)
    of = Rooms()
    of.room("room", 100.0)
    of.room("flight", 10.0 * 1.2, k=k)
    of.room("landing", 10.0)
    of.door("door", 1.0, specific_flow=_DOOR_FLOW, to="to stair")
    of.door("top", 1.2, k=k, to="down")
    of.door("foot")
    of.way("way", "room", "door", 20.0)
    of.way("to stair", "landing", "top", 0.0)
    of.way("down", "flight", "foot", 10.0)
    of.group("way", 90)
    return _held(of.clear_s(), 128.2)


def _nine_storeys() -> Outcome:
    """One of two stairs alike: 150 persons from each of the storeys 9 to 2."""
    k = stair_k(11, 7)
    of = Rooms()
    slope_m = 1.85 * 12 * _FOOT_M + 2 * 8 * _FOOT_M
    of.door("street")
    for storey in range(9, 1, -1):
        of.room(f"corridor {storey}", 8 * 150 * _FOOT_M**2)
        of.room(f"landing {storey}", 4 * 8 * _FOOT_M**2 * 2)
        of.room(f"flight {storey}", 44 * _INCH_M * slope_m, k=k)
        of.door(f"door {storey}", 36 * _INCH_M, to=f"landing {storey}")
        of.door(f"head {storey}", 44 * _INCH_M, k=k, to=f"flight {storey}")
        of.way(f"corridor {storey}", f"corridor {storey}", f"door {storey}", 150 * _FOOT_M)
        of.way(f"landing {storey}", f"landing {storey}", f"head {storey}", 1.0)
        of.way(f"flight {storey}", f"flight {storey}", f"head {storey - 1}" if storey > 2 else "street", slope_m)
        of.group(f"corridor {storey}", 150)
    return _held(of.clear_s(), 1524.0)


def _wide_room(start_m: float, hand_s: float) -> Outcome:
    """Half of 300 persons, one of two doors of 32 in, each to a stair of 44 in and 50 ft."""
    k = stair_k(11, 7)
    of = Rooms()
    of.room("room", 100 * 30 * _FOOT_M**2)
    of.room("landing", 10.0)
    of.room("flight", 44 * _INCH_M * 50 * _FOOT_M, k=k)
    of.door("door", 32 * _INCH_M, specific_flow=_DOOR_FLOW, to="landing")
    of.door("top", 44 * _INCH_M, k=k, to="down")
    of.door("foot")
    of.way("way", "room", "door", start_m)
    of.way("landing", "landing", "top", 0.0)
    of.way("down", "flight", "foot", 50 * _FOOT_M)
    of.group("way", 150)
    return _held(of.clear_s(), hand_s)


def _premovement() -> Outcome:
    clear = []
    for start_s in (0.0, 30.0, 120.0):
        of = Rooms()
        of.room("room", 40.0)
        of.door("door", 1.0, specific_flow=_DOOR_FLOW)
        of.way("way", "room", "door", 4.0)
        of.group("way", 100, start_s=start_s)
        clear.append(of.clear_s())
    shifts = clear[1] - clear[0], clear[2] - clear[0]
    holds = all(abs(got - asked) < 1e-6 for got, asked in zip(shifts, (30.0, 120.0), strict=True))
    return Outcome("later by exactly 30 s and 120 s", f"{shifts[0]:.6g} s and {shifts[1]:.6g} s", holds)


def _merge() -> Outcome:
    of = Rooms()
    of.room("corridor", 60.0)
    of.door("exit", 1.2, specific_flow=_DOOR_FLOW)
    of.way("along", "corridor", "exit", 20.0)
    for side in ("left", "right"):
        of.room(side)
        of.door(f"{side} door", 0.9, specific_flow=_DOOR_FLOW, to=f"{side} along")
        of.way(side, side, f"{side} door", 5.0)
        of.way(f"{side} along", "corridor", "exit", 20.0)
        of.group(side, 100)
    return _held(of.clear_s(), 187.9)


CASES: Final = (
    *(
        Case("SFPE", f"{name} {width:g} m", f"100 persons through it, {width - 2 * layer:.1f} m of it used",
             partial(_door, width, layer, hand))
        for name, width, layer, hand in (
            ("door", 1.0, 0.15, 107.41), ("door", 2.0, 0.15, 44.23), ("door", 3.0, 0.15, 27.85),
            ("opening", 1.0, 0.0, 75.19),
        )
    ),
    *(
        Case("SFPE", f"stair {length:g} x {width:g} m, {many:g}",
             f"{many:g} persons down {length:g} m of stairs 180/280", partial(_stair, length, width, many, hand))
        for length, width, many, hand in (
            (10, 1, 1, 10.84), (10, 1, 10, 23.55), (10, 1, 100, 150.60), (200, 1, 1, 216.90), (200, 1, 100, 356.65),
            (200, 5, 100, 237.71), (200, 5, 1000, 426.93),
        )
    ),
    Case("SFPE", "room over a stair", "90 persons, 20 m to a door of 1.0 m, then 10 m of stairs", _room_over_stair),
    Case("SFPE", "nine storeys", "2400 persons down two stairs of 44 in", _nine_storeys),
    Case("SFPE", "wide room", "300 persons, two doors, two stairs", partial(_wide_room, 0.0, 234.95)),
    Case("SFPE", "wide room, from afar", "the same from 200 ft away", partial(_wide_room, 200 * _FOOT_M, 285.8)),
    Case("SFPE", "premovement", "times are later by what people wait before they set off", _premovement),
    Case("SFPE", "merging", "two streams of 100 persons into one corridor", _merge),
)  # fmt: skip
