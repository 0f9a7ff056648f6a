"""The catalogue of device kinds: what each measures, how often, and which clause of the property standard asks for it.

Intervals are those of the usual wired gateways and battery meters. A kind that reports on change repeats its value as
a heartbeat at its interval.
"""

from typing import Final

from twin.model.base import Text
from twin.model.devices import Channel, DeviceKind, System

COLOURS: Final[dict[str, str]] = {
    "water": "#1f78b4", "fire": "#d1495b", "drainage": "#7a6a53", "telecom": "#6a5acd", "security": "#3d5a80",
    "access": "#5b7f95", "energy": "#e09f3e", "gas": "#b5838d", "parking": "#577590", "charging": "#43aa8b",
    "lighting": "#e9c46a", "broadcast": "#9c6644", "environment": "#4d908e", "waste": "#6b8e23", "lift": "#8d6a9f",
    "care": "#c8553d", "service": "#7f8c8d", "climate": "#3a86a8",
}  # fmt: skip

_OFF_ON: Final = {0: ("停止", "off"), 1: ("运行", "on")}
_OK_ALARM: Final = {0: ("正常", "normal"), 1: ("报警", "alarm")}
_OFFLINE: Final = {0: ("离线", "offline"), 1: ("在线", "online")}
_PUMP: Final = {0: ("停止", "stopped"), 1: ("运行", "running"), 2: ("故障", "fault")}
_CLOSED_OPEN: Final = {0: ("关闭", "closed"), 1: ("打开", "open")}
_FREE_TAKEN: Final = {0: ("空闲", "free"), 1: ("占用", "occupied")}

_NAMES: Final[dict[str, tuple[str, str]]] = {
    "pressure": ("压力", "Pressure"), "flow": ("流量", "Flow"), "volume": ("累计水量", "Volume"),
    "level": ("液位", "Level"), "state": ("状态", "State"), "power": ("功率", "Power"), "energy": ("电量", "Energy"),
    "speed": ("转速比", "Speed ratio"), "run_time": ("运行时间", "Run time"), "starts": ("启动次数", "Starts"),
    "alarm": ("报警", "Alarm"), "smoke": ("烟雾浓度", "Obscuration"), "temperature": ("温度", "Temperature"),
    "humidity": ("湿度", "Humidity"), "battery": ("电池", "Battery"), "online": ("在线", "Online"),
    "leakage": ("剩余电流", "Residual current"), "clients": ("终端数", "Clients"), "signal": ("信号强度", "Signal"),
    "open": ("门状态", "Door"), "passages": ("通行次数", "Passages"), "occupied": ("占用", "Occupied"),
    "fill": ("满溢度", "Fill"), "storey": ("楼层", "Storey"),
    "door": ("轿门", "Car door"), "trips": ("运行次数", "Trips"),
    "load": ("载重", "Load"), "lit": ("亮灯", "Light"), "motion": ("人体感应", "Motion"), "lux": ("照度",
    "Illuminance"),
    "pm2_5": ("PM2.5", "PM2.5"), "pm10": ("PM10", "PM10"), "co2": ("二氧化碳", "CO2"), "noise": ("噪声", "Noise"),
    "wind": ("风速", "Wind"), "turbidity": ("浊度", "Turbidity"), "ph": ("酸碱度", "pH"),
    "chlorine": ("余氯", "Chlorine"), "moisture": ("土壤湿度", "Soil moisture"),
    "conductivity": ("电导率", "Conductivity"), "mains": ("主电源", "Mains"), "standby": ("备用电源", "Standby"),
    "leak": ("漏水", "Water leak"), "call": ("呼叫", "Call"), "activity": ("活动", "Activity"),
    "visits": ("巡更", "Visits"), "position": ("开度", "Position"), "sound": ("广播", "Announcing"),
    "showing": ("节目", "Programme"), "boxes_used": ("占用格口", "Boxes used"), "uses": ("使用次数", "Uses"),
    "uptime": ("在线时长", "Uptime"), "volume_gas": ("累计气量", "Gas volume"), "people": ("人数", "People"),
    "voltage": ("电压", "Voltage"), "duct_fill": ("管孔占用率", "Duct fill"), "cars": ("车次", "Cars"),
}  # fmt: skip

