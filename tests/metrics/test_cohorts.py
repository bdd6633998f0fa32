"""Cohort tables, their cells and their curves."""

import pickle
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    UnknownNameError,
)
from lifecycle.metrics.retention import CohortCell, CohortRow, CohortTable, CurveTable, cohorts
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Rate

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
MONTHLY = Calendar("month")
SPRING = Window(date(2026, 1, 1), date(2026, 5, 1))


def on(month: int, day: int = 10) -> date:
    return date(2026, month, day)


LOG = [
    ("ann", on(1)),
    ("ann", on(2)),
    ("ann", on(4)),
    ("bob", on(1)),
    ("bob", on(3)),
    ("cy", on(2)),
    ("cy", on(3)),
    ("cy", on(3, 11)),
    ("di", on(4)),
]


def table(activity: Any = LOG, **options: Any) -> CohortTable:
    return cohorts(activity, **{"calendar": MONTHLY, "window": SPRING, **options})


def counts(found: CohortTable) -> list[list[int]]:
    return [[cell.retained for cell in row.cells] for row in found.rows]


def open_cells(found: CohortTable) -> list[tuple[int, int]]:
    return [(c, cell.k) for c, row in enumerate(found.rows) for cell in row.cells if cell.open]


# Who counts where


def test_a_customer_counts_in_the_period_of_each_return() -> None:
    assert counts(table()) == [[2, 1, 1, 1], [1, 1, 0], [0, 0], [1]]


def test_on_or_after_counts_a_later_return_too() -> None:
    assert counts(table(retained="on_or_after")) == [[2, 2, 2, 1], [1, 1, 0], [0, 0], [1]]


def test_every_start_makes_a_cohort_of_its_period() -> None:
    found = counts(table(cohorting="every"))
    assert found == [[2, 1, 1, 1], [2, 1, 1], [2, 0], [2]]


def test_a_return_in_the_starting_period_does_not_count() -> None:
    assert counts(table([("ann", on(1, 1)), ("ann", on(1, 31))])) == [
        [1, 0, 0, 0],
        [0, 0, 0],
        [0, 0],
        [0],
    ]


def test_a_return_before_the_start_does_not_count() -> None:
    found = table([("ann", on(1)), ("ann", on(3))], enrolled=[("ann", on(2))])
    assert table([("ann", on(1)), ("ann", on(3))], enrolled={"ann": on(2)}) == found
    assert counts(found) == [[0, 0, 0, 0], [1, 1, 0], [0, 0], [0]]


def test_a_customer_without_a_return_is_in_the_size() -> None:
    found = table([], enrolled=[("ann", on(2)), ("bob", on(2))])
    assert found.rows[1].size == 2
    assert [cell.rate for cell in found.rows[1].cells] == [Rate(2, 2), Rate(0, 2), Rate(0, 2)]


def test_a_first_start_before_the_window_puts_a_customer_in_no_cohort() -> None:
    log = [("ann", date(2025, 12, 31)), ("ann", on(1)), ("ann", on(2))]
    assert counts(table(log)) == [[0, 0, 0, 0], [0, 0, 0], [0, 0], [0]]


def test_every_start_in_the_window_counts_though_one_lies_before_it() -> None:
    log = [("ann", date(2025, 12, 31)), ("ann", on(1)), ("ann", on(2))]
    assert counts(table(log, cohorting="every"))[:2] == [[1, 1, 0, 0], [1, 0, 0]]


def test_rows_at_the_end_of_the_window_are_ignored() -> None:
    log = [("ann", on(4)), ("ann", date(2026, 5, 1)), ("bob", date(2026, 5, 1))]
    assert counts(table(log)) == [[0, 0, 0, 0], [0, 0, 0], [0, 0], [1]]


def test_enough_returns_must_fall_in_one_period() -> None:
    found = table(min_occurrences=2)
    assert counts(found) == [[2, 0, 0, 0], [1, 1, 0], [0, 0], [1]]


def test_enough_returns_in_a_later_period_count_on_or_after() -> None:
    log = [("ann", on(1)), ("ann", on(2)), ("ann", on(3)), ("ann", on(3))]
    assert counts(table(log, min_occurrences=2, retained="on_or_after"))[0] == [1, 1, 1, 0]


def test_returns_are_not_pooled_over_a_bracket() -> None:
    log = [("ann", on(1)), ("ann", on(2)), ("ann", on(3))]
    assert counts(table(log, min_occurrences=2, brackets=[range(1, 4)]))[0] == [1, 0]


