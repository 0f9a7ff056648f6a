"""A coverage answer cell by cell, packed for pages that draw it: three bytes a cell.

Layout: the magic ``PLCG``, the length of a JSON header in bytes (uint32, little endian), the header, zeros up to a
multiple of 4, then for each place of the header, at its `offset` after that, `rows` x `columns` numbers (uint16, little
endian, 65535 outside of the place), rows from south to north, followed by as many counts (uint8). A number n tells
`zero` + n x `scale` in the unit of the place.
"""

import json
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from twin.coverage.documents import place_document
from twin.coverage.places import PlaceGrids
from twin.coverage.result import PlaceResult

MAGIC: Final = b"PLCG"
OUTSIDE: Final = 65535
_FINEST: Final = 0.1
_BAND_M: Final = 1.0
"""Half the width of the band a line is drawn as, and the side of its cells."""
_MOST_CELLS: Final = 250_000


def packed(
    made_of: Mapping[tuple[str, str], PlaceGrids], places: Sequence[PlaceResult], more: Mapping[str, Any] | None = None
) -> bytes:
    """Some places of an answer with their cells.

    Parameters
    ----------
    made_of : samples of each place, by place and requirement; a line has none and is drawn as a band of cells
    more : further entries of the header
    """
    entries: list[dict[str, Any]] = []
    blocks: list[bytes] = []
    offset = 0
    for place in places:
        made = made_of.get((place.place_id, place.requirement.id))
        if made is not None:
            grid, (block, zero, scale) = _grid(made), _cells(made, place)
        elif place.line is not None:
            grid, (block, zero, scale) = _band(place, place.line)
        else:
            raise ValueError(f"{place.place_id} has neither samples nor a line")
        entries.append({**place_document(place), "grid": {**grid, "offset": offset, "zero": zero, "scale": scale}})
        blocks.append(block)
        offset += len(block)
    header = json.dumps({**(more or {}), "places": entries}, ensure_ascii=False, separators=(",", ":")).encode()
    padding = bytes(-(len(MAGIC) + 4 + len(header)) % 4)
    return b"".join([MAGIC, struct.pack("<I", len(header)), header, padding, *blocks])


def _grid(made: PlaceGrids) -> dict[str, Any]:
    grid = made.grids[0]
    rows, columns = grid.inside.shape
    return {
        "corner_m": [float(c) for c in grid.corner_m],
        "step_m": grid.step_m,
        "rows": rows,
        "columns": columns,
        "elevation_m": made.place.elevation_m,
        "storey": made.place.storey,
    }


def _band(place: PlaceResult, line: BaseGeometry) -> tuple[dict[str, Any], tuple[bytes, float, float]]:
    """A line as the cells beside it: what is asked for where it is guarded, nothing in its gaps."""
    band = line.buffer(_BAND_M)
    gaps = shapely.buffer(shapely.union_all([gap.area for gap in place.gaps]), _BAND_M, cap_style="flat")
    west, south, east, north = (float(edge) for edge in band.bounds)
    step_m = max(_BAND_M, math.sqrt((east - west) * (north - south) / _MOST_CELLS))
    columns, rows = (max(1, math.ceil(size / step_m)) for size in (east - west, north - south))
    x = west + step_m * (np.arange(columns) + 0.5)
    y = south + step_m * (np.arange(rows) + 0.5)
    xs, ys = np.meshgrid(x, y)
    inside = shapely.contains_xy(band, xs, ys)
    guarded = ~shapely.contains_xy(gaps, xs, ys)
    values = np.where(inside, np.where(guarded, round(place.needed / _FINEST), 0), OUTSIDE).astype("<u2")
    counts = np.where(inside & guarded, place.needed, 0).clip(0, 255).astype(np.uint8)
    body = values.tobytes() + counts.tobytes()
    grid = {"corner_m": [west, south], "step_m": step_m, "rows": rows, "columns": columns,
            "elevation_m": place.gaps[0].elevation_m if place.gaps else 0.0, "storey": place.storey}  # fmt: skip
    return grid, (body + bytes(-len(body) % 4), 0.0, _FINEST)


def _cells(made: PlaceGrids, place: PlaceResult) -> tuple[bytes, float, float]:
    inside = made.grids[0].inside
    # a spot that no way leads to is infinitely far
    farthest = float(np.max(place.values, initial=0.0, where=np.isfinite(place.values)))
    known = np.nan_to_num(place.values.astype(np.float64), posinf=farthest, neginf=0.0)
    zero = min(0.0, math.floor(float(known.min(initial=0.0))))
    scale = max(_FINEST, (float(known.max(initial=0.0)) - zero) / (OUTSIDE - 1))
    values = np.full(inside.shape, OUTSIDE, dtype="<u2")
    values[inside] = np.clip(np.rint((known - zero) / scale), 0, OUTSIDE - 1).astype("<u2")
    counts = np.zeros(inside.shape, dtype=np.uint8)
    counts[inside] = np.clip(place.counts, 0, 255).astype(np.uint8)
    body = values.tobytes() + counts.tobytes()
    return body + bytes(-len(body) % 4), zero, scale
