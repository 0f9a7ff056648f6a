"""How the flow of each link answers to a little more head loss, as EPANET's own solver takes it.

References
----------
OWA-EPANET 2.2 source, ``hydcoeffs.c`` (``pipecoeff``, ``DWpipecoeff``, ``pumpcoeff``, ``valvecoeff``, ``gpvcoeff``,
``pbvcoeff``, ``emittercoeffs``, ``demandcoeffs``) and ``input1.c``, ``powercurve`` for the fitted pump curve.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipe_network.hydraulics import States, Status, has_setting
from pipe_network.inp_units import inp_units
from pipe_network.model import Curve, Network, Pump, Valve

Floats = NDArray[np.float64]

_FOOT_M: Final = 0.3048
_SMALLEST_GRADIENT: Final = 1e-7 * _FOOT_M / _FOOT_M**3
"""Head loss by flow of water that hardly moves (RQtol). [s/m2]"""
_OPEN_VALVE: Final = 1e6 * _FOOT_M**2
"""Flow by head loss of an open valve without resistance (1/CSMALL). [m2/s]"""
_FIXED_DROP: Final = 1e8 * _FOOT_M**2
"""The same where a valve holds a difference of head (CBIG). [m2/s]"""
_VISCOSITY_M2_PER_S: Final = 1.1e-5 * _FOOT_M**2
_G_M_PER_S2: Final = 32.2 * _FOOT_M
_LAMINAR, _TURBULENT = 2000.0, 4000.0
_EXPONENTS: Final = {"H-W": 1.852, "D-W": 2.0, "C-M": 2.0}


def link_slopes_m2_per_s(network: Network, states: States) -> Floats:
    """(t, k) change of a link's flow for a metre more of head loss; 0 where nothing passes or the flow is held.

    A link whose valve holds a pressure has 0 too: what its flow is follows from the balance, see `held_nodes`.
    """
    column = {name: k for k, name in enumerate(states.link_ids)}
    slopes = np.zeros(states.flows_m3_per_s.shape)
    pipes = [column[p.id] for p in network.pipes]
    if pipes:
        slopes[:, pipes] = 1.0 / _pipe_gradients(network, np.abs(states.flows_m3_per_s[:, pipes]))
    rows = {name: k for k, name in enumerate(states.node_ids)}
    curves = {c.id: c for c in network.curves}
    controlled: list[Pump | Valve] = [*network.pumps, *network.valves]
    for link in controlled:
        k = column[link.id]
        flows = states.flows_m3_per_s[:, k]
        losses_m = states.heads_m[:, rows[link.start]] - states.heads_m[:, rows[link.end]]
        if isinstance(link, Pump):
            slopes[:, k] = _pump_slopes(link, curves, flows, -losses_m, speeds=states.settings[:, k])
        else:
            slopes[:, k] = _valve_slopes(
                link, curves, flows, statuses=states.statuses[:, k], settings=states.settings[:, k]
            )
    slopes[states.statuses <= Status.CLOSED] = 0.0
    return slopes


def node_slopes_m2_per_s(network: Network, states: States) -> Floats:
    """(t, n) change of what leaves a node for a metre more of head there: emitters, and demands that need pressure."""
    slopes = np.zeros(states.heads_m.shape)
    needs = _pressure_demand(network)
    for row, name in enumerate(states.node_ids):
        node = network.nodes[name]
        coefficient = getattr(node, "emitter_m3_per_s", 0.0)
        if not coefficient and needs is None:
            continue
        above_m = np.maximum(states.heads_m[:, row] - node.elevation_m, 0.0)
        if coefficient:
            power = network.options.emitter_exponent
            slopes[:, row] += coefficient * power * np.maximum(above_m, 1e-6) ** (power - 1.0)
        if needs is not None and hasattr(node, "demands"):
            least_m, enough_m, power = needs
            share = np.clip((above_m - least_m) / (enough_m - least_m), 0.0, 1.0)
            partly = (share > 0.0) & (share < 1.0)
            drawn = np.maximum(states.demands_m3_per_s[:, row], 0.0)
            # what is drawn goes with the share to that power
            slopes[partly, row] += power * drawn[partly] / (share[partly] * (enough_m - least_m))
    return slopes


def held_nodes(network: Network, states: States) -> NDArray[np.intp]:
    """(t, n) of a node whose head an active valve holds, the node on the valve's other side; of others themselves."""
    rows = {name: k for k, name in enumerate(states.node_ids)}
    column = {name: k for k, name in enumerate(states.link_ids)}
    other = np.tile(np.arange(len(rows)), (len(states.times_s), 1))
    for valve in network.valves:
        if valve.kind not in {"PRV", "PSV"}:
            continue
        held, free = (valve.end, valve.start) if valve.kind == "PRV" else (valve.start, valve.end)
        active = states.statuses[:, column[valve.id]] == Status.ACTIVE
        other[active, rows[held]] = rows[free]
    return other


