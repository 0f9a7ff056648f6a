"""Errors of the viewer package."""

from collections.abc import Iterable


class ViewerError(Exception):
    """Base of all errors the viewer raises on purpose."""


class MissingPartError(ViewerError, RuntimeError):
    """A part of the program or of the machine that is needed here and absent; the message says how to get it."""


class NotFoundError(ViewerError, KeyError):
    """Something a request names that is not there."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class UnknownFamilyError(ViewerError, KeyError):
    """A family of figures that is not there."""

    def __init__(self, wanted: str, known: Iterable[str]) -> None:
        self.wanted = wanted
        super().__init__(f"no family of figures {wanted!r}; there are {', '.join(known) or 'none'}")

    def __str__(self) -> str:
        return str(self.args[0])
