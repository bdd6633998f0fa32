"""Transitions and time-outs."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from math import nan
from typing import Any

import attrs
import pytest

from lifecycle import ANY, Customer, Event, Period, Status, Transition, count, dwell, idle, value
from lifecycle.engine.transitions import Timeout
from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from lifecycle.periods import Calendar, Until
from samples import again, refusal

WEEK = idle(days=7)
DAYS_3: Any = timedelta(days=3)
HOURS_36: Any = timedelta(hours=36)
NUMBER: Any = 3
NO_LENGTH = (
    "length must be above 0 in at least one unit, weeks to seconds or months and years, got 0"
)


class Names(StrEnum):
    """Names of one's own."""

    LEAD = "lead"
    BUY = "purchase"


def is_vip(_customer: Customer, _event: Event | None) -> bool:
    return True


# Time-outs


@pytest.mark.parametrize(
    ("timeout", "text"),
    [
        (idle(days=90), "idle(days=90)"),
        (idle(weeks=2), "idle(days=14)"),
        (idle("purchase", months=6), "idle('purchase', months=6)"),
        (idle(years=1, months=2), "idle(years=1, months=2)"),
        (dwell(hours=25.5), "dwell(days=1, hours=1, minutes=30)"),
        (dwell(until="quarter"), "dwell(until='quarter')"),
    ],
)
def test_a_time_out_shows_itself_as_the_call_that_makes_it(timeout: object, text: str) -> None:
    assert repr(timeout) == text


def test_a_day_is_24_hours_and_a_month_is_a_calendar_length() -> None:
    assert idle(days=90).length == Period(hours=90 * 24)
    assert idle(days=90).length.length == timedelta(days=90)  # type: ignore[union-attr]
    assert idle(years=1).length == Period(months=12)
    assert idle(days=30) != idle(months=1)
    assert dwell(until="day").length == Until("day")


def test_equal_time_outs_are_one_and_the_same_in_a_set() -> None:
    assert {idle(days=7), idle(weeks=1)} == {WEEK}
    assert len({idle(days=7), dwell(days=7), idle("visit", days=7)}) == 3


@pytest.mark.parametrize(
    "timeout", [idle(days=7), idle("visit", months=1), dwell(minutes=1), dwell(until="week")]
)
def test_a_time_out_survives_pickling(timeout: object) -> None:
    assert again(timeout) == timeout
    assert hash(again(timeout)) == hash(timeout)


@pytest.mark.parametrize("make", [idle, dwell])
@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        ({}, InvalidValueError, NO_LENGTH),
        ({"days": 0}, InvalidValueError, NO_LENGTH),
        ({"months": 0}, InvalidValueError, NO_LENGTH),
        ({"days": -1}, InvalidValueError, "days must be at least 0, got -1"),
        ({"days": 2, "hours": -1}, InvalidValueError, "hours must be at least 0, got -1"),
        ({"months": -1}, InvalidValueError, "months must be at least 0, got -1"),
        (
            {"months": 1.5},
            InvalidTypeError,
            "months must be a whole number, got 1.5 (float)",
        ),
        ({"years": 1.0}, InvalidTypeError, "years must be a whole number, got 1.0 (float)"),
        ({"years": True}, InvalidTypeError, "years must be a whole number, got True (bool)"),
        ({"days": True}, InvalidTypeError, "days must be a number (int, float or Decimal)"),
        ({"days": "90"}, InvalidTypeError, "days must be a number (int, float or Decimal)"),
        ({"days": nan}, InvalidValueError, "days must be finite, got nan"),
        ({"days": 10**400}, InvalidValueError, "days must be finite as a float, "),
        ({"days": 1e300}, InvalidValueError, "length must be at most 999999999 days"),
        ({"years": 10**9}, InvalidValueError, "length must be at most 119988 months"),
        (
            {"days": 1, "months": 1},
            InvalidValueError,
            (
                "length must be in weeks, days, hours, minutes and seconds or in months and years, "
                "not both"
            ),
        ),
    ],
)
def test_a_length_refuses(
    make: Callable[..., object], given: dict[str, object], kind: type[Exception], text: str
) -> None:
    assert refusal(kind, lambda: make(**given)).startswith(text)


