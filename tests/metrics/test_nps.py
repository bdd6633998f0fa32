# ruff: noqa: DTZ001, DTZ901  (naive datetimes are half of what is tested)
"""The net promoter score."""

import enum
import json
import math
import pickle
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from lifecycle import Groups
from lifecycle.errors import (
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    UnknownNameError,
)
from lifecycle.metrics import nps
from lifecycle.metrics.nps import Score
from lifecycle.periods import Calendar, Period
from lifecycle.rates import Interval

NAN, INFINITY = float("nan"), float("inf")
MONTHLY = Calendar("month")
QUARTER = Period(days=90)


def bounds(interval: Interval, digits: int = 4) -> tuple[float, float]:
    return round(interval.low, digits), round(interval.high, digits)


class Index:
    """A whole number of another kind, as numpy has them."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __index__(self) -> int:
        return self.number


class Answer(enum.IntEnum):
    """Ratings with names."""

    UNLIKELY = 2
    LIKELY = 9


# Ratings


def test_ratings_are_counted_by_kind() -> None:
    assert nps.score(range(11)) == Score(promoters=2, passives=2, detractors=7)
    assert nps.score([10, 9, 9, 8, 7, 3]) == Score(promoters=3, passives=2, detractors=1)


@pytest.mark.parametrize(
    ("rating", "kind"),
    [(0, "detractors"), (6, "detractors"), (7, "passives"), (8, "passives"), (9, "promoters")],
)
def test_the_kinds_begin_at_7_and_9(rating: int, kind: str) -> None:
    counts = {"promoters": 0, "passives": 0, "detractors": 0, kind: 1}
    assert nps.score([rating]) == Score(**counts)


def test_any_series_of_ratings_is_read_once() -> None:
    ratings = [9, 3, 8]
    for given in (ratings, tuple(ratings), iter(ratings), (r for r in ratings)):
        assert nps.score(given) == Score(1, 1, 1)


def test_whole_numbers_of_other_kinds_are_ratings() -> None:
    assert nps.score([Index(9), 3, Index(8)]) == Score(1, 1, 1)
    assert nps.score(Answer) == Score(1, 0, 1)


@pytest.mark.parametrize("rating", [9.5, "9", True, NAN, None, Decimal(9), [9], INFINITY])
def test_a_rating_is_a_whole_number(rating: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^ratings\[2\] must be a whole number, got "):
        nps.score([9, 10, rating, 3])


@pytest.mark.parametrize("rating", [-1, 11, 10**30])
def test_a_rating_lies_within_0_to_10(rating: int) -> None:
    expected = rf"^ratings\[1\] must be between 0 and 10, got {rating}$"
    with pytest.raises(InvalidValueError, match=expected):
        nps.score([9, rating])


def test_the_first_of_many_bad_ratings_is_named() -> None:
    with pytest.raises(InvalidValueError, match=r"^ratings\[1\] must be between 0 and 10, got 11$"):
        nps.score([9, 11, True, 9.5, -1])


@pytest.mark.parametrize("given", ["9987", b"98", {10: 5}, Counter([9]), 9, None])
def test_ratings_come_one_after_another(given: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^ratings must be a series of values"):
        nps.score(given)


# Score


def test_a_score_is_promoters_less_detractors() -> None:
    answers = Score(promoters=70, passives=20, detractors=10)
    assert (answers.respondents, answers.value, answers.points) == (100, 0.6, 60)


def test_passives_count_in_the_denominator() -> None:
    assert Score(3, 0, 1).value == 0.5
    assert Score(3, 4, 1).value == 0.25


def test_points_are_a_hundred_times_the_value() -> None:
    assert Score(0, 0, 7).points == -100
    assert Score(29, 71, 0).points == 29  # 100 * 0.29 is 28.999999999999996


def test_the_score_of_no_answers_is_none() -> None:
    empty = nps.score([])
    assert empty == Score(0, 0, 0)
    assert empty.respondents == 0
    assert (empty.value, empty.points, empty.variance, empty.standard_error) == (None,) * 4
    assert empty.interval() is None
    assert empty.test() == nps.ZTest()


def test_the_variance_is_that_of_one_answer() -> None:
    answers = Score(promoters=162, passives=108, detractors=54)
    assert answers.variance == pytest.approx(5 / 9, rel=1e-15)
    assert answers.standard_error == pytest.approx(math.sqrt(5 / 9 / 324), rel=1e-15)
    assert Score(5, 0, 5).variance == 1
    assert Score(0, 3, 0).variance == 0


def test_the_variance_of_nearly_equal_answers_is_exact() -> None:
    answers = Score(promoters=10**12, passives=1, detractors=0)
    assert answers.variance == pytest.approx(1e-12, rel=1e-11)


def test_scores_add_by_pooling_their_counts() -> None:
    groups = [Score(3, 0, 2), Score(1, 3, 4), Score(0, 3, 4)]
    assert sum(groups) == Score(4, 6, 10)
    assert sum(groups).value == -0.3


@pytest.mark.parametrize("other", [1, 0.5, None, (1, 1, 1)])
def test_scores_add_to_scores_only(other: Any) -> None:
    with pytest.raises(TypeError, match=r"unsupported operand|can only concatenate"):
        Score(1, 1, 1) + other
    with pytest.raises(TypeError, match=r"unsupported operand|can only concatenate"):
        other + Score(1, 1, 1)


@pytest.mark.parametrize("count", ["promoters", "passives", "detractors"])
def test_counts_are_whole_and_not_negative(count: str) -> None:
    counts = {"promoters": 1, "passives": 1, "detractors": 1}
    with pytest.raises(InvalidValueError, match=rf"^{count} must be at least 0, got -1$"):
        Score(**{**counts, count: -1})
    for wrong in (1.5, True, "1", None):
        with pytest.raises(InvalidTypeError, match=rf"^{count} must be a whole number"):
            Score(**{**counts, count: wrong})


def test_scores_are_values() -> None:
    answers = Score(3, 2, 1)
    assert repr(answers) == "Score(promoters=3, passives=2, detractors=1)"
    assert eval(repr(answers)) == answers  # noqa: S307
    assert pickle.loads(pickle.dumps(answers)) == answers  # noqa: S301
    assert len({answers, Score(3, 2, 1)}) == 1
    with pytest.raises(AttributeError):
        answers.promoters = 4


# Intervals and tests


def test_the_adjusted_interval_adds_three_answers() -> None:
    interval = Score(8, 0, 2).interval()
    assert bounds(interval) == (0.0161, 0.9070)
    assert (interval.level, interval.method) == (0.95, "adjusted_wald")
    assert interval.low + interval.high == pytest.approx(2 * 6 / 13)


def test_the_wald_interval_takes_the_answers_as_they_are() -> None:
    interval = nps.score(range(11)).interval(method="wald")
    assert bounds(interval) == (-0.9167, 0.0076)
    assert interval.method == "wald"


def test_intervals_are_clipped_to_what_a_score_can_be() -> None:
    assert Score(7, 0, 1).interval(level=0.999).high == 1
    assert Score(1, 0, 7).interval(level=0.999, method="wald").low == -1


def test_answers_that_are_all_alike_have_no_width_by_wald() -> None:
    interval = Score(5, 0, 0).interval(method="wald")
    assert (interval.low, interval.high) == (1, 1)
    assert bounds(Score(5, 0, 0).interval()) == (0.1749, 1)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, NAN, True, "0.95"])
def test_a_level_lies_between_0_and_1(level: Any) -> None:
    for call in (
        lambda: Score(0, 0, 0).interval(level=level),
        lambda: nps.compare(Score(0, 0, 0), Score(1, 0, 0), level=level),
        lambda: nps.sample_size(0.05, level=level),
    ):
        with pytest.raises((InvalidValueError, InvalidTypeError), match=r"^level must "):
            call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: Score(0, 0, 0).interval(method="walt"),
        lambda: Score(0, 0, 0).test(method="walt"),
        lambda: nps.compare(Score(0, 0, 0), Score(1, 0, 0), method="walt"),
    ],
)
def test_a_method_is_one_of_two(call: Callable[[], object]) -> None:
    expected = r"^method must be one of 'adjusted_wald', 'wald', got 'walt'; did you mean 'wald'"
    with pytest.raises(UnknownNameError, match=expected):
        call()


def test_a_score_is_tested_against_a_value() -> None:
    answers = nps.score(range(11))
    assert answers.test().z == pytest.approx(answers.value / answers.standard_error)
    assert answers.test().p_value == pytest.approx(0.0538863537664376)
    assert answers.test(value=answers.value) == nps.ZTest(z=0, p_value=1)
    assert answers.test(value=0.5).z == pytest.approx(
        (answers.value - 0.5) / answers.standard_error
    )


def test_the_adjusted_test_adds_three_answers() -> None:
    tested = Score(8, 0, 2).test(value=0.2, method="adjusted_wald")
    center, variance = 6 / 13, (8.75 + 2.75) / 13 - (6 / 13) ** 2
    assert tested.z == pytest.approx((center - 0.2) / math.sqrt(variance / 13))


def test_there_is_no_test_where_all_answers_are_alike() -> None:
    assert Score(4, 0, 0).test(value=0.5) == nps.ZTest()


@pytest.mark.parametrize("value", [1.5, -1.01, NAN, 20])
def test_a_tested_value_is_a_score(value: float) -> None:
    with pytest.raises(InvalidValueError, match=r"^value must "):
        Score(1, 1, 1).test(value=value)


# Comparisons


def test_scores_compare_as_after_less_before() -> None:
    before, after = Score(60, 25, 15), Score(45, 30, 25)
    compared = nps.compare(before, after, method="wald")
    error = math.sqrt(before.standard_error**2 + after.standard_error**2)
    assert compared.difference == pytest.approx(-0.25)
    assert compared.standard_error == pytest.approx(error)
    assert compared.z == pytest.approx(-0.25 / error)
    assert compared.p_value == pytest.approx(math.erfc(0.25 / error / math.sqrt(2)))
    assert compared.interval.high == pytest.approx(-0.25 + 1.959963984540054 * error)
    assert compared.interval.method == "wald"


def test_the_adjusted_comparison_adds_three_answers_to_each() -> None:
    compared = nps.compare(Score(8, 0, 2), Score(4, 6, 10))
    wald = nps.compare(Score(8, 0, 2), Score(4, 6, 10), method="wald")
    assert compared.difference == wald.difference == pytest.approx(-0.9)
    center = -6 / 23 - 6 / 13
    middle = (compared.interval.low + compared.interval.high) / 2
    assert middle == pytest.approx(center)
    assert compared.z == pytest.approx(center / compared.standard_error)
    assert compared.interval.method == "adjusted_wald"


def test_a_comparison_without_answers_is_none() -> None:
    for before, after in ((Score(0, 0, 0), Score(1, 0, 0)), (Score(1, 0, 0), Score(0, 0, 0))):
        assert set(attrs.astuple(nps.compare(before, after))) == {None}


def test_a_comparison_without_error_has_no_test() -> None:
    compared = nps.compare(Score(0, 0, 4), Score(5, 0, 0), method="wald")
    assert (compared.difference, compared.standard_error) == (2, 0)
    assert (compared.z, compared.p_value) == (None, None)
    assert (compared.interval.low, compared.interval.high) == (2, 2)


def test_the_interval_of_a_difference_is_clipped() -> None:
    assert (
        nps.compare(Score(0, 1, 9), Score(9, 1, 0), level=0.9999, method="wald").interval.high == 2
    )
    assert (
        nps.compare(Score(9, 1, 0), Score(0, 1, 9), level=0.9999, method="wald").interval.low == -2
    )


def test_only_scores_compare() -> None:
    with pytest.raises(InvalidTypeError, match=r"^before must be a Score, got 0.3 \(float\)$"):
        nps.compare(0.3, Score(1, 1, 1))
    with pytest.raises(InvalidTypeError, match=r"^after must be a Score, got \[9\] \(list\)$"):
        nps.compare(Score(1, 1, 1), [9])


# Sizes of samples


def test_a_precise_score_needs_so_many_answers() -> None:
    assert nps.sample_size(margin=0.05) == math.ceil(1.959963984540054**2 / 0.05**2 - 3)
    assert nps.sample_size(0.1, level=0.9, spread=0.5) == 133


def test_a_comparison_needs_the_variance_of_both_groups() -> None:
    needed = nps.sample_size(margin=0.1, power=0.8)
    assert needed == math.ceil(2 * (1.959963984540054 + 0.8416212335729143) ** 2 / 0.01 - 3)


def test_the_size_per_group_reaches_the_power_asked_for() -> None:
    n = nps.sample_size(margin=0.1, power=0.8, spread=0.7)
    error = math.sqrt(2 * 0.7 / (n + 3))
    power = math.erfc((1.959963984540054 - 0.1 / error) / math.sqrt(2)) / 2
    assert power == pytest.approx(0.8, abs=1e-3)


def test_the_interval_of_so_many_answers_is_as_narrow_as_asked_for() -> None:
    n = nps.sample_size(margin=0.05, spread=0.75)
    answers = Score(promoters=431, passives=n - 862, detractors=431)
    assert n == 1150
    assert answers.variance == pytest.approx(0.75, abs=1e-3)
    assert answers.interval().width / 2 == pytest.approx(0.05, rel=1e-3)


def test_at_least_one_answer_is_needed() -> None:
    assert nps.sample_size(margin=2) == 1
    assert nps.sample_size(margin=0.05, spread=0) == 1
    assert nps.sample_size(margin=0.05, power=0.001) == 1


def test_no_margin_is_too_small() -> None:
    assert nps.sample_size(margin=1e-200) // 10**393 == 38414588
    assert nps.sample_size(margin=Decimal("0.05")) == nps.sample_size(margin=0.05)


@pytest.mark.parametrize(
    ("argument", "given"),
    [
        ("margin", 0),
        ("margin", -0.1),
        ("margin", 2.001),
        ("margin", NAN),
        ("power", 0),
        ("power", 80),
        ("spread", 1.1),
        ("spread", -0.1),
    ],
)
def test_what_a_size_is_made_from_has_bounds(argument: str, given: float) -> None:
    arguments = {"margin": 0.05, argument: given}
    with pytest.raises(InvalidValueError, match=rf"^{argument} must "):
        nps.sample_size(**arguments)


# Groups


def grouped(rows: list[tuple[Any, Any]]) -> Groups[Score]:
    """Score (group, rating) pairs."""
    return nps.score([rating for _, rating in rows], by=[group for group, _ in rows])


def test_groups_are_scored_by_themselves() -> None:
    found = nps.score(iter([9, 3, 7]), by=iter(["pro", "free", "pro"]))
    assert dict(found.results) == {"free": Score(0, 0, 1), "pro": Score(1, 1, 0)}
    assert nps.score([], by=[]).results == ()


def test_groups_have_rows_with_intervals() -> None:
    """Of the one promoter and one passive: 50 points, sd 1/2, and 1.75 and 2.5 of 5 adjusted."""
    found = grouped([("pro", 9), ("free", 3), ("pro", 7)])
    pro = found.to_rows()[1]
    assert (pro["group"], pro["promoters"], pro["respondents"], pro["points"]) == ("pro", 1, 2, 50)
    assert pro["standard_error"] == pytest.approx(100 * 0.5 / math.sqrt(2))
    share, both = 1 / 5, 2.5 / 5
    reach = 1.959964 * math.sqrt((both - share**2) / 5)
    assert (pro["low"], pro["high"]) == pytest.approx(
        (100 * (share - reach), 100 * (share + reach)), rel=1e-6
    )
    weighted = nps.weighted([9, 3, 7], [1, 1, 1], by=["pro", "free", "pro"]).to_rows()[1]
    assert weighted == {**{k: v for k, v in pro.items() if k != "respondents"}, "n": 2}
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301


def test_groups_come_in_order_whatever_that_of_the_rows() -> None:
    rows = [("pro", 9), ("free", 3), ("basic", 5)]
    assert list(grouped(rows)) == list(grouped(rows[::-1])) == ["basic", "free", "pro"]


def test_groups_that_do_not_compare_come_by_kind_and_text_and_none_comes_last() -> None:
    rows = [("pro", 9), (None, 3), (2, 5), ("free", 1)]
    assert list(grouped(rows)) == list(grouped(rows[::-1])) == [2, "free", "pro", None]


@pytest.mark.parametrize("group", [NAN, [1], {}])
def test_a_group_is_a_key(group: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^by\[1\] must be something that can"):
        grouped([("pro", 9), (group, 9)])


def test_bad_ratings_of_groups_are_named_by_their_position_among_all() -> None:
    with pytest.raises(InvalidTypeError, match=r"^ratings\[1\] must be a whole number"):
        grouped([("pro", 9), ("free", 9.5)])
    with pytest.raises(InvalidValueError, match=r"^ratings\[1\] must be between 0 and 10"):
        grouped([("pro", 9), ("pro", 11)])
    with pytest.raises(InvalidValueError, match=r"^weights\[2\] must be at least 0, got -1"):
        nps.weighted([9, 9, 9], [1, 1, -1], by=["pro", "pro", "free"])


def test_groups_are_a_column_as_long_as_the_ratings() -> None:
    for ask in (nps.score, lambda ratings, by: nps.weighted(ratings, [1, 1], by=by)):
        with pytest.raises(InvalidValueError, match=r"^by must be as many as ratings, 2, got 1"):
            ask([9, 3], by=["pro"])
        with pytest.raises(InvalidTypeError, match=r"^(by|ratings) must be "):
            ask([9, 3], by="plan")


# Weights


def test_a_weighted_score_counts_answers_by_their_weights() -> None:
    estimate = nps.weighted([10, 9, 2, 7], [1, 2, 3, 4])
    assert estimate.value == pytest.approx((3 - 3) / 10)
    assert estimate.n == pytest.approx(10**2 / 30)
    assert estimate.standard_error == pytest.approx(math.sqrt(0.6 / (100 / 30)))
    assert estimate.method == "kish"


@pytest.mark.parametrize("weight", [1, 2.5, 0.1, 1 / 3, Decimal("0.7"), 1e-300, 1e300])
@pytest.mark.parametrize("ratings", [[10, 9, 9, 8, 7, 3], [10] * 5, [7], [0, 10] * 30, [3, 8, 8]])
def test_equal_weights_change_nothing(ratings: list[int], weight: Any) -> None:
    plain, found = nps.score(ratings), nps.weighted(iter(ratings), iter([weight] * len(ratings)))
    for figure in ("promoters", "passives", "detractors", "value", "points", "variance"):
        assert getattr(found, figure) == getattr(plain, figure)
    assert found.standard_error == plain.standard_error
    assert found.n == plain.respondents
    for method in ("adjusted_wald", "wald"):
        assert found.interval(method=method) == plain.interval(method=method)
        assert found.test(value=0.1, method=method) == plain.test(value=0.1, method=method)


def test_alike_answers_leave_a_doubt_where_they_are_weighted() -> None:
    """3/4 promoters, 3/2 passives and 3/4 detractors beside (1 + 2 + 3)^2 / 14 of 10."""
    n = 36 / 14
    p, q, d = n + 0.75, 1.5, 0.75
    value = (p - d) / (n + 3)
    error = math.sqrt(((p + d) / (n + 3) - value**2) / (n + 3))
    interval = nps.weighted([10, 9, 10], [1, 2, 3]).interval()
    assert interval.low == pytest.approx(value - 1.959963984540054 * error, rel=1e-12)
    assert (q + p + d, interval.high, interval.method) == (n + 3, 1, "adjusted_wald")


def test_the_wald_interval_of_a_weighted_score_is_to_be_had() -> None:
    found = nps.weighted([10, 9, 2, 7], [1, 2, 3, 4])
    interval = found.interval(level=0.9, method="wald")
    reach = 1.6448536269514722 * math.sqrt(0.6 / (100 / 30))
    assert bounds(interval) == (round(-reach, 4), round(reach, 4))
    with pytest.raises(UnknownNameError, match=r"^method must be one of 'adjusted_wald', 'wald'"):
        found.interval(method="wilson")


def test_a_weighted_score_compares_as_one_of_its_effective_size() -> None:
    weighted, plain = (
        nps.weighted([10, 9, 2, 7] * 4, [3, 3, 3, 3] * 4),
        nps.score([10, 9, 2, 7] * 4),
    )
    other = Score(20, 5, 5)
    assert nps.compare(weighted, other) == nps.compare(plain, other)
    uneven = nps.compare(other, nps.weighted([10, 9, 2, 7], [1, 2, 3, 4]), method="wald")
    assert uneven.difference == pytest.approx(-0.5)
    assert uneven.standard_error == pytest.approx(math.sqrt(7 / 12 / 30 + 0.6 / (100 / 30)))


def test_a_weighted_score_shows_its_effective_answers() -> None:
    found = nps.weighted([9, 3], [1, 3])
    assert repr(found) == "<WeightedScore: promoters=0.4, passives=0, detractors=1.2>"
    assert (found.value, found.points, found.n) == (-0.5, -50, 1.6)
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301


def test_an_answer_without_weight_is_none() -> None:
    found, expected = nps.weighted([9, 3, 8], [1, 0, 1]), nps.weighted([9, 8], [1, 1])
    assert found == expected
    assert nps.weighted([9, 9, 3], [0.3, 0.0, 0.7]) == nps.weighted([9, 3], [0.3, 0.7])


def test_only_the_proportions_of_weights_matter() -> None:
    ratings = [10, 2, 7]
    for scale in (1e-300, 1e300):
        weights = [scale, 2 * scale, 3 * scale]
        found, expected = nps.weighted(ratings, weights), nps.weighted(ratings, [1, 2, 3])
        assert found.value == pytest.approx(expected.value)
        assert found.n == pytest.approx(expected.n)
    assert nps.weighted([9, 3], [Decimal(1), Decimal(3)]).value == -0.5


def test_weights_are_numbers_as_many_as_ratings() -> None:
    with pytest.raises(InvalidValueError, match=r"^weights must be as many as the ratings, 3, got"):
        nps.weighted([9, 8, 7], [1, 1])
    with pytest.raises(InvalidValueError, match=r"^weights\[1\] must be at least 0, got -1$"):
        nps.weighted([9, 8], [1, -1])
    with pytest.raises(InvalidValueError, match=r"^weights\[1\] must be finite, got nan; leave"):
        nps.weighted([9, 8], [1, NAN])
    with pytest.raises(InvalidTypeError, match=r"^weights\[0\] must be a number"):
        nps.weighted([9, 8], [True, 1])
    with pytest.raises(InvalidValueError, match=r"^weights must hold one above 0"):
        nps.weighted([9, 8], [0, 0])
    with pytest.raises(InvalidTypeError, match=r"^ratings\[1\] must be a whole number"):
        nps.weighted([9, 8.5], [1, 1])


def test_no_answers_cannot_be_weighted() -> None:
    with pytest.raises(EmptySampleError, match=r"^ratings must hold at least one observation"):
        nps.weighted([], [])


# Rolling scores


def test_answers_count_from_the_window_to_the_end_of_each_period() -> None:
    answers = [
        (date(2026, 1, 10), 10),
        (date(2026, 2, 20), 3),
        (date(2026, 4, 2), 9),
        (date(2026, 6, 15), 7),
    ]
    table = nps.rolling(answers, window=QUARTER, calendar=MONTHLY)
    assert [row.period.month for row in table.rows] == [1, 2, 3, 4, 5, 6]
    assert [row.end.month for row in table.rows] == [2, 3, 4, 5, 6, 7]
    assert [row.score for row in table.rows] == [
        Score(1, 0, 0),
        Score(1, 0, 1),
        Score(1, 0, 1),  # 1 April less 90 days is 1 January
        Score(1, 0, 1),
        Score(1, 0, 0),
        Score(1, 1, 0),  # 1 July less 90 days is 2 April
    ]


def test_a_window_has_its_first_instant_and_not_its_end() -> None:
    answers = [(datetime(2026, 1, 1), 9), (datetime(2026, 2, 1), 3), (datetime(2026, 2, 2), 8)]
    table = nps.rolling(answers, window=Period(months=1), calendar=MONTHLY)
    assert [row.score for row in table.rows] == [Score(1, 0, 0), Score(0, 1, 1)]
    quarterly = nps.rolling(answers, window=QUARTER, calendar=MONTHLY)
    assert [row.score for row in quarterly.rows] == [Score(1, 0, 0), Score(1, 1, 1)]


def test_an_answer_on_the_first_belongs_to_its_month() -> None:
    """A detractor on each first, promoters on the 29 other days of the 30: 93.5 points."""
    days = [date(2026, 1, 1) + timedelta(days=i) for i in range(90)]
    answers = [(day, 0 if day.day == 1 else 10) for day in days]
    table = nps.rolling(answers, window=Period(months=1), calendar=MONTHLY)
    assert [row.score for row in table.rows] == [Score(30, 0, 1), Score(27, 0, 1), Score(30, 0, 1)]
    assert round(table.rows[2].score.points, 1) == 93.5
    groups = grouped([(day.month, rating) for day, rating in answers])
    assert [row.score for row in table.rows] == [score for _, score in groups.results]


def test_a_detractor_on_the_first_of_the_first_month_is_not_lost() -> None:
    answers = [(datetime(2026, 3, 1, tzinfo=UTC), 0), (datetime(2026, 3, 15, tzinfo=UTC), 10)]
    table = nps.rolling(answers, window=Period(months=1), calendar=MONTHLY)
    assert [row.score for row in table.rows] == [Score(1, 0, 1)]


@pytest.mark.parametrize(
    ("grain", "window"),
    [("week", Period(weeks=1)), ("day", Period(days=1)), ("month", Period(months=1))],
)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Sao_Paulo"])
def test_each_day_is_in_one_window_of_one_period(grain: str, window: Period, zone: str) -> None:
    """Clocks went back on 25 October 2026 in Berlin, and forward on 4 November 2018 in Brazil."""
    for first in (date(2026, 9, 1), date(2018, 10, 1)):
        answers = [(first + timedelta(days=i), i % 11) for i in range(120)]
        calendar = Calendar(grain, zone=zone)
        table = nps.rolling(answers, window=window, calendar=calendar)
        by_period = grouped([(calendar.index(day), rating) for day, rating in answers])
        assert [row.score for row in table.rows] == [score for _, score in by_period.results]


def test_a_window_of_days_holds_its_days_where_the_clocks_change() -> None:
    """The 7 days up to Sunday, 25 October 2026, which has 25 hours, begin on Monday, the 19th."""
    daily = Calendar("day", zone="Europe/Berlin")
    answers = [(datetime(2026, 10, day), 10) for day in range(18, 26)]
    table = nps.rolling(answers, window=Period(days=7), calendar=daily)
    assert [row.score.respondents for row in table.rows] == [1, 2, 3, 4, 5, 6, 7, 7]


def test_a_window_without_answers_has_no_score() -> None:
    answers = [(date(2026, 1, 10), 9), (date(2026, 4, 10), 9)]
    table = nps.rolling(answers, window=Period(days=30), calendar=MONTHLY)
    assert [row.score.value for row in table.rows] == [1, None, None, 1]


def test_counts_are_pooled_and_not_scores_averaged() -> None:
    answers = [(date(2026, 1, 10), 9), *[(date(2026, 2, day), 3) for day in range(10, 13)]]
    table = nps.rolling(answers, window=QUARTER, calendar=MONTHLY)
    assert table.rows[1].score.value == -0.5


def test_the_order_of_answers_does_not_matter() -> None:
    answers = [(date(2026, 1, 1) + timedelta(days=13 * i), i % 11) for i in range(40)]
    table = nps.rolling(answers, window=QUARTER, calendar=MONTHLY)
    assert nps.rolling(iter(answers[::-1]), window=QUARTER, calendar=MONTHLY) == table


def test_nothing_is_rolled_into_no_rows() -> None:
    table = nps.rolling([], window=QUARTER, calendar=MONTHLY)
    assert table.rows == ()
    assert table.to_rows() == []


def test_only_periods_that_have_ended_by_until_have_a_row() -> None:
    answers = [(date(2026, 1, 10), 9), (date(2026, 3, 10), 3), (date(2026, 3, 20), 3)]

    def rows(until: date) -> list[Score]:
        table = nps.rolling(answers, window=QUARTER, calendar=MONTHLY, until=until)
        return [row.score for row in table.rows]

    three = [Score(1, 0, 0), Score(1, 0, 0), Score(1, 0, 2)]
    assert rows(date(2026, 3, 15)) == three[:2]
    assert rows(date(2026, 3, 30)) == three[:2]
    assert rows(date(2026, 3, 31)) == rows(date(2026, 4, 1)) == three
    assert len(rows(date(2026, 6, 30))) == 6
    assert rows(date(2026, 1, 30)) == rows(date(2025, 12, 31)) == []


def test_a_date_as_until_is_its_whole_day() -> None:
    noon = datetime(2026, 3, 31, 10)
    table = nps.rolling([(noon, 10)], window=Period(months=1), calendar=MONTHLY, until=noon.date())
    assert [row.score for row in table.rows] == [Score(1, 0, 0)]


@pytest.mark.parametrize(
    ("until", "rows"),
    [
        (datetime(2026, 3, 31, 23, 59, 59, 999_999), 3),
        (datetime(2026, 3, 31, 23, 59, 59, 999_998), 2),
        (datetime(2026, 4, 1), 3),
    ],
)
def test_a_period_has_ended_when_its_last_instant_is_known(until: datetime, rows: int) -> None:
    answers = [(datetime(2026, 1, 10), 9), (datetime(2026, 4, 1), 3)]
    table = nps.rolling(answers, window=QUARTER, calendar=MONTHLY, until=until)
    assert [row.score for row in table.rows] == [Score(1, 0, 0)] * rows


def test_until_may_be_the_end_of_all_time() -> None:
    answers = [(date(9999, 10, 10), 9)]
    for until in (date.max, datetime.max):
        table = nps.rolling(answers, window=QUARTER, calendar=MONTHLY, until=until)
        assert [row.period.month for row in table.rows] == [10, 11]


def test_periods_are_those_of_the_zone() -> None:
    berlin = Calendar("month", zone="Europe/Berlin")
    answers = [(datetime(2026, 3, 31, 22, 30, tzinfo=UTC), 9)]
    assert nps.rolling(answers, window=QUARTER, calendar=berlin).rows[0].period.month == 4
    assert nps.rolling(answers, window=QUARTER, calendar=MONTHLY).rows[0].period.month == 3


def test_naive_instants_are_local_times_of_the_calendar() -> None:
    tokyo = Calendar("day", zone="Asia/Tokyo")
    naive = [(datetime(2026, 3, 1, 8), 9), (datetime(2026, 3, 2, 8), 3)]
    aware = [(t.replace(tzinfo=ZoneInfo("Asia/Tokyo")).astimezone(UTC), r) for t, r in naive]
    window = Period(days=2)
    assert nps.rolling(naive, window=window, calendar=tokyo) == nps.rolling(
        aware, window=window, calendar=tokyo
    )


def test_answers_of_a_repeated_hour_count_in_their_own_hour() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    hourly = Calendar("hour", zone="Europe/Berlin")
    first, second = (datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=berlin) for fold in (0, 1))
    table = nps.rolling([(second, 3), (first, 9)], window=Period(hours=1), calendar=hourly)
    assert [row.score for row in table.rows] == [Score(1, 0, 0), Score(0, 0, 1)]


def test_a_window_of_days_over_months_is_elapsed_time_and_one_of_months_is_not() -> None:
    berlin = Calendar("month", zone="Europe/Berlin")
    answers = [(datetime(2026, 3, 1, 0, 30), 9), (datetime(2026, 3, 20), 3)]
    days = nps.rolling(answers, window=Period(days=31), calendar=berlin)
    months = nps.rolling(answers, window=Period(months=1), calendar=berlin)
    assert days.rows[0].score == Score(1, 0, 1)  # March had an hour less than 31 days
    assert months.rows[0].score == Score(1, 0, 1)
    days = nps.rolling(
        [(datetime(2026, 2, 28, 23, 30), 9), *answers], window=Period(days=31), calendar=berlin
    )
    assert days.rows[1].score == Score(2, 0, 1)


def test_a_window_may_be_longer_than_all_time() -> None:
    table = nps.rolling([(date(2, 1, 1), 9)], window=Period(years=5000), calendar=MONTHLY)
    assert table.rows[0].score == Score(1, 0, 0)


def test_instants_of_two_kinds_do_not_mix() -> None:
    mixed = [(datetime(2026, 1, 1), 9), (datetime(2026, 1, 2, tzinfo=UTC), 9)]
    with pytest.raises(
        MixedInstantsError, match=r"^dated_ratings\[0\]\.at and dated_ratings\[1\]\.at"
    ):
        nps.rolling(mixed, window=QUARTER, calendar=MONTHLY)
    with pytest.raises(MixedInstantsError, match=r"^until and dated_ratings\[0\]\.at must both"):
        nps.rolling(mixed[1:], window=QUARTER, calendar=MONTHLY, until=datetime(2026, 1, 2))


def test_bad_rows_of_dated_ratings_are_named() -> None:
    def roll(*rows: Any) -> None:
        nps.rolling(rows, window=QUARTER, calendar=MONTHLY)

    with pytest.raises(InvalidTypeError, match=r"^dated_ratings\[0\] must be \(at, rating\)"):
        roll(9)
    with pytest.raises(InvalidTypeError, match=r"^dated_ratings\[0\]\.at must be a datetime or a"):
        roll(("2026-01-01", 9))
    with pytest.raises(InvalidTypeError, match=r"^dated_ratings\[1\]\.rating must be a whole"):
        roll((date(2026, 1, 1), 9), (date(2026, 1, 1), True))
    with pytest.raises(
        InvalidValueError, match=r"^dated_ratings\[0\]\.rating must be between 0 and 10"
    ):
        roll((date(2026, 1, 1), 11))


def test_windows_and_calendars_are_values() -> None:
    with pytest.raises(InvalidTypeError, match=r"^window must be a timedelta or a Period, got 90 "):
        nps.rolling([], window=90, calendar=MONTHLY)
    with pytest.raises(InvalidValueError, match=r"^window must be above 0"):
        nps.rolling([], window=timedelta(0), calendar=MONTHLY)
    with pytest.raises(
        InvalidTypeError, match=r"^calendar must be a Calendar, got 'month' \(str\)$"
    ):
        nps.rolling([], window=QUARTER, calendar="month")


def test_a_window_is_a_length_of_either_kind() -> None:
    answers = [(date(2026, 1, 10), 10), (date(2026, 2, 20), 3), (date(2026, 2, 21), 8)]
    by_period = nps.rolling(answers, window=Period(days=45), calendar=MONTHLY)
    assert nps.rolling(answers, window=timedelta(days=45), calendar=MONTHLY) == by_period
    for wrong in (timedelta(0), -timedelta(days=1)):
        with pytest.raises(InvalidValueError, match=r"^window must be above 0, got"):
            nps.rolling(answers, window=wrong, calendar=MONTHLY)


def test_a_rolling_score_is_a_table() -> None:
    answers = [(date(2026, 1, 10), 10), (date(2026, 2, 20), 3), (date(2026, 2, 21), 8)]
    table = nps.rolling(answers, window=QUARTER, calendar=MONTHLY)
    assert str(table) == (
        "NPS over 90 days at the end of each month\n"
        "period      end         promoters  passives  detractors  respondents  points\n"
        "2026-01-01  2026-02-01          1         0           0            1     100\n"
        "2026-02-01  2026-03-01          1         1           1            3       0"
    )
    row = table.to_rows()[1]
    bounds = {name: row.pop(name) for name in ("standard_error", "low", "high")}
    assert row == {
        "period": datetime(2026, 2, 1, tzinfo=UTC),
        "end": datetime(2026, 3, 1, tzinfo=UTC),
        "promoters": 1,
        "passives": 1,
        "detractors": 1,
        "respondents": 3,
        "points": 0.0,
    }
    reach = 100 * math.sqrt(2 * 1.75 / 6 / 6) * 1.959964  # 3/4, 3/2 and 3/4 answers are added
    assert bounds == pytest.approx(
        {"standard_error": 100 * math.sqrt(2 / 3 / 3), "low": -reach, "high": reach}, rel=1e-6
    )
    empty = nps.rolling(answers[:1], window=timedelta(1), calendar=MONTHLY).to_rows()[0]
    assert [empty[name] for name in ("points", *bounds)] == [None] * 4
    assert "<caption>NPS over 90 days" in table._repr_html_()
    assert pickle.loads(pickle.dumps(table)) == table  # noqa: S301


def test_a_rolling_score_is_named_by_a_day_of_its_period() -> None:
    answers = [(date(2026, 1, 10), 10), (date(2026, 2, 20), 3)]
    table = nps.rolling(answers, window=QUARTER, calendar=Calendar("month", zone="Asia/Tokyo"))
    february = table.row(date(2026, 2, 28))
    assert february is table.rows[1]
    assert february is table.row(period=datetime(2026, 1, 31, 15, tzinfo=UTC))
    assert table.row(datetime(2026, 1, 31, 14, 59, tzinfo=UTC)) is table.rows[0]
    with pytest.raises(InvalidValueError, match=r"^period must be in a period of the table"):
        table.row(date(2026, 3, 1))
    data = json.loads(json.dumps(table.to_dict()))
    assert data["rows"][1]["period"] == "2026-02-01T00:00:00+09:00"


def test_a_window_is_a_timedelta_or_a_period() -> None:
    answers = [(date(2026, 1, 10), 10), (date(2026, 2, 20), 3)]
    for length in (timedelta(days=90), timedelta(hours=1), timedelta(microseconds=1)):
        period = Period(seconds=length.total_seconds())
        assert nps.rolling(answers, window=length, calendar=MONTHLY) == nps.rolling(
            answers, window=period, calendar=MONTHLY
        )


def test_options_are_keywords() -> None:
    """A level and a method by position could be taken one for the other."""
    for call in (
        lambda: Score(1, 0, 0).interval(0.9),
        lambda: Score(1, 0, 0).test(0.5),
        lambda: nps.compare(Score(1, 0, 0), Score(1, 0, 0), 0.9),
        lambda: nps.sample_size(0.05, 0.9),
    ):
        with pytest.raises(TypeError, match=r"positional argument"):
            call()


def test_counts_are_those_a_float_has() -> None:
    most = 2**53
    vast = Score(most, 0, most)
    assert (vast.value, vast.variance) == (0, 1)
    assert vast.interval() is not None
    with pytest.raises(InvalidValueError, match=r"^passives must be at most 9,007,199,254,740,992"):
        Score(0, most + 1, 0)
