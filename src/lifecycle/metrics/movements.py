"""Movements of recurring revenue: new, expansion, contraction, churn and reactivation."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any, overload

import attrs

from lifecycle import _checks, _money
from lifecycle._activity import Id
from lifecycle._checks import NO_ATTRIBUTES, Attributes, Number
from lifecycle._groups import Groups
from lifecycle._splits import By, by_group
from lifecycle._tables import OPEN, Column, Table
from lifecycle._values import call
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics._movement_counts import UNKNOWN, Tally, tallies
from lifecycle.metrics._mrr_formulas import MEASURES, NOT_NEGATIVE, measure, ratio
from lifecycle.metrics._mrr_ledger import Ledger, Mrr
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Rate, Ratio

__all__ = ["MovementRow", "MovementTable", "movements"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class MovementRow:
    """The movements of one period, none of which is below 0.

    end = start + new + expansion + reactivation - contraction - churn. Make a row yourself
    to measure figures that come from elsewhere: every field may be left out.

    Attributes:
        period: The start of the period, in the calendar's zone; None where it is not known.
        start: The revenue of the period it is compared with, the one before.
        new: What customers pay who never paid before.
        expansion: By how much customers pay more.
        contraction: By how much customers pay less who still pay.
        churn: What lost customers paid.
        reactivation: What customers pay who did not pay at the start, and had before.
        same_period: The part of `churn`, and of `new` and `reactivation`, of customers who
            came and left within the period.
        churn_by: The churn by reason, where reasons are given; it sums to `churn`.
        customers_start: How many customers paid at the start.
        customers_new: How many are new.
        customers_reactivated: How many came back.
        customers_lost: How many no longer pay.
        customers_same_period: How many came and left within the period; they are among those
            new or reactivated, and among those lost.
        lost_by: The customers lost by reason, where reasons are given.
        open: Whether the period goes on after the window: the amounts are so far, and who
            has no row yet counts as lost.

    Raises:
        InvalidTypeError: An amount is not a number, or a count is not whole.
        InvalidValueError: An amount or a count is negative, or not finite.
        MixedNumbersError: Some amounts are `Decimal`, and others float.
    """

    period: datetime | None = None
    start: Number = 0
    new: Number = 0
    expansion: Number = 0
    contraction: Number = 0
    churn: Number = 0
    reactivation: Number = 0
    same_period: Number = 0
    churn_by: Mapping[str, Any] = NO_ATTRIBUTES
    customers_start: int = 0
    customers_new: int = 0
    customers_reactivated: int = 0
    customers_lost: int = 0
    customers_same_period: int = 0
    lost_by: Mapping[str, Any] = NO_ATTRIBUTES
    open: bool = False

    def __attrs_post_init__(self) -> None:
        money = {name: getattr(self, name) for name in (*_MONEY[:-1], "same_period")}
        _money.converter(money)
        for name, amount in money.items():
            if amount < 0:
                raise InvalidValueError(name, amount, NOT_NEGATIVE)
        for name in _COUNTS[:-1]:
            _checks.whole(f"customers_{name}", getattr(self, f"customers_{name}"), least=0)

    def __repr__(self) -> str:
        return call(self)

    @property
    def end(self) -> Number:
        """The revenue of the period."""
        gains = (self.start, self.new, self.expansion, self.reactivation)
        return _money.added(*gains, less=(self.contraction, self.churn))

    @property
    def net_new(self) -> Number:
        """By how much the revenue grew: the end less the start; below 0 where it fell."""
        return _money.added(self.end, less=[self.start])

    @property
    def customers_end(self) -> int:
        """How many customers pay in the period."""
        gained = self.customers_new + self.customers_reactivated
        return self.customers_start + gained - self.customers_lost

    @property
    def net_retention(self) -> Ratio | None:
        """What the customers of the start pay now, of what they paid; None while open."""
        return ratio("net_retention", self)

    @property
    def gross_retention(self) -> Ratio | None:
        """The same without expansion, so at most 1; None while open."""
        return ratio("gross_retention", self)

    @property
    def logo_churn(self) -> Rate | None:
        """The share of the customers of the start who no longer pay; None while open."""
        found: Rate | None = measure("logo_churn", self)
        return found

    @property
    def quick_ratio(self) -> Ratio | None:
        """What was gained for each unit that was lost; None while open."""
        return ratio("quick_ratio", self)


# A customer pays s in the period that a period is compared with, and t in this one. The pair
# says what the customer's movement is, and each customer has one at most:
#
#     s           t              movement        amount
#     0           above 0        new             t         if nothing was ever paid before
#     0           above 0        reactivation    t         if something was
#     above 0     above s        expansion       t - s
#     above 0     0 < t < s      contraction     s - t
#     above 0     0              churn           s
#
# A gain is t - s and a loss s - t, so summed over the customers
# end - start = (new + reactivation + expansion) - (contraction + churn), to the last digit:
# amounts are added exactly. A customer who comes and leaves within the period has s = t = 0;
# counted as same_period, such an amount is once a gain and once a loss, which leaves the
# equation as it is.
_MONEY = ("start", "new", "expansion", "reactivation", "contraction", "churn", "end")
_COUNTS = ("start", "new", "reactivated", "lost", "same_period", "end")


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class MovementTable(Table[MovementRow]):
    """The movements of recurring revenue, period by period.

    As text and as HTML it shows the money, with two digits, or whole where it is whole
    numbers, such as cents; `to_rows` has the counts of customers and the measures too.

    Attributes:
        calendar: The periods.
        window: The time measured.
        periods: How many periods back each period is compared.
        currency: The currency of the rows; None where they have none.
        reasons: The reasons for which customers were lost, "unknown" last; empty where none
            are given.
        rows: The periods, in order of time.
    """

    _named_by = ("period",)

    calendar: Calendar
    window: Window
    periods: int = 1
    currency: str | None = None
    reasons: tuple[str, ...] = ()
    rows: tuple[MovementRow, ...]

    def _columns(self) -> Sequence[Column]:
        return (
            Column("period", datetime, attrgetter("period")),
            *(Column(name, Number, attrgetter(name), _money.shown) for name in _MONEY[:-1]),
            *(
                Column(f"churn: {reason}", Number, partial(_churn_by, reason), _money.shown)
                for reason in self.reasons
            ),
            Column("end", Number, attrgetter("end"), _money.shown),
            OPEN,
            *(column._replace(aside=True) for column in self._more()),
        )

    def _more(self) -> Iterator[Column]:
        """Give the columns for which there is no room: the customers, and the measures."""
        yield Column("same_period", Number, attrgetter("same_period"))
        for name in (f"customers_{count}" for count in _COUNTS):
            yield Column(name, int, attrgetter(name))
        for reason in self.reasons:
            yield Column(f"customers_lost: {reason}", int, partial(_lost_by, reason))
        for name in MEASURES:
            yield Column(name, Number, partial(_measured, name))

    def _title(self) -> str:
        since = "" if self.periods == 1 else f", since {self.periods} {self.calendar.grain}s before"
        unit = "" if self.currency is None else f", in {self.currency}"
        return f"Recurring revenue by {self.calendar.grain}{since}{unit}"


def _churn_by(reason: str, row: MovementRow) -> Any:
    return row.churn_by[reason]


def _lost_by(reason: str, row: MovementRow) -> Any:
    return row.lost_by[reason]


def _measured(name: str, row: MovementRow) -> Any:
    return None if row.open else measure(name, row).value


@overload
def movements(
    mrr: Mrr,
    *,
    calendar: Calendar,
    window: Window,
    periods: int = 1,
    same_period: Mrr = (),
    reasons: Mapping[Id, str] | None = None,
    floats: bool = False,
    by: None = None,
) -> MovementTable: ...
@overload
def movements(
    mrr: Mrr,
    *,
    calendar: Calendar,
    window: Window,
    periods: int = 1,
    same_period: Mrr = (),
    reasons: Mapping[Id, str] | None = None,
    floats: bool = False,
    by: By,
) -> Groups[MovementTable]: ...
@by_group("mrr", "same_period")
def movements(  # noqa: PLR0913  (each is a choice that tools make for their users)
    mrr: Mrr,
    *,
    calendar: Calendar,
    window: Window,
    periods: int = 1,
    same_period: Mrr = (),
    reasons: Mapping[Id, str] | None = None,
    floats: bool = False,
) -> MovementTable:
    """Split the change of recurring revenue in each period into its movements.

    Args:
        mrr: (customer, at, amount) rows in any order, or (customer, at, amount, currency):
            what a customer pays in the period of `at`, such as the monthly
            amount of each subscription. Those of one customer and period are added first.
            A customer without a row in a period pays 0 there. A naive instant and a date
            are local times of the calendar's zone.
        calendar: The periods.
        window: The periods that are shown. Rows before it are read, to know what was paid at
            the start, who is new and who comes back; rows at or after its end are ignored.
        periods: How many periods back a period is compared; 1 or more. With 12 and months,
            the start of December is what was paid in the December before.
        same_period: Rows of customers who came and left within one period, who pay at no
            period's end. They are counted as new (or as reactivation) and as churn of their
            period, and a customer is new only once. Only with `periods` of 1.
        reasons: Why customers were lost, by customer, such as "voluntary" or
            "failed payment": splits the churn. One reason holds whenever the customer is
            lost; who has none is lost for the reason "unknown".
        floats: Whether amounts may be floats.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one table of all.

    Returns:
        A row for each period of the window, also for one in which nobody pays; the last is
        marked open where the window ends before it does. Amounts are of the kind given. With
        `by`, such a table for each group.

    Raises:
        InvalidTypeError: An argument, or a row of one, is of another type; or an amount is
            a float, without `floats`.
        InvalidValueError: The window begins within a period; an amount is negative or not
            finite; rows have two currencies; `periods` is below 1; or `same_period` has a
            customer who pays at an end of the period, or is given with `periods` above 1.
        MixedInstantsError: Some instants have a time zone, and others have none.
        MixedNumbersError: Some amounts are `Decimal`, and others float.

    Convention:
        A customer is who pays more than 0. Movements are between the ends of periods, so
        that up and down again within one is not a movement; ChartMogul adds up every change.
        Coming back is reactivation however long the customer was away; Maxio counts it as
        new after 90 days, and Chargebee as expansion. ProfitWell leaves out new business and
        churn in the same month, which is the default here; Stripe, Maxio and Recharge count
        it in new and in churn, which `same_period` does.
        Over several periods the two ends are compared, customer by customer; the movements
        of the periods between them sum to the same net change, with no less gained or lost.

    Examples:
        >>> from lifecycle.periods import Calendar, Window
        >>> mrr = [
        ...     ("ann", date(2026, 1, 1), Decimal("30.00")),
        ...     ("ann", date(2026, 2, 1), Decimal("50.00")),
        ...     ("bob", date(2026, 1, 1), Decimal("10.00")),
        ...     ("bob", date(2026, 3, 1), Decimal("10.00")),
        ... ]
        >>> spring = Window(date(2026, 1, 1), date(2026, 4, 1))
        >>> print(movements(mrr, calendar=Calendar("month"), window=spring))
        Recurring revenue by month
        period      start    new  expansion  reactivation  contraction  churn    end  open
        2026-01-01   0.00  40.00       0.00          0.00         0.00   0.00  40.00
        2026-02-01  40.00   0.00      20.00          0.00         0.00  10.00  50.00
        2026-03-01  50.00   0.00       0.00         10.00         0.00  50.00  10.00
    """
    back = _checks.whole("periods", periods, least=1)
    ledger = Ledger(
        mrr, calendar=calendar, window=window, floats=floats, history=back, same_period=same_period
    )
    if ledger.same_period and back > 1:
        raise InvalidValueError(
            "same_period", len(ledger.same_period), "be empty where periods is above 1"
        )
    why = _reasons(reasons, ledger)
    known = () if reasons is None else (*sorted({*why.values()} - {UNKNOWN}), UNKNOWN)
    return MovementTable(
        calendar=calendar,
        window=window,
        periods=back,
        currency=ledger.currency,
        reasons=known,
        rows=tuple(_rows(ledger, tallies(ledger, back, why), known)),
    )


def _reasons(reasons: Mapping[Id, str] | None, ledger: Ledger) -> dict[int, str]:
    """Return why customers were lost, by their numbers in the ledger."""
    if reasons is None:
        return {}
    if not isinstance(reasons, Mapping):
        raise InvalidTypeError("reasons", reasons, "be a mapping of customers to reasons")
    named = {
        _checks.identifier("reasons key", customer): _checks.name(f"reasons[{customer!r}]", reason)
        for customer, reason in reasons.items()
    }
    codes = ledger.codes()
    return {codes[id_]: reason for id_, reason in named.items() if id_ in codes}


def _rows(
    ledger: Ledger, tallies: Mapping[int, Tally], known: Sequence[str]
) -> Iterator[MovementRow]:
    give, grid = ledger.give, ledger.grid
    for number, (start, tally) in enumerate(zip(grid, tallies.values(), strict=True)):
        yield MovementRow(
            period=start,
            **{name: give(tally[name]) for name in (*_MONEY[:-1], "same_period")},
            **{f"customers_{name}": tally[f"customers_{name}"] for name in _COUNTS[:-1]},
            churn_by=Attributes({reason: give(tally["churn", reason]) for reason in known}),
            lost_by=Attributes({reason: tally["customers_lost", reason] for reason in known}),
            open=number >= grid.closed,
        )
