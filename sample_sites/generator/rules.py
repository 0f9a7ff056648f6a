"""When alarms are raised, and what to do first."""

from collections.abc import Sequence
from typing import Final

from sample_sites.kinds import CATALOGUE
from twin.model.base import Text
from twin.model.devices import Device
from twin.model.rules import Rule, Severity

MPA: Final = 1e6
LITRE_PER_H: Final = 1e-3 / 3600
HOUR_S: Final = 3600.0
_FILL_M3_PER_S: Final = 6.5e-6
"""Highest flow into the break tank, per flat of the estate."""
_BURST_M3_PER_S: Final = 5e-3
"""More than that beyond the filling of the tank is no demand an estate has."""


def _text(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


def _reported(
    rule_id: str, kinds: str, names: tuple[str, str], severity: Severity, skill: str, advice: tuple[str, str]
) -> Rule:
    """A rule for alarms that the devices report themselves."""
    return Rule(
        id=rule_id, name=_text(*names), kind="device", device_kinds=tuple(kinds.split()), severity=severity,
        skill=skill, advice=_text(*advice),
    )  # fmt: skip


def _by_devices() -> tuple[Rule, ...]:
    return (
        _reported("fire", "smoke-detector heat-detector manual-call-point", ("火灾报警", "Fire alarm"), "critical",
            "fire-control",
                  ("立即查看现场视频并派人确认；确认后启动广播疏散并拨打119。",
                   "Look at the cameras and send someone at once; if confirmed, start evacuation and call 119.")),
        _reported("electrical-fire", "electrical-fire-monitor", ("电气火灾预警", "Electrical fire warning"), "critical",
                  "electricity", ("断开相应回路，用热像仪检查接头与线缆。",
                                  "Switch off the circuit; check joints and cables with a thermal camera.")),
        _reported("gas-leak", "gas-detector", ("燃气泄漏", "Gas leak"), "critical", "emergency",
                  ("通知住户开窗、关阀、禁止开关电器，联系燃气公司。",
                   "Have the resident open windows, shut the valve and touch no switch; call the gas company.")),
        _reported("fire-lane", "fire-lane-sensor", ("消防通道被占", "Fire lane blocked"), "major", "parking",
                  ("联系车主立即挪车，必要时拖车。", "Have the owner move the car at once; tow it if need be.")),
        _reported("fire-supply", "fire-power-box emergency-lighting-box", ("消防电源异常", "Fire power supply"),
            "major",
                  "electricity", ("检查双电源切换与断路器。", "Check the transfer switch and the breakers.")),
        _reported("smoke-fan-fault", "smoke-fan", ("防排烟风机故障", "Smoke fan fault"), "major", "fire",
                  ("到机房检查控制柜与电机。", "Check the controller and the motor in the smoke-control room.")),
        _reported("pump-fault", "pump-booster pump-fire pump-jockey sump-pump", ("水泵故障", "Pump fault"), "major",
            "pumps",
                  ("切换备用泵，检查变频器与过载。", "Change over to the standby pump; check drive and overload.")),
        _reported("valve-fault", "motor-valve isolation-valve", ("阀门故障", "Valve fault"), "minor", "plumbing",
                  ("现场手动操作并检查执行器。", "Turn it by hand; check the actuator.")),
        _reported("camera-offline", "camera-fixed camera-dome camera-ptz camera-lift",
            ("摄像机离线", "Camera offline"), "minor",
                  "network",
                  ("检查供电与网络端口，临时增加巡逻。", "Check power and switch port; patrol the place meanwhile.")),
        _reported("intrusion", "perimeter-detector intrusion-detector", ("入侵报警", "Intrusion"), "critical",
            "security",
                  ("调看附近摄像机，派保安到现场。", "Look through the nearest cameras; send a guard.")),
        _reported("door-forced", "door-access", ("门禁异常", "Door forced or held open"), "major", "security",
                  ("查看门口视频并到场核实。", "Look at the camera by the door; check on the spot.")),
        _reported("barrier-fault", "barrier", ("道闸故障", "Barrier fault"), "minor", "access",
                  ("手动抬杆放行并检修。", "Lift it by hand and mend it.")),
        _reported("lift", "lift", ("电梯困人或故障", "Lift: trapped person or fault"), "critical", "lift",
                  ("与轿厢通话安抚，通知电梯维保，30分钟内到场。",
                   "Talk to the car, call lift maintenance; on site within 30 minutes.")),
        _reported("call-for-help", "call-button", ("紧急呼叫", "Call for help"), "critical", "care",
                  ("立即回拨并派护理人员上门。", "Call back at once and send a carer to the flat.")),
        _reported("water-in-room", "water-leak-detector", ("机房漏水", "Water in a plant room"), "major", "plumbing",
                  ("关闭上游阀门，检查水源。", "Shut the valve upstream; find the source.")),
        _reported("ups", "ups", ("UPS转电池", "UPS on battery"), "major", "electricity",
                  ("检查市电，估计剩余时间。", "Check the mains; estimate the time left.")),
        _reported("charger-fault", "charger-ac charger-dc charger-bicycle", ("充电桩故障", "Charger fault"), "minor",
            "charging",
                  ("停用并检修。", "Put it out of use and mend it.")),
        _reported("lamp-fault", "light smart-pole", ("灯具故障", "Lamp fault"), "info", "lighting",
                  ("更换光源或驱动。", "Replace the lamp or its driver.")),
        _reported("terminal-fault", "terminal parcel-locker display parking-display", ("终端故障", "Terminal fault"),
            "minor",
                  "network", ("检查电源与网络。", "Check power and network.")),
        _reported("network-down", "wifi-ap gateway network-switch storage-server care-centre",
                  ("网络设备离线", "Network device offline"), "major", "network",
                  ("检查供电、交换机端口与上联。", "Check power, switch port and uplink.")),
        _reported("cabinet-full", "recycling-cabinet", ("回收柜满", "Recycling cabinet full"), "minor", "waste",
                  ("安排清运。", "Have it emptied.")),
    )  # fmt: skip


def _threshold(
    rule_id: str, on: Sequence[str], channel: str, names: tuple[str, str], advice: tuple[str, str], *,
    above: float | None = None, below: float | None = None, severity: Severity = "major", skill: str,
    delay_s: float = 60.0,
    hysteresis: float = 0.0, devices: bool = False,
) -> Rule:  # fmt: skip
    return Rule(
        id=rule_id, name=_text(*names), kind="threshold", device_kinds=() if devices else tuple(on),
        devices=tuple(on) if devices else (), channel=channel, above=above, below=below, hysteresis=hysteresis,
        delay_s=delay_s, severity=severity, skill=skill, advice=_text(*advice),
    )  # fmt: skip


def _by_thresholds(devices: Sequence[Device]) -> tuple[Rule, ...]:
    rings = [d.id for d in devices if d.id.startswith("pt-ring-")]
    tops = [d.id for d in devices if d.id.startswith("pt-t")]
    roofs = [d.id for d in devices if d.kind == "tank-level" and d.id.endswith("-roof")]
    rooms = [d.id for d in devices if d.kind == "room-climate" and d.id.startswith("data-")]
    tank_low = ("水箱低液位", "Tank level low")
    fill = ("检查进水阀与供水泵。", "Check the inlet valve and the pumps that fill it.")
    tank_high = ("水箱高液位", "Tank level high")
    spill = ("检查浮球阀，防止溢流。", "Check the float valve before it overflows.")
    flats = sum(d.kind == "water-meter-flat" for d in devices)
    rules = [
        _threshold("inlet-flow-high", ["wm-inlet"], "flow", ("总进水流量异常", "Inlet flow above all demand"),
                   ("疑似爆管：核对分区流量与环网压力，准备关阀。",
                       "A burst is likely: compare zone flows and ring pressures, be ready to close valves."),
                   above=round(_FILL_M3_PER_S * flats * 1.3 + _BURST_M3_PER_S, 4), hysteresis=1e-3, severity="critical",
                   skill="water", delay_s=0.0, devices=True),
        _threshold("zone-flow-high", ["wm-low-zone"], "flow", ("低区流量异常", "Low-zone flow above all demand"),
                   ("疑似低区管网爆管：核对各楼栋流量，准备关阀。",
                       "A burst in the low zone is likely: compare the towers' flows, be ready to close valves."),
                   above=round(_FILL_M3_PER_S * flats + _BURST_M3_PER_S, 4), hysteresis=1e-3, severity="critical",
                   skill="water", delay_s=0.0, devices=True),
        _threshold("ring-pressure-low", rings, "pressure", ("环网压力低", "Ring pressure low"),
                   ("核对进水流量，查找爆管并准备关阀。",
                       "Compare with the inlet flow; look for a burst, be ready to close valves."),
                   below=0.15 * MPA, hysteresis=0.02 * MPA, skill="water", devices=True),
        _threshold("top-pressure-low", tops, "pressure", ("顶层水压低", "Pressure low at the top"),
                   ("检查水泵、屋顶水箱与立管阀门。", "Check pumps, roof tank and riser valves."),
                   below=0.03 * MPA, hysteresis=0.01 * MPA, skill="water", devices=True),
        _threshold("hydrant-pressure-low", ["hydrant-pressure"], "pressure", ("消火栓压力低", "Hydrant pressure low"),
                   ("检查稳压泵与消防管网。", "Check the jockey pump and the fire main."),
                   below=0.14 * MPA, hysteresis=0.02 * MPA, severity="critical", skill="fire"),
        _threshold("fire-end-pressure-low", ["fire-end-pressure"], "pressure",
            ("末端消防压力低", "End-of-line pressure low"),
                   ("检查立管阀门与稳压系统。", "Check riser valves and the pressure-keeping system."),
                   below=0.05 * MPA, hysteresis=0.01 * MPA, severity="critical", skill="fire"),
        _threshold("tank-low", ["tank-dom"], "level", tank_low, fill, below=0.6, hysteresis=0.1, skill="pumps",
            devices=True),
        _threshold("tank-high", ["tank-dom"], "level", tank_high, spill, above=2.55, hysteresis=0.05, skill="pumps",
            devices=True),
        _threshold("fire-tank-low", ["ftank-main"], "level", ("消防水池低液位", "Fire tank low"),
                   ("立即补水，通知消防值班。", "Fill it at once; tell the fire-control duty."), below=2.5,
                   hysteresis=0.1,
                   severity="critical", skill="fire", devices=True),
        _threshold("fire-roof-tank-low", ["ftank-roof"], "level", ("高位消防水箱低液位", "Fire roof tank low"),
                   ("检查补水与渗漏。", "Check its filling, look for leaks."), below=1.0, hysteresis=0.1,
                   severity="critical", skill="fire", devices=True),
        _threshold("manhole-high", ["manhole-level"], "level", ("检查井液位高", "Manhole level high"),
                   ("疏通下游管道。", "Clear the sewer downstream."), above=0.8, hysteresis=0.1, skill="drainage"),
        _threshold("flat-leak", ["water-meter-flat"], "flow", ("户内疑似漏水", "Leak suspected in a flat"),
                   ("联系住户检查马桶与水龙头。", "Ask the resident to check toilet and taps."), above=4 * LITRE_PER_H,
                   delay_s=6 * HOUR_S, severity="minor", skill="plumbing"),
        _threshold("building-night-flow", ["water-meter-building"], "flow",
            ("楼栋持续大流量", "Building flow stays high"),
                   ("关闭分区阀门做步进测试，查找立管漏点。",
                       "Step-test with the zone valves; look for a leaking riser."),
                   above=3.0e-3, delay_s=2 * HOUR_S, skill="water"),
        _threshold("elderly-inactive", ["activity-sensor"], "present",
            ("独居老人长时间无活动", "No activity of elderly resident"),
                   ("电话询问，无人接听即上门。", "Telephone; if nobody answers, go to the flat."), below=0.5,
                   delay_s=12 * HOUR_S, severity="critical", skill="care"),
        _threshold("bin-full", ["bin"], "fill", ("垃圾桶满", "Bin full"), ("安排清运。", "Have it emptied."), above=0.9,
                   hysteresis=0.1, severity="minor", skill="waste"),
        _threshold("bin-hot", ["bin"], "temperature", ("垃圾桶高温", "Bin is hot"),
            ("查看是否起火。", "Look whether it burns."),
                   above=60.0, hysteresis=5.0, severity="critical", skill="fire-control", delay_s=0.0),
        _threshold("pm25-high", ["air-monitor", "indoor-air"], "pm25", ("细颗粒物超标", "PM2.5 high"),
                   ("发布提示，减少户外活动。", "Publish a notice: stay indoors."), above=75.0, hysteresis=10.0,
                   severity="info", skill="customer", delay_s=HOUR_S),
        _threshold("garage-co-high", ["garage-co"], "co", ("车库一氧化碳高", "Garage CO high"),
                   ("启动排风。", "Start the exhaust fans."), above=24.0, hysteresis=4.0, skill="electricity",
                   delay_s=300.0),
        _threshold("noise-night", ["noise-monitor"], "level", ("噪声超标", "Noise high"),
                   ("到场劝阻。", "Go there and ask for quiet."), above=75.0, hysteresis=3.0, severity="info",
                   skill="security", delay_s=600.0),
        _threshold("water-chlorine-low", ["water-quality"], "chlorine", ("余氯低", "Chlorine low"),
                   ("停用水箱并冲洗消毒。", "Take the tank out of use; flush and disinfect."), below=0.05,
                   hysteresis=0.02,
                   skill="water", delay_s=600.0),
        _threshold("data-room-hot", rooms, "temperature", ("机房温度高", "Data room hot"),
                   ("检查空调。", "Check the air conditioning."), above=30.0, hysteresis=2.0, skill="network",
                   delay_s=300.0,
                   devices=True),
        _threshold("transformer-hot", ["transformer"], "temperature", ("变压器温度高", "Transformer hot"),
                   ("降低负荷，检查通风。", "Shed load; check ventilation."), above=130.0, hysteresis=5.0,
                   skill="electricity"),
        _threshold("duct-full", ["duct-fill"], "fill", ("通信管道余量不足", "Duct nearly full"),
            ("规划扩容。", "Plan more ducts."),
                   above=0.85, severity="info", skill="network"),
    ]  # fmt: skip
    if roofs:
        rules.append(
            _threshold(
                "roof-tank-low", roofs, "level", tank_low, fill, below=0.4, hysteresis=0.1, skill="pumps", devices=True
            )
        )
        rules.append(_threshold("roof-tank-high", roofs, "level", tank_high, spill, above=2.38, hysteresis=0.02,
            skill="pumps",
                                devices=True))  # fmt: skip
    return tuple(rules)


def rules(devices: Sequence[Device]) -> tuple[Rule, ...]:
    """The rules of the estate; a device of any kind that falls silent is one of them."""
    used = {d.kind for d in devices}
    silent = Rule(
        id="stale",
        name=_text("设备失联", "Device silent"),
        kind="stale",
        device_kinds=tuple(k.id for k in CATALOGUE if k.id in used),
        severity="minor",
        delay_s=60.0,
        skill="network",
        advice=_text("检查供电、网关与信号。", "Check power, gateway and signal."),
    )
    return (*_by_devices(), *_by_thresholds(devices), silent)
