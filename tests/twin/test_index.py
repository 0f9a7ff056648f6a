"""From ids to what stands on the ground."""

import pytest
import shapely

from tests.twin.riverside_in_small import small_site
from twin.errors import UnknownIdError
from twin.index import build, to_shapely, with_devices


def test_a_typical_storey_stands_once_for_each_number() -> None:
    index = build(small_site())
    assert [(s.number, s.elevation_m) for s in index.storeys.values()] == [(1, 0), (2, 3), (3, 6), (4, 9), (5, 12)]
    assert index.spaces["tower-1/f3/01"].name.en == "301"
    assert index.spaces["tower-1/f3/01/bed"].parent == "tower-1/f3/01"
    assert index.openings["tower-1/f4/d-stair"].connects == ("tower-1/f4/corridor", "tower-1/f4/stair")
    assert len(index.obstacles) == 5


def test_a_space_without_its_own_height_has_its_storeys_less_the_slab() -> None:
    index = build(small_site())
    assert index.spaces["tower-1/f2/corridor"].height_m == pytest.approx(2.88)
    assert index.spaces["tower-1/f2/01/bed"].height_m == 2.6


def test_a_device_that_names_only_its_space_hangs_in_it() -> None:
    index = build(small_site())
    x_m, y_m, z_m = index.device_point(index.device("t1-f03-smoke"))
    corridor = index.spaces["tower-1/f3/corridor"]
    assert to_shapely(corridor.template.polygon).contains(shapely.Point(x_m, y_m))
    assert z_m == pytest.approx(6.0 + 2.8)


def test_rows_follow_devices_and_the_channels_of_their_kind() -> None:
    index = build(small_site())
    assert [channel.id for channel in index.channels] == [
        "t1-f01-smoke:smoke", "t1-f01-smoke:alarm", "t1-f03-smoke:smoke", "t1-f03-smoke:alarm", "t1-inlet:flow",
    ]  # fmt: skip
    assert index.row("t1-inlet:flow") == index.first_row["t1-inlet"] == 4


def test_the_version_changes_only_when_rows_change_their_meaning() -> None:
    site = small_site()
    moved = site.replace(devices=(*site.devices[:2], site.devices[2].replace(x_m=1.0)))
    swapped = site.replace(devices=(site.devices[2], *site.devices[:2]))
    assert build(moved).version == build(site).version
    assert build(swapped).version != build(site).version


def test_an_unknown_id_names_the_nearest() -> None:
    index = build(small_site())
    with pytest.raises(UnknownIdError, match=r"Did you mean t1-f03-smoke\?"):
        index.device("t1-f3-smoke")
    with pytest.raises(UnknownIdError, match="no channel"):
        index.row("t1-inlet:heat")
    with pytest.raises(UnknownIdError, match="no space"):
        index.space_point("attic")


@pytest.mark.parametrize("change", ["moved", "removed", "added", "of another kind"])
def test_other_devices_give_the_index_that_the_whole_site_would(change: str) -> None:
    site = small_site()
    first, *rest = site.devices
    devices = {
        "moved": (first.replace(x_m=1.0, y_m=1.0, z_m=2.0), *rest),
        "removed": tuple(rest),
        "added": (*site.devices, first.replace(id="t1-more")),
        "of another kind": (first.replace(kind=rest[-1].kind), *rest),
    }[change]
    found, whole = with_devices(build(site), devices), build(site.replace(devices=devices))
    assert (found.devices, found.rows, found.first_row) == (whole.devices, whole.rows, whole.first_row)
    assert [(c.id, c.row, c.device, c.kind) for c in found.channels] == [
        (c.id, c.row, c.device, c.kind) for c in whole.channels
    ]
    assert found.site == whole.site


def test_a_device_of_an_unknown_kind_is_refused() -> None:
    site = small_site()
    with pytest.raises(UnknownIdError, match="device kind"):
        with_devices(build(site), (*site.devices, site.devices[0].replace(id="x", kind="nothing-known")))
