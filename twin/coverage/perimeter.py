"""Whether every metre of the perimeter is guarded: by detectors whose parts overlap, at gates by what watches them."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Final

import numpy as np
import shapely
import yaml
from numpy.typing import NDArray
from pydantic import Field

from twin.coverage.levels import Certainty
from twin.coverage.result import Gap, PlaceResult, Problem, Reason
from twin.coverage.stretches import Run, Stretch, covers, cut, joined, run
from twin.coverage.working import not_working
from twin.index import SiteIndex, to_shapely
from twin.model.base import Line, Model, Text
from twin.model.base import Polygon as ModelPolygon
from twin.model.devices import Device
from twin.model.grounds import GroundFeature, Requirement
from twin.state import StateSnapshot

Flags = NDArray[np.bool_]

_BESIDE_M: Final = 3.0
"""A detector farther than this from a perimeter line belongs to none."""
_GATE_BESIDE_M: Final = 1.0
_ZONE_BESIDE_M: Final = 0.05
_SAMPLE_M: Final = 1.0
_JUST_M: Final = 1e-4
_NEAREST: Final = 2


class DetectorModel(Model):
    """A perimeter detector; attributes as `values/perimeter.yaml` explains them."""

    id: str
    name: Text
    reach_m: Annotated[float, Field(gt=0)]
    beside_m: Annotated[float, Field(gt=0)] = 1.0
    follows_line: bool = False
    certainty: Certainty


class LineRules(Model):
    """What is asked of a perimeter line."""

    overlap_m: Annotated[float, Field(ge=0)]
    gate_within_m: Annotated[float, Field(ge=0)]
    gate_guards: tuple[str, ...]


class PerimeterValues(Model):
    """`values/perimeter.yaml`."""

    default: str
    models: tuple[DetectorModel, ...]
    rules: LineRules


@dataclass(frozen=True, slots=True, eq=False)
class PerimeterCoverage:
    """The answer for the perimeter.

    Attributes
    ----------
    places : each perimeter line as a whole, then each zone that asks for it
    devices : all detectors; offline : those that are down
    """

    places: tuple[PlaceResult, ...]
    devices: tuple[str, ...]
    offline: frozenset[str]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Guarded:
    """A line with what guards it.

    Attributes
    ----------
    by_detector, by_guard : stretches by device; guards are what watches gates
    gates : stretches by gate
    """

    line: Run
    by_detector: Mapping[str, tuple[Stretch, ...]]
    by_guard: Mapping[str, tuple[Stretch, ...]]
    gates: Mapping[str, tuple[Stretch, ...]]


@cache
def perimeter_values() -> PerimeterValues:
    """The models of detectors and the rules."""
    text = files("twin.coverage").joinpath("values/perimeter.yaml").read_text(encoding="utf-8")
    return PerimeterValues(**yaml.safe_load(text))


def perimeter_coverage(
    index: SiteIndex,
    state: StateSnapshot | None = None,
    *,
    without: Collection[str] = (),
    as_it_stands: SiteIndex | None = None,
) -> PerimeterCoverage:
    """Whether every metre of the perimeter lines, and of the zones that ask for it, is guarded.

    Parameters
    ----------
    state : without one all devices are up
    without : ids of devices that count as down
    as_it_stands : the site whose rows the state has, if other devices are asked about than stand there
    """
    asked = [r for r in index.site.requirements if r.kind == "perimeter"]
    detectors = [d for d in index.site.devices if index.kinds[d.kind].reaches == "perimeter"]
    if not asked:
        return PerimeterCoverage((), tuple(d.id for d in detectors), frozenset(), ())
    problems: list[Problem] = []
    known = [d for d in detectors if _is_known(d, problems)]
    fences = {g.id: g for g in index.site.grounds if g.use == "perimeter"}
    lines = {fence.id: _run_of(fence) for fence in fences.values()}
    guarded = {name: _guarded(index, line, known) for name, line in lines.items() if line is not None}
    problems += [*_problems(index, lines, guarded, known), *_crossings(index, guarded)]
    guards = {device for line in guarded.values() for device in line.by_guard}
    of = as_it_stands or index
    everyone = frozenset(d.id for d in detectors) | guards
    down = not_working(of, everyone & of.devices.keys(), state, without=without) | (everyone & frozenset(without))
    places = [
        _place((name, fences[name].name), asked[0], [(line, ((0.0, line.line.length_m),))], down)
        for name, line in guarded.items()
    ]
    by_id = {requirement.id: requirement for requirement in asked}
    for zone in index.site.zones:
        if zone.requirement not in by_id:
            continue
        area = to_shapely(zone.polygon)
        around = area.buffer(_ZONE_BESIDE_M) if area.is_valid else shapely.Polygon()
        parts = [(line, part) for line in guarded.values() if (part := line.line.within(around))]
        if parts:
            places.append(_place((zone.id, zone.name), by_id[zone.requirement], parts, down))
        else:
            said = (
                f"no perimeter line runs through zone {zone.id}; move it onto the line, or draw the line in the grounds"
            )
            problems.append(Problem("place-without-samples", zone.id, said))
    return PerimeterCoverage(tuple(places), tuple(d.id for d in detectors), down, tuple(problems))


def _is_known(device: Device, problems: list[Problem]) -> bool:
    known = [model.id for model in perimeter_values().models]
    if device.model in ("", *known):
        return True
    said = f"perimeter detector {device.id} is a {device.model!r}, which is not among {', '.join(known)}"
    problems.append(Problem("unknown-model", device.id, f"{said}; correct its model"))
    return False


def detector_model(device: Device) -> DetectorModel:
    """The model of a perimeter detector; where it states none, the usual one."""
    values = perimeter_values()
    wanted = device.model or values.default
    return next(model for model in values.models if model.id == wanted)


def _run_of(fence: GroundFeature) -> Run | None:
    """The line of a fence; none where it has no length."""
    if isinstance(fence.geometry, ModelPolygon):
        line = run((*fence.geometry.outer, fence.geometry.outer[0]))
    elif isinstance(fence.geometry, Line):
        line = run(fence.geometry.points)
    else:
        return None
    return line if line.length_m > 0 else None


def _guarded(index: SiteIndex, line: Run, detectors: Iterable[Device]) -> _Guarded:
    by_detector = {}
    for device in detectors:
        stretches = _stretches(line, device, index.device_point(device)[:2])
        if stretches:
            by_detector[device.id] = stretches
    gates = {}
    by_guard: dict[str, list[Stretch]] = {}
    for gate in index.site.grounds:
        if gate.use not in ("gate", "vehicle_gate") or not isinstance(gate.geometry, Line):
            continue
        across = shapely.LineString(gate.geometry.points)
        stretches = line.within(across.buffer(_GATE_BESIDE_M, cap_style="flat"))
        if stretches:
            gates[gate.id] = stretches
            for guard in _guards(index, across):
                by_guard.setdefault(guard, []).extend(stretches)
    return _Guarded(line, by_detector, {device: joined(parts) for device, parts in by_guard.items()}, gates)


def _stretches(line: Run, device: Device, point: tuple[float, float]) -> tuple[Stretch, ...]:
    """What a detector guards of a line."""
    model = detector_model(device)
    at_m, off_m, along = line.nearest(point)
    if off_m > _BESIDE_M:
        return ()
    ahead_m, back_m = model.reach_m, 0.0
    looks = along
    if device.bearing_deg is None:
        ahead_m = back_m = model.reach_m / 2
    else:
        bearing_rad = math.radians(device.bearing_deg)
        looks = np.array([math.sin(bearing_rad), math.cos(bearing_rad)])
    if model.follows_line:
        if float(looks @ along) < 0:
            ahead_m, back_m = back_m, ahead_m
        return line.between(at_m - back_m, at_m + ahead_m)
    start = np.asarray(point)
    beam = shapely.LineString([start - back_m * looks, start + ahead_m * looks])
    return line.within(beam.buffer(model.beside_m))


def _guards(index: SiteIndex, gate: shapely.LineString) -> Iterator[str]:
    """Devices that watch or control a gate."""
    rules = perimeter_values().rules
    for device in index.site.devices:
        kind = index.kinds[device.kind]
        if device.space is None and (kind.reaches == "camera" or kind.system in rules.gate_guards):
            x, y, _ = index.device_point(device)
            if gate.distance(shapely.Point(x, y)) <= rules.gate_within_m:
                yield device.id


def _problems(
    index: SiteIndex, lines: Mapping[str, Run | None], guarded: Mapping[str, _Guarded], detectors: Iterable[Device]
) -> Iterator[Problem]:
    for name, line in lines.items():
        if line is None:
            yield Problem("no-length", name, f"perimeter {name} is no line with a length; draw it anew")
    if not lines:
        said = "the grounds have no feature of use perimeter; draw the line that is to be guarded"
        yield Problem("no-perimeter", index.site.id, said)
    for device in detectors:
        if guarded and not any(device.id in line.by_detector for line in guarded.values()):
            said = f"perimeter detector {device.id} guards nothing: no perimeter line runs within {_BESIDE_M:g} m of it"
            yield Problem("device-out-of-reach", device.id, f"{said} and along its bearing; correct its place")


def _crossings(index: SiteIndex, guarded: Mapping[str, _Guarded]) -> Iterator[Problem]:
    """Ways that lead through the line where no gate is."""
    for way in index.site.grounds:
        if way.use not in ("road", "path", "fire_lane") or not isinstance(way.geometry, Line):
            continue
        path = shapely.LineString(way.geometry.points)
        for name, of in guarded.items():
            gates = [stretch for stretches in of.gates.values() for stretch in stretches]
            for point in shapely.get_coordinates(path & shapely.LineString(of.line.points_m)):
                if not covers(gates, np.array([of.line.nearest(point)[0]])).any():
                    said = f"{way.use} {way.id} crosses {name} at {point[0]:.1f}, {point[1]:.1f} where no gate is"
                    yield Problem("way-without-gate", way.id, f"{said}; draw the gate, or end the way before the line")


_Part = tuple[_Guarded, tuple[Stretch, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Part of a line cut wherever anything changes.

    Attributes
    ----------
    edges_m : (n, 2); counts : (n,) how many guard each; by_device : (n,) by device
    reasons : (n,) by reason, why one is not guarded
    """

    line: Run
    edges_m: NDArray[np.float64]
    counts: NDArray[np.int32]
    covered: Flags
    by_device: Mapping[str, Flags]
    reasons: Mapping[Reason, Flags]

    @property
    def lengths_m(self) -> NDArray[np.float64]:
        """(n,)."""
        lengths: NDArray[np.float64] = self.edges_m[:, 1] - self.edges_m[:, 0]
        return lengths