_RANGES: Final[dict[str, tuple[float, float]]] = {
    "pa": (0.0, 2.5e6), "m3_per_s": (-0.2, 0.5), "degc": (-40.0, 150.0), "ratio": (0.0, 1.0), "kwh": (0.0, 1e8),
    "m3": (0.0, 1e8), "w": (-1e6, 5e6), "db": (0.0, 140.0), "lx": (0.0, 200_000.0), "ug_per_m3": (0.0, 2000.0),
    "ppm": (0.0, 10_000.0), "ntu": (0.0, 1000.0), "ph": (0.0, 14.0), "dbm": (-130.0, 0.0), "v": (0.0, 500.0),
    "a": (0.0, 100.0), "m_per_s": (0.0, 60.0), "mg_per_l": (0.0, 50.0), "ms_per_cm": (0.0, 50.0), "s": (0.0, 1e10),
    "bool": (-0.5, 1.5),
}  # fmt: skip


def _states(words: dict[int, tuple[str, str]]) -> dict[int, Text]:
    return {value: Text(zh=zh, en=en) for value, (zh, en) in words.items()}


def _measured(
    channel: str,
    unit: str,
    interval_s: float,
    *,
    name: str | None = None,
    span: tuple[float, float] | None = None,
    decimals: int = 2,
) -> Channel:
    """A channel that reports a measurement at an interval."""
    zh, en = _NAMES[name or channel]
    return Channel(
        id=channel,
        name=Text(zh=zh, en=en),
        unit=unit,
        range=span or _RANGES.get(unit),
        interval_s=interval_s,
        decimals=decimals,
    )


def _changing(
    channel: str,
    words: dict[int, tuple[str, str]],
    heartbeat_s: float,
    *,
    alarms: tuple[int, ...] = (),
    writable: bool = False,
) -> Channel:
    """A channel that reports a state when it changes, and as a heartbeat."""
    zh, en = _NAMES[channel]
    return Channel(
        id=channel,
        name=Text(zh=zh, en=en),
        unit="bool" if set(words) == {0, 1} else "state",
        interval_s=heartbeat_s,
        reports="change",
        states=_states(words),
        alarm_states=alarms,
        writable=writable,
        decimals=0,
    )


def _counted(channel: str, interval_s: float) -> Channel:
    zh, en = _NAMES[channel]
    return Channel(id=channel, name=Text(zh=zh, en=en), unit="count", interval_s=interval_s, decimals=0)


def _kind(
    kind_id: str,
    zh: str,
    en: str,
    system: System,
    channels: tuple[Channel, ...],
    *,
    clauses: tuple[str, ...] = (),
    brick: str | None = None,
    ifc: str | None = None,
    mount_m: float = 1.5,
) -> DeviceKind:
    return DeviceKind(
        id=kind_id,
        name=Text(zh=zh, en=en),
        system=system,
        channels=channels,
        brick=brick,
        ifc=ifc,
        clauses=clauses,
        mount_height_m=mount_m,
        colour=COLOURS[system],
    )


