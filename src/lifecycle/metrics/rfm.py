"""Recency, frequency and monetary value: the customer base in three numbers, scored and cut.

Orders are read day by day: their day is that of the zone, and the time from one day to another
is a whole number of days. What depends on an order of rows does not exist here: sums of floats
are rounded once, ties share a score, and results are sorted by customer.
"""

import math
import operator
from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, compress, pairwise, product
from typing import Any, NamedTuple, TypeVar

import attrs

from lifecycle import _checks, _inputs, _money
from lifecycle._activity import End, Id, Instant, Reader
from lifecycle._checks import Number
from lifecycle._tables import Column, Table, percent
from lifecycle._values import call
from lifecycle.errors import EmptySampleError, InvalidTypeError, InvalidValueError
from lifecycle.periods import DAYS, Calendar, Window
from lifecycle.rates import Rate, Ratio

__all__ = [
    "ConcentrationTable",
    "CustomerScores",
    "CustomerSummary",
    "Edges",
    "LorenzPoint",
    "ScoreTable",
    "Segment",
    "SegmentRule",
    "SegmentTable",
    "SummaryTable",
    "concentration",
    "scores",
    "segments",
    "summary",
]

Orders = Iterable[tuple[Id, Instant, Number]]
_DaysAndAmounts = list[Any]
"""The orders of one customer, flat: day, amount, day, amount, ..."""
ScoreCell = tuple[int, ...]
Claims = Mapping[ScoreCell, Sequence[int]]

# What is added to an edge, and how many edges lie below a value: R's `rfm` takes those that
# the value equals for below it.
_METHODS: dict[str, tuple[int, Callable[[Sequence[Any], Any], int]]] = {
    "quantile": (0, bisect_left),
    "r": (1, bisect_right),
}

_MOST_BINS = 100
"""Scores as fine as percentiles."""

_MEASURES = ("recency", "frequency", "monetary")
_OVERLAPS = ("raise", "first")

