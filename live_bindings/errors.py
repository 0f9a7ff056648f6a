"""Errors of the live bindings."""


class LiveBindingsError(Exception):
    """Base of all errors the live bindings raise on purpose."""


class HistoryError(LiveBindingsError, OSError):
    """A history that cannot be opened, read or written."""


class BrokerError(LiveBindingsError, ConnectionError):
    """A broker that cannot be started or reached."""


class FrameError(LiveBindingsError, ValueError):
    """Bytes that are no frame of the feed."""


class RecordingError(LiveBindingsError, ValueError):
    """A file of recorded readings that cannot be read, or whose columns fit no channel."""
