"""Laws of cohorts, growth and stickiness, beside an oracle that counts customer by customer."""

import itertools
import statistics
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from lifecycle.metrics import retention
from lifecycle.periods import Calendar, Period, Window
from lifecycle.rates import Rate

STARTS = {  # around the nights in which clocks change, and the month that is short
    "UTC": datetime(2026, 1, 26, tzinfo=UTC),
    "Europe/Berlin": datetime(2026, 3, 26, tzinfo=UTC),
    "America/New_York": datetime(2026, 10, 29, tzinfo=UTC),
}
GRAINS = {"hour": 8, "day": 6, "week": 5, "month": 5, "quarter": 3}
PACES = {"hour": 0.4, "day": 9, "week": 50, "month": 250, "quarter": 700}


@st.composite
def settings_(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a calendar, and a window of a few periods that may end within one."""
    zone, grain = draw(st.sampled_from(sorted(STARTS))), draw(st.sampled_from(sorted(GRAINS)))
    calendar = Calendar(grain, zone=zone)
    first = calendar.floor(STARTS[zone])
    last = draw(st.integers(1, GRAINS[grain]))
    end = calendar.step(first, last)
    if draw(st.booleans()):
        end -= timedelta(minutes=draw(st.integers(1, 50)))
    return {"calendar": calendar, "window": Window(first, end)}


@st.composite
def logs(draw: st.DrawFn, options: dict[str, Any], most: int = 25) -> list[Any]:
    """Draw rows before, in and after the window, which like to fall on its edges."""
    start, pace = options["window"].start, PACES[options["calendar"].grain]
    steps = st.integers(-8, 24).map(lambda n: start + timedelta(hours=n * pace))
    edges = st.sampled_from([start, options["window"].end])
    ats = st.one_of(steps, edges).map(lambda at: at.astimezone(UTC))
    return draw(st.lists(st.tuples(st.sampled_from("abcd"), ats), max_size=most))


cohort_options = st.fixed_dictionaries(
    {
        "retained": st.sampled_from(["on", "on_or_after"]),
        "cohorting": st.sampled_from(["first", "every"]),
        "mode": st.sampled_from(["calendar", "elapsed"]),
        "min_occurrences": st.integers(1, 2),
        "brackets": st.sampled_from([None, [range(1, 2), range(3, 5)], [range(2, 9)]]),
    }
)


@st.composite
def questions(draw: st.DrawFn, **fixed: Any) -> tuple[list[Any], dict[str, Any]]:
    """Draw a log and the arguments of `cohorts`."""
    base = draw(settings_())
    enrolled = draw(st.none() | logs(base, 8))
    return draw(logs(base)), {**base, **draw(cohort_options), "enrolled": enrolled, **fixed}


# The oracle: what the contract says, customer by customer and cell by cell.


def periods_of(calendar: Calendar, window: Window) -> list[tuple[datetime, datetime]]:
    numbers = [calendar.index(start) for start in calendar.starts(window)]
    return [(calendar.start(k), calendar.start(k + 1)) for k in numbers]


HORIZON = 12
LENGTHS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


def later(calendar: Calendar, anchor: datetime, k: int) -> datetime:
    length = LENGTHS.get(calendar.grain)
    return calendar.step(anchor, k) if length is None else anchor.astimezone(UTC) + k * length


def lives(asked: dict[str, Any], anchor: datetime, row: int) -> Iterator[tuple[datetime, datetime]]:
    """Yield the periods of a customer of a row, from 0 on."""
    calendar = asked["calendar"]
    if asked["mode"] == "calendar":
        yield from periods_of(calendar, asked["window"])[row:]
    else:
        ends = [later(calendar, anchor, k) for k in range(HORIZON + 1)]
        yield from itertools.pairwise(ends)


def anchors_of(starts: list[datetime], periods: list[Any], cohorting: str) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for at in sorted(starts)[: 1 if cohorting == "first" else None]:
        for row, (begin, end) in enumerate(periods):
            if begin <= at < end:
                found.setdefault(row, at)
    return found


def oracle(activity: list[Any], **asked: Any) -> list[list[tuple[int, int, bool]]]:
    """Return k, retained and open of each cell of each row."""
    calendar, window, mode = asked["calendar"], asked["window"], asked["mode"]
    periods = periods_of(calendar, window)
    enrolled = activity if asked["enrolled"] is None else asked["enrolled"]
    rows: list[dict[str, datetime]] = [{} for _ in periods]
    kept: dict[tuple[str, int], set[int]] = {}
    for who in "abcd":
        starts = [at for customer, at in enrolled if customer == who and at < window.end]
        returns = [at for customer, at in activity if customer == who and at < window.end]
        for row, anchor in anchors_of(starts, periods, asked["cohorting"]).items():
            rows[row][who] = anchor
            kept[who, row] = {
                k
                for k, (begin, end) in enumerate(lives(asked, anchor, row))
                if k and sum(begin <= at < end for at in returns) >= asked["min_occurrences"]
            }
    spans = [range(1), *(asked["brackets"] or [range(k, k + 1) for k in range(1, HORIZON)])]

    def is_kept(who: str, row: int, span: range) -> bool:
        ks = kept[who, row]
        hits = any(k >= span.start for k in ks) if asked["retained"] != "on" else ks & set(span)
        return span == range(1) or bool(hits)

    def is_open(row: int, span: range) -> bool:
        past = row + span[-1]
        if past >= len(periods) or periods[past][1] > window.end:
            return True
        ends = [later(calendar, anchor, span[-1] + 1) for anchor in rows[row].values()]
        return mode == "elapsed" and bool(ends) and max(ends) > window.end

    return [
        [
            (span.start, sum(is_kept(who, row, span) for who in rows[row]), is_open(row, span))
            for span in spans
            if row + span.start < len(periods)
        ]
        for row in range(len(periods))
    ]


def cells(table: retention.CohortTable) -> list[list[tuple[int, int, bool]]]:
    return [[(cell.k, cell.retained, cell.open) for cell in row.cells] for row in table.rows]


@given(questions())
def test_cohorts_are_what_the_contract_says(question: tuple[list[Any], dict[str, Any]]) -> None:
    """Each cell counts, customer by customer, what metrics.md says it counts."""
    activity, asked = question
    assert cells(retention.cohorts(activity, **asked)) == oracle(activity, **asked)


@given(questions(), st.randoms(use_true_random=False))
def test_row_order_never_matters(question: tuple[list[Any], dict[str, Any]], random: Any) -> None:
    """Row order never matters."""
    activity, asked = question
    shuffled = random.sample(activity, len(activity))
    enrolled = asked["enrolled"] and random.sample(asked["enrolled"], len(asked["enrolled"]))
    told = {name: asked[name] for name in ("calendar", "window")}
    for function, options in (
        (retention.cohorts, asked),
        (retention.growth, told),
        (retention.stickiness, told),
    ):
        other = {**options, "enrolled": enrolled} if "enrolled" in options else options
        assert function(shuffled, **other) == function(activity, **options)
    assert retention.purchase_intervals(shuffled) == retention.purchase_intervals(activity)


@given(questions(cohorting="first"))
def test_the_earliest_start_of_each_customer_says_as_much_as_all(
    question: tuple[list[Any], dict[str, Any]],
) -> None:
    """A mapping of customers to their first start gives what all rows of starts give."""
    activity, asked = question
    starts = asked.pop("enrolled") or []
    first = {who: min(at for c, at in starts if c == who) for who, _ in starts}
    by_row = retention.cohorts(activity, enrolled=starts, **asked)
    assert by_row == retention.cohorts(activity, enrolled=first, **asked)
    paid = [(who, at, 1) for who, at in activity]
    same = {name: asked[name] for name in ("calendar", "window", "mode")}
    by_row = retention.cohort_revenue(paid, enrolled=starts, **same)
    assert by_row == retention.cohort_revenue(paid, enrolled=first, **same)


@given(questions())
def test_on_is_at_most_on_or_after_which_never_rises(
    question: tuple[list[Any], dict[str, Any]],
) -> None:
    """Retained on k is at most retained on or after k, and that never rises with k."""
    activity, asked = question
    on, after = (
        retention.cohorts(activity, **{**asked, "retained": retained})
        for retained in ("on", "on_or_after")
    )
    for exact, unbounded in zip(on.rows, after.rows, strict=True):
        counts = [cell.retained for cell in unbounded.cells]
        assert counts == sorted(counts, reverse=True)
        for a, b in zip(exact.cells, unbounded.cells, strict=True):
            assert a.retained <= b.retained <= b.size


@given(questions())
def test_the_first_cell_is_the_size(question: tuple[list[Any], dict[str, Any]]) -> None:
    """Cell (c, 0) is the cohort's size."""
    activity, asked = question
    table = retention.cohorts(activity, **asked)
    for number, row in enumerate(table.rows):
        assert table.cell(number, 0).retained == row.size
        assert table.cell(row.cohort, 0) == row.cells[0]


@given(questions())
def test_the_pooled_curve_is_the_pooled_counts(
    question: tuple[list[Any], dict[str, Any]],
) -> None:
    """The pooled curve sums the rates of closed cells; an open cell never enters a curve."""
    activity, asked = question
    table = retention.cohorts(activity, **asked)
    closed: dict[int, list[Rate]] = {}
    for row in table.rows:
        for cell in row.cells:
            assert (cell.rate is None) == cell.open
            if cell.rate is not None:
                closed.setdefault(cell.k, []).append(cell.rate)
    pooled, mean = table.curve(), table.curve(average="mean")
    assert {point.k: point.rate for point in pooled.rows} == {
        k: sum(rates, Rate(0, 0)) for k, rates in closed.items()
    }
    for point, other in zip(pooled.rows, mean.rows, strict=True):
        values = [Fraction(r.numerator, r.denominator) for r in closed[point.k] if r.denominator]
        assert point.value == point.rate.value
        assert (other.value is None) == (not values)
        assert not values or abs(other.value - sum(values) / len(values)) < 1e-12


@given(questions(mode="elapsed", cohorting="first"))
def test_open_cells_follow_closed_ones(question: tuple[list[Any], dict[str, Any]]) -> None:
    """In a row, a cell that is open has only open cells after it."""
    activity, asked = question
    for row in retention.cohorts(activity, **asked).rows:
        opened = [cell.open for cell in row.cells]
        assert opened == sorted(opened)


# Growth and stickiness


@st.composite
def growths(draw: st.DrawFn) -> tuple[list[Any], dict[str, Any]]:
    """Draw a log and the arguments of `growth`."""
    asked = draw(settings_())
    log = draw(logs(asked))
    if draw(st.booleans()):
        first = {who: min(at for c, at in log if c == who) for who in {c for c, _ in log}}
        back = st.integers(0, 3).map(lambda n: timedelta(days=20 * n))
        asked["enrolled"] = {who: at - draw(back) for who, at in first.items()}
    return log, asked


def active_in(log: list[Any], begin: datetime, end: datetime) -> set[str]:
    return {who for who, at in log if begin <= at < end}


@given(growths())
def test_growth_adds_up(question: tuple[list[Any], dict[str, Any]]) -> None:
    """active(t) = active(t-1) + new + resurrected - dormant, exactly."""
    log, asked = question
    calendar, window = asked["calendar"], asked["window"]
    log = [(who, at) for who, at in log if at < window.end]
    table = retention.growth(log, **asked)
    before = calendar.start(calendar.index(window.start) - 1)
    active = len(active_in(log, before, window.start))
    for row, (begin, end) in zip(table.rows, periods_of(calendar, window), strict=True):
        assert row.active == active + row.new + row.resurrected - row.dormant
        assert row.returning == active - row.dormant
        active = row.active
        assert active == len(active_in(log, begin, end))
        assert row.open == (end > window.end)


@given(growths())
def test_each_customer_is_new_at_most_once(question: tuple[list[Any], dict[str, Any]]) -> None:
    """New means that the first instant lies in the period."""
    log, asked = question
    table = retention.growth(log, **asked)
    window = asked["window"]
    seen = [(who, at) for who, at in log if at < window.end]
    first = asked.get("enrolled") or {c: min(at for w, at in seen if w == c) for c, _ in seen}
    for row, (begin, end) in zip(table.rows, periods_of(asked["calendar"], window), strict=True):
        new = {who for who in active_in(seen, begin, end) if begin <= first[who] < end}
        assert row.new == len(new)


@given(settings_().flatmap(lambda asked: st.tuples(st.just(asked), logs(asked))))
def test_stickiness_sums_to_the_active_customers(drawn: tuple[dict[str, Any], list[Any]]) -> None:
    """Stickiness counts sum to the active customers, and their periods to all active pairs."""
    asked, log = drawn
    window = asked["window"]
    found = retention.stickiness(log, **asked)
    log = [(who, at) for who, at in log if at < window.end]
    assert found.customers == len(active_in(log, window.start, window.end))
    pairs = [len(active_in(log, *period)) for period in periods_of(asked["calendar"], window)]
    assert sum(k * n for k, n in enumerate(found.counts, start=1)) == sum(pairs)
    assert len(found.counts) == len(pairs)


# Revenue, churn and half-lives


def amounts(log: list[Any]) -> Iterator[tuple[str, datetime, int]]:
    return ((who, at, 1 + n % 7) for n, (who, at) in enumerate(log))


@given(
    settings_().flatmap(lambda asked: st.tuples(st.just(asked), logs(asked))),
    st.sampled_from(["calendar", "elapsed"]),
)
def test_cohort_revenue_is_all_that_the_cohorts_paid(
    drawn: tuple[dict[str, Any], list[Any]], mode: Any
) -> None:
    """Cohort revenue never falls without refunds, and its rows end with what was paid."""
    asked, log = drawn
    window = asked["window"]
    table = retention.cohort_revenue(amounts(log), **asked, mode=mode)
    members = {who: min(at for w, at in log if w == who) for who, _ in log}
    inside = {who for who, at in members.items() if window.start <= at < window.end}
    paid = sum(x for who, at, x in amounts(log) if who in inside and at < window.end)
    assert sum(row.size for row in table.rows) == len(inside)
    last = sum(row.cells[-1].revenue for row in table.rows)
    assert last == paid if mode == "calendar" else last <= paid
    for row in table.rows:
        sums = [cell.revenue for cell in row.cells]
        assert sums == sorted(sums)


counts_ = st.integers(0, 10**6)


@given(counts_, counts_, counts_)
def test_churn_by_start_and_new_is_a_share(start: int, new: int, kept: int) -> None:
    """Losses are at most start + new, and the midpoint is the mean of both ends."""
    lost = max(start + new - kept, 0)
    both = retention.churn_rate(start=start, lost=lost, new=new, method="start_and_new")
    middle = retention.churn_rate(start=start, lost=lost, new=new, method="midpoint")
    assert both.value is None or 0 <= both.value <= 1
    assert 2 * middle.denominator == start + (start + new - lost)


@given(st.floats(1e-9, 1, exclude_max=True))
def test_half_are_left_after_the_half_life(churn: float) -> None:
    """(1 - churn)^n is 1/2 at the half-life n."""
    assert abs((1 - churn) ** retention.half_life(churn) - 0.5) < 1e-6


@given(st.integers(0, 10**6), st.floats(0.01, 0.999), st.integers(1, 10**6))
def test_the_interval_of_a_hazard_holds_it(lost: int, level: float, days: int) -> None:
    """The interval of a hazard holds its value, and lies at 0 or above."""
    hazard = retention.churn_hazard(
        lost=lost, exposure=timedelta(days=days), per=timedelta(days=30)
    )
    interval = hazard.interval(level=level)
    assert 0 <= interval.low <= hazard.value <= interval.high


# Beside the wall clock: periods by the local date alone, without a calendar


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}
NIGHTS = {  # in some of these zones the clocks change at midnight, or by half an hour
    "America/Sao_Paulo": datetime(2018, 11, 2, tzinfo=UTC),
    "Asia/Kolkata": datetime(2026, 2, 27, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 4, 3, tzinfo=UTC),
    "Europe/Berlin": datetime(2026, 10, 23, tzinfo=UTC),
}
LOOKED_AT = {"day": 5, "week": 30, "month": 100, "quarter": 250, "year": 900}


