"""Every figure of insights, beside a count by hand over the stays of each customer.

Customers come from `lifecycle.testing`, so that they meet deadlines; all instants are in UTC,
and shares are fractions, so that nothing is lost to rounding.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowds import few, moves_of
from lifecycle import (
    Calendar,
    Customer,
    CustomerBase,
    Event,
    Journey,
    Lifecycle,
    Rate,
    Status,
    Window,
    nps,
    testing,
)

START = datetime(2026, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)
AWAY = {Status.DORMANT: "reactivation", Status.CHURNED: "win_back"}


class Stay(NamedTuple):
    """A stay as it stands where the window ends."""

    stage: str
    status: Status
    entered: datetime
    left: datetime | None
    known: datetime
    """When it ended, or up to when it is known to go on."""

    @property
    def length(self) -> timedelta:
        """Give how long it has lasted."""
        return self.known - self.entered


class Shop(NamedTuple):
    """Customers of one definition, and the months or weeks to look at."""

    lifecycle: Lifecycle
    journeys: tuple[Journey, ...]
    calendar: Calendar
    window: Window

    @property
    def base(self) -> CustomerBase:
        """Give the base of the customers."""
        return CustomerBase(self.journeys)

    @property
    def asked(self) -> dict[str, Any]:
        """Give the periods, as `CustomerBase.over` takes them."""
        return {"calendar": self.calendar, "window": self.window}

    @property
    def statuses(self) -> dict[str, Status]:
        """Give what each stage means, by its name."""
        return {stage.name: stage.status for stage in self.lifecycle.stages}

    @property
    def bounds(self) -> list[datetime]:
        """Give the start of each period, and the end of the last one, whole."""
        first = self.calendar.index(self.window.start)
        found = [self.calendar.start(first)]
        while found[-1] < self.window.end:
            found.append(self.calendar.start(first + len(found)))
        return found

    def period(self, at: datetime) -> int | None:
        """Give the number of the period, None outside the window."""
        if not self.window.start <= at < self.window.end:
            return None
        return bisect_right(self.bounds, at) - 1

    def stays(self, journey: Journey) -> list[Stay]:
        """Give the stays that are entered before the window ends."""
        end, until = self.window.end, known(journey)
        found = []
        for stay in journey.stays:
            if stay.entered < end:
                left = None if stay.left is None or stay.left >= end else stay.left
                last = left or min(until, end)
                found.append(Stay(stay.stage, self.statuses[stay.stage], stay.entered, left, last))
        return found

    def drops_off(self, name: str) -> bool:
        """Say whether customers in a stage fade."""
        ways = [way for way in self.lifecycle.transitions if way.target == name]
        idle = [way.after is not None and way.after.clock == "idle" for way in ways]
        return self.statuses[name] in AWAY or (bool(idle) and all(idle))

    def way(self, source: str, target: str) -> str:
        """Say where a move leads."""
        names = [stage.name for stage in self.lifecycle.stages]
        if source == target:
            return "other"
        if self.drops_off(target):
            return "drop_off"
        forward = names.index(target) > names.index(source)
        return "conversion" if forward or self.drops_off(source) else "other"


def known(journey: Journey) -> datetime:
    assert journey.until is not None
    return journey.until


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    lifecycle = draw(testing.lifecycles())
    values = {name: st.none() | st.integers(0, 50) for name in ("signup", "purchase", "visit")}
    drawn = draw(st.lists(testing.journeys(lifecycle, start=START, values=values), max_size=5))
    initial = [stage.name for stage in lifecycle.stages if not stage.final]
    journeys = tuple(
        lifecycle.replay(
            f"c{number}",
            journey.events,
            since=START + draw(st.integers(0, 3)) * DAY * (not journey.events),
            until=max(known(journey), START + 3 * DAY),
            stage=draw(st.sampled_from((None, *initial))),
            attributes=journey.enrollment.attributes,
            referred_by=draw(st.sampled_from((None, "c0", "c1", "zed"))),
        )
        for number, journey in enumerate(drawn)
    )
    calendar = Calendar(draw(st.sampled_from(("day", "week", "month"))))
    first = calendar.index(START) + draw(st.integers(-1, 2))
    start = calendar.start(first)
    end = calendar.start(first + draw(st.integers(1, 8))) - draw(st.sampled_from((0, 7))) * DAY / 24
    return Shop(lifecycle, journeys, calendar, Window(start, end))


# Kaplan and Meier, Aalen and Johansen, with fractions


def curve(stays: Sequence[tuple[timedelta, str | None]]) -> dict[timedelta, Fraction]:
    """Give the share that goes on after each length of time."""
    share, found = Fraction(1), {}
    for length in sorted({length for length, _ in stays}):
        at_risk = sum(other >= length for other, _ in stays)
        ended = sum(other == length and kind is not None for other, kind in stays)
        share *= 1 - Fraction(ended, at_risk)
        found[length] = share
    return found


def median(stays: Sequence[tuple[timedelta, str | None]]) -> timedelta | None:
    shares = curve(stays)
    below = [length for length, share in shares.items() if share <= Fraction(1, 2)]
    if not below:
        return None
    later = [length for length in below if shares[length] < Fraction(1, 2)]
    if shares[below[0]] == Fraction(1, 2) and later:
        return (below[0] + later[0]) / 2
    return below[0]


def left_by(
    stays: Sequence[tuple[timedelta, str | None]], kind: str
) -> list[tuple[timedelta, Fraction]]:
    before, total, found = Fraction(1), Fraction(0), []
    for length, share in curve(stays).items():
        at_risk = sum(other >= length for other, _ in stays)
        total += before * Fraction(stays.count((length, kind)), at_risk)
        found.append((length, total))
        before = share
    return found


# Key figures


@few
@given(shops(), st.data())
def test_key_figures_are_those_counted_by_hand(shop: Shop, data: st.DataObject) -> None:
    answers = [
        (journey.customer.id, at, data.draw(st.integers(0, 10)))
        for journey in shop.journeys
        for at in data.draw(st.lists(st.sampled_from(instants(journey)), max_size=2))
    ]
    worth = {name: place + 3 for place, name in enumerate(shop.statuses)}
    table = shop.base.over(**shop.asked).kpis(values=worth, answers=answers)
    rows = {(shop.period(row.period), row.stage): row for row in table.rows}
    assert (
        len(rows)
        == len(table.rows)
        == (len(shop.bounds) - 1) * len(shop.statuses) * bool(shop.journeys)
    )
    everyone = [(journey, shop.stays(journey)) for journey in shop.journeys]
    moves = [
        (shop.period(change.at), change.source, shop.way(change.source, change.target))
        for journey in shop.journeys
        for change in moves_of(journey)
    ]
    paid = [each for journey in shop.journeys for each in payments(shop, journey)]
    last = min((known(journey) for journey in shop.journeys), default=shop.window.end)
    for (k, stage), row in rows.items():
        assert k is not None
        begin, end = shop.bounds[k], min(shop.bounds[k + 1], shop.window.end)
        here = [stay for _, stays in everyone for stay in stays if stay.stage == stage]
        new = [stay for stay in here if begin <= stay.entered < end]
        there = sum(s.entered < begin and (s.left is None or s.left >= begin) for s in here)
        assert row.entrants == len(new)
        assert row.stock == sum(s.entered < end and (s.left is None or s.left >= end) for s in here)
        assert row.conversion == Rate(moves.count((k, stage, "conversion")), there + len(new))
        assert row.drop_off == Rate(moves.count((k, stage, "drop_off")), there + len(new))
        lengths = [(stay.length, None if stay.left is None else "left") for stay in new]
        assert_near(row.median_time, median(lengths))
        inside = [min(stay.known, end) - max(stay.entered, begin) for stay in here]
        assert row.exposure == sum((max(time, timedelta()) for time in inside), timedelta())
        assert row.revenue == sum(
            value for at, found, _, value in paid if (at, found) == (k, stage)
        )
        assert row.value == row.stock * worth[stage]
        assert row.nps == nps.score(
            rating
            for id_, at, rating in answers
            if shop.period(at) == k and of(shop, id_).stage_at(at) == stage
        )
        last_instant = shop.bounds[k + 1] - timedelta.resolution
        assert row.open == (last_instant > last or last_instant >= shop.window.end)


@few
@given(shops())
def test_who_stands_where_at_the_last_instant_is_the_stock(shop: Shop) -> None:
    """Known up to the last instant before a window's end, stock and stages are one number."""
    last = shop.window.end - timedelta.resolution
    journeys = [
        shop.lifecycle.replay(
            journey.customer.id,
            journey.events,
            since=journey.customer.enrolled,
            until=last,
            stage=journey.stays[0].stage,
            attributes=journey.enrollment.attributes,
        )
        for journey in shop.journeys
        if journey.customer.enrolled <= last
    ]
    rows = CustomerBase(journeys).over(**shop.asked).kpis().rows
    rows = rows[len(rows) - len(shop.statuses) :]
    assert Counter({row.stage: row.stock for row in rows}) == Counter(
        journey.customer.stage for journey in journeys
    )
    assert {row.open for row in rows} <= {shop.window.end < shop.bounds[-1]}
    still = CustomerBase(journeys).drop_off().rows
    assert {row.stage: row.still_there.numerator for row in still} == {
        row.stage: row.stock for row in rows
    }
    (*_, active) = CustomerBase(journeys).over(**shop.asked).growth().rows
    assert active.active == sum(row.stock for row in rows if row.status is Status.ACTIVE)


