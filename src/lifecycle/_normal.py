"""The normal distribution and its squares, as far as intervals and tests need them."""

import math

from lifecycle import _checks

__all__ = ["chi_squared_p", "quantile", "two_sided_p", "z_of", "z_test"]


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


def z_test(difference: float, error: float) -> tuple[float | None, float | None]:
    """Return z and its two-sided p-value; None where the standard error is 0."""
    if not error:
        return None, None
    z = difference / error
    return z, two_sided_p(z)


def chi_squared_p(x: float, df: int) -> float:
    """Return the probability that df squared standard normal values sum to more than x.

    It is the finite sum of Abramowitz & Stegun (1964), 26.4.4 and 26.4.5, in which nothing
    cancels.
    """
    half = x / 2
    if half <= 0:
        return 1.0
    odd = df % 2
    powers = (k + odd / 2 for k in range(df // 2))
    terms = (math.exp(k * math.log(half) - half - math.lgamma(k + 1)) for k in powers)
    return min(math.fsum([math.erfc(math.sqrt(half)) if odd else 0.0, *terms]), 1.0)
