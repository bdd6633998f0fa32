"""Time-outs at the instant at which a measure of a window falls."""

import json
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import jsonschema
import pytest

from lifecycle import (
    Calendar,
    Customer,
    Event,
    Fall,
    Lifecycle,
    Period,
    Stage,
    Status,
    Transition,
    Until,
    attribute,
    codec,
    count,
    days_since,
    diagrams,
    dwell,
    entries,
    event_attribute,
    falls,
    idle,
    mean,
    testing,
    total,
    value,
)
from lifecycle.engine import _windows
from lifecycle.errors import (
    DataError,
    DefinitionError,
    InvalidTypeError,
    InvalidValueError,
    MixedNumbersError,
)
from samples import START, at, bought, day, naive, refusal

YEAR = Period(days=365)
SPENT = total("purchase", within=YEAR)
VALIDATOR = jsonschema.Draft202012Validator(codec.definition_schema())
TIERS = (
    Stage("base", Status.ACTIVE),
    Stage("silver", Status.ACTIVE),
    Stage("gold", Status.ACTIVE),
    Stage("lost", Status.CHURNED),
)


def club(*more: Transition, measure: Any = SPENT, **given: Any) -> Lifecycle:
    """Rise to gold at 500, and fall to silver below it, and to the base below 200."""
    return Lifecycle(
        stages=TIERS,
        transitions=(
            *more,
            Transition(("base", "silver"), "gold", on="purchase", when=measure >= 500),
            Transition("gold", "silver", after=falls(measure, below=500)),
            Transition("silver", "base", after=falls(measure, below=200)),
        ),
        **{"name": "club", "initial": "base", "events": ("refund", "visit"), **given},
    )


def stays(definition: Lifecycle, *events: Event, until: Any = None) -> list[tuple[str, Any]]:
    journey = definition.replay("ann", events, since=START, until=until or day(2000))
    return [(stay.stage, (stay.entered - START) / timedelta(days=1)) for stay in journey.stays[1:]]


# When it falls


def test_a_window_falls_when_the_purchase_that_held_it_leaves() -> None:
    assert stays(club(), bought(1, 300), bought(50, 250), bought(100, 100)) == [
        ("gold", 50),
        ("silver", 366),  # 350 are left
        ("base", 415),  # 100 are left
    ]


def test_it_is_due_from_the_last_purchase_on_and_each_further_one_moves_it() -> None:
    definition = club()
    ann = definition.replay("ann", [bought(1, 600)], since=START).customer
    assert definition.due(ann).at == day(366)  # type: ignore[union-attr]
    ann, _ = definition.apply(ann, bought(30, 499))
    assert definition.due(ann).at == day(366)  # type: ignore[union-attr]
    ann, _ = definition.apply(ann, bought(31, 1))
    assert definition.due(ann).at == day(395)  # type: ignore[union-attr]  # with the 499 of day 30
    ann, _ = definition.apply(ann, Event("visit", day(32)))
    assert definition.due(ann).at == day(395)  # type: ignore[union-attr]


def test_one_that_falls_far_passes_through_every_tier_at_one_instant() -> None:
    assert stays(club(), bought(1, 900)) == [("gold", 1), ("silver", 366), ("base", 366)]


def test_an_event_at_the_instant_of_a_fall_comes_after_it() -> None:
    assert stays(club(), bought(1, 600), bought(366, 600)) == [
        ("gold", 1),
        ("silver", 366),
        ("base", 366),
        ("gold", 366),
        ("silver", 731),
        ("base", 731),
    ]
    just_before = Event("purchase", day(366) - timedelta(microseconds=1), value=600)
    assert stays(club(), bought(1, 600), just_before, until=day(400)) == [("gold", 1)]


def test_who_does_not_have_it_has_nothing_to_lose() -> None:
    given = Transition("base", "gold", on="visit")
    assert stays(club(given), Event("visit", day(1))) == [("gold", 1)]
    assert stays(club(given), Event("visit", day(1)), bought(2, 499)) == [("gold", 1)]
    later = [bought(2, 400), bought(3, 100)]  # 500 in all: now there is something to lose
    assert stays(club(given), Event("visit", day(1)), *later) == [
        ("gold", 1),
        ("silver", 367),
        ("base", 367),  # the 100 that are left are too few for both
    ]


