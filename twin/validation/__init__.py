"""Every fault of a site at once: what its files cannot say, and what they say that cannot be.

`check_folder` reads a folder and checks it; `check` checks a site that is already there. Faults are `SiteIssue`,
with stable codes; nothing here raises for what a site contains.
"""

from pathlib import Path
from typing import Final

from twin.model.site import Site
from twin.site_folder import Loaded, SiteIssue, load
from twin.validation.bindings import check_bindings, check_rules
from twin.validation.buildings import check_buildings
from twin.validation.cameras import check_cameras
from twin.validation.devices import check_devices, check_registers
from twin.validation.grounds import check_grounds, check_site
from twin.validation.ids import check_ids
from twin.validation.networks import check_networks, run_networks
from twin.validation.report import Check, Report

CHECKS: Final[tuple[Check, ...]] = (
    check_site, check_ids, check_buildings, check_grounds, check_devices, check_cameras, check_registers,
    check_networks, check_bindings, check_rules,
)  # fmt: skip


def check(site: Site, loaded: Loaded | None = None, *, deep: bool = False) -> tuple[SiteIssue, ...]:
    """Every fault of meaning in a site.

    Parameters
    ----------
    site : the site.
    loaded : how it was read, if it was: gives the faults their lines, and silences those that only follow from what
        could not be read.
    deep : also run every network in EPANET over its duration, and tell what it warns of.

    Examples
    --------
    >>> from twin.model.base import Text
    >>> from twin.model.site import Origin
    >>> site = Site(id="a", name=Text(en="A"), origin=Origin(lon_deg=121, lat_deg=31), time_zone="Asia/Shanghay")
    >>> [issue.code for issue in check(site)]
    ['unknown-time-zone']
    """
    report = Report(site, loaded)
    for run in CHECKS:
        run(report)
    if deep:
        run_networks(report)
    return report.issues.all()


def check_folder(folder: Path, *, deep: bool = False) -> tuple[Loaded, tuple[SiteIssue, ...]]:
    """What could be read of a folder, and every fault of it: of its files and of what they mean."""
    loaded = load(folder)
    meaning = () if loaded.readable is None else check(loaded.readable, loaded, deep=deep)
    return loaded, (*loaded.issues, *meaning)


__all__ = ["CHECKS", "check", "check_folder"]
