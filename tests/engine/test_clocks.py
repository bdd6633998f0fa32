"""Every clock is known everywhere: each test walks the clocks."""

import json
import pickle
from datetime import timedelta
from typing import Any, get_args

import jsonschema
import pytest

import lifecycle
from lifecycle import (
    ANY,
    Customer,
    Event,
    Lifecycle,
    Period,
    Stage,
    Status,
    Transition,
    Until,
    at,
    attribute,
    codec,
    count,
    diagrams,
    dwell,
    event_attribute,
    falls,
    idle,
    mean,
    testing,
    total,
)
from lifecycle.engine import _transition_data
from lifecycle.engine._drawing import words
from lifecycle.engine.transitions import After
from lifecycle.errors import DefinitionError
from lifecycle.testing.definitions import PACES, _timeouts
from samples import START, day, refusal

VALIDATOR = jsonschema.Draft202012Validator(codec.definition_schema())
MONTH, WEEK = Period(days=30), Period(days=7)
END = attribute("ends")
CLOCKS: dict[str, list[Any]] = {
    "idle": [
        idle(days=9),
        idle(months=1),
        idle("visit", days=9),
        idle(("visit", "buy"), days=9, where=event_attribute("channel").equals("web")),
    ],
    "dwell": [
        dwell(days=9),
        dwell(years=1),
        dwell(until="month"),
        dwell(until=Until("year", year_start=4, zone="Europe/Berlin")),
    ],
    "at": [at(END), at(END, days=9), at(END, days=-9), at(END, months=1), at(END, years=-1)],
    "falls": [
        falls(count("visit", within=MONTH), below=1),
        falls(total("buy", within=MONTH) - total("visit", within=MONTH), below=2),
        falls(mean("buy", within=WEEK), below=0.5),
    ],
}
"""Each clock, and a time-out of each way in which it can be made."""

EVERY = [after for some in CLOCKS.values() for after in some]
every_clock = pytest.mark.parametrize("clock", CLOCKS)
every_timeout = pytest.mark.parametrize("after", EVERY, ids=repr)
STAGES = (
    Stage("active", Status.ACTIVE),
    Stage("lapsed", Status.DORMANT),
    Stage("lost", Status.CHURNED),
)


def waiting(after: Any, *more: Transition, when: Any = None, **given: Any) -> Lifecycle:
    """Let customers lapse after a time-out."""
    return Lifecycle(
        **{"name": "waiting", "initial": "active", "stages": STAGES, **given},
        transitions=(
            Transition("active", "lapsed", after=after, when=when),
            Transition(("active", "lapsed", "lost"), "active", on="buy"),
            *more,
        ),
        activity=("visit", "buy"),
        events=("note",),
    )


def test_these_are_all_clocks() -> None:
    assert set(CLOCKS) == set(words._CLOCKS) == set(_transition_data._CLOCKS)
    assert {type(after) for after in EVERY} == set(get_args(After))
    for pace in PACES:
        assert {after.clock for after in _timeouts(pace)} == set(CLOCKS)


@every_timeout
def test_a_time_out_shows_how_it_is_made(after: Any) -> None:
    names = {name: getattr(lifecycle, name) for name in lifecycle.__all__}
    assert eval(repr(after), names) == after  # noqa: S307  (the test's own text)
    assert repr(after).startswith(f"{after.clock}(")
    assert after in CLOCKS[after.clock]


@every_timeout
def test_a_time_out_is_read_back_and_is_valid(after: Any) -> None:
    definition = waiting(after)
    data = json.loads(json.dumps(definition.to_dict()))
    VALIDATOR.validate(data)
    assert Lifecycle.from_dict(data) == definition
    assert data["transitions"][0]["after"]["clock"] == after.clock
    assert pickle.loads(pickle.dumps(definition)) == definition  # noqa: S301  (its own)


@every_clock
def test_time_outs_of_a_clock_are_told_apart(clock: str) -> None:
    some = CLOCKS[clock]
    assert len({waiting(after).fingerprint for after in some}) == len(some)
    assert len(set(some)) == len(some)


@every_timeout
def test_what_is_misspelt_in_data_is_refused(after: Any) -> None:
    data = waiting(after).to_dict()
    (first, *_) = data["transitions"]
    first["after"]["dayz"] = 3
    said = refusal(DefinitionError, lambda: Lifecycle.from_dict(data))
    assert "a key of transitions[0].after must be one of 'clock'" in said
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(data)


@every_timeout
def test_a_time_out_is_in_every_picture(after: Any) -> None:
    definition = waiting(after)
    said = words.wording(definition.transitions[0])
    assert said.timed
    assert said.trigger
    assert said.trigger in diagrams.table(definition)
    for draw in (diagrams.mermaid, diagrams.dot, diagrams.svg):
        assert draw(definition) != draw(waiting(dwell(hours=1)))


@every_timeout
def test_one_without_a_condition_is_refused_twice_and_silenced_by_a_nearer_level(
    after: Any,
) -> None:
    again = Transition("active", "lost", after=after)
    assert "must have a condition" in refusal(DefinitionError, lambda: waiting(after, again))
    for farther in (Status.ACTIVE, ANY):
        silent = waiting(after, Transition(farther, "lapsed", after=after))
        never = [f.where for f in silent.findings() if f.code == "never_taken"]
        assert never == (["transitions[2]"] if farther is Status.ACTIVE else [])
        assert silent.due(silent.enroll("ann", at=START)) == waiting(after).due(
            waiting(after).enroll("ann", at=START)
        )


@every_timeout
def test_a_circle_needs_a_clock_that_starts_anew(after: Any) -> None:
    back = Transition("lapsed", "active", after=after)
    if after.clock == "dwell":
        assert waiting(after, back)
    else:
        said = refusal(DefinitionError, lambda: waiting(after, back))
        assert f"must not lead in a circle of {after.clock} time-outs" in said


@every_timeout
def test_paths_find_a_time_out_and_look_at_its_deadline_from_both_sides(after: Any) -> None:
    definition = waiting(after)
    found = testing.paths(definition)
    assert definition.transitions[0] not in [missed.way for missed in found.missed]
    probes = {path.offset: path for path in found if path.way is definition.transitions[0]}
    tick = timedelta(microseconds=1)
    assert [probes[offset].journey.customer.stage for offset in (-tick, timedelta(), tick)] == [
        "active",
        "lapsed",
        "lapsed",
    ]


@every_timeout
def test_what_rests_is_examined_again_where_an_event_sets_what_it_reads(after: Any) -> None:
    definition = waiting(after, when=attribute("plan").equals("free"))
    ann = definition.enroll("ann", at=START, attributes={"ends": day(20), "plan": "gold"})
    for name, worth in (("visit", 0), ("buy", 5)):
        web = Event(name, day(1), value=worth, attributes={"channel": "web"})
        ann, _ = definition.apply(ann, web)
    ann, _ = definition.apply(ann, Event("note", day(900)))
    assert definition.due(ann) is None
    ann, changes = definition.apply(ann, Event("note", day(950), sets={"plan": "free"}))
    assert changes == ()
    for one in (ann, Customer.from_dict(json.loads(json.dumps(ann.to_dict())))):
        due = definition.due(one)
        assert due is not None
        assert due.at == day(950)
        _, changes = definition.apply(one, Event("note", day(950)))
        assert [(c.target, c.at) for c in changes] == [("lapsed", day(950))]
