"""Counts of purchases at a rate that has a gamma distribution: negative binomial ones.

With the gamma distribution of n and A, the count k in a time t has the probability
Gamma(n + k) / (Gamma(n) k!) (A / (A + t))^n (t / (A + t))^k.
"""

from collections.abc import Callable
from typing import Any

from lifecycle.models._arithmetic import Arithmetic, log_growth, trapezoid

__all__ = ["log_probability", "over_time", "probability"]

_FALL = 45.0
"""Where an integrand has fallen by this many powers of e, the rest of it does not count."""
_SMALLEST = 1e-300
"""In place of a time of 0, whose logarithm is none."""


def log_probability(m: Arithmetic, k: Any, t: Any, n: Any, a: Any) -> Any:
    """Return the logarithm of the probability of k purchases in t, at a rate of n and A.

    Gamma(n + k) / (Gamma(n) k!) is the same with k + 1 for n and n - 1 for k: the larger of n and
    k + 1 grows by the smaller one less 1, of which the digits are kept.
    """
    share = m.maximum(t, _SMALLEST) / (a + t)
    large, small = m.maximum(n, k + 1), m.minimum(n, k + 1)
    ways = log_growth(m, large, small - 1) - m.lgamma(small)
    return ways - n * m.log1p(t / a) + k * m.log(share)


def probability(  # noqa: PLR0913, PLR0917  (the terms of the formula)
    m: Arithmetic, k: Any, t: Any, n: Any, a: Any, log_share: Any
) -> Any:
    """Return that probability times the share of customers it applies to."""
    found = m.exp(log_probability(m, k, t, n, a) + log_share)
    return m.where((k > 0) & (t <= 0), 0.0, found)


def over_time(  # noqa: PLR0913, PLR0917  (the terms of the formula)
    m: Arithmetic, f: Callable[[Any], Any], k: Any, t: Any, n: Any, a: Any, scale: Any, falls: Any
) -> Any:
    """Integrate, over the times tau up to t, the probability of k purchases times f(tau) / tau.

    In the logit of tau / t the integrand falls off exponentially to both sides.

    Args:
        m: The arithmetic.
        f: A smooth function of tau.
        k: How many purchases, 0 or more.
        t: Up to when, 0 or more.
        n: The shape of the rate's distribution.
        a: Its inverse scale.
        scale: The shortest time in which anything changes.
        falls: How steeply the integrand falls at 0 and beyond `scale`, as powers of tau.
    """
    t = m.maximum(t, _SMALLEST)
    at_zero, later = falls
    spread = (1 / (k + 1) + 1 / later) ** 0.5
    low = m.minimum(m.log(scale / later) - m.log(t), 0.0) - _FALL / at_zero - 9 * spread
    high = _FALL + 0.0 * low

    def density(logit: Any) -> tuple[Any]:
        tau = m.maximum(t * m.expit(logit), _SMALLEST)
        return (m.exp(log_probability(m, k, tau, n, a)) * f(tau) * m.expit(-logit),)

    return trapezoid(m, density, low, high, m.minimum(0.25, spread / 2))[0]
