"""How many people are in each building now: counted at doors, held against what is usual, with a range.

Each building has a Kalman filter of one state, the number of people in it. Who is counted at a door moves it;
each count is a little unsure, and who goes by a door that does not count is seen by nobody, so the range grows.
What is usual at the hour, and hints such as radios that are joined, draw it back, each weighed by how far it
may be off and for how long it stays so: what is off in the same way for hours is no new evidence each second.
Counters only ever grow, so a reading that is lost, late, or told twice costs nothing. While a building is on
alarm nothing is usual there: only counters count.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import shapely

from twin.evacuation.people import people_at_night, people_by_day
from twin.evacuation.present_rules import CounterRule, HintRule, PresentRules, present_rules
from twin.index import PlacedOpening, SiteIndex
from twin.model.buildings import OUTSIDE
from twin.state import Quality, StateSnapshot

SURE_RATIO: Final = 0.8
"""The true number lies in the range so often."""
_SPREAD: Final = 1.2816
"""Standard deviations either side that hold `SURE_RATIO` of a normal distribution."""
_GROUND_M: Final = 2.0
_USED: Final = (Quality.GOOD, Quality.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Counter:
    """A device that counts at a way out.

    Attributes
    ----------
    exit : the opening it hangs at
    entered, left : rows of its channels
    """

    device: str
    exit: str
    rule: CounterRule
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class Building:
    """How the people of a building are told.

    Attributes
    ----------
    exits : ways out on the ground or into another building, with their widths [m]
    hints : rows of the channels of each rule
    homes, work, always : persons who live there, who could be there by day, and who always are
    """

    id: str
    exits: Mapping[str, float]
    counters: tuple[Counter, ...]
    hints: tuple[tuple[HintRule, tuple[int, ...]], ...]
    homes: float
    work: float
    always: float

    def usual(self, rules: PresentRules, hour: float) -> tuple[float, float]:
        """Persons at an hour of the site's clock, 0 to 24, and their standard deviation."""
        mean, variance = self.always, rules["least_sd"] ** 2
        for many, name in ((self.homes, "homes"), (self.work, "work")):
            usual = rules.usual[name]  # type: ignore[index] # the two that are asked for
            share = float(np.interp(hour % 24.0, np.arange(25.0), (*usual.by_hour, usual.by_hour[0])))
            mean += many * share
            # who is registered is known better than who of them is out, or who of those that could be is in
            unsure = usual.sd_ratio * (1.0 - share if name == "homes" else share) + usual.least_ratio
            variance += (many * unsure) ** 2
        return mean, float(np.sqrt(variance))

    def seen_ratio(self, silent: frozenset[str]) -> float:
        """Share of the width of all ways out that is counted at, without counters that are silent."""
        seen = {counter.exit for counter in self.counters if counter.device not in silent}
        total_m = sum(self.exits.values())
        return sum(self.exits[name] for name in seen) / total_m if total_m > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Inside:
    """How many are in a building at a moment.

    Attributes
    ----------
    persons, variance : of the estimate
    told : what each counter's channel said last, by row
    usual : persons that are usual at that hour
    silent : counters that tell nothing now
    alarm_s : since when it is on alarm, epoch; none while it is not
    at_alarm, came_out : persons in it then, and come out since, as counted
    """

    building: str
    at_s: float
    persons: float
    variance: float
    usual: float = 0.0
    told: Mapping[int, float] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    seen_ratio: float = 0.0
    alarm_s: float | None = None
    at_alarm: float = 0.0
    came_out: float = 0.0

    @property
    def low(self) -> float:
        """The lower end of the range; on alarm nobody knows who left by a door that does not count."""
        if self.alarm_s is not None and self.seen_ratio < 1.0:
            return 0.0
        return max(0.0, self.persons - _SPREAD * math.sqrt(self.variance))

    @property
    def high(self) -> float:
        """The upper end of the range."""
        return max(0.0, self.persons) + _SPREAD * math.sqrt(self.variance)


def buildings(index: SiteIndex, rules: PresentRules | None = None) -> tuple[Building, ...]:
    """How the people of each building of a site are told; buildings nobody is ever in are left out."""
    by = rules or present_rules()
    night, day = people_at_night(index), people_by_day(index)
    homes: dict[str, float] = {}
    work: dict[str, float] = {}
    always: dict[str, float] = {}
    for space in {**night, **day}:
        placed = index.spaces[space]
        at, many = placed.storey.building.id, day.get(space, 0.0)
        if placed.template.use in {"flat", "bedroom", "living_room"}:
            homes[at] = homes.get(at, 0.0) + many
        elif space in night:
            always[at] = always.get(at, 0.0) + night[space]
        else:
            work[at] = work.get(at, 0.0) + many
    exits = _exits(index)
    counters = _counters(index, by, exits)
    hints = _hints(index, by)
    return tuple(
        Building(
            b.id, {o.id: _width_m(o) for o in exits.get(b.id, ())}, tuple(counters.get(b.id, ())),
            tuple(hints.get(b.id, ())), homes.get(b.id, 0.0), work.get(b.id, 0.0), always.get(b.id, 0.0),
        )
        for b in index.site.buildings
        if homes.get(b.id, 0.0) + work.get(b.id, 0.0) + always.get(b.id, 0.0) > 0
    )  # fmt: skip


