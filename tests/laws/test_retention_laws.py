"""Laws of cohorts, growth and stickiness, beside an oracle that counts customer by customer."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lifecycle.metrics import retention
from lifecycle.periods import Calendar, Window
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
    births = draw(st.none() | logs(base, 8))
    return draw(logs(base)), {**base, **draw(cohort_options), "births": births, **fixed}


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
    births = activity if asked["births"] is None else asked["births"]
    rows: list[dict[str, datetime]] = [{} for _ in periods]
    kept: dict[tuple[str, int], set[int]] = {}
    for who in "abcd":
        starts = [at for customer, at in births if customer == who and at < window.end]
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
    births = asked["births"] and random.sample(asked["births"], len(asked["births"]))
    told = {name: asked[name] for name in ("calendar", "window")}
    for function, options in (
        (retention.cohorts, asked),
        (retention.growth, told),
        (retention.stickiness, told),
    ):
        other = {**options, "births": births} if "births" in options else options
        assert function(shuffled, **other) == function(activity, **options)
    assert retention.purchase_intervals(shuffled) == retention.purchase_intervals(activity)


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
    pooled, mean = table.curve(), table.curve("mean")
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
        asked["first_seen"] = {who: at - draw(back) for who, at in first.items()}
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
    first = asked.get("first_seen") or {c: min(at for w, at in seen if w == c) for c, _ in seen}
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
    interval = hazard.interval(level)
    assert 0 <= interval.low <= hazard.value <= interval.high
