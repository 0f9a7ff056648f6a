"""Errors of locating leaks."""

from pipe_network.errors import PipeNetworkError


class LocalizationError(PipeNetworkError):
    """A leak that cannot be looked for with what is given."""


class ObservationsError(LocalizationError, ValueError):
    """Observations that do not fit together, or from which nothing follows."""
