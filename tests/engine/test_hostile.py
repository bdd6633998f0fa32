"""Wrong, odd and huge input: refused in words or taken exactly, and nothing is spoilt."""

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from lifecycle import (
    ANY,
    Calendar,
    Customer,
    Event,
    Lifecycle,
    Period,
    Stage,
    Status,
    Timeout,
    Transition,
    Window,
    attribute,
    count,
    days_since,
    dwell,
    entries,
    idle,
    mean,
    total,
    value,
)
from lifecycle.engine.conditions import AllOf, AnyOf, Criterion, Measure, Not
from lifecycle.errors import (
    DefinitionError,
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    MixedInstantsError,
    MixedNumbersError,
    UnknownNameError,
)
from samples import (
    FADING,
    SHOP,
    STAGES,
    START,
    again,
    applied,
    at,
    bought,
    day,
    lifecycle,
    naive,
    refusal,
    replayed,
    stage_after,
)

BERLIN = ZoneInfo("Europe/Berlin")

ONE = count("purchase") >= 1

NO_INSTANTS: list[Any] = [None, 0, "2026-01-01", date(2026, 1, 1), timedelta(1), [START], True]
NO_NAMES: list[Any] = [None, 0, b"purchase", ["purchase"], ("purchase",), True, object()]
NO_CUSTOMERS: list[Any] = [None, "ann", 0, FADING, [], ("ann", ())]
NO_EVENTS: list[Any] = [None, "purchase", START, ("purchase", START), Event]


def stored(thing: Any) -> Any:
    """Give what storing and loading makes of a value."""
    return type(thing).from_dict(json.loads(json.dumps(thing.to_dict())))


def fresh() -> Customer:
    return applied(FADING, bought(1, 5))


# Wrong types in every call


@pytest.mark.parametrize("wrong", NO_INSTANTS)
@pytest.mark.parametrize(
    "call",
    [
        lambda t: Event("purchase", t),
        lambda t: FADING.enroll("ann", at=t),
        lambda t: FADING.advance(fresh(), to=t),
        lambda t: FADING.migrate(fresh(), to=FADING, at=t),
        lambda t: replayed(FADING, bought(1), since=START).stage_at(t),
        lambda t: Period(days=1).after(t),
        lambda t: Period(months=1).before(t),
    ],
)
def test_what_is_no_datetime_is_refused(call: Callable[[Any], object], wrong: Any) -> None:
    text = refusal(TypeError, lambda: call(wrong))
    assert "must be a datetime" in text
    assert f"({type(wrong).__name__})" in text


@pytest.mark.parametrize("wrong", [0, "2026-01-01", date(2026, 1, 1), True])
@pytest.mark.parametrize("name", ["since", "until"])
def test_replay_refuses_what_is_no_datetime(name: str, wrong: Any) -> None:
    text = refusal(TypeError, lambda: replayed(FADING, bought(1), **{name: wrong}))
    assert text.startswith(f"{name} must be a datetime")


@pytest.mark.parametrize("wrong", NO_NAMES)
@pytest.mark.parametrize(
    "call",
    [
        lambda name: Event(name, START),
        lambda name: Stage(name, Status.ACTIVE),
        lambda name: Transition("lead", name, on="x"),
        lambda name: lifecycle(name=name),
        lambda name: lifecycle(events=[name]),
        lambda name: lifecycle(activity=[name]),
        lambda name: count([name]),
        lambda name: total(("visit", name)),
        lambda name: idle(["visit", name], days=1),
        attribute,
    ],
)
def test_what_is_no_name_is_refused(call: Callable[[Any], object], wrong: Any) -> None:
    text = refusal(TypeError, lambda: call(wrong))
    assert "must be " in text
    assert f"({type(wrong).__name__})" in text


