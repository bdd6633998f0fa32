"""The public surface: one word for one idea, options by keyword, tables named as tables.

What is public is what the reference shows, which `test_reference.py` asks for. Each test lists
what breaks its rule, by where it is: `funnel.cart_recovery(order)`, `rfm.Scores.as_of`.
"""

import inspect
import re
import types
import typing
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from inspect import Parameter, Signature
from typing import Any, NamedTuple

import attrs

from lifecycle._tables import Table
from test_reference import directives, value_of

# What is public


class Call(NamedTuple):
    """Something that can be called: a function, a method, or a class.

    Attributes:
        topic: The module it is imported from.
        name: Its name, with that of its class.
        parameters: Its parameters, without `self` and `cls`.
        is_made: Whether users call it. The library makes errors, and each class whose docstring
            has attributes and no arguments.
    """

    topic: str
    name: str
    parameters: list[Parameter]
    is_made: bool = True

    def place(self, parameter: Parameter) -> str:
        """Say where a parameter is."""
        return f"{self.topic}.{self.name}({parameter.name})"


class Public(NamedTuple):
    """A class or a function, and where it is imported from."""

    topic: str
    value: Any


def everything() -> list[Public]:
    """Return each public class and function once, under the shortest path."""
    found: dict[int, Public] = {}
    for path in sorted(directives(), key=lambda path: (path.count("."), path)):
        value = value_of(path)
        if inspect.isclass(value) or inspect.isfunction(value):
            found.setdefault(id(value), Public(path.split(".")[-2], value))
    return list(found.values())


def calls() -> Iterator[Call]:
    """Yield all functions, constructors and methods, inherited ones under each class."""
    for topic, value in PUBLIC:
        if inspect.isfunction(value):
            yield Call(topic, value.__name__, parameters(value))
        elif not issubclass(value, Enum):
            is_made = "Args:" in (value.__doc__ or "") and topic != "errors"
            yield Call(topic, value.__name__, parameters(value), is_made)
            for name in filter(is_public, dir(value)):
                method = inspect.getattr_static(value, name)
                method = getattr(method, "__func__", method)
                if inspect.isfunction(method):
                    yield Call(topic, f"{value.__name__}.{name}", parameters(method))


def is_public(name: str) -> bool:
    return not name.startswith("_")


def parameters(value: Any) -> list[Parameter]:
    try:
        found: Signature = inspect.signature(value)
    except ValueError:  # a class that takes what its built-in parent takes
        return []
    return [each for each in found.parameters.values() if each.name not in ("self", "cls")]


PUBLIC = everything()
CALLS = list(calls())
CLASSES = [(topic, value) for topic, value in PUBLIC if inspect.isclass(value)]

# Temporary: what is being renamed elsewhere at this moment. It is to be empty.

TEMPORARY: frozenset[str] = frozenset({"Comparison", "conditions.Sum(minus)"})


def left(faults: Iterable[str]) -> list[str]:
    return sorted({*faults} - TEMPORARY)


# Options are keywords

POSITIONAL: Mapping[str, str] = {
    "Calendar(grain)": 'reads as language: Calendar("month")',
    "holdout(holdout)": "is data, in the calibration by default",
    "idle(event)": 'reads as language: idle("purchase", days=30)',
    "to_frame(kind)": 'reads as language: to_frame("polars")',
    "Measure(name)": "is what count() and its like make",
    "OutOfOrderError(sequence)": "is what the library makes",
    "over(calendar)": 'reads as language: base.over(Calendar("month"), window)',
    "over(window)": "follows the calendar, without which it is given by name",
    "SoFar(total)": "is data: what has been counted, and what that adds up to",
    "Timeout(event)": "is what idle() makes",
    "expected_spend(rows)": "is data, where it is not given by name",
    "conditional_expected_purchases(rows)": "is data, where it is not given by name",
    "discounted_purchases(rows)": "is data, where it is not given by name",
    "p_alive(rows)": "is data, where it is not given by name",
    "pmf(rows)": "is data, where it is not given by name",
    "residual_transactions(rows)": "is data, where it is not given by name",
}
"""Parameters with a default that may be given by position, and why."""


