"""BG/NBD and MBG/NBD: purchases at a rate of one's own, and a chance to leave after each.

The two differ in when the first chance to leave is: after the first repeat purchase (`first`
is 0), or already after the purchase that made the customer (`first` is 1). With that, one text
serves both. The literature calls the parameters r, alpha, a, b, and a history x, t_x, T.
"""

import math
from functools import partial
from typing import Any, NamedTuple

from lifecycle.models.arithmetic import Arithmetic, log_growth, sums
from lifecycle.models.fitting import Derivatives, Likelihood, derivatives
from lifecycle.models.rows import Rows, compressed

__all__ = ["Parameters", "likelihood", "p_alive"]

Terms = tuple[Any, ...]
"""A value, its gradient and the upper triangle of its Hessian, by r, alpha, a and b."""


class Parameters(NamedTuple):
    """What a formula needs besides a history."""

    r: float
    alpha: float
    a: float
    b: float
    first: int


def p_alive(m: Arithmetic, x: Any, t_x: Any, age: Any, *, at: Parameters) -> Any:
    """Return the probability of not having left yet."""
    odds, _ = _log_odds_of_loss(m, x, t_x, age, at=at)
    return m.where(x + at.first > 0, m.expit(-odds), 1.0)


def _log_odds_of_loss(
    m: Arithmetic, x: Any, t_x: Any, age: Any, *, at: Parameters
) -> tuple[Any, Any]:
    """Return log(P(left) / P(alive)), and b + the times that the customer has stayed.

    Where there was no chance to leave yet, both are of no meaning, and finite.
    """
    r, alpha, a, b, first = at
    stays = m.where(x + first > 0, b + x + (first - 1), 1.0)
    growth = m.log((alpha + age) / (alpha + t_x))
    return math.log(a) - m.log(stays) + (r + x) * growth, stays


def likelihood(rows: Rows, first: int) -> Likelihood:
    """Return the log-likelihood of rows as a function of the parameters."""
    frequencies = compressed(rows.columns[:1], rows.counts)

    def at(r: float, alpha: float, a: float, b: float) -> Derivatives:
        here = Parameters(r, alpha, a, b, first)
        parts = zip(
            sums(partial(_frequency_terms, at=here), frequencies.columns, frequencies.counts),
            sums(partial(_row_terms, at=here), rows.columns, rows.counts),
            strict=True,
        )
        return derivatives([one + other for one, other in parts])

    return at


def _frequency_terms(m: Arithmetic, x: Any, *, at: Parameters) -> Terms:
    """log[Gamma(r + x) / Gamma(r) alpha^r B(a, b + x + first) / B(a, b)] and its derivatives."""
    r, alpha, a, b, first = at
    y = x + first
    both = m.digamma(a + b) - m.digamma(a + b + y)
    both2 = m.trigamma(a + b) - m.trigamma(a + b + y)
    return (
        log_growth(m, r, x) + r * math.log(alpha) + log_growth(m, b, y) - log_growth(m, a + b, y),
        m.digamma(r + x) - m.digamma(r) + math.log(alpha),
        r / alpha,
        both,
        m.digamma(b + y) - m.digamma(b) + both,
        m.trigamma(r + x) - m.trigamma(r),
        1 / alpha,
        0.0,
        0.0,
        -r / alpha**2,
        0.0,
        0.0,
        both2,
        both2,
        m.trigamma(b + y) - m.trigamma(b) + both2,
    )


def _row_terms(m: Arithmetic, x: Any, t_x: Any, age: Any, *, at: Parameters) -> Terms:
    """log[(alpha + T)^-(r + x) (1 + P(left) / P(alive))] and its derivatives."""
    r, alpha, a, _, first = at
    n = r + x
    odds, stays = _log_odds_of_loss(m, x, t_x, age, at=at)
    left = m.where(x + first > 0, m.expit(odds), 0.0)
    spread = left * (1 - left)
    log_age = m.log(alpha + age)
    growth = log_age - m.log(alpha + t_x)
    u, w = 1 / (alpha + age), 1 / (alpha + t_x)
    shrinks = u - w
    odds_alpha, odds_a, odds_b = n * shrinks, 1 / a, -1 / stays
    return (
        m.where(x + first > 0, m.softplus(odds), 0.0) - n * log_age,
        left * growth - log_age,
        left * odds_alpha - n * u,
        left * odds_a,
        left * odds_b,
        spread * growth * growth,
        spread * growth * odds_alpha + left * shrinks - u,
        spread * growth * odds_a,
        spread * growth * odds_b,
        spread * odds_alpha * odds_alpha + n * (u * u - left * (u * u - w * w)),
        spread * odds_alpha * odds_a,
        spread * odds_alpha * odds_b,
        -left * left * odds_a * odds_a,
        spread * odds_a * odds_b,
        (spread + left) * odds_b * odds_b,
    )
