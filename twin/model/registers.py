"""Registers of households and staff."""

from typing import Annotated, Literal

from pydantic import Field

from twin.model.base import Id, Model, Text


class Household(Model):
    """Who lives in a flat or runs a shop, as far as the twin must know."""

    id: Id
    space: Id
    tenure: Literal["owner", "tenant", "vacant", "shop"] = "owner"
    residents: Annotated[int, Field(ge=0)] = 2
    elderly_alone: bool = False
    cars: Annotated[int, Field(ge=0)] = 0


class StaffMember(Model):
    """A person who works on the site."""

    id: Id
    name: Text
    role: Literal["manager", "duty", "dispatcher", "technician", "security", "cleaner", "gardener", "care", "planner"]
    skills: tuple[str, ...] = ()
    phone: str = ""
    base: Id | None = None
    """Space they start from."""
