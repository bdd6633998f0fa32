"""Paths take each way out of each stage, and look at deadlines from both sides."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle import (
    ANY,
    Customer,
    Event,
    Lifecycle,
    Period,
    Rate,
    Stage,
    Status,
    Timeout,
    Transition,
    Until,
    at,
    attribute,
    count,
    dwell,
    event_attribute,
    idle,
    mean,
    presets,
    testing,
    total,
    value,
)
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.testing import Path, Paths
from samples import CONTRACTS, SHOP, START, again, lifecycle, refusal

TICK = timedelta(microseconds=1)
TIERS = (("silver", 500), ("gold", 2000))
PRESETS: dict[str, Lifecycle] = {
    name: getattr(presets, name)() for name in presets.__all__ if name != "loyalty_tiers"
} | {
    **CONTRACTS,
    "loyalty_tiers": presets.loyalty_tiers(TIERS),
    "loyalty_tiers with grace": presets.loyalty_tiers(TIERS, grace=Period(days=30)),
    "loyalty_tiers by orders": presets.loyalty_tiers(
        [("silver", 3), ("gold", 6)], measure="orders", renewal="calendar_year", drop="earned"
    ),
    "loyalty_tiers of two years": presets.loyalty_tiers(
        TIERS,
        within=Until("year"),
        renewal="next_year",
        drop="earned",
        reminder=Period(months=1),
        lapsed_days=731,
    ),
    "loyalty_tiers of fiscal years with grace": presets.loyalty_tiers(
        TIERS, within=Until("year", year_start=4), renewal="next_year", grace=Period(months=2)
    ),
    "loyalty_tiers at once": presets.loyalty_tiers(
        TIERS[:1], renewal="at_once", refund="refund", reminder=Period(days=30)
    ),
}
FOUND = {name: testing.paths(preset) for name, preset in PRESETS.items()}
each_preset = pytest.mark.parametrize("name", PRESETS)


def takes(path: Path) -> bool:
    """Say whether a path's journey takes its transition, at the last instant it looks at."""
    journey = path.journey
    deadline = path.until - (path.offset or timedelta(0))
    return any(change.at == deadline and path.matches(change) for change in journey.changes)


def targets(found: Paths) -> list[tuple[str, str]]:
    """Give each way that is taken once, as a pair of stages."""
    return list(dict.fromkeys((path.source, path.way.target) for path in found))


# The presets


UNREACHABLE = {
    # tiers end before a silence does
    "loyalty_tiers of two years": {
        (tier, "lapsed") for tier in ("silver", "gold", "silver_held", "gold_held")
    },
    "loyalty_tiers of fiscal years with grace": {("silver", "lapsed"), ("gold", "lapsed")},
    "loyalty_tiers at once": {("silver", "lapsed")},
    "five_step": {
        # the second purchase makes loyal, and 30 days end before a silence of 180 does
        ("conversion", "retention"),
        ("conversion", "lapsed"),
    },
    "six_phase": {("buy", "lapsed")},  # who buys experiences long before a silence ends
    "retail": {
        ("new", "loyal"),  # the purchase after the first is the second, and loyal is the third
        ("churned", "loyal"),  # a churned customer has bought nothing within 365 days
    },
    "sterne_cutler": {("conversion", "loyalty")},  # as new customers of retail
    "loyalty_tiers by orders": {
        # orders come one by one, and none of the last 540 days is left in lapsed
        ("prospect", "silver"),
        ("prospect", "gold"),
        ("base", "gold"),
        ("lapsed", "silver"),
        ("lapsed", "gold"),
        ("churned", "silver"),
        ("churned", "gold"),
        ("abandoned", "silver"),
        ("abandoned", "gold"),
    },
}
"""The ways out of the presets that no log can take, and why."""


@each_preset
def test_each_way_of_a_preset_is_taken_but_those_that_none_can_take(name: str) -> None:
    found = FOUND[name]
    missed = {(each.source, each.way.target) for each in found.missed}
    assert missed == UNREACHABLE.get(name, set())
    ways = len({(path.source, id(path.way)) for path in found})
    assert found.covered == Rate(ways, ways + len(missed))


