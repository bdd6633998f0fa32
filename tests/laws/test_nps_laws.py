"""Laws of the net promoter score."""

import itertools
import math
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from random import Random
from statistics import NormalDist
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle import CustomerBase, Event, Lifecycle, Stage, Status, Transition
from lifecycle.metrics import nps
from lifecycle.metrics.nps import Score
from lifecycle.periods import Calendar, Period, Window

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
    mirrored, interval = (
        other.interval(level=level, method=method),
        score.interval(level=level, method=method),
    )
    assert (mirrored.low, mirrored.high) == (-interval.high, -interval.low)
    assert other.test(method=method).p_value == score.test(method=method).p_value


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 10))))
def test_groups_sum_to_the_pooled_score(rows: list[tuple[str, int]]) -> None:
    """The scores of the groups sum to the pooled score, in whatever order rows come."""
    ratings = [rating for _, rating in rows]
    groups = dict(nps.score(ratings, by=[group for group, _ in rows]).results)
    pooled = nps.score(rating for _, rating in rows)
    assert sum(groups.values(), Score(0, 0, 0)) == pooled
    reverse = nps.score(ratings[::-1], by=[group for group, _ in rows[::-1]])
    assert dict(reverse.results) == groups
    weights = [score.respondents for score in groups.values()]
    if rows:
        mean = math.fsum(w * s.value for w, s in zip(weights, groups.values(), strict=True))
        assert math.isclose(pooled.value, mean / len(rows), abs_tol=1e-12)


@given(answered, usual_levels, methods)
def test_an_interval_is_that_of_the_test(score: Score, level: float, method: str) -> None:
    """The test of a bound that is not clipped has the p-value 1 - level."""
    interval = score.interval(level=level, method=method)
    assert -1 <= interval.low <= interval.high <= 1
    for bound in (interval.low, interval.high):
        if -1 < bound < 1 and interval.width > 1e-9:
            found = score.test(value=bound, method=method).p_value
            assert math.isclose(found, 1 - level, rel_tol=1e-4)


@given(answered, answered, usual_levels, methods)
def test_comparing_the_other_way_round_turns_the_signs(
    one: Score, other: Score, level: float, method: str
) -> None:
    """`compare(b, a)` is `compare(a, b)` with its signs turned, and as significant."""
    there, back = (
        nps.compare(one, other, level=level, method=method),
        nps.compare(other, one, level=level, method=method),
    )
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
    interval, compared = (
        one.interval(level=level, method=method),
        nps.compare(one, other, level=level, method=method),
    )
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


weight = st.integers(0, 1000) | st.floats(0, 1e6) | st.sampled_from([1e-300, 1e300])
weighted_rows = st.lists(st.tuples(st.integers(0, 10), weight), min_size=1).filter(
    lambda rows: any(w for _, w in rows)
)


@given(weighted_rows, usual_levels, methods, st.randoms())
def test_a_weighted_score_is_that_of_n_eff_answers(
    rows: list[tuple[int, float]], level: float, method: str, random: Any
) -> None:
    """Shares by weight, of n_eff = (sum w)^2 / sum w^2 answers to which the method adds some."""
    score = nps.weighted(*zip(*rows, strict=True))
    w = [Fraction(weight) for _, weight in rows]
    n, marks = sum(w) ** 2 / sum(x * x for x in w), [(r > 8) - (r < 7) for r, _ in rows]
    of = {mark: sum(x for x, m in zip(w, marks, strict=True) if m == mark) for mark in (1, 0, -1)}
    more = ADDED[method]
    p, d = (n * of[mark] / sum(w) + more for mark in (1, -1))
    size = n + 4 * more
    center, error = (p - d) / size, math.sqrt(((p + d) / size - ((p - d) / size) ** 2) / size)
    reach, interval = (
        NormalDist().inv_cdf((1 + level) / 2) * error,
        score.interval(level=level, method=method),
    )
    assert math.isclose(score.value, (of[1] - of[-1]) / sum(w), abs_tol=1e-12)
    assert math.isclose(score.n, n, rel_tol=1e-12)
    assert 1 - 1e-12 <= score.n <= len(rows) + 1e-9
    assert math.isclose(interval.low, max(center - reach, -1), abs_tol=1e-9)
    assert math.isclose(interval.high, min(center + reach, 1), abs_tol=1e-9)
    assert -1 <= interval.low <= interval.high <= 1
    shuffled = random.sample(rows, len(rows))
    assert nps.weighted(*zip(*shuffled, strict=True)) == score


@given(weighted_rows, st.sampled_from([2.0**-40, 0.5, 4.0]), st.integers(0, 5))
def test_neither_the_scale_of_weights_nor_those_of_0_change_a_score(
    rows: list[tuple[int, float]], scale: float, n: int
) -> None:
    """Only the proportions matter, and an answer of weight 0 is none."""
    rows = [(rating, w) for rating, w in rows if 1e-200 < w < 1e200] or [(9, 1)]
    score = nps.weighted(*zip(*rows, strict=True))
    scaled = [(rating, w * scale) for rating, w in rows]
    assert nps.weighted(*zip(*scaled, strict=True)) == score
    assert nps.weighted(*zip(*rows, *[(0, 0)] * n, strict=True)) == score


