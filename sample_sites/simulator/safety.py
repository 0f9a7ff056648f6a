"""Fire, intruders, blocked lanes, dead devices: what the safety systems see of an incident."""

from sample_sites.simulator import fire
from sample_sites.simulator.incidents import Effects
from sample_sites.simulator.world import World
from twin.index import SiteIndex

SMOKE_ALARM_RATIO = 0.5
HEAT_ALARM_DEGC = 58.0
"""Static response of a class A1/A2 heat detector (EN 54-5 gives 54 to 70 degC)."""
SMOKE_DB_PER_RATIO = 0.3
CROSSING_S = 4.0
_AFTERMATH_S = 1800.0
_UNNOTICED_S = 180.0
_UNNOTICED_STEP_S = 2.0


class Safety:
    """Detectors and everything that answers them by itself."""

    def __init__(self, world: World) -> None:
        index = world.index
        self._fires: dict[str, fire.Fire] = {}
        self._smoke = [(d.id, d.space or "") for d in index.site.devices if d.kind == "smoke-detector"]
        self._heat = [(d.id, d.space or "") for d in index.site.devices if d.kind == "heat-detector"]
        self._electrical = [(d.id, d.space or "") for d in index.site.devices if d.kind == "electrical-fire-monitor"]
        self._lanes = [d.id for d in index.site.devices if d.kind == "fire-lane-sensor"]
        self._perimeter = [d.id for d in index.site.devices if d.kind == "perimeter-detector"]
        self._speakers = [(d.id, d.space or "") for d in index.site.devices if d.kind == "loudspeaker"]
        self._fans = [(d.id, d.space or "") for d in index.site.devices if d.kind == "smoke-fan"]
        self._over_s: dict[str, float] = {}
        self._offline: frozenset[str] = frozenset()

    def step(self, world: World, effects: Effects, *, site_s: float, hour: float, dt_s: float) -> None:  # noqa: ARG002 - the models' common signature
        """Burn, detect, answer."""
        self._burn(world.index, effects, dt_s)
        if self._fires:
            self._detect(world)
        for device in self._lanes:
            world.put(device, "blocked", float(device in effects.blocked_lanes))
        self._walk_in(world, effects, site_s)
        self._cut_off(world, frozenset(effects.dead_devices))

    def _cut_off(self, world: World, dead: frozenset[str]) -> None:
        """The recorder reports a camera that died; the camera itself says nothing more."""
        for device in dead ^ self._offline:
            world.put(device, "status", 0.0 if device in dead else 1.0)
            world.put(device, "frame_rate", 0.0 if device in dead else 25.0)
        self._offline = dead

    def _burn(self, index: SiteIndex, effects: Effects, dt_s: float) -> None:
        for name, space in effects.fires.items():
            if name not in self._fires:
                self._fires[name] = self._noticed(index, space)
        for name, burning in list(self._fires.items()):
            burning.burning = name in effects.fires
            fire.step_inplace(burning, min(dt_s, 30.0))
            if not burning.burning:
                self._over_s[name] = self._over_s.get(name, 0.0) + dt_s
                if self._over_s[name] > _AFTERMATH_S or float(burning.smoke.max()) < 0.02:
                    burning.smoke[:] = 0.0
                    burning.temperature_degc[:] = fire.AMBIENT_DEGC

    def _noticed(self, index: SiteIndex, space: str) -> fire.Fire:
        """A fire as it stands when the first detector has it: whoever starts one wants to see what follows.

        Where no detector has it in `_UNNOTICED_S`, it is one that was just lit.
        """
        burning = fire.ignite(index, space)
        smoke = [place for _, place in self._smoke if place in burning.position]
        heat = [place for _, place in self._heat if place in burning.position]
        for _ in range(int(_UNNOTICED_S / _UNNOTICED_STEP_S)):
            if any(burning.at(place)[0] >= SMOKE_ALARM_RATIO for place in smoke):
                return burning
            if any(burning.at(place)[1] >= HEAT_ALARM_DEGC for place in heat):
                return burning
            fire.step_inplace(burning, _UNNOTICED_STEP_S)
        return fire.ignite(index, space)

    def _worst(self, space: str) -> tuple[float, float]:
        found = [f.at(space) for f in self._fires.values()]
        return max(s for s, _ in found), max(t for _, t in found)

    def _detect(self, world: World) -> None:
        index = world.index
        buildings = {
            index.spaces[f.origin].storey.building.id for f in self._fires.values() if float(f.smoke.max()) > 0.02
        }
        for device, space in self._smoke:
            smoke, _ = self._worst(space)
            world.put(device, "smoke", 0.02 + SMOKE_DB_PER_RATIO * smoke)
            self._latch(world, device, on=smoke >= SMOKE_ALARM_RATIO)
        for device, space in self._heat:
            _, degc = self._worst(space)
            world.put(device, "temperature", max(24.0, degc))
            self._latch(world, device, on=degc >= HEAT_ALARM_DEGC)
        for device, space in self._electrical:
            _, degc = self._worst(space)
            if degc > 40.0:
                world.put(device, "temperature", degc)
            self._latch(world, device, on=degc > 70.0)
        for device, space in self._speakers:
            placed = index.spaces.get(space)
            world.put(device, "playing", float(placed is not None and placed.storey.building.id in buildings))
        for device, space in self._fans:
            placed = index.spaces.get(space)
            on = float(placed is not None and placed.storey.building.id in buildings)
            world.put(device, "state", on)
            world.put(device, "run", on)
        for name in [n for n, f in self._fires.items() if not f.burning and float(f.smoke.max()) == 0.0]:
            del self._fires[name]
            self._over_s.pop(name, None)

    @staticmethod
    def _latch(world: World, device: str, *, on: bool) -> None:
        world.put(device, "state", 1.0 if on else 0.0)

    def _walk_in(self, world: World, effects: Effects, site_s: float) -> None:
        """An intruder crosses one detector after the other along the fence."""
        crossed = set()
        for first, since_s in effects.intruders.items():
            start = self._perimeter.index(first)
            steps = int((site_s - since_s) / (4 * CROSSING_S))
            crossed |= {self._perimeter[(start + k) % len(self._perimeter)] for k in range(min(steps, 3) + 1)}
        for device in self._perimeter:
            world.put(device, "state", float(device in crossed))
