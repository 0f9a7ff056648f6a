"""All kinds of coverage by one name each: which function answers for it, and by which steps its floors are coloured."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal, Protocol

import yaml

from twin.coverage.check import camera_coverage
from twin.coverage.on_foot import check_perimeter, check_walk
from twin.coverage.patrol import PATROL_KINDS
from twin.coverage.places import PlaceGrids
from twin.coverage.prepared import Prepared
from twin.coverage.radiate.detectors import check_detection
from twin.coverage.radiate.lights import check_lighting
from twin.coverage.radiate.loudspeakers import check_sound
from twin.coverage.radiate.wifi import check_wifi
from twin.coverage.reach import REACH_KINDS
from twin.coverage.result import PlaceResult, Problem
from twin.errors import CoverageError
from twin.index import SiteIndex
from twin.model.base import Model
from twin.model.devices import Reach
from twin.state import StateSnapshot


class KindAnswer(Protocol):
    """What every kind's answer has."""

    @property
    def places(self) -> tuple[PlaceResult, ...]:
        """In the order of the site's zones and spaces."""

    @property
    def offline(self) -> frozenset[str]:
        """Ids of devices that are down."""

    @property
    def devices(self) -> Sequence[object]:
        """Those that were asked about."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be reckoned, or was assumed."""

    @property
    def made_of(self) -> Mapping[tuple[str, str], PlaceGrids]:
        """Samples of each place, by place and requirement."""


Check = Callable[[Prepared, StateSnapshot | None], KindAnswer]


def _walk(kind: str) -> Check:
    return lambda prepared, state: check_walk(prepared, kind, state)


CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "camera": camera_coverage,
        "wifi": check_wifi,
        "sound": check_sound,
        "lighting": check_lighting,
        "detection": check_detection,
        "perimeter": check_perimeter,
        **{kind: _walk(kind) for kind in (*REACH_KINDS, *PATROL_KINDS)},
    }
)
"""By kind of requirement."""


REACHED_BY: Final[Mapping[str, tuple[Reach, ...]]] = MappingProxyType(
    {"detection": ("smoke", "heat"), "lighting": ("light",)}
)
"""What devices reach out with that serve a kind, where it is not called the same."""


class Scale(Model):
    """Steps of a quantity by which floors are coloured.

    Whether larger values are better; steps from the first that counts to the last.
    """

    unit: str
    better: Literal["more", "less"]
    steps: tuple[float, ...]


@cache
def scales() -> Mapping[str, Scale]:
    """The steps of each kind but cameras, whose levels are those of their standard."""
    text = files("twin.coverage").joinpath("values/scales.yaml").read_text(encoding="utf-8")
    return MappingProxyType({kind: Scale(**made) for kind, made in yaml.safe_load(text)["scales"].items()})


def asked_kinds(index: SiteIndex) -> tuple[str, ...]:
    """The kinds that a site has requirements of and that can be answered, cameras first."""
    asked = {requirement.kind for requirement in index.site.requirements}
    return tuple(kind for kind in CHECKS if kind in asked)


def kind_coverage(prepared: Prepared, kind: str, state: StateSnapshot | None = None) -> KindAnswer:
    """The answer for a kind of requirement; without a state every device is up.

    Raises
    ------
    CoverageError
        If there is no such kind.
    """
    if kind not in CHECKS:
        raise CoverageError(f"no coverage of kind {kind!r} can be reckoned; there are {', '.join(CHECKS)}")
    return CHECKS[kind](prepared, state)
