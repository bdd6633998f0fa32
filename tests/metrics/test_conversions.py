"""Funnels."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from lifecycle.metrics.funnel import (
    Bin,
    ConversionTimes,
    Exclusion,
    Funnel,
    Histogram,
    TimeToConvert,
    funnel,
)
from lifecycle.rates import Rate

START = datetime(2026, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def path(text: str) -> list[tuple[datetime, str]]:
    """Read a path: "a0 b1.5" is a at the start, and b 90 minutes later."""
    return [(START + float(word[1:]) * HOUR, word[0]) for word in text.split()]


def level(text: str, steps: str = "abc", **options: Any) -> int:
    return run(text, steps=steps, **options).levels[0]


def run(*texts: str, steps: str = "abc", **options: Any) -> Funnel:
    return funnel({i: path(text) for i, text in enumerate(texts)}, steps=list(steps), **options)


def hours(found: Funnel, first: int = 0, last: int = 1) -> list[float]:
    return [length / HOUR for length in found.time_to_convert.between(first, last).lengths]


def test_ordered_lets_other_events_happen_in_between() -> None:
    assert level("a0 x1 b2 a3 x4 c5") == 3
    assert level("b0 a1 c2") == 1
    assert level("c0 b1 a2") == 1
    assert level("b0 c1") == 0


def test_strict_ends_at_any_other_event_or_a_repeat() -> None:
    assert level("a0 b1 x2 c3", order="strict") == 2
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
        assert level("a0 a0", "aa", order=order) == 2
        assert level("a0 a0", "aaa", order=order) == 2


def test_the_window_runs_from_the_first_step_and_includes_its_end() -> None:
    for order in ("ordered", "strict", "any"):
        assert level("a0 b1 c2", order=order, within=2 * HOUR) == 3
        assert level("a0 b1 c2.01", order=order, within=2 * HOUR) == 2
        assert level("a0 b0 c0", order=order, within=timedelta()) == 3


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
    assert [step.conversion_of_all for step in found.steps] == [Rate(1, 2), Rate(1, 2)]
    assert found.customers(0, "dropped") == frozenset()


def test_strict_and_any_orders_have_exclusions_too() -> None:
    assert run("a0 x1 b2", order="strict", exclusions=[Exclusion("x")]).excluded == {0}
    ban = [Exclusion("x", after=0, before=2)]
    assert level("a0 x1 b2", order="any", exclusions=ban) == 1
    assert run("a0 x1", order="any", exclusions=ban).excluded == {0}


def test_steps_have_rates_and_those_who_dropped_off() -> None:
    found = run("a0 b1 c2", "a0 b1", "a0", "a0", "x0")
    assert [step.reached for step in found.steps] == [4, 2, 1]
    assert [step.drop_off for step in found.steps] == [0, 2, 1]
    assert [step.conversion_from_first for step in found.steps] == [
        Rate(4, 4),
        Rate(2, 4),
        Rate(1, 4),
    ]
    assert [step.conversion_from_previous for step in found.steps] == [
        Rate(4, 4),
        Rate(2, 4),
        Rate(1, 2),
    ]
    assert found.steps[2].conversion_of_all == Rate(1, 5)
    assert run("x0").steps[1].conversion_from_previous.value is None


def test_customers_who_reached_a_step_or_dropped() -> None:
    found = run("a0 b1 c2", "a0 b1", "a0", "x0")
    assert found.customers(0) == {0, 1, 2}
    assert found.customers("b") == found.customers(1, "reached") == {0, 1}
    assert found.customers("b", "dropped") == {2}
    assert found.customers(2, "dropped") == {1}


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
        found.customers(0, "lost")


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
        ({"within": 14}, r"^within must be a timedelta"),
        ({"within": -HOUR}, r"^within must be at least 0"),
        ({"order": "unordered"}, r"^order must be one of 'ordered', 'strict', 'any'"),
        ({"same_time": "strict"}, r"^same_time must be one of 'allow', 'forbid'"),
        ({"unknown_steps": "drop"}, r"^unknown_steps must be one of 'report', 'raise'"),
        ({"exclusions": ["x"]}, r"^exclusions\[0\] must be a.* Exclusion"),
        ({"exclusions": [Exclusion("x", 1, 3)]}, r"^exclusions\[0\]\.before must be at most 2"),
        (
            {"exclusions": [Exclusion("x", 1, 2)], "order": "any"},
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
        ((" ",), r"^event must be text that is not blank"),
        (("x", 1, 1), r"^after must be less than before, 1, got 1"),
        (("x", 2, 1), r"^after must be less than before, 1, got 2"),
        (("x", -1), r"^after must be at least 0, got -1"),
        (("x", True), r"^after must be a whole number"),
        (("x", 0, 1.5), r"^before must be a whole number"),
    ],
)
def test_an_exclusion_goes_from_a_step_to_a_later_one(given: Any, match: str) -> None:
    with pytest.raises((TypeError, ValueError), match=match):
        Exclusion(*given)


def test_windows_near_the_end_of_time_do_not_overflow() -> None:
    last = [(datetime.max.replace(tzinfo=UTC) - HOUR, event) for event in "ab"]
    for within in (timedelta.max, None):
        found = funnel(
            {"ann": last}, steps=["a", "b", "c"], within=within, exclusions=[Exclusion("x", 1, 2)]
        )
        assert found.levels == {"ann": 2}


def test_times_have_a_mean_a_median_and_quantiles() -> None:
    times = ConversionTimes(n * HOUR for n in (4, 1, 3, 10))
    assert times.lengths == (HOUR, 3 * HOUR, 4 * HOUR, 10 * HOUR)
    assert (times.n, times.mean, times.median) == (4, 4.5 * HOUR, 3.5 * HOUR)
    assert times.quantile(0.25) == 2.5 * HOUR
    assert times.quantile(0.999) == 4 * HOUR + 0.997 * 6 * HOUR
    assert ConversionTimes([2 * HOUR]).quantile(0.9) == 2 * HOUR
    none = ConversionTimes(())
    assert (none.n, none.mean, none.median, none.quantile(0.9)) == (0, None, None, None)
    assert none.histogram() == Histogram(rows=(), width=timedelta())
    assert repr(none) == "ConversionTimes(())"


@pytest.mark.parametrize("p", [0, 1, -0.1, math.nan, True, "0.5"])
def test_a_quantile_is_of_a_share(p: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"^p must "):
        ConversionTimes([HOUR]).quantile(p)


def test_bins_hold_every_time() -> None:
    times = ConversionTimes(timedelta(seconds=n + 0.5) for n in range(1000))
    for bins in (None, 1, 7, 999, 5000):
        histogram = times.histogram(bins)
        assert sum(row.count for row in histogram.rows) == 1000
        assert len(histogram.rows) == (11 if bins is None else bins + 1)
        assert histogram.rows[0].start == timedelta()
    assert len(ConversionTimes([HOUR] * 1001).histogram().rows) == 12
    assert ConversionTimes([HOUR]).histogram(1).rows == (Bin(HOUR, 1), Bin(HOUR + HOUR / 60, 0))
    with pytest.raises(InvalidValueError, match=r"^bins must be at least 1"):
        times.histogram(0)


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
        "Funnel, in order, within 1 day",
        "step  reached  from_first  from_previous  of_all  drop_off",
        "a           2      100.0%         100.0%  100.0%         0",
        "b           1       50.0%          50.0%   50.0%         1",
        "c           0        0.0%           0.0%    0.0%         1",
    ]
    assert found.to_rows()[1] == {
        "step": "b",
        "reached": 1,
        "from_first": 0.5,
        "from_previous": 0.5,
        "of_all": 0.5,
        "drop_off": 1,
    }
    assert "<caption>Funnel, in order, within 1 day</caption>" in found._repr_html_()
    assert "levels=<2 customers>" in repr(found)
    assert "FunnelStep(position=1, event='b', reached=1," in repr(found)


def test_in_any_order_steps_are_called_by_their_number() -> None:
    found = run("b0 a1", order="any")
    assert [step.event for step in found.steps] == ["1 of 3", "2 of 3", "3 of 3"]
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
    assert repr(found).startswith("TimeToConvert(labels=('a', 'b', 'c'), filled=(")
    histogram = found.between(0, 1).histogram(1)
    assert histogram.to_rows() == [{"start": HOUR, "count": 1}, {"start": 2 * HOUR, "count": 1}]
    assert "<table>" in histogram._repr_html_()
    assert repr(histogram).startswith("Histogram(rows=(Bin(datetime.timedelta(")
    assert str(run("a0 x1", steps="ab").time_to_convert).endswith("a     b           0")


def test_times_of_the_same_customers_are_equal_in_any_order() -> None:
    one, other = (run(*texts, steps="ab").time_to_convert for texts in (("a0 b1", "a0 b2"),) * 2)
    swapped = run("a0 b2", "a0 b1", steps="ab").time_to_convert
    assert one == other == swapped
    assert one != run("a0 b2", "a0 b2", steps="ab").time_to_convert
    assert isinstance(one, TimeToConvert)


def test_events_that_are_no_step_are_passed_over() -> None:
    found = run("x0", "x1", "a1 x2", "x0 a1 x2 b3", steps="ab")
    assert found.levels == {0: 0, 1: 0, 2: 1, 3: 2}


def test_an_instant_for_which_no_step_is_left_is_passed_over() -> None:
    found = run("a0 a1 b2", "a0 a1", steps="ab", order="any", same_time="forbid")
    assert found.levels == {0: 2, 1: 1}
    assert hours(found) == [1]
