"""Which devices do their work, by what they said last."""

from collections.abc import Collection, Iterable

from twin.index import SiteIndex
from twin.state import Quality, StateSnapshot

_STATUS = "status"


def not_working(
    index: SiteIndex, devices: Iterable[str], state: StateSnapshot | None, *, without: Collection[str] = ()
) -> frozenset[str]:
    """Ids of the devices that are down: told so, said so, or say nothing any more.

    A device is down if its channel `status` is 0, if a channel is in one of its `down_states`, or if all its channels
    are silent or bad. One that has never reported is taken to be well, as is one without channels.

    Parameters
    ----------
    state : without one all are up
    without : those that count as down whatever the state says
    """
    known = frozenset(devices)
    told = known & frozenset(without)
    return told if state is None else told | {device for device in known if _is_down(index, device, state)}


def _is_down(index: SiteIndex, device: str, state: StateSnapshot) -> bool:
    channels = index.kinds[index.devices[device].kind].channels
    first = index.first_row[device]
    silent = 0
    for row, channel in enumerate(channels, first):
        quality = state.quality[row]
        if quality in (Quality.BAD, Quality.STALE):
            silent += 1
        elif quality != Quality.NEVER:
            down = (0, *channel.down_states) if channel.id == _STATUS else channel.down_states
            if state.values[row] in down:
                return True
    return bool(channels) and silent == len(channels)
