"""Recorded readings find their channels, travel as messages, and arrive in history whole."""

import asyncio
import os
from pathlib import Path

import msgspec
import numpy as np
import pytest

from live_bindings.broker import start_broker
from live_bindings.errors import RecordingError
from live_bindings.mqtt import Publisher
from live_bindings.recordings import Column, read_recording
from live_bindings.replay import batch_topic, select, tape, targets
from live_bindings.runtime import Runtime
from twin.importers.inp import import_inp
from twin.index import SiteIndex, build
from twin.model.site import Site

SHARED = Path(os.environ.get("PLUMBLINE_SHARED_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
NET = """\
[JUNCTIONS]
n1 10 3.6
n2 10
[RESERVOIRS]
r 50
[TANKS]
T1 30 2 0 4 8
[PIPES]
p r n1 100 150 130
q n2 T1 100 150 130
[PUMPS]
PUMP_1 n1 n2 POWER 5
[OPTIONS]
UNITS CMH
[COORDINATES]
n1 100 0
n2 120 0
T1 220 0
r 0 0
"""


@pytest.fixture
def site() -> Site:
    return import_inp(NET, site_id="harbour", sensors=("n1", "n2")).site


@pytest.fixture
def index(site: Site) -> SiteIndex:
    return build(site)


def column(name: str, *values: float) -> Column:
    return Column(
        name,
        np.array([1e9 + 300.0 * k for k in range(len(values))], dtype=np.float64),
        np.array(values, dtype=np.float64),
    )


def test_columns_find_their_channels_by_serial_id_or_mapping(index: SiteIndex) -> None:
    found = targets(index, ["PUMP_1", "T1", "fm-p", "pt-n1:pressure", "x"], mapping={"x": "pt-n2@mh2o"},
                    units=["m3_per_h"])  # fmt: skip
    assert [t.row.id for t in found] == [
        "pump-pump_1:flow", "lt-t1:level", "fm-p:flow", "pt-n1:pressure", "pt-n2:pressure",
    ]  # fmt: skip
    assert [t.scale for t in found] == pytest.approx([1 / 3600, 1, 1 / 3600, 1, 9806.65])


def test_columns_that_fit_nothing_are_told_all_at_once(index: SiteIndex) -> None:
    with pytest.raises(RecordingError, match=r"(?s)ghost.*phantom.*--map"):
        targets(index, ["ghost", "T1", "phantom"])
    assert [t.column for t in targets(index, ["ghost", "T1"], mapping={"ghost": "-"})] == ["T1"]
    with pytest.raises(RecordingError, match="no column nobody"):
        targets(index, ["T1"], mapping={"nobody": "lt-t1"})
    with pytest.raises(RecordingError, match="two columns"):
        targets(index, ["T1", "b"], mapping={"b": "lt-t1:level"})
    with pytest.raises(RecordingError, match="cannot turn unit"):
        targets(index, ["T1"], mapping={"T1": "lt-t1@m3_per_h"})


def test_a_site_without_a_batch_binding_is_told_what_to_add(site: Site) -> None:
    with pytest.raises(RecordingError, match=r"bindings\.yaml"):
        batch_topic(build(site.replace(bindings=())))


def test_the_tape_holds_every_reading_once_in_the_order_of_time(index: SiteIndex) -> None:
    columns = {c.name: c for c in (column("PUMP_1", *range(1500)), column("T1", *range(700)))}
    reel = tape("harbour/replay/batch", columns, targets(index, list(columns)))
    readings = [r for b in reel.batches() for r in msgspec.json.decode(b.payload)["r"]]
    assert len(readings) == len(reel) == 2200
    times = [r[3] for r in readings]
    assert times == sorted(times)
    assert {tuple(r[:2]) for r in readings} == {("pump-pump_1", "flow"), ("lt-t1", "level")}
    assert [r[2] for r in readings if r[0] == "lt-t1"] == list(range(700))
    assert all(b.readings <= 500 for b in reel.batches())


def test_at_a_pace_only_what_is_due_is_sent(index: SiteIndex) -> None:
    columns = {"T1": column("T1", *range(2000))}
    reel = tape("t", columns, targets(index, ["T1"]))
    assert reel.until(0, 1e9 - 1) == 0
    assert reel.until(0, 1e9 + 600) == 3
    assert reel.until(3, 1e9) == 3
    assert reel.until(0, 2e9) == 500


def test_a_cut_begins_at_its_start_and_ends_before_its_end() -> None:
    (cut,) = select([column("a", 1, 2, 3, 4)], start_s=1e9 + 300, end_s=1e9 + 900)
    assert cut.values.tolist() == [2, 3]


def _arrives(site: Site, columns: dict[str, Column], folder: Path, units: tuple[str, ...] = ()) -> None:
    """Replay through a real broker into a real history, and compare every reading."""

    async def scenario() -> None:
        with start_broker(folder / "broker") as broker:
            runtime = Runtime(site, folder / "data", broker.url)
            await runtime.start()
            try:
                await runtime.wait_ready()
                chosen = targets(runtime.index, list(columns), units=units)
                reel = tape(batch_topic(runtime.index), columns, chosen)

                def play() -> None:
                    with Publisher(broker.url, max_under_way=64) as publisher:
                        for batch in reel.batches():
                            publisher.publish(batch.topic, batch.payload)
                        publisher.wait(120)

                await asyncio.to_thread(play)
                async with asyncio.timeout(300):
                    while runtime.counters.stored < len(reel):  # noqa: ASYNC110 - another thread stores
                        await asyncio.sleep(0.05)
                assert (runtime.counters.rejected, runtime.counters.unknown_topic) == (0, 0)
                for target in chosen:
                    sent = columns[target.column]
                    kept = runtime.history.window(target.row.id, sent.times_s[0], sent.times_s[-1] + 1)
                    assert kept.times_s.tolist() == sent.times_s.tolist()
                    assert kept.values.tolist() == pytest.approx((sent.values * target.scale).tolist(), rel=1e-6)
            finally:
                await runtime.stop()

    asyncio.run(scenario())


@pytest.mark.broker
def test_a_small_recording_arrives_whole(site: Site, tmp_path: Path) -> None:
    columns = {c.name: c for c in (column("PUMP_1", *range(3000)), column("T1", *np.linspace(0, 3, 2500).tolist()))}
    _arrives(site, columns, tmp_path, units=("m3_per_h",))


def _l_town(folder: Path, *, days: int) -> None:
    files = [SHARED / "flows" / f"ltown-2019-{name}.csv.gz" for name in ("inflow", "tank-level")]
    network = SHARED / "networks" / "L-TOWN.inp"
    for path in (*files, network):
        if not path.is_file():
            pytest.skip(f"{path} is absent; the public data sets lie beside the project")
    site = import_inp(network.read_text(encoding="utf-8"), site_id="l-town", time_zone="Asia/Nicosia").site
    every = [c for f in files for c in read_recording(f, site.time_zone).columns]
    end_s = every[0].times_s[0] + days * 86400
    columns = {c.name: c for c in select(every, start_s=None, end_s=end_s)}
    assert {n: len(c.values) for n, c in columns.items()} == dict.fromkeys(["p227", "p235", "PUMP_1", "T1"], days * 288)
    _arrives(site, columns, folder, units=("m3_per_h",))


@pytest.mark.broker
@pytest.mark.shared_data
def test_a_month_of_l_town_arrives_whole(tmp_path: Path) -> None:
    _l_town(tmp_path, days=31)


@pytest.mark.broker
@pytest.mark.shared_data
@pytest.mark.slow
def test_the_year_of_l_town_arrives_whole(tmp_path: Path) -> None:
    _l_town(tmp_path, days=365)
