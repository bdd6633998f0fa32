"""Conditions: data that can be read, compared and combined."""

import operator
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from math import inf, nan
from typing import Any

import pytest

from lifecycle import (
    Customer,
    Event,
    Period,
    attribute,
    count,
    event_attribute,
    mean,
    total,
    value,
)
from lifecycle.engine.conditions import AllOf, AnyOf, Not, is_data, measures
from lifecycle.errors import InvalidTypeError, InvalidValueError
from samples import START, again, refusal

YEAR = Period(days=365)

ONE = count("purchase") >= 1
TWO = total("purchase") > 2
THREE = value() < 3


class Plans(StrEnum):
    """Names of one's own."""

    GOLD = "gold"


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (ONE, "count('purchase') >= 1"),
        (TWO, "total('purchase') > 2"),
        (THREE, "value() < 3"),
        (mean("purchase", within=YEAR) <= 4.5, "mean('purchase', within=Period(days=365)) <= 4.5"),
        (count("visit", since_entry=True).equals(5), "count('visit', since_entry=True).equals(5)"),
        (attribute("plan").is_in(["gold", "free"]), "attribute('plan').is_in(('gold', 'free'))"),
        (event_attribute("via").equals("web"), "event_attribute('via').equals('web')"),
        (ONE & TWO, "(count('purchase') >= 1) & (total('purchase') > 2)"),
        (ONE | TWO, "(count('purchase') >= 1) | (total('purchase') > 2)"),
        (~ONE, "~(count('purchase') >= 1)"),
        (~(ONE & TWO) | THREE, f"(~(({ONE!r}) & ({TWO!r}))) | ({THREE!r})"),
    ],
)
def test_a_condition_shows_itself_as_it_is_written(condition: object, text: str) -> None:
    assert repr(condition) == text


@pytest.mark.parametrize(
    ("compare", "name"),
    [(operator.ge, ">="), (operator.gt, ">"), (operator.le, "<="), (operator.lt, "<")],
)
def test_a_comparison_may_be_written_from_either_side(
    compare: Callable[[Any, Any], Any], name: str
) -> None:
    mirrored = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}
    assert compare(count("purchase"), 3).operator == name
    assert compare(3, count("purchase")).operator == mirrored[name]


def test_and_and_or_are_flat() -> None:
    assert (ONE & TWO) & THREE == ONE & (TWO & THREE) == AllOf((ONE, TWO, THREE))
    assert (ONE | TWO) | THREE == ONE | (TWO | THREE) == AnyOf((ONE, TWO, THREE))
    assert AnyOf((AllOf((ONE, TWO)), THREE)) == (ONE & TWO) | THREE
    assert Not(Not(ONE)) == ~~ONE


def test_equals_asks_for_a_value_and_two_equal_signs_compare_conditions() -> None:
    assert count("purchase") == count("purchase")
    assert count("purchase") != 3
    assert count("purchase").equals(3) != (count("purchase") >= 3)


def test_measures_yields_what_is_read_in_the_order_written() -> None:
    condition = ~(ONE & (THREE | TWO)) & ONE
    assert list(measures(condition)) == [
        count("purchase"),
        value(),
        total("purchase"),
        count("purchase"),
    ]


def test_only_what_is_written_with_measures_is_data() -> None:
    assert all(is_data(condition) for condition in (ONE, ONE & TWO, ONE | TWO, ~ONE))
    assert not any(is_data(other) for other in (None, True, is_data, count("purchase"), "text"))


def test_equal_conditions_are_one_and_the_same_in_a_set() -> None:
    twins = {(count("purchase") >= 1) & (total("purchase") > 2), ONE & TWO}
    assert twins == {ONE & TWO}
    assert count("purchase") != count("purchase", since_entry=True)
    assert count("purchase", within=Period(weeks=1)) == count("purchase", within=Period(days=7))


def test_a_condition_survives_pickling() -> None:
    condition = ~(ONE & TWO) | attribute("since").equals(date(2026, 1, 1)) | (value() > Decimal(1))
    assert again(condition) == condition
    assert hash(again(condition)) == hash(condition)
    assert again(count("purchase", within=YEAR)) == count("purchase", within=YEAR)