_EPOCH = date(1970, 1, 1).toordinal()
"""The day of period 0, as a date counts its days."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class CustomerSummary:
    """What the customer-base models need to know of one customer.

    Attributes:
        customer: The id.
        frequency: Repeat purchases: days with an order, less the first.
        recency: From the first order's day to the last one's, in the summary's unit.
        age: From the first order's day to the day the summary ends, in the unit; T.
        monetary: The mean amount of the repeat days; None without a repeat.
        holdout_frequency: Days with an order in the holdout.
        holdout_duration: The length of the holdout, in the unit; the same for everyone.
        holdout_monetary: The mean amount of the holdout's days; None without one.
        unit: The unit of recency, age and the holdout's duration; None where it is not known.
            Two rows are equal by their figures.
    """

    customer: Id
    frequency: int
    recency: float
    age: float
    monetary: Number | None
    holdout_frequency: int | None = None
    holdout_duration: float | None = None
    holdout_monetary: Number | None = None
    unit: str | None = attrs.field(default=None, eq=False)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class SummaryTable(Table[CustomerSummary]):
    """The customers of a log of orders, one row for each, sorted by id.

    Attributes:
        rows: A `CustomerSummary` for each customer.
        unit: The unit of recency, age and the holdout's duration.
        until: Up to when the orders were read.
        calibration_until: Up to when orders are of the calibration; the holdout follows. None
            without a holdout.
    """

    _named_by = ("customer",)

    rows: tuple[CustomerSummary, ...]
    unit: str
    until: Instant
    calibration_until: Instant | None = None

    def _near(self, sought: Mapping[str, Any]) -> Sequence[CustomerSummary]:
        return _of_customer(self.rows, sought["customer"])

    def _columns(self) -> Sequence[Column]:
        fields = [field.name for field in attrs.fields(CustomerSummary) if field.name != "unit"]
        unit = Column("unit", lambda _: self.unit, aside=True)  # which the title has
        shown = [
            name
            for name in fields
            if self.calibration_until is not None or not name.startswith("holdout")
        ]
        times, others = map(_column, shown[1:4]), map(_column, shown[4:])
        return [_customer_column(), *times, unit, *others]

    def _title(self) -> str:
        return f"RFM summary, time in {self.unit}s"


def summary(
    transactions: Orders,
    *,
    until: Instant,
    unit: str = "week",
    calibration_until: Instant | None = None,
    zone: str | tzinfo = "UTC",
) -> SummaryTable:
    """Summarize each customer's orders as the customer-base models need them.

    Orders of one day are one purchase, whose amount is their sum. With `calibration_until`, the
    summary is of the orders up to it, and the orders after it are the holdout, against which
    a model's forecast can be held.

    Args:
        transactions: (customer, at, amount) rows, in any order, any number for each customer;
            `at` is a date or a datetime, the amount money of 0 or more.
        until: Up to and including when orders count: a date for that whole day, or an instant.
            Later rows are ignored.
        unit: The unit of time: "day", "week", "month", "quarter" or "year".
        calibration_until: Up to and including when orders are of the calibration, before
            `until`. Customers who first buy later are left out.
        zone: The time zone, by name or as a `tzinfo`, that says on which day an order is, and
            in which naive datetimes are local times.

    Returns:
        One row for each customer, sorted by id (whole numbers first).

    Raises:
        InvalidTypeError: A row or an argument is of another type.
        InvalidValueError: A row has not three parts, an amount is negative or not finite, or
            `calibration_until` is not before `until`.
        MixedInstantsError: Some instants have a time zone, and others have none.
        MixedNumbersError: Some amounts are `Decimal`, and others float.
        UnknownNameError: `unit` is not one of those accepted.

    Convention:
        Exact days divided by 7 for a week, 365.2425 / 12 for a month, 365.2425 / 4 for a
        quarter, 365.2425 for a year. `lifetimes` with `freq="W"` counts calendar weeks
        instead (its `freq="D", freq_multiplier=7` is the week of this function), and gives a
        monetary value of 0 where here it is None. Its holdout value is the mean over orders;
        here it is the mean over days, as in the calibration, so that
        `holdout_frequency * holdout_monetary` is what the customer spent.

    References:
        Fader, P. S. & Hardie, B. G. S. (2005). A note on implementing the Pareto/NBD model in
        MATLAB: x, t_x and T of a customer.

    Examples:
        >>> orders = [
        ...     ("ann", date(2026, 1, 1), 20.0),
        ...     ("ann", date(2026, 1, 15), 30.0),
        ...     ("ann", date(2026, 1, 15), 10.0),
        ...     ("bob", date(2026, 1, 8), 15.0),
        ... ]
        >>> print(summary(orders, until=date(2026, 1, 29)))
        RFM summary, time in weeks
        customer  frequency  recency  age  monetary
        ann               1        2    4        40
        bob               0        0    3
    """
    days = DAYS[_checks.choice("unit", unit, DAYS)]
    log = _OrderLog("transactions", transactions, Calendar("day", zone))
    end = log.end("until", until)
    split = end if calibration_until is None else log.end("calibration_until", calibration_until)
    if calibration_until is not None and split >= end:
        raise InvalidValueError("calibration_until", calibration_until, f"be before until, {until}")
    rows = [
        CustomerSummary(customer=customer, unit=unit, **_calibration(book, split.day, days))
        for customer, book in _sorted(log.books(until=split))
    ]
    if split is not end:
        later = log.books(after=split, until=end)
        length = (end.day - split.day) / days
        rows = [attrs.evolve(row, **_holdout(later.get(row.customer, []), length)) for row in rows]
    return SummaryTable(
        rows=tuple(rows), unit=unit, until=until, calibration_until=calibration_until
    )


@attrs.frozen(kw_only=True, weakref_slot=False)
class CustomerScores:
    """The three measures of one customer, and their scores from 1 to the number of bins.

    Attributes:
        customer: The id.
        recency: Days from the last order to the day of `until`.
        frequency: The number of orders.
        monetary: The sum of their amounts.
        recency_score: Highest for the most recent.
        frequency_score: Highest for the most orders.
        monetary_score: Highest for the most money.
    """

    customer: Id
    recency: int
    frequency: int
    monetary: Number
    recency_score: int
    frequency_score: int
    monetary_score: int

    @property
    def cell(self) -> tuple[int, int, int]:
        """The scores of recency, frequency and monetary value, in this order."""
        return self.recency_score, self.frequency_score, self.monetary_score


@attrs.frozen(kw_only=True, weakref_slot=False)
class Edges:
    """Where the scores of each measure change, ascending: one edge fewer than there are bins.

    Attributes:
        recency: Edges in days.
        frequency: Edges in orders.
        monetary: Edges in money.
    """

    recency: tuple[Number, ...]
    frequency: tuple[Number, ...]
    monetary: tuple[Number, ...]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class ScoreTable(Table[CustomerScores]):
    """The scores of the customers, one row for each, sorted by id.

    Attributes:
        rows: A `CustomerScores` for each customer.
        edges: Where the scores change.
        bins: The highest score.
        until: Up to when the orders were read; recency is counted from this day.
        method: How the edges were found and are used: "quantile" or "r".
    """

    _named_by = ("customer",)

    rows: tuple[CustomerScores, ...]
    edges: Edges
    bins: int
    until: Instant
    method: str

    def _near(self, sought: Mapping[str, Any]) -> Sequence[CustomerScores]:
        return _of_customer(self.rows, sought["customer"])

    def _columns(self) -> Sequence[Column]:
        _, *names = (field.name for field in attrs.fields(CustomerScores))
        return [_customer_column(), *map(_column, names)]

    def _title(self) -> str:
        return f"RFM scores, from 1 to {self.bins}"


def scores(
    orders: Orders,
    *,
    until: Instant,
    bins: int = 5,
    method: str = "quantile",
    zone: str | tzinfo = "UTC",
) -> ScoreTable:
    """Score each customer by how recently, how often and for how much they ordered.

    The edges of k bins are the quantiles 1/k, ..., (k - 1)/k over the customers. A customer's
    score is 1 plus the number of edges below the measure, so that equal customers score alike;
    the score of recency is reversed, so that the most recent score highest.

    Args:
        orders: (customer, at, amount) rows, in any order, any number for each customer; `at`
            is a date or a datetime, the amount money of 0 or more.
        until: Up to and including when orders count, the day from which recency is counted:
            a date for its whole day, or an instant. Later rows are ignored.
        bins: The number of scores, 1 to 100; the bins hold equal numbers of customers only
            as far as ties allow.
        method: How the edges are found: "quantile", or "r" to score as R's `rfm` does.
        zone: The time zone, by name or as a `tzinfo`, that says on which day an order is, and
            in which naive datetimes are local times.

    Returns:
        One row for each customer, sorted by id (whole numbers first).

    Raises:
        InvalidTypeError: A row or an argument is of another type.
        InvalidValueError: A row has not three parts, an amount is negative or not finite, or
            `bins` is outside 1 to 100.
        MixedInstantsError: Some instants have a time zone, and others have none.
        MixedNumbersError: Some amounts are `Decimal`, and others float.
        UnknownNameError: `method` is not one of those accepted.

    Convention:
        Quantiles of type 7, the default of R, numpy and pandas. R's `rfm` adds 1 to each edge
        and takes a value that equals it for above: the same for whole numbers, but money scores
        one currency unit later. `pandas.qcut` and SQL's `NTILE` cut ranks into equal bins,
        which gives customers with the same measure different scores, by the order of the rows.

    References:
        Hyndman, R. J. & Fan, Y. (1996). Sample quantiles in statistical packages. The American
        Statistician 50:361-365, definition 7.

    Examples:
        >>> orders = [(i, date(2026, 1, i), 10.0 * i) for i in range(1, 6)]
        >>> [row.cell for row in scores(orders, until=date(2026, 1, 31)).rows]
        [(1, 1, 1), (2, 1, 2), (3, 1, 3), (4, 1, 4), (5, 1, 5)]
    """
    bins = _checks.whole("bins", bins, least=1, most=_MOST_BINS)
    shift, below = _METHODS[_checks.choice("method", method, _METHODS)]
    log = _OrderLog("orders", orders, Calendar("day", zone))
    end = log.end("until", until)
    measures = {
        customer: _measures(book, end.day) for customer, book in _sorted(log.books(until=end))
    }
    cuts = {
        name: _edges([values[name] for values in measures.values()], bins, shift)
        for name in _MEASURES
    }
    rows = []
    for customer, values in measures.items():
        ranks = {f"{name}_score": 1 + below(cuts[name], values[name]) for name in _MEASURES}
        ranks["recency_score"] = bins + 1 - ranks["recency_score"]
        rows.append(CustomerScores(customer=customer, **values, **ranks))
    return ScoreTable(rows=tuple(rows), edges=Edges(**cuts), bins=bins, until=until, method=method)


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class SegmentRule:
    """Which scores make a segment: from which to which, for each measure.

    Several rules can name one segment.

    Args:
        name: The segment.
        recency: The lowest and the highest score of recency, both included; None for all.
        frequency: The same for frequency.
        monetary: The same for monetary value.

    Raises:
        InvalidTypeError: A range is no pair of whole numbers.
        InvalidValueError: `name` is blank, or a range begins below 1 or ends before it begins.

    Examples:
        >>> SegmentRule("Champions", recency=(4, 5), frequency=(4, 5))
        SegmentRule('Champions', recency=(4, 5), frequency=(4, 5))
    """

    name: str
    recency: tuple[int, int] | None = None
    frequency: tuple[int, int] | None = None
    monetary: tuple[int, int] | None = None

    def __init__(
        self,
        name: str,
        *,
        recency: tuple[int, int] | None = None,
        frequency: tuple[int, int] | None = None,
        monetary: tuple[int, int] | None = None,
    ) -> None:
        self.__attrs_init__(
            name=_checks.name("name", name),
            recency=_range("recency", recency),
            frequency=_range("frequency", frequency),
            monetary=_range("monetary", monetary),
        )

    def __repr__(self) -> str:
        return call(self, "name")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Segment:
    """How large a segment is.

    Attributes:
        name: Its name.
        customers: How many customers are in it.
        share: Their share of all customers.
        monetary: What they spent together.
    """

    name: str
    customers: int
    share: Rate
    monetary: Number


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class SegmentTable(Table[Segment]):
    """Customers cut into segments.

    Attributes:
        rows: A `Segment` for each name, in the order of the rules; `otherwise` comes last.
        members: (customer, segment) pairs, sorted by customer; `dict(members)` looks one up.
    """

    _named_by = ("segment",)

    rows: tuple[Segment, ...]
    members: tuple[tuple[Id, str], ...]

    def _columns(self) -> Sequence[Column]:
        share = Column("share", lambda row: row.share.value, percent, lambda row: row.share.value)
        name = Column("segment", operator.attrgetter("name"))
        return [name, _column("customers"), share, _column("monetary")]

    def _title(self) -> str:
        return "Segments of customers"


def segments(
    scores: ScoreTable,
    *,
    rules: Iterable[SegmentRule],
    overlap: str = "raise",
    otherwise: str | None = None,
) -> SegmentTable:
    """Put each customer into a segment by the three scores.

    All combinations of scores (cells) are checked, not only those of the customers, so rules
    that are accepted today do not fail on next month's customers.

    Args:
        scores: The scores, as `scores` returns them.
        rules: Which scores make which segment.
        overlap: What to do where rules of different segments share cells: "raise", or "first"
            to take the first one in the order of `rules`.
        otherwise: The segment of the scores that no rule covers; None to raise where there
            are such scores.

    Returns:
        One row for each segment, empty ones included, and each customer's segment.

    Raises:
        InvalidTypeError: `scores` or a rule is something else.
        InvalidValueError: A rule goes beyond the scores, or earlier rules cover all of its
            cells; rules overlap and `overlap` is "raise"; or no rule covers some cells and
            `otherwise` is None.
        UnknownNameError: `overlap` is not one of those accepted.

    Convention:
        R's `rfm_segment` takes the first rule in the order of the list, and "Others" where
        there is none: `overlap="first", otherwise="Others"`. The rules that its guide prints
        overlap in 58 of the 125 cells, so their order decides.

    Examples:
        >>> orders = [(i, date(2026, 1, i), 10.0 * i) for i in range(1, 6)]
        >>> recent = segments(
        ...     scores(orders, until=date(2026, 1, 31)),
        ...     rules=[
        ...         SegmentRule("recent", recency=(4, 5)),
        ...         SegmentRule("at risk", recency=(1, 3)),
        ...     ],
        ... )
        >>> print(recent)
        Segments of customers
        segment  customers  share  monetary
        recent           2  40.0%        90
        at risk          3  60.0%        60
    """
    if not isinstance(scores, ScoreTable):
        raise InvalidTypeError("scores", scores, "be what rfm.scores returns")
    overlap = _checks.choice("overlap", overlap, _OVERLAPS)
    rest = None if otherwise is None else _checks.name("otherwise", otherwise)
    given = _rules(rules, scores.bins)
    cuts = _cuts(given, scores.bins)
    plan = _plan(given, scores.bins, cuts, overlap, rest)
    segment_of = [plan[_block(cuts, row.cell)] for row in scores.rows]
    spent: dict[str, list[Number]] = {
        name: [] for name in (*(rule.name for rule in given), *plan.values())
    }
    for row, segment in zip(scores.rows, segment_of, strict=True):
        spent[segment].append(row.monetary)
    everyone = len(scores.rows)
    nothing = 0 * scores.rows[0].monetary if scores.rows else 0
    rows = (
        Segment(
            name=name,
            customers=len(amounts),
            share=Rate(len(amounts), everyone),
            monetary=_total([nothing, *amounts]),
        )
        for name, amounts in spent.items()
    )
    customers = (row.customer for row in scores.rows)
    return SegmentTable(rows=tuple(rows), members=tuple(zip(customers, segment_of, strict=True)))


class LorenzPoint(NamedTuple):
    """One point of a Lorenz curve: the customers with least, and what they have together.

    Attributes:
        customers: The share of the customers, 0 to 1.
        value: Their share of the value, 0 to 1.
    """

    customers: float
    value: float


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class ConcentrationTable(Table[LorenzPoint]):
    """How unequally a value is spread over customers: the points of the Lorenz curve.

    Attributes:
        top: The share of customers that counts as the top, 0 to 1.
        share: What the top has, of what all have; `share.value` is None where there is nothing.
        gini: The Gini coefficient, 0 (all have the same) to 1 - 1 / n (one has everything);
            None where there is nothing.
        rows: The points of the Lorenz curve, from (0, 0) to (1, 1), where its slope changes;
            none where there is nothing.
    """

    _named_by = ("customers",)

    top: float
    share: Ratio
    gini: float | None
    rows: tuple[LorenzPoint, ...]

    def _columns(self) -> Sequence[Column]:
        names = ("customers", "value")
        return [Column(name, operator.attrgetter(name), show=percent) for name in names]

    def _title(self) -> str:
        if self.gini is None:
            return "Concentration of nothing"
        top, share = (f"{float(part or 0):.1%}" for part in (self.top, self.share.value))
        return f"Concentration: the top {top} have {share}, Gini {self.gini:.3f}"


def concentration(values: Iterable[Number], *, top: float = 0.2) -> ConcentrationTable:
    """Measure how much of the value the top customers have, and how unequal all are.

    Args:
        values: One value for each customer, such as revenue, 0 or more, in any order.
        top: Which share of the customers is the top, strictly between 0 and 1.

    Returns:
        The share of the top, the Gini coefficient, and the Lorenz curve as rows.

    Raises:
        EmptySampleError: There are no values.
        InvalidTypeError: A value or `top` is no number.
        InvalidValueError: A value is negative or not finite, or `top` is outside (0, 1).
        MixedNumbersError: Some values are `Decimal`, and others float.

    Convention:
        Where `top` is no whole number of customers, the next one counts in part, as on the
        Lorenz curve; many reports round to whole customers. The Gini coefficient is that of
        these customers, as R's `ineq::Gini` gives it; for an estimate of a larger population
        it is multiplied by n / (n - 1) (its `corr=TRUE`).

    References:
        Gini, C. (1912). Variabilita e mutabilita; in the form of Sen, A. (1973), On Economic
        Inequality: sum of (2 i - n - 1) x(i) / (n sum of x), x ascending.

    Examples:
        >>> spread = concentration([10, 10, 20, 60, 100])
        >>> spread.share.value, round(spread.gini, 4)
        (0.5, 0.46)
        >>> print(spread)
        Concentration: the top 20.0% have 50.0%, Gini 0.460
        customers   value
             0.0%    0.0%
            40.0%   10.0%
            60.0%   20.0%
            80.0%   50.0%
           100.0%  100.0%
    """
    top = _checks.fraction("top", top)
    ordered = sorted(_amounts("values[{}]", list(_inputs.series("values", values))))
    if not ordered:
        raise EmptySampleError("values")
    total = _total(ordered)
    return ConcentrationTable(
        top=top,
        share=Ratio(_of_the_top(ordered, top), total),
        gini=_gini(ordered, total) if total else None,
        rows=_lorenz(ordered) if total else (),
    )


# Reading orders.


class _OrderLog:
    """The orders of one call, column by column: whose, on which day, for how much."""

    def __init__(self, argument: str, orders: Orders, calendar: Calendar) -> None:
        self._argument = argument
        self._calendar = calendar
        self._reader = Reader(calendar)
        fields = ("customer", "at", "amount")
        customers, self._ats, amounts = _inputs.columns(argument, orders, fields)
        self._customers = self._reader.rows(argument, customers, ()).customers
        one_each: dict[int, int] = {}
        days = self._day_numbers()
        self._days = list(map(one_each.setdefault, days, days))
        self._amounts = _amounts(f"{argument}[{{}}].amount", amounts)

    def end(self, argument: str, at: Instant) -> End:
        """Return an end, whose day is counted as those of the orders are."""
        found = self._reader.end(argument, at)
        return found._replace(day=found.day + _EPOCH)

    def books(self, *, until: End, after: End | None = None) -> dict[Id, _DaysAndAmounts]:
        """Return each customer's orders up to an end, and after another one."""
        kept = self._up_to(until)
        if after is not None:
            kept = list(map(operator.gt, kept, self._up_to(after)))
        found: dict[Id, _DaysAndAmounts] = defaultdict(list)
        books = map(found.__getitem__, compress(self._customers, kept))
        orders = zip(compress(self._days, kept), compress(self._amounts, kept), strict=True)
        deque(map(list.extend, books, orders), maxlen=0)  # a loop at half the time
        return found

    def _up_to(self, end: End) -> list[bool]:
        return [
            day < end.day or (day == end.day and self._moment(i) <= end.moment)
            for i, day in enumerate(self._days)
        ]

    def _moment(self, i: int) -> datetime:
        return self._reader.moment(f"{self._argument}[{i}].at", self._ats[i])

    def _day_numbers(self) -> Sequence[int]:
        """Return the day of each order: what it says, or where the days of the zone begin."""
        if self._calendar.tz is UTC and _are_local(self._ats):
            for _ in self._ats[:1]:
                self._moment(0)  # all are of its kind, and ends must be, too
            return list(map(date.toordinal, self._ats))
        moments = self._reader.rows(self._argument, (), self._ats).moments
        if not moments:
            return []
        first = self._calendar.floor(min(moments))
        starts = self._calendar.starts(Window(first, max(moments) + timedelta.resolution))
        before = self._calendar.index(first) + _EPOCH - 1
        return [before + bisect_right(starts, at) for at in moments]


