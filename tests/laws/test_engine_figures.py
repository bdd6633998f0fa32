"""The figures that the rules of the engine name, worked out by hand."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle import (
    ANY,
    Customer,
    Event,
    Journey,
    Lifecycle,
    Period,
    Stage,
    Status,
    Transition,
    attribute,
    count,
    dwell,
    event_attribute,
    idle,
    mean,
    total,
    value,
)
from lifecycle.errors import (
    DefinitionError,
    DuplicateEventError,
    LifecycleError,
    MixedInstantsError,
    MixedNumbersError,
    NotPermittedError,
    OutOfOrderError,
    UnknownNameError,
)

BERLIN = ZoneInfo("Europe/Berlin")

SHOP = Lifecycle(
    name="shop",
    initial="visitor",
    stages=(
        Stage("visitor", Status.PROSPECT),
        Stage("lead", Status.PROSPECT),
        Stage("buyer", Status.ACTIVE),
        Stage("loyal", Status.ACTIVE),
        Stage("lapsed", Status.DORMANT),
        Stage("churned", Status.CHURNED),
        Stage("erased", Status.CHURNED, final=True),
    ),
    transitions=(
        Transition("visitor", "lead", on="signup"),
        Transition(("visitor", "lead"), "buyer", on="purchase"),
        Transition("buyer", "loyal", on="purchase", when=count("purchase") >= 3),
        Transition(Status.ACTIVE, "lapsed", after=idle(days=90)),
        Transition("loyal", "lapsed", after=idle(days=180)),
        Transition("lapsed", "churned", after=idle(days=365)),
        Transition(("lapsed", "churned"), "buyer", on="purchase"),
        Transition(ANY, "erased", on="erasure"),
    ),
    activity=("signup", "purchase"),
)
THREE = (Stage("one", Status.PROSPECT), Stage("two", Status.ACTIVE), Stage("three", Status.DORMANT))


def at(text: str, zone: Any = UTC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def three(*transitions: Transition, **told: Any) -> Lifecycle:
    """Define a lifecycle of the stages one, two and three."""
    return Lifecycle(
        **{"name": "three", "initial": "one", "stages": THREE, "transitions": transitions, **told}
    )


def moves(journey: Journey) -> list[tuple[str, datetime]]:
    return [(change.target, change.at) for change in journey.changes]


def targets(
    lifecycle: Lifecycle, log: Iterable[Event], until: str, since: str | None = None
) -> str:
    """Spell the targets of the changes that a log brings."""
    journey = lifecycle.replay(
        "ann", log, until=at(until), since=None if since is None else at(since)
    )
    return " ".join(change.target for change in journey.changes)


def next_deadline(after: Any, entered: datetime) -> datetime | None:
    """Give the deadline of a time-out that counts from enrollment."""
    lifecycle = three(Transition("one", "two", after=after), events=("visit",))
    due = lifecycle.due(lifecycle.enroll("ann", at=entered))
    return None if due is None else due.at


# The story of the front door


def test_ann_lapses_ninety_days_after_her_purchase_and_churns_after_a_year() -> None:
    """Front door: lapsed on 2026-04-05, churned on 2027-01-05."""
    ann = SHOP.enroll("ann", at=at("2026-01-01"))
    ann, changes = SHOP.apply(ann, Event("purchase", at=at("2026-01-05"), value=40))
    assert (ann.stage, ann.status, changes[0].kind) == ("buyer", Status.ACTIVE, "conversion")
    due = SHOP.due(ann)
    assert (due.at, due.transition) == (at("2026-04-05"), SHOP.transitions[3])
    ann, changes = SHOP.advance(ann, to=at("2027-06-01"))
    assert [(c.target, c.at, c.kind, c.cause) for c in changes] == [
        ("lapsed", at("2026-04-05"), "lapse", "timeout"),
        ("churned", at("2027-01-05"), "churn", "timeout"),
    ]
    _, changes = SHOP.apply(ann, Event("purchase", at=at("2027-07-01")))
    assert [change.kind for change in changes] == ["win_back"]


# Rule 2


def test_naive_and_aware_do_not_meet() -> None:
    """Rule 2: mixing them raises, and names both."""
    ann = SHOP.enroll("ann", at=datetime.fromisoformat("2026-01-01"))
    with pytest.raises(MixedInstantsError, match=r"naive 2026.* and aware 2026|aware.*and naive"):
        SHOP.apply(ann, Event("signup", at=at("2026-01-02")))


def test_one_instant_in_two_zones_is_one_instant() -> None:
    """Rule 2: comparisons of aware instants are made on the instant."""
    lifecycle = three(Transition("one", "two", after=dwell(hours=1)))
    ann = lifecycle.enroll("ann", at=at("2025-10-26T02:30", BERLIN))
    _, changes = lifecycle.advance(ann, to=at("2025-10-26T01:29"))
    assert changes == ()
    _, changes = lifecycle.advance(ann, to=at("2025-10-26T01:30"))
    assert [change.target for change in changes] == ["two"]


def test_a_stay_over_the_change_of_the_clocks_lasts_23_hours() -> None:
    """Rule 2: `Stay.duration` is elapsed time."""
    log = [Event("go", at=at("2026-03-29T12:00", BERLIN))]
    lifecycle = three(Transition("one", "two", on="go"))
    journey = lifecycle.replay("ann", log, since=at("2026-03-28T12:00", BERLIN))
    assert journey.stays[0].duration == timedelta(hours=23)


# Rule 3


@pytest.mark.parametrize(
    ("after", "entered", "deadline"),
    [
        (idle(days=90), at("2026-03-01T12:00", BERLIN), at("2026-05-30T11:00")),
        (dwell(months=1), at("2026-01-31"), at("2026-02-28")),
        (dwell(months=1), at("2028-01-31"), at("2028-02-29")),
        (dwell(months=2), at("2026-01-31"), at("2026-03-31")),
        (dwell(years=1), at("2028-02-29"), at("2029-02-28")),
        (dwell(months=1), at("2026-03-15T12:00", BERLIN), at("2026-04-15T10:00")),
        (dwell(months=2), at("2025-01-30T02:30", BERLIN), at("2025-03-30T01:30")),
        (dwell(months=1), at("2025-09-26T02:30", BERLIN), at("2025-10-26T00:30")),
        (dwell(until="day"), at("2026-03-29T00:00", BERLIN), at("2026-03-29T22:00")),
        (dwell(until="week"), at("2026-01-01"), at("2026-01-05")),
        (dwell(until="month"), at("2026-02-28T23:59"), at("2026-03-01")),
        (dwell(until="quarter"), at("2026-02-10"), at("2026-04-01")),
        (dwell(until="year"), at("2026-01-01"), at("2027-01-01")),
        (dwell(years=9000), at("2026-01-01"), None),
        (idle(days=4_000_000), at("2026-01-01"), None),
    ],
)
def test_lengths(after: Any, entered: datetime, deadline: datetime | None) -> None:
    """Rule 3: fixed lengths are elapsed time; calendar ones step once, in the zone, fold 0."""
    found = next_deadline(after, entered)
    assert (found and found.astimezone(UTC)) == deadline


@pytest.mark.parametrize(
    "length",
    [
        {"days": 0},
        {"days": -1},
        {"months": 0},
        {"months": -1},
        {"months": 1.5},
        {"years": 0.5},
        {"days": 1, "months": 1},
        {},
    ],
)
@pytest.mark.parametrize("clock", [idle, dwell])
def test_no_length_no_time_out(clock: Any, length: dict[str, Any]) -> None:
    """Rule 3: never both groups; zero, negative and fractional calendar lengths raise."""
    with pytest.raises((LifecycleError, TypeError)):
        clock(**length)


# Rules 4 to 7


def test_idle_counts_from_the_last_activity_wherever_the_customer_stood_then() -> None:
    """Rule 4: `idle(days=180)` is true 180 days after the last activity, in whatever stage."""
    lifecycle = three(
        Transition("one", "two", after=dwell(days=100)),
        Transition("two", "three", after=idle(days=180)),
        events=("visit",),
    )
    log = [Event("visit", at=at("2026-01-11"))]
    journey = lifecycle.replay("ann", log, since=at("2026-01-01"), until=at("2027-01-01"))
    assert moves(journey) == [("two", at("2026-04-11")), ("three", at("2026-07-10"))]


def test_a_named_idle_counts_only_its_event_whatever_activity_says() -> None:
    """Rule 4: `idle("purchase", days=180)` counts only that event, else from enrollment."""
    lifecycle = three(
        Transition("one", "two", after=idle("purchase", days=10)),
        events=("purchase",),
        activity=("visit",),
    )
    since, visit = "2026-01-01", Event("visit", at=at("2026-01-05"))
    bought = Event("purchase", at=at("2026-01-06"))
    told = {"since": at(since), "until": at("2026-02-01")}
    assert moves(lifecycle.replay("ann", [visit], **told)) == [("two", at("2026-01-11"))]
    assert moves(lifecycle.replay("ann", [bought], **told)) == [("two", at("2026-01-16"))]


@pytest.mark.parametrize(
    ("activity", "left"), [(None, "2026-01-15"), (("visit",), "2026-01-11"), ((), "2026-01-11")]
)
def test_activity_is_every_known_event_unless_it_is_named(
    activity: tuple[str, ...] | None, left: str
) -> None:
    """Rule 5: every event the lifecycle knows, unless `activity` names the ones that count."""
    lifecycle = three(
        Transition("one", "two", after=idle(days=10)), activity=activity, events=("mail",)
    )
    log = [Event("mail", at=at("2026-01-05"))]
    journey = lifecycle.replay("ann", log, since=at("2026-01-01"), until=at("2026-02-01"))
    assert moves(journey) == [("two", at(left))]


def test_an_overdue_idle_is_dated_at_entry() -> None:
    """Rule 6: the deadline of `idle` is max(entry, last activity + length)."""
    lifecycle = three(
        Transition("one", "two", after=dwell(days=30)),
        Transition("two", "three", after=idle(days=7)),
        Transition("three", "one", after=dwell(days=1)),
    )
    ann = lifecycle.enroll("ann", at=at("2026-01-01"))
    _, changes = lifecycle.advance(ann, to=at("2026-02-01"))
    assert [(change.target, change.at) for change in changes] == [
        ("two", at("2026-01-31")),
        ("three", at("2026-01-31")),
        ("one", at("2026-02-01")),
    ]


def test_an_overdue_idle_is_dated_at_entry_in_the_zone_of_entry() -> None:
    """Rule 6: max(entry, last activity + length); rule 3: the calendar counts in its zone."""
    lifecycle = three(
        Transition("one", "two", on="go"),
        Transition("two", "three", after=idle("visit", days=1)),
        Transition("three", "one", after=dwell(until="day")),
        events=("visit",),
    )
    ann = lifecycle.enroll("ann", at=at("2026-01-01T12:00"))
    ann, _ = lifecycle.apply(ann, Event("go", at=at("2026-01-10T12:00", BERLIN)))
    _, changes = lifecycle.advance(ann, to=at("2026-01-11"))
    assert [(change.target, change.at) for change in changes] == [
        ("three", at("2026-01-10T11:00")),
        ("one", at("2026-01-10T23:00")),
    ]


def test_a_deadline_comes_before_an_event_of_the_same_instant() -> None:
    """Rule 7: a deadline at exactly `t` is applied before an event at `t`."""
    lifecycle = three(
        Transition("one", "two", after=dwell(days=1)),
        Transition("one", "three", on="go"),
        Transition("two", "one", on="go"),
    )
    log = [Event("go", at=at("2026-01-02"))]
    journey = lifecycle.replay("ann", log, since=at("2026-01-01"))
    assert moves(journey) == [("two", at("2026-01-02")), ("one", at("2026-01-02"))]
    assert [stay.duration for stay in journey.stays] == [timedelta(days=1), timedelta(0), None]


# Rules 8 and 9


def test_a_name_comes_before_a_status_and_a_status_before_any() -> None:
    """Rule 8: by name, then `Status`, then `ANY`; a failed condition falls through."""
    lifecycle = three(
        Transition(ANY, "three", on="go"),
        Transition(Status.PROSPECT, "two", on="go", when=value() >= 1),
        Transition("one", "one", on="go", when=value() >= 2),
        Transition("one", "two", on="go", when=value() >= 2),
    )
    for worth, target in ((2, "one"), (1, "two"), (0, "three"), (None, "three")):
        log = [Event("go", at=at("2026-01-02"), value=worth)]
        assert targets(lifecycle, log, "2026-01-03") == target


def test_a_nearer_level_silences_the_farther_ones_of_the_same_clock() -> None:
    """Rule 8: `dwell`, `idle`, `idle("purchase")` are three clocks."""
    ways = (
        Transition(ANY, "three", after=dwell(days=3)),
        Transition(Status.PROSPECT, "two", after=idle(days=1)),
        Transition("one", "two", after=idle(days=9), when=attribute("plan").equals("gold")),
    )
    silenced = three(*ways, events=("visit",))
    told = {"since": at("2026-01-01"), "until": at("2026-01-03T23:59")}
    assert moves(silenced.replay("ann", [], **told)) == []
    other = Transition("one", "two", after=idle("visit", days=9))
    heard = three(*ways[:2], other, events=("visit",))
    assert moves(heard.replay("ann", [], **told)) == [("two", at("2026-01-02"))]


def test_at_the_same_instant_the_nearest_time_out_goes_first() -> None:
    """Rule 8: the earliest deadline goes first, at the same instant in the order of levels."""
    lifecycle = three(
        Transition(ANY, "three", after=dwell(days=2)),
        Transition("one", "two", after=idle(days=2)),
        Transition("two", "one", on="go"),
    )
    assert targets(lifecycle, [], "2026-01-03", since="2026-01-01") == "two"


def test_a_stage_called_active_is_not_the_status() -> None:
    """Rule 9: sources are never compared as text."""
    stages = (
        Stage("active", Status.DORMANT),
        Stage("b", Status.ACTIVE),
        Stage("c", Status.CHURNED),
    )
    lifecycle = Lifecycle(
        name="text",
        initial="active",
        stages=stages,
        transitions=(
            Transition("active", "b", on="by_name"),
            Transition(Status.ACTIVE, "c", on="by_status"),
        ),
    )
    log = [Event("by_status", at=at("2026-01-01")), Event("by_name", at=at("2026-01-02"))]
    log += [Event("by_name", at=at("2026-01-03")), Event("by_status", at=at("2026-01-04"))]
    assert targets(lifecycle, log, "2026-01-05") == "b c"
    with pytest.raises(LifecycleError):
        Stage(Status.ACTIVE, Status.ACTIVE)


def test_groups_leave_out_the_target_and_names_do_not() -> None:
    """Rule 9: same source and target is a re-entry if written by name: the dwell clock restarts."""
    log = [Event("go", at=at("2026-01-03"))]
    told = {"since": at("2026-01-01"), "until": at("2026-01-12")}
    group = three(Transition(ANY, "one", on="go"), Transition("one", "two", after=dwell(days=10)))
    assert moves(group.replay("ann", log, **told)) == [("two", at("2026-01-11"))]
    name = three(Transition("one", "one", on="go"), Transition("one", "two", after=dwell(days=10)))
    assert [(c.target, c.kind) for c in name.replay("ann", log, **told).changes] == [
        ("one", "renewal")
    ]


# Rule 10


def test_a_time_out_that_failed_rests_until_its_clock_restarts() -> None:
    """Rule 10: a time-out's condition is examined once, at its deadline."""
    lifecycle = three(
        Transition("one", "two", after=idle("visit", days=2), when=count("visit") >= 1),
        Transition("one", "three", after=dwell(days=30), when=count("mail") >= 1),
        events=("visit", "mail"),
    )
    log = [Event("mail", at=at("2026-01-10")), Event("visit", at=at("2026-01-20"))]
    told = {"since": at("2026-01-01"), "until": at("2026-03-01")}
    assert moves(lifecycle.replay("ann", log, **told)) == [("two", at("2026-01-22"))]
    late = [Event("mail", at=at("2026-02-10"))]
    assert moves(lifecycle.replay("ann", late, **told)) == []