def test_names_and_texts_of_a_str_enum_become_plain() -> None:
    condition = attribute(Plans.GOLD).is_in([Plans.GOLD])
    assert repr(condition) == "attribute('gold').is_in(('gold',))"


def test_an_attribute_may_be_compared_with_whatever_it_may_be() -> None:
    for wanted in ("gold", True, 3, 4.5, Decimal(6), date(2026, 1, 1), START):
        assert attribute("plan").equals(wanted).wanted == wanted


TRUTH = "condition must not be used as a truth value; combine with &, | and ~ instead of "


@pytest.mark.parametrize(
    "call",
    [
        lambda: bool(ONE),
        lambda: ONE and TWO,
        lambda: ONE or TWO,
        lambda: not ONE,
        lambda: not (ONE & TWO),
        lambda: bool(~ONE),
        lambda: bool(count("purchase")),
        lambda: 1 <= count("purchase") <= 3,
        lambda: any([ONE, TWO]),
    ],
)
def test_a_condition_is_no_truth_value(call: Callable[[], object]) -> None:
    assert refusal(InvalidTypeError, call).startswith(TRUTH)


def test_forgotten_brackets_raise() -> None:
    with pytest.raises(TypeError):
        _ = count("purchase") >= 3 & count("visit") >= 2  # type: ignore[operator]
    with pytest.raises(TypeError):
        _ = count("purchase") >= 3 | count("visit") >= 2  # type: ignore[operator]


UNCOMPARED = (
    "condition must be compared with a value first; write brackets around comparisons, "
    "as in (a >= 1) & (b >= 2), got {} (Measure)"
)


@pytest.mark.parametrize(
    ("call", "measure"),
    [
        (lambda: count("a") >= 3 & count("b") >= 1, "count('b')"),  # type: ignore[operator]
        (lambda: count("a") >= 3 | count("b") >= 1, "count('b')"),  # type: ignore[operator]
        (lambda: count("a") & count("b"), "count('a')"),  # type: ignore[operator]
        (lambda: count("a") | count("b"), "count('a')"),  # type: ignore[operator]
        (lambda: count("a") & ONE, "count('a')"),  # type: ignore[operator]
        (lambda: count("a") | True, "count('a')"),  # type: ignore[operator]
        (lambda: ~count("a"), "count('a')"),  # type: ignore[operator]
    ],
)
def test_a_measure_that_is_not_compared_is_refused_with_a_hint(
    call: Callable[[], object], measure: str
) -> None:
    assert refusal(InvalidTypeError, call) == UNCOMPARED.format(measure)


def test_a_set_of_values_is_kept_in_order() -> None:
    plans = ["gold", "free", "trial", "silver", "bronze", "iron"]
    kept = ("bronze", "free", "gold", "iron", "silver", "trial")
    for order in (plans, plans[::-1], sorted(plans)):
        for kind in (set, frozenset):
            assert attribute("plan").is_in(kind(order)).wanted == kept
    assert attribute("plan").is_in(set(plans)) == attribute("plan").is_in(frozenset(plans))
    mixed: set[Any] = {"gold", 3, 2.5, date(2026, 1, 1)}
    assert attribute("plan").is_in(mixed).wanted == ("gold", 2.5, 3, date(2026, 1, 1))


def test_values_that_have_an_order_keep_it() -> None:
    assert attribute("plan").is_in(["gold", "free"]).wanted == ("gold", "free")
    assert attribute("plan").is_in(["gold", "free"]) != attribute("plan").is_in(["free", "gold"])


def is_vip(_customer: Customer, _event: Event | None) -> bool:
    return True


PLAIN = "be text, a number, a truth value, a date, a UUID, None or a tuple of these"

