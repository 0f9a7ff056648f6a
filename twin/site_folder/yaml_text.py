"""YAML as this format uses it: plain data with the line of every value; nothing clever.

Read from the parser's events and not from its constructed objects: so anchors, aliases and tags are refused before
anything is built (an alias bomb costs nothing), nesting is bounded, duplicate keys are seen and lines are known.
Scalars are YAML 1.2's (``no`` is a word, not false); keys are always text.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Final

import yaml

DEPTH_LIMIT: Final = 20
VALUES_LIMIT: Final = 1_000_000
FLOW_CHARACTERS: Final = 110
"""What fits into a line of this length is written as one."""

_INT = re.compile(r"[-+]?[0-9]{1,19}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: Final = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".nan": float("nan"), ".NaN": float("nan"), ".NAN": float("nan"),
    ".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"),
}  # fmt: skip

_BARE: Final = (None, "")  # what the parsers in Python and in C call a scalar without quotes

Path = tuple[str | int, ...]


class YamlError(ValueError):
    """YAML that is not read: its code, what is wrong, the cure, and the line counted from 1."""

    def __init__(self, code: str, message: str, cure: str, line: int) -> None:
        self.code, self.cure, self.line = code, cure, line
        super().__init__(message)


@dataclass
class Document:
    """What a YAML file says.

    Attributes
    ----------
    data : object
        Dictionaries with text keys, lists, texts, numbers, booleans, None.
    lines : dict
        Line of every value by its path of keys and positions, counted from 1.
    duplicates : list of (path, key, line)
        Keys given twice; the first one counts.
    """

    data: object = None
    lines: dict[Path, int] = field(default_factory=dict)
    duplicates: list[tuple[Path, str, int]] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of a value, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse(text: str) -> Document:
    """The data of a YAML file with its lines.

    Raises
    ------
    YamlError
        If it is not YAML, or uses what this format does not: anchors, aliases, tags, several documents.

    Examples
    --------
    >>> parse("a: [1, no]").data
    {'a': [1, 'no']}
    """
    try:
        return _Builder().build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise YamlError("not-yaml", f"It is not YAML: {error.problem or error}.", _CURE_SYNTAX, line) from None
    except yaml.YAMLError as error:
        raise YamlError("not-yaml", f"It is not YAML: {' '.join(str(error).split())}.", _CURE_SYNTAX, 1) from None


_CURE_SYNTAX = "Mend the indentation, the quotes or the brackets there."


class _Builder:
    def __init__(self) -> None:
        self.document = Document()
        self.stack: list[tuple[Path, dict[str, object] | list[object]]] = []
        self.keys: list[str | None] = []
        self.values = 0
        self.documents = 0

    def build(self, text: str) -> Document:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._open(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.stack.pop()
                self.keys.pop()
            elif isinstance(event, yaml.AliasEvent):
                raise YamlError("yaml-alias", f"*{event.anchor} is an alias.", _CURE_ALIAS, _line(event))
            elif isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    raise YamlError(
                        "not-yaml", "A second document begins.", "Keep one document, without ---.", _line(event)
                    )
        return self.document

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        _plain_only(event)
        if self._wants_key():
            self._key(event.value, _line(event))
            return
        value = _resolve(event.value) if event.implicit[0] and event.style in _BARE else event.value
        self._place(value, _line(event))

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        _plain_only(event)
        line = _line(event)
        if self._wants_key():
            raise YamlError("not-yaml", "A key is a list or a map.", "Give keys as plain words.", line)
        if len(self.stack) >= DEPTH_LIMIT:
            raise YamlError("too-deep", f"It is nested deeper than {DEPTH_LIMIT}.", "Write it flat.", line)
        made: dict[str, object] | list[object] = {} if isinstance(event, yaml.MappingStartEvent) else []
        path = self._place(made, line)
        self.stack.append((path, made))
        self.keys.append(None)

    def _wants_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1][1], dict) and self.keys[-1] is None

    def _key(self, key: str, line: int) -> None:
        path, holder = self.stack[-1]
        if key in holder:
            self.document.duplicates.append((path, key, line))
        self.keys[-1] = key

    def _place(self, value: object, line: int) -> Path:
        self.values += 1
        if self.values > VALUES_LIMIT:
            raise YamlError("too-many-values", f"It holds more than {VALUES_LIMIT:,} values.", "Split the site.", line)
        if not self.stack:
            self.document.data, path = value, Path()
        else:
            around, holder = self.stack[-1]
            if isinstance(holder, dict):
                key = self.keys[-1] or ""
                holder.setdefault(key, value)
                self.keys[-1], path = None, (*around, key)
            else:
                holder.append(value)
                path = (*around, len(holder) - 1)
        self.document.lines.setdefault(path, line)
        return path


_CURE_ALIAS = "Write the value out; this format has no anchors and aliases."


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _plain_only(event: yaml.NodeEvent) -> None:
    if event.anchor is not None:
        raise YamlError("yaml-alias", f"&{event.anchor} is an anchor.", _CURE_ALIAS, _line(event))
    tag = getattr(event, "tag", None)
    if tag is not None:
        raise YamlError("yaml-tag", f"{tag} is a tag.", "Write plain values; this format has no tags.", _line(event))


def _resolve(text: str) -> object:
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


_MAP: Final = "tag:yaml.org,2002:map"
_SEQ: Final = "tag:yaml.org,2002:seq"
_STR: Final = "tag:yaml.org,2002:str"


class _Flow(dict[str, object]):
    """A mapping to be written in one line."""


class _FlowList(list[object]):
    """A list to be written in one line."""


class _Dumper(yaml.CSafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        """Write every value out: what reads refuses aliases."""
        del data
        return True


_Dumper.add_representer(_Flow, lambda dumper, data: dumper.represent_mapping(_MAP, data.items(), flow_style=True))
_Dumper.add_representer(_FlowList, lambda dumper, data: dumper.represent_sequence(_SEQ, data, flow_style=True))
_Dumper.add_representer(str, lambda dumper, data: dumper.represent_scalar(_STR, data, style=_quotes(data)))


def _quotes(text: str) -> str | None:
    return None if isinstance(_resolve(text), str) else '"'  # PyYAML would leave 1e5 bare: no number in YAML 1.1


def dump(data: dict[str, object]) -> str:
    """The YAML text of a document: stable order, short maps and lists in one line each.

    Examples
    --------
    >>> dump({"id": "a", "name": {"zh": "甲", "en": "A"}}).splitlines()
    ['id: a', 'name: {zh: 甲, en: A}']
    """
    styled = {key: _styled(value, is_top=True) for key, value in data.items()}
    text: str = yaml.dump(
        styled, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=10**6
    )
    return text


def _styled(value: object, *, is_top: bool = False) -> object:
    if isinstance(value, dict):
        holds_maps = any(isinstance(v, dict) for v in value.values())
        if _fits_a_line(value) and not (is_top and holds_maps):
            return _Flow(value)
        return {k: _styled(v) for k, v in value.items()}
    if isinstance(value, list):
        return _FlowList(value) if _fits_a_line(value) else [_styled(v) for v in value]
    return value


def _fits_a_line(value: object) -> bool:
    return len(json.dumps(value, ensure_ascii=False)) <= FLOW_CHARACTERS and not _lists_maps(value)


def _lists_maps(value: object) -> bool:
    """Whether a list of maps is in it: those are rows, and stand one below the other."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    rows = isinstance(value, list) and any(isinstance(part, dict) for part in value)
    return rows or any(_lists_maps(part) for part in parts)
