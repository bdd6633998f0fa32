"""Local times as instants in UTC, all of an array at once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from lifecycle import _packages
from lifecycle.logs import _coding
from lifecycle.logs._arrays import Array
from lifecycle.logs._columns import InstantColumn, InstantForm, micros
from lifecycle.periods import Calendar

__all__ = ["in_utc"]

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
        return column.micros - _ahead(column.micros, column.forms[0], calendar)
    found = column.micros.copy()
    for code, form in enumerate(column.forms):
        (rows,) = (column.codes == code).nonzero()
        found[rows] -= _ahead(found[rows], form, calendar)
    return found


def _ahead(
    local: Array, form: InstantForm, calendar: Calendar, steps: Sequence[int] = _STEPS
) -> Array:
    """Return by how much local times are ahead of UTC.

    Zones are asked once for each day of the local clock, at its beginning and its end; where these
    differ, for each hour of that day, and where these differ, for each of its times.
    """
    numpy = _packages.needed("numpy")
    if not steps:
        return numpy.array([_offset(each, form, calendar) for each in local.tolist()])
    step, *smaller = steps
    places, numbers = _coding.distinct(local // step)
    begins, ends = (
        numpy.array([_offset(n * step + part, form, calendar) for n in numbers.tolist()], "int64")
        for part in (0, step - 1)
    )
    found = begins[places]
    (rows,) = (begins != ends)[places].nonzero()
    if len(rows):
        found[rows] = _ahead(local[rows], form, calendar, smaller)
    return found


def _offset(local: int, form: InstantForm, calendar: Calendar) -> int:
    at = datetime(1970, 1, 1) + timedelta(microseconds=local)  # noqa: DTZ001
    return local - micros(calendar._moment("at", at.replace(fold=form.fold)))  # noqa: SLF001