@pytest.mark.parametrize("wrong", [None, 0, b"purchase", True, {"purchase"}, {"purchase": 1}, [[]]])
@pytest.mark.parametrize("call", [count, total, mean, days_since, entries])
def test_what_is_neither_a_name_nor_several_is_refused(
    call: Callable[[Any], object], wrong: Any
) -> None:
    assert "must be text" in refusal(TypeError, lambda: call(wrong))


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u2003"])
@pytest.mark.parametrize(
    "call",
    [
        lambda name: Event(name, START),
        lambda name: Event("x", START, id=name),
        lambda name: Event("x", START, sets={name: 1}),
        lambda name: Stage(name, Status.ACTIVE),
        lambda name: Transition(name, "lead", on="x"),
        lambda name: Transition(("lead", name), "lead", on="x"),
        lambda name: Transition("lead", name, on="x"),
        lambda name: Transition("lead", "buyer", on=name),
        lambda name: idle(name, days=1),
        lambda name: lifecycle(name=name),
        lambda name: lifecycle(events=[name]),
        lambda name: lifecycle(activity=[name]),
        lambda name: FADING.enroll(name, at=START),
        lambda name: FADING.enroll("ann", at=START, stage=name),
        lambda name: FADING.enroll("ann", at=START, referred_by=name),
        count,
        attribute,
    ],
)
def test_blank_names_are_refused(call: Callable[[str], object], blank: str) -> None:
    assert "must be text that is not blank, got " in refusal(ValueError, lambda: call(blank))


@pytest.mark.parametrize(
    "wrong",
    [
        0,
        *NO_NAMES[2:],
    ],
)
def test_an_initial_stage_that_is_no_name_is_refused(wrong: Any) -> None:
    text = refusal(TypeError, lambda: lifecycle(initial=wrong))
    assert text.startswith("initial must be text, got ")
    assert text.endswith(f"({type(wrong).__name__})")


@pytest.mark.parametrize("blank", [" ", "\t\n", "\u2003"])
def test_a_blank_initial_stage_is_refused(blank: str) -> None:
    text = refusal(InvalidValueError, lambda: lifecycle(initial=blank))
    assert text == f"initial must be text that is not blank, got {blank!r}"


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_initial_stage_that_is_missing_is_told_with_the_rest(nothing: Any) -> None:
    way = Transition("buyer", "lots", on="x")
    with pytest.raises(DefinitionError) as caught:
        lifecycle(way, initial=nothing)
    first, second = caught.value.problems
    assert first == "initial must be the name of a stage, got nothing"
    assert second.startswith("transitions[0].target must be one of ")


@pytest.mark.parametrize("wrong", NO_CUSTOMERS)
@pytest.mark.parametrize(
    "call",
    [
        lambda ann: FADING.apply(ann, bought(1)),
        lambda ann: FADING.fire(ann, bought(1)),
        lambda ann: FADING.explain(ann, bought(1)),
        FADING.options,
        FADING.due,
        lambda ann: FADING.advance(ann, to=day(1)),
        lambda ann: FADING.migrate(ann, to=FADING, at=day(1)),
    ],
)
def test_what_is_no_customer_is_refused(call: Callable[[Any], object], wrong: Any) -> None:
    text = refusal(TypeError, lambda: call(wrong))
    assert text.startswith("customer must be a Customer, as enroll returns it, got ")


@pytest.mark.parametrize("wrong", NO_EVENTS)
@pytest.mark.parametrize(
    "call",
    [
        lambda event: FADING.apply(fresh(), event),
        lambda event: FADING.fire(fresh(), event),
        lambda event: FADING.explain(fresh(), event),
        lambda event: FADING.replay("ann", [event]),
        lambda event: replayed(FADING, since=START).amend(event),
    ],
)
def test_what_is_no_event_is_refused(call: Callable[[Any], object], wrong: Any) -> None:
    assert refusal(TypeError, lambda: call(wrong)).startswith("event must be an Event, got ")


@pytest.mark.parametrize(
    "call",
    [
        lambda event: FADING.apply(fresh(), event),
        lambda event: FADING.fire(fresh(), event),
        lambda event: FADING.explain(fresh(), event),
        lambda event: FADING.replay("ann", [bought(1), event]),
        lambda event: replayed(FADING, since=START).amend(event),
    ],
)
def test_an_unknown_event_is_refused_with_a_guess(call: Callable[[Event], object]) -> None:
    text = refusal(UnknownNameError, lambda: call(Event("Purchase", day(2))))
    assert text == "event.name must be 'purchase', got 'Purchase'; did you mean 'purchase'?"