def test_nothing_is_a_table_of_empty_cohorts() -> None:
    found = table([])
    assert counts(found) == [[0, 0, 0, 0], [0, 0, 0], [0, 0], [0]]
    assert found.cell(0, 1).rate == Rate(0, 0)
    assert found.cell(0, 1).value is None


def test_rows_may_come_from_a_generator() -> None:
    assert table(iter(LOG)) == table()
    assert table((row for row in LOG), enrolled=(row for row in LOG)) == table()


def test_customers_may_be_numbers_and_text() -> None:
    log = [(7, on(1)), ("7", on(1)), (7, on(2))]
    assert counts(table(log))[0] == [2, 1, 0, 0]


# Brackets


def test_a_bracket_counts_a_customer_once() -> None:
    log = [("ann", on(1)), ("ann", on(2)), ("ann", on(3)), ("bob", on(1)), ("bob", on(4))]
    found = table(log, brackets=[range(1, 3), range(3, 4)])
    assert counts(found) == [[2, 1, 1], [0, 0], [0, 0], [0]]
    assert [(cell.k, cell.last) for cell in found.rows[0].cells] == [(0, 0), (1, 2), (3, 3)]


def test_a_bracket_beyond_the_window_is_open() -> None:
    found = table(brackets=(range(1, 3),))
    assert open_cells(found) == [(2, 1)]
    assert found.cell(2, 1).retained == 0


def test_a_bracket_may_be_far_longer_than_the_window() -> None:
    found = table(brackets=[range(1, 10**9)], mode="elapsed")
    assert counts(found) == [[2, 2], [1, 1], [0, 0], [1]]
    assert open_cells(found) == [(0, 1), (1, 1), (2, 1), (3, 0)]


def test_on_or_after_a_bracket_counts_what_falls_in_a_gap_after_it() -> None:
    log = [("ann", on(1)), ("ann", on(3))]
    brackets = [range(1, 2), range(3, 4)]
    assert counts(table(log, brackets=brackets))[0] == [1, 0, 0]
    assert counts(table(log, brackets=brackets, retained="on_or_after"))[0] == [1, 1, 0]


def test_a_cell_is_found_by_any_period_of_its_bracket() -> None:
    found = table(brackets=[range(1, 3)])
    assert found.cell(0, 1) == found.cell(0, 2)


@pytest.mark.parametrize(
    "brackets",
    [[range(2)], [range(2, 2)], [range(1, 5, 2)], [range(1, 3), range(2, 4)], [range(3, 1, -1)]],
)
def test_brackets_ascend_from_1(brackets: list[range]) -> None:
    with pytest.raises(InvalidValueError, match=r"^brackets\[\d\] must be a range by steps of 1"):
        table(brackets=brackets)


def test_brackets_are_some_or_not_given() -> None:
    with pytest.raises(InvalidValueError, match=r"^brackets must hold at least one range"):
        table(brackets=[])


@pytest.mark.parametrize(("brackets", "where"), [(3, "brackets"), ([(1, 3)], r"brackets\[0\]")])
def test_brackets_are_ranges(brackets: Any, where: str) -> None:
    with pytest.raises(InvalidTypeError, match=f"^{where} must be"):
        table(brackets=brackets)


# Open cells


def test_the_last_period_is_open_where_the_window_ends_within_it() -> None:
    found = table(window=Window(on(1, 1), on(4, 20)))
    assert open_cells(found) == [(0, 3), (1, 2), (2, 1), (3, 0)]
    cell = found.cell(0, 3)
    assert (cell.retained, cell.size, cell.rate, cell.value) == (1, 2, None, None)


def test_no_period_is_open_where_the_window_ends_with_one() -> None:
    assert open_cells(table()) == []


def test_an_elapsed_cell_is_open_until_its_last_customer_has_lived_it() -> None:
    log = [(name, datetime(2026, 1, 1, h, tzinfo=UTC)) for name, h in (("ann", 9), ("bob", 18))]
    four = Window(date(2026, 1, 1), date(2026, 1, 4))
    found = table(log, calendar=Calendar("day"), window=four, mode="elapsed")
    assert open_cells(found) == [(0, 2)]
    found = table(log[:1], calendar=Calendar("day"), window=four, mode="elapsed")
    assert open_cells(found) == [(0, 2)]


def test_the_last_customer_is_who_began_last() -> None:
    log = [(name, datetime(2026, 1, 1, h, tzinfo=UTC)) for name, h in (("ann", 0), ("bob", 18))]
    four = Window(date(2026, 1, 1), date(2026, 1, 4))
    for rows in (log, log[::-1]):
        found = table(rows, calendar=Calendar("day"), window=four, mode="elapsed")
        assert open_cells(found) == [(0, 2)]


