"""BG/NBD and MBG/NBD: customers differ in purchase rate and in dropout probability.

A customer buys at a constant individual rate, and after each purchase leaves with a constant
individual probability.

The two differ in when the first chance to leave is: after the first repeat purchase (`first`
is 0), or already after the purchase that made the customer (`first` is 1). With that, one text
serves both. The literature calls the parameters r, alpha, a, b, and a history x, t_x, T.
"""

import math
import operator
from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from lifecycle.models._arithmetic import (
    FLOATS,
    Arithmetic,
    Formula,
    each,
    integral,
    log_growth,
    runs,
    sums,
    sums_by,
    trapezoid,
)
from lifecycle.models._discrete import gauss
from lifecycle.models._negative_binomial import over_time, probability
from lifecycle.models._rows import DistinctRows, rate_of
from lifecycle.models.fitting import Derivatives, Likelihood, Problem, derivatives

__all__ = [
    "BgParameters",
    "discounted",
    "likelihood",
    "p_alive",
    "pmf",
    "problem",
    "purchases",
    "staying",
]

Terms = tuple[Any, ...]
"""A value, its gradient and the upper triangle of its Hessian, by r, alpha, a and b."""


_NEAR = 20.0
"""Up to which t / (alpha + T) the sum over purchases is quicker than the integral."""
_UNDERFLOW = 600.0
"""Where the first weight of that sum is nearly 0 for a float."""
_REST = 1e-17
"""Which share of a sum may be left out."""
_FALL = 45.0
"""Where an integrand has fallen by this many powers of e, the rest of it does not count."""
_TINIEST = -690.0
"""The logarithm of a p so small that it is as good as 0, and no float's underflow."""


class BgParameters(NamedTuple):
    """What a formula needs besides a history."""

    r: float
    alpha: float
    a: float
    b: float
    first: int


def p_alive(m: Arithmetic, x: Any, t_x: Any, age: Any, *, at: BgParameters) -> Any:
    """Return the probability of not having left yet."""
    growth = m.log((at.alpha + age) / (at.alpha + t_x))
    return m.expit(-_log_odds_at_once(m, x, at=at) - (at.r + x) * growth)


def staying(m: Arithmetic, t: Any, x: Any, age: Any, *, at: BgParameters) -> Any:
    """Return the probability that a customer who is alive still is so t later."""
    return _future(m, t, x, age, at)[0]


def purchases(m: Arithmetic, t: Any, x: Any, age: Any, *, at: BgParameters) -> Any:
    """Return how often a customer who is alive buys within t, on average."""
    return _future(m, t, x, age, at)[1]


def pmf(  # noqa: PLR0913  (the count, and the history)
    m: Arithmetic, k: Any, t: Any, x: Any, age: Any, *, at: BgParameters
) -> Any:
    """Return the probability that a customer who is alive buys k times within t.

    They buy k times and stay; or they would have bought at least k times, and leave at the
    k-th.
    """
    n, alpha, a, b = at.r + x, at.alpha + age, at.a, at.b + x + at.first
    later = m.maximum(k, 1.0)
    share = log_growth(m, b, k) - log_growth(m, a + b, k)
    stays = probability(m, k, t, n, alpha, share)
    leaves = m.exp(math.log(a) + log_growth(m, b, later - 1) - log_growth(m, a + b, later))
    reached = later * over_time(m, lambda _: 1.0, later, t, n, alpha, alpha, (later, n))
    return stays + m.where((k > 0) & (t > 0), leaves * reached, 0.0)


