"""Who is on the way: how wide, how fast, with which keys; `profiles.yaml`."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import yaml
from pydantic import ValidationError

from twin.errors import UnknownIdError, WayfindingError
from twin.model.base import Model, Text

Certainty = Literal["stated", "recalled", "chosen"]
KeyKind = Literal["common", "technical", "private"]
_PLAIN: Final = frozenset({"id", "name", "opens", "is_vehicle"})


class Sourced(Model):
    """Where a value is from: stated there as read, recalled and not verified, or chosen by us."""

    value: float
    source: str
    clause: str = ""
    certainty: Certainty


class Profile(Model):
    """Who is on the way; attributes as `profiles.yaml` explains them."""

    id: str
    name: Text
    opens: frozenset[KeyKind]
    is_vehicle: bool = False
    values: Mapping[str, Sourced]
    after_hours: frozenset[str] = frozenset()
    """Doors and gates whose hours are over when they go; see `twin.wayfinding.opening_times.at_time`."""

    def __getitem__(self, name: str) -> float:
        return self.values[name].value

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from all others, also from one of the same id that another site states otherwise."""
        values = tuple((name, given.value) for name, given in sorted(self.values.items()))
        return self.id, self.opens, self.is_vehicle, self.after_hours, values

    @property
    def clearance_m(self) -> float:
        """Half the width that is kept from walls."""
        return self["clearance_m"]

    @property
    def takes_steps(self) -> bool:
        """Whether stairs are ways."""
        return self["takes_steps"] != 0

    @property
    def lift_kinds(self) -> frozenset[str]:
        """Kinds of lifts that are ways."""
        if self["takes_lifts"] == 2:
            return frozenset({"firefighting"})
        return frozenset({"passenger", "firefighting", "goods"} if self["takes_lifts"] else ())


def read_profiles(text: str, source: str) -> Mapping[str, Profile]:
    """Profiles of a document, by id.

    Raises
    ------
    WayfindingError
        If it is no such document; the message says where.
    """
    try:
        made: dict[str, Any] = yaml.safe_load(text)
        usual = {name: Sourced(**given) for name, given in made["usual"].items()}
        found = {}
        for row in made["profiles"]:
            own = {name: Sourced(**given) for name, given in row.items() if name not in _PLAIN}
            if unknown := sorted(own.keys() - usual.keys()):
                raise WayfindingError(
                    f"{source}: profile {row['id']} states {', '.join(unknown)}, which nothing asks for"
                )
            plain = {name: row[name] for name in _PLAIN if name in row}
            found[row["id"]] = Profile(**plain, values=MappingProxyType({**usual, **own}))
    except (yaml.YAMLError, ValidationError, KeyError, TypeError, AttributeError) as error:
        raise WayfindingError(f"{source} is no document of profiles: {error}") from error
    return MappingProxyType(found)


@cache
def product_profiles() -> Mapping[str, Profile]:
    """The profiles that come with the product, by id."""
    text = files("twin.wayfinding").joinpath("profiles.yaml").read_text(encoding="utf-8")
    return read_profiles(text, "profiles.yaml")


def profile(profile_id: str, own: Path | None = None) -> Profile:
    """A profile by its id.

    Parameters
    ----------
    own : a document of the same form, instead of the product's

    Raises
    ------
    UnknownIdError
        If there is none of that id.

    Examples
    --------
    >>> profile("wheelchair").takes_steps, profile("fire_crew").lift_kinds
    (False, frozenset({'firefighting'}))
    """
    known = product_profiles() if own is None else read_profiles(own.read_text(encoding="utf-8"), str(own))
    if profile_id not in known:
        raise UnknownIdError("profile", profile_id, known)
    return known[profile_id]
