"""The doors of models: what is known about customers, as checked columns of floats.

A column is one float, a list of floats or an array of them; what comes in as a list stays
one. A path names an argument and has `{}` where the number of a row goes: `rows{}.age`.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from lifecycle import _checks, _lengths
from lifecycle._lengths import UNITS, Length
from lifecycle.errors import InvalidTypeError, InvalidValueError, NotIdentifiedError
from lifecycle.models._arithmetic import (
    BLOCK,
    arrays,
    beginnings,
    has_arrays,
    is_array,
    sums,
    together,
)
from lifecycle.models._customers import HISTORY, given

__all__ = [
    "CUSTOMERS",
    "DistinctRows",
    "above_zero",
    "as_array",
    "as_units",
    "check_lengths",
    "column",
    "compressed",
    "demand",
    "dense",
    "history",
    "in_units",
    "rate_of",
    "read",
    "whole",
]

CUSTOMERS = 1_000_000_000
"""How many customers are drawn at most."""


class DistinctRows(NamedTuple):
    """Distinct rows, and how many customers have each.

    Attributes:
        columns: The columns, all lists or all arrays.
        counts: How many customers have each row: a column of the same kind.
        n: The sum of the counts.
    """

    columns: tuple[Any, ...]
    counts: Any
    n: float


def column(path: str, values: object) -> Any:
    """Return a number as a float, a series as a list of floats, an array as an array of them.

    Raises:
        InvalidTypeError: A value is not a number.
        InvalidValueError: A value is NaN or infinite, or an array has several dimensions.
        MissingExtraError: There is an array, and numpy or scipy is missing.
    """
    if is_array(values):
        return _array(path, values)
    if isinstance(values, Iterable) and not isinstance(values, str | bytes | Mapping | AbstractSet):
        return _list(path, list(values))
    return float(_checks.number(path.format(""), values))


def dense(values: Any) -> Any:
    """Return a checked list as an array where numpy and scipy are, which is quicker to check."""
    if not has_arrays() or not isinstance(values, list):
        return values
    import numpy as np

    return np.array(values)


def demand(path: str, expected: str, condition: Callable[..., Any], *columns: Any) -> None:
    """Raise for the first row for which a condition does not hold, and say how many there are.

    Args:
        path: The path of the first column, which the error names.
        expected: What would have been accepted, completing "must ...".
        condition: Takes one float, or one array, for each column; joins parts with `&`.
        columns: The columns: floats, lists, arrays.

    Raises:
        InvalidValueError: The condition fails somewhere.
    """
    sizes = [len(values) for values in columns if not isinstance(values, float)]
    if not sizes:
        if not condition(*columns):
            raise InvalidValueError(path.format(""), columns[0], expected)
        return
    if _holds(condition, columns, sizes[0]):
        return
    rows = zip(*_spread(columns, sizes[0]), strict=True)
    wrong = [(i, row[0]) for i, row in enumerate(rows) if not condition(*row)]
    i, value = wrong[0]
    more = f" ({len(wrong)} of {sizes[0]} rows do not)" if len(wrong) > 1 else ""
    where = "" if isinstance(columns[0], float) else f"[{i}]"
    if not isinstance(value, int):  # which may be too large for a float
        value = float(value)
    raise InvalidValueError(path.format(where), value, f"{expected}{more}")


def _holds(condition: Callable[..., Any], columns: Sequence[Any], size: int) -> bool:
    if all(isinstance(values, float) or is_array(values) for values in columns):
        return bool(condition(*columns).all())
    return all(map(condition, *_spread(columns, size)))


def _spread(columns: Sequence[Any], size: int) -> list[Any]:
    return [[c] * size if isinstance(c, float) else c for c in columns]


def history(columns: Mapping[str, Any], path: str = "{name}{{}}") -> list[Any]:
    """Return frequency, recency and age as columns of one length, checked against each other.

    Args:
        columns: The three of them, by name, and any that must have their length.
        path: How errors name a column; `{name}` in it is its name.

    Raises:
        InvalidTypeError: A value is not a number.
        InvalidValueError: A frequency is not a whole number of 0 or more, a recency is not
            within 0 and the age, or is 0 where there are repeats, or the reverse; columns
            differ in length.
    """
    paths, found = _columns(columns, path)
    _check(paths, found)
    return list(found.values())


def _columns(columns: Mapping[str, Any], path: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the paths of columns, and the columns, of one length."""
    paths = {name: path.format(name=name) for name in columns}
    found = {name: column(paths[name], values) for name, values in columns.items()}
    check_lengths(paths, found)
    return paths, found


