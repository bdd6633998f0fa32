"""What conditions read of a customer's events (rule 11)."""

from collections.abc import Callable
from datetime import UTC, date, timedelta
from decimal import Decimal, localcontext
from enum import StrEnum
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contexts import AMOUNTS, HOSTS
from lifecycle import (
    Calendar,
    Customer,
    Event,
    Lifecycle,
    Period,
    Status,
    Transition,
    Until,
    attribute,
    count,
    dwell,
    event_attribute,
    idle,
    mean,
    total,
    value,
)
from lifecycle.engine import _sums, _windows
from lifecycle.engine.conditions import Criterion, Measure, Sum
from lifecycle.errors import InvalidTypeError, InvalidValueError, MixedNumbersError
from samples import (
    START,
    again,
    applied,
    at,
    bought,
    day,
    lifecycle,
    refusal,
    replayed,
    stage_after,
)

YEAR = Period(days=365)
NEVER = count("purchase") >= 10**9
VALUES = [1, 2.5, Decimal("3.5")]


class Plans(StrEnum):
    """Names of one's own."""

    GOLD = "gold"


def loyal_when(condition: Any) -> Lifecycle:
    """Make buyers loyal on a purchase, and loyal ones buyers again on a visit."""
    return lifecycle(
        Transition("buyer", "loyal", on="purchase", when=condition),
        Transition("loyal", "buyer", on="visit"),
        events=("note",),
    )


def visit(number: float) -> Event:
    return Event("visit", day(number))


# Counts, totals and means


def test_the_current_event_is_counted() -> None:
    thrice = loyal_when(count("purchase") >= 3)
    assert stage_after(thrice, bought(1), bought(2)) == "buyer"
    assert stage_after(thrice, bought(1), bought(2), bought(3)) == "loyal"


def test_only_events_of_the_name_count() -> None:
    twice = loyal_when(count("visit") >= 2)
    assert stage_after(twice, visit(1), bought(2), bought(3)) == "buyer"
    assert stage_after(twice, visit(1), visit(2), bought(3)) == "loyal"


def test_an_event_counts_also_where_it_moves_nobody_or_the_condition_fails() -> None:
    assert stage_after(loyal_when(count("note") >= 1), Event("note", day(1)), bought(2)) == "loyal"


def test_a_total_adds_up_values_and_is_0_before_the_first() -> None:
    rich = loyal_when(total("purchase") >= 100)
    assert stage_after(rich, bought(1, 60), bought(2, 39)) == "buyer"
    assert stage_after(rich, bought(1, 60), bought(2, 40)) == "loyal"
    assert stage_after(loyal_when(total("visit").equals(0)), bought(1)) == "loyal"


def test_an_event_without_a_value_adds_nothing() -> None:
    poor = loyal_when(total("purchase") <= 10)
    assert stage_after(poor, bought(1)) == "loyal"
    assert stage_after(loyal_when(mean("purchase").equals(10)), bought(1), bought(2, 10)) == "loyal"


def test_a_mean_is_of_the_events_that_have_a_value() -> None:
    for number, wanted in ((1, 10), (2, 10), (3, 20)):
        events = [bought(1, 10), bought(2), bought(3, 30)][:number]
        assert stage_after(loyal_when(mean("purchase").equals(wanted)), *events) == "loyal"


def test_a_mean_is_missing_before_the_first_value() -> None:
    assert stage_after(loyal_when(mean("purchase") >= -(10**9)), bought(1)) == "buyer"
    assert stage_after(loyal_when(mean("purchase") < 10**9), bought(1)) == "buyer"
    assert stage_after(loyal_when(~(mean("purchase") < 10**9)), bought(1)) == "loyal"


def test_values_may_be_negative() -> None:
    assert stage_after(loyal_when(total("purchase") < 0), bought(1, 5), bought(2, -5.5)) == "loyal"


@pytest.mark.parametrize("make", [total, mean])
@pytest.mark.parametrize("scope", [{}, {"within": YEAR}, {"since_entry": True}])
def test_decimals_stay_exact(make: Callable[..., Any], scope: dict[str, Any]) -> None:
    tenths = [bought(number, Decimal("0.1")) for number in (1, 2, 3)]
    wanted = Decimal("0.3") if make is total else Decimal("0.1")
    assert stage_after(loyal_when(make("purchase", **scope).equals(wanted)), *tenths) == "loyal"


@pytest.mark.parametrize("wanted", [0.3, Decimal("0.3")])
def test_a_float_beside_a_decimal_is_read_by_its_shortest_text(wanted: Any) -> None:
    exact = [bought(1, Decimal("0.1")), bought(2, Decimal("0.2"))]
    assert stage_after(loyal_when(total("purchase").equals(wanted)), *exact) == "loyal"
    assert stage_after(loyal_when(value().equals(wanted)), bought(1, 0.3)) == "loyal"
    assert stage_after(loyal_when(value().is_in([wanted])), bought(1, 0.3)) == "loyal"


@pytest.mark.parametrize("other", VALUES[1:])
def test_whole_numbers_add_to_floats_and_to_decimals(other: Any) -> None:
    rich = loyal_when(total("purchase").equals(other + 2))
    assert stage_after(rich, bought(1, 1), bought(2, other), bought(3, 1)) == "loyal"