@each_preset
def test_each_transition_of_a_preset_is_taken(name: str) -> None:
    taken = {id(path.way) for path in FOUND[name]}
    assert [t for t in PRESETS[name].transitions if id(t) not in taken] == []


@each_preset
def test_each_path_takes_its_transition_from_the_deadline_on(name: str) -> None:
    for path in FOUND[name]:
        assert takes(path) == path.taken, path


@each_preset
def test_each_time_out_is_looked_at_before_at_and_after_its_deadline(name: str) -> None:
    looks: dict[Any, list[timedelta | None]] = {}
    for path in FOUND[name]:
        looks.setdefault((path.source, id(path.way)), []).append(path.offset)
        timed = path.way.after is not None
        assert (path.offset is None) != timed
    assert {tuple(look) for look in looks.values()} <= {(None,), (-TICK, 0 * TICK, TICK)}


@each_preset
def test_a_path_just_before_the_deadline_stands_in_the_stage(name: str) -> None:
    for path in FOUND[name]:
        if path.offset == -TICK:
            assert path.stages[-1] == path.source
            assert path.journey.customer.stage == path.source


@each_preset
def test_paths_are_called_by_names_of_their_own(name: str) -> None:
    names = [path.name for path in FOUND[name]]
    assert len(set(names)) == len(names)


def test_all_of_the_ways_of_the_presets_are_taken_but_those_that_no_log_can_take() -> None:
    covered = sum(found.covered for found in FOUND.values())
    assert covered.denominator - covered.numerator == sum(map(len, UNREACHABLE.values()))


# What conditions ask for


def gold(_customer: Customer, event: Event | None) -> bool:
    return event is not None and event.attributes.get("card") == "gold"


MONTH = Period(days=30)


@pytest.mark.parametrize(
    "condition",
    [
        count("purchase") >= 3,
        count("purchase", since_entry=True).equals(4),
        count("visit") > 1,
        (count("purchase") >= 2) & (count("visit") >= 2),
        (count("purchase") >= 2) & (count("purchase", within=MONTH) <= 1),
        total("purchase") >= 500,
        (total("purchase") >= 500) & (mean("purchase") <= 100),
        (total("purchase") > Decimal("99.95")) & (count("purchase") >= 2),
        total("purchase") < 0,
        (mean("purchase") > 0.2) & (mean("purchase") < 0.4),
        mean("purchase").is_in([7, 9]),
        value().equals(11),
        ~(value() >= 0),
        attribute("plan").equals("gold") | (value() > 99),
        attribute("plan").equals("gold") & (attribute("level") >= 3),
        ~attribute("plan").equals("gold") & (attribute("plan") > "a"),
        attribute("born") < datetime(2000, 1, 1, tzinfo=UTC),
        event_attribute("channel").equals("web") & event_attribute("n").is_in([2, 3]),
        lambda customer, event: customer.stage == "buyer" and event.name == "purchase",
    ],
    ids=lambda condition: getattr(condition, "__name__", repr(condition)),
)
def test_what_a_condition_asks_for_is_found(condition: Any) -> None:
    made = lifecycle(
        Transition("buyer", "loyal", on="purchase", when=condition),
        events=("visit",),
    )
    (path,) = testing.paths(made)
    assert path.stages == ("buyer", "loyal")
    assert path.until == path.events[-1].at


@pytest.mark.parametrize(
    "condition",
    [
        count("purchase") >= 3,
        count("purchase", within=MONTH) >= 2,
        (count("purchase") >= 1) & (count("purchase", within=MONTH) < 1),
        attribute("plan").equals("gold"),
    ],
    ids=repr,
)
def test_what_a_time_out_asks_for_is_found(condition: Any) -> None:
    made = lifecycle(
        Transition("buyer", "loyal", after=dwell(days=100), when=condition),
        Transition("buyer", "lapsed", after=idle("purchase", days=60)),
        events=("purchase",),
    )
    found = testing.paths(made)
    assert targets(found) == [("buyer", "loyal"), ("buyer", "lapsed")]
    assert all(takes(path) == path.taken for path in found)


