"""Lifts, care, services, wireless and the data room."""

from sample_sites.kinds.channels import (
    ONLINE_STATES,
    SUPPLY_STATES,
    SWITCH_STATES,
    discrete,
    kind,
    measured,
    status,
    text,
)
from twin.model.devices import DeviceKind

_LIFT_STATES = {
    0: text("正常", "normal"), 1: text("困人", "person trapped"), 2: text("故障", "fault"),
    3: text("检修", "maintenance"),
    4: text("消防迫降", "fire recall"),
}  # fmt: skip
_DOOR_STATES = {0: text("关门", "closed"), 1: text("开门", "open"), 2: text("运动中", "moving")}
_CALL_STATES = {0: text("正常", "normal"), 1: text("呼救", "call for help"), 2: text("故障", "fault")}
_DRY_STATES = {0: text("干燥", "dry"), 1: text("漏水", "water leak"), 2: text("故障", "fault")}
_TERMINAL_STATES = {
    0: text("离线", "offline"),
    1: text("空闲", "idle"),
    2: text("使用中", "in use"),
    3: text("故障", "fault"),
}

BUILDING_KINDS: tuple[DeviceKind, ...] = (
    kind("lift", "lift", ("电梯", "lift"), (
        discrete("state", ("状态", "state"), _LIFT_STATES, 1, 2, interval_s=30.0),
        measured("storey", "count", ("所在楼层", "storey"), 5.0, range=(-9.0, 99.0), decimals=0),
        discrete("door", ("轿门", "car door"), _DOOR_STATES, interval_s=15.0),
        measured("people", "count", ("轿厢人数", "people inside"), 15.0, range=(0.0, 30.0), decimals=0),
        measured("trips", "count", ("运行次数", "trips"), 300.0, range=(0.0, 1e9), decimals=0)),
        clauses="7.1.4", brick="Elevator", ifc="IfcTransportElement/ELEVATOR", primary="storey"),
    kind("call-button", "care", ("紧急呼叫按钮", "emergency call button"), (
        discrete("state", ("状态", "state"), _CALL_STATES, 1, 2, interval_s=300.0),
        measured("battery", "ratio", ("电量", "battery"), 900.0, range=(0.0, 1.0))),
        clauses="7.1.8", brick="Emergency_Call_Button", ifc="IfcAlarm/CALLPOINT", height_m=0.9, reaches="call"),
    kind("aed", "care", ("自动体外除颤器", "defibrillator"), (),
        clauses="7.1.8", brick="Safety_Equipment", ifc="IfcMedicalDevice", height_m=1.3, reaches="aed"),
    kind("activity-sensor", "care", ("活动感知器", "activity sensor"), (
        discrete("present", ("有人", "presence"), SWITCH_STATES, interval_s=60.0),
        measured("movements", "count", ("活动次数", "movements"), 60.0, range=(0.0, 1e8), decimals=0)),
        clauses="7.1.8", brick="Motion_Sensor", ifc="IfcSensor/MOVEMENTSENSOR", height_m=2.2),
    kind("care-centre", "care", ("远程呼救中心", "remote call centre"), (
        status(60.0), measured("open_calls", "count", ("待处理呼叫", "open calls"), 60.0, range=(0.0, 1000.0),
            decimals=0)),
        clauses="7.1.8", brick="Equipment", ifc="IfcCommunicationsAppliance", height_m=1.0),
    kind("terminal", "service", ("自助服务终端", "self-service terminal"), (
        discrete("state", ("状态", "state"), _TERMINAL_STATES, 0, 3, interval_s=60.0),
        measured("sessions", "count", ("办理次数", "sessions"), 300.0, range=(0.0, 1e8), decimals=0)),
        clauses="7.1.1.2", brick="Equipment", ifc="IfcCommunicationsAppliance", height_m=1.2),
    kind("parcel-locker", "service", ("智能快递柜", "parcel locker"), (
        status(60.0), measured("occupied", "ratio", ("占用率", "occupied"), 120.0, range=(0.0, 1.0)),
        measured("parcels", "count", ("累计包裹", "parcels"), 300.0, range=(0.0, 1e8), decimals=0)),
        clauses="7.1.4", brick="Equipment", ifc="IfcFurniture", height_m=1.0, primary="occupied"),
    kind("wifi-ap", "telecom", ("无线接入点", "Wi-Fi access point"), (
        status(60.0), measured("clients", "count", ("终端数", "clients"), 60.0, range=(0.0, 500.0), decimals=0),
        measured("noise", "dbm", ("底噪", "noise floor"), 60.0, range=(-120.0, 0.0), decimals=0)),
        clauses="7.1.2.7", brick="Wireless_Access_Point", ifc="IfcCommunicationsAppliance/ROUTER", height_m=2.6,
        reaches="wifi",
        primary="clients"),
    kind("gateway", "telecom", ("物联网关", "gateway"), (
        status(30.0), measured("uptime", "s", ("运行时间", "uptime"), 30.0, range=(0.0, 1e9), decimals=0)),
        clauses="7.1.3.1 7.1.3.2 7.1.4", brick="Gateway", ifc="IfcCommunicationsAppliance/GATEWAY", height_m=2.0),
    kind("network-switch", "telecom", ("核心交换机", "network switch"), (
        discrete("link", ("外网连接", "outside connection"), ONLINE_STATES, 0, interval_s=30.0),
        measured("free_ports", "ratio", ("端口余量", "free ports"), 300.0, range=(0.0, 1.0))),
        clauses="7.1.2.2 7.1.2.6", brick="Network_Switch", ifc="IfcCommunicationsAppliance/NETWORKHUB"),
    kind("room-climate", "climate", ("机房温湿度", "room temperature and humidity"), (
        measured("temperature", "degc", ("温度", "temperature"), 10.0, range=(-40.0, 80.0), decimals=1),
        measured("humidity", "ratio", ("湿度", "humidity"), 10.0, range=(0.0, 1.0), decimals=3)),
        clauses="7.1.1.3 7.1.4", brick="Air_Temperature_Sensor", ifc="IfcSensor/TEMPERATURESENSOR"),
    kind("water-leak-detector", "climate", ("漏水检测器", "water leak detector"),
         (discrete("state", ("状态", "state"), _DRY_STATES, 1, 2, interval_s=60.0),),
         clauses="7.1.1.3", brick="Leak_Sensor", ifc="IfcSensor/MOISTURESENSOR", height_m=0.0),
    kind("ups", "energy", ("不间断电源", "uninterruptible power supply"), (
        discrete("supply", ("供电", "supply"), SUPPLY_STATES, 1, 2, interval_s=30.0),
        measured("charge", "ratio", ("电量", "charge"), 60.0, range=(0.0, 1.0), decimals=3),
        measured("load", "w", ("负载", "load"), 10.0, range=(0.0, 1e5), decimals=0)),
        clauses="7.1.1.3", brick="Energy_Storage_System", ifc="IfcElectricFlowStorageDevice/UPS", height_m=1.0),
    kind("storage-server", "telecom", ("数据服务器", "data server"), (
        status(60.0), measured("disk_used", "ratio", ("存储占用", "disk used"), 300.0, range=(0.0, 1.0), decimals=3)),
        clauses="7.1.1.3", brick="Server", ifc="IfcElectricAppliance", height_m=1.0),
)  # fmt: skip