def test_looking_too_far_does_not_put_a_time_out_to_rest() -> None:
    """Rule 10: what was only examined leaves no trace, so an event before the deadline counts."""
    lifecycle = three(
        Transition("one", "two", after=dwell(days=10), when=count("visit") >= 1), events=("visit",)
    )
    ann = lifecycle.enroll("ann", at=at("2026-01-01"))
    looked, changes = lifecycle.advance(ann, to=at("2026-02-01"))
    assert (looked, changes) == (ann, ())
    looked, _ = lifecycle.apply(looked, Event("visit", at=at("2026-01-05")))
    _, changes = lifecycle.advance(looked, to=at("2026-02-01"))
    assert [change.at for change in changes] == [at("2026-01-11")]


# Rule 11


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        (count("buy") >= 3, True),
        (count("buy") > 3, False),
        (count("buy").equals(3), True),
        (count("buy").is_in([1, 2]), False),
        (count("go") >= 1, True),
        (count("buy", since_entry=True) >= 1, False),
        (count("buy", within=Period(days=2)).equals(1), True),
        (count("buy", within=Period(days=3)).equals(2), True),
        (total("buy") >= 30, True),
        (total("buy").equals(30), True),
        (mean("buy").equals(15), True),
        (mean("go") >= 0, False),
        (~(mean("go") >= 0), True),
        (total("go").equals(0), True),
        (value() >= 0, False),
        (attribute("plan").equals("gold"), True),
        (attribute("other") <= 5, False),
        (event_attribute("channel").is_in(["web", "shop"]), True),
        ((count("buy") >= 9) | (total("buy") >= 30), True),
        ((count("buy") >= 9) & (total("buy") >= 30), False),
    ],
)
def test_conditions(condition: Any, *, met: bool) -> None:
    """Rule 11: what conditions say of three purchases, worth 10, 20 and unknown, and a call."""
    lifecycle = three(
        Transition("one", "two", on="buy", when=count("buy") >= 3),
        Transition("two", "three", on="go", when=condition),
    )
    log = [
        Event("buy", at=at("2026-01-01"), value=10),
        Event("buy", at=at("2026-01-02"), value=20),
        Event("buy", at=at("2026-01-03")),
        Event(
            "go",
            at=at("2026-01-04"),
            attributes={"channel": "web"},
            sets={"plan": "gold"},
        ),
    ]
    assert targets(lifecycle, log, "2026-01-04") == ("two three" if met else "two")