def test_what_has_a_default_is_given_by_keyword() -> None:
    faults = {
        call.place(each): f"{call.name.split('.')[-1]}({each.name})"
        for call in CALLS
        for each in call.parameters
        if each.default is not Parameter.empty and each.kind is not Parameter.KEYWORD_ONLY
    }
    assert left(place for place, name in faults.items() if name not in POSITIONAL) == []
    assert set(POSITIONAL) <= set(faults.values())


# Words that are no longer used


class Word(NamedTuple):
    """A word to use instead, and the topics in which it has to be used; all where none is given."""

    instead: str
    topics: tuple[str, ...] = ()


RETIRED: Mapping[str, Word] = {
    "Box": Word("SegmentRule, or Node in a drawing"),
    "CartRecovery": Word("CartTable"),
    "ahead": Word("horizon"),
    "as_of": Word("until"),
    "births": Word("enrolled"),
    "calibration_end": Word("calibration_until"),
    "cart": Word("cart_event", ("funnel",)),
    "day": Word("until", ("retention",)),
    "end": Word("window", ("insights",)),
    "first_seen": Word("enrolled"),
    "reactivation_rate": Word("resurrection_rate"),
    "start": Word("window", ("insights",)),
    "t": Word("horizon", ("models",)),
    "timezone": Word("zone"),
    "tz": Word("zone", ("clv", "funnel", "models", "nps", "retention", "revenue", "rfm")),
}


def spoken() -> Iterator[tuple[str, str, str]]:
    """Yield each public word: its topic, where it is, and the word."""
    for topic, value in PUBLIC:
        yield topic, f"{topic}.{value.__name__}", value.__name__
        for name in attributes(value) if inspect.isclass(value) else ():
            yield topic, f"{topic}.{value.__name__}.{name}", name
    for call in CALLS:
        for each in call.parameters:
            yield call.topic, call.place(each), each.name


def attributes(value: type) -> set[str]:
    """Return the public fields, properties and methods of a class."""
    fields = (field.name for field in attrs.fields(value)) if attrs.has(value) else ()
    return set(filter(is_public, (*dir(value), *fields)))


def test_no_retired_word_is_used() -> None:
    faults = {
        place: RETIRED[word].instead
        for topic, place, word in spoken()
        if word in RETIRED and topic in (RETIRED[word].topics or (topic,))
    }
    assert {place: faults[place] for place in left(faults)} == {}


# American spelling, as in pandas, scipy and scikit-learn

BRITISH = re.compile(
    r"\w+(?:is|ys)(?:e|ed|es|er|ing|ation)|\w+ours?|\w+(?:tre|ogue|olment)s?"
    r"|(?:cancel|label|level|model|signal|total|travel)l(?:ed|ing)|grey|licence|misspelt"
)
SETTLED = {"normalise", "recognised", "cancelled"}
"""Names of recurring revenue, which are those of its stages and events: `cancelled`."""

ALIKE = {"four", "hour", "hours", "noise", "otherwise", "promise", "promising", "raise", "raised"}


def british(words: Iterable[str]) -> set[str]:
    """Return the words, of names such as "at_the_centre", that are spelled as in Britain."""
    return {
        word
        for name in words
        for word in re.split(r"[^a-z]+", re.sub(r"(?=[A-Z])", "_", name).lower())
        if BRITISH.fullmatch(word) and word not in ALIKE
    }


def options(annotation: Any) -> Iterator[str]:
    """Yield the strings that an annotation allows by name."""
    if typing.get_origin(annotation) is typing.Literal:
        yield from map(str, typing.get_args(annotation))
    for each in typing.get_args(annotation):
        yield from options(each)


def test_names_and_options_are_spelled_as_in_america() -> None:
    names = [word for *_, word in spoken()]
    chosen = [
        text for call in CALLS for each in call.parameters for text in options(each.annotation)
    ]
    assert "period_end" in chosen
    assert british([*names, *chosen]) == SETTLED


def test_british_spelling_is_seen() -> None:
    names = ["normalise", "is_recognised", "BehaviourTable", "cancelled", "centre_of", "enrolment"]
    assert len(british(names)) == len(names)
    assert british(["Lifecycle", "half_hour", "raised", "neighbors", "rolled", "series"]) == set()


# One word, one meaning


