"""How models are fitted: damped Newton steps in the logarithms of the parameters.

A model brings its log-likelihood with the exact gradient and Hessian, in its own parameters.
All parameters are above 0, so that their logarithms are free.
"""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, NoReturn, TypeVar, cast

import attrs

from lifecycle import _checks
from lifecycle._checks import Attributes
from lifecycle._tables import Column, Table
from lifecycle.errors import (
    ConvergenceError,
    InvalidTypeError,
    LifecycleError,
    NotIdentifiedError,
)
from lifecycle.models._bounds import bounds_of, telling
from lifecycle.rates import Bounds, Estimate

__all__ = ["Fit"]

Model = TypeVar("Model")
Vector = Sequence[float]
Matrix = Sequence[Sequence[float]]


@attrs.frozen
class Derivatives:
    """A log-likelihood at a point, its gradient and its Hessian.

    Attributes:
        value: The log-likelihood.
        gradient: Its first derivatives, one for each parameter.
        hessian: Its second derivatives.
    """

    value: float
    gradient: Vector
    hessian: Matrix


Likelihood = Callable[..., Derivatives]
"""Takes the parameters, one after another."""


class Problem(NamedTuple):
    """What is searched for the highest likelihood.

    Attributes:
        likelihood: The log-likelihood of the parameters, in the order of `start`.
        start: Where the search begins: each parameter, above 0.
        scale: What size a parameter has, where it is not 1: a length of time, say.
        others: Where it begins again, for a likelihood that may have several hills.
    """

    likelihood: Likelihood
    start: Mapping[str, float]
    scale: Mapping[str, float] = MappingProxyType({})
    others: tuple[Mapping[str, float], ...] = ()


class SearchEnd(NamedTuple):
    """Where a search has ended.

    Attributes:
        point: The logarithms of the parameters.
        found: The log-likelihood there.
        error: Why it is no optimum; None where it is one.
    """

    point: list[float]
    found: Derivatives
    error: LifecycleError | None = None


