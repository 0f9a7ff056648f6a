"""A leak in a town without end meters: the inflow says that there is one, the pressures where."""

import datetime as dt
import os
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from pipe_network.inp import parse
from twin.importers.inp import import_inp
from twin.index import build
from twin.leaks.model import prepare
from twin.leaks.report import leaks
from twin.leaks.window import Window
from viewer.bench.leaks.trials import LTOWN_SENSORS, A, trial

SHARED = Path(os.environ.get("PLUMBLINE_SHARED_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))
LTOWN = SHARED / "networks" / "L-TOWN.inp"
PA_PER_M = 9806.65


@pytest.mark.slow
@pytest.mark.shared_data
def test_a_leak_of_a_town_is_found_by_its_inflow_and_located_by_its_pressures() -> None:
    if not LTOWN.is_file():
        pytest.skip(f"{LTOWN} is absent; the public data sets lie beside the project")
    text = LTOWN.read_text(encoding="utf-8")
    index = build(import_inp(text, site_id="town", sensors=LTOWN_SENSORS).site)
    network = index.site.networks[0]
    true = trial(parse(text), LTOWN_SENSORS, A, seed=4)
    record = true.observations
    monday_s = dt.datetime(2026, 2, 2, tzinfo=ZoneInfo(index.site.time_zone)).timestamp()
    hours_s = monday_s + record.times_s
    fine_s = (hours_s[:, None] + 300.0 * np.arange(12)).ravel()
    series = {}
    for k, node in enumerate(record.sensors):
        row = index.rows[f"{network.nodes[node].device}:pressure"]
        series[row] = (hours_s + 1800.0, record.pressure_heads_m[:, k] * PA_PER_M)
    for k, link in enumerate(record.flow_links):
        series[index.rows[f"{network.links[link].device}:flow"]] = (fine_s, np.repeat(record.flows_m3_per_s[:, k], 12))
    for k, tank in enumerate(record.tanks):
        series[index.rows[f"{network.nodes[tank].device}:level"]] = (hours_s, record.levels_m[:, k])
    end_s = float(hours_s[-1]) + 3600.0
    report = leaks(prepare(index), Window(float(hours_s[0]), end_s, series), dt.datetime.fromtimestamp(end_s, dt.UTC))
    assert len(report.leaks) == 1
    leak = report.leaks[0]
    # an hour's inflow has the noise of all who draw; three days of it know 29 m3/h to about a tenth
    assert leak.size_m3_per_s == pytest.approx(true.size_m3_per_s, rel=0.15)
    assert abs(leak.onset_at.timestamp() - monday_s - true.onset_s) <= 3 * 3600
    assert f"water/{true.pipe}" in leak.area_90.objects
    assert leak.localisable
    assert {line.kind for line in leak.evidence} == {"balance", "pressure"}
    # three reducing valves report no flow, so one cannot tell their sides apart by balances
    assert {u.objects[0] for u in report.unanswered} >= {"prv-prv-1", "prv-prv-2", "prv-prv-3"}
