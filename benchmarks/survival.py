"""How fast survival estimates are, compared with lifelines.

Run it with `python benchmarks/survival.py` where lifelines is installed. Every figure is a
ratio of two times taken in turns in this run. lifelines is given numpy arrays, which suit it
best, and once lists; this library is given lists, and uses no numpy.
"""

import platform
import random
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version

import numpy as np
from harness import best_of, row
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test

from lifecycle import survival

CUSTOMERS, DAYS = 1_000_000, 720


def drawn(n: int, length: Callable[[random.Random], float]) -> tuple[list[float], list[bool]]:
    """Draw customers, four in ten of whom are censored."""
    draw = random.Random(1)
    return [length(draw) for _ in range(n)], [draw.random() < 0.6 for _ in range(n)]


def arrays(rows: tuple[list[float], list[bool]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the same as lifelines takes it fastest."""
    return np.array(rows[0]), np.array(rows[1])


def whole_days(draw: random.Random) -> float:
    """Draw a length in whole days."""
    return draw.randrange(1, DAYS)


def fractions(draw: random.Random) -> float:
    """Draw a length that no other customer has."""
    return draw.random() * DAYS


def check(rows: tuple[list[float], list[bool]]) -> None:
    """Make sure that both find the same."""
    theirs = KaplanMeierFitter().fit(*arrays(rows))
    ours = survival.kaplan_meier(*rows)
    found = theirs.survival_function_at_times(list(ours.times)).to_numpy()
    assert np.allclose(found, ours.survival, rtol=1e-9)
    half = len(rows[0]) // 2
    one, other = halves(rows, half)
    (a, x), (b, y) = arrays(one), arrays(other)
    statistic = survival.log_rank(one, other).statistic
    assert statistic is not None
    assert np.isclose(statistic, logrank_test(a, b, x, y).test_statistic, rtol=1e-6)


def halves(
    rows: tuple[list[float], list[bool]], half: int
) -> tuple[tuple[list[float], list[bool]], tuple[list[float], list[bool]]]:
    """Cut customers into two groups."""
    durations, observed = rows
    return (durations[:half], observed[:half]), (durations[half:], observed[half:])


def curves() -> Iterator[str]:
    """Measure curves and tests against lifelines."""
    targets = {"whole days": (whole_days, 3), "all different": (fractions, None)}
    for kind, (length, most) in targets.items():
        rows = drawn(CUSTOMERS, length)
        check(rows)
        one, other = halves(rows, CUSTOMERS // 2)
        (a, x), (b, y), both = arrays(one), arrays(other), arrays(rows)
        asked = {
            "curve": partial(survival.kaplan_meier, *rows),
            "their curve": lambda both=both: KaplanMeierFitter().fit(*both),
            "their curve of lists": lambda rows=rows: KaplanMeierFitter().fit(*rows),
            "test": partial(survival.log_rank, one, other),
            "their test": partial(logrank_test, a, b, x, y),
            "hazard": partial(survival.nelson_aalen, *rows),
        }
        took = best_of(asked, number=1, rounds=3)
        target = f"at most {most} x" if most else ""
        yield f"{CUSTOMERS:,} customers, durations {kind}"
        yield row("lifelines: Kaplan-Meier of arrays", f"{took['their curve']:.2f} s")
        for what, against in (("curve", "their curve"), ("test", "their test")):
            ratio = took[what] / took[against]
            met = None if most is None else ratio <= most
            yield row(
                f"the {what}, against lifelines with arrays", f"{ratio:.1f} x", target, met=met
            )
        yield row(
            "the curve, against lifelines with lists",
            f"{took['curve'] / took['their curve of lists']:.1f} x",
        )
        yield row(
            "the cumulative hazard, against our curve", f"{took['hazard'] / took['curve']:.1f} x"
        )


def growing() -> Iterator[str]:
    """Measure how the time of a customer grows with their number."""
    few, many = drawn(CUSTOMERS // 10, fractions), drawn(CUSTOMERS, fractions)
    took = best_of(
        {
            "few": partial(survival.kaplan_meier, *few),
            "many": partial(survival.kaplan_meier, *many),
        },
        number=1,
        rounds=3,
    )
    ratio = took["many"] / took["few"] / 10
    yield "Ten times the customers, durations all different"
    yield row("time for each customer", f"{ratio:.2f} x", "at most 3 x", met=ratio <= 3)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(f"Python {platform.python_version()}, lifelines {version('lifelines')}")
    for part in (curves, growing):
        print()
        for line in part():
            print(line, flush=True)
