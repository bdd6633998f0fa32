"""Bounds of curves that stay within 0 and 1, and where such a curve falls to a level."""

import math
from collections.abc import Callable, Sequence

__all__ = ["METHODS", "TOLERANCE", "Bounds", "band", "crossing", "exp"]

Bounds = tuple[float, float]

TOLERANCE = 1e-9
"""How near a share must be to a level to count as equal to it."""


def band(p: float, error: float | None, z: float, method: str) -> Bounds | None:
    """Return the bounds around a share, None where the method has none.

    Args:
        p: The share.
        error: Its standard error; None gives no bounds.
        z: How many standard errors the bounds are to each side, on the scale of the method.
        method: One of `METHODS`.
    """
    if error is None or p in _UNDEFINED[method]:
        return None
    return METHODS[method](p, z * error)


def crossing(times: Sequence[float], levels: Sequence[float | None], level: float) -> float | None:
    """Return when a falling curve is at or below a level, None where it never is.

    A stretch that is on the level, and later falls, is crossed in its middle; where the
    curve has no value, it is not looked at.
    """
    known = [(t, y) for t, y in zip(times, levels, strict=True) if y is not None]
    below = iter(known)
    first, reached = next(((t, y) for t, y in below if y <= level + TOLERANCE), (None, 0.0))
    if first is None or reached < level - TOLERANCE:
        return first
    falls = next((t for t, y in below if y < reached), None)
    return first if falls is None else first / 2 + falls / 2


def _plain(p: float, reach: float) -> Bounds:
    return max(p - reach, 0.0), min(p + reach, 1.0)


def _log(p: float, reach: float) -> Bounds:
    return p * exp(-reach / p), min(p * exp(reach / p), 1.0)


def _log_log(p: float, reach: float) -> Bounds:
    apart = reach / (p * -math.log(p))
    return p ** exp(apart), p ** exp(-apart)


def _logit(p: float, reach: float) -> Bounds:
    apart = reach / (p * (1 - p))
    return p / (p + (1 - p) * exp(apart)), p / (p + (1 - p) * exp(-apart))


def exp(x: float) -> float:
    """Return e to the power x, or to 700, the most that floats know."""
    return math.exp(min(x, 700))  # beyond, no bound changes any more


# An interval that is symmetric around g(p) on the scale of g reaches z standard errors of g(p) to
# each side, which are s g'(p) where s is that of p (the delta method). Back on the scale of p:
#
#     plain      g(p) = p               p -+ z s, which may pass 0 and 1, and is cut there
#     log        g(p) = log p           p exp(-+ z s / p), which may pass 1, and is cut there
#     log_log    g(p) = log(-log p)     p ^ exp(+- z s / (p log p)), within 0 and 1
#     logit      g(p) = log(p / (1-p))  odds times exp(-+ z s / (p (1 - p))), within 0 and 1

METHODS: dict[str, Callable[[float, float], Bounds]] = {
    "plain": _plain,
    "log": _log,
    "log_log": _log_log,
    "logit": _logit,
}
"""The bounds of a share p, from p and how far z standard errors reach."""

_UNDEFINED = {"plain": (), "log": (0,), "log_log": (0, 1), "logit": (0, 1)}
"""The shares at which the scale of a method has no value, so that there are no bounds."""