def _are_local(ats: Sequence[Any]) -> bool:
    """Say whether instants are dates and datetimes that show their day in UTC, or naive ones."""
    kinds = set(map(type, ats))
    zones = {getattr(at, "tzinfo", None) for at in ats} if datetime in kinds else {None}
    return kinds <= {date, datetime} and zones in ({None}, {UTC})


def _amounts(path: str, amounts: Sequence[Any]) -> Sequence[Any]:
    """Return amounts of one kind, checked; `path` says where one is, by its position."""
    if _inputs.are_plain(amounts):
        return amounts
    number = _money.converter({path.format(i): amount for i, amount in enumerate(amounts)})
    for i, amount in enumerate(amounts):
        if amount < 0:
            expected = "be at least 0 (net refunds first)"
            raise InvalidValueError(path.format(i), amount, expected)
    return list(map(number, amounts))


# What orders come to.


def _sorted(books: dict[Id, _DaysAndAmounts]) -> Iterator[tuple[Id, _DaysAndAmounts]]:
    """Yield the books in the order of the ids, whole numbers first."""
    return ((customer, books[customer]) for customer in sorted(books, key=_checks.id_order))


def _calibration(book: _DaysAndAmounts, last: int, unit: float) -> dict[str, Any]:
    days, amounts = book[::2], book[1::2]
    first, frequency = min(days), len(set(days)) - 1
    return {
        "frequency": frequency,
        "recency": (max(days) - first) / unit,
        "age": (last - first) / unit,
        "monetary": _mean(list(compress(amounts, map(first.__ne__, days))), frequency),
    }


