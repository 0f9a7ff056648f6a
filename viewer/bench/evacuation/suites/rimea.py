"""RiMEA guideline 4.1.1, its tests of components and of behaviour."""

from typing import Final

import numpy as np
import shapely

from geometry.walking import floor
from twin.evacuation.assignment import shares
from twin.evacuation.people import speeds_by_age
from twin.evacuation.sfpe import specific_flow_per_m_s, stair_k
from viewer.bench.evacuation.rooms import FREE_M_PER_S, Rooms
from viewer.bench.evacuation.suites import Case, Outcome, near, within


def _along(length_m: float, speed_m_per_s: float, *, k: float = 1.4) -> float:
    of = Rooms()
    of.room("way", k=k)
    of.door("end")
    of.way("way", "way", "end", length_m)
    of.group("way", 1, speed=speed_m_per_s)
    return of.clear_s()


def _stair() -> Outcome:
    times = {v: _along(10.0, v, k=stair_k(0.29, 0.17)) for v in (0.5, 0.7, 1.0)}
    holds = all(abs(t * v / 10 - 1) <= 0.05 for v, t in times.items())
    return Outcome("10 m / v ± 5 %", ", ".join(f"{t:.4g} s at {v} m/s" for v, t in times.items()), holds)


def _density() -> Outcome:
    """People spread evenly over 1000 m by 10 m walk as fast as the relations have it at their density."""
    told, holds = [], True
    for density in (0.5, 1, 2, 3):
        of = Rooms()
        of.room("corridor", 10_000.0)
        of.door("end")
        of.way("way", "corridor", "end", 1000.0)
        of.group("way", density * 10_000)
        flow = density * 1000.0 / of.clear_s()
        declared = float(specific_flow_per_m_s(max(density, 0.54))) * density / max(density, 0.54)
        holds &= abs(flow / declared - 1) <= 0.01
        told.append(f"{density}/m²: {flow:.3f} of {declared:.3f}/(m s)")
    return Outcome("flow = density x speed of the relations ± 1 %", ", ".join(told), holds)


def _premovement() -> Outcome:
    starts = np.arange(10, 101, 10)
    left = []
    for start in starts.tolist():
        of = Rooms()
        of.room("room", 40.0)
        of.door("door")
        of.way("way", "room", "door", 4.0)
        of.group("way", 1, start_s=float(start))
        left.append(of.clear_s() - 4.0 / FREE_M_PER_S)
    off = np.abs(np.array(left) - starts).max()
    return Outcome("each sets off at 10, 20 … 100 s ± a step of 0.5 s", f"off by {off:.2f} s at most", bool(off <= 0.5))


def corner() -> Outcome:
    """No way from the west arm of an L leaves it; the shortest bends round its inner corner."""
    area = shapely.Polygon([(0, 0), (12, 0), (12, 12), (10, 12), (10, 2), (0, 2)])
    over = floor(area)
    way = over.field([(11.0, 11.9)])
    outside, worst = 0, 0.0
    for x in np.linspace(0.5, 5.5, 5):
        for y in (0.3, 0.8, 1.2, 1.7):
            line = shapely.LineString(way.way_m((float(x), y)))
            outside += not area.covers(line)
            exact = np.hypot(10 - x, 2 - y) + np.hypot(1.0, 9.9)
            worst = max(worst, abs(line.length / exact - 1))
    return Outcome("20 ways, none through a wall, each the shortest ± 0.5 %",
                   f"{outside} through a wall, off by {100 * worst:.2f} % at most",
                   outside == 0 and worst <= 0.005)  # fmt: skip


def _ages() -> Outcome:
    rng = np.random.default_rng(7)
    known = {(20, 30): (0.58, 1.61), (30, 50): (1.41, 1.54), (50, 80): (0.68, 1.41)}
    told, holds = [], True
    for (young, old), (least, most) in known.items():
        speeds = speeds_by_age(rng.uniform(young, old, 50), rng)
        walked = np.array([100.0 / _along(100.0, float(v)) for v in speeds])
        holds &= bool((walked >= least - 0.01).all() and (walked <= most + 0.01).all())
        told.append(f"{young} to {old}: {walked.min():.2f} to {walked.max():.2f} m/s")
    return Outcome("20 to 30: 0.58 to 1.61, to 50: 1.41 to 1.54, to 80: 0.68 to 1.41 m/s", "; ".join(told), holds)


