"""Time-outs at dates that customers carry, and conditions that are examined again."""

import json
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import jsonschema
import pytest
from hypothesis import Phase, find, given, settings

from lifecycle import (
    ANY,
    At,
    Customer,
    Event,
    Journey,
    Lifecycle,
    Period,
    Stage,
    Status,
    Transition,
    at,
    attribute,
    codec,
    count,
    diagrams,
    dwell,
    event_attribute,
    falls,
    idle,
    testing,
    total,
)
from lifecycle.errors import (
    DefinitionError,
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
)
from samples import START, day, naive, refusal

BERLIN = ZoneInfo("Europe/Berlin")
END = attribute("trial_end")
FREE = attribute("plan").equals("free")
STAGES = (
    Stage("trial", Status.PROSPECT),
    Stage("paying", Status.ACTIVE),
    Stage("expired", Status.CHURNED),
    Stage("erased", Status.CHURNED, final=True),
)


def trials(*ways: Transition, after: Any = None, when: Any = None, **more: Any) -> Lifecycle:
    """Let trials expire at the date that the customer carries."""
    return Lifecycle(
        stages=STAGES,
        transitions=(
            *ways,
            Transition("trial", "expired", after=after or at(END), when=when),
            Transition("trial", "paying", on="payment"),
            Transition("expired", "trial", on="again"),
            Transition("trial", "erased", on="erasure"),
        ),
        **{"name": "trials", "initial": "trial", "events": ("note",), **more},
    )


TRIALS = trials()


def begun(definition: Lifecycle = TRIALS, end: Any = None, **more: Any) -> Customer:
    attributes = {} if end is None else {"trial_end": end}
    return definition.enroll("ann", at=START, attributes={**attributes, **more})


def noted(when: datetime, name: str = "note", **sets: Any) -> Event:
    return Event(name, when, sets=sets)


def due(definition: Lifecycle, customer: Customer) -> datetime | None:
    found = definition.due(customer)
    return found and found.at


def stored(customer: Customer) -> Customer:
    return Customer.from_dict(json.loads(json.dumps(customer.to_dict())))


COPIES = (stored, lambda ann: pickle.loads(pickle.dumps(ann)), attrs.evolve)  # noqa: S301  (its own)


# What it is made of


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (at(END), "at(attribute('trial_end'))"),
        (at(END, days=3), "at(attribute('trial_end'), days=3)"),
        (at(END, days=-3), "at(attribute('trial_end'), days=-3)"),
        (at(END, months=1), "at(attribute('trial_end'), months=1)"),
        (at(END, years=-1, months=-1), "at(attribute('trial_end'), years=-1, months=-1)"),
        (at(END, hours=-1.5), "at(attribute('trial_end'), hours=-1, minutes=-30)"),
        (at(END, weeks=1, days=0), "at(attribute('trial_end'), days=7)"),
        (at(END, days=0, months=0), "at(attribute('trial_end'))"),
    ],
)
def test_it_shows_how_it_is_made(made: At, text: str) -> None:
    assert repr(made) == text
    assert eval(text, {"at": at, "attribute": attribute}) == made  # noqa: S307  (the test's own)


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (
            lambda: at("trial_end"),  # type: ignore[arg-type]
            InvalidTypeError,
            "at.measure must be an attribute of the customer, got 'trial_end' (str); pass attri",
        ),
        (lambda: at(START), InvalidTypeError, "at.measure must be an attribute"),  # type: ignore[arg-type]
        (
            lambda: at(count("note")),
            InvalidValueError,
            "at.measure must be an attribute(...) of the customer, got count('note')",
        ),
        (
            lambda: at(event_attribute("end")),
            InvalidValueError,
            "at.measure must be an attribute(...) of the customer, got event_attribute('end')",
        ),
        (
            lambda: at(END, days=1, hours=-1),
            InvalidValueError,
            "at must be above 0, for a time after the date, or below 0, for one before it, not",
        ),
        (lambda: at(END, days=1, months=1), InvalidValueError, "length must be in weeks, days"),
        (lambda: at(END, days=-1, months=-1), InvalidValueError, "length must be in weeks, days"),
        (
            lambda: at(END, months=-1.5),  # type: ignore[arg-type]
            InvalidTypeError,
            "months must be a whole number, got -1.5 (float)",
        ),
        (lambda: at(END, days="3"), InvalidTypeError, "days must be a number"),  # type: ignore[arg-type]
        (lambda: at(END, days=float("nan")), InvalidValueError, "days must be finite"),
        (lambda: at(END, days=-(10**10)), InvalidValueError, "length must be at most 999999999"),
        (lambda: At(END, before=True), InvalidValueError, "at.before must be False where"),
        (lambda: At(END, length=3), InvalidTypeError, "at.length must be a timedelta or a Period"),  # type: ignore[arg-type]
        (lambda: At(END, length=timedelta()), InvalidValueError, "at.length must be above 0"),
        (
            lambda: At(END, length=Period(days=1), before=1),
            InvalidTypeError,
            "at.before must be True",
        ),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_date_is_refused(call: Any, kind: Any, text: str) -> None:
    assert refusal(kind, call).startswith(text)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Transition("trial", "expired", after=END),  # type: ignore[arg-type]
        lambda: dwell(until=END),  # type: ignore[arg-type]
    ],
)
def test_an_attribute_in_the_place_of_a_time_out_is_told_to_be_a_date(call: Any) -> None:
    said = refusal(InvalidTypeError, call)
    assert said.endswith("; pass after=at(attribute('trial_end')) for its date")
    other = refusal(InvalidTypeError, lambda: dwell(until=count("note")))  # type: ignore[arg-type]
    assert other.endswith("got count('note') (Measure)")