@st.composite
def wall_clocks(draw: st.DrawFn) -> tuple[Calendar, Window, list[Any], list[Any]]:
    """Draw a calendar, a window that may end within a period, and two logs."""
    zone, grain = draw(st.sampled_from(sorted(NIGHTS))), draw(st.sampled_from(sorted(LOOKED_AT)))
    week, month = draw(st.sampled_from(WEEKDAYS)), draw(st.integers(1, 12))
    calendar = Calendar(grain, zone=zone, week_start=week, year_start=month)
    first, hours = calendar.floor(NIGHTS[zone]), 24 * LOOKED_AT[grain]
    end = first.astimezone(UTC) + timedelta(hours=draw(st.integers(1, hours)))
    steps = st.integers(-hours, 2 * hours).map(lambda n: first.astimezone(UTC) + n * HALF_HOUR)
    rows = st.lists(st.tuples(st.sampled_from("abc"), steps), max_size=15)
    return calendar, Window(first, end), draw(rows), draw(rows)


HALF_HOUR = timedelta(minutes=30)


def number(calendar: Calendar, at: datetime) -> int:
    """Number the period of an instant by its local date, from whatever begins year 1."""
    day = at.astimezone(ZoneInfo(str(calendar.zone))).date()
    if calendar.grain == "day":
        return day.toordinal()
    if calendar.grain == "week":  # day 1 is a Monday
        return (day.toordinal() - 1 - WEEKDAYS.index(calendar.week_start)) // 7
    return (12 * day.year + day.month - calendar.year_start) // MONTHS_IN[calendar.grain]


