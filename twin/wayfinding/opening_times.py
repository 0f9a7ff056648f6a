"""Which doors and gates are past their hours when somebody goes, by the site's own clock."""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from twin.index import SiteIndex
from twin.model.hours import read_hours
from twin.wayfinding.profiles import Profile


def hours_of(index: SiteIndex) -> Mapping[str, str]:
    """Opening hours by id of the doors and gates that have any."""
    found = {o.id: o.template.hours for o in index.openings.values() if o.template.hours is not None}
    return found | {f.id: f.hours for f in index.site.grounds if f.hours is not None}


def at_time(index: SiteIndex, profile: Profile, when: dt.datetime) -> Profile:
    """Who goes, going at a moment: what is shut then takes them a technical key.

    Parameters
    ----------
    when : a moment with its zone; without one it is by the site's clock
    """
    if not (hours := hours_of(index)):
        return profile
    zone = ZoneInfo(index.site.time_zone)
    local = when.astimezone(zone) if when.tzinfo is not None else when.replace(tzinfo=zone)
    return profile.replace(
        after_hours=frozenset(name for name, said in hours.items() if not read_hours(said).is_open(local))
    )
