"""The JSON Schema of a definition: it takes what is written, and no mistake of form."""

import copy
import json
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from lifecycle import (
    ANY,
    Calendar,
    Lifecycle,
    Period,
    Stage,
    Status,
    Transition,
    Until,
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
from lifecycle.errors import DefinitionError
from samples import SHOP, START, lifecycle

SCHEMA = codec.definition_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
TIERS = (("silver", 500), ("gold", 2000))

PRESETS: dict[str, Lifecycle] = {
    name: getattr(presets, name)() for name in presets.__all__ if name != "loyalty_tiers"
} | {
    f"loyalty_tiers, {renewal}, {drop}": presets.loyalty_tiers(
        TIERS, renewal=renewal, drop=drop, grace=Period(months=1)
    )
    for renewal in ("anniversary", "calendar_year")
    for drop in ("one_step", "earned")
}
PRESETS |= {
    f"loyalty_tiers, {renewal}, net": presets.loyalty_tiers(
        TIERS,
        within=Until("year", year_start=4),
        renewal=renewal,
        refund="refund",
        reminder=Period(months=1),
    )
    for renewal in ("next_year", "at_once")
}

Path = tuple[str | int, ...]


def written(definition: Lifecycle) -> Any:
    return json.loads(json.dumps(definition.to_dict()))


def when(condition: Any) -> Lifecycle:
    """Make a definition with a condition in it."""
    return lifecycle(Transition("buyer", "loyal", on="visit", when=condition))


# What is valid


def test_the_schema_is_one_and_can_be_written() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_valid_as_it_is_written(name: str) -> None:
    VALIDATOR.validate(written(PRESETS[name]))


@pytest.mark.parametrize(
    "condition",
    [
        count("visit") >= 1,
        count("visit", since_entry=True) > 1,
        total("visit", within=Period(days=1.5)) <= 0.5,
        mean("visit", since_entry=True, within=Period(months=3)) < Decimal("0.5"),
        value().equals(3),
        value().is_in([1, 2.5, Decimal(3)]),
        attribute("plan").equals("gold"),
        attribute("plan").equals(""),
        attribute("plan").equals(True),
        attribute("plan").equals(date(2026, 1, 1)),
        attribute("plan").equals(START),
        attribute("plan").equals((1, "a")),
        attribute("plan").is_in([]),
        event_attribute("took") >= timedelta(hours=1),
        event_attribute("took").is_in([time(9), "noon"]),
        (count("visit") >= 1) & ~(value() < 3) | (attribute("plan") > 3),
    ],
)
def test_every_condition_is_valid_as_it_is_written(condition: Any) -> None:
    VALIDATOR.validate(written(when(condition)))


def paused(**more: Any) -> Lifecycle:
    """Make a definition of a pause."""
    return lifecycle(
        Transition("buyer", "buyer", after=dwell(months=1, **more)),
        stages=[Stage("buyer", Status.ACTIVE), Stage("paused", Status.DORMANT, stops="dwell")],
    )


def test_pauses_and_anchors_are_valid_as_they_are_written() -> None:
    for anchor in ("run", "entry", "enrolled"):
        VALIDATOR.validate(written(paused(anchor=anchor)))
    data = written(paused(anchor="entry"))
    assert data["stages"][1]["stops"] == ["dwell"]
    assert data["transitions"][0]["after"] == {"clock": "dwell", "months": 1, "anchor": "entry"}
    plain = written(paused())
    assert "stops" not in plain["stages"][0]
    assert "anchor" not in plain["transitions"][0]["after"]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("stages", 1, "stops"), ["idel"]),
        (("stages", 1, "stops"), "dwell"),
        (("stages", 1, "stops"), ["dwell", "dwell"]),
        (("transitions", 0, "after", "anchor"), "first"),
        (("transitions", 0, "after"), {"clock": "dwell", "anchor": "run"}),
        (("transitions", 0, "after"), {"clock": "dwell", "until": "day", "anchor": "run"}),
        (("transitions", 0, "after"), {"clock": "idle", "days": 1, "anchor": "run"}),
    ],
)
def test_what_no_pause_and_no_anchor_is_is_not_valid(path: Path, wrong: Any) -> None:
    data = written(paused(anchor="entry"))
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = wrong
    assert not VALIDATOR.is_valid(data)


@pytest.mark.parametrize("wanted", [(None, 1), ((1,),), (1, (2, ("a",)))])
def test_tuples_of_all_that_can_be_kept_are_valid_as_they_are_written(wanted: Any) -> None:
    definition = when(attribute("plan").equals(wanted) | attribute("plan").is_in([wanted]))
    assert Lifecycle.from_dict(written(definition)) == definition
    VALIDATOR.validate(written(definition))


