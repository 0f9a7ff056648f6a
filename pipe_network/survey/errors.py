"""What a survey refuses."""

from pipe_network.errors import PipeNetworkError


class SurveyError(PipeNetworkError, ValueError):
    """A record that a network cannot be surveyed with; the message says what is missing."""
