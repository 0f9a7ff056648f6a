"""What the tables of a coverage report say, row by row, in words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from twin.coverage.cameras import Camera
from twin.coverage.check import CameraCoverage
from twin.coverage.kinds import KindAnswer
from twin.coverage.levels import editions, level_of
from twin.coverage.result import Gap, PlaceResult, Rule
from twin.coverage.watching import Successor, successors
from twin.index import SiteIndex
from twin.model.grounds import Requirement
from viewer.reports.plans import Numbers
from viewer.reports.words import Language, named, percent, word

_UNITS: Final = {"px_per_m": "px/m", "dbm": "dBm", "db": "dB"}
_LEAST_GAP_M2: Final = 0.5
"""Smaller gaps of places that meet their requirement are drawn and summed, not listed."""


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A requirement with how its places fare."""

    kind: str
    clauses: str
    name: str
    asked: str
    places: int
    met: int
    least_share: str

    @property
    def is_met(self) -> bool:
        """Whether all its places are."""
        return self.met == self.places


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place with what is covered of it."""

    id: str
    name: str
    where: str
    clauses: str
    asked: str
    extent: str
    share: str
    is_met: bool
    hangs_on: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class GapRow:
    """A gap with its reason."""

    number: int
    place: str
    where: str
    size: str
    reason: str
    mend: str
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class CameraRow:
    """A camera with what hangs on it."""

    number: int
    id: str
    name: str
    where: str
    model: str
    height_m: str
    looks: tuple[tuple[str, str], ...]
    is_down: bool
    fails: str


def unit_text(unit: str, language: Language) -> str:
    """A unit as it is written.

    Examples
    --------
    >>> unit_text("px_per_m", "en"), unit_text("count", "zh"), unit_text("lx", "en")
    ('px/m', '台', 'lx')
    """
    return word("unit_count", language) if unit == "count" else _UNITS.get(unit, unit)


def asked_text(place: PlaceResult, language: Language) -> str:
    """What is asked of a place."""
    requirement = place.requirement
    if requirement.kind == "camera":
        level = level_of(requirement)
        said = named(level.name, language, level.id)
        if requirement.level is not None:
            said += f" ≥ {level.density_px_per_m:g} px/m"
        said += word("by_count", language, count=requirement.min_count) if requirement.min_count > 1 else ""
        return said + (word("by_night", language) if requirement.by_night else "")
    if requirement.kind == "detection":
        return requirement.level or word("asked_spacing", language)
    if place.unit == "count":
        return word("asked_count", language, count=f"{place.needed:g}")
    return f"{'≤' if place.unit == 'm' else '≥'} {place.needed:g} {unit_text(place.unit, language)}"


def asked_rows(answers: Mapping[str, KindAnswer], language: Language) -> list[AskedRow]:
    """The requirements of all kinds, in their order."""
    rows = []
    for kind, answer in answers.items():
        by_requirement: dict[str, list[PlaceResult]] = {}
        for place in answer.places:
            by_requirement.setdefault(place.requirement.id, []).append(place)
        for places in by_requirement.values():
            requirement = places[0].requirement
            rows.append(
                AskedRow(
                    kind=word(f"kind_{kind}", language),
                    clauses=clauses_text(requirement),
                    name=named(requirement.name, language, requirement.id),
                    asked=asked_text(places[0], language),
                    places=len(places),
                    met=sum(place.is_met for place in places),
                    least_share=_share(min(places, key=lambda p: p.share_ratio), language),
                )
            )
    return rows


def clauses_text(requirement: Requirement) -> str:
    """The clauses a requirement comes from, with the edition of its level."""
    edition = f"IEC 62676-4:{requirement.edition}" if requirement.edition else ""
    return " · ".join(filter(None, (", ".join(requirement.clauses), edition)))


def _share(place: PlaceResult, language: Language) -> str:
    asked = percent(place.requirement.min_share_ratio)
    return word("of_share", language, share=percent(place.share_ratio), asked=asked)


def place_rows(
    places: Sequence[PlaceResult], answer: KindAnswer, index: SiteIndex, language: Language
) -> list[PlaceRow]:
    """The places with why they lack what they do, and what would mend it."""
    return [
        PlaceRow(
            id=place.place_id,
            name=named(place.name, language, place.place_id),
            where=floor_text(place.storey, index, language),
            clauses=clauses_text(place.requirement),
            asked=asked_text(place, language),
            extent=_extent(place),
            share=_share(place, language),
            is_met=place.is_met,
            hangs_on=", ".join(device_text(device, index, language) for device in place.depends_on),
            why="" if place.is_met else _why(place, language),
            mend="" if place.is_met else _mend(place, answer, index, language),
        )
        for place in places
    ]


def floor_text(storey: str | None, index: SiteIndex, language: Language) -> str:
    """A storey as people call it."""
    if storey is None or storey not in index.storeys:
        return word("grounds", language) if storey is None else storey
    placed = index.storeys[storey]
    building = named(placed.building.name, language, placed.building.id)
    return f"{building} {named(placed.name, language, str(placed.number))}"


def device_text(device_id: str, index: SiteIndex, language: Language) -> str:
    """A device as people call it."""
    return named(index.devices[device_id].name, language, device_id) if device_id in index.devices else device_id


def _extent(place: PlaceResult) -> str:
    return f"{place.area_m2:,.1f} m²" if place.length_m is None else f"{place.length_m:,.1f} m"


def _why(place: PlaceResult, language: Language) -> str:
    shares: dict[str, float] = {}
    for gap in place.gaps:
        size = gap.area_m2 if gap.length_m is None else gap.length_m
        for reason, share in gap.reasons.items():
            shares[reason] = shares.get(reason, 0.0) + share * size
    whole = sum(shares.values()) or 1.0
    told = [
        f"{word(f'reason_{reason}', language)} {share / whole:.0%}"
        for reason, share in sorted(shares.items(), key=lambda item: -item[1])
        if share / whole >= 0.01
    ]
    told += [_broken(rule, language) for rule in place.rules if rule.is_binding and not rule.is_met]
    return ("；" if language == "zh" else "; ").join(told)


def _broken(rule: Rule, language: Language) -> str:
    unit = unit_text(rule.unit, language)
    needed, reached = f"{rule.needed:g}", f"{rule.reached:.3g}"
    return word("rule_not_met", language, code=rule.code, needed=needed, reached=reached, unit=unit, source=rule.source)


def _mend(place: PlaceResult, answer: KindAnswer, index: SiteIndex, language: Language) -> str:
    told = []
    if isinstance(answer, CameraCoverage):
        told = [
            _turned(found, index, language)
            for found in successors(answer, place.place_id, place.requirement.id, most=2)
        ]
    if not told and place.gaps:
        told = [mend_text(place.gaps[0], place.requirement.kind, language)]
    return ("；" if language == "zh" else "; ").join(told)


def mend_text(gap: Gap, kind: str, language: Language) -> str:
    """What would mend a gap; only cameras have a picture to turn and a lens to change."""
    of_cameras = {"occluded", "too_far", "outside_field", "dead_zone", "too_steep", "none_near"}
    key = "nearer" if kind != "camera" and gap.reason in of_cameras else gap.reason
    return word(f"mend_{key}", language)


def _turned(found: Successor, index: SiteIndex, language: Language) -> str:
    zoom = word("zoomed", language, ratio=f"{found.zoom_ratio:g}") if found.zoom_ratio > 1 else ""
    return word(
        "turn", language, device=device_text(found.device, index, language), bearing=f"{found.bearing_deg:.0f}",
        tilt=f"{found.tilt_deg:.0f}", zoom=zoom, share=percent(found.share_ratio),
    )  # fmt: skip


def numbered(answer: KindAnswer, devices: Sequence[str], alike: Mapping[str | None, object]) -> Numbers:
    """Numbers of devices in the site's order, and of the gaps worth a row: those of places that lack come first.

    Parameters
    ----------
    alike : how each floor looks; the same gap of floors that look alike has one number
    """
    keys: dict[int, object] = {}
    on_floor: dict[str | None, int] = {}
    for place in answer.places:
        for gap in place.gaps:
            order = on_floor[place.storey] = on_floor.get(place.storey, -1) + 1
            keys[id(gap)] = (alike[place.storey], order)
    listed = [gap for place in answer.places if not place.is_met for gap in place.gaps]
    listed += [gap for place in answer.places if place.is_met for gap in place.gaps if is_listed(gap)]
    found: dict[object, int] = {}
    gaps = {id(gap): found.setdefault(keys[id(gap)], len(found) + 1) for gap in listed}
    return Numbers({name: k for k, name in enumerate(devices, 1)}, gaps)


def is_listed(gap: Gap) -> bool:
    """Whether a gap of a place that meets its requirement is worth a row."""
    return gap.length_m is not None or gap.area_m2 >= _LEAST_GAP_M2


def gap_rows(answer: KindAnswer, numbers: Numbers, index: SiteIndex, language: Language) -> list[GapRow]:
    """The gaps with a number."""
    rows: dict[int, GapRow] = {}
    times: Counter[int] = Counter()
    for place in answer.places:
        for gap in place.gaps:
            number = numbers.gaps.get(id(gap))
            if number is None:
                continue
            times[number] += 1
            if number not in rows:
                rows[number] = GapRow(
                    number=number,
                    place=named(place.name, language, place.place_id),
                    where=floor_text(place.storey, index, language),
                    size=gap_size(gap, language),
                    reason=gap_reason(gap, index, language),
                    mend=mend_text(gap, place.requirement.kind, language),
                    is_allowed=place.is_met,
                )
    return [
        replace(rows[number], where=_and_more(rows[number].where, times[number], language)) for number in sorted(rows)
    ]


def _and_more(where: str, times: int, language: Language) -> str:
    return where if times == 1 else f"{where}{word('and_more', language, count=times - 1)}"


def alike_rows(rows: Sequence[PlaceRow], language: Language) -> list[PlaceRow]:
    """Rows that say the same of places of one name, drawn together."""
    groups: dict[tuple[str, ...], list[PlaceRow]] = {}
    for row in rows:
        groups.setdefault((row.name, row.asked, row.share, row.why, row.mend), []).append(row)
    return [replace(found[0], where=_and_more(found[0].where, len(found), language)) for found in groups.values()]


def gap_size(gap: Gap, language: Language) -> str:
    """How large a gap is."""
    if gap.length_m is not None:
        return word("gap_size_length", language, length=f"{gap.length_m:.1f}")
    return word("gap_size_area", language, area=f"{gap.area_m2:.1f}")


def gap_reason(gap: Gap, index: SiteIndex, language: Language) -> str:
    """Why a gap is one, the most first."""
    told = []
    for reason, share in gap.reasons.items():
        if share >= 0.05 or reason == gap.reason:
            said = word(f"reason_{reason}", language) + (f" {share:.0%}" if share < 0.995 else "")
            if reason == "occluded" and gap.hidden_by:
                said += f" ({word('behind', language, what=_hiding(gap, index, language))})"
            told.append(said)
    return ("；" if language == "zh" else "; ").join(told)


def _hiding(gap: Gap, index: SiteIndex, language: Language) -> str:
    """What hides, without the ids that nobody calls it by."""
    told = []
    for kind, owner in gap.hidden_by[:2]:
        name = index.buildings[owner].name if owner in index.buildings else None
        called = named(name, language, owner) if name is not None else owner
        told.append(f"{word(f'hides_{kind}', language)} {called}".strip())
    return ", ".join(told)


def camera_rows(
    answer: CameraCoverage, numbers: Numbers, floors: Mapping[str, str | None], language: Language
) -> list[CameraRow]:
    """The cameras with how they hang and what is lost without them."""
    index = answer.of.index
    rows = []
    for camera in answer.cameras:
        floor = floors.get(camera.id)
        z_m = camera.eyes[0].pose.position_m[2]
        base_m = index.storeys[floor].elevation_m if floor in index.storeys else 0.0
        rows.append(
            CameraRow(
                number=numbers.devices[camera.id],
                id=camera.id,
                name=named(camera.device.name, language, camera.id),
                where=floor_text(floor, index, language),
                model=camera.model.id,
                height_m=f"{z_m - base_m:.1f}",
                looks=tuple((f"{e.pose.bearing_deg:.0f}", f"{e.pose.tilt_deg:.0f}") for e in camera.eyes),
                is_down=camera.id in answer.offline,
                fails=_fails(camera, answer, language),
            )
        )
    return rows


def _fails(camera: Camera, answer: CameraCoverage, language: Language) -> str:
    needed = [named(p.name, language, p.place_id) for p in answer.places if camera.id in p.depends_on]
    if needed:
        return word("loses", language, places=("、" if language == "zh" else ", ").join(needed))
    lost = [(p.lost_without[camera.id], p) for p in answer.places if camera.id in p.lost_without]
    if not lost:
        serves = any(camera.id in place.devices for place in answer.places)
        return word("loses_none" if serves else "serves_none", language)
    share, place = max(lost, key=lambda found: found[0])
    name = named(place.name, language, place.place_id)
    return word("loses_some", language, share=f"{share:.1%}", place=name)


def source_rows(answers: Mapping[str, KindAnswer], language: Language) -> list[tuple[str, str, str]]:
    """What values were asked for, where they come from and how certain they are."""
    rows: dict[tuple[str, str, str], None] = {}
    for answer in answers.values():
        for place in answer.places:
            requirement = place.requirement
            if requirement.kind == "camera":
                level = level_of(requirement)
                source = editions()[requirement.edition].source if requirement.edition else requirement.id
                said = f"{named(level.name, language, level.id)} {level.density_px_per_m:g} px/m"
                rows[said, source, word(f"certainty_{level.certainty}", language)] = None
            for rule in place.rules:
                if rule.source:
                    said = f"{rule.code} {rule.needed:g} {unit_text(rule.unit, language)}"
                    rows[said, rule.source, word(f"certainty_{rule.certainty}", language)] = None
    return list(rows)