def _water() -> tuple[DeviceKind, ...]:
    meter = (_measured("flow", "m3_per_s", 10), _measured("volume", "m3", 60, decimals=3))
    return (
        _kind("inlet_meter", "总进水表", "Inlet meter", "water", (*meter, _measured("pressure", "pa", 10)),
              clauses=("7.1.7.1", "7.2.6.1", "7.2.9.1"), brick="Water_Meter", ifc="IfcFlowMeter"),
        _kind("zone_meter", "分区水表", "Zone meter", "water", meter, clauses=("7.2.6.1", "7.2.9.1"),
              brick="Water_Meter", ifc="IfcFlowMeter"),
        _kind("building_water_meter", "楼栋水表", "Building water meter", "water",
              (_measured("flow", "m3_per_s", 30), _measured("volume", "m3", 60, decimals=3)),
              clauses=("7.1.7.1", "7.2.6.1", "7.2.9.1"), brick="Water_Meter", ifc="IfcFlowMeter"),
        _kind("flat_water_meter", "户用水表", "Flat water meter", "water",
              (_measured("volume", "m3", 300, decimals=3), _measured("flow", "m3_per_s", 300, decimals=6)),
              clauses=("7.1.7.1", "7.1.8"), brick="Water_Meter", ifc="IfcFlowMeter"),
        _kind("water_pressure", "水压传感器", "Water pressure", "water", (_measured("pressure", "pa", 10),),
              clauses=("7.2.9.1", "7.2.9.2"), brick="Water_Pressure_Sensor", ifc="IfcSensor"),
        _kind("tank_level", "水箱液位", "Tank level", "water", (_measured("level", "m", 20, span=(0.0, 10.0)),),
              clauses=("7.2.9.1",), brick="Water_Level_Sensor", ifc="IfcSensor"),
        _kind("booster_pump", "加压泵", "Booster pump", "water",
              (_changing("state", _PUMP, 30, alarms=(2,), writable=True), _measured("power", "w", 10),
               _measured("speed", "ratio", 10), _measured("run_time", "s", 60), _counted("starts", 60)),
              clauses=("7.2.9.1",), brick="Booster_Pump", ifc="IfcPump"),
        _kind("motor_valve", "电动阀", "Motor valve", "water", (_measured("position", "ratio", 60),),
              clauses=("7.2.9.1",), brick="Isolation_Valve", ifc="IfcValve"),
        _kind("water_quality", "水质监测仪", "Water quality monitor", "environment",
              (_measured("turbidity", "ntu", 60), _measured("ph", "ph", 60), _measured("chlorine", "mg_per_l", 60)),
              clauses=("7.1.7.2", "7.2.5"), brick="Water_Quality_Sensor", ifc="IfcSensor"),
    )  # fmt: skip


def _fire() -> tuple[DeviceKind, ...]:
    detector = (_changing("alarm", _OK_ALARM, 120, alarms=(1,)),)
    return (
        _kind("smoke_detector", "感烟探测器", "Smoke detector", "fire",
              (*detector, _measured("smoke", "ratio", 60, decimals=3), _measured("battery", "ratio", 3600)),
              clauses=("7.1.6.4",), brick="Smoke_Detector", ifc="IfcSensor", mount_m=2.7),
        _kind("heat_detector", "感温探测器", "Heat detector", "fire",
              (*detector, _measured("temperature", "degc", 60, decimals=1)), clauses=("7.1.6.4",),
              brick="Temperature_Sensor", ifc="IfcSensor", mount_m=2.7),
        _kind("electrical_fire_monitor", "电气火灾监测", "Electrical fire monitor", "fire",
              (*detector, _measured("leakage", "a", 30, decimals=3), _measured("temperature", "degc", 30, decimals=1)),
              clauses=("7.1.6.4",), brick="Fire_Sensor", ifc="IfcSensor"),
        _kind("hydrant", "室外消火栓", "Hydrant", "fire", (_measured("pressure", "pa", 30),),
              clauses=("7.1.6.2",), brick="Fire_Safety_Equipment", ifc="IfcFireSuppressionTerminal", mount_m=0.6),
        _kind("fire_pressure", "消防末端压力", "End-of-line fire pressure", "fire", (_measured("pressure", "pa", 30),),
              clauses=("7.1.6.2",), brick="Water_Pressure_Sensor", ifc="IfcSensor"),
        _kind("fire_tank_level", "消防水箱液位", "Fire tank level", "fire",
              (_measured("level", "m", 30, span=(0.0, 10.0)),), clauses=("7.1.6.2",), brick="Water_Level_Sensor",
              ifc="IfcSensor"),
        _kind("fire_pump", "消防泵", "Fire pump", "fire",
              (_changing("state", _PUMP, 60, alarms=(2,), writable=True), _measured("power", "w", 30)),
              clauses=("7.1.6.2",), brick="Fire_Pump", ifc="IfcPump"),
        _kind("jockey_pump", "稳压泵", "Jockey pump", "fire",
              (_changing("state", _PUMP, 60, alarms=(2,)), _counted("starts", 60)), clauses=("7.1.6.2",),
              brick="Fire_Pump", ifc="IfcPump"),
        _kind("fire_power_box", "消防双电源箱", "Fire power box", "fire",
              (_changing("mains", _OFF_ON, 60), _changing("standby", _OFF_ON, 60), _measured("voltage", "v", 60)),
              clauses=("7.1.6.3",), brick="Switchgear", ifc="IfcElectricDistributionBoard"),
        _kind("emergency_light_box", "应急照明电源箱", "Emergency lighting box", "fire",
              (_changing("mains", _OFF_ON, 120), _measured("battery", "ratio", 300)), clauses=("7.1.6.3",),
              brick="Emergency_Power_Off_System", ifc="IfcElectricDistributionBoard"),
        _kind("smoke_fan", "防排烟风机", "Smoke-control fan", "fire",
              (_changing("state", _PUMP, 120, alarms=(2,), writable=True),), clauses=("7.1.5.3",),
              brick="Smoke_Exhaust_Fan", ifc="IfcFan"),
        _kind("lane_sensor", "消防通道地磁", "Fire-lane sensor", "fire",
              (_changing("occupied", _FREE_TAKEN, 120, alarms=(1,)),), clauses=("7.1.6.1",),
              brick="Occupancy_Sensor", ifc="IfcSensor", mount_m=0.0),
    )  # fmt: skip


