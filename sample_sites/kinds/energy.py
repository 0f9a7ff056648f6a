"""Electricity, gas, heat and charging."""

from sample_sites.kinds.channels import SWITCH_STATES, discrete, kind, measured, text
from twin.model.devices import Channel, DeviceKind

_CHARGER_STATES = {
    0: text("空闲", "free"), 1: text("已插枪", "plugged in"), 2: text("充电中", "charging"), 3: text("故障", "fault"),
}  # fmt: skip
_GAS_STATES = {0: text("正常", "normal"), 1: text("燃气泄漏", "gas leak"), 2: text("故障", "fault")}


def _energy(interval_s: float, high_w: float) -> tuple[Channel, ...]:
    return (
        measured("energy", "kwh", ("电能", "energy"), interval_s, range=(0.0, 1e9), decimals=2),
        measured("power", "w", ("功率", "power"), interval_s, range=(-high_w, high_w), decimals=0),
    )


def _charger(high_w: float) -> tuple[Channel, ...]:
    return (
        discrete("state", ("状态", "state"), _CHARGER_STATES, 3, interval_s=60.0),
        measured("power", "w", ("充电功率", "power"), 15.0, range=(0.0, high_w), decimals=0),
        measured("energy", "kwh", ("累计电量", "energy"), 60.0, range=(0.0, 1e8), decimals=2),
        discrete("enabled", ("允许充电", "enabled"), SWITCH_STATES, interval_s=300.0, writable=True),
    )


ENERGY_KINDS: tuple[DeviceKind, ...] = (
    kind("electricity-meter-inlet", "energy", ("变电总表", "substation meter"), (
        *_energy(10.0, 1e7), measured("voltage", "v", ("电压", "voltage"), 10.0, range=(0.0, 500.0), decimals=1)),
        clauses="7.1.7.1 7.2.6.1 7.2.6.2", brick="Building_Electrical_Meter", ifc="IfcFlowMeter/ENERGYMETER"),
    kind("electricity-meter-building", "energy", ("楼栋电表", "building electricity meter"), _energy(30.0, 2e6),
         clauses="7.1.7.1 7.2.6.1", brick="Building_Electrical_Meter", ifc="IfcFlowMeter/ENERGYMETER"),
    kind("electricity-meter-flat", "energy", ("户用电表", "flat electricity meter"), _energy(300.0, 3e4),
         clauses="7.1.7.1 7.1.8", brick="Electrical_Meter", ifc="IfcFlowMeter/ENERGYMETER"),
    kind("gas-meter-building", "gas", ("楼栋燃气表", "building gas meter"), (
        measured("volume", "m3", ("累计用气", "volume"), 300.0, range=(0.0, 1e8), decimals=2),
        measured("flow", "m3_per_s", ("流量", "flow"), 300.0, range=(0.0, 0.1), decimals=6)),
        clauses="7.1.7.1", brick="Building_Gas_Meter", ifc="IfcFlowMeter/GASMETER"),
    kind("gas-meter-flat", "gas", ("户用燃气表", "flat gas meter"),
         (measured("volume", "m3", ("累计用气", "volume"), 900.0, range=(0.0, 1e6), decimals=2),),
         clauses="7.1.7.1 7.1.8", brick="Gas_Meter", ifc="IfcFlowMeter/GASMETER", height_m=1.6),
    kind("gas-detector", "gas", ("可燃气体探测器", "gas detector"), (
        discrete("state", ("状态", "state"), _GAS_STATES, 1, 2),
        measured("concentration", "ppm", ("浓度", "concentration"), 60.0, range=(0.0, 5e4), decimals=0)),
        clauses="7.1.6.4", brick="Natural_Gas_Leak_Sensor", ifc="IfcSensor/GASSENSOR", height_m=2.4),
    kind("heat-meter", "climate", ("供热计量表", "heat meter"), (
        measured("energy", "kwh", ("热量", "heat"), 60.0, range=(0.0, 1e9), decimals=1),
        measured("power", "w", ("热功率", "power"), 60.0, range=(0.0, 1e7), decimals=0)),
        clauses="7.2.6.1", brick="Thermal_Power_Meter", ifc="IfcFlowMeter/ENERGYMETER"),
    kind("cooling-meter", "climate", ("供冷计量表", "cooling meter"), (
        measured("energy", "kwh", ("冷量", "cooling"), 60.0, range=(0.0, 1e9), decimals=1),
        measured("power", "w", ("冷功率", "power"), 60.0, range=(0.0, 1e7), decimals=0)),
        clauses="7.2.6.1", brick="Thermal_Power_Meter", ifc="IfcFlowMeter/ENERGYMETER"),
    kind("transformer", "energy", ("变压器", "transformer"), (
        measured("temperature", "degc", ("绕组温度", "winding temperature"), 30.0, range=(-30.0, 220.0), decimals=1),
        measured("load", "ratio", ("负载率", "load"), 30.0, range=(0.0, 2.0), decimals=3)),
        clauses="7.2.6.1", brick="Transformer", ifc="IfcTransformer", height_m=1.2),
    kind("charger-ac", "charging", ("交流充电桩", "AC charger"), _charger(8e3),
         clauses="7.2.7.1 7.2.7.2", brick="Electric_Vehicle_Charging_Station", ifc="IfcElectricAppliance",
         height_m=1.2),
    kind("charger-dc", "charging", ("直流充电桩", "DC charger"), _charger(1.3e5),
         clauses="7.2.7.1 7.2.7.2", brick="Electric_Vehicle_Charging_Station", ifc="IfcElectricAppliance",
         height_m=1.2),
    kind("charger-bicycle", "charging", ("电动自行车充电柜", "e-bicycle charger"), _charger(1.2e4),
         clauses="7.2.7.1", brick="Electric_Vehicle_Charging_Station", ifc="IfcElectricAppliance", height_m=1.2),
)  # fmt: skip
