"""One device after another: names from the place and the kind, height from the kind, rounded to millimetres."""

import datetime as dt
from typing import Final

from sample_sites.kinds import CATALOGUE
from twin.model.base import Point, Text
from twin.model.devices import Device

INSTALLED: Final = dt.date(2024, 6, 18)
_MODELS: Final = {
    "loudspeaker": ("ceiling-3W", "garden-20W"),
    "wifi-ap": ("ceiling-dual-band", "outdoor-dual-band"),
    "light": ("panel-18W", "garden-30W"),
    "smart-pole": ("street-100W", "street-100W"),
}
"""What hangs indoors and outdoors where a place says nothing else."""
_KINDS: Final = {kind.id: kind for kind in CATALOGUE}


class Place:
    """Somewhere devices hang: its names, its floor, its space (none outdoors) and the gateway that serves it."""

    def __init__(
        self, zh: str, en: str, *, floor_m: float = 0.0, space: str | None = None, gateway: str | None = None
    ) -> None:
        self.zh = zh
        self.en = en
        self.floor_m = floor_m
        self.space = space
        self.gateway = gateway

    def within(self, space: str) -> "Place":
        """The same, in another of its spaces."""
        return Place(self.zh, self.en, floor_m=self.floor_m, space=space, gateway=self.gateway)


class Placer:
    """Collects the devices of an estate."""

    def __init__(self) -> None:
        self.devices: list[Device] = []

    def put(
        self, device_id: str, kind: str, place: Place, at: Point, *, label: str = "", height_m: float | None = None,
        bearing_deg: float | None = None, tilt_deg: float | None = None, model: str = "", parent: str | None = None,
        presets: tuple[str, ...] = (),
    ) -> str:  # fmt: skip
        """Add a device at a point of the plan; gives its id.

        Parameters
        ----------
        label : a number or word that tells it from others of its kind in the place; a bar parts Chinese and English.
        height_m : above the place's floor; none means the kind's mounting height.
        parent : none means the gateway of the place.
        """
        catalogue = _KINDS[kind]
        indoors, outdoors = _MODELS.get(kind, ("", ""))
        height = catalogue.mount_height_m if height_m is None else height_m
        label_zh, _, label_en = label.partition("|")
        name_en = f"{place.en} {catalogue.name.en} {label_en or label_zh}".strip()
        self.devices.append(
            Device(
                id=device_id,
                kind=kind,
                name=Text(zh=f"{place.zh}{catalogue.name.zh}{label_zh}", en=name_en),
                x_m=round(at[0], 2),
                y_m=round(at[1], 2),
                z_m=round(place.floor_m + height, 2),
                space=place.space,
                bearing_deg=bearing_deg,
                tilt_deg=tilt_deg,
                presets=presets,
                model=model or (outdoors if place.space is None else indoors),
                installed_on=INSTALLED,
                parent=parent or place.gateway,
            )
        )
        return device_id

    def camera(
        self, device_id: str, place: Place, at: Point, *, looks: float, tilt_deg: float | None = None,
        kind: str = "camera-dome", model: str = "", height_m: float | None = None, label: str = "",
        presets: tuple[str, ...] = (),
    ) -> str:  # fmt: skip
        """Add a camera that looks towards a bearing; a dome in a room's corner looks down into it."""
        usual = {"camera-fixed": "4MP-6mm", "camera-dome": "4MP-2.1mm", "camera-ptz": "4MP-4.8-110mm",
                 "camera-lift": "2MP-2.1mm"}[kind]  # fmt: skip
        if tilt_deg is None:
            tilt_deg = 35.0 if kind == "camera-dome" else 20.0
        return self.put(
            device_id, kind, place, at, bearing_deg=looks % 360, tilt_deg=tilt_deg, model=model or usual,
            height_m=height_m, label=label, presets=presets,
        )  # fmt: skip
