"""Whole numbers as states: what is computed once for each of the few that customers are in.

The discrete models count occasions and renewals, so that a million customers are in a few
hundred states. A formula is written for one state, with floats, and its answers are dealt
out to the rows.
"""

from collections.abc import Callable, Iterator
from typing import Any

from lifecycle.models._arithmetic import is_array

__all__ = ["by_state", "discounted_sum", "gauss"]


def by_state(formula: Callable[..., float], *columns: Any) -> Any:
    """Compute a formula once for each state, and return its answer for each row.

    Args:
        formula: Takes one whole number for each column, and returns a float.
        columns: Whole numbers as floats, lists of them, or arrays, all of one length.

    Returns:
        A float where all columns are floats; else an array where one is an array, and a list
        where none is.
    """
    sizes = [len(column) for column in columns if not isinstance(column, float)]
    if not sizes:
        return formula(*map(int, columns))
    if any(map(is_array, columns)):
        return _by_state_of_arrays(formula, columns)
    spread = [[c] * sizes[0] if isinstance(c, float) else c for c in columns]
    rows = list(zip(*spread, strict=True))
    known = {state: formula(*map(int, state)) for state in set(rows)}
    return [known[row] for row in rows]


def _by_state_of_arrays(formula: Callable[..., float], columns: Any) -> Any:
    import numpy as np

    spread = np.broadcast_arrays(*(np.asarray(c, dtype=np.int64) for c in columns))
    code = np.zeros_like(spread[0])
    for part in spread:
        code = code * (int(part.max(initial=0)) + 1) + part
    _, first, where = np.unique(code, return_index=True, return_inverse=True)
    states = zip(*(part[first].tolist() for part in spread), strict=True)
    return np.fromiter((formula(*state) for state in states), float, len(first))[where]


def discounted_sum(b: float, c: float, discount: float) -> float:
    """Return 2F1(1, b; c; z), the sum of z^k (b)_k / (c)_k over k = 0, 1, ..., z = 1 / (1 + d).

    Gauss's continued fraction, summed by its convergents: all of them are positive and grow.

    Args:
        b: Above 0.
        c: Above b.
        discount: d, above 0; 0 where c is above b + 1.

    References:
        Gauss, C. F. (1813). Disquisitiones generales circa seriem infinitam, section 12.
    """
    if discount == 0:
        return (c - 1) / (c - b - 1)
    z, total, term, ratio = 1 / (1 + discount), 1.0, 1.0, 0.0
    coefficients = gauss(b, c)
    while term > _LEFT_OUT * total * (1 - ratio):
        grown = next(coefficients) * z * (1 + ratio)
        ratio = grown / (1 - grown)
        term *= ratio
        total += term
    return total


_LEFT_OUT = 1e-17
"""How much of a sum its remaining terms may be."""


def gauss(b: Any, c: Any) -> Iterator[Any]:
    """Yield the terms g of 2F1(1, b; c; z) = 1 / (1 - z g1 / (1 - z g2 / (1 - ...)))."""
    yield b / c
    n = 0
    while True:
        n += 1
        yield n * (c - b + n - 1) / ((c + 2 * n - 2) * (c + 2 * n - 1))
        yield (b + n) * (c - 1 + n) / ((c + 2 * n - 1) * (c + 2 * n))