def _three_storeys() -> Outcome:
    clear = []
    for speed in (0.6, 0.9, 1.2):
        of = Rooms()
        of.door("out", 1.2)
        for storey in (3, 2, 1):
            of.room(f"hall {storey}", 100.0)
            of.room(f"flight {storey}", 9.0, k=1.08)
            of.door(f"head {storey}", 1.2, k=1.08, to=f"flight {storey}")
            of.way(f"hall {storey}", f"hall {storey}", f"head {storey}", 15.0)
            of.way(f"flight {storey}", f"flight {storey}", f"head {storey - 1}" if storey > 1 else "out", 8.0)
            of.group(f"hall {storey}", 10, speed=speed)
        clear.append(of.clear_s())
    return Outcome("slower people take longer", ", ".join(f"{t:.4g} s" for t in clear), clear[0] > clear[1] > clear[2])


def many_doors(doors: int) -> float:
    """A room of 30 m by 20 m with 1000 persons, who divide evenly over doors of 1 m."""
    of = Rooms()
    of.room("room", 600.0)
    for k in range(doors):
        of.door(f"door {k}", 1.0)
        of.way(f"way {k}", "room", f"door {k}", 9.0)
        of.group(f"way {k}", 1000 / doors)
    return of.clear_s()


def _half_the_doors() -> Outcome:
    ratio = many_doors(2) / many_doors(4)
    return within(ratio, 1.6, 2.4, unit="times as long with half the doors")


def assigned() -> Outcome:
    """A corridor with twelve rooms of 23 persons, each told which of two exits to take."""
    of = Rooms()
    of.room("corridor", 18.0)
    of.door("main", 0.9)
    of.door("secondary", 0.9)
    wanted = {"main": 0.0, "secondary": 0.0}
    for k in range(12):
        goal = "secondary" if k % 6 in {4, 5} else "main"
        x = 1.5 + 3 * (k % 6)
        of.room(f"room {k + 1}", 15.0)
        of.door(f"door {k + 1}", 0.9, to=f"along {k + 1}")
        of.way(f"room {k + 1}", f"room {k + 1}", f"door {k + 1}", 2.5)
        of.way(f"along {k + 1}", "corridor", goal, x if goal == "main" else 18 - x)
        persons = 1.0 if k == 2 else 2.0
        wanted[goal] += persons
        of.group(f"room {k + 1}", persons)
    done = of.run()
    got = {name: float(done.passed[0, of.door_row(name)]) for name in wanted}
    holds = all(abs(got[name] - wanted[name]) < 1e-6 for name in wanted)
    return Outcome("15 by the main exit, 8 by the secondary", f"{got['main']:g} and {got['secondary']:g}", holds)


def _choice() -> Outcome:
    """1000 persons in the west of a room choose between exits at 21.5 m and 27.5 m so that all are out soonest."""
    distances = np.hypot(np.array([21.5, 27.5]) - 8.5, 10.0)
    capacity = np.full(2, 0.7 * 1.4 / (4 * 0.266))
    part = shares(1000.0, distances / FREE_M_PER_S, capacity)
    of = Rooms()
    of.room("room", 600.0)
    for k, (way_m, persons) in enumerate(zip(distances.tolist(), part.tolist(), strict=True)):
        of.door(f"exit {k + 1}", 1.0)
        of.way(f"way {k + 1}", "room", f"exit {k + 1}", way_m)
        of.group(f"way {k + 1}", persons)
    used = of.run().passed[0]
    return Outcome("exit 1 preferred, exit 2 used as well", f"{used[0]:.0f} and {used[1]:.0f} persons",
                   bool(used[0] > used[1] > 0))  # fmt: skip