def _holdout(book: _DaysAndAmounts, length: float) -> dict[str, Any]:
    days = len(set(book[::2]))
    return {
        "holdout_frequency": days,
        "holdout_duration": length,
        "holdout_monetary": _mean(book[1::2], days),
    }


def _measures(book: _DaysAndAmounts, last: int) -> dict[str, Any]:
    return {
        "recency": last - max(book[::2]),
        "frequency": len(book) // 2,
        "monetary": _total(book[1::2]),
    }


def _mean(amounts: list[Any], days: int) -> Number | None:
    return _money.divided(_total(amounts), days) if days else None


def _total(amounts: Sequence[Any]) -> Any:
    """Sum in a way that does not depend on the order: floats are rounded once."""
    is_decimal = isinstance(amounts[0], Decimal)
    return _money.added(*amounts) if is_decimal else _money.summed(amounts)


@_money.in_own_context
def _edges(values: Iterable[Any], bins: int, shift: int) -> tuple[Any, ...]:
    ordered = sorted(values)
    cuts = (_quantile(ordered, k, bins) + shift for k in range(1, bins) if ordered)
    return tuple(map(_money.held, cuts))


def _quantile(ordered: Sequence[Any], k: int, bins: int) -> Any:
    """Return the quantile k / bins of type 7: 1 + (n - 1) k / bins is its rank."""
    rank, part = divmod((len(ordered) - 1) * k, bins)
    low = ordered[rank]
    return low + (ordered[rank + 1] - low) * part / bins if part else low


