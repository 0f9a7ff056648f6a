"""The live feed: binary frames of values, text frames of alarms, orders, simulator and health."""

import asyncio
import logging
from typing import Final

import msgspec
import numpy as np
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from numpy.typing import NDArray
from pydantic_core import to_json

from live_bindings.feed import encode_delta, encode_snapshot
from live_bindings.runtime import Changes
from viewer.api.context import Served, ServedSite
from viewer.api.health import Health
from viewer.api.leaks import leak_answer
from viewer.api.operations import alarm_out, work_order_out
from viewer.api.simulator import simulator_status

log = logging.getLogger(__name__)

HEARTBEAT_S: Final = 5.0
"""A frame goes out at least this often, so that a page can tell a quiet estate from a lost server."""

router = APIRouter()


@router.websocket("/sites/{site_id}/feed")
async def feed(websocket: WebSocket, served: ServedSite) -> None:
    """Frames as ``docs/api.md`` says, from a snapshot on, at most `Settings.feed_rate_hz` a second.

    A slow page is not waited for: while a frame is under way to it, what changes is gathered.
    """
    await websocket.accept()
    page = _Page(websocket, served)
    subscription = served.runtime.subscribe()
    leaving = asyncio.create_task(page.until_gone())
    changing = asyncio.create_task(subscription.wait())
    try:
        while True:
            await asyncio.wait((leaving, changing), timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                return
            if changing.done():
                await page.send(changing.result())
                await asyncio.sleep(1.0 / served.settings.feed_rate_hz)
                changing = asyncio.create_task(subscription.wait())
            else:
                await page.send_values(no_rows())
    except WebSocketDisconnect:
        log.debug("a page left while a frame was under way to it")
    finally:
        served.runtime.unsubscribe(subscription)
        for task in (leaving, changing):
            task.cancel()
        await asyncio.gather(leaving, changing, return_exceptions=True)


def no_rows() -> NDArray[np.int32]:
    """Rows of a frame that only says that we are here."""
    return np.empty(0, np.int32)


class _Page:
    """One page at the other end, and the number of its next frame."""

    def __init__(self, websocket: WebSocket, served: Served) -> None:
        self._websocket = websocket
        self._served = served
        self._number = 0

    async def until_gone(self) -> None:
        """Read what the page says, which changes nothing, until it leaves."""
        while (await self._websocket.receive())["type"] != "websocket.disconnect":
            pass

    async def send(self, changes: Changes) -> None:
        """Everything that changed."""
        runtime = self._served.runtime
        if changes.snapshot:
            await self.send_values(None)
        elif len(changes.rows):
            await self.send_values(changes.rows)
        desk = runtime.operations.desk
        for alarm_id in changes.alarms:
            await self._tell("alarm", alarm=alarm_out(desk.alarm(alarm_id)))
        for order_id in changes.work_orders:
            await self._tell("work_order", work_order=work_order_out(desk.work_order(order_id)))
        if changes.simulator:
            await self._tell("simulator", **dict(simulator_status(runtime)))
        if changes.health:
            await self._tell("health", **dict(Health.model_validate(runtime.health())))
        if changes.leaks and runtime.leak_monitor.last is not None:
            told = msgspec.json.encode({"type": "leaks", "report": leak_answer(self._served)})
            await self._websocket.send_text(told.decode())

        if changes.evacuation:
            await self._tell("evacuation")

    async def send_values(self, rows: NDArray[np.int32] | None) -> None:
        """A frame with these rows, or with all."""
        version, latest = self._served.index.version, self._served.latest()
        if rows is None:
            frame = encode_snapshot(latest, index_version=version, number=self._number)
        else:
            frame = encode_delta(latest, rows, index_version=version, number=self._number)
        self._number += 1
        await self._websocket.send_bytes(frame)

    async def _tell(self, kind: str, **parts: object) -> None:
        # pydantic_core writes models and times as the rest of the interface does
        await self._websocket.send_text(to_json({"type": kind, **parts}).decode())
