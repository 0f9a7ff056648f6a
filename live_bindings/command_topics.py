"""Where a value is written so that a device's gateway passes it on, and how."""

import json
import re
from typing import Final

from twin.index import SiteIndex

_NAMED: Final = re.compile(r"\{(\w+)\}")


def command_topic(index: SiteIndex, device_id: str, channel: str) -> str | None:
    """The topic that a writable channel of a device is told values on; none where no binding says so.

    Raises
    ------
    UnknownIdError
        If there is no such device.
    """
    device = index.device(device_id)
    writable = {c.id for c in index.kinds[device.kind].channels if c.writable}
    if channel not in writable:
        return None
    known = {"device": device.id, "channel": channel, "parent": device.parent}
    for binding in index.site.bindings:
        if binding.command is not None and all(known[name] is not None for name in _NAMED.findall(binding.command)):
            return _NAMED.sub(lambda found: str(known[found[1]]), binding.command)
    return None


def command_payload(value: float, *, now_s: float) -> bytes:
    """A value as it is written, in its channel's unit.

    Examples
    --------
    >>> command_payload(1.0, now_s=1763800000.25)
    b'{"t": 1763800000.25, "v": 1.0}'
    """
    return json.dumps({"t": round(now_s, 3), "v": value}).encode()
