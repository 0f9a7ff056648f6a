"""NIST Technical Note 1822: verification of building evacuation models."""

import itertools
from typing import Final

import numpy as np

from twin.evacuation.flow_network import Change
from twin.evacuation.lifts import cleared_s
from twin.evacuation.people import kept_together, setting_off_s
from twin.evacuation.sfpe import dose_per_s, smoke_factor, stair_k, two_way_capacity_per_s
from viewer.bench.evacuation.rooms import FREE_M_PER_S, Rooms
from viewer.bench.evacuation.suites import Case, Outcome, near
from viewer.bench.evacuation.suites.rimea import assigned, corner


def _off() -> Outcome:
    """Times at which people reach the door of their room, less the walk, have the distribution they were drawn from."""
    from scipy import stats  # noqa: PLC0415 - heavy, and only here

    rng = np.random.default_rng(11)
    laws = {
        "uniform": ((10.0, 100.0), stats.uniform(10, 90)),
        "gamma": ((4.0, 15.0), stats.gamma(4, scale=15)),
        "weibull": ((2.0, 60.0), stats.weibull_min(2, scale=60)),
        "lognormal": ((60.0, 0.5), stats.lognorm(0.5, scale=60)),
    }
    told, holds = [], True
    for kind, ((first, second), law) in laws.items():
        drawn = setting_off_s(kind, 400, rng, first=first, second=second)
        of = Rooms()
        for k, start_s in enumerate(drawn.tolist()):
            of.room(f"room {k}")
            of.door(f"door {k}")
            of.way(f"way {k}", f"room {k}", f"door {k}", 4.0)
            of.group(f"way {k}", 1, start_s=start_s)
        met = of.run(step_s=0.1).spot_clear_s[0] - 4.0 / FREE_M_PER_S
        p = float(stats.kstest(met, law.cdf).pvalue)
        holds &= p > 0.05
        told.append(f"{kind} p = {p:.2f}")
    return Outcome("Kolmogorov-Smirnov p > 0.05 for 400 each", ", ".join(told), holds)


def _speed(length_m: float, *, k: float = 1.4) -> Outcome:
    of = Rooms()
    of.room("way", k=k)
    of.door("end")
    of.way("way", "way", "end", length_m)
    of.group("way", 1, speed=1.0)
    return near(length_m / of.clear_s(), 1.0, 0.05, unit="m/s")


def _spread() -> Outcome:
    rng = np.random.default_rng(5)
    speeds = np.clip(rng.normal(1.2, 0.2, 100), 0.3, None)
    times = []
    for speed in speeds.tolist():
        of = Rooms()
        of.room("way")
        of.door("end")
        of.way("way", "way", "end", 100.0)
        of.group("way", 1, speed=speed)
        times.append(of.clear_s(step_s=0.25))
    off = float(np.abs(100.0 / np.array(times) / speeds - 1).max())
    return Outcome("each of 100 keeps its own speed ± 1 %", f"off by {100 * off:.2f} % at most", off <= 0.01)


def _smoke() -> Outcome:
    of = Rooms()
    of.room("way")
    of.door("end")
    of.way("way", "way", "end", 100.0)
    of.group("way", 1, speed=1.25 * float(smoke_factor(1.0)))
    return near(of.clear_s(step_s=0.1), 87.03, 0.5)


def _dose() -> Outcome:
    return near(1 / float(dose_per_s(co_ppm=5000, co2_ratio=0.02, o2_ratio=0.18)), 207.58, 0.5)


def _lift() -> Outcome:
    got = cleared_s(20, 30.0, places=8, speed_m_per_s=2.0)
    by_hand = 3 * (17 + 5 + 17 + 5) + 2 * 20
    return near(got, by_hand, 1e-6)


def against(others: float) -> float:
    """100 persons through a corridor of 2 m, so many against them: when they are through. [s]"""
    share = 100 / (100 + others)
    of = Rooms()
    of.room("room", 100.0)
    of.room("corridor", 20.0)
    of.door("door", 2.0, layer_m=0.2, to="through")
    of.door("end")
    of.way("room", "room", "door", 5.0)
    of.way("through", "corridor", "end", 10.0)
    of.group("room", 100)
    network = of.network()
    narrowed = network.capacity_per_s.copy()
    narrowed[0] = float(two_way_capacity_per_s(narrowed[0], share))
    return float(of.run(changes=[Change(0.0, capacity_per_s=narrowed)]).clear_s[0])


def counterflow() -> Outcome:
    """More against them takes longer."""
    clear = [against(others) for others in (0, 10, 50, 100)]
    rising = all(a <= b for a, b in itertools.pairwise(clear)) and clear[-1] > clear[0]
    return Outcome("0, 10, 50, 100 against: never quicker", ", ".join(f"{t:.4g} s" for t in clear), rising)


