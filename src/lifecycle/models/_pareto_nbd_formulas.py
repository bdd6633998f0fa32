"""Pareto/NBD: customers differ in purchase rate and in dropout rate.

The literature calls the parameters r, alpha, s, beta, and a history x, t_x, T. Whoever is alive
after a history is like a new customer with r + x, alpha + T, s and beta + T.

Where a customer may have left, it is integrated over when: positive and smooth. The closed form
of that is a difference of two hypergeometric functions, which loses its digits, or overflows,
where there are many purchases (Fader & Hardie 2005, appendix).
"""

import math
import operator
from functools import partial
from typing import Any, NamedTuple

from lifecycle.models._arithmetic import Arithmetic, integral, log_growth, sums
from lifecycle.models._negative_binomial import over_time, probability
from lifecycle.models._rows import DistinctRows, compressed, rate_of
from lifecycle.models.fitting import Derivatives, Likelihood, Problem, derivatives

__all__ = [
    "ParetoParameters",
    "discounted",
    "likelihood",
    "p_alive",
    "pmf",
    "problem",
    "purchases",
    "staying",
]

Terms = tuple[Any, ...]
"""A value, its gradient and the upper triangle of its Hessian, by r, alpha, s and beta."""

_FALL = 45.0
"""Where an integrand has fallen by this many powers of e, the rest of it does not count."""
_SMALLEST = 1e-300
"""In place of 0, whose logarithm is none."""


class ParetoParameters(NamedTuple):
    """What a formula needs besides a history."""

    r: float
    alpha: float
    s: float
    beta: float


def p_alive(m: Arithmetic, x: Any, t_x: Any, age: Any, *, at: ParetoParameters) -> Any:
    """Return the probability of not having left yet: 1 / (1 + the odds of having left).

    The odds are the integral over t, from t_x to T, of
    [(alpha + T) / (alpha + t)]^(r + x) [(beta + T) / (beta + t)]^s s / (beta + t).
    """
    (left,) = _over_departures(m, lambda density, *_: (density,), x, t_x, age, at)
    stayed = _log_stayed(m, x, t_x, age - t_x, at)
    return m.expit(stayed - m.log(m.maximum(left, _SMALLEST)))


def staying(m: Arithmetic, t: Any, x: Any, age: Any, *, at: ParetoParameters) -> Any:
    """Return the probability that a customer who is alive still is so t later."""
    del x
    return m.exp(-at.s * m.log1p(t / (at.beta + age)))


def purchases(m: Arithmetic, t: Any, x: Any, age: Any, *, at: ParetoParameters) -> Any:
    """Return how often a customer who is alive buys within t, on average.

    (r + x) (beta + T) / (alpha + T) [1 - ((beta + T) / (beta + T + t))^(s - 1)] / (s - 1),
    whose last quotient is a logarithm at s = 1.
    """
    k, length = at.s - 1, m.log1p(t / (at.beta + age))
    lived = -m.expm1(-k * length) / k if k else length
    return (at.r + x) * (at.beta + age) / (at.alpha + age) * lived


def pmf(  # noqa: PLR0913  (the count, and the history)
    m: Arithmetic, k: Any, t: Any, x: Any, age: Any, *, at: ParetoParameters
) -> Any:
    """Return the probability that a customer who is alive buys k times within t."""
    n, a, s, b = at.r + x, at.alpha + age, at.s, at.beta + age
    alive = probability(m, k, t, n, a, -s * m.log1p(t / b))

    def leaving(tau: Any) -> Any:
        return s * tau / (b + tau) * m.exp(-s * m.log1p(tau / b))

    left = over_time(m, leaving, k, t, n, a, m.minimum(a, b), (k + 1, n + s))
    return alive + m.where(t > 0, left, 0.0)


def discounted(m: Arithmetic, delta: float, x: Any, age: Any, *, at: ParetoParameters) -> Any:
    """Return what a customer who is alive buys from now on, discounted continuously at delta.

    The integral over t of e^(-delta t) (r + x) / (alpha + T) ((beta + T) / (beta + T + t))^s,
    in the logarithm of the last quotient.
    """
    b = at.beta + age
    furthest = m.minimum(m.log1p(_FALL / (delta * b)), _FALL / m.maximum(at.s - 1, 1.0))

    def density(w: Any) -> tuple[Any]:
        return (m.exp((1 - at.s) * w - delta * b * m.expm1(w)),)

    panels = math.ceil(m.largest(furthest) / 3 + 2)
    (lived,) = integral(density, 0.0 * b, furthest, panels)
    return (at.r + x) / (at.alpha + age) * b * lived


def problem(rows: DistinctRows, model: str) -> Problem:
    """Return what a fit to rows searches, and from where.

    The likelihood may have a second hill, with few customers: many leave at once, and the rest
    stay, and buy alike.

    Raises:
        NotIdentifiedError: Nobody bought again, or everybody is new.
    """
    rate, age = rate_of(rows, model)
    start = {"r": 0.5, "alpha": 0.3 / rate, "s": 0.5, "beta": age / 3}
    many_leave = {"r": 1.5, "alpha": 0.5 / rate, "s": 0.2, "beta": age / 500}
    return Problem(likelihood(rows), start, {"alpha": age, "beta": age}, (many_leave,))


