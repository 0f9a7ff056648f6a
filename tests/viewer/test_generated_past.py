"""A demonstration that begins with days of water readings, and says that they were generated."""

import contextlib
from pathlib import Path

import httpx
import pytest

from live_bindings.history.sqlite import SqliteSeries
from live_bindings.leak_replay import look_at
from live_bindings.leak_window import window_of
from sample_sites.generator.estate import generate
from sample_sites.generator.plan import EstatePlan
from sample_sites.simulator.models import all_models
from sample_sites.simulator.run import Simulation
from tests.live_bindings.leaky_week import DAY_S, END_S, at
from tests.viewer.conftest import client_of, standing
from twin.index import SiteIndex, build
from twin.leaks.model import prepare
from viewer.generated_past import HasHistoryError, last_registers, read_mark, write_past
from viewer.settings import Settings

DAYS = 4.0


@pytest.fixture(scope="module")
def index() -> SiteIndex:
    return build(generate(EstatePlan(towers=2, storeys=3)))


@pytest.fixture(scope="module")
def data(index: SiteIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("past")
    assert write_past(index, folder, end_s=END_S, days=DAYS, seed=10) > 10_000
    return folder


def test_engine_has_learnt_when_the_visitor_comes(index: SiteIndex, data: Path) -> None:
    model = prepare(index)
    with contextlib.closing(SqliteSeries(data / "history.db")) as history:
        window = window_of(history, index, model.rows, END_S - model.window_s, END_S)
    answer = look_at(model, window, at(END_S))
    mark = read_mark(data)
    assert answer.status == "watching"
    assert mark is not None
    assert mark.leaking is not None
    # the riser that leaks is among the candidates of the one leak there is
    (leak,) = answer.leaks
    assert mark.leaking in {c.id for c in leak.candidates}


def test_readings_of_ones_own_are_not_mixed_with_generated_ones(index: SiteIndex, data: Path) -> None:
    with pytest.raises(HasHistoryError, match="another --data folder"):
        write_past(index, data, end_s=END_S, days=DAYS, seed=1)


def test_simulator_goes_on_from_what_the_meters_showed(index: SiteIndex, data: Path) -> None:
    before = last_registers(index, data)
    assert "wm-inlet:volume" in before
    with Simulation(index, all_models, start_s=END_S, registers=before) as simulation:
        simulation.tick(END_S + 5.0)
        now = {name: float(simulation.world.truth[index.rows[name]]) for name in before}
    assert any(name.endswith(":level") for name in before)
    # EPANET lets a hair of water pass backwards where nothing is drawn; levels move by millimetres in five seconds
    for name, value in before.items():
        assert -0.02 <= now[name] - value < 1.0, name


@pytest.mark.anyio
async def test_pages_are_told_what_was_generated(index: SiteIndex, data: Path, tmp_path: Path) -> None:
    settings = Settings(generated_past=read_mark(data))
    async with standing(index.site, tmp_path) as runtime, client_of(runtime, settings) as client:
        site: httpx.Response = await client.get(f"/api/sites/{index.site.id}/leaks?at={at(END_S):%Y-%m-%dT%H:%M:%SZ}")
        why = [u["why"]["en"] for u in site.json()["unanswered"]]
        assert any("generated with EPANET for this demonstration" in w for w in why)
        later = await client.get(f"/api/sites/{index.site.id}/leaks?at={at(END_S + 20 * DAY_S):%Y-%m-%dT%H:%M:%SZ}")
        assert not any("generated" in u["why"]["en"] for u in later.json()["unanswered"])


def test_leak_of_the_generated_days_leaves_the_tanks_their_water(index: SiteIndex, data: Path) -> None:
    levels = [value for name, value in last_registers(index, data).items() if name.endswith(":level")]
    mark = read_mark(data)
    assert levels
    assert min(levels) > 0.5
    assert mark is not None
    assert mark.leaking is not None
