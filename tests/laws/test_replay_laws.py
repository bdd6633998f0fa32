"""A replay in columns is the replay of each customer, for any definition and any log."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("numpy")

from attrs import evolve

from columns import (
    ends_of,
    expected_ends,
    expected_stays,
    in_columns,
    journeys,
    log_of,
    stays_of,
)
from lifecycle import (
    ANY,
    Event,
    Lifecycle,
    Period,
    Stage,
    Status,
    Transition,
    Until,
    count,
    days_since,
    dwell,
    entries,
    event_attribute,
    idle,
    mean,
    previous,
    testing,
    total,
    value,
)
from lifecycle.engine._columns import plan
from lifecycle.engine._columns import replay as door
from lifecycle.errors import DefinitionError, LifecycleError
from strategies import GAPS

STAGES = ("new", "on", "top", "off", "gone")
EVENTS = ("pay", "visit", "stop")
ZONES = (None, UTC, ZoneInfo("Europe/Berlin"))
STARTS = tuple(
    map(
        datetime.fromisoformat,
        ("2026-03-28T12:00", "2026-02-28T01:30", "2025-10-26T00:30", "2026-01-31T00:00"),
    )
)
DAYS = (1, 1, 2, 3)

WEB = event_attribute("by").equals("web")
CONDITIONS = {
    "life": (
        count("pay") >= 2,
        count("pay").is_in([1, 3]),
        count(("pay", "visit"), since_entry=True) > 1,
        count("pay") - count("stop") >= 1,
        total("pay") >= 3,
        total("visit").is_in([Decimal("2.49"), Decimal("3.98"), 2.5, Decimal(2)]),
        mean(("pay", "visit")) >= Decimal("1.33"),
        total(("pay", "visit"), since_entry=True) < 2.5,
        mean("pay") >= 1.5,
        mean("visit", since_entry=True).equals(2),
        ~(count("visit") >= 1),
        (count("pay") >= 1) & (total("visit") <= 2),
        (count("stop") >= 2) | (mean("visit") > 1),
    ),
    "windows": (
        count("pay", within=Period(days=2)) >= 2,
        count(("pay", "visit"), since_entry=True, within=Period(hours=36)).is_in([0, 2]),
        total("pay", within=Period(days=3)) >= 2,
        mean(("pay", "visit"), within=Period(days=7), where=value() >= 1) >= 1.5,
        count("visit", within=Period(months=1)) <= 1,
        total(("pay", "visit"), within=Period(months=2), since_entry=True) > 2,
        count("pay", within=Until("week")) >= 2,
        total("visit", within=Until("month")) - total("pay", within=Until("day")) >= 1,
    ),
    "told": (
        count("pay", where=value() >= 2) >= 1,
        total(("pay", "visit"), since_entry=True, where=WEB | (value() < 1)) >= 2,
        days_since("pay") < 2,
        days_since(("visit", "stop"), where=~WEB) >= 1.5,
        entries("on") >= 2,
        entries(("new", "off")) - entries("top") > 0,
        previous().equals("on"),
        previous().is_in(["new", "off"]),
    ),
}
OF_EVENTS = (WEB, event_attribute("by").is_in([True, 2.0]), value() >= 2, ~(value() < 2))


@pytest.fixture(autouse=True, params=[(0, 3, 2), (8, 1 << 15, 64)])
def _sizes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Follow all in columns in small blocks, and then some alone."""
    for name, size in zip(("ROUND", "SIZE", "FEW"), request.param, strict=True):
        monkeypatch.setattr(door, name, size)


# What happened


class World(NamedTuple):
    """A definition, what happened to some customers, and until when."""

    lifecycle: Lifecycle
    rows: list[tuple[Any, Event]]
    until: datetime | None


CENTS = (None, 1, Decimal("0.99"), Decimal("1.5"), Decimal("2.00"), Decimal("-1e1"))
BY = (None, None, {"by": "web"}, {"by": "shop"}, {"by": True}, {"by": 1}, {"by": 2})