def _pipe_gradients(network: Network, flows: Floats) -> Floats:
    """(t, pipes) head loss by flow. [s/m2]"""
    length_m, diameter_m, roughness, minor = np.array(
        [(p.length_m, p.diameter_m, p.roughness, p.minor_loss) for p in network.pipes]
    ).T
    law = network.options.headloss
    if law == "D-W":
        gradients = _darcy_weisbach(network, flows, length_m, diameter_m, roughness_m=roughness)
    else:
        power = _EXPONENTS[law]
        # EPANET's constants are for feet; the exponents of length carry them over
        constant = (4.727 * _FOOT_M ** (4.871 - 3 * 1.852)) if law == "H-W" else 4.66 * _FOOT_M ** (5.33 - 6.0)
        rough = roughness**-power if law == "H-W" else roughness**power
        resistance = constant * length_m * rough / diameter_m ** (4.871 if law == "H-W" else 5.33)
        gradients = power * resistance * flows ** (power - 1.0)
    result: Floats = np.maximum(gradients, _SMALLEST_GRADIENT) + 2.0 * _minor(minor, diameter_m) * flows
    return result


def _minor(coefficient: Floats, diameter_m: Floats) -> Floats:
    """Head loss by the square of the flow. [s2/m5]"""
    result: Floats = 0.02517 / _FOOT_M * coefficient / diameter_m**4
    return result


def _darcy_weisbach(
    network: Network, flows: Floats, length_m: Floats, diameter_m: Floats, *, roughness_m: Floats
) -> Floats:
    viscosity = _VISCOSITY_M2_PER_S * float(dict(network.options.extra).get("VISCOSITY", "1") or 1)

    def losses_m(q: Floats) -> Floats:
        reynolds = 4.0 * q / (np.pi * diameter_m * viscosity)
        friction = _friction(np.maximum(reynolds, 1e-9), roughness_m / diameter_m)
        result: Floats = (
            friction * length_m / diameter_m * (q / (0.25 * np.pi * diameter_m**2)) ** 2 / (2 * _G_M_PER_S2)
        )
        return result

    q = np.maximum(flows, 1e-9)
    step = 1e-4 * q  # the law is smooth enough that its difference over 0.02 % is its slope to seven digits
    result: Floats = (losses_m(q + step) - losses_m(q - step)) / (2.0 * step)
    return result


def _friction(reynolds: Floats, relative: Floats) -> Floats:
    """Hagen-Poiseuille, Dunlop's cubic between, Swamee and Jain above."""
    relative = np.broadcast_to(relative, reynolds.shape)
    turbulent = 0.25 / np.log10(relative / 3.7 + 5.74 / np.maximum(reynolds, _LAMINAR) ** 0.9) ** 2
    y2 = relative / 3.7 + 5.74 / _TURBULENT**0.9
    y3 = -0.86859 * np.log(y2)
    fa = y3**-2.0
    fb = fa * (2.0 - 0.00514215 / (y2 * y3))
    r = reynolds / _LAMINAR
    x1, x2, x3, x4 = 7 * fa - fb, 0.128 - 17 * fa + 2.5 * fb, -0.128 + 13 * fa - 2 * fb, 0.032 - 3 * fa + 0.5 * fb
    between = x1 + r * (x2 + r * (x3 + r * x4))
    result: Floats = np.where(
        reynolds <= _LAMINAR, 64.0 / reynolds, np.where(reynolds < _TURBULENT, between, turbulent)
    )
    return result