@given(ratings.filter(len), st.floats(1e-9, 1e9) | st.integers(1, 100))
def test_equal_weights_give_the_score(given_ratings: list[int], weight: float) -> None:
    """The value, the standard error and both intervals, to the last digit."""
    plain = nps.score(given_ratings)
    found = nps.weighted(given_ratings, [weight] * len(given_ratings))
    assert (found.value, found.standard_error) == (plain.value, plain.standard_error)
    for method in ("adjusted_wald", "wald"):
        assert found.interval(method=method) == plain.interval(method=method)


@pytest.mark.parametrize("mix", [(0.9, 0.0, 0.1), (0.5, 0.3, 0.2), (0.1, 0.3, 0.6)])
@pytest.mark.parametrize("sigma", [0.0, 0.5, 1.0])
def test_the_interval_of_a_weighted_score_covers_what_it_says(
    mix: tuple[float, float, float], sigma: float
) -> None:
    """Of 1,500 samples of 20, with lognormal weights, 95 % within four standard errors.

    `benchmarks/nps_coverage.py` has the figures for more weights, mixes and sizes.
    """
    draw, held, samples = Random(1), 0, 1500
    for _ in range(samples):
        rows = draw.choices((10, 8, 3), weights=mix, k=20)
        weights = [draw.lognormvariate(0, sigma) for _ in rows]
        held += mix[0] - mix[2] in nps.weighted(rows, weights).interval()
    assert abs(held / samples - 0.95) < 4 * math.sqrt(0.95 * 0.05 / samples)


@given(st.floats(1e-6, 2), usual_levels, st.none() | st.floats(0.01, 0.99), st.floats(0, 1))
def test_more_precision_and_more_power_need_more_answers(
    margin: float, level: float, power: float | None, spread: float
) -> None:
    """The size grows with level, power and spread, and falls with the margin."""
    size = nps.sample_size(margin, level=level, power=power, spread=spread)
    assert size >= 1
    assert nps.sample_size(margin / 2, level=level, power=power, spread=spread) >= size
    assert nps.sample_size(margin, level=0.9999, power=power, spread=spread) >= size
    assert nps.sample_size(margin, level=level, power=0.995, spread=spread) >= size
    assert nps.sample_size(margin, level=level, power=power, spread=1) >= size


ZONES = ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Tokyo"]
FIRST = date(2026, 2, 1)

days = st.integers(0, 300).map(lambda n: FIRST + timedelta(days=n))
walls = st.builds(
    lambda day, minute: datetime.combine(day, time()) + timedelta(minutes=minute),
    days,
    st.sampled_from([0, 0, 60, 150, 23 * 60, 24 * 60 - 1]),
)
instants = walls.map(lambda wall: wall.replace(tzinfo=UTC))


def answers_at(times: st.SearchStrategy[Any]) -> st.SearchStrategy[list[tuple[Any, int]]]:
    return st.lists(st.tuples(times, st.integers(0, 10)), min_size=1, max_size=30)


dated = st.one_of(answers_at(days), answers_at(walls), answers_at(instants))