def test_what_fell_before_the_stage_was_entered_does_not_count() -> None:
    slow = club(Transition("base", "gold", on="visit"), Transition("gold", "lost", on="leave"))
    events = [Event("leave", day(2)), bought(3, 600), Event("purchase", day(3), value=-600)]
    assert stays(slow, *events, Event("visit", day(4))) == [
        ("gold", 3),
        ("silver", 3),
        ("base", 3),
        ("gold", 4),
    ]


def test_an_event_can_make_it_fall_and_it_is_due_at_once_and_dated_there() -> None:
    definition = club()
    ann = definition.replay("ann", [bought(1, 600)], since=START).customer
    ann, changes = definition.apply(ann, bought(10, -200))
    assert changes == ()
    assert definition.due(ann).at == day(10)  # type: ignore[union-attr]
    moved, changes = definition.apply(ann, bought(20, 50))
    assert [(c.target, c.at) for c in changes] == [("silver", day(10))]
    assert definition.advance(ann, to=day(10)).customer.stage == "silver"
    again = Customer.from_dict(ann.to_dict())
    assert definition.apply(again, bought(20, 50)) == (moved, changes)


def test_a_refund_can_be_an_event_of_its_own() -> None:
    net = SPENT - total("refund", within=YEAR)
    events = [bought(1, 600), Event("refund", day(10), value=150), bought(20, 30)]
    assert stays(club(measure=net), *events) == [
        ("gold", 1),
        ("silver", 10),  # 450 are left
        ("base", 366),  # 30 less 150; the refund leaves on day 375
    ]


def test_a_refund_that_leaves_lets_it_rise_and_fall_once_more() -> None:
    """Of 3, -2, 2 and a window of 10 days: 3 until day 11, 0 until day 12, then 2 to day 13."""
    measure = total("purchase", within=Period(days=10))
    ups = Lifecycle(
        name="ups",
        initial="base",
        stages=TIERS,
        transitions=[
            Transition("base", "silver", after=falls(measure, below=1)),
            Transition("silver", "gold", after=dwell(hours=30)),
            Transition("gold", "lost", after=falls(measure, below=1)),
        ],
        events=("purchase",),
    )
    assert stays(ups, bought(1, 3), bought(2, -2), bought(3, 2)) == [
        ("silver", 11),
        ("gold", 12.25),
        ("lost", 13),
    ]


@pytest.mark.parametrize(
    ("measure", "below", "expected"),
    [
        (count("purchase", within=YEAR), 2, 367),  # the third is left alone
        (count("purchase", within=YEAR), 2.5, 366),
        (mean("purchase", within=YEAR), 20, 368),  # 20, then 25, then 30, then missing
        (mean("purchase", within=YEAR), 30, 368),
        (mean("purchase", within=YEAR), 31, None),
        (count("purchase", within=YEAR, where=value() >= 20), 2, 367),
        (total(("purchase", "visit"), within=YEAR), 60, 366),
        (total("purchase", within=Until("year")), 60, 365),
        (total("purchase", within=Until("quarter", year_start=2)), 60, 31),  # 1 February
        (total("purchase", within=Calendar("month", zone="UTC")), 60, 31),
        (total("purchase", within=timedelta(days=5)), 60, 6),
        (count("purchase", within=Period(months=1)), 3, 32),  # 2 January and a month
    ],
)
def test_every_kind_of_measure_and_of_window_falls(
    measure: Any, below: Any, expected: float | None
) -> None:
    definition = Lifecycle(
        name="one",
        initial="base",
        stages=TIERS,
        transitions=[Transition("base", "lost", after=falls(measure, below=below))],
        events=("purchase", "visit"),
    )
    events = [bought(1, 10), bought(2, 20), bought(3, 30)]
    found = stays(definition, *events)
    assert found == ([] if expected is None else [("lost", expected)])


def test_a_month_reaches_back_from_the_first_instant_at_which_it_does() -> None:
    """A month back from 28 February is 28 January, so 31 January leaves with 1 March."""
    for bought_at, fallen in (
        ("2026-01-28T10:00", "2026-02-28T10:00"),
        ("2026-01-31T10:00", "2026-03-01T00:00"),
        ("2026-03-31T10:00", "2026-05-01T00:00"),
        ("2026-05-15T00:00", "2026-06-15T00:00"),
    ):
        for zone in (None, ZoneInfo("Europe/Berlin")):
            assert left(Period(months=1), at(bought_at, zone)) == at(fallen, zone)


