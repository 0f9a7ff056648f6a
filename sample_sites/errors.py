"""Errors of the sample sites."""


class SampleSiteError(Exception):
    """Base of what goes wrong with sample sites; the message names the value, the rule and the cure."""


class PlanError(SampleSiteError, ValueError):
    """An estate that cannot be laid out as asked."""