# Its deadline


def test_it_is_due_at_the_date_and_an_event_that_sets_it_moves_it() -> None:
    ann = begun(end=day(14))
    assert due(TRIALS, ann) == day(14)
    ann, _ = TRIALS.apply(ann, noted(day(10), trial_end=day(21)))
    assert due(TRIALS, ann) == day(21)
    ann, _ = TRIALS.apply(ann, noted(day(20), trial_end=day(20.5)))
    assert due(TRIALS, ann) == day(20.5)
    _, changes = TRIALS.advance(ann, to=day(99))
    assert [(change.target, change.at, change.cause) for change in changes] == [
        ("expired", day(20.5), "timeout")
    ]


@pytest.mark.parametrize("end", [None, "missing"])
def test_where_the_date_is_missing_there_is_no_deadline(end: str | None) -> None:
    ann = begun() if end else begun(trial_end=None)
    assert TRIALS.due(ann) is None
    ann, _ = TRIALS.apply(ann, noted(day(3), trial_end=day(5)))
    assert due(TRIALS, ann) == day(5)
    ann, _ = TRIALS.apply(ann, noted(day(4), trial_end=None))
    assert TRIALS.due(ann) is None
    assert TRIALS.advance(ann, to=day(999)) == (ann, ())


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("end", [day(-99), day(2), day(10)])
def test_a_date_that_has_passed_is_due_at_the_event_that_set_it(copy: Any, end: datetime) -> None:
    ann, changes = TRIALS.apply(begun(end=day(14)), noted(day(10), trial_end=end))
    assert changes == ()
    assert (ann.stage, due(TRIALS, ann)) == ("trial", day(10))
    ann = copy(ann)
    assert due(TRIALS, ann) == day(10)
    for to in (day(10), day(50)):
        moved, changes = TRIALS.advance(ann, to=to)
        assert [(c.target, c.at, c.event) for c in changes] == [("expired", day(10), None)]
        assert (moved.entered, moved.seen) == (day(10), day(10))
    assert TRIALS.advance(ann, to=day(9)) == (ann, ())
    _, changes = TRIALS.apply(ann, Event("payment", day(12)))
    assert [(c.target, c.at) for c in changes] == [("expired", day(10))]
    _, changes = TRIALS.apply(ann, Event("payment", day(10)))  # at that very instant, too late
    assert [(c.target, c.at) for c in changes] == [("expired", day(10))]


def test_the_deadline_is_never_before_the_entry() -> None:
    assert due(TRIALS, begun(end=day(-5))) == START
    ann, _ = TRIALS.advance(begun(end=day(14)), to=day(20))
    ann, changes = TRIALS.apply(ann, noted(day(30), "again"))
    assert [(c.target, c.at) for c in changes] == [("trial", day(30))]
    assert due(TRIALS, ann) == day(30)  # the date is long past
    ann, changes = TRIALS.apply(ann, noted(day(40), "again", trial_end=day(60)))
    assert [(c.target, c.at) for c in changes] == [("expired", day(30)), ("trial", day(40))]
    assert due(TRIALS, ann) == day(60)


