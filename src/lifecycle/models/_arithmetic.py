"""The functions that formulas are written with: once, for floats and for arrays.

A formula takes an `Arithmetic` as its first argument and asks it for every function, so that
the same text computes one row with `math` and a million with numpy and scipy. Both branches
of `where` are always computed: write them so that neither can fail.
"""

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from importlib.util import find_spec
from itertools import groupby
from typing import Any, NamedTuple

from lifecycle.errors import MissingExtraError

__all__ = [
    "BLOCK",
    "FLOATS",
    "Arithmetic",
    "Formula",
    "arrays",
    "beginnings",
    "each",
    "each_distinct",
    "has_arrays",
    "integral",
    "is_array",
    "lbeta",
    "legendre",
    "log_growth",
    "runs",
    "sums",
    "sums_by",
    "together",
    "trapezoid",
]

BLOCK = 8192
"""How many rows are computed at once: they stay in the processor's cache, and threaded BLAS,
which is slow on busy cores, is not woken."""


class Arithmetic(NamedTuple):
    """The functions of one kind of number.

    Attributes:
        exp: e to the power of x; 0 where it is too small for a float.
        expm1: The same less 1, without loss near 0.
        log: The natural logarithm.
        log1p: That of 1 + x, without loss near 0.
        lgamma: The logarithm of the gamma function, of a positive number.
        digamma: Its first derivative.
        trigamma: Its second derivative.
        softplus: log(1 + e^x), for any x.
        expit: 1 / (1 + e^-x), for any x.
        logaddexp: log(e^x + e^y), for any x and y.
        where: The second argument where the first is true, else the third.
        minimum: The smaller of two.
        maximum: The larger of two.
        largest: The largest of all values, as a float.
    """

    exp: Callable[..., Any]
    expm1: Callable[..., Any]
    log: Callable[..., Any]
    log1p: Callable[..., Any]
    lgamma: Callable[..., Any]
    digamma: Callable[..., Any]
    trigamma: Callable[..., Any]
    softplus: Callable[..., Any]
    expit: Callable[..., Any]
    logaddexp: Callable[..., Any]
    where: Callable[..., Any]
    minimum: Callable[..., Any]
    maximum: Callable[..., Any]
    largest: Callable[..., float]


Formula = Callable[..., Any]
"""A function of an `Arithmetic` and of columns, row by row."""

# The terms of the asymptotic series of digamma and trigamma: B(2k) / 2k and B(2k), the numbers
# of Bernoulli (Abramowitz & Stegun 1964, 6.3.18 and 6.4.12).
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)
_DIGAMMA = tuple(b / (2 * k) for k, b in enumerate(_BERNOULLI, start=1))
_FAR = 12.0
"""From where on the asymptotic series are exact to the last digit."""


def _digamma(x: float) -> float:
    shift = 0.0
    while x < _FAR:
        shift -= 1 / x
        x += 1
    return shift + math.log(x) - 0.5 / x - _series(_DIGAMMA, 1 / (x * x))


def _trigamma(x: float) -> float:
    shift = 0.0
    while x < _FAR:
        shift += 1 / (x * x)
        x += 1
    return shift + (1 + 0.5 / x + _series(_BERNOULLI, 1 / (x * x))) / x


def _series(terms: Sequence[float], z: float) -> float:
    total = 0.0
    for term in reversed(terms):
        total = (total + term) * z
    return total


def _softplus(x: float) -> float:
    return x + math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x))


def _expit(x: float) -> float:
    if x > 0:
        return 1 / (1 + math.exp(-x))
    small = math.exp(x)
    return small / (1 + small)


def _logaddexp(x: float, y: float) -> float:
    return max(x, y) + math.log1p(math.exp(-abs(x - y)))


def _where(condition: bool, yes: float, no: float) -> float:  # noqa: FBT001  (numpy's signature)
    return yes if condition else no