def test_an_elapsed_cell_closes_after_24_hours_whatever_the_clocks_do() -> None:
    log = [("ann", datetime(2026, 10, 24, 12, tzinfo=BERLIN))]
    daily = {"calendar": Calendar("day", zone="Europe/Berlin"), "mode": "elapsed"}
    for minute, still in ((0, []), (-1, [(0, 0)])):  # 11 o'clock is 24 hours later
        end = datetime(2026, 10, 25, 11, tzinfo=BERLIN) + timedelta(minutes=minute)
        window = Window(datetime(2026, 10, 24, tzinfo=BERLIN), end)
        found = table(log, window=window, **daily)
        assert [cell for cell in open_cells(found) if cell == (0, 0)] == still


def test_an_elapsed_cell_closes_at_the_very_instant() -> None:
    midnight = [("ann", datetime(2026, 1, 1, tzinfo=UTC))]
    window = Window(date(2026, 1, 1), date(2026, 1, 4))
    found = table(midnight, calendar=Calendar("day"), window=window, mode="elapsed")
    assert open_cells(found) == []


def test_an_elapsed_cell_of_an_empty_cohort_closes_with_the_calendar() -> None:
    found = table([], calendar=Calendar("day"), window=Window(on(1, 1), on(1, 4)), mode="elapsed")
    assert open_cells(found) == []


# Elapsed time


def test_elapsed_days_have_24_hours_whatever_the_clocks_do() -> None:
    start = datetime(2026, 3, 28, 12, tzinfo=BERLIN)  # the night to the 29th has 23 hours a day
    log = [("ann", start), ("ann", datetime(2026, 3, 29, 12, 30, tzinfo=BERLIN))]
    window = Window(date(2026, 3, 28), date(2026, 4, 1))
    daily = Calendar("day", zone="Europe/Berlin")
    assert counts(table(log, calendar=daily, window=window))[0] == [1, 1, 0, 0]
    assert counts(table(log, calendar=daily, window=window, mode="elapsed"))[0] == [1, 0, 0, 0]


def test_a_day_of_25_hours_holds_an_elapsed_day() -> None:
    start = datetime(2026, 10, 25, 0, 15, tzinfo=BERLIN)
    log = [("ann", start), ("ann", datetime(2026, 10, 25, 23, 45, tzinfo=BERLIN))]
    window = Window(date(2026, 10, 25), date(2026, 10, 28))
    daily = Calendar("day", zone="Europe/Berlin")
    assert counts(table(log, calendar=daily, window=window))[0] == [1, 0, 0]
    assert counts(table(log, calendar=daily, window=window, mode="elapsed"))[0] == [1, 1, 0]


def test_elapsed_weeks_and_hours_are_counted_from_the_start() -> None:
    for grain, unit in (("week", timedelta(weeks=1)), ("hour", timedelta(hours=1))):
        start = datetime(2026, 1, 5, tzinfo=UTC)
        log = [("ann", start + unit / 2), ("ann", start + unit * 2)]
        window = Window(start, start + 4 * unit)
        options = {"calendar": Calendar(grain), "window": window}
        assert counts(table(log, **options))[0] == [1, 0, 1, 0]
        assert counts(table(log, mode="elapsed", **options))[0] == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("back", "k"),
    [((2, 27), 0), ((2, 28), 1), ((3, 30), 1), ((3, 31), 2), ((4, 29), 2), ((4, 30), 3)],
)
def test_elapsed_months_step_from_the_anchor(back: tuple[int, int], k: int) -> None:
    found = table([("ann", on(1, 31)), ("ann", on(*back))], mode="elapsed")
    assert max(cell.k for cell in found.rows[0].cells if cell.retained) == k


def test_elapsed_time_runs_from_the_first_start_in_the_row() -> None:
    log = [("ann", on(1, 20)), ("ann", on(1, 5)), ("ann", on(2, 10))]
    assert counts(table(log, mode="elapsed"))[0] == [1, 1, 0, 0]


def test_every_row_has_an_anchor_of_its_own() -> None:
    log = [("ann", on(1, 20)), ("ann", on(2, 10)), ("ann", on(3, 15))]
    found = table(log, mode="elapsed", cohorting="every")
    assert counts(found) == [[1, 1, 0, 0], [1, 1, 0], [1, 0], [0]]


def test_enough_returns_must_fall_in_one_elapsed_period() -> None:
    log = [("ann", on(1, 20)), ("ann", on(2, 25)), ("ann", on(3, 10)), ("ann", on(3, 22))]
    assert counts(table(log, mode="elapsed", min_occurrences=2))[0] == [1, 1, 0, 0]


