"""Pipe networks of the site: one EPANET file each, and what ties its nodes and links to the estate."""

from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from twin.model.base import Id, Model, Text

NetworkKind = Literal["domestic_water", "fire_main", "drainage", "telecom_duct", "heating", "gas", "other"]
NETWORK_KINDS: Final[tuple[NetworkKind, ...]] = get_args(NetworkKind)
EpanetId = Annotated[str, Field(min_length=1, max_length=31, pattern=r"^[^\s;\"]+$")]


class NodeTie(Model):
    """What a network node is on the estate."""

    space: Id | None = None
    device: Id | None = None
    household: Id | None = None
    asset: Literal["hydrant", "meter", "tank", "pump_suction", "manhole", "outfall", "tap", "riser", "inlet"] | None = (
        None
    )


class LinkTie(Model):
    """What a network link is on the estate."""

    device: Id | None = None
    """A meter tied to several links reads the sum of their flows: a tower's, of its low and high zone."""
    asset: (
        Literal[
            "main",
            "ring",
            "branch",
            "riser",
            "service",
            "meter",
            "isolation_valve",
            "check_valve",
            "prv",
            "pump",
        ]
        | None
    ) = None
    material: str = ""
    depth_m: Annotated[float, Field(ge=0)] | None = None
    """Cover below ground."""
    laid_in: Annotated[int, Field(ge=1800, le=2200)] | None = None
    """Year."""
    fill_ratio: Annotated[float, Field(ge=0, le=1)] | None = None
    """Share of a duct's cross-section that its cables take."""
    normally_open: bool = True


class SiteNetwork(Model):
    """One network: the EPANET file as it is, and its ties (``networks/ID.inp`` and ``networks/ID.yaml``)."""

    id: Id
    kind: NetworkKind
    name: Text = Text()
    inp: str
    """The EPANET file, character for character; coordinates are metres in the site frame."""
    nodes: dict[EpanetId, NodeTie] = Field(default_factory=dict)
    links: dict[EpanetId, LinkTie] = Field(default_factory=dict)