@given(wall_clocks(), st.sampled_from(["first", "every"]), st.sampled_from(["own", "other"]))
def test_cohorts_follow_the_wall_clock(
    drawn: tuple[Calendar, Window, list[Any], list[Any]], cohorting: Any, events: str
) -> None:
    """Cell (c, k): who has a start in period c, and a return k local periods later."""
    calendar, window, activity, enrolled = drawn
    table = retention.cohorts(
        activity,
        calendar=calendar,
        window=window,
        enrolled=None if events == "own" else enrolled,
        cohorting=cohorting,
    )
    zero, end = number(calendar, window.start), window.end
    starts, returns = (
        {
            who: [number(calendar, at) for name, at in log if name == who and at < end]
            for who in "abc"
        }
        for log in (activity if events == "own" else enrolled, activity)
    )
    for c, row in enumerate(table.rows, start=zero):
        begun = {who: ns if cohorting == "every" else sorted(ns)[:1] for who, ns in starts.items()}
        cohort = [who for who in "abc" if c in begun[who]]
        assert [cell.retained for cell in row.cells[1:]] == [
            sum(c + cell.k in returns[who] for who in cohort) for cell in row.cells[1:]
        ]
        assert row.size == row.cells[0].retained == len(cohort)
    assert len(table.rows) == number(calendar, end - timedelta.resolution) - zero + 1