def _bottleneck() -> Outcome:
    of = Rooms()
    of.room("a", 100.0)
    of.room("corridor", 5.0)
    of.room("b", 100.0)
    of.door("narrow", 1.0, layer_m=0.2, to="through")
    of.door("into b", 1.0, to="over b")
    of.door("exit", 1.0)
    of.way("in a", "a", "narrow", 7.5)
    of.way("through", "corridor", "into b", 5.0)
    of.way("over b", "b", "exit", 10.0)
    of.group("in a", 150)
    done = of.run()
    jams = {name: float(done.longest[0, of.door_row(name)]) for name in ("narrow", "exit")}
    return Outcome("a jam before the corridor, none before the exit",
                   f"{jams['narrow']:.0f} and {jams['exit']:.1f} persons queue at most",
                   jams["exit"] < 0.05 * jams["narrow"] and jams["narrow"] > 50)  # fmt: skip


def stair_foot(*, up: bool = True) -> Outcome:
    """150 persons from a room by a corridor of 2 m up a stair of 2 m: they jam at its foot."""
    k = 0.88 / 1.1 * 1.08 if up else 1.08
    of = Rooms()
    of.room("room", 40.0)
    of.room("corridor", 24.0)
    of.room("flight", 20.0, k=k)
    of.door("door", 2.0, to="along")
    of.door("foot", 2.0, k=k, to="flight")
    of.door("top")
    of.way("room", "room", "door", 4.0)
    of.way("along", "corridor", "foot", 12.0)
    of.way("flight", "flight", "top", 10.0)
    of.group("room", 150)
    done = of.run()
    foot = float(done.longest[0, of.door_row("foot")])
    told = f"{foot:.0f} persons queue at the foot, {done.densest_per_m2[0, of.room_row('corridor')]:.2f}/m² before it"
    return Outcome("a jam at the stair's foot", told, foot > 5)


def _quicker_route() -> Outcome:
    stairs, level = 8.0 / (0.8564 * 1.08) * 2 + 10 / FREE_M_PER_S, 60.0 / FREE_M_PER_S
    of = Rooms()
    of.room("level")
    of.room("stairs", k=1.08)
    of.door("out")
    of.way("level", "level", "out", 60.0)
    of.way("stairs", "stairs", "out", 16.0 + 10 * 1.08 / 1.4)
    of.group("stairs" if stairs < level else "level", 100)
    return near(of.clear_s(), min(stairs, level), 1.0)


def _three_corridors() -> Outcome:
    clear = {}
    for name, length_m in (("short", 50.0), ("corner", 60.0), ("long", 81.0)):
        of = Rooms()
        of.room("corridor", 20 * length_m)
        of.door("end", 20.0)
        of.way("way", "corridor", "end", length_m)
        of.group("way", 500)
        clear[name] = of.clear_s()
    told = ", ".join(f"{name} {t:.4g} s" for name, t in clear.items())
    return Outcome("short before corner before long", told, clear["short"] < clear["corner"] < clear["long"])


CASES: Final = (
    Case("RiMEA", "1", "a person keeps 1.33 m/s along a corridor of 40 m", lambda: within(_along(40, 1.33), 26, 34)),
    Case("RiMEA", "2", "a person keeps the speed given up a stair", _stair),
    Case("RiMEA", "3", "a person keeps the speed given down a stair", _stair),
    Case("RiMEA", "4", "flow at each density is that of the relations", _density),
    Case("RiMEA", "5", "people set off when they are said to", _premovement),
    Case("RiMEA", "6", "ways round a corner pass no wall", corner),
    Case("RiMEA", "7", "speeds of people by age lie in the ranges given", _ages),
    Case("RiMEA", "8", "three storeys: times follow the speed", _three_storeys),
    Case("RiMEA", "9", "half the exits take twice as long", _half_the_doors),
    Case("RiMEA", "10", "people keep to the exit they were told", assigned),
    Case("RiMEA", "11", "two exits: the near one is preferred, the other used too", _choice),
    Case("RiMEA", "12", "a bottleneck is where they queue, not the exit behind it", _bottleneck),
    Case("RiMEA", "13", "people jam at the foot of a stair", stair_foot),
    Case("RiMEA", "14", "of two routes the quicker is taken", _quicker_route),
    Case("RiMEA", "15", "longer corridors take longer", _three_corridors),
    Case("RiMEA", "16", "one-dimensional stop and go: needs single persons, not flows", None),
)
