"""Where rows and columns could part: very large numbers, ids of another type, lazy results."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from lifecycle import Calendar, EventLog, Window, funnel, nps, retention, rfm, survival
from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError

DAY = date(2026, 1, 1)
SPRING: dict[str, Any] = {
    "calendar": Calendar("month"),
    "window": Window(DAY, date(2026, 3, 1)),
}
VISITS = [(1, DAY), (1, date(2026, 2, 3)), (2, date(2026, 1, 9))]


def forms(rows: list[Any]) -> list[Any]:
    return [rows, EventLog.from_rows(rows)]


@pytest.mark.parametrize("rows", forms(VISITS))
@pytest.mark.parametrize("named", [{"1": DAY}, [("1", DAY)], EventLog.from_rows([("1", DAY)])])
def test_customers_enrolled_under_ids_of_another_type_are_refused(rows: Any, named: Any) -> None:
    expected = r"enrolled must name customers as the activity has them, such as 1 \(int\), got '1'"
    with pytest.raises(InvalidTypeError, match=expected):
        retention.cohorts(rows, **SPRING, enrolled=named)


@pytest.mark.parametrize("rows", forms(VISITS))
def test_groups_of_ids_of_another_type_are_refused(rows: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"by must name customers as .* such as 1 \(int\)"):
        retention.growth(rows, **SPRING, by={"1": "a"})


@pytest.mark.parametrize("rows", forms(VISITS))
def test_groups_of_other_customers_leave_all_in_none(rows: Any) -> None:
    assert retention.growth(rows, **SPRING, by={3: "a"}).groups == (None,)


def test_a_customer_that_cannot_be_hashed_is_refused_in_groups_too() -> None:
    with pytest.raises(InvalidTypeError, match=r"activity\[0\]\.customer must be text or a whole"):
        retention.growth([([1], DAY)], **SPRING, by={})


def test_a_series_of_pandas_says_how_it_becomes_a_mapping() -> None:
    pandas = pytest.importorskip("pandas")
    with pytest.raises(InvalidTypeError, match=r"to groups, as to_dict\(\) makes it, got"):
        retention.growth(VISITS, **SPRING, by=pandas.Series(["a"], index=[1]))


def test_a_group_that_is_missing_is_named_with_one_that_is_meant() -> None:
    found = retention.growth(VISITS, **SPRING, by={1: "ads"})
    with pytest.raises(UnknownNameError, match="did you mean 'ads'"):
        found["adz"]


def test_an_amount_far_above_the_others_does_not_cost_their_last_digit() -> None:
    small = [("ann", DAY + timedelta(i), x) for i, x in enumerate((0.47, 0.44, 1.85))]
    for rows in forms([("big", DAY, 1e15), *small]):
        scored = rfm.scores(rows, until=date(2026, 6, 1), bins=1)
        assert scored.row("ann").monetary == 2.7600000000000002  # 0.47 + 0.44 + 1.85, rounded once


def test_logs_of_numbers_that_floats_do_not_tell_apart_differ() -> None:
    one, other = (EventLog(customer=["a"], at=[DAY], value=[x]) for x in (2**53 + 1, 2.0**53))
    assert one != other


def test_customers_who_came_late_are_compared_exactly() -> None:
    numpy = pytest.importorskip("numpy")
    durations, entry = [2.0**53 + 4, 2.0**60], [0, 2**53 + 3]
    for given in ((durations, entry), (numpy.array(durations), numpy.array(entry))):
        curve = survival.kaplan_meier(given[0], [1, 1], entry=given[1])
        assert curve.at_risk == (2, 1)


def test_a_rating_of_a_log_is_refused_as_that_of_a_list() -> None:
    log = EventLog(customer=["a", "b"], at=[DAY, DAY], value=[9, 11])
    with pytest.raises(InvalidValueError, match=r"ratings\[1\] must be between 0 and 10, got 11$"):
        nps.score(log)


def test_attempts_of_a_log_equal_those_of_rows() -> None:
    rows = [("a", datetime(2026, 1, n, tzinfo=UTC), step) for n, step in ((1, "cart"), (2, "buy"))]
    log = EventLog.from_rows(rows, fields=("customer", "at", "event"))
    one, other = (funnel.funnel(each, steps=("cart", "buy")) for each in (rows, log))
    filled = one.time_to_convert.filled
    assert filled == other.time_to_convert.filled == other.time_to_convert.filled
    assert hash(filled) == hash(other.time_to_convert.filled)


def test_curves_in_a_list_are_asked_for_one_by_one() -> None:
    curve = survival.kaplan_meier([1, 2], [1, 1])
    with pytest.raises(InvalidTypeError, match=r"be given one by one: log_rank\(\*curves\)"):
        survival.log_rank([curve, curve])
