"""Exit signs show where the way out is, as who reads them sees it."""

import pytest

from tests.twin.evacuation.burning_house import Burning, burning_site, detector
from tests.twin.evacuation.test_commands import at
from twin.evacuation.arrows import Arrow, arrow_towards
from twin.evacuation.commands import Proposal, proposals
from twin.evacuation.hazards import Report
from twin.evacuation.moment import Said
from twin.model.devices import Device

FIRE = detector("one", "a"), detector("two", "a", "heat")
LEFT, RIGHT, AHEAD, NO_ENTRY = 1.0, 2.0, 3.0, 4.0


def sign(x_m: float, y_m: float, looks_deg: float | None, kind: str = "sign", room: str = "west") -> Device:
    device = detector("sign", room, kind)
    return device.replace(x_m=x_m, y_m=y_m, z_m=2.3, bearing_deg=looks_deg)


def shown(of: Device, *shut: str) -> Proposal | None:
    """What a sign of the burning house is told with some doors shut."""
    house = Burning(burning_site(*FIRE, of))
    house.after(5).say(one=1, two=1)
    prepared, found = at(house, Said(shut={name: Report(0.0) for name in shut}))
    return next((p for p in proposals(prepared, found, house.snapshot) if p.kind == "direct"), None)


@pytest.mark.parametrize(("x_m", "y_m", "looks_deg", "arrow"), [
    # on the south wall, looking north: who reads it looks south, so west is to the right
    (-10, 0, 0, "right"), (10, 0, 0, "left"), (-10, -3, 0, "right"), (0, -10, 0, "ahead"), (0, 10, 0, "no_entry"),
    # over a corridor, looking east at who comes from there and walks west
    (-10, 0, 90, "ahead"), (10, 0, 90, "no_entry"), (0, 10, 90, "right"), (0, -10, 90, "left"),
    # over the door itself, whichever way it looks
    (0, 0.2, 0, "ahead"), (0.5, 1.0, 90, "ahead"),
    # bearings wind round
    (10, 0.1, 359.9, "left"), (10, 0.1, 0.1, "left"),
])  # fmt: skip
def test_the_arrow_is_the_reader_s(x_m: float, y_m: float, looks_deg: float, arrow: Arrow) -> None:
    assert arrow_towards(x_m, y_m, looks_deg) == arrow


def test_a_sign_follows_the_way_out() -> None:
    usual = shown(sign(9.0, 0.1, 0.0))
    assert usual is not None
    assert (usual.channel, usual.value, usual.clause) == ("arrow", RIGHT, "7.2.2.4")
    assert usual.text.en == "Point right, to the exit on h/f1"
    other = shown(sign(9.0, 0.1, 0.0), "h/f1/out-w")
    assert other is not None
    assert other.value == LEFT
    assert shown(sign(9.0, 1.9, 180.0)).value == LEFT  # type: ignore[union-attr] # the same way from the wall across


def test_a_sign_where_no_way_leads_out_forbids_it() -> None:
    lost = shown(sign(9.0, 0.1, 0.0), "h/f1/out-w", "h/f1/middle")
    assert lost is not None
    assert (lost.value, lost.text.zh) == (NO_ENTRY, "显示禁止通行：此处无路可出")


def test_a_sign_of_unknown_bearing_is_set_by_hand_and_one_that_turns_is_told_a_bearing() -> None:
    unknown = shown(sign(9.0, 0.1, None))
    assert unknown is not None
    assert (unknown.how, unknown.value, unknown.text.en) == ("by_hand", None, "Point to the exit on h/f1")
    turning = shown(sign(9.0, 0.0, None, "turning-sign"))
    assert turning is not None
    assert turning.channel == "bearing"
    assert turning.value == pytest.approx(270.0, abs=0.2)
    assert shown(sign(9.0, 0.0, None, "turning-sign"), "h/f1/out-w", "h/f1/middle").value is None  # type: ignore[union-attr]


def test_a_sign_outdoors_is_told_nothing() -> None:
    assert shown(sign(9.0, -5.0, 0.0).replace(space=None)) is None
