"""Where alarms and orders say things are."""

import pytest

from tests.twin.operations.conftest import make_site
from twin.errors import UnknownIdError
from twin.index import build
from twin.model.devices import Device
from twin.operations.errors import CommandError
from twin.operations.events import Phrase
from twin.operations.places import place_of

BY_POSITION = Device(id="here", kind="gauge", x_m=5, y_m=1, z_m=7.5)
INDEX = build(make_site().replace(devices=(*make_site().devices, BY_POSITION)))


def test_device_known_by_position_only_is_on_its_storey() -> None:
    assert place_of(INDEX, "device", "here").storey == "t1/f3"
    assert place_of(INDEX, "device", "lone").storey is None


def test_device_without_a_name_is_called_by_its_kind() -> None:
    assert place_of(INDEX, "device", "g1").name == Phrase("压力表", "Gauge")


@pytest.mark.parametrize(
    ("kind", "object_id", "z_m"),
    [("space", "t1/f4/401", 9.0), ("storey", "t1/f4", 9.0), ("building", "t1", 0.0), ("ground", "gate-south", 0.0)],
)
def test_place_has_a_point_on_its_floor(kind: str, object_id: str, z_m: float) -> None:
    place = place_of(INDEX, kind, object_id)
    assert (place.type, place.id, place.point_m[2]) == (kind, object_id, z_m)
    with pytest.raises(UnknownIdError):
        place_of(INDEX, kind, object_id + "x")


def test_kind_of_place_that_is_not_known_is_refused() -> None:
    with pytest.raises(CommandError, match="moon"):
        place_of(INDEX, "moon", "t1")
