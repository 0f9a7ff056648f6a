"""Errors of the viewer package."""


class ViewerError(Exception):
    """Base of all errors the viewer raises on purpose."""


class MissingPartError(ViewerError, RuntimeError):
    """A part of the program or of the machine that is needed here and absent; the message says how to get it."""


class NotFoundError(ViewerError, KeyError):
    """Something a request names that is not there."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""
