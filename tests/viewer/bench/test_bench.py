"""Figures say what was measured, what was wanted and whether that was reached."""

import json

import pytest
from typer.testing import CliRunner

from viewer.bench.figures import Figure, Goal, as_json, peak_memory_bytes
from viewer.bench.replay import shared_data
from viewer.cli import build_app
from viewer.errors import MissingPartError, UnknownFamilyError


@pytest.mark.parametrize(
    ("goal", "value", "reached"),
    [
        (Goal("<=", 5), 5.0, True),
        (Goal("<=", 5), 5.1, False),
        (Goal("<", 5), 5.0, False),
        (Goal(">=", 50), 49.0, False),
        (None, 1.0, None),
    ],
)
def test_figure_says_whether_its_goal_is_reached(goal: Goal | None, value: float, *, reached: bool | None) -> None:
    assert Figure("it", "s", value, goal).reached is reached


def test_figure_without_a_peer_has_no_ratio() -> None:
    items = json.loads(as_json([Figure("it", "s", 2.0, peer="other", peer_value=4.0), Figure("it", "s", 2.0)]))[
        "figures"
    ]
    assert [item["ratio"] for item in items] == [0.5, None]
    assert set(items[0]) == {"name", "unit", "value", "peer", "peer_value", "ratio", "goal", "reached"}


def test_peak_memory_is_that_of_a_python_process() -> None:
    assert 10e6 < peak_memory_bytes() < 100e9


def test_unknown_set_is_wrong_use_and_names_those_there_are() -> None:
    result = CliRunner().invoke(build_app(), ["bench", "nonsense"])
    assert result.exit_code == 2
    assert "estate" in result.output


@pytest.mark.broker
@pytest.mark.shared_data
@pytest.mark.slow
def test_a_month_of_l_town_is_kept_whole_by_the_commands_a_person_types() -> None:
    try:
        shared_data()
    except MissingPartError as error:
        pytest.skip(str(error))
    result = CliRunner().invoke(build_app(), ["bench", "replay", "--quick", "--json"])
    figures = {item["name"]: item["value"] for item in json.loads(result.stdout)["figures"]}
    assert result.exit_code == 0, result.output
    assert figures["readings published"] == 4 * 31 * 288
    assert figures["least stored of a channel"] == 31 * 288
    assert figures["published, not stored"] == 0


@pytest.mark.slow
def test_thirty_towers_are_measured_and_their_scene_is_small() -> None:
    result = CliRunner().invoke(build_app(), ["bench", "estate", "--quick", "--json"])
    figures = {item["name"]: item for item in json.loads(result.stdout)["figures"]}
    assert result.exit_code in {0, 1}, result.output  # a busy machine may be slow, which is no fault of the code
    assert figures["devices"]["value"] >= 7500
    assert figures["placed spaces and openings"]["value"] >= 50_000
    assert figures["read and index"]["goal"] == "<= 5"
    assert figures["scene"]["reached"]


def test_family_that_is_not_there_is_refused_by_name() -> None:
    result = CliRunner().invoke(build_app(), ["bench", "leaks", "--only", "nonsense"])
    assert isinstance(result.exception, UnknownFamilyError)
    assert "nonsense" in str(result.exception)


def test_seeds_are_for_those_with_families_only() -> None:
    result = CliRunner().invoke(build_app(), ["bench", "estate", "--seed", "1"])
    assert result.exit_code == 2
    assert "coverage and evacuation and leaks have families" in " ".join(result.output.replace("│", " ").split())
