"""Every kind of measure is known everywhere: each test walks the table."""

import ast
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import jsonschema
import pytest
from hypothesis import Phase, find, settings

import lifecycle
from lifecycle import (
    Event,
    Lifecycle,
    Period,
    Stage,
    Status,
    Transition,
    Until,
    codec,
    count,
    diagrams,
    dwell,
    event_attribute,
    testing,
)
from lifecycle.engine import _definition_data
from lifecycle.engine._measures import MEASURES, MeasureKind
from lifecycle.engine._tallies import KINDS
from lifecycle.engine.conditions import Criterion, Measure, measures
from lifecycle.errors import DefinitionError, InvalidTypeError, InvalidValueError
from samples import refusal

UTC_START = datetime(2026, 1, 1, tzinfo=UTC)
VALIDATOR = jsonschema.Draft202012Validator(codec.definition_schema())

NAMES = {"event": ("purchase", "refund"), "stage": ("member", "elite"), "attribute": ("plan",)}
SCOPES: dict[str, Any] = {
    "since_entry": True,
    "within": Period(days=30),
    "where": event_attribute("channel").equals("web"),
}
WANTED = {"number": 2, "plain": "gold", "stage": "member"}


STAGES = (
    Stage("guest", Status.PROSPECT),
    Stage("member", Status.ACTIVE),
    Stage("elite", Status.ACTIVE),
)


def of(kind: str, **scope: Any) -> Measure:
    """Make a measure of a kind with the first name that it can have."""
    named = MEASURES[kind].named
    given = {"name": NAMES[named][0]} if named else {}
    return Measure(kind, **given, **scope)


def all_of(kind: str) -> Iterator[Measure]:
    """Make a measure of a kind in each way that its row says it can be made."""
    row = MEASURES[kind]
    yield of(kind)
    yield from (of(kind, **{field: SCOPES[field]}) for field in row.fields if field in SCOPES)
    yield of(kind, **{field: SCOPES[field] for field in row.fields if field in SCOPES})
    if "within" in row.fields:
        yield of(kind, within=Until("year"))
        yield of(kind, within=Until("quarter", year_start=2, zone="Europe/Berlin"))
    if row.several and row.named:
        yield Measure(kind, NAMES[row.named])


def asks(measure: Any) -> Criterion:
    wanted = WANTED[MEASURES[measure.kind].wanted]
    return measure >= wanted if isinstance(wanted, int) else measure.equals(wanted)


def asking(condition: Any, **more: Any) -> Lifecycle:
    """Make a club whose guests become members under a condition."""
    return Lifecycle(
        name="club",
        initial="guest",
        stages=STAGES,
        transitions=[
            Transition("guest", "member", on="visit", when=condition),
            Transition("guest", "member", after=dwell(days=10)),
            Transition("member", "guest", after=dwell(days=1)),
        ],
        events=("purchase", "refund"),
        **more,
    )


EVERY = [(kind, measure) for kind in MEASURES for measure in all_of(kind)]
every_kind = pytest.mark.parametrize("kind", MEASURES)
every_measure = pytest.mark.parametrize(("kind", "measure"), EVERY, ids=map(repr, EVERY))


@every_kind
def test_a_kind_is_called_as_the_function_that_makes_it(kind: str) -> None:
    make = getattr(lifecycle, kind)
    named = MEASURES[kind].named
    assert make(*((NAMES[named][0],) if named else ())) == of(kind)


@every_measure
def test_a_measure_shows_how_it_is_made(kind: str, measure: Measure) -> None:
    names = {name: getattr(lifecycle, name) for name in lifecycle.__all__}
    assert eval(repr(measure), names) == measure  # noqa: S307  (the test's own text)
    assert repr(measure).startswith(f"{kind}(")


@every_measure
def test_a_measure_is_read_back_from_json_and_is_valid(kind: str, measure: Measure) -> None:
    definition = asking(asks(measure))
    data = json.loads(json.dumps(definition.to_dict()))
    assert Lifecycle.from_dict(data) == definition
    VALIDATOR.validate(data)
    assert data["transitions"][0]["when"]["measure"] == kind


