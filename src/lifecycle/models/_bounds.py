"""Figures that know what they could be, so that their intervals stay within it.

A method of a model says the bounds of what it returns. While a prediction is estimated, its
figures carry them, and arithmetic carries them on: 1 - p is within 0 and 1, 20 x n above 0,
and the difference of two counts anywhere.
"""

import inspect
import math
import operator
from collections.abc import Callable, Mapping
from functools import cache, partial, wraps
from itertools import product, starmap
from numbers import Real
from typing import Any, Self, TypeVar

import attrs

from lifecycle.models._arithmetic import is_array
from lifecycle.models.forecasts import ForecastTable
from lifecycle.rates import Bounds

__all__ = ["AMOUNT", "SHARE", "bounded", "bounds_of", "telling", "up_to", "with_bounds"]

Method = TypeVar("Method", bound=Callable[..., Any])

SHARE: Bounds = (0, 1)
"""The bounds of a probability."""
AMOUNT: Bounds = (0, None)
"""Those of a mean count, of a time or of money."""


def bounded(
    bounds: Bounds | Callable[[Mapping[str, Any]], Bounds],
) -> Callable[[Method], Method]:
    """Attach the bounds of the result of a method, for its estimates.

    Args:
        bounds: The bounds, or a function of the arguments of a call, by name, that returns them.
    """

    def noted(method: Method) -> Method:
        method.bounds = bounds  # type: ignore[attr-defined]  # read by `Fit`
        return method

    return noted


def up_to(argument: str) -> Callable[[Mapping[str, Any]], Bounds]:
    """Return the bounds of a count that an argument limits, such as a number of occasions."""

    def bounds(given: Mapping[str, Any]) -> Bounds:
        most = given[argument]
        return (0, float(most)) if isinstance(most, Real) else AMOUNT

    return bounds


Ends = tuple[float, float]
Operation = Callable[[float, float], float]


def _extremes(operation: Operation, one: Ends, other: Ends) -> Ends:
    """Return the least and the greatest of an operation that rises or falls with both parts."""
    corners = starmap(operation, product(one, other))
    known = [corner for corner in corners if not math.isnan(corner)]
    return min(known), max(known)


def _product(one: float, other: float) -> float:
    return one * other if one and other else 0.0  # of infinity too, which stands for any number


def _quotients(one: Ends, other: Ends) -> Ends:
    low, high = other
    if low < 0:
        return -math.inf, math.inf
    return _extremes(_product, one, (_inverse(high), _inverse(low)))


def _inverse(end: float) -> float:
    return 1 / end if end else math.inf


def _followed(operation: Operation, ends: Callable[[Ends, Ends], Ends]) -> Any:
    """Return the two methods of an operation, with a figure at its left and at its right."""

    def combined(one: Any, other: Any) -> Any:
        if not (isinstance(one, Real) and isinstance(other, Real)):
            return NotImplemented
        return Figure(operation(float(one), float(other)), *ends(_ends(one), _ends(other)))

    return combined, lambda right, left: combined(left, right)


def _ends(number: Any) -> Ends:
    return number.ends if isinstance(number, Figure) else (float(number), float(number))


class Figure(float):
    """A number with the ends of what it could be, which arithmetic keeps up."""

    __slots__ = ("ends",)
    __array_priority__ = 1  # at the right of a number of numpy too

    ends: Ends

    def __new__(cls, value: float, low: float, high: float) -> Self:
        figure = super().__new__(cls, value)
        figure.ends = low, high
        return figure

    __add__, __radd__ = _followed(operator.add, partial(_extremes, operator.add))
    __sub__, __rsub__ = _followed(operator.sub, partial(_extremes, operator.sub))
    __mul__, __rmul__ = _followed(operator.mul, partial(_extremes, _product))
    __truediv__, __rtruediv__ = _followed(operator.truediv, _quotients)


class _Telling:
    """A model whose forecasts are figures."""

    __slots__ = ()


def telling(model: Any) -> Any:
    """Return a model whose forecasts are figures, or lists or arrays of them."""
    kind: Any = type(model)
    return _telling(kind)(**attrs.asdict(model, recurse=False))


def with_bounds(model: object, found: Any, bounds: Bounds) -> Any:
    """Return what was made of forecasts: with bounds, where the model's forecasts have them."""
    return _as_figures(found, bounds) if isinstance(model, _Telling) else found


def bounds_of(found: object) -> Bounds:
    """Return the bounds of a figure; there are none of another number."""
    if not isinstance(found, Figure):
        return None, None
    low, high = (end if math.isfinite(end) else None for end in found.ends)
    return low, high


@cache
def _telling(kind: Any) -> Any:
    methods = inspect.getmembers(kind, lambda member: hasattr(member, "bounds"))
    return type(kind)(
        kind.__name__, (_Telling, kind), {name: _bounding(method) for name, method in methods}
    )


def _bounding(method: Any) -> Any:
    signature, bounds = inspect.signature(method), method.bounds

    @wraps(method)
    def forecast(model: Any, *args: Any, **options: Any) -> Any:
        found = method(model, *args, **options)
        if not callable(bounds):
            return _as_figures(found, bounds)
        call = signature.bind(model, *args, **options)
        call.apply_defaults()
        return _as_figures(found, bounds(call.arguments))

    return forecast


def _as_figures(found: Any, bounds: Bounds) -> Any:
    if isinstance(found, ForecastTable):
        return attrs.evolve(found, values=_as_figures(found.values, bounds))
    low, high = bounds
    ends = -math.inf if low is None else low, math.inf if high is None else high
    if is_array(found):
        import numpy as np

        return np.array([Figure(value, *ends) for value in found.tolist()], dtype=object)
    if isinstance(found, list):
        return [Figure(value, *ends) for value in found]
    return Figure(found, *ends) if isinstance(found, float) else found