# A history is x repeat purchases, the time t_x from the first purchase to the last one, and the
# time T from the first purchase to now. So 0 <= t_x <= T, and t_x is 0 exactly where x is 0. The
# first column of a rule is the one that its error names.
_RULES: tuple[tuple[Sequence[str], str, Callable[..., Any]], ...] = (
    (["frequency"], "be a whole number of at least 0", lambda x: (x >= 0) & (x % 1 == 0)),
    (["age"], "be at least 0", lambda age: age >= 0),
    (["recency", "age"], "be between 0 and the age", lambda t, age: (t >= 0) & (t <= age)),
    (["recency", "frequency"], "be 0 where frequency is 0", lambda t, x: (x > 0) | (t == 0)),
    (["recency", "frequency"], "be above 0 where frequency is", lambda t, x: (x == 0) | (t > 0)),
)


def _check(paths: Mapping[str, str], columns: Mapping[str, Any]) -> None:
    for names, expected, condition in _RULES:
        demand(paths[names[0]], expected, condition, *(columns[name] for name in names))


def _is_possible(distinct: Mapping[str, Any]) -> bool:
    size = len(distinct["age"])
    return all(
        _holds(condition, [distinct[name] for name in names], size)
        for names, _, condition in _RULES
    )


def read(rows: object, *, weights: object = None) -> DistinctRows:
    """Return the distinct histories of customers, checked.

    Args:
        rows: What `given` accepts.
        weights: How many customers each row represents, above 0; None for one each.

    Raises:
        EmptySampleError: There are no rows.
        InvalidTypeError: A value is not a number.
        InvalidValueError: As `history` says, or a weight is not above 0.
    """
    paths, found = _columns(given("rows", rows).columns(HISTORY), "rows{{}}.{name}")
    distinct = compressed(list(found.values()), weights)
    if not _is_possible(dict(zip(HISTORY, distinct.columns, strict=True))):
        _check(paths, found)  # which says in which row
    return distinct


def compressed(columns: Sequence[Any], weights: object = None) -> DistinctRows:
    """Return distinct rows with their counts: as arrays where numpy and scipy are installed.

    Args:
        columns: Checked columns, lists or arrays of one length.
        weights: How many customers each row represents, above 0; None for one each.

    Raises:
        InvalidTypeError: A weight is not a number, or `weights` is one.
        InvalidValueError: A weight is not above 0, or there are more or fewer than rows.
    """
    merged = _grouped if has_arrays() else _counted
    if weights is None:
        return merged(columns, None)
    times = above_zero("weights{}", column("weights{}", weights))
    if isinstance(times, float):
        raise InvalidTypeError("weights", weights, "be a column, such as a list")
    paths = {"rows": "rows{}", "weights": "weights{}"}
    check_lengths(paths, {"rows": columns[0], "weights": times})
    return merged(columns, times)


def above_zero(path: str, values: Any) -> Any:
    """Return a checked column, of values above 0.

    Raises:
        InvalidValueError: One is not.
    """
    demand(path, "be above 0", lambda value: value > 0, values)
    return values


def whole(
    path: str, values: object, *, least: int = 0, most: int | None = None, hint: str = ""
) -> Any:
    """Return a column of whole numbers within bounds.

    Args:
        path: How errors name the column; `{}` in it is the place of a row.
        values: What was given.
        least: The smallest that is accepted.
        most: The largest one, None for any.
        hint: What to do about one that is not.

    Raises:
        InvalidTypeError: A value is not a number.
        InvalidValueError: A value is fractional, out of bounds or not finite.
    """
    found = column(path, values)
    expected = f"be a whole number of at least {least}" + (f" ({hint})" if hint else "")
    demand(path, expected, lambda x: (x >= least) & (x % 1 == 0), found)
    if most is not None:
        demand(path, f"be at most {most:,}", lambda x: x <= most, found)
    return found


def rate_of(rows: DistinctRows, model: str) -> tuple[float, float]:
    """Return the purchases of rows over their time, and the mean age: where a search begins.

    Raises:
        NotIdentifiedError: Nobody bought again, or everybody is new.
    """
    bought, lived = sums(lambda _, x, __, age: (x, age), rows.columns, rows.counts)
    if not bought:
        raise NotIdentifiedError(model, "nobody bought again")
    return bought / lived, lived / rows.n


