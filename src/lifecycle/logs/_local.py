"""Local times and instants in UTC, all of an array at once."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from lifecycle import _packages
from lifecycle.logs import _coding
from lifecycle.logs._arrays import Array
from lifecycle.logs._columns import InstantColumn, micros
from lifecycle.periods import Calendar

__all__ = ["from_local", "in_utc", "to_local"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = _EPOCH.replace(tzinfo=None)

_STEPS = (86_400_000_000, 3_600_000_000)
"""A day and an hour in microseconds: no zone changes its clock and back within one."""


def in_utc(column: InstantColumn, calendar: Calendar) -> Array:
    """Return instants in microseconds; naive ones and dates are local times of a calendar.

    Raises:
        LifecycleError: A local time is outside of years 1 to 9999 in UTC.
    """
    if all(form.zone is not None for form in column.forms) or calendar.tz is UTC:
        return column.micros
    if column.codes is None:
        return from_local(column.micros, calendar, column.forms[0].fold)
    found = column.micros.copy()
    for code, form in enumerate(column.forms):
        (rows,) = (column.codes == code).nonzero()
        found[rows] = from_local(found[rows], calendar, form.fold)
    return found


def from_local(local: Array, calendar: Calendar, fold: int = 0) -> Array:
    """Return the instants of local times of a calendar's zone.

    Raises:
        LifecycleError: One is outside of years 1 to 9999 in UTC.
    """

    def ahead(at: int) -> int:
        shown = _LOCAL_EPOCH + timedelta(microseconds=at)
        return at - micros(calendar._moment("at", shown.replace(fold=fold)))  # noqa: SLF001  (how a calendar counts)

    return local - _by_step(local, ahead)


def to_local(moments: Array, calendar: Calendar) -> Array:
    """Return what the clocks of a calendar's zone show at instants."""

    def ahead(at: int) -> int:
        shown = (_EPOCH + timedelta(microseconds=at)).astimezone(calendar.tz)
        return micros(shown.replace(tzinfo=None)) - at

    return moments if calendar.tz is UTC else moments + _by_step(moments, ahead)


def _by_step(times: Array, ahead: Callable[[int], int], steps: Sequence[int] = _STEPS) -> Array:
    """Return by how much clocks are ahead at each time.

    They are asked once for each day, at its beginning and its end; where these differ, for each
    hour of that day, and where these differ, for each of its times.
    """
    numpy = _packages.needed("numpy")
    if not steps:
        return numpy.array([ahead(each) for each in times.tolist()], "int64")
    step, *smaller = steps
    places, numbers = _coding.distinct(times // step)
    begins, ends = (
        numpy.array([ahead(number * step + part) for number in numbers.tolist()], "int64")
        for part in (0, step - 1)
    )
    found = begins[places]
    (rows,) = (begins != ends)[places].nonzero()
    if len(rows):
        found[rows] = _by_step(times[rows], ahead, smaller)
    return found
