"""What is wrong with a site folder: one `SiteIssue` per fault, collected rather than raised."""

from collections import Counter
from collections.abc import Iterable

from twin.model.base import Line, Model, Point, Polygon

MOST_PER_CODE = 200
"""Of one sort of fault in one file so many are listed; a wrong column in a long table must not bury the rest."""


WHOLE_FILE = frozenset({
    "binary-file", "duplicate-column", "empty-file", "file-too-big", "folder-too-big", "leaves-folder", "missing-file",
    "not-a-file", "not-a-map", "not-csv", "not-geojson", "not-json", "not-utf8", "not-yaml", "too-deep",
    "too-many-columns", "too-many-features", "too-many-files", "too-many-rows", "too-many-values", "unreadable",
    "yaml-alias", "yaml-tag",
})  # fmt: skip
"""Codes of faults that leave all, or an unknown part, of a file unread."""


class SiteIssue(Model):
    """One fault of a site folder.

    Attributes
    ----------
    code : str
        What sort of fault it is; stable, for machines and for tests.
    file : str
        Path in the site folder, with ``/``; ``.`` is the folder itself.
    place : str
        ``line 12`` in YAML, CSV and INP, the feature id in GeoJSON; empty for the whole file.
    object_ids : tuple of str
        The objects it is about, the first being the one to mend.
    message, cure : str
        What is wrong, and how to mend it.
    shape : Polygon, Line or Point, optional
        Where it is, for showing it on a map.
    """

    code: str
    file: str
    place: str = ""
    object_ids: tuple[str, ...] = ()
    message: str
    cure: str
    shape: Polygon | Line | Point | None = None

    def __str__(self) -> str:
        """One line for a log or an exception."""
        where = f"{self.file}, {self.place}" if self.place else self.file
        return f"{where}: {self.message} {self.cure} [{self.code}]"


class IssueList:
    """Faults as they are found, at most `MOST_PER_CODE` of one sort in one file."""

    def __init__(self) -> None:
        self._issues: list[SiteIssue] = []
        self._counts: Counter[tuple[str, str]] = Counter()

    def __len__(self) -> int:
        return sum(self._counts.values())

    def add(
        self,
        code: str,
        file: str,
        message: str,
        cure: str,
        *,
        place: str = "",
        object_ids: Iterable[str] = (),
        shape: Polygon | Line | Point | None = None,
    ) -> None:
        """Note one fault."""
        self._counts[file, code] += 1
        if self._counts[file, code] <= MOST_PER_CODE:
            ids = tuple(object_ids)
            self._issues.append(
                SiteIssue(code=code, file=file, place=place, object_ids=ids, message=message, cure=cure, shape=shape)
            )

    def whole_file_faults(self, file: str) -> int:
        """How many faults were noted by which all, or an unknown part, of a file stayed unread."""
        return sum(count for (name, code), count in self._counts.items() if name == file and code in WHOLE_FILE)

    def all(self) -> tuple[SiteIssue, ...]:
        """Every fault noted, and a line for those that were too many to list."""
        more = [
            SiteIssue(
                code=code,
                file=file,
                message=f"{count - MOST_PER_CODE} more faults of the sort {code} are in this file.",
                cure="Mend those listed and check again; they often have one cause.",
            )
            for (file, code), count in self._counts.items()
            if count > MOST_PER_CODE
        ]
        return (*self._issues, *more)