def left(within: Any, when: Any) -> Any:
    """Give when a purchase leaves a window, as the deadline has it and as a count reads it."""
    measure = count("purchase", within=within)
    definition = Lifecycle(
        name="one",
        initial="base",
        stages=TIERS,
        transitions=[
            Transition("base", "lost", after=falls(measure, below=1)),
            Transition("base", "gold", on="visit", when=measure >= 1),
        ],
        events=("purchase",),
    )
    ann = definition.replay("ann", [Event("purchase", when)], since=when).customer
    deadline = definition.due(ann)
    assert deadline is not None
    tick = timedelta(microseconds=1)
    visit = Event("visit", deadline.at - tick)
    assert definition.apply(ann, visit).customer.stage == "gold"
    return deadline.at


def test_a_window_that_does_not_end_before_time_does_never_falls() -> None:
    late = [Event("purchase", naive("9999-06-01"), value=600)]
    for within in (YEAR, Period(years=1), Until("year")):
        definition = club(measure=total("purchase", within=within))
        ann = definition.replay("ann", late, since=naive("9999-01-01")).customer
        assert (ann.stage, definition.due(ann)) == ("gold", None)


def test_a_fall_has_the_zone_of_the_last_purchase() -> None:
    berlin, tokyo = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
    definition = club()
    log = [
        Event("purchase", at("2026-01-01T12:00", berlin), value=600),
        Event("purchase", at("2026-02-01T12:00", tokyo), value=1),
    ]
    ann = definition.replay("ann", log).customer
    assert definition.due(ann).at.isoformat() == "2027-01-01T20:00:00+09:00"  # type: ignore[union-attr]


def test_since_entry_begins_with_the_stage() -> None:
    visits = count("visit", within=Period(days=10), since_entry=True)
    definition = Lifecycle(
        name="one",
        initial="base",
        stages=TIERS,
        transitions=[
            Transition("base", "gold", on="purchase"),
            Transition(("base", "gold"), "lost", after=falls(visits, below=1)),
        ],
        events=("visit",),
    )
    assert stays(definition, Event("visit", day(1)), bought(2)) == [("gold", 2)]
    assert stays(definition, Event("visit", day(1)), bought(2), Event("visit", day(3))) == [
        ("gold", 2),
        ("lost", 13),
    ]


def test_a_condition_that_fails_lets_it_rest_until_it_falls_again() -> None:
    strict = Lifecycle(
        name="one",
        initial="base",
        stages=TIERS,
        transitions=[
            Transition("base", "lost", after=falls(SPENT, below=500), when=count("visit") >= 1)
        ],
        events=("purchase", "visit"),
    )
    visit = Event("visit", day(400))
    assert stays(strict, bought(1, 600), visit) == []
    assert stays(strict, bought(1, 600), visit, bought(500, 500)) == [("lost", 865)]
    assert stays(strict, bought(1, 600), Event("visit", day(365))) == [("lost", 366)]


VIP, TWICE = attribute("plan").equals("vip"), count("purchase") >= 2


@pytest.mark.parametrize(
    "other",
    [
        Transition("base", "lost", after=dwell(days=10), when=TWICE),
        Transition("base", "lost", after=idle("visit", days=10), when=TWICE),
        Transition(
            "base", "lost", after=falls(count("visit", within=Period(days=9)), below=1), when=TWICE
        ),
    ],
    ids=["dwell", "idle", "falls"],
)
@pytest.mark.parametrize("moves", [True, False])
def test_a_fall_by_an_event_lets_what_rested_before_it_rest(
    other: Transition, *, moves: bool
) -> None:
    """The other deadline is day 10: it comes before the event of day 10, the second purchase."""
    when = TWICE if moves else VIP
    one = Lifecycle(
        name="one",
        initial="base",
        stages=TIERS,
        transitions=[other, Transition("base", "silver", after=falls(SPENT, below=500), when=when)],
        events=("purchase", "visit"),
    )
    visit = [] if other.after is not None and other.after.clock == "idle" else [day(1)]
    log = [*(Event("visit", each) for each in visit), bought(2, 500)]
    ann = one.replay("ann", [*log, bought(10, -1)], since=START).customer
    copy = Customer.from_dict(json.loads(json.dumps(ann.to_dict())))
    expected = "silver" if moves else "base"
    assert [one.advance(each, to=day(20)).customer.stage for each in (ann, copy)] == [expected] * 2


