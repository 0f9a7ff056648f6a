"""How the estate's messages become channels: its own gateways in the compact form, four foreign systems in theirs.

The foreign ones are what such an estate really has: an energy-management system that publishes kilowatts, LoRaWAN
water meters that count litres, and a wireless controller that writes plain words.
"""

from twin.model.rules import Binding


def bindings(site_id: str) -> tuple[Binding, ...]:
    """The bindings of the estate."""
    return (
        Binding(id="gateway-batch", topic=f"{site_id}/{{gateway}}/batch", payload="batch"),
        Binding(
            id="gateway-single", topic=f"{site_id}/{{gateway}}/{{device}}/{{channel}}", payload="compact",
            command=f"{site_id}/{{parent}}/{{device}}/{{channel}}/set",
        ),
        # the energy-management system: {"data": {"value": 1.25, "seq": 7}, "ts": 1763800000.0}
        Binding(
            id="ems-power", topic="ems/{meter}/kw", payload="json", device="em-{meter}", channel="power",
            value="data.value", time="ts", sequence="data.seq", unit="kw",
        ),
        Binding(
            id="ems-energy", topic="ems/{meter}/kwh", payload="json", device="em-{meter}", channel="energy",
            value="data.value", time="ts", sequence="data.seq",
        ),
        # LoRaWAN flat meters: {"object": {"litres": 123456}, "time": 1763800000.0, "fCnt": 812}
        Binding(
            id="lora-water-volume", topic="lorawan/water/{tower}/{flat}/volume", payload="json",
            device="wm-t{tower}-{flat}", channel="volume", value="object.litres", time="time", sequence="fCnt",
            unit="l",
        ),
        Binding(
            id="lora-water-flow", topic="lorawan/water/{tower}/{flat}/flow", payload="json",
            device="wm-t{tower}-{flat}", channel="flow", value="object.litres_per_hour", time="time", sequence="fCnt",
            unit="l_per_h",
        ),
        # the wireless controller: the bare number, or a word
        Binding(id="wlan-clients", topic="wlan/{ap}/clients", payload="plain", device="ap-{ap}", channel="clients"),
        Binding(
            id="wlan-status", topic="wlan/{ap}/status", payload="plain", device="ap-{ap}", channel="status",
            values={"offline": 0.0, "online": 1.0},
        ),
    )  # fmt: skip