# Zones and clocks


def test_periods_begin_in_the_zone_of_the_calendar() -> None:
    log = [("ann", datetime(2026, 1, 31, 23, 30, tzinfo=UTC))]
    zoned = Calendar("month", zone="Europe/Berlin")
    assert table(log).rows[0].size == 1
    found = table(log, calendar=zoned)
    assert found.rows[1].size == 1
    assert found.rows[1].cohort == datetime(2026, 2, 1, tzinfo=BERLIN)
    assert found.rows[1].cohort.tzinfo == BERLIN


def test_naive_instants_and_dates_are_local_times_of_the_zone() -> None:
    zoned = Calendar("month", zone="Europe/Berlin")
    aware = [(c, datetime(t.year, t.month, t.day, tzinfo=BERLIN)) for c, t in LOG]
    naive = [(c, at.replace(tzinfo=None)) for c, at in aware]
    assert table(aware, calendar=zoned) == table(naive, calendar=zoned)
    assert table(LOG, calendar=zoned) == table(naive, calendar=zoned)


def test_both_times_of_a_repeated_hour_are_told_apart() -> None:
    first, second = (datetime(2025, 10, 26, 2, 30, fold=fold, tzinfo=BERLIN) for fold in (0, 1))
    window = Window(first - timedelta(hours=1), datetime(2025, 10, 26, 5, tzinfo=BERLIN))
    hourly = Calendar("hour", zone="Europe/Berlin")
    window = Window(datetime(2025, 10, 26, 1, tzinfo=BERLIN), window.end)
    found = table([("ann", second), ("ann", first)], calendar=hourly, window=window)
    assert counts(found)[1] == [1, 1, 0, 0]


# The table


def test_a_cell_is_found_by_an_instant_of_its_cohort_or_its_number() -> None:
    found = table()
    assert found.cell(on(2, 28), 1) == found.cell(1, 1) == found.rows[1].cells[1]
    assert found.cell(datetime(2026, 2, 3, 4, 5, tzinfo=UTC), 1) == found.cell(1, 1)


