"""Leaks of a fire main: its tanks, jockey pump and pressures in one posterior, truth by EPANET."""

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
import pytest

from pipe_network.epanet import Project
from sample_sites.generator.estate import generate
from sample_sites.generator.plan import EstatePlan
from twin.index import SiteIndex, build
from twin.leaks.model import LeakModel, NetworkModel, prepare
from twin.leaks.report import leaks
from twin.leaks.result import LeakReport
from twin.leaks.window import Window

ONSET_H = 40.0


@dataclass(frozen=True)
class Estate:
    index: SiteIndex
    model: LeakModel
    fire: NetworkModel


@pytest.fixture(scope="module")
def estate() -> Estate:
    index = build(generate(EstatePlan(towers=2, storeys=4)))
    model = prepare(index)
    return Estate(index, model, next(n for n in model.networks if n.kind == "fire_main"))


def _lived(estate: Estate, leak_m3_per_h: float, *, test_h: float | None = None, hours: int = 46) -> Window:
    """Two days of the main as its devices tell it: levels to the millimetre, pressures to 1 kPa.

    Parameters
    ----------
    test_h : hour of a hydrant test of a quarter of an hour
    """
    fire, rows = estate.fire, estate.index.rows
    rng = np.random.default_rng(3)
    ties = fire.site_network
    levels = {n: t.device for n, t in ties.nodes.items() if f"{t.device}:level" in rows}
    pumps = {p.id: ties.links[p.id].device for p in fire.network.pumps}
    hole = next(j.id for j in fire.network.junctions if j.id.startswith("F-R"))
    told: dict[int, list[float]] = {}
    times: list[float] = []
    with Project(fire.network) as project:
        project.set_times(duration_s=hours * 3600, step_s=120)
        for time_s, _ in project.run():
            heads_m, flows = project.pressure_heads_m(), project.flows_m3_per_s()
            times.append(float(time_s))
            for node, device in levels.items():
                read = round(heads_m[project.node_row(node)] + rng.normal(0.0, 0.001), 3)
                told.setdefault(rows[f"{device}:level"], []).append(read)
            for node, row in fire.pressures.items():
                pa = heads_m[project.node_row(node)] * 9806.65 + rng.normal(0.0, 500.0)
                told.setdefault(row, []).append(round(pa, -3))
            for pump, device in pumps.items():
                running = float(flows[project.link_row(pump)] > 1e-7)
                told.setdefault(rows[f"{device}:state"], []).append(running)
            draws = leak_m3_per_h / 3600 if time_s >= ONSET_H * 3600 else 0.0
            if test_h is not None and test_h <= time_s / 3600 < test_h + 0.25:
                draws = 5e-3
            project.set_emitter(hole, draws / math.sqrt(30.0))
    t = np.array(times)
    return Window(0.0, float(t[-1]), {row: (t, np.array(values)) for row, values in told.items()})


def _report(estate: Estate, window: Window) -> LeakReport:
    return leaks(estate.model, window, dt.datetime.fromtimestamp(window.end_s, dt.UTC))


def test_a_tight_main_with_its_glands_and_a_hydrant_test_does_not_leak(estate: Estate) -> None:
    assert _report(estate, _lived(estate, 0.0, test_h=30.0)).leaks == ()


def test_a_fire_main_leak_is_found_sized_and_placed_by_all_its_evidence(estate: Estate) -> None:
    window = _lived(estate, 0.6)
    (leak,) = _report(estate, window).leaks
    assert leak.network == "fire-main"
    assert abs(leak.onset_at.timestamp() - ONSET_H * 3600) < 2 * 3600  # blocks of an hour
    # the hole loses 0.6 m3/h at 30 m of head, and the low roof of this estate holds another
    assert 0.3 < leak.size_m3_per_s * 3600 < 0.8
    channels = {line.channel for line in leak.evidence}
    assert {c.split(":")[1] for c in channels if c} == {"level", "state", "pressure"}
    assert channels <= set(estate.index.rows)
    signs = {line.channel.split(":")[1]: line.weight_nats for line in leak.evidence if line.channel}
    assert signs["level"] > 12
    assert signs["state"] > 3
    # what is told is a pipe of the pressurised main, none of the suction side
    assert all("SUC" not in c.id for c in leak.candidates)
    assert sum(c.probability_ratio for c in leak.candidates) == pytest.approx(1.0)


def test_what_was_read_later_does_not_change_what_a_main_told(estate: Estate) -> None:
    window = _lived(estate, 0.6)
    assert _report(estate, window.until(ONSET_H * 3600)).leaks == ()
