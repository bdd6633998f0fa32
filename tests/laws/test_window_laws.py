"""The laws of windows: what `within=` reads is what all events of the log, read anew, give."""

import pickle
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import MAX_PREC, Context, Decimal
from fractions import Fraction
from functools import reduce
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
from lifecycle import (
    Customer,
    Event,
    Lifecycle,
    Period,
    Stage,
    Status,
    Transition,
    Until,
    count,
    mean,
    total,
)
from lifecycle.engine import _windows

MEASURES = (count, total, mean)
SCOPES = (False, True)
"""Whether a window reads only the current stay."""

PERIODS = (
    Period(hours=1),
    Period(days=1),
    Period(days=30),
    Period(days=999_999_999),
    Period(months=1),
    Period(months=2),
    Period(years=1),
    Period(years=5000),
    *(Until(grain) for grain in ("day", "week", "month", "quarter", "year")),
    Until("year", year_start=3),
    Until("month", zone="Pacific/Apia"),
)
Window: TypeAlias = Period | Until
ZONES: tuple[tzinfo | None, ...] = (
    UTC,
    *(ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Pacific/Apia")),
)
STARTS = tuple(
    map(
        datetime.fromisoformat,
        (
            "2026-03-29T00:30",  # the clocks of Berlin change
            "2026-10-25T00:00",
            "2024-02-28T12:00",  # a leap year
            "2026-01-29T22:00",  # months that end early
            "2011-12-29T09:00",  # Apia leaves out a day
            "0001-01-02T00:00",  # a window that begins before all dates
        ),
    )
)
GAPS = tuple(
    timedelta(minutes=minutes)
    for minutes in (0, 0, 1, 30, 60, 24 * 60, 24 * 60 + 1, 14 * 24 * 60, 30 * 24 * 60, 31 * 24 * 60)
)
WHOLE = (None, 0, 1, -3, 10**30)
VALUES: tuple[tuple[Any, ...], ...] = (
    WHOLE,
    (*WHOLE[:4], 0.1, -0.1, 1e16, -1e16, 1.0, 1e-300, 5e-324, 1e300, -0.0),
    (*WHOLE, *map(Decimal, ("0.10", "0.1", "1E+2", "-0.001", "1e28", "0.0000000001"))),
)


def definition(period: Window) -> Lifecycle:
    """Ask for every measure of a window on "ask", and enter a stage anew on "again"."""
    return Lifecycle(
        name="windows",
        initial="here",
        stages=[Stage("here", Status.ACTIVE), Stage("there", Status.ACTIVE)],
        transitions=[
            Transition("here", "here", on="again"),
            *(
                Transition(
                    "here",
                    "there",
                    on="ask",
                    when=measure("buy", since_entry=scope, within=period).equals(987654321.125),
                )
                for scope in SCOPES
                for measure in MEASURES
            ),
        ],
        events=("buy",),
    )


class Asked(NamedTuple):
    """A definition, a log in order, and when to ask."""

    lifecycle: Lifecycle
    period: Window
    log: list[Event]
    asks: list[datetime]

    @property
    def enrolled(self) -> Customer:
        """The customer before the first event."""
        return self.lifecycle.enroll("ann", at=self.log[0].at)


@st.composite
def asked(draw: st.DrawFn, *, most: int = 12) -> Asked:
    """Draw a log, and for each of its events an instant at or after it."""
    period = draw(st.sampled_from(PERIODS))
    zones = draw(st.sampled_from([(None,), (UTC,), ZONES]))
    values = draw(st.sampled_from(VALUES))
    at = draw(st.sampled_from(STARTS)).replace(tzinfo=zones[0] and UTC)
    log, asks = [], []
    rows = st.tuples(
        st.sampled_from(GAPS),
        st.sampled_from(GAPS),
        st.sampled_from(zones),
        st.sampled_from(zones),
        st.sampled_from(("buy", "buy", "buy", "buy", "buy", "again")),
        st.sampled_from(values),
    )
    for gap, later, zone, other, name, value in draw(st.lists(rows, min_size=1, max_size=most)):
        at += gap
        log.append(Event(name, in_zone(at, zone), value=value))
        asks.append(in_zone(at + later, other))
    return Asked(definition(period), period, log, asks)


def in_zone(at: datetime, zone: tzinfo | None) -> datetime:
    try:
        return at if zone is None else at.astimezone(zone)
    except OverflowError:  # before all dates there
        return at


def instant(at: datetime) -> datetime:
    return at if at.tzinfo is None else at.astimezone(UTC)


def readings(lifecycle: Lifecycle, customer: Customer, at: datetime) -> list[Any]:
    """Give what each measure of the definition reads, as `explain` tells it."""
    reasons = lifecycle.explain(customer, Event("ask", at)).reasons
    return [reason.actual for reason in reasons]


def anew(period: Window, log: Sequence[Event], at: datetime) -> list[Any]:
    """Work out each measure from the whole log."""
    found: list[Any] = []
    for scope in SCOPES:
        last = max((i for i, event in enumerate(log) if event.name == "again"), default=-1)
        events = log[last + 1 :] if scope else log
        values = [
            event.value for event in events if event.name == "buy" and holds(period, event.at, at)
        ]
        given = [value for value in values if value is not None]
        found += [len(values), added(given), averaged(given)]
    return found


def holds(period: Window, at: datetime, now: datetime) -> bool:
    """Say whether a window holds an instant; of a calendar period, by the date on the clock."""
    if isinstance(period, Period):
        start = period.before(now)
        return start is None or instant(at) > instant(start)
    try:
        return oracle.label(period, at, now) == oracle.label(period, now, now)
    except OverflowError:  # before all dates there
        return True


def added(values: Iterable[Any]) -> Any:
    """Add exactly; where there is a float, round the sum to the nearest float."""
    values = list(values)
    if any(isinstance(value, float) for value in values):
        return float(sum(map(Fraction, values)))
    return reduce(Context(prec=MAX_PREC).add, values, 0) if decimal(values) else sum(values)


def averaged(values: list[Any]) -> Any:
    """Divide the exact sum, rounding once: a `Decimal` to 28 digits."""
    if not values:
        return None
    if decimal(values):
        return Context(prec=28).divide(added(values), len(values))
    return float(sum(map(Fraction, values)) / len(values))


def decimal(values: Iterable[Any]) -> bool:
    return any(isinstance(value, Decimal) for value in values)


def told(found: Iterable[Any]) -> list[tuple[type, Any]]:
    """Tell apart what Python takes as equal: kinds of number, and 0.1 from 0.10."""
    return [(type(one), str(one + 0 if one == 0 else one)) for one in found]


def walked(world: Asked) -> list[Customer]:
    """Give the customer after each event."""
    customer, found = world.enrolled, []
    for event in world.log:
        customer, _ = world.lifecycle.apply(customer, event)
        found.append(customer)
    return found


@pytest.fixture(autouse=True, params=[2, 32])
def _small_blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few events fill several blocks too."""
    monkeypatch.setattr(_windows, "_SIZE", request.param)


@settings(max_examples=200)
@given(asked())
def test_a_window_reads_what_the_whole_log_gives(world: Asked) -> None:
    """Rule 11: `within` reads the events later than that long ago; sums are exact.

    Rule 1: nothing mutates. All are asked when the last event has been applied.
    """
    for number, (customer, at) in enumerate(zip(walked(world), world.asks, strict=True), start=1):
        expected = anew(world.period, world.log[:number], at)
        assert told(readings(world.lifecycle, customer, at)) == told(expected)


@settings(max_examples=100)
@given(asked(), st.sampled_from(WHOLE))
def test_two_futures_of_one_customer_do_not_meet(world: Asked, value: Any) -> None:
    """Rule 1: applying two events to one customer gives two customers, each with its own past."""
    lifecycle, period = world.lifecycle, world.period
    for number, (customer, at) in enumerate(zip(walked(world), world.asks, strict=True), start=1):
        other = Event("buy", at, value=value)
        branched, _ = lifecycle.apply(customer, other)
        past = [*world.log[:number], other]
        assert told(readings(lifecycle, branched, at)) == told(anew(period, past, at))
        assert lifecycle.apply(customer, other).customer == branched


@settings(max_examples=100)
@given(asked())
def test_a_copy_goes_on_as_the_customer_does(world: Asked) -> None:
    """Laws: pickles round-trip, and so does data; equal customers behave equally."""
    lifecycle = world.lifecycle
    for customer, at in zip(walked(world), world.asks, strict=True):
        stored = Customer.from_dict(customer.to_dict())
        copy = pickle.loads(pickle.dumps(customer))  # noqa: S301  (the test's own bytes)
        following = Event("buy", at, value=7)
        for other in (stored, copy):
            assert (other, hash(other)) == (customer, hash(customer))
            assert other.to_dict() == customer.to_dict()
            assert told(readings(lifecycle, other, at)) == told(readings(lifecycle, customer, at))
            assert lifecycle.apply(other, following) == lifecycle.apply(customer, following)