def test_what_led_in_belongs_to_the_stay_before() -> None:
    """Rule 11: with `since_entry=True`, those of the current stay."""
    lifecycle = three(
        Transition("one", "two", on="buy"),
        Transition("two", "three", on="buy", when=count("buy", since_entry=True) >= 2),
    )
    log = [Event("buy", at=at("2026-01-01")) for _ in range(3)]
    assert targets(lifecycle, log[:2], "2026-01-01") == "two"
    assert targets(lifecycle, log, "2026-01-01") == "two three"


def test_a_condition_has_no_truth_value() -> None:
    """Rule 11: using one as a truth value raises, as `and` and chained comparisons do."""
    measure = count("buy")
    for use in (
        lambda: bool(measure >= 1),
        lambda: bool(measure),
        lambda: measure >= 1 and measure <= 3,
        lambda: 1 <= measure <= 3,
    ):
        with pytest.raises(TypeError):
            use()


def test_a_callable_sees_the_event_or_none_and_counts_it_already() -> None:
    """Rule 11: `event` is `None` for a time-out."""
    seen: list[tuple[str, str | None]] = []

    def note(customer: Customer, event: Event | None) -> bool:
        seen.append((customer.stage, None if event is None else event.name))
        return True

    lifecycle = three(
        Transition("one", "two", on="go", when=note),
        Transition("two", "three", after=dwell(days=1), when=note),
    )
    assert targets(lifecycle, [Event("go", at=at("2026-01-01"))], "2026-01-02") == "two three"
    assert set(seen) == {("one", "go"), ("two", None)}


