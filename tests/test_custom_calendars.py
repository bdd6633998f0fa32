"""Calendars of periods that are given by their starts."""

import copy
import datetime as dt
import pickle
from collections.abc import Callable
from datetime import UTC, date, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clubs import DAYS, JOURNEYS
from lifecycle import (
    CustomerBase,
    clv,
    funnel,
    nps,
    plots,
    retention,
    revenue,
    rfm,
    survival,
)
from lifecycle.errors import InvalidTypeError, InvalidValueError, MixedInstantsError
from lifecycle.periods import Calendar, Period, Window
from publics import functions, given

BERLIN = ZoneInfo("Europe/Berlin")

QUARTERS = (4, 4, 5) * 4
FIRST = date(2026, 2, 1)
RETAIL_STARTS = [FIRST + timedelta(weeks=sum(QUARTERS[:k])) for k in range(13)]
RETAIL = Calendar.custom(RETAIL_STARTS)
HALVES = Calendar.custom([date(2026, 1, 1), date(2026, 7, 1), date(2027, 1, 1)], zone=BERLIN)


def at(*parts: int, zone: Any = UTC) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=zone)  # type: ignore[arg-type]


# What a calendar answers


def test_periods_of_4_4_and_5_weeks_are_numbered_from_0() -> None:
    """Weeks 0 to 3, 4 to 7 and 8 to 12 of each quarter are its three periods."""
    expected = [k for k, weeks in enumerate(QUARTERS) for _ in range(7 * weeks)]
    days = [FIRST + timedelta(days=n) for n in range(364)]
    assert [RETAIL.index(day) for day in days] == expected
    assert RETAIL.floor(date(2026, 5, 2)) == at(2026, 3, 29)
    assert RETAIL.floor(date(2026, 5, 3)) == at(2026, 5, 3)
    assert RETAIL.start(12) == at(2027, 1, 31)
    assert RETAIL.grain == "period"


def test_an_instant_at_a_start_belongs_to_that_period_and_the_end_to_none() -> None:
    tick = timedelta.resolution
    assert RETAIL.index(at(2026, 3, 1)) == 1
    assert RETAIL.index(at(2026, 3, 1) - tick) == 0
    assert RETAIL.index(at(2027, 1, 31) - tick) == 11
    with pytest.raises(InvalidValueError):
        RETAIL.index(at(2027, 1, 31))


def test_the_starts_of_a_window_reach_up_to_the_end_of_the_calendar() -> None:
    year = Window(FIRST, date(2027, 1, 31))
    starts = [at(day.year, day.month, day.day) for day in RETAIL_STARTS]
    assert RETAIL.starts(year) == tuple(starts[:-1])
    assert RETAIL.starts(Window(date(2026, 3, 1), date(2026, 3, 2))) == (starts[1],)
    assert RETAIL.starts(Window(date(2026, 3, 1), date(2026, 3, 29))) == (starts[1],)


def test_days_begin_at_midnight_of_the_zone_also_where_clocks_change() -> None:
    weeks = Calendar.custom(
        [date(2026, 3, 22 + 7 * k) if k < 2 else date(2026, 4, 5) for k in range(3)],
        zone="Europe/Berlin",
    )
    assert [weeks.start(k).isoformat() for k in range(3)] == [
        "2026-03-22T00:00:00+01:00",
        "2026-03-29T00:00:00+01:00",
        "2026-04-05T00:00:00+02:00",
    ]
    assert weeks.index(at(2026, 4, 4, 21, 59)) == 1  # 23:59 in Berlin
    assert weeks.start(2).tzinfo is weeks.tz


def test_a_start_that_the_clocks_skip_or_show_twice_is_one_instant() -> None:
    cairo = Calendar.custom(
        [date(2026, 4, 24), date(2026, 10, 30), date(2026, 11, 1)], zone="Africa/Cairo"
    )
    assert cairo.start(0).isoformat() == "2026-04-24T01:00:00+03:00"  # there is no midnight
    autumn = [dt.datetime(2026, 10, 25, 2, fold=fold) for fold in (0, 1)]  # noqa: DTZ001
    twice = Calendar.custom([*autumn, date(2026, 10, 26)], zone=BERLIN)
    assert twice.start(1) - twice.start(0) == timedelta(0)  # Python compares the local times
    assert twice.index(at(2026, 10, 25, 0, 59)) == 0
    assert twice.index(at(2026, 10, 25, 1, 0)) == 1
    assert eval(repr(twice), vars_of_reprs()) == twice  # noqa: S307


