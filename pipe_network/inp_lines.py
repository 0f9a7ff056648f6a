"""The lines of an EPANET file: sections, tokens, numbers, clock times, and the faults met on the way."""

import math
import re
from dataclasses import dataclass, field
from typing import Final

from pipe_network.errors import InpFault

SECTIONS: Final = (
    "TITLE", "JUNCTIONS", "RESERVOIRS", "TANKS", "PIPES", "PUMPS", "VALVES", "CONTROLS", "RULES", "DEMANDS", "SOURCES",
    "EMITTERS", "PATTERNS", "CURVES", "QUALITY", "STATUS", "ROUGHNESS", "ENERGY", "REACTIONS", "MIXING", "REPORT",
    "TIMES", "OPTIONS", "COORDINATES", "VERTICES", "LABELS", "BACKDROP", "TAGS", "END",
)  # fmt: skip
_TOKEN: Final = re.compile(r'"([^"]*)"|([^\s,"]+)')
_CLOCK: Final = re.compile(r"^(\d+):(\d{1,2})(?::(\d{1,2}))?$")
_UNITS_S: Final = (("SEC", 1.0), ("MIN", 60.0), ("HOU", 3600.0), ("DAY", 86400.0))
MAX_FAULTS: Final = 1000
"""A file that is not EPANET's at all has as many faults as lines; nobody reads further."""


@dataclass(frozen=True, slots=True)
class InpLine:
    """One line that says something: its number, its words, and what follows the semicolon."""

    number: int
    tokens: tuple[str, ...]
    comment: str
    text: str


@dataclass(slots=True)
class Faults:
    """Collects faults, so that all are told at once."""

    items: list[InpFault] = field(default_factory=list)

    def add(self, line: int, object_id: str, message: str, cure: str) -> None:
        """Note one fault."""
        if len(self.items) < MAX_FAULTS:
            self.items.append(InpFault(line, object_id, message, cure))


def split(text: str, faults: Faults) -> dict[str, list[InpLine]]:
    r"""The lines of each section; a name is known by its first four letters, as EPANET does.

    Examples
    --------
    >>> split("[PIPES]\n p1 a b 10 100 130 ;main", Faults())["PIPES"][0].tokens
    ('p1', 'a', 'b', '10', '100', '130')
    """
    sections: dict[str, list[InpLine]] = {}
    current: list[InpLine] | None = None
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = raw.strip()
        if line.startswith("["):
            name = line.split("]")[0].strip("[] ").upper()
            known = next((s for s in SECTIONS if name[:4] == s[:4]), name)
            if known == "END":
                break
            current = sections.setdefault(known, [])
            continue
        body, _, comment = line.partition(";")
        tokens = tuple(a or b for a, b in _TOKEN.findall(body))
        if current is None:
            if tokens:
                faults.add(number, "", f"{line[:40]!r} stands before the first section", "begin with [TITLE]")
                current = sections.setdefault("TITLE", [])
            continue
        if tokens or (line and current is sections.get("TITLE")):
            current.append(InpLine(number, tokens, comment.strip(), raw.rstrip()))
    return sections


def number(line: InpLine, index: int, what: str, faults: Faults, *, default: float | None = None) -> float:
    """The finite number at a position of a line; a fault and 1.0 where there is none and no default.

    Examples
    --------
    >>> number(InpLine(3, ("p1", "2.5"), "", ""), 1, "length", Faults())
    2.5
    """
    object_id = line.tokens[0] if line.tokens else ""
    if index >= len(line.tokens):
        if default is None:
            faults.add(line.number, object_id, f"{object_id} has no {what}", f"give a number in column {index + 1}")
            return 1.0
        return default
    word = line.tokens[index]
    try:
        value = math.nan if "_" in word else float(word)  # Python alone reads 1_000 as a number
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        faults.add(line.number, object_id, f"{what} of {object_id} is {word!r}", "write a plain finite number")
        return 1.0
    return value


def seconds(words: tuple[str, ...]) -> int:
    """The seconds of an EPANET time: ``1:30``, ``1.5``, ``90 MIN``, ``6:00 PM``.

    Raises
    ------
    ValueError
        If it is none of these.

    Examples
    --------
    >>> seconds(("0:05",)), seconds(("2",)), seconds(("90", "MIN")), seconds(("12", "AM")), seconds(("6:30", "PM"))
    (300, 7200, 5400, 0, 66600)
    """
    if not words:
        raise ValueError("no time given")
    word, unit = words[0], words[1].upper() if len(words) > 1 else ""
    clock = _CLOCK.match(word)
    if clock:
        value = int(clock[1]) * 3600.0 + int(clock[2]) * 60 + int(clock[3] or 0)
    else:
        value = float(word) * 3600.0
        if not math.isfinite(value) or value < 0:
            raise ValueError(f"{word!r} is no time")
        for prefix, factor in _UNITS_S:
            if unit.startswith(prefix):
                value = value / 3600.0 * factor
    if unit in {"AM", "PM"}:
        value = value % (12 * 3600) + (12 * 3600 if unit == "PM" else 0)
    return round(value)
