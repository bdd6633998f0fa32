"""Funnels."""

import json
import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from lifecycle import EventLog
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    UnknownNameError,
)
from lifecycle.metrics.funnel import (
    Bin,
    ConversionTimes,
    Exclusion,
    FunnelTable,
    HistogramTable,
    TimeToConvertTable,
    funnel,
)
from lifecycle.periods import Period
from lifecycle.rates import Rate

START = datetime(2026, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def path(text: str) -> list[tuple[datetime, str]]:
    """Read a path: "a0 b1.5" is a at the start, and b 90 minutes later."""
    return [(START + float(word[1:]) * HOUR, word[0]) for word in text.split()]


def level(text: str, steps: str = "abc", **options: Any) -> int:
    return run(text, steps=steps, **options).levels[0]


def run(*texts: str, steps: str = "abc", **options: Any) -> FunnelTable:
    """Run a funnel, of rows and of the log that has them."""
    paths = {i: path(text) for i, text in enumerate(texts)}
    found = funnel(paths, steps=list(steps), **options)
    if all(paths.values()):  # a log has no customer without a row
        rows = [(who, *row) for who, own in paths.items() for row in own]
        log = EventLog.from_rows(rows, fields=("customer", "at", "event"))
        assert funnel(log, steps=list(steps), **options) == found
    return found


def hours(found: FunnelTable, first: int = 0, last: int = 1) -> list[float]:
    return [length / HOUR for length in found.time_to_convert.between(first, last).lengths]


def test_ordered_lets_other_events_happen_in_between() -> None:
    assert level("a0 x1 b2 a3 x4 c5") == 3
    assert level("b0 a1 c2") == 1
    assert level("c0 b1 a2") == 1
    assert level("b0 c1") == 0


MONTH = Period(months=1)


@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
def test_a_window_of_months_ends_on_the_calendar(order: str) -> None:
    """From 31 January a month leads to 28 February, which is 28 days; from 1 July, 31 days."""
    for start, end in (
        (datetime(2026, 1, 31, 9, tzinfo=UTC), datetime(2026, 2, 28, 9, tzinfo=UTC)),
        (datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)),
    ):
        for late, wanted in ((timedelta(0), 2), (timedelta.resolution, 1)):
            rows = {"ann": [(start, "a"), (end + late, "b")]}
            found = funnel(rows, steps=["a", "b"], within=MONTH, order=order)  # type: ignore[arg-type]
            assert found.levels == {"ann": wanted}
            assert found.within == MONTH


def test_months_are_counted_on_the_clock_of_the_zone() -> None:
    """31 March 23:30 in UTC is 1 April 1:30 in Berlin, and a month later is 1 May 1:30 there."""
    start = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    rows = {"ann": [(start, "a"), (datetime(2026, 4, 30, 23, 30, tzinfo=UTC), "b")]}
    assert funnel(rows, steps=["a", "b"], within=MONTH, zone="Europe/Berlin").levels == {"ann": 2}
    rows["ann"][1] = (datetime(2026, 4, 30, 23, 30, 1, tzinfo=UTC), "b")
    assert funnel(rows, steps=["a", "b"], within=MONTH, zone="Europe/Berlin").levels == {"ann": 1}
    naive = {"ann": [(date(2026, 1, 31), "a"), (date(2026, 2, 28), "b")]}
    assert funnel(naive, steps=["a", "b"], within=MONTH).levels == {"ann": 2}


def test_an_attempt_is_open_until_its_month_is_over() -> None:
    rows = {"ann": [(datetime(2026, 1, 31, tzinfo=UTC), "a")]}
    for until, wanted in ((date(2026, 2, 27), {"ann": 1}), (date(2026, 2, 28), {})):
        assert funnel(rows, steps=["a", "b"], within=MONTH, until=until).open == wanted
    beyond = funnel(rows, steps=["a", "b"], within=Period(years=9000), until=date(2026, 2, 28))
    assert beyond.open == {"ann": 1}


def test_an_event_after_its_month_voids_nothing() -> None:
    ban = [Exclusion("x", after=0, before=1)]
    start = datetime(2026, 1, 31, tzinfo=UTC)
    for day, wanted in ((27, frozenset({"ann"})), (28, frozenset())):
        rows = {"ann": [(start, "a"), (datetime(2026, 2, day, tzinfo=UTC), "x")]}
        found = funnel(rows, steps=["a", "b"], within=MONTH, exclusions=ban)
        assert found.excluded == wanted


def test_the_title_has_months_in_words() -> None:
    found = run("a0 b1", steps="ab", within=MONTH)
    assert str(found).startswith("Funnel, in order, within 1 month, until not given\n")


