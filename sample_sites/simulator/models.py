"""Which models bring a site to life."""

from contextlib import ExitStack

from sample_sites.simulator.cars import Cars
from sample_sites.simulator.drains import Drains
from sample_sites.simulator.homes import Homes
from sample_sites.simulator.occupants import Occupants
from sample_sites.simulator.outdoors import Outdoors
from sample_sites.simulator.people import People
from sample_sites.simulator.run import Model
from sample_sites.simulator.safety import Safety
from sample_sites.simulator.steady import Steady
from sample_sites.simulator.water import NetworkModel
from sample_sites.simulator.world import World

_UNDER_PRESSURE = ("domestic_water", "fire_main", "other")


def all_models(world: World, held: ExitStack) -> list[Model]:
    """Every model; the steady values first, so that the others write over them. `held` closes what they open."""
    networks = [NetworkModel(world, n) for n in world.index.site.networks if n.kind in _UNDER_PRESSURE]
    for network in networks:
        held.callback(network.close)
    steady, occupants = Steady(world), Occupants(world)
    return [
        steady,
        Homes(world),
        occupants,
        People(world, occupants),
        Cars(world),
        Outdoors(world),
        *networks,
        *(Drains(world, n) for n in world.index.site.networks if n.kind == "drainage"),
        Safety(world),
    ]
