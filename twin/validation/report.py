"""What all checks share: the site by id, where its objects stand in the files, and the list of faults."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Final

from twin.index import SiteIndex, build
from twin.model.base import Line, Point, Polygon, fill_template
from twin.model.buildings import OUTSIDE, Storey
from twin.model.devices import DeviceKind
from twin.model.site import Site
from twin.site_folder.issues import IssueList
from twin.site_folder.reading import Loaded
from twin.site_folder.writing import file_stem

_TABLE_FILES: Final = {
    "device": "devices.csv",
    "household": "households.csv",
    "staff": "staff.csv",
    "kind": "kinds.yaml",
    "camera model": "camera-models.yaml",
    "loudspeaker model": "loudspeaker-models.yaml",
    "access point model": "access-point-models.yaml",
    "luminaire model": "luminaire-models.yaml",
    "requirement": "requirements.yaml",
    "binding": "bindings.yaml",
    "rule": "rules.yaml",
}
SUGGESTIONS: Final = 500
_PLACEHOLDER = re.compile(r"\\\{nn?\\\}")


class Report:
    """The faults of one site as they are found, with all that tells where they are."""

    def __init__(self, site: Site, loaded: Loaded | None = None) -> None:
        self.site = site
        self.issues = IssueList()
        self._suggested = 0
        self._spaces_of: dict[int, frozenset[str]] = {}
        self._lines: Mapping[tuple[str, str], int] = {} if loaded is None else loaded.lines
        self._broken = frozenset() if loaded is None else loaded.broken_ids
        self._unread = frozenset() if loaded is None else loaded.unread

    @cached_property
    def index(self) -> SiteIndex:
        """Buildings, storeys, spaces and openings by id; without devices, whose kinds may be unknown."""
        return build(self.site.model_copy(update={"devices": ()}))

    @cached_property
    def kinds(self) -> dict[str, DeviceKind]:
        """Device kinds by id."""
        return {kind.id: kind for kind in self.site.kinds}

    @cached_property
    def _broken_templates(self) -> tuple[re.Pattern[str], ...]:
        wild = (_PLACEHOLDER.sub("-?[0-9]+", re.escape(i)) for i in self._broken if "{" in i)
        return tuple(re.compile(pattern) for pattern in wild)

    def is_known(self, object_id: str, known: Mapping[str, object] | frozenset[str], part: str) -> bool:
        """Whether an id may be pointed to: it is there, or it was left out for a fault that is reported already."""
        return (
            object_id in known
            or part in self._unread
            or object_id in self._broken
            or any(pattern.fullmatch(object_id) for pattern in self._broken_templates)
        )

    def is_unread(self, part: str) -> bool:
        """Whether a whole file of that part of the site could not be read."""
        return part in self._unread

    def is_space(self, object_id: str, *, or_outside: bool = False) -> bool:
        """Whether a space of that id stands on the ground."""
        return (or_outside and object_id == OUTSIDE) or self.is_known(object_id, self.index.spaces, "buildings")

    def all_known(self, template: str, storey: Storey) -> str | None:
        """The first space id of a template that is not there, on the numbers of a storey; none if all are."""
        here = self._spaces_of.get(id(storey))
        if here is None:
            here = self._spaces_of[id(storey)] = frozenset(space.id for space in storey.spaces)
        if template in here:
            return None
        filled = (fill_template(template, number) for number in storey.numbers)
        return next((space for space in filled if not self.is_space(space, or_outside=True)), None)

    def add(
        self,
        code: str,
        file: str,
        object_id: str,
        message: str,
        cure: str,
        *,
        others: Iterable[str] = (),
        shape: Polygon | Line | Point | None = None,
        line_key: str | None = None,
    ) -> None:
        """Note a fault of an object in a file; its line or feature id is found from its id."""
        line = self._lines.get((file, line_key or object_id))
        place = f"line {line}" if line is not None else (object_id if file.endswith(".geojson") else "")
        self.issues.add(code, file, message, cure, place=place, object_ids=(object_id, *others), shape=shape)

    def add_for(self, part: str, code: str, object_id: str, message: str, cure: str, *others: str) -> None:
        """Note a fault of a device, household, kind, binding, rule or the like."""
        self.add(code, _TABLE_FILES[part], object_id, message, cure, others=others)

    def unknown(self, what: str, wanted: str, known: Iterable[str]) -> tuple[str, str]:
        """Message and cure for an id that is not there."""
        self._suggested += 1  # beyond what is listed nobody reads it, and it costs a look at every id
        near = _nearest(wanted, known) if self._suggested <= SUGGESTIONS else None
        return (
            f"There is no {what} {wanted!r}.",
            f"Did you mean {near}?" if near else f"Add it, or name another {what}.",
        )


def _nearest(wanted: str, known: Iterable[str]) -> str | None:
    # difflib is slow on ten thousands of ids; the nearest one mostly begins alike
    start = wanted[:3]
    pool = [candidate for candidate in known if candidate[:3] == start][:3000]
    found = difflib.get_close_matches(wanted, pool, n=1, cutoff=0.6)
    return found[0] if found else None


def building_file(building_id: str) -> str:
    """The file of a building."""
    return f"buildings/{file_stem(building_id)}.geojson"


Check = Callable[[Report], None]