def test_the_event_that_sets_the_date_can_move_the_customer() -> None:
    ends = trials(Transition("paying", "expired", after=at(attribute("paid_until"))))
    for end, expected in ((day(40), day(40)), (day(3), day(10)), (day(10), day(10))):
        ann, changes = ends.apply(
            begun(ends, day(14)), noted(day(10), "payment", paid_until=end, trial_end=day(1))
        )
        assert [c.target for c in changes] == ["paying"]
        assert due(ends, ann) == expected
        assert due(ends, stored(ann)) == expected


def test_a_date_that_is_set_twice_at_one_instant_counts_as_set_last() -> None:
    ann, _ = TRIALS.apply(begun(end=day(14)), noted(day(10), trial_end=day(20)))
    later, changes = TRIALS.apply(ann, noted(day(10), trial_end=day(30)))
    assert (changes, due(TRIALS, later)) == ((), day(30))
    past, _ = TRIALS.apply(ann, noted(day(10), trial_end=day(3)))
    assert due(TRIALS, past) == day(10)
    moved, changes = TRIALS.apply(past, noted(day(10), trial_end=day(30)))  # it was due before
    assert [(c.target, c.at) for c in changes] == [("expired", day(10))]
    assert TRIALS.due(moved) is None


def test_an_event_at_the_instant_of_the_date_comes_after_it() -> None:
    for name in ("payment", "note"):
        _, changes = TRIALS.apply(begun(end=day(14)), noted(day(14), name, trial_end=day(20)))
        assert [(c.target, c.at) for c in changes] == [("expired", day(14))]


@pytest.mark.parametrize(
    ("after", "end", "expected"),
    [
        (at(END, days=3), day(14), day(17)),
        (at(END, days=-3), day(14), day(11)),
        (at(END, weeks=-3), day(14), START),
        (at(END, months=1), datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 28, tzinfo=UTC)),
        (at(END, months=2), datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC)),
        (at(END, months=-1), datetime(2026, 3, 31, tzinfo=UTC), datetime(2026, 2, 28, tzinfo=UTC)),
        (at(END, years=-1), datetime(2028, 2, 29, tzinfo=UTC), datetime(2027, 2, 28, tzinfo=UTC)),
        # a day is 24 hours, and a month is one on the calendar, where the clocks change
        (
            at(END, days=1),
            datetime(2026, 3, 28, 12, tzinfo=BERLIN),
            datetime(2026, 3, 29, 13, tzinfo=BERLIN),
        ),
        (
            at(END, months=-1),
            datetime(2026, 4, 28, 12, tzinfo=BERLIN),
            datetime(2026, 3, 28, 12, tzinfo=BERLIN),
        ),
        (
            at(END, months=1),
            datetime(2026, 2, 28, 23, 30, tzinfo=UTC),
            datetime(2026, 3, 28, 23, 30, tzinfo=UTC),
        ),
        (  # the same instant on 1 March in Berlin
            at(END, months=1),
            datetime(2026, 3, 1, 0, 30, tzinfo=BERLIN),
            datetime(2026, 3, 31, 22, 30, tzinfo=UTC),
        ),
        (at(END, years=9000), day(14), None),
        (at(END), datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
        (at(END, seconds=1), datetime.max.replace(tzinfo=UTC), None),
        (at(END, years=-9000), day(14), START),
        (at(END, days=-999_999), day(14), START),
    ],
)
def test_a_length_counts_from_the_date_in_its_zone(
    after: At, end: datetime, expected: datetime | None
) -> None:
    definition = trials(after=after)
    assert due(definition, begun(definition, end)) == expected


def test_a_deadline_is_in_the_zone_of_the_date() -> None:
    found = due(TRIALS, begun(end=datetime(2026, 7, 1, 12, tzinfo=BERLIN)))
    assert (found and found.tzinfo, found and found.hour) == (BERLIN, 12)
    east = timezone(timedelta(hours=14))  # which has no date for the last hours of UTC
    last = datetime.max.replace(tzinfo=UTC)
    ann, _ = TRIALS.apply(begun(end=None), noted(last, trial_end=day(3).astimezone(east)))
    assert due(TRIALS, ann) == last


