"""What an exit sign shows at a moment: where the way out of its space leads on."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from twin.evacuation.arrows import Arrow, arrow_towards
from twin.evacuation.names import Names
from twin.evacuation.ways_out import NOWHERE, WaysOut
from twin.index import SiteIndex
from twin.model.base import Text
from twin.model.devices import Device

_WORDS: Final[dict[Arrow, Text]] = {
    "left": Text(zh="指向左边：{to}", en="Point left, to {to}"),
    "right": Text(zh="指向右边：{to}", en="Point right, to {to}"),
    "ahead": Text(zh="指向前方：{to}", en="Point straight on, to {to}"),
    "no_entry": Text(zh="显示禁止通行，出路在身后：{to}", en="Show no entry: the way is back, to {to}"),
}
_TO: Final = Text(zh="指向{to}", en="Point to {to}")
_LOST: Final = Text(zh="显示禁止通行：此处无路可出", en="Show no entry: no way leads out here")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a sign should show.

    Attributes
    ----------
    arrow : none where nobody knows which way the sign looks
    bearing_deg : to the next door, clockwise from north; none where no way leads out
    """

    arrow: Arrow | None
    bearing_deg: float | None
    text: Text


def shown(ways: WaysOut, index: SiteIndex, sign: Device) -> Shown | None:
    """What a sign should show at a moment; none where it hangs in no space that people set off from."""
    row = ways.of.starting.get(sign.space or "")
    if row is None:
        return None
    if not np.isfinite(ways.seconds[row]):
        return Shown("no_entry", None, _LOST)
    if ways.doors[row] == NOWHERE:
        return None
    spots = ways.of.site.graph.spots
    x, y, _ = index.device_point(sign)
    door = spots[int(ways.doors[row])].point_m
    east_m, north_m = door[0] - x, door[1] - y
    bearing_deg = round(float(np.degrees(np.arctan2(east_m, north_m)) % 360.0), 1) % 360.0
    arrow = None if sign.bearing_deg is None else arrow_towards(east_m, north_m, sign.bearing_deg)
    leads = next(int(rows[row]) for rows in (ways.stairs, ways.exits, ways.ends) if rows[row] != NOWHERE)
    name, words = Names(index)[spots[leads].id], _TO if arrow is None else _WORDS[arrow]
    text = Text(zh=words.zh.format(to=name.zh or name.en), en=words.en.format(to=name.en or name.zh))
    return Shown(arrow, bearing_deg, text)
