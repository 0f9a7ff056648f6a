"""A measured figure, what it is held to, and how a set of them is shown."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, cast, get_args

import psutil

_Relation = Literal["<=", ">=", "<"]
MB: Final = 1e6
"""Megabytes are decimal, for files and for memory."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure is held to.

    Attributes
    ----------
    most : with a relation of ``>=``, what it should not exceed either

    Examples
    --------
    >>> str(Goal("<=", 5.0)), Goal("<=", 5.0).reached(4.2), Goal(">=", 50).reached(4.2)
    ('<= 5', True, False)
    >>> str(Goal(">=", 0.85, 0.95)), Goal(">=", 0.85, 0.95).reached(0.99)
    ('>= 0.85, <= 0.95', False)
    """

    relation: _Relation
    value: float
    most: float | None = None

    def reached(self, value: float) -> bool:
        """Whether a value is what was wanted."""
        if self.most is not None and value > self.most:
            return False
        if self.relation == "<=":
            return value <= self.value
        return value >= self.value if self.relation == ">=" else value < self.value

    def __str__(self) -> str:
        return f"{self.relation} {self.value:g}" + ("" if self.most is None else f", <= {self.most:g}")


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a figure was made of, as a picture shows it.

    Attributes
    ----------
    kind : which sort of picture it is for
    lists : numbers or words by what they are; not all as long as each other
    """

    kind: str
    title: str
    lists: Mapping[str, Sequence[float] | Sequence[str]]

    def numbers(self, name: str) -> list[float]:
        """One of the lists, of numbers; empty where there is none of that name."""
        return [float(value) for value in self.lists.get(name, ())]

    def words(self, name: str) -> list[str]:
        """One of the lists, of words."""
        return [str(value) for value in self.lists.get(name, ())]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes
    ----------
    peer, peer_value : the same measured of something else in the same run, where there is such a thing
    goal : what it is held to; none is told for information
    drawing : what it was made of, where there is a picture of that
    """

    name: str
    unit: str
    value: float
    goal: Goal | None = None
    peer: str | None = None
    peer_value: float | None = None
    drawing: Drawing | None = None

    @property
    def ratio(self) -> float | None:
        """Our value over the peer's."""
        return None if not self.peer_value else self.value / self.peer_value

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; none without one."""
        return None if self.goal is None else self.goal.reached(self.value)


def as_json(figures: Sequence[Figure]) -> str:
    """The document for machines.

    Examples
    --------
    >>> as_json([Figure("read", "s", 1.5, Goal("<=", 5))])[:72]
    '{"figures": [{"name": "read", "unit": "s", "value": 1.5, "goal": "<= 5",'
    """
    items = []
    for figure in figures:
        item = asdict(figure)
        item["goal"] = None if figure.goal is None else str(figure.goal)
        if figure.drawing is None:
            del item["drawing"]
        items.append(item | {"ratio": figure.ratio, "reached": figure.reached})
    return json.dumps({"figures": items})


def from_json(text: str) -> list[Figure]:
    """The figures of a document that `as_json` made.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> from_json(as_json([Figure("read", "s", 1.5, Goal("<=", 5))]))[0].goal
    Goal(relation='<=', value=5.0, most=None)
    """
    said = json.loads(text)
    if not isinstance(said, dict) or not isinstance(said.get("figures"), list):
        raise ValueError("not a document of figures: it has no list 'figures'")  # noqa: TRY004 - the text is wrong
    try:
        return [_figure(item) for item in said["figures"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a document of figures: {error!r}") from error


def _figure(item: dict[str, Any]) -> Figure:
    goal, drawing = item.get("goal"), item.get("drawing")
    return Figure(
        name=str(item["name"]),
        unit=str(item["unit"]),
        value=float(item["value"]),
        goal=None if goal is None else _goal(goal),
        peer=item.get("peer"),
        peer_value=item.get("peer_value"),
        drawing=None if drawing is None else Drawing(drawing["kind"], drawing["title"], drawing["lists"]),
    )


def _goal(text: str) -> Goal:
    least, _, most = text.partition(", <= ")
    relation, limit = least.split()
    if relation not in get_args(_Relation):
        raise ValueError(f"no goal {text!r}; goals begin with one of {', '.join(get_args(_Relation))}")
    return Goal(cast("_Relation", relation), float(limit), float(most) if most else None)


def merged(kept: Iterable[Figure], new: Iterable[Figure]) -> list[Figure]:
    """Figures of several runs: what was measured again replaces what it was before.

    Examples
    --------
    >>> [f.value for f in merged([Figure("a", "", 1), Figure("b", "", 2)], [Figure("a", "", 3), Figure("c", "", 4)])]
    [3, 2, 4]
    """
    by_name = {(f.name, f.peer): f for f in kept}
    by_name.update({(f.name, f.peer): f for f in new})
    return list(by_name.values())


def peak_memory_bytes() -> int:
    """Most memory this process has held at once. [byte]"""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource  # noqa: PLC0415 - not there on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
