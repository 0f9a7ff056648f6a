"""How well it is known how many are in buildings, against the simulated truth, beside counting in and out."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sample_sites.generator import EstatePlan, generate
from sample_sites.simulator.incidents import Effects
from sample_sites.simulator.occupants import Occupants
from sample_sites.simulator.world import World, world_of
from twin.evacuation.occupancy import SURE_RATIO, Building, Inside, follow
from twin.index import SiteIndex, build
from twin.state import Quality, StateSnapshot
from viewer.bench.figures import Figure, Goal

_STEP_S: Final = 60.0
_ASKED_S: Final = 300.0
_DAY_S: Final = 86_400.0
_SILENT_H: Final = (10.0, 16.0)
"""Of one counter each day, in the case with faults."""
_LEFT_S: Final = 600.0
"""After an alarm, when who is still in is asked for."""


def figures(*, quick: bool, tell: Callable[[str], None], seed: int = 1) -> Iterator[Figure]:
    """Errors, and how often the truth lies in the range, over days and kinds of faults."""
    index = build(generate(EstatePlan()))
    days, seeds = (1, 2) if quick else (4, 5)
    for name, fault in (("all counters work", None), ("one is silent by day", "silent"), ("no counters", "none")):
        tell(f"{name}: {seeds} estates, {days} days")
        runs = [_days(index, seed + k, days, fault) for k in range(seeds)]
        ours, plain, held, many = (np.concatenate([run[k] for run in runs]) for k in range(4))
        peer = None if fault == "none" else "in less out"
        yield Figure(f"persons in a building, {name}: mean error", "persons", float(np.abs(ours).mean()), None,
                     peer=peer, peer_value=None if peer is None else float(np.abs(plain).mean()))  # fmt: skip
        yield Figure(f"of {many.mean():.0f} on average, {name}: bias", "persons", float(ours.mean()), None,
                     peer=peer, peer_value=None if peer is None else float(plain.mean()))  # fmt: skip
        goal = Goal(">=", SURE_RATIO - 0.1)
        yield Figure(f"truth within the range, {name}", "ratio", float(held.mean()), goal)
    tell("towers on fire")
    errors, held_in = _alarms(index, seed, 2 if quick else 8)
    yield Figure("still in a burning tower 10 min after the alarm: mean error", "persons", errors)
    yield Figure("truth within the range then", "ratio", held_in, Goal(">=", SURE_RATIO - 0.1))


def _snapshot(world: World, now_s: float, silent: NDArray[np.bool_]) -> StateSnapshot:
    values = world.truth.copy()
    quality = np.where(np.isfinite(values), Quality.GOOD, Quality.NEVER).astype(np.uint8)
    quality[silent & (quality == Quality.GOOD)] = Quality.STALE
    return StateSnapshot(now_s, values, np.full(len(values), now_s), quality)


def _rows(of: tuple[Building, ...], world: World, *, every: bool) -> NDArray[np.bool_]:
    """Rows of all counters, or of the first of each building."""
    found = np.zeros(len(world.truth), dtype=bool)
    for building in of:
        for counter in building.counters if every else building.counters[:1]:
            found[[counter.entered, counter.left]] = True
    return found


def _days(
    index: SiteIndex, seed: int, days: int, fault: str | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Errors of ours and of plain counting, whether the range held, and the truth: asked every few minutes.

    Plain counting begins with the true number, which nobody has.
    """
    world = world_of(index, seed=seed)
    people, effects = Occupants(world), Effects()
    all_rows, one = (_rows(people.buildings, world, every=every) for every in (True, False))
    inside: dict[str, Inside] = {}
    began: dict[str, tuple[int, float]] = {}
    heard = world.truth.copy()
    ours, plain, held, many = [], [], [], []
    for step in range(int(days * _DAY_S / _STEP_S)):
        now_s = (step + 1) * _STEP_S
        hour = now_s / 3600.0 % 24.0
        people.step(world, effects, site_s=now_s, hour=hour, dt_s=_STEP_S)
        if now_s % _ASKED_S:
            continue
        silent = np.zeros(len(world.truth), dtype=bool)
        if fault == "none":
            silent = all_rows
        elif fault == "silent" and _SILENT_H[0] <= hour < _SILENT_H[1]:
            silent = one
        state = _snapshot(world, now_s, silent)
        heard[~silent] = world.truth[~silent]
        truth = people.truth()
        for building in people.buildings:
            if not building.counters:
                continue
            inside[building.id] = found = follow(building, inside.get(building.id), state, hour=hour)
            net = sum(heard[c.entered] - heard[c.left] for c in building.counters)
            first = began.setdefault(building.id, (truth[building.id], net))
            ours.append(found.persons - truth[building.id])
            plain.append(np.nan if fault == "none" else first[0] + net - first[1] - truth[building.id])
            held.append(found.low <= truth[building.id] <= found.high)
            many.append(truth[building.id])
    return np.array(ours), np.array(plain), np.array(held), np.array(many, dtype=np.float64)


def _alarms(index: SiteIndex, seed: int, times: int) -> tuple[float, float]:
    """Mean error and how often the range held, ten minutes after the alarm, at different hours."""
    errors, held = [], []
    for k in range(times):
        world = world_of(index, seed=seed + k)
        people, effects = Occupants(world), Effects()
        towers = [b for b in people.buildings if b.homes > 0]
        burning = towers[k % len(towers)]
        space = next(s for s in index.spaces.values() if s.storey.building.id == burning.id).id
        alarm_s = _DAY_S + 3 * k * 3600.0
        inside: Inside | None = None
        for step in range(int((alarm_s + _LEFT_S) / _STEP_S)):
            now_s = (step + 1) * _STEP_S
            hour = now_s / 3600.0 % 24.0
            if now_s > alarm_s:
                effects = dataclasses.replace(effects, fires={"fire": space})
            people.step(world, effects, site_s=now_s, hour=hour, dt_s=_STEP_S)
            state = _snapshot(world, now_s, np.zeros(len(world.truth), dtype=bool))
            since_s = alarm_s if now_s > alarm_s else None
            inside = follow(burning, inside, state, hour=hour, alarm_s=since_s)
        if inside is not None:
            truth = people.truth()[burning.id]
            errors.append(abs(inside.persons - truth))
            held.append(inside.low <= truth <= inside.high)
    return float(np.mean(errors)), float(np.mean(held))
