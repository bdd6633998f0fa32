"""Laws of survival, and the estimators beside naive ones in exact fractions."""

import math
from fractions import Fraction
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lifecycle import survival
from lifecycle.metrics.survival import SurvivalCurve

times = st.integers(0, 12) | st.integers(0, 60).map(lambda k: k / 4)
rows = st.lists(st.tuples(times, st.booleans()), min_size=1, max_size=30)
caused = st.lists(st.tuples(times, st.sampled_from([None, "a", "b", 3])), min_size=1, max_size=30)
weights = st.sampled_from([1, 2, 5, 0.5, 0.1, 0.3, 2.75])
weighted = st.lists(st.tuples(times, st.booleans(), weights), min_size=1, max_size=20)
late = st.lists(
    st.tuples(times, st.integers(1, 20).map(lambda k: k / 4), st.booleans(), weights),
    min_size=1,
    max_size=25,
)
kinds = st.sampled_from(["plain", "log", "log_log", "logit"])
levels = st.floats(0.05, 0.9999)
Rows = list[tuple[float, bool]]


def curve(data: Rows) -> SurvivalCurve:
    return survival.kaplan_meier(*columns(data))


def columns(data: list[Any]) -> list[Any]:
    return [list(column) for column in zip(*data, strict=True)]


def near(x: Any) -> Any:
    return pytest.approx(x, rel=1e-9, abs=1e-12)


# Naive estimators: from the definition, one time after another, in exact fractions


