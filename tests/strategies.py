"""Hypothesis strategies: logs whose instants like to meet, in all zones, for any definition.

Definitions and gaps are small whole numbers of one pace, so that deadlines, events and
chained time-outs often fall on the same instant. The logs know nothing of the engine.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from lifecycle import Customer, Enrollment, Event, Lifecycle, SoFar, testing
from lifecycle.testing.definitions import DATES, EVENTS

ZONES = (
    UTC,
    *(ZoneInfo(key) for key in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")),
)
STARTS = tuple(
    datetime.fromisoformat(text)
    for text in (
        "2025-03-29T22:00",  # the last hours before Berlin springs forward
        "2025-10-25T22:00",  # and falls back
        "2026-03-28T23:00",
        "2025-03-09T05:00",  # New York
        "2026-11-01T04:00",
        "2025-04-05T13:00",  # Lord Howe, by half an hour
        "2026-10-03T13:30",
        "2026-01-30T00:00",  # a month that ends early
        "2025-12-31T00:00",
    )
)

GAPS = {
    "hours": tuple(timedelta(minutes=each) for each in (0, 30, 60, 90, 120, 180, 720, 1440)),
    "days": tuple(timedelta(hours=each) for each in (0, 12, 24, 36, 48, 72, 168, 31 * 24)),
}
"""What lies between events, at the pace of a definition's lengths."""


def lifecycles(pace: str) -> st.SearchStrategy[Lifecycle]:
    """Draw a sound definition, in which conditions can be code."""
    return testing.lifecycles(pace=pace, code=True)


# Logs


class Clock(NamedTuple):
    """How the instants of one log are written: naive, in one zone, or in several."""

    start: datetime
    zones: tuple[tzinfo | None, ...]
    pace: str

    def instants(
        self, start: datetime | None = None, steps: int = 1
    ) -> st.SearchStrategy[datetime]:
        """Draw an instant at or after another one, by up to so many gaps."""
        return st.builds(
            lambda gaps, zone: moved(start or self.start, sum(gaps, timedelta()), zone),
            st.lists(st.sampled_from(GAPS[self.pace]), min_size=1, max_size=steps),
            st.sampled_from(self.zones),
        )


def moved(at: datetime, by: timedelta, zone: tzinfo | None) -> datetime:
    """Give the instant so much later, as that zone writes it."""
    return at + by if zone is None else (at.astimezone(UTC) + by).astimezone(zone)


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    zones = draw(st.sampled_from([(None,), ZONES, *((zone,) for zone in ZONES)]))
    start = moved(
        draw(st.sampled_from(STARTS)).replace(tzinfo=zones[0] and UTC), timedelta(), zones[0]
    )
    return Clock(start, zones, draw(st.sampled_from(sorted(GAPS))))


VALUES: tuple[tuple[Any, ...], ...] = (
    (None, 0, 1, 2, 3),
    (None, 1, 2, Decimal("0.5"), Decimal(2)),
    (None, 1, 2, 0.5, 2.0),
)
SETS = ({"plan": "gold"}, {"plan": "free"}, {"level": 1}, {"plan": "gold", "level": 3})
CHANNELS = ({"channel": "web"}, {"channel": "shop"})


AHEAD = tuple(timedelta(hours=each) for each in (0, 1, 2, 12, 24, 36, 72, 168, -1, -24, -72, 744))
"""What lies between an event and the date that it sets."""


@cache
def tellings(zones: tuple[tzinfo | None, ...]) -> st.SearchStrategy[Any]:
    """Draw what is told of a customer, given when: often nothing, a plan, or a date."""
    dates = st.builds(
        lambda name, ahead, zone: lambda at: {name: moved(at, ahead, zone)},
        *(st.sampled_from(each) for each in (DATES, AHEAD, zones)),
    )
    plain = st.sampled_from((None, None, *SETS, {DATES[0]: None}))
    return st.one_of(*[plain.map(lambda told: lambda _at: told)] * 2, dates)


@cache
def facts(
    values: tuple[Any, ...], zones: tuple[tzinfo | None, ...]
) -> st.SearchStrategy[dict[str, Any]]:
    """Draw all of an event but its instant and id; what it sets is told when it happens."""
    return st.fixed_dictionaries(
        {
            "name": st.sampled_from(EVENTS),
            "value": st.sampled_from(values),
            "attributes": st.sampled_from((None, *CHANNELS)),
            "sets": tellings(zones),
        }
    )


def happened(fact: dict[str, Any], at: datetime, **more: Any) -> Event:
    return Event(**{**fact, "sets": fact["sets"](at)}, at=at, **more)


