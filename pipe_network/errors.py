"""Errors of the pipe_network package."""

from collections.abc import Sequence
from dataclasses import dataclass


class PipeNetworkError(Exception):
    """Base of all errors pipe networks raise on purpose."""


@dataclass(frozen=True, slots=True)
class InpFault:
    """One fault of an EPANET file: where it is, what is wrong and how to mend it."""

    line: int
    """Line in the file, from 1; 0 where the fault is the file's as a whole."""
    object_id: str
    message: str
    cure: str

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.message}; {self.cure}"


class InpError(PipeNetworkError, ValueError):
    """An EPANET file that cannot be used; `faults` has all of them at once."""

    SHOWN = 20

    def __init__(self, faults: Sequence[InpFault]) -> None:
        self.faults = tuple(faults)
        shown = [str(f) for f in self.faults[: self.SHOWN]]
        if len(self.faults) > self.SHOWN:
            shown.append(f"and {len(self.faults) - self.SHOWN} more")
        super().__init__(f"{len(self.faults)} fault(s) in the EPANET file:\n  " + "\n  ".join(shown))


class UnknownElementError(PipeNetworkError, KeyError):
    """A node or link that the network does not have."""

    def __init__(self, kind: str, wanted: str) -> None:
        self.kind = kind
        self.wanted = wanted
        super().__init__(f"no {kind} {wanted!r} in this network; see its [JUNCTIONS] to [VALVES] for the ids")

    def __str__(self) -> str:
        return str(self.args[0])


class HydraulicsError(PipeNetworkError, RuntimeError):
    """EPANET refused or could not solve; `code` is EPANET's own."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)


class EngineMissingError(PipeNetworkError, OSError):
    """The EPANET engine is not on this machine."""


class IsolationError(PipeNetworkError, ValueError):
    """A pipe that no valve can cut off; `stuck` are valves that would help if they moved."""

    def __init__(self, message: str, *, link: str, source: str | None = None, stuck: tuple[str, ...] = ()) -> None:
        self.link = link
        self.source = source
        self.stuck = stuck
        super().__init__(message)


class SignatureError(PipeNetworkError, ValueError):
    """Readings or settings from which a device's signature cannot be told."""