@pytest.mark.parametrize(
    "timeout",
    [
        idle(days=90),
        idle("visit", weeks=1, seconds=1e-6),
        idle(years=1, months=2),
        dwell(hours=0.5),
        *(dwell(until=grain) for grain in ("day", "week", "month", "quarter", "year")),
        dwell(until=Until("week", week_start="sunday", zone="Asia/Tokyo")),
        dwell(until=Calendar("year", year_start=4)),
    ],
)
def test_every_time_out_is_valid_as_it_is_written(timeout: Any) -> None:
    way = Transition((ANY, Status.ACTIVE, "lead"), "lost", after=timeout)
    VALIDATOR.validate(written(lifecycle(way, events=("visit",))))


def test_the_least_that_can_be_written_by_hand_is_valid() -> None:
    least = {
        "name": "least",
        "initial": "only",
        "stages": [{"name": "only", "status": "active"}],
        "transitions": [],
    }
    VALIDATOR.validate(least)
    assert Lifecycle.from_dict(least).stages[0].name == "only"


def test_a_schema_that_is_changed_changes_no_other() -> None:
    mine = codec.definition_schema()
    mine["$defs"]["condition"]["anyOf"].append({})
    try:
        assert codec.definition_schema() != mine
    finally:
        mine["$defs"]["condition"]["anyOf"].pop()


@pytest.mark.parametrize("one", [1, 1.0])
@pytest.mark.parametrize("schema", ["", "x", "https://json-schema.org/draft/2020-12/schema"])
def test_whole_numbers_and_schemas_are_valid_as_json_writes_them(one: float, schema: str) -> None:
    ways = [
        {"source": "a", "target": "b", "after": {"clock": "idle", "months": one}},
        {"source": "b", "target": "a", "after": {"clock": "dwell", "years": one}},
    ]
    stages = [{"name": name, "status": "active"} for name in "ab"]
    data = {"name": "x", "initial": "a", "stages": stages, "transitions": ways}
    data |= {"$schema": schema, "version": one, "format": one}
    VALIDATOR.validate(data)
    found = Lifecycle.from_dict(json.loads(json.dumps(data)))
    assert [way.after for way in found.transitions] == [idle(months=1), dwell(years=1)]


# What is not

RICH = written(
    lifecycle(
        Transition(("lead", Status.ACTIVE), "lost", on="visit", when=count("visit") >= 3),
        Transition(ANY, "gone", after=idle("visit", days=9), when=~(attribute("a").equals("b"))),
        Transition("buyer", "lapsed", after=dwell(until="year")),
        Transition(
            "loyal",
            "buyer",
            on="visit",
            when=(total("visit", since_entry=True, within=Period(days=9)) < 3) & (value() > 1),
        ),
        activity=("visit",),
        events=("note",),
        version=3,
    )
)
COUNT = ("transitions", 0, "when")
IDLE, DWELL = ("transitions", 1, "after"), ("transitions", 2, "after")
BOTH = ("transitions", 3, "when")
TOTAL = (*BOTH, "all_of", 0)


def put(path: Path, item: Any) -> Callable[[Any], None]:
    """Make what puts something at a place in the data."""

    def change(data: Any) -> None:
        *way, last = path
        for step in way:
            data = data[step]
        data[last] = item

    return change


def drop(*path: str | int) -> Callable[[Any], None]:
    """Make what takes something out of the data."""

    def change(data: Any) -> None:
        *way, last = path
        for step in way:
            data = data[step]
        del data[last]

    return change