_PRECISION = 1e-10
"""A search ends where another step would raise the log-likelihood by less than this, which is
a change of no parameter by more than 1.4e-5 of its standard error."""
_ROUNDING = 1e-13
"""How much a log-likelihood may fall, of its size, by rounding alone."""
_MOST = 100
"""After how many evaluations a search is given up."""
_NEXT = "try another model, more customers (pool cohorts), or a longer time"
"""What to do where data do not identify a model."""
_EASY = 7
"""As many evaluations as most searches take, and few that end on the lower of two hills."""
_LONGEST = 2.0
"""How far a step may go, in the logarithm of a parameter."""
_EDGE = 10.0
"""How far from its scale a parameter may run, in logarithms: 22,000 times it, where a further
step changes nothing that a float of the log-likelihood could hold."""


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Fit(Table[str], Generic[Model]):
    """A model fitted to data by maximum likelihood; as a table, a row for each parameter.

    Forecasts are methods of the model: `fit.model.p_alive(rows)`.

    Attributes:
        model: The model with its best parameters.
        log_likelihood: The log-likelihood there.
        standard_errors: The standard error of each parameter, by name.
        covariance: The covariance matrix of the parameters, in the order of the model: the
            inverse of the negative Hessian, in the parameters themselves.
        n: How many customers there were; fractional where weights are.
        iterations: How many times the likelihood was computed.
        converged: True: a search that does not end at an optimum raises.
    """

    _named_by = ("parameter",)

    model: Model
    log_likelihood: float
    standard_errors: Mapping[str, float]
    covariance: tuple[tuple[float, ...], ...]
    n: float
    iterations: int
    converged: bool = True

    if not TYPE_CHECKING:  # type checkers know which attributes there are

        def __getattr__(self, name: str) -> NoReturn:
            message = f"a Fit has no {name!r}; forecasts are methods of its model: fit.model.{name}"
            raise AttributeError(message, name=name, obj=self)

    def estimate(
        self, prediction: Callable[[Model], float], *, bounds: Bounds | None = None
    ) -> Estimate:
        """Return a prediction of the model with its standard error, by the delta method.

        Args:
            prediction: Takes a model and returns a number.
            bounds: The least and the greatest that the prediction can be, with None for no
                bound, between which its interval stays. By default those of the model's
                forecasts, which sums, differences, products and quotients of them keep up:
                0 to 1 for a probability, above 0 for purchases and for money. Another function
                of the parameters has none.

        Returns:
            The prediction of the fitted model; its `interval` is a confidence interval.

        Raises:
            InvalidTypeError: `prediction` is not a function, or returns something other than a
                number; or `bounds` is not a pair.
            InvalidValueError: The prediction is outside its bounds.

        Convention:
            The error of the parameters only, not the chance of what one customer will do. The
            gradient is numerical, of fourth order. The interval of a probability is that of its
            logit, the interval of a count or of money that of its logarithm, and the interval
            of a difference of two counts the plain one.

        Examples:
            >>> from lifecycle.models import ShiftedBetaGeometric
            >>> fit = ShiftedBetaGeometric.fit([40, 37, 36, 35, 35])
            >>> found = fit.estimate(lambda model: model.survival(12))
            >>> interval = found.interval()
            >>> round(found.value, 3), round(interval.low, 3), round(interval.high, 3)
            (0.837, 0.642, 0.936)
        """
        found = _figure(prediction, self.model)
        slopes = [self._slope(prediction, name) for name in self.standard_errors]
        variance = math.fsum(
            s * c * t
            for s, row in zip(slopes, self.covariance, strict=True)
            for t, c in zip(slopes, row, strict=True)
        )
        return Estimate(
            value=float(found),
            standard_error=math.sqrt(max(variance, 0.0)),
            n=self.n,
            method="delta",
            bounds=bounds_of(found) if bounds is None else bounds,
        )

    def _slope(self, prediction: Callable[[Model], float], name: str) -> float:
        at: float = getattr(self.model, name)
        step = min(1e-3, 0.1 * self.standard_errors[name] / at) * at

        def moved(steps: int) -> float:
            model: Any = self.model
            return _predicted(prediction, attrs.evolve(model, **{name: at + steps * step}))

        return (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * step)

    @property
    def rows(self) -> Sequence[str]:
        """The rows, in the order in which they are shown."""
        return tuple(self.standard_errors)

    def _columns(self) -> Sequence[Column]:
        return (
            Column("parameter", str, str),
            Column("value", float, lambda name: getattr(self.model, name)),
            Column("standard_error", float, self.standard_errors.__getitem__),
        )

    def _title(self) -> str:
        unit = getattr(self.model, "unit", None)
        what = type(self.model).__name__ + (f" by the {unit}" if unit else "")
        customers = f"{self.n:,.1f}".removesuffix(".0")
        return f"{what}, {customers} customers, log-likelihood {self.log_likelihood:,.2f}"


def _predicted(prediction: Callable[[Any], float], model: object) -> float:
    predict = _checks.function("prediction", prediction, "a model")
    found = _checks.answer("prediction(model)", predict(model))
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise InvalidTypeError("prediction(model)", found, "be a number")
    _checks.number("prediction(model)", found)
    return found


def _figure(prediction: Callable[[Any], float], model: Any) -> float:
    """Return a prediction as a figure; plain, where it is of a kind that figures do not go through.

    A ufunc of numpy takes arrays of numbers, and of figures it takes none.
    """
    try:
        return _predicted(prediction, telling(model))
    except (TypeError, ValueError):
        return _predicted(prediction, model)


