"""Cameras, doors, perimeter, patrol, vehicles and broadcast."""

from sample_sites.kinds.channels import ALARM_STATES, SWITCH_STATES, discrete, kind, measured, status, text
from twin.model.devices import DeviceKind

_CAMERA_CLAUSES = "7.1.5.2 7.1.5.3 7.1.5.4"
_DOOR_STATES = {
    0: text("关闭", "closed"),
    1: text("开启", "open"),
    2: text("强行开门", "forced"),
    3: text("超时未关", "held open"),
}
_INTRUSION_STATES = {
    0: text("布防正常", "armed"),
    1: text("入侵", "intrusion"),
    2: text("故障", "fault"),
    3: text("撤防", "disarmed"),
}
_BARRIER_STATES = {0: text("落杆", "closed"), 1: text("抬杆", "open"), 2: text("故障", "fault")}
_SPACE_STATES = {0: text("空闲", "free"), 1: text("占用", "occupied")}


def _camera(kind_id: str, names: tuple[str, str], clauses: str) -> DeviceKind:
    frames = measured("frame_rate", "hz", ("帧率", "frame rate"), 120.0, range=(0.0, 60.0), decimals=1)
    return kind(kind_id, "security", names, (status(60.0), frames), clauses=clauses,
                brick="Camera", ifc="IfcAudioVisualAppliance/CAMERA", height_m=2.6, reaches="camera")  # fmt: skip


SECURITY_KINDS: tuple[DeviceKind, ...] = (
    _camera("camera-fixed", ("枪式摄像机", "fixed camera"), f"{_CAMERA_CLAUSES} 7.1.6.1"),
    _camera("camera-dome", ("半球摄像机", "dome camera"), _CAMERA_CLAUSES),
    _camera("camera-ptz", ("球形云台摄像机", "pan-tilt-zoom camera"), f"{_CAMERA_CLAUSES} 7.2.8.2"),
    _camera("camera-lift", ("电梯轿厢摄像机", "lift car camera"), "7.1.5.4"),
    kind("door-access", "access", ("门禁", "door with card reader"), (
        discrete("state", ("门状态", "door"), _DOOR_STATES, 2, 3),
        measured("passages", "count", ("通行次数", "passages"), 60.0, range=(0.0, 1e8), decimals=0),
        discrete("release", ("放行", "release"), SWITCH_STATES, writable=True)),
        clauses="7.2.1.1 7.2.1.2 7.2.1.3", brick="Access_Reader", ifc="IfcDoor", height_m=1.3),
    kind("people-counter", "access", ("客流计数器", "people counter"), (
        status(), measured("entered", "count", ("进入人数", "entered"), 60.0, range=(0.0, 1e8), decimals=0),
        measured("left", "count", ("离开人数", "left"), 60.0, range=(0.0, 1e8), decimals=0)),
        clauses="7.2.1.1 7.2.2.4", brick="Occupancy_Count_Sensor", ifc="IfcSensor/USERDEFINED", height_m=2.4,
        primary="entered"),
    kind("perimeter-detector", "security", ("周界探测器", "perimeter detector"),
         (discrete("state", ("状态", "state"), _INTRUSION_STATES, 1, 2),),
         clauses="7.2.2.2 7.2.2.4", brick="Intrusion_Detection_Equipment", ifc="IfcSensor/MOVEMENTSENSOR",
         height_m=1.8, reaches="perimeter"),
    kind("intrusion-detector", "security", ("室内入侵探测器", "intrusion detector"),
         (discrete("state", ("状态", "state"), _INTRUSION_STATES, 1, 2),),
         clauses="7.2.2.2", brick="Intrusion_Detection_Equipment", ifc="IfcSensor/MOVEMENTSENSOR", height_m=2.5),
    kind("patrol-point", "security", ("巡更点", "patrol point"),
         (measured("visits", "count", ("巡更次数", "visits"), 900.0, reports="change", range=(0.0, 1e8), decimals=0),),
         clauses="7.2.2.4", brick="Security_Equipment", ifc="IfcSensor/IDENTIFIERSENSOR", height_m=1.4,
         reaches="patrol"),
    kind("parking-sensor", "parking", ("车位探测器", "parking sensor"),
         (discrete("occupied", ("占用", "occupied"), _SPACE_STATES, interval_s=300.0),),
         clauses="7.2.3.1", brick="Occupancy_Sensor", ifc="IfcSensor/USERDEFINED", height_m=2.3, tells_of="car"),
    kind("barrier", "parking", ("道闸", "barrier"), (
        discrete("state", ("状态", "state"), _BARRIER_STATES, 2, interval_s=60.0),
        measured("vehicles", "count", ("过车数", "vehicles"), 60.0, range=(0.0, 1e8), decimals=0),
        discrete("release", ("放行", "release"), SWITCH_STATES, writable=True)),
        clauses="7.2.3.1 7.2.3.2", brick="Barrier", ifc="IfcDoor/GATE", height_m=1.0),
    kind("parking-display", "parking", ("车位引导屏", "parking guidance display"), (
        status(), measured("free_spaces", "count", ("空余车位", "free spaces"), 60.0, range=(0.0, 1e5), decimals=0)),
        clauses="7.2.3.2", brick="Display", ifc="IfcAudioVisualAppliance/DISPLAY", height_m=2.4),
    kind("loudspeaker", "broadcast", ("应急广播扬声器", "loudspeaker"), (
        status(300.0), discrete("playing", ("播放", "playing"), SWITCH_STATES, interval_s=300.0, writable=True)),
        clauses="7.2.4.2", brick="Loudspeaker", ifc="IfcAudioVisualAppliance/SPEAKER", height_m=2.6, reaches="sound"),
    kind("display", "broadcast", ("信息发布屏", "information display"),
         (status(), measured("brightness", "ratio", ("亮度", "brightness"), 300.0, range=(0.0, 1.0), writable=True)),
         clauses="7.2.4.3 7.2.4.4", brick="Display", ifc="IfcAudioVisualAppliance/DISPLAY", height_m=1.6),
    kind("alarm-host", "security", ("报警主机", "alarm panel"),
         (discrete("state", ("状态", "state"), ALARM_STATES, 2),
             discrete("armed", ("布防", "armed"), SWITCH_STATES, writable=True)),
         clauses="7.2.2.1 7.2.2.4", brick="Security_Equipment", ifc="IfcController", height_m=1.4),
)  # fmt: skip
