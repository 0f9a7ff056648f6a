"""What reports say, by key, in the languages of the product."""

from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal, get_args

import yaml

from twin.model.base import Text

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)


@cache
def _table() -> MappingProxyType[str, Text]:
    text = files("viewer.reports").joinpath("words.yaml").read_text(encoding="utf-8")
    return MappingProxyType({key: Text(**made) for key, made in yaml.safe_load(text).items()})


def word(key: str, language: Language, **filled: object) -> str:
    """What is said for a key; a key that is not in the table is a fault of the program.

    Examples
    --------
    >>> word("scale", "en", n=500), word("reason_occluded", "zh")
    ('1:500 on A4', '被遮挡')
    """
    said: str = getattr(_table()[key], language)
    return said.format(**filled) if filled else said


def named(name: Text, language: Language, otherwise: str) -> str:
    """A name in a language, in the other where it has none, or else an id.

    Examples
    --------
    >>> named(Text(zh="门厅"), "en", "lobby"), named(Text(), "en", "lobby")
    ('门厅', 'lobby')
    """
    first, second = (name.zh, name.en) if language == "zh" else (name.en, name.zh)
    return first or second or otherwise


def percent(ratio: float) -> str:
    r"""A share as people read it, rounded down, so that nothing that is not whole is called 100 %.

    Examples
    --------
    >>> percent(0.99999), percent(1.0), percent(0.5)
    ('99.9\xa0%', '100\xa0%', '50\xa0%')
    """
    return f"{int(ratio * 1000 + 1e-6) / 10:g}\u00a0%"