@pytest.mark.parametrize(
    ("measure", "values", "risen"),
    [
        # 3, -2, 2 leave on days 11, 12, 13: 3, then 0, then 2, then nothing
        (total("purchase", within=Period(days=10)), (3, -2, 2), 13),
        # 4, 1, 4 likewise: 3, then 2.5, then 4, then missing
        (mean("purchase", within=Period(days=10)), (4, 1, 4), 13),
        (mean("purchase", within=Period(days=10)), (4, 0, 4, 1), 13),
    ],
    ids=["total", "mean", "mean of four"],
)
def test_what_rests_is_due_again_where_it_rises_and_falls_in_silence(
    measure: Any, values: tuple[int, ...], risen: float
) -> None:
    """The visit is on day 11.5, after the fall of day 11: the fall of day 13 is taken."""
    one = Lifecycle(
        name="one",
        initial="base",
        stages=TIERS,
        transitions=[
            Transition(
                "base", "lost", after=falls(measure, below=RISEN[values]), when=count("visit") >= 1
            )
        ],
        events=("purchase", "visit"),
    )
    log = [bought(1 + place, worth) for place, worth in enumerate(values)]
    visit = Event("visit", day(11.5))
    assert stays(one, *log) == []
    assert stays(one, *log, visit) == [("lost", risen)]
    ann = one.replay("ann", [*log, visit], since=START).customer
    copy = Customer.from_dict(json.loads(json.dumps(ann.to_dict())))
    assert [one.due(each).at for each in (ann, copy)] == [day(risen)] * 2  # type: ignore[union-attr]


RISEN = {(3, -2, 2): 1, (4, 1, 4): 3, (4, 0, 4, 1): 2}


def test_a_stage_entered_at_once_by_a_fall_has_its_own_deadlines() -> None:
    """What rested at the instant of entry was in the stage before."""
    spent = total("purchase", within=YEAR) - total("refund", within=YEAR)
    chain = Lifecycle(
        name="chain",
        initial="base",
        stages=TIERS,
        transitions=[
            Transition("base", "silver", on="visit"),
            Transition("silver", "lost", after=idle("purchase", days=1), when=VIP),
            Transition("silver", "gold", after=falls(spent, below=500)),
            Transition(
                "gold",
                "lost",
                after=idle("purchase", days=2),
                when=attribute("plan").equals("free"),
            ),
        ],
        events=("refund", "purchase"),
    )
    log = [bought(1, 500), Event("visit", day(5), sequence=1)]
    refund = Event("refund", day(5), value=1, sets={"plan": "free"}, sequence=2)
    ann = chain.replay("ann", [*log, refund], since=START).customer
    copy = Customer.from_dict(json.loads(json.dumps(ann.to_dict())))
    for each in (ann, copy):
        changes = chain.advance(each, to=day(5)).changes
        assert [(change.target, change.at) for change in changes] == [
            ("gold", day(5)),
            ("lost", day(5)),
        ]


def one_tier(version: int, after: Any) -> Lifecycle:
    return Lifecycle(
        name="one",
        version=version,
        initial="gold",
        stages=TIERS,
        transitions=[Transition("gold", "lost", after=after)],
        events=("purchase", "refund", "visit"),
    )


NET = SPENT - total("refund", within=YEAR)


@pytest.mark.parametrize(
    ("measure", "below", "expected"),
    [
        (SPENT, 600, 366),  # 700, and then 200 when the first leaves
        (SPENT, 200, 367),
        (SPENT, 800, None),  # it is below already
        (NET, 600, 366),
        (mean("purchase", within=YEAR), 350, 366),  # 350, and then 200
    ],
)
def test_a_migration_keeps_what_falls_below_another_number(
    measure: Any, below: float, expected: float | None
) -> None:
    old = one_tier(1, falls(measure, below=300))
    new = one_tier(2, falls(measure, below=below))
    ann = old.enroll("ann", at=START)
    for event in (bought(1, 500), bought(2, 200)):
        ann, _ = old.apply(ann, event)
    moved, _ = old.migrate(ann, to=new, at=day(2))
    due = new.due(moved)
    assert (due and due.at) == (expected and day(expected))
    assert Customer.from_dict(json.loads(json.dumps(moved.to_dict()))) == moved