def test_a_step_keeps_the_day_of_the_period_and_is_cut_to_its_last() -> None:
    """The 30th day of a period of 5 weeks is the 28th of one of 4, at the same time of day."""
    assert RETAIL.step(at(2026, 2, 10, 9), 1) == at(2026, 3, 10, 9)
    assert RETAIL.step(at(2026, 4, 27, 9), 1) == at(2026, 5, 30, 9)
    assert RETAIL.step(at(2026, 5, 30, 9), -1) == at(2026, 4, 25, 9)
    assert RETAIL.step(at(2026, 4, 27, 9), 0) == at(2026, 4, 27, 9)
    assert RETAIL.step(date(2026, 12, 27), 1) == at(2027, 1, 31)  # the end of the last period
    assert HALVES.step(at(2026, 1, 31, zone=BERLIN), 1) == at(2026, 7, 31, zone=BERLIN)


def test_months_given_by_their_starts_are_stepped_like_months() -> None:
    months = months_of("Europe/Berlin")
    named = Calendar("month", zone="Europe/Berlin")
    random = Random(5)
    for _ in range(300):
        moment = at(2026, 1, 1) + timedelta(minutes=random.randrange(365 * 1440))
        for k in (-3, -1, 1, 2, 9):
            assert months.step(moment, k) == named.step(moment, k)
        assert months.floor(moment) == named.floor(moment)
        assert months.index(moment) - months.index(at(2026, 1, 1, 12)) == named.index(
            moment
        ) - named.index(at(2026, 1, 1, 12))


def test_a_step_stays_in_its_period_where_clocks_change() -> None:
    """Berlin shows 2:00 to 3:00 twice on 25 October 2026, and never on 29 March."""
    edges = [
        at(2026, 3, 28, 2, zone=BERLIN),
        at(2026, 3, 29, 3, zone=BERLIN),  # the hour before is skipped
        at(2026, 10, 25, 0, 30),  # 2:30 in Berlin for the first time
        at(2026, 10, 25, 1, 30),  # and for the second
        at(2026, 10, 26),
    ]
    calendar = Calendar.custom(edges, zone=BERLIN)
    for k, edge in enumerate(edges[:-1]):
        for anchor in (edge, edge + timedelta(minutes=20), edge + timedelta(minutes=45)):
            assert calendar.index(anchor) == k
            for steps in range(-k, len(edges) - 1 - k):
                assert calendar.index(calendar.step(anchor, steps)) == k + steps
    with pytest.raises(InvalidValueError, match=r"^k must lead to a period of the calendar, from"):
        calendar.step(at(2026, 10, 25, 1, 40), 1)  # 2:40, which is local time of the edge before


# What it refuses


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (
            lambda: RETAIL.index(date(2026, 1, 31)),
            (
                "t must be in a period of the calendar, from 2026-02-01 up to 2027-01-31"
                ", got datetime.date(2026, 1, 31)"
            ),
        ),
        (
            lambda: HALVES.floor(date(2027, 1, 1)),
            (
                "t must be in a period of the calendar, from 2026-01-01 up to 2027-01-01"
                ", got datetime.date(2027, 1, 1)"
            ),
        ),
        (
            lambda: HALVES.start(3),
            ("k must be from 0 to 2 in this calendar, from 2026-01-01 up to 2027-01-01, got 3"),
        ),
        (lambda: HALVES.start(-1), "k must be from 0 to 2 in this calendar, "),
        (lambda: HALVES.step(date(2026, 8, 1), 1), "k must lead to a period of the calendar, "),
        (lambda: HALVES.step(date(2026, 7, 1), 2), "k must be from 0 to 2 in this calendar, "),
        (lambda: HALVES.step(date(2026, 7, 2), 2), "k must lead to a period of the calendar, "),
        (lambda: HALVES.step(date(2025, 7, 1), 1), "start must be in a period of the calendar"),
        (
            lambda: HALVES.starts(Window(date(2025, 7, 1), date(2027, 1, 1))),
            "window.start must be in a period of the calendar, from 2026-01-01",
        ),
        (
            lambda: HALVES.starts(Window(date(2026, 7, 1), date(2027, 1, 2))),
            "window.end must be at most the end of the calendar, from 2026-01-01",
        ),
        (
            lambda: HALVES.starts(Window(date(2026, 7, 2), date(2027, 1, 1))),
            "window.start must be at the start of a period, such as 2026-07-01T00:00:00+02:00",
        ),
    ],
)
def test_what_lies_outside_is_refused_with_what_is_covered(
    ask: Callable[[], object], text: str
) -> None:
    with pytest.raises(InvalidValueError) as raised:
        ask()
    assert str(raised.value).startswith(text)