class Meaning(NamedTuple):
    """What a parameter means wherever it has its name, and the types that say so.

    Attributes:
        is_: What it is.
        needs: The types that it takes in every place.
        takes: Further types that it may take.
    """

    is_: str
    needs: str
    takes: str = ""


NUMBERS = "float int Decimal Money"
LENGTH = "timedelta Period"

MEANINGS: Mapping[str, Meaning] = {
    "anchor": Meaning("from where steps of a length are counted", "", "datetime date When"),
    "at": Meaning("an instant at which something happened", "datetime"),
    "bins": Meaning("how many groups of equal width or size", "int"),
    "by": Meaning("what is split into groups", "", "str Mapping Callable Calendar Iterable"),
    "calendar": Meaning("the periods, and where days begin", "Calendar"),
    "calibration_until": Meaning("up to and including when customers are fitted", "datetime date"),
    "cohort": Meaning("when a cohort began, or its position", "datetime date int"),
    "discount": Meaning("a rate per the period at hand", "Discount", NUMBERS),
    "durations": Meaning("how long each customer stayed", "Iterable"),
    "enrolled": Meaning("when customers began", "Iterable Mapping"),
    "grain": Meaning("the unit by which time is cut, by name", "str"),
    "grace": Meaning("a length of time that is forgiven", LENGTH),
    "horizon": Meaning("how far ahead, as a length of time", LENGTH, f"{NUMBERS} list"),
    "idle": Meaning("how long nothing was seen", LENGTH),
    "k": Meaning("the number of a period", "int"),
    "length": Meaning("a length of time", LENGTH),
    "level": Meaning("the confidence level of an interval", "float"),
    "like": Meaning("a dataframe that a result shall be like", "Any"),
    "measure": Meaning("which figure is meant, by name or as a value", "", "Literal Measure Sum"),
    "method": Meaning("how a figure is found, by name", "", "str Literal"),
    "months": Meaning("a number of calendar months", "int"),
    "naive": Meaning("whether instants are local times, without their zone", "bool"),
    "observed": Meaning("whether each end was seen", "Iterable"),
    "order": Meaning("how the steps of a funnel follow each other", "Literal"),
    "orders": Meaning("rows of orders", "Iterable"),
    "payments": Meaning("rows of payments", "Iterable"),
    "per": Meaning("the time that a rate is for", "", f"{LENGTH} str"),
    "period": Meaning("the unit of time of a figure, by name", "str"),
    "periods": Meaning("a number of periods", "int"),
    "rewards": Meaning("what a period in each state is worth", "Mapping"),
    "steps": Meaning("the events of a funnel", "Iterable"),
    "unit": Meaning("a unit of time, by name", "", "str Literal"),
    "until": Meaning("up to and including when rows are known", "datetime date", "Mapping"),
    "week_start": Meaning("the day on which weeks begin, by name", "str"),
    "weights": Meaning("how much each row counts", "Iterable"),
    "window": Meaning("the time that is looked at, its end excluded", "Window"),
    "within": Meaning("the longest time that something may take", LENGTH, "Calendar Until"),
    "year_start": Meaning("the month in which years begin", "int"),
    "zone": Meaning("where days begin", "str tzinfo"),
}

OTHER_MEANINGS: Mapping[str, str] = {
    "lifecycle.EventLog(at)": "a column of them",
    "lifecycle.EventLog.from_frame(at)": "the name of a column of them",
    "lifecycle.Lifecycle.replay(until)": "the engine has no zone for the end of a day",
    "lifecycle.Timeout(anchor)": "which instant of the customer it is",
    "lifecycle.dwell(anchor)": "which instant of the customer it is",
    "lifecycle.Timeout(length)": "a calendar period may end it too",
    "lifecycle.Until(zone)": "a definition is data, which holds the name of a zone",
    "lifecycle.dwell(until)": 'reads as language: dwell(until="month")',
    "markov.ProjectionTable.at(period)": "the number of a period of the projection",
    "nps.weighted(by)": "one more column",
    "survival.cumulative_incidence(by)": "one more column",
    "survival.kaplan_meier(by)": "one more column",
    "survival.nelson_aalen(by)": "one more column",
    "nps.rolling(window)": "the length of a moving window, as in pandas",
    "testing.events(at)": "a strategy that draws it",
}
"""Parameters that mean something else, and why."""