def test_a_migration_keeps_what_has_fallen_below_the_same_number() -> None:
    """The fall of day 2 was examined and rested; there is another one when the window ends."""
    old, new = (
        attrs.evolve(
            one_tier(1, falls(NET, below=300)),
            version=version,
            transitions=[Transition("gold", "lost", after=falls(NET, below=300), when=VIP)],
        )
        for version in (1, 2)
    )
    ann = old.enroll("ann", at=START)
    for event in (bought(1, 500), bought(2, -300), bought(3, 200)):
        ann, _ = old.apply(ann, event)
    moved, _ = old.migrate(ann, to=new, at=day(3))
    assert moved._memory[1:] == ann._memory[1:]


def test_a_migration_takes_over_no_fall_below_another_number() -> None:
    """A refund lets it fall below 500 and not below 100, which it has been all along."""
    new = one_tier(2, falls(SPENT, below=100))
    rests = Lifecycle(
        name="one",
        initial="gold",
        stages=TIERS,
        transitions=[Transition("gold", "lost", after=falls(SPENT, below=500), when=VIP)],
        events=("purchase", "refund", "visit"),
    )
    ann = rests.enroll("ann", at=START)
    for event in (bought(1, 500), bought(2, -1)):
        ann, _ = rests.apply(ann, event)
    moved, _ = rests.migrate(ann, to=new, at=day(2))
    due = new.due(moved)
    assert due is not None
    assert due.at == day(366)


def test_a_migration_to_another_measure_that_falls_begins_empty() -> None:
    old = one_tier(1, falls(SPENT, below=500))
    new = one_tier(2, falls(count("purchase", within=YEAR), below=1))
    ann, _ = old.apply(old.enroll("ann", at=START), bought(1, 500))
    moved, _ = old.migrate(ann, to=new, at=day(2))
    assert new.due(moved) is None


def test_decimals_and_floats_are_compared_as_conditions_compare_them() -> None:
    for below, worth in ((0.3, Decimal("0.1")), (Decimal("0.3"), 0.1)):
        measure = total("purchase", within=YEAR)
        definition = Lifecycle(
            name="one",
            initial="base",
            stages=TIERS,
            transitions=[Transition("base", "lost", after=falls(measure, below=below))],
            events=("purchase",),
        )
        events = [bought(number, worth) for number in (1, 2, 3)]
        assert stays(definition, *events) == [("lost", 366)]


def test_numbers_that_do_not_mix_raise_and_change_nothing() -> None:
    definition = club()
    ann = definition.replay("ann", [bought(1, Decimal(5))], since=START).customer
    assert refusal(MixedNumbersError, lambda: definition.apply(ann, bought(2, 0.5))).startswith(
        "event.value and what total('purchase'"
    )
    huge = definition.replay("ann", [bought(1, 1.7e308)], since=START).customer
    assert "finite" in refusal(
        InvalidValueError, lambda: definition.apply(huge, bought(2, 1.7e308))
    )


@pytest.mark.parametrize("size", [2, 3, 32])
def test_it_is_found_in_every_block_of_a_window(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_windows, "_SIZE", size)
    for bought_days in range(1, 9):
        for below in range(1, bought_days + 1):
            definition = Lifecycle(
                name="one",
                initial="base",
                stages=TIERS,
                transitions=[
                    Transition(
                        "base", "lost", after=falls(count("purchase", within=YEAR), below=below)
                    )
                ],
                events=("purchase",),
            )
            events = [bought(number) for number in range(1, bought_days + 1)]
            assert stays(definition, *events) == [("lost", 365 + bought_days - below + 1)]


# What it is


def test_a_fall_is_shown_as_it_is_made_and_is_a_value() -> None:
    fall = falls(SPENT, below=500)
    assert repr(fall) == "falls(total('purchase', within=Period(days=365)), below=500)"
    assert fall == Fall(SPENT, below=500)
    assert len({fall, falls(SPENT, below=500), falls(SPENT, below=501)}) == 2
    assert fall.names == ("purchase",)
    assert fall.criterion == (SPENT >= 500)