def of(shop: Shop, id_: Any) -> Journey:
    return next(journey for journey in shop.journeys if journey.customer.id == id_)


def instants(journey: Journey) -> list[datetime]:
    return [known(journey), *(stay.entered for stay in journey.stays)]


def assert_near(found: timedelta | None, wanted: timedelta | None) -> None:
    """Compare two lengths that were rounded to microseconds, or half ones."""
    assert (found is None) == (wanted is None)
    if found is not None and wanted is not None:
        assert abs(found - wanted) <= timedelta(microseconds=1)


def payments(shop: Shop, journey: Journey) -> Iterator[tuple[int | None, str, int, Any]]:
    """Step through a journey: in which period, found where, then in which stay, how much."""
    customer: Customer = shop.lifecycle.enroll(
        journey.customer.id,
        at=journey.customer.enrolled,
        stage=journey.stays[0].stage,
        attributes=journey.enrollment.attributes,
    )
    stay = 0
    for event in journey.events:
        if event.at <= known(journey):
            customer, ended = shop.lifecycle.advance(customer, to=event.at)
            stay, stage = stay + sum(change.is_move for change in ended), customer.stage
            customer, moved = shop.lifecycle.apply(customer, event)
            stay += sum(change.is_move for change in moved)
            if event.value is not None:
                yield shop.period(event.at), stage, stay, event.value


