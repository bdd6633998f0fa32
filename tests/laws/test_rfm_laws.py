"""Laws of recency, frequency and monetary value."""

import itertools
import math
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.errors import InvalidValueError
from lifecycle.metrics import rfm

START = date(2026, 1, 1)
END, SPLIT = START + timedelta(days=60), START + timedelta(days=30)

days = st.integers(0, 70).map(lambda n: START + timedelta(days=n))
customers = st.sampled_from(["ann", "bob", "cat", 1, 2])
floats = st.floats(0.01, 1e6) | st.integers(0, 1000)
decimals = st.decimals(0, 10**6, places=2)
logs = st.lists(st.tuples(customers, days, floats)) | st.lists(st.tuples(customers, days, decimals))
bins = st.integers(1, 7)
edges = st.sampled_from(["quantile", "r"])
UNITS = ("day", "week", "month", "quarter", "year")


@given(st.data(), logs)
def test_the_order_of_the_orders_does_not_matter(data: st.DataObject, log: list[Any]) -> None:
    """Row order never matters: not for a summary, scores, nor a concentration."""
    other = data.draw(st.permutations(log))
    assert rfm.summary(other, until=END) == rfm.summary(log, until=END)
    split = {"until": END, "calibration_until": SPLIT}
    assert rfm.summary(other, **split) == rfm.summary(log, **split)
    assert rfm.scores(other, until=END) == rfm.scores(log, until=END)
    if log:
        values, shuffled = ([amount for _, _, amount in rows] for rows in (log, other))
        assert rfm.concentration(shuffled) == rfm.concentration(values)


@given(logs)
def test_orders_of_one_day_may_be_merged_before(log: list[Any]) -> None:
    """The summary of a log is that of the same log with one order a day."""
    merged: dict[Any, Any] = defaultdict(int)
    for customer, at, amount in log:
        merged[customer, at] += amount
    orders = [(customer, at, amount) for (customer, at), amount in merged.items()]
    found = rfm.summary(log, until=END, calibration_until=SPLIT)
    for row, other in zip(
        found.rows, rfm.summary(orders, until=END, calibration_until=SPLIT).rows, strict=True
    ):
        for field in ("customer", "frequency", "recency", "age", "holdout_frequency"):
            assert getattr(row, field) == getattr(other, field)
        for field in ("monetary", "holdout_monetary"):
            mean, same = getattr(row, field), getattr(other, field)
            assert (mean is None) is (same is None)
            assert mean is None or math.isclose(mean, same, rel_tol=1e-12)


@given(logs)
def test_a_summary_is_what_counting_by_hand_gives(log: list[Any]) -> None:
    """Frequency is days less one, recency first to last, age first to the end."""
    found = {row.customer: row for row in rfm.summary(log, until=END, unit="day").rows}
    kept = [(customer, at) for customer, at, _ in log if at <= END]
    assert set(found) == {customer for customer, _ in kept}
    for customer, row in found.items():
        seen = {at for buyer, at in kept if buyer == customer}
        assert row.frequency == len(seen) - 1
        assert row.recency == (max(seen) - min(seen)).days
        assert row.age == (END - min(seen)).days
        assert 0 <= row.recency <= row.age
        assert (row.recency == 0) is (row.frequency == 0) is (row.monetary is None)


@given(logs)
def test_calibration_and_holdout_make_up_the_whole(log: list[Any]) -> None:
    """Days before and after the split are all days, for those who bought before it."""
    whole = {row.customer: row for row in rfm.summary(log, until=END).rows}
    for row in rfm.summary(log, until=END, calibration_until=SPLIT).rows:
        assert row.holdout_frequency is not None
        assert row.frequency + row.holdout_frequency == whole[row.customer].frequency


@given(logs, bins, edges)
def test_scores_are_monotone(log: list[Any], highest: int, method: str) -> None:
    """Who is more recent, orders more or spends more never scores lower; ties score alike."""
    rows = rfm.scores(log, until=END, bins=highest, method=method).rows
    for measure, sign in (("recency", -1), ("frequency", 1), ("monetary", 1)):
        pairs = sorted(
            (sign * getattr(row, measure), getattr(row, f"{measure}_score")) for row in rows
        )
        assert [score for _, score in pairs] == sorted(score for _, score in pairs)
        assert len(dict(pairs)) == len(set(pairs))
        assert all(1 <= score <= highest for _, score in pairs)


