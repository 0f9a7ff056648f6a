"""The rules that planners check ways out against: values with their clause and certainty, a site's own first."""

import difflib
from collections.abc import Iterable, Mapping
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


class EgressFacts(Model):
    """What a site states of itself because no drawing shows it.

    Attributes
    ----------
    sprinklered : buildings or storeys that have sprinklers everywhere
    open_galleries : corridors that are open to the air on one side
    """

    sprinklered: frozenset[str] = frozenset()
    open_galleries: frozenset[str] = frozenset()

    def known(self, places: Iterable[str], corridors: Iterable[str]) -> "EgressFacts":
        """These facts, once all they name is there.

        Raises
        ------
        EvacuationError
            If an id is not.
        """
        for key, named, there in (
            ("sprinklered", self.sprinklered, set(places)),
            ("open_galleries", self.open_galleries, set(corridors)),
        ):
            for name in sorted(named - there):
                near = difflib.get_close_matches(name, there, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                what = "building or storey" if key == "sprinklered" else "corridor"
                raise EvacuationError(f"{FILE}: {key} names {name!r}, which is no {what} of this site{hint}")
        return self


def egress_facts(folder: Path | None = None) -> EgressFacts:
    """What a site folder's own file states of sprinklers and open galleries; nothing where it has none.

    Raises
    ------
    EvacuationError
        If that is no list of ids.
    """
    own = _own(folder)
    stated: dict[str, frozenset[str]] = {}
    for key in EgressFacts.model_fields:
        ids = own.get(key, [])
        if not isinstance(ids, list) or not all(isinstance(name, str) for name in ids):
            raise EvacuationError(f"{FILE}: {key} is to be a list of ids such as [tower-1]")
        stated[key] = frozenset(ids)
    return EgressFacts(**stated)


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
    changes = _own(folder).get("rules", {})
    if not isinstance(changes, dict):
        raise EvacuationError(f"{FILE}: rules is to list values by name, such as {{stair-width: {{value: 1.2}}}}")
    for name, change in changes.items():
        if name not in rows:
            near = difflib.get_close_matches(str(name), rows, n=1)
            hint = f"did you mean {near[0]}?" if near else f"rules are {', '.join(sorted(rows))}"
            raise EvacuationError(f"{FILE}: rules names {name!r}, which is no rule; {hint}")
        if not isinstance(change, dict):
            raise EvacuationError(f"{FILE}: {name} is to be a mapping such as {{value: 1.2}}")
        rows[name] = rows[name] | {"source": FILE, "clause": "", "certainty": "chosen"} | change
    return {name: _rule(name, row) for name, row in rows.items()}


def _rule(name: str, row: Mapping[str, Any]) -> EgressRule:
    try:
        return EgressRule.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, (name, *first["loc"])))
        raise EvacuationError(f"{FILE}: {where}: {first['msg']}; write such as {name}: {{value: 1.2}}") from error


def _own(folder: Path | None) -> Mapping[str, Any]:
    """The site folder's own file, as far as its keys go."""
    path = None if folder is None else folder / FILE
    if path is None or not path.is_file():
        return {}
    try:
        made = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise EvacuationError(f"{FILE} cannot be read: {error}") from error
    keys = ("rules", *EgressFacts.model_fields)
    if not isinstance(made, dict) or not made or set(made) - set(keys):
        raise EvacuationError(f"{FILE} is to begin with rules: and list them by name; it may also have "
                              f"{' and '.join(keys[1:])}, and nothing else")  # fmt: skip
    return made