def _security() -> tuple[DeviceKind, ...]:
    camera = (_changing("online", _OFFLINE, 60), _measured("signal", "dbm", 300))
    return (
        _kind("camera", "枪式摄像机", "Fixed camera", "security", camera, brick="Camera", ifc="IfcAudioVisualAppliance",
              clauses=("7.1.5.2", "7.1.5.3", "7.1.5.4", "7.1.6.1"), mount_m=3.0),
        _kind("dome_camera", "半球摄像机", "Dome camera", "security", camera, brick="Camera",
              clauses=("7.1.5.3", "7.1.5.4"), ifc="IfcAudioVisualAppliance", mount_m=2.6),
        _kind("ptz_camera", "云台摄像机", "PTZ camera", "security", camera, clauses=("7.1.5.2", "7.1.5.4"),
              brick="PTZ_Camera", ifc="IfcAudioVisualAppliance", mount_m=6.0),
        _kind("perimeter_detector", "周界探测器", "Perimeter detector", "security",
              (_changing("alarm", _OK_ALARM, 60, alarms=(1,)),), clauses=("7.2.2.2",),
              brick="Intrusion_Detection_Equipment",
              ifc="IfcSensor", mount_m=2.0),
        _kind("patrol_point", "巡更点", "Patrol point", "security", (_counted("visits", 600),), clauses=("7.2.2.4",),
              brick="Access_Reader", ifc="IfcSensor"),
        _kind("door_reader", "门禁", "Door with card reader", "access",
              (_changing("open", _CLOSED_OPEN, 120, writable=True), _counted("passages", 60)),
              clauses=("7.2.1.1", "7.2.1.2"), brick="Access_Reader", ifc="IfcController", mount_m=1.2),
        _kind("barrier", "道闸", "Barrier", "parking",
              (_changing("open", _CLOSED_OPEN, 60, writable=True), _counted("cars", 30)), clauses=("7.2.3.1",),
              brick="Access_Control_Equipment", ifc="IfcDoor", mount_m=1.0),
        _kind("parking_sensor", "车位传感器", "Parking sensor", "parking", (_changing("occupied", _FREE_TAKEN, 300),),
              clauses=("7.2.3.1", "8.2.2.5"), brick="Occupancy_Sensor", ifc="IfcSensor", mount_m=0.0),
    )  # fmt: skip