@pytest.mark.parametrize("make", [total, mean])
@pytest.mark.parametrize("scope", [{}, {"within": YEAR}, {"since_entry": True}])
@pytest.mark.parametrize("between", [(), (1,)])
@pytest.mark.parametrize(("one", "other"), [(0.5, Decimal(1)), (Decimal(1), 0.5)])
def test_floats_and_decimals_do_not_add_up(
    make: Callable[..., Any],
    scope: dict[str, Any],
    between: tuple[int, ...],
    one: Any,
    other: Any,
) -> None:
    rich = loyal_when(make("purchase", **scope) >= 10**9)
    customer = applied(rich, bought(1, one), *(bought(2, each) for each in between))
    text = refusal(MixedNumbersError, lambda: rich.apply(customer, bought(3, other)))
    assert text.startswith("event.value and what total('purchase') has so far must be of one kind")
    assert text.endswith("convert floats with Decimal(str(x)) or decimals with float(x)")


def test_floats_and_decimals_mix_where_nothing_adds_them_up() -> None:
    counted = loyal_when((count("purchase") >= 2) & (value() >= 1))
    assert stage_after(counted, bought(1, 0.5), bought(2, Decimal(1))) == "loyal"


def test_mixed_numbers_leave_the_customer_as_it_was() -> None:
    rich = loyal_when(total("purchase") >= 3)
    customer = applied(rich, bought(1, 0.5))
    text = refusal(MixedNumbersError, lambda: rich.apply(customer, bought(2, Decimal("2.5"))))
    assert "got Decimal('2.5') and 0.5" in text
    assert rich.apply(customer, bought(2, 2.5)).customer.stage == "loyal"


@pytest.mark.parametrize("scope", [{}, {"within": YEAR}, {"since_entry": True}])
@pytest.mark.parametrize("huge", [1e308, Decimal("1e308")])
def test_a_total_stays_finite(scope: dict[str, Any], huge: Any) -> None:
    rich = loyal_when(total("purchase", **scope) < 0)
    customer = applied(rich, bought(1, huge))
    text = refusal(InvalidValueError, lambda: rich.apply(customer, bought(2, huge)))
    assert text == f"event.value must leave total('purchase') finite, got {huge!r}"
    assert rich.apply(customer, bought(2, -huge)).customer.stage == "buyer"


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("scope", [{}, {"within": YEAR}, {"since_entry": True}])
def test_the_decimal_context_of_a_host_changes_nothing(host: str, scope: dict[str, Any]) -> None:
    # 99.99 + 0.0001 + 0.0098 = 99.9999, which four digits would round to 100.0
    events = [bought(number, value) for number, value in enumerate(AMOUNTS[:3], start=1)]
    definition = loyal_when((total("purchase", **scope) >= 100) | (mean("purchase", **scope) > 100))
    expected = applied(definition, *events)
    asked = definition.explain(expected, bought(9)).reasons
    assert (expected.stage, str(asked[0].actual)) == ("buyer", "99.9999")
    assert str(asked[1].actual) == "33.3333"
    with localcontext(HOSTS[host]):
        found = applied(definition, *events)
        assert found == expected
        assert definition.explain(found, bought(9)).reasons == asked
        assert Customer.from_dict(found.to_dict()) == expected
        assert found.to_dict() == expected.to_dict()


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("scope", [{}, {"within": YEAR}, {"since_entry": True}])
def test_in_any_decimal_context_the_same_totals_are_refused(
    host: str, scope: dict[str, Any]
) -> None:
    rich = loyal_when(total("purchase", **scope) < 0)
    with localcontext(HOSTS[host]):
        customer = applied(rich, bought(1, Decimal("9e9")), bought(2, Decimal("-9.000000001e9")))
        assert customer.stage == "loyal"
        customer = applied(rich, bought(1, Decimal("1e308")))
        with pytest.raises(InvalidValueError, match=r"^event.value must leave total\('purchase'\)"):
            rich.apply(customer, bought(2, Decimal("1e308")))
        with pytest.raises(MixedNumbersError, match=r"^event.value and what total\('purchase'\)"):
            rich.apply(customer, bought(2, 0.5))


def test_totals_of_decimals_keep_every_digit() -> None:
    wide = [bought(1, Decimal("1e28")), bought(2, Decimal("0.01")), bought(3, Decimal("-1e28"))]
    for scope in ({}, {"within": YEAR}):
        cent = loyal_when(total("purchase", **scope).equals(Decimal("0.01")))
        assert applied(cent, *wide).entered == day(3)


def test_a_window_of_floats_does_not_remember_what_has_left() -> None:
    tenths = loyal_when(total("purchase", within=Period(days=2)).equals(0.3))
    # 0.1 + 0.2 to the nearest float is 0.30000000000000004, and 1e16 leaves no trace
    events = [bought(1, 1e16), bought(2, 0.1), bought(4.5, 0.1), bought(5, 0.2)]
    asked = tenths.explain(applied(tenths, *events[:3]), events[3]).reasons
    assert asked[0].actual == 0.1 + 0.2


# Windows


def test_a_window_holds_what_is_later_than_its_length_ago() -> None:
    twice = loyal_when(count("purchase", within=YEAR) >= 2)
    moment = timedelta(microseconds=1) / timedelta(days=1)
    assert stage_after(twice, bought(0), bought(365)) == "buyer"
    assert stage_after(twice, bought(0), bought(365 - moment)) == "loyal"
    assert stage_after(twice, bought(0), bought(364), bought(365)) == "loyal"


