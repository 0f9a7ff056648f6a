"""Cards of pipes, drains and ducts."""

from pathlib import Path

import numpy as np
import pytest

import sample_sites
from twin.index import build
from twin.site_folder import read
from twin.state import State
from viewer.documents.card import card
from viewer.documents.names import Bilingual
from viewer.documents.pipes import Pipes
from viewer.documents.places import Places
from viewer.documents.things import Things


@pytest.mark.parametrize(
    ("pipe", "facts"),
    [
        ("telecom-ducts/C-ROOT", {"Cover": 0.8, "Laid in": "2016", "Material": "UPVC", "Fill": 0.274}),
        ("drainage/D-OUT", {"Material": "UPVC", "Laid in": "2016", "Diameter": 0.4}),
        ("fire-main/F-P3", {"Material": "ductile iron", "Cover": 1.2, "Laid in": "2016", "Diameter": 0.15}),
    ],
)
def test_a_buried_pipe_tells_its_make_depth_and_age(pipe: str, facts: dict[str, float | str]) -> None:
    index = build(read(Path(sample_sites.__file__).parent / "riverside"))
    things = Things(Places(index), Pipes(index))
    told = {f.name.en: f.value for f in card(things, "pipe", pipe, State(index.intervals_s).snapshot(0.0)).facts}
    assert {name: told[name] for name in facts} == facts
    length_m = told["Length"]
    assert not isinstance(length_m, str | Bilingual)
    assert np.isfinite(length_m)


def test_a_drain_tells_its_inverts_and_how_it_falls() -> None:
    index = build(read(Path(sample_sites.__file__).parent / "riverside"))
    things = Things(Places(index), Pipes(index))
    latest = State(index.intervals_s).snapshot(0.0)
    facts = {f.name.en: f for f in card(things, "pipe", "drainage/D-OUT", latest).facts}
    fall_m = abs(float(str(facts["Invert at start"].value)) - float(str(facts["Invert at end"].value)))
    assert float(str(facts["Slope"].value)) == pytest.approx(fall_m / float(str(facts["Length"].value)), rel=0.01)
    assert (facts["Diameter"].read_in, facts["Slope"].read_in) == ("mm", "permille")
    water = {f.name.en for f in card(things, "pipe", "fire-main/F-P3", latest).facts}
    assert "Slope" not in water
