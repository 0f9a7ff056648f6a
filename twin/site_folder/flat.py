"""A model as flat columns and back: what CSV rows and GeoJSON properties have in common.

Bilingual fields become two columns, ``name_zh`` and ``name_en``; a value equal to the model's default is left out;
numbers have at most three decimals.
"""

import datetime as dt

from twin.model.base import Model, Text

DECIMALS = 3
"""Millimetres: below what anyone builds, and small files that diff well."""


def millimetres(value_m: float) -> float | int:
    """The length with at most three decimals, whole ones without a point. [m]

    Examples
    --------
    >>> millimetres(2.8000000000000003), millimetres(-0.0), millimetres(12.0)
    (2.8, 0, 12)
    """
    short = round(value_m, DECIMALS)
    return int(short) if short == int(short) else short


def number(value: float) -> float | int:
    """The number with at most three decimals; a tiny one stays as it is, for it may have to be more than nothing.

    Examples
    --------
    >>> number(0.165), number(1e-5)
    (0.165, 1e-05)
    """
    return value if abs(value) < 10**-DECIMALS else millimetres(value)


def columns_of(model: Model, *, leave_out: frozenset[str] = frozenset()) -> dict[str, object]:
    """The fields that differ from their defaults, in the model's order, as plain values."""
    flat: dict[str, object] = {}
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if name in leave_out or (not info.is_required() and value == info.get_default(call_default_factory=True)):
            continue
        if isinstance(value, Text):
            flat |= {f"{name}_{language}": text for language in ("zh", "en") if (text := getattr(value, language))}
        else:
            flat[name] = _plain(value)
    return flat


def _plain(value: object) -> object:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float):
        return number(value)
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def text_fields(model: type[Model]) -> tuple[str, ...]:
    """Names of the bilingual fields of a model."""
    return tuple(name for name, info in model.model_fields.items() if info.annotation is Text)


def fold_texts(columns: dict[str, object], model: type[Model]) -> dict[str, object]:
    """The columns with ``name_zh`` and ``name_en`` folded into ``name``."""
    folded = dict(columns)
    for name in text_fields(model):
        parts = {language: folded.pop(f"{name}_{language}", None) for language in ("zh", "en")}
        given = {language: text for language, text in parts.items() if text is not None}
        if given or model.model_fields[name].is_required():
            folded[name] = given
    return folded