def discounted(m: Arithmetic, delta: float, x: Any, age: Any, *, at: BgParameters) -> Any:
    """Return what a customer who is alive buys from now on, discounted continuously at delta.

    One of rate theta / (alpha + T) and chance p buys theta / (theta p + s) in all time, with
    s = delta (alpha + T). Of this the mean is (r + x) / s E[F(theta / s)], where theta has the
    gamma distribution of r + x + 1, and F(mu) is the mean of 1 / (1 + mu p).
    """
    s = delta * (at.alpha + age)
    if m.largest(1 / s) > _FAST:
        return _discounted_by_time(m, delta, x, age, at)
    n = at.r + x + 1
    spread = (2 * _FALL / n) ** 0.5
    low, high = -_FALL / n - spread, m.log1p(_FALL / n + spread)
    chances = _Chances(at.a, at.b + x + at.first)

    def density(w: Any) -> tuple[Any, Any]:
        weight = m.exp(n * (w - m.expm1(w)))
        return weight, weight * chances.mean(m, n * m.exp(w) / s)

    whole, mean = trapezoid(m, density, low, high, m.minimum(0.2, 0.6 / n**0.5))
    return (at.r + x) / s * mean / whole


class _Chances:
    """The chance to leave, of a beta distribution, and the mean of 1 / (1 + mu p) over it.

    That is 2F1(1, a; a + b; -mu), whose continued fraction has no negative term.
    """

    def __init__(self, a: float, b: Any) -> None:
        self._terms = gauss(a, a + b)
        self._known: list[Any] = []

    def mean(self, m: Arithmetic, mu: Any) -> Any:
        """Compute the fraction backwards, from where what is further has converged."""
        root = (1 + mu) ** 0.5
        depth = math.ceil(20 * m.largest(root)) + 10
        self._known.extend(islice(self._terms, max(depth - len(self._known), 0)))
        tail = (1 + root) / 2
        for term in reversed(self._known[:depth]):
            tail = 1 + mu * term / tail
        return 1 / tail


_FAST = 300.0
"""Up to which 1 / s the fraction is quicker than the integral over time."""


def _discounted_by_time(m: Arithmetic, delta: float, x: Any, age: Any, at: BgParameters) -> Any:
    """The integral over t of e^(-delta t) times the rate of purchases then.

    That is the mean of (r + x) / (alpha + T) (1 + p t / (alpha + T))^-(r + x + 1) over p; in
    log(1 + t / (alpha + T)).
    """
    alpha, steeper = at.alpha + age, at._replace(r=at.r + 1)
    length = m.log1p(_FALL / (delta * alpha))

    def density(w: Any) -> tuple[Any]:
        t = alpha * m.expm1(w)
        return (m.exp(w - delta * t) * staying(m, t, x, age, at=steeper),)

    (bought,) = integral(density, 0.0 * length, length, math.ceil(m.largest(length) / 3))
    return (at.r + x) * bought


def _future(m: Arithmetic, t: Any, x: Any, age: Any, at: BgParameters) -> tuple[Any, Any]:
    """Return the chance to stay for t, and the expected purchases, of a customer who is alive.

    With n = r + x, z = t / (alpha + T) and b + x + first for b, these are the means of
    (1 + p z)^-n and of [1 - (1 + p z)^-n] / p, where p, the chance to leave after a purchase,
    has the beta distribution of a and b. Nothing is subtracted, and nothing has a pole at
    a = 1, as the form with a - 1 in a denominator and 2F1 has.
    """
    n, z, b = at.r + x, t / (at.alpha + age), at.b + x + at.first
    most, furthest = m.largest(n), m.largest(z)
    if furthest < _NEAR and most * math.log1p(furthest) < _UNDERFLOW:
        return _by_purchases(m, n, z, at.a, b, _terms(most, furthest / (1 + furthest)))
    return _by_chances(m, n, z, at.a, b)


def _by_purchases(  # noqa: PLR0913, PLR0917  (the terms of the formula)
    m: Arithmetic, n: Any, z: Any, a: float, b: Any, terms: int
) -> tuple[Any, Any]:
    """Sum over how often the customer would buy if nobody left: a negative binomial count.

    Of k chances to leave, b (b + 1) ... / [(a + b) (a + b + 1) ...] is the share who take none.
    """
    y = z / (1 + z)
    weight = m.exp(-n * m.log1p(z))
    share, before = 1.0, 0.0
    stay, buy = weight, 0.0 * weight
    for k in range(terms):
        before = before + share
        share = share * ((b + k) / (a + b + k))
        weight = weight * (y * (n + k) / (k + 1))
        stay = stay + weight * share
        buy = buy + weight * before
    return stay, buy