@_money.in_own_context
def _of_the_top(ordered: Sequence[Any], top: float) -> Any:
    """Return what the top has; a customer who is in it in part counts in part."""
    whole, part = divmod(Fraction(str(top)) * len(ordered), 1)
    last: Any = float(part)
    if isinstance(ordered[0], Decimal):
        last = Decimal(part.numerator) / part.denominator
    return _total([*ordered[len(ordered) - whole :], ordered[-whole - 1] * last])


@_money.in_own_context
def _gini(ordered: Sequence[Any], total: Any) -> float:
    n = len(ordered)
    ranks = range(1 - n, n, 2)  # 2 i - n - 1
    return float(_total(list(map(operator.mul, ranks, ordered))) / _money.held(n * total))


@_money.in_own_context
def _lorenz(ordered: Sequence[Any]) -> tuple[LorenzPoint, ...]:
    n, below = len(ordered), list(accumulate(ordered))
    bends = (i for i in range(1, n + 1) if i == n or ordered[i] != ordered[i - 1])
    points = (LorenzPoint(i / n, float(below[i - 1] / below[-1])) for i in bends)
    return LorenzPoint(0.0, 0.0), *points


# Segments.


def _range(measure: str, given: object) -> tuple[int, int] | None:
    if given is None:
        return None
    if not isinstance(given, tuple | list) or len(given) != 2:  # noqa: PLR2004  (lowest, highest)
        raise InvalidTypeError(measure, given, "be a pair of scores, the lowest and the highest")
    low, high = (_checks.whole(f"{measure}[{i}]", x, least=1) for i, x in enumerate(given))
    if low > high:
        raise InvalidValueError(measure, given, "begin with the lowest score")
    return low, high


