"""Where values come from, as one cites it in each language."""

import re
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import yaml

from viewer.reports.words import Language

_NUMBER: Final = re.compile(
    r"\b(table|section) (\d+(?:\.\d+)*)"
    r"|(?<![\w.:/-])([1-9]\d*(?:\.\d+)+)(?![\w.:/-]*\w| (?:m|lx|MPa|GHz)\b)"
)
"""A clause's, a table's or a section's number; not a part of a standard's own, nor a quantity."""
_CITED: Final = {None: "第 {} 条", "table": "表 {}", "section": "第 {} 节"}
_SIGNS: Final = ((", ", "，"), (" （", "（"))


@cache
def _said() -> MappingProxyType[str, str]:
    """Chinese of whole sources and of parts of them, the longest first."""
    text = files("viewer.reports").joinpath("sources.yaml").read_text(encoding="utf-8")
    made: dict[str, str] = yaml.safe_load(text)
    return MappingProxyType({part: made[part] for part in sorted(made, key=len, reverse=True)})


def source_text(source: str, language: Language) -> str:
    """A source as it is cited; in English as it stands in the data.

    Examples
    --------
    >>> source_text("GB 50116-2013 table 6.2.2", "zh")
    '《火灾自动报警系统设计规范》GB 50116-2013 表 6.2.2'
    >>> source_text("GB 50116-2013 6.6.1", "zh")
    '《火灾自动报警系统设计规范》GB 50116-2013 第 6.6.1 条'
    >>> source_text("GB 50116-2013 6.6.1", "en")
    'GB 50116-2013 6.6.1'
    """
    if language == "en":
        return source
    said = _NUMBER.sub(lambda found: _CITED[found[1]].format(found[2] or found[3]), source)
    for part, chinese in _said().items():
        said = said.replace(part, chinese)
    for sign, chinese in _SIGNS:
        said = said.replace(sign, chinese)
    return said.strip()