def test_decimals_and_floats_do_not_meet() -> None:
    """Rule 11: `int`, `float` and `Decimal` totals, not mixed, NaN refused."""
    lifecycle = three(Transition("one", "two", on="buy", when=total("buy") >= 2))
    ann = lifecycle.enroll("ann", at=at("2026-01-01"))
    ann, _ = lifecycle.apply(ann, Event("buy", at=at("2026-01-02"), value=Decimal("0.1")))
    with pytest.raises(MixedNumbersError):
        lifecycle.apply(ann, Event("buy", at=at("2026-01-03"), value=0.1))
    _, changes = lifecycle.apply(ann, Event("buy", at=at("2026-01-03"), value=Decimal("1.9")))
    assert [change.target for change in changes] == ["two"]
    for wrong in (float("nan"), Decimal("NaN"), float("inf")):
        with pytest.raises(LifecycleError):
            Event("buy", at=at("2026-01-03"), value=wrong)


def test_the_value_of_a_time_out_is_a_definition_error() -> None:
    """Rule 11: `value()` is the current event's value (in a time-out a definition error)."""
    with pytest.raises(LifecycleError):
        three(Transition("one", "two", after=dwell(days=1), when=value() >= 1))


# Rules 12 to 14 and 16


def test_a_signup_and_a_purchase_of_one_day_do_not_depend_on_the_row() -> None:
    """Rule 12: events of one instant come in the order in which the definition names them."""
    log = [
        Event("purchase", at=at("2026-01-05")),
        Event("signup", at=at("2026-01-05")),
        Event("erasure", at=at("2026-01-05")),
    ]
    for rows in permutations(log):
        assert targets(SHOP, rows, "2026-01-05") == "lead buyer erased"