@given(st.lists(st.tuples(customers, days, decimals)), bins, edges)
def test_scores_are_what_counting_by_hand_gives(log: list[Any], highest: int, method: str) -> None:
    """A score is 1 + the edges below; edges are type-7 quantiles, in R's way each one more."""
    kept: dict[Any, list[Any]] = defaultdict(list)
    for customer, at, amount in log:
        if at <= END:
            kept[customer].append((at, Fraction(amount)))
    expected = {
        "recency": {who: (END - max(at for at, _ in some)).days for who, some in kept.items()},
        "frequency": {who: len(some) for who, some in kept.items()},
        "monetary": {who: sum(amount for _, amount in some) for who, some in kept.items()},
    }
    found = {
        row.customer: row for row in rfm.scores(log, until=END, bins=highest, method=method).rows
    }
    assert set(found) == set(kept)
    for measure, values in expected.items():
        cuts = [quantile(sorted(values.values()), k, highest) for k in range(1, highest) if values]
        for who, value in values.items():
            above = [value >= cut + 1 if method == "r" else value > cut for cut in cuts]
            score = highest - sum(above) if measure == "recency" else 1 + sum(above)
            assert getattr(found[who], measure) == value
            assert getattr(found[who], f"{measure}_score") == score


def quantile(ordered: list[Any], k: int, highest: int) -> Fraction:
    """Return the value at 1 + (n - 1) k / highest of n values, between two in proportion."""
    rank = Fraction((len(ordered) - 1) * k, highest)
    low, part = ordered[int(rank)], rank % 1
    return low + (part and part * (ordered[int(rank) + 1] - low))


@given(st.lists(st.integers(0, 50), min_size=1), bins)
def test_the_edges_of_whole_numbers_score_as_in_r(amounts: list[int], highest: int) -> None:
    """For whole-number edges R's 1 makes no difference."""
    log = [(i, START, amount) for i, amount in enumerate(amounts)]
    ours = rfm.scores(log, until=END, bins=highest)
    theirs = rfm.scores(log, until=END, bins=highest, method="r")
    if all(edge == int(edge) for edge in ours.edges.monetary):
        assert [row.cell for row in ours.rows] == [row.cell for row in theirs.rows]


@given(logs, st.integers(1, 4))
def test_everyone_is_in_one_segment(log: list[Any], cut: int) -> None:
    """Segments share out the customers and their money, without a rest."""
    scored = rfm.scores(log, until=END)
    rules = [
        rfm.SegmentRule("low", monetary=(1, cut)),
        rfm.SegmentRule("high", monetary=(cut + 1, 5)),
    ]
    found = rfm.segments(scored, rules=rules)
    assert sum(row.customers for row in found.rows) == len(scored.rows) == len(found.members)
    spent = sum(Decimal(row.monetary) for row in scored.rows)
    assert math.isclose(sum(Decimal(row.monetary) for row in found.rows), spent, rel_tol=1e-12)


@st.composite
def maps_of_segments(draw: st.DrawFn) -> tuple[int, list[rfm.SegmentRule]]:
    """Draw a number of bins, and rules of a few names."""
    highest = draw(st.integers(1, 4))
    scored = st.integers(1, highest)
    spans = st.none() | st.tuples(scored, scored).map(lambda pair: (min(pair), max(pair)))
    rule = st.builds(
        rfm.SegmentRule, st.sampled_from("xyz"), recency=spans, frequency=spans, monetary=spans
    )
    return highest, draw(st.lists(rule, max_size=4))


def claims_on(cell: tuple[int, ...], rules: list[rfm.SegmentRule]) -> list[int]:
    """Return which rules have a cell."""
    return [
        i
        for i, rule in enumerate(rules)
        for spans in [(rule.recency, rule.frequency, rule.monetary)]
        if all(span is None or span[0] <= x <= span[1] for span, x in zip(spans, cell, strict=True))
    ]


@given(maps_of_segments(), st.sampled_from(["raise", "first"]), st.sampled_from([None, "rest"]))
def test_segments_are_what_each_cell_says(
    drawn: tuple[int, list[rfm.SegmentRule]], overlap: str, otherwise: str | None
) -> None:
    """All cells are looked at: for overlaps, for rules without a cell of their own, for gaps."""
    highest, rules = drawn
    cells = list(itertools.product(range(1, highest + 1), repeat=3))
    claims = {cell: claims_on(cell, rules) for cell in cells}
    shared = [cell for cell in cells if len({rules[i].name for i in claims[cell]}) > 1]
    first = {claim[0] for claim in claims.values() if claim}
    idle = [f"rules[{i}]" for i in range(len(rules)) if i not in first]
    gaps = [cell for cell in cells if not claims[cell]]
    rows = [scored_by_hand(i, cell) for i, cell in enumerate(cells)]
    edges_ = rfm.Edges(recency=(), frequency=(), monetary=())
    scored = rfm.ScoreTable(
        rows=tuple(rows), edges=edges_, bins=highest, until=END, method="quantile"
    )
    try:
        found = rfm.segments(scored, rules=rules, overlap=overlap, otherwise=otherwise)
    except InvalidValueError as error:
        said = str(error)
        if overlap == "raise" and shared:
            assert f"do {len(shared)} of {len(cells)} cells" in said
            assert str(shared[0]) in said
        elif idle:
            assert said.startswith(idle[0])
        else:
            assert f"{len(gaps)} uncovered, such as {gaps[0]}" in said
            assert otherwise is None
    else:
        assert not idle
        assert overlap == "first" or not shared
        assert otherwise == "rest" or not gaps
        names = [rules[claim[0]].name if claim else otherwise for claim in claims.values()]
        assert [segment for _, segment in found.members] == names


