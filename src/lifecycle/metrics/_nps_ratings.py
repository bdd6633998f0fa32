"""Ratings of 0 to 10, checked and counted: value by value, or as arrays."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lifecycle import _checks, _inputs
from lifecycle._packages import needed
from lifecycle._vectors import Vector, vector
from lifecycle.errors import InvalidValueError
from lifecycle.logs import EventLog
from lifecycle.logs._columns import CodedColumn

__all__ = ["SCALE", "counted", "counted_by", "pairs", "rated"]

SCALE = range(11)

Ratings = Vector | Sequence[int]
"""Ratings as an array of numpy, or as a sequence of `int`."""

Counts = Mapping[int, int]
"""How often each rating occurs."""


def rated(argument: str, values: Any, part: str = "") -> Ratings:
    """Return ratings: those of an array as an array, all others value by value.

    Args:
        argument: How messages name the ratings.
        values: The ratings, or a log that has them.
        part: What follows the position of a rating in messages.
    """
    values = _of_log(argument, values) if isinstance(values, EventLog) else values
    found = vector(values)
    if found is None or not _are_ratings(found):
        return _read(argument, values, part)
    return found.astype("int64", copy=False)


def _of_log(argument: str, log: EventLog) -> Any:
    if not log._has("rating"):  # noqa: SLF001  (the columns of a log)
        log._read(argument, ("rating",))  # noqa: SLF001  (says what is missing)
    column: Any = log._columns[log._named("rating")]  # noqa: SLF001  (where a log keeps them)
    return column.items() if vector(column.values) is None else column.values


def _are_ratings(values: Vector) -> bool:
    if values.dtype.kind == "b" or not len(values):
        return not len(values)
    is_within = values.min() >= 0 and values.max() <= max(SCALE)
    return bool(is_within) and (values.dtype.kind == "i" or bool((values % 1 == 0).all()))


def _read(argument: str, values: Any, part: str) -> Sequence[int]:
    """Return ratings: plain numbers by looking at the different ones, all else one by one."""
    given = tuple(_inputs.listed(argument, values))
    kinds = set(map(type, given))
    if kinds <= {int, float} and _ALL.issuperset(given):
        return tuple(map(int, given)) if float in kinds else given
    return tuple(
        _checks.known(_rating, f"{argument}[{i}]{part}", value) for i, value in enumerate(given)
    )


_ALL = frozenset(SCALE)


def _rating(argument: str, value: object) -> int:
    found = _checks.whole(argument, _checks.from_column(value))
    if found not in SCALE:
        raise InvalidValueError(argument, value, "be between 0 and 10")
    return found


def counted(ratings: Ratings) -> Counts:
    """Count ratings."""
    if isinstance(ratings, Sequence):
        return Counter(ratings)
    return dict(enumerate(needed("numpy").bincount(ratings).tolist()))


def counted_by(groups: CodedColumn, ratings: Ratings) -> Mapping[Any, Counts]:
    """Count the ratings of each group."""
    found: dict[Any, dict[int, int]] = {group: defaultdict(int) for group in groups.values}
    for (code, rating), n in pairs(groups.codes, ratings).items():
        found[groups.values[code]][rating] = n
    return found


def pairs(codes: Iterable[int], ratings: Ratings) -> Mapping[tuple[int, int], int]:
    """Count the pairs of a code and a rating."""
    if isinstance(ratings, Sequence):
        return Counter(zip(_listed(codes), ratings, strict=True))
    numpy = needed("numpy")
    counts = numpy.bincount(numpy.asarray(codes) * len(SCALE) + ratings)
    (places,) = counts.nonzero()
    found = zip(*(each.tolist() for each in numpy.divmod(places, len(SCALE))), strict=True)
    return dict(zip(found, counts[places].tolist(), strict=True))


def _listed(codes: Any) -> Iterable[int]:
    return codes.tolist() if hasattr(codes, "tolist") else codes  # type: ignore[no-any-return]
