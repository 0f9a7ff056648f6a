"""The index document: what the pages need to read the feed and to find things, in columns (``docs/api.md``)."""

from typing import Any

import msgspec

from twin.index import SiteIndex
from twin.model.devices import DeviceKind
from viewer.documents.names import device_names, names
from viewer.documents.places import Places


def _kind(kind: DeviceKind) -> dict[str, Any]:
    return {
        "id": kind.id,
        "name": names(kind.name),
        "system": kind.system,
        "colour": kind.colour,
        "primary": kind.primary or (kind.channels[0].id if kind.channels else None),
        "channels": [
            {
                "id": channel.id,
                "name": names(channel.name),
                "unit": channel.unit,
                "states": {str(value): names(text) for value, text in channel.states.items()},
                "alarm_states": channel.alarm_states,
                "decimals": channel.decimals,
                "interval_s": channel.interval_s,
            }
            for channel in kind.channels
        ],
    }


def site_index_document(places: Places) -> bytes:
    """The index as JSON: kinds, devices in columns, buildings with their storeys."""
    index = places.index
    devices = index.site.devices
    kind_number = {kind.id: k for k, kind in enumerate(index.site.kinds)}
    points_m = [places.points_m[d.id] for d in devices]
    called = [device_names(index, d) for d in devices]
    where = [places.devices[d.id] for d in devices]
    document = {
        "version": index.version,
        "kinds": [_kind(kind) for kind in index.site.kinds],
        "devices": {
            "id": [d.id for d in devices],
            "kind": [kind_number[d.kind] for d in devices],
            "name_zh": [n["zh"] for n in called],
            "name_en": [n["en"] for n in called],
            "x_m": [round(p[0], 3) for p in points_m],
            "y_m": [round(p[1], 3) for p in points_m],
            "z_m": [round(p[2], 3) for p in points_m],
            "building": [w.building for w in where],
            "storey": [w.storey for w in where],
            "space": [w.space for w in where],
            "first_row": [index.first_row[d.id] for d in devices],
        },
        "buildings": _buildings(index),
    }
    return msgspec.json.encode(document)


def _buildings(index: SiteIndex) -> list[dict[str, Any]]:
    storeys: dict[str, list[dict[str, Any]]] = {building.id: [] for building in index.site.buildings}
    for storey in index.storeys.values():
        storeys[storey.building.id].append(
            {
                "id": storey.id,
                "name": names(storey.name, storey.id),
                "number": storey.number,
                "elevation_m": round(storey.elevation_m, 3),
                "height_m": storey.template.height_m,
            }
        )
    return [
        {
            "id": building.id,
            "name": names(building.name, building.id),
            "use": building.use,
            "height_m": building.height_m,
            "base_elevation_m": building.base_elevation_m,
            "storeys": sorted(storeys[building.id], key=lambda s: s["elevation_m"]),
        }
        for building in index.site.buildings
    ]
