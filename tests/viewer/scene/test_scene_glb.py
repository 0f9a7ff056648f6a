"""The scene file, parsed back as a reader would."""

import json
import struct
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray

from sample_sites.generator.estate import generate
from sample_sites.generator.plan import EstatePlan
from tests.twin.riverside_in_small import small_site
from twin.index import SiteIndex, build
from twin.model.base import Polygon, Text
from twin.model.grounds import GroundFeature
from twin.model.networks import SiteNetwork
from twin.model.site import Origin, Site
from viewer.scene import kept_scene_glb, palette, scene_glb

_COMPONENTS = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
_WIDTH = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}


@dataclass(frozen=True)
class Glb:
    """A reader of its own, so that the writer is not judged by itself."""

    raw: bytes

    @cached_property
    def document(self) -> dict[str, Any]:
        (length,) = struct.unpack_from("<I", self.raw, 12)
        document: dict[str, Any] = json.loads(self.raw[20 : 20 + length])
        return document

    def accessor(self, number: int) -> NDArray[Any]:
        (json_length,) = struct.unpack_from("<I", self.raw, 12)
        accessor = self.document["accessors"][number]
        view = self.document["bufferViews"][accessor["bufferView"]]
        start = 20 + json_length + 8 + view["byteOffset"]
        width = _WIDTH[accessor["type"]]
        flat = np.frombuffer(self.raw, _COMPONENTS[accessor["componentType"]], accessor["count"] * width, start)
        return flat.reshape(-1, width) if width > 1 else flat

    def nodes(self, role: str) -> list[dict[str, Any]]:
        return [n for n in self.document["nodes"] if n["extras"]["role"] == role]

    def attributes(self, node: dict[str, Any]) -> dict[str, NDArray[Any]]:
        primitive = self.document["meshes"][node["mesh"]]["primitives"][0]
        found = {name: self.accessor(k) for name, k in primitive["attributes"].items()}
        return {**found, "indices": self.accessor(primitive["indices"])}

    def instances(self, node: dict[str, Any]) -> dict[str, NDArray[Any]]:
        attributes = node.get("extensions", {}).get("EXT_mesh_gpu_instancing", {}).get("attributes", {})
        return {name: self.accessor(k) for name, k in attributes.items()}

    def drawn_rows(self) -> set[int]:
        rows: set[int] = set()
        for node in self.document["nodes"]:
            own = np.unique(self.attributes(node)["_OBJECT"])
            bases = self.instances(node).get("_OBJECT", np.zeros(1))
            rows.update((own[:, None] + bases[None, :]).astype(int).ravel().tolist())
        return rows - {-1}


@pytest.fixture(scope="module")
def index() -> SiteIndex:
    return build(generate(EstatePlan(towers=2, storeys=6)))


@pytest.fixture(scope="module")
def glb(index: SiteIndex) -> Glb:
    return Glb(scene_glb(index))


def test_every_accessor_lies_within_the_file_and_is_aligned(glb: Glb) -> None:
    (total,) = struct.unpack_from("<I", glb.raw, 8)
    (json_length,) = struct.unpack_from("<I", glb.raw, 12)
    (binary_length,) = struct.unpack_from("<I", glb.raw, 20 + json_length)
    assert total == len(glb.raw)
    assert glb.document["buffers"] == [{"byteLength": glb.document["buffers"][0]["byteLength"]}]
    for accessor in glb.document["accessors"]:
        view = glb.document["bufferViews"][accessor["bufferView"]]
        assert view["byteOffset"] % 4 == 0
        assert view["byteOffset"] + view["byteLength"] <= binary_length


def test_indices_stay_within_their_vertices_and_bounds_are_true(glb: Glb) -> None:
    for node in glb.document["nodes"]:
        found = glb.attributes(node)
        assert found["indices"].max() < len(found["POSITION"])
        assert len(found["COLOR_0"]) == len(found["_OBJECT"]) == len(found["POSITION"])
        assert np.isfinite(found["POSITION"]).all()
        primitive = glb.document["meshes"][node["mesh"]]["primitives"][0]
        accessor = glb.document["accessors"][primitive["attributes"]["POSITION"]]
        np.testing.assert_array_equal(accessor["min"], found["POSITION"].min(axis=0))
        np.testing.assert_array_equal(accessor["max"], found["POSITION"].max(axis=0))