def test_idle_refuses_what_is_no_event_name() -> None:
    assert refusal(InvalidValueError, lambda: idle("", days=1)) == (
        "idle must be text that is not blank, got ''"
    )
    assert refusal(InvalidTypeError, lambda: idle(90, days=1)) == (  # type: ignore[arg-type]
        "idle must be the name of an event, got 90 (int); pass the length by its unit, such as "
        "idle(days=90)"
    )


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (timedelta(days=3), "idle(days=3)"),
        (timedelta(hours=36), "idle(days=1, hours=12)"),
        (Period(months=6), "idle(months=6)"),
        (2.5, "idle(days=2, hours=12)"),
        (-1, "idle(days=90)"),
        (True, "idle(days=90)"),
        (timedelta(0), "idle(days=90)"),
        (date(2026, 1, 1), "idle(days=90)"),
    ],
)
def test_a_length_in_place_of_an_event_is_named_and_what_is_meant(given: Any, meant: str) -> None:
    said = refusal(InvalidTypeError, lambda: idle(given))
    assert said.startswith(f"idle must be the name of an event, got {given!r}")
    assert said.endswith(f"; pass the length by its unit, such as {meant}")


def test_a_time_out_takes_a_length_of_either_kind() -> None:
    assert Timeout("idle", DAYS_3) == idle(days=3)
    assert Timeout("dwell", HOURS_36) == dwell(days=1, hours=12)
    assert Timeout("dwell", Until("year")) == dwell(until="year")
    fiscal = Calendar("year", year_start=4)
    assert Timeout("dwell", fiscal) == dwell(until=fiscal)  # type: ignore[arg-type]  # as dwell takes it
    assert refusal(InvalidTypeError, lambda: Timeout("idle", Until("year"))) == (
        "idle.length must be a timedelta or a Period, got Until('year') (Until)"
    )
    assert refusal(InvalidTypeError, lambda: Timeout("dwell", NUMBER)).startswith(
        "dwell.length must be a timedelta, a Period or an Until, got 3 (int); pass timedelta("
    )


def test_dwell_takes_a_length_or_an_end_and_not_both() -> None:
    text = refusal(InvalidValueError, lambda: dwell(until="day", days=1))
    assert text.startswith("dwell must have one of the two, got ")
    assert "until='day'" in text


@pytest.mark.parametrize("until", ["hour", "decade", "Day"])
def test_dwell_knows_five_ends(until: str) -> None:
    assert refusal(UnknownNameError, lambda: dwell(until=until)).startswith(
        f"until must be one of 'day', 'week', 'month', 'quarter', 'year', got {until!r}"
    )


# Transitions


@pytest.mark.parametrize(
    ("transition", "text"),
    [
        (Transition("lead", "buyer", on="x"), "Transition('lead', 'buyer', on='x')"),
        (Transition(["lead"], "buyer", on="x"), "Transition('lead', 'buyer', on='x')"),  # type: ignore[arg-type]
        (Transition(ANY, "buyer", after=WEEK), "Transition(ANY, 'buyer', after=idle(days=7))"),
        (
            Transition(("lead", Status.ACTIVE), "buyer", on="x", when=count("x") >= 3),
            "Transition(('lead', Status.ACTIVE), 'buyer', on='x', when=count('x') >= 3)",
        ),
        (
            Transition("lead", "buyer", on="x", when=is_vip),
            "Transition('lead', 'buyer', on='x', when=is_vip)",
        ),
    ],
)
def test_a_transition_shows_itself_as_the_call_that_makes_it(
    transition: Transition, text: str
) -> None:
    assert repr(transition) == text


def test_sources_are_a_tuple_also_where_there_is_one() -> None:
    assert Transition("lead", "buyer", on="x").sources == ("lead",)
    assert Transition(("lead", ANY), "buyer", on="x").sources == ("lead", ANY)