def test_ids_order_what_is_otherwise_the_same() -> None:
    """Rule 12: then by id (none last), then as given."""
    rows = [(None, 2), ("b", 3), (None, 1), ("a", 4)]
    log = [Event("signup", at=at("2026-01-05"), id=each, value=worth) for each, worth in rows]
    found = [(event.id, event.value) for event in SHOP.replay("ann", log).events]
    assert found == [("a", 4), ("b", 3), (None, 2), (None, 1)]


def test_an_event_before_what_was_seen_raises_and_one_at_it_does_not() -> None:
    """Rule 12: seen is the latest of enrollment, last event, last stage change."""
    ann = SHOP.enroll("ann", at=at("2026-01-01"))
    with pytest.raises(OutOfOrderError):
        SHOP.apply(ann, Event("signup", at=at("2025-12-31T23:59")))
    ann, _ = SHOP.apply(ann, Event("purchase", at=at("2026-01-01")))
    ann, _ = SHOP.advance(ann, to=at("2026-06-01"))
    assert (ann.stage, ann.seen) == ("lapsed", at("2026-04-01"))
    with pytest.raises(OutOfOrderError):
        SHOP.apply(ann, Event("signup", at=at("2026-03-31")))
    assert SHOP.apply(ann, Event("purchase", at=at("2026-04-01"))).customer.stage == "buyer"


