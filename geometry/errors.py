"""Errors of the geometry package."""


class GeometryError(ValueError):
    """A geometry that cannot be used; the message names the rule and the cure."""