def test_naive_and_aware_mix_nowhere_in_a_journey() -> None:
    aware = replayed(SHOP, bought(1), since=START, until=day(9))
    plain = Event("purchase", naive("2026-01-05"))
    calls: list[Callable[[], object]] = [
        lambda: aware.amend(plain),
        lambda: aware.stage_at(plain.at),
        lambda: replayed(SHOP, bought(1), plain),
        lambda: replayed(SHOP, plain, since=START),
        lambda: replayed(SHOP, plain, until=day(9)),
        lambda: replayed(SHOP, since=START, until=plain.at),
        lambda: replayed(SHOP, since=START).amend(plain),
        lambda: replayed(SHOP, plain).amend(bought(1)),
    ]
    for call in calls:
        text = refusal(MixedInstantsError, call)
        assert "naive 2026-01-" in text
        assert "aware 2026-01-" in text


# Numbers


HUGE = [10**400, -(10**400), Decimal("1e400"), Decimal("-1e999"), Decimal("9E+999999")]
MEASURES = [
    total("purchase"),
    mean("purchase"),
    value(),
    total("purchase", within=Period(days=9)),
    mean("purchase", within=Period(days=9)),
]


@pytest.mark.parametrize("huge", HUGE)
def test_what_no_float_could_hold_is_refused_at_the_door(huge: Any) -> None:
    doors: list[tuple[str, Callable[[], object]]] = [
        ("event.value", lambda: bought(1, huge)),
        ("what value() is compared with", lambda: value() > huge),
        ("what count('visit') is compared with", lambda: count("visit").is_in([1, huge])),
        ("days", lambda: Period(days=huge)),
    ]
    for name, door in doors:
        assert refusal(InvalidValueError, door).startswith(f"{name} must be finite as a float, ")


@pytest.mark.parametrize("huge", [10**308, -(10**308), Decimal("1e308"), Decimal("-1e308"), 1e308])
@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("wanted", [5, Decimal("5.5")])
def test_a_huge_number_is_compared_exactly(huge: Any, measure: Measure, wanted: Any) -> None:
    definition = lifecycle(Transition("buyer", "loyal", on="purchase", when=measure > wanted))
    ann = applied(definition, bought(1, 1))
    assert definition.apply(ann, bought(2, huge)).customer.stage == (
        "loyal" if huge > 0 else "buyer"
    )


@pytest.mark.parametrize("scope", [{}, {"within": Period(days=9)}, {"since_entry": True}])
def test_totals_of_many_floats_stay_finite_in_every_scope(scope: dict[str, Any]) -> None:
    definition = lifecycle(
        Transition("buyer", "loyal", on="purchase", when=total("purchase", **scope) < 0)
    )
    ann = applied(definition, bought(1, 0.8e308), bought(2, 0.8e308))
    with pytest.raises(InvalidValueError):
        definition.apply(ann, bought(3, 0.8e308))


def test_an_error_of_numbers_leaves_customer_and_journey_good() -> None:
    definition = lifecycle(
        Transition("buyer", "loyal", on="purchase", when=total("purchase") >= 10)
    )
    ann = applied(definition, bought(1, 0.5))
    journey = replayed(definition, bought(1, 0.5), since=START)
    before = again((ann, journey))
    bad = bought(2, Decimal("9.5"))
    calls: list[Callable[[], object]] = [
        lambda: definition.apply(ann, bad),
        lambda: definition.fire(ann, bad),
        lambda: definition.explain(ann, bad),
        lambda: journey.amend(bad),
        lambda: replayed(definition, bad, bought(1, 0.5)),
    ]
    for call in calls:
        with pytest.raises(MixedNumbersError):
            call()
    assert (ann, journey) == before
    assert definition.apply(ann, bought(2, 9.5)).customer.stage == "loyal"
    assert journey.amend(bought(2, 9.5))[0].customer.stage == "loyal"


# Conditions


def nested(levels: int) -> Any:
    condition: Any = ONE
    for _ in range(levels):
        condition = ~condition
    return condition


@pytest.mark.parametrize("levels", [10, 50])
def test_deep_conditions_work(levels: int) -> None:
    definition = lifecycle(Transition("buyer", "loyal", on="purchase", when=nested(levels)))
    assert stage_after(definition, bought(1)) == "loyal"
    assert again(definition) == definition
    assert len(repr(definition)) > levels


