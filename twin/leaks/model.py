"""What of a site matters for its leaks, prepared once."""

from dataclasses import dataclass

from twin.index import SiteIndex


@dataclass(frozen=True, slots=True, eq=False)
class LeakModel:
    """The site's pressure networks, their meters, tanks and sensors. Make one with `prepare`."""

    index: SiteIndex
    rows: tuple[int, ...]
    """Rows of the site index whose readings a window must hold."""
    window_s: float = 14 * 86_400.0
    """How far back a window should reach; a shorter one is used as far as it goes. [s]"""


def prepare(index: SiteIndex) -> LeakModel:
    """The leak model of a site."""
    wanted = {"volume", "flow", "pressure", "level", "state", "run_time"}
    tied = {tie.device for n in index.site.networks for tie in n.nodes.values()}
    tied |= {tie.device for n in index.site.networks for tie in n.links.values()}
    rows = tuple(c.row for c in index.channels if c.device.id in tied and c.channel.id in wanted)
    return LeakModel(index, rows)