def likelihood(rows: DistinctRows) -> Likelihood:
    """Return the log-likelihood of rows as a function of the parameters."""
    frequencies = compressed(rows.columns[:1], rows.counts)

    def at(r: float, alpha: float, s: float, beta: float) -> Derivatives:
        here = ParetoParameters(r, alpha, s, beta)
        parts = zip(
            sums(partial(_frequency_terms, at=here), frequencies.columns, frequencies.counts),
            sums(partial(_row_terms, at=here), rows.columns, rows.counts),
            strict=True,
        )
        return derivatives([one + other for one, other in parts])

    return at


def _log_stayed(m: Arithmetic, x: Any, t_x: Any, later: Any, at: ParetoParameters) -> Any:
    """Return log of [(alpha + t_x) / (alpha + t)]^(r + x) [(beta + t_x) / (beta + t)]^s."""
    n = at.r + x
    return -n * m.log1p(later / (at.alpha + t_x)) - at.s * m.log1p(later / (at.beta + t_x))


def _over_departures(  # noqa: PLR0913, PLR0917  (the history, and what is integrated)
    m: Arithmetic, f: Any, x: Any, t_x: Any, age: Any, at: ParetoParameters
) -> list[Any]:
    """Integrate over the times of departure, in the logarithm of min(alpha, beta) + t.

    `f` takes the density of that time, over what it is at t_x, and the time since t_x. From
    where the density is e^-45, the rest is left out.
    """
    n, start = at.r + x, min(at.alpha, at.beta) + t_x
    furthest = m.minimum(
        (at.alpha + t_x) * m.expm1(m.minimum(_FALL / n, 600.0)),
        (at.beta + t_x) * math.expm1(min(_FALL / at.s, 600.0)),
    )
    reach = m.minimum(age - t_x, furthest)
    length = m.log1p(reach / start)
    fall = -_log_stayed(m, x, t_x, reach, at)

    def inside(w: Any) -> Any:
        later = start * m.expm1(w)
        rate = at.s * (start + later) / (at.beta + t_x + later)
        return f(m.exp(_log_stayed(m, x, t_x, later, at)) * rate, later)

    panels = math.ceil(max(m.largest(length) / 3, m.largest(fall) / 25, 1.0))
    return integral(inside, 0.0 * length, length, panels)


def _frequency_terms(m: Arithmetic, x: Any, *, at: ParetoParameters) -> Terms:
    """log[Gamma(r + x) / Gamma(r) alpha^r beta^s] and its derivatives."""
    r, alpha, s, beta = at
    return (
        log_growth(m, r, x) + r * math.log(alpha) + s * math.log(beta),
        m.digamma(r + x) - m.digamma(r) + math.log(alpha),
        r / alpha,
        math.log(beta),
        s / beta,
        m.trigamma(r + x) - m.trigamma(r),
        1 / alpha,
        0.0,
        0.0,
        -r / alpha**2,
        0.0,
        0.0,
        0.0,
        1 / beta,
        -s / beta**2,
    )


def _row_terms(m: Arithmetic, x: Any, t_x: Any, age: Any, *, at: ParetoParameters) -> Terms:
    """Log of the integral over departures, and of having stayed; and its derivatives.

    The likelihood is a mixture over when the customer left, or that they did not. The gradient
    of its logarithm is the mean of the gradients of its parts, and its Hessian the mean of
    their Hessians plus the covariance of their gradients.
    """
    r, alpha, s, beta = at
    n, from_alpha, from_beta = r + x, alpha + t_x, beta + t_x

    def parts(density: Any, later: Any, left: float = 1.0) -> Terms:
        """The density, and its first and second derivatives, those of log alpha + t_x apart."""
        u, v = 1 / (from_alpha + later), 1 / (from_beta + later)
        by_r, by_s = -m.log1p(later / from_alpha), left / s - m.log1p(later / from_beta)
        by_alpha, by_beta = -n * u, -(s + left) * v
        return tuple(
            density * term
            for term in (
                1.0,
                by_r,
                by_alpha,
                by_s,
                by_beta,
                by_r * by_r,
                by_r * by_alpha - u,
                by_r * by_s,
                by_r * by_beta,
                by_alpha * by_alpha + n * u * u,
                by_alpha * by_s,
                by_alpha * by_beta,
                by_s * by_s - left / (s * s),
                by_s * by_beta - v,
                by_beta * by_beta + (s + left) * v * v,
            )
        )

    stayed = m.exp(_log_stayed(m, x, t_x, age - t_x, at))
    gone = _over_departures(m, parts, x, t_x, age, at)
    total, *means = map(operator.add, gone, parts(stayed, age - t_x, left=0.0))
    by_r, by_alpha, by_s, by_beta, *second = [mean / total for mean in means]
    first = (by_r, by_alpha, by_s, by_beta)
    products = [first[i] * first[j] for i in range(4) for j in range(i, 4)]
    log_alpha, log_beta = m.log(from_alpha), m.log(from_beta)
    return (
        m.log(total) - n * log_alpha - s * log_beta,
        by_r - log_alpha,
        by_alpha,
        by_s - log_beta,
        by_beta,
        *map(operator.sub, second, products),
    )