def test_a_window_forgets_and_counts_anew() -> None:
    thrice = loyal_when(count("purchase", within=Period(days=10)) >= 3)
    assert stage_after(thrice, *map(bought, (0, 5, 10, 15, 20))) == "buyer"
    assert stage_after(thrice, *map(bought, (0, 5, 10, 15, 19, 20))) == "loyal"


def test_totals_and_means_may_be_of_a_window() -> None:
    events = [bought(0, 100), bought(20), bought(21, 10), bought(22, 20)]
    for condition in (
        total("purchase", within=Period(days=10)).equals(30),
        mean("purchase", within=Period(days=10)).equals(15),
    ):
        customer = applied(loyal_when(condition), *events)
        assert (customer.stage, customer.entered) == ("loyal", day(22))


def test_the_mean_of_an_empty_window_is_missing() -> None:
    recent = loyal_when(mean("purchase", within=Period(days=10)) >= 0)
    assert stage_after(recent, bought(0), bought(20)) == "buyer"


FEW = timedelta(minutes=7)
EVER = Period(days=36_500)


@pytest.mark.parametrize(
    ("measures", "gap", "windows", "most"),
    [
        ([total("purchase", within=EVER)], FEW, 1, 1),
        ([each("purchase", within=EVER) for each in (count, total, mean)], FEW, 1, 1),
        ([count("purchase", within=Period(years=90))], FEW, 1, 1),
        ([count("purchase", within=Period(days=length)) for length in (365, 30)], FEW, 2, 2),
        # here most of them leave: each once
        ([mean("purchase", within=Period(days=1))], timedelta(hours=1), 1, 2),
        ([total("purchase", within=Period(minutes=1))], timedelta(seconds=1), 1, 2),
        # a window of months keeps a day more, and a part of one block is left out of it
        ([total("purchase", within=Period(months=1))], timedelta(hours=1), 1, 2 + _windows._SIZE),
    ],
)
def test_a_step_costs_what_comes_into_a_window_and_what_leaves_it(
    measures: list[Measure],
    gap: timedelta,
    windows: int,
    most: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ways = [Transition("buyer", "loyal", on="purchase", when=each >= 10**9) for each in measures]
    definition = lifecycle(*ways)
    ann, number = definition.enroll("ann", at=START), 1000
    added: list[object] = []
    plus = _sums.plus
    monkeypatch.setattr(_sums, "plus", lambda *given: added.append(given) or plus(*given))
    for place in range(number):
        before = ann._memory[1:]
        ann, _ = definition.apply(ann, Event("purchase", START + place * gap, value=1))
        held = [state for state in ann._memory if isinstance(state, _windows.Recent)]
        assert len(held) == windows
        known = {id(block) for state in before for block in state._blocks}
        assert all(sum(id(block) not in known for block in each._blocks) <= 1 for each in held)
    assert len(added) <= most * number


def test_a_window_of_months_is_cut_on_the_calendar() -> None:
    twice = loyal_when(count("purchase", within=Period(months=1)) >= 2)

    def after(first: str, second: str) -> str:
        events = [Event("purchase", at(text)) for text in (first, second)]
        return stage_after(twice, *events)

    assert after("2026-01-31", "2026-02-28") == "loyal"
    # a month before 31 March is the end of February
    assert after("2026-02-28", "2026-03-31") == "buyer"
    assert after("2026-02-28T00:00:00.000001", "2026-03-31") == "loyal"
    # in a leap year too
    assert after("2028-02-28", "2028-03-31") == "buyer"
    assert after("2028-02-29T01:00", "2028-03-31") == "loyal"


def test_a_window_of_months_is_cut_in_the_zone_of_the_event_that_asks() -> None:
    twice = loyal_when(count("purchase", within=Period(months=1)) >= 2)
    first = Event("purchase", at("2026-02-28T11:30"))
    tokyo = ZoneInfo("Asia/Tokyo")
    instant = at("2026-03-28T12:00")
    assert stage_after(twice, first, Event("purchase", instant)) == "buyer"
    # one hour is skipped in New York meanwhile: a month ago was at 13:00 UTC
    late = instant.astimezone(ZoneInfo("America/New_York"))
    assert stage_after(twice, first, Event("purchase", late)) == "buyer"
    assert stage_after(twice, first, Event("purchase", instant.astimezone(tokyo))) == "buyer"
    # 1 April in Tokyo is 31 March in UTC, and a month ago 1 March, or the last of February
    evening = at("2026-03-31T20:00")
    early = Event("purchase", at("2026-02-28T20:00:01"))
    assert stage_after(twice, early, Event("purchase", evening)) == "loyal"
    assert stage_after(twice, early, Event("purchase", evening.astimezone(tokyo))) == "loyal"
    early = Event("purchase", at("2026-02-28T20:00"))
    assert stage_after(twice, early, Event("purchase", evening.astimezone(tokyo))) == "buyer"


def test_a_later_zone_may_look_back_farther_than_the_one_before() -> None:
    # a month before 1 March is 1 February, a month before 28 February 28 January
    thrice = loyal_when(count("purchase", within=Period(months=1)) >= 3)
    tokyo, new_york = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
    customer = applied(
        thrice,
        Event("purchase", at("2026-01-30T12:00")),
        Event("purchase", at("2026-02-28T20:00").astimezone(tokyo)),
        Event("purchase", at("2026-02-28T21:00").astimezone(new_york)),
    )
    assert customer.stage == "loyal"


def test_a_window_longer_than_history_is_for_life() -> None:
    twice = loyal_when(count("purchase", within=Period(years=5000)) >= 2)
    assert stage_after(twice, bought(0), bought(9)) == "loyal"
    twice = loyal_when(count("purchase", within=Period(days=999_999_999)) >= 2)
    assert stage_after(twice, bought(0), bought(9)) == "loyal"
    twice = loyal_when(count("purchase", within=Period(months=12 * 2025)) >= 2)
    assert stage_after(twice, bought(0), bought(9)) == "loyal"


def test_a_time_out_looks_back_from_its_deadline() -> None:
    quiet = lifecycle(
        Transition(
            "buyer",
            "lapsed",
            after=dwell(days=30),
            when=count("purchase", within=Period(days=10)) < 1,
        ),
        events=("purchase",),
    )
    assert quiet.advance(applied(quiet, bought(20)), to=day(99)).changes[0].at == day(30)
    assert quiet.advance(applied(quiet, bought(21)), to=day(99)).changes == ()


# The current stay


@pytest.mark.parametrize("scope", [{}, {"within": YEAR}])
def test_the_event_that_led_in_belongs_to_the_stay_before(scope: dict[str, Any]) -> None:
    twice = loyal_when(count("purchase", since_entry=True, **scope) >= 2)
    customer = applied(twice, bought(1), bought(2))
    assert customer.stage == "loyal"
    customer = applied(twice, bought(1), bought(2), bought(3), visit(4), bought(5))
    assert customer.stage == "buyer"
    assert twice.apply(customer, bought(6)).customer.stage == "loyal"


def test_totals_and_means_may_be_of_the_current_stay() -> None:
    rich = loyal_when(total("purchase", since_entry=True) >= 10)
    events = [bought(1, 10), visit(2), bought(3, 9), bought(4, 1)]
    assert [change.at for change in replayed(rich, *events).changes] == [day(1), day(2), day(4)]
    good = loyal_when(mean("purchase", since_entry=True) >= 10)
    assert [change.at for change in replayed(good, *events).changes] == [day(1), day(2)]


def test_a_re_entry_begins_a_new_stay() -> None:
    yearly = lifecycle(
        Transition("loyal", "loyal", after=dwell(days=365), when=spent(100)),
        Transition("loyal", "buyer", after=dwell(days=365)),
        initial="loyal",
        events=("purchase",),
    )
    journey = replayed(yearly, bought(10, 100), bought(370, 99), since=START, until=day(999))
    assert [(change.at, change.kind) for change in journey.changes] == [
        (day(365), "renewal"),
        (day(730), "progress"),
    ]


def spent(amount: int) -> Any:
    return total("purchase", since_entry=True) >= amount


# Values and attributes


def test_value_is_the_value_of_the_current_event() -> None:
    big = loyal_when(value() >= 100)
    assert stage_after(big, bought(1, 99)) == "buyer"
    assert stage_after(big, bought(1, 99), bought(2, 100)) == "loyal"
    assert stage_after(big, bought(1)) == "buyer"
    assert stage_after(loyal_when(value().equals(0)), bought(1, 0)) == "loyal"


def test_an_attribute_is_the_customers() -> None:
    gold = loyal_when(attribute("plan").equals("gold"))
    assert stage_after(gold, bought(1)) == "buyer"
    assert stage_after(gold, bought(1), attributes={"plan": "gold"}) == "loyal"
    assert stage_after(gold, bought(1, attributes={"plan": "gold"})) == "buyer"


def test_an_event_attribute_is_the_current_events() -> None:
    web = loyal_when(event_attribute("via").equals("web"))
    assert stage_after(web, bought(1, attributes={"via": "web"})) == "loyal"
    assert stage_after(web, bought(1, sets={"via": "web"})) == "buyer"
    assert stage_after(web, visit(1), bought(2)) == "buyer"


def test_what_an_event_sets_is_set_before_conditions_are_read() -> None:
    gold = loyal_when(attribute("plan").is_in(["gold", "silver"]))
    customer = applied(gold, bought(1, sets={"plan": "gold"}), attributes={"a": 1, "plan": "x"})
    assert customer.stage == "loyal"
    assert customer.attributes == {"a": 1, "plan": "gold"}


def test_any_event_may_set_attributes() -> None:
    gold = loyal_when(attribute("plan").equals("gold"))
    note = Event("note", day(1), sets={"plan": "gold"})
    assert stage_after(gold, note, bought(2)) == "loyal"
    assert stage_after(gold, note, bought(2, sets={"plan": None})) == "buyer"


def test_a_missing_value_is_an_unmet_comparison() -> None:
    for condition in (
        attribute("level") >= 0,
        attribute("level") < 0,
        attribute("level").is_in([0, 1]),
        event_attribute("level") <= 0,
        value() > -1,
    ):
        assert stage_after(loyal_when(condition), bought(1)) == "buyer"
        assert stage_after(loyal_when(~condition), bought(1)) == "loyal"


def test_dates_and_lengths_of_time_compare_too() -> None:
    early = loyal_when(attribute("born") < date(2000, 1, 1))
    assert stage_after(early, bought(1), attributes={"born": date(1999, 12, 31)}) == "loyal"
    slow = loyal_when(event_attribute("took") > timedelta(hours=1))
    assert stage_after(slow, bought(1, attributes={"took": timedelta(hours=2)})) == "loyal"


@pytest.mark.parametrize("level", ["gold", (3,), date(2026, 1, 1), timedelta(days=3)])
@pytest.mark.parametrize(
    "condition",
    [
        attribute("level") >= 3,
        attribute("level") > 3,
        attribute("level") <= 3,
        attribute("level") < 3,
        attribute("level").equals(3),
        attribute("level").is_in([3, 4]),
    ],
)
def test_what_cannot_be_compared_is_an_unmet_comparison(condition: Any, level: object) -> None:
    assert stage_after(loyal_when(condition), bought(1), attributes={"level": level}) == "buyer"
    assert stage_after(loyal_when(~condition), bought(1), attributes={"level": level}) == "loyal"


@pytest.mark.parametrize(
    ("actual", "wanted"),
    [
        ("gold", Decimal("1.5")),
        (Decimal("1.5"), "gold"),
        ("1.5", Decimal("1.5")),
        (Decimal("1.5"), "1.5"),
        ("nan", Decimal(3)),
        (Decimal(3), ""),
        (date(2026, 1, 1), Decimal(3)),
    ],
)
def test_text_beside_a_decimal_meets_nothing(actual: object, wanted: Any) -> None:
    level = attribute("level")
    for condition in (level >= wanted, level < wanted, level.equals(wanted), level.is_in([wanted])):
        definition = loyal_when(condition)
        assert stage_after(definition, bought(1, sets={"level": actual})) == "buyer"
    assert stage_after(loyal_when(~level.equals(wanted)), bought(1, sets={"level": actual})) == (
        "loyal"
    )


def test_what_cannot_be_compared_stops_nothing_and_is_explained() -> None:
    high = lifecycle(
        Transition("buyer", "loyal", on="purchase", when=attribute("level") >= 3),
        Transition("buyer", "lost", after=idle(days=20), when=attribute("level") < 3),
        Transition("buyer", "lapsed", after=idle(days=30)),
    )
    customer = applied(high, bought(1), attributes={"level": "gold"})
    assert (customer.stage, customer.last_activity) == ("buyer", day(1))
    deadline = high.due(customer)
    assert deadline is not None
    assert (deadline.at, deadline.transition) == (day(31), high.transitions[2])
    assert high.advance(customer, to=day(99)).changes[0].at == day(31)
    decision = high.explain(customer, bought(2))
    assert not decision.permitted
    (reason,) = decision.reasons
    assert (reason.code, reason.actual) == ("unmet", "gold")
    assert str(reason) == "to enter 'loyal', attribute('level') >= 3 must hold, got 'gold'"
    assert high.apply(customer, bought(2, sets={"level": 3})).customer.stage == "loyal"


def test_equals_and_is_in_take_values_of_any_kind() -> None:
    gold = loyal_when(attribute("plan").equals(Plans.GOLD) | attribute("plan").is_in([3, 4]))
    assert stage_after(gold, bought(1), attributes={"plan": "gold"}) == "loyal"
    assert stage_after(gold, bought(1), attributes={"plan": 4}) == "loyal"
    assert stage_after(gold, bought(1), attributes={"plan": date(2026, 1, 1)}) == "buyer"


# Combinations and code


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("second", [0, 1])
def test_conditions_combine_as_in_logic(first: int, second: int) -> None:
    one, other = attribute("a").equals(1), attribute("b").equals(1)
    for condition, expected in (
        (one & other, first and second),
        (one | other, first or second),
        (~one, not first),
        (~(one | other), not (first or second)),
        (~one & ~other, not (first or second)),
        ((one & ~other) | (~one & other), first != second),
    ):
        definition = loyal_when(condition)
        stage = stage_after(definition, bought(1), attributes={"a": first, "b": second})
        assert stage == ("loyal" if expected else "buyer")


def test_code_is_given_the_customer_and_the_event_counted_already() -> None:
    asked: list[tuple[Customer, Event | None]] = []

    def is_ready(customer: Customer, event: Event | None) -> bool:
        asked.append((customer, event))
        return customer.attributes["plan"] == "gold"

    definition = lifecycle(Transition("buyer", "loyal", on="purchase", when=is_ready))
    event = bought(1, sets={"plan": "gold"})
    assert stage_after(definition, event) == "loyal"
    ((customer, given),) = asked
    assert given is event
    assert isinstance(customer, Customer)
    assert (customer.id, customer.stage, customer.enrolled) == ("ann", "buyer", START)
    assert customer.last_activity == customer.seen == day(1)


def test_code_is_given_none_for_a_time_out() -> None:
    asked: list[Event | None] = []

    def is_quiet(customer: Customer, event: Event | None) -> bool:
        asked.append(event)
        return customer.stage == "buyer"

    definition = lifecycle(
        Transition("buyer", "lapsed", after=idle(days=9), when=is_quiet), events=("purchase",)
    )
    customer = applied(definition, bought(1))
    assert definition.advance(customer, to=day(99)).customer.stage == "lapsed"
    assert set(asked) == {None}


def test_code_may_answer_with_a_truth_value_of_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    for answer, stage in ((numpy.bool_(True), "loyal"), (numpy.bool_(False), "buyer")):
        definition = loyal_when(lambda _customer, _event, answer=answer: answer)
        assert stage_after(definition, bought(1)) == stage


@pytest.mark.parametrize("answer", ["no", "", 1, 0, None, [], 1.0, Decimal(0)])
def test_an_answer_of_code_that_is_no_truth_value_is_refused(answer: Any) -> None:
    definition = loyal_when(lambda _customer, _event: answer)
    ann = applied(definition)
    before = again(ann)
    text = refusal(InvalidTypeError, lambda: definition.apply(ann, bought(1)))
    assert text.startswith("what <lambda> returns must be True or False, got ")
    assert ann == before


def test_code_may_be_any_callable() -> None:
    definition = loyal_when(partial(has, "plan"))
    assert stage_after(definition, bought(1)) == "buyer"
    assert stage_after(definition, bought(1), attributes={"plan": 1}) == "loyal"


def has(name: str, customer: Customer, _event: Event | None) -> bool:
    return name in customer.attributes


def test_an_error_of_code_reaches_the_caller_and_changes_nothing() -> None:
    def broken(_customer: Customer, event: Event | None) -> bool:
        return 1 / (event.value or 0) > 0  # type: ignore[union-attr, operator]

    definition = loyal_when(broken)
    customer = applied(definition)
    with pytest.raises(ZeroDivisionError):
        definition.apply(customer, bought(1, 0))
    assert definition.apply(customer, bought(1, 2)).customer.stage == "loyal"


# A truth value is no number


@pytest.mark.parametrize(
    ("wanted", "actual", "meets"),
    [
        (attribute("x").equals(1), True, False),
        (attribute("x").equals(True), 1, False),
        (attribute("x").equals(0), False, False),
        (attribute("x").equals(1.0), True, False),
        (attribute("x").equals(Decimal(1)), True, False),
        (attribute("x").equals(True), True, True),
        (attribute("x").equals(False), False, True),
        (attribute("x").equals(1), 1, True),
        (attribute("x").equals(1), Decimal("1.0"), True),
        (attribute("x") >= 1, True, False),
        (attribute("x") < 1, False, False),
        (attribute("x") >= True, True, True),
        (attribute("x") > False, 1, False),
        (attribute("x").is_in([0, 1]), True, False),
        (attribute("x").is_in([True, 2]), 1, False),
        (attribute("x").is_in([True, 2]), True, True),
        (attribute("x").is_in([True, 2]), 2, True),
        (attribute("x").equals((1, "a")), (True, "a"), False),
        (attribute("x").equals((True, "a")), (True, "a"), True),
        (attribute("x").equals(((1,),)), ((True,),), False),
        (attribute("x").is_in([(1, 2), (0, 0)]), (True, 2), False),
        (~attribute("x").equals(1), True, True),
    ],
)
def test_a_truth_value_is_no_number_in_a_condition(wanted: Any, actual: Any, meets: bool) -> None:  # noqa: FBT001
    definition = loyal_when(wanted)
    stage = "loyal" if meets else "buyer"
    assert stage_after(definition, bought(1, sets={"x": actual})) == stage
    if isinstance(wanted, Criterion):
        asked = Criterion(event_attribute("x"), wanted.operator, wanted.wanted)
        assert stage_after(loyal_when(asked), bought(1, attributes={"x": actual})) == stage


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (0, False), (1.0, True), ((1,), (True,)), ((0, (1,)), (0, (True,)))],
)
def test_comparisons_with_a_number_and_with_a_truth_value_differ(one: Any, other: Any) -> None:
    plan = attribute("x")
    assert plan.equals(one) != plan.equals(other)
    assert plan.is_in([one]) != plan.is_in([other])
    assert len({plan.equals(one), plan.equals(other), plan.equals(one)}) == 2
    assert (plan.equals(one) & plan.equals(2)) != (plan.equals(other) & plan.equals(2))


