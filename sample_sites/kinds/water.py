"""Water, drainage and duct devices."""

from sample_sites.kinds.channels import RUN_STATES, discrete, kind, measured, text
from twin.model.devices import Channel, DeviceKind

_POSITION_STATES = {
    0: text("关闭", "closed"),
    1: text("开启", "open"),
    2: text("中间位", "between"),
    3: text("故障", "fault"),
}


def pressure(interval_s: float, high_pa: float = 1.6e6) -> Channel:
    """Gauge pressure; a 1.6 MPa transmitter."""
    return measured("pressure", "pa", ("压力", "pressure"), interval_s, range=(-1e5, high_pa), decimals=0)


def level(interval_s: float, high_m: float) -> Channel:
    """Depth of water."""
    return measured("level", "m", ("液位", "level"), interval_s, range=(0.0, high_m), decimals=3)


def _meter(interval_s: float, high_m3_per_s: float) -> tuple[Channel, ...]:
    flow = measured("flow", "m3_per_s", ("流量", "flow"), interval_s, range=(-high_m3_per_s, high_m3_per_s), decimals=6)
    volume = measured("volume", "m3", ("累计水量", "volume"), interval_s, range=(0.0, 1e7), decimals=3)
    return flow, volume


def pump_channels(power_w: float) -> tuple[Channel, ...]:
    """State, power, speed and running time of a pump."""
    return (
        discrete("state", ("状态", "state"), RUN_STATES, 2, interval_s=10.0),
        measured("power", "w", ("功率", "power"), 10.0, range=(0.0, power_w), decimals=0),
        measured("speed", "ratio", ("转速比", "speed"), 10.0, range=(0.0, 1.2), decimals=3),
        measured("run_time", "s", ("累计运行", "run time"), 300.0, range=(0.0, 1e9), decimals=0),
    )


WATER_KINDS: tuple[DeviceKind, ...] = (
    kind("water-meter-inlet", "water", ("进水总表", "inlet water meter"), (*_meter(10.0, 0.1), pressure(10.0)),
         clauses="7.1.7.1 7.2.6.1 7.2.9.1", brick="Building_Water_Meter", ifc="IfcFlowMeter/WATERMETER", height_m=0.8),
    kind("water-meter-zone", "water", ("分区水表", "zone water meter"), _meter(30.0, 0.1),
         clauses="7.1.7.1 7.2.6.1", brick="Water_Meter", ifc="IfcFlowMeter/WATERMETER", height_m=0.8),
    kind("water-meter-building", "water", ("楼栋水表", "building water meter"), _meter(60.0, 0.05),
         clauses="7.1.7.1 7.2.6.1", brick="Building_Water_Meter", ifc="IfcFlowMeter/WATERMETER", height_m=0.8),
    kind("water-meter-flat", "water", ("户用水表", "flat water meter"), _meter(300.0, 0.002)[::-1],
         clauses="7.1.7.1 7.1.8", brick="Water_Meter", ifc="IfcFlowMeter/WATERMETER", height_m=1.0),
    kind("pressure-sensor", "water", ("水压变送器", "water pressure sensor"), (pressure(10.0),),
         clauses="7.2.9.1 7.2.9.2", brick="Water_Pressure_Sensor", ifc="IfcSensor/PRESSURESENSOR"),
    kind("tank-level", "water", ("水箱液位计", "tank level"), (level(30.0, 6.0),),
         clauses="7.2.9.1", brick="Water_Level_Sensor", ifc="IfcSensor/LEVELSENSOR"),
    kind("pump-booster", "water", ("生活变频泵", "booster pump"), pump_channels(3e4),
         clauses="7.2.9.1", brick="Water_Pump", ifc="IfcPump/CIRCULATOR", height_m=0.5),
    kind("motor-valve", "water", ("电动阀", "motor valve"), (
        discrete("state", ("阀位状态", "state"), _POSITION_STATES, 3),
        measured("position", "ratio", ("开度", "position"), 60.0, range=(0.0, 1.0), writable=True, decimals=2)),
        clauses="7.2.9.1", brick="Water_Valve", ifc="IfcValve/ISOLATING", height_m=0.8),
    kind("isolation-valve", "water", ("检修阀", "isolation valve"),
         (discrete("state", ("阀位状态", "state"), _POSITION_STATES, 3, interval_s=300.0),),
         clauses="7.2.9.1 7.2.9.2", brick="Isolation_Valve", ifc="IfcValve/ISOLATING", height_m=0.8),
    kind("water-quality", "environment", ("水质监测仪", "water quality monitor"), (
        measured("chlorine", "mg_per_l", ("余氯", "residual chlorine"), 60.0, range=(0.0, 10.0)),
        measured("turbidity", "ntu", ("浊度", "turbidity"), 60.0, range=(0.0, 100.0)),
        measured("ph", "ph", ("酸碱度", "pH"), 60.0, range=(0.0, 14.0)),
        measured("temperature", "degc", ("水温", "water temperature"), 60.0, range=(-5.0, 60.0), decimals=1)),
        clauses="7.1.7.2 7.2.5", brick="Water_Quality_Sensor", ifc="IfcSensor/USERDEFINED"),
    kind("manhole-level", "drainage", ("检查井液位计", "manhole level"), (level(60.0, 8.0),),
         clauses="7.2.9.1 7.2.9.2", brick="Water_Level_Sensor", ifc="IfcSensor/LEVELSENSOR", height_m=0.0),
    kind("sump-pump", "drainage", ("集水坑潜污泵", "sump pump"), (
        discrete("state", ("状态", "state"), RUN_STATES, 2, interval_s=60.0), level(30.0, 4.0)),
        clauses="7.2.9.1", brick="Water_Pump", ifc="IfcPump/SUBMERSIBLEPUMP", height_m=0.0),
    kind("duct-fill", "telecom", ("通信管道占用率", "duct fill"),
         (measured("fill", "ratio", ("占用率", "fill"), 900.0, range=(0.0, 1.0)),),
         clauses="7.1.2.1 7.1.2.2 7.2.9.2", brick="Sensor", ifc="IfcSensor/USERDEFINED", height_m=0.0),
)  # fmt: skip
