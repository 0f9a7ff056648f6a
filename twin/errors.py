"""Errors of the twin package."""

import difflib
from collections.abc import Iterable, Sequence


class TwinError(Exception):
    """Base of all errors the twin raises on purpose."""


class SiteFolderError(TwinError, ValueError):
    """A site folder that cannot be read at all (see validation for faults of one that can)."""


class UnknownIdError(TwinError, KeyError):
    """An id that is not in this site; suggests the nearest one there is."""

    def __init__(self, kind: str, wanted: str, known: Iterable[str] = ()) -> None:
        self.kind = kind
        self.wanted = wanted
        near = difflib.get_close_matches(wanted, list(known), n=1, cutoff=0.6)
        hint = f" Did you mean {near[0]}?" if near else ""
        self.message = f"no {kind} {wanted!r} in this site.{hint}"
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message


class ForbiddenTransitionError(TwinError, ValueError):
    """A command that the object's present state does not allow."""


class PipeQuestionError(TwinError, ValueError):
    """A question about a pipe network that has no answer; the message says why and what would help."""


class WayfindingError(TwinError, ValueError):
    """Something of a question for a way that cannot be answered; the message says what and how to mend it."""


class EvacuationError(TwinError, ValueError):
    """Something of a question about ways out that cannot be answered; the message says what and how to mend it."""


class CoverageError(TwinError, ValueError):
    """Something of a coverage question that cannot be answered; the message says what and how to mend it."""


class UnknownLevelError(CoverageError):
    """A requirement for cameras without a level that its edition has, nor a density that could be."""

    def __init__(
        self, requirement: str, level: str | None, edition: str | None, known: Sequence[str],
        *, density_px_per_m: float | None = None,
    ) -> None:  # fmt: skip
        self.requirement, self.level, self.edition = requirement, level, edition
        if density_px_per_m is not None:
            super().__init__(f"requirement {requirement} asks for {density_px_per_m:g} px/m: give more than 0")
            return
        if level is None:
            super().__init__(f"requirement {requirement} names no level: give level and edition, or min_value in px/m")
            return
        if edition is None:
            cure = 'say which edition of IEC 62676-4 it is of: edition: "2015" or "2025"'
        else:
            cure = f"edition {edition} has {', '.join(known)}"
        super().__init__(f"requirement {requirement} asks for level {level}: {cure}")


class CameraError(CoverageError):
    """A camera that no picture can be reckoned for: what is wrong with it, and how to mend it."""

    def __init__(self, device: str, fault: str, cure: str) -> None:
        self.device, self.fault, self.cure = device, fault, cure
        super().__init__(f"camera {device}: {fault}. {cure}")


class UnknownClassError(CoverageError):
    """A requirement for what is walked to, of a class that its kind has not."""

    def __init__(self, requirement: str, wanted: str, kind: str, known: Sequence[str]) -> None:
        self.requirement, self.wanted, self.kind, self.known = requirement, wanted, kind, tuple(known)
        super().__init__(f"requirement {requirement} asks for level {wanted}; kind {kind} has {', '.join(known)}")


class UnreachableLengthError(CoverageError):
    """A requirement for what is walked to, with a length that is none."""

    def __init__(self, requirement: str, value: float, unit: str | None) -> None:
        self.requirement, self.value, self.unit = requirement, value, unit
        super().__init__(
            f"requirement {requirement} asks for a way of {value:g} {unit or 'm'}; give a length above 0, unit: m"
        )