def test_a_fixed_window_is_the_same_as_a_period() -> None:
    for within in (timedelta(days=1), Period(days=1), Period(hours=24)):
        found = run("a0 b24 c25", within=within)
        assert found.levels[0] == 2
        assert found.within == timedelta(days=1)


def test_strict_ends_at_any_other_event_or_a_repeat() -> None:
    assert level("a0 b1 x2 c3", order="strict") == 2
    assert level("a0 a1 x2 b3", order="strict") == 1
    assert level("a0 b1 b2 c3", order="strict") == 2
    assert level("a0 a1 b2 c3", order="strict") == 3
    assert level("x0 a1 b2 c3 x4", order="strict") == 3
    assert level("b0 c1", order="strict") == 0


def test_any_order_counts_how_many_steps_were_filled() -> None:
    assert level("c0 x1 a2 b3", order="any") == 3
    assert level("c0 c1 b2", order="any") == 2
    assert level("x0", order="any") == 0


def test_one_event_fills_one_step() -> None:
    for order in ("ordered", "strict", "any"):
        assert level("a0", "aa", order=order) == 1
        assert level("a0 a1", "aa", order=order) == 2
        assert level("a0 a0", "aa", order=order, same_time="allow") == 2
        assert level("a0 a0", "aaa", order=order, same_time="allow") == 2


def test_the_window_runs_from_the_first_step_and_includes_its_end() -> None:
    for order in ("ordered", "strict", "any"):
        assert level("a0 b1 c2", order=order, within=2 * HOUR) == 3
        assert level("a0 b1 c2.01", order=order, within=2 * HOUR) == 2
        assert level("a0 b0 c0", order=order, within=timedelta()) == 3


def test_a_window_may_be_a_period() -> None:
    found = run("a0 b1 c2", within=Period(hours=2))
    assert (found.levels, found.within) == ({0: 3}, 2 * HOUR)
    assert found.time_to_convert.between(0, 1).within(Period(hours=1)) == Rate(1, 1)


def test_a_later_start_may_reach_further() -> None:
    assert level("a0 a5 b6 c7", within=2 * HOUR) == 3
    assert level("a0 b1 a5 b6 c7", within=3 * HOUR) == 3


def test_the_furthest_attempt_counts_then_the_first_there_then_the_latest_start() -> None:
    assert hours(run("a0 b1 a2 b9 c10", within=9 * HOUR)) == [7]
    assert hours(run("a0 b5 a6 b7", steps="ab")) == [5]
    assert hours(run("a0 a3 b5 a6 b6", steps="ab")) == [2]


def test_events_of_one_instant_stand_as_it_helps() -> None:
    for order in ("ordered", "strict", "any"):
        assert level("c1 b1 a1", order=order) == 3
    assert level("a0 b1 a1 c2", "abac") == 4
    assert level("a0 b1 x1 c2", order="strict") == 2
    assert level("x0 a0 b1 c1", order="strict") == 3
    assert level("a0 a0 a1 b2", "aab", order="strict") == 3


def test_a_message_delivered_twice_does_not_fill_two_steps() -> None:
    """PostHog's rule: ties for different events, strictly later for the same one."""
    for order in ("ordered", "strict", "any"):
        assert level("a0 a0", "aa", order=order) == 1
        assert level("a0 b0", "ab", order=order) == 2
        assert level("a0 a0 b0", "aab", order=order) == (2 if order == "any" else 1)
        assert level("a0 a0 a1", "aa", order=order) == 2
        assert level("a0 b0 b0 a1", "abba", order=order) == (3 if order == "any" else 2)
    assert level("a0 b0 a0", "aba") == 2
    assert level("a0 b0 a0 a1", "aba") == 3
    assert hours(run("a0 a0 a3", steps="aa")) == [3]


def test_a_repeat_at_one_instant_ends_a_strict_attempt_as_any_repeat_does() -> None:
    assert level("a0 b1 b1 c2", order="strict") == 2
    assert level("a0 a0 b1 c2", order="strict") == 3


def test_exclusions_and_the_window_hold_for_steps_of_one_instant() -> None:
    ban = [Exclusion("a")]
    assert level("a0 a0 b1", "ab", exclusions=ban) == 2
    assert level("a0 b0 a0", "ab", exclusions=ban, within=timedelta()) == 2
    assert level("a0 a0", "aa", within=timedelta()) == 1


def test_where_the_same_time_is_forbidden_each_step_is_later() -> None:
    for order in ("ordered", "strict", "any"):
        assert level("a0 b0 c1", order=order, same_time="forbid") == (2 if order == "any" else 1)
        assert level("a0 b1 c2", order=order, same_time="forbid") == 3
    assert level("a0 b0 b1 c1 c2", same_time="forbid") == 3
    assert level("a0 b1 x1 c2", order="strict", same_time="forbid") == 2


