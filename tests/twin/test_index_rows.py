"""Rows of the site index."""

from collections.abc import Callable, Sequence

import pytest

from tests.twin.riverside_in_small import small_site
from twin.index import build, with_devices
from twin.model.devices import Device


def test_every_channel_has_a_row_of_its_own_in_the_order_of_its_kind() -> None:
    index = build(small_site())
    assert [channel.row for channel in index.channels] == list(range(len(index.channels)))
    for channel in index.channels:
        assert index.rows[channel.id] == channel.row
        assert index.kinds[channel.device.kind].channels[channel.row - index.first_row[channel.device.id]] == (
            channel.channel
        )


@pytest.mark.parametrize(
    "change",
    [
        lambda devices: [devices[0].replace(model="other"), *devices[1:]],
        lambda devices: [*devices, devices[0].replace(id="one-more")],
        lambda devices: devices[1:],
        lambda devices: [devices[0].replace(kind=devices[-1].kind), *devices[1:]],
    ],
    ids=["changed", "added", "removed", "of another kind"],
)
def test_other_devices_are_indexed_as_if_they_had_always_been_there(
    change: Callable[[Sequence[Device]], Sequence[Device]],
) -> None:
    site = small_site()
    changed = change(site.devices)
    quick, whole = with_devices(build(site), tuple(changed)), build(site.replace(devices=tuple(changed)))
    assert quick.site == whole.site
    assert quick.channels == whole.channels
    assert (quick.rows, quick.first_row, quick.devices) == (whole.rows, whole.first_row, whole.devices)
    assert quick.version == whole.version