def test_customers_whose_dates_are_in_other_zones_are_not_equal() -> None:
    here, there = (begun(end=day(14).astimezone(zone)) for zone in (UTC, BERLIN))
    assert here != there
    assert here == begun(end=day(14))
    assert hash(here) == hash(stored(here))


def test_a_naive_customer_has_naive_dates() -> None:
    ann = TRIALS.enroll("a", at=naive("2026-01-01"), attributes={"trial_end": NAIVE})
    assert due(TRIALS, ann) == NAIVE


# What is no date


BAD = [
    (date(2026, 2, 1), "must be a datetime; say which moment of the day, got"),
    ("2026-02-01", "must be a datetime, got '2026-02-01' (str)"),
    (1_770_000_000, "must be a datetime, got 1770000000 (int)"),
    (True, "must be a datetime, got True (bool)"),
    ((day(3),), "must be a datetime, got ("),
]
NAIVE = naive("2026-02-01")


@pytest.mark.parametrize(("end", "text"), BAD)
def test_what_is_no_instant_is_refused_at_every_door(end: Any, text: str) -> None:
    ann, good = begun(), {"trial_end": end}
    expired, _ = TRIALS.advance(begun(end=day(1)), to=day(2))
    gone, _ = TRIALS.apply(ann, Event("erasure", day(1)))
    for customer in (ann, expired, gone):  # whatever the stage
        event = Event("note", day(5), sets=good)
        for call in (TRIALS.apply, TRIALS.explain):
            if customer is not gone or call == TRIALS.apply:
                said = refusal(InvalidTypeError, lambda: call(customer, event))  # noqa: B023  (called here)
                assert said.startswith(f"event.sets['trial_end'] {text}")
        assert TRIALS.advance(customer, to=day(9)).customer == customer
    event = Event("note", day(5), sets=good)
    for call in (
        lambda: TRIALS.enroll("a", at=START, attributes=good),
        lambda: TRIALS.replay("a", [], since=START, attributes=good),
    ):
        assert refusal(InvalidTypeError, call).startswith(f"attributes['trial_end'] {text}")
    said = refusal(InvalidTypeError, lambda: TRIALS.replay("a", [event], since=START))
    assert said.startswith(f"event.sets['trial_end'] {text}")
    said = refusal(InvalidTypeError, lambda: TRIALS.replay("a", [event], since=START, until=day(1)))
    assert said.startswith(f"event.sets['trial_end'] {text}")  # also after what is known
    journey = TRIALS.replay("a", [], since=START)
    assert refusal(InvalidTypeError, lambda: journey.amend(event)) == said
    other = attrs.evolve(ann, attributes=good)
    for call in (
        lambda: TRIALS.due(other),
        lambda: TRIALS.advance(other, to=day(3)),
        lambda: TRIALS.due(stored(other)),
    ):
        assert refusal(InvalidTypeError, call).startswith(
            f"customer.attributes['trial_end'] {text}"
        )
    unread = trials(after=dwell(days=99), name="unread")
    kept, _ = unread.apply(unread.enroll("a", at=START), event)  # where nothing reads it as a date
    assert kept.attributes["trial_end"] == end
    said = refusal(InvalidTypeError, lambda: unread.migrate(kept, to=TRIALS, at=day(9)))
    assert said.startswith(f"customer.attributes['trial_end'] {text}")


def test_dates_with_a_zone_and_without_do_not_mix() -> None:
    ann = begun()
    said = refusal(MixedInstantsError, lambda: TRIALS.apply(ann, noted(day(5), trial_end=NAIVE)))
    assert said.startswith("event.sets['trial_end'] and event.at must both have a time zone or")
    said = refusal(
        MixedInstantsError, lambda: TRIALS.enroll("a", at=NAIVE, attributes={"trial_end": day(5)})
    )
    assert said.startswith("attributes['trial_end'] and at must both have a time zone or")
    other = attrs.evolve(ann, attributes={"trial_end": NAIVE})
    said = refusal(MixedInstantsError, lambda: TRIALS.due(other))
    assert said.startswith("customer.attributes['trial_end'] and customer.enrolled must both")


