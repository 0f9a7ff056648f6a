"""From pydantic's errors to words for the person who wrote the file."""

import difflib
from collections.abc import Iterator
from typing import Final, NamedTuple, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from twin.model.base import Model
from twin.model.devices import HEAD, PRESET


class Fault(NamedTuple):
    """One fault of a value: code, path to it, what is wrong, how to mend it."""

    code: str
    path: tuple[str | int, ...]
    message: str
    cure: str


_WRITTEN: Final = {
    PRESET: "Write bearing/tilt/zoom, such as 60/20/1; a semicolon parts several.",
    HEAD: "Write bearing from the camera's own and tilt, such as -60/30; a semicolon parts several.",
}
_ID_CURE = "Use lower-case letters, digits and . _ - / and begin with a letter or digit."


def faults(error: ValidationError, model: type[Model]) -> Iterator[Fault]:
    """The faults of a value that should have been a `model`."""
    for detail in error.errors(include_url=False):
        path = tuple(detail["loc"])
        field = ".".join(str(part) for part in path)
        code, message, cure = _explain(detail, field, model)
        yield Fault(code, path, message, cure)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _explain(detail: ErrorDetails, field: str, model: type[Model]) -> tuple[str, str, str]:  # noqa: PLR0911
    kind, value, context = detail["type"], _shown(detail["input"]), detail.get("ctx", {})
    rule = detail["msg"]
    if kind == "missing":
        return "missing-field", f"{field} is missing.", f"Add {field}."
    if kind == "extra_forbidden":
        owner = _owner(model, detail["loc"][:-1])
        near = difflib.get_close_matches(str(detail["loc"][-1]), list(owner.model_fields), n=1, cutoff=0.6)
        cure = f"Did you mean {near[0]}?" if near else f"Remove it; known are {', '.join(owner.model_fields)}."
        return "unknown-field", f"{field} does not belong to {_noun(owner)}.", cure
    if kind == "literal_error":
        expected = str(context.get("expected", ""))
        return "unknown-word", f"{field} is {value}.", f"Use one of {expected}."
    if kind == "string_pattern_mismatch" and "a-z0-9" in str(context.get("pattern", "")):
        return "bad-id", f"{field} is {value}.", _ID_CURE
    if kind == "string_pattern_mismatch" and context.get("pattern") in _WRITTEN:
        return "wrong-value", f"{field} is {value}.", _WRITTEN[context["pattern"]]
    if kind == "finite_number":
        return "not-finite", f"{field} is {value}, which is no number to measure with.", "Give a finite number."
    if kind in _RANGE:
        return "out-of-range", f"{field} is {value}. {rule}.", "Give a value within that range."
    if kind == "value_error":
        about = rule.removeprefix("Value error, ")
        return "broken-rule", f"{field + ': ' if field else ''}{about}.", "Change it so that the rule holds."
    if kind.endswith(("_type", "_parsing")) or kind in {"int_from_float", "date_from_datetime_parsing"}:
        return "wrong-type", f"{field} is {value}. {rule}.", _TYPE_CURES.get(kind, "Write it as the schema says.")
    return "wrong-value", f"{field} is {value}. {rule}.", "Write it as the schema says."


_RANGE = {
    "greater_than", "greater_than_equal", "less_than", "less_than_equal",
    "string_too_long", "string_too_short", "too_short", "too_long",
}  # fmt: skip
_TYPE_CURES = {
    "string_type": "Write it in quotes if it is a text that looks like a number.",
    "float_parsing": "Write a number with a decimal point and no unit.",
    "float_type": "Write a number with a decimal point and no unit.",
    "int_parsing": "Write a whole number.",
    "date_from_datetime_parsing": "Write the date as 2025-03-31.",
}


def _owner(model: type[Model], path: tuple[str | int, ...]) -> type[Model]:
    """The model that a path of fields and positions leads to."""
    for part in path:
        info = model.model_fields.get(str(part))
        model = model if info is None else next(_models_in(info.annotation), model)
    return model


def _models_in(annotation: object) -> Iterator[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _noun(model: type[Model]) -> str:
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in model.__name__).strip()
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"