def test_a_stage_is_kept_alive_until_a_late_deadline() -> None:
    made = lifecycle(
        Transition("buyer", "loyal", after=dwell(days=365)),
        Transition("buyer", "lapsed", after=idle(days=30)),
        events=("visit",),
    )
    kept = testing.paths(made).rows[1]
    assert kept.stages == ("buyer", "loyal")
    assert kept.until == START + timedelta(days=365)
    assert len(kept.events) == 12


@pytest.mark.parametrize("silence", [idle("purchase", days=90), idle(days=90)])
def test_a_silence_ends_in_a_stage_that_is_soon_left(silence: Timeout) -> None:
    made = lifecycle(
        Transition("buyer", "loyal", after=dwell(days=100)),
        Transition("loyal", "lapsed", after=dwell(days=2)),
        Transition("loyal", "lost", after=silence),
        events=("purchase",),
    )
    lost = testing.paths(made).rows[-2]
    assert lost.stages == ("buyer", "loyal", "lost")
    assert lost.events[-1].at == lost.until - timedelta(days=90)


def test_a_deadline_that_has_passed_on_entry_is_looked_at_where_it_has_not() -> None:
    made = lifecycle(
        Transition("lead", "buyer", after=dwell(days=2)),
        Transition("buyer", "loyal", on="purchase"),
        Transition("loyal", "lapsed", after=idle("visit", hours=1)),
        initial="lead",
        events=("visit",),
    )
    last = [path for path in testing.paths(made) if path.source == "loyal"]
    assert [takes(path) for path in last] == [False, True, True]
    assert [path.stages[-1] for path in last] == ["loyal", "lapsed", "lapsed"]


def test_code_is_satisfied_by_examples() -> None:
    made = lifecycle(
        Transition("buyer", "loyal", on="purchase", when=gold),
        Transition("buyer", "gone", on="visit", when=value() > 0.5),
    )
    (missed,) = testing.paths(made).missed
    assert str(missed) == (
        "buyer -> loyal on 'purchase' when gold: its condition never held; "
        "kinds of customers followed: 1"
    )
    example = Event("purchase", START, attributes={"card": "gold"})
    found = testing.paths(made, examples=[example])
    assert found.missed == ()
    assert found.rows[0].name == "buyer -> loyal on 'purchase' when gold"
    assert found.rows[0].events[-1].attributes == {"card": "gold"}


def test_examples_that_do_not_add_up_with_other_values_are_left_out() -> None:
    made = lifecycle(
        Transition(
            "buyer",
            "loyal",
            on="purchase",
            when=(total("purchase") >= Decimal(500)) & (count("purchase") >= 3),
        )
    )
    (path,) = testing.paths(made, examples=[Event("purchase", START, value=0.5)])
    assert path.journey.customer.stage == "loyal"
    assert {type(event.value) for event in path.events} <= {Decimal, type(None)}


# What is missed


def test_what_no_log_can_take_is_told_with_the_reason() -> None:
    made = lifecycle(
        Transition("buyer", "loyal", on="purchase", when=count("purchase") < 1),
        Transition("loyal", "lost", on="purchase"),
        Transition("buyer", "lapsed", after=dwell(days=10)),
        Transition("buyer", "gone", after=dwell(days=20)),
        Transition("lapsed", "gone", after=dwell(days=1), when=count("purchase") < 0),
        Transition(Status.DORMANT, "lead", on="visit"),
        Transition("lapsed", "lead", on="visit", when=count("visit") >= 1),
        Transition("lapsed", "lost", on="visit"),
        Transition("lost", "lead", on="visit"),
        activity=(),
    )
    found = testing.paths(made)
    late = "lapsed -> gone after dwell(days=1) when count('purchase') < 0"
    told = [str(missed).rpartition("; ")[0] for missed in found.missed]
    assert told == [
        "buyer -> loyal on 'purchase' when count('purchase') < 1: its condition never held",
        "buyer -> gone after dwell(days=20): another time-out always came before it",
        "loyal -> lost on 'purchase': no customer was led to 'loyal'",
        "lapsed -> lost on 'visit': another transition was always taken before it",
        f"{late}: its condition never held at its deadline",
        "lost -> lead on 'visit': no customer was led to 'lost'",
        "any stage -> lead on 'visit': no stage can take it",
    ]
    assert found.covered == Rate(2, 8)


