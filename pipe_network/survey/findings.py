"""What a survey finds, and the rule by which it speaks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """When a leak is worth a crew.

    Waiting costs little (a leak of 5 m3/h a hundred euros a day), a wrong place a day's work and trust.

    Attributes
    ----------
    radius_m : how far along the pipes the crew searches [m]
    least_ratio : probability that the leak is within that radius
    least_nats : evidence that there is a leak at all; the days are many and each is a chance for a false alarm [nat]
    most_misfit_ratio : what the leak leaves unexplained; more means that it is not one leak, or not a leak
    correction_ratio : probability that a crew at another place finds what those sent before do not, from which on a
        report is corrected
    """

    radius_m: float = 300.0
    least_ratio: float = 0.8
    least_nats: float = 40.0
    most_misfit_ratio: float = 2.5
    correction_ratio: float = 0.7


@dataclass(frozen=True, slots=True)
class Finding:
    """A leak reported.

    Attributes
    ----------
    pipe_id : where to begin the search
    found_at_s : end of the day it was reported on [s]
    onset_s : about when it began [s]
    size_m3_per_s : as it was when reported [m3/s]
    probability_ratio : that the leak is within the rule's radius of that pipe
    evidence_nats : how much likelier the days are with the leak than without [nat]
    misfit_ratio : what it leaves unexplained, 1 if as much as was expected
    leak : which of the survey's leaks, from 0; a correction names the leak whose place it corrects
    ended_s : when it was gone; none while it lasts [s]
    """

    pipe_id: str
    found_at_s: float
    onset_s: float
    size_m3_per_s: float
    probability_ratio: float
    evidence_nats: float
    misfit_ratio: float
    leak: int = 0
    is_correction: bool = False
    ended_s: float | None = None