def test_in_any_order_instants_are_shared_out_among_the_steps() -> None:
    """At 0 there are a and b, later a only: b is filled at 0."""
    assert level("a0 b0 a1", "ab", order="any", same_time="forbid") == 2
    assert level("a0 b0 a1 c1 a2", order="any", same_time="forbid") == 3
    assert level("a0 b0 c0 a1 b1", order="any", same_time="forbid") == 2
    assert level("a0 a1", "ab", order="any", same_time="forbid") == 1


def test_an_exclusion_between_its_steps_voids_the_attempt() -> None:
    ban = [Exclusion("x")]
    assert run("a0 x1 b2", exclusions=ban).excluded == {0}
    assert level("a0 x1 a2 b3", exclusions=ban) == 2
    assert level("a0 b1 x2 c3", exclusions=ban) == 3
    assert level("x0 a0 b1 x1", exclusions=ban) == 2


def test_an_exclusion_holds_to_the_end_of_the_window_where_its_second_step_is_missing() -> None:
    ban = [Exclusion("x")]
    assert run("a0 x1", within=2 * HOUR, exclusions=ban).excluded == {0}
    assert run("a0 x2", within=2 * HOUR, exclusions=ban).levels == {0: 1}
    assert run("a0 x1 b3", within=2 * HOUR, exclusions=ban).excluded == {0}
    assert run("a0 x9").levels == {0: 1}
    assert run("a0 x9", exclusions=ban).excluded == {0}


def test_an_exclusion_asks_for_its_first_step() -> None:
    ban = [Exclusion("x", after=1, before=2)]
    assert level("a0 x1", exclusions=ban) == 1
    assert run("a0 b1 x2", exclusions=ban).excluded == {0}


def test_who_is_excluded_is_in_no_count() -> None:
    found = run("a0 b1", "a0 x1 b2", "c0", steps="ab", exclusions=[Exclusion("x")])
    assert found.levels == {0: 2, 1: 0, 2: 0}
    assert [step.conversion_of_all for step in found.rows] == [Rate(1, 2), Rate(1, 2)]
    assert found.customers(0, outcome="dropped") == frozenset()


def test_strict_and_any_orders_have_exclusions_too() -> None:
    assert run("a0 x1 b2", order="strict", exclusions=[Exclusion("x")]).excluded == {0}
    ban = [Exclusion("x", after=0, before=2)]
    assert level("a0 x1 b2", order="any", exclusions=ban) == 1
    assert run("a0 x1", order="any", exclusions=ban).excluded == {0}


def test_steps_have_rates_and_those_who_dropped_off() -> None:
    found = run("a0 b1 c2", "a0 b1", "a0", "a0", "x0")
    assert [step.reached for step in found.rows] == [4, 2, 1]
    assert [step.drop_off for step in found.rows] == [0, 2, 1]
    assert [step.conversion_from_first for step in found.rows] == [
        Rate(4, 4),
        Rate(2, 4),
        Rate(1, 4),
    ]
    assert [step.conversion_from_previous for step in found.rows] == [
        Rate(4, 4),
        Rate(2, 4),
        Rate(1, 2),
    ]
    assert found.rows[2].conversion_of_all == Rate(1, 5)
    assert run("x0").rows[1].conversion_from_previous.value is None


def test_customers_who_reached_a_step_or_dropped() -> None:
    found = run("a0 b1 c2", "a0 b1", "a0", "x0")
    assert found.customers(0) == {0, 1, 2}
    assert found.customers("b") == found.customers(1, outcome="reached") == {0, 1}
    assert found.customers("b", outcome="dropped") == {2}
    assert found.customers(2, outcome="dropped") == {1}


def test_a_step_is_named_by_its_position_where_several_have_its_event() -> None:
    found = run("a0 a1 b2", steps="aab")
    assert found.customers("b") == {0}
    with pytest.raises(InvalidValueError, match=r"^step must be the position of one of its step"):
        found.customers("a")
    with pytest.raises(UnknownNameError, match=r"^step must be one of 'a', 'a', 'b', got 'z'"):
        found.customers("z")
    with pytest.raises(InvalidValueError, match=r"^step must be at most 2, got 3"):
        found.customers(3)
    with pytest.raises(InvalidValueError, match=r"^step must be at least 0, got -1"):
        found.customers(-1)
    with pytest.raises(InvalidTypeError, match=r"^step must be a whole number"):
        found.customers(True)
    with pytest.raises(UnknownNameError, match=r"^outcome must be one of 'reached', 'dropped'"):
        found.customers(0, outcome="lost")


def test_steps_that_no_event_has_are_named_once() -> None:
    found = run("a0 x1", steps="azaz")
    assert found.unknown_steps == ("z",)
    with pytest.raises(UnknownNameError, match=r"^steps\[1\] must be one of 'a', 'x', got 'z'"):
        run("a0 x1", steps="azaz", unknown_steps="raise")


