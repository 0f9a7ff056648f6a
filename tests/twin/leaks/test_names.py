"""Places of leaks are called what people on the estate call them, briefly, and each by a name of its own."""

import dataclasses

import pytest

from sample_sites.generator.estate import generate
from sample_sites.generator.plan import EstatePlan
from twin.index import SiteIndex, build
from twin.leaks.model import NetworkModel, prepare_network
from twin.leaks.names import indoor_name, outdoor_name
from twin.site_folder import read
from viewer.estate_service import sample_site

LONGEST = 40


@pytest.fixture(scope="module")
def sample() -> tuple[SiteIndex, NetworkModel]:
    index = build(read(sample_site()))
    return index, prepare_network(index, next(n for n in index.site.networks if n.kind == "domestic_water"))


def test_risers_of_a_tower_are_told_apart_by_the_zone_they_serve(sample: tuple[SiteIndex, NetworkModel]) -> None:
    index, model = sample
    high, low, fill = (indoor_name(index, model, d, "tower-4") for d in ("wm-high-t4", "wm-t4", "wm-fill-t4"))
    assert (high.en, high.zh) == ("Tower 4, high zone risers", "4号楼高区立管")
    assert (low.en, low.zh) == ("Tower 4, low zone risers", "4号楼低区立管")
    assert (fill.en, fill.zh) == ("Tower 4, pipes to its tank", "4号楼水箱进水管")


def test_pipes_outdoors_are_named_by_where_they_go(sample: tuple[SiteIndex, NetworkModel]) -> None:
    index, model = sample
    names = [outdoor_name(index, model, d).en for d in ("wm-inlet", "wm-low-zone", "wm-high-zone")]
    assert names == ["outdoor mains", "outdoor pipes of the low zone", "outdoor pipes of the high zone"]


def test_every_place_of_an_estate_has_a_short_name_of_its_own(sample: tuple[SiteIndex, NetworkModel]) -> None:
    index, model = sample
    assert model.tree is not None
    names = {
        (d.id, p.building): outdoor_name(index, model, d.id) if p.building is None
        else indoor_name(index, model, d.id, p.building)
        for d in model.tree.districts if not d.id.startswith("before ")
        for p in (model.places[k] for k in d.pipes if k in model.places)
    }  # fmt: skip
    assert len(names) > 15
    assert len({n.en for n in names.values()}) == len({n.zh for n in names.values()}) == len(names)
    assert max(len(n.en) for n in names.values()) <= LONGEST


def test_where_one_pair_of_risers_serves_all_flats_no_zone_is_named() -> None:
    index = build(generate(EstatePlan(towers=2, storeys=3)))
    model = prepare_network(index, next(n for n in index.site.networks if n.kind == "domestic_water"))
    assert indoor_name(index, model, "wm-t1", "tower-1").en == "Tower 1, risers"


def test_meter_names_what_nothing_else_tells(sample: tuple[SiteIndex, NetworkModel]) -> None:
    index, model = sample
    unknown = dataclasses.replace(model, end_spaces={})
    assert "behind" in indoor_name(index, unknown, "wm-t4", "tower-4").en
    assert "behind" in outdoor_name(index, unknown, "wm-inlet").en
