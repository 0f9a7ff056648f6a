"""A survey of a whole record: leaks are found, sized, located and reported one after the other, repairs recognised.

The survey is causal: what is said on a day rests on that day and those before. A leak that was reported becomes part
of the twin, so that the next one is sought in what it does not explain; it is placed again as it grows.
"""

from collections.abc import Callable

from pipe_network.model import Network
from pipe_network.record import DAY_S, Record, hourly
from pipe_network.survey.background import BackgroundLeakage, background_leakage
from pipe_network.survey.calibration import Uncertainty
from pipe_network.survey.driven import DrivenTwin
from pipe_network.survey.errors import SurveyError
from pipe_network.survey.findings import Finding, Rule
from pipe_network.survey.season import Season
from pipe_network.survey.surveyor import Surveyor

__all__ = [
    "BackgroundLeakage",
    "Finding",
    "Rule",
    "SurveyError",
    "Uncertainty",
    "background_leakage",
    "survey",
]


def survey(
    network: Network,
    record: Record,
    *,
    rule: Rule | None = None,
    prior: Uncertainty | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[Finding, ...]:
    """The leaks found in a record, in the order they were reported.

    What leaks already in the record's first week is what the rest is held against: it is not found, and neither is its
    end; `background_leakage` tells how much it is.

    Parameters
    ----------
    tell : called each day with how far the survey is

    Raises
    ------
    SurveyError
        If the record does not close the network's inflows, or is too short to calibrate on.
    """
    with DrivenTwin(network, _whole_days(hourly(record))) as twin:
        return Season(Surveyor(twin, prior or Uncertainty()), rule or Rule(), tell).run()


def _whole_days(record: Record) -> Record:
    first_s = record.times_s[0] + -record.times_s[0] % DAY_S
    days = int((record.times_s[-1] + record.step_s - first_s) // DAY_S)
    if days < 1:
        raise SurveyError("the record has no whole day")
    return record.part(first_s, first_s + days * DAY_S)