def test_a_step_of_customers_without_the_first_step_is_known() -> None:
    found = run("a0 x1", "c1 x2", steps="ac")
    assert (found.unknown_steps, found.levels) == ((), {0: 1, 1: 0})


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"steps": []}, r"^steps must name at least one event"),
        ({"steps": "a"}, None),
        ({"steps": ["a", " "]}, r"^steps\[1\] must be text that is not blank"),
        ({"steps": [3]}, r"^steps\[0\] must be text, got 3"),
        ({"within": 14}, r"^within must be a timedelta or a Period, got 14"),
        (
            {"within": 3},
            r"^within must be a timedelta or a Period, got 3 .*; pass timedelta\(days=3",
        ),
        ({"within": True}, r"^within must be a timedelta or a Period, got True"),
        ({"within": -HOUR}, r"^within must be at least 0"),
        ({"order": "unordered"}, r"^order must be one of 'ordered', 'strict', 'any'"),
        (
            {"same_time": "strict"},
            r"^same_time must be one of 'different_events', 'allow', 'forbid'",
        ),
        ({"until": "2026-05-01"}, r"^until must be a datetime or a date"),
        ({"until": True}, r"^until must be a datetime or a date"),
        ({"zone": "Europe/Berlim"}, r"^zone must be the name of an installed time zone"),
        ({"zone": 1}, r"^zone must be the name of a time zone, or a tzinfo"),
        ({"unknown_steps": "drop"}, r"^unknown_steps must be one of 'report', 'raise'"),
        ({"exclusions": ["x"]}, r"^exclusions\[0\] must be a.* Exclusion"),
        (
            {"exclusions": [Exclusion("x", after=1, before=3)]},
            r"^exclusions\[0\]\.before must be at most 2",
        ),
        (
            {"exclusions": [Exclusion("x", after=1, before=2)], "order": "any"},
            r"^exclusions\[0\] must go from step 0 to step 2 where",
        ),
    ],
)
def test_bad_options_are_refused(options: Any, match: str | None) -> None:
    if match is None:
        with pytest.raises(InvalidTypeError, match=r"^steps must be a series of values"):
            funnel({}, **options)
        return
    with pytest.raises((TypeError, ValueError), match=match):
        funnel({}, **{"steps": ["a", "b", "c"], **options})


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"event": " "}, r"^event must be text that is not blank"),
        ({"after": 1, "before": 1}, r"^after must be less than before, 1, got 1"),
        ({"after": 2, "before": 1}, r"^after must be less than before, 1, got 2"),
        ({"after": -1}, r"^after must be at least 0, got -1"),
        ({"after": True}, r"^after must be a whole number"),
        ({"before": 1.5}, r"^before must be a whole number"),
    ],
)
def test_an_exclusion_goes_from_a_step_to_a_later_one(given: Any, match: str) -> None:
    with pytest.raises((TypeError, ValueError), match=match):
        Exclusion(**{"event": "x", **given})


def test_windows_near_the_end_of_time_do_not_overflow() -> None:
    last = [(datetime.max.replace(tzinfo=UTC) - HOUR, event) for event in "ab"]
    for within in (timedelta.max, None):
        found = funnel(
            {"ann": last},
            steps=["a", "b", "c"],
            within=within,
            exclusions=[Exclusion("x", after=1, before=2)],
        )
        assert found.levels == {"ann": 2}


def in_a_month(*paths: list[tuple[Any, str]], **options: Any) -> list[int]:
    asked = {"steps": ["a", "b"], "within": Period(months=1), **options}
    return list(funnel(dict(enumerate(paths)), **asked).levels.values())


def utc(*parts: int) -> datetime:
    return datetime(2026, *parts, tzinfo=UTC)


def test_a_month_ends_on_the_same_day_of_the_next_or_on_its_last() -> None:
    assert in_a_month(
        [(utc(1, 15, 12), "a"), (utc(2, 15, 12), "b")],
        [(utc(1, 15, 12), "a"), (utc(2, 15, 12, 1), "b")],
        [(utc(1, 31, 12), "a"), (utc(2, 28, 12), "b")],
        [(utc(1, 31, 12), "a"), (utc(3, 1), "b")],
    ) == [2, 1, 2, 1]
    assert in_a_month(
        [(date(2024, 1, 31), "a"), (date(2024, 2, 29), "b")],
        [(date(2024, 1, 31), "a"), (date(2024, 3, 1), "b")],
    ) == [2, 1]
    leap = [(utc(2, 28), "a"), (utc(2, 28).replace(year=2027), "b")]
    assert in_a_month(leap, within=Period(years=1)) == [2]