ENGLISH = """
    a activity after attributes b before bounds brackets changes counts customer customers data days
    event frequency key kind last lifecycle mapping margin monetary most n name named other p
    recency renewal retained rows scores since_entry source stage stages start end t target to value
    values where years
"""
PLAIN = frozenset(ENGLISH.split())
"""Words of the field, and of English, that mean what they say."""


ALIASES: Mapping[str, str] = {"Length": LENGTH, "Within": f"{LENGTH} Calendar Until"}
"""What annotations that are text call by a name of its own."""


def kinds(annotation: Any) -> set[str]:
    """Return the names of the types that an annotation allows, but for None."""
    origin = typing.get_origin(annotation)
    if isinstance(annotation, str):
        parts = {part.strip() for part in annotation.split("|")} - {"None"}
        return {kind for part in parts for kind in ALIASES.get(part, part).split()}
    if origin in (typing.Union, types.UnionType):
        return set().union(*map(kinds, typing.get_args(annotation)))
    if annotation in (types.NoneType, None):
        return set()
    if isinstance(annotation, typing.ForwardRef):
        return {annotation.__forward_arg__}
    return {"Literal" if origin is typing.Literal else (origin or annotation).__name__}


def test_kinds_are_the_types_of_an_annotation() -> None:
    annotations: list[Any] = [int | list[int] | None, typing.Literal["x"], "Length | None"]
    found = [kinds(annotation) for annotation in annotations]
    assert found == [{"int", "list"}, {"Literal"}, {"timedelta", "Period"}]


def uses() -> Iterator[tuple[Call, Parameter]]:
    """Yield what users give: each parameter of what they call, but events named in presets."""
    for call in CALLS:
        for each in call.parameters:
            names_event = call.topic == "presets" and kinds(each.annotation) == {"str"}
            if call.is_made and not names_event:
                yield call, each


def test_a_word_means_one_thing() -> None:
    faults = {}
    for call, each in uses():
        meaning, found = MEANINGS.get(each.name), kinds(each.annotation)
        if meaning is None or found & {"Any", "object"}:  # columns of any kind, too
            continue
        needs, takes = set(meaning.needs.split()), set(meaning.takes.split())
        if not needs <= found or not found <= needs | takes:
            faults[call.place(each)] = f"{meaning.is_}: {meaning.needs}, not {sorted(found)}"
    other = {place: faults[place] for place in left(faults) if place not in OTHER_MEANINGS}
    assert other == {}


def test_a_word_of_several_topics_is_explained() -> None:
    topics: dict[str, set[str]] = defaultdict(set)
    for call, each in uses():
        topics[each.name].add(call.topic)
    shared = {name for name, where in topics.items() if len(where) > 1}
    assert left(shared - PLAIN - set(MEANINGS)) == []
    assert not PLAIN & set(MEANINGS)


# Names of classes


def test_a_class_name_is_public_once() -> None:
    names = Counter(value.__name__ for _, value in CLASSES)
    assert left(name for name, times in names.items() if times > 1) == []


NAMED: Mapping[str, str] = {
    "Chain": "a Markov chain, with methods",
    "ConversionTimes": "lengths of time, with methods",
    "CumulativeIncidence": "the standard name: curves by cause",
    "Fit": "a fitted model, with methods",
    "HazardCurve": "a curve, with methods",
    "IncidenceCurve": "a curve, with methods",
    "JourneyChain": "a Markov chain, with methods",
    "LogRank": "the standard name of the test",
    "Paths": "paths of tests, with methods",
    "PurchaseIntervals": "lengths of time, with methods",
    "SurvivalCurve": "a curve, with methods",
}
"""Tables that are not named as tables, and why."""


def test_tables_are_named_as_tables() -> None:
    tables = {value.__name__ for _, value in CLASSES if issubclass(value, Table)}
    assert left(name for name in tables - set(NAMED) if not name.endswith("Table")) == []
    assert set(NAMED) <= tables
    others = {value.__name__ for _, value in CLASSES if not issubclass(value, Table)}
    assert [name for name in others if name.endswith("Table")] == []