@given(wall_clocks())
def test_growth_and_stickiness_follow_the_wall_clock(
    drawn: tuple[Calendar, Window, list[Any], list[Any]],
) -> None:
    """Each customer of a period is of one kind, by the periods in which it was active."""
    calendar, window, activity, _ = drawn
    asked = {"calendar": calendar, "window": window}
    active = {
        who: {number(calendar, at) for name, at in activity if name == who and at < window.end}
        for who in "abc"
    }
    table, zero = retention.growth(activity, **asked), number(calendar, window.start)
    for t, row in enumerate(table.rows, start=zero):
        here = [seen for seen in active.values() if t in seen]
        assert (row.new, row.returning, row.resurrected, row.dormant) == (
            sum(min(seen) == t for seen in here),
            sum(t - 1 in seen for seen in here),
            sum(min(seen) < t and t - 1 not in seen for seen in here),
            sum(t - 1 in seen and t not in seen for seen in active.values()),
        )
    times = [sum(t >= zero for t in seen) for seen in active.values()]
    found = retention.stickiness(activity, **asked)
    assert found.counts == tuple(times.count(k) for k in range(1, len(table.rows) + 1))
    assert [row.at_least for row in found.rows] == [
        sum(n >= k for n in times) for k in range(1, len(table.rows) + 1)
    ]


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 40)), max_size=20),
    st.integers(1, 30),
    st.integers(1, 12),
    st.integers(0, 20),
)
def test_orders_are_counted_customer_by_customer(
    log: list[tuple[str, int]], start: int, length: int, idle: int
) -> None:
    """Repeat purchases, resurrections and intervals are what counting by hand gives."""
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    orders = [(who, noon + timedelta(hours=n)) for who, n in log]
    window = Window(noon + timedelta(hours=start), noon + timedelta(hours=start + length))
    hours = {who: sorted(n for name, n in log if name == who) for who in "abcd"}
    before = {who: [n for n in ns if n < start] for who, ns in hours.items()}
    within = {who: [n for n in ns if start <= n < start + length] for who, ns in hours.items()}
    buyers = [who for who in "abcd" if within[who]]
    twice = sum(len(within[who]) > 1 for who in buyers)
    again = sum(len(before[who]) + len(within[who]) > 1 for who in buyers)
    assert retention.repeat_purchase_rate(orders, window=window) == Rate(twice, len(buyers))
    counted = retention.repeat_purchase_rate(orders, window=window, earlier="counted")
    assert counted == Rate(again, len(buyers))
    away = [who for who in "abcd" if before[who] and start - max(before[who]) >= idle]
    back = sum(bool(within[who]) for who in away)
    found = retention.resurrection_rate(orders, window=window, idle=timedelta(hours=idle))
    assert found == Rate(back, len(away))
    gaps = sorted(b - a for ns in hours.values() for a, b in itertools.pairwise(ns))
    intervals = retention.purchase_intervals(orders)
    assert intervals.lengths == tuple(timedelta(hours=gap) for gap in gaps)
    if gaps:
        assert intervals.mean == sum(intervals.lengths, timedelta()) / len(gaps)
        assert intervals.median == timedelta(hours=statistics.median(gaps))


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 800)), max_size=12),
    st.integers(300, 800),
    st.integers(1, 30),
)
def test_months_of_idleness_end_on_the_day_of_the_month_or_its_last(
    log: list[tuple[str, int]], start: int, months: int
) -> None:
    """Months are counted back by year and month, with the day cut to the last of the month."""
    day_0 = datetime(2024, 1, 31, tzinfo=UTC)
    orders = [(who, day_0 + timedelta(days=n)) for who, n in log]
    begin = day_0 + timedelta(days=start)
    window = Window(begin, begin + timedelta(days=30))
    year, month = divmod(12 * begin.year + begin.month - 1 - months, 12)
    last = monthrange(year, month + 1)[1]
    limit = begin.replace(year=year, month=month + 1, day=min(begin.day, last))
    before = {who for who, at in orders if at < begin}
    late = {who for who, at in orders if limit < at < begin}
    away = before - late
    within = {who for who, at in orders if window.start <= at < window.end}
    back = within.intersection(away)
    found = retention.resurrection_rate(orders, window=window, idle=Period(months=months))
    assert found == Rate(len(back), len(away))
