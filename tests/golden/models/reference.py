"""Write purchases.json: forecasts with 40 digits, by the closed forms of the papers.

Run it by hand where mpmath is installed: `python tests/golden/models/reference.py`. The
formulas here are those that the library avoids: 2F1, Tricomi's U, and differences.
"""

import itertools
import json
from pathlib import Path

import mpmath as mp

mp.mp.dps = 80
NEAR_ONE = mp.mpf(10) ** -35  # a pole is passed this close, with 80 digits

HISTORIES = [
    (0, 0.0, 38.86),
    (1, 1.71, 38.86),
    (2, 30.43, 38.86),
    (29, 37.71, 37.71),
    (150, 20.0, 52.0),
    (250, 51.5, 52.0),
    (1000, 400.0, 520.0),
]
GEOMETRIC = [(0.243, 4.414, 0.793, 2.426), (1.5, 9.0, 1.0, 3.0), (0.6, 2.0, 0.1, 0.4)]
PARETO = [(0.5534, 10.5802, 0.6061, 11.6562), (1.5, 3.0, 1.0, 40.0), (0.8, 30.0, 2.5, 0.7)]
HORIZON, AHEAD, DELTA, COUNTS = 39, 13, mp.mpf("0.0027"), (0, 3, 40)


def geometric(first, r, alpha, a, b, x, t_x, age):
    """BG/NBD (first = 0: Fader, Hardie & Lee 2005, eq. 6 to 10) and MBG/NBD (first = 1)."""
    r, alpha, a, b, t_x, age = map(mp.mpf, (r, alpha, a, b, t_x, age))
    stayed = mp.beta(a, b + x + first) * (alpha + age) ** -(r + x)
    left = mp.beta(a + 1, b + x + first - 1) * (alpha + t_x) ** -(r + x) if x + first else 0
    scale = mp.gamma(r + x) / mp.gamma(r) * alpha**r / mp.beta(a, b)
    alive = stayed / (stayed + left)
    n, scale_now, later_b = r + x, alpha + age, b + x + first

    def expected(t):
        near = a + NEAR_ONE if a == 1 else a
        total = near + later_b - 1
        z = t / (scale_now + t)
        lost = (scale_now / (scale_now + t)) ** n * mp.hyp2f1(n, later_b, total, z)
        return total / (near - 1) * (1 - lost)

    def staying(t, n=n):
        return mp.hyp2f1(n, a, a + later_b, -t / scale_now)

    def count(k, t=HORIZON):
        p = scale_now / (scale_now + t)
        weights = [mp.rf(n, j) / mp.factorial(j) * p**n * (1 - p) ** j for j in range(k + 1)]
        stays = mp.beta(a, later_b + k) * weights[k]
        leaves = mp.beta(a + 1, later_b + k - 1) * (1 - sum(weights[:k])) if k else 0
        return (stays + leaves) / mp.beta(a, later_b)

    rate = lambda w: (
        n * mp.exp(w - DELTA * scale_now * mp.expm1(w)) * staying(scale_now * mp.expm1(w), n + 1)
    )
    with mp.workdps(30):
        discounted = mp.quad(rate, mp.linspace(0, mp.log1p(80 / (DELTA * scale_now)), 8))
    return scale * (stayed + left), alive, expected(HORIZON), staying(AHEAD), discounted, count


def pareto(r, alpha, s, beta, x, t_x, age):
    """Pareto/NBD (Fader & Hardie 2005, eq. 20 to 22; Fader, Hardie & Lee 2005, eq. 2)."""
    r, alpha, s, beta, t_x, age = map(mp.mpf, (r, alpha, s, beta, t_x, age))
    n, total = r + x, r + s + x

    def term(t):
        larger, gap = max(alpha, beta) + t, abs(alpha - beta)
        first = s + 1 if alpha >= beta else n
        return mp.hyp2f1(total, first, total + 1, gap / larger) / larger**total

    odds_part = s / total * (term(t_x) - term(age))
    stayed = (alpha + age) ** -n * (beta + age) ** -s
    scale = mp.gamma(n) / mp.gamma(r) * alpha**r * beta**s
    alive = stayed / (stayed + odds_part)
    a, b = alpha + age, beta + age

    def expected(t):
        near = s + NEAR_ONE if s == 1 else s
        return n * b / (a * (near - 1)) * (1 - (b / (b + t)) ** (near - 1))

    def count(k, t=HORIZON):
        scale = mp.rf(n, k) / mp.factorial(k)
        chance = lambda tau: scale * (a / (a + tau)) ** n * (tau / (a + tau)) ** k
        left = lambda tau: chance(tau) * s / (b + tau) * (b / (b + tau)) ** s
        with mp.workdps(40):
            gone = mp.quad(left, [t * i / mp.mpf(16) for i in range(17)])
        return chance(mp.mpf(t)) * (b / (b + t)) ** s + gone

    discounted = n * b / a * mp.hyperu(1, 2 - s, DELTA * b)
    return (
        scale * (stayed + odds_part),
        alive,
        expected(HORIZON),
        (b / (b + AHEAD)) ** s,
        discounted,
        count,
    )


def shown(value):
    return mp.nstr(value, 25, min_fixed=1, max_fixed=0)


def case(model, names, parameters, history, found):
    likelihood, alive, expected, staying, discounted, count = found
    return {
        "model": model,
        "parameters": dict(zip(names, parameters, strict=True)),
        "history": dict(zip(("frequency", "recency", "age"), history, strict=True)),
        "log_likelihood": shown(mp.log(likelihood)),
        "p_alive": shown(alive),
        "p_alive_13_ahead": shown(alive * staying),
        "expected_39": shown(alive * expected),
        "discounted": shown(alive * discounted),
        "pmf_39": {k: shown(alive * count(k) + (1 - alive) * (k == 0)) for k in COUNTS},
    }


def cases():
    for (first, model), parameters, history in itertools.product(
        enumerate(("BetaGeoNBD", "ModifiedBetaGeoNBD")), GEOMETRIC, HISTORIES
    ):
        found = geometric(first, *parameters, *history)
        yield case(model, ("r", "alpha", "a", "b"), parameters, history, found)
    for parameters, history in itertools.product(PARETO, HISTORIES):
        found = pareto(*parameters, *history)
        yield case("ParetoNBD", ("r", "alpha", "s", "beta"), parameters, history, found)


if __name__ == "__main__":
    file = Path(__file__).with_name("purchases.json")
    file.write_text(json.dumps(list(cases()), indent=1) + "\n", encoding="utf-8")
