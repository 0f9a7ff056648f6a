"""What the tables of a coverage report say, row by row, in words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from twin.coverage.check import CameraCoverage
from twin.coverage.kinds import KindAnswer
from twin.coverage.levels import level_of
from twin.coverage.result import Gap, PlaceResult
from twin.coverage.watching import Successor, successors
from twin.index import SiteIndex
from twin.model.grounds import Requirement
from viewer.reports.alike import by_floor, is_listed, is_long, storeys_text
from viewer.reports.key import unit_text
from viewer.reports.plans import Numbers
from viewer.reports.rules import broken_text
from viewer.reports.words import Language, named, percent, word

Effort = Literal["repair", "turn", "add"]
"""What it takes to mend a place, from least to most."""
_REPAIRED: Final = {"offline", "switched_off"}


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
    """A place with what is covered of it.

    Attributes
    ----------
    effort : what its mending takes; `lacks` : m2 or m that are not covered, of all `times` places alike
    """

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
    effort: Effort = "add"
    lacks: float = 0.0
    times: int = 1


@dataclass(frozen=True, slots=True)
class RoomRow:
    """All places of one name, where a kind has too many to list each."""

    name: str
    asked: str
    places: int
    met: int
    least_share: str
    lacking_on: str

    @property
    def is_met(self) -> bool:
        """Whether all of them are."""
        return self.met == self.places


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
    rows = []
    for place in places:
        mend, effort = _mend(place, answer, index, language)
        rows.append(
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
                mend=mend,
                effort=effort,
                lacks=sum(_size(gap) for gap in place.gaps),
            )
        )
    return rows


def room_rows(answer: KindAnswer, index: SiteIndex, language: Language) -> list[RoomRow]:
    """Places of one name drawn together, those first of which most lack what is required."""
    groups: dict[tuple[str, str], list[PlaceResult]] = {}
    for place in answer.places:
        called = named(place.name, language, place.place_id)
        groups.setdefault((called, asked_text(place, language)), []).append(place)
    rows = [
        RoomRow(
            name=name,
            asked=asked,
            places=len(found),
            met=sum(place.is_met for place in found),
            least_share=_share(min(found, key=lambda p: p.share_ratio), language),
            lacking_on=storeys_text([place.storey for place in found if not place.is_met], index, language),
        )
        for (name, asked), found in groups.items()
    ]
    return sorted(rows, key=lambda row: row.met - row.places)


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
        size = _size(gap)
        for reason, share in gap.reasons.items():
            shares[reason] = shares.get(reason, 0.0) + share * size
    whole = sum(shares.values()) or 1.0
    told = [
        f"{word(f'reason_{reason}', language)} {share / whole:.0%}"
        for reason, share in sorted(shares.items(), key=lambda item: -item[1])
        if share / whole >= 0.01
    ]
    told += [broken_text(rule, language) for rule in place.rules if rule.is_binding and not rule.is_met]
    return ("；" if language == "zh" else "; ").join(told)


def _size(gap: Gap) -> float:
    return gap.area_m2 if gap.length_m is None else gap.length_m


def _mend(place: PlaceResult, answer: KindAnswer, index: SiteIndex, language: Language) -> tuple[str, Effort]:
    if place.is_met:
        return "", "add"
    if place.gaps and place.gaps[0].reason in _REPAIRED:
        down = dict.fromkeys(device for gap in place.gaps for device in gap.nearest if device in answer.offline)
        if down:
            called = ("、" if language == "zh" else ", ").join(device_text(d, index, language) for d in down)
            return word("repair", language, devices=called), "repair"
        return mend_text(place.gaps[0], place.requirement.kind, language), "repair"
    if isinstance(answer, CameraCoverage):
        found = successors(answer, place.place_id, place.requirement.id, most=2)
        if found:
            join = "；或" if language == "zh" else "; or "
            return join.join(_turned(one, index, language) for one in found), "turn"
    if place.gaps:
        return mend_text(place.gaps[0], place.requirement.kind, language), "add"
    return word("mend_rule", language), "add"


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
    many = is_long(answer)
    for floor, places in by_floor(answer).items():
        for row, place in enumerate(places):
            told = [gap for gap in place.gaps if is_listed(gap, place, among_many=many)]
            keys |= {id(gap): (alike[floor], row, order) for order, gap in enumerate(told)}
    listed = [gap for is_met in (False, True) for p in answer.places if p.is_met is is_met for gap in p.gaps]
    found: dict[object, int] = {}
    gaps = {id(gap): found.setdefault(keys[id(gap)], len(found) + 1) for gap in listed if id(gap) in keys}
    return Numbers({name: k for k, name in enumerate(devices, 1)}, gaps)


def gap_rows(answer: KindAnswer, numbers: Numbers, index: SiteIndex, language: Language) -> list[GapRow]:
    """The gaps with a number; of those that storeys alike share the largest is told."""
    rows: dict[int, GapRow] = {}
    times: Counter[int] = Counter()
    largest: dict[int, float] = {}
    for place in answer.places:
        for gap in place.gaps:
            number = numbers.gaps.get(id(gap))
            if number is None:
                continue
            times[number] += 1
            largest[number] = max(_size(gap), before := largest.get(number, -1.0))
            if _size(gap) > before:
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
    return [
        replace(
            found[0],
            where=_and_more(found[0].where, len(found), language),
            lacks=sum(row.lacks for row in found),
            times=len(found),
        )
        for found in groups.values()
    ]


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
    """What hides, by the names that people know; ids stand in the workbook."""
    told = []
    for kind, owner in gap.hidden_by[:2]:
        called = ""
        if owner in index.buildings:
            called = named(index.buildings[owner].name, language, "")
        elif owner in index.devices:
            called = device_text(owner, index, language)
        elif owner in index.storeys and owner != gap.storey:
            called = floor_text(owner, index, language)
        elif kind == "vehicle":
            called = owner
        told.append(f"{word(f'hides_{kind}', language)} {called}".strip())
    return ", ".join(dict.fromkeys(told))