@st.composite
def logs(draw: st.DrawFn, events: Sequence[str] = EVENTS) -> list[tuple[Any, Event]]:
    """Draw events of some customers: often at one instant, in any order, some of them twice."""
    zone = draw(st.sampled_from(ZONES))
    numbers = draw(st.sampled_from(((None, 0, 1, 2), (None, 0.5, 1.0, 2.25), CENTS)))
    has_ids = draw(st.booleans())
    orders = draw(st.sampled_from(((None,), (None, 0, 1))))
    fact = st.tuples(
        st.sampled_from(draw(st.sampled_from((("ann",), ("ann", "bob", 7), "abcdefgh")))),
        st.sampled_from(events),
        st.sampled_from(GAPS["days"]),
        st.sampled_from(numbers),
        st.sampled_from(BY),
        st.sampled_from(("a", "b", 3)),
        st.sampled_from(orders),
    )
    rows, at = [], draw(st.sampled_from(STARTS))
    for place, (who, name, gap, worth, by, of, order) in enumerate(
        draw(st.lists(fact, min_size=1))
    ):
        at += gap
        then = at if zone is None else at.replace(tzinfo=UTC).astimezone(zone)
        own = f"{of}{place}" if isinstance(of, str) else place
        told = {"value": worth, "sequence": order, "id": own if has_ids else None}
        rows.append((who, Event(name, then, attributes=by, **told)))
    again = draw(st.lists(st.sampled_from(rows))) if has_ids else []
    rows += [(who, evolve(event)) for who, event in again]
    return draw(st.permutations(rows))


def ends(rows: Sequence[tuple[Any, Event]]) -> st.SearchStrategy[datetime | None]:
    """Draw until when: not before the first event of any customer."""
    firsts: dict[Any, datetime] = {}
    for who, event in rows:
        firsts[who] = min(firsts.get(who, event.at), event.at)
    first = max(firsts.values())
    gaps = st.lists(st.sampled_from(GAPS["days"]), max_size=8)
    return st.none() | gaps.map(lambda some: first + sum(some, timedelta()))


def ways(kind: str) -> st.SearchStrategy[Transition]:
    """Draw a transition of what columns know, with conditions of a kind."""
    conditions = st.sampled_from(CONDITIONS[kind])
    sources = st.sampled_from((*STAGES, *STAGES, ("new", "on"), *Status, ANY))
    targets = st.sampled_from((*STAGES, "on", "on", "closed"))
    moves = st.builds(
        lambda source, target, on, when: Transition(source, target, on=on, when=when),
        *(sources, targets, st.sampled_from(EVENTS)),
        st.none() | conditions | conditions | st.sampled_from(OF_EVENTS),
    )
    clocks = st.sampled_from(
        (
            *(lambda days, of=of: idle(*of, days=days) for of in ((), ("pay",), (EVENTS[:2],))),
            *(lambda days: dwell(days=days),) * 2,
            *(lambda months, of=of: idle(*of, months=months) for of in ((), ("visit",))),
            *(lambda months: dwell(months=months, anchor="entry"),) * 2,
            *(lambda months: dwell(months=1 + months % 2),) * 3,
            *(lambda months: dwell(months=months, anchor="enrolled"),) * 2,
            lambda days: dwell(days=days, anchor="enrolled"),
            lambda days: idle("visit", days=days, where=WEB | (value() >= 1)),
            lambda grain: dwell(until=("day", "week", "month", "quarter")[grain]),
            lambda grain: dwell(until=Until("day", zone=("UTC", "Asia/Tokyo")[grain % 2])),
        )
    )
    waits = st.builds(
        lambda source, target, clock, days, when: Transition(
            source, target, after=clock(days), when=when
        ),
        *(sources, targets, clocks, st.sampled_from(DAYS)),
        st.none() | conditions,
    )
    return moves | waits