def test_comparisons_with_equal_numbers_are_equal() -> None:
    assert attribute("x").equals(1) == attribute("x").equals(Decimal("1.0"))
    assert hash(attribute("x").equals(1)) == hash(attribute("x").equals(1.0))


# Several names, and where


def renewed(number: float, value: Any = None, **more: Any) -> Event:
    return Event("renewal", day(number), value=value, **more)


BOTH = ("purchase", "renewal")


def asked(measure: Any, *events: Event) -> Any:
    """Read a measure after the events, on the last day."""
    definition = lifecycle(
        Transition("buyer", "loyal", on="ask", when=measure.is_in([])),
        events=("purchase", "renewal", "refund", "note"),
    )
    ann = definition.replay("ann", events, since=START).customer
    return definition.explain(ann, Event("ask", day(99))).reasons[0].actual


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (count(BOTH), 3),
        (count(("renewal", "purchase")), 3),
        (total(BOTH), 60),
        (mean(BOTH), 20),
        (count(BOTH, within=Period(days=97)), 1),  # later than day 2: the one of day 3
        (total(BOTH, within=Period(days=98)), 50),  # later than day 1: days 2 and 3
        (mean(BOTH, within=timedelta(days=98)), 25),
    ],
)
def test_several_names_are_read_as_one(measure: Any, expected: Any) -> None:
    assert asked(measure, bought(1, 10), renewed(2, 20), bought(3, 30), visit_note(4)) == expected


