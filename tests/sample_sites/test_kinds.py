"""The catalogue of device kinds."""

import pytest

from sample_sites.kinds import CATALOGUE

KINDS = {kind.id: kind for kind in CATALOGUE}
DEVICE_CLAUSES = (
    "7.1.1.2", "7.1.1.3", "7.1.2.2", "7.1.2.6", "7.1.2.7", "7.1.3.2", "7.1.4", "7.1.5.2", "7.1.5.3", "7.1.5.4",
    "7.1.6.1",
    "7.1.6.2", "7.1.6.3", "7.1.6.4", "7.1.7.1", "7.1.7.2", "7.1.8", "7.2.1.1", "7.2.2.2", "7.2.2.4", "7.2.3.1",
    "7.2.3.2", "7.2.4.2", "7.2.4.3", "7.2.5", "7.2.6.1", "7.2.7.1", "7.2.7.2", "7.2.8.1", "7.2.8.2", "7.2.8.3",
    "7.2.8.4", "7.2.9.1", "7.2.9.2",
)  # fmt: skip
"""Clauses of 7.1 and 7.2 that ask for devices."""


def test_no_kind_is_there_twice() -> None:
    assert len(KINDS) == len(CATALOGUE)


@pytest.mark.parametrize("clause", DEVICE_CLAUSES)
def test_every_clause_about_devices_has_a_kind(clause: str) -> None:
    assert [k.id for k in CATALOGUE if clause in k.clauses]


@pytest.mark.parametrize("kind_id", KINDS)
def test_a_kind_is_named_in_both_languages_and_classified(kind_id: str) -> None:
    kind = KINDS[kind_id]
    assert kind.name.zh
    assert kind.name.en
    assert kind.brick
    assert kind.ifc
    assert kind.colour
    assert kind.channels or kind.reaches  # what says nothing is there to be reached
    for channel in kind.channels:
        assert channel.name.zh, channel.id
        assert channel.name.en, channel.id
        assert channel.range is not None, channel.id


def test_alarm_states_are_states_with_a_name() -> None:
    for kind in CATALOGUE:
        for channel in kind.channels:
            assert set(channel.alarm_states) <= set(channel.states), f"{kind.id}:{channel.id}"
