"""The binary frames of the live feed: a 32-byte header, then 8 bytes an update (``docs/api.md``, The feed).

Pure: what was changed comes in, bytes go out; who gets which frame and when is the runtime's and the server's.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from live_bindings.errors import FrameError
from twin.state import StateSnapshot

FORMAT: Final = 1
MAX_ROWS: Final = 1 << 28
"""Rows that fit beside the quality in one u32."""

_HEADER: Final = struct.Struct("<BBHIIIdd")
_UPDATE: Final = np.dtype([("row", "<u4"), ("value", "<f4")])
_QUALITY_SHIFT: Final = 28


class FrameKind(IntEnum):
    """What a frame holds: every row, or those that changed."""

    SNAPSHOT = 1
    DELTA = 2


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, decoded.

    Attributes
    ----------
    kind : FrameKind
    index_version : int
    number : int, rising by one within a connection
    time_s : float, server time, epoch [s]
    rows : (k,) uint32
    values : (k,) float32, SI
    quality : (k,) uint8, `twin.state.Quality`
    """

    kind: FrameKind
    index_version: int
    number: int
    time_s: float
    rows: NDArray[np.uint32]
    values: NDArray[np.float32]
    quality: NDArray[np.uint8]


def encode_snapshot(state: StateSnapshot, *, index_version: int, number: int) -> bytes:
    """A frame with every row.

    Examples
    --------
    >>> from twin.state import State
    >>> state = State(np.array([60.0, 60.0])).snapshot(now_s=0.0)
    >>> len(encode_snapshot(state, index_version=7, number=0))
    48
    """
    rows = np.arange(len(state), dtype=np.int32)
    return _encode(FrameKind.SNAPSHOT, state, rows, index_version=index_version, number=number)


def encode_delta(state: StateSnapshot, rows: NDArray[np.int32], *, index_version: int, number: int) -> bytes:
    """A frame with some rows of the state.

    Parameters
    ----------
    rows : (k,) the rows to send
    """
    return _encode(FrameKind.DELTA, state, rows, index_version=index_version, number=number)


def _encode(
    kind: FrameKind, state: StateSnapshot, rows: NDArray[np.int32], *, index_version: int, number: int
) -> bytes:
    if len(state) > MAX_ROWS:
        raise FrameError(f"{len(state)} channels do not fit a frame, which numbers {MAX_ROWS}; split the site")
    updates = np.empty(len(rows), dtype=_UPDATE)
    updates["row"] = rows.astype(np.uint32) | (state.quality[rows].astype(np.uint32) << _QUALITY_SHIFT)
    with np.errstate(over="ignore"):  # beyond float32 is infinite for the eye, exact in the history
        updates["value"] = state.values[rows]
    header = _HEADER.pack(kind, FORMAT, 0, index_version, number & 0xFFFFFFFF, len(rows), state.now_s, 0.0)
    return header + updates.tobytes()


def decode(data: bytes) -> Frame:
    """The frame in `data`.

    Raises
    ------
    FrameError
        If it is no frame of this format.
    """
    if len(data) < _HEADER.size:
        raise FrameError(f"a frame has {_HEADER.size} bytes of header, this one {len(data)}")
    kind, form, _, index_version, number, count, time_s, _ = _HEADER.unpack_from(data)
    if kind not in set(FrameKind) or form != FORMAT:
        raise FrameError(f"frame kind {kind}, format {form}; known are kinds 1 and 2 of format {FORMAT}")
    if len(data) != _HEADER.size + count * _UPDATE.itemsize:
        raise FrameError(f"a frame of {count} updates has {_HEADER.size + 8 * count} bytes, this one {len(data)}")
    updates = np.frombuffer(data, dtype=_UPDATE, offset=_HEADER.size)
    packed = updates["row"]
    return Frame(
        kind=FrameKind(kind),
        index_version=index_version,
        number=number,
        time_s=time_s,
        rows=packed & np.uint32(MAX_ROWS - 1),
        values=updates["value"],
        quality=(packed >> np.uint32(_QUALITY_SHIFT)).astype(np.uint8),
    )