@every_measure
def test_a_customer_who_remembers_for_it_is_read_back(kind: str, measure: Measure) -> None:
    definition = asking(asks(measure))
    events = [
        Event("purchase", UTC_START + timedelta(days=1), value=5, attributes={"channel": "web"}),
        Event("visit", UTC_START + timedelta(days=2), value=1),
    ]
    ann = definition.replay("ann", events, since=UTC_START).customer
    data = json.loads(json.dumps(ann.to_dict()))
    assert type(ann).from_dict(data) == ann
    kinds = {tally["kind"] for tally in data["memory"]}
    assert kinds == {tally.kind for tally in MEASURES[kind].tallies(measure)} <= set(KINDS)


@pytest.mark.parametrize("kind", [kind for kind, row in MEASURES.items() if row.named])
def test_a_measure_without_its_name_is_refused_in_data(kind: str) -> None:
    data = asking(asks(of(kind))).to_dict()
    del data["transitions"][0]["when"]["name"]
    assert "transitions[0].when.name must be given" in refusal(
        DefinitionError, lambda: Lifecycle.from_dict(data)
    )
    assert not VALIDATOR.is_valid(data)


@every_kind
def test_a_field_that_a_kind_does_not_have_is_refused(kind: str) -> None:
    for field in SCOPES.keys() - set(MEASURES[kind].fields):
        text = refusal(InvalidValueError, lambda field=field: of(kind, **{field: SCOPES[field]}))
        assert text.startswith(f"{field} must be left out: {kind} has none, got ")
        data = asking(asks(of(kind))).to_dict()
        data["transitions"][0]["when"][field] = True
        assert "a key of transitions[0].when must be one of" in refusal(
            DefinitionError, lambda data=data: Lifecycle.from_dict(data)
        )
        assert not VALIDATOR.is_valid(data)


def test_every_field_is_written_read_and_described() -> None:
    fields = {field for row in MEASURES.values() for field in row.fields}
    assert fields == set(_definition_data.FIELDS)


MISSPELT = {"event": "purchse", "stage": "membr"}
declared = [kind for kind, row in MEASURES.items() if row.named in MISSPELT]


@pytest.mark.parametrize("kind", declared)
def test_a_misspelt_name_is_refused_with_the_one_that_is_meant(kind: str) -> None:
    named: Any = MEASURES[kind].named
    wrong, right = MISSPELT[named], NAMES[named][0]
    text = refusal(DefinitionError, lambda: asking(asks(Measure(kind, wrong))))
    assert f"in {kind}({wrong!r}), the {named} must be one of" in text
    assert f"did you mean {right!r}?" in text
    both = refusal(DefinitionError, lambda: asking(asks(Measure(kind, (right, wrong)))))
    assert f"did you mean {right!r}?" in both


@every_measure
def test_a_measure_is_said_in_words(kind: str, measure: Measure) -> None:
    definition = asking(asks(measure))
    drawn = diagrams.table(definition)
    assert repr(measure) not in drawn or repr(measure) == MEASURES[kind].words
    assert all(name in drawn for name in measure.names)
    ann = definition.enroll("ann", at=UTC_START)
    decision = definition.explain(ann, Event("visit", UTC_START))
    assert decision.permitted or repr(measure) in str(decision.reasons[0])


@every_measure
def test_findings_and_soundness_take_every_measure(kind: str, measure: Measure) -> None:
    row = MEASURES[kind]

    def timed() -> Lifecycle:
        return Lifecycle(
            name="club",
            initial="guest",
            stages=STAGES,
            transitions=[
                Transition("guest", "member", after=dwell(days=40), when=asks(measure)),
                Transition("member", "guest", on="purchase"),
            ],
            events=("visit", "refund"),
        )

    if row.of_event:
        assert "must not read an event" in refusal(DefinitionError, timed)
    else:
        rests = "resting_timeout" in {finding.code for finding in timed().findings()}
        rises = "up" in row.on_event or (row.moves_in_time(measure) and "up" in row.on_time)
        assert rests == rises