@pytest.mark.parametrize("levels", [51, 100_000])
def test_too_deep_conditions_are_refused_in_words(levels: int) -> None:
    text = refusal(InvalidValueError, lambda: nested(levels))
    assert text == "condition must nest at most 50 levels, got '51 levels'"


def test_broad_conditions_work() -> None:
    every, some = ONE, ONE
    for number in range(2, 1000):
        every = every & (count("purchase") < number)
        some = some | (count("purchase") > number)
    for condition in (every, some):
        definition = lifecycle(Transition("buyer", "loyal", on="purchase", when=condition))
        assert stage_after(definition, bought(1)) == "loyal"


@pytest.mark.parametrize(
    "call",
    [
        lambda: AllOf(()),
        lambda: AnyOf(()),
        lambda: AllOf((True,)),  # type: ignore[arg-type]
        lambda: AnyOf((ONE, None)),  # type: ignore[arg-type]
        lambda: Not("x"),  # type: ignore[arg-type]
        lambda: Criterion(count("purchase"), "~", 3),
        lambda: Criterion(count("purchase"), ">=", "3"),
        lambda: Criterion("count", ">=", 3),  # type: ignore[arg-type]
        lambda: Measure("median", "purchase"),
        lambda: Measure("count", ""),
        lambda: Timeout("sleep", Period(days=1)),  # type: ignore[arg-type]
        lambda: Timeout("idle", "90 days"),  # type: ignore[arg-type]
        lambda: Timeout("dwell", Period(days=1), "purchase"),
        lambda: Timeout("idle", Period(days=1), 3),  # type: ignore[arg-type]
    ],
)
def test_values_made_by_hand_are_checked_at_the_door(call: Callable[[], object]) -> None:
    with pytest.raises(LifecycleError):
        call()


@pytest.mark.parametrize("make", [AllOf, AnyOf])
def test_conditions_made_by_hand_are_those_written(make: Any) -> None:
    assert make([ONE, ~ONE]) == (ONE & ~ONE if make is AllOf else ONE | ~ONE)


# Much


def chain(length: int) -> Lifecycle:
    """Make a definition in which each stage leads to the next, by event and by time-out."""
    names = [f"s{number}" for number in range(length)]
    pairs = list(itertools.pairwise(names))
    return Lifecycle(
        name="chain",
        initial="s0",
        stages=[Stage(name, Status.ACTIVE) for name in names],
        transitions=[
            *(Transition(source, target, on="x") for source, target in pairs),
            *(Transition(source, target, after=idle(days=1)) for source, target in pairs),
            Transition(ANY, "s0", on="y"),
            Transition(Status.ACTIVE, "s0", after=dwell(years=9)),
        ],
    )


def test_a_definition_of_a_thousand_stages_is_made_and_run() -> None:
    definition = chain(1000)
    ann = definition.enroll("ann", at=START)
    ann, changes = definition.advance(ann, to=day(1))
    assert (ann.stage, len(changes)) == ("s999", 999)
    assert {change.at for change in changes} == {day(1)}
    assert definition.apply(ann, Event("y", day(2))).customer.stage == "s0"


def test_a_circle_through_a_thousand_stages_is_found() -> None:
    definition = chain(1000)
    back = Transition("s999", "s0", after=idle(days=1))
    text = refusal(
        LifecycleError,
        lambda: Lifecycle(
            name="circle",
            initial="s0",
            stages=definition.stages,
            transitions=[*definition.transitions, back],
        ),
    )
    assert "'s0' -> 's1' -> 's2'" in text


def many(number: int) -> Iterator[Event]:
    """Give as many events as asked, a minute apart, the last first."""
    for minute in reversed(range(number)):
        name = "visit" if minute % 3 else "purchase"
        yield Event(name, START + timedelta(minutes=minute), value=1, id=minute)


