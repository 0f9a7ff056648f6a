"""Units: SI inside, converted once where data enter and once where people look.

A unit here is a stable code, used as the suffix of field names (``length_m``) and as the ``unit`` of a
channel. `CONVERSIONS` turns what devices send into the SI unit of the channel.

References
----------
BIPM, The International System of Units, 9th edition; g = 9.80665 m/s2 (CGPM 1901); water at 1000 kg/m3 for
the metre of water column, as EPANET uses it.
"""

from types import MappingProxyType
from typing import Final

from geometry.errors import GeometryError

UNITS: Final = (
    "m", "m2", "m3", "s", "pa", "m3_per_s", "w", "degc", "kwh", "px_per_m", "db", "lx", "deg", "v", "a", "hz",
    "m_per_s", "kg_per_m3", "ratio", "bool", "count", "state", "ph", "ntu", "ug_per_m3", "mg_per_m3", "ppm",
    "ppb", "ms_per_cm", "mg_per_l", "dbm", "kg", "lm",
)  # fmt: skip
"""Every unit a channel or a public float may have."""

_KPA_PER_M: Final = 9.80665

# (from, to): (scale, offset) with value_si = value * scale + offset
CONVERSIONS: Final = MappingProxyType({
    ("kpa", "pa"): (1e3, 0.0),
    ("mpa", "pa"): (1e6, 0.0),
    ("bar", "pa"): (1e5, 0.0),
    ("mh2o", "pa"): (_KPA_PER_M * 1e3, 0.0),
    ("m3_per_h", "m3_per_s"): (1 / 3600, 0.0),
    ("l_per_s", "m3_per_s"): (1e-3, 0.0),
    ("l_per_min", "m3_per_s"): (1e-3 / 60, 0.0),
    ("l_per_h", "m3_per_s"): (1e-3 / 3600, 0.0),
    ("l", "m3"): (1e-3, 0.0),
    ("mm", "m"): (1e-3, 0.0),
    ("cm", "m"): (1e-2, 0.0),
    ("kw", "w"): (1e3, 0.0),
    ("wh", "kwh"): (1e-3, 0.0),
    ("percent", "ratio"): (1e-2, 0.0),
    ("degf", "degc"): (5 / 9, -160 / 9),
    ("k", "degc"): (1.0, -273.15),
    ("min", "s"): (60.0, 0.0),
    ("h", "s"): (3600.0, 0.0),
    ("ms", "s"): (1e-3, 0.0),
    ("km_per_h", "m_per_s"): (1 / 3.6, 0.0),
    ("mv", "v"): (1e-3, 0.0),
    ("ma", "a"): (1e-3, 0.0),
})  # fmt: skip


class UnitError(GeometryError):
    """A unit that is not known, or that cannot become the one wanted."""


def conversion(source: str, target: str) -> tuple[float, float]:
    """Scale and offset that turn a value in `source` into one in `target`.

    Raises
    ------
    UnitError
        If there is no such conversion; the message lists what `target` accepts.

    Examples
    --------
    >>> conversion("kpa", "pa")
    (1000.0, 0.0)
    """
    if source == target and target in UNITS:
        return 1.0, 0.0
    try:
        return CONVERSIONS[source, target]
    except KeyError:
        accepted = sorted([target, *(a for a, b in CONVERSIONS if b == target)]) if target in UNITS else []
        cure = f"{target} accepts {', '.join(accepted)}" if accepted else f"known units: {', '.join(UNITS)}"
        raise UnitError(f"cannot turn unit {source!r} into {target!r}; {cure}") from None