FLOATS = Arithmetic(
    exp=math.exp,
    expm1=math.expm1,
    log=math.log,
    log1p=math.log1p,
    lgamma=math.lgamma,
    digamma=_digamma,
    trigamma=_trigamma,
    softplus=_softplus,
    expit=_expit,
    logaddexp=_logaddexp,
    where=_where,
    minimum=min,
    maximum=max,
    largest=float,
)


@cache
def has_arrays() -> bool:
    """Say whether numpy and scipy are installed."""
    return find_spec("numpy") is not None and find_spec("scipy") is not None


@cache
def arrays() -> Arithmetic:
    """Return the functions of numpy's arrays.

    Raises:
        MissingExtraError: numpy or scipy is not installed.
    """
    for package in ("numpy", "scipy"):
        if find_spec(package) is None:
            raise MissingExtraError(package, "models")
    import numpy as np
    from scipy import special

    return Arithmetic(
        exp=np.exp,
        expm1=np.expm1,
        log=np.log,
        log1p=np.log1p,
        lgamma=special.gammaln,
        digamma=special.digamma,
        trigamma=lambda x: special.zeta(2.0, x),
        softplus=lambda x: np.logaddexp(0.0, x),
        expit=special.expit,
        logaddexp=np.logaddexp,
        where=np.where,
        minimum=np.minimum,
        maximum=np.maximum,
        largest=lambda x: float(np.max(x)),
    )


def is_array(value: object) -> bool:
    """Say whether a value is an array, or something that turns into one, such as a Series."""
    return hasattr(value, "__array__") and getattr(value, "ndim", 1) > 0


def each(formula: Formula, *columns: Any) -> Any:
    """Compute a formula for numbers, or row by row for columns, which broadcast.

    Args:
        formula: Takes an `Arithmetic` and one value for each column.
        columns: Floats, lists of floats, or arrays; all lists and arrays of one length.

    Returns:
        A float where all are floats; else an array where one is an array, and a list where
        none is. Lists are computed as arrays where that is possible.

    Raises:
        MissingExtraError: There is an array, and no scipy.
    """
    sizes = [len(column) for column in columns if not isinstance(column, float)]
    if not sizes:
        return formula(FLOATS, *columns)
    wanted = any(map(is_array, columns))
    if wanted or has_arrays():
        found = _by_block(formula, columns, sizes[0])
        return found if wanted else found.tolist()
    spread = ([c] * sizes[0] if isinstance(c, float) else c for c in columns)
    return [formula(FLOATS, *row) for row in zip(*spread, strict=True)]


def each_distinct(formula: Formula, *columns: Any) -> Any:
    """Compute a formula as `each` does, once for all rows that are equal.

    For formulas that cost more than to find such rows.
    """
    size = max((len(column) for column in columns if not isinstance(column, float)), default=0)
    if size <= BLOCK or not has_arrays():
        return each(formula, *columns)
    import numpy as np

    spread = [c if isinstance(c, float) else np.asarray(c, dtype=float) for c in columns]
    series = [column for column in spread if not isinstance(column, float)]
    order = together(series)
    starts = beginnings(*(column[order] for column in series))
    first = order[starts]
    rank = np.lexsort([column[first] for column in reversed(series)])  # rows of a block are alike
    found = np.empty(len(first))
    chosen = first[rank]
    found[rank] = each(formula, *(c if isinstance(c, float) else c[chosen] for c in spread))
    everyone = np.empty(size)
    everyone[order] = np.repeat(found, np.diff(starts, append=size))
    return everyone if any(map(is_array, columns)) else everyone.tolist()


