"""Laws of the net promoter score."""

import itertools
import math
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from statistics import NormalDist
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lifecycle.metrics import nps
from lifecycle.metrics.nps import Score
from lifecycle.periods import Calendar, Period

counts = st.integers(0, 10**6)
scores = st.builds(Score, counts, counts, counts)
answered = scores.filter(lambda score: score.respondents > 0)
ratings = st.lists(st.integers(0, 10))
methods = st.sampled_from(["adjusted_wald", "wald"])
levels = st.floats(0.01, 0.9999)
usual_levels = st.floats(0.5, 0.999)


def swapped(score: Score) -> Score:
    return Score(score.detractors, score.passives, score.promoters)


@given(ratings, st.randoms())
def test_the_order_of_ratings_does_not_matter(given_ratings: list[int], random: Any) -> None:
    """Row order never matters."""
    shuffled = random.sample(given_ratings, len(given_ratings))
    assert nps.score(shuffled) == nps.score(given_ratings)


@given(ratings)
def test_each_answer_counts_as_one_of_three_numbers(given_ratings: list[int]) -> None:
    """The score is the mean of 1 for promoters, 0 for passives, -1 for detractors."""
    marks = [(rating > 8) - (rating < 7) for rating in given_ratings]
    score = nps.score(given_ratings)
    assert score.respondents == len(marks)
    if marks:
        mean = sum(marks) / len(marks)
        variance = math.fsum((mark - mean) ** 2 for mark in marks) / len(marks)
        assert score.value == mean
        assert math.isclose(score.variance, variance, abs_tol=1e-12)


@given(scores)
def test_a_score_lies_between_all_detractors_and_all_promoters(score: Score) -> None:
    """`value` is -1 to 1, `points` -100 to 100, one answer's variance 0 to 1."""
    if score.respondents:
        assert -1 <= score.value <= 1
        assert math.isclose(score.points, 100 * score.value, abs_tol=1e-12)
        assert 0 <= score.variance <= 1
        p, d = score.promoters / score.respondents, score.detractors / score.respondents
        assert math.isclose(score.variance, p + d - (p - d) ** 2, abs_tol=1e-9)


@given(answered, levels, methods)
def test_swapping_promoters_and_detractors_turns_the_sign(
    score: Score, level: float, method: str
) -> None:
    """Swapping promoters and detractors negates the score, its interval and its test."""
    other = swapped(score)
    assert other.value == -score.value
    assert other.standard_error == score.standard_error
    mirrored, interval = other.interval(level, method), score.interval(level, method)
    assert (mirrored.low, mirrored.high) == (-interval.high, -interval.low)
    assert other.test(method=method).p_value == score.test(method=method).p_value


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 10))))
def test_groups_sum_to_the_pooled_score(rows: list[tuple[str, int]]) -> None:
    """The scores of the groups sum to the pooled score, in whatever order rows come."""
    groups = nps.by_group(rows)
    pooled = nps.score(rating for _, rating in rows)
    assert sum(groups.values(), Score(0, 0, 0)) == pooled
    assert nps.by_group(rows[::-1]) == groups
    weights = [score.respondents for score in groups.values()]
    if rows:
        mean = math.fsum(w * s.value for w, s in zip(weights, groups.values(), strict=True))
        assert math.isclose(pooled.value, mean / len(rows), abs_tol=1e-12)


@given(answered, usual_levels, methods)
def test_an_interval_is_that_of_the_test(score: Score, level: float, method: str) -> None:
    """The test of a bound that is not clipped has the p-value 1 - level."""
    interval = score.interval(level, method)
    assert -1 <= interval.low <= interval.high <= 1
    for bound in (interval.low, interval.high):
        if -1 < bound < 1 and interval.width > 1e-9:
            found = score.test(bound, method).p_value
            assert math.isclose(found, 1 - level, rel_tol=1e-4)


@given(answered, answered, usual_levels, methods)
def test_comparing_the_other_way_round_turns_the_signs(
    one: Score, other: Score, level: float, method: str
) -> None:
    """`compare(b, a)` is `compare(a, b)` with its signs turned, and as significant."""
    there, back = nps.compare(one, other, level, method), nps.compare(other, one, level, method)
    assert back.difference == -there.difference
    assert back.standard_error == there.standard_error
    assert back.p_value == there.p_value
    assert (back.interval.low, back.interval.high) == (-there.interval.high, -there.interval.low)
    assert -2 <= there.interval.low <= there.interval.high <= 2


ADDED = {"wald": Fraction(0), "adjusted_wald": Fraction(3, 4)}


