"""Water under pressure: every pipe network of the site runs in EPANET, drawn from by its households.

Households draw in pulses (a tap opened, a cistern refilled, a shower), so that a flat's meter rests most of the time
and a whole tower's does not. Meters integrate the solved flows, so flats sum to risers, buildings and inlet up to what
tanks store and leaks lose.
"""

import dataclasses
import logging
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.epanet import Project
from pipe_network.errors import HydraulicsError
from pipe_network.inp import parse
from pipe_network.model import Network
from sample_sites.simulator.incidents import Effects
from sample_sites.simulator.rhythms import water_ratio
from sample_sites.simulator.world import World
from twin.model.networks import SiteNetwork

logger = logging.getLogger(__name__)

PA_PER_M: Final = 9806.65
STEP_S: Final = 30
_FOREVER_S: Final = 10 * 365 * 86_400
LITRES_PER_PERSON_DAY: Final = 120.0
"""Indoor use per head; GB 50015 gives 85 to 140 L a day for flats without hot-water supply."""
PULSE_L_PER_S: Final = 0.12
PULSE_S: Final = 55.0
"""Mean flow and length of one draw: about 6.6 L."""
_LEAK_HEAD_M: Final = 30.0
_LEAST_HEAD_M: Final = 1.0
"""A hole is never made larger than what loses its flow under this."""
_METER_START_M3_PER_S: Final = 0.5e-3 / 3600
"""Below this no meter counts, as ultrasonic ones of flats do not."""
_SEEPAGE_M3_PER_S: Final = 1e-7
"""What every closed tap still lets through, far below the start of any meter: a network in which nothing moves at all
behind its reducing valves is singular, and EPANET gives up on it (error 110) in the small hours."""


class Taps:
    """The draws of the households on one network."""

    def __init__(self, world: World, network: SiteNetwork, project: Project) -> None:
        homes = {h.id: h for h in world.index.site.households}
        spaces: list[str] = []
        rows: list[int] = []
        residents: list[float] = []
        for node, tie in network.nodes.items():
            home = homes.get(tie.household or "")
            if home is not None:
                spaces.append(home.space)
                rows.append(project.node_row(node))
                residents.append(0.0 if home.tenure == "vacant" else max(1, home.residents))
        self.spaces = tuple(spaces)
        self.rows = np.array(rows, dtype=np.int64)
        self._residents = np.array(residents)
        self._left_s = np.zeros(len(rows))
        self._flow = np.zeros(len(rows))
        self._rng = world.rng
        self._position = {space: k for k, space in enumerate(spaces)}

    def draw(self, effects: Effects, *, hour: float, dt_s: float) -> NDArray[np.float64]:
        """(n,) mean draw of each household over the next `dt_s`. [m3/s]"""
        per_day = self._residents * LITRES_PER_PERSON_DAY / (PULSE_L_PER_S * PULSE_S)
        starts = self._rng.poisson(per_day * float(water_ratio(hour)) * dt_s / 86_400)
        begun = starts > 0
        n = len(self._flow)
        length = self._rng.exponential(PULSE_S, n) * np.maximum(starts, 1)
        self._flow = np.where(begun, self._rng.uniform(0.5, 1.5, n) * PULSE_L_PER_S * 1e-3, self._flow)
        self._left_s = np.where(begun, length, self._left_s)
        used_s = np.minimum(self._left_s, dt_s)
        draw = self._flow * used_s / dt_s
        self._left_s = np.maximum(0.0, self._left_s - dt_s)
        for space in effects.shut_taps:
            if space in self._position:
                draw[self._position[space]] = 0.0
        for space, leak in effects.flat_leaks_m3_per_s.items():
            if space in self._position:
                draw[self._position[space]] += leak
        return draw