def test_an_earlier_start_may_have_the_later_end_of_a_month() -> None:
    both = [(utc(1, 30, 10), "a"), (utc(1, 31, 9), "a"), (utc(2, 28, 9, 30), "b")]
    assert in_a_month(both) == [2]
    assert in_a_month(both[1:]) == [1]
    assert in_a_month(both, order="strict") == [1]  # the first "a" is not directly before "b"
    assert in_a_month(both, order="any") == [2]


def test_a_month_past_all_dates_never_ends() -> None:
    last = [(datetime.max.replace(tzinfo=UTC) - HOUR, event) for event in "ab"]
    naive = [(at.replace(tzinfo=None), event) for at, event in last]
    assert in_a_month(last) == in_a_month(naive) == [2]
    assert in_a_month(last, within=Period(years=9999)) == [2]


def test_a_step_is_named_by_its_event_or_its_position() -> None:
    found = run("a0 b1 a2", "a0", steps="aba")
    assert found.row("b") is found.row(position=1) is found.rows[1]
    assert found.row("a", 2) is found.rows[2]
    with pytest.raises(InvalidValueError, match=r"^key must name one row, by step, position; 2 "):
        found.row("a")
    with pytest.raises(UnknownNameError, match=r"^step must be one of 'a', 'b'"):
        found.row("c")
    assert [row["position"] for row in found.to_rows()] == [0, 1, 2]


def test_times_are_named_by_where_they_begin_and_end() -> None:
    table = run("a0 b1 c4", "a0 b3").time_to_convert
    assert table.row("a", "b").times.mean == 2 * HOUR
    assert table.row("a", "c").times == table.total
    assert table.row(to="b") is not None
    bars = table.total.histogram(bins=1)
    assert bars.row(4 * HOUR).count == 1


@pytest.mark.parametrize(
    "options", [{}, {"within": Period(months=1), "until": date(2026, 7, 1)}, {"order": "any"}]
)
def test_tables_of_a_funnel_are_data_that_json_takes(options: Any) -> None:
    found = run("a0 b1.5 c4", "a0", **options)
    times = found.time_to_convert
    for table in (found, times, times.total.histogram(), run(**options), run().time_to_convert):
        data = table.to_dict()
        assert json.loads(json.dumps(data)) == data
        assert len(data["rows"]) == len(table)
    assert found.to_dict()["rows"][1]["reached"] == 1


def test_times_have_a_mean_a_median_and_quantiles() -> None:
    times = ConversionTimes(n * HOUR for n in (4, 1, 3, 10))
    assert times.lengths == (HOUR, 3 * HOUR, 4 * HOUR, 10 * HOUR)
    assert (times.n, times.mean, times.median) == (4, 4.5 * HOUR, 3.5 * HOUR)
    assert times.quantile(0.25) == 2.5 * HOUR
    assert times.quantile(0.999) == 4 * HOUR + 0.997 * 6 * HOUR
    assert ConversionTimes([2 * HOUR]).quantile(0.9) == 2 * HOUR
    none = ConversionTimes(())
    assert (none.n, none.mean, none.median, none.quantile(0.9)) == (0, None, None, None)
    assert none.histogram() == HistogramTable(rows=(), width=timedelta())
    assert repr(none) == "ConversionTimes(())"


@pytest.mark.parametrize("p", [0, 1, -0.1, math.nan, True, "0.5"])
def test_a_quantile_is_of_a_share(p: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"^p must "):
        ConversionTimes([HOUR]).quantile(p)


def test_bins_hold_every_time() -> None:
    times = ConversionTimes(timedelta(seconds=n + 0.5) for n in range(1000))
    for bins in (None, 1, 7, 999, 5000):
        histogram = times.histogram(bins=bins)
        assert sum(row.count for row in histogram.rows) == 1000
        assert len(histogram.rows) == (11 if bins is None else bins + 1)
        assert histogram.rows[0].start == timedelta()
    assert len(ConversionTimes([HOUR] * 1001).histogram().rows) == 12
    assert ConversionTimes([HOUR]).histogram(bins=1).rows == (
        Bin(HOUR, 1),
        Bin(HOUR + HOUR / 60, 0),
    )
    with pytest.raises(InvalidValueError, match=r"^bins must be at least 1"):
        times.histogram(bins=0)


def test_times_lie_between_a_step_and_a_later_one() -> None:
    found = run("a0 b1 c3", "a0 b2", "a0")
    assert hours(found) == [1, 2]
    assert hours(found, 1, 2) == [2]
    assert [length / HOUR for length in found.time_to_convert.total.lengths] == [3]
    for first, last in ((0, 0), (2, 1), (0, 3)):
        with pytest.raises(InvalidValueError, match=r"^last must be more than first, \d, and at"):
            found.time_to_convert.between(first, last)
    with pytest.raises(InvalidValueError, match=r"^first must be at least 0"):
        found.time_to_convert.between(-1, 1)