def test_time_outs_that_rest_make_nobody_different() -> None:
    def never(_customer: Customer, _event: Event | None) -> bool:
        return False

    seldom = count("visit", within=Period(days=30)) < 0
    made = lifecycle(
        Transition("buyer", "lapsed", after=dwell(days=1), when=never),
        Transition("buyer", "loyal", on="visit", when=seldom),
    )
    found = testing.paths(made, limit=1000)
    assert found.tried < 1000
    assert [missed.reason.partition(";")[0] for missed in found.missed] == [
        "its condition never held",
        "its condition never held at its deadline",
    ]


def test_a_limit_may_be_beyond_all_counting() -> None:
    assert testing.paths(SHOP, limit=10**400) == testing.paths(SHOP)


def test_the_search_ends_at_its_limit_and_says_so() -> None:
    found = testing.paths(SHOP, limit=3)
    assert found.tried == 3
    assert str(found.missed[-1]).endswith("no customer was led to 'churned'; the limit was reached")
    assert testing.paths(SHOP).missed == ()


def test_a_way_on_an_instant_past_all_dates_is_missed() -> None:
    made = lifecycle(
        Transition("buyer", "lapsed", after=idle(days=10)),
        Transition("lapsed", "buyer", on="visit"),
        Transition("buyer", "lost", on="purchase"),
    )
    at_the_end = testing.paths(made, start=datetime.max.replace(tzinfo=UTC))
    assert len(at_the_end) == 0
    last = datetime.max.replace(tzinfo=UTC) - timedelta(days=10)
    found = testing.paths(made, start=last)
    assert [path.offset for path in found if path.source == "buyer"] == [None, -TICK, 0 * TICK]


def test_a_lifecycle_without_ways_has_no_paths() -> None:
    empty = testing.paths(lifecycle())
    assert (len(empty), empty.missed, empty.covered) == (0, (), Rate(0, 0))


def test_chained_time_outs_of_one_instant_have_paths() -> None:
    made = lifecycle(
        Transition("buyer", "lapsed", after=idle(days=90)),
        Transition("lapsed", "lost", after=idle(days=30)),
    )
    rows = testing.paths(made).rows
    all_three = ("buyer", "lapsed", "lost")
    assert [path.stages for path in rows[3:]] == [("buyer",), all_three, all_three]


# Values


def test_paths_show_themselves() -> None:
    found = testing.paths(SHOP)
    assert repr(found) == "<Paths of 'shop': 21, over 15 of 15 ways>"
    assert str(found).splitlines()[0] == "Paths through shop: 15 of 15 ways are taken"
    first = found.rows[0]
    assert str(first) == first.name == "visitor -> lead on 'signup'"
    assert repr(first) == "<Path \"visitor -> lead on 'signup'\": visitor > lead>"
    assert first.journey.customer.id == first.name
    assert found.to_rows()[0] == {
        "path": "visitor -> lead on 'signup'",
        "events": 1,
        "stages": "visitor > lead",
    }
    missed = testing.paths(SHOP, limit=1).missed[0]
    assert repr(missed).startswith("Missed('visitor', Transition(")


def test_paths_are_the_same_each_time() -> None:
    assert testing.paths(SHOP) == testing.paths(SHOP)
    assert testing.paths(presets.value_growth()) == FOUND["value_growth"]
    assert again(testing.paths(SHOP)) == testing.paths(SHOP)


