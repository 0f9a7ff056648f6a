"""Errors of the twin package."""

import difflib
from collections.abc import Iterable


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
