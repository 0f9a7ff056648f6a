"""Devices of kinds that are not there, or in spaces that are not there: left out, so that the rest can be reckoned."""

from twin.coverage.result import Problem
from twin.index import build
from twin.model.site import Site


def without_unplaced(site: Site) -> tuple[Site, tuple[Problem, ...]]:
    """A site whose devices all have a kind and a place, and those that were left out."""
    kinds = frozenset(kind.id for kind in site.kinds)
    named = {device.space for device in site.devices if device.x_m is None}
    spaces = build(site.model_copy(update={"devices": ()})).spaces.keys() if named else frozenset()
    kept, problems = [], []
    for device in site.devices:
        if device.kind not in kinds:
            said = (
                f"device {device.id} is of kind {device.kind}, which is not in kinds.yaml; add it there [unknown-kind]"
            )
            problems.append(Problem("unknown-kind", device.id, said))
        elif device.x_m is None and device.space not in spaces:
            where = f"device {device.id} has no position but space {device.space}"
            said = f"{where}, which is not there; correct it [unknown-space]"
            problems.append(Problem("unknown-space", device.id, said))
        else:
            kept.append(device)
    return (site.model_copy(update={"devices": tuple(kept)}) if problems else site), tuple(problems)
