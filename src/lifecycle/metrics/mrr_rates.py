"""Rates of recurring revenue: net and gross retention, MRR and logo churn, quick ratio."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar, overload

import attrs

from lifecycle import _money
from lifecycle._checks import Number
from lifecycle._groups import Groups
from lifecycle._splits import By, by_group
from lifecycle._tables import OPEN, Column, Table, percent
from lifecycle._values import call
from lifecycle.errors import InvalidTypeError
from lifecycle.metrics._mrr_formulas import measure, ratio
from lifecycle.metrics._mrr_ledger import Mrr
from lifecycle.metrics.movements import MovementRow, movements
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Rate, Ratio

__all__ = [
    "MeasureRow",
    "MeasureTable",
    "Movements",
    "gross_mrr_churn",
    "gross_retention",
    "logo_churn",
    "net_mrr_churn",
    "net_retention",
    "quick_ratio",
]

Quotient = TypeVar("Quotient", Ratio, Rate)
OneRow = MovementRow | Mapping[str, Any]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class MeasureRow(Generic[Quotient]):
    """A measure of one period.

    Attributes:
        period: The start of the period, in the calendar's zone.
        so_far: The quotient with its parts, also of an open period.
        open: Whether the period goes on after the window.
    """

    period: datetime | None
    so_far: Quotient
    open: bool

    def __repr__(self) -> str:
        return call(self)

    @property
    def rate(self) -> Quotient | None:
        """The quotient; None while the period is open."""
        return None if self.open else self.so_far

    @property
    def value(self) -> Any:
        """Its value; None while the period is open, and where nothing is divided by."""
        return None if self.open else self.so_far.value


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class MeasureTable(Table[MeasureRow[Quotient]], Generic[Quotient]):
    """A measure, period by period.

    Attributes:
        measure: Which one, such as "net_retention".
        calendar: The periods.
        window: The time measured.
        periods: How many periods back each period is compared.
        rows: The periods, in order of time.
    """

    _named_by = ("period",)

    measure: str
    calendar: Calendar
    window: Window
    periods: int = 1
    rows: tuple[MeasureRow[Quotient], ...]

    def _columns(self) -> Sequence[Column]:
        show = None if self.measure == "quick_ratio" else percent
        return (
            Column("period", datetime, attrgetter("period")),
            Column("numerator", Number, attrgetter("so_far.numerator"), _money.shown),
            Column("denominator", Number, attrgetter("so_far.denominator"), _money.shown),
            Column("value", Number, attrgetter("value"), show),
            OPEN,
        )

    def _title(self) -> str:
        since = "" if self.periods == 1 else f", since {self.periods} {self.calendar.grain}s before"
        name = self.measure.replace("_", " ").capitalize()
        return f"{name} by {self.calendar.grain}{since}"


class Movements(Protocol):
    """The amounts of one period that MRR churn is read from, none below 0."""

    @property
    def start(self) -> Number:
        """The revenue at the start."""

    @property
    def expansion(self) -> Number:
        """By how much customers pay more."""

    @property
    def contraction(self) -> Number:
        """By how much customers pay less."""

    @property
    def churn(self) -> Number:
        """What lost customers paid."""

    @property
    def reactivation(self) -> Number:
        """What customers pay who came back."""


def _by_group(calculator: Callable[..., Any]) -> Callable[..., Any]:
    """Give a measure `by=`, where it is of rows."""
    split = by_group("mrr")(calculator)

    @functools.wraps(split)
    def measured(mrr: Any, *, by: By | None = None, **options: Any) -> Any:
        if isinstance(by, Mapping) and options.get("calendar") is None:
            raise InvalidTypeError("calendar", None, "be a Calendar, where `by` is given")
        return split(mrr, by=by, **options)

    return measured


@overload
def net_retention(mrr: OneRow) -> Ratio | None: ...


@overload
def net_retention(
    mrr: Mrr,
    *,
    calendar: Calendar,
    window: Window,
    periods: int = 1,
    floats: bool = False,
    by: None = None,
) -> MeasureTable[Ratio]: ...


@overload
def net_retention(
    mrr: Mrr, *, calendar: Calendar, window: Window, periods: int = 1, floats: bool = False, by: By
) -> Groups[MeasureTable[Ratio]]: ...


@_by_group
def net_retention(
    mrr: Any,
    *,
    calendar: Calendar | None = None,
    window: Window | None = None,
    periods: int = 1,
    floats: bool = False,
) -> Any:
    """Return net revenue retention: what customers at the start pay now, over what they paid.

    (start + expansion - contraction - churn) / start. New and reactivated customers are left
    out; above 1, those who stayed have grown by more than was lost.

    Args:
        mrr: Rows as `movements` takes them; or one row of its table, or anything with the
            fields or keys `start`, `expansion`, `contraction` and `churn`.
        calendar: The periods. Without it, `mrr` is one row.
        window: The periods that are shown.
        periods: How many periods back each is compared: 12 months give the measure of a
            year, month by month.
        floats: Whether amounts may be floats.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one table of all.

    Returns:
        A table with a `Ratio` for each period, None while it is open; of one row, its
        `Ratio`. The value is None where nothing is divided by. With `by`, such a
        table for each group.

    Raises:
        InvalidTypeError: An argument is missing, or is of another type, or a row is.
        InvalidValueError: As `movements`; or a field of the row is negative or not finite.
        MixedInstantsError: Some instants have a time zone, and others have none.
        MixedNumbersError: Some amounts are `Decimal`, and others float.

    Convention:
        Net revenue retention, or net dollar retention. Over 12 months here the customers of a
        year ago are looked up again today; others multiply twelve monthly rates, or add up
        twelve months of movements, which both count customers who were not there a year
        ago. Reactivation is not in it, other than in ChartMogul's `net_mrr_churn`.

    Examples:
        >>> mrr = [("ann", 2025, 30), ("bob", 2025, 10), ("ann", 2026, 36), ("cy", 2026, 20)]
        >>> rows = [(customer, date(year, 12, 1), amount) for customer, year, amount in mrr]
        >>> december = Window(date(2026, 12, 1), date(2027, 1, 1))
        >>> year = net_retention(rows, calendar=Calendar("month"), window=december, periods=12)
        >>> year.rows[0].rate
        Ratio(36, 40)
        >>> net_retention({"start": 100, "expansion": 25, "contraction": 5, "churn": 10})
        Ratio(110, 100)
    """
    return _of("net_retention", mrr, calendar, window, periods=periods, floats=floats)


@overload
def gross_retention(mrr: OneRow) -> Ratio | None: ...


@overload
def gross_retention(
    mrr: Mrr,
    *,
    calendar: Calendar,
    window: Window,
    periods: int = 1,
    floats: bool = False,
    by: None = None,
) -> MeasureTable[Ratio]: ...


@overload
def gross_retention(
    mrr: Mrr, *, calendar: Calendar, window: Window, periods: int = 1, floats: bool = False, by: By
) -> Groups[MeasureTable[Ratio]]: ...


@_by_group
def gross_retention(
    mrr: Any,
    *,
    calendar: Calendar | None = None,
    window: Window | None = None,
    periods: int = 1,
    floats: bool = False,
) -> Any:
    """Return gross revenue retention: the share of revenue kept, without expansion.

    (start - contraction - churn) / start: never above 1, nor above the net retention.

    Args:
        mrr: Rows as `movements` takes them; or one row of its table, or anything with the
            fields or keys `start`, `contraction` and `churn`.
        calendar: The periods. Without it, `mrr` is one row.
        window: The periods that are shown.
        periods: How many periods back each is compared: 12 months give the measure of a
            year, month by month.
        floats: Whether amounts may be floats.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one table of all.

    Returns:
        A table with a `Ratio` for each period, None while it is open; of one row, its
        `Ratio`. The value is None where nothing is divided by. With `by`, such a
        table for each group.

    Raises:
        InvalidTypeError: An argument is missing, or is of another type, or a row is.
        InvalidValueError: As `movements`; or a field of the row is negative or not finite.
        MixedInstantsError: Some instants have a time zone, and others have none.
        MixedNumbersError: Some amounts are `Decimal`, and others float.

    Convention:
        Over several periods each customer counts with the smaller of the two ends, so that
        what was lost and won again between them is not lost. Others add up the losses of
        all periods between, which never gives more.

    Examples:
        >>> gross_retention({"start": 100, "contraction": 5, "churn": 10})
        Ratio(85, 100)
    """
    return _of("gross_retention", mrr, calendar, window, periods=periods, floats=floats)


@overload
def logo_churn(mrr: OneRow) -> Rate | None: ...


@overload
def logo_churn(
    mrr: Mrr,
    *,
    calendar: Calendar,
    window: Window,
    periods: int = 1,
    floats: bool = False,
    by: None = None,
) -> MeasureTable[Rate]: ...


@overload
def logo_churn(
    mrr: Mrr, *, calendar: Calendar, window: Window, periods: int = 1, floats: bool = False, by: By
) -> Groups[MeasureTable[Rate]]: ...


@_by_group
def logo_churn(
    mrr: Any,
    *,
    calendar: Calendar | None = None,
    window: Window | None = None,
    periods: int = 1,
    floats: bool = False,
) -> Any:
    """Return the share of the customers at the start who no longer pay.

    Customers lost / customers at the start: each counts as one.

    Args:
        mrr: Rows as `movements` takes them; or one row of its table, or anything with the
            fields or keys `customers_start` and `customers_lost`.
        calendar: The periods. Without it, `mrr` is one row.
        window: The periods that are shown.
        periods: How many periods back each is compared: 12 months give the measure of a
            year, month by month.
        floats: Whether amounts may be floats.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one table of all.

    Returns:
        A table with a `Rate` for each period, None while it is open; of one row, its
        `Rate`. The value is None where nothing is divided by. With `by`, such a
        table for each group.

    Raises:
        InvalidTypeError: An argument is missing, or is of another type, or a row is.
        InvalidValueError: As `movements`; or a field of the row is negative or not finite.
        MixedInstantsError: Some instants have a time zone, and others have none.
        MixedNumbersError: Some amounts are `Decimal`, and others float.

    Convention:
        Customers who came and went within the period are in neither part. The churn rates
        of `retention.churn_rate` name the denominators of others.

    Examples:
        >>> logo_churn({"customers_start": 200, "customers_lost": 5}).value
        0.025
    """
    return _of("logo_churn", mrr, calendar, window, periods=periods, floats=floats)


@overload
def quick_ratio(mrr: OneRow) -> Ratio | None: ...


@overload
def quick_ratio(
    mrr: Mrr,
    *,
    calendar: Calendar,
    window: Window,
    periods: int = 1,
    floats: bool = False,
    by: None = None,
) -> MeasureTable[Ratio]: ...


@overload
def quick_ratio(
    mrr: Mrr, *, calendar: Calendar, window: Window, periods: int = 1, floats: bool = False, by: By
) -> Groups[MeasureTable[Ratio]]: ...


@_by_group
def quick_ratio(
    mrr: Any,
    *,
    calendar: Calendar | None = None,
    window: Window | None = None,
    periods: int = 1,
    floats: bool = False,
) -> Any:
    """Return the quick ratio: recurring revenue gained over that lost.

    (new + expansion + reactivation) / (contraction + churn). The value is None where nothing
    was lost.

    Args:
        mrr: Rows as `movements` takes them; or one row of its table, or anything with the
            fields or keys `new`, `expansion`, `reactivation`,
            `contraction` and `churn`.
        calendar: The periods. Without it, `mrr` is one row.
        window: The periods that are shown.
        periods: How many periods back each is compared: 12 months give the measure of a
            year, month by month.
        floats: Whether amounts may be floats.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one table of all.

    Returns:
        A table with a `Ratio` for each period, None while it is open; of one row, its
        `Ratio`. The value is None where nothing is divided by. With `by`, such a
        table for each group.

    Raises:
        InvalidTypeError: An argument is missing, or is of another type, or a row is.
        InvalidValueError: As `movements`; or a field of the row is negative or not finite.
        MixedInstantsError: Some instants have a time zone, and others have none.
        MixedNumbersError: Some amounts are `Decimal`, and others float.

    Convention:
        The SaaS quick ratio of Mamoon Hamid, who calls 4 good. Reactivation counts as gained;
        Baremetrics leaves it out.

    Examples:
        >>> gained = {"new": 50, "expansion": 20, "reactivation": 10}
        >>> quick_ratio({**gained, "contraction": 5, "churn": 15}).value
        4.0
    """
    return _of("quick_ratio", mrr, calendar, window, periods=periods, floats=floats)


def net_mrr_churn(row: Movements | Mapping[str, Any]) -> Ratio | None:
    """Return the share of the revenue at the start that was lost, net of expansion.

    (churn + contraction - expansion - reactivation) / start.

    Args:
        row: A row of `movements`, or anything with its fields or keys `start`, `churn`,
            `contraction`, `expansion` and `reactivation`, none of them below 0.

    Returns:
        The quotient, below 0 where more was gained than lost; None while the row is open.
        Its value is None where the start is 0.

    Raises:
        InvalidTypeError: A field is missing, or is not a number.
        InvalidValueError: A field is negative or not finite.
        MixedNumbersError: One field is a `Decimal`, and another a float.

    Convention:
        ChartMogul's net MRR churn rate, which nets reactivation. `net_retention` leaves it
        out, so that the two need not sum to 1. Baremetrics nets expansion only.

    References:
        ChartMogul, help article 203359341, Net MRR churn rate.

    Examples:
        >>> lost, won = {"churn": 10, "contraction": 10}, {"expansion": 10, "reactivation": 0}
        >>> net_mrr_churn({"start": 100, **lost, **won}).value
        0.1
    """
    return ratio("net_mrr_churn", row)


def gross_mrr_churn(row: Movements | Mapping[str, Any]) -> Ratio | None:
    """Return the share of the revenue at the start that was lost, before expansion.

    (churn + contraction) / start.

    Args:
        row: A row of `movements`, or anything with its fields or keys `start`, `churn` and
            `contraction`, none of them below 0.

    Returns:
        The quotient; None while the row is open. Its value is None where the start is 0.

    Raises:
        InvalidTypeError: A field is missing, or is not a number.
        InvalidValueError: A field is negative or not finite.
        MixedNumbersError: One field is a `Decimal`, and another a float.

    Convention:
        ChartMogul's gross MRR churn rate. With `same_period`, what was added and lost within the
        period is in the churn and not in the start, so the rate can exceed 1;
        `gross_retention` leaves that out, and without it the two sum to 1.

    Examples:
        >>> gross_mrr_churn({"start": 100, "churn": 10, "contraction": 10}).value
        0.2
    """
    return ratio("gross_mrr_churn", row)


def _of(name: str, mrr: Any, calendar: Any, window: Any, **options: Any) -> Any:
    """Return a measure of one row, or of each row of the movements."""
    if calendar is None and window is None:
        if isinstance(mrr, Sequence | Iterator) and not hasattr(mrr, "start"):
            raise InvalidTypeError("calendar", calendar, "be a Calendar, where `mrr` is rows")
        if options != {"periods": 1, "floats": False}:
            expected = "be a Calendar, where `periods` or `floats` is given"
            raise InvalidTypeError("calendar", calendar, expected)
        return measure(name, mrr)
    table = movements(mrr, calendar=calendar, window=window, **options)
    rows = tuple(
        MeasureRow(
            period=row.period,
            so_far=measure(name, attrs.evolve(row, open=False)),
            open=row.open,
        )
        for row in table.rows
    )
    return MeasureTable(
        measure=name, calendar=calendar, window=window, periods=table.periods, rows=rows
    )