def moment(at: date, zone: str) -> datetime:
    """Return an instant in UTC: a date is the first one of its day, by the zone's own clock."""
    local = at if isinstance(at, datetime) else datetime.combine(at, time())
    return (local if local.tzinfo else local.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


@given(
    dated,
    st.sampled_from(["day", "week", "month"]),
    st.sampled_from(ZONES),
    st.sampled_from([Period(days=7), Period(days=30), Period(months=2), Period(hours=7)]),
)
def test_every_window_pools_its_answers(
    answers: list[tuple[date, int]], grain: str, zone: str, window: Period
) -> None:
    """At each period's end t: the answers in [t - window, t), one by one."""
    calendar = Calendar(grain, zone=zone)
    table = nps.rolling(answers, window=window, calendar=calendar)
    whole = {("day", 7): 7, ("day", 30): 30, ("week", 7): 1, ("month", None): 2}
    days_ = window.length.days if window.length else None
    steps = whole.get((grain, days_))
    found = [(moment(at, zone), rating) for at, rating in answers]
    for row in table.rows:
        begin = window.before(row.end)
        if steps:
            begin = calendar.start(calendar.index(row.period) + 1 - steps)
        expected = nps.score(r for at, r in found if utc(begin) <= at < utc(row.end))
        assert row.score == expected
    assert all(one.end == next_.period for one, next_ in itertools.pairwise(table.rows))
    ats = [at for at, _ in found]
    assert utc(table.rows[0].period) <= min(ats) < utc(table.rows[0].end)
    assert utc(table.rows[-1].period) <= max(ats) < utc(table.rows[-1].end)
    assert nps.rolling(answers[::-1], window=window, calendar=calendar) == table


def utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


ONE = {"day": Period(days=1), "week": Period(weeks=1), "month": Period(months=1)}
ONE |= {"quarter": Period(months=3), "year": Period(years=1)}


@given(dated, st.sampled_from(list(ONE)), st.sampled_from(ZONES))
def test_windows_of_one_period_are_groups_by_period(
    answers: list[tuple[date, int]], grain: str, zone: str
) -> None:
    """With a window of one period each answer counts once, where its local date lies."""
    calendar = Calendar(grain, zone=zone)
    table = nps.rolling(answers, window=ONE[grain], calendar=calendar)
    of_period = {
        "day": lambda day: day,
        "week": lambda day: day - timedelta(days=day.weekday()),
        "month": lambda day: day.replace(day=1),
        "quarter": lambda day: date(day.year, 1 + (day.month - 1) // 3 * 3, 1),
        "year": lambda day: date(day.year, 1, 1),
    }[grain]
    local = [(moment(at, zone).astimezone(ZoneInfo(zone)).date(), r) for at, r in answers]
    by_period = nps.score((r for _, r in local), by=[of_period(day) for day, _ in local])
    rows = {row.period.date(): row.score for row in table.rows if row.score.respondents}
    assert rows == dict(by_period.results)
    assert sum(row.score.respondents for row in table.rows) == len(answers)


@given(dated, st.sampled_from([1, 2, 5]), st.sampled_from(ZONES))
def test_each_answer_counts_in_as_many_rows_as_windows_have_it(
    answers: list[tuple[date, int]], n: int, zone: str
) -> None:
    """From the first start to the last end nothing is dropped: n months have it n times."""
    monthly = Calendar("month", zone=zone)
    last = max(
        at if isinstance(at, datetime) else datetime.combine(at, time()) for at, _ in answers
    )
    later = last + timedelta(days=365)
    table = nps.rolling(answers, window=Period(months=n), calendar=monthly, until=later)
    assert sum(row.score.respondents for row in table.rows) == n * len(answers)


@given(dated, days, st.sampled_from(["day", "month"]), st.sampled_from(ZONES))
def test_until_a_date_is_until_its_last_instant(
    answers: list[tuple[date, int]], until: date, grain: str, zone: str
) -> None:
    """A date is its whole day, and what comes after it changes nothing."""
    calendar, window = Calendar(grain, zone=zone), Period(days=20)

    def roll(rows: list[tuple[date, int]], end: date) -> nps.RollingTable:
        return nps.rolling(rows, window=window, calendar=calendar, until=end)

    next_day = moment(until + timedelta(days=1), zone)
    last = (next_day - timedelta.resolution).astimezone(ZoneInfo(zone))
    at = answers[0][0]
    if not isinstance(at, datetime) or at.tzinfo is None:
        last = last.replace(tzinfo=None)
    table = roll(answers, until)
    assert table == roll(answers, last)
    known = [row for row in answers if moment(row[0], zone) < next_day]
    assert table == roll(known, until)
    assert all(utc(row.end) <= next_day for row in table.rows)


SHOP = Lifecycle(
    name="shop",
    initial="visitor",
    stages=(Stage("visitor", Status.PROSPECT), Stage("buyer", Status.ACTIVE)),
    transitions=(Transition("visitor", "buyer", on="buy"),),
)


@given(dated, st.sampled_from(["day", "week", "month"]), st.sampled_from(ZONES))
def test_the_score_of_a_month_is_one_score(
    answers: list[tuple[date, int]], grain: str, zone: str
) -> None:
    """`CustomerBase.kpis` and `rolling` with windows of one period count the same answers."""
    calendar, tz = Calendar(grain, zone=zone), ZoneInfo(zone)
    table = nps.rolling(answers, window=ONE[grain], calendar=calendar)
    aware = isinstance(answers[0][0], datetime) and answers[0][0].tzinfo is not None
    begin, end = table.rows[0].period, table.rows[-1].end
    if not aware:
        begin, end = begin.replace(tzinfo=None), end.replace(tzinfo=None)
    journey = SHOP.replay("ann", [Event("buy", begin)], until=end)
    rows = [("ann", at, rating) for at, rating in answers]
    found = CustomerBase([journey]).over(calendar, Window(begin, end)).kpis(answers=rows)
    by_period: dict[datetime, Score] = {row.period.astimezone(tz): row.score for row in table.rows}
    assert {row.period: row.nps for row in found.rows if row.stage == "buyer"} == by_period


@given(scores)
def test_values_can_be_pasted_back(score: Score) -> None:
    """`eval(repr(x)) == x`."""
    assert eval(repr(score)) == score  # noqa: S307