def test_another_reader_of_gltf_opens_the_file(glb: Glb, tmp_path: Path) -> None:
    file = tmp_path / "scene.glb"
    file.write_bytes(glb.raw)
    loaded = trimesh.load_scene(file)
    assert len(loaded.geometry) == len(glb.document["meshes"])


def test_the_object_table_covers_every_building_storey_space_and_ground(glb: Glb, index: SiteIndex) -> None:
    table = glb.document["asset"]["extras"]["objects"]
    listed = {(table["types"][t], i) for t, i in zip(table["type"], table["id"], strict=True)}
    assert {("building", i) for i in index.buildings} <= listed
    assert {("storey", i) for i in index.storeys} <= listed
    assert {("space", i) for i in index.spaces} <= listed
    assert {("ground", f.id) for f in index.site.grounds} <= listed


def test_every_storey_and_space_is_drawn_as_itself(glb: Glb, index: SiteIndex) -> None:
    table = glb.document["asset"]["extras"]["objects"]
    drawn = {(table["types"][table["type"][row]], table["id"][row]) for row in glb.drawn_rows()}
    assert {("storey", i) for i in index.storeys} <= drawn
    assert {("space", i) for i in index.spaces} <= drawn


def test_parents_lead_from_space_to_storey_to_building(glb: Glb, index: SiteIndex) -> None:
    table = glb.document["asset"]["extras"]["objects"]
    for row, object_id in enumerate(table["id"]):
        if table["types"][table["type"][row]] != "space":
            continue
        space, outer = index.spaces[object_id], table["parent"][row]
        assert table["id"][outer] == (space.parent if space.parent in index.spaces else space.storey.id)
        while table["types"][table["type"][outer]] == "space":
            outer = table["parent"][outer]
        assert table["id"][outer] == space.storey.id
        assert table["id"][table["parent"][outer]] == space.storey.building.id


def test_towers_built_alike_share_their_drawings(glb: Glb) -> None:
    often = Counter(len(glb.instances(n)["_OBJECT"]) for n in glb.nodes("interior"))
    assert max(often) >= 10  # five upper storeys of two equal towers
    assert len(scene_glb(build(generate(EstatePlan(towers=8, storeys=6))))) < 1.6 * len(glb.raw)


def test_a_storey_stands_at_its_height(glb: Glb, index: SiteIndex) -> None:
    table = glb.document["asset"]["extras"]["objects"]
    for node in glb.nodes("interior"):
        found = glb.instances(node)
        for place, row in zip(found["TRANSLATION"], found["_OBJECT"], strict=True):
            storey = index.storeys[table["id"][int(row)]]
            assert place[1] == pytest.approx(storey.elevation_m, abs=1e-4)


def test_doors_say_that_one_walks_through_them_and_walls_do_not(glb: Glb) -> None:
    opens = [int(palette.Matter.DOOR), int(palette.Matter.GLASS_DOOR)]
    for node in glb.nodes("interior"):
        found = glb.attributes(node)
        doors = np.isin(found["COLOR_0"][:, 3], opens)
        assert 0 < doors.sum() < 0.5 * len(doors)
        assert found["POSITION"][doors, 1].max() < found["POSITION"][:, 1].max(), "a leaf ends below its storey's walls"


def test_east_stays_east_and_north_points_away(index: SiteIndex, glb: Glb) -> None:
    table = glb.document["asset"]["extras"]["objects"]
    row = table["id"].index("tower-1/f1")
    (place,) = [
        at
        for node in glb.nodes("interior")
        for at, base in zip(glb.instances(node)["TRANSLATION"], glb.instances(node)["_OBJECT"], strict=True)
        if base == row
    ]
    xs, ys = zip(*index.buildings["tower-1"].footprint.outer, strict=True)
    assert place[0] == pytest.approx(min(xs), abs=1e-3)
    assert place[2] == pytest.approx(-min(ys), abs=1e-3)