def scored_by_hand(customer: int, cell: tuple[int, ...]) -> rfm.CustomerScores:
    """Return a customer whose scores are those of a cell."""
    scores_ = zip(("recency_score", "frequency_score", "monetary_score"), cell, strict=True)
    return rfm.CustomerScores(
        customer=customer, recency=0, frequency=1, monetary=1.0, **dict(scores_)
    )


instants = st.integers(0, 2 * 24 * 70).map(
    lambda n: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=30 * n)
)
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata"])


@given(st.lists(st.tuples(customers, instants, floats)), zones, instants, st.sampled_from(UNITS))
def test_days_are_those_of_the_zone(log: list[Any], zone: str, until: Any, unit: str) -> None:
    """Instants give what their local dates give, as far as they lie at or before the end."""
    place = ZoneInfo(zone)
    known = [
        (customer, at.astimezone(place).date(), amount)
        for customer, at, amount in log
        if at <= until
    ]
    last = until.astimezone(place).date()
    found = rfm.summary(log, until=until, unit=unit, zone=zone)
    assert found.rows == rfm.summary(known, until=last, unit=unit).rows
    scored = rfm.scores(log, until=until, zone=zone)
    assert scored.rows == rfm.scores(known, until=last).rows


values = st.lists(floats, min_size=1) | st.lists(decimals, min_size=1)
shares = st.floats(0.01, 0.99)


@given(floats.filter(bool), st.integers(1, 50), shares)
def test_equal_values_are_not_concentrated(value: float, n: int, top: float) -> None:
    """The Gini coefficient of equal values is 0, and the top has its share of people."""
    found = rfm.concentration([value] * n, top=top)
    assert found.gini == 0
    assert found.share.value == pytest.approx(top)
    assert found.rows == ((0, 0), (1, 1))


@given(values, shares)
def test_concentration_lies_within_its_bounds(some: list[Any], top: float) -> None:
    """The Gini is within 0 and 1 - 1 / n, the top has at least its share of people."""
    found = rfm.concentration(some, top=top)
    if found.gini is None or found.share.value is None:
        assert not any(some)
        return
    assert 0 <= found.gini <= 1 - 1 / len(some) + 1e-12
    assert top - 1e-9 <= found.share.value <= 1 + 1e-9
    assert found.rows[0] == (0, 0)
    assert found.rows[-1] == (1, 1)


@given(values, shares)
def test_gini_and_top_share_are_read_off_the_lorenz_curve(some: list[Any], top: float) -> None:
    """The Gini is twice the area above the curve to the diagonal; the top is its last part."""
    found = rfm.concentration(some, top=top)
    steps = list(zip(found.rows, found.rows[1:], strict=False))
    area = math.fsum((x1 - x0) * (y0 + y1) for (x0, y0), (x1, y1) in steps)
    if found.gini is not None and found.share.value is not None:
        assert found.gini == pytest.approx(1 - area, abs=1e-9)
        below = next(
            y0 + (y1 - y0) * (1 - top - x0) / (x1 - x0)
            for (x0, y0), (x1, y1) in steps
            if x0 <= 1 - top <= x1
        )
        assert float(found.share.value) == pytest.approx(1 - below, abs=1e-9)


@given(values, st.integers(2, 100), shares)
def test_a_currency_makes_no_difference(some: list[Any], factor: int, top: float) -> None:
    """Concentration is the same in cents as in dollars."""
    one, other = (rfm.concentration([k * value for value in some], top=top) for k in (1, factor))
    if one.gini is None or other.gini is None:
        assert one.gini is other.gini
    else:
        assert one.gini == pytest.approx(other.gini, abs=1e-9)
        assert float(one.share.value or 0) == pytest.approx(float(other.share.value or 0))