@pytest.mark.parametrize("zone", [None, UTC, ZoneInfo("Europe/Berlin")], ids=str)
@pytest.mark.parametrize("name", ["growth", "subscription", "loyalty_tiers by orders"])
def test_events_are_stamped_in_the_zone_of_the_start(name: str, zone: tzinfo | None) -> None:
    found = testing.paths(PRESETS[name], start=datetime(2026, 3, 28, 12, tzinfo=zone))
    assert found.covered == FOUND[name].covered
    for path in found:
        assert takes(path) == path.taken
        assert all(event.at.tzinfo is zone for event in path.events)


def test_paths_begin_when_told() -> None:
    start = datetime(2024, 2, 29, tzinfo=UTC)
    found = testing.paths(SHOP, start=start)
    assert {path.since for path in found} == {start}
    assert min(event.at for path in found for event in path.events) > start


def test_attributes_that_only_enrollment_can_give_are_given() -> None:
    made = Lifecycle(
        name="silent",
        initial="a",
        stages=[Stage("a", Status.ACTIVE), Stage("b", Status.ACTIVE)],
        transitions=[Transition("a", "b", after=dwell(days=1), when=attribute("x") >= 2)],
    )
    assert [dict(path.attributes) for path in testing.paths(made)] == [{"x": 2}] * 3


def test_what_lies_far_ahead_is_found_however_many_dates_can_be_set() -> None:
    names = [f"s{n}" for n in range(8)]
    ended = [at(attribute(f"date_{n}")) for n in range(6)]
    made = Lifecycle(
        name="far",
        initial="s0",
        stages=[*(Stage(name, Status.ACTIVE) for name in names), Stage("end", Status.CHURNED)],
        transitions=[
            *(Transition(a, b, on="step") for a, b in pairwise(names)),
            *(Transition("s7", "end", after=date) for date in ended),
            Transition("end", "s0", on="back"),
        ],
    )
    found = testing.paths(made, limit=3000)
    assert found.missed == ()
    assert len(found) == 7 + 3 * 6 + 1


def test_silence_makes_no_log_longer() -> None:
    names = [f"s{n}" for n in range(6)]
    made = Lifecycle(
        name="silent",
        initial="s0",
        stages=[*(Stage(name, Status.ACTIVE) for name in names), Stage("end", Status.CHURNED)],
        transitions=[
            *(Transition(a, b, after=dwell(days=1)) for a, b in pairwise(names)),
            Transition("s0", "s3", on="skip"),
            Transition("s3", "s5", on="skip"),
            Transition("s5", "end", on="leave"),
        ],
    )
    found = testing.paths(made)
    assert found.missed == ()
    (left,) = (path for path in found if path.way.target == "end")
    assert [event.name for event in left.events] == ["leave"]


def test_any_covers_each_stage_but_the_final_ones() -> None:
    found = testing.paths(lifecycle(Transition(ANY, "lead", on="visit")))
    assert targets(found) == [("buyer", "lead")]
    assert {missed.source for missed in found.missed} == {"loyal", "lapsed", "lost"}


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: testing.paths(SHOP, limit=0), InvalidValueError, "limit must be at least 1"),
        (lambda: testing.paths(SHOP, limit=1.0), InvalidTypeError, "limit must be a whole number"),  # type: ignore[arg-type]
        (lambda: testing.paths(SHOP, start="2026"), InvalidTypeError, "start must be a datetime"),  # type: ignore[arg-type]
        (lambda: testing.paths(SHOP, examples=None), InvalidTypeError, "examples must be a series"),  # type: ignore[arg-type]
        (lambda: testing.paths(SHOP, examples=[7]), InvalidTypeError, "examples[0] must be an Ev"),  # type: ignore[list-item]
        (lambda: testing.paths("shop"), InvalidTypeError, "lifecycle must be a Lifecycle"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_argument_is_named(
    call: Callable[[], object], kind: type[Exception], message: str
) -> None:
    assert refusal(kind, call).startswith(message)