def _exits(index: SiteIndex) -> dict[str, list[PlacedOpening]]:
    """Doors of each building that lead onto the ground or into another building."""
    found: dict[str, list[PlacedOpening]] = {}
    for opening in index.openings.values():
        if opening.template.kind == "window":
            continue
        own = opening.storey.building
        others = [index.spaces[side].storey.building for side in opening.connects if side in index.spaces]
        up_m = opening.storey.elevation_m - own.base_elevation_m
        if any(other is not own for other in others) or (OUTSIDE in opening.connects and up_m < _GROUND_M):
            for building in {b.id for b in (own, *others)}:
                found.setdefault(building, []).append(opening)
    return found


def _width_m(opening: PlacedOpening) -> float:
    (x0, y0), (x1, y1) = opening.template.line
    return opening.template.width_m or float(np.hypot(x1 - x0, y1 - y0))


def _counters(
    index: SiteIndex, rules: PresentRules, exits: Mapping[str, list[PlacedOpening]]
) -> dict[str, list[Counter]]:
    """Counters of each building, each at the nearest way out of its storey."""
    found: dict[str, list[Counter]] = {}
    for device in index.site.devices:
        kind = index.kinds[device.kind]
        rule = next((r for r in rules.counters if r.fits(kind)), None)
        if rule is None or device.space not in index.spaces:
            continue
        rows = {c.id: index.first_row[device.id] + k for k, c in enumerate(kind.channels)}
        storey = index.spaces[device.space].storey
        x, y, _ = index.device_point(device)
        here = shapely.Point(x, y)
        near = [
            (shapely.LineString(o.template.line).distance(here), o.id)
            for o in exits.get(storey.building.id, ())
            if o.storey is storey
        ]
        away_m, name = min(near, default=(np.inf, ""))
        if rule.entered in rows and rule.left in rows and away_m <= rules["within_m"]:
            found.setdefault(storey.building.id, []).append(
                Counter(device.id, name, rule, rows[rule.entered], rows[rule.left])
            )
    return found


def _hints(index: SiteIndex, rules: PresentRules) -> dict[str, list[tuple[HintRule, tuple[int, ...]]]]:
    found: dict[str, list[tuple[HintRule, tuple[int, ...]]]] = {}
    for rule in rules.hints:
        rows: dict[str, list[int]] = {}
        for device in index.site.devices:
            kind = index.kinds[device.kind]
            if device.space in index.spaces and rule.fits(kind):
                at = index.spaces[device.space].storey.building.id
                first = index.first_row[device.id]
                rows.setdefault(at, []).extend(first + k for k, c in enumerate(kind.channels) if c.id == rule.channel)
        for building, those in rows.items():
            if those:
                found.setdefault(building, []).append((rule, tuple(those)))
    return found


def follow(
    of: Building, before: Inside | None, state: StateSnapshot, *, hour: float, alarm_s: float | None = None,
    rules: PresentRules | None = None,
) -> Inside:  # fmt: skip
    """How many are in a building in a state, after what was before.

    Parameters
    ----------
    before : none at the start: what is usual then
    hour : of the site's clock at the state, 0 to 24
    alarm_s : since when the building is on alarm, epoch; none while it is not
    """
    by = rules or present_rules()
    told, silent = _told(of, state)
    mean, sd = of.usual(by, hour)
    if before is None:
        first = Inside(of.id, state.now_s, mean, sd**2, mean, told, silent, of.seen_ratio(silent))
        return first if alarm_s is None else replace(first, alarm_s=alarm_s, at_alarm=mean)
    if alarm_s is not None and before.alarm_s is None:
        before = replace(before, alarm_s=alarm_s, at_alarm=before.persons, came_out=0.0)
    elif alarm_s is None and before.alarm_s is not None:
        # who comes back where nobody counts is not known
        before = replace(
            before, alarm_s=None, variance=before.variance + (1.0 - of.seen_ratio(silent)) * before.at_alarm**2
        )
    passed_s = max(0.0, state.now_s - before.at_s)
    came, variance = _counted(of, before, told, passed_s, by)
    seen = of.seen_ratio(silent)
    persons, spread = before.persons + came, before.variance + variance
    if before.alarm_s is None:
        # who goes by doors that do not count goes as is usual
        persons += (1.0 - seen) * (mean - before.usual)
        spread += (1.0 - seen) * sd**2 * passed_s / by["lasts_s"]
        for value, value_sd, lasts_s in ((mean, sd, by["lasts_s"]), *_hinted(of, state)):
            if passed_s > 0:
                gain = spread / (spread + value_sd**2 * lasts_s / passed_s)
                persons, spread = persons + gain * (value - persons), spread * (1.0 - gain)
    return Inside(
        of.id, max(state.now_s, before.at_s), max(0.0, persons), spread, mean, {**before.told, **told}, silent, seen,
        before.alarm_s, before.at_alarm, before.came_out - came if before.alarm_s is not None else 0.0,
    )  # fmt: skip


