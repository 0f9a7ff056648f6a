"""Topic patterns with named parts, as ``bindings.yaml`` writes them, and the MQTT filters they stand for.

``{name}`` takes one level, ``{name#}`` at the end takes the rest (one level or more). Where several patterns match a
topic, those with the most literal levels, looking from the left, count: ``site/{gateway}/batch`` beats
``site/{gateway}/{anything}``. Patterns that are equally literal all count, so that one JSON payload with several
quantities can be bound several times.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from live_bindings.errors import LiveBindingsError

_PART: Final = re.compile(r"^\{([a-z_][a-z0-9_]*)(#?)\}$", re.IGNORECASE)
_INLINE: Final = re.compile(r"\{([a-z_][a-z0-9_]*)\}", re.IGNORECASE)


class TopicPatternError(LiveBindingsError, ValueError):
    """A pattern no topic can match, or that MQTT does not allow."""


@dataclass(frozen=True, slots=True)
class TopicPattern:
    """A compiled pattern; make one with `compile_pattern`.

    Attributes
    ----------
    pattern : str, as written
    mqtt_filter : str, what to subscribe to
    specificity : tuple of int, 1 for a literal level, 0 for a named part; compares as its places do
    """

    pattern: str
    mqtt_filter: str
    specificity: tuple[int, ...]
    _regex: re.Pattern[str]

    def match(self, topic: str) -> dict[str, str] | None:
        """The named parts of the topic, or None if it is not of this pattern."""
        found = self._regex.fullmatch(topic)
        return None if found is None else found.groupdict()


def compile_pattern(pattern: str) -> TopicPattern:
    """The pattern, ready to match.

    Raises
    ------
    TopicPatternError
        If it holds MQTT wildcards or control characters, names a part twice, or takes the rest before its end.

    Examples
    --------
    >>> pattern = compile_pattern("site/{gateway}/{device}/{channel}")
    >>> pattern.mqtt_filter, pattern.match("site/g1/pump-1/state")
    ('site/+/+/+', {'gateway': 'g1', 'device': 'pump-1', 'channel': 'state'})
    """
    if re.search(r"[\x00-\x1f]|\+|#(?!\})", pattern):
        raise TopicPatternError(f"topic {pattern!r}: write {{name}} for one level, {{name#}} for the rest, not + or #")
    levels = pattern.split("/")
    regexes, filters, specificity = [], [], []
    names: set[str] = set()
    for position, level in enumerate(levels):
        part = _PART.match(level)
        if part and part[2] and position < len(levels) - 1:
            raise TopicPatternError(f"topic {pattern!r}: {level} takes the rest, so it stands at the end")
        regexes.append(_level_regex(pattern, level, names))
        filters.append(("#" if part and part[2] else "+") if "{" in level else level)
        specificity.append(0 if "{" in level else 1)
    return TopicPattern(pattern, "/".join(filters), tuple(specificity), re.compile("/".join(regexes)))


def _level_regex(pattern: str, level: str, names: set[str]) -> str:
    """The level as a regular expression; a part may stand within a level, as in ``meter-{device}``."""
    if "{" not in level and "}" not in level:
        return re.escape(level)
    whole = _PART.match(level)
    pieces = re.split(r"(\{[^{}]*\})", level)
    regex = ""
    for piece in pieces:
        inline = _INLINE.fullmatch(piece) or whole
        if not piece.startswith("{"):
            if "{" in piece or "}" in piece:
                raise TopicPatternError(f"topic {pattern!r}: a brace in {level!r} is not closed")
            regex += re.escape(piece)
            continue
        if inline is None:
            raise TopicPatternError(f"topic {pattern!r}: {piece} is no part; write {{name}} with letters, digits and _")
        name = inline[1]
        if name in names:
            raise TopicPatternError(f"topic {pattern!r} names {{{name}}} twice; give each part its own name")
        names.add(name)
        regex += f"(?P<{name}>{'.+' if whole and whole[2] else '[^/]+'})"
    return regex


def covers(outer: str, inner: str) -> bool:
    """Whether every topic of the filter `inner` is one of the filter `outer`.

    Examples
    --------
    >>> covers("site/#", "site/+/batch"), covers("site/+", "site/+/batch")
    (True, False)
    """
    outer_levels, inner_levels = outer.split("/"), inner.split("/")
    for position, level in enumerate(outer_levels):
        if level == "#":
            return True
        if position >= len(inner_levels):
            return False
        if inner_levels[position] == "#" or level not in {"+", inner_levels[position]}:
            return False
    return len(outer_levels) == len(inner_levels)


def minimal_filters(filters: Iterable[str]) -> tuple[str, ...]:
    """The filters without those that another one covers, so that no broker delivers a message twice."""
    distinct = sorted(set(filters))
    return tuple(f for f in distinct if not any(other != f and covers(other, f) for other in distinct))
