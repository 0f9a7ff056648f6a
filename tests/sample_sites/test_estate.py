"""The generated estate: what it holds, that one can walk through it, that it is fine at any size."""

from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import networkx as nx
import pytest

from sample_sites.errors import PlanError
from sample_sites.generator import EstatePlan, generate
from tests.sample_sites.test_kinds import DEVICE_CLAUSES
from twin.index import SiteIndex, build
from twin.model.site import Site
from twin.site_folder import write
from twin.validation import check_folder

RIVERSIDE = Path(__file__).parents[2] / "sample_sites" / "riverside"
WALKED = {"door", "passage", "gate", "shutter"}


@cache
def default_site() -> Site:
    return generate(EstatePlan())


@cache
def default_index() -> SiteIndex:
    return build(default_site())


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def ways(index: SiteIndex, *, stairs: bool = True, lifts: bool = False) -> "nx.Graph[str]":
    """Spaces joined by what one can walk through, and by stairs or lifts from storey to storey."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(index.spaces)
    graph.add_edges_from(o.connects for o in index.openings.values() if o.template.kind in WALKED)
    for building in index.site.buildings:
        climbs = [(s.space, s.first, s.last) for s in building.stairs] if stairs else []
        climbs += [(x.space, x.first, x.last) for x in building.lifts] if lifts else []
        for template, first, last in climbs:
            numbers = [template.replace("{n}", str(n)) for n in range(first, last + 1)]
            assert set(numbers) <= set(index.spaces)
            nx.add_path(graph, numbers)
    return graph


def test_default_estate_is_of_the_size_promised() -> None:
    index = default_index()
    uses = Counter(s.template.use for s in index.spaces.values())
    assert sum(b.use == "residential" for b in default_site().buildings) == 6
    assert uses["flat"] == 6 * 18 * 4
    assert uses["stair"] == 6 * 2 * 20
    assert uses["lift_shaft"] == 6 * 2 * 19
    assert uses["parking_space"] >= 150
    assert len(default_site().devices) >= 1500
    homes = [h for h in default_site().households if h.tenure != "shop"]
    assert {h.space for h in homes} == {s.id for s in index.spaces.values() if s.template.use == "flat"}


@pytest.mark.parametrize("use", [
    "service_centre", "monitoring_centre", "data_room", "substation", "fire_pump_room", "water_pump_room", "classroom",
    "activity_room", "care_station", "shop", "gatehouse", "refuse_room", "bicycle_garage", "bicycle_charging", "ramp",
    "lift_machine_room", "smoke_control_room", "tank_room", "lobby", "roof", "balcony", "switch_room",
])  # fmt: skip
def test_estate_has_a_space_of_every_use(use: str) -> None:
    assert [s.id for s in default_index().spaces.values() if s.template.use == use]


@pytest.mark.parametrize("use", [
    "site_boundary", "perimeter", "vehicle_gate", "gate", "road", "path", "fire_lane", "fire_operation_area", "green",
    "tree", "plaza", "playground", "fitness", "assembly_point", "bin_point", "parking_space", "ramp_mouth",
])  # fmt: skip
def test_grounds_have_a_feature_of_every_use(use: str) -> None:
    assert [g.id for g in default_site().grounds if g.use == use]


@pytest.mark.parametrize("clause", DEVICE_CLAUSES)
def test_every_clause_about_devices_has_a_device(clause: str) -> None:
    kinds = {k.id for k in default_site().kinds if clause in k.clauses}
    assert [d.id for d in default_site().devices if d.kind in kinds]


def test_every_kind_of_the_catalogue_is_somewhere() -> None:
    assert {k.id for k in default_site().kinds} == {d.kind for d in default_site().devices}


def test_every_flat_is_reached_from_outside_by_stairs() -> None:
    index = default_index()
    reached = nx.node_connected_component(ways(index), "outside")
    rooms = [s for s in index.spaces.values() if s.template.parent and "/f" in s.template.parent]
    assert len(rooms) > 3000
    assert [r.id for r in rooms if r.id not in reached] == []


def test_every_room_has_a_way_in() -> None:
    index = default_index()
    reached = nx.node_connected_component(ways(index, lifts=True), "outside")
    # smoke and air shafts have grilles, a flat is its rooms, a parking space and its aisle are part of the hall
    exempt = {"shaft", "flat", "parking_space"}
    missing = [s.id for s in index.spaces.values() if s.id not in reached and s.template.use not in exempt]
    assert [m for m in missing if not m.endswith("/aisle")] == []


def test_each_stair_of_a_tower_leads_outside_by_itself() -> None:
    index = default_index()
    graph = ways(index)
    for number in (1, 2):
        assert graph.has_edge(f"tower-1/f1/stair-{number}", "outside")
        alone = graph.subgraph(n for n in graph if n != f"tower-1/f1/stair-{3 - number}" and "lobby" not in n)
        assert nx.has_path(alone, "tower-1/f18/1801/living", "outside")


def test_garage_joins_the_towers_to_the_street() -> None:
    graph = ways(default_index())
    indoors = graph.subgraph(n for n in graph if n.startswith(("garage/", "tower-4/f0/")) or n == "outside")
    assert nx.has_path(indoors, "tower-4/f0/lift-lobby", "outside")


def test_every_device_hangs_on_a_gateway_in_the_end() -> None:
    devices = {d.id: d for d in default_site().devices}
    for device in devices.values():
        at = device
        while at.parent is not None:
            at = devices[at.parent]
        assert at.id == "gw-core", device.id


def test_water_meters_form_a_tree_from_flat_to_inlet() -> None:
    devices = {d.id: d for d in default_site().devices}
    for flat, way in (("wm-t3-301", ["wm-t3", "wm-low-zone", "wm-inlet"]),
                      ("wm-t3-1203", ["wm-high-t3", "wm-high-zone", "wm-inlet"])):  # fmt: skip
        above = []
        at = devices[flat]
        while at.parent is not None and at.parent.startswith("wm-"):
            at = devices[at.parent]
            above.append(at.id)
        assert above == way


def test_every_tie_of_the_networks_is_a_device_tied_once() -> None:
    site = default_site()
    tied = [t.device for n in site.networks for t in n.nodes.values() if t.device]
    tied += [t.device for n in site.networks for t in n.links.values() if t.device]
    devices = {d.id: d.kind for d in site.devices}
    assert set(tied) <= set(devices)
    assert len(tied) == len(set(tied))
    metered = {"water-meter-flat", "water-meter-building", "water-meter-zone", "water-meter-inlet", "tank-level",
               "pump-booster", "pressure-sensor", "hydrant-pressure", "fire-end-pressure", "fire-tank-level",
               "manhole-level", "duct-fill", "pump-fire", "pump-jockey"}  # fmt: skip
    assert [d for d, kind in devices.items() if kind in metered and d not in set(tied)] == []


def test_the_same_plan_gives_the_same_site() -> None:
    assert generate(EstatePlan(towers=2, storeys=5)) == generate(EstatePlan(towers=2, storeys=5))


def test_another_seed_gives_other_households() -> None:
    first, second = (generate(EstatePlan(towers=1, storeys=5, seed=seed)) for seed in (1, 2))
    assert first.households != second.households
    assert first.buildings == second.buildings


def test_committed_sample_is_what_the_generator_writes(tmp_path: Path) -> None:
    write(default_site(), tmp_path / "riverside")
    made, committed = files_of(tmp_path / "riverside"), files_of(RIVERSIDE)
    assert sorted(made) == sorted(committed)
    assert [name for name in made if made[name] != committed[name]] == []


def test_sample_and_each_tower_of_it_are_small() -> None:
    sizes = {p: p.stat().st_size for p in RIVERSIDE.rglob("*") if p.is_file()}
    assert sum(sizes.values()) < 4_000_000
    assert sizes[RIVERSIDE / "buildings" / "tower-1.geojson"] < 80_000


@pytest.mark.parametrize(("towers", "storeys", "flats"), [(6, 18, 4), (1, 3, 2), (1, 10, 4), (2, 40, 4), (11, 6, 2)])
def test_estate_of_any_size_is_fine(tmp_path: Path, towers: int, storeys: int, flats: int) -> None:
    write(generate(EstatePlan(towers=towers, storeys=storeys, flats_per_storey=flats)), tmp_path / "site")
    _, issues = check_folder(tmp_path / "site")
    assert [f"{i.place}: {i.message}" for i in issues] == []


@pytest.mark.slow
def test_the_largest_estate_is_fine(tmp_path: Path) -> None:
    write(generate(EstatePlan(towers=60, storeys=40)), tmp_path / "site")
    _, issues = check_folder(tmp_path / "site")
    assert issues == ()


@pytest.mark.parametrize(
    "plan",
    [
        lambda: EstatePlan(towers=0), lambda: EstatePlan(towers=61), lambda: EstatePlan(storeys=2),
        lambda: EstatePlan(storeys=41), lambda: EstatePlan(flats_per_storey=3), lambda: EstatePlan(id="My Estate"),
    ],
    ids=["no tower", "61 towers", "2 storeys", "41 storeys", "3 flats", "blank in id"],
)  # fmt: skip
def test_impossible_plan_is_refused_with_the_range(plan: Callable[[], EstatePlan]) -> None:
    with pytest.raises(PlanError, match=r"give (a number|one)|a site id has"):
        plan()


def test_estates_of_other_ids_do_not_share_topics() -> None:
    own = generate(EstatePlan(towers=1, storeys=3, id="hillside"))
    batch = next(b for b in own.bindings if b.payload == "batch")
    assert own.id == "hillside"
    assert batch.topic.startswith("hillside/")
