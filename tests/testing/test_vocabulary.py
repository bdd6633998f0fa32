"""What can happen in a lifecycle is read off its conditions."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle import (
    Event,
    Lifecycle,
    Period,
    Transition,
    attribute,
    count,
    dwell,
    event_attribute,
    idle,
    mean,
    total,
    value,
)
from lifecycle.errors import InvalidTypeError, UnknownNameError
from lifecycle.periods import Until
from lifecycle.testing._vocabulary import (
    TICK,
    Fact,
    around,
    local,
    nominal,
    numbers,
    shifted,
    soon,
    vocabulary,
)
from samples import START, lifecycle, refusal


def on_purchase(condition: Any) -> Lifecycle:
    return lifecycle(Transition("buyer", "loyal", on="purchase", when=condition))


def purchases(condition: Any) -> list[Any]:
    return [fact.value for fact in vocabulary(on_purchase(condition)).facts]


# Values about those wanted


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([500], [500, 501, 499]),
        ([500, 50], [50, 500, 501, 275, 49]),
        ([0.5, 2], [0.5, 2.0, 3.0, 1.25, -0.5]),
        ([Decimal("0.1"), 0.3], [Decimal("0.1"), Decimal("0.3"), Decimal("1.3"), Decimal("0.2")]),
        (["web", "gold"], ["web", "gold", "web~", ""]),
        ([True], [True, False]),
        ([date(2026, 1, 1)], [date(2026, 1, 1), date(2026, 1, 2), date(2025, 12, 31)]),
        ([date.max], [date.max, date(9999, 12, 30)]),
        ([START], [START, START + timedelta(days=1), START - timedelta(days=1)]),
        ([timedelta(days=3)], [timedelta(days=3), timedelta(days=4), timedelta(days=2)]),
        ([timedelta.max], [timedelta.max, timedelta.max - timedelta(days=1)]),
        ([time(9)], [time(9), time.max, time.min]),
        ([("a", 1)], [("a", 1)]),
        ([], []),
    ],
)
def test_around_wanted_values_lie_those_that_comparisons_tell_apart(
    wanted: list[Any], expected: list[Any]
) -> None:
    assert list(around(wanted))[: len(expected)] == expected


def test_one_and_true_are_two_values() -> None:
    assert [(type(one), one) for one in around([1, True])] == [
        (int, 1),
        (int, 2),
        (int, 0),
        (bool, True),
        (bool, False),
    ]


def test_numbers_are_of_one_kind_so_that_totals_add_up() -> None:
    assert numbers([2, 1, 2]) == (1, 2)
    assert [type(one) for one in numbers([2, 0.5])] == [float, float]
    assert numbers([2, 0.5, Decimal(1)]) == (Decimal("0.5"), Decimal(1), Decimal(2))
    assert {type(one) for one in numbers([2, 0.5, Decimal(1)])} == {Decimal}


# What is read where


def test_an_event_has_a_value_where_a_condition_reads_it() -> None:
    assert purchases(count("purchase") >= 3) == [None]
    assert purchases(total("purchase") >= 500) == [500, 501, 499, None]
    assert purchases(value() >= 9) == [9, 10, 8, None]
    assert purchases(mean("purchase").is_in([1, 5])) == [1, 5, 6, 3, 0, None]


def test_a_total_of_another_event_gives_values_to_that_event() -> None:
    made = lifecycle(
        Transition("lead", "buyer", on="purchase"),
        Transition("buyer", "loyal", on="visit", when=total("purchase") >= 500),
    )
    found = vocabulary(made)
    assert [fact.value for fact in found.facts if fact.name == "visit"] == [None]
    assert found.thresholds == {"purchase": (500,)}


def test_attributes_are_those_that_customers_begin_with_and_that_events_set() -> None:
    found = vocabulary(on_purchase(attribute("plan").equals("gold")))
    plans = [{}, {"plan": "gold"}, {"plan": "gold~"}, {"plan": ""}]
    assert list(map(dict, found.beginnings)) == plans
    assert [dict(fact.sets) for fact in found.facts] == plans


def test_attributes_of_an_event_are_combined_and_may_be_missing() -> None:
    both = event_attribute("channel").equals("web") & event_attribute("first").equals(True)
    told = [dict(fact.attributes) for fact in vocabulary(on_purchase(both)).facts]
    assert len(told) == 4 * 3
    assert {"channel": "web", "first": True} in told
    assert {"first": False} in told
    assert {} in told


def test_lengths_are_those_of_time_outs_and_windows_each_once() -> None:
    year = Period(days=365)
    found = vocabulary(
        lifecycle(
            Transition("buyer", "loyal", on="purchase", when=count("purchase", within=year) >= 3),
            Transition("buyer", "lapsed", after=idle(days=90)),
            Transition("loyal", "lapsed", after=idle(days=90)),
            Transition("lapsed", "lost", after=dwell(until="year")),
        )
    )
    assert found.lengths == (Period(days=90), Until("year"), year)
    assert found.windows == (year,)


def test_conditions_that_are_code_say_nothing_and_examples_say_it() -> None:
    big = on_purchase(lambda _customer, event: event.value > 100)
    example = Event("purchase", START, value=101, id="a", attributes={"channel": "web"})
    assert vocabulary(big).facts == (Fact("purchase"),)
    first, second = vocabulary(big, [example]).facts
    assert first.at(START, 7) == Event(
        "purchase", START, value=101, id=7, attributes={"channel": "web"}
    )
    assert second == Fact("purchase")


def test_only_events_of_the_lifecycle_are_examples() -> None:
    shop = on_purchase(None)
    assert refusal(UnknownNameError, lambda: vocabulary(shop, [Event("visit", START)])) == (
        "examples[0].name must be 'purchase', got 'visit'"
    )
    given: Any = ["purchase"]
    assert refusal(InvalidTypeError, lambda: vocabulary(shop, given)).startswith(
        "examples[0] must be an Event"
    )
    nothing: Any = None
    assert refusal(InvalidTypeError, lambda: vocabulary(nothing)).startswith(
        "lifecycle must be a Lifecycle"
    )


# Time


def test_soon_is_short_beside_every_length() -> None:
    assert soon([]) == Period(days=1)
    assert soon([Period(days=100)]) == Period(days=1)
    assert soon([Period(days=99)]) == Period(hours=1)
    assert soon([Period(years=1), Until("day")]) == Period(minutes=1)
    assert soon([Period(seconds=0.00001)]) == Period(seconds=0.000001)


def test_a_length_is_about_so_long() -> None:
    assert nominal(Period(hours=36)) == timedelta(hours=36)
    assert nominal(Period(years=1)) == timedelta(days=360)
    assert nominal(Until("quarter")) == timedelta(days=91)


def test_time_passes_whatever_the_clocks_do() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    spring = datetime(2026, 3, 29, 3, tzinfo=berlin)  # the hour before does not exist
    assert shifted(spring, -TICK) == datetime(2026, 3, 29, 0, 59, 59, 999999, tzinfo=UTC)
    assert str(shifted(spring, -TICK)) == "2026-03-29 01:59:59.999999+01:00"
    assert shifted(datetime.max, TICK) is None  # noqa: DTZ901
    assert local(START, datetime(2026, 1, 1)) is START  # noqa: DTZ001