def test_a_funnel_of_one_step_has_no_times() -> None:
    found = run("a0", "x1", steps="a")
    assert found.levels == {0: 1, 1: 0}
    assert found.time_to_convert.to_rows() == []
    assert found.time_to_convert.total.n == 0
    assert str(found.time_to_convert).splitlines() == [
        "Time to convert",
        "from  to  customers  mean  median",
    ]


def test_a_funnel_is_a_table() -> None:
    found = run("a0 b1", "a0", within=24 * HOUR)
    assert str(found).splitlines() == [
        "Funnel, in order, within 1 day, until not given",
        "step  reached  from_first  from_previous  of_all  drop_off",
        "a           2      100.0%         100.0%  100.0%         0",
        "b           1       50.0%          50.0%   50.0%         1",
        "c           0        0.0%           0.0%    0.0%         1",
        "no row has the step 'c'",
    ]
    assert found.to_rows()[1] == {
        "step": "b",
        "position": 1,
        "reached": 1,
        "from_first": 0.5,
        "from_previous": 0.5,
        "of_all": 0.5,
        "drop_off": 1,
        "open": None,
    }
    html = found._repr_html_()
    assert "<caption>Funnel, in order, within 1 day, until not given</caption>" in html
    assert "no row has the step &#x27;c&#x27;</td></tr></tfoot>" in html
    assert "levels=<2 customers>, until=None, order='ordered'" in repr(found)
    assert "FunnelStep(position=1, event='b', reached=1," in repr(found)


def test_a_funnel_of_a_log_that_ends_shows_who_is_open() -> None:
    found = run("a0 b1", "a0", "a9", steps="ab", within=4 * HOUR, until=START + 10 * HOUR)
    assert str(found).splitlines() == [
        "Funnel, in order, within 4:00:00, until 2026-05-01 10:00:00+00:00",
        "step  reached  from_first  from_previous  of_all  drop_off  open",
        "a           2      100.0%         100.0%  100.0%         0     1",
        "b           1       50.0%          50.0%   50.0%         1     1",
    ]
    assert [row["open"] for row in found.to_rows()] == [1, 1]
    assert "<th>open</th>" in found._repr_html_()
    assert "<tfoot>" not in found._repr_html_()
    assert "until=datetime.datetime(2026, 5, 1, 10, 0" in repr(found)
    assert [row.open for row in run("a0", steps="ab", within=HOUR).rows] == [None, None]


# The end of what is known


def test_who_may_still_convert_is_open_and_in_no_rate() -> None:
    """By hand: two starts are 14 days old, of which one converted; eight are a day old."""
    day = date(2026, 1, 1)
    paths = {
        "old": [(day, "signup"), (day + timedelta(days=4), "paid")],
        "old2": [(day + timedelta(days=1), "signup")],
        **{f"new{i}": [(date(2026, 2, 27), "signup")] for i in range(8)},
    }
    asked: Any = {"steps": ("signup", "paid"), "within": timedelta(days=14)}
    found = funnel(paths, **asked, until=date(2026, 2, 28))
    paid = found.rows[1]
    assert (paid.conversion_from_first, paid.drop_off, paid.open) == (Rate(1, 2), 1, 8)
    assert found.open == {f"new{i}": 1 for i in range(8)}
    assert paid.conversion_of_all == Rate(1, 2)
    assert found.levels == {"old": 2, "old2": 1, **dict.fromkeys(found.open, 0)}
    assert funnel(paths, **asked).rows[1].conversion_from_first == Rate(1, 10)


def test_who_converted_early_is_open_too_else_only_the_quick_would_count() -> None:
    found = run("a0", "a8 b9", "a8", steps="ab", within=4 * HOUR, until=START + 10 * HOUR)
    assert found.open == {1: 2, 2: 1}
    assert found.rows[1].conversion_from_first == Rate(0, 1)
    assert found.time_to_convert.total.n == 0


def test_a_start_counts_once_the_last_instant_of_its_window_is_known() -> None:
    for order in ("ordered", "strict", "any"):
        asked: Any = {"steps": "ab", "order": order, "within": 4 * HOUR}
        assert run("a0 b4", **asked, until=START + 4 * HOUR).levels == {0: 2}
        before = run("a0 b4", **asked, until=START + 4 * HOUR - timedelta.resolution)
        assert (before.levels, before.open) == ({0: 0}, {0: 1})
        at_once = {**asked, "within": timedelta()}
        assert run("a0 b0", **at_once, until=START).levels == {0: 2}