def visit_note(number: float) -> Event:
    return Event("note", day(number), value=1000)


WEB = event_attribute("channel").equals("web")
SHOP = {"channel": "shop"}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (WEB, (2, 31)),
        (~WEB, (2, 12)),  # a purchase that names no channel too
        (value() >= 10, (2, 40)),
        (WEB & (value() < 10), (1, 1)),
        (WEB | (value() >= 10), (3, 41)),
        (event_attribute("channel").is_in(["web", "shop"]), (3, 41)),
        (value() >= 10**6, (0, 0)),
    ],
)
def test_where_says_which_events_are_read(where: Any, expected: tuple[int, int]) -> None:
    events = [
        bought(1, 1, attributes={"channel": "web"}),
        renewed(2, 10, attributes=SHOP),
        bought(3, 30, attributes={"channel": "web"}),
        bought(4, 2),
    ]
    for scope in ({}, {"within": YEAR}, {"since_entry": True}):
        found = [asked(make(BOTH, where=where, **scope), *events) for make in (count, total)]
        assert tuple(found) == expected


def test_measures_of_the_same_events_and_where_share_what_is_remembered() -> None:
    shared = lifecycle(
        Transition("buyer", "loyal", on="purchase", when=count(BOTH, where=WEB) >= 1),
        Transition("buyer", "lost", on="renewal", when=count(BOTH[::-1], where=WEB) >= 9),
    )
    assert len(shared._tables.layout.tallies) == 1


