"""The rules that planners check ways out against: values with their clause and certainty, a site's own first."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import ValidationError

from twin.errors import EvacuationError
from twin.model.base import Model, Text

FILE: Final = "evacuation_rules.yaml"
"""In the site folder: values that differ there."""


class EgressRule(Model):
    """One value, and where it is from."""

    name: Text = Text()
    value: float
    unit: str
    better: Literal["more", "less"] = "more"
    source: str
    clause: str = ""
    certainty: Literal["stated", "recalled", "chosen"]

    @property
    def where(self) -> str:
        """Standard and clause."""
        return f"{self.source} {self.clause}".strip()

    def holds(self, reached: float) -> bool:
        """Whether what is there is enough; rounding of a millimetre does not count."""
        slack = 1e-3 if self.unit == "m" else 1e-9
        return reached >= self.value - slack if self.better == "more" else reached <= self.value + slack


def egress_rules(folder: Path | None = None) -> dict[str, EgressRule]:
    """Rules and classes by id; values of a site folder's own file replace single ones.

    Raises
    ------
    EvacuationError
        If that file names a rule that is not there, or a value that is none.
    """
    text = files("twin.evacuation").joinpath("values/rules.yaml").read_text(encoding="utf-8")
    made = yaml.safe_load(text)
    rows: dict[str, dict[str, Any]] = made["rules"] | made["classes"]
    path = None if folder is None else folder / FILE
    for name, change in _own(path).items():
        if name not in rows:
            raise EvacuationError(f"{FILE} names {name!r}, which is no rule; rules are {', '.join(sorted(rows))}")
        if not isinstance(change, dict):
            raise EvacuationError(f"{FILE}: {name} is to be a mapping such as {{value: 1.2}}")
        rows[name] = rows[name] | {"source": FILE, "clause": "", "certainty": "chosen"} | change
    try:
        return {name: EgressRule(**row) for name, row in rows.items()}
    except ValidationError as error:
        first = error.errors()[0]
        raise EvacuationError(f"{FILE}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _own(path: Path | None) -> Mapping[str, Any]:
    if path is None or not path.is_file():
        return {}
    try:
        made = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise EvacuationError(f"{FILE} cannot be read: {error}") from error
    own = made.get("rules") if isinstance(made, dict) else None
    if not isinstance(own, dict):
        raise EvacuationError(f"{FILE} is to begin with rules: and list them by name")
    return own
