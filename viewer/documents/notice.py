"""The notice of a shut-down to the residents it concerns: one page in both languages, ready to print."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from twin.leaks.result import Words
from twin.leaks.words import building_name, space_name
from twin.model.networks import NetworkKind
from twin.model.registers import StaffMember
from twin.pipes.result import IsolationPlan
from twin.pipes.served import ServedNetwork

_WEEKDAYS_ZH: Final = "一二三四五六日"
_MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                  "November", "December")  # fmt: skip
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SERVICE: Final[dict[NetworkKind, Words]] = {
    "domestic_water": Words(zh="停水", en="Water shut-down"),
    "fire_main": Words(zh="消防给水停用", en="Fire main out of service"),
    "heating": Words(zh="停暖", en="Heating shut-down"),
    "gas": Words(zh="停气", en="Gas shut-down"),
}
_CONTACT_ROLES: Final = ("dispatcher", "duty", "manager")
"""Whom residents call, the first there is."""


@dataclass(frozen=True, slots=True)
class Affected:
    """A building with its flats and shops that the notice speaks to."""

    building: Words
    homes: tuple[Words, ...]


@cache
def _template() -> Template:
    loader = PackageLoader("viewer", "documents/templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("shutdown_notice.html")


def shutdown_notice(network: ServedNetwork, plan: IsolationPlan, *, start: dt.datetime) -> str:
    """The notice as an HTML page that needs nothing else; whatever it quotes is escaped.

    Parameters
    ----------
    plan : whose hours it states
    start : of the shut-down; it is printed in the site's time zone
    """
    site = network.index.site
    zone = ZoneInfo(site.time_zone)
    first, last = start.astimezone(zone), (start + dt.timedelta(hours=plan.hours)).astimezone(zone)
    kind = network.site_network.kind
    low = [low.space for low in plan.low_pressure]
    return _template().render(
        site=_words(site.name.zh, site.name.en, site.id),
        kind=kind,
        service=_SERVICE.get(kind, Words(zh="管网停用", en="Pipes out of service")),
        first=_moment(first),
        last=_moment(last),
        time_zone=site.time_zone,
        affected=_affected(network, plan.without_water.flats),
        low=_affected(network, low),
        later=_affected(network, [later.space for later in plan.later]),
        later_after_h=round(min((later.after_s for later in plan.later), default=0.0) / 3600),
        critical=[place.name for place in plan.without_water.critical],
        hydrants=len(plan.without_water.hydrants),
        contact=_contact(site.staff),
    )


def _words(zh: str, en: str, otherwise: str) -> Words:
    return Words(zh=zh or en or otherwise, en=en or zh or otherwise)


def _moment(at: dt.datetime) -> Words:
    """A local moment in words: strftime would use the server's language.

    Examples
    --------
    >>> _moment(dt.datetime(2026, 11, 23, 9, 5, tzinfo=dt.UTC))
    Words(zh='2026年11月23日（周一）09:05', en='Monday 23 November 2026, 09:05')
    """
    clock = f"{at.hour:02d}:{at.minute:02d}"
    return Words(
        zh=f"{at.year}年{at.month}月{at.day}日（周{_WEEKDAYS_ZH[at.weekday()]}）{clock}",
        en=f"{_WEEKDAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at.year}, {clock}",
    )


def _affected(network: ServedNetwork, homes: Iterable[str]) -> tuple[Affected, ...]:
    index = network.index
    by_building: dict[str, list[str]] = {}
    for home in homes:
        by_building.setdefault(index.spaces[home].storey.building.id, []).append(home)
    return tuple(
        Affected(building_name(index, building), tuple(_number(network, home) for home in found))
        for building, found in by_building.items()
    )


def _number(network: ServedNetwork, home: str) -> Words:
    placed = network.index.spaces[home]
    if not (placed.name.zh or placed.name.en):
        return space_name(network.index, home)
    return _words(placed.name.zh, placed.name.en, home)


def _contact(staff: Iterable[StaffMember]) -> str:
    """The telephone of the first role that has one; never a person's name, since it hangs in the stairway."""
    reachable = [s for s in staff if s.phone]
    for role in _CONTACT_ROLES:
        for member in reachable:
            if member.role == role:
                return member.phone
    return ""