def as_units(path: str, length: object, unit: str | None) -> Any:
    """Return lengths of time as numbers of units, unchecked where they are numbers already.

    Args:
        path: How errors name the length; `{}` in it is its place in a list.
        length: A `timedelta`, a `Period`, a number of units; a list or an array of them.
        unit: The unit of the model; None where it has none.

    Raises:
        InvalidTypeError: A `timedelta` or a `Period` is given to a model without a unit.
        InvalidValueError: It is negative.
    """
    if isinstance(length, Length):
        return _number_of(path.format(""), length, unit)
    if not isinstance(length, list | tuple):
        return length
    return [
        _number_of(path.format(f"[{i}]"), one, unit) if isinstance(one, Length) else one
        for i, one in enumerate(length)
    ]


def _number_of(path: str, length: Length, unit: str | None) -> float:
    if unit is None:
        raise InvalidTypeError(path, length, "be a number, or the model have a unit")
    return _lengths.mean(_lengths.length(path, length, zero=True)) / UNITS[unit].mean


def in_units(path: str, length: object, unit: str | None) -> Any:
    """Return lengths of time as a column of 0 or more, in a unit.

    Raises:
        InvalidTypeError: It is neither a length nor a number.
        InvalidValueError: It is negative, NaN or infinite, or `as_units` refuses it.
    """
    found = column(path, as_units(path, length, unit))
    demand(path, "be at least 0", lambda t: t >= 0, found)
    return found


def as_array(values: Any) -> Any:
    """Return a series as an array of numpy, with NaN in place of what is masked.

    Raises:
        MissingExtraError: numpy or scipy is missing.
    """
    arrays()  # says what is missing, if something is
    import numpy as np

    masked: Any = values if isinstance(values, np.ma.MaskedArray) else None
    return np.asarray(values) if masked is None else masked.astype(float).filled(np.nan)


def _array(path: str, values: Any) -> Any:
    import numpy as np

    found = as_array(values)
    if found.ndim != 1:
        raise InvalidValueError(path.format(""), found.shape, "have one dimension")
    if found.dtype.kind not in "iuf":
        return np.asarray(_list(path, found.tolist()), dtype=float)
    found = found.astype(float)
    demand(path, "be finite", np.isfinite, found)
    return found


def _list(path: str, values: list[Any]) -> list[float]:
    if not set(map(type, values)) <= {int, float}:
        values = [_numbered(path, i, value) for i, value in enumerate(values)]
    if not _are_finite(values):
        demand(path, "be finite", _checks.finite, values)
    return list(map(float, values))


def _are_finite(values: Sequence[Any]) -> bool:
    """Say whether all values are finite, quickly; one by one tells which is not."""
    try:
        return all(map(math.isfinite, values))
    except (OverflowError, ValueError):
        return False


def _numbered(path: str, i: int, value: Any) -> Any:
    """Check one value that may be NaN, which is counted after all have been checked."""
    if isinstance(value, float):
        return float(value)
    return _checks.number(path.format(f"[{i}]"), value)


def check_lengths(paths: Mapping[str, str], columns: Mapping[str, Any]) -> None:
    """Check that lists and arrays have one length; numbers have none.

    Raises:
        InvalidValueError: One is longer or shorter than the first.
    """
    series = {name: len(c) for name, c in columns.items() if not isinstance(c, float)}
    for name, size in series.items():
        first, expected = next(iter(series.items()))
        if size != expected:
            raise InvalidValueError(
                f"len({paths[name].format('')})", size, f"be that of {first}, {expected}"
            )


def _counted(columns: Sequence[Any], weights: Sequence[float] | None) -> DistinctRows:
    given = zip(*columns, strict=True)
    found: Any = Counter()
    if weights is None:
        found.update(given)
    else:
        for row, weight in zip(given, weights, strict=True):
            found[row] += weight
    rows = sorted(found)
    times = [float(found[row]) for row in rows]
    return DistinctRows(tuple(map(list, zip(*rows, strict=True))), times, math.fsum(times))


def _grouped(columns: Sequence[Any], weights: Any) -> DistinctRows:
    import numpy as np

    given = [np.asarray(values, dtype=float) for values in columns]
    times = None if weights is None else np.asarray(weights, dtype=float)
    if len(given[0]) > BLOCK:  # so that fewer are left to be sorted
        given, times = _merged(given, times, together(given))
    given, times = _merged(given, times, np.lexsort(tuple(reversed(given))))
    return DistinctRows(tuple(given), times, float(times.sum()))


def _merged(columns: Sequence[Any], weights: Any, order: Any) -> tuple[list[Any], Any]:
    """Return rows in an order, as one where they equal the one before."""
    import numpy as np

    ordered = [values[order] for values in columns]
    starts = beginnings(*ordered)
    if weights is None:
        times = np.diff(starts, append=len(order)).astype(float)
    else:
        times = np.add.reduceat(weights[order], starts)
    return [values[starts] for values in ordered], times