def test_a_silence_can_be_of_several_events_and_of_those_that_count() -> None:
    faded = lifecycle(
        Transition("buyer", "lost", after=idle(BOTH, days=10, where=value() >= 5)),
        events=("note", *BOTH),
    )
    assert faded.due(applied(faded)).at == day(10)  # type: ignore[union-attr]  # from enrollment
    for events, due in [
        ([bought(1, 5)], 11),
        ([bought(1, 5), renewed(2, 6)], 12),
        ([bought(1, 5), renewed(2, 4)], 11),
        ([bought(1, 5), Event("note", day(3), value=9)], 11),
    ]:
        assert faded.due(applied(faded, *events)).at == day(due)  # type: ignore[union-attr]


def test_a_silence_of_the_same_events_is_one_clock_in_whatever_order_they_are_named() -> None:
    ways = [
        Transition("buyer", "lost", after=idle(BOTH, days=20)),
        Transition(Status.ACTIVE, "lapsed", after=idle(BOTH[::-1], days=10)),
        Transition(Status.ACTIVE, "gone", after=idle("purchase", days=30)),
    ]
    nearest = lifecycle(*ways, events=BOTH)
    assert nearest.due(applied(nearest)).at == day(20)  # type: ignore[union-attr]


# Sums and differences


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (total("purchase") - total("refund"), 35),
        (total("purchase") + total("renewal") - total("refund"), 42),
        (total("purchase") - (total("refund") - total("renewal")), 42),
        (count("purchase") + count("renewal"), 3),
        (count("refund") - count("purchase"), -1),
        (count("note") - count("note"), 0),
        (mean("purchase") - mean("refund"), 15),
        (total("purchase") - total("purchase", within=Period(days=97)), 10),
        (mean("purchase") - mean("note"), None),
        (mean("note") - mean("purchase"), None),
    ],
)
def test_measures_of_one_kind_are_added_and_subtracted(measure: Any, expected: Any) -> None:
    events = [bought(1, 10), renewed(2, 7), bought(3, 30), Event("refund", day(4), value=5)]
    assert asked(measure, *events) == expected


