"""Fire detection, fire water and fire power."""

from sample_sites.kinds.channels import (
    ALARM_STATES,
    RUN_STATES,
    SIGN_ARROWS,
    SUPPLY_STATES,
    SWITCH_STATES,
    discrete,
    kind,
    measured,
)  # fmt: skip
from sample_sites.kinds.water import level, pressure, pump_channels
from twin.model.devices import DeviceKind

FIRE_KINDS: tuple[DeviceKind, ...] = (
    kind("smoke-detector", "fire", ("烟感探测器", "smoke detector"), (
        discrete("state", ("状态", "state"), ALARM_STATES, 1, 2),
        measured("smoke", "db", ("减光率", "obscuration"), 120.0, range=(0.0, 10.0), decimals=2)),
        clauses="7.1.6.4", brick="Smoke_Detector", ifc="IfcSensor/SMOKESENSOR", height_m=2.7, reaches="smoke"),
    kind("heat-detector", "fire", ("温感探测器", "heat detector"), (
        discrete("state", ("状态", "state"), ALARM_STATES, 1, 2),
        measured("temperature", "degc", ("温度", "temperature"), 60.0, range=(-30.0, 150.0), decimals=1)),
        clauses="7.1.6.4", brick="Heat_Detector", ifc="IfcSensor/HEATSENSOR", height_m=2.7, reaches="heat"),
    kind("electrical-fire-monitor", "fire", ("电气火灾监控器", "electrical fire monitor"), (
        discrete("state", ("状态", "state"), ALARM_STATES, 1, 2),
        measured("residual_current", "a", ("剩余电流", "residual current"), 60.0, range=(0.0, 2.0), decimals=3),
        measured("temperature", "degc", ("线缆温度", "cable temperature"), 60.0, range=(-30.0, 200.0), decimals=1)),
        clauses="7.1.6.4", brick="Fire_Sensor", ifc="IfcSensor/USERDEFINED"),
    kind("manual-call-point", "fire", ("手动报警按钮", "manual call point"),
         (discrete("state", ("状态", "state"), ALARM_STATES, 1, 2),),
         clauses="7.1.6.4", brick="Manual_Fire_Alarm_Activation_Equipment", ifc="IfcAlarm/MANUALPULLBOX", height_m=1.4,
         reaches="fire_call"),
    kind("extinguisher", "fire", ("灭火器箱", "extinguisher cabinet"), (),
         clauses="7.1.6.2", brick="Fire_Safety_Equipment", ifc="IfcFireSuppressionTerminal/USERDEFINED", height_m=0.8,
         reaches="extinguisher"),
    kind("hydrant-pressure", "fire", ("消火栓压力", "hydrant pressure"), (pressure(30.0),),
         clauses="7.1.6.2", brick="Water_Pressure_Sensor", ifc="IfcFireSuppressionTerminal/FIREHYDRANT", height_m=0.7,
         reaches="hydrant"),
    kind("fire-end-pressure", "fire", ("末端试水压力", "end-of-line pressure"), (pressure(30.0),),
         clauses="7.1.6.2", brick="Water_Pressure_Sensor", ifc="IfcSensor/PRESSURESENSOR"),
    kind("fire-tank-level", "fire", ("消防水箱液位", "fire tank level"), (level(60.0, 6.0),),
         clauses="7.1.6.2", brick="Water_Level_Sensor", ifc="IfcSensor/LEVELSENSOR"),
    kind("pump-fire", "fire", ("消防泵", "fire pump"), pump_channels(1.6e5),
         clauses="7.1.6.2", brick="Water_Pump", ifc="IfcPump/ENDSUCTION", height_m=0.5),
    kind("pump-jockey", "fire", ("稳压泵", "jockey pump"), pump_channels(7.5e3),
         clauses="7.1.6.2", brick="Water_Pump", ifc="IfcPump/ENDSUCTION", height_m=0.5),
    kind("fire-power-box", "fire", ("消防动力配电箱", "fire power box"), (
        discrete("supply", ("供电", "supply"), SUPPLY_STATES, 1, 2, interval_s=60.0),
        measured("voltage", "v", ("电压", "voltage"), 60.0, range=(0.0, 500.0), decimals=1)),
        clauses="7.1.6.3", brick="Electrical_Equipment", ifc="IfcElectricDistributionBoard/SWITCHBOARD"),
    kind("emergency-lighting-box", "fire", ("应急照明双电源箱", "emergency lighting supply box"), (
        discrete("supply", ("供电", "supply"), SUPPLY_STATES, 1, 2, interval_s=60.0),
        measured("voltage", "v", ("电压", "voltage"), 60.0, range=(0.0, 500.0), decimals=1)),
        clauses="7.1.6.3", brick="Electrical_Equipment", ifc="IfcElectricDistributionBoard/SWITCHBOARD"),
    kind("smoke-fan", "fire", ("防排烟风机", "smoke-control fan"),
         (discrete("state", ("状态", "state"), RUN_STATES, 2),
             discrete("run", ("启动", "run"), SWITCH_STATES, writable=True)),
         clauses="7.1.5.3 7.1.6.3", brick="Exhaust_Fan", ifc="IfcFan/USERDEFINED", height_m=2.0),
    kind("exit-sign", "fire", ("智能疏散标志", "exit sign"), (
        discrete("arrow", ("指示", "arrow"), SIGN_ARROWS, writable=True),
        discrete("state", ("状态", "state"), {0: ALARM_STATES[0], 2: ALARM_STATES[2]}, 2)),
        clauses="7.1.6.3 7.2.2.4", brick="Fire_Safety_Equipment", ifc="IfcSign", height_m=2.3),
    kind("fire-lane-sensor", "fire", ("消防通道地磁", "fire lane sensor"),
         (discrete("blocked", ("占用", "blocked"), {0: ALARM_STATES[0], 1: ALARM_STATES[1]}, 1),),
         clauses="7.1.6.1", brick="Occupancy_Sensor", ifc="IfcSensor/USERDEFINED", height_m=0.0, tells_of="lorry"),
)  # fmt: skip