# Customers made by hand


def test_a_date_that_was_put_in_by_hand_is_due_from_where_the_customer_is_known() -> None:
    ann, _ = TRIALS.apply(begun(end=day(14)), Event("note", day(10)))
    for end, expected in ((day(12), day(12)), (day(4), day(10)), (day(10), day(10))):
        moved = attrs.evolve(ann, attributes={"trial_end": end})
        assert due(TRIALS, moved) == expected
        assert due(TRIALS, stored(moved)) == expected


@pytest.mark.parametrize(
    ("definition", "changed"),
    [
        (trials(after=dwell(days=8)), {"entered": day(-3), "enrolled": day(-3)}),
        (trials(after=idle(days=8), activity=("payment",)), {"enrolled": day(-3)}),
        (trials(after=idle(days=8)), {"last_activity": START}),
    ],
)
def test_a_deadline_that_passed_by_hand_is_due_from_where_the_customer_is_known(
    definition: Lifecycle, changed: dict[str, Any]
) -> None:
    ann, _ = definition.apply(begun(definition), noted(day(7)))
    moved = attrs.evolve(ann, seen=day(20), **changed)
    for one in (moved, stored(moved)):
        assert due(definition, one) == day(20)
        assert [c.at for c in definition.advance(one, to=day(50)).changes] == [day(20)]


def test_nothing_is_kept_of_what_an_event_has_set_beyond_it() -> None:
    definition = trials(after=dwell(days=5), when=FREE)
    ann = begun(definition)
    size = len(ann._memory)
    told, _ = definition.apply(ann, noted(day(1), plan="free"))
    assert len(told._memory) == size + 1
    moved, changes = definition.advance(told, to=day(5))
    assert (len(changes), len(moved._memory)) == (1, size)
    paying, _ = definition.apply(ann, noted(day(1), "payment", plan="free"))
    assert len(paying._memory) == size
    other, _ = definition.apply(told, noted(day(2)))
    assert other._memory == ann._memory


# Several time-outs


def test_of_two_at_one_instant_the_first_declared_is_taken() -> None:
    other = attribute("cancel_at")
    ways = [Transition("trial", "paying", after=at(other)), *TRIALS.transitions]
    for order, expected in ((ways, "paying"), ([*ways[1:], ways[0]], "expired")):
        definition = attrs.evolve(TRIALS, transitions=order)
        ann = begun(definition, day(14), cancel_at=day(14))
        assert [c.target for c in definition.advance(ann, to=day(14)).changes] == [expected]
        ann, _ = definition.apply(
            begun(definition), noted(day(5), trial_end=day(1), cancel_at=day(2))
        )
        assert [c.target for c in definition.advance(ann, to=day(5)).changes] == [expected]


def test_a_nearer_level_silences_the_same_attribute_and_no_other() -> None:
    ways = [
        Transition("paying", "expired", after=at(END, days=9)),
        Transition(Status.ACTIVE, "expired", after=at(END)),
        Transition(ANY, "erased", after=at(attribute("cancel_at"))),
    ]
    definition = trials(*ways, initial="paying")
    assert due(definition, begun(definition, day(14))) == day(23)
    assert due(definition, begun(definition, day(14), cancel_at=day(16))) == day(16)


def test_two_of_one_date_and_length_are_refused_where_both_have_no_condition() -> None:
    same = trials, Transition("trial", "paying", after=at(END))
    said = refusal(DefinitionError, lambda: same[0](same[1]))
    assert "must have a condition, since transitions[0] leaves stage 'trial' after at(" in said
    for other in (at(END, days=1), at(END, days=-1), at(attribute("other"))):
        assert trials(Transition("trial", "paying", after=other))
    both = Transition("trial", "paying", after=at(END, days=1)), at(END, days=-1)
    assert trials(both[0], after=both[1])


