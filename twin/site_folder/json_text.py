"""JSON that someone else wrote: duplicate keys noticed, no NaN, no bottomless nesting."""

import json
from typing import NoReturn


class Object(dict[str, object]):
    """A JSON object that remembers which keys were given twice."""

    duplicates: tuple[str, ...] = ()


class JsonError(ValueError):
    """Text that is not JSON; `line` is where, counted from 1."""

    def __init__(self, message: str, line: int) -> None:
        self.line = line
        super().__init__(message)


def _object(pairs: list[tuple[str, object]]) -> Object:
    made = Object(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        made.duplicates = tuple(k for k, _ in pairs if k in seen or seen.add(k))  # type: ignore[func-returns-value]
    return made


def _constant(name: str) -> NoReturn:
    raise JsonError(f"{name} is not a number of JSON", 0)


def parse(text: str) -> object:
    """What the JSON text says; objects are `Object`.

    Raises
    ------
    JsonError
        If it is not JSON, holds NaN or infinity, or is nested too deep.

    Examples
    --------
    >>> parse('{"a": 1, "a": 2}').duplicates
    ('a',)
    """
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise JsonError(f"{error.msg} (column {error.colno})", error.lineno) from None
    except RecursionError:
        raise JsonError("it is nested too deep", 1) from None
    except JsonError as error:
        raise JsonError(str(error), _line_of(text, str(error).split()[0])) from None
    except ValueError as error:  # an integer of more than 4300 digits
        raise JsonError(str(error), 1) from None


def _line_of(text: str, word: str) -> int:
    return text.count("\n", 0, max(text.find(word), 0)) + 1
