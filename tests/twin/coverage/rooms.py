"""Small rooms with cameras whose pictures can be reckoned by hand.

The camera model `square` has a focal length of 1000 pixels, 2000 x 1500: half the picture's width is seen at 45
degrees, its lower edge falls 0.75 m a metre, and there are 1000 / distance pixels on a metre.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from tests.twin.riverside_in_small import box
from twin.coverage.check import CameraCoverage, camera_coverage
from twin.coverage.prepared import prepare
from twin.index import SiteIndex, build
from twin.model.base import Polygon, Text
from twin.model.buildings import Building, Obstacle, Opening, Space, Storey
from twin.model.cameras import CameraModel
from twin.model.devices import Channel, Device, DeviceKind
from twin.model.grounds import Requirement, Zone
from twin.model.site import Origin, Site
from twin.state import Quality, Readings, State, StateSnapshot

ROOM = box(0, 0, 10, 8)
HOME = "hall/f1/room"
SQUARE = CameraModel(id="square", width_px=2000, height_px=1500, horizontal_fov_deg=90, infrared_m=5.0, zoom_ratio=4)
ALL_AROUND = CameraModel(
    id="around", width_px=2000, height_px=2000, optics="fisheye", fov_deg=180, infrared_m=10, is_dome=True
)
CAMERA = DeviceKind(
    id="camera",
    name=Text(en="Camera"),
    system="security",
    channels=(Channel(id="status", unit="state", interval_s=60, states={0: Text(en="down"), 1: Text(en="up")}),),
    reaches="camera",
)


def camera(name: str = "cam", **changes: object) -> Device:
    """A camera of the model `square` at the middle of the south wall, looking north and level."""
    fields = {"x_m": 5.0, "y_m": 0.5, "z_m": 2.5, "bearing_deg": 0.0, "tilt_deg": 0.0, "model": "square"} | changes
    return Device.model_validate({"id": name, "kind": "camera", "space": HOME, **fields})


def zone(polygon: Polygon, **changes: object) -> Zone:
    fields = {"id": "zone", "requirement": "seen", "polygon": polygon, "storey": "hall/f1"} | changes
    return Zone.model_validate(fields)


def seen(**changes: object) -> Requirement:
    """A requirement of 62.5 px/m at the height of faces."""
    fields = {"level": "observe", "edition": "2015", "target_heights_m": (1.6,)} | changes
    return Requirement.model_validate({"id": "seen", "kind": "camera", **fields})


def site(
    zones: Iterable[Zone],
    cameras: Iterable[Device],
    requirement: Requirement | None = None,
    *,
    pillars: Iterable[Polygon] = (),
    door: bool = False,
) -> Site:
    """One hall of a room 10 m by 8 m; with a door it is parted at y = 4, the door 2 m wide in the middle."""
    spaces: Sequence[Space] = (Space(id=HOME, use="other", polygon=ROOM),)
    openings: Sequence[Opening] = ()
    if door:
        spaces = (
            Space(id=HOME, use="other", polygon=box(0, 0, 10, 4)),
            Space(id="hall/f1/back", use="other", polygon=box(0, 4, 10, 8)),
        )
        openings = (Opening(id="hall/f1/d", kind="door", line=((4, 4), (6, 4)), connects=(HOME, "hall/f1/back")),)
    storey = Storey(
        id="hall/f1",
        first=1,
        last=1,
        elevation_m=0.0,
        height_m=3.0,
        polygon=ROOM,
        spaces=tuple(spaces),
        openings=tuple(openings),
        obstacles=tuple(Obstacle(id=f"hall/f1/p{k}", polygon=p) for k, p in enumerate(pillars)),
    )
    return Site(
        id="hall",
        name=Text(en="Hall"),
        origin=Origin(lon_deg=121.4, lat_deg=31.2),
        buildings=(Building(id="hall", use="other", footprint=ROOM, height_m=3.0, storeys=(storey,)),),
        zones=tuple(zones),
        requirements=(requirement or seen(),),
        kinds=(CAMERA,),
        camera_models=(SQUARE, ALL_AROUND),
        devices=tuple(cameras),
    )


def state(index: SiteIndex, statuses: dict[str, float], *, now_s: float = 10.0) -> StateSnapshot:
    """A state in which cameras have told their status at second 0, and no others anything."""
    held = State(index.intervals_s)
    rows = np.array([index.rows[f"{device}:status"] for device in statuses], dtype=np.int32)
    held.apply(
        Readings(
            rows,
            np.zeros(len(rows)),
            np.array(list(statuses.values())),
            np.full(len(rows), Quality.GOOD, dtype=np.uint8),
        )
    )
    return held.snapshot(now_s)


def covered(of: Site, statuses: dict[str, float] | None = None, *, now_s: float = 10.0) -> CameraCoverage:
    index = build(of)
    return camera_coverage(prepare(index), None if statuses is None else state(index, statuses, now_s=now_s))