def test_only_attempts_whose_time_is_over_count_for_who_began_again() -> None:
    """The start at 0 counts, and did not convert; that at 9 is not asked yet."""
    asked: Any = {"steps": "ab", "within": 4 * HOUR, "until": START + 10 * HOUR}
    for order in ("ordered", "strict", "any"):
        assert run("a0 a9 b10", **asked, order=order).levels == {0: 1}
        assert run("a0 a9", **asked, order=order).levels == {0: 1}
    assert run("a0 b1 a9", **asked).levels == {0: 2}
    assert run("a0 b1 a9", **asked).open == {}
    assert run("a0 a5 b6", steps="ab", within=6 * HOUR, until=START + 6 * HOUR).levels == {0: 2}


def test_a_void_attempt_is_open_until_its_time_is_over() -> None:
    asked: Any = {"steps": "ab", "within": 4 * HOUR, "exclusions": [Exclusion("x")]}
    early = run("a0 x1", **asked, until=START + 2 * HOUR)
    assert (early.open, early.excluded) == ({0: 0}, frozenset())
    late = run("a0 x1 a5", **asked, until=START + 6 * HOUR)
    assert (late.open, late.excluded) == ({}, {0})


def test_rows_after_the_end_are_ignored_and_yet_checked() -> None:
    asked: Any = {"steps": ("a", "b"), "until": START + HOUR}
    found = run("a0 b2", "x3", "b0", **asked)
    assert found.levels == {0: 1, 2: 0}
    assert found.unknown_steps == ()
    assert run("a0 b2", **asked).unknown_steps == ("b",)
    with pytest.raises(UnknownNameError, match=r"^steps\[1\] must be 'a', got 'b'"):
        run("a0 b2", **asked, unknown_steps="raise")
    rows = [("ann", START, "a"), ("ann", START + 9 * HOUR, " ")]
    with pytest.raises(InvalidValueError, match=r"^paths\[1\]\.event must be text that is not"):
        funnel(rows, **asked)


def test_before_all_rows_a_funnel_is_empty() -> None:
    rows = [("ann", START, "a"), ("bob", START + HOUR, "b")]
    found = funnel(rows, steps=("a", "b"), within=HOUR, until=START - HOUR)
    assert (found.levels, found.open, found.unknown_steps) == ({}, {}, ("a", "b"))
    assert [step.conversion_of_all for step in found.rows] == [Rate(0, 0), Rate(0, 0)]


def test_a_customer_who_was_given_no_row_stays() -> None:
    found = funnel({"ann": [], "bob": [(START, "a")]}, steps=("a",), until=START - HOUR)
    assert found.levels == {"ann": 0}


def test_without_a_window_an_end_leaves_nothing_open() -> None:
    found = run("a0", "a8 b9", steps="ab", until=START + 10 * HOUR)
    assert (found.levels, found.open) == ({0: 1, 1: 2}, {})
    assert str(found).startswith("Funnel, in order, without a limit, until 2026-05-01 10:00:00")


def test_a_date_as_the_end_is_its_whole_day() -> None:
    noon = datetime(2026, 3, 31, 12)  # noqa: DTZ001  (naive, as dates are)
    for zone in (None, UTC):
        rows = [("ann", noon.replace(tzinfo=zone), "a")]
        assert funnel(rows, steps=("a",), until=date(2026, 3, 31)).levels == {"ann": 1}
        assert funnel(rows, steps=("a",), until=date(2026, 3, 30)).levels == {}
        assert funnel(rows, steps=("a",), until=date.max).levels == {"ann": 1}
    days = {"ann": [(date(2026, 3, 1), "a"), (date(2026, 3, 31), "b")]}
    found = funnel(days, steps=("a", "b"), within=timedelta(days=30), until=date(2026, 3, 30))
    assert found.open == {"ann": 1}


def test_an_end_includes_what_pandas_has_after_its_microsecond() -> None:
    pandas = pytest.importorskip("pandas")
    last = pandas.Timestamp("2026-03-31 23:59:59.999999999")
    for rows in ([("ann", last, "a")], [("ann", last.tz_localize("UTC"), "a")]):
        assert funnel(rows, steps=("a",), until=date(2026, 3, 31)).levels == {"ann": 1}


def test_the_last_instant_of_all_is_known_at_the_end_of_all() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    for until in (date.max, last):
        asked: Any = {"steps": ("a", "b"), "within": HOUR, "until": until}
        assert funnel({"ann": [(last, "a")]}, **asked).open == {"ann": 1}
        assert funnel({"ann": [(last - HOUR, "a")]}, **asked).levels == {"ann": 1}


