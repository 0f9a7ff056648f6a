"""From a detector's message at the broker until all ways out are new and the pages have word of it."""

import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np

from live_bindings.broker import start_broker
from live_bindings.mqtt import Publisher
from live_bindings.runtime import Runtime
from live_bindings.subscriptions import Subscription
from sample_sites.generator.estate import generate
from sample_sites.generator.plan import EstatePlan
from twin.model.site import Site
from viewer.bench.figures import Figure, Goal

_TOWERS: Final = 30
_STOREYS: Final = 25
_MESSAGES: Final = 60
_APART_S: Final = 0.1
_WAIT_S: Final = 10.0


def figures(*, quick: bool, tell: Callable[[str], None], seed: int = 1) -> Iterator[Figure]:
    """Smoke alarms over the towers of an estate, one after the other, each timed; broker and all in one process."""
    towers = 3 if quick else _TOWERS
    tell(f"an estate of {towers} towers, live")
    site = generate(EstatePlan(towers=towers, storeys=_STOREYS))
    spent_s = asyncio.run(_alarms(site, _MESSAGES // (3 if quick else 1), seed))
    name = f"from a message to the ways of {towers} towers"
    yield Figure(f"{name}, half of the times", "ms", float(np.median(spent_s)) * 1e3, Goal("<=", 50.0))
    yield Figure(f"{name}, 95 % of the times", "ms", float(np.quantile(spent_s, 0.95)) * 1e3, Goal("<=", 50.0))


async def _alarms(site: Site, many: int, seed: int) -> list[float]:
    """What each alarm took. [s]"""
    with tempfile.TemporaryDirectory() as folder, start_broker(Path(folder) / "broker") as broker:
        runtime = Runtime(site, Path(folder) / "data", broker.url)
        await runtime.start()
        try:
            await runtime.wait_ready()
            await asyncio.to_thread(runtime.evacuation.live.look)
            # right after a start, what cameras see is worked out too, once: seconds of a whole processor
            await asyncio.to_thread(lambda: runtime.coverage.nominal)
            subscription = runtime.subscribe()
            await subscription.wait()
            smoke = [device.id for device in site.devices if runtime.index.kinds[device.kind].reaches == "smoke"]
            chosen = np.random.default_rng(seed).choice(smoke, many, replace=False).tolist()
            with Publisher(broker.url) as publisher:
                spent = []
                for device in chosen:
                    reading = [device, "state", 1.0]
                    body = json.dumps({"t": time.time(), "r": [reading]}).encode()
                    began_s = time.perf_counter()
                    publisher.publish(f"{site.id}/gw-core/batch", body)
                    await asyncio.wait_for(_told(runtime, subscription, device), _WAIT_S)
                    spent.append(time.perf_counter() - began_s)
                    await asyncio.sleep(_APART_S)
            runtime.unsubscribe(subscription)
            return spent
        finally:
            await runtime.stop()


async def _told(runtime: Runtime, subscription: Subscription, device: str) -> None:
    """Until the ways out reckon with a device, and subscribers are told so."""
    while True:
        is_new = (await subscription.wait()).evacuation
        last = runtime.evacuation.live.last
        if is_new and last is not None and any(hazard.id == device for hazard in last.hazards.found):
            return