def test_a_stage_called_active_is_not_the_status() -> None:
    by_name = Transition("active", "lapsed", on="x")
    by_status = Transition(Status.ACTIVE, "lapsed", on="x")
    assert by_name != by_status
    assert len({by_name, by_status}) == 2
    both = Transition(("active", Status.ACTIVE), "lapsed", on="x")
    assert [type(source) for source in both.sources] == [str, Status]


def test_a_stage_called_any_is_not_any() -> None:
    assert Transition("any", "lapsed", on="x") != Transition(ANY, "lapsed", on="x")
    assert repr(ANY) == "ANY"


def test_names_of_a_str_enum_become_plain() -> None:
    transition = Transition(Names.LEAD, Names.LEAD, on=Names.BUY)
    assert transition == Transition("lead", "lead", on="purchase")
    assert type(transition.source) is type(transition.target) is type(transition.on) is str


def test_any_callable_may_be_a_condition() -> None:
    assert Transition("lead", "buyer", on="x", when=is_vip).when is is_vip


def test_a_transition_cannot_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Transition("lead", "buyer", on="x").on = "y"  # type: ignore[misc]


@pytest.mark.parametrize(
    "transition",
    [
        Transition("lead", "buyer", on="x"),
        Transition((Status.ACTIVE, "lead"), "buyer", after=idle("x", days=1)),
        Transition(ANY, "buyer", on="x", when=~(count("x") >= 3)),
        Transition(ANY, "buyer", on="x", when=is_vip),
    ],
)
def test_a_transition_survives_pickling(transition: Transition) -> None:
    assert again(transition) == transition
    assert hash(again(transition)) == hash(transition)
    assert (again(transition).source is ANY) == (transition.source is ANY)


SOURCE = "must be a stage's name, a Status, ANY, or a tuple of these"

REFUSALS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (
        lambda: Transition("a", "b"),
        InvalidValueError,
        "transition must have exactly one of on and after, got 'on=None, after=None'",
    ),
    (
        lambda: Transition("a", "b", on="x", after=WEEK),
        InvalidValueError,
        "transition must have exactly one of on and after, got ",
    ),
    (
        lambda: Transition((), "b", on="x"),
        InvalidValueError,
        "transition.source must name at least one stage, each once, got ()",
    ),
    (
        lambda: Transition(("a", "b", "a"), "b", on="x"),
        InvalidValueError,
        "transition.source must name at least one stage, each once, got ('a', 'b', 'a')",
    ),
    (
        lambda: Transition("", "b", on="x"),
        InvalidValueError,
        "transition.source must be text that is not blank, got ''",
    ),
    (
        lambda: Transition(None, "b", on="x"),  # type: ignore[arg-type]
        InvalidTypeError,
        f"transition.source {SOURCE}, got None (NoneType)",
    ),
    (
        lambda: Transition({"a"}, "b", on="x"),  # type: ignore[arg-type]
        InvalidTypeError,
        f"transition.source {SOURCE}, got {{'a'}} (set)",
    ),
    (
        lambda: Transition(("a", 3), "b", on="x"),  # type: ignore[arg-type]
        InvalidTypeError,
        f"transition.source[1] {SOURCE}, got 3 (int)",
    ),
    (
        lambda: Transition("a", Status.ACTIVE, on="x"),
        InvalidTypeError,
        "transition.target must be the name of one stage, not a Status, got Status.ACTIVE",
    ),
    (
        lambda: Transition("a", ANY, on="x"),  # type: ignore[arg-type]
        InvalidTypeError,
        "transition.target must be ",
    ),
    (
        lambda: Transition("a", ("b", "c"), on="x"),  # type: ignore[arg-type]
        InvalidTypeError,
        "transition.target must be text, got ('b', 'c') (tuple)",
    ),
    (
        lambda: Transition("a", "b", on=""),
        InvalidValueError,
        "transition.on must be text that is not blank, got ''",
    ),
    (
        lambda: Transition("a", "b", on=("x", "y")),  # type: ignore[arg-type]
        InvalidTypeError,
        (
            "transition.on must be the name of one event, got ('x', 'y') (tuple); "
            "write a transition for each event"
        ),
    ),
    (
        lambda: Transition("a", "b", on=["x"]),  # type: ignore[arg-type]
        InvalidTypeError,
        "transition.on must be the name of one event, got ['x'] (list); write a transition",
    ),
    (
        lambda: Transition("a", "b", on=3),  # type: ignore[arg-type]
        InvalidTypeError,
        "transition.on must be text, got 3 (int)",
    ),
    (
        lambda: Transition("a", "b", after=timedelta(days=90)),  # type: ignore[arg-type]
        InvalidTypeError,
        (
            "transition.after must be idle(...), dwell(...), at(...) or falls(...), got "
            "datetime.timedelta(days=90) (timedelta)"
        ),
    ),
    (
        lambda: Transition("a", "b", after=Period(days=90)),  # type: ignore[arg-type]
        InvalidTypeError,
        "transition.after must be idle(...), dwell(...), at(...) or falls(...), got Period(days=",
    ),
    (
        lambda: Transition("a", "b", on="x", when=count("x")),  # type: ignore[arg-type]
        InvalidTypeError,
        "transition.when must compare the measure with a value, got count('x') (Measure)",
    ),
    (
        lambda: Transition("a", "b", on="x", when=count("x") == 3),  # type: ignore[arg-type]
        InvalidTypeError,
        (
            "transition.when must be a condition, such as count('purchase') >= 3; "
            "== compares measures, .equals(x) asks for a value, got False (bool)"
        ),
    ),
    (
        lambda: Transition("a", "b", on="x", when="count >= 3"),  # type: ignore[arg-type]
        InvalidTypeError,
        (
            "transition.when must be a condition, such as count('purchase') >= 3, "
            "got 'count >= 3' (str)"
        ),
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), REFUSALS)
def test_a_transition_refuses(call: Callable[[], object], kind: type[Exception], text: str) -> None:
    assert refusal(kind, call).startswith(text)