MISTAKES: Mapping[str, Callable[[Any], None]] = {
    "another type of value": put(("type",), "event"),
    "another format": put(("format",), 2),
    "a field that is unknown": put(("stage",), []),
    "no name": drop("name"),
    "no initial stage": drop("initial"),
    "no stages": drop("stages"),
    "no transitions": drop("transitions"),
    "an empty list of stages": put(("stages",), []),
    "stages as an object": put(("stages",), {"lead": "prospect"}),
    "transitions as null": put(("transitions",), None),
    "a blank name": put(("name",), " \t"),
    "a name that is no text": put(("name",), 3),
    "a schema that is a number": put(("$schema",), 3),
    "a schema as null": put(("$schema",), None),
    "a schema that is a list": put(("$schema",), ["x"]),
    "an initial stage that is no text": put(("initial",), None),
    "version 0": put(("version",), 0),
    "half a version": put(("version",), 1.5),
    "a version that is true": put(("version",), True),
    "a format and a half": put(("format",), 1.5),
    "a version in words": put(("version",), "1"),
    "an activity that is text": put(("activity",), "visit"),
    "an activity twice": put(("activity",), ["visit", "visit"]),
    "a blank event": put(("events",), [""]),
    "an event twice": put(("events",), ["note", "note"]),
    "events as null": put(("events",), None),
    "a stage that is text": put(("stages", 0), "lead"),
    "a stage without a name": drop("stages", 0, "name"),
    "a stage without a status": drop("stages", 0, "status"),
    "a status that is unknown": put(("stages", 0, "status"), "actve"),
    "a status in capitals": put(("stages", 0, "status"), "ACTIVE"),
    "a label that is no text": put(("stages", 0, "label"), 3),
    "a final that is a word": put(("stages", 0, "final"), "yes"),
    "a field of a stage that is unknown": put(("stages", 0, "colour"), "red"),
    "a transition that is text": put(("transitions", 0), "lead -> lost"),
    "a transition without a source": drop("transitions", 0, "source"),
    "a transition without a target": drop("transitions", 0, "target"),
    "a transition without a cause": drop("transitions", 0, "on"),
    "a transition with two causes": put(("transitions", 0, "after"), {"clock": "idle", "days": 1}),
    "a field of a transition that is unknown": put(("transitions", 0, "if"), {}),
    "no source at all": put(("transitions", 0, "source"), []),
    "a source that is a number": put(("transitions", 0, "source"), 3),
    "a source within a list that is a number": put(("transitions", 0, "source", 1), 3),
    "a source of a status that is unknown": put(("transitions", 0, "source"), {"status": "on"}),
    "a source of another kind": put(("transitions", 0, "source"), {"all": True}),
    "any that is not true": put(("transitions", 1, "source"), {"any": False}),
    "a target that is a list": put(("transitions", 0, "target"), ["lost"]),
    "a target that is a status": put(("transitions", 0, "target"), {"status": "churned"}),
    "a blank on": put(("transitions", 0, "on"), ""),
    "on as null": put(("transitions", 0, "on"), None),
    "a time-out that is a number": put(IDLE, 90),
    "a time-out without a clock": drop(*IDLE, "clock"),
    "a clock that is unknown": put((*IDLE, "clock"), "sleep"),
    "a time-out without a length": drop(*DWELL, "until"),
    "an end that is unknown": put((*DWELL, "until"), "decade"),
    "an end and a length": put((*DWELL, "days"), 1),
    "an event of dwell": put((*DWELL, "event"), "visit"),
    "an end of idle": put((*IDLE, "until"), "year"),
    "a length below 0": put((*IDLE, "days"), -1),
    "a length that is text": put((*IDLE, "days"), "9"),
    "a length that is true": put((*IDLE, "days"), True),
    "half a month": put(IDLE, {"clock": "idle", "months": 0.5}),
    "a unit that is unknown": put(IDLE, {"clock": "idle", "fortnights": 1}),
    "a condition that is text": put(COUNT, "count >= 3"),
    "a condition as null": put(COUNT, None),
    "an empty condition": put(COUNT, {}),
    "a measure that is unknown": put((*COUNT, "measure"), "median"),
    "a count of nothing": drop(*COUNT, "name"),
    "a value of something": put((*BOTH, "all_of", 1, "name"), "visit"),
    "a comparison without an operator": drop(*COUNT, "operator"),
    "an operator that is unknown": put((*COUNT, "operator"), "=="),
    "a comparison with nothing": drop(*COUNT, "wanted"),
    "a comparison with null": put((*COUNT, "wanted"), None),
    "a comparison with an object": put((*COUNT, "wanted"), {"float": 1}),
    "a decimal that is a list": put((*COUNT, "wanted"), {"decimal": [1]}),
    "a date that is a number": put((*COUNT, "wanted"), {"date": 20260101}),
    "a window that is a number": put((*TOTAL, "within"), 9),
    "a window of no length": put((*TOTAL, "within"), {}),
    "a window of an unknown period": put((*TOTAL, "within"), {"until": "yaer"}),
    "a window of a 13th month": put((*TOTAL, "within"), {"until": "year", "year_start": 13}),
    "a window of two kinds": put((*TOTAL, "within"), {"until": "year", "days": 1}),
    "a window of an attribute": put(
        ("transitions", 1, "when", "not", "within"),
        {"days": 1},
    ),
    "a since_entry that is a word": put((*TOTAL, "since_entry"), "yes"),
    "all of nothing": put((*BOTH, "all_of"), []),
    "all of one that is no list": put((*BOTH, "all_of"), RICH["transitions"][0]["when"]),
    "all of and any of": put((*BOTH, "any_of"), [RICH["transitions"][0]["when"]]),
    "not of a list": put(("transitions", 1, "when", "not"), [RICH["transitions"][0]["when"]]),
    "a mistake deep within": put((*BOTH, "all_of", 1, "operator"), "="),
}


def test_the_definition_of_the_mistakes_is_valid_without_them() -> None:
    VALIDATOR.validate(RICH)
    assert written(Lifecycle.from_dict(RICH)) == RICH
    VALIDATOR.validate(written(SHOP))


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_seen_by_the_schema_and_by_the_reader(name: str) -> None:
    data = copy.deepcopy(RICH)
    MISTAKES[name](data)
    assert data != RICH
    assert not VALIDATOR.is_valid(data)
    with pytest.raises(DefinitionError):
        Lifecycle.from_dict(data)