def test_a_repeated_id_is_dropped_and_a_contradicted_one_raises() -> None:
    """Rule 12: in `replay` and `amend`; `apply` remembers no ids."""
    once = Event("purchase", at=at("2026-01-05"), id=7, value=1)
    again = Event("purchase", at=at("2026-01-05"), id=7, value=1)
    other = Event("purchase", at=at("2026-01-06"), id=7, value=1)
    for log in ([once, once], [once, again], [again, once, once]):
        assert SHOP.replay("ann", log) == SHOP.replay("ann", [once])
    with pytest.raises(DuplicateEventError):
        SHOP.replay("ann", [once, other])
    journey = SHOP.replay("ann", [once])
    assert journey.amend(once) == journey.amend(again) == (journey, ((), ()))
    with pytest.raises(DuplicateEventError):
        journey.amend(other)
    ann = journey.customer
    for _ in range(2):
        ann, _ = SHOP.apply(ann, once)
    assert ann.stage == "loyal"


def test_a_final_stage_has_no_way_out() -> None:
    """Rule 13: there `apply` returns the customer as it was, `fire` raises."""
    gone = SHOP.replay("ann", [Event("erasure", at=at("2026-01-05"))]).customer
    event = Event("purchase", at=at("2026-01-06"), sets={"plan": "gold"})
    assert SHOP.apply(gone, event) == (gone, ())
    assert SHOP.advance(gone, to=at("2036-01-01")) == (gone, ())
    assert SHOP.due(gone) is None
    with pytest.raises(NotPermittedError):
        SHOP.fire(gone, event)


