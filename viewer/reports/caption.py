"""What stands under a picture: its title, where north is, what its colours and marks mean."""

import io
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MissingPartError
from viewer.reports.sheet import Shade
from viewer.reports.words import Language, word

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

    Font = FreeTypeFont | ImageFont

_log = logging.getLogger(__name__)

HIGH_PX: Final = 120
_INK: Final = "#16202a"
_SOFT: Final = "#5b6875"
_GAP: Final = "#b3123c"
_DEVICE: Final = "#12385c"
_EDGE_PX: Final = 28
_TITLE_PX: Final = 30
_SAID_PX: Final = 19
_SWATCH_PX: Final = 20
_FONTS: Final[dict[Language, tuple[tuple[str, int], ...]]] = {
    "zh": (
        ("NotoSansCJK-Regular.ttc", 2), ("NotoSansCJKsc-Regular.otf", 0), ("NotoSansSC-Regular.otf", 0),
        ("NotoSansSC-Regular.ttf", 0), ("SourceHanSansSC-Regular.otf", 0), ("SourceHanSansCN-Regular.otf", 0),
        ("msyh.ttc", 0), ("simhei.ttf", 0), ("PingFang.ttc", 0), ("wqy-zenhei.ttc", 0), ("wqy-microhei.ttc", 0),
    ),
    "en": (("DejaVuSans.ttf", 0), ("LiberationSans-Regular.ttf", 0), ("arial.ttf", 0), ("Arial.ttf", 0)),
}  # fmt: skip
"""By name and number in its file, in the order they are tried."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What is said under a picture.

    Attributes
    ----------
    north : right and up on the picture
    """

    title: str
    shades: tuple[Shade, ...]
    north: tuple[float, float]
    language: Language


def captioned(picture: NDArray[np.uint8], caption: Caption) -> bytes:
    """A PNG of a picture, (rows, columns, 3), with a band of `HIGH_PX` rows under it.

    Raises
    ------
    MissingPartError
        If Pillow is not installed, or no font of the machine has Chinese letters.
    """
    try:
        from PIL import Image, ImageDraw  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingPartError("pictures need the render extra: pip install 'plumbline-twin[render]'") from error
    rows, columns = picture.shape[:2]
    whole = Image.new("RGB", (columns, rows + HIGH_PX), "#ffffff")
    whole.paste(Image.fromarray(np.ascontiguousarray(picture[:, :, :3])), (0, 0))
    band = ImageDraw.Draw(whole)
    title, said = _font(caption.language, _TITLE_PX), _font(caption.language, _SAID_PX)
    band.text((_EDGE_PX, rows + 14), caption.title, font=title, fill=_INK)
    _key(band, caption, said, top_px=rows + 72, most_px=columns - 2 * _EDGE_PX - HIGH_PX)
    _north(band, caption, said, middle_px=(columns - _EDGE_PX - HIGH_PX // 2, rows + HIGH_PX // 2))
    out = io.BytesIO()
    whole.save(out, format="PNG")
    return out.getvalue()


def _key(band: "ImageDraw", caption: Caption, font: "Font", *, top_px: int, most_px: int) -> None:
    """Swatches with their words, in short where the long ones would not fit; then the marks."""
    marks = [word("mark_device", caption.language), word("mark_gap", caption.language)]
    for long in (True, False):
        texts = [shade.said if long else shade.short for shade in caption.shades]
        wide = sum(band.textlength(text, font=font) + _SWATCH_PX + 30 for text in (*texts, *marks))
        if wide <= most_px:
            break
    x: float = _EDGE_PX
    for shade, text in zip(caption.shades, texts, strict=True):
        band.rectangle((x, top_px, x + _SWATCH_PX, top_px + _SWATCH_PX), fill=shade.colour, outline=_SOFT)
        x = _said(band, text, font, (x, top_px))
    middle = top_px + _SWATCH_PX / 2
    band.ellipse((x + 4, middle - 6, x + 16, middle + 6), fill=_DEVICE)
    x = _said(band, marks[0], font, (x, top_px))
    band.rectangle((x, top_px + 2, x + _SWATCH_PX, top_px + _SWATCH_PX - 2), outline=_GAP, width=3)
    _said(band, marks[1], font, (x, top_px))


def _said(band: "ImageDraw", text: str, font: "Font", at_px: tuple[float, float]) -> float:
    """Write beside a mark; gives where the next one stands."""
    x = at_px[0] + _SWATCH_PX + 8
    band.text((x, at_px[1] + _SWATCH_PX / 2), text, font=font, fill=_INK, anchor="lm")
    return x + band.textlength(text, font=font) + 22


def _north(band: "ImageDraw", caption: Caption, font: "Font", *, middle_px: tuple[int, int]) -> None:
    """An arrow that points where north is in the picture."""
    right, up = caption.north
    long = math.hypot(right, up) or 1.0
    along, aside = (right / long, -up / long), (up / long, right / long)
    x, y = middle_px

    def at(forth: float, beside: float) -> tuple[float, float]:
        return x + forth * along[0] + beside * aside[0], y + forth * along[1] + beside * aside[1]

    band.polygon([at(24, 0), at(-24, 14), at(-12, 0), at(-24, -14)], fill=_INK)
    band.text(at(42, 0), word("north", caption.language), font=font, fill=_INK, anchor="mm")


def _font(language: Language, size_px: int) -> "Font":
    """The first font of the machine that has the letters."""
    from PIL import ImageFont  # noqa: PLC0415 - an extra

    for name, number in _FONTS[language]:
        try:
            return ImageFont.truetype(name, size_px, index=number)
        except OSError:  # not on this machine: the next one
            continue
    if language == "zh":
        raise MissingPartError(
            "no font with Chinese letters on this machine for the words under the pictures. Install one (Debian: apt "
            "install fonts-noto-cjk), or ask for --language en"
        )
    _log.info("none of %s on this machine, taking Pillow's own font", ", ".join(name for name, _ in _FONTS[language]))
    return ImageFont.load_default(size_px)


def titled(parts: Sequence[str]) -> str:
    """A title of its parts.

    Examples
    --------
    >>> titled(["Riverside", "Cameras", "", "Tower 1 Roof"])
    'Riverside · Cameras · Tower 1 Roof'
    """
    return " · ".join(filter(None, parts))