@pytest.mark.parametrize(
    ("starts", "error", "text"),
    [
        ([], InvalidValueError, "starts must hold two starts or more, of which the last ends the"),
        ([FIRST], InvalidValueError, "starts must hold two starts or more, of which the last e"),
        ([FIRST, FIRST], InvalidValueError, "starts[1] must be after starts[0], 2026-02-01, got"),
        (RETAIL_STARTS[::-1], InvalidValueError, "starts[1] must be after starts[0], 2027-01-31"),
        (["2026-02-01"], InvalidTypeError, "starts[0] must be a datetime or a date, got '2026"),
        ([FIRST, None], InvalidTypeError, "starts[1] must be a datetime or a date, got None"),
        ("2026", InvalidTypeError, "starts must be a series of values"),
        (7, InvalidTypeError, "starts must be a series of values"),
        ([FIRST, at(2026, 3, 1)], MixedInstantsError, "starts[0] and starts[1] must both have"),
    ],
)
def test_what_are_no_starts_is_refused(starts: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        Calendar.custom(starts)
    assert str(raised.value).startswith(text)


def test_a_zone_that_is_not_installed_is_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"^zone must be "):
        Calendar.custom(RETAIL_STARTS, zone="Mars/Olympus")


# A value


def vars_of_reprs() -> dict[str, Any]:
    import zoneinfo  # noqa: PLC0415  (as the text says)

    return {"Calendar": Calendar, "datetime": dt, "zoneinfo": zoneinfo}


@pytest.mark.parametrize(
    "calendar",
    [
        RETAIL,
        HALVES,
        Calendar.custom([date(2026, 1, 1), date(2026, 1, 2)], zone="Asia/Kolkata"),
        Calendar.custom([at(2026, 1, 1, 6, 30), at(2026, 1, 2, 6)], zone="America/New_York"),
    ],
)
def test_it_is_a_value(calendar: Calendar) -> None:
    again = eval(repr(calendar), vars_of_reprs())  # noqa: S307
    assert again == calendar
    assert hash(again) == hash(calendar)
    assert pickle.loads(pickle.dumps(calendar)) == calendar  # noqa: S301
    assert copy.deepcopy(calendar).start(1) == calendar.start(1)
    assert calendar != Calendar("day", zone=calendar.zone)


def test_its_text_is_the_call_that_makes_it() -> None:
    assert repr(Calendar.custom([date(2026, 1, 1), date(2026, 7, 1)], zone="Europe/Berlin")) == (
        "Calendar.custom((datetime.date(2026, 1, 1), datetime.date(2026, 7, 1)), "
        "zone='Europe/Berlin')"
    )
    assert repr(Calendar.custom([at(2026, 1, 1, 6), at(2026, 1, 2, 6)])) == (
        "Calendar.custom((datetime.datetime(2026, 1, 1, 6, 0), "
        "datetime.datetime(2026, 1, 2, 6, 0)))"
    )
    many = Calendar.custom(FIRST + timedelta(days=n) for n in range(100))
    assert repr(many).endswith("... 97 more))")


