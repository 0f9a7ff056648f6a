"""Rows of the site index."""

from tests.twin.riverside_in_small import small_site
from twin.index import build


def test_every_channel_has_a_row_of_its_own_in_the_order_of_its_kind() -> None:
    index = build(small_site())
    assert [channel.row for channel in index.channels] == list(range(len(index.channels)))
    for channel in index.channels:
        assert index.rows[channel.id] == channel.row
        assert index.kinds[channel.device.kind].channels[channel.row - index.first_row[channel.device.id]] == (
            channel.channel
        )