def naive(data: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """Take (entry, duration, cause or None, weight); who enters at 0 is there from the start."""
    found: dict[str, list[Any]] = {"times": sorted({row[1] for row in data})}
    share, log_variance = Fraction(1), Fraction(0)
    for name in ("n", "d", "c", "S", "V"):
        found[name] = []
    for t in found["times"]:
        there = [r for r in data if (r[0] is None or r[0] < t) and r[1] >= t]
        n = sum(Fraction(r[3]) for r in there)
        d = sum(Fraction(r[3]) for r in there if r[1] == t and r[2] is not None)
        share *= (n - d) / n
        log_variance += d / (n * (n - d)) if n > d else 0
        found["n"].append(n)
        found["d"].append(d)
        found["c"].append(sum(Fraction(r[3]) for r in there if r[1] == t and r[2] is None))
        found["S"].append(share)
        found["V"].append(log_variance)
    return found


def naive_incidence(data: list[tuple[Any, ...]], cause: object) -> list[tuple[Fraction, Fraction]]:
    """Sum S(t-) k / n, and the delta-method variance of it over all earlier times."""
    base, found = naive(data), []
    before = [Fraction(1), *base["S"]]
    share, shares, of_cause = Fraction(0), [], []
    for t, n, s in zip(base["times"], base["n"], before, strict=False):
        k = sum((Fraction(r[3]) for r in data if r[1] == t and r[2] == cause), Fraction(0))
        share += s * k / n
        shares.append(share)
        of_cause.append(k)
    for j, total in enumerate(shares):
        variance = Fraction(0)
        for i in range(j + 1):
            n, d, k, s = base["n"][i], base["d"][i], of_cause[i], before[i]
            later = (total - shares[i]) / base["S"][i] if base["S"][i] else Fraction(0)
            by_k, by_other = s * (1 - later), -s * later
            mean = k * by_k + (d - k) * by_other
            variance += (k * by_k**2 + (d - k) * by_other**2 - mean**2 / n) / n**2
        found.append((total, variance))
    return found


def naive_log_rank(groups: list[Rows], rho: int) -> tuple[list[Fraction], list[Fraction], Any]:
    """Observed, expected and the covariance matrix, summed over the event times."""
    everybody = [row for group in groups for row in group]
    k, share = len(groups), Fraction(1)
    observed, expected = [Fraction(0)] * k, [Fraction(0)] * k
    matrix = [[Fraction(0)] * k for _ in groups]
    for t in sorted({t for t, seen in everybody if seen}):
        n_of = [sum(time >= t for time, _ in group) for group in groups]
        d_of = [sum(time == t and seen for time, seen in group) for group in groups]
        n, d, weight = sum(n_of), sum(d_of), share**rho
        for i in range(k):
            observed[i] += weight * d_of[i]
            expected[i] += weight * Fraction(d * n_of[i], n)
            for j in range(k):
                if n > 1:
                    factor = weight**2 * Fraction(d * (n - d), n * n * (n - 1))
                    matrix[i][j] += factor * n_of[i] * (n * (i == j) - n_of[j])
        share *= Fraction(n - d, n)
    return observed, expected, matrix


@given(late)
def test_curves_are_the_naive_ones(data: list[tuple[float, float, bool, float]]) -> None:
    """Late entry and weights: counts, S by product, Greenwood's errors, hazards."""
    starts = [start for start, *_ in data]
    ends = [start + stay for start, stay, *_ in data]
    seen, shares = [row[2] for row in data], [row[3] for row in data]
    expected = naive(
        [
            (a, b, "x" if o else None, w)
            for a, b, o, w in zip(starts, ends, seen, shares, strict=True)
        ]
    )
    found = survival.kaplan_meier(ends, seen, entry=starts, weights=shares)
    assert list(found.times) == expected["times"]
    assert found.at_risk == near([float(n) for n in expected["n"]])
    assert found.events == near([float(d) for d in expected["d"]])
    assert found.censored == near([float(c) for c in expected["c"]])
    assert found.survival == near([float(s) for s in expected["S"]])
    assert [error is None for error in found.standard_error] == [s == 0 for s in expected["S"]]
    errors = [float(s) * math.sqrt(v) for s, v in zip(expected["S"], expected["V"], strict=True)]
    assert [error or 0 for error in found.standard_error] == near(errors)
    hazard = survival.nelson_aalen(ends, seen, entry=starts, weights=shares)
    pairs = list(zip(expected["d"], expected["n"], strict=True))
    assert hazard.cumulative_hazard[-1] == near(float(sum(d / n for d, n in pairs)))
    assert hazard.standard_error[-1] == near(math.sqrt(sum(d / n**2 for d, n in pairs)))


@given(late, st.integers(0, 60).map(lambda k: k / 4))
def test_restricted_means_are_the_naive_ones(
    data: list[tuple[float, float, bool, float]], tau: float
) -> None:
    """The area from 0 to tau, and the error that each event's later area gives it."""
    lives = [(a, a + stay, "x" if seen else None, w) for a, stay, seen, w in data]
    expected, (starts, ends, causes, shares) = naive(lives), columns(lives)
    seen = [cause is not None for cause in causes]
    found = survival.kaplan_meier(ends, seen, entry=starts, weights=shares)
    tau = min(tau, found.times[-1])

    def area(start: float) -> Fraction:
        edges = [Fraction(t) for t in expected["times"] if start < t < tau]
        cuts = [Fraction(start), *edges, Fraction(tau)]
        steps = list(
            zip([Fraction(0), *map(Fraction, expected["times"])], [1, *expected["S"]], strict=True)
        )
        total = Fraction(0)
        for a, b in pairwise(cuts):
            share = [s for t, s in steps if t <= a][-1]
            total += max(b - a, 0) * share
        return total

    estimate = found.restricted_mean(tau)
    assert estimate.value == near(float(area(0)))
    variance = sum(
        area(t) ** 2 * d / (n * (n - d))
        for t, n, d in zip(expected["times"], expected["n"], expected["d"], strict=True)
        if t <= tau and d < n
    )
    assert estimate.standard_error == near(math.sqrt(variance))


@given(late, st.lists(st.sampled_from(["a", "b", 3]), min_size=25, max_size=25))
def test_incidences_are_the_naive_ones(
    data: list[tuple[float, float, bool, float]], kinds_of_end: list[Any]
) -> None:
    """F by Aalen and Johansen, with the delta-method variance, cause by cause."""
    lives = [
        (a, a + stay, cause if seen else None, w)
        for (a, stay, seen, w), cause in zip(data, kinds_of_end, strict=False)
    ]
    starts, ends, causes, shares = columns(lives)
    found = survival.cumulative_incidence(ends, causes, entry=starts, weights=shares)
    assert set(found.causes) == set(causes) - {None}
    for cause in found.causes:
        expected = naive_incidence(lives, cause)
        assert found[cause].incidence == near([float(share) for share, _ in expected])
        errors = [math.sqrt(variance) for _, variance in expected]
        assert found[cause].standard_error == pytest.approx(errors, rel=1e-6, abs=1e-7)


@given(caused)
def test_errors_are_those_of_the_infinitesimal_jackknife(data: list[tuple[float, Any]]) -> None:
    """They are the root of the sum of squares of what one customer more would change."""
    found = survival.cumulative_incidence(*columns(data))
    for cause in found.causes:
        share, of_share = Fraction(1), [Fraction(0)] * len(data)
        of_cause, errors = [Fraction(0)] * len(data), []
        for t in found.times:
            there = [time >= t for time, _ in data]
            ended = [time == t and c is not None for time, c in data]
            by = [time == t and c == cause for time, c in data]
            n, d, k = Fraction(sum(there)), sum(ended), sum(by)
            of_cause = [
                x + dx * k / n + share * (b / n - r * k / n**2)
                for x, dx, b, r in zip(of_cause, of_share, by, there, strict=True)
            ]
            of_share = [
                dx * (n - d) / n + share * ((r - e) / n - r * (n - d) / n**2)
                for dx, r, e in zip(of_share, there, ended, strict=True)
            ]
            share *= (n - d) / n
            errors.append(math.sqrt(sum(x * x for x in of_cause)))
        assert found[cause].standard_error == pytest.approx(errors, rel=1e-6, abs=1e-7)


def bounds(s: float, root: float, z: float, kind: str) -> tuple[float, float] | None:
    """Return the bounds of a share from the root of the variance of its logarithm."""
    if s == 0 or (s == 1 and kind in ("log_log", "logit")):
        return None
    if kind == "plain":
        return max(s - z * s * root, 0), min(s + z * s * root, 1)
    if kind == "log":
        return s * math.exp(-z * root), min(s * math.exp(min(z * root, 99)), 1)
    if kind == "log_log":
        low, high = (math.log(-math.log(s)) + sign * z * root / -math.log(s) for sign in (1, -1))
        return math.exp(-math.exp(min(low, 99))), math.exp(-math.exp(high))
    low, high = (math.log(s / (1 - s)) + sign * z * root / (1 - s) for sign in (-1, 1))
    return 1 / (1 + math.exp(min(-low, 99))), 1 / (1 + math.exp(-high))


@given(weighted, levels, kinds)
def test_intervals_are_those_of_their_formulas(
    data: list[tuple[float, bool, float]], level: float, kind: Any
) -> None:
    """Each is symmetric on its own scale, with Greenwood's variance brought to it."""
    d, o, w = columns(data)
    exact = naive([(None, t, seen or None, weight) for t, seen, weight in data])
    z = NormalDist().inv_cdf(0.5 + level / 2)
    found = survival.kaplan_meier(d, o, weights=w).interval(level=level, method=kind)
    for s, variance, interval in zip(exact["S"], exact["V"], found, strict=True):
        expected = bounds(float(s), math.sqrt(variance), z, kind)
        assert (interval is None) == (expected is None)
        if interval is not None:
            assert (interval.low, interval.high) == pytest.approx(expected, rel=1e-6, abs=1e-12)


@given(rows, st.integers(2, 12), st.data())
def test_quantiles_are_the_naive_ones(data: Rows, n: int, draw: Any) -> None:
    """The first time at or below, or the middle of a stretch on the level that later falls."""
    p = Fraction(draw.draw(st.integers(1, n - 1)), n)
    exact = naive([(None, t, seen or None, 1) for t, seen in data])
    steps = list(zip(exact["times"], exact["S"], strict=True))
    at = next((t for t, s in steps if s <= 1 - p), None)
    falls = next((t for t, s in steps if s < 1 - p), None)
    expected = at if falls is None or at is None or at == falls else Fraction(at + falls) / 2
    assert curve(data).quantile(float(p)) == (expected and float(expected))


@given(st.lists(st.tuples(times, st.integers(1, 20), st.booleans(), st.integers(1, 90))))
def test_hazards_of_split_ties_are_the_naive_ones(
    data: list[tuple[float, int, bool, int]],
) -> None:
    """Events at one time come one after the other, each with one customer less at risk."""
    assume(data)
    lives = [(a, a + stay, seen or None, w) for a, stay, seen, w in data]
    exact, (starts, ends, seen, shares) = naive(lives), columns(lives)
    found = survival.nelson_aalen(
        ends, [x is not None for x in seen], ties="split", entry=starts, weights=shares
    )
    hazard = variance = Fraction(0)
    for i, (n, d) in enumerate(zip(exact["n"], exact["d"], strict=True)):
        hazard += sum(1 / (n - j) for j in range(int(d)))
        variance += sum(1 / (n - j) ** 2 for j in range(int(d)))
        assert found.cumulative_hazard[i] == near(float(hazard))
        assert found.standard_error[i] == near(math.sqrt(variance))


@given(st.lists(rows, min_size=2, max_size=6), st.integers(-1, 2))
def test_log_rank_tests_are_the_naive_ones(groups: list[Rows], rho: int) -> None:
    """Observed, expected, covariances, and d' V^-1 d, exact until the end."""
    found = survival.log_rank(*(tuple(columns(group)) for group in groups), rho=rho)
    observed, expected, matrix = naive_log_rank(groups, rho)
    assert found.observed == near([float(x) for x in observed])
    assert found.expected == near([float(x) for x in expected])
    for row, exact in zip(found.variance, matrix, strict=True):
        assert row == near([float(x) for x in exact])
    kept = [i for i, x in enumerate(expected) if x > 0][1:]
    assert found.df == max(len(kept), 0)
    if not any(matrix[i][i] for i in range(len(groups))):
        assert (found.statistic, found.p_value) == (None, None)
        return
    solved = solve([[*(matrix[i][j] for j in kept), observed[i] - expected[i]] for i in kept])
    statistic = sum(((observed[i] - expected[i]) * x for i, x in zip(kept, solved, strict=True)), 0)
    assert found.statistic == near(float(statistic))


def solve(rows: list[list[Fraction]]) -> list[Fraction]:
    """Solve linear equations by Gauss and Jordan; the right side is the last column."""
    for i in range(len(rows)):
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for j in range(len(rows)):
            if j != i:
                rows[j] = [x - rows[j][i] * y for x, y in zip(rows[j], rows[i], strict=True)]
    return [row[-1] for row in rows]


# Laws


@given(weighted, st.randoms())
def test_the_order_of_rows_never_matters(
    data: list[tuple[float, bool, float]], random: Any
) -> None:
    """Shuffled rows give the same figures, to the last digit."""
    other = random.sample(data, len(data))
    (d, o, w), (d2, o2, w2) = columns(data), columns(other)
    assert survival.kaplan_meier(d, o, weights=w) == survival.kaplan_meier(d2, o2, weights=w2)
    assert survival.log_rank((d, o), (d2, o2)) == survival.log_rank((d2, o2), (d, o))
    causes, causes2 = (["ab"[seen] for seen in flags] for flags in (o, o2))
    found = survival.cumulative_incidence(d, causes, weights=w)
    assert found == survival.cumulative_incidence(d2, causes2, weights=w2)


@given(rows)
def test_survival_never_rises_and_stays_within_0_and_1(data: Rows) -> None:
    """S falls from 1, with events only."""
    found = curve(data)
    steps = zip((1.0, *found.survival), found.survival, found.events, strict=False)
    for before, after, events in steps:
        assert 0 <= after <= before <= 1
        assert (after < before) == (events > 0 and before > 0)


@given(st.lists(times, min_size=1))
def test_without_censoring_survival_is_the_empirical_share(durations: list[float]) -> None:
    """S(t) is the share with a longer duration, and the restricted mean is the mean."""
    found, n = survival.kaplan_meier(durations, [True] * len(durations)), len(durations)
    for t, share in zip(found.times, found.survival, strict=True):
        assert share == sum(d > t for d in durations) / n
    for error, share in zip(found.standard_error, found.survival, strict=True):
        assert error is None if share == 0 else error == near(math.sqrt(share * (1 - share) / n))
    assert found.restricted_mean(found.times[-1]).value == near(math.fsum(durations) / n)


@given(st.lists(st.tuples(times, st.booleans(), st.integers(1, 4)), min_size=1, max_size=12))
def test_weights_are_repetition(data: list[tuple[float, bool, int]]) -> None:
    """A weight of 3 is the same as three rows."""
    d, o, w = columns(data)
    d3, o3 = columns([(t, seen) for t, seen, times in data for _ in range(times)])
    assert survival.kaplan_meier(d, o, weights=w) == survival.kaplan_meier(d3, o3)
    for ties in ("sum", "split"):
        once: Any = survival.nelson_aalen(d, o, ties=ties, weights=w)
        assert once == survival.nelson_aalen(d3, o3, ties=ties)
    causes, causes3 = (["ab"[seen] for seen in flags] for flags in (o, o3))
    found = survival.cumulative_incidence(d, causes, weights=w)
    assert found == survival.cumulative_incidence(d3, causes3)


@given(weighted, st.sampled_from([2, 4, 0.5]))
def test_weights_in_another_unit_change_no_share(
    data: list[tuple[float, bool, float]], unit: float
) -> None:
    """Shares do not depend on the scale of the weights; variances shrink with it."""
    d, o, w = columns(data)
    one = survival.kaplan_meier(d, o, weights=w)
    other = survival.kaplan_meier(d, o, weights=[unit * weight for weight in w])
    assert one.survival == other.survival
    for a, b in zip(one.standard_error, other.standard_error, strict=True):
        assert a is b is None or a == near((b or 0.0) * math.sqrt(unit))


@given(rows)
def test_entering_at_the_start_is_no_late_entry(data: Rows) -> None:
    """An entry of 0 changes nothing."""
    data = [(t + 1, seen) for t, seen in data]
    d, o = columns(data)
    assert survival.kaplan_meier(d, o, entry=[0] * len(d)) == survival.kaplan_meier(d, o)


@given(rows, levels, kinds)
def test_intervals_lie_around_the_survival(data: Rows, level: float, kind: Any) -> None:
    """0 <= low <= S <= high <= 1, and a higher level gives no narrower interval."""
    found = curve(data)
    wider = found.interval(level=(1 + level) / 2, method=kind)
    for s, interval, wide in zip(
        found.survival, found.interval(level=level, method=kind), wider, strict=True
    ):
        assert (interval is None) == (wide is None)
        if interval is not None:
            assert 0 <= interval.low <= s + 1e-12
            assert s - 1e-12 <= interval.high <= 1
            assert wide.low <= interval.low
            assert interval.high <= wide.high


@given(rows, st.floats(0.01, 0.99))
def test_a_quantile_is_where_the_survival_crosses(data: Rows, p: float) -> None:
    """Before it S is above 1 - p, and at it S is not."""
    found = curve(data)
    t = found.quantile(p)
    if t is None:
        assert found.survival[-1] > 1 - p
        return
    assert found.at(t) <= 1 - p + 1e-9
    earlier = [s for time, s in zip(found.times, found.survival, strict=True) if time < t]
    assert all(s >= 1 - p - 1e-9 for s in earlier)


@given(rows, kinds)
def test_the_median_lies_within_its_interval(data: Rows, kind: Any) -> None:
    """The bounds of the curve cross one half before and after it."""
    found, interval = curve(data), curve(data).median_interval(method=kind)
    median = found.median()
    if median is not None and interval.low is not None:
        assert interval.low <= median
    if interval.high is not None:
        assert median is not None
        assert median <= interval.high


@given(rows, times)
def test_given_survival_the_curve_is_the_quotient(data: Rows, t: float) -> None:
    """S(t + s) / S(t), and the area beyond t over S(t)."""
    found = curve(data)
    assume(t < found.times[-1])
    assume(found.at(t) > 0)
    later, end = found.given(t), found.times[-1]
    for time, share in zip(later.times, later.survival, strict=True):
        assert share == near(found.at(t + time) / found.at(t))
    area = found.restricted_mean(end).value - found.restricted_mean(t).value
    assert later.restricted_mean(later.times[-1]).value == near(area / found.at(t))
    assert later.n == sum(time > t for time, _ in data)


@given(rows)
def test_given_0_nothing_changes_for_those_who_stayed_at_all(data: Rows) -> None:
    """The curve given 0 is the curve of all durations above 0."""
    stayed = [(t, seen) for t, seen in data if t > 0]
    assume(stayed)
    assert curve(data).given(0) == curve(stayed)


@given(rows)
def test_the_hazard_lies_below_minus_the_log_of_survival(data: Rows) -> None:
    """H <= H split <= -log S, and they agree where no two events tie."""
    d, o = columns(data)
    summed, split = survival.nelson_aalen(d, o), survival.nelson_aalen(d, o, ties="split")
    shares = survival.kaplan_meier(d, o).survival
    for h, h2, s in zip(summed.cumulative_hazard, split.cumulative_hazard, shares, strict=True):
        assert h <= h2 + 1e-12
        assert s == 0 or h2 <= -math.log(s) + 1e-12
    if max(summed.events) <= 1:
        assert summed.cumulative_hazard == near(list(split.cumulative_hazard))


@given(rows, st.integers(2, 4), st.floats(-2, 2))
def test_identical_groups_do_not_differ(data: Rows, k: int, rho: float) -> None:
    """The statistic of equal groups is 0, its p-value 1."""
    found = survival.log_rank(*[tuple(columns(data))] * k, rho=rho)
    assert found.statistic in (0, None)
    assert found.p_value in (1, None)


@given(st.lists(rows, min_size=2, max_size=4), st.randoms(), st.floats(-1, 2))
def test_the_order_of_groups_does_not_matter(groups: list[Rows], random: Any, rho: float) -> None:
    """The statistic is the same, whichever group comes first; and observed sums to expected."""
    pairs = [tuple(columns(group)) for group in groups]
    one = survival.log_rank(*pairs, rho=rho)
    other = survival.log_rank(*random.sample(pairs, len(pairs)), rho=rho)
    assert one.statistic == (None if other.statistic is None else near(other.statistic))
    assert math.fsum(one.observed) == near(math.fsum(one.expected))
    assert one.statistic is None or one.statistic >= 0


@given(caused)
def test_incidences_and_survival_sum_to_1(data: list[tuple[float, Any]]) -> None:
    """At every time each customer has ended by one cause, or by none; no incidence falls."""
    found = survival.cumulative_incidence(*columns(data))
    for i, left in enumerate(found.survival):
        assert left + math.fsum(c.incidence[i] for c in found.curves) == near(1)
    for by_cause in found.curves:
        assert list(by_cause.incidence) == sorted(by_cause.incidence)
        assert max(by_cause.incidence) <= 1
    assert found.survival == curve([(t, c is not None) for t, c in data]).survival


@given(late)
def test_one_cause_is_one_less_kaplan_meier(
    data: list[tuple[float, float, bool, float]],
) -> None:
    """With one cause F = 1 - S, with the same standard error."""
    starts = [start for start, *_ in data]
    ends = [start + stay for start, stay, *_ in data]
    seen, shares = [row[2] for row in data], [row[3] for row in data]
    found = survival.cumulative_incidence(
        ends, [int(o) for o in seen], entry=starts, weights=shares
    )
    all_ends = survival.kaplan_meier(ends, seen, entry=starts, weights=shares)
    assert found.survival == all_ends.survival
    for by_cause in found.curves:
        assert by_cause.incidence == near([1 - s for s in all_ends.survival])
        errors = [error or 0 for error in all_ends.standard_error]
        assert by_cause.standard_error == pytest.approx(errors, rel=1e-6, abs=1e-6)


@given(caused, levels, kinds)
def test_intervals_lie_around_the_incidence(
    data: list[tuple[float, Any]], level: float, kind: Any
) -> None:
    """0 <= low <= F <= high <= 1."""
    for by_cause in survival.cumulative_incidence(*columns(data)).curves:
        for share, interval in zip(
            by_cause.incidence, by_cause.interval(level=level, method=kind), strict=True
        ):
            if interval is not None:
                assert 0 <= interval.low <= share + 1e-9
                assert share - 1e-9 <= interval.high <= 1