# Moves


@few
@given(shops())
def test_moves_and_where_they_led_are_those_counted_by_hand(shop: Shop) -> None:
    table = shop.base.over(window=shop.window).transition_counts()
    ends = shop.base.over(window=shop.window).drop_off()
    inside = [
        change
        for journey in shop.journeys
        for change in moves_of(journey)
        if shop.window.start <= change.at < shop.window.end
    ]
    counted = Counter((change.source, change.target) for change in inside)
    ways = Counter((change.source, shop.way(change.source, change.target)) for change in inside)
    stays = Counter(
        stay.stage
        for journey in shop.journeys
        for stay in shop.stays(journey)
        if stay.left is None or stay.left >= shop.window.start
    )
    assert table.counts == counted
    assert {row.source: row.stays for row in table.rows} == stays
    for row in table.rows:
        left = sum(n for (source, _), n in counted.items() if source == row.source)
        wanted = counted[row.source, row.target] if row.target else row.stays - left
        assert row.count == wanted
    for end in ends.rows:
        assert (end.conversion, end.drop_off, end.other) == tuple(
            Rate(ways[end.stage, way], stays[end.stage])
            for way in ("conversion", "drop_off", "other")
        )


# Time in stage


@few
@given(shops(), st.sampled_from(("kind", "target")), st.booleans())
def test_exits_compete(shop: Shop, exits: Any, in_window: bool) -> None:  # noqa: FBT001
    base = shop.base.over(window=shop.window) if in_window else shop.base
    wide = shop if in_window else shop._replace(window=Window(START - DAY, START + 10**5 * DAY))
    for stage in shop.statuses if shop.journeys else ():
        found: list[tuple[timedelta, str | None]] = []
        for journey in shop.journeys:
            ends = [getattr(change, exits) for change in moves_of(journey)]
            for place, stay in enumerate(wide.stays(journey)):
                if stay.stage == stage and stay.entered >= wide.window.start:
                    found.append((stay.length, None if stay.left is None else ends[place]))
        table = base.time_in_stage(stage, exits=exits)
        assert table.stays == len(found)
        assert set(table.kinds) == {kind for _, kind in found if kind is not None}
        shares = {kind: left_by(found, kind) for kind in table.kinds}
        assert len(table.rows) == len({length for length, _ in found})
        for i, row in enumerate(table.rows):
            for kind, share in row.exits:
                length, wanted = shares[kind][i]
                assert row.time == pytest.approx(length / DAY)
                assert share == pytest.approx(float(wanted), abs=1e-12)
        assert_near(None if table.median is None else table.median * DAY, median(found))