@pytest.mark.parametrize(
    ("ways", "clocks"),
    [
        ([Transition("trial", "trial", after=at(END, days=3))], "at"),
        ([Transition("expired", "trial", after=at(END))], "at"),
        ([Transition("expired", "trial", after=at(attribute("other")))], "at"),
        ([Transition("expired", "trial", after=idle(days=3))], "idle and at"),
        (
            [
                Transition("expired", "paying", after=idle(days=3)),
                Transition(
                    "paying", "trial", after=falls(count("note", within=Period(days=9)), below=1)
                ),
            ],
            "idle, falls and at",
        ),
    ],
)
def test_dates_do_not_lead_in_a_circle(ways: list[Transition], clocks: str) -> None:
    said = refusal(DefinitionError, lambda: trials(*ways))
    assert f"must not lead in a circle of {clocks} time-outs" in said


def test_a_circle_with_a_dwell_in_it_turns() -> None:
    definition = trials(Transition("expired", "trial", after=dwell(days=10)))
    _, changes = definition.advance(begun(definition, day(4)), to=day(30))
    assert [(c.target, c.at) for c in changes] == [
        ("expired", day(4)),
        ("trial", day(14)),
        ("expired", day(14)),
        ("trial", day(24)),
        ("expired", day(24)),
    ]


# Conditions that are examined again


@pytest.mark.parametrize("copy", COPIES)
def test_a_date_whose_condition_failed_is_examined_again_when_an_event_sets_it(copy: Any) -> None:
    definition = trials(when=FREE)
    ann, _ = definition.apply(begun(definition, day(14)), Event("note", day(15)))
    assert definition.due(ann) is None
    freed, _ = definition.apply(ann, noted(day(20), plan="free"))
    assert due(definition, copy(freed)) == day(20)
    again, _ = definition.apply(ann, noted(day(20), plan="gold"))
    assert definition.due(copy(again)) is None
    for plan, expected in (("gold", None), ("free", day(30))):
        later, changes = definition.apply(again, noted(day(30), plan=plan))
        assert (changes, due(definition, copy(later))) == ((), expected)
    moved, _ = definition.apply(ann, noted(day(20), trial_end=day(25)))
    assert definition.due(copy(moved)) is None  # at day 25 it rests
    moved, _ = definition.apply(moved, noted(day(21), plan="free"))
    assert due(definition, copy(moved)) == day(25)


def test_a_condition_can_read_the_date_itself() -> None:
    definition = trials(when=END.is_in((day(3), day(30))))
    ann, _ = definition.apply(begun(definition, day(5)), Event("note", day(6)))
    assert definition.due(ann) is None
    ann, _ = definition.apply(ann, noted(day(7), trial_end=day(3)))
    assert due(definition, ann) == day(7)


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize(
    "after",
    [
        dwell(days=5),
        dwell(months=1),
        dwell(until="day"),
        idle(days=5),
        idle("payment", days=5),
        falls(count("start", within=Period(days=5)), below=1),
        at(END),
    ],
)
def test_every_clock_is_examined_again(after: Any, copy: Any) -> None:
    definition = trials(after=after, when=FREE, activity=("start",), events=("note", "start"))
    ann = definition.enroll("ann", at=START, attributes={"trial_end": day(3)})
    ann, _ = definition.apply(ann, Event("start", START))
    ann, _ = definition.apply(ann, noted(day(50), plan="gold"))
    assert definition.due(ann) is None
    ann, changes = definition.apply(ann, noted(day(60), plan="free"))
    assert changes == ()
    ann = copy(ann)
    assert due(definition, ann) == day(60)
    assert [c.at for c in definition.advance(ann, to=day(99)).changes] == [day(60)]
    _, changes = definition.apply(ann, noted(day(60)))  # the next event comes after it
    assert [(c.target, c.at) for c in changes] == [("expired", day(60))]


def test_setting_the_same_value_again_counts_as_setting_it() -> None:
    definition = trials(after=dwell(days=5), when=FREE & (count("note") >= 2))
    ann, _ = definition.apply(begun(definition), noted(day(6), plan="free"))
    assert definition.due(ann) is None
    again, _ = definition.apply(ann, noted(day(7), plan="free"))
    assert due(definition, again) == day(7)
    other, _ = definition.apply(ann, noted(day(7), color="red"))  # which nothing reads
    assert definition.due(other) is None