def _pieces(part: _Part, asked: Requirement, down: Collection[str]) -> _Pieces:
    of, wanted = part
    up = {k: v for k, v in of.by_detector.items() if k not in down}
    lame = [v for k, v in (*of.by_detector.items(), *of.by_guard.items()) if k in down]
    guards = {k: v for k, v in of.by_guard.items() if k not in down}
    loose = _loose_joints(of.line, up)
    marks = [*up.values(), *lame, *guards.values(), *of.gates.values(), loose, wanted]
    every_m = np.arange(0.0, of.line.length_m, _SAMPLE_M).tolist()  # so that a drawing has points enough
    edges = cut([0.0, of.line.length_m, *every_m, *(end for mark in marks for stretch in mark for end in stretch)])
    middle = edges.mean(axis=1)
    inside = covers(wanted, middle)
    edges, middle = edges[inside], middle[inside]
    by_device = {k: covers(v, middle) for k, v in up.items()}
    for device, stretches in guards.items():
        by_device[device] = by_device.get(device, np.zeros(len(middle), bool)) | covers(stretches, middle)
    counts = np.sum([*by_device.values(), np.zeros(len(middle), bool)], axis=0).astype(np.int32)
    is_loose = covers(loose, middle) & (counts > 0)
    covered = (counts >= asked.min_count) & ~is_loose
    left = ~covered & (counts == 0)
    offline = left & np.any([np.zeros(len(middle), bool), *(covers(v, middle) for v in lame)], axis=0)
    at_gate = (
        left & ~offline & np.any([np.zeros(len(middle), bool), *(covers(v, middle) for v in of.gates.values())], axis=0)
    )
    rest = left & ~offline & ~at_gate
    reasons: dict[Reason, Flags] = {
        "loose_joint": ~covered & is_loose,
        "too_few": ~covered & ~is_loose & (counts > 0),
        "offline": offline,
        "open_gate": at_gate,
        "too_far": rest if of.by_detector else np.zeros_like(rest),
        "none_near": np.zeros_like(rest) if of.by_detector else rest,
    }
    return _Pieces(of.line, edges, counts, covered, by_device, reasons)


