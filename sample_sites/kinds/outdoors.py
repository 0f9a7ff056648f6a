"""Lighting, environment and waste."""

from sample_sites.kinds.channels import SWITCH_STATES, discrete, kind, measured, status, text
from twin.model.devices import Channel, DeviceKind

_MOTION_STATES = {0: text("无人", "nobody"), 1: text("有人", "somebody")}
_LAMP_STATES = {0: text("关", "off"), 1: text("开", "on"), 2: text("故障", "fault")}
_CABINET_STATES = {0: text("正常", "normal"), 1: text("满箱", "full"), 2: text("故障", "fault")}


def _lamp() -> tuple[Channel, ...]:
    return (
        discrete("state", ("状态", "state"), _LAMP_STATES, 2, interval_s=300.0, writable=True),
        measured("power", "w", ("功率", "power"), 120.0, range=(0.0, 1000.0), decimals=1),
    )


def _illuminance(interval_s: float = 60.0) -> Channel:
    return measured("illuminance", "lx", ("照度", "illuminance"), interval_s, range=(0.0, 2e5), decimals=0)


def _motion() -> Channel:
    return discrete("motion", ("移动", "motion"), _MOTION_STATES, interval_s=60.0)


def _air() -> tuple[Channel, ...]:
    return (
        measured("pm25", "ug_per_m3", ("细颗粒物", "PM2.5"), 30.0, range=(0.0, 1000.0), decimals=1),
        measured("temperature", "degc", ("温度", "temperature"), 30.0, range=(-50.0, 70.0), decimals=1),
        measured("humidity", "ratio", ("湿度", "humidity"), 30.0, range=(0.0, 1.0), decimals=3),
    )


OUTDOOR_KINDS: tuple[DeviceKind, ...] = (
    kind("light", "lighting", ("公共照明", "luminaire"), (*_lamp(), _motion()), primary="state",
         clauses="7.2.8.1 7.2.8.4", brick="Luminaire", ifc="IfcLightFixture", height_m=2.7, reaches="light"),
    kind("daylight-sensor", "lighting", ("光照传感器", "daylight sensor"), (_illuminance(),),
         clauses="7.2.8.3", brick="Illuminance_Sensor", ifc="IfcSensor/LIGHTSENSOR", height_m=2.6),
    kind("smart-pole", "lighting", ("智慧灯杆", "smart pole"), (*_lamp(), _illuminance(), _motion()),
         clauses="7.2.8.1 7.2.8.2 7.2.8.4", brick="Luminaire", ifc="IfcLightFixture/POINTSOURCE", height_m=6.0,
         reaches="light"),
    kind("air-monitor", "environment", ("室外空气监测站", "outdoor air monitor"), (
        *_air(),
        measured("pm10", "ug_per_m3", ("可吸入颗粒物", "PM10"), 30.0, range=(0.0, 2000.0), decimals=1),
        measured("wind_speed", "m_per_s", ("风速", "wind speed"), 10.0, range=(0.0, 60.0), decimals=1)),
        clauses="7.1.7.2 7.2.5", brick="Air_Quality_Sensor", ifc="IfcSensor/GASSENSOR", height_m=3.0),
    kind("indoor-air", "environment", ("室内空气监测仪", "indoor air monitor"), (
        measured("co2", "ppm", ("二氧化碳", "CO2"), 30.0, range=(0.0, 1e4), decimals=0), *_air()),
        clauses="7.1.7.2", brick="Air_Quality_Sensor", ifc="IfcSensor/CO2SENSOR"),
    kind("garage-co", "environment", ("车库一氧化碳", "garage CO sensor"),
         (measured("co", "ppm", ("一氧化碳", "CO"), 30.0, range=(0.0, 1000.0), decimals=1),),
         clauses="7.1.7.2", brick="CO_Sensor", ifc="IfcSensor/COSENSOR"),
    kind("noise-monitor", "environment", ("噪声监测仪", "noise monitor"),
         (measured("level", "db", ("声级", "sound level"), 10.0, range=(0.0, 140.0), decimals=1),),
         clauses="7.2.5", brick="Noise_Sensor", ifc="IfcSensor/SOUNDSENSOR", height_m=3.0),
    kind("soil-monitor", "environment", ("土壤监测仪", "soil monitor"), (
        measured("moisture", "ratio", ("含水率", "moisture"), 300.0, range=(0.0, 1.0), decimals=3),
        measured("temperature", "degc", ("土温", "soil temperature"), 300.0, range=(-30.0, 60.0), decimals=1),
        measured("conductivity", "ms_per_cm", ("电导率", "conductivity"), 300.0, range=(0.0, 20.0))),
        clauses="7.2.5", brick="Soil_Sensor", ifc="IfcSensor/MOISTURESENSOR", height_m=0.0),
    kind("bin", "waste", ("智能垃圾桶", "smart bin"), (
        measured("fill", "ratio", ("满溢度", "fill"), 300.0, range=(0.0, 1.0)),
        measured("temperature", "degc", ("桶内温度", "temperature"), 300.0, range=(-40.0, 120.0), decimals=1)),
        clauses="7.1.4", brick="Sensor", ifc="IfcWasteTerminal", height_m=0.8),
    kind("recycling-cabinet", "waste", ("可回收物回收柜", "recycling cabinet"), (
        discrete("state", ("状态", "state"), _CABINET_STATES, 1, 2, interval_s=300.0),
        measured("fill", "ratio", ("满溢度", "fill"), 300.0, range=(0.0, 1.0)),
        measured("mass", "kg", ("累计重量", "mass"), 300.0, range=(0.0, 1e7), decimals=1)),
        clauses="7.1.4", brick="Sensor", ifc="IfcWasteTerminal", height_m=1.0, primary="fill"),
    kind("irrigation-valve", "environment", ("灌溉阀", "irrigation valve"),
         (status(), discrete("open", ("开启", "open"), SWITCH_STATES, interval_s=300.0, writable=True)),
         clauses="7.2.6.1", brick="Water_Valve", ifc="IfcValve/FAUCET", height_m=0.0),
)  # fmt: skip
