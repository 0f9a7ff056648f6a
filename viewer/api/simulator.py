"""Routes of the simulator: what it is doing, and the incidents it can be told to play.

The simulator is a program of its own beyond the broker; commands and its status are messages.
"""

import asyncio
import time
import uuid
from typing import Annotated, Final, Literal, Self

import msgspec
from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from live_bindings.runtime import Runtime
from viewer.api.context import Served, ServedSite
from viewer.problems import problem, responses

SILENT_AFTER_S: Final = 10.0
"""It reports every second; a longer silence means that it has ended."""

ANSWER_S: Final = 3.0
"""Longest wait for its answer to a command."""

router = APIRouter(tags=["simulator"], prefix="/sites/{site_id}/simulator")

Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SimulatorStatus(BaseModel):
    """What the simulator last said of itself."""

    running: bool
    speed: float | None = None
    site_time: JsonValue = None
    incidents: tuple[dict[str, JsonValue], ...] = ()
    catalog: tuple[dict[str, JsonValue], ...] = ()


class SimulatorCommand(BaseModel):
    """Start or stop an incident, or change the speed."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    action: Literal["start", "stop", "speed"]
    actor: Word
    incident: Word | None = None
    target: Word | None = None
    speed: Annotated[float, Field(gt=0, le=3600)] | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.action == "speed" and self.speed is None:
            raise ValueError("a change of speed names the speed")
        if self.action == "start" and self.incident is None:
            raise ValueError("a start names the incident")
        return self


def simulator_status(runtime: Runtime) -> SimulatorStatus:
    """The last status; not running if there is none or it is old."""
    said = runtime.simulator
    if said is None:
        return SimulatorStatus(running=False)
    at_s = said.get("t")
    shown = {key: said[key] for key in ("speed", "site_time", "incidents", "catalog") if key in said}
    recent = isinstance(at_s, int | float) and time.time() - at_s < SILENT_AFTER_S
    return SimulatorStatus(running=recent, **shown)


@router.get("", responses=responses(404))
def read_simulator(served: ServedSite) -> SimulatorStatus:
    """Whether a simulator plays this site, its speed and clock, what it is playing and what it could."""
    return simulator_status(served.runtime)


@router.post("/commands", response_model=SimulatorStatus, responses=responses(404, 409, 422, 503))
async def command_simulator(served: ServedSite, body: SimulatorCommand) -> SimulatorStatus | Response:
    """Start or stop an incident, or change the speed; answers when the simulator has."""
    if not simulator_status(served.runtime).running:
        return problem(503, "no simulator plays this site; start one with plumbline simulate", kind="no-simulator")
    answer = await _answer(served, body)
    if answer is None:
        return problem(503, f"the simulator did not answer within {ANSWER_S:g} s", kind="no-simulator")
    if not answer.get("done"):
        return problem(409, str(answer.get("reason", "the simulator refused")), kind="refused")
    return simulator_status(served.runtime)


async def _answer(served: Served, body: SimulatorCommand) -> dict[str, object] | None:
    """Send a command; what the simulator says of it in its status."""
    runtime, command_id = served.runtime, str(uuid.uuid4())
    subscription = runtime.subscribe()
    try:
        command = {"id": command_id, **body.model_dump(exclude_none=True)}
        runtime.publish(f"{runtime.site.id}/simulator/commands", msgspec.json.encode(command))
        async with asyncio.timeout(ANSWER_S):
            while True:
                await subscription.wait()
                said = (runtime.simulator or {}).get("last_command")
                if isinstance(said, dict) and said.get("id") == command_id:
                    return said
    except TimeoutError:
        return None
    finally:
        runtime.unsubscribe(subscription)
