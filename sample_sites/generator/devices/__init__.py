"""Every device of the estate, in its place."""

from sample_sites.generator.blocks import Block
from sample_sites.generator.devices.garage import place_garage
from sample_sites.generator.devices.open_air import place_open_air
from sample_sites.generator.devices.placing import Placer
from sample_sites.generator.devices.plant import place_low_buildings
from sample_sites.generator.devices.tower import place_tower
from sample_sites.generator.grounds import Grounds
from sample_sites.generator.plan import Layout
from twin.model.devices import Device


def place_devices(
    layout: Layout, grounds: Grounds, low: dict[str, Block], elderly: frozenset[str]
) -> tuple[Device, ...]:
    """The devices of the whole estate; `elderly` are the flats where someone old lives alone."""
    placer = Placer()
    place_low_buildings(placer, layout, low)
    for tower in layout.towers:
        place_tower(placer, tower, elderly)
    place_garage(placer, layout)
    place_open_air(placer, layout, grounds)
    return tuple(placer.devices)


__all__ = ["place_devices"]