def test_each_customer_may_have_an_end_of_their_own() -> None:
    asked: Any = {"steps": "ab", "within": 4 * HOUR}
    found = run("a0 b1", "a0 b1", **asked, until={0: START + 4 * HOUR, 1: START + 3 * HOUR, 2: 0})
    assert (found.levels, found.open) == ({0: 2, 1: 0}, {1: 2})
    assert "until by customer" in str(found)
    assert "until=<by customer>" in repr(found)
    with pytest.raises(InvalidValueError, match=r"^until\[1\] must be given for each customer"):
        run("a0 b1", "a0 b1", **asked, until={0: START})
    with pytest.raises(InvalidTypeError, match=r"^until\[0\] must be a datetime or a date"):
        run("a0 b1", **asked, until={0: 5})


def test_the_end_is_of_the_kind_of_the_paths() -> None:
    naive = START.replace(tzinfo=None)
    with pytest.raises(MixedInstantsError, match=r"^until and paths\[0\]\[0\]\.at must both have"):
        run("a0", until=naive)


def test_a_misspelled_step_is_named_below_the_table() -> None:
    found = run("a0 b1", steps="azb", order="any")
    assert str(found).splitlines()[-1] == "no row has the step 'z'"
    assert str(run("x0", steps="ab")).splitlines()[-2:] == [
        "no row has the step 'a'",
        "no row has the step 'b'",
    ]


@pytest.mark.parametrize(
    ("steps", "until", "hint"),
    [
        (("cart", "chekout"), None, "; did you mean 'checkout'?"),
        (("cart", "Checkout"), None, "; did you mean 'checkout'?"),
        (("cart", "zzz"), None, ""),
        (("cart", "checkout"), START, ""),  # there is one, but later
        (("kart", "checkout"), None, "; did you mean 'cart'?"),
    ],
)
def test_a_misspelled_step_is_shown_beside_the_event_that_may_be_meant(
    steps: tuple[str, ...], until: Any, hint: str
) -> None:
    rows = [("ann", START, "cart"), ("ann", START + HOUR, "checkout"), ("bob", START, "view")]
    for paths in (rows, EventLog.from_rows(rows, fields=("customer", "at", "event"))):
        found = funnel(paths, steps=steps, until=until)
        (wrong,) = found.unknown_steps
        assert str(found).splitlines()[-1] == f"no row has the step {wrong!r}{hint}"
        assert found.similar_events == (hint[16:-2] or None,)


def test_in_any_order_steps_are_called_by_their_number() -> None:
    found = run("b0 a1", order="any")
    assert [step.event for step in found.rows] == ["1 of 3", "2 of 3", "3 of 3"]
    assert str(found).startswith("Funnel, in any order, without a limit\n")
    assert found.customers("2 of 3") == {0}


def test_times_are_tables() -> None:
    found = run("a0 b1 c3", "a0 b2").time_to_convert
    assert str(found).splitlines() == [
        "Time to convert",
        "from  to  customers  mean     median",
        "a     b           2  1:30:00  1:30:00",
        "b     c           1  2:00:00  2:00:00",
        "a     c           1  3:00:00  3:00:00",
    ]
    assert found.to_rows()[0]["mean"] == 1.5 * HOUR
    assert "<table>" in found._repr_html_()
    assert repr(found).startswith("TimeToConvertTable(labels=('a', 'b', 'c'), filled=(")
    histogram = found.between(0, 1).histogram(bins=1)
    assert histogram.to_rows() == [{"start": HOUR, "count": 1}, {"start": 2 * HOUR, "count": 1}]
    assert "<table>" in histogram._repr_html_()
    assert repr(histogram).startswith("HistogramTable(rows=(Bin(datetime.timedelta(")
    assert str(run("a0 x1", steps="ab").time_to_convert).endswith("a     b           0")


def test_times_of_the_same_customers_are_equal_in_any_order() -> None:
    one, other = (run(*texts, steps="ab").time_to_convert for texts in (("a0 b1", "a0 b2"),) * 2)
    swapped = run("a0 b2", "a0 b1", steps="ab").time_to_convert
    assert one == other == swapped
    assert one != run("a0 b2", "a0 b2", steps="ab").time_to_convert
    assert isinstance(one, TimeToConvertTable)


def test_events_that_are_no_step_are_passed_over() -> None:
    found = run("x0", "x1", "a1 x2", "x0 a1 x2 b3", steps="ab")
    assert found.levels == {0: 0, 1: 0, 2: 1, 3: 2}


def test_an_instant_for_which_no_step_is_left_is_passed_over() -> None:
    found = run("a0 a1 b2", "a0 a1", steps="ab", order="any", same_time="forbid")
    assert found.levels == {0: 2, 1: 1}
    banned = run(
        "x0 a1 b2 x3", steps="ab", order="any", same_time="forbid", exclusions=[Exclusion("x")]
    )
    assert banned.levels == {0: 2}
    assert hours(found) == [1]