def test_the_next_event_at_that_instant_ends_it() -> None:
    definition = trials(after=dwell(days=5), when=FREE & (count("note") >= 3))
    ann = begun(definition)
    for place in range(2):
        ann, _ = definition.apply(ann, noted(day(7), plan="free"))
        assert definition.due(ann) is None, place
    third, _ = definition.apply(ann, noted(day(7)))
    assert definition.due(third) is None
    assert definition.due(stored(third)) is None
    third, _ = definition.apply(ann, noted(day(7), plan="free"))
    assert due(definition, third) == due(definition, stored(third)) == day(7)


def test_only_what_reads_the_attribute_is_examined_again() -> None:
    rich = attribute("rich").equals(True)
    definition = trials(
        Transition("trial", "paying", after=dwell(days=3), when=rich | (count("note") >= 2)),
        after=dwell(days=5),
        when=FREE,
    )
    ann, _ = definition.apply(begun(definition), noted(day(6)))
    ann, _ = definition.apply(ann, noted(day(7), plan="free"))
    assert [(c.target, c.at) for c in definition.advance(ann, to=day(9)).changes] == [
        ("expired", day(7))
    ]
    ann, changes = definition.apply(ann, noted(day(8), rich=True))
    assert [(c.target, c.at) for c in changes] == [("expired", day(7))]


def test_code_is_not_examined_again() -> None:
    def is_free(customer: Customer, _: Event | None) -> bool:
        return customer.attributes.get("plan") == "free"

    definition = trials(after=dwell(days=5), when=is_free)
    ann, _ = definition.apply(begun(definition), noted(day(6), plan="free"))
    assert definition.due(ann) is None


def test_what_is_examined_again_at_the_entry_is_so_after_being_stored() -> None:
    """The stage is entered on day 9, where the time-out is overdue, and the plan set there too."""
    definition = trials(
        Transition("paying", "expired", after=idle("start", days=3), when=FREE),
        activity=(),
        events=("note", "start"),
    )
    ann, _ = definition.apply(begun(definition), noted(day(9), "payment"))
    rests, _ = definition.apply(ann, noted(day(9)))
    free, _ = definition.apply(rests, noted(day(9), plan="free"))
    for each in (free, stored(free)):
        assert due(definition, each) == day(9)
    ended, changes = definition.apply(free, noted(day(9)))
    assert [c.target for c in changes] == ["expired"]
    assert stored(ended) == ended


# As data


def every() -> list[At]:
    lengths: list[Any] = [{}, {"days": 3}, {"days": -3}, {"months": 1}, {"years": -2, "months": -1}]
    return [at(END, **length) for length in (*lengths, {"hours": -1.5, "seconds": -0.000001})]


@pytest.mark.parametrize("after", every(), ids=repr)
def test_it_is_read_back_from_json_and_is_valid(after: At) -> None:
    definition = trials(after=after)
    data = json.loads(json.dumps(definition.to_dict()))
    jsonschema.Draft202012Validator(codec.definition_schema()).validate(data)
    assert Lifecycle.from_dict(data) == definition
    assert pickle.loads(pickle.dumps(definition)) == definition  # noqa: S301  (its own)
    assert attrs.evolve(definition).fingerprint == definition.fingerprint
    assert (definition.fingerprint == TRIALS.fingerprint) == (after == at(END))


def test_it_is_written_by_the_name_of_the_attribute() -> None:
    (first, *_) = trials(after=at(END, days=-3)).to_dict()["transitions"]
    assert first["after"] == {"clock": "at", "attribute": "trial_end", "days": -3}


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({}, "after.attribute must be given, got nothing"),
        ({"attribute": 3}, "after.attribute must be text, got 3 (int)"),
        ({"attribute": " "}, "must be text that is not blank"),
        ({"attribute": "x", "days": 1, "hours": -1}, "[0].after must be above 0, for a time after"),
        ({"attribute": "x", "months": 1.5}, "after.months must be a whole number"),
        (
            {"attribute": "x", "until": "day"},
            "a key of transitions[0].after must be one of 'clock', 'att",
        ),
        (
            {"attribute": "x", "event": "note"},
            "a key of transitions[0].after must be one of 'clock', 'att",
        ),
    ],
)
def test_bad_data_is_refused_by_its_path(data: Any, text: str) -> None:
    written = TRIALS.to_dict()
    written["transitions"][0]["after"] = {"clock": "at", **data}
    written["transitions"][1]["target"] = "pay"
    said = refusal(DefinitionError, lambda: Lifecycle.from_dict(written))
    assert text in said
    assert "did you mean 'paying'?" in said


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (at(END), "at trial_end"),
        (at(END, days=-3), "3 days before trial_end"),
        (at(END, months=1), "1 month after trial_end"),
    ],
)
def test_it_is_said_in_diagrams(after: At, words: str) -> None:
    definition = trials(after=after)
    for draw in (diagrams.mermaid, diagrams.dot, diagrams.svg, diagrams.table):
        assert words in draw(definition)


