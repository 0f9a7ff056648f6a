"""The simulation: a clock, the models, the devices, and commands while it runs.

At speed 1 the site's clock is the wall clock. At a higher speed the day's rhythm and the physics run faster, while
devices keep reporting at their intervals in wall time and stamp their readings with it, so that the twin stays "now":
an hour of meter volume then arrives in a minute. Only water meters and levels report more often then, so that hours
can be told from what they say; the status message says how fast the estate lives.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Protocol, Self
from zoneinfo import ZoneInfo

import msgspec

from sample_sites.simulator import incidents
from sample_sites.simulator.incidents import Effects, RefusedError
from sample_sites.simulator.instruments import Faults, Instruments
from sample_sites.simulator.wire import Message, Wire
from sample_sites.simulator.world import World, world_of
from twin.index import SiteIndex

MAX_SPEED = 3600.0
MAX_STEP_S = 60.0
"""Longest step of the models in site time; a longer tick is cut into several."""


class Model(Protocol):
    """Part of the estate's physics: writes true values into the world."""

    def step(self, world: World, effects: Effects, *, site_s: float, hour: float, dt_s: float) -> None:
        """Advance by `dt_s` seconds of site time.

        Parameters
        ----------
        site_s
            Site time since the simulation began. [s]
        hour
            Hour of the day at the site, 0 to 24.
        """


class Command(msgspec.Struct, forbid_unknown_fields=False):
    """A command on ``SITE/simulator/commands``."""

    action: str
    id: str | None = None
    incident: str | None = None
    target: str | None = None
    speed: float | None = None


class Written(msgspec.Struct, forbid_unknown_fields=False):
    """A value for a channel."""

    v: float


class Running(msgspec.Struct, frozen=True):
    """An incident that is going on."""

    kind: str
    target: str
    since: str


class Simulation:
    """An estate that lives; owns the site's clock, reads none. Use it in a ``with``: its networks hold the engine."""

    def __init__(
        self,
        index: SiteIndex,
        models: Callable[[World, ExitStack], list[Model]],
        *,
        start_s: float,
        seed: int = 1,
        speed: float = 1.0,
        faults: Faults | None = None,
        registers: Mapping[str, float] | None = None,
    ) -> None:
        """Begin to live.

        Parameters
        ----------
        registers : what meters showed last, by channel id; those that are not named begin somewhere
        """
        self._index = index
        self._world = world_of(index, seed=seed)
        for channel, value in (registers or {}).items():
            if channel in index.rows:
                self._world.truth[index.rows[channel]] = value
        self._effects = Effects()
        self._held = ExitStack()
        self._models = models(self._world, self._held)
        self._instruments = Instruments(self._world, faults=faults)
        self._wire = Wire(index)
        self._zone = ZoneInfo(index.site.time_zone)
        self._start_s = start_s
        self._now_s = start_s
        self._site_s = 0.0
        self._speed = speed
        self._instruments.hurry(speed, 0.0)
        self._running: dict[tuple[str, str], Running] = {}
        self._last_command: dict[str, object] | None = None
        self._catalog = incidents.catalog(index)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    @property
    def world(self) -> World:
        """The true values, for tests and for those who want to compare."""
        return self._world

    @property
    def effects(self) -> Effects:
        """The causes incidents have put in."""
        return self._effects

    @property
    def site_at(self) -> dt.datetime:
        """The site's own clock."""
        return dt.datetime.fromtimestamp(self._start_s + self._site_s, tz=dt.UTC)

    def tick(self, now_s: float) -> list[Message]:
        """Everything that is sent up to the wall time `now_s` (epoch). [s]"""
        wall_s = max(0.0, now_s - self._now_s)
        self._now_s = max(now_s, self._now_s)
        remaining_s = wall_s * self._speed
        first = self._site_s == 0.0
        while remaining_s > 1e-9 or first:
            dt_s = min(remaining_s, MAX_STEP_S) or 1e-3
            first = False
            remaining_s -= dt_s
            self._site_s += dt_s
            local = self.site_at.astimezone(self._zone)
            hour = local.hour + local.minute / 60 + local.second / 3600
            for model in self._models:
                model.step(self._world, self._effects, site_s=self._site_s, hour=hour, dt_s=dt_s)
        readings = self._instruments.read(self._now_s - self._start_s, self._now_s)
        return self._wire.messages(readings, self._now_s)

    def command(self, payload: bytes) -> bool:
        """Carry out a command; a refusal is said in the status, not raised. Gives whether it was done."""
        command_id = None
        try:
            command = msgspec.json.decode(payload, type=Command)
            command_id = command.id
            self._carry_out(command)
        except (msgspec.MsgspecError, UnicodeDecodeError, RefusedError) as refusal:
            self._last_command = {"id": command_id, "done": False, "reason": str(refusal)}
            return False
        self._last_command = {"id": command_id, "done": True, "reason": ""}
        return True

    def write(self, topic: str, payload: bytes) -> bool:
        """Do as a channel is told on ``SITE/GATEWAY/DEVICE/CHANNEL/set``; whether there is one that can be written."""
        device, channel = topic.split("/")[-3:-1]
        known = self._index.devices.get(device)
        channels = () if known is None else self._index.kinds[known.kind].channels
        try:
            told = msgspec.json.decode(payload, type=Written)
        except msgspec.MsgspecError:
            return False
        if not any(c.id == channel and c.writable for c in channels):
            return False
        self._world.put(device, channel, told.v)
        return True

    def _carry_out(self, command: Command) -> None:
        match command.action:
            case "speed":
                if command.speed is None or not 0.0 < command.speed <= MAX_SPEED:
                    raise RefusedError(f"speed {command.speed!r} is not between 0 and {MAX_SPEED:.0f}")
                self._speed = command.speed
                self._instruments.hurry(command.speed, self._now_s - self._start_s)
            case "start":
                kind = command.incident or ""
                target = incidents.start_inplace(self._effects, self._index, kind, command.target, self._site_s)
                since = self.site_at.isoformat(timespec="seconds").replace("+00:00", "Z")
                self._running[kind, target] = Running(kind, target, since)
            case "stop":
                self._stop(command)
            case _:
                raise RefusedError(f"no action {command.action!r}; there are start, stop and speed")

    def _stop(self, command: Command) -> None:
        wanted = [
            key
            for key in self._running
            if command.incident in {None, key[0]} and (command.target is None or key[1].endswith(command.target))
        ]
        if not wanted:
            raise RefusedError(f"no {command.incident or 'incident'} is running at {command.target or 'any place'}")
        for key in wanted:
            incidents.stop_inplace(self._effects, *key)
            del self._running[key]

    def status(self) -> Message:
        """The retained status message: clock, speed, what is going on, what could be started."""
        body = {
            "t": round(self._now_s, 3),
            "speed": self._speed,
            "site_time": self.site_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "incidents": [msgspec.to_builtins(r) for r in self._running.values()],
            "catalog": self._catalog,
            "last_command": self._last_command,
        }
        topic = f"{self._index.site.id}/simulator/status"
        return Message(topic, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), retain=True)