@every_measure
def test_paths_take_a_transition_at_the_boundary_and_not_below(kind: str, measure: Measure) -> None:
    definition = asking(asks(measure))
    found = testing.paths(definition)
    assert found.missed == ()
    (path,) = [one for one in found if one.way.on == "visit"]
    assert path.journey.changes[-1].transition is definition.transitions[0]
    assert path.journey.changes[-1].source == path.source
    if MEASURES[kind].wanted == "number":
        assert read(measure, path) == WANTED["number"]
        higher = replayed(measure >= WANTED["number"] + 1, path).journey
        assert path.events[-1] not in [change.event for change in higher.changes]


def replayed(condition: Any, path: testing.Path) -> testing.Path:
    """Take the path through a definition with another condition."""
    return attrs.evolve(path, lifecycle=asking(condition))


def read(measure: Measure, path: testing.Path) -> Any:
    """Read a measure at the last event of a path."""
    probe, last = asking(measure >= 10**9), path.events[-1]
    before = probe.replay("ann", path.events[:-1], since=path.since, until=last.at).customer
    return probe.explain(before, last).reasons[0].actual


@every_kind
def test_definitions_with_each_kind_are_drawn(kind: str) -> None:
    def has_it(drawn: Lifecycle) -> bool:
        whens: list[Any] = [way.when for way in drawn.transitions if way.when is not None]
        return any(one.kind == kind for when in whens for one in measures(when))

    quick = settings(max_examples=2000, derandomize=True, database=None, phases=[Phase.generate])
    assert has_it(find(testing.lifecycles(), has_it, settings=quick))


def test_no_kind_is_compared_as_text_anywhere() -> None:
    """A kind is a key of the table; whoever compares it would have to be told of a new one."""
    package = Path(lifecycle.__file__).parent
    for path in [*package.glob("engine/**/*.py"), *package.glob("testing/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare | ast.Match):
                inside = list(ast.walk(node))
                texts = {one.value for one in inside if isinstance(one, ast.Constant)}
                names = {one.attr for one in inside if isinstance(one, ast.Attribute)}
                assert "kind" not in names or not texts & MEASURES.keys(), (path.name, node.lineno)


def test_a_row_has_only_what_belongs_together() -> None:
    for kind, row in MEASURES.items():
        assert isinstance(row, MeasureKind)
        assert ("name" in row.fields) == (row.named is not None)
        assert "{name}" in row.words or row.named is None
        assert "{scope}" in row.words or not set(row.fields) & {"within", "where"}
        assert row.named in {None, *NAMES}, kind
        assert row.wanted in WANTED
        assert not (row.of_event and row.likeness)


# Several names, and where


def test_a_list_of_names_is_a_tuple_and_one_of_them_is_a_name() -> None:
    assert count(["visit", "purchase"]) == count(("visit", "purchase"))
    assert count(("visit",)) == count("visit")
    assert count(("visit", "purchase")).names == ("visit", "purchase")


@pytest.mark.parametrize("names", [(), []])
def test_no_name_at_all_is_refused(names: Any) -> None:
    assert refusal(InvalidValueError, lambda: count(names)) == (
        f"count must be given at least one name, got {names!r}"
    )


def test_a_name_given_twice_is_refused() -> None:
    assert "count must name each thing once" in refusal(
        InvalidValueError, lambda: count(("visit", "visit"))
    )


@pytest.mark.parametrize("where", [True, "web", print, count("visit")])
def test_where_has_to_be_a_condition(where: Any) -> None:
    assert refusal(InvalidTypeError, lambda: count("visit", where=where)).startswith(
        "where must be a condition of an event"
    )


@pytest.mark.parametrize(
    "where",
    [
        count("visit") >= 1,
        lifecycle.attribute("plan").equals("gold"),
        event_attribute("channel").equals("web") & (count("visit") >= 1),
    ],
)
def test_where_reads_the_event_alone(where: Any) -> None:
    text = refusal(InvalidValueError, lambda: count("visit", where=where))
    assert text.startswith("where must read the event alone, by value() and event_attribute(...)")


def test_a_timedelta_is_a_window() -> None:
    assert count("visit", within=timedelta(days=3)) == count("visit", within=Period(days=3))
