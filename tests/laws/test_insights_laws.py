"""Laws of insights, beside naive counts that look at every customer in every period."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowds import Crowd, crowds, few, moves_of
from lifecycle import (
    Customer,
    CustomerBase,
    Journey,
    Lifecycle,
    StageChange,
    Status,
    Window,
    funnel,
    nps,
    retention,
    survival,
)

Stay = tuple[str, datetime, datetime | None]
ENDLESS = datetime.max.replace(tzinfo=UTC)


def standing(crowd: Crowd, journey: Journey, before: datetime) -> str | None:
    """Give where a customer stands just before an instant."""
    entered = [stage for stage, since, _ in crowd.stays(journey) if since < before]
    return entered[-1] if entered else None


def spans(crowd: Crowd) -> Iterator[tuple[int, datetime, datetime]]:
    """Give each period, as far as the window has it."""
    for k, (begin, end) in enumerate(pairwise(crowd.bounds)):
        yield k, begin, min(end, crowd.end)


def at_utc(row: Any) -> datetime:
    """Give the start of a row's period, which two rows may share in a zone's own time."""
    start: datetime = row.period.astimezone(UTC)
    return start


def moves(crowd: Crowd, journey: Journey) -> Iterator[tuple[datetime, str, str, str]]:
    for change in moves_of(journey):
        yield crowd.moment(change.at), change.source, change.target, change.kind


# Stocks and flows


@few
@given(crowds())
def test_stock_is_the_stock_before_plus_entrants_less_exits(crowd: Crowd) -> None:
    """stock(t) = stock(t - 1) + entrants - exits, per stage, and each as counted by hand."""
    table = crowd.base.over(**crowd.asked).kpis()
    before = Counter(standing(crowd, journey, crowd.bounds[0]) for journey in crowd.journeys)
    rows = iter(table.rows)
    for _, begin, end in spans(crowd):
        for stage in crowd.stages if crowd.journeys else ():
            row = next(rows)
            assert (row.stage, row.period.astimezone(UTC)) == (stage, begin)
            entered = [
                entered
                for journey in crowd.journeys
                for name, entered, _ in crowd.stays(journey)
                if name == stage and begin <= entered < end
            ]
            assert row.entrants == len(entered)
            kinds = Counter(
                kind
                for journey in crowd.journeys
                for at, source, _, kind in moves(crowd, journey)
                if source == stage and begin <= at < end
            )
            assert row.exits_by_kind == kinds
            assert row.stock == before[stage] + row.entrants - row.exits
            now = sum(standing(crowd, journey, end) == stage for journey in crowd.journeys)
            assert row.stock == now
            before[stage] = now
    assert next(rows, None) is None


@few
@given(crowds())
def test_the_stock_of_a_status_changes_by_the_moves_across_it(crowd: Crowd) -> None:
    """stock(t) = stock(t - 1) + entrants - exits, per status; moves within it cancel."""
    rows = crowd.base.over(**crowd.asked).kpis().rows
    moved = crowd.base.over(**crowd.asked).transition_counts().rows
    status = {name: stage.status for name, stage in crowd.stages.items()}
    enrolled = Counter(
        (k, status[next(crowd.stays(journey))[0]])
        for journey in crowd.journeys
        for k, begin, end in spans(crowd)
        if begin <= crowd.moment(journey.customer.enrolled) < end
    )
    before = Counter(
        status[stage]
        for journey in crowd.journeys
        if (stage := standing(crowd, journey, crowd.bounds[0])) is not None
    )
    for k, begin, _ in spans(crowd):
        stock: Counter[Status] = Counter()
        for row in rows:
            stock[row.status] += row.stock * (at_utc(row) == begin)
        for each in Status:
            crossing = [row for row in moved if at_utc(row) == begin and row.target is not None]
            came = sum(
                row.count
                for row in crossing
                if status[row.source] is not each is status[str(row.target)]
            )
            left = sum(
                row.count
                for row in crossing
                if status[row.source] is each is not status[str(row.target)]
            )
            assert stock[each] == before[each] + enrolled[k, each] + came - left
        before = stock


@few
@given(crowds(), st.booleans())
def test_shares_of_a_stage_sum_to_1_with_those_still_there(crowd: Crowd, by_period: bool) -> None:  # noqa: FBT001
    base = crowd.base.over(**crowd.asked) if by_period else crowd.base
    table = base.transition_counts()
    shares: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in table.rows:
        shares[row.period and at_utc(row), row.source].append(row)
    for rows in shares.values():
        assert [row.target for row in rows].count(None) == 1
        total = sum(row.rate for row in rows)
        assert total.numerator == total.denominator / len(rows)
        assert all(row.count >= 0 for row in rows)
    if not by_period:
        stays = Counter(stay.stage for journey in crowd.journeys for stay in journey.stays)
        assert {source: rows[0].stays for (_, source), rows in shares.items()} == stays


@few
@given(crowds())
def test_moves_are_those_of_the_journeys(crowd: Crowd) -> None:
    table = crowd.base.over(**crowd.asked).transition_counts()
    wanted: Counter[Any] = Counter()
    for journey in crowd.journeys:
        for at, source, target, _ in moves(crowd, journey):
            for _, begin, end in spans(crowd):
                wanted[begin, source, target] += begin <= at < end
    found = {
        (at_utc(row), row.source, row.target): row.count
        for row in table.rows
        if row.target is not None
    }
    assert {row: n for row, n in found.items() if n} == +wanted


@few
@given(crowds())
def test_every_stay_converted_dropped_off_left_otherwise_or_is_still_there(crowd: Crowd) -> None:
    table = crowd.base.drop_off()
    for row in table.rows:
        shares = (row.conversion, row.drop_off, row.other, row.still_there)
        assert sum(share.numerator for share in shares) == row.stays
        still = sum(journey.customer.stage == row.stage for journey in crowd.journeys)
        assert row.still_there.numerator == still
        if crowd.stages[row.stage].final:
            assert row.still_there.numerator == row.stays


# Growth and cohorts


@few
@given(crowds())
def test_active_is_active_before_plus_came_less_gone(crowd: Crowd) -> None:
    """Active = before + new + reactivated + won_back - lapsed - churned - stepped_back."""
    table = crowd.base.over(**crowd.asked).growth()
    before = sum(is_active(crowd, journey, crowd.bounds[0]) for journey in crowd.journeys)
    for row, (_, begin, end) in zip(table.rows, spans(crowd), strict=True):
        gone = row.lapsed + row.churned + row.stepped_back
        assert row.active == before + row.new + row.reactivated + row.won_back - gone
        assert row.retained == before - gone
        assert row.active == sum(is_active(crowd, journey, end) for journey in crowd.journeys)
        kinds: Counter[Any] = Counter()
        for journey in crowd.journeys:
            was, now = (standing(crowd, journey, t) for t in (begin, end))
            kinds[was and crowd.stages[was].status, now and crowd.stages[now].status] += 1
        assert row.lapsed == kinds[Status.ACTIVE, Status.DORMANT]
        assert row.churned == kinds[Status.ACTIVE, Status.CHURNED]
        assert row.stepped_back == kinds[Status.ACTIVE, Status.PROSPECT]
        before = row.active


def is_active(crowd: Crowd, journey: Journey, before: datetime) -> bool:
    stage = standing(crowd, journey, before)
    return stage is not None and crowd.stages[stage].status is Status.ACTIVE


@few
@given(crowds())
def test_growth_is_that_of_those_active_where_each_period_ends(crowd: Crowd) -> None:
    """`retention.growth`, fed with whoever is active where a period ends, gives the same."""
    before = crowd.calendar.start(crowd.calendar.index(crowd.bounds[0]) - 1)
    activity = [
        (journey.customer.id, at)
        for journey in crowd.journeys
        for at, end in [
            (before, crowd.bounds[0]),
            *((begin, end) for _, begin, end in spans(crowd)),
        ]
        if is_active(crowd, journey, end)
    ]
    first = {
        journey.customer.id: min(
            entered
            for stage, entered, _ in crowd.stays(journey)
            if crowd.stages[stage].status is Status.ACTIVE
        )
        for journey in crowd.journeys
        if any(crowd.stages[stay.stage].status is Status.ACTIVE for stay in journey.stays)
    }
    at_start = {id_: crowd.calendar.floor(at) for id_, at in first.items()}
    seen: dict[Any, datetime] = {}
    for id_, at in activity:
        seen[id_] = min(at, seen.get(id_, at))
    births = {id_: min(at_start[id_], seen[id_]) for id_ in seen}
    theirs = retention.growth(activity, **crowd.asked, enrolled=births)
    ours = crowd.base.over(**crowd.asked).growth()
    for mine, row in zip(ours.rows, theirs.rows, strict=True):
        gone = mine.lapsed + mine.churned + mine.stepped_back
        back = mine.reactivated + mine.won_back
        assert (mine.new, mine.retained, back, gone, mine.active) == (
            row.new,
            row.returning,
            row.resurrected,
            row.dormant,
            row.active,
        )


@few
@given(crowds(), st.sampled_from(("on", "on_or_after")))
def test_cohorts_are_those_of_the_periods_in_which_customers_were_alive(
    crowd: Crowd, retained: Any
) -> None:
    """`retention.cohorts`, fed with the alive periods, gives the same."""
    known = max((crowd.until(journey) for journey in crowd.journeys), default=crowd.end)
    if crowd.calendar.floor(known) != known.astimezone(crowd.calendar.tz):
        known += timedelta.resolution  # the last instant is known too
    window = crowd.window
    if crowd.bounds[0] < known < crowd.end:
        window = Window(crowd.bounds[0], known)
    end = min(known, crowd.end) if known > crowd.bounds[0] else crowd.end
    first = crowd.calendar.index(crowd.bounds[0])
    early = [crowd.calendar.start(first - k).astimezone(UTC) for k in range(400, 0, -1)]
    alive = [
        (journey.customer.id, begin)
        for journey in crowd.journeys
        for begin, then in pairwise([*early, *crowd.bounds])
        for stage, entered, left in crowd.stays(journey)
        if crowd.stages[stage].status is Status.ACTIVE
        and max(entered, begin) < min(left or end, then, end)
    ]
    theirs = retention.cohorts(alive, calendar=crowd.calendar, window=window, retained=retained)
    ours = crowd.base.over(**crowd.asked).cohorts(retained=retained)
    assert ours == theirs


# NPS by stage


@few
@given(crowds(), st.data())
def test_answers_belong_to_the_stage_at_their_instant(crowd: Crowd, data: st.DataObject) -> None:
    """The scores of the stages sum to that of all, each answer where `stage_at` says."""
    answers, wanted = [], defaultdict(list)
    for journey in crowd.journeys:
        first, last = journey.customer.enrolled, journey.until
        for rating in data.draw(st.lists(st.integers(0, 10), max_size=3)):
            times = [first, *(stay.entered for stay in journey.stays), *([last] if last else [])]
            at = data.draw(st.sampled_from(times))
            answers.append((journey.customer.id, at, rating))
            wanted[journey.stage_at(at)].append(rating)
    table = crowd.base.nps(answers)
    assert {row.stage: row.score for row in table.rows if row.score.respondents} == {
        stage: nps.score(ratings) for stage, ratings in wanted.items()
    }
    assert table.score == nps.score([rating for _, _, rating in answers])


@few
@given(crowds())
def test_revenue_is_where_events_found_the_customer(crowd: Crowd) -> None:
    """The value of an event belongs to the stage before its own move, and to its period."""
    wanted: defaultdict[Any, list[Any]] = defaultdict(list)
    for journey in crowd.journeys:
        for at, stage, value in paid(crowd, journey):
            wanted[crowd.calendar.floor(at).astimezone(UTC), stage].append(value)
    kinds = {type(value) for values in wanted.values() for value in values}
    everything = {type(event.value) for journey in crowd.journeys for event in journey.events}
    if {float, Decimal} <= everything:
        return
    for row in crowd.base.over(**crowd.asked).kpis().rows:
        values = wanted[at_utc(row), row.stage]
        assert row.revenue == sum(values)
        assert not values or isinstance(row.revenue, tuple(kinds))


def paid(crowd: Crowd, journey: Journey) -> Iterator[tuple[datetime, str, Any]]:
    """Step through a journey by the engine: when, from which stage, how much."""
    customer = crowd.lifecycle.enroll(
        "x",
        at=journey.customer.enrolled,
        stage=journey.stays[0].stage,
        attributes=journey.enrollment.attributes,
    )
    for event in journey.events:
        if crowd.moment(event.at) > crowd.until(journey):
            return
        customer = crowd.lifecycle.advance(customer, to=event.at).customer
        stage, at = customer.stage, crowd.moment(event.at)
        customer = crowd.lifecycle.apply(customer, event).customer
        if event.value is not None and crowd.bounds[0] <= at < crowd.end:
            yield at, stage, event.value


@few
@given(crowds())
def test_returns_are_counted_one_by_one(crowd: Crowd) -> None:
    """Each change from a dormant or churned stage to another status that is neither counts."""
    table = crowd.base.reactivations()
    away = (Status.DORMANT, Status.CHURNED)
    names = {Status.DORMANT: "reactivation", Status.CHURNED: "win_back"}
    counts: Counter[Any] = Counter()
    lapsed, returned = set(), set()
    for journey in crowd.journeys:
        back: str | None = None
        previous: Status | None = None
        for stay in journey.stays:
            status = crowd.stages[stay.stage].status
            if status in away:
                lapsed.add(journey.customer.id)
                counts[names[status], "episodes"] += status is not previous
                if back:
                    counts[back, "relapses"] += 1
                    back = None
                if previous in away and status is not previous:
                    counts[names[previous], "changed_status"] += 1  # type: ignore[index]
            elif previous in away:
                back = names[previous]  # type: ignore[index]
                counts[back, "returns"] += 1
                returned.add(journey.customer.id)
            previous = status
    for row in table.rows:
        for name in ("episodes", "returns", "changed_status", "relapses"):
            assert getattr(row, name) == counts[row.kind, name]
    assert (table.lapsed, table.returned) == (len(lapsed), len(returned))


def next_move(lifecycle: Lifecycle, customer: Customer) -> StageChange | None:
    """Wait until a time-out moves the customer, past all milestones."""
    while (deadline := lifecycle.due(customer)) is not None:
        customer, changes = lifecycle.advance(customer, to=deadline.at)
        for change in changes:
            if change.is_move:
                return change
    return None


@few
@given(crowds(), st.integers(0, 400))
def test_who_is_due_is_who_the_engine_says(crowd: Crowd, days: int) -> None:
    naive = crowd.journeys
    if not naive:
        return
    start = min((journey.customer.enrolled for journey in naive), key=crowd.moment)
    end = start + timedelta(days=days, hours=1)
    table = crowd.base.due(window=Window(start, end))
    wanted = {
        journey.customer.id: (move.at, move.transition)
        for journey in naive
        if (move := next_move(crowd.lifecycle, journey.customer)) is not None
        and crowd.moment(start) <= crowd.moment(move.at) < crowd.moment(end)
    }
    assert {row.customer.id: (row.at, row.transition) for row in table.rows} == wanted
    instants = [crowd.moment(row.at) for row in table.rows]
    assert instants == sorted(instants)
    for row in table.rows:
        change = next_move(crowd.lifecycle, row.customer)
        assert change is not None
        assert (change.kind, change.target, change.source) == (row.kind, row.target, row.source)


# Time in stage, funnels


@few
@given(crowds(), st.booleans())
def test_time_in_stage_is_the_survival_of_its_stays(crowd: Crowd, in_window: bool) -> None:  # noqa: FBT001
    """Kaplan-Meier of the stays, open ones censored; what is left and who left sum to 1."""
    for stage in crowd.stages if crowd.journeys else ():
        window = crowd.window if in_window and crowd.window.start.tzinfo else None
        begin, end = (crowd.bounds[0], crowd.end) if window else (None, ENDLESS)
        lengths, ended = [], []
        for journey in crowd.journeys:
            for name, entered, left in crowd.stays(journey):
                if name == stage and (begin is None or begin <= entered < end):
                    is_over = left is not None and left < end
                    last = left if is_over else min(crowd.until(journey), end)
                    lengths.append((last - entered) / timedelta(days=1))  # type: ignore[operator]
                    ended.append(is_over)
        base = crowd.base.over(window=window) if window else crowd.base
        table = base.time_in_stage(stage)
        assert table.stays == len(lengths)
        if lengths:
            assert table.curve == survival.kaplan_meier(lengths, ended)
            for row in table.rows:
                total = row.still_there + sum(share for _, share in row.exits)
                assert total == pytest.approx(1, abs=1e-9)


@few
@given(crowds(), st.sampled_from((None, 0, 1, 30)))
def test_a_funnel_never_rises_and_is_that_of_the_stages_entered(
    crowd: Crowd, days: int | None
) -> None:
    """`funnel.funnel`, fed with the entries as they came, as far as each is known, is the same."""
    stages = [name for name in crowd.stages if not crowd.stages[name].final]
    within = None if days is None else timedelta(days=days)
    found = crowd.base.funnel(stages=stages, within=within)
    reached = [step.reached for step in found.rows]
    assert reached == sorted(reached, reverse=True)
    paths = {
        journey.customer.id: [(entered, stage) for stage, entered, _ in crowd.stays(journey)]
        for journey in crowd.journeys
    }
    until = {journey.customer.id: crowd.until(journey) for journey in crowd.journeys}
    asked: dict[str, Any] = {"steps": stages, "within": within, "same_time": "as_given"}
    theirs = funnel.funnel(paths, **asked, until=None if within is None else until)
    assert (found.rows, found.levels, found.open) == (theirs.rows, theirs.levels, theirs.open)
    assert found.time_to_convert == theirs.time_to_convert


# Groups and changes on file


@few
@given(crowds(), st.lists(st.sampled_from(("a", "b", None)), min_size=6, max_size=6))
def test_groups_add_up_to_all(crowd: Crowd, tiers: list[str | None]) -> None:
    """What is counted by group sums to what is counted of all."""
    by = {f"c{i}": tier for i, tier in enumerate(tiers)}
    base = crowd.base.over(**crowd.asked)
    groups = base.by(by)
    whole, parts = base.kpis(), groups.kpis()
    assert set(parts.groups) == {by[str(journey.customer.id)] for journey in crowd.journeys}
    for i, row in enumerate(whole.rows):
        split = [table.rows[i] for _, table in parts.results]
        assert sum(each.stock for each in split) == row.stock
        assert sum(each.entrants for each in split) == row.entrants
        assert sum(each.conversion for each in split) == row.conversion
    grown = groups.growth()
    for i, one in enumerate(base.growth()):
        assert one.active == sum(table.rows[i].active for _, table in grown.results)


@few
@given(crowds(), st.lists(st.sampled_from(("a", "b", None)), min_size=6, max_size=6))
def test_a_group_is_asked_as_the_base_of_its_journeys(
    crowd: Crowd, tiers: list[str | None]
) -> None:
    """Splitting a base and asking is the same as asking the base of each group."""
    by = {f"c{i}": tier for i, tier in enumerate(tiers)}
    groups = crowd.base.over(**crowd.asked).by(by)
    for group in groups:
        journeys = [each for each in crowd.journeys if by[str(each.customer.id)] == group]
        part = CustomerBase(journeys).over(**crowd.asked)
        assert groups[group] == part
        assert groups.kpis()[group] == part.kpis()
        assert groups.growth()[group] == part.growth()
        assert groups.transition_counts()[group] == part.transition_counts()
        assert groups.drop_off()[group] == part.drop_off()
        assert groups.funnel(stages=list(crowd.stages))[group] == part.funnel(
            stages=list(crowd.stages)
        )
        assert groups.reactivations()[group] == part.reactivations()


@few
@given(crowds())
def test_a_calendar_makes_no_difference_to_what_is_asked_of_the_whole_window(crowd: Crowd) -> None:
    """Moves of all months are those of the window, and so is all that has no months."""
    by_month, whole = crowd.base.over(**crowd.asked), crowd.base
    if crowd.window.start.tzinfo is not None:
        whole = whole.over(window=crowd.window)
        assert by_month.drop_off() == whole.drop_off()
        assert by_month.reactivations() == whole.reactivations()
        assert by_month.transition_counts().counts == whole.transition_counts().counts
    for row in by_month.drop_off():
        moved = [move for move in by_month.transition_counts() if move.source == row.stage]
        left = sum(move.count for move in moved if move.target is not None)
        assert row.converted + row.dropped_off + row.left_otherwise == left


@few
@given(crowds())
def test_the_tables_of_a_base_are_those_of_its_journeys(crowd: Crowd) -> None:
    """Stays tile the time of each customer, and each but the last ends by a change."""
    base = crowd.base.over(**crowd.asked)
    stays, changes = iter(base.stays), iter(base.changes)
    for row, journey in zip(base.customers, crowd.journeys, strict=True):
        customer = journey.customer
        assert (row.customer, row.stage) == (customer.id, customer.stage)
        next_ = crowd.lifecycle.due(customer)
        if next_ is None or next_.milestone is None:  # else a move may follow, or none
            assert (row.due is None) is (next_ is None)
        moves = [*moves_of(journey), None]
        for (stage, _, left), move in zip(crowd.stays(journey), moves, strict=True):
            stay = next(stays)
            assert (stay.customer, stay.stage, stay.left is None) == (customer.id, stage, not left)
            if move is not None:
                change = next(changes)
                assert (change.source, change.target) == (move.source, move.target)
                assert (stay.kind, stay.cause) == (change.kind, change.cause)
                assert (stay.kind, stay.cause) == (move.kind, move.cause)
                assert change.at == stay.left
    assert next(stays, None) is next(changes, None) is None


@few
@given(crowds())
def test_a_base_of_changes_gives_what_its_journeys_give(crowd: Crowd) -> None:
    """Changes with the definition, enrollments and one `until` say the same as journeys."""
    if not crowd.journeys:
        return
    until = max(
        (
            crowd.journeys[0].until or crowd.journeys[0].customer.seen,
            *(journey.until or journey.customer.seen for journey in crowd.journeys),
        ),
        key=crowd.moment,
    )
    journeys = [
        crowd.lifecycle.replay(
            journey.customer.id,
            journey.events,
            until=until,
            since=journey.customer.enrolled,
            attributes=journey.enrollment.attributes,
        )
        for journey in crowd.journeys
    ]
    log = CustomerBase.from_changes(
        crowd.lifecycle,
        [change for journey in reversed(journeys) for change in journey.changes],
        enrolled={journey.customer.id: journey.customer.enrolled for journey in journeys},
        until=until,
    )
    base = CustomerBase(journeys)
    assert log.drop_off() == base.drop_off()
    assert {*log.stays} == {*base.stays}
    assert {*log.changes} == {*base.changes}
    log, base = (each.over(**crowd.asked) for each in (log, base))
    assert log.transition_counts() == base.transition_counts()
    assert log.growth() == base.growth()
    assert log.cohorts() == base.cohorts()
    for mine, theirs in zip(log.kpis(), base.kpis(), strict=True):
        assert (mine.stock, mine.exits_by_kind, mine.median_time) == (
            theirs.stock,
            theirs.exits_by_kind,
            theirs.median_time,
        )
        assert mine.revenue is None