# Reactivation and win-back


class Back(NamedTuple):
    """A time away that begins in the window, and the return that ended it."""

    kind: str
    customer: Any
    away: timedelta | None
    back: timedelta | None
    relapsed: bool
    revenue: int


@few
@given(shops(), st.booleans())
def test_returns_take_as_long_and_bring_as_much_as_counted_by_hand(
    shop: Shop,
    in_window: bool,  # noqa: FBT001
) -> None:
    wide = shop if in_window else shop._replace(window=Window(START - DAY, START + 10**5 * DAY))
    base = shop.base.over(window=shop.window) if in_window else shop.base
    table = base.reactivations()
    found = [back for journey in wide.journeys for back in returns(wide, journey)]
    for row in table.rows:
        mine = [back for back in found if back.kind == row.kind]
        came = [back for back in mine if back.away is not None]
        assert (row.episodes, row.returns) == (len(mine), len(came))
        assert row.customers == len({back.customer for back in came})
        assert row.relapses == sum(back.relapsed for back in came)
        assert row.revenue == sum(back.revenue for back in came)
        assert_near(
            row.median_time_to_return, median([(back.away or timedelta(), "end") for back in came])
        )
        lengths = [(b.back or timedelta(), "relapse" if b.relapsed else None) for b in came]
        assert_near(row.median_time_to_relapse, median(lengths))
    assert table.lapsed == len({back.customer for back in found})
    assert table.returned == len({back.customer for back in found if back.away is not None})


def returns(shop: Shop, journey: Journey) -> Iterator[Back]:
    stays = list(enumerate(shop.stays(journey)))
    runs = [
        (status, list(run))
        for status, run in groupby(stays, lambda pair: pair[1].status if gone(pair[1]) else None)
    ]
    spent = [(into, value) for _, _, into, value in payments_before(shop, journey)]
    first: datetime | None = None
    for place, (status, run) in enumerate(runs):
        if status is None:
            first = None
            continue
        first = first or run[0][1].entered
        if run[0][1].entered < shop.window.start:
            continue
        then = runs[place + 1] if place + 1 < len(runs) else None
        if then is None or then[0] is not None:
            yield Back(AWAY[status], journey.customer.id, None, None, relapsed=False, revenue=0)
            continue
        numbers = [number for number, _ in then[1]]
        yield Back(
            AWAY[status],
            journey.customer.id,
            away=then[1][0][1].entered - first,
            back=then[1][-1][1].known - then[1][0][1].entered,
            relapsed=place + 2 < len(runs),
            revenue=sum(value for into, value in spent if into in numbers),
        )


def gone(stay: Stay) -> bool:
    return stay.status in AWAY


def payments_before(shop: Shop, journey: Journey) -> Iterator[tuple[Any, Any, int, Any]]:
    """Give the payments before the window ends."""
    early = [event for event in journey.events if event.at < shop.window.end]
    for number, paid in enumerate(payments(shop, journey)):
        valued = [event for event in early if event.value is not None]
        if number < len(valued):
            yield paid


# Growth, referrals


KINDS = ("new", "retained", "reactivated", "won_back", "lapsed", "churned", "stepped_back")


@few
@given(shops())
def test_who_is_new_and_who_was_active_before_is_counted_by_hand(shop: Shop) -> None:
    table = shop.base.over(**shop.asked).growth()
    ends = [min(bound, shop.window.end) for bound in shop.bounds]
    for row, (begin, end) in zip(table.rows, pairwise(ends), strict=True):
        counts: Counter[str] = Counter()
        for journey in shop.journeys:
            was, now = (status_before(shop, journey, at) for at in (begin, end))
            active = [s.entered for s in shop.stays(journey) if s.status is Status.ACTIVE]
            if now is Status.ACTIVE and was is Status.ACTIVE:
                counts["retained"] += 1
            elif now is Status.ACTIVE:
                back = "won_back" if was is Status.CHURNED else "reactivated"
                counts[back if min(active) < begin else "new"] += 1
            elif was is Status.ACTIVE:
                counts[
                    {"dormant": "lapsed", "churned": "churned", "prospect": "stepped_back"}[
                        str(now)
                    ]
                ] += 1
        for kind in KINDS:
            assert getattr(row, kind) == counts[kind]