def _loose_joints(line: Run, by_detector: Mapping[str, tuple[Stretch, ...]]) -> tuple[Stretch, ...]:
    """Where one detector takes over from another and they overlap by less than asked."""
    overlap_m = perimeter_values().rules.overlap_m
    found = []
    for device, stretches in by_detector.items():
        others = [s for name, parts in by_detector.items() if name != device for s in parts]
        for at, ahead in ((at, ahead) for stretch in stretches for at, ahead in zip(stretch, (-1, 1), strict=True)):
            on = at + ahead * _JUST_M
            if line.is_closed and not 0 < on < line.length_m:
                continue  # it goes on at the line's other end
            # those that take over; they should have begun before this one ends
            over = [at - s if ahead > 0 else e - at for s, e in others if s <= on <= e]
            if over and max(over) < overlap_m:
                found.append((max(0.0, at - overlap_m / 2), min(line.length_m, at + overlap_m / 2)))
    return joined(found)


def _place(named: tuple[str, Text], asked: Requirement, parts: Sequence[_Part], down: Collection[str]) -> PlaceResult:
    pieces = [_pieces(part, asked, down) for part in parts]
    lengths = np.concatenate([p.lengths_m for p in pieces])
    counts = np.concatenate([p.counts for p in pieces])
    covered = np.concatenate([p.covered for p in pieces])
    length_m = float(lengths.sum())
    most = asked.min_count + 2
    lost: dict[str, float] = {}
    for p in pieces:
        for device, flags in p.by_device.items():
            alone_m = float(p.lengths_m[p.covered & flags & (p.counts == asked.min_count)].sum())
            if alone_m > 0:
                lost[device] = lost.get(device, 0.0) + alone_m / length_m
    return PlaceResult(
        place_id=named[0],
        name=named[1],
        requirement=asked,
        storey=None,
        area_m2=0.0,
        needed=float(asked.min_count),
        unit="count",
        share_ratio=float(lengths[covered].sum() / length_m),
        by_count={k: float(lengths[np.minimum(counts, most) == k].sum() / length_m) for k in range(most + 1)},
        gaps=tuple(sorted((gap for p in pieces for gap in _gaps(p, parts)), key=lambda gap: -(gap.length_m or 0.0))),
        lost_without=lost,
        devices=tuple(dict.fromkeys(device for p in pieces for device, flags in p.by_device.items() if flags.any())),
        covered=covered,
        counts=counts,
        values=counts.astype(np.float32),
        length_m=length_m,
        line=shapely.union_all([of.line.piece(stretch) for of, wanted in parts for stretch in wanted]),
    )


def _gaps(pieces: _Pieces, parts: Sequence[_Part]) -> Iterator[Gap]:
    """The stretches that are not guarded, each with its reasons."""
    by_detector = next(of.by_detector for of, _ in parts if of.line is pieces.line)
    for start, end in joined(map(tuple, pieces.edges_m[~pieces.covered].tolist())):
        middle = pieces.edges_m.mean(axis=1)
        here = (middle > start) & (middle < end)
        length_m = float(pieces.lengths_m[here].sum())
        shares = {
            reason: float(pieces.lengths_m[here & flags].sum()) / length_m for reason, flags in pieces.reasons.items()
        }
        near = sorted(
            (min(max(s - end, start - e, 0.0) for s, e in stretches), device)
            for device, stretches in by_detector.items()
        )
        yield Gap(
            area=pieces.line.piece((start, end)),
            area_m2=0.0,
            storey=None,
            elevation_m=0.0,
            reasons=dict(sorted(((r, s) for r, s in shares.items() if s > 0), key=lambda item: -item[1])),
            nearest=tuple(device for _, device in near[:_NEAREST]),
            length_m=length_m,
        )