def _pump_slopes(pump: Pump, curves: dict[str, Curve], flows: Floats, lifts_m: Floats, *, speeds: Floats) -> Floats:
    q, w = np.maximum(np.abs(flows), 1e-9), np.where(speeds > 0.0, speeds, 1.0)
    if pump.head_curve is None:  # its power is constant: lift times flow
        return q / np.maximum(np.abs(lifts_m), 1e-6)
    points = np.array(curves[pump.head_curve].points)
    if len(points) == 1:
        ((q1, h1),) = points
        points = np.array([(0.0, 1.33334 * h1), (q1, h1), (2.0 * q1, 0.0)])
    if len(points) == 3 and points[0, 0] == 0.0:
        (_, h0), (q1, h1), (q2, h2) = points
        power = np.log((h0 - h2) / (h0 - h1)) / np.log(q2 / q1)
        fall = (h0 - h1) / q1**power
        gradients = power * fall * w ** (2.0 - power) * q ** (power - 1.0)
    else:
        falls = -np.diff(points[:, 1]) / np.diff(points[:, 0])
        segment = np.clip(np.searchsorted(points[:, 0], q / w) - 1, 0, len(falls) - 1)
        gradients = w * falls[segment]
    result: Floats = np.where(speeds > 0.0, 1.0 / np.maximum(gradients, _SMALLEST_GRADIENT), 0.0)
    return result


def _valve_slopes(
    valve: Valve, curves: dict[str, Curve], flows: Floats, *, statuses: NDArray[np.int8], settings: Floats
) -> Floats:
    """By the settings of the moment, as controls change them; a valve without one is fixed open (or closed)."""
    q = np.abs(flows)
    is_set = has_setting(settings)
    coefficients = np.where(is_set, settings, valve.minor_loss) if valve.kind == "TCV" else valve.minor_loss
    m = np.broadcast_to(_minor(np.asarray(coefficients), np.array(valve.diameter_m)), q.shape)
    as_open = np.where(m > 0.0, 1.0 / np.maximum(2.0 * m * q, _SMALLEST_GRADIENT), _OPEN_VALVE)
    if valve.kind in {"PRV", "PSV", "FCV"}:
        return np.where(statuses == Status.ACTIVE, 0.0, as_open)
    if valve.kind == "PBV":
        drop_m = settings * _FOOT_M
        holds = is_set & (settings != 0.0) & (m * q**2 <= drop_m)
        return np.where(holds, _FIXED_DROP, as_open)
    if valve.kind == "GPV" and valve.curve is not None:  # its curve holds even where its status says OPEN
        points = np.array(curves[valve.curve].points)
        steep = np.diff(points[:, 1]) / np.diff(points[:, 0])
        segment = np.clip(np.searchsorted(points[:, 0], q) - 1, 0, len(steep) - 1)
        result: Floats = 1.0 / np.maximum(steep[segment], _SMALLEST_GRADIENT)
        return result
    return as_open


def _pressure_demand(network: Network) -> tuple[float, float, float] | None:
    """Least and sufficient pressure head [m] and exponent, where demands depend on pressure."""
    words = {f"{name} {rest}".upper().rpartition(" ")[::2] for name, rest in network.options.extra}
    stated = {" ".join(name.split()): value for name, value in words}
    if stated.get("DEMAND MODEL") != "PDA":
        return None
    to_m = inp_units(network.options).pressure
    least_m = float(stated.get("MINIMUM PRESSURE", 0.0)) * to_m
    enough_m = max(float(stated.get("REQUIRED PRESSURE", 0.1)) * to_m, least_m + 1e-3)
    return least_m, enough_m, float(stated.get("PRESSURE EXPONENT", 0.5))
