"""The normal distribution, as far as intervals and tests need it."""

import math

from lifecycle import _checks

__all__ = ["quantile", "two_sided_p", "z_of"]


def quantile(p: float) -> float:
    """Return the z below which a share p of the standard normal distribution lies."""
    from statistics import NormalDist  # noqa: PLC0415  (a slow import that few calls need)

    return NormalDist().inv_cdf(p)


def z_of(level: float) -> float:
    """Return how many standard errors an interval of a confidence level reaches to each side."""
    return -quantile((1 - _checks.fraction("level", level)) / 2)


def two_sided_p(z: float) -> float:
    """Return the probability of a standard normal value at least as far from 0 as z."""
    return math.erfc(abs(z) / math.sqrt(2))