def _rules(rules: Iterable[SegmentRule], bins: int) -> tuple[SegmentRule, ...]:
    found = tuple(_inputs.series("rules", rules))
    for i, rule in enumerate(found):
        if not isinstance(rule, SegmentRule):
            raise InvalidTypeError(f"rules[{i}]", rule, "be an rfm.SegmentRule")
        for measure, scored in zip(_MEASURES, _ranges(rule, bins), strict=True):
            if scored[-1] > bins:
                path = f"rules[{i}].{measure}"
                raise InvalidValueError(path, getattr(rule, measure), f"end at {bins} at most")
    return found


def _ranges(rule: SegmentRule, bins: int) -> tuple[range, ...]:
    given = (getattr(rule, measure) or (1, bins) for measure in _MEASURES)
    return tuple(range(low, high + 1) for low, high in given)


# Cells that no rule cuts apart are in the same segment: a block of them, which goes by its lowest
# cell. There are few blocks however fine the scores are.


def _cuts(rules: Sequence[SegmentRule], bins: int) -> list[list[int]]:
    """Return the scores of each measure at which blocks begin: where a rule does, or has ended."""
    spans = [_ranges(rule, bins) for rule in rules]
    return [
        sorted({1, *(x for span in spans for x in (span[j].start, span[j].stop) if x <= bins)})
        for j in range(len(_MEASURES))
    ]


