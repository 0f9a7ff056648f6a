"""The catalogue of device kinds an estate has: the source of every generated ``kinds.yaml``.

Intervals are those of real devices: meters report every 5 to 15 minutes, pressures every 10 to 30 s, detectors on
change with a heartbeat. `CATALOGUE` names every kind that clauses 7.1 and 7.2 of the property standard ask for.
"""

from sample_sites.kinds.building import BUILDING_KINDS
from sample_sites.kinds.energy import ENERGY_KINDS
from sample_sites.kinds.fire import FIRE_KINDS
from sample_sites.kinds.outdoors import OUTDOOR_KINDS
from sample_sites.kinds.security import SECURITY_KINDS
from sample_sites.kinds.water import WATER_KINDS
from twin.model.devices import DeviceKind

CATALOGUE: tuple[DeviceKind, ...] = (
    *WATER_KINDS,
    *FIRE_KINDS,
    *SECURITY_KINDS,
    *ENERGY_KINDS,
    *OUTDOOR_KINDS,
    *BUILDING_KINDS,
)

__all__ = ["CATALOGUE"]
