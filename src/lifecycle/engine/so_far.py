"""What has happened before a customer is enrolled in mid-life."""

from collections.abc import Iterable
from datetime import datetime

import attrs

from lifecycle import _checks, _money
from lifecycle._values import call
from lifecycle.engine.events import Event
from lifecycle.errors import InvalidTypeError, InvalidValueError

__all__ = ["SoFar"]


def _count(value: int) -> int:
    return _checks.whole("so_far.count", value, least=0)


def _total(value: _checks.Number | None) -> _checks.Number | None:
    return None if value is None else _checks.number("so_far.total", value)


def _last(value: datetime | None) -> datetime | None:
    return None if value is None else _checks.instant("so_far.last", value)


def _recent(value: Iterable[Event]) -> tuple[Event, ...]:
    if isinstance(value, Event) or not isinstance(value, Iterable):
        raise InvalidTypeError("so_far.recent", value, "be an iterable of Event")
    found = [_checks.instance(f"so_far.recent[{i}]", event, Event) for i, event in enumerate(value)]
    for i, event in enumerate(found):
        _checks.same_kind(f"so_far.recent[{i}].at", event.at, "so_far.recent[0].at", found[0].at)
    return tuple(sorted(found, key=in_time))


def in_time(event: Event) -> tuple[datetime, bool, int, str]:
    """Return what events that have been counted are sorted by."""
    return event._instant, event.sequence is None, event.sequence or 0, event.name


@attrs.frozen(repr=False, weakref_slot=False)
class SoFar:
    """What has happened of one event before a customer was enrolled in mid-life.

    Args:
        count: How often it has happened, a whole number of at least 0.
        total: The sum of its values; None where none has had a value.
        last: When it happened last, from which `idle("purchase")` and `days_since` count; by
            default the last of `recent`, or unknown.
        valued: How many of them had a value, by which `mean` divides; by default all, or none
            where there is no total.
        recent: Those that windows (`within=`, `falls`) and conditions on events (`where=`)
            still look back to, in any order. They are among the `count`, and their values in
            the `total`.

    Raises:
        InvalidTypeError: A field is of another type.
        InvalidValueError: `count` is negative; there are more in `recent`, or in `valued`,
            than happened; a total without values; or `last` is before one of `recent`.
        MixedInstantsError: Some instants have a time zone and others none.
        MixedNumbersError: Some amounts are `Decimal` and others floats.

    Examples:
        >>> SoFar(12, 480, last=datetime(2025, 12, 20))
        SoFar(12, 480, last=datetime.datetime(2025, 12, 20, 0, 0))
    """

    count: int = attrs.field(converter=_count)
    total: _checks.Number | None = attrs.field(default=None, converter=_total)
    last: datetime | None = attrs.field(
        default=None, kw_only=True, converter=_last, eq=_checks.clock
    )
    valued: int = attrs.field(default=None, kw_only=True)
    recent: tuple[Event, ...] = attrs.field(default=(), kw_only=True, converter=_recent)

    def __attrs_post_init__(self) -> None:
        if self.valued is None:
            object.__setattr__(self, "valued", self._all_valued)
        if self.last is None:
            object.__setattr__(self, "last", self._last_recent)
        _check_counts(self)
        _check_amounts(self)
        _check_last(self)

    @property
    def _all_valued(self) -> int:
        return 0 if self.total is None else self.count

    @property
    def _last_recent(self) -> datetime | None:
        return self.recent[-1].at if self.recent else None

    def __repr__(self) -> str:
        return call(self, "count", "total", last=self._last_recent, valued=self._all_valued)


def _check_counts(told: SoFar) -> None:
    if len(told.recent) > told.count:
        expected = f"be among the {told.count} that count says"
        raise InvalidValueError("so_far.recent", told.recent, expected)
    least = sum(event.value is not None for event in told.recent)
    object.__setattr__(
        told, "valued", _checks.whole("so_far.valued", told.valued, least=least, most=told.count)
    )


def _check_amounts(told: SoFar) -> None:
    values = {f"so_far.recent[{i}].value": event.value for i, event in enumerate(told.recent)}
    amounts = {"so_far.total": told.total, **values}
    _money.converter({path: amount for path, amount in amounts.items() if amount is not None})
    if told.total is None and told.valued:
        raise InvalidValueError("so_far.total", None, f"be given where {told.valued} have a value")
    if told.total and not told.valued:
        raise InvalidValueError("so_far.total", told.total, "be left out where none has a value")


def _check_last(told: SoFar) -> None:
    if told.last is None:
        return
    if not told.count:
        raise InvalidValueError("so_far.last", told.last, "be left out where count is 0")
    for event in told.recent[-1:]:
        _checks.same_kind("so_far.last", told.last, "so_far.recent", event.at)
        if _checks.utc(told.last) < event._instant:
            expected = f"not be before the last of recent, {_checks.shown(event.at)}"
            raise InvalidValueError("so_far.last", told.last, expected)
