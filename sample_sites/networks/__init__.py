"""The pipe networks of an estate, drawn from its buildings: drinking water, fire main, drains and ducts."""

from sample_sites.networks.domestic import domestic_water
from sample_sites.networks.fire_main import fire_main
from sample_sites.networks.gravity import drainage, telecom_ducts
from sample_sites.networks.ground_plan import ground_plan
from twin.model.networks import SiteNetwork
from twin.model.site import Site


def networks(site: Site) -> tuple[SiteNetwork, ...]:
    """The networks that serve a site's towers, tied to the spaces, devices and households it already has.

    A device is tied where the site has one of the expected id (``wm-inlet``, ``wm-t3-1203``, ``tank-dom``,
    ``pump-dom-1``, ``hyd-4``); without it the node or link stands as well.

    Raises
    ------
    ValueError
        If the site has no residential building with flats.
    """
    plan = ground_plan(site)
    return tuple(draw(site, plan).finish() for draw in (domestic_water, fire_main, drainage, telecom_ducts))


__all__ = ["networks"]