def by_hand(score: Score, method: str) -> tuple[float, float]:
    """Return p - d and its standard error as exact fractions give them."""
    more = ADDED[method]
    n = score.respondents + 4 * more
    p, d = (score.promoters + more) / n, (score.detractors + more) / n
    return float(p - d), math.sqrt((p + d - (p - d) ** 2) / n)


@given(answered, answered, usual_levels, methods)
def test_intervals_and_comparisons_are_the_formulas(
    one: Score, other: Score, level: float, method: str
) -> None:
    """Center, z standard errors to each side, clipped; of a difference, squared errors add."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    (a, error_a), (b, error_b) = by_hand(one, method), by_hand(other, method)
    interval, compared = one.interval(level, method), nps.compare(one, other, level, method)
    error = math.sqrt(error_a**2 + error_b**2)
    for found, center, reach, most in (
        (interval, a, z * error_a, 1),
        (compared.interval, b - a, z * error, 2),
    ):
        assert math.isclose(found.low, max(center - reach, -most), abs_tol=1e-9)
        assert math.isclose(found.high, min(center + reach, most), abs_tol=1e-9)
    assert (compared.z is None) == (error == 0)
    assert compared.z is None or math.isclose(compared.z * error, b - a, abs_tol=1e-9)
    assert math.isclose(compared.difference, other.value - one.value, abs_tol=1e-12)


@given(answered, answered)
def test_squared_standard_errors_add(one: Score, other: Score) -> None:
    """Independent samples: squared standard errors add."""
    error = nps.compare(one, other, method="wald").standard_error
    expected = math.hypot(one.standard_error, other.standard_error)
    assert math.isclose(error, expected, abs_tol=1e-12)


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 1000)), min_size=1), st.randoms())
def test_weights_repeat_answers_in_any_order(rows: list[tuple[int, int]], random: Any) -> None:
    """A weight of k gives the value of k such answers; the order of rows does not matter."""
    rows = [(5, 1), *rows]
    estimate = nps.weighted(*zip(*rows, strict=True))
    repeated = nps.score(rating for rating, weight in rows for _ in range(weight))
    assert math.isclose(estimate.value, repeated.value, abs_tol=1e-12)
    expected = math.sqrt(repeated.variance / estimate.n)
    assert math.isclose(estimate.standard_error, expected, abs_tol=1e-12)
    assert 1 - 1e-9 <= estimate.n <= len(rows) + 1e-9
    shuffled = random.sample(rows, len(rows))
    assert nps.weighted(*zip(*shuffled, strict=True)) == estimate


@given(st.floats(1e-6, 2), usual_levels, st.none() | st.floats(0.01, 0.99), st.floats(0, 1))
def test_more_precision_and_more_power_need_more_answers(
    margin: float, level: float, power: float | None, spread: float
) -> None:
    """The size grows with level, power and spread, and falls with the margin."""
    size = nps.sample_size(margin, level, power, spread)
    assert size >= 1
    assert nps.sample_size(margin / 2, level, power, spread) >= size
    assert nps.sample_size(margin, 0.9999, power, spread) >= size
    assert nps.sample_size(margin, level, 0.995, spread) >= size
    assert nps.sample_size(margin, level, power, 1) >= size


instants = st.integers(0, 24 * 200).map(
    lambda hours: datetime(2026, 2, 1, tzinfo=UTC) + timedelta(hours=hours)
)


@given(
    st.lists(st.tuples(instants, st.integers(0, 10)), min_size=1),
    st.sampled_from(["day", "week", "month"]),
    st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"]),
    st.sampled_from([Period(days=7), Period(days=30), Period(months=2)]),
)
def test_every_window_pools_its_answers(
    answers: list[tuple[datetime, int]], grain: str, zone: str, window: Period
) -> None:
    """At each period's end t: the answers in (t - window, t], one by one."""
    calendar = Calendar(grain, zone=zone)
    table = nps.rolling(answers, window=window, calendar=calendar)
    for row in table.rows:
        begin = window.before(row.end)
        assert row.score == nps.score(rating for at, rating in answers if begin < at <= row.end)
    assert all(one.end == next_.start for one, next_ in itertools.pairwise(table.rows))
    assert table.rows[0].start <= min(answers)[0] < table.rows[0].end
    assert table.rows[-1].start <= max(answers)[0] < table.rows[-1].end
    assert nps.rolling(answers[::-1], window=window, calendar=calendar) == table


@given(scores)
def test_values_can_be_pasted_back(score: Score) -> None:
    """`eval(repr(x)) == x`."""
    assert eval(repr(score)) == score  # noqa: S307
