"""Where alarms and orders say things are."""

import pytest

from tests.twin.operations.conftest import make_site
from tests.twin.operations.leak_reports import with_water
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


def test_pipe_and_node_are_places_of_their_own() -> None:
    index = build(with_water(make_site()))
    main = place_of(index, "pipe", "water/P1")
    assert (main.point_m, main.storey, main.name.en) == ((10.0, -10.0, -1.0), None, "main P1")
    riser = place_of(index, "pipe", "water/UP")
    assert (riser.point_m, riser.storey) == ((11.0, 1.0, 4.5), "t1/f4")
    assert place_of(index, "node", "water/R1").storey == "t1/f1"
    for kind, wrong in (("pipe", "water/P9"), ("node", "water/P1"), ("pipe", "gas/P1")):
        with pytest.raises(UnknownIdError):
            place_of(index, kind, wrong)