@pytest.mark.parametrize(
    "condition", [count("visit") >= 3, total("visit", since_entry=True) >= 2, mean("visit") >= 1]
)
def test_a_journey_of_a_hundred_thousand_events_is_followed(condition: Any) -> None:
    definition = lifecycle(
        Transition("buyer", "loyal", on="visit", when=condition),
        Transition("loyal", "buyer", on="purchase"),
        Transition(Status.ACTIVE, "lapsed", after=idle(days=90)),
    )
    journey = definition.replay("ann", many(100_000), until=day(999))
    assert len(journey.events) == 100_000
    assert len(journey.changes) > 60_000
    assert journey.customer.stage == "lapsed"
    assert journey.stage_at(day(30)) == "buyer"  # by a purchase at that very minute


def test_a_window_keeps_only_what_it_needs() -> None:
    hours = count("visit", within=Period(hours=6))
    definition = lifecycle(
        Transition("buyer", "loyal", on="visit", when=hours >= 10**9), events=("purchase",)
    )
    journey = definition.replay("ann", many(10_000))
    (_, entries) = journey.customer._memory
    assert len(entries) == 6 * 60 * 2 // 3


# Odd, and right


def test_a_customer_of_the_first_and_the_last_year() -> None:
    first, last = naive("0001-01-01"), naive("9999-12-31T23:59:59.999999")
    journey = replayed(
        SHOP, Event("purchase", first), Event("purchase", last), since=first, until=last
    )
    assert [change.target for change in journey.changes] == ["buyer", "lapsed", "churned", "buyer"]
    windowed = lifecycle(
        Transition(
            "buyer", "loyal", on="purchase", when=count("purchase", within=Period(months=1)) >= 2
        )
    )
    events = [Event("purchase", first), Event("purchase", first + timedelta(days=3))]
    assert replayed(windowed, *events).customer.stage == "loyal"


def test_the_longest_names_and_ids() -> None:
    long = "x" * 100_000
    definition = lifecycle(
        Transition(long, "buyer", on=long),
        stages=(*STAGES, Stage(long, Status.ACTIVE)),
        initial=long,
    )
    ann, _ = definition.apply(definition.enroll(long, at=START), Event(long, day(1), id=10**100))
    assert ann.stage == "buyer"
    assert len(refusal(UnknownNameError, lambda: definition.apply(ann, bought(2)))) < 200_000


def test_names_are_compared_letter_by_letter() -> None:
    definition = lifecycle(
        Transition("e\u0301", "\u00e9", on="x"),
        stages=(Stage("e\u0301", Status.ACTIVE), Stage("\u00e9", Status.ACTIVE)),
        initial="e\u0301",
    )
    assert stage_after(definition, Event("x", day(1))) == "\u00e9"


def test_attributes_may_be_called_like_fields() -> None:
    definition = lifecycle(
        Transition("buyer", "loyal", on="purchase", when=attribute("stage").equals("buyer"))
    )
    sets = {"stage": "buyer", "id": 3, "__class__": "x", "_due": None}
    ann = applied(definition, bought(1, sets=sets))
    assert (ann.id, ann.stage, ann.attributes) == ("ann", "loyal", sets)


def test_an_event_that_is_changed_by_force_is_not_seen_by_the_customer() -> None:
    given = {"plan": ["gold"]}
    event = bought(1, sets=given)
    ann = applied(FADING, event)
    given["plan"].append("silver")
    assert ann.attributes == {"plan": ("gold",)}


def test_a_datetime_of_pandas_works_throughout() -> None:
    class Stamp(datetime):
        """A datetime that knows nanoseconds."""

    stamp = Stamp(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)
    ann = FADING.enroll("ann", at=stamp)
    assert type(ann.enrolled) is datetime
    found = FADING.due(ann)
    assert found is not None
    assert found.at.isoformat() == "2027-01-23T02:30:00+01:00"
    assert type(found.at) is datetime
    journey = replayed(FADING, since=stamp, until=Stamp(2028, 1, 1, tzinfo=BERLIN))
    assert journey.stage_at(Stamp(2027, 6, 1, tzinfo=BERLIN)) == "lapsed"
    assert again(journey) == journey


def test_an_instant_that_the_clocks_skip_is_taken_as_they_stood_before() -> None:
    skipped = at("2026-03-29T02:30", BERLIN)
    ann = FADING.enroll("ann", at=skipped)
    assert ann.seen.isoformat() == "2026-03-29T01:30:00+00:00"
    with pytest.raises(LifecycleError):
        FADING.apply(ann, Event("purchase", at("2026-03-29T01:29")))
    assert FADING.apply(ann, Event("purchase", at("2026-03-29T01:30"))).customer.seen == ann.seen


