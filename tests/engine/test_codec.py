"""Values as data: exact both ways, one error for all mistakes, and nothing else comes out."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Context, Decimal, Inexact, localcontext
from itertools import pairwise
from math import inf, nan
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzstr

from lifecycle import (
    ANY,
    Customer,
    Enrollment,
    Event,
    Journey,
    Lifecycle,
    Period,
    Stage,
    StageChange,
    Status,
    Transition,
    attribute,
    codec,
    count,
    dwell,
    event_attribute,
    idle,
    mean,
    presets,
    total,
    value,
)
from lifecycle.engine import _tallies
from lifecycle.engine._customer_data import _STATES
from lifecycle.errors import (
    DataError,
    DefinitionError,
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    OutOfOrderError,
    WrongDefinitionError,
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
)

BERLIN = ZoneInfo("Europe/Berlin")

ALL = Lifecycle(
    name="all",
    version=3,
    initial="lead",
    stages=(
        Stage("lead", Status.PROSPECT, label="A lead"),
        Stage("buyer", Status.ACTIVE),
        Stage("lapsed", Status.DORMANT),
        Stage("gone", Status.CHURNED, final=True),
    ),
    transitions=(
        Transition(("lead", Status.DORMANT), "buyer", on="purchase"),
        Transition(
            "buyer",
            "buyer",
            on="purchase",
            when=(total("purchase", since_entry=True) >= Decimal("99.90"))
            & ~(event_attribute("channel").is_in(["shop", "web"]) | (value() < 1.5)),
        ),
        Transition(
            "buyer",
            "lapsed",
            after=idle("purchase", months=14),
            when=mean("purchase", within=Period(days=365)) < 20,
        ),
        Transition(Status.ACTIVE, "lapsed", after=idle(hours=36)),
        Transition("lapsed", "gone", after=dwell(until="year"), when=count("visit") > 2),
        Transition(ANY, "gone", on="erasure", when=attribute("born").equals(date(2000, 1, 2))),
    ),
    activity=("purchase", "visit"),
    events=("note",),
)

WRITTEN = """\
{
 "type": "lifecycle",
 "format": 1,
 "name": "all",
 "version": 3,
 "initial": "lead",
 "stages": [
  {"name": "lead", "status": "prospect", "label": "A lead"},
  {"name": "buyer", "status": "active"},
  {"name": "lapsed", "status": "dormant"},
  {"name": "gone", "status": "churned", "final": true}
 ],
 "transitions": [
  {"source": ["lead", {"status": "dormant"}], "target": "buyer", "on": "purchase"},
  {
   "source": "buyer",
   "target": "buyer",
   "on": "purchase",
   "when": {
    "all_of": [
     {
      "measure": "total",
      "name": "purchase",
      "since_entry": true,
      "operator": ">=",
      "wanted": {"decimal": "99.90"}
     },
     {
      "not": {
       "any_of": [
        {
         "measure": "event_attribute",
         "name": "channel",
         "operator": "is_in",
         "wanted": ["shop", "web"]
        },
        {"measure": "value", "operator": "<", "wanted": 1.5}
       ]
      }
     }
    ]
   }
  },
  {
   "source": "buyer",
   "target": "lapsed",
   "after": {"clock": "idle", "event": "purchase", "years": 1, "months": 2},
   "when": {
    "measure": "mean",
    "name": "purchase",
    "within": {"days": 365},
    "operator": "<",
    "wanted": 20
   }
  },
  {
   "source": {"status": "active"},
   "target": "lapsed",
   "after": {"clock": "idle", "days": 1, "hours": 12}
  },
  {
   "source": "lapsed",
   "target": "gone",
   "after": {"clock": "dwell", "until": "year"},
   "when": {"measure": "count", "name": "visit", "operator": ">", "wanted": 2}
  },
  {
   "source": {"any": true},
   "target": "gone",
   "on": "erasure",
   "when": {
    "measure": "attribute",
    "name": "born",
    "operator": "equals",
    "wanted": {"date": "2000-01-02"}
   }
  }
 ],
 "activity": ["purchase", "visit"],
 "events": ["note"]
}"""


def sent(data: Any) -> Any:
    """Send data through text, as a store does."""
    return json.loads(json.dumps(data, allow_nan=False))


def stored(thing: Any) -> Any:
    """Give what storing and loading makes of a value."""
    return type(thing).from_dict(sent(thing.to_dict()))


# Every value, both ways


def test_a_definition_is_written_as_it_always_was() -> None:
    assert json.dumps(ALL.to_dict()) == json.dumps(json.loads(WRITTEN))


def test_a_definition_is_read_as_it_was_written() -> None:
    assert Lifecycle.from_dict(json.loads(WRITTEN)) == ALL


KINDS = {
    "none": None,
    "text": "g\u00f6ld \U0001f600",
    "truth": True,
    "number": -(10**100),
    "float": 0.1,
    "decimal": Decimal("12.50"),
    "date": date(2026, 1, 5),
    "naive": naive("2026-01-05T09:00"),
    "utc": START,
    "first": at("2026-10-25T02:30", BERLIN),
    "second": at("2026-10-25T02:30", BERLIN).replace(fold=1),
    "fixed": at("2026-01-05", timezone(timedelta(hours=5.5))),
    "time": time(9, 30),
    "length": timedelta(days=-1, microseconds=1),
    "tuple": ("a", (Decimal(1), None), ()),
}

CHANGES = ALL.advance(applied(ALL, bought(1, 30), bought(2, 80)), to=day(999)).changes

# Overdue upon entering "lapsed", where it rests.
OVERDUE = lifecycle(
    Transition("buyer", "lapsed", on="pause"),
    Transition("lapsed", "lost", after=idle("pause", days=0.5), when=attribute("a").equals(1)),
    Transition("lapsed", "gone", after=idle("visit", days=3), when=attribute("a").equals(2)),
    events=("purchase", "visit"),
)

# Pauses in pauses, and renewals that keep their day.
PAUSING = lifecycle(
    Transition(("buyer", "held"), "paused", on="pause"),
    Transition("paused", "held", on="hold"),
    Transition(("paused", "held"), "buyer", on="resume"),
    Transition("buyer", "buyer", after=dwell(months=1)),
    Transition("buyer", "lapsed", after=dwell(years=1, anchor="enrolled")),
    Transition("buyer", "lapsed", after=idle(days=300)),
    Transition("held", "held", after=dwell(months=1, anchor="entry")),
    stages=(
        *STAGES,
        Stage("paused", Status.DORMANT, stops=("idle", "dwell")),
        Stage("held", Status.DORMANT, stops="dwell"),
    ),
    activity=("visit",),
)
PAUSED = applied(
    PAUSING,
    *(
        Event(name, at(when, BERLIN))
        for name, when in (
            ("pause", "2026-03-31T12:00"),
            ("resume", "2026-04-02"),
            ("pause", "2026-04-04"),
            ("hold", "2026-04-05"),
        )
    ),
    at=at("2026-01-31", BERLIN),
)

VALUES: Mapping[str, Any] = {
    "definition": ALL,
    "definition of pauses": PAUSING,
    "customer in a pause": PAUSED,
    "customer after a pause": applied(
        PAUSING,
        Event("pause", at("2026-03-31T12:00", BERLIN)),
        Event("resume", at("2026-04-02", BERLIN)),
        at=at("2026-01-31", BERLIN),
    ),
    "shop": SHOP,
    "without transitions": lifecycle(),
    "with no activity": lifecycle(activity=()),
    "event": Event("purchase", START),
    "event with all": Event(
        "purchase", START, value=Decimal("9.90"), id="a", attributes=KINDS, sets=KINDS
    ),
    "event of a sequence": Event("purchase", START, sequence=0),
    "event of a number": Event("purchase", naive("2026-01-05"), value=-0.5, id=0),
    "event in the first of two hours": Event("x", KINDS["first"]),
    "event in the second of two hours": Event("x", KINDS["second"]),
    "event at a fixed offset": Event("x", KINDS["fixed"]),
    "change by an event": replayed(SHOP, bought(1, 40), since=START).changes[0],
    "change by a time-out": CHANGES[0],
    "change by migration": FADING.migrate(applied(FADING), to=FADING, at=day(3)).changes[-1],
    "customer": applied(SHOP),
    "customer with attributes": applied(ALL, attributes=KINDS, referred_by=7),
    "customer with a memory": applied(
        ALL,
        bought(1, Decimal("30.00")),
        Event("visit", day(1.5)),
        bought(2, 80),
        bought(2),
    ),
    "customer of two zones": applied(
        ALL, Event("purchase", at("2026-01-05T09:00", BERLIN)), Event("visit", day(9))
    ),
    "naive customer": applied(ALL, Event("visit", naive("2026-02-01")), at=naive("2026-01-01")),
    "customer of a sequence": applied(ALL, bought(1, sequence=3), bought(1), attributes=KINDS),
    "naive customer of a sequence": applied(
        SHOP, Event("signup", naive("2026-02-01"), sequence=0), at=naive("2026-01-01")
    ),
    "customer whose entry was examined": applied(OVERDUE, Event("pause", day(9)), bought(9)),
    "enrollment": Enrollment("ann", START),
    "enrollment with all": Enrollment(
        7, at("2026-01-05", BERLIN), stage="buyer", attributes=KINDS, referred_by="bob"
    ),
    "final customer": applied(SHOP, Event("erasure", day(1))),
    "journey": replayed(SHOP, bought(1, 40), bought(200), since=START, until=day(900)),
    "journey without since": replayed(ALL, bought(1, 40, id=1, attributes=KINDS), bought(0)),
    "journey without events": replayed(ALL, since=START, stage="buyer", attributes=KINDS),
    "journey with a future": replayed(ALL, bought(1), bought(9), until=day(5), referred_by="bob"),
    "naive journey": replayed(
        SHOP, Event("signup", naive("2026-01-01")), until=naive("2027-01-01")
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_was_stored_is_the_same(name: str) -> None:
    thing = VALUES[name]
    found = stored(thing)
    assert type(found) is type(thing)
    assert found == thing
    assert repr(found) == repr(thing)  # zones, digits and kinds of numbers, which == passes over
    assert json.dumps(found.to_dict()) == json.dumps(thing.to_dict())


@pytest.mark.parametrize("name", VALUES)
def test_what_is_written_says_what_it_is_and_of_which_format(name: str) -> None:
    data = VALUES[name].to_dict()
    assert list(data)[:2] == ["type", "format"]
    assert data["format"] == codec.FORMAT == 1
    assert data == codec.to_dict(VALUES[name])
    assert codec.from_dict(sent(data)) == VALUES[name]  # without being told what it is


@pytest.mark.parametrize("name", VALUES)
def test_the_codec_reads_the_type_that_is_expected_and_no_other(name: str) -> None:
    thing = VALUES[name]
    assert codec.from_dict(thing.to_dict(), of=type(thing)) == thing
    other = Customer if isinstance(thing, Event) else Event
    with pytest.raises(DataError, match="type must be"):
        codec.from_dict(thing.to_dict(), of=other)


def test_each_kind_of_tally_can_be_stored() -> None:
    assert _STATES.keys() == _tallies.KINDS.keys()


def test_the_fingerprint_is_that_of_the_definition() -> None:
    assert codec.fingerprint(SHOP) == SHOP.fingerprint


@pytest.mark.parametrize("name", VALUES)
def test_type_and_format_may_be_left_out_where_the_type_is_asked_for(name: str) -> None:
    data = VALUES[name].to_dict()
    bare = {key: item for key, item in data.items() if key not in ("type", "format")}
    assert type(VALUES[name]).from_dict(bare) == VALUES[name]


def test_the_zones_of_attributes_are_kept() -> None:
    sets = stored(VALUES["event with all"]).sets
    assert [type(item) for item in sets.values()] == [type(item) for item in KINDS.values()]
    for name in ("naive", "utc", "first", "second", "fixed"):
        assert sets[name].isoformat() == KINDS[name].isoformat()
    assert sets["first"].tzinfo is BERLIN
    assert sets["second"] - sets["first"] == timedelta(0)  # as Python has it
    assert sets["second"].fold == 1


def test_reading_changes_nothing_in_the_data() -> None:
    for thing in VALUES.values():
        data = sent(thing.to_dict())
        before = copy.deepcopy(data)
        type(thing).from_dict(data)
        assert data == before


def test_the_order_of_fields_makes_no_difference() -> None:
    def turned(data: Any) -> Any:
        if isinstance(data, dict):
            return {key: turned(item) for key, item in reversed(data.items())}
        return [turned(item) for item in data] if isinstance(data, list) else data

    for thing in VALUES.values():
        assert type(thing).from_dict(turned(sent(thing.to_dict()))) == thing


@pytest.mark.parametrize("wrong", [None, 3, "shop", {}, STAGES[0], ALL.transitions[0], Lifecycle])
def test_only_values_that_can_be_stored_are_written(wrong: Any) -> None:
    text = refusal(InvalidTypeError, lambda: codec.to_dict(wrong))
    assert text.startswith(
        "value must be one of lifecycle, customer, enrollment, event, change, journey, got"
    )


# What data cannot express


def is_vip(_customer: Customer, _event: Event | None) -> bool:
    return True


CODE = lifecycle(
    Transition("buyer", "lost", on="visit"),
    Transition("buyer", "loyal", on="purchase", when=is_vip),
)


def test_a_condition_that_is_code_is_not_written() -> None:
    expected = "when must be data, such as count('purchase') >= 3, to be written, got "
    text = refusal(InvalidValueError, CODE.to_dict)
    assert text.startswith(f"lifecycle.transitions[1].{expected}")
    assert refusal(InvalidValueError, lambda: CODE.fingerprint) == text
    (change,) = replayed(CODE, bought(1)).changes
    assert refusal(InvalidValueError, change.to_dict).startswith(f"change.transition.{expected}")
    journey = replayed(CODE, bought(1))
    text = refusal(InvalidValueError, journey.to_dict)
    assert text.startswith(f"journey.lifecycle.transitions[1].{expected}")


def test_a_customer_of_a_definition_with_code_can_be_stored() -> None:
    ann = CODE.enroll("ann", at=START)
    assert CODE.apply(stored(ann), bought(1)) == CODE.apply(ann, bought(1))


def test_a_zone_without_a_name_is_not_written() -> None:
    there = at("2026-01-05", tzstr("EST5EDT"))
    must = "must have no time zone, a fixed offset, or a zone of zoneinfo with a name"
    windowed = lifecycle(
        Transition("buyer", "lost", after=idle("x", days=1), when=count("x") > 9), events=("x",)
    )
    for thing, path in (
        (Event("x", there), "event.at"),
        (Event("x", START, sets={"a": (there,)}), "event.sets['a'][0]"),
        (Event("x", START, attributes={"a": there}), "event.attributes['a']"),
        (applied(SHOP, at=there), "customer.enrollment.at"),
        (applied(SHOP, Event("purchase", there)), "customer.entered"),
        (applied(windowed, Event("x", there)), "customer.last_activity"),
        (applied(SHOP, attributes={"a": there}), "customer.enrollment.attributes['a']"),
        (replayed(SHOP, Event("purchase", there), since=START).changes[0], "change.at"),
        (replayed(SHOP, since=there), "journey.enrollment.at"),
        (replayed(SHOP, since=START, until=there), "journey.until"),
        (
            replayed(SHOP, since=START, attributes={"a": there}),
            "journey.enrollment.attributes['a']",
        ),
    ):
        assert refusal(InvalidValueError, thing.to_dict).startswith(f"{path} {must}")


def test_a_named_clock_in_a_zone_without_a_name_is_not_written() -> None:
    clocked = lifecycle(
        Transition("buyer", "lost", after=idle("x", days=1)), events=("x",), activity=()
    )
    ann = applied(clocked, Event("x", at("2026-01-05", tzstr("EST5EDT"))))
    assert refusal(InvalidValueError, ann.to_dict).startswith("last of 'x' must have no time zone")


# Fingerprints


def test_a_fingerprint_is_the_same_on_any_machine() -> None:
    assert SHOP.fingerprint == "f85a7a84d56b2aa4ed80aa27c48f79b00d3e27e8db5cbb524a9da2fc8d36a23f"
    assert ALL.fingerprint == "a39724585bd3fd9bef64c7f01be5b4e154837ca82dc069d9e1a099ae3e89a720"


def test_equal_definitions_have_one_fingerprint() -> None:
    one = lifecycle(Transition("buyer", "lost", after=idle(weeks=1, hours=36)), activity=["x"])
    two = lifecycle(Transition(("buyer",), "lost", after=idle(days=8.5)), activity=("x",))
    assert one == two
    assert one.fingerprint == two.fingerprint == stored(one).fingerprint == again(one).fingerprint


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (total("x") >= 500, total("x") >= 500.0),
        (total("x") >= Decimal(500), total("x") >= 500.0),
        (total("x") >= Decimal("0.5"), total("x") >= Decimal("0.50")),
        (total("x") >= Decimal("1E+300"), total("x") >= 10**300),
        (total("x") >= 0.1, total("x") >= Decimal("0.1")),  # which Python tells apart
        (total("x") >= -0.0, total("x") >= 0),
        (attribute("a").equals(1), attribute("a").equals(True)),
        (attribute("a").is_in([1, (2.0,)]), attribute("a").is_in([1.0, (Decimal(2),)])),
        (attribute("a").equals(START), attribute("a").equals(START.astimezone(BERLIN))),
        (attribute("a").equals(500), attribute("a").equals("500")),
        (attribute("a").equals("1/2"), attribute("a").equals("0.5")),
        (attribute("a").equals(date(2026, 1, 1)), attribute("a").equals("2026-01-01")),
    ],
)
def test_two_conditions_have_one_fingerprint_only_if_they_are_equal(one: Any, two: Any) -> None:
    first, second = (
        lifecycle(Transition("buyer", "loyal", on="x", when=condition)) for condition in (one, two)
    )
    assert (first == second) == (first.fingerprint == second.fingerprint)


def test_whatever_differs_makes_another_fingerprint() -> None:
    given: dict[str, Any] = {
        "name": "shop",
        "initial": "buyer",
        "stages": STAGES,
        "transitions": (Transition("buyer", "lost", on="x"),),
        "activity": None,
        "events": (),
        "version": 1,
    }
    others: list[dict[str, Any]] = [
        {},
        {"name": "Shop"},
        {"initial": "lead"},
        {"stages": STAGES[::-1]},
        {"stages": (*STAGES, Stage("extra", Status.ACTIVE))},
        {"stages": (*STAGES[:-1], Stage("gone", Status.CHURNED))},
        {"stages": (*STAGES[:-1], Stage("gone", Status.DORMANT, final=True))},
        {"stages": (*STAGES[:-1], Stage("gone", Status.CHURNED, final=True, label="Gone"))},
        {"transitions": ()},
        {"transitions": (Transition("loyal", "lost", on="x"),)},
        {"transitions": (Transition(Status.ACTIVE, "lost", on="x"),)},
        {"transitions": (Transition(ANY, "lost", on="x"),)},
        {"transitions": (Transition("buyer", "lapsed", on="x"),)},
        {"transitions": (Transition("buyer", "lost", on="y"),)},
        {"transitions": (Transition("buyer", "lost", after=idle(days=1)),)},
        {"transitions": (Transition("buyer", "lost", after=dwell(days=1)),)},
        {"transitions": (Transition("buyer", "lost", after=idle("y", days=1)),), "events": ("y",)},
        {"transitions": (Transition("buyer", "lost", on="x", when=count("x") >= 3),)},
        {"transitions": (Transition("buyer", "lost", on="x", when=count("x") > 3),)},
        {"activity": ()},
        {"activity": ("x",)},
        {"events": ("x",)},
        {"version": 2},
    ]
    made = [Lifecycle(**{**given, **other}) for other in others]
    assert len({definition.fingerprint for definition in made}) == len(others)


# Definitions written by hand


def by_hand(**more: Any) -> dict[str, Any]:
    """Write a definition by hand."""
    return {
        "name": "club",
        "initial": "guest",
        "stages": [
            {"name": "guest", "status": "prospect"},
            {"name": "member", "status": "active"},
            {"name": "lapsed", "status": "dormant"},
        ],
        "transitions": [{"source": "guest", "target": "member", "on": "join"}],
        **more,
    }


def mistakes(data: Any) -> tuple[str, ...]:
    """Give what is wrong with the data of a definition."""
    with pytest.raises(DefinitionError) as caught:
        Lifecycle.from_dict(data)
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    return caught.value.problems


def test_a_definition_may_be_written_by_hand() -> None:
    assert Lifecycle.from_dict(by_hand()) == Lifecycle(
        name="club",
        initial="guest",
        stages=[
            Stage("guest", Status.PROSPECT),
            Stage("member", Status.ACTIVE),
            Stage("lapsed", Status.DORMANT),
        ],
        transitions=[Transition("guest", "member", on="join")],
    )
    tuples = by_hand(stages=tuple(by_hand()["stages"]), transitions=())
    assert Lifecycle.from_dict(tuples) == Lifecycle.from_dict(by_hand(transitions=[]))


def test_one_error_names_five_mistakes_of_different_kinds() -> None:
    transitions: list[Any] = [
        {"source": "guest", "target": "member", "on": "join"},
        {"source": "member", "target": "lapsd", "on": "leave"},
        {"source": "member", "target": "member", "on": "buy", "wen": {}},
        {
            "source": {"status": "active"},
            "target": "lapsed",
            "after": {"clock": "idle", "days": -9},
        },
        {
            "source": "lapsed",
            "target": "member",
            "on": "join",
            "when": {"measure": "count", "name": "join", "operator": ">=", "wanted": "3"},
        },
    ]
    stages = [*by_hand()["stages"], {"name": "old", "status": "dormnt"}]
    with pytest.raises(DefinitionError) as caught:
        Lifecycle.from_dict(by_hand(stages=stages, transitions=transitions))
    statuses = "'prospect', 'active', 'dormant', 'churned'"
    names = "'guest', 'member', 'lapsed', 'old'"
    assert caught.value.name == "club"
    assert caught.value.problems == (
        f"stages[3].status must be one of {statuses}, got 'dormnt'; did you mean 'dormant'?",
        (
            "a key of transitions[2] must be one of 'source', 'target', 'on', 'after', 'when', "
            "got 'wen'; did you mean 'when'?"
        ),
        "transitions[3].after.days must be at least 0, got -9",
        ("transitions[4].when.wanted must be a number (int, float or Decimal), got '3' (str)"),
        f"transitions[1].target must be one of {names}, got 'lapsd'; did you mean 'lapsed'?",
    )


def way(**fields: Any) -> dict[str, Any]:
    """Write a definition whose second transition has these fields."""
    other = {"source": "member", "target": "lapsed", **fields}
    return by_hand(transitions=[*by_hand()["transitions"], other])


def if_(**fields: Any) -> dict[str, Any]:
    return way(on="leave", when=fields)


JOINED = {"measure": "count", "name": "join", "operator": ">=", "wanted": 3}
UNITS = "'weeks', 'days', 'hours', 'minutes', 'seconds', 'months', 'years'"
DWELL = "'clock', 'until', 'year_start', 'week_start', 'zone'"
LISTED = "be a stage's name, {'status': ...}, {'any': true}, or a list of these"

MISTAKES: list[tuple[Any, str]] = [
    # of the whole
    ({**by_hand(), "nam": "x"}, "a key of the data must be one of 'name', 'version', 'initial', "),
    ({**by_hand(), "stage": []}, "got 'stage'; did you mean 'stages'?"),
    ({**by_hand(), 3: "x"}, "a key of the data must be text, got 3 (int)"),
    ({**by_hand(), None: "x"}, "a key of the data must be text, got None (NoneType)"),
    (by_hand(name=""), "name must be text that is not blank, got ''"),
    (by_hand(version=0), "version must be at least 1, got 0"),
    (by_hand(version="1"), "version must be a whole number, got '1' (str)"),
    (by_hand(initial=3), "initial must be text, got 3 (int)"),
    (
        by_hand(initial="gest"),
        "initial must be one of 'guest', 'member', 'lapsed', got 'gest'; did",
    ),
    (by_hand(stages={}), "stages must be a list, got {} (dict)"),
    (by_hand(stages=[]), "stages must hold at least one stage, got none"),
    (by_hand(transitions="all"), "transitions must be a list, got 'all' (str)"),
    (by_hand(activity="join"), "activity must be a list, got 'join' (str)"),
    (by_hand(activity=[1]), "activity[0] must be text, got 1 (int)"),
    (
        by_hand(activity=["join", "join"]),
        "activity must name each thing once, got ('join', 'join')",
    ),
    (by_hand(events=["a", " "]), "events[1] must be text that is not blank, got ' '"),
    # of stages
    (by_hand(stages=["guest"]), "stages[0] must be an object, got 'guest' (str)"),
    (by_hand(stages=[{"name": "guest"}]), "stages[0].status must be given, got nothing"),
    (by_hand(stages=[{"status": "active"}]), "stages[0].name must be given, got nothing"),
    (
        by_hand(stages=[{"name": "guest", "status": "active", "label": 3}]),
        "stages[0].label must be text, got 3 (int)",
    ),
    (
        by_hand(stages=[{"name": "guest", "status": "active", "final": "yes"}]),
        "stages[0].final must be true or false, got 'yes' (str)",
    ),
    (
        by_hand(stages=[{"name": "guest", "status": "active", "color": "red"}]),
        "a key of stages[0] must be one of 'name', 'status', 'label', 'final', 'stops', got",
    ),
    # of transitions
    (by_hand(transitions=[None]), "transitions[0] must be an object, got None (NoneType)"),
    (way(), "transitions[1] must have exactly one of on and after, got 'on=None, after=None'"),
    (
        way(on="x", after={"clock": "idle", "days": 1}),
        "transitions[1] must have exactly one of on and after, got ",
    ),
    (way(on="x", source="membr"), "transitions[1].source must be one of 'guest', 'member', "),
    (way(on="x", source=3), f"transitions[1].source must {LISTED}, got 3 (int)"),
    (way(on="x", source={"all": True}), f"transitions[1].source must {LISTED}, got "),
    (way(on="x", source={"any": False}), f"transitions[1].source must {LISTED}, got "),
    (way(on="x", source=["member", 3]), f"transitions[1].source[1] must {LISTED}, got 3 (int)"),
    (
        way(on="x", source={"status": "actve"}),
        "transitions[1].source.status must be one of 'prospect', 'active', ",
    ),
    (way(on="x", source=[]), "must name at least one stage, each once, got ()"),
    (way(on="x", source=["member", "member"]), "must name at least one stage, each once, got ("),
    (way(on="x", target=None), "transitions[1].target must be text, got None (NoneType)"),
    (way(on=["x"]), "transitions[1].on must be text, got ['x'] (list)"),
    # of time-outs
    (way(after=90), "transitions[1].after must be an object, got 90 (int)"),
    (way(after={}), "transitions[1].after.clock must be text that is not blank, got ''"),
    (
        way(after={"clock": "idel", "days": 1}),
        "[1].after.clock must be one of 'idle', 'dwell', 'at', 'falls', got 'idel'; did you mean ",
    ),
    (
        way(after={"clock": "idle"}),
        "transitions[1].after must be above 0 in at least one unit, weeks to seconds",
    ),
    (
        way(after={"clock": "idle", "dais": 9}),
        f"after must be one of 'clock', 'event', 'where', {UNITS}, got 'dais'; did",
    ),
    (
        way(after={"clock": "dwell", "event": "join"}),
        f"after must be one of {DWELL}, {UNITS}, 'anchor', got 'event'",
    ),
    (
        way(after={"clock": "idle", "event": "jon", "days": 1}),
        "transitions[1].after.event must be 'join', got 'jon'; did you mean 'join'?",
    ),
    (
        way(after={"clock": "idle", "days": "9"}),
        "transitions[1].after.days must be a number (int, float or Decimal), got '9' (str)",
    ),
    (
        way(after={"clock": "idle", "months": 1.5}),
        "transitions[1].after.months must be a whole number, got 1.5 (float)",
    ),
    (
        way(after={"clock": "idle", "days": 1, "months": 1}),
        "transitions[1].after must be in weeks, days, hours, minutes and seconds or in months",
    ),
    (
        way(after={"clock": "dwell", "until": "yeer"}),
        "one of 'day', 'week', 'month', 'quarter', 'year', got 'yeer'; did you mean 'year'?",
    ),
    (
        way(after={"clock": "dwell", "until": "year", "days": 1}),
        "transitions[1].after must have one of the two, got ",
    ),
    # of conditions
    (
        way(on="x", when="count >= 3"),
        "transitions[1].when must be an object, got 'count >= 3' (str)",
    ),
    (
        if_(),
        "transitions[1].when must have a 'measure', or only one of 'all_of', 'any_of' and 'not'",
    ),
    (if_(both=[]), "transitions[1].when must have a 'measure', or only one of "),
    (if_(all_of=[JOINED], any_of=[JOINED]), "transitions[1].when must have a 'measure', or only "),
    (if_(all_of=JOINED), "transitions[1].when.all_of must be a list, got "),
    (if_(any_of=[]), "transitions[1].when must hold at least one condition, got ()"),
    (if_(any_of=[JOINED, 3]), "transitions[1].when.any_of[1] must be an object, got 3 (int)"),
    (
        {**if_(**{"not": {"all_of": [{**JOINED, "name": "jon"}]}})},
        "transitions[1].when, in count('jon'), the event must be one of 'join', 'leave', got 'jon'",
    ),
    (
        if_(**{"not": {"all_of": [{**JOINED, "operator": "=>"}]}}),
        (
            "transitions[1].when.not.all_of[0].operator must be one of '>=', '>', '<=', '<', "
            "'equals', 'is_in', got '=>'"
        ),
    ),
    (
        if_(**{**JOINED, "measure": "cuont"}),
        "transitions[1].when.measure must be one of 'count', 'total', 'mean', 'days_since', ",
    ),
    (if_(measure="count"), "transitions[1].when.wanted must be given, got nothing"),
    (if_(measure="count"), "transitions[1].when.name must be given, got nothing"),
    (
        if_(measure="value", name="join", operator=">", wanted=3),
        "a key of transitions[1].when must be one of 'measure', 'operator', 'wanted', got 'name'",
    ),
    (
        if_(measure="attribute", name="a", since_entry=True, operator=">", wanted=3),
        "'name', 'operator', 'wanted', got 'since_entry'",
    ),
    (if_(**JOINED, since_entry=1), "transitions[1].when.since_entry must be true or false, got 1"),
    (if_(**JOINED, within={"days": 0}), "transitions[1].when.within must be above 0 in at least"),
    (if_(**JOINED, within={"until": "yaer"}), "within.until must be one of 'day', 'week', 'month'"),
    (if_(**JOINED, within={"until": "year", "days": 1}), "'week_start', 'zone', got 'days'"),
    (
        if_(**JOINED, within={"until": "year", "year_start": 13}),
        "transitions[1].when.within must be at most 12, got 13",
    ),
    (
        if_(**JOINED, within={"until": "year", "zone": "Mars"}),
        "transitions[1].when.within must be the name of an installed time zone",
    ),
    (
        way(after={"clock": "dwell", "days": 3, "year_start": 4}),
        "transitions[1].after must be given with until, got ['year_start']",
    ),
    (if_(**JOINED, within={"days": -1}), "transitions[1].when.within.days must be at least 0, got"),
    (if_(**{**JOINED, "name": ""}), "transitions[1].when.name must be text that is not blank"),
    (if_(**{**JOINED, "wanted": nan}), "transitions[1].when.wanted must be finite, got nan"),
    (
        if_(**{**JOINED, "wanted": {"decimal": "1E+999999"}}),
        (
            "transitions[1].when.wanted must be finite as a float, which reaches to 1.8e308, "
            "got Decimal('1E+999999')"
        ),
    ),
    (
        if_(**{**JOINED, "wanted": {"decimal": "three"}}),
        "transitions[1].when.wanted must hold a valid decimal, got {'decimal': 'three'}",
    ),
    (
        if_(**{**JOINED, "operator": "is_in"}),
        "transitions[1].when.wanted must be given a tuple of values, got 3 (int)",
    ),
    (
        if_(measure="attribute", name="a", operator="equals", wanted=None),
        "transitions[1].when.wanted must be a value; a missing one meets nothing, got None",
    ),
]


@pytest.mark.parametrize(("data", "text"), MISTAKES)
def test_a_mistake_is_named_with_its_path(data: Any, text: str) -> None:
    assert any(text in problem for problem in mistakes(data)), mistakes(data)


@pytest.mark.parametrize(("data", "text"), MISTAKES)
def test_a_mistake_is_named_beside_another(data: Any, text: str) -> None:
    other = "initial" if "version" in text else "version"
    problems = mistakes({**data, other: -1})
    assert any(problem.startswith(f"{other} must be ") for problem in problems)
    assert any(text in problem for problem in problems)
    assert len(set(problems)) == len(problems)


def test_everything_that_is_missing_is_named() -> None:
    assert mistakes({}) == tuple(
        f"{name} must be given, got nothing"
        for name in ("name", "initial", "stages", "transitions")
    )


def test_the_name_is_shown_where_there_is_one() -> None:
    with pytest.raises(DefinitionError, match=r"^lifecycle 'club' has 1 thing wrong:\n  - version"):
        Lifecycle.from_dict(by_hand(version=0))
    with pytest.raises(DefinitionError, match=r"^lifecycle '\?' has 4 things wrong:\n"):
        Lifecycle.from_dict({})


def test_a_broken_part_brings_up_nothing_else() -> None:
    # the broken stage is known by its name, and the broken ways hide none behind them
    stages = [*by_hand()["stages"], {"name": "old", "status": 3}, {"name": 4, "status": "active"}]
    transitions = [
        {"source": "guest", "target": "old", "on": "join"},
        {"source": "old", "target": "member", "on": "join", "when": 3},
        {"source": "old", "target": "guest", "on": "join"},
        {"source": ["lapsed", 3], "target": "guest", "on": "join"},
        {"source": "lapsed", "target": "old", "on": "join"},
        {"source": "lapsed", "target": 3, "after": {"clock": "idle", "days": 1}},
        {"target": "lapsed", "on": "leave"},
    ]
    assert mistakes(by_hand(stages=stages, transitions=transitions)) == (
        "stages[3].status must be text, got 3 (int)",
        "stages[4].name must be text, got 4 (int)",
        "transitions[1].when must be an object, got 3 (int)",
        f"transitions[3].source[1] must {LISTED}, got 3 (int)",
        "transitions[5].target must be text, got 3 (int)",
        "transitions[6].source must be given, got nothing",
    )


def test_the_rest_of_a_broken_definition_is_checked_whole() -> None:
    data = by_hand(
        version=0,
        transitions=[
            {"source": "guest", "target": "member", "on": "join"},
            {"source": "guest", "target": "lapsed", "on": "join"},
            {"source": "member", "target": "lapsed", "after": {"clock": "idle", "days": 1}},
            {"source": "lapsed", "target": "member", "after": {"clock": "idle", "days": 1}},
        ],
    )
    first, second, third = mistakes(data)
    assert first == "version must be at least 1, got 0"
    assert second.startswith("transitions[1] must have a condition, since transitions[0] leaves")
    assert third.startswith("transitions must not lead in a circle of idle time-outs")


# Formats and types


@pytest.mark.parametrize(
    "name", ["definition", "event", "change by migration", "customer", "journey"]
)
@pytest.mark.parametrize("version", [0, 2, 1.5, True, "1", None, [1], {}])
def test_an_unknown_format_is_refused(name: str, version: Any) -> None:
    data = {**VALUES[name].to_dict(), "format": version}
    with pytest.raises((DefinitionError, DataError)) as caught:
        type(VALUES[name]).from_dict(data)
    assert caught.value.problems == (f"format must be 1, got {version!r}",)


def test_one_type_is_not_read_as_another() -> None:
    with pytest.raises(DataError) as caught:
        Event.from_dict(SHOP.to_dict())
    assert caught.value.kind == "event"
    assert caught.value.problems == ("type must be 'event', got 'lifecycle'",)
    with pytest.raises(DefinitionError, match=r"type must be 'lifecycle', got 'event'"):
        Lifecycle.from_dict(Event("x", START).to_dict())
    known = "'lifecycle', 'customer', 'enrollment', 'event', 'change', 'journey'"
    text = refusal(DataError, lambda: codec.from_dict({"type": "evnt"}))
    assert text == (
        "the data of the value has 1 thing wrong:\n"
        f"  - type must be one of {known}, got 'evnt'; did you mean 'event'?"
    )
    with pytest.raises(DataError, match=r"type must be text, got None \(NoneType\)"):
        codec.from_dict({"name": "x", "at": "2026-01-01"})


# Events, changes, customers, journeys by hand


def wrong(kind: type[Any], data: Any) -> tuple[str, ...]:
    with pytest.raises(DataError) as caught:
        kind.from_dict(data)
    return caught.value.problems


def test_an_event_may_be_written_by_hand() -> None:
    data = {"name": "visit", "at": "2026-01-01T00:00:00Z"}
    assert Event.from_dict(data) == Event("visit", START)


def test_everything_wrong_with_an_event_is_named() -> None:
    data = {
        "nam": "x",
        "at": "soon",
        "value": {"decimal": "NaN"},
        "id": True,
        "attributes": {"": 1},
        "sets": {"a": [1, {"date": "x"}], "b": 2},
    }
    key, *problems = wrong(Event, data)
    assert key.endswith("'attributes', 'sets', 'sequence', got 'nam'; did you mean 'name'?")
    assert problems == [
        "name must be given, got nothing",
        "at must be an instant such as '2026-01-05T09:00:00+01:00', got 'soon'",
        "value must be finite, got Decimal('NaN'), a missing value",
        "id must be text or a whole number or a UUID, got True (bool)",
        "attributes key must be text that is not blank, got ''",
        "sets['a'][1] must hold a valid date, got {'date': 'x'}",
    ]
    assert wrong(Event, {"name": "x", "at": "0001-01-01T00:00:00+01:00"}) == (
        "at must be within years 1 to 9999 in UTC, got 0001-01-01 00:00:00+01:00",
    )
    assert wrong(Event, {"name": " ", "at": None, "value": "3", "sets": []}) == (
        "name must be text that is not blank, got ' '",
        "at must be an instant such as '2026-01-05T09:00:00+01:00', got None (NoneType)",
        "value must be a number (int, float or Decimal), got '3' (str)",
        "sets must be an object, got [] (list)",
    )
    for sequence, expected in ((-1, "be at least 0, got -1"), (1.5, "be a whole number, got 1.5")):
        (problem,) = wrong(Event, {"name": "x", "at": "2026-01-01T00:00", "sequence": sequence})
        assert problem.startswith(f"sequence must {expected}")


def test_everything_wrong_with_a_change_is_named() -> None:
    data = {
        **VALUES["change by an event"].to_dict(),
        "customer": 1.5,
        "kind": "conversion ",
        "cause": "time-out",
        "transition": {"source": "a", "target": "b"},
        "event": {"name": "x"},
    }
    problems = wrong(StageChange, data)
    assert [problem.split(" must ")[0] for problem in problems] == [
        "customer",
        "kind",
        "cause",
        "transition",
        "event.at",
    ]
    assert "did you mean 'conversion'?" in problems[1]
    assert "did you mean 'timeout'?" in problems[2]
    assert wrong(StageChange, {}) == tuple(
        f"{name} must be given, got nothing"
        for name in ("customer", "at", "source", "target", "kind", "cause")
    )


class Change(NamedTuple):
    """What is put at a place in the data."""

    path: tuple[str | int, ...]
    item: Any


def changed(thing: Any, *changes: Change) -> Any:
    data = sent(thing.to_dict())
    for (*steps, last), item in changes:
        place = data
        for step in steps:
            place = place[step]
        place[last] = item
    return data


KEEPER = lifecycle(
    Transition("buyer", "loyal", on="purchase", when=total("purchase") >= 10**6),
    Transition("buyer", "loyal", on="purchase", when=mean("purchase", since_entry=True) > 10**6),
    Transition("buyer", "loyal", on="purchase", when=count("visit", within=Period(days=9)) > 99),
    Transition("buyer", "loyal", on="purchase", when=mean("visit", within=Period(months=1)) > 99),
    Transition("buyer", "lapsed", after=idle("visit", days=30)),
    Transition("buyer", "lost", after=dwell(days=90)),
    Transition(("loyal", "lapsed", "lost"), "buyer", on="visit"),
)
KEPT = applied(
    KEEPER,
    bought(1, Decimal("30.00")),
    Event("visit", day(2), value=2),
    Event("visit", at("2026-01-05", BERLIN)),
    bought(5),
    attributes=KINDS,
    referred_by=7,
)


def test_what_a_customer_remembers_is_written_in_words() -> None:
    assert KEPT.to_dict()["memory"] == [
        {"kind": "total", "names": ["purchase"], "state": {"decimal": "30.00"}},
        {
            "kind": "total",
            "names": ["purchase"],
            "since_entry": True,
            "state": {"decimal": "30.00"},
        },
        {"kind": "valued", "names": ["purchase"], "since_entry": True, "state": 1},
        {
            "kind": "window",
            "names": ["visit"],
            "within": {"days": 9},
            "state": [["2026-01-03T00:00:00+00:00", 2], ["2026-01-04T23:00:00+00:00", None]],
        },
        {
            "kind": "window",
            "names": ["visit"],
            "within": {"months": 1},
            "state": [["2026-01-03T00:00:00+00:00", 2], ["2026-01-04T23:00:00+00:00", None]],
        },
        {"kind": "last", "names": ["visit"], "state": "2026-01-05T00:00:00+01:00[Europe/Berlin]"},
    ]
    assert stored(KEPT) == KEPT


STAY = {"since": None, "stopped": 0, "length": None, "anchor": None, "steps": 0}


def test_what_a_customer_remembers_of_pauses_is_written_in_words() -> None:
    """The stay began with the renewal of 31 March, and stood still for 36 hours."""
    assert PAUSED.to_dict()["memory"] == [
        {
            "kind": "dwelling",
            "names": [],
            "state": {
                "stay": STAY,
                "left": [
                    {
                        "stage": "buyer",
                        "at": "2026-04-03T22:00:00+00:00",
                        "stay": {
                            "since": "2026-03-31T00:00:00+02:00[Europe/Berlin]",
                            "stopped": 36 * 3600 * 10**6,
                            "length": {"months": 1},
                            "anchor": "2026-01-31T00:00:00+01:00[Europe/Berlin]",
                            "steps": 2,
                        },
                    },
                    {
                        "stage": "paused",
                        "at": "2026-04-04T22:00:00+00:00",
                        "stay": {**STAY, "since": "2026-04-04T00:00:00+02:00[Europe/Berlin]"},
                    },
                ],
            },
        },
        {"kind": "idling", "names": [], "state": {"since": None, "stopped": 60 * 3600 * 10**6}},
    ]
    assert stored(PAUSED) == PAUSED


DWELLING = ("memory", 0, "state")
IDLING = ("memory", 1, "state")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (Change(IDLING, None), "memory[1].state must be an object, got None"),
        (Change((*IDLING, "stopped"), -1), "memory[1].state.stopped must be at least 0, got -1"),
        (Change((*IDLING, "stopped"), 0.5), "memory[1].state.stopped must be a whole number"),
        (Change((*IDLING, "stopped"), 10**18), "memory[1].state.stopped must be at most 316"),
        (Change((*IDLING, "since"), 3), "memory[1].state.since must be an instant such as "),
        (
            Change((*IDLING, "since"), "2027-01-01T00:00:00+00:00"),
            "memory[1] must not be after seen, 2026-04-04 22:00:00+00:00, got 2027-01-01",
        ),
        (
            Change((*IDLING, "since"), "2026-01-01T00:00:00"),
            "data: customer and enrollment.at must both",
        ),
        (
            Change((*DWELLING, "left", 0, "at"), "2027-01-01T00:00:00+00:00"),
            "memory[0] must not be after seen, 2026-04-04 22:00:00+00:00, got 2027-01-01",
        ),
        (Change((*DWELLING, "left", 0), {}), "memory[0].state.left[0].stage must be given"),
        (
            Change((*DWELLING, "stay", "length"), {"months": 0}),
            "memory[0].state.stay.length must be above 0",
        ),
        (
            Change((*DWELLING, "stay", "anchor"), "2026-01-01T00:00:00"),
            "data: customer and enrollment.at must both",
        ),
    ],
)
def test_what_is_wrong_with_what_is_known_of_pauses_is_named(change: Change, text: str) -> None:
    assert wrong(Customer, changed(PAUSED, change))[0].startswith(text)


def test_what_a_customer_knows_of_an_instant_is_written_in_words() -> None:
    assert KEPT.to_dict()["tie"] is None
    numbered = applied(SHOP, bought(1, sequence=3), bought(1))
    assert numbered.to_dict()["tie"] == {
        "at": "2026-01-02T00:00:00+00:00",
        "sequence": 3,
        "rested": False,
        "sets": [],
    }
    with pytest.raises(OutOfOrderError):
        SHOP.apply(stored(numbered), bought(1, sequence=2))
    resting = VALUES["customer whose entry was examined"]
    assert resting.to_dict()["tie"] == {
        "at": "2026-01-10T00:00:00+00:00",
        "sequence": None,
        "rested": True,
        "sets": [],
    }


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (Change(("tie",), 3), "tie must be an object, got 3 (int)"),
        (Change(("tie", "at"), None), "tie.at must be an instant such as "),
        (Change(("tie", "sequence"), -1), "tie.sequence must be at least 0, got -1"),
        (Change(("tie", "sequence"), True), "tie.sequence must be a whole number, got True"),
        (Change(("tie", "rested"), None), "tie.rested must be true or false, got None"),
        (Change(("tie", "seen"), 3), "a key of tie must be one of 'at', 'sequence', 'rested'"),
        (
            Change(("tie", "at"), "2026-01-01T00:00:00"),
            "data: customer and enrollment.at must both",
        ),
    ],
)
def test_what_is_wrong_with_what_is_known_of_an_instant_is_named(change: Change, text: str) -> None:
    numbered = applied(SHOP, bought(1, sequence=3))
    assert wrong(Customer, changed(numbered, change))[0].startswith(text)


@pytest.mark.parametrize(
    "values", [(0.5, {"decimal": "1"}), ({"decimal": "1"}, 0.5), (1e308, 1e308), (10**308, 10**308)]
)
def test_the_values_of_a_window_have_to_add_up(values: Any) -> None:
    window = ("memory", 3, "state")
    data = changed(KEPT, *(Change((*window, i, 1), value) for i, value in enumerate(values)))
    (problem,) = wrong(Customer, data)
    expected = "memory[3].state must have values that add up: floats or decimals, "
    assert problem.startswith(expected)


def test_everything_wrong_with_a_customer_is_named() -> None:
    window = ("memory", 3, "state")
    problems = wrong(
        Customer,
        changed(
            KEPT,
            Change(("enrollment", "id"), None),
            Change(("lifecycle", "version"), 0),
            Change(("stage", "status"), "activ"),
            Change(("seen",), 3),
            Change(("attributes", "date"), {"date": "x"}),
            Change(("memory", 0, "kind"), "totl"),
            Change(("memory", 1, "state"), "30"),
            Change(("memory", 2, "state"), -1),
            Change((*window, 0), ["2026-01-03T00:00:00+00:00"]),
            Change((*window, 1, 1), "2"),
            Change(("memory", 4, "within"), {"days": -1}),
            Change(("memory", 5, "stat"), None),
        ),
    )
    assert [problem.split(" must ")[0] for problem in problems] == [
        "enrollment.id",
        "lifecycle.version",
        "stage.status",
        "seen",
        "attributes['date']",
        "memory[0].kind",
        "memory[1].state",
        "memory[2].state",
        "memory[3].state[0]",
        "memory[3].state[1]",
        "memory[4].within.days",
        "a key of memory[5]",
    ]
    assert "did you mean 'total'?" in problems[5]
    assert problems[8].startswith("memory[3].state[0] must be an instant and a value, got ['2026-")
    assert len(wrong(Customer, {})) == 9
    assert wrong(Customer, {**KEPT.to_dict(), "memory": [3]}) == (
        "memory[0] must be an object, got 3 (int)",
    )


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            Change(("entered",), "2025-12-31T00:00:00+00:00"),
            (
                "entered must not be before enrolled, 2026-01-01 00:00:00+00:00, "
                "got 2025-12-31 00:00:00+00:00"
            ),
        ),
        (
            Change(("seen",), "2025-12-31T00:00:00+00:00"),
            (
                "seen must not be before entered, 2026-01-01 00:00:00+00:00, "
                "got 2025-12-31 00:00:00+00:00"
            ),
        ),
        (
            Change(("entered",), "2026-01-01T00:00:00"),
            "entered and enrolled must both have a time zone or both have none, got naive ",
        ),
        (
            Change(("seen",), "2026-01-09T00:00:00"),
            "seen and enrolled must both have a time zone or both have none, got naive ",
        ),
        (
            Change(("memory", 3, "state", 0, 0), "2026-01-06T00:00:00+00:00"),
            "memory[3].state must be in the order of time, got [['2026-01-06T00:00:00+00:00', 2], ",
        ),
    ],
)
def test_a_customer_whose_instants_are_out_of_order_is_refused(change: Change, text: str) -> None:
    (problem,) = wrong(Customer, changed(KEPT, change))
    assert text in problem


def test_everything_wrong_with_a_journey_is_named() -> None:
    journey = replayed(SHOP, bought(1), bought(2), since=START)
    problems = wrong(
        Journey,
        changed(
            journey,
            Change(("lifecycle", "version"), "x"),
            Change(("lifecycle", "transitions", 0, "on"), 3),
            Change(("enrollment", "id"), []),
            Change(("events", 0, "at"), "x"),
            Change(("events", 1, "nam"), "x"),
            Change(("until",), 3),
        ),
    )
    assert [problem.split(" must ")[0] for problem in problems] == [
        "lifecycle.version",
        "lifecycle.transitions[0].on",
        "enrollment.id",
        "events[0].at",
        "a key of events[1]",
        "until",
    ]
    assert wrong(Journey, {}) == tuple(
        f"{name} must be given, got nothing" for name in ("lifecycle", "enrollment", "events")
    )


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            Change(("enrollment", "at"), "2026-01-02T12:00:00+00:00"),
            "event.at must not be before enrollment, 20",
        ),
        (
            Change(("enrollment", "at"), "2026-01-01T00:00:00"),
            "event.at and enrollment must both have a time zone",
        ),
        (Change(("until",), "2025-01-01T00:00:00+00:00"), "until must not be before enrollment, "),
        (
            Change(("enrollment", "stage"), "byer"),
            "stage must be one of 'visitor', 'lead', 'buyer', ",
        ),
        (
            Change(("events", 1, "name"), "prchase"),
            "event.name must be one of 'signup', 'purchase'",
        ),
        (Change(("events", 1, "id"), "a"), "events with the id 'a' must be equal, got Event('"),
        (Change(("events", 1, "at"), "2026-01-03T00:00:00"), "events[1].at and events[0].at must"),
        (Change(("events", 1, "value"), 0.5), "event.value and what total('purchase') has so far"),
        (Change(("lifecycle", "transitions", 0, "target"), "x"), "transitions[0].target must be"),
    ],
)
def test_a_journey_that_cannot_be_replayed_is_refused(change: Change, text: str) -> None:
    sums = lifecycle(
        *SHOP.transitions,
        Transition("buyer", "loyal", on="signup", when=total("purchase") > 3),
        stages=SHOP.stages,
        initial="visitor",
    )
    journey = replayed(sums, bought(1, Decimal(1), id="a"), bought(2, id="b"), since=START)
    assert any(text in problem for problem in wrong(Journey, changed(journey, change)))


# Hostile data


NASTY: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    10**400,
    -(10**400),
    0.5,
    nan,
    inf,
    -inf,
    1e308,
    "",
    " ",
    "x",
    "\0",
    "\ud800",
    "x" * 10_000,
    "2026-01-01T00:00:00+00:00",
    "9999-12-31T23:59:59+00:00",
    "0001-01-01T00:00:00+01:00",
    b"x",
    1j,
    object(),
    object,
    len,
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("1E+999999"),
    START,
    naive("2026-01-01"),
    timedelta(1),
    date(2026, 1, 1),
    [],
    {},
    (),
    set(),
    {1},
    [None],
    [[]],
    [{}],
    {"": ""},
    {None: None},
    {1: 2},
    {"x": "x"},
    {(): ()},
    {"any": True},
    {"status": []},
    {"status": "active"},
    {"decimal": []},
    {"decimal": "sNaN"},
    {"decimal": "1E+999999"},
    {"instant": 1},
    {"date": None},
    {"time": b""},
    {"microseconds": inf},
    {"microseconds": 10**40},
    {"not": {}},
    {"all_of": {}},
    {"clock": []},
    {"measure": {}},
    {"measure": "count"},
    {"kind": []},
    iter([]),
    range(3),
]

HOSTED: Mapping[str, Any] = {
    "definition": ALL,
    "event": VALUES["event with all"],
    "change": VALUES["change by an event"],
    "customer": KEPT,
    "customer of a sequence": VALUES["customer of a sequence"],
    "enrollment": VALUES["enrollment with all"],
    "journey": replayed(SHOP, bought(1, 3, id=1, sets={"a": 1}), since=START, until=day(900)),
}


def places(data: Any) -> Iterator[tuple[str | int, ...]]:
    """Give the path of every place in the data, the whole first."""
    yield ()
    inner = data.items() if isinstance(data, dict) else enumerate(data) if _is_list(data) else ()
    for key, item in inner:
        yield from ((key, *rest) for rest in places(item))


def _is_list(data: Any) -> bool:
    return isinstance(data, list)


def placed(data: Any, path: tuple[str | int, ...], item: Any) -> Any:
    """Give a copy of the data with something else at a place; only what leads there is copied."""
    if not path:
        return item
    first, *rest = path
    made = list(data) if isinstance(data, list) else dict(data)
    made[first] = placed(data[first], tuple(rest), item)  # type: ignore[index]
    return made


def without(data: Any, path: tuple[str | int, ...]) -> Any:
    *steps, last = path
    found = copy.deepcopy(data)
    place = found
    for step in steps:
        place = place[step]
    del place[last]
    return found


def tried(kind: type[Any], data: Any) -> Any:
    """Read data: give the value, or None where it is refused in words; nothing else comes out."""
    try:
        return kind.from_dict(data)
    except LifecycleError as error:
        assert isinstance(error, DataError | DefinitionError)  # noqa: PT017
        assert error.problems  # noqa: PT017
        assert all(problem in str(error) for problem in error.problems)  # noqa: PT017
        return None


def used(thing: Any) -> None:
    """Use a value that was read from odd data as any other."""
    assert thing == again(thing)
    assert hash(thing) is not None
    assert repr(thing)
    assert stored(thing) == thing
    if isinstance(thing, Customer):
        try:
            KEEPER.due(thing)
            KEEPER.apply(thing, bought(9, 1))
            KEEPER.advance(thing, to=day(999))
        except LifecycleError as error:
            assert str(error)  # noqa: PT017


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
@pytest.mark.parametrize("name", HOSTED)
def test_whatever_stands_anywhere_is_read_or_refused_in_words(name: str, nasty: Any) -> None:
    kind, data = type(HOSTED[name]), sent(HOSTED[name].to_dict())
    for path in places(data):
        if path:
            found = tried(kind, placed(data, path, nasty))
            if found is not None:
                used(found)


@pytest.mark.parametrize("name", HOSTED)
def test_what_is_no_object_is_refused_in_words(name: str) -> None:
    for nasty in NASTY:
        data = [nasty] if isinstance(nasty, Mapping) else nasty
        with pytest.raises((DataError, DefinitionError)) as caught:
            type(HOSTED[name]).from_dict(data)
        (problem,) = caught.value.problems
        assert problem.startswith("data must be an object, got ")


@pytest.mark.parametrize("text", ['{"name": "shop"}', ' \n{"name": "shop"}', "{}"])
def test_json_that_was_not_read_is_named(text: Any) -> None:
    with pytest.raises(
        DefinitionError, match=r"an object; read JSON text with json\.loads first, got"
    ):
        Lifecycle.from_dict(text)
    with pytest.raises(DefinitionError) as caught:
        Lifecycle.from_dict("shop")  # type: ignore[arg-type]
    assert "json" not in str(caught.value)


def test_what_is_no_object_is_refused_in_words_where_no_type_is_asked_for() -> None:
    for nasty in NASTY:
        with pytest.raises(DataError, match=r"^the data of the value has 1 thing wrong:"):
            codec.from_dict(nasty)


@pytest.mark.parametrize("name", HOSTED)
def test_whatever_is_missing_is_read_or_refused_in_words(name: str) -> None:
    kind, data = type(HOSTED[name]), sent(HOSTED[name].to_dict())
    refused = 0
    for path in places(data):
        if path:
            found = tried(kind, without(data, path))
            refused += found is None
            if found is not None:
                used(found)
    assert refused > 1


@pytest.mark.parametrize("name", HOSTED)
@pytest.mark.parametrize("key", ["x", "", "Name", "type", "format", 3, None, ("a",), b"name"])
def test_a_field_too_many_is_read_or_refused_in_words(name: str, key: Any) -> None:
    kind, data = type(HOSTED[name]), sent(HOSTED[name].to_dict())
    for path in places(data):
        place = data
        for step in path:
            place = place[step]
        if isinstance(place, dict) and key not in place:
            found = tried(kind, placed(data, path, {**place, key: "x"}))
            assert found is None or "x" in str(found.to_dict())  # as a key of attributes


CLOCKED = lifecycle(Transition("buyer", "lapsed", after=idle(days=9)), events=("purchase",))


@pytest.mark.parametrize(
    "path",
    [
        ("last_activity",),
        ("memory", 3, "state", 0, 0),
        ("memory", 5, "state"),
        ("memory", 3, "state", 0),
    ],
)
def test_a_naive_instant_of_an_aware_customer_is_refused_in_words(
    path: tuple[str | int, ...],
) -> None:
    naive_: Any = "2026-01-01T00:00:00"
    if len(path) == 4:  # a window of one
        path, naive_ = path[:-1], [[naive_, 2]]
    (problem,) = wrong(Customer, placed(sent(KEPT.to_dict()), path, naive_))
    assert "must both have a time zone or both have none, got " in problem
    assert "naive 2026-01-01 00:00:00" in problem


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("customer", ("enrollment", "at")),
        ("customer", ("entered",)),
        ("customer", ("last_activity",)),
        ("customer", ("seen",)),
        ("customer", ("memory", 3, "state", 0, 0)),
        ("customer", ("memory", 5, "state")),
        ("change", ("at",)),
        ("change", ("event", "at")),
        ("journey", ("enrollment", "at")),
        ("journey", ("until",)),
        ("journey", ("events", 0, "at")),
    ],
)
@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_an_instant_beyond_the_years_of_utc_is_refused_with_its_path(
    name: str, path: tuple[str | int, ...], text: str
) -> None:
    (problem,) = wrong(type(HOSTED[name]), placed(sent(HOSTED[name].to_dict()), path, text))
    spelled = (
        ".".join(map(str, path)).replace(".0", "[0]").replace(".3", "[3]").replace(".5", "[5]")
    )
    assert problem.startswith(spelled.rpartition(".state[0]")[0] or spelled)
    assert "must be within years 1 to 9999 in UTC, got " in problem


def deep(levels: int, key: str | None = None) -> Any:
    data: Any = JOINED if key else []
    for _ in range(levels):
        data = {key: data} if key else [data]
    return data


DEEP: Mapping[str, tuple[type[Any], Any]] = {
    "conditions": (Lifecycle, if_(**deep(100_000, "not"))),
    "sources": (Lifecycle, way(on="x", source=deep(100_000))),
    "values that are compared": (Lifecycle, if_(**{**JOINED, "wanted": deep(100_000)})),
    "attributes": (Event, {"name": "x", "at": "2026-01-01", "sets": {"a": deep(100_000)}}),
    "a name": (Event, {"name": deep(100_000), "at": "2026-01-01"}),
    "an instant": (Event, {"name": "x", "at": deep(100_000)}),
    "a key": (Event, {"name": "x", "at": "2026-01-01", ("x",) * 10_000: 3}),
    "stages": (Lifecycle, by_hand(stages=deep(100_000))),
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_data_is_refused_in_words(name: str) -> None:
    kind, data = DEEP[name]
    assert tried(kind, data) is None


def test_data_is_called_too_deep_where_nothing_else_can_be_said_of_it() -> None:
    assert mistakes(if_(**deep(100_000, "not"))) == (
        "data must be nested less deeply, got 'a deep one'",
    )


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Event, deep(100_000)),
        (Event, {"type": deep(100_000)}),
        (Event, {"format": deep(100_000)}),
        (Lifecycle, {"name": deep(100_000)}),
    ],
    ids=["the whole", "type", "format", "the name of a definition"],
)
def test_deep_data_at_the_door_is_refused_in_words(kind: type[Any], data: Any) -> None:
    assert tried(kind, data) is None


@pytest.mark.parametrize(("levels", "read"), [(50, True), (51, False)])
def test_conditions_are_read_as_deep_as_they_can_be_made(levels: int, read: bool) -> None:  # noqa: FBT001
    data = if_(**deep(levels, "not"))
    if read:
        assert sent(Lifecycle.from_dict(data).to_dict())["transitions"] == data["transitions"]
    else:
        (problem,) = mistakes(data)
        assert problem.endswith("must nest at most 50 levels, got '51 levels'")


def test_data_that_holds_itself_is_refused_in_words() -> None:
    condition: dict[str, Any] = {"not": None}
    condition["not"] = condition
    listed: list[Any] = []
    listed.append(listed)
    whole = by_hand()
    whole["stages"].append(whole)
    several = if_(all_of=[JOINED])
    several["transitions"][1]["when"]["all_of"].append(several["transitions"][1]["when"])
    event: dict[str, Any] = {"name": "x", "at": "2026-01-01"}
    event["sets"] = event
    for kind, data in (
        (Lifecycle, if_(**condition)),
        (Lifecycle, way(on="x", source=listed)),
        (Lifecycle, by_hand(transitions=listed)),
        (Lifecycle, whole),
        (Lifecycle, several),
        (Event, {"name": "x", "at": "2026-01-01", "sets": {"a": listed}}),
        (Event, event),
        (Event, listed),
        (Event, {"name": "x", "at": "2026-01-01", "value": listed}),
        (Customer, {**KEPT.to_dict(), "memory": listed}),
    ):
        assert tried(kind, data) is None


VERY_MANY = 10**5000  # Python refuses to write out more than 4300 digits


@pytest.mark.parametrize(
    "data",
    [
        {"name": "x", "at": "2026-01-01", "value": VERY_MANY},
        {"name": VERY_MANY, "at": "2026-01-01"},
        {"name": "x", "at": "2026-01-01", "sets": {"a": {"microseconds": VERY_MANY}}},
        {"name": "x", "at": "2026-01-01", "format": VERY_MANY},
        {"name": "x", "at": "2026-01-01", VERY_MANY: 1},
    ],
    ids=["value", "name", "length", "format", "key"],
)
def test_a_number_of_very_many_digits_is_refused_in_words(data: Any) -> None:
    assert tried(Event, data) is None


def test_much_data_is_read() -> None:
    names = [f"s{number}" for number in range(1000)]
    data = by_hand(
        initial="s0",
        stages=[{"name": name, "status": "active"} for name in names],
        transitions=[
            {"source": source, "target": target, "on": f"to {target}"}
            for source, target in pairwise(names)
        ],
        events=[f"e{number}" for number in range(1000)],
    )
    definition = Lifecycle.from_dict(data)
    assert len(definition.transitions) == 999
    assert stored(definition) == definition
    event = Event("e0", START, sets={f"a{number}": "x" * 1000 for number in range(1000)})
    assert stored(event) == event
    data["transitions"] = [{**each, "on": ""} for each in data["transitions"]]
    assert len(mistakes(data)) == 999


# A stored customer goes on


PRESETS: dict[str, Lifecycle] = {
    name: getattr(presets, name)() for name in presets.__all__ if name != "loyalty_tiers"
} | {"loyalty_tiers": presets.loyalty_tiers((("silver", 500), ("gold", 2000)))}


def chosen(
    definition: Lifecycle, customer: Customer, when: datetime
) -> tuple[list[str], list[str]]:
    """Give the events that would move a customer, to no final stage, and those that would not."""
    final = {stage.name for stage in definition.stages if stage.final}
    moving, other = [], []
    for name, decision in definition.options(customer, at=when).items():
        if decision.transition is None:
            other.append(name)
        elif decision.transition.target not in final:
            moving.append(name)
    return moving, other


@pytest.mark.parametrize("name", [*PRESETS, "all", "keeper"])
@pytest.mark.parametrize("zone", [None, UTC, BERLIN])
def test_a_stored_customer_goes_on_exactly_as_the_one_that_was_not(
    name: str, zone: tzinfo | None
) -> None:
    definition = {**PRESETS, "all": ALL, "keeper": KEEPER}[name]
    again_read = stored(definition)
    start = datetime(2026, 1, 31, 23, 30, tzinfo=zone)
    ann = definition.enroll("ann", at=start, attributes={"a": Decimal("1.0")})
    loaded, moved = stored(ann), 0
    for number in range(60):
        days = 11 * number + 200 * (number // 10)  # now and then, a long time passes
        at_ = start + timedelta(days=days)
        moving, other = chosen(definition, ann, at_)
        names = moving if moving and number % 3 else other or moving
        event = Event(names[number % len(names)], at_, value=Decimal(37 * number))
        assert again_read.due(loaded) == definition.due(ann)
        assert again_read.explain(loaded, event) == definition.explain(ann, event)
        outcome = definition.apply(ann, event)
        assert again_read.apply(loaded, event) == outcome
        ann, changes = outcome
        moved += len(changes)
        loaded = stored(ann)
        assert loaded == ann
        assert definition.due(loaded) == definition.due(ann)
    end = start + timedelta(days=3650)
    assert again_read.advance(loaded, to=end) == definition.advance(ann, to=end)
    assert moved >= 3


def test_a_customer_of_another_definition_stays_one() -> None:
    newer = lifecycle(*CLOCKED.transitions, events=("purchase",), version=2)
    with pytest.raises(WrongDefinitionError):
        newer.due(stored(applied(CLOCKED)))
    with pytest.raises(WrongDefinitionError):
        CLOCKED.due(Customer.from_dict(changed(applied(CLOCKED), Change(("stage", "name"), "x"))))


def test_stage_and_deadline_are_taken_from_the_definition_not_from_the_data() -> None:
    data = changed(
        applied(CLOCKED, bought(1)),
        Change(("stage",), {"name": "buyer", "status": "churned", "label": "Old"}),
    )
    ann, (change,) = CLOCKED.advance(Customer.from_dict(data), to=day(99))
    assert (change.at, change.kind) == (day(10), "lapse")
    assert ann == CLOCKED.advance(applied(CLOCKED, bought(1)), to=day(99)).customer


def test_a_deadline_that_was_examined_rests_after_loading() -> None:
    definition = lifecycle(
        Transition("buyer", "lost", after=dwell(days=5), when=count("purchase") >= 1),
        events=("purchase",),
    )
    ann = applied(definition, bought(9))
    assert definition.advance(ann, to=day(99)).changes == ()
    assert definition.advance(stored(ann), to=day(99)).changes == ()


def test_a_deadline_at_the_very_entry_is_taken_after_loading() -> None:
    definition = lifecycle(
        Transition("buyer", "lapsed", on="pause"),
        Transition("lapsed", "lost", after=idle(days=3)),
        activity=(),
    )
    ann = applied(definition, Event("pause", day(9)))
    assert definition.due(stored(ann)) == definition.due(ann) is not None
    assert definition.advance(stored(ann), to=day(9)).customer.stage == "lost"


def test_a_stored_journey_can_be_amended() -> None:
    journey = replayed(SHOP, bought(1, id="a"), bought(200), since=START, until=day(900))
    assert stored(journey).amend(bought(60)) == journey.amend(bought(60))
    assert stored(journey).stays == journey.stays


EVENT_DATA = {"name": "x", "at": "2026-01-01T00:00:00"}


# Bare dates, whole numbers as JSON writes them, and what YAML makes of words


@pytest.mark.parametrize(
    "day_alone", ["2026-01-01", "20260101", "2026-W01-1", "2026W011", "2026-01-01[Europe/Berlin]"]
)
def test_a_date_alone_is_no_instant(day_alone: str) -> None:
    journey = replayed(SHOP, bought(1), since=START).to_dict()
    begun = journey["enrollment"]
    texts = [
        refusal(DataError, lambda: Event.from_dict({"name": "x", "at": day_alone})),
        refusal(
            DataError,
            lambda: Journey.from_dict({**journey, "enrollment": {**begun, "at": day_alone}}),
        ),
        refusal(
            DataError,
            lambda: Event.from_dict({**EVENT_DATA, "attributes": {"seen": {"instant": day_alone}}}),
        ),
    ]
    for text, path in zip(texts, ("at", "enrollment.at", "attributes['seen']"), strict=True):
        expected = "must be an instant such as '2026-01-05T09:00:00+01:00'; say which moment of the"
        assert f"{path} {expected} day, got {day_alone!r}" in text


@pytest.mark.parametrize("hour", ["2026-01-01T00", "2026-01-01 00:00", "20260101T000000"])
def test_a_date_with_an_hour_is_an_instant(hour: str) -> None:
    assert Event.from_dict({"name": "x", "at": hour}).at == naive("2026-01-01")


@pytest.mark.parametrize("one", [1, 1.0, Decimal("1.0"), Decimal(1)])
def test_a_whole_number_may_be_written_as_json_does(one: Any) -> None:
    data = {
        **SHOP.to_dict(),
        "format": one,
        "version": one,
        "transitions": [
            {"source": "lead", "target": "buyer", "after": {"clock": "idle", "months": one}},
            {
                "source": "lead",
                "target": "buyer",
                "on": "x",
                "when": {
                    "measure": "count",
                    "name": "x",
                    "within": {"years": one},
                    "operator": ">=",
                    "wanted": 3,
                },
            },
        ],
    }
    found = Lifecycle.from_dict(data)
    assert (found.version, type(found.version)) == (1, int)
    assert found.transitions[0].after == idle(months=1)
    assert found.transitions[1].when == (count("x", within=Period(years=1)) >= 3)
    event = Event.from_dict({**EVENT_DATA, "sets": {"for": {"microseconds": one}}})
    assert event.sets == {"for": timedelta(microseconds=1)}


@pytest.mark.parametrize("half", [1.5, Decimal("1.5"), True, "1", nan, Decimal("1e-10000000")])
def test_what_is_no_whole_number_is_refused_where_one_stands(half: Any) -> None:
    for data in ({**SHOP.to_dict(), "version": half}, {**SHOP.to_dict(), "format": half}):
        with pytest.raises(DefinitionError) as caught:
            Lifecycle.from_dict(data)
        assert len(caught.value.problems) == 1
    for length in ({"clock": "idle", "months": half}, {"clock": "dwell", "years": half}):
        way = {"source": "lead", "target": "buyer", "after": length}
        with pytest.raises(DefinitionError) as caught:
            Lifecycle.from_dict({**SHOP.to_dict(), "transitions": [way]})
        (problem,) = caught.value.problems
        assert problem.startswith("transitions[0].after.")


@pytest.mark.parametrize("wrong", [3, None, ["x"], True])
def test_a_schema_that_is_no_text_is_refused(wrong: Any) -> None:
    with pytest.raises(DefinitionError) as caught:
        Lifecycle.from_dict({**SHOP.to_dict(), "$schema": wrong})
    (problem,) = caught.value.problems
    assert problem.startswith("$schema must be text, got ")
    assert Lifecycle.from_dict({**SHOP.to_dict(), "$schema": ""}) == SHOP


BY_HAND = """
name: shop
initial: lead
stages:
  - {name: lead, status: prospect}
  - {name: buyer, status: active}