def model_of(
    value: object,
    *kinds: Any,
    expected: str = "be a model of purchases, such as BetaGeoNBD, or its fit",
) -> Any:
    """Return a model of some kinds, or that of a fit.

    Raises:
        InvalidTypeError: It is of another kind; `expected` completes "must ...".
    """
    found = value.model if isinstance(value, Fit) else value
    if not isinstance(found, kinds):
        raise InvalidTypeError("model", value, expected)
    return found


def derivatives(terms: Sequence[float]) -> Derivatives:
    """Return a value, a gradient and the upper triangle of a Hessian, from one sequence."""
    k = next(k for k in range(1, len(terms)) if 1 + k + k * (k + 1) // 2 == len(terms))
    triangle = iter(terms[1 + k :])
    hessian = [[0.0] * k for _ in range(k)]
    for i in range(k):
        for j in range(i, k):
            hessian[i][j] = hessian[j][i] = next(triangle)
    return Derivatives(terms[0], terms[1 : 1 + k], hessian)


def fit(build: Callable[..., Model], problem: Problem, *, name: str, n: float) -> Fit[Model]:
    """Find the parameters of the highest likelihood.

    Args:
        build: Makes the model, from parameters by name.
        problem: The likelihood, and where to begin.
        name: The model, for errors.
        n: How many customers there are.

    Raises:
        ConvergenceError: No optimum was found.
        NotIdentifiedError: A parameter runs to 0 or to infinity, or parameters can be traded
            for each other without any change of the likelihood.
    """
    search = _Search(name, problem)
    point, found, error = search.highest()
    if error is not None:
        raise error
    start = problem.start
    parameters = [math.exp(p) for p in point]
    precision = [[-h for h in row] for row in found.hessian]
    root = _cholesky(precision)
    if root is None:
        reason = f"the likelihood does not curve down in every direction; {_NEXT}"
        raise NotIdentifiedError(name, reason)
    covariance = _inverse(root)
    errors = {key: math.sqrt(covariance[i][i]) for i, key in enumerate(start)}
    return Fit(
        model=build(**dict(zip(start, parameters, strict=True))),
        log_likelihood=found.value,
        standard_errors=cast("Mapping[str, float]", Attributes(errors)),
        covariance=covariance,
        n=n,
        iterations=search.evaluations,
    )


class _Search:
    """Newton's method, and what it has cost."""

    def __init__(self, name: str, problem: Problem) -> None:
        self.name, self.problem, self.evaluations = name, problem, 0
        self.center = [math.log(problem.scale.get(key, 1.0)) for key in problem.start]

    def highest(self) -> SearchEnd:
        """Return the highest end: of other searches too, where the first was not easy.

        An edge that is higher than any optimum is the end.
        """
        end = self._climb(self.problem.start)
        if end.error is None and self.evaluations <= _EASY:
            return end
        return max([end, *map(self._climb, self.problem.others)], key=_height)

    def _climb(self, start: Mapping[str, float]) -> SearchEnd:
        """Go up from a point until another step would not matter."""
        point, most = [math.log(value) for value in start.values()], self.evaluations + _MOST
        here = self._at(point)
        if not math.isfinite(here.value):
            return self._failed(point, here)
        while self.evaluations < most:
            gradient, hessian = _in_logs(here, point)
            step = _step(gradient, hessian)
            if _dot(gradient, step) < 2 * _PRECISION:
                return SearchEnd(point, here)
            ahead = self._ahead(point, step, here, most)
            if ahead.error is not None:
                return ahead
            point, here = ahead.point, ahead.found
        return self._failed(point, here)

    def _ahead(self, point: list[float], step: Vector, here: Derivatives, most: int) -> SearchEnd:
        """Take a step, or as much of it as does not lead down."""
        least, part = here.value - _ROUNDING * abs(here.value), 1.0
        while self.evaluations < most:
            ahead = [p + part * s for p, s in zip(point, step, strict=True)]
            edge = self._edge(ahead)
            if edge is not None:
                return SearchEnd(point, here, edge)
            there = self._at(ahead)
            if there.value >= least:
                return SearchEnd(ahead, there)
            part /= 2
        return self._failed(point, here)

    def _at(self, point: Vector) -> Derivatives:
        self.evaluations += 1
        return self.problem.likelihood(*map(math.exp, point))

    def _edge(self, point: Vector) -> NotIdentifiedError | None:
        for parameter, p, middle in zip(self.problem.start, point, self.center, strict=True):
            if abs(p - middle) > _EDGE:
                where = "infinity" if p > middle else "0"
                reason = f"the likelihood rises as {parameter} goes to {where}; {_NEXT}"
                return NotIdentifiedError(self.name, reason)
        return None

    def _failed(self, point: list[float], here: Derivatives) -> SearchEnd:
        reached = dict(zip(self.problem.start, map(math.exp, point), strict=True))
        return SearchEnd(point, here, ConvergenceError(self.name, self.evaluations, reached))


def _height(end: SearchEnd) -> float:
    return end.found.value if math.isfinite(end.found.value) else -math.inf


def _in_logs(at: Derivatives, point: Vector) -> tuple[list[float], list[list[float]]]:
    """Return the gradient and the Hessian in the logarithms of the parameters."""
    scale = list(map(math.exp, point))
    gradient = [s * g for s, g in zip(scale, at.gradient, strict=True)]
    hessian = [
        [s * t * h for t, h in zip(scale, row, strict=True)]
        for s, row in zip(scale, at.hessian, strict=True)
    ]
    for i, g in enumerate(gradient):
        hessian[i][i] += g
    return gradient, hessian


def _step(gradient: Vector, hessian: Matrix) -> list[float]:
    """Return Newton's step, or a shorter one uphill.

    Where the likelihood does not curve down in every direction, its curvature is raised until
    it does (Levenberg 1944), which turns the step toward the steepest way up.
    """
    scale = max(abs(row[i]) for i, row in enumerate(hessian)) or 1.0
    lift = 0.0
    while True:
        root = _cholesky(
            [[(i == j) * lift - h for j, h in enumerate(r)] for i, r in enumerate(hessian)]
        )
        if root is not None:
            step = _solve(root, gradient)
            longest = max(map(abs, step))
            return [min(1.0, _LONGEST / longest) * s for s in step] if longest else step
        lift = max(10 * lift, 1e-3 * scale)


def _dot(one: Vector, other: Vector) -> float:
    return math.fsum(map(operator.mul, one, other))


def _cholesky(matrix: Matrix) -> list[list[float]] | None:
    """Return the lower triangle whose square is the matrix; None where it has no such root."""
    root: list[list[float]] = []
    for i, row in enumerate(matrix):
        line: list[float] = []
        for j in range(i):
            line.append((row[j] - _dot(line, root[j][:j])) / root[j][j])
        rest = row[i] - _dot(line, line)
        if not rest > 1e-14 * abs(row[i]):  # what rounding leaves of 0 is no curvature
            return None
        root.append([*line, math.sqrt(rest)])
    return root


def _solve(root: Matrix, right: Vector) -> list[float]:
    """Solve root x root' x = right, forwards and then backwards."""
    half: list[float] = []
    for line, value in zip(root, right, strict=True):
        half.append((value - _dot(line[:-1], half)) / line[-1])
    found = [0.0] * len(root)
    for i in reversed(range(len(root))):
        later = math.fsum(root[j][i] * found[j] for j in range(i + 1, len(root)))
        found[i] = (half[i] - later) / root[i][i]
    return found


def _inverse(root: Matrix) -> tuple[tuple[float, ...], ...]:
    units = [[float(i == j) for j in range(len(root))] for i in range(len(root))]
    columns = [_solve(root, unit) for unit in units]
    return tuple(
        tuple((columns[i][j] + columns[j][i]) / 2 for j in range(len(root)))
        for i in range(len(root))
    )
