"""What the numbers of an EPANET file mean: factors from the file's units to SI.

References
----------
EPANET 2.2 User Manual, appendix A (units). The constants of the customary units are those of EPANET's ``types.h``, so
that a value read here and one solved by EPANET are the same.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pipe_network.model import Options

FLOW_TO_M3_PER_S: Final = MappingProxyType({
    "CFS": 0.3048**3,
    "GPM": 0.3048**3 / 448.831,
    "MGD": 0.3048**3 / 0.64632,
    "IMGD": 0.3048**3 / 0.5382,
    "AFD": 0.3048**3 / 1.9837,
    "LPS": 1e-3,
    "LPM": 1e-3 / 60,
    "MLD": 1e3 / 86400,
    "CMH": 1 / 3600,
    "CMD": 1 / 86400,
    "CMS": 1.0,
})  # fmt: skip
US_FLOWS: Final = frozenset({"CFS", "GPM", "MGD", "IMGD", "AFD"})
_FT: Final = 0.3048
_PSI_PER_FT: Final = 0.4333
_KPA_PER_PSI: Final = 6.895
_BAR_PER_PSI: Final = 0.068948


@dataclass(frozen=True, slots=True)
class InpUnits:
    """Factors by which a number of the file becomes SI."""

    flow: float
    length: float
    diameter: float
    roughness: float
    pressure: float
    """To metres of head of the fluid."""
    power: float
    volume: float
    emitter: float
    """Of an emitter coefficient, to m3/s at one metre of head."""


def inp_units(options: Options) -> InpUnits:
    """The factors of a file with these options.

    Examples
    --------
    >>> inp_units(Options(flow_units="CMH")).diameter
    0.001
    """
    us = options.flow_units in US_FLOWS
    flow = FLOW_TO_M3_PER_S[options.flow_units]
    length = _FT if us else 1.0
    # EPANET has PSI wherever flows are customary, and metres where a metric file asks for PSI
    unit = "PSI" if us else "METERS" if options.pressure_units in {"", "PSI"} else options.pressure_units
    per_foot = {
        "PSI": _PSI_PER_FT,
        "KPA": _PSI_PER_FT * _KPA_PER_PSI,
        "BAR": _PSI_PER_FT * _BAR_PER_PSI,
        "METERS": _FT,
        "FEET": 1.0,
    }[unit] * options.specific_gravity_ratio  # fmt: skip
    pressure = _FT / per_foot
    rough = 1.0 if options.headloss != "D-W" else length * 1e-3
    return InpUnits(
        flow=flow,
        length=length,
        diameter=_FT / 12 if us else 1e-3,
        roughness=rough,
        pressure=pressure,
        power=745.7 if us else 1000.0,
        volume=length**3,
        # q = C p^n with p in the file's unit; one metre of head is 1 / pressure of them
        emitter=flow * (1 / pressure) ** options.emitter_exponent,
    )
