"""EPANET files become sites that `check` finds fine."""

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest

from geometry.frames import SiteFrame
from pipe_network.epanet import Project
from pipe_network.errors import InpError
from pipe_network.inp import parse
from twin.errors import UnknownIdError
from twin.importers.inp import import_inp
from twin.importers.map_frame import MapError
from twin.index import build
from twin.site_folder import read, write
from twin.validation import check

SHARED = Path(os.environ.get("PLUMBLINE_SHARED_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))
NET = """\
[TITLE]
Harbour
[JUNCTIONS]
A1 10 3.6
a1 12
lost 11
[RESERVOIRS]
r 50
[TANKS]
T 40 2 0.5 4 8
[PIPES]
p r A1 100 150 130
q A1 T 50 150 130
u a1 lost 50 100 130
[PUMPS]
PUMP_1 A1 a1 POWER 5
[OPTIONS]
UNITS CMH
[COORDINATES]
A1 {x1} {y0}
a1 {x1} {y1}
T {x2} {y0}
r {x0} {y0}
[VERTICES]
p {xv} {y0}
[LABELS]
0 0 "old"
[END]
"""


def net(x: float = 0.0, y: float = 0.0, *, unit: float = 1.0) -> str:
    return NET.format(
        x0=x, xv=x + 40 / unit, x1=x + 100 / unit, x2=x + 150 / unit, y0=y, y1=y + 50 / unit,
    )  # fmt: skip


def library() -> list[Path]:
    spec = importlib.util.find_spec("wntr")
    assert spec is not None
    assert spec.submodule_search_locations
    return sorted((Path(spec.submodule_search_locations[0]) / "library" / "networks").glob("*.inp"))


@pytest.mark.parametrize("path", library(), ids=lambda p: p.stem)
def test_a_library_network_becomes_a_site_that_is_fine(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8", errors="replace")
    site = import_inp(text, site_id=path.stem.lower(), sensors=("all",)).site
    assert check(site) == ()
    write(site, tmp_path / "site")
    assert read(tmp_path / "site") == site
    network = parse(text)
    assert len(site.devices) >= len(network.junctions) + len(network.tanks)
    assert len(site.networks[0].links) == len(network.links)
    with Project(text) as before, Project(site.networks[0].inp) as after:
        heads = []
        for project in (before, after):
            project.start()
            project.solve()
            heads.append(project.heads_m())
    assert heads[0] == pytest.approx(heads[1], rel=1e-6, abs=1e-4)  # ten digits are written


@pytest.mark.parametrize(("unit", "said"), [(1.0, "metres"), (0.3048, "feet"), (25.0, "sketch")])
def test_the_scale_of_a_drawing_is_told_by_its_pipes(unit: float, said: str) -> None:
    made = import_inp(net(5000, 3000, unit=unit), site_id="harbour")
    assert any(said in note for note in made.notes)
    assert any("not known" in note for note in made.notes)
    places = parse(made.site.networks[0].inp).coordinates
    assert places["A1"][0] - places["r"][0] == pytest.approx(100, abs=0.01)
    xs = [x for x, _ in places.values()]
    assert min(xs) + max(xs) == pytest.approx(0, abs=0.01)


def test_map_coordinates_become_site_coordinates() -> None:
    frame = SiteFrame(33.02, 34.69)
    made = import_inp(net(501_800, 3_838_700), site_id="harbour", epsg=32636)
    origin = made.site.origin
    assert [origin.lon_deg, origin.lat_deg] == pytest.approx([33.02, 34.69], abs=0.01)
    places = parse(made.site.networks[0].inp).coordinates
    own = SiteFrame(origin.lon_deg, origin.lat_deg)
    lonlat = own.to_lonlat([places["A1"]])
    expected = frame.to_lonlat(frame.from_projected([(501_900, 3_838_700)], 32636))
    assert np.allclose(lonlat, expected, atol=1e-7)
    link = parse(made.site.networks[0].inp).links["p"]
    # 40 m of easting in UTM are 40 m / 0.9996 on the ground
    assert link.vertices[0][0] - places["r"][0] == pytest.approx(40, abs=0.05)


def test_a_drawing_is_put_where_its_middle_is_said_to_be() -> None:
    site = import_inp(net(), site_id="harbour", origin=(120.5, 30.25)).site
    assert (site.origin.lon_deg, site.origin.lat_deg) == (120.5, 30.25)


def test_plant_is_watched_without_asking_and_sensors_on_request() -> None:
    plain = import_inp(net(), site_id="harbour").site
    assert {d.id: d.kind for d in plain.devices} == {
        "lt-t": "tank-level", "fm-p": "flow-meter", "pump-pump_1": "network-pump",
    }  # fmt: skip
    site = import_inp(net(), site_id="harbour", sensors=("A1", "a1", "q", "p")).site
    assert [d.id for d in site.devices if d.kind == "pressure-sensor"] == ["pt-a1", "pt-a1-2"]
    assert site.networks[0].nodes["a1"].device == "pt-a1-2"
    assert site.networks[0].links["q"].device == "fm-q"
    assert site.networks[0].links["PUMP_1"].asset == "pump"
    index = build(site)
    assert "pump-pump_1:flow" in index.rows
    assert {r.id for r in site.rules} == {"silent", "low-pressure", "low-lt-t"}


def test_nodes_without_coordinates_are_put_beside_their_neighbours() -> None:
    made = import_inp(net(), site_id="harbour")
    assert any("1 node(s) without coordinates" in note for note in made.notes)
    places = parse(made.site.networks[0].inp).coordinates
    assert places["lost"] == places["a1"]
    assert check(made.site) == ()


def test_what_cannot_be_a_site_is_refused_with_its_cure() -> None:
    with pytest.raises(InpError, match="is not there"):
        import_inp(net().replace("q A1 T", "q A1 nowhere"), site_id="harbour")
    with pytest.raises(UnknownIdError, match="PUMP_2"):
        import_inp(net(), site_id="harbour", sensors=("PUMP_2",))
    with pytest.raises(MapError, match="COORDINATES"):
        import_inp(net().split("[COORDINATES]")[0], site_id="harbour")
    with pytest.raises(MapError, match="EPSG"):
        import_inp(net(), site_id="harbour", epsg=1)
    with pytest.raises(MapError, match="--epsg"):
        import_inp(net().replace("[VERTICES]", "lost 90000000 0\n[VERTICES]"), site_id="harbour")


@pytest.mark.shared_data
def test_l_town_becomes_a_site_with_its_meters() -> None:
    path = SHARED / "networks" / "L-TOWN.inp"
    if not path.is_file():
        pytest.skip(f"{path} is absent; the public data sets lie beside the project")
    made = import_inp(path.read_text(encoding="utf-8"), site_id="l-town", sensors=("n1", "n54"))
    assert check(made.site) == ()
    assert {"fm-p227", "fm-p235", "pump-pump_1", "lt-t1", "prv-prv-1", "pt-n54"} <= {d.id for d in made.site.devices}