transitions:
  - {source: lead, target: buyer, 'on': purchase}
"""


def test_a_definition_in_yaml_is_read_where_its_words_are_quoted() -> None:
    yaml = pytest.importorskip("yaml")
    found = Lifecycle.from_dict(yaml.safe_load(BY_HAND))
    assert found.transitions == (Transition("lead", "buyer", on="purchase"),)
    assert Lifecycle.from_dict(yaml.safe_load(yaml.safe_dump(found.to_dict()))) == found


def test_words_that_yaml_takes_for_truth_values_are_told_so() -> None:
    yaml = pytest.importorskip("yaml")
    unquoted = BY_HAND.replace("'on'", "on")
    text = refusal(DefinitionError, lambda: Lifecycle.from_dict(yaml.safe_load(unquoted)))
    assert text == (
        "lifecycle 'shop' has 1 thing wrong:\n"
        "  - a key of transitions[0] must be text (YAML 1.1 reads an unquoted on as true; "
        "quote it), got True (bool)"
    )


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": False}, "name"),
        ({"initial": False}, "initial"),
        ({"events": ["x", False]}, "events[1]"),
        ({"stages": [{"name": False, "status": "active"}]}, "stages[0].name"),
        ({"stages": [{"name": "x", "status": "active", "label": False}]}, "stages[0].label"),
        (
            {"transitions": [{"source": False, "target": "lead", "on": "x"}]},
            "transitions[0].source",
        ),
        ({"transitions": [{"source": "lead", "target": "lead", "on": False}]}, "transitions[0].on"),
    ],
)
def test_a_truth_value_where_text_is_wanted_is_told_of_yaml(change: Any, path: str) -> None:
    data = {**SHOP.to_dict(), "transitions": [], **change}
    with pytest.raises(DefinitionError) as caught:
        Lifecycle.from_dict(data)
    expected = f"{path} must be text (YAML 1.1 reads an unquoted off as false; quote it), got False"
    assert caught.value.problems[0] == f"{expected} (bool)"


# One mistake is told once


def triangle(**changes: Any) -> dict[str, Any]:
    """Give a definition whose names each stand in several places."""
    names = ("a", "b", "c")
    return {
        "name": "x",
        "initial": "a",
        "stages": [{"name": name, "status": "active"} for name in names],
        "transitions": [
            {"source": one, "target": other, "on": f"{one}{other}"}
            for one in names
            for other in names
            if one != other
        ],
        **changes,
    }


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("wrong", [{"name": 3}, {"name": ""}, {"name": None}, {"name": "a\0"}])
def test_one_wrong_stage_name_is_one_mistake(place: int, wrong: dict[str, Any]) -> None:
    data = triangle()
    data["stages"][place] |= wrong
    with pytest.raises(DefinitionError) as caught:
        Lifecycle.from_dict(data)
    (problem,) = caught.value.problems
    assert problem.startswith(f"stages[{place}].name must be text")


def test_a_stage_that_is_no_object_is_one_mistake_and_keeps_its_place() -> None:
    for wrong in ("a", 3, None, ["a"]):
        data = triangle()
        data["stages"][0] = wrong
        data["stages"][2]["status"] = "actve"
        with pytest.raises(DefinitionError) as caught:
            Lifecycle.from_dict(data)
        first, second = caught.value.problems
        assert first.startswith("stages[0] must be an object, got ")
        assert second.startswith("stages[2].status must be one of ")


def test_several_wrong_stage_names_are_as_many_mistakes() -> None:
    data = triangle()
    data["stages"][0]["name"] = data["stages"][1]["name"] = None
    del data["stages"][2]["name"]
    with pytest.raises(DefinitionError) as caught:
        Lifecycle.from_dict(data)
    assert len(caught.value.problems) == 3


def test_a_misspelt_name_is_told_beside_a_stage_without_one() -> None:
    data = triangle(initial="lead")
    data["stages"] = [{"name": 3, "status": "active"}, {"name": "buyer", "status": "active"}]
    data["transitions"] = [
        {"source": "lead", "target": "buyer", "on": "x"},
        {"source": "buyer", "target": "lead", "on": "y"},
        {"source": "lead", "target": "byuer", "on": "z"},
    ]
    with pytest.raises(DefinitionError) as caught:
        Lifecycle.from_dict(data)
    first, second = caught.value.problems
    assert first == "stages[0].name must be text, got 3 (int)"
    assert second.startswith("transitions[2].target must be one of 'lead', 'buyer', got 'byuer'")


def test_a_wrong_name_is_one_mistake_where_other_names_are_close() -> None:
    stages = [{"name": name, "status": "active"} for name in ("unpaid", "paid", "prepaid")]
    for place in range(3):
        data = triangle(initial="unpaid", stages=copy.deepcopy(stages))
        data["stages"][place]["name"] = 3
        data["transitions"] = [
            {"source": one["name"], "target": other["name"], "on": "x"}
            for one, other in pairwise([*stages, stages[0]])
        ]
        with pytest.raises(DefinitionError) as caught:
            Lifecycle.from_dict(data)
        assert caught.value.problems == (f"stages[{place}].name must be text, got 3 (int)",)


def test_a_wrong_initial_stage_is_one_mistake() -> None:
    with pytest.raises(DefinitionError) as caught:
        Lifecycle.from_dict(triangle(initial=3))
    assert caught.value.problems == ("initial must be text, got 3 (int)",)


def test_where_no_stage_has_a_name_nothing_is_said_of_names() -> None:
    with pytest.raises(DefinitionError) as caught:
        Lifecycle.from_dict(triangle(stages=[{"status": "active"}], initial=3, transitions=[]))
    assert len(caught.value.problems) == 2


def test_a_transition_that_is_no_object_keeps_its_place() -> None:
    data = triangle()
    data["transitions"][0] = "a -> b"
    data["transitions"][2]["target"] = "d"
    with pytest.raises(DefinitionError) as caught:
        Lifecycle.from_dict(data)
    first, second = caught.value.problems
    assert first == "transitions[0] must be an object, got 'a -> b' (str)"
    assert second.startswith("transitions[2].target must be one of 'a', 'b', 'c', got 'd'")


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ([["a"], "b"], "transitions[0].source[0]"),
        (["a", ["b", "c"]], "transitions[0].source[1]"),
        (["a", 3], "transitions[0].source[1]"),
        (3, "transitions[0].source"),
        ([], "transitions[0].source"),
        (["a", "a"], "transitions[0].source"),
        (["a", {"status": "actve"}], "transitions[0].source[1].status"),
    ],
)
def test_a_wrong_source_is_told_at_its_place(source: Any, path: str) -> None:
    data = triangle(transitions=[{"source": source, "target": "b", "on": "x"}])
    with pytest.raises(DefinitionError) as caught:
        Lifecycle.from_dict(data)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{path} must ")


# UUIDs


KEY, OTHER = UUID(int=7), UUID(int=8)


def test_uuids_are_ids_and_are_stored_with_their_kind() -> None:
    event = Event("purchase", day(1), id=OTHER, attributes={"order": KEY}, sets={"owner": [KEY]})
    journey = SHOP.replay(KEY, [event], since=START, referred_by=OTHER, until=day(2))
    for each in (event, journey, journey.customer, journey.changes[0]):
        assert stored(each) == each
        assert again(each) == each
    assert event.to_dict()["id"] == {"uuid": "00000000-0000-0000-0000-000000000008"}
    customer = journey.customer
    assert (customer.id, customer.referred_by) == (KEY, OTHER)
    assert customer.attributes == {"owner": (KEY,)}
    begun = customer.enrollment.to_dict()
    assert (begun["id"], begun["referred_by"]) == ({"uuid": str(KEY)}, {"uuid": str(OTHER)})
    assert stored(customer.enrollment) == customer.enrollment
    assert journey.withdraw(OTHER)[0].events == ()
    assert stored(SHOP.enroll("7", at=START)) != stored(SHOP.enroll(7, at=START))


@pytest.mark.parametrize(
    "wrong", [1.0, {"uuid": "x"}, {"uuid": 7}, {"uuid": None}, {"uid": str(KEY)}, []]
)
def test_an_id_that_is_no_id_is_refused(wrong: Any) -> None:
    with pytest.raises(DataError):
        Event.from_dict({**EVENT_DATA, "id": wrong})


def test_a_condition_compares_uuids() -> None:
    definition = lifecycle(
        Transition("buyer", "loyal", on="purchase", when=attribute("owner").is_in([KEY])),
    )
    assert stored(definition) == definition
    assert applied(definition, bought(1, sets={"owner": KEY})).stage == "loyal"
    assert applied(definition, bought(1, sets={"owner": OTHER})).stage == "buyer"
    assert applied(definition, bought(1, sets={"owner": str(KEY)})).stage == "buyer"


# A truth value is no number


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), ((1, 2), (True, 2))])
def test_definitions_that_ask_for_true_and_for_1_differ(one: Any, other: Any) -> None:
    asked, different = (
        lifecycle(Transition("buyer", "loyal", on="x", when=attribute("vip").equals(wanted)))
        for wanted in (one, other)
    )
    assert asked != different
    assert asked.fingerprint != different.fingerprint
    assert stored(asked) == asked
    assert stored(different) == different
    assert stored(different) != asked


def test_flags_of_a_definition_are_truth_values_in_its_fingerprint() -> None:
    one = lifecycle(stages=[Stage("buyer", Status.ACTIVE, final=True)])
    assert one.fingerprint == stored(one).fingerprint
    assert one.fingerprint != lifecycle(stages=[Stage("buyer", Status.ACTIVE)]).fingerprint


# Numbers from outside


@pytest.mark.parametrize(
    "tiny", ["1e-5000", "1e-10000000", "-1e-1001", "0e-99999999", "1" * 1001 + "e-1001"]
)
def test_a_definition_from_outside_holds_no_number_that_takes_forever(tiny: str) -> None:
    when = {"measure": "total", "name": "e", "operator": ">=", "wanted": {"decimal": tiny}}
    way = {"source": "a", "target": "b", "on": "e", "when": when}
    with pytest.raises(DefinitionError) as caught:
        Lifecycle.from_dict(triangle(transitions=[way]))
    (problem,) = caught.value.problems
    assert problem.startswith("transitions[0].when.wanted must have at most 1,000 digits and an")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (500, 500.0),
        (500, Decimal("500.00")),
        (500, Decimal("5E+2")),
        (0, -0.0),
        (0, Decimal("-0.000")),
        (0.5, Decimal("0.50")),
        (10**300, Decimal("1e300")),
        (-2.5, Decimal("-2.500")),
        (0.1, Decimal("0.1000000000000000055511151231257827021181583404541015625")),
    ],
)
def test_equal_numbers_have_one_fingerprint(one: Any, other: Any) -> None:
    assert one == other
    found = {asks_for(one).fingerprint, asks_for(other).fingerprint}
    assert asks_for(one) == asks_for(other)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("one", "other"), [(0.1, Decimal("0.1")), (1, -1), (10, 1), (Decimal("1e-1000"), 0)]
)
def test_unequal_numbers_have_two_fingerprints(one: Any, other: Any) -> None:
    assert one != other
    assert asks_for(one).fingerprint != asks_for(other).fingerprint


def asks_for(wanted: Any) -> Lifecycle:
    return lifecycle(Transition("buyer", "loyal", on="x", when=total("x") >= wanted))


def test_a_fingerprint_does_not_depend_on_the_context_of_decimals() -> None:
    expected = asks_for(Decimal("123.456")).fingerprint
    with localcontext(Context(prec=2, traps=[Inexact])):
        assert asks_for(Decimal("123.456")).fingerprint == expected


# Lists in a circle


def test_lists_that_are_nested_too_deeply_are_told_by_their_place() -> None:
    circle: list[Any] = []
    circle.append(circle)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for wrong in (circle, deep):
        for name in ("attributes", "sets"):
            with pytest.raises(DataError) as caught:
                Event.from_dict({**EVENT_DATA, name: {"a": 1, "x": wrong}})
            (problem,) = caught.value.problems
            assert problem.startswith(f"{name}['x'][0][0]")
            assert "must be nested at most 50 levels deep, and not contain itself" in problem


# Text that no database holds


@pytest.mark.parametrize("bad", ["a\0b", "\ud800", "x\udfff"])
@pytest.mark.parametrize(
    "change",
    [
        lambda bad: {"name": bad},
        lambda bad: {"id": bad},
        lambda bad: {"attributes": {bad: 1}},
        lambda bad: {"attributes": {"a": bad}},
        lambda bad: {"sets": {"a": ["x", bad]}},
    ],
)
def test_an_event_from_outside_has_no_nul_and_no_lone_surrogate(
    change: Callable[[str], dict[str, Any]], bad: str
) -> None:
    data = json.loads(json.dumps({**EVENT_DATA, **change(bad)}))
    with pytest.raises(DataError) as caught:
        Event.from_dict(data)
    (problem,) = caught.value.problems
    assert "must be text without NUL and lone surrogates, got " in problem