def together(columns: Sequence[Any]) -> Any:
    """Return an order of rows in which equal ones are adjacent, by mixing up their bits.

    Sorting one whole number for each row, with its place in the lowest bits, is several times
    as fast as sorting by column. Where two rows happen to be mixed to the same number, rows
    that equal them may not be adjacent.
    """
    import numpy as np

    size = len(columns[0])
    mixed = np.zeros(size, dtype=np.uint64)
    for column in columns:
        mixed ^= np.ascontiguousarray(column, dtype=float).view(np.uint64)
        mixed *= np.uint64(_ODD)
        mixed ^= mixed >> np.uint64(32)
    place = np.uint64((1 << size.bit_length()) - 1)
    mixed = np.sort((mixed * np.uint64(_ODD)) & ~place | np.arange(size, dtype=np.uint64))
    return (mixed & place).astype(np.intp)


_ODD = 0x9E3779B97F4A7C15
"""2^64 over the golden ratio, which spreads bits well (Knuth 1998, 6.4)."""


def beginnings(*columns: Any) -> Any:
    """Return where rows of arrays differ from the one before."""
    import numpy as np

    differs = np.zeros(len(columns[0]), dtype=bool)
    differs[:1] = True
    for column in columns:
        differs[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(differs)


def runs(column: Any) -> tuple[Any, Any]:
    """Return the values of a sorted column, and how many rows have each: lists or arrays."""
    if not is_array(column):
        found = [(value, len(list(rows))) for value, rows in groupby(column)]
        return tuple(map(list, zip(*found, strict=True)))  # type: ignore[return-value]  # two
    import numpy as np

    starts = beginnings(column)
    return column[starts], np.diff(starts, append=len(column))


def sums(formula: Formula, columns: Sequence[Any], counts: Any) -> list[float]:
    """Return the sum over rows of each term of a formula, times how often the row counts.

    Args:
        formula: Takes an `Arithmetic` and one value for each column; returns a tuple of terms,
            each of which may be one float for all rows.
        columns: Lists of floats, or arrays, all of one length and of at least one row.
        counts: The column of counts.

    Returns:
        One sum for each term; those of lists are rounded once, whatever their order.
    """
    if not is_array(counts):
        terms = zip(*map(partial(formula, FLOATS), *columns), strict=True)
        return [math.fsum(map(operator.mul, counts, term)) for term in terms]
    m = arrays()
    parts = []
    for rows in _blocks(len(counts)):
        share = counts[rows]
        everyone = float(share.sum())
        terms = formula(m, *(column[rows] for column in columns))
        parts.append([t * everyone if isinstance(t, float) else float(t @ share) for t in terms])
    return [math.fsum(part) for part in zip(*parts, strict=True)]


def sums_by(formula: Formula, shared: Sequence[Any], columns: Sequence[Any], sizes: Any) -> Any:
    """Return the sum of each term of a formula over the rows of each group.

    Args:
        formula: Takes an `Arithmetic`, one value for each shared column and one for each
            column; returns a tuple of terms.
        shared: Columns of what the rows of a group have in common, a value for each group.
        columns: Lists of floats, or arrays, in which the rows of a group are adjacent.
        sizes: How many rows each group has: a list, or an array.

    Returns:
        For each term a column of sums, a value for each group.
    """
    if is_array(sizes):
        return _sums_by_block(formula, shared, columns, sizes)
    found, end = [], 0
    for size, *own in zip(sizes, *shared, strict=True):
        start, end = end, end + size
        terms = map(partial(formula, FLOATS, *own), *(column[start:end] for column in columns))
        found.append(list(map(sum, zip(*terms, strict=True))))
    return list(map(list, zip(*found, strict=True)))


def _sums_by_block(
    formula: Formula, shared: Sequence[Any], columns: Sequence[Any], sizes: Any
) -> Any:
    m = arrays()
    import numpy as np

    ends = sizes.cumsum()
    starts = ends - sizes
    spread = [*(column.repeat(sizes) for column in shared), *columns]
    parts = []
    for rows in _blocks(int(ends[-1])):
        low, high = ends.searchsorted([rows.start, rows.stop - 1], side="right")
        begins = np.maximum(starts[low : high + 1] - rows.start, 0)
        terms = np.array(formula(m, *(column[rows] for column in spread)))
        parts.append((slice(low, high + 1), np.add.reduceat(terms, begins, axis=1)))
    totals = np.zeros((len(parts[0][1]), len(sizes)))
    for groups, part in parts:
        totals[:, groups] += part
    return totals


def lbeta(m: Arithmetic, a: Any, b: Any) -> Any:
    """Return the logarithm of the beta function."""
    return m.lgamma(a) + m.lgamma(b) - m.lgamma(a + b)


def log_growth(m: Arithmetic, a: Any, n: Any) -> Any:
    """Return log Gamma(a + n) - log Gamma(a), without loss where a is large.

    There the series of Stirling, of three terms, are subtracted term by term.
    """
    near, far = m.minimum(a, _LARGE), m.maximum(a, _LARGE)
    bend = (far + n - 0.5) * m.log1p(n / far) - n
    series = n * m.log(far) + bend + _stirling(far + n) - _stirling(far)
    return m.where(a < _LARGE, m.lgamma(near + n) - m.lgamma(near), series)


_LARGE = 100.0
"""From where on three terms of the series of Stirling are exact to the last digit."""


def _stirling(x: Any) -> Any:
    square = x * x
    return (1 - (1 - 2 / (7 * square)) / (30 * square)) / (12 * x)


@cache
def legendre(n: int) -> tuple[tuple[float, float], ...]:
    """Return the nodes and the weights of Gauss and Legendre, for an integral from 0 to 1."""
    found = []
    for i in range(n):
        x, slope = math.cos(math.pi * (i + 0.75) / (n + 0.5)), 1.0
        for _ in range(6):  # Newton's steps, from a start of three right digits
            p, before = 1.0, 0.0
            for k in range(n):
                p, before = ((2 * k + 1) * x * p - k * before) / (k + 1), p
            slope = n * (x * p - before) / (x * x - 1)
            x -= p / slope
        found.append(((1 + x) / 2, 1 / ((1 - x * x) * slope * slope)))
    return tuple(found)


def integral(f: Callable[[Any], tuple[Any, ...]], low: Any, high: Any, panels: int) -> list[Any]:
    """Return integrals of smooth functions, by 24 nodes of Gauss and Legendre for each panel.

    They are exact to the last digits where, over one panel, a function changes by less than
    e^25 and has no singularity nearer than half the panel's length.
    """
    width = (high - low) / panels
    totals: list[Any] | None = None
    for panel in range(panels):
        start = low + panel * width
        for node, weight in legendre(24):
            terms = [weight * term for term in f(start + node * width)]
            totals = terms if totals is None else list(map(operator.add, totals, terms))
    return [width * total for total in totals or ()]


def trapezoid(
    m: Arithmetic, f: Callable[[Any], tuple[Any, ...]], low: Any, high: Any, step: Any
) -> list[Any]:
    """Return integrals over the whole line, of functions that vanish beyond `low` and `high`.

    The rule of equal weights is exact to the last digits for functions without singularities
    within a distance of six steps from the line (Trefethen & Weideman 2014).
    """
    n = math.ceil(m.largest((high - low) / step))
    width = (high - low) / n
    totals = f(low)
    for i in range(1, n + 1):
        totals = tuple(map(operator.add, totals, f(low + i * width)))
    return [width * total for total in totals]


def _blocks(size: int) -> Iterator[slice]:
    for start in range(0, size, BLOCK):
        yield slice(start, min(start + BLOCK, size))


def _by_block(formula: Formula, columns: Sequence[Any], size: int) -> Any:
    m = arrays()
    import numpy as np

    spread = [c if isinstance(c, float) else np.asarray(c, dtype=float) for c in columns]
    found = np.empty(size)
    for rows in _blocks(size):
        found[rows] = formula(m, *(c if isinstance(c, float) else c[rows] for c in spread))
    return found
