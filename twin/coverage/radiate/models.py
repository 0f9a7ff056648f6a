"""Which model each device is of; one that names none is taken for what is usual, and that is said."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from twin.coverage.result import Problem
from twin.model.devices import Device

M = TypeVar("M")


def model_of(
    devices: Sequence[Device], known: Mapping[str, M], file: str, usual: str | Sequence[str]
) -> tuple[list[M | None], tuple[Problem, ...]]:
    """The model of each device, none for one that names a model there is not.

    Parameters
    ----------
    file : where a site adds its own
    usual : what a device that names none is taken for; one for all, or one for each
    """
    found: list[M | None] = []
    problems: list[Problem] = []
    assumed: dict[tuple[str, str], int] = {}
    for k, device in enumerate(devices):
        name = device.model or (usual if isinstance(usual, str) else usual[k])
        if not device.model:
            assumed[device.kind, name] = assumed.get((device.kind, name), 0) + 1
        found.append(known.get(name))
        if name not in known:
            said = f"its model {name!r} is not in the catalogue; add it to {file}, or name one of {', '.join(known)}"
            problems.append(Problem("unknown-model", device.id, f"{device.kind} {device.id}: {said}"))
    for (kind, name), often in assumed.items():
        said = f"{often} devices of kind {kind} name no model and are taken for {name}; name theirs in devices.csv"
        problems.append(Problem("assumed-model", kind, said))
    return found, tuple(problems)
