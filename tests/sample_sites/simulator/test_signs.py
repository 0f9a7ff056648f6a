"""Exit signs as they point when nothing is wrong."""

from sample_sites.simulator.signs import ARROWS, point_inplace
from sample_sites.simulator.world import world_of
from tests.sample_sites.test_estate import default_index


def test_exit_signs_point_to_the_nearest_stair_or_door_into_the_open() -> None:
    index = default_index()
    world = world_of(index, seed=1)
    point_inplace(world)
    arrows = {sign: world.get(sign, "arrow") for sign, device in index.devices.items() if device.kind == "exit-sign"}
    assert {sign for sign, arrow in arrows.items() if arrow == 0.0} == set()
    # from the middle of the corridor's south wall the western stair is 10 cm nearer; its reader looks south
    assert (arrows["t1-f05-sign"], arrows["t1-f01-sign-main"]) == (ARROWS["right"], ARROWS["ahead"])