@pytest.mark.parametrize(
    "after",
    [
        falls(SPENT, below=500),
        falls(SPENT - total("refund", within=YEAR), below=Decimal("0.5")),
        falls(count(("purchase", "visit"), within=Until("year"), where=value() >= 1), below=3),
        falls(mean("purchase", within=Period(months=3), since_entry=True), below=0.5),
    ],
)
def test_a_fall_is_read_back_is_valid_and_a_path_takes_it(after: Fall) -> None:
    definition = Lifecycle(
        name="one",
        initial="base",
        stages=TIERS,
        transitions=[Transition("base", "lost", after=after)],
        events=("purchase", "refund", "visit"),
    )
    data = json.loads(json.dumps(definition.to_dict()))
    assert Lifecycle.from_dict(data) == definition
    VALIDATOR.validate(data)
    found = testing.paths(definition)
    assert not found.missed
    before, at_it, _ = found.rows
    assert (before.stages, at_it.stages) == (("base",), ("base", "lost"))
    ann = at_it.journey.customer
    assert Customer.from_dict(json.loads(json.dumps(ann.to_dict()))) == ann


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"below": "many"}, "transitions[0].after.below must be a number"),
        ({"below": None}, "transitions[0].after.below must be"),
        ({"days": 3}, "must be one of 'clock', 'measure', 'below', got 'days'"),
        ({"measure": {"measure": "total"}}, "transitions[0].after.measure.name must be given"),
        ({"measure": {"measure": "total", "name": "purchase"}}, "must be a count, a total or a"),
        ({"measure": 3}, "transitions[0].after.measure must be an object"),
    ],
)
def test_a_mistake_in_the_data_of_a_fall_is_named(change: dict[str, Any], text: str) -> None:
    data = club().to_dict()
    way = next(one for one in data["transitions"] if "after" in one)
    data["transitions"] = [way]
    way["after"] |= change
    assert text in refusal(DefinitionError, lambda: Lifecycle.from_dict(data))


def test_diagrams_say_that_it_falls() -> None:
    assert "| total(purchase within 365 days) falls below 500 |" in diagrams.table(club())
    net = SPENT - total("refund", within=YEAR)
    text = "total(purchase within 365 days) \u2212 total(refund within 365 days) falls below 500"
    assert f"| {text} |" in diagrams.table(club(measure=net))


# What is refused, and what is odd


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: falls(total("purchase"), below=5), "falls.measure must be a count, a total or a"),
        (lambda: falls(value(), below=5), "falls.measure must be a count, a total or a mean with"),
        (lambda: falls(days_since("purchase"), below=5), "falls.measure must be a count, a total"),
        (lambda: falls(entries("gold", within=YEAR), below=1), "falls.measure must be a count"),
        (lambda: falls(event_attribute("a"), below=1), "falls.measure must be a count, a total"),
        (lambda: falls(SPENT - total("refund"), below=5), "falls.measure must be a count, a total"),
        (
            lambda: falls(SPENT - total("refund", within=Period(days=9)), below=5),
            "falls.measure must have one window",
        ),
        (
            lambda: falls(mean("a", within=YEAR) - mean("b", within=YEAR), below=5),
            "falls.measure must be one mean, and not several",
        ),
        (lambda: falls("purchase", below=5), "falls.measure must be a measure, such as"),  # type: ignore[arg-type]
        (lambda: falls(SPENT >= 5, below=5), "falls.measure must be a measure, such as"),  # type: ignore[arg-type]
        (lambda: falls(SPENT, below="5"), "falls.below must be a number"),  # type: ignore[arg-type]
        (lambda: falls(SPENT, below=float("nan")), "falls.below must be"),
        (
            lambda: Transition("a", "b", after=SPENT),  # type: ignore[arg-type]
            "transition.after must be idle(...), dwell(...), at(...) or falls(...)",
        ),
    ],
)
def test_what_cannot_fall_is_refused(make: Any, text: str) -> None:
    assert refusal((InvalidTypeError, InvalidValueError), make).startswith(text)  # type: ignore[arg-type]


def test_an_event_that_a_fall_does_not_know_is_refused() -> None:
    wrong = Transition("gold", "lost", after=falls(count("purchse", within=YEAR), below=1))
    text = refusal(DefinitionError, lambda: club(wrong))
    assert "transitions[0].after.event must be one of" in text
    assert "did you mean 'purchase'?" in text