def test_pipes_run_from_node_to_node() -> None:
    index = build(small_site())
    glb = Glb(scene_glb(index))
    (node,) = glb.nodes("pipes")
    found = glb.instances(node)
    lengths = sorted(round(float(s[1]), 2) for s in found["SCALE"])
    assert lengths[0] == pytest.approx(10.0, abs=0.2)  # J1 to 1; the other climbs to its reservoir
    table = glb.document["asset"]["extras"]["objects"]
    assert {table["id"][int(r)] for r in found["_OBJECT"]} == {"water/P1", "water/P2"}
    np.testing.assert_allclose(np.linalg.norm(found["ROTATION"], axis=1), 1.0, atol=1e-6)


def test_the_same_site_gives_the_same_bytes(index: SiteIndex, glb: Glb) -> None:
    assert scene_glb(build(index.site)) == glb.raw


def test_thirty_towers_stay_small() -> None:
    assert len(scene_glb(build(generate(EstatePlan(towers=30))))) < 15e6


def test_a_kept_scene_is_used_again_and_an_older_one_removed(index: SiteIndex, tmp_path: Path) -> None:
    first = kept_scene_glb(index, tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.read_bytes() == first == kept_scene_glb(index, tmp_path)
    kept_scene_glb(build(index.site.replace(grounds=())), tmp_path)
    (other,) = tmp_path.iterdir()
    assert other.name != file.name


def test_a_site_with_nothing_on_it_is_an_empty_scene() -> None:
    bare = small_site().replace(buildings=(), grounds=(), networks=(), devices=(), households=(), rules=(), staff=())
    glb = Glb(scene_glb(build(bare)))
    assert glb.document["nodes"] == []


def test_a_network_alone_lies_above_its_backdrop_and_is_wide_enough_to_see() -> None:
    inp = """[JUNCTIONS]
 a 40
 b 10
[RESERVOIRS]
 r 60
[PIPES]
 p1 r a 500 100 130
 p2 a b 3000 100 130
[OPTIONS]
 UNITS LPS
[COORDINATES]
 r -200 0
 a 0 0
 b 3000 0
"""
    town = Site(
        id="town",
        name=Text(en="Town"),
        origin=Origin(lon_deg=0, lat_deg=0),
        networks=(SiteNetwork(id="water", kind="domestic_water", inp=inp),),
        grounds=(GroundFeature(id="area", use="site_boundary", geometry=rectangle(-300, -100, 3100, 100)),),
    )
    glb = Glb(scene_glb(build(town)))
    (ground,) = glb.nodes("ground")
    heights = glb.attributes(ground)["POSITION"][:, 1]  # glTF's y is up
    lowest_pipe = float(glb.instances(glb.nodes("pipes")[0])["TRANSLATION"][:, 1].min())
    assert float(heights.max()) < min(lowest_pipe, 10.0)
    widths = glb.instances(glb.nodes("pipes")[0])["SCALE"][:, :2]
    assert float(widths.min()) > 1.0


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return Polygon(outer=((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def test_a_building_without_storeys_is_a_block_of_its_height() -> None:
    shed = (
        small_site().buildings[0].replace(storeys=(), stairs=(), lifts=(), ramps=(), base_elevation_m=2.0, height_m=3.5)
    )
    site = Site(id="shed", name=Text(en="Shed"), origin=Origin(lon_deg=120.0, lat_deg=30.0), buildings=(shed,))
    glb = Glb(scene_glb(build(site)))
    (node,) = glb.nodes("roofs")
    found = glb.attributes(node)["POSITION"]
    (x0, y0), (x1, y1) = np.min(shed.footprint.outer, axis=0), np.max(shed.footprint.outer, axis=0)
    assert np.sort(found.min(axis=0)) == pytest.approx(np.sort([x0, 2.0, -y1]), abs=1e-3)
    assert np.sort(found.max(axis=0)) == pytest.approx(np.sort([x1, 5.5, -y0]), abs=1e-3)
