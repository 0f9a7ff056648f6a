"""Plans of who goes where, beside everybody by the nearest exit and the bound that no plan can pass."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from sample_sites.generator.estate import generate
from sample_sites.generator.plan import EstatePlan
from twin.evacuation.bound import quickest_s
from twin.evacuation.guidance import guided
from twin.evacuation.people import people_at_night
from twin.fabric.site_graph import SiteGraph, site_graph
from twin.index import build
from viewer.bench.figures import Figure, Goal

_PLANS: Final = (EstatePlan(), EstatePlan(towers=2, storeys=11), EstatePlan(towers=1, storeys=30))
_STEP_S: Final = 0.5


def figures(*, quick: bool, tell: Callable[[str], None], seed: int = 1) -> Iterator[Figure]:
    """How near plans come to the bound, tower by tower, everybody setting off at once."""
    del seed  # nothing is drawn by lot
    worst = gained = spent_s = 0.0
    towers = 0
    for plan in _PLANS[1:2] if quick else _PLANS:
        index = build(generate(plan))
        site = site_graph(index)
        persons = people_at_night(index)
        for building in index.site.buildings:
            if building.use != "residential":
                continue
            tell(f"{building.id} of {plan.storeys} storeys")
            mine = {s: many for s, many in persons.items() if index.spaces[s].storey.building.id == building.id}
            took_s, nearest_s, guided_s, bound_s = _one(site, mine)
            worst, gained, spent_s = (
                max(worst, guided_s / bound_s), max(gained, nearest_s / guided_s), max(spent_s, took_s),
            )  # fmt: skip
            towers += 1
    yield Figure(f"guided plan against the quickest flow, worst of {towers} towers", "ratio", worst, Goal("<=", 1.05))
    yield Figure("the nearest exit for all against the plan, worst of them", "ratio", gained)
    yield Figure("longest to find a plan", "s", spent_s)


def _one(site: SiteGraph, persons: dict[str, float]) -> tuple[float, float, float, float]:
    """Time to find the plan; until all are out by the nearest exits, by the plan, at best."""
    began = time.perf_counter()
    plan = guided(site, persons)
    took_s = time.perf_counter() - began
    return took_s, plan.nearest_s, plan.guided_s, quickest_s(site, persons, plan.queues, step_s=_STEP_S)
