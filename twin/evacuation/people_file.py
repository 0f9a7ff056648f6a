"""People per space from a table, as somebody counted or assumes them."""

import csv
import math
from collections.abc import Collection
from pathlib import Path

from twin.errors import EvacuationError

_COLUMNS = ("space", "persons")


def read_people(path: Path, spaces: Collection[str]) -> dict[str, float]:
    """Persons by space from a CSV file with the columns ``space`` and ``persons``.

    Raises
    ------
    EvacuationError
        If a column is missing, a number is none, or a space is not on the site; with the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EvacuationError(f"{path} cannot be read: {error}") from error
    rows = csv.DictReader(text.splitlines())
    missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise EvacuationError(f"{path} has no column {' and '.join(missing)}; its first line is to be: space,persons")
    found: dict[str, float] = {}
    for row in rows:
        space, told = (row["space"] or "").strip(), (row["persons"] or "").strip()
        if space not in spaces:
            raise EvacuationError(f"{path}, line {rows.line_num}: there is no space {space!r} on the site")
        try:
            many = float(told)
        except ValueError:
            many = math.nan
        if not 0 <= many < math.inf:
            raise EvacuationError(f"{path}, line {rows.line_num}: persons are to be a number from 0 on, not {told!r}")
        found[space] = found.get(space, 0.0) + many
    return found