@pytest.mark.parametrize("cohort", [4, -1, date(2025, 12, 31), date(2026, 5, 1)])
def test_a_cohort_outside_the_window_is_refused(cohort: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^cohort must be one of the 4 cohorts"):
        table().cell(cohort, 0)


@pytest.mark.parametrize("k", [-1, 4])
def test_a_period_outside_the_row_is_refused(k: int) -> None:
    with pytest.raises(InvalidValueError, match=r"^k must"):
        table().cell(0, k)


@pytest.mark.parametrize(("cohort", "k"), [("2026-01", 0), (True, 0), (0, 1.0), (0, True)])
def test_a_cell_has_a_number_and_an_instant(cohort: Any, k: Any) -> None:
    with pytest.raises(InvalidTypeError):
        table().cell(cohort, k)


def test_rows_of_plain_dicts_have_one_for_each_cell() -> None:
    rows = table(window=Window(on(1, 1), on(2, 20))).to_rows()
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert rows[0] == {
        "cohort": start,
        "k": 0,
        "last": 0,
        "size": 2,
        "retained": 2,
        "value": 1.0,
        "open": False,
    }
    assert rows[1] == {**rows[0], "k": 1, "last": 1, "retained": 1, "value": None, "open": True}
    assert len(rows) == 3


def test_the_text_shows_shares_and_marks_open_counts() -> None:
    found = table(window=Window(on(1, 1), on(4, 20)))
    assert str(found).splitlines() == [
        "Retention by month: first start, retained on, calendar time (* open: retained so far)",
        "cohort      size       0       1      2   3",
        "2026-01-01     2  100.0%   50.0%  50.0%  1*",
        "2026-02-01     1  100.0%  100.0%     0*",
        "2026-03-01     0              0*",
        "2026-04-01     1      1*",
    ]


def test_the_text_names_brackets_by_their_ends() -> None:
    heads = str(table(brackets=[range(1, 2), range(2, 4)])).splitlines()[1]
    assert heads.split() == ["cohort", "size", "0", "1", "2-3"]


def test_the_title_explains_a_mark_only_where_there_is_one() -> None:
    title = "Retention by month: every start, retained on or after, elapsed time"
    options = {"cohorting": "every", "retained": "on_or_after", "mode": "elapsed"}
    assert str(table([], **options)).splitlines()[0] == title
    assert str(table(**options)).splitlines()[0] == f"{title} (* open: retained so far)"


def test_a_repr_tells_only_the_choices_that_were_made() -> None:
    usual, chosen = (
        repr(table(**options)).partition("rows=")[0] for options in ({}, {"min_occurrences": 2})
    )
    choices = ("retained=", "cohorting=", "min_occurrences=", "brackets=", "mode=")
    assert not any(choice in usual for choice in choices)
    assert [choice for choice in choices if choice in chosen] == ["min_occurrences="]


def test_html_is_a_shaded_triangle() -> None:
    html = table(window=Window(on(1, 1), on(2, 20)))._repr_html_()
    assert "rgba(63, 81, 181, 0.75)" in html
    assert "1*</td>" in html
    assert html.count("background") == 1


def test_values_can_be_pasted_back() -> None:
    import datetime as dt  # noqa: PLC0415  (the name in the text)

    names = {kind.__name__: kind for kind in (CohortTable, CohortRow, CohortCell, Calendar, Window)}
    found = table(brackets=[range(1, 3)], cohorting="every")
    pasted = eval(repr(found), {**names, "datetime": dt})  # noqa: S307
    assert pasted == found
    assert "mode" not in repr(found)


def test_a_table_can_be_pickled() -> None:
    found = table()
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301


# Curves


def test_a_pooled_curve_adds_the_counts_of_closed_cells() -> None:
    curve = table(window=Window(on(1, 1), on(4, 20))).curve()
    assert [(p.k, p.cohorts, p.retained, p.size) for p in curve.rows] == [
        (0, 3, 3, 3),
        (1, 2, 2, 3),
        (2, 1, 1, 2),
    ]
    assert [point.rate for point in curve.rows] == [Rate(3, 3), Rate(2, 3), Rate(1, 2)]
    assert curve.rows[1].value == pytest.approx(2 / 3)


def test_a_mean_curve_weighs_cohorts_alike_and_leaves_out_empty_ones() -> None:
    curve = table().curve(average="mean")
    assert curve.rows[1].value == pytest.approx((0.5 + 1) / 2)
    assert curve.rows[1].rate == Rate(2, 3)
    assert curve.rows[1].cohorts == 3


def test_a_curve_of_empty_cohorts_has_no_value() -> None:
    for average in ("pooled", "mean"):
        assert {point.value for point in table([]).curve(average=average).rows} == {None}


def test_a_curve_without_closed_cells_has_no_points() -> None:
    assert table(window=Window(on(1, 1), on(1, 9))).curve().rows == ()


def test_a_curve_is_a_table() -> None:
    curve = table().curve()
    assert str(curve).splitlines()[:2] == [
        "Retention curve, pooled over closed cells",
        "k  last  cohorts  size  retained   value",
    ]
    assert curve.to_rows()[0] == {
        "k": 0,
        "last": 0,
        "cohorts": 4,
        "size": 4,
        "retained": 4,
        "value": 1.0,
    }
    assert repr(curve).startswith("CurveTable(average='pooled', rows=(CurvePoint(k=0")
    assert isinstance(curve, CurveTable)


def test_an_unknown_average_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"^average must be one of 'pooled', 'mean'"):
        table().curve(average="median")  # type: ignore[arg-type]


# Doors


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"retained": "after"}, "retained must be one of 'on', 'on_or_after'"),
        ({"cohorting": "last"}, "cohorting must be one of 'first', 'every'"),
        ({"mode": "24h"}, "mode must be one of 'calendar', 'elapsed'"),
    ],
)
def test_an_unknown_choice_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UnknownNameError, match=f"^{message}"):
        table(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"calendar": "month"}, "calendar must be a Calendar"),
        ({"window": (on(1), on(2))}, "window must be a Window"),
        ({"min_occurrences": True}, "min_occurrences must be a whole number"),
        ({"min_occurrences": 1.5}, "min_occurrences must be a whole number"),
    ],
)
def test_an_argument_of_another_type_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidTypeError, match=f"^{message}"):
        table(**options)


def test_a_window_begins_with_a_period_and_an_occurrence_is_one_at_least() -> None:
    with pytest.raises(InvalidValueError, match=r"^window\.start must be at the start of a month"):
        table(window=Window(on(1, 2), on(3)))
    with pytest.raises(InvalidValueError, match=r"^min_occurrences must be at least 1"):
        table(min_occurrences=0)


def test_naive_enrollments_beside_aware_activity_are_refused() -> None:
    aware = [("ann", datetime(2026, 1, 1, tzinfo=UTC))]
    with pytest.raises(MixedInstantsError, match=r"^enrolled\[0\]\.at and activity\[0\]\.at must"):
        table(aware, enrolled=LOG)
