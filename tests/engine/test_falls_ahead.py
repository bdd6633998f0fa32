"""The falls ahead are those that one finds by letting all entries leave, one after the other."""

import math
import pickle
from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle import Event, Period, Until, count, falls, mean, total
from lifecycle._money import exact
from lifecycle.engine import _spans, _windows
from lifecycle.engine._falls import NEVER, Fallen, Follower, settled
from lifecycle.engine._windows import held, leaving
from lifecycle.engine.falls import Fall
from samples import START, day

YEARS = Period(days=36_500)
TINY = 5e-324


# The definition


def level(kind: str, weights: list[Any]) -> Any:
    """Give a sum or a mean by its definition: exact, and rounded once where it is a float."""
    if kind == "mean" and not weights:
        return None
    found = sum(map(Fraction, weights), start=Fraction(0))
    found = found / len(weights) if kind == "mean" else found
    if any(isinstance(weight, Decimal) for weight in weights):
        return decimal(found, kind)
    is_whole = kind != "mean" and all(isinstance(weight, int) for weight in weights)
    return found if is_whole else nearest(found)


def nearest(number: Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def decimal(number: Fraction, kind: str) -> Fraction:
    """Give a mean to 28 digits, the last of which is even where two are as near."""
    if kind != "mean" or not number:
        return number
    digits = len(str(abs(number.numerator) // number.denominator or 0))
    unit = Fraction(10) ** (28 - digits)
    while abs(number) * unit < 10**27:
        unit *= 10
    return Fraction(round(number * unit)) / unit


def is_enough(found: Any, below: Any, weights: list[Any]) -> bool:
    """Compare with a number; a float and a `Decimal` by the shortest text of the float."""
    if found is None:
        return False
    has_decimals = any(isinstance(weight, Decimal) for weight in weights)
    if isinstance(found, float) and isinstance(below, Decimal):
        return found > 0 if math.isinf(found) else exact(found) >= below
    if has_decimals and isinstance(below, float):
        return bool(found >= Fraction(exact(below)))
    return bool(found >= (Fraction(below) if isinstance(found, Fraction) else below))


def plainly(fall: Fall, entries: Any, last: datetime) -> list[datetime]:
    """Let the entries leave one instant after the other, and read what is left."""
    here = list(held(fall.within)(entries, last))
    kind, found = fall.measure.kind, []
    weights = [weight for _, weight in here]
    holds = is_enough(level(kind, weights), fall.below, weights)
    for left, gone in groupby(here, key=lambda entry: leaving(fall.within, entry[0], last)):
        if left is None:
            break
        weights = weights[len(list(gone)) :]
        before, holds = holds, is_enough(level(kind, weights), fall.below, weights)
        if before and not holds:
            found.append(left)
    return found


def ahead(follow: Follower, state: Fallen, since: datetime) -> list[datetime]:
    found = [follow.due(state, since)]
    while found[-1] is not None:
        found.append(follow.later(state, found[-1]))
    return found[:-1]  # type: ignore[return-value]  # only the last is None


# Differential laws

WINDOWS: tuple[Any, ...] = (
    *(Period(days=days) for days in (1, 3, 30, 36_500)),
    Period(months=1),
    *(Until(grain) for grain in ("day", "week", "month", "year")),
    Until("day", zone="Asia/Tokyo"),
)
VALUES: tuple[tuple[Any, ...], ...] = (
    (0, 1, 1, 2, 3),
    (-3, -1, 0, 1, 2, 5),
    (3,),
    tuple(map(Decimal, ("0.1", "0.10", "-0.1", "2.5", "-1.25", "1E+2", "-1E+2"))),
    (0.1, 0.2, 0.3, -0.1, 2.5, 1e16, -1e16),
    (0.6, 0.8, 0.7),
    (1, 0.1, -0.1, 2**53, -(2**53)),
    (1, -1, Decimal("0.1"), Decimal("-0.1"), 10**23, -(10**23)),
    (TINY, -TINY, 1e-320, 1),
    (1.7e308, -1.7e308, 1e292),
)
BELOW: tuple[Any, ...] = (
    *(0, 1, 2, 3, -1, 0.1, 0.3, 0.7, -0.05, 2**53 + 1, 1e23, TINY, -TINY, 1.7e308),
    *map(Decimal, ("0.1", "0.7", "1E+23", "0." + "3" * 28, "0." + "3" * 40)),
)
ZONES: tuple[tuple[Any, ...], ...] = (
    (None,),
    (UTC,),
    (ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo"), UTC),
    (ZoneInfo("America/New_York"),),
    (ZoneInfo("Atlantic/Azores"), ZoneInfo("America/Havana")),
)
BEGINNINGS = ("2025-01-28", "2025-03-08", "2025-03-29", "2025-10-25", "2025-11-01", "2025-12-30")
GAPS = ((0, 0, 1), (0, 15, 60), (720, 1440, 2880), (0, 37, 7200), (0,))


def measured(kind: str, within: Any) -> Any:
    if kind == "difference":
        return total("purchase", within=within) - total("refund", within=within)
    make: Any = {"count": count, "total": total, "mean": mean}[kind]
    return make("purchase", within=within)


fallings = st.builds(
    lambda kind, within, below: falls(measured(kind, within), below=below),
    st.sampled_from(("total", "total", "mean", "mean", "count", "difference")),
    st.sampled_from(WINDOWS),
    st.sampled_from(BELOW),
)


@st.composite
def logs(draw: st.DrawFn) -> list[tuple[datetime, Any]]:
    values, zones, gaps = (
        st.sampled_from(draw(st.sampled_from(each))) for each in (VALUES, ZONES, GAPS)
    )
    first = draw(zones)
    at = datetime.fromisoformat(draw(st.sampled_from(BEGINNINGS)))
    at = at if first is None else at.replace(tzinfo=UTC)
    found = []
    for gap, zone, value in draw(st.lists(st.tuples(gaps, zones, values), max_size=30)):
        at += timedelta(minutes=gap)
        found.append((at if zone is None else at.astimezone(zone), value))
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 32])
@settings(max_examples=60)
@given(fallings, logs(), st.integers(0, 5000), st.integers(0, 2))
def test_all_falls_are_found_and_no_other(
    size: int, fall: Fall, log: Any, minutes: int, copied: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_windows, "_SIZE", size)
        follow, state = Follower(fall), NEVER
        for at, value in log:
            weight = 1 if fall.measure.kind == "count" else value
            event = Event("purchase", at, value=value)
            try:
                state = follow.joined(state, event, weight)
            except (TypeError, ValueError):  # the sum is beyond all floats
                continue
            expected = plainly(fall, state.entries, event.at)
            expected = [event._instant, *expected] if state.fell else expected
            assert ahead(follow, state, event._instant) == expected
            if copied:
                state = settled(state) if copied == 1 else pickle.loads(pickle.dumps(state))  # noqa: S301  (its own)
            since = event._instant + timedelta(minutes=minutes)
            place, after = bisect_left(expected, since), bisect_right(expected, since)
            assert follow.due(state, since) == next(iter(expected[place:]), None)
            assert follow.later(state, since) == next(iter(expected[after:]), None)


# Long windows


def followed(measure: Any, below: Any, values: Any, *, at: Any = day) -> tuple[Follower, Fallen]:
    follow, state = Follower(falls(measure, below=below)), NEVER
    for number, value in enumerate(values):
        state = follow.joined(state, Event("purchase", at(number), value=value), value)
    return follow, state


SPENT, MEAN = total("purchase", within=YEARS), mean("purchase", within=YEARS)
LONG = (
    pytest.param(SPENT, 500, lambda i: i % 50, id="total"),
    pytest.param(SPENT, 500, lambda i: -40 if i % 4 == 0 else i % 50, id="refunds"),
    pytest.param(MEAN, 3, lambda i: i % 50, id="mean"),
    pytest.param(MEAN, 24.5, lambda i: 49.0 - i % 50, id="mean near the number"),
    pytest.param(MEAN, 0.7, lambda _: 0.7, id="mean of one float"),
    pytest.param(MEAN, Decimal("0.7"), lambda _: Decimal("0.7"), id="mean of one decimal"),
    pytest.param(MEAN, 5, lambda _: 5, id="mean of one number"),
    pytest.param(SPENT, 1, lambda i: (1, -1)[i % 2], id="total that goes up and down"),
)


@pytest.mark.parametrize(("measure", "below", "worth"), LONG)
def test_the_next_fall_is_found_with_few_looks(
    measure: Any, below: Any, worth: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 640 entries, 20 blocks, it reads what is left a few times, and adds up few blocks."""
    follow, state = followed(measure, below, map(worth, range(640)))
    looks: list[Any] = []
    holds, sums = Follower.holds, _spans.sums
    monkeypatch.setattr(Follower, "holds", lambda self, some: looks.append(0) or holds(self, some))
    monkeypatch.setattr(_spans, "sums", lambda *args: looks.append(1) or sums(*args))
    found = follow.due(state, day(639))
    assert looks.count(0) <= 8
    assert looks.count(1) <= 6
    expected = plainly(follow.fall, state.entries, day(639))
    expected = [day(639), *expected] if state.fell else expected
    assert found == next(iter(expected), None)


@pytest.mark.parametrize(("measure", "below", "worth"), LONG)
def test_what_has_left_is_forgotten(measure: Any, below: Any, worth: Any) -> None:
    short = Period(days=40)
    kind: Any = total if measure == SPENT else mean
    _, state = followed(kind("purchase", within=short), below, map(worth, range(400)))
    balance = state.ahead.balance
    assert balance is not None
    assert _spans.size(balance.spans) <= state.entries.full <= 2


def test_entries_of_one_instant_leave_at_once() -> None:
    """The running total crosses the number 200 times at one instant, and that is no fall."""
    values = [500, *(-400, 400) * 100]
    _, together = followed(SPENT, 300, values, at=lambda _: day(1))
    follow, state = followed(SPENT, 300, [*values, 1000], at=lambda i: day(i // 201))
    assert ahead(follow, state, START) == [day(1) + timedelta(days=36_500)]
    assert ahead(follow, together, START) == [day(1) + timedelta(days=36_500)]


def test_snapshots_go_on_apart() -> None:
    follow, state = followed(SPENT, 500, [i % 50 for i in range(80)])
    one, other = state, state
    for number, value in enumerate(range(-20, 20)):
        one = follow.joined(one, Event("purchase", day(80 + number), value=value), value)
        other = follow.joined(other, Event("purchase", day(80 + number), value=-value), -value)
        for each in (one, state, other):
            assert each.last is not None
            expected = plainly(follow.fall, each.entries, each.last)
            expected = [each.last, *expected] if each.fell else expected
            assert ahead(follow, settled(each), START) == expected
            assert ahead(follow, each, START) == expected


def test_many_threads_may_ask_one_snapshot() -> None:
    follow, state = followed(MEAN, 24.5, [float(49 - i % 50) for i in range(300)])
    expected = plainly(follow.fall, state.entries, day(299))
    assert len(expected) > 5
    barrier, found = Barrier(8), []
    state = settled(state)

    def ask() -> None:
        barrier.wait()
        found.append(ahead(follow, state, day(299)))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


def test_what_was_found_makes_no_difference() -> None:
    follow, state = followed(SPENT, 500, [600, 600])
    fresh = settled(state)
    follow.due(state, START)
    assert (state, hash(state)) == (fresh, hash(fresh))
    assert state.ahead != state.entries
    copy = pickle.loads(pickle.dumps(state))  # noqa: S301  (its own)
    assert copy == state
    assert follow.due(pickle.loads(pickle.dumps(NEVER)), START) is None  # noqa: S301  (its own)