def _terms(n: float, y: float) -> int:
    """Return after how many terms of a negative binomial distribution no rest is left."""
    k, weight, total = 0, 1.0, 0.0
    while True:
        ratio = y * (n + k) / (k + 1)
        k, weight = k + 1, weight * ratio
        total += weight
        if weight * k <= _REST * (1 - ratio) * total:
            return k


def _by_chances(m: Arithmetic, n: Any, z: Any, a: float, b: Any) -> tuple[Any, Any]:
    """Integrate over the logit of p, in which the integrand falls off to both sides."""
    spread = (1 / a + 1 / b) ** 0.5
    center = m.log(a / b)
    low = m.minimum(center, -m.log(m.maximum(n * z, 1.0))) - _FALL / a - 9 * spread
    high = center + _FALL / b + 9 * spread
    top_a, top_b = m.log(a / (a + b)), m.log(b / (a + b))

    def weighed(logit: Any) -> tuple[Any, Any, Any]:
        log_p = -m.softplus(-logit)
        weight = m.exp(a * (log_p - top_a) - b * (m.softplus(logit) + top_b))
        p = m.exp(m.maximum(log_p, _TINIEST))
        log_stay = -n * m.log1p(p * z)
        return weight, weight * m.exp(log_stay), weight * (-m.expm1(log_stay) / p)

    whole, stay, buy = trapezoid(m, weighed, low, high, m.minimum(0.25, spread / 2))
    return stay / whole, buy / whole


def problem(rows: DistinctRows, first: int, model: str) -> Problem:
    """Return what a fit to rows searches, and from where.

    The likelihood of MBG/NBD may have a second hill, with few customers: many leave at once, and
    the rest stay, and buy alike.

    Raises:
        NotIdentifiedError: Nobody bought again, or everybody is new.
    """
    rate, age = rate_of(rows, model)
    if first:
        start = {"r": 0.5, "alpha": 0.25 / rate, "a": 1.0, "b": 2.0}
        many_leave = {"r": 1.5, "alpha": 0.5 / rate, "a": 0.5, "b": 0.5}
        return Problem(likelihood(rows, first), start, {"alpha": age}, (many_leave,))
    r = _shape(rows, 2 * rate * age)
    start = {"r": r, "alpha": r / (2 * rate), "a": 0.8, "b": 2.4}
    return Problem(likelihood(rows, first), start, {"alpha": age})


def _shape(rows: DistinctRows, mean: float) -> float:
    """Return about the r at which counts of a mean are 0 as often as those of customers are.

    (1 + mean / r)^-r is their share where nobody leaves before the first repeat purchase.
    """
    (none,) = sums(lambda m, x: (m.where(x > 0, 0.0, 1.0),), rows.columns[:1], rows.counts)
    log_share, r = math.log(max(none / rows.n, 1e-3)), 0.5
    for _ in range(10):
        r = min(max(-log_share / math.log1p(mean / r), 0.01), 10.0)
    return r


def likelihood(rows: DistinctRows, first: int) -> Likelihood:
    """Return the log-likelihood of rows as a function of the parameters.

    What depends on the frequency only is computed once for each. Rows of one frequency have
    n = r + x and k, the logarithm of their odds right after the last purchase, in common: they
    are derived by these, and these by the parameters.
    """
    x, *times = rows.columns
    frequencies, sizes = runs(x)
    once = each(lambda *_: 1.0, frequencies)
    (customers,) = sums_by(lambda _, count: (count,), (), (rows.counts,), sizes)

    def at(r: float, alpha: float, a: float, b: float) -> Derivatives:
        here = BgParameters(r, alpha, a, b, first)
        before = [_gammas(FLOATS, z) for z in (r, b, a + b)]
        shared = (frequencies, each(partial(_log_odds_at_once, at=here), frequencies))
        of_rows = sums_by(_row_terms(r, alpha), shared, (*times, rows.counts), sizes)
        parts = (
            sums(partial(_frequency_terms, at=here, before=before), (frequencies,), customers),
            sums(partial(_chained, at=here), (frequencies, *of_rows), once),
        )
        return derivatives(list(map(operator.add, *parts)))

    return at


