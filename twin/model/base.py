"""What every part of the model shares: frozen models, ids, bilingual texts, plane geometry in the site frame."""

import re
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

ID_PATTERN = r"^[a-z0-9][a-z0-9._/-]*$"
TEMPLATE_PATTERN = r"^[a-z0-9][a-z0-9._/-]*(\{nn?\}[a-z0-9._/-]*)*$"

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=120)]
"""A readable, stable id: lower-case letters, digits and ``. _ - /``."""

IdTemplate = Annotated[str, StringConstraints(pattern=TEMPLATE_PATTERN, max_length=120)]
"""An id in which ``{n}`` stands for the storey number and ``{nn}`` for it in two digits."""

_PLACEHOLDER = re.compile(r"\{nn?\}")


def fill_template(template: str, number: int) -> str:
    """The text with its storey-number placeholders filled in.

    Examples
    --------
    >>> fill_template("tower-1/f{n}/{n}03", 12), fill_template("t1-f{nn}-smoke", 3)
    ('tower-1/f12/1203', 't1-f03-smoke')
    """
    return template.replace("{nn}", f"{number:02d}").replace("{n}", str(number)) if "{" in template else template


def has_placeholder(template: str) -> bool:
    """Whether the text depends on the storey number."""
    return _PLACEHOLDER.search(template) is not None


class Model(BaseModel):
    """Base of the site model: frozen, nothing extra, finite numbers only."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401 - the fields of the model
        """The same with some fields changed, validated again (``model_copy(update=...)`` is not)."""
        return type(self).model_validate({**dict(self), **changes})


class Text(Model):
    """A name or sentence in the languages of the product; an absent language falls back to the other."""

    zh: str = ""
    en: str = ""

    def fill(self, number: int) -> "Text":
        """The text with ``{n}`` and ``{nn}`` filled in."""
        return Text(zh=fill_template(self.zh, number), en=fill_template(self.en, number))


def _closed_twice(ring: tuple["Point", ...]) -> tuple["Point", ...]:
    if len(ring) > 1 and ring[0] == ring[-1]:
        raise ValueError("a ring does not repeat its first point (GeoJSON's closing point is dropped on reading)")
    return ring


Point = tuple[float, float]
"""(x east, y north) in the site frame. [m]"""

Ring = Annotated[tuple[Point, ...], Field(min_length=3), AfterValidator(_closed_twice)]


class Polygon(Model):
    """An area in the site frame, [m]: outer ring counter-clockwise, holes clockwise, rings not closed."""

    outer: Ring
    holes: tuple[Ring, ...] = ()


class Line(Model):
    """A polyline in the site frame. [m]"""

    points: Annotated[tuple[Point, ...], Field(min_length=2)]
