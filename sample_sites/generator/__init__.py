"""A believable Chinese residential estate of any size, the same for the same plan."""

from sample_sites.generator.estate import generate
from sample_sites.generator.plan import EstatePlan

__all__ = ["EstatePlan", "generate"]