# Findings


def codes(definition: Lifecycle, *unlike: str) -> list[tuple[str, str]]:
    usual = {"no_exit", *unlike}
    return [(f.code, f.where) for f in definition.findings() if f.code not in usual]


def test_what_is_odd_of_dates_is_found() -> None:
    assert codes(TRIALS) == []
    late = Transition("trial", "paying", after=at(END))
    assert codes(trials(after=at(END, days=-3))) == []
    later_after = trials(after=at(END, days=-3), events=("note",))
    both = attrs.evolve(later_after, transitions=(*later_after.transitions, late))
    assert codes(both) == [("outrun_timeout", "transitions[4]")]
    # declared first, it is taken by whoever enters the stage after both dates
    assert codes(attrs.evolve(both, transitions=(late, *later_after.transitions))) == []
    other = Transition("trial", "paying", after=at(attribute("other")))
    assert codes(trials(other)) == []


def test_a_date_can_be_missing_so_that_others_may_rest() -> None:
    rests = Transition("trial", "paying", after=dwell(days=3), when=count("note") >= 2)
    assert codes(trials(rests)) == [("resting_timeout", "transitions[0]")]
    assert codes(trials(rests, after=dwell(days=9))) == []
    assert codes(trials(when=FREE)) == []
    assert codes(trials(when=total("note") > 3)) == [("resting_timeout", "transitions[0]")]
    many = count("note", within=Period(days=9)) >= 1  # the date comes whatever happens before
    assert codes(trials(when=many)) == [("resting_timeout", "transitions[0]")]


def test_who_waits_for_a_fall_or_a_date_that_is_missing_may_wait_forever() -> None:
    fall = Transition("trial", "paying", after=falls(count("note", within=Period(days=9)), below=1))
    assert codes(trials(fall)) == [("resting_fall", "transitions[0]")]
    assert codes(trials(fall, after=dwell(days=9))) == []


def test_a_date_that_has_passed_takes_no_time_in_a_loop() -> None:
    definition = trials(Transition("expired", "trial", after=dwell(minutes=1)))
    assert codes(definition) == [("fast_loop", "transitions[0]")]


# Tests of definitions


@pytest.mark.parametrize("start", [START, START.astimezone(BERLIN)])
def test_paths_set_the_date_that_a_condition_asks_for(start: datetime) -> None:
    asked = trials(
        Transition("trial", "paying", on="note", when=attribute("trial_end") >= day(500))
    )
    found = testing.paths(asked, start=start)
    assert found.missed == ()
    assert found.covered.value == 1


def test_paths_of_naive_instants_set_no_date_with_a_zone() -> None:
    asked = trials(
        Transition("trial", "paying", on="note", when=attribute("trial_end") >= day(500))
    )
    (missed,) = testing.paths(asked, start=naive("2026-01-01")).missed
    assert missed.way == asked.transitions[0]
    assert testing.paths(TRIALS, start=naive("2026-01-01")).missed == ()


def test_paths_do_not_set_what_is_no_date() -> None:
    odd = trials(Transition("trial", "paying", on="note", when=END.is_in(("soon", date.max))))
    (missed,) = testing.paths(odd).missed
    assert missed.way == odd.transitions[0]


@settings(max_examples=30)
@given(testing.journeys(TRIALS))
def test_drawn_journeys_have_dates(ann: Journey) -> None:
    dates = [event.sets.get("trial_end") for event in ann.events]
    assert all(one is None or isinstance(one, datetime) for one in dates)


def test_some_drawn_journey_is_ended_by_its_date() -> None:
    wanted = TRIALS.transitions[0]
    found = find(
        testing.journeys(TRIALS),
        lambda ann: any(change.transition is wanted for change in ann.changes),
        settings=settings(phases=[Phase.generate]),
    )
    assert found.changes