def test_falls_in_a_circle_are_refused() -> None:
    back = Transition("silver", "gold", after=falls(count("visit", within=YEAR), below=1))
    text = refusal(DefinitionError, lambda: club(back))
    assert (
        "must not lead in a circle of falls time-outs, got 'silver' -> 'gold' -> 'silver'" in text
    )
    mixed = Transition("silver", "gold", after=idle(days=9))
    assert "circle of idle and falls time-outs" in refusal(DefinitionError, lambda: club(mixed))
    itself = Transition("gold", "gold", after=falls(count("visit", within=YEAR), below=1))
    assert "circle of falls" in refusal(DefinitionError, lambda: club(itself))
    club(Transition("silver", "gold", after=dwell(days=9)))


def codes(definition: Lifecycle) -> list[tuple[str, str]]:
    return [(one.code, one.where) for one in definition.findings() if "fall" in one.code]


def test_a_count_that_is_never_below_is_odd() -> None:
    def odd(measure: Any, below: Any) -> bool:
        way = Transition("gold", "lost", after=falls(measure, below=below))
        return ("never_falls", "transitions[0]") in codes(club(way))

    visits = count("visit", within=YEAR)
    assert odd(visits, 0)
    assert odd(visits + count("purchase", within=YEAR), -1)
    assert not odd(visits, 1)
    assert not odd(visits - count("purchase", within=YEAR), 0)
    assert not odd(SPENT, 0)  # values can be negative


def test_a_stage_that_can_be_entered_without_what_falls_is_odd() -> None:
    assert codes(club()) == []
    given = club(Transition("base", "gold", on="visit"))
    assert codes(given) == [("resting_fall", "transitions[2]")]
    assert "nothing to lose" in str(given.findings())
    enough = Transition("base", "gold", on="visit", when=(SPENT > 600) & (count("visit") >= 2))
    assert codes(club(enough)) == []
    other = Transition("base", "gold", on="visit", when=(SPENT >= 499) | (count("visit") >= 2))
    assert codes(club(other)) == [("resting_fall", "transitions[2]")]
    timed = club(
        Transition("base", "gold", on="visit"), Transition("gold", "lost", after=dwell(days=9))
    )
    assert codes(timed) == []
    begun = club(initial="silver")
    assert codes(begun) == [("resting_fall", "transitions[2]")]


def test_a_condition_of_a_fall_may_rest() -> None:
    way = Transition("gold", "lost", after=falls(SPENT, below=9), when=count("visit") >= 3)
    found = {(one.code, one.where) for one in club(way).findings()}
    assert ("resting_timeout", "transitions[0]") not in found  # another time-out has no condition
    alone = Lifecycle(
        name="one",
        initial="base",
        stages=TIERS[:2],
        transitions=[
            Transition("base", "silver", after=falls(SPENT, below=9), when=count("visit") >= 3)
        ],
        events=("visit", "purchase"),
    )
    assert "resting_timeout" in {one.code for one in alone.findings()}


def test_a_nearer_level_silences_a_fall_of_the_same_measure() -> None:
    near = club(Transition(Status.ACTIVE, "lost", after=falls(SPENT, below=900)))
    assert stays(near, bought(1, 950), until=day(400)) == [
        ("gold", 1),
        ("silver", 366),
        ("base", 366),
        ("lost", 366),
    ]


def following(after: Fall) -> Lifecycle:
    """Remember nothing but what falls."""
    return Lifecycle(
        name="one",
        initial="base",
        stages=TIERS,
        transitions=[Transition("base", "lost", after=after)],
        events=("purchase", "refund", "visit"),
    )


def test_what_only_a_fall_remembers_has_to_add_up_too() -> None:
    definition = following(falls(SPENT, below=5))
    ann = definition.replay("ann", [bought(1, Decimal(5))], since=START).customer
    assert refusal(MixedNumbersError, lambda: definition.apply(ann, bought(2, 0.5))) == (
        "event.value and what total('purchase', within=Period(days=365)) has so far must be of "
        "one kind, got 0.5 and Decimal('5'); convert floats with Decimal(str(x)) or decimals "
        "with float(x)"
    )
    rich = definition.replay("ann", [bought(1, 1.7e308)], since=START).customer
    assert refusal(InvalidValueError, lambda: definition.apply(rich, bought(2, 1.7e308))) == (
        "event.value must leave total('purchase', within=Period(days=365)) finite, got 1.7e+308"
    )