def test_equal_starts_make_equal_calendars_however_they_are_given() -> None:
    given = (date(2026, 1, 1), date(2026, 7, 1))
    midnights = [at(day.year, day.month, day.day, zone=BERLIN) for day in given]
    in_utc = [moment.astimezone(UTC) for moment in midnights]
    calendars = {Calendar.custom(iter(each), zone=BERLIN) for each in (given, midnights, in_utc)}
    assert len(calendars) == 1
    assert Calendar.custom(given) != Calendar.custom(given, zone=BERLIN)
    assert Calendar.custom(given) != Calendar.custom([*given, date(2027, 1, 1)])


# Every calculator


def months_of(zone: str, first: int = 2024, last: int = 2028) -> Calendar:
    numbers = range(12 * (last - first) + 1)
    return Calendar.custom((date(first + k // 12, k % 12 + 1, 1) for k in numbers), zone=zone)


ZONE = "Europe/Berlin"
YEAR = Window(date(2026, 1, 1), date(2027, 1, 1))
SO_FAR = Window(date(2026, 1, 1), date(2026, 11, 20))
CHANCE = Random(11)
ROWS = [
    (f"c{CHANCE.randrange(40)}", date(2025, 3, 1) + timedelta(days=CHANCE.randrange(660)))
    for _ in range(900)
]
PAYMENTS = [(customer, day, CHANCE.randrange(1, 90)) for customer, day in ROWS]
MRR = sorted({(who, day.replace(day=1)): 10 + n % 30 for n, (who, day) in enumerate(ROWS)}.items())
MONTHLY_ROWS = [(who, day, amount) for (who, day), amount in MRR]
RATINGS = [(day, CHANCE.randrange(11)) for _, day in ROWS]
SUBSCRIPTIONS = [
    revenue.Subscription(
        f"c{n}",
        start=(begin := date(2025, 6, 1) + timedelta(days=CHANCE.randrange(400))),
        end=None if n % 3 else begin + timedelta(days=CHANCE.randrange(1, 900)),
        amount=20 + n,
    )
    for n in range(30)
]

BY_WINDOW: dict[str, Callable[..., Any]] = {
    "retention.cohorts": lambda **asked: retention.cohorts(ROWS, **asked),
    "retention.cohorts, as time passes": lambda **asked: retention.cohorts(
        ROWS, mode="elapsed", cohorting="every", **asked
    ),
    "retention.cohort_revenue": lambda **asked: retention.cohort_revenue(PAYMENTS, **asked),
    "retention.growth": lambda **asked: retention.growth(ROWS, **asked),
    "retention.stickiness": lambda **asked: retention.stickiness(ROWS, **asked),
    "revenue.cohorts": lambda **asked: revenue.cohorts(MONTHLY_ROWS, **asked),
    "revenue.movements": lambda **asked: revenue.movements(MONTHLY_ROWS, **asked),
    "revenue.net_retention": lambda **asked: revenue.net_retention(
        MONTHLY_ROWS, periods=12, **asked
    ),
    "revenue.gross_retention": lambda **asked: revenue.gross_retention(MONTHLY_ROWS, **asked),
    "revenue.quick_ratio": lambda **asked: revenue.quick_ratio(MONTHLY_ROWS, **asked),
    "revenue.logo_churn": lambda **asked: revenue.logo_churn(MONTHLY_ROWS, **asked),
}


def test_every_calculator_of_periods_is_looked_at() -> None:
    cutting = {
        name
        for name, function in functions(clv, funnel, nps, retention, revenue, rfm, survival).items()
        if any(
            "Window" in form.get("window", "") and "calendar" in form for form in given(function)
        )
    }
    assert {name.split(",")[0] for name in BY_WINDOW} == cutting


@pytest.mark.parametrize("window", [YEAR, SO_FAR])
@pytest.mark.parametrize("name", BY_WINDOW)
def test_months_given_by_their_starts_are_months_to_every_calculator(
    name: str, window: Window
) -> None:
    named, own = (
        BY_WINDOW[name](calendar=calendar, window=window)
        for calendar in (Calendar("month", zone=ZONE), months_of(ZONE))
    )
    assert own.to_rows() == named.to_rows()
    assert len(own.to_rows()) > 0
    assert "period" in str(own).partition("\n")[0]


@pytest.mark.parametrize("until", [None, date(2026, 12, 31), date(2026, 11, 20)])
@pytest.mark.parametrize("window", [Period(months=2), Period(days=45), timedelta(days=45)])
def test_rolling_scores_are_those_of_months(until: date | None, window: Any) -> None:
    named, own = (
        nps.rolling(RATINGS, window=window, calendar=calendar, until=until).to_rows()
        for calendar in (Calendar("month", zone=ZONE), months_of(ZONE))
    )
    # months of a named calendar are whole periods; of one's own, months back from each end:
    # the same instants, as its periods are months
    assert own == named


@pytest.mark.parametrize("until", [date(2026, 6, 15), date(2026, 12, 31), date(2027, 6, 1)])
@pytest.mark.parametrize("same_period", ["ignored", "counted"])
def test_subscriptions_have_rows_as_by_months(until: date, same_period: Any) -> None:
    asked: Any = {"until": until, "same_period": same_period, "grace": timedelta(days=20)}
    named, own = (
        revenue.recurring(SUBSCRIPTIONS, calendar=calendar, **asked)
        for calendar in (Calendar("month", zone=ZONE), months_of(ZONE))
    )
    assert (own.rows, own.open, own.same_period) == (named.rows, named.open, named.same_period)


def test_subscriptions_have_rows_in_the_periods_of_the_calendar_alone() -> None:
    whole = revenue.recurring(
        SUBSCRIPTIONS,
        calendar=Calendar("month", zone=ZONE),
        until=date(2028, 1, 1),
        same_period="counted",
    )
    part = revenue.recurring(
        SUBSCRIPTIONS,
        calendar=months_of(ZONE, 2026, 2027),
        until=date(2028, 1, 1),
        same_period="counted",
    )
    year = (at(2026, 1, 1, zone=BERLIN), at(2027, 1, 1, zone=BERLIN))
    for own, named in ((part.rows, whole.rows), (part.same_period, whole.same_period)):
        assert own == tuple(row for row in named if year[0] <= row[1] < year[1])
    assert len(part.rows) < len(whole.rows)


def test_scores_look_back_before_the_first_period_and_end_with_the_last() -> None:
    whole = nps.rolling(RATINGS, window=Period(days=90), calendar=Calendar("month", zone=ZONE))
    part = nps.rolling(RATINGS, window=Period(days=90), calendar=months_of(ZONE, 2026, 2027))
    inside = [row for row in whole.rows if row.period.year == 2026]
    assert list(part.rows) == inside
    later = [(date(2030, 1, 1), 9)]
    assert nps.rolling(later, window=Period(days=9), calendar=RETAIL).rows == ()


DAILY = Calendar.custom(date(2025, 12, 1) + timedelta(days=n) for n in range(500))
BY_JOURNEYS: dict[str, Callable[..., Any]] = {
    "kpis": lambda **asked: CustomerBase(JOURNEYS).over(**asked).kpis(),
    "growth": lambda **asked: CustomerBase(JOURNEYS).over(**asked).growth(),
    "cohorts": lambda **asked: CustomerBase(JOURNEYS).over(**asked).cohorts(),
    "transition_counts": lambda **asked: CustomerBase(JOURNEYS).over(**asked).transition_counts(),
    "chain": lambda **asked: CustomerBase(JOURNEYS).over(**asked).chain(),
    "chain with memory": lambda **asked: CustomerBase(JOURNEYS).over(**asked).chain(memory=3),
    "value": lambda **asked: (
        CustomerBase(JOURNEYS).over(**asked).value(margins={"in": 22.0}, discount=0.1)
    ),
    "groups": lambda **asked: CustomerBase(JOURNEYS).over(**asked).by(asked["calendar"]).kpis(),
}


@pytest.mark.parametrize("name", BY_JOURNEYS)
def test_days_given_by_their_starts_are_days_to_every_insight(name: str) -> None:
    named, own = (
        BY_JOURNEYS[name](calendar=calendar, window=DAYS["window"])
        for calendar in (DAYS["calendar"], DAILY)
    )
    assert own.to_rows() == named.to_rows()
    assert own.to_rows()


def test_insights_are_of_the_last_period_too() -> None:
    """The window is all of the calendar, whose last start ends the last period."""
    window = DAYS["window"]
    first, n = window.start.date(), (window.end - window.start).days
    exact = Calendar.custom(first + timedelta(days=k) for k in range(n + 1))
    for name in ("kpis", "cohorts", "transition_counts", "chain", "value"):
        asked = [{"calendar": calendar, "window": window} for calendar in (DAILY, exact)]
        named, own = (BY_JOURNEYS[name](**one) for one in asked)
        assert own.to_rows() == named.to_rows(), name


def test_time_that_passes_ends_with_the_calendar() -> None:
    """Whoever began on day 10 of a period has lived it on day 10 of the next one.

    Periods 0, 1 and 2 are 4, 4 and 5 weeks. Of cohort 1, period 0 is lived on 7 April, and
    period 1 would be after the calendar. Bob began with period 2, and lived it by its end.
    """
    quarter = Calendar.custom(RETAIL_STARTS[:4])
    rows = [("ann", date(2026, 3, 10)), ("ann", date(2026, 4, 10)), ("bob", date(2026, 3, 29))]
    table = retention.cohorts(
        rows, calendar=quarter, window=Window(FIRST, RETAIL_STARTS[3]), mode="elapsed"
    )
    assert [[cell.open for cell in row.cells] for row in table.rows] == [
        [False, False, False],
        [False, True],
        [False],
    ]
    assert (table.cell(1, 1).retained, table.cell(2, 0).retained) == (1, 1)


# What needs more than the calendar has


def test_growth_needs_the_period_before_where_there_is_earlier_activity() -> None:
    year = Window(FIRST, date(2027, 1, 31))
    seen = [("ann", date(2026, 2, 3)), ("ann", date(2026, 3, 3))]
    table = retention.growth(seen, calendar=RETAIL, window=year)
    assert [(row.new, row.returning) for row in table.rows[:2]] == [(1, 0), (0, 1)]
    with pytest.raises(InvalidValueError, match=r"^window.start must be after the calendar's fi"):
        retention.growth([*seen, ("bob", date(2026, 1, 31))], calendar=RETAIL, window=year)
    cohorts = retention.cohorts([*seen, ("bob", date(2026, 1, 31))], calendar=RETAIL, window=year)
    assert [row.size for row in cohorts.rows[:2]] == [1, 0]  # bob began before


def test_movements_need_the_period_before() -> None:
    asked: Any = {"calendar": RETAIL, "window": Window(FIRST, date(2027, 1, 31))}
    expected = r"^periods must lead from 2026-02-01 00:00:00 to a period that the calendar has"
    with pytest.raises(InvalidValueError, match=expected):
        revenue.movements([("ann", date(2026, 2, 3), 10)], **asked)


def test_a_discount_needs_to_know_what_a_period_is() -> None:
    chain = CustomerBase(JOURNEYS).over(DAILY, DAYS["window"]).chain()
    yearly = clv.Discount(0.1, per="year")
    expected = r"^discount must be a rate per period, or the calendar have a grain of 'day', 'week'"
    with pytest.raises(InvalidTypeError, match=expected):
        chain.value({}, discount=yearly)
    daily = chain.value({"in": 22.0}, discount=yearly, period="day")
    assert daily == chain.value({"in": 22.0}, discount=yearly.for_period("day"))


def test_a_picture_names_its_periods_by_their_first_days() -> None:
    pytest.importorskip("matplotlib")
    from lifecycle.plots._canvas import period_label  # noqa: PLC0415

    assert period_label(RETAIL, RETAIL.start(1)) == "2026-03-01"
    table = retention.cohorts(
        [("ann", date(2026, 2, 3)), ("ann", date(2026, 3, 3))],
        calendar=RETAIL,
        window=Window(FIRST, date(2026, 5, 3)),
    )
    ax = plots.cohorts(table)
    assert ax.get_title().startswith("Retention by period")
    assert ax.get_xlabel() == "periods since the start"
