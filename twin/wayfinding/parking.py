"""Which parking spaces are taken, as the sensors over them tell."""

from collections.abc import Iterator

import shapely

from twin.index import SiteIndex, to_shapely
from twin.model.base import Polygon
from twin.state import Quality, StateSnapshot

_OCCUPIED = "occupied"
_TAKEN = 0.5
_AROUND_M = 0.5


def taken_spaces(index: SiteIndex, state: StateSnapshot) -> frozenset[str]:
    """Ids of parking spaces, indoors and out, with a car in them.

    What a sensor said last counts, also when that is long ago: a car does not leave because a sensor falls silent.
    """
    return frozenset(
        space for row, space in _sensors(index)
        if state.quality[row] < Quality.BAD and state.values[row] > _TAKEN
    )  # fmt: skip


def _sensors(index: SiteIndex) -> Iterator[tuple[int, str]]:
    """Row of each sensor's channel, and the space it is over."""
    outdoors = [
        (feature.id, to_shapely(feature.geometry).buffer(_AROUND_M))
        for feature in index.site.grounds
        if feature.use == "parking_space" and isinstance(feature.geometry, Polygon)
    ]
    for device in index.site.devices:
        row = index.rows.get(f"{device.id}:{_OCCUPIED}")
        if row is None or index.kinds[device.kind].system != "parking":
            continue
        if device.space is not None:
            yield row, device.space
            continue
        x, y, _ = index.device_point(device)
        yield from ((row, feature) for feature, shape in outdoors if shapely.intersects_xy(shape, x, y))