def test_what_is_never_below_never_falls() -> None:
    definition = following(falls(SPENT, below=0))
    ann = definition.replay("ann", [bought(1, 5)], since=START).customer
    assert definition.due(ann) is None
    assert stays(definition, bought(1, 5), bought(2, -9)) == [("lost", 2)]


@pytest.mark.parametrize("within", [YEAR, Period(years=1), Until("year")])
def test_near_the_ends_of_time_there_is_no_deadline(within: Any) -> None:
    net = total("purchase", within=within) - total("refund", within=within)
    log = [
        Event("purchase", naive("9999-05-01"), value=9),
        Event("refund", naive("9999-06-01"), value=1),
    ]
    late = following(falls(net, below=5))
    ann = late.replay("ann", log, since=naive("9999-01-01")).customer
    assert late.due(ann) is None
    begun = at("0001-01-01T00:30")
    early = [Event("purchase", begun, value=9), Event("visit", at("0001-01-02"))]
    there = Event("purchase", at("0001-01-05", ZoneInfo("America/New_York")), value=0)
    first = following(falls(total("purchase", within=within), below=5))
    ann = first.replay("ann", [*early, there], since=begun).customer
    assert (first.due(ann) is None) == (within != YEAR)


def test_a_fall_past_all_dates_in_its_zone_is_no_deadline() -> None:
    """20:00 in UTC on the last day of all is the day after in Tokyo."""
    tokyo = ZoneInfo("Asia/Tokyo")
    definition = following(falls(count("purchase", within=Period(days=1)), below=1))
    for zone, has_one in ((tokyo, False), (UTC, True)):
        last = at("9999-12-30T20:00").astimezone(zone)
        ann = definition.replay("ann", [Event("purchase", last)], since=last).customer
        assert (definition.due(ann) is not None) == has_one


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"of": None}, "memory[0].of must be an object"),
        ({"of": {"measure": {"measure": "value"}, "below": 1}}, "must be a count, a total or a"),
        ({"state": {"entries": []}}, "memory[0].state.last must be given"),
        ({"state": {"entries": [["2026-01-01", 1, 2]]}}, "be an instant and a value"),
        ({"state": 3}, "memory[0].state must be an object"),
        ({"kind": "falls"}, "memory[0].kind must be one of"),
    ],
)
def test_a_mistake_in_what_is_remembered_of_a_fall_is_named(
    change: dict[str, Any], text: str
) -> None:
    definition = following(falls(SPENT, below=5))
    data = definition.replay("ann", [bought(1, 9)], since=START).customer.to_dict()
    data["memory"][0] |= change
    assert text in refusal(DataError, lambda: Customer.from_dict(data))


def test_a_fall_that_is_not_said_is_refused() -> None:
    definition = following(falls(SPENT, below=5))
    data = definition.replay("ann", [bought(1, 9)], since=START).customer.to_dict()
    del data["memory"][0]["of"]
    assert "memory[0].of must be given" in refusal(DataError, lambda: Customer.from_dict(data))
    data = definition.enroll("ann", at=START).to_dict()
    data["memory"][0]["state"]["entries"] = [["2026-01-02T00:00:00+00:00", 9]]
    assert definition.due(Customer.from_dict(data)) is None  # nothing was last


def test_a_path_that_ends_a_silence_of_some_events_is_found() -> None:
    """The silence is of events that count; others pass by."""
    definition = Lifecycle(
        name="one",
        initial="base",
        stages=TIERS,
        transitions=[
            Transition("base", "gold", on="visit", when=days_since("refund") >= 200),
            Transition(
                "gold", "lost", after=idle(("purchase", "refund"), days=90, where=value() >= 5)
            ),
            Transition("gold", "silver", after=dwell(days=1)),
            Transition("silver", "lost", on="purchase", when=days_since("visit") >= 0),
        ],
        events=("refund",),
    )
    found = testing.paths(definition)
    assert not found.missed
    lost = next(path for path in found if "idle" in path.name and path.taken)
    assert lost.stages == ("base", "gold", "lost")
