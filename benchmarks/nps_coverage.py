"""How often the interval of a weighted score holds the score of everybody.

Run it with `python benchmarks/nps_coverage.py`: for some patterns of weights, mixes of answers
and sizes of samples, the share of 4,000 samples whose 95 % interval holds the true score. An
interval that keeps its word has 95 %; with 4,000 samples such a share is sure to 0.7 points.
"""

import random
from collections.abc import Callable, Iterator

from lifecycle.metrics import nps

SAMPLES = 4_000
SIZES = (10, 20, 50, 200)
RATINGS = (10, 8, 3)

# The shares of promoters, passives and detractors.
MIXES = {
    "0.90/0.00/0.10": (0.9, 0.0, 0.1),
    "0.50/0.30/0.20": (0.5, 0.3, 0.2),
    "0.10/0.30/0.60": (0.1, 0.3, 0.6),
    "0.95/0.04/0.01": (0.95, 0.04, 0.01),
}

# What the weight of an answer is, unrelated to the rating.
PATTERNS: dict[str, Callable[[random.Random], float]] = {
    "equal": lambda _: 1.0,
    "one in four counts 4": lambda draw: 4.0 if draw.random() < 0.25 else 1.0,
    "lognormal, sigma 0.5": lambda draw: draw.lognormvariate(0, 0.5),
    "lognormal, sigma 1": lambda draw: draw.lognormvariate(0, 1),
}
METHODS = ("adjusted_wald", "wald")


def shares(
    mix: tuple[float, ...], pattern: Callable[[random.Random], float], n: int, samples: int
) -> dict[str, float]:
    """Return for each method the share of samples whose interval holds the true score."""
    draw, true = random.Random(n), mix[0] - mix[2]
    held = dict.fromkeys(METHODS, 0)
    for _ in range(samples):
        ratings = draw.choices(RATINGS, weights=mix, k=n)
        score = nps.weighted(ratings, [pattern(draw) for _ in range(n)])
        for method in METHODS:
            interval = score.interval(method=method)
            held[method] += interval is not None and true in interval
    return {method: number / samples for method, number in held.items()}


def table() -> Iterator[str]:
    """Yield a line for each pattern, mix and size."""
    yield f"{'weights':<22}{'mix':<16}{'n':>4}{'adjusted':>10}{'wald':>8}"
    for name, pattern in PATTERNS.items():
        for said, mix in MIXES.items():
            for n in SIZES:
                found = shares(mix, pattern, n, SAMPLES)
                adjusted, wald = (found[method] for method in METHODS)
                yield f"{name:<22}{said:<16}{n:>4}{adjusted:>10.1%}{wald:>8.1%}"


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)