# Ids of all kinds


def test_events_of_one_instant_have_one_order_whatever_their_ids_are() -> None:
    ids = [UUID(int=2), "b", 7, None, UUID(int=1), "a", -1, 0]
    events = [bought(1, id=each) for each in ids]
    expected = [-1, 0, 7, "a", "b", UUID(int=1), UUID(int=2), None]
    for given in (events, events[::-1], sorted(events, key=repr)):
        journey = replayed(SHOP, *given, since=START)
        assert [event.id for event in journey.events] == expected
        assert stored(journey) == journey


def test_a_uuid_and_its_text_are_two_ids() -> None:
    key = UUID(int=7)
    journey = replayed(SHOP, bought(1, id=key), bought(1, id=str(key)), bought(1, id=key))
    assert len(journey.events) == 2
    customer = SHOP.enroll(key, at=START, referred_by=str(key))
    assert (customer.id, customer.referred_by) == (key, str(key))


def test_a_customer_begins_in_a_stage_or_in_one_of_its_name() -> None:
    lapsed = SHOP.stages[4]
    for stage in (lapsed, "lapsed", Stage("lapsed", Status.ACTIVE)):
        assert SHOP.enroll("ann", at=START, stage=stage) == SHOP.enroll(
            "ann", at=START, stage="lapsed"
        )
        assert replayed(SHOP, since=START, stage=stage).stays[0].stage == "lapsed"
    with pytest.raises(UnknownNameError):
        SHOP.enroll("ann", at=START, stage=Stage("elsewhere", Status.ACTIVE))
    with pytest.raises(InvalidTypeError):
        SHOP.enroll("ann", at=START, stage=Status.ACTIVE)


# Zones that do not follow the local time


def pinned(text: str, *, offset: float, zone: str | None = "Europe/Berlin") -> datetime:
    """Give an instant as pytz localizes it, in a zone that keeps its offset."""

    class Pinned(tzinfo):
        """A zone of one offset until it is told to normalize."""

        localize = normalize = None

        def utcoffset(self, moment: datetime | None) -> timedelta | None:
            """Give the offset, which a zone with a name knows only of an instant."""
            return None if moment is None and zone else timedelta(hours=offset)

        def tzname(self, _: datetime | None) -> str:
            """Give the name of the offset."""
            return "CET"

    Pinned.zone = zone  # type: ignore[attr-defined]
    return datetime.fromisoformat(text).replace(tzinfo=Pinned())


@pytest.mark.parametrize(
    ("after", "text", "due"),
    [
        (idle(months=1), "2026-03-10T12:00", "2026-04-10T12:00:00+02:00"),
        (dwell(until="month"), "2026-03-10T12:00", "2026-04-01T00:00:00+02:00"),
        (dwell(until="year"), "2026-05-10T12:00", "2027-01-01T00:00:00+01:00"),
        (dwell(months=1), "2026-10-10T02:30", "2026-11-10T02:30:00+01:00"),
        (dwell(until="day"), "2026-10-25T01:30", "2026-10-26T00:00:00+01:00"),
    ],
)
def test_deadlines_in_a_pinned_zone_are_those_of_its_place(
    after: Timeout, text: str, due: str
) -> None:
    summer = 2 if "2026-03-29" < text < "2026-10-25T03" else 1
    definition = lifecycle(Transition("buyer", "lapsed", after=after))
    customer = definition.enroll("ann", at=pinned(text, offset=summer))
    found = definition.due(customer)
    assert found is not None
    assert found.at.isoformat() == due
    assert customer == definition.enroll("ann", at=at(text, BERLIN))
    assert stored(customer) == customer