def test_a_str_enum_works_wherever_a_name_does() -> None:
    """Rule 14: a `StrEnum` member works wherever a name does."""

    class Happens(StrEnum):
        GO = "go"

    class Stands(StrEnum):
        ONE = "one"
        TWO = "two"

    lifecycle = three(
        Transition(Stands.ONE, Stands.TWO, on=Happens.GO, when=count(Happens.GO) >= 1),
        activity=(Happens.GO,),
        initial=Stands.ONE,
    )
    assert lifecycle == three(
        Transition("one", "two", on="go", when=count("go") >= 1), activity=("go",)
    )
    assert targets(lifecycle, [Event(Happens.GO, at=at("2026-01-01"))], "2026-01-01") == "two"


def test_an_unknown_name_says_what_is_closest() -> None:
    """Rule 14: an unknown name raises, and says what is known and what is closest."""
    ann = SHOP.enroll("ann", at=at("2026-01-01"))
    with pytest.raises(UnknownNameError, match=r"'erasure'.*did you mean 'purchase'"):
        SHOP.apply(ann, Event("purchse", at=at("2026-01-02")))


def test_a_journey_begins_at_since_or_else_at_its_first_event() -> None:
    """Rule 16: else a first stay can have no length; no event and no `since` raises."""
    log = [Event("signup", at=at("2026-01-05"))]
    journey = SHOP.replay("ann", log)
    assert journey.stays[0].duration == timedelta(0)
    assert SHOP.replay("ann", log, since=at("2026-01-01")).stays[0].duration == timedelta(days=4)
    for wrong in (
        {"events": []},
        {"events": log, "since": at("2026-01-06")},
        {"events": log, "until": at("2026-01-04")},
    ):
        with pytest.raises(LifecycleError):
            SHOP.replay("ann", wrong.pop("events"), **wrong)


def test_events_after_until_stay_in_the_journey_and_out_of_the_fold() -> None:
    """Rule 16: without `until` nothing after the last event's own step is taken."""
    log = [Event("signup", at=at("2026-01-05")), Event("purchase", at=at("2026-01-09"))]
    journey = SHOP.replay("ann", log, until=at("2026-01-08"))
    assert moves(journey) == [("lead", at("2026-01-05"))]
    assert journey.events == tuple(log)
    assert journey.stage_at(at("2026-01-05")) == "lead"
    for outside in ("2026-01-04", "2026-01-09"):
        with pytest.raises(LifecycleError):
            journey.stage_at(at(outside))
    assert SHOP.replay("ann", log).customer.stage == "buyer"


