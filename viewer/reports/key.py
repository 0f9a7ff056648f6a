"""What the colours of plans and pictures mean, in words."""

from collections.abc import Iterable
from typing import Final

from twin.coverage.result import PlaceResult
from viewer.reports.heat import COLOURS, steps_of
from viewer.reports.sheet import Shade
from viewer.reports.words import Language, named, word

_UNITS: Final = {"px_per_m": "px/m", "dbm": "dBm", "db": "dB", "w": "W"}


def unit_text(unit: str, language: Language) -> str:
    """A unit as it is written.

    Examples
    --------
    >>> unit_text("px_per_m", "en"), unit_text("count", "zh"), unit_text("lx", "en"), unit_text("ratio", "en")
    ('px/m', '台', 'lx', '')
    """
    if unit in {"ratio", "bool"}:
        return ""
    return word("unit_count", language) if unit == "count" else _UNITS.get(unit, unit)


def shades(place: PlaceResult, language: Language) -> tuple[Shade, ...]:
    """The colours a place is drawn in."""
    steps = None if place.line is not None else steps_of(place.requirement)
    if place.unit == "count" or steps is None:
        said = (word("broken", language), word("unbroken", language))
        return tuple(Shade(colour, text, text) for colour, text in zip((COLOURS[0], COLOURS[4]), said, strict=True))
    sign = "≥" if steps.better == "more" else "≤"
    names = [f"{named(name, language, '')} " for name in steps.names] or [""] * len(steps.values)
    unit = unit_text(steps.unit, language)
    said_steps = [f"{name}{sign} {value:g} {unit}" for name, value in zip(names, steps.values, strict=True)]
    shorts = [f"{sign} {value:g}" for value in steps.values]
    texts = [word("level_none", language), *said_steps]
    below = "<" if steps.better == "more" else ">"
    short = [f"{below} {steps.values[0]:g} {unit}", *shorts]
    # the last colour stands for all above
    return tuple(Shade(*made) for made in zip(COLOURS, texts, short, strict=False))


def keys(places: Iterable[PlaceResult], language: Language) -> tuple[tuple[Shade, ...], ...]:
    """What the colours mean, for each set of steps that places are coloured by."""
    return tuple(dict.fromkeys(shades(place, language) for place in places))