def test_a_pinned_zone_is_taken_at_every_door() -> None:
    noon, same = pinned("2026-01-05T12:00", offset=1), at("2026-01-05T12:00", BERLIN)
    event = Event("purchase", noon, sets={"seen": noon}, attributes={"when": noon})
    assert event == Event("purchase", same, sets={"seen": same}, attributes={"when": same})
    for found in (event.at, event.sets["seen"], event.attributes["when"]):
        assert isinstance(found, datetime)
        assert found.tzinfo is BERLIN
    journey = replayed(FADING, event, since=noon, until=pinned("2026-09-01T12:00", offset=2))
    assert journey == replayed(FADING, event, since=same, until=at("2026-09-01T12:00", BERLIN))
    assert journey.stage_at(pinned("2026-08-01T12:00", offset=2)) == "lapsed"
    assert stored(journey) == journey
    ann = FADING.enroll("ann", at=noon)
    later = pinned("2026-09-01T12:00", offset=2)
    assert FADING.advance(ann, to=later) == FADING.advance(ann, to=at("2026-09-01T12:00", BERLIN))
    assert FADING.migrate(ann, to=FADING, at=later).changes[-1].at.tzinfo is BERLIN
    assert FADING.options(ann, at=later).keys() == {"purchase"}
    after = Period(months=6).after(noon)
    assert after is not None
    assert (after.isoformat(), after.tzinfo) == ("2026-07-05T12:00:00+02:00", BERLIN)
    assert Window(noon, later).start.tzinfo is BERLIN
    assert Calendar("day", zone=noon.tzinfo).tz is BERLIN  # type: ignore[arg-type]
    assert Calendar("day", zone="Europe/Berlin").index(noon) == 20458
    condition = attribute("seen") >= noon
    assert condition == (attribute("seen") >= same)
    assert stage_after(loyal(condition), bought(9, sets={"seen": later})) == "loyal"


def loyal(condition: Any) -> Lifecycle:
    return lifecycle(Transition("buyer", "loyal", on="purchase", when=condition))


@pytest.mark.parametrize(
    "call",
    [
        lambda t: Event("purchase", t),
        lambda t: FADING.enroll("ann", at=t),
        lambda t: replayed(FADING, since=t),
        lambda t: replayed(FADING, since=START, until=t),
        lambda t: FADING.advance(fresh(), to=t),
        lambda t: Period(months=1).after(t),
        lambda t: Window(t, t),
        lambda t: Calendar("day").index(t),
        lambda t: Calendar("day", zone=t.tzinfo),
    ],
)
def test_a_pinned_zone_that_is_not_known_is_refused_at_every_door(
    call: Callable[[datetime], object],
) -> None:
    nowhere = pinned("2026-01-05T12:00", offset=1, zone="Mars/Olympus")
    text = refusal(InvalidValueError, lambda: call(nowhere))
    assert "must be the name of an installed time zone" in text
    assert text.endswith("got 'Mars/Olympus'")


def test_zones_of_pytz_have_the_deadlines_of_their_places() -> None:
    pytz = pytest.importorskip("pytz")
    berlin = pytz.timezone("Europe/Berlin")
    definition = lifecycle(Transition("buyer", "lapsed", after=dwell(until="year")))
    customer = definition.enroll("ann", at=berlin.localize(datetime(2026, 5, 10, 12)))  # noqa: DTZ001
    found = definition.due(customer)
    assert found is not None
    assert found.at.isoformat() == "2027-01-01T00:00:00+01:00"
    assert stored(customer) == customer


# Values of pandas that are missing


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda t: replayed(SHOP, since=START, until=t),
            "until must be a datetime, or None for no time after the last event, got ",
        ),
        (
            lambda t: replayed(SHOP, bought(1), since=t),
            "since must be a datetime, or None for the instant of the first event, got ",
        ),
        (
            lambda t: SHOP.options(fresh_shop(), at=t),
            "at must be a datetime, or None for the last instant known of the customer, got ",
        ),
        (lambda t: Event("purchase", t), "event.at must be a datetime, got "),
        (lambda t: SHOP.enroll("ann", at=t), "at must be a datetime, got "),
        (lambda t: Window(t, START), "start must be a datetime"),
        (lambda t: Event("x", START, sets={"a": t}), "event.sets['a'] must be "),
    ],
)
def test_a_missing_instant_is_called_missing(call: Callable[[Any], object], text: str) -> None:
    pandas = pytest.importorskip("pandas")
    found = refusal(TypeError, lambda: call(pandas.NaT))
    assert found.startswith(text)
    assert found.endswith("got NaT (NaTType), a missing value")


def fresh_shop() -> Customer:
    return applied(SHOP)
