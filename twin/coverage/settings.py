"""Values of standards and models that coverage is judged by: data with source and certainty, a site's own first."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import yaml

from twin.coverage.levels import Certainty
from twin.coverage.result import Problem
from twin.errors import CoverageError
from twin.model.base import Model
from twin.model.site import Site

FILES: Final = ("camera", "detection", "sound", "wifi", "lighting")
"""Documents of `values/`, each a list `values` of single ones and a list `rows` of those that belong together."""
_ROW_KEYS: Final = frozenset({"id", "source", "clause", "certainty"})


class Value(Model):
    """A value and where it is from.

    The certainty is that of the source: stated there as read, recalled and not verified, or chosen by us.
    """

    id: str
    value: float
    unit: str = ""
    source: str
    clause: str = ""
    certainty: Certainty

    @property
    def where(self) -> str:
        """Standard and clause."""
        return f"{self.source} {self.clause}".strip()


@dataclass(frozen=True, slots=True)
class Settings:
    """All values by id; those of a row are called ``row.column``."""

    values: Mapping[str, Value]

    def __getitem__(self, value_id: str) -> float:
        return self.of(value_id).value

    def of(self, value_id: str) -> Value:
        """A value with its source.

        Raises
        ------
        CoverageError
            If there is none of that id.
        """
        try:
            return self.values[value_id]
        except KeyError:
            raise CoverageError(f"no value {value_id!r} is known{_nearest(value_id, self.values)}") from None

    def rows(self, prefix: str) -> Iterator[str]:
        """Ids of the rows that begin so, in their order."""
        seen = dict.fromkeys(name.rsplit(".", 1)[0] for name in self.values if name.startswith(prefix))
        yield from seen

    def row(self, row_id: str) -> dict[str, float]:
        """The columns of a row."""
        start = f"{row_id}."
        return {name[len(start) :]: v.value for name, v in self.values.items() if name.startswith(start)}

    def find(self, value_id: str, otherwise: str) -> float:
        """A value, or another where there is none of that id."""
        return (self.values.get(value_id) or self.of(otherwise)).value


@cache
def product_values() -> Mapping[str, Value]:
    """The values that come with the product, by id."""
    found: dict[str, Value] = {}
    for name in FILES:
        made = yaml.safe_load(files("twin.coverage").joinpath(f"values/{name}.yaml").read_text(encoding="utf-8"))
        for item in made["values"]:
            found[item["id"]] = Value(**item)
        for row in made.get("rows", ()):
            head = {key: row[key] for key in _ROW_KEYS if key in row and key != "id"}
            for column, value in row.items():
                if column not in _ROW_KEYS:
                    found[f"{row['id']}.{column}"] = Value(id=f"{row['id']}.{column}", value=value, **head)
    return MappingProxyType(found)


def settings(site: Site) -> tuple[Settings, tuple[Problem, ...]]:
    """The values a site is judged by, and those of its own that nobody asks for.

    Examples
    --------
    >>> from twin.model.base import Text
    >>> from twin.model.radiators import CoverageValue
    >>> from twin.model.site import Origin
    >>> own = CoverageValue(id="sound.farthest_m", value=20, source="fire officer, 2026")
    >>> site = Site(id="s", name=Text(), origin=Origin(lon_deg=0, lat_deg=0), coverage_values=(own,))
    >>> settings(site)[0]["sound.farthest_m"], settings(site)[1]
    (20.0, ())
    """
    values, problems = dict(product_values()), []
    for own in site.coverage_values:
        known = values.get(own.id)
        if known is None:
            said = f"coverage.yaml sets {own.id}, which nothing asks for{_nearest(own.id, values)}"
            problems.append(Problem("unknown-value", own.id, said))
            continue
        changed = {"value": own.value, "source": own.source or "coverage.yaml", "clause": "", "certainty": "chosen"}
        values[own.id] = known.replace(**changed)
    return Settings(MappingProxyType(values)), tuple(problems)


def _nearest(wanted: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    return f". Did you mean {near[0]}?" if near else ""