@st.composite
def definitions(draw: st.DrawFn) -> Lifecycle:
    """Draw a sound definition: what would make it unsound is left out."""
    statuses = (Status.PROSPECT, Status.ACTIVE, Status.ACTIVE, Status.DORMANT, Status.CHURNED)
    stages = [*map(Stage, STAGES, statuses), Stage("closed", Status.CHURNED, final=True)]
    told: dict[str, Any] = {
        "name": "drawn",
        "initial": draw(st.sampled_from(STAGES[:2])),
        "stages": stages,
        "activity": draw(st.sampled_from((None, ("pay",), ("visit", "pay")))),
        "events": draw(st.permutations(EVENTS)),
    }
    renewing = st.sampled_from((1, 1, 2)).map(
        lambda months: Transition("on", "on", after=dwell(months=months))
    )
    kind = draw(st.sampled_from(sorted(CONDITIONS)))
    first = draw(st.lists(renewing, max_size=1))
    return sound(told, [*first, *draw(st.lists(ways(kind), min_size=2, max_size=12))])


def sound(told: dict[str, Any], drawn: Sequence[Transition]) -> Lifecycle:
    """Make a definition of the transitions that go together."""
    kept: list[Transition] = []
    for way in drawn:
        try:
            Lifecycle(**told, transitions=[*kept, way])
        except DefinitionError:
            continue
        kept.append(way)
    return Lifecycle(**told, transitions=kept)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    rows = draw(logs())
    return World(draw(definitions()), rows, draw(ends(rows)))


def check(world: World) -> None:
    """Check that the stays and the customers are those of the engine."""
    lifecycle, rows, until = world
    expected = journeys(lifecycle, rows, until)
    found = in_columns(lifecycle, rows, until)
    customers = log_of(rows).customers
    assert stays_of(found, customers) == expected_stays(lifecycle, expected.values(), rows)
    assert ends_of(found, customers) == expected_ends(lifecycle, expected.values())


ANYTHING = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@ANYTHING
@given(worlds())
def test_the_stays_are_those_of_each_replay(world: World) -> None:
    assert plan.obstacle(world.lifecycle._tables) is None
    check(world)


@ANYTHING
@given(testing.lifecycles(), st.data())
def test_any_definition_takes_one_path_or_the_other(lifecycle: Lifecycle, data: Any) -> None:
    rows = data.draw(logs(("signup", "purchase", "visit")))
    check(World(lifecycle, rows, data.draw(ends(rows))))


@ANYTHING
@given(worlds(), st.data())
def test_the_order_in_which_rows_are_given_makes_no_difference(world: World, data: Any) -> None:
    lifecycle, rows, until = world
    named = [(who, evolve(event, id=place)) for place, (who, event) in enumerate(rows)]
    shuffled = data.draw(st.permutations(named))
    one, other = in_columns(lifecycle, named, until), in_columns(lifecycle, shuffled, until)
    assert _unnumbered(one, named) == _unnumbered(other, shuffled)


def _unnumbered(found: Any, rows: Sequence[tuple[Any, Event]]) -> set[Any]:
    """Return stays with the ids of events in place of the numbers of rows."""
    stays = stays_of(found, log_of(rows).customers)
    return {stay._replace(row=None if stay.row is None else rows[stay.row][1].id) for stay in stays}


@ANYTHING
@given(worlds(), st.data())
def test_what_a_replay_refuses_is_refused(world: World, data: Any) -> None:
    lifecycle, rows, until = world
    again = [(who, evolve(event, value=9)) for who, event in rows[:1]]
    rows = data.draw(st.permutations([*rows, *again])) if rows[0][1].id else rows
    until = data.draw(st.sampled_from((until, min(event.at for _, event in rows))))
    most = data.draw(st.sampled_from((1, 2, 5)))
    refused = [_refused(each, lifecycle, rows, until, most) for each in (journeys, in_columns)]
    assert refused[0] is refused[1]


def _refused(
    replay: Any, lifecycle: Lifecycle, rows: Any, until: datetime | None, most: int
) -> type[LifecycleError] | None:
    try:
        replay(lifecycle, rows, until, most=most)
    except LifecycleError as error:
        return type(error)
    return None