def test_a_sum_of_decimals_is_exact_in_any_context_of_the_caller() -> None:
    events = [bought(1, Decimal("1e20")), Event("refund", day(2), value=Decimal("0.01"))]
    with localcontext() as context:
        context.prec = 3
        net = asked(total("purchase") - total("refund"), *events)
    assert net == Decimal("99999999999999999999.99")


@pytest.mark.parametrize(
    ("whole", "other", "net", "expected"),
    [
        (1, Decimal("0.5"), mean("purchase") + mean("refund"), Decimal("1.5")),
        (3, Decimal("0.5"), mean("purchase") - mean("refund"), Decimal("2.5")),
        (Decimal("0.5"), 3, mean("purchase") - mean("refund"), Decimal("-2.5")),
        (1, 0.5, mean("purchase") + mean("refund"), 1.5),
    ],
)
def test_a_mean_of_whole_numbers_is_added_to_any(
    whole: Any, other: Any, net: Any, expected: Any
) -> None:
    """It is a float, which a Decimal takes by its text, as where the two are compared."""
    found = asked(net, bought(1, whole), Event("refund", day(2), value=other))
    assert (found, type(found)) == (expected, type(expected))


def test_a_sum_of_a_decimal_and_a_float_raises_and_changes_nothing() -> None:
    net = lifecycle(
        Transition("buyer", "loyal", on="ask", when=total("purchase") - total("refund") >= 1),
        events=("purchase", "refund"),
    )
    ann = applied(net, bought(1, Decimal("0.5")), Event("refund", day(2), value=0.25))
    text = refusal(MixedNumbersError, lambda: net.apply(ann, Event("ask", day(3))))
    assert text.startswith(
        "what total('purchase') - total('refund') has so far and what comes next must be of "
        "one kind, got Decimal('0.5') and 0.25"
    )


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: total("purchase") + count("refund"),
            "measure must be a total to go with total('purchase'): kinds do not mix, got count(",
        ),
        (
            lambda: count("visit") - mean("visit"),
            "measure must be a count to go with count('visit'): kinds do not mix, got mean(",
        ),
        (
            lambda: value() + value(),
            "measure must be of a kind that adds: count, total, mean",
        ),
        (lambda: attribute("a") - attribute("b"), "measure must be of a kind that adds"),
        (lambda: count("visit") + 1, "measure must be a measure, to be added to one"),
        (lambda: 1 - count("visit"), "measure must be a measure, to be added to one"),
        (lambda: sum([count("visit"), count("note")]), "measure must be a measure, to be"),
        (lambda: Sum((1,)), "measure must be a measure, such as count('visit')"),
        (lambda: Sum(()), "sum.plus must hold at least one measure, got ()"),
        (lambda: Sum(None), "measures must be a tuple of measures, got None"),
        (lambda: Sum("ab"), "measures must be a tuple of measures, got 'ab'"),
        (lambda: Sum((count("visit"),), 3), "measures must be a tuple of measures, got 3"),
        (lambda: Sum([count("visit")] * 51), "measure must have at most 50 terms"),
    ],
)
def test_what_does_not_add_up_is_refused(make: Callable[[], object], text: str) -> None:
    assert refusal((InvalidTypeError, InvalidValueError), make).startswith(text)