REFUSALS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (
        lambda: ONE & True,  # type: ignore[operator]
        InvalidTypeError,
        (
            "condition must be a condition; write brackets around comparisons, "
            "as in (a >= 1) & (b >= 2), got True (bool)"
        ),
    ),
    (
        lambda: ONE | is_vip,  # type: ignore[operator]
        InvalidTypeError,
        "condition must be a condition; write brackets",
    ),
    (
        lambda: ONE & count("visit"),  # type: ignore[operator]
        InvalidTypeError,
        "condition must be a condition; write brackets",
    ),
    (
        lambda: AllOf(None),  # type: ignore[arg-type]
        InvalidTypeError,
        "conditions must be a tuple of conditions, got None",
    ),
    (
        lambda: AnyOf("ab"),  # type: ignore[arg-type]
        InvalidTypeError,
        "conditions must be a tuple of conditions, got 'ab'",
    ),
    (lambda: count(""), InvalidValueError, "count must be text that is not blank, got ''"),
    (lambda: total(3), InvalidTypeError, "total must be text, got 3 (int)"),  # type: ignore[arg-type]
    (lambda: attribute(" "), InvalidValueError, "attribute must be text that is not blank"),
    (
        lambda: event_attribute(None),  # type: ignore[arg-type]
        InvalidTypeError,
        "event_attribute must be text, got None (NoneType)",
    ),
    (
        lambda: count("visit", since_entry=1),  # type: ignore[arg-type]
        InvalidTypeError,
        "since_entry must be True or False, got 1 (int)",
    ),
    (
        lambda: mean("visit", within=365),  # type: ignore[arg-type]
        InvalidTypeError,
        "within must be a timedelta, a Period or an Until, got 365 (int); pass timedelta(days=365)",
    ),
    (
        lambda: count("visit") >= "3",
        InvalidTypeError,
        (
            "what count('visit') is compared with must be a number (int, float or Decimal), "
            "got '3' (str)"
        ),
    ),
    (
        lambda: count("visit") >= True,
        InvalidTypeError,
        (
            "what count('visit') is compared with must be a number (int, float or Decimal), "
            "got True (bool)"
        ),
    ),
    (
        lambda: total("visit").equals(nan),
        InvalidValueError,
        "what total('visit') is compared with must be finite, got nan",
    ),
    (
        lambda: value() < inf,
        InvalidValueError,
        "what value() is compared with must be finite, got inf",
    ),
    (
        lambda: value().equals(Decimal("sNaN")),
        InvalidValueError,
        "what value() is compared with must be finite, got Decimal('sNaN')",
    ),
    (
        lambda: attribute("plan").equals(None),  # type: ignore[arg-type]
        InvalidTypeError,
        (
            "what attribute('plan') is compared with must be a value; a missing one meets nothing, "
            "got None (NoneType)"
        ),
    ),
    (
        lambda: attribute("plan").equals({}),  # type: ignore[arg-type]
        InvalidTypeError,
        f"what attribute('plan') is compared with must {PLAIN}, got {{}} (dict)",
    ),
    (
        lambda: attribute("plan").is_in("gold"),
        InvalidTypeError,
        "attribute('plan').is_in must be given a tuple of values, got 'gold' (str)",
    ),
    (
        lambda: attribute("plan").is_in(3),  # type: ignore[arg-type]
        InvalidTypeError,
        "attribute('plan').is_in must be given a tuple of values, got 3 (int)",
    ),
    (
        lambda: count("visit").is_in([1, "2"]),
        InvalidTypeError,
        "what count('visit') is compared with must be a number",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), REFUSALS)
def test_a_condition_refuses(call: Callable[[], object], kind: type[Exception], text: str) -> None:
    assert refusal(kind, call).startswith(text)


@pytest.mark.parametrize("measure", [count, total, mean])
def test_a_window_is_a_length_of_either_kind(measure: Any) -> None:
    by_period = measure("visit", within=Period(days=3))
    assert measure("visit", within=timedelta(days=3)) == by_period
    assert repr(measure("visit", within=timedelta(days=3))) == repr(by_period)
    for wrong, text in (
        (timedelta(0), "above 0"),
        (True, "a timedelta, a Period or an Until, got True"),
    ):
        with pytest.raises((InvalidTypeError, InvalidValueError), match=f"^within must be {text}"):
            measure("visit", within=wrong)