def _energy() -> tuple[DeviceKind, ...]:
    charger = (_changing("state", {0: ("空闲", "idle"), 1: ("充电", "charging"), 2: ("故障", "fault")}, 60,
    alarms=(2,)),
               _measured("power", "w", 30), _measured("energy", "kwh", 60))  # fmt: skip
    return (
        _kind("flat_electricity_meter", "户用电表", "Flat electricity meter", "energy",
              (_measured("energy", "kwh", 300), _measured("power", "w", 300)), clauses=("7.1.7.1", "7.1.8"),
              brick="Electrical_Meter", ifc="IfcFlowMeter"),
        _kind("building_electricity_meter", "楼栋电表", "Building electricity meter", "energy",
              (_measured("energy", "kwh", 60), _measured("power", "w", 15)), clauses=("7.2.6.1", "7.2.6.2"),
              brick="Building_Electrical_Meter", ifc="IfcFlowMeter"),
        _kind("substation_meter", "变电所总表", "Substation meter", "energy",
              (_measured("energy", "kwh", 60), _measured("power", "w", 10), _measured("voltage", "v", 30)),
              clauses=("7.2.6.1",), brick="Electrical_Meter", ifc="IfcFlowMeter"),
        _kind("flat_gas_meter", "户用燃气表", "Flat gas meter", "gas",
              (_measured("volume", "m3", 900, name="volume_gas", decimals=3),), clauses=("7.1.7.1", "7.1.8"),
              brick="Gas_Meter", ifc="IfcFlowMeter"),
        _kind("charger_ac", "交流充电桩", "AC charger", "charging", charger, clauses=("7.2.7.1", "7.2.7.2"),
              brick="Electric_Vehicle_Charging_Station", ifc="IfcElectricAppliance", mount_m=1.2),
        _kind("charger_dc", "直流充电桩", "DC charger", "charging", charger, clauses=("7.2.7.1", "7.2.7.2"),
              brick="Electric_Vehicle_Charging_Station", ifc="IfcElectricAppliance", mount_m=1.2),
        _kind("light_group", "照明回路", "Light group", "lighting",
              (_changing("lit", _OFF_ON, 120, writable=True), _measured("power", "w", 60),
               _changing("motion", _OFF_ON, 300)),
              clauses=("7.2.8.1", "7.2.8.3", "7.2.8.4"), brick="Lighting_Equipment", ifc="IfcLightFixture",
              mount_m=2.7),
        _kind("smart_pole", "智慧路灯", "Smart pole", "lighting",
              (_changing("lit", _OFF_ON, 120, writable=True), _measured("power", "w", 60), _measured("lux", "lx", 60)),
              clauses=("7.2.8.1", "7.2.8.2"), brick="Lighting_Equipment", ifc="IfcLightFixture", mount_m=5.0),
    )  # fmt: skip