def _log_odds_at_once(m: Arithmetic, x: Any, *, at: BgParameters) -> Any:
    """Return log(P(left) / P(alive)) right after the last purchase."""
    chances = x + at.first > 0
    return m.where(chances, math.log(at.a) - m.log(_stays(m, x, at)), -math.inf)


def _stays(m: Arithmetic, x: Any, at: BgParameters) -> Any:
    """Return b + the times that the customer has stayed."""
    return at.b + m.maximum(x + (at.first - 1), 0.0)


def _gammas(m: Arithmetic, z: Any) -> tuple[Any, Any, Any]:
    return m.lgamma(z), m.digamma(z), m.trigamma(z)


def _frequency_terms(
    m: Arithmetic, x: Any, *, at: BgParameters, before: Sequence[Sequence[float]]
) -> Terms:
    """log[Gamma(r + x) / Gamma(r) alpha^r B(a, b + x + first) / B(a, b)] and its derivatives."""
    r, alpha, a, b, first = at
    y = x + first
    (rate, rate1, rate2), (stay, stay1, stay2), (both, both1, both2) = (
        map(operator.sub, _gammas(m, z), start)
        for z, start in zip((r + x, b + y, a + b + y), before, strict=True)
    )
    return (
        rate + r * math.log(alpha) + stay - both,
        rate1 + math.log(alpha),
        r / alpha,
        -both1,
        stay1 - both1,
        rate2,
        1 / alpha,
        0.0,
        0.0,
        -r / alpha**2,
        0.0,
        0.0,
        -both2,
        -both2,
        stay2 - both2,
    )


def _row_terms(r: float, alpha: float) -> Formula:
    """Return log[(alpha + T)^-n (1 + P(left) / P(alive))] with derivatives by n, alpha and k.

    n is r + x, and k + n log[(alpha + T) / (alpha + t_x)] the logarithm of the odds.
    """

    def terms(  # noqa: PLR0913, PLR0917  (what rows share, and a row)
        m: Arithmetic, x: Any, k: Any, t_x: Any, age: Any, count: Any
    ) -> Terms:
        n, u, w = r + x, 1 / (alpha + age), 1 / (alpha + t_x)
        log_u, shrinks = m.log(u), u - w
        growth, by_alpha, every = m.log(w) - log_u, n * shrinks, count * u
        odds = m.softplus(k + n * growth)
        alive = m.exp(-odds)
        left = count * (1 - alive)
        spread = left * alive
        spread_n, spread_alpha = spread * growth, spread * by_alpha
        return (
            count * (odds + n * log_u),
            left * growth + count * log_u,
            left * by_alpha - n * every,
            left,
            spread_n * growth,
            spread_n * by_alpha + left * shrinks - every,
            spread_n,
            (spread_alpha - left * (u + w)) * by_alpha + n * u * every,
            spread_alpha,
            spread,
        )

    return terms


def _chained(m: Arithmetic, x: Any, *row: Any, at: BgParameters) -> Terms:
    """Return derivatives by r, alpha, a and b, from those by n, alpha and k."""
    value, by_n, by_alpha, by_k, nn, n_alpha, nk, alpha2, alpha_k, kk = row
    k_a, k_b = 1 / at.a, -1 / _stays(m, x, at)
    return (
        value,
        by_n,
        by_alpha,
        by_k * k_a,
        by_k * k_b,
        nn,
        n_alpha,
        nk * k_a,
        nk * k_b,
        alpha2,
        alpha_k * k_a,
        alpha_k * k_b,
        (kk - by_k) * k_a * k_a,
        kk * k_a * k_b,
        (kk + by_k) * k_b * k_b,
    )
