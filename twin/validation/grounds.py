"""The site itself, its grounds, zones and requirements."""

import zoneinfo
from typing import Final, get_args

import numpy as np
import shapely

from geometry.frames import FrameError, SiteFrame
from geometry.units import CONVERSIONS, UNITS
from twin.coverage.misasked import misasked
from twin.coverage.places import zones_outside
from twin.coverage.walking_values import walk_class, walk_kinds
from twin.errors import UnknownClassError, UnreachableLengthError
from twin.index import as_drawn
from twin.model.base import Line, Polygon
from twin.model.buildings import SpaceUse
from twin.model.grounds import GroundFeature, Requirement
from twin.site_folder.reading import SITE_FILE
from twin.validation.buildings import is_far
from twin.validation.report import Report
from twin.validation.storeys import check_polygon

KNOWN_UNITS: Final = frozenset(UNITS) | {source for source, _ in CONVERSIONS}
BOUNDARY_M: Final = 2.0
"""So far beyond the boundary a thing may stand: on the fence, or on the pavement before the gate."""


def check_site(report: Report) -> None:
    """The head of the site: time zone, languages, origin."""
    site = report.site
    if report.is_unread("site"):
        return
    try:
        zoneinfo.ZoneInfo(site.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        message = f"time_zone {site.time_zone[:60]!r} is not known."
        cure = "Use a name of the IANA data base such as Asia/Shanghai."
        report.add("unknown-time-zone", SITE_FILE, site.id, message, cure, line_key="time_zone")
    if not site.languages or len(set(site.languages)) < len(site.languages):
        message = f"languages is {list(site.languages)}."
        report.add(
            "bad-languages", SITE_FILE, site.id, message, "Name each language once: [zh, en].", line_key="languages"
        )
    try:
        frame = SiteFrame(site.origin.lon_deg, site.origin.lat_deg, site.origin.height_m, site.origin.epsg)
        frame.to_lonlat([(0.0, 0.0)])
    except FrameError as error:
        report.add("bad-origin", SITE_FILE, site.id, f"origin: {error}.", "Correct origin.", line_key="origin")


def check_grounds(report: Report) -> None:
    """Shapes of the grounds and zones, and what zones ask for."""
    file = "grounds.geojson"
    for feature in report.site.grounds:
        points = _points(feature)
        if is_far(report, file, feature.id, points):
            continue
        if isinstance(feature.geometry, Polygon):
            check_polygon(report, file, feature.id, feature.geometry, f"The {feature.use}'s outline")
        elif isinstance(feature.geometry, Line) and not np.ptp(points, axis=0).any():
            message = f"The {feature.use}'s line has no length."
            report.add("no-length", file, feature.id, message, "Draw it anew.", shape=feature.geometry)
    _check_zones(report)
    _check_requirements(report)


def _points(feature: GroundFeature) -> np.ndarray:
    geometry = feature.geometry
    if isinstance(geometry, Polygon):
        return np.array(geometry.outer)
    return np.array(geometry.points if isinstance(geometry, Line) else [geometry])


def boundary(report: Report) -> shapely.Geometry | None:
    """The area of the site, with some tolerance; none if no usable boundary is drawn."""
    drawn = [g.geometry for g in report.site.grounds if g.use == "site_boundary"]
    shapes = [as_drawn(g) for g in drawn if isinstance(g, Polygon)]
    usable = [shape for shape in shapes if shape.is_valid and shape.area > 0]
    if not usable or len(usable) < len(shapes):
        return None
    area = shapely.buffer(shapely.union_all(usable), BOUNDARY_M)
    shapely.prepare(area)
    return area


def _check_zones(report: Report) -> None:
    file = "zones.geojson"
    required = frozenset(requirement.id for requirement in report.site.requirements)
    area = boundary(report)
    for zone in report.site.zones:
        if not report.is_known(zone.requirement, required, "requirements"):
            message, cure = report.unknown("requirement", zone.requirement, required)
            report.add("unknown-requirement", file, zone.id, message, cure, others=[zone.requirement])
        if zone.storey is not None and not report.is_known(zone.storey, report.index.storeys, "buildings"):
            message, cure = report.unknown("storey", zone.storey, report.index.storeys)
            report.add("unknown-storey", file, zone.id, message, cure, others=[zone.storey])
        if is_far(report, file, zone.id, np.array(zone.polygon.outer)):
            continue
        shape = check_polygon(report, file, zone.id, zone.polygon, "The zone's outline")
        if shape is not None and area is not None and not shapely.intersects(area, shape):
            message = "The zone lies outside of the site's boundary."
            report.add("outside-site", file, zone.id, message, "Move it, or the boundary.", shape=zone.polygon)

    told = {issue.object_ids[0] for issue in report.issues.all() if issue.file == file and issue.object_ids}
    for problem in zones_outside(report.index, frozenset(r.kind for r in report.site.requirements)):
        if problem.object_id not in told:
            message, _, cure = problem.message.partition("; ")
            report.add(problem.code, file, problem.object_id, f"{message}.", f"{cure[0].upper()}{cure[1:]}.")


def _check_requirements(report: Report) -> None:
    uses = frozenset(get_args(SpaceUse))
    for requirement in report.site.requirements:
        for use in requirement.space_uses:
            if use not in uses:
                message, cure = report.unknown("use of spaces", use, uses)
                report.add_for("requirement", "unknown-word", requirement.id, message, cure)
        if requirement.unit is not None and requirement.unit not in KNOWN_UNITS:
            message, cure = report.unknown("unit", requirement.unit, KNOWN_UNITS)
            report.add_for("requirement", "unknown-unit", requirement.id, message, cure)
        if requirement.kind == "camera" and (requirement.level is None) != (requirement.edition is None):
            message = "level and edition of IEC 62676-4 go together; one is missing."
            report.add_for(
                "requirement", "broken-rule", requirement.id, message, 'Add the other, such as edition: "2015".'
            )
        if requirement.kind in walk_kinds():
            _check_class(report, requirement)
    if not (report.is_unread("zones") or report.is_unread("buildings")):
        for one in misasked(report.index):
            report.add_for(
                "requirement", one.code, one.requirement, f"{one.fault[0].upper()}{one.fault[1:]}.", one.cure
            )


def _check_class(report: Report, requirement: Requirement) -> None:
    """Of what is walked to, that its class is one of its kind and its length one."""
    try:
        walk_class(requirement, in_the_open=False)
    except UnknownClassError as error:
        message, cure = report.unknown("level", error.wanted, error.known)
        report.add_for("requirement", "unknown-level", requirement.id, message, cure)
    except UnreachableLengthError as error:
        report.add_for("requirement", "broken-rule", requirement.id, f"{error}.", "Give min_value in m, above 0.")