def _block(cuts: Sequence[Sequence[int]], cell: ScoreCell) -> ScoreCell:
    """Return the block in which a cell lies."""
    pairs = zip(cuts, cell, strict=True)
    return tuple(starts[bisect_right(starts, score) - 1] for starts, score in pairs)


def _sizes(cuts: Sequence[Sequence[int]], bins: int) -> dict[ScoreCell, int]:
    """Return how many cells each block has."""
    lengths = [[b - a for a, b in pairwise([*starts, bins + 1])] for starts in cuts]
    return dict(zip(product(*cuts), map(math.prod, product(*lengths)), strict=True))


def _plan(
    rules: Sequence[SegmentRule],
    bins: int,
    cuts: Sequence[Sequence[int]],
    overlap: str,
    otherwise: str | None,
) -> dict[ScoreCell, str]:
    """Return the segment of every block of cells."""
    sizes = _sizes(cuts, bins)
    spans = [_ranges(rule, bins) for rule in rules]
    claims = {
        block: [i for i, span in enumerate(spans) if all(map(operator.contains, span, block))]
        for block in sizes
    }
    if overlap == "raise":
        _check_apart(rules, claims, sizes)
    _check_reachable(rules, claims)
    named = {block: rules[claim[0]].name for block, claim in claims.items() if claim}
    if otherwise is None:
        _check_complete(claims, sizes)
        return named
    return dict.fromkeys(claims, otherwise) | named