def _as_full_as_before(world: World, site_network: SiteNetwork, network: Network) -> Network:
    """The network with its tanks as full as their sensors showed last, if the world knows."""
    devices = {node: tie.device for node, tie in site_network.nodes.items() if tie.device}
    levels_m = {t.id: world.get(devices[t.id], "level", np.nan) for t in network.tanks if t.id in devices}
    tanks = tuple(
        dataclasses.replace(t, init_level_m=min(max(levels_m[t.id], t.min_level_m), t.max_level_m))
        if np.isfinite(levels_m.get(t.id, np.nan))
        else t
        for t in network.tanks
    )
    return dataclasses.replace(network, tanks=tanks)


class NetworkModel:
    """One network of the site in EPANET, and the devices that watch it."""

    def __init__(self, world: World, network: SiteNetwork) -> None:
        self._id = network.id
        self._project = Project(_as_full_as_before(world, network, parse(network.inp)))
        self._project.set_times(duration_s=_FOREVER_S, step_s=STEP_S)
        self._taps = Taps(world, network, self._project)
        if len(self._taps.rows):
            self._project.drop_patterns()
        self._project.start()
        self._next_s = 0.0
        self._leaks: dict[str, float] = {}
        self._known: tuple[object, ...] = ()
        self._failed: frozenset[str] = frozenset()
        self._network = self._project.network
        self._node_devices = [(n, t.device) for n, t in network.nodes.items() if t.device]
        self._link_devices = [(k, t.device) for k, t in network.links.items() if t.device]
        self._pump_of = {d: k for k, d in self._link_devices if k in {p.id for p in self._network.pumps}}
        self._volumes: dict[int, float] = {}
        self._pump_was_on: dict[str, bool] = {}
        net = self._network
        self._ends = {p.id: p.end for p in net.pipes} | {p.id: p.end for p in net.pumps}
        self._ends |= {v.id: v.end for v in net.valves}
        self._starts = {p.id: p.start for p in net.pipes} | {p.id: p.start for p in net.pumps}
        self._starts |= {v.id: v.start for v in net.valves}
        self._junctions = {j.id for j in net.junctions}
        self._is_solved = False
        self.trouble = 0
        """How often EPANET warned; a healthy estate has none."""

    def close(self) -> None:
        """Give the engine back."""
        self._project.close()

    # -- causes
    def _cause(self, effects: Effects) -> bool:
        """Put the incidents into the network; whether anything changed."""
        leaks = {link: flow for (network, link), flow in effects.leaks_m3_per_s.items() if network == self._id}
        failed = frozenset(self._pump_of[d] for d in effects.failed_pumps if d in self._pump_of)
        if leaks and not self._is_solved:
            return False  # how large a hole loses so much is known once there are pressures
        known = (tuple(sorted(leaks.items())), failed, tuple(sorted(effects.flat_leaks_m3_per_s)),
                 tuple(sorted(effects.shut_taps)))  # fmt: skip
        if known == self._known:
            return False
        for link in self._leaks.keys() - leaks.keys():
            self._project.set_emitter(self._hole_at(link), 0.0)
        heads_m = self._project.pressure_heads_m() if leaks.keys() - self._leaks.keys() else np.empty(0)
        for link in leaks.keys() - self._leaks.keys():
            # an orifice that loses this much as it begins, or under 30 m where there is more: its flow grows with the
            # square root of the head
            head_m = float(np.clip(heads_m[self._project.node_row(self._hole_at(link))], _LEAST_HEAD_M, _LEAK_HEAD_M))
            self._project.set_emitter(self._hole_at(link), leaks[link] / head_m**0.5)
        for pump in self._failed - failed:
            self._project.set_open(pump, is_open=True)
        self._leaks, self._failed, self._known = leaks, failed, known
        return True

    def _hole_at(self, link: str) -> str:
        """The node where a link leaks: its end, or its start where it ends in a tank, which cannot leak in EPANET."""
        ends = (self._ends.get(link, link), self._starts.get(link, link))
        return next((node for node in ends if node in self._junctions), ends[0])

    def _hold_failed(self) -> None:
        """A failed pump stays off whatever the controls say, and its standby takes over."""
        if not self._failed:
            return
        pumps = {p.id: p for p in self._network.pumps}
        for name in self._failed:
            self._project.set_open(name, is_open=False)
            ends = (pumps[name].start, pumps[name].end)
            standby = [p.id for p in pumps.values() if (p.start, p.end) == ends and p.id not in self._failed]
            if standby:
                self._project.set_open(standby[0], is_open=True)

    def step(self, world: World, effects: Effects, *, site_s: float, hour: float, dt_s: float) -> None:
        """Solve as often as the time asks for, and write what the devices would see."""
        changed = self._cause(effects)
        while changed or site_s >= self._next_s:
            draw = self._taps.draw(effects, hour=hour, dt_s=float(STEP_S)) + _SEEPAGE_M3_PER_S
            self._project.set_demands(self._taps.rows, draw)
            self._hold_failed()
            if not self._solved():
                self._next_s = site_s + STEP_S
                break
            self._write(world, effects)
            if site_s >= self._next_s:
                self._next_s += max(1, self._project.advance())
            changed = False
        self._integrate(world, dt_s)

    def _solved(self) -> bool:
        """Solve; a state EPANET cannot solve is said, skipped, and left by starting the network anew."""
        try:
            _, warnings = self._project.solve()
        except HydraulicsError as error:
            logger.warning("network %s: %s; it starts anew, its devices keep their last values", self._id, error)
            self.trouble += 1
            self._project.start()
            return False
        self.trouble += len(warnings)
        self._is_solved = True
        return True

    # -- what the devices see
    def _write(self, world: World, effects: Effects) -> None:
        project = self._project
        pressures, flows, demands = project.pressure_heads_m(), project.flows_m3_per_s(), project.demands_m3_per_s()
        is_open, powers = project.are_open(), project.powers_w()
        tanks = {t.id for t in self._network.tanks}
        for node, device in self._node_devices:
            row = project.node_row(node)
            if node in tanks:
                world.put(device, "level", pressures[row])
            world.put(device, "pressure", max(0.0, pressures[row] * PA_PER_M))
            self._put_flow(world, device, demands[row])
        metered: dict[str, float] = {}
        for link, device in self._link_devices:
            row = project.link_row(link)
            running = bool(is_open[row])
            end = project.node_row(self._ends[link])
            world.put(device, "pressure", max(0.0, pressures[end] * PA_PER_M))
            world.put(device, "position", float(running))
            metered[device] = metered.get(device, 0.0) + flows[row]
            if device in self._pump_of:
                on = running and flows[row] > 1e-7
                self._put_pump(world, device, on=on, power_w=powers[row], failed=device in effects.failed_pumps)
        for device, flow in metered.items():
            self._put_flow(world, device, flow)

    def _put_flow(self, world: World, device: str, flow: float) -> None:
        if abs(flow) < _METER_START_M3_PER_S:
            flow = 0.0
        world.put(device, "flow", flow)
        volume = world.row(device, "volume")
        if volume is not None and volume not in self._volumes:
            self._volumes[volume] = flow
            if np.isfinite(world.truth[volume]):
                return  # it goes on from what it showed last
            # a meter has counted before the simulation began: what three months would have put on it
            world.truth[volume] = round(90 * 86_400 * max(abs(flow), 2e-6) * world.rng.uniform(0.5, 1.5), 3)
        if volume is not None:
            self._volumes[volume] = flow

    def _put_pump(self, world: World, device: str, *, on: bool, power_w: float, failed: bool) -> None:
        was = self._pump_was_on.get(device, on)
        if on and not was:
            world.put(device, "starts", world.get(device, "starts") + 1)
        self._pump_was_on[device] = on
        world.put(device, "state", 2.0 if failed else float(on))
        world.put(device, "power", power_w if on else 0.0)
        world.put(device, "speed", 1.0 if on else 0.0)
        for channel in ("starts", "run_time"):
            world.put(device, channel, world.get(device, channel))

    def _integrate(self, world: World, dt_s: float) -> None:
        for row, flow in self._volumes.items():
            world.truth[row] += flow * dt_s
        for device, on in self._pump_was_on.items():
            if on:
                world.put(device, "run_time", world.get(device, "run_time") + dt_s)
