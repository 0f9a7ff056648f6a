"""Names as the pages get them: always in both languages."""

from pydantic import BaseModel

from twin.index import SiteIndex
from twin.model.base import Text
from twin.model.devices import Device

Names = dict[str, str]
"""``{"zh": ..., "en": ...}``"""


class Bilingual(BaseModel):
    """A text in both languages."""

    zh: str
    en: str


def names(text: Text, fallback: str = "") -> Names:
    """A name in both languages; an absent one is the other's, or the fallback.

    Examples
    --------
    >>> names(Text(en="Pump room")), names(Text(), "t1-f03")
    ({'zh': 'Pump room', 'en': 'Pump room'}, {'zh': 't1-f03', 'en': 't1-f03'})
    """
    return {"zh": text.zh or text.en or fallback, "en": text.en or text.zh or fallback}


def device_names(index: SiteIndex, device: Device) -> Names:
    """The device's own name, else that of its kind."""
    own = device.name if device.name.zh or device.name.en else index.kinds[device.kind].name
    return names(own, device.id)
