"""Who goes how: values with their sources, and what is wrong with a document of them."""

from pathlib import Path

import pytest

from twin.errors import WayfindingError
from twin.wayfinding.profiles import product_profiles, profile, read_profiles

ASKED = {"resident", "wheelchair", "pushchair", "fire_crew", "maintenance", "crew", "patrol", "car"}
USUAL = """usual:
  clearance_m: {value: 0.25, source: ours, certainty: chosen}
"""


def test_the_product_knows_who_is_asked_for() -> None:
    assert set(product_profiles()) == ASKED


@pytest.mark.parametrize("who", sorted(ASKED))
def test_values_are_usable_and_say_where_they_are_from(who: str) -> None:
    one = profile(who)
    for name, given in one.values.items():
        assert given.source, name
        if name.endswith("_m_per_s"):
            assert 0 < given.value < 10
    assert one.name.zh
    assert one.name.en
    assert 0.2 <= one.clearance_m < 1.5


def test_a_site_states_its_own_profiles(tmp_path: Path) -> None:
    clearance = "{value: 0.3, source: maker, certainty: stated}"
    text = USUAL + f"profiles:\n- {{id: robot, name: {{en: robot}}, opens: [common], clearance_m: {clearance}}}"
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    own = profile("robot", tmp_path / "own.yaml")
    assert own.clearance_m == 0.3
    assert own.key != read_profiles(text.replace("0.3", "0.4"), "other")["robot"].key


@pytest.mark.parametrize(
    ("text", "said"),
    [("[", "no document of profiles"), ("usual: {}", "no document of profiles"), ("a: 1", "no document"),
     (USUAL + "profiles: [{id: a, name: {en: a}, opens: [common], wings: {value: 2, source: x, certainty: chosen}}]",
      "states wings, which nothing asks for"),
     (USUAL + "profiles: [{id: a, name: {en: a}, opens: [bank]}]", "no document of profiles"),
     (USUAL + "profiles: [{id: a, name: {en: a}, opens: [], clearance_m: {value: .nan, source: x, certainty: chosen}}]",
      "no document of profiles")],
)  # fmt: skip
def test_a_document_that_is_wrong_says_where(text: str, said: str) -> None:
    with pytest.raises(WayfindingError, match=said):
        read_profiles(text, "own.yaml")