def test_a_late_event_retracts_and_adds() -> None:
    """Front door: `amend` gives what a late event retracts and what it adds."""
    log = [Event("purchase", at=at("2026-01-05"))]
    journey = SHOP.replay("ann", log, since=at("2026-01-01"), until=at("2026-06-01"))
    amended, correction = journey.amend(Event("signup", at=at("2026-01-03")))
    assert [(c.source, c.target) for c in correction.retracted] == [("visitor", "buyer")]
    assert [(c.source, c.target) for c in correction.added] == [
        ("visitor", "lead"),
        ("lead", "buyer"),
    ]
    assert [c.target for c in amended.changes] == ["lead", "buyer", "lapsed"]


# Rule 15


@pytest.mark.parametrize(
    "wrong",
    [
        {"initial": "none"},
        {"stages": (*THREE, Stage("one", Status.CHURNED))},
        {"transitions": (Transition("one", "nowhere", on="go"),)},
        {"transitions": (Transition("nowhere", "one", on="go"),)},
        {"transitions": (Transition("one", "two", on="go", when=count("gone") >= 1),)},
        {"transitions": (Transition("one", "two", after=idle("gone", days=1)),)},
        {
            "stages": (*THREE, Stage("end", Status.CHURNED, final=True)),
            "transitions": (Transition("end", "one", on="go"),),
        },
        {"transitions": (Transition("one", "two", on="go"), Transition("one", "three", on="go"))},
        {"transitions": (Transition(ANY, "two", on="go"), Transition(ANY, "three", on="go"))},
        {
            "transitions": (
                Transition("one", "two", after=idle(days=7)),
                Transition("one", "three", after=idle(days=7)),
            )
        },
        {
            "transitions": (
                Transition("one", "two", on="go"),
                Transition("one", "three", on="go", when=value() >= 1),
            )
        },
        {"transitions": (Transition("one", "one", after=idle(days=7), when=count("go") >= 1),)},
        {
            "transitions": (
                Transition("one", "two", after=idle(days=7)),
                Transition(Status.ACTIVE, "three", after=idle(days=8)),
                Transition(ANY, "one", after=idle("go", days=9)),
            )
        },
    ],
)
def test_a_definition_that_does_not_hold_together_is_refused(wrong: dict[str, Any]) -> None:
    """Rule 15: a definition is checked whole when it is made."""
    with pytest.raises(DefinitionError):
        three(**{"events": ("go",), "transitions": (), **wrong})


def test_one_error_reports_everything_wrong() -> None:
    """Rule 15: one error reports everything wrong with it."""
    with pytest.raises(DefinitionError) as caught:
        three(
            Transition("one", "nowhere", on="go"),
            Transition("nobody", "two", on="go"),
            Transition("three", "three", after=idle(days=1)),
            initial="none",
        )
    text = str(caught.value)
    assert all(name in text for name in ("nowhere", "nobody", "none", "three"))
    assert len(caught.value.problems) >= 4


@pytest.mark.parametrize(
    "ways",
    [
        (
            Transition("one", "two", after=idle(days=7)),
            Transition("two", "one", after=dwell(days=7)),
        ),
        (
            Transition("one", "two", after=idle(days=7)),
            Transition(Status.ACTIVE, "one", after=idle(days=7)),
            Transition("two", "three", after=idle(days=9)),
        ),
        (
            Transition("one", "two", on="go", when=value() >= 1),
            Transition("one", "three", on="go"),
            Transition(ANY, "two", on="go"),
        ),
    ],
)
def test_a_definition_that_holds_together_is_taken(ways: tuple[Transition, ...]) -> None:
    """Rule 15: cycles are looked for after groups are expanded and levels applied."""
    assert three(*ways, events=("go",)).transitions == ways
