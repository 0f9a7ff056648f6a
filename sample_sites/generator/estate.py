"""The whole estate: a plan becomes a site."""

from typing import Final

from sample_sites.generator.bindings import bindings
from sample_sites.generator.blocks import blocks, build_block
from sample_sites.generator.devices import place_devices
from sample_sites.generator.garage import build_garage, hall_id
from sample_sites.generator.grounds import Grounds
from sample_sites.generator.people import households, staff
from sample_sites.generator.plan import EstatePlan
from sample_sites.generator.rules import rules
from sample_sites.generator.tower import build_tower
from sample_sites.generator.zones import requirements, zones
from sample_sites.kinds import CATALOGUE
from sample_sites.networks import networks
from twin.model.base import Text
from twin.model.site import Origin, Site, Tariffs

_NAMES: Final = {"riverside": Text(zh="滨河花园", en="Riverside")}
"""Estates that have a name; any other is called by its id."""


def generate(plan: EstatePlan) -> Site:
    """The estate of that plan; the same plan gives the same site, to the byte of its files.

    Examples
    --------
    >>> site = generate(EstatePlan(towers=1, storeys=3))
    >>> len([b for b in site.buildings if b.use == "residential"])
    1
    """
    layout = plan.layout
    grounds = Grounds(layout)
    low = blocks(layout)
    towers = tuple(build_tower(t, hall_id(k // plan.columns)) for k, t in enumerate(layout.towers))
    homes = households(layout, low, plan.seed)
    elderly = frozenset(h.space for h in homes if h.elderly_alone)
    devices = place_devices(layout, grounds, low, elderly)
    site = Site(
        id=plan.id,
        name=_NAMES.get(plan.id) or Text(zh=plan.id, en=plan.id.replace("-", " ").capitalize()),
        origin=Origin(lon_deg=120.1536, lat_deg=30.2875, height_m=8.0),
        tariffs=Tariffs(water_per_m3=4.9),
        buildings=(*towers, build_garage(layout), *(build_block(b) for b in low.values())),
        grounds=grounds.features(plan.seed),
        kinds=CATALOGUE,
        devices=devices,
        zones=zones(layout, grounds),
        requirements=requirements(),
        households=homes,
        staff=staff(low),
        bindings=bindings(plan.id),
        rules=rules(devices),
    )
    return site.replace(networks=networks(site))
