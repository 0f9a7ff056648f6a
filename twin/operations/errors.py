"""Errors of operations."""

from collections.abc import Iterable

from twin.errors import ForbiddenTransitionError, TwinError


class CommandError(TwinError, ValueError):
    """A command that says too little or something impossible; `field` names the part to mend."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(f"{field}: {message}")


def forbidden(thing: str, state: str, command: str, possible: Iterable[str]) -> ForbiddenTransitionError:
    """The refusal of a command that the present state does not allow; it says what is possible."""
    able = ", ".join(possible) or "nothing more"
    return ForbiddenTransitionError(f"{thing} is {state} and cannot {command}; possible now: {able}")