def _check_apart(
    rules: Sequence[SegmentRule], claims: Claims, sizes: Mapping[ScoreCell, int]
) -> None:
    names = {block: tuple({rules[i].name: i for i in claim}) for block, claim in claims.items()}
    shared = {block: claim for block, claim in names.items() if len(claim) > 1}
    if shared:
        cells = f"{sum(map(sizes.__getitem__, shared))} of {sum(sizes.values())} cells"
        expected = f"not share cells, as they do {cells}, unless overlap is 'first'"
        raise InvalidValueError("rules", dict([next(iter(shared.items()))]), expected)


def _check_reachable(rules: Sequence[SegmentRule], claims: Claims) -> None:
    first = {claim[0] for claim in claims.values() if claim}
    for i, rule in enumerate(rules):
        if i not in first:
            raise InvalidValueError(f"rules[{i}]", rule, "have a cell that no earlier rule has")


def _check_complete(claims: Claims, sizes: Mapping[ScoreCell, int]) -> None:
    gaps = [block for block, claim in claims.items() if not claim]
    if gaps:
        expected = "cover every cell of scores, or otherwise name the segment of the rest"
        cells = sum(map(sizes.__getitem__, gaps))
        raise InvalidValueError("rules", f"{cells} uncovered, such as {gaps[0]}", expected)


# Tables of customers.


CustomerRow = TypeVar("CustomerRow", CustomerSummary, CustomerScores)


def _of_customer(rows: Sequence[CustomerRow], customer: Any) -> Sequence[CustomerRow]:
    """Return the row of a customer, by bisection; all rows where they are not sorted by id."""
    if type(customer) not in _checks.ID_ORDER:
        return rows
    order = _checks.id_order(customer)
    i = bisect_left(rows, order, key=lambda row: _checks.id_order(row.customer))
    found = rows[i : i + 1]
    return found if found and found[0].customer == customer else rows


def _column(name: str) -> Column:
    return Column(name, operator.attrgetter(name))


def _customer_column() -> Column:
    return Column("customer", operator.attrgetter("customer"), show=str)