def _group() -> Outcome:
    speeds = kept_together(np.array([1.25] * 4 + [0.5]), np.zeros(5, dtype=np.int64))
    times = []
    for speed in speeds.tolist():
        of = Rooms()
        of.room("way")
        of.door("end")
        of.way("way", "way", "end", 20.0)
        of.group("way", 1, speed=speed)
        times.append(of.clear_s())
    return Outcome("five arrive within 10 s", f"within {max(times) - min(times):.3g} s", max(times) - min(times) <= 10)


def _slow_one() -> Outcome:
    clear = []
    for last in (1.25, 0.5):
        of = Rooms()
        of.room("room", 100.0)
        of.door("door", 1.0)
        of.way("way", "room", "door", 15.0)
        of.group("way", 24, speed=1.25)
        of.group("way", 1, speed=last, length_m=25.0)
        clear.append(of.clear_s())
    return Outcome("one slow person among 25 takes all longer", f"{clear[0]:.4g} s, {clear[1]:.4g} s",
                   clear[1] > clear[0])  # fmt: skip


def _exit_closes() -> Outcome:
    """Exit 1 closes after a second: who came for it turns and takes exit 2."""
    of = Rooms()
    of.room("room", 100.0)
    of.door("exit 1", 1.0)
    of.door("exit 2", 1.0)
    of.way("to 1", "room", "exit 1", 8.0)
    of.way("to 2", "room", "exit 2", 8.0)
    of.way("turned", "room", "exit 2", 10.0)
    of.group("to 1", 50)
    of.group("to 2", 50)
    network = of.network()
    after = network.next_legs.copy()
    after[0] = 2  # who stands before exit 1 walks on to exit 2
    unhindered = network.capacity_per_s.copy()
    unhindered[0] = np.inf
    done = of.run(changes=[Change(1.0, capacity_per_s=unhindered, next_legs=after)])
    used = float(done.passed[0, 1])
    return Outcome("all 100 by exit 2, nobody left", f"{used:.4g} by exit 2, {done.left[0]:.3g} left",
                   abs(used - 100) < 1e-6 and float(done.left[0]) == 0.0)  # fmt: skip


def _congestion() -> Outcome:
    k = stair_k(0.28, 0.18)
    of = Rooms()
    of.room("room", 40.0)
    of.room("corridor", 24.0)
    of.room("flight", 20.0, k=k)
    of.door("door", 1.0, to="along")
    of.door("foot", 2.0, k=k, to="up")
    of.door("top")
    of.way("room", "room", "door", 4.0)
    of.way("along", "corridor", "foot", 12.0)
    of.way("up", "flight", "top", 10.0)
    of.group("room", 100)
    dense = of.run().densest_per_m2[0]
    return Outcome("denser before the room's exit than in the corridor",
                   f"{dense[0]:.2f} and {dense[1]:.2f} persons/m²", bool(dense[0] > dense[1]))  # fmt: skip


def door_flow() -> Outcome:
    """100 persons, a room of 8 m by 5 m, an exit of 1 m."""
    of = Rooms()
    of.room("room", 40.0)
    of.door("door", 1.0)
    of.way("way", "room", "door", 4.0)
    of.group("way", 100)
    flow = 100 / of.clear_s()
    return Outcome("at most 1.33 persons/(m s)", f"{flow:.3f} persons/(m s)", 0 < flow <= 1.33)


CASES: Final = (
    Case("NIST", "1.1", "people set off by the distribution given", _off),
    Case("NIST", "2.1", "a person keeps 1 m/s along a corridor", lambda: _speed(40.0)),
    Case("NIST", "2.2", "a person keeps 1 m/s on a stair", lambda: _speed(100.0, k=stair_k(0.28, 0.18))),
    Case("NIST", "2.3", "ways round a corner pass no wall", corner),
    Case("NIST", "2.4", "people keep their own speeds", _spread),
    Case("NIST", "2.5", "smoke of 1/m slows a person by Lund's law: 100 m at 1.25 m/s", _smoke),
    Case("NIST", "2.6", "an incapacitating dose of CO 5000 ppm, CO2 2 %, O2 18 %", _dose),
    Case("NIST", "2.7", "a lift brings 20 persons down 30 m in three trips", _lift),
    Case("NIST", "2.8", "people against the stream hold it up", counterflow),
    Case("NIST", "2.9", "a group with a slow person stays together", _group),
    Case("NIST", "2.10", "one slow person, 10 m farther off than 24 others, takes all longer", _slow_one),
    Case("NIST", "3.1", "people keep to the exit they were told", assigned),
    Case("NIST", "3.2", "social influence: streams have no persons to influence", None),
    Case("NIST", "3.3", "affiliation to places: streams have no persons to prefer them", None),
    Case("NIST", "4.1", "an exit closes: all take the other", _exit_closes),
    Case("NIST", "5.1", "where people crowd", _congestion),
    Case("NIST", "5.2", "no door lets more through than is known of doors", door_flow),
)