def status_before(shop: Shop, journey: Journey, at: datetime) -> Status | None:
    entered = [stay.status for stay in shop.stays(journey) if stay.entered < at]
    return entered[-1] if entered else None


@few
@given(shops())
def test_referrals_are_counted_by_hand(shop: Shop) -> None:
    table = shop.base.referrals()
    brought: defaultdict[Any, list[Journey]] = defaultdict(list)
    for journey in shop.journeys:
        brought[journey.customer.referred_by].append(journey)
    alone = brought.pop(None, [])
    everyone = [journey.customer.id for journey in shop.journeys]
    for row in table.rows:
        mine = brought[row.customer]
        assert row.referred == tuple(journey.customer.id for journey in mine)
        assert row.known == (row.customer in everyone)
        assert row.converted == sum(won(shop, journey) for journey in mine)
        assert row.revenue == sum(spent(journey) for journey in mine)
    assert {row.customer for row in table.rows} == set(brought)
    sizes = [len(row.referred) for row in table.rows]
    assert sizes == sorted(sizes, reverse=True)
    came = [journey for journeys in brought.values() for journey in journeys]
    assert table.referred_conversion == Rate(sum(won(shop, journey) for journey in came), len(came))
    assert table.other_conversion == Rate(sum(won(shop, journey) for journey in alone), len(alone))
    assert table.referred_revenue == sum(spent(journey) for journey in came)
    assert table.other_revenue == sum(spent(journey) for journey in alone)
    assert dict(table.initial_stages) == Counter(journey.stays[0].stage for journey in came)
    assert table.customers == len(everyone)


def won(shop: Shop, journey: Journey) -> bool:
    return any(shop.statuses[stay.stage] is Status.ACTIVE for stay in journey.stays)


def spent(journey: Journey) -> int:
    events: Sequence[Event] = journey.events
    return sum(
        int(event.value)
        for event in events
        if event.value is not None and event.at <= known(journey)
    )


# Funnels


@few
@given(shops(), st.data())
def test_a_funnel_counts_who_entered_the_stages_one_after_another(
    shop: Shop, data: st.DataObject
) -> None:
    steps = data.draw(st.lists(st.sampled_from(list(shop.statuses)), min_size=1, unique=True))
    found = shop.base.over(window=shop.window).funnel(stages=steps)
    reached: Counter[int] = Counter()
    for journey in shop.journeys:
        depth = 0
        for _, stage in entries(shop, journey):
            if depth < len(steps) and stage == steps[depth]:
                depth += 1
        reached.update(range(depth))
    assert [step.reached for step in found.rows] == [reached[i] for i in range(len(steps))]


def entries(shop: Shop, journey: Journey) -> list[tuple[datetime, str]]:
    """Give the stages entered in the window, in the order of the stays."""
    stays = shop.stays(journey)
    return [(stay.entered, stay.stage) for stay in stays if stay.entered >= shop.window.start]


@few
@given(shops(), st.data(), st.integers(0, 40))
def test_a_funnel_leaves_out_what_may_still_go_on(
    shop: Shop, data: st.DataObject, days: int
) -> None:
    """Each start is tried: those whose time is not over do not count."""
    steps = data.draw(st.lists(st.sampled_from(list(shop.statuses)), min_size=1, unique=True))
    found = shop.base.over(window=shop.window).funnel(stages=steps, within=days * DAY)
    levels, still_open = {}, {}
    for journey in shop.journeys:
        if journey.customer.enrolled >= shop.window.end:
            continue
        last = min(known(journey), shop.window.end - timedelta.resolution)
        depths = {True: 0, False: 0}
        path = entries(shop, journey)
        for place, (start, first) in enumerate(path):
            if first == steps[0]:
                depth = 0
                for at, stage in path[place:]:
                    if at - start <= days * DAY and stage == [*steps, None][depth]:
                        depth += 1
                is_over = last - start >= days * DAY
                depths[is_over] = max(depths[is_over], depth)
        levels[journey.customer.id] = depths[True]
        if depths[False] and not depths[True]:
            still_open[journey.customer.id] = depths[False]
    assert found.levels == levels
    assert found.open == still_open
