"""Vehicles that stand about, as their detectors tell: what they hide changes with every one that comes or goes."""

from collections.abc import Mapping

import shapely
import shapely.affinity

from geometry.meshes import Mesh
from twin.fabric.occluders import vehicle
from twin.index import SiteIndex, to_shapely
from twin.model.devices import Device
from twin.state import Quality, StateSnapshot

LENGTH_M, WIDTH_M = {"car": 4.8, "lorry": 9.0}, {"car": 1.9, "lorry": 2.5}
"""Of a passenger car (the place of JGJ 100 less its margins) and of a lorry of medium size (GB 1589)."""


def vehicles(index: SiteIndex, state: StateSnapshot | None) -> Mapping[str, Mesh]:
    """What stands at each detector that tells of a vehicle now; nothing without a state."""
    if state is None:
        return {}
    found = {}
    for kind in index.kinds.values():
        if kind.tells_of is None or not kind.channels:
            continue
        channel = kind.primary or kind.channels[0].id
        place = [c.id for c in kind.channels].index(channel)
        for device in index.site.devices:
            row = index.first_row[device.id] + place
            known = device.kind == kind.id and state.quality[row] in (Quality.GOOD, Quality.UNCERTAIN)
            if known and state.values[row] == 1:
                found[device.id] = parked_at(index, device, is_lorry=kind.tells_of == "lorry")
    return found


def parked_at(index: SiteIndex, device: Device, *, is_lorry: bool) -> Mesh:
    """A vehicle at its detector: in the parking space the detector names, else as the detector is turned."""
    x_m, y_m, z_m = index.device_point(device)
    if device.space in index.spaces:
        space = index.spaces[device.space]
        if space.template.use == "parking_space":
            area = to_shapely(space.template.polygon)
            return vehicle(area, elevation_m=space.storey.elevation_m, is_lorry=is_lorry)
        z_m = space.storey.elevation_m
    return standing_at(x_m, y_m, elevation_m=z_m, bearing_deg=device.bearing_deg or 0.0, is_lorry=is_lorry)


def standing_at(
    x_m: float, y_m: float, *, elevation_m: float = 0.0, bearing_deg: float = 0.0, is_lorry: bool = False
) -> Mesh:  # fmt: skip
    """A vehicle of usual size with its middle at a point of the site frame, its nose to a bearing from north."""
    what = "lorry" if is_lorry else "car"
    half_width_m, half_length_m = WIDTH_M[what] / 2, LENGTH_M[what] / 2
    box = shapely.box(-half_width_m, -half_length_m, half_width_m, half_length_m)
    turned = shapely.affinity.rotate(box, -bearing_deg, origin=(0, 0))
    around = shapely.affinity.translate(turned, x_m, y_m)
    # `vehicle` takes the place a vehicle stands in and leaves its margin
    return vehicle(around.buffer(0.3, join_style="mitre"), elevation_m=elevation_m, is_lorry=is_lorry)
