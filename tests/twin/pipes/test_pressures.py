"""Hydrants out of service with their reason; heating and gas imported, traced and watched; limits with their source."""

from pathlib import Path

import numpy as np
import pytest

import sample_sites
from twin.importers.inp import import_inp
from twin.index import SiteIndex, build
from twin.model.networks import NetworkKind
from twin.pipes.pressures import hydrant_states
from twin.pipes.requirements import requirements
from twin.pipes.served import ServedNetwork, serve
from twin.pipes.tracing import trace_answer
from twin.pipes.watch import watch
from twin.site_folder import read
from twin.state import Readings, State, StateSnapshot

INP = """[JUNCTIONS]
 a 0 0
 b 0 0.2
 c 0 0.3
[RESERVOIRS]
 plant 30
[PIPES]
 feed plant a 40 100 120
 east a b 60 80 120
 west a c 50 80 120
[COORDINATES]
 plant 0 0
 a 40 0
 b 100 0
 c 40 50
[OPTIONS]
 UNITS LPS
 HEADLOSS H-W
[END]
"""


@pytest.fixture(scope="module")
def riverside() -> SiteIndex:
    return build(read(Path(sample_sites.__file__).parent / "riverside"))


def _seen(index: SiteIndex, values: dict[str, float]) -> StateSnapshot:
    state = State(index.intervals_s)
    rows = np.array([index.rows[c] for c in values], np.int32)
    count = len(rows)
    state.apply(Readings(rows, np.full(count, 1000.0), np.array(list(values.values())), np.zeros(count, np.uint8)))
    return state.snapshot(1001.0)


def _site(kind: NetworkKind) -> ServedNetwork:
    return serve(build(import_inp(INP, site_id="small", sensors=("b", "c"), kind=kind).site), kind)


def test_a_hydrant_is_in_service_out_of_it_with_its_reason_or_not_known(riverside: SiteIndex) -> None:
    fire = serve(riverside, "fire-main")
    seen = _seen(riverside, {"hyd-1:pressure": 6e5, "hyd-2:pressure": 5e4})
    states = {h.device: h for h in hydrant_states(fire, seen)}
    assert states["hyd-1"].in_service is True
    assert states["hyd-1"].reason is None
    assert states["hyd-2"].in_service is False
    assert "5.1 m" in states["hyd-2"].reason.en if states["hyd-2"].reason else False
    assert states["hyd-3"].in_service is None


@pytest.mark.parametrize(("kind", "good_pa", "low_pa"), [("heating", 2.5e5, 2e4), ("gas", 2.0e3, 1.0e3)])
def test_heating_and_gas_are_imported_traced_and_watched(kind: NetworkKind, good_pa: float, low_pa: float) -> None:
    network = _site(kind)
    index = network.index
    device = {n: t.device for n, t in network.site_network.nodes.items()}
    below = trace_answer(network, "east", "upstream", {})
    assert {p.split("/")[1] for p in below.pipes} >= {"feed"}
    well = {f"{device['b']}:pressure": good_pa, f"{device['c']}:pressure": good_pa}
    assert watch(network, _seen(index, well)) == ()
    (found,) = watch(network, _seen(index, {**well, f"{device['c']}:pressure": low_pa}))
    assert (found.kind, found.devices, found.objects) == ("pressure_low", (device["c"],), (f"{kind}/c",))
    assert found.limit is not None
    assert found.text.zh
    assert found.text.en


def test_too_much_gas_pressure_is_critical() -> None:
    network = _site("gas")
    device = network.site_network.nodes["b"].device
    (found,) = watch(network, _seen(network.index, {f"{device}:pressure": 4.0e3}))
    assert (found.kind, found.severity) == ("pressure_high", "critical")


def test_every_limit_has_a_source_and_says_how_sure_it_is() -> None:
    known = requirements()
    told = [(n.source, n.certainty) for n in (*known.taps.values(), *known.hydrants.values())]
    told += [(limit.source, limit.certainty) for each in known.limits.values() for limit in each.values()]
    assert all(source and certainty in {"quoted", "recalled", "chosen"} for source, certainty in told)
    assert all(isinstance(limit.value, float) for each in known.limits.values() for limit in each.values())