# Conditions that are code


async def is_known(_customer: Customer, _event: Event | None) -> bool:
    return False


def are_known(_customer: Customer, _event: Event | None) -> Iterator[bool]:
    yield False


class Known:
    """Code whose answer has to be waited for."""

    async def __call__(self, _customer: Customer, _event: Event | None) -> bool:
        """Promise."""
        return False

    async def method(self, _customer: Customer, _event: Event | None) -> bool:
        """Promise."""
        return False


@pytest.mark.parametrize(
    "code", [is_known, are_known, partial(is_known), Known(), Known().method, partial(Known())]
)
def test_code_whose_answer_is_awaited_or_iterated_is_refused(code: Any) -> None:
    for more in ({"on": "x"}, {"after": WEEK}):
        text = refusal(InvalidTypeError, lambda more=more: Transition("a", "b", when=code, **more))
        assert text.startswith(
            "transition.when must be a plain function of (customer, event), not a coroutine"
        )


def by_name(_customer: Customer, *, _event: Event | None) -> bool:
    return True


@pytest.mark.parametrize(
    "code",
    [lambda: True, lambda _customer: True, lambda _c, _e, _t: True, by_name],
)
def test_code_that_does_not_take_two_arguments_is_refused(code: Any) -> None:
    text = refusal(InvalidTypeError, lambda: Transition("a", "b", on="x", when=code))
    expected = "transition.when must be a function of (customer, event), called by position, got <"
    assert text.startswith(expected)


@pytest.mark.parametrize(
    "code", [is_vip, lambda *_both: True, lambda _c, _e=None: True, partial(is_vip), max]
)
def test_code_that_takes_two_arguments_is_accepted(code: Any) -> None:
    assert Transition("a", "b", on="x", when=code).when is code


def test_where_goes_with_the_names_of_events() -> None:
    where = value() >= 5
    assert refusal(InvalidValueError, lambda: idle(days=9, where=where)) == (
        "idle.where must be left out, or be given with the names of the events that it is about, "
        "got value() >= 5"
    )
    assert repr(idle(["visit", "login"], days=9, where=where)) == (
        "idle(('visit', 'login'), days=9, where=value() >= 5)"
    )
    wrong = count("x") >= 1
    assert refusal(InvalidValueError, lambda: idle("visit", days=9, where=wrong)).startswith(
        "where must read the event alone"
    )