def _told(of: Building, state: StateSnapshot) -> tuple[dict[int, float], frozenset[str]]:
    """What counters say, and which say nothing."""
    told: dict[int, float] = {}
    silent: set[str] = set()
    for counter in of.counters:
        for row in (counter.entered, counter.left):
            if state.quality[row] in _USED and np.isfinite(state.values[row]):
                told[row] = float(state.values[row])
            else:
                silent.add(counter.device)
    return told, frozenset(silent)


def _counted(
    of: Building, before: Inside, told: Mapping[int, float], passed_s: float, rules: PresentRules
) -> tuple[float, float]:
    """Persons who came in less those who went out since before, and the variance of that."""
    came = variance = 0.0
    for counter in of.counters:
        rule = counter.rule
        for row, sign in ((counter.entered, 1.0), (counter.left, -1.0)):
            now, then = told.get(row), before.told.get(row)
            if now is None or then is None:
                continue
            count = now - then
            # a counter that was exchanged begins anew; one that runs away counts nobody
            if 0 <= count <= rules["fastest_per_s"] * max(passed_s, 60.0):
                came += sign * count * rule.persons_each
                variance += count * rule.variance_each + (count * rules["uneven_ratio"]) ** 2
    return came, variance


def _hinted(of: Building, state: StateSnapshot) -> Iterator[tuple[float, float, float]]:
    """What hints say: persons, standard deviation, how long they stay off."""
    for rule, rows in of.hints:
        good = [float(state.values[r]) for r in rows if state.quality[r] in _USED and np.isfinite(state.values[r])]
        if good:
            # those that are silent are taken to be as the others
            persons = sum(good) * len(rows) / len(good) / rule.per_person
            yield persons, max(1.0, persons * rule.sd_ratio), rule.lasts_s


@dataclass(frozen=True, slots=True)
class Remaining:
    """Who is in some buildings still.

    Attributes
    ----------
    persons, low, high : the estimate and its range
    at_alarm : persons in them when the alarm began; none without an alarm
    came_out : out since, as counted at doors or at assembly points, whichever is more; none without an alarm
    exits, counted_exits : ways out, and those with a counter that works
    silent : counters that tell nothing
    """

    persons: float
    low: float
    high: float
    at_alarm: float | None
    came_out: float | None
    exits: int
    counted_exits: int
    silent: tuple[str, ...]


def remaining(of: Mapping[str, Building], those: Mapping[str, Inside], called: int = 0) -> Remaining:
    """Who is in some buildings still, all together.

    Parameters
    ----------
    those : by building, as `follow` gave them
    called : persons counted at assembly points
    """
    variance = sum(inside.variance for inside in those.values())
    spread = _SPREAD * math.sqrt(variance)
    exits = {name for building in those for name in of[building].exits}
    silent = frozenset().union(*(inside.silent for inside in those.values()))
    counted = {c.exit for building in those for c in of[building].counters if c.device not in silent}
    persons = sum(inside.persons for inside in those.values())
    alarmed = [inside for inside in those.values() if inside.alarm_s is not None]
    if not alarmed:
        low, high = max(0.0, persons - spread), persons + spread
        return Remaining(persons, low, high, None, None, len(exits), len(counted), tuple(sorted(silent)))
    by_doors = sum(inside.came_out for inside in alarmed)
    more = max(0.0, called - max(0.0, by_doors))  # who came out where nobody counted
    persons = max(0.0, persons - more)
    sure = all(inside.seen_ratio >= 1.0 for inside in alarmed)
    low = max(0.0, persons - spread) if sure else 0.0
    return Remaining(
        persons, low, persons + spread, sum(inside.at_alarm for inside in alarmed), max(by_doors, float(called)),
        len(exits), len(counted), tuple(sorted(silent)),
    )  # fmt: skip