def test_a_sum_can_be_told_apart_and_shown() -> None:
    net = total("purchase") - total("refund") + total("renewal")
    assert repr(net) == "total('purchase') + total('renewal') - total('refund')"
    assert net == total("purchase") + total("renewal") - total("refund")
    assert net != total("purchase") - total("refund")
    assert (net >= 5) == (total("purchase") + total("renewal") - total("refund") >= 5)
    assert hash(net) == hash(Sum(net.plus, net.minus))
    refusal(InvalidTypeError, lambda: bool(net))
    refusal(InvalidTypeError, lambda: net & net)


# Calendar periods


def test_a_calendar_period_holds_what_happened_since_it_began() -> None:
    read = partial(asked_at, count("purchase", within=Until("year")))
    assert read("2026-12-31T23:59", "2025-12-31T23:59:59.999999", "2026-01-01T00:00") == 1
    assert read("2027-01-01T00:00", "2026-12-31T23:59", "2027-01-01T00:00") == 1
    assert read("2027-01-01T00:00", "2026-06-30T00:00") == 0


def asked_at(measure: Any, when: str, *events: str, zone: Any = UTC) -> Any:
    """Read a measure at an instant, after purchases at others."""
    definition = lifecycle(
        Transition("buyer", "loyal", on="ask", when=measure.is_in([])), events=("purchase",)
    )
    log = [Event("purchase", at(text, zone)) for text in events]
    ann = definition.replay("ann", log, since=at("2020-01-01", zone)).customer
    return definition.explain(ann, Event("ask", at(when, zone))).reasons[0].actual


def test_a_fiscal_year_and_a_quarter_of_it_begin_in_their_month() -> None:
    fiscal = count("purchase", within=Until("year", year_start=4))
    assert asked_at(fiscal, "2026-03-31", "2025-03-31", "2025-04-01", "2026-03-31") == 2
    assert asked_at(fiscal, "2026-04-01", "2025-04-01", "2026-03-31", "2026-04-01") == 1
    quarter = count("purchase", within=Until("quarter", year_start=2))
    assert asked_at(quarter, "2026-04-30", "2026-01-31", "2026-02-01", "2026-04-30") == 2


def test_a_calendar_period_is_that_of_the_instant_that_asks_or_of_its_own_zone() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    here = count("purchase", within=Until("day"))
    there = count("purchase", within=Calendar("day", zone="UTC"))
    log = ("2026-05-01T08:59", "2026-05-01T09:00", "2026-05-02T00:00")  # 09:00 is midnight UTC
    assert asked_at(here, "2026-05-02T08:59", *log, zone=tokyo) == 1
    assert asked_at(there, "2026-05-02T08:59", *log, zone=tokyo) == 2


def test_what_one_zone_has_forgotten_another_can_still_ask_for() -> None:
    """In Tokyo the year is over when New York still has hours of it to go."""
    spent = total("purchase", within=Until("year"))
    definition = lifecycle(
        Transition("buyer", "loyal", on="ask", when=spent.is_in([])), events=("purchase",)
    )
    tokyo, new_york = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
    log = [
        Event("purchase", at("2026-01-01T00:00", new_york), value=1),
        Event("purchase", at("2026-11-01T00:00", new_york), value=10),
        Event("purchase", at("2027-01-01T06:00", tokyo), value=100),
    ]
    ann = definition.replay("ann", log, since=at("2025-01-01")).customer
    later = Event("ask", at("2026-12-31T20:00", new_york))
    assert definition.explain(ann, later).reasons[0].actual == 111
    assert (
        definition.explain(ann, Event("ask", later.at.astimezone(tokyo))).reasons[0].actual == 100
    )


@pytest.mark.parametrize("zone", [None, UTC, ZoneInfo("Europe/Berlin")])
def test_a_fiscal_year_ends_for_those_who_dwell(zone: Any) -> None:
    until = Until("year", year_start=4)
    renewed = lifecycle(Transition("buyer", "loyal", after=dwell(until=until)))
    for entered, due in (("2026-03-31T23:59", "2026-04-01"), ("2026-04-01", "2027-04-01")):
        ann = renewed.enroll("ann", at=at(entered, zone))
        assert renewed.due(ann).at == at(due, zone)  # type: ignore[union-attr]