def _services() -> tuple[DeviceKind, ...]:
    return (
        _kind("wifi_ap", "无线接入点", "Wi-Fi access point", "telecom",
              (_changing("online", _OFFLINE, 60), _counted("clients", 60)), clauses=("7.1.2.7",),
              brick="ICT_Equipment", ifc="IfcCommunicationsAppliance", mount_m=2.7),
        _kind("gateway", "物联网网关", "IoT gateway", "telecom",
              (_changing("online", _OFFLINE, 30), _measured("uptime", "s", 60)),
              clauses=("7.1.3.1", "7.1.3.2", "7.1.4"), brick="Gateway", ifc="IfcCommunicationsAppliance"),
        _kind("duct_sensor", "通信管道井传感器", "Duct chamber sensor", "telecom",
              (_measured("duct_fill", "ratio", 600), _changing("leak", _OK_ALARM, 300, alarms=(1,))),
              clauses=("7.1.2.1", "7.1.2.2", "7.2.9.1"), ifc="IfcSensor", mount_m=0.0),
        _kind("room_monitor", "机房环境监测", "Room monitor", "climate",
              (_measured("temperature", "degc", 30, decimals=1), _measured("humidity", "ratio", 30),
               _changing("leak", _OK_ALARM, 120, alarms=(1,))),
              clauses=("7.1.1.3",), brick="Temperature_Sensor", ifc="IfcSensor", mount_m=2.0),
        _kind("ups", "不间断电源", "UPS", "energy",
              (_changing("mains", _OFF_ON, 60), _measured("battery", "ratio", 60), _measured("load", "ratio", 30)),
              clauses=("7.1.1.3",), brick="UPS", ifc="IfcElectricFlowStorageDevice"),
        _kind("lift", "电梯", "Lift", "lift",
              (Channel(id="storey", name=Text(zh="楼层", en="Storey"), unit="count", range=(-5.0, 150.0), interval_s=60,
                       reports="change", decimals=0),
               _changing("door", _CLOSED_OPEN, 60), _counted("trips", 60),
               _changing("state", {0: ("正常", "in service"), 1: ("困人", "person trapped"), 2: ("停用",
               "out of service"),
                                   3: ("消防迫降", "fire recall")}, 60, alarms=(1,)),
               _measured("load", "ratio", 60)),
              clauses=("7.1.5.4", "8.2.2.1"), brick="Elevator", ifc="IfcTransportElement", mount_m=1.2),
        _kind("loudspeaker", "广播扬声器", "Loudspeaker", "broadcast",
              (_changing("sound", _OFF_ON, 120, writable=True), _changing("online", _OFFLINE, 120)),
              clauses=("7.2.4.2",), brick="Loudspeaker", ifc="IfcAudioVisualAppliance", mount_m=2.6),
        _kind("display", "信息发布屏", "Information display", "broadcast",
              (_changing("online", _OFFLINE, 120), Channel(id="showing", name=Text(zh="节目", en="Programme"),
               unit="count", interval_s=60, reports="change", decimals=0, writable=True)),
              clauses=("7.2.4.3", "7.2.4.4"), brick="Display", ifc="IfcAudioVisualAppliance", mount_m=2.0),
        _kind("air_monitor", "空气质量监测站", "Air monitor", "environment",
              (_measured("pm2_5", "ug_per_m3", 30, decimals=0), _measured("pm10", "ug_per_m3", 30, decimals=0),
               _measured("temperature", "degc", 30, decimals=1), _measured("humidity", "ratio", 30),
               _measured("wind", "m_per_s", 15, decimals=1)),
              clauses=("7.1.7.2", "7.2.5"), brick="Air_Quality_Sensor", ifc="IfcSensor", mount_m=3.0),
        _kind("indoor_air", "室内空气监测", "Indoor air monitor", "environment",
              (_measured("co2", "ppm", 30, decimals=0), _measured("temperature", "degc", 30, decimals=1)),
              clauses=("7.1.7.2",), brick="CO2_Sensor", ifc="IfcSensor"),
        _kind("noise_monitor", "噪声监测仪", "Noise monitor", "environment", (_measured("noise", "db", 10,
        decimals=1),),
              clauses=("7.2.5",), brick="Noise_Sensor", ifc="IfcSensor", mount_m=4.0),
        _kind("soil_monitor", "土质监测仪", "Soil monitor", "environment",
              (_measured("moisture", "ratio", 300), _measured("conductivity", "ms_per_cm", 300)), clauses=("7.2.5",),
              brick="Soil_Sensor", ifc="IfcSensor", mount_m=0.0),
        _kind("manhole_level", "检查井液位", "Manhole level", "drainage",
              (_measured("level", "m", 60, span=(0.0, 6.0)),), clauses=("7.2.9.1", "7.2.9.2"),
              brick="Water_Level_Sensor", ifc="IfcSensor", mount_m=0.0),
        _kind("bin", "智能垃圾箱", "Smart bin", "waste", (_measured("fill", "ratio", 60), _counted("uses", 120)),
              clauses=("8.2.2.2",), ifc="IfcFurniture", mount_m=1.0),
        _kind("recycling_cabinet", "分类回收柜", "Recycling cabinet", "waste",
              (_measured("fill", "ratio", 120), _counted("uses", 120)), clauses=("8.2.2.3",), ifc="IfcFurniture",
              mount_m=1.2),
        _kind("call_button", "紧急呼叫按钮", "Emergency call button", "care",
              (_changing("call", _OK_ALARM, 300, alarms=(1,)), _measured("battery", "ratio", 3600)),
              clauses=("7.1.8",), brick="Emergency_Call_Button", ifc="IfcAlarm", mount_m=0.8),
        _kind("activity_sensor", "活动感应器", "Activity sensor", "care", (_counted("activity", 300),),
              clauses=("7.1.8", "8.3.3.3"), brick="Motion_Sensor", ifc="IfcSensor", mount_m=2.4),
        _kind("terminal", "自助服务终端", "Self-service terminal", "service",
              (_changing("online", _OFFLINE, 120), _counted("uses", 120)), clauses=("7.1.1.2",), brick="ICT_Equipment",
              ifc="IfcCommunicationsAppliance", mount_m=1.2),
        _kind("parcel_locker", "快递柜", "Parcel locker", "service",
              (_changing("online", _OFFLINE, 120), _measured("boxes_used", "ratio", 120)), clauses=("8.3.2.1",),
              ifc="IfcFurniture", mount_m=1.2),
    )  # fmt: skip


def kinds() -> tuple[DeviceKind, ...]:
    """Every device kind of the sample estates, grouped by trade."""
    return (*_water(), *_fire(), *_security(), *_energy(), *_services())