def events(clock: Clock, instants: st.SearchStrategy[datetime]) -> st.SearchStrategy[Event]:
    """Draw an event without an id."""
    return st.builds(happened, facts(VALUES[0], clock.zones), instants)


@st.composite
def logs(draw: st.DrawFn, clock: Clock, *, named: bool) -> list[Event]:
    """Draw events in the order in which they happened, with ids of their own or some without.

    Some logs have the order of their source, which need not be the one drawn.
    """
    fact = facts(draw(st.sampled_from(VALUES)), clock.zones)
    at = clock.start
    order = st.sampled_from(draw(st.sampled_from(((None,), (None, 0, 1, 2)))))
    row = st.tuples(fact, clock.instants(), st.booleans(), order)
    rows = draw(st.lists(row, min_size=2, max_size=12))
    ids = draw(st.permutations([f"e{place}" for place in range(len(rows))]))
    log = []
    for (what, then, has_id, sequence), each in zip(rows, ids, strict=True):
        at = moved(at, then - clock.start, then.tzinfo)
        name = each if named or has_id else None
        log.append(happened(what, at, id=name, sequence=sequence))
    return log


class World(NamedTuple):
    """A definition, the log of one customer as it was given, and what else replay takes."""

    lifecycle: Lifecycle
    events: tuple[Event, ...]
    since: datetime | None
    until: datetime | None
    stage: str | None
    attributes: dict[str, object] | None
    clock: Clock

    @property
    def told(self) -> dict[str, Any]:
        """What replay is told besides the events and until when."""
        return {"since": self.since, "stage": self.stage, "attributes": self.attributes}


@st.composite
def customers(draw: st.DrawFn) -> tuple[World, Customer]:
    """Draw a customer after some of its events."""
    world = draw(worlds())
    log = world.lifecycle.replay("ann", world.events, **world.told).events
    customer = enrolled(world)
    for event in log[: draw(st.integers(0, len(log)))]:
        customer, _ = world.lifecycle.apply(customer, event)
    return world, customer


def enrolled(world: World) -> Customer:
    """Give the customer of a world as it begins."""
    first = min(
        (event.at for event in world.events),
        key=lambda at: moved(at, timedelta(), at.tzinfo and UTC),
    )
    return world.lifecycle.enroll(
        "ann", at=world.since or first, stage=world.stage, attributes=world.attributes
    )


@st.composite
def worlds(draw: st.DrawFn, *, named: bool = False) -> World:
    """Draw a definition and a shuffled log; of a `named` one all events have ids."""
    clock = draw(clocks())
    lifecycle = draw(lifecycles(clock.pace))
    log = draw(logs(clock, named=named))
    untils = [clock.instants(log[0].at, steps=6), clock.instants(log[-1].at, steps=3)]
    stages = [stage.name for stage in lifecycle.stages if not stage.final]
    return World(
        lifecycle,
        tuple(draw(st.permutations(log))),
        draw(st.sampled_from((None, clock.start))),
        draw(st.one_of(st.none(), *untils, untils[1])),
        draw(st.sampled_from((None, None, *stages))),
        draw(tellings(clock.zones))(clock.start),
        clock,
    )


# Customers in mid-life


def told(events: Iterable[Event]) -> dict[str, SoFar]:
    """Say what has happened, from the events alone."""
    by_name: dict[str, list[Event]] = {}
    for event in events:
        by_name.setdefault(event.name, []).append(event)
    return {name: _told(found) for name, found in by_name.items()}


def _told(events: list[Event]) -> SoFar:
    values = [event.value for event in events if event.value is not None]
    return SoFar(
        len(events),
        sum(values) if values else None,
        last=events[-1].at,
        valued=len(values),
        recent=events,
    )


def in_midlife(customer: Customer, events: list[Event], **more: Any) -> Enrollment:
    """Say how a customer that was followed until now would be enrolled now."""
    return Enrollment(
        customer.id,
        customer.enrolled,
        stage=customer.stage,
        attributes=customer.attributes,
        entered=customer.entered,
        last_activity=customer.last_activity,
        so_far=told(events),
        **more,
    )


@st.composite
def enrolled_later(
    draw: st.DrawFn, lifecycle: Lifecycle, customer: Customer, past: list[Event]
) -> Customer:
    """Draw the customer who would be enrolled now, in a zone or in none."""
    zones = (None,) if customer.enrolled.tzinfo is None else (None, *ZONES)
    return lifecycle.enroll(in_midlife(customer, past, zone=draw(st.sampled_from(zones))))
