from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from lifecycle import (
    ANY,
    CustomerBase,
    Event,
    Lifecycle,
    Period,
    Rate,
    Stage,
    Status,
    Transition,
    Window,
)
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    UnknownNameError,
)
from samples import SHOP, START, bought, day, naive, refusal

FORTNIGHT = timedelta(days=14)


LOG = {"ann": [bought(4), bought(44), bought(50)], "bob": [bought(10)], "cy": [bought(70)]}
BUYERS = [SHOP.replay(name, log, since=START, until=day(120)) for name, log in LOG.items()]


def reached(found: Any) -> list[int]:
    return [step.reached for step in found.rows]


# Reached stages, in order


def test_a_funnel_counts_who_entered_the_stages_in_order() -> None:
    found = CustomerBase(BUYERS).funnel(stages=("visitor", "buyer", "loyal"))
    assert [step.reached for step in found.rows] == [3, 3, 1]
    assert found.time_to_convert.between(0, 1).median == timedelta(days=10)


def test_a_funnel_goes_through_all_but_drop_off_stages_by_default() -> None:
    found = CustomerBase(BUYERS).funnel()
    assert [step.event for step in found.rows] == ["visitor", "lead", "buyer", "loyal"]


def test_a_funnel_may_have_a_window_and_a_limit() -> None:
    stages = ("visitor", "buyer")
    early = CustomerBase(BUYERS).over(window=Window(START, day(20))).funnel(stages=stages)
    assert [step.reached for step in early.rows] == [3, 2]
    quick = CustomerBase(BUYERS).funnel(stages=stages, within=timedelta(days=5))
    assert [step.reached for step in quick.rows] == [3, 1]


def test_a_funnel_has_a_stage() -> None:
    for journeys, stages in ((BUYERS, ()), ([], None)):
        asked = partial(CustomerBase(journeys).funnel, stages=stages)
        message = refusal(InvalidValueError, asked)
        assert message == "stages must name at least one stage, got ()"


def test_the_stages_of_a_funnel_are_known() -> None:
    message = refusal(
        UnknownNameError, lambda: CustomerBase(BUYERS).funnel(stages=("buyer", "byer"))
    )
    assert message.startswith("stages[1] must be one of")


# Stages entered at one instant


def test_a_stage_entered_and_left_within_an_instant_comes_before_what_followed() -> None:
    shop = Lifecycle(
        name="drawn",
        initial="active",
        stages=(Stage("active", Status.PROSPECT), Stage("churned", Status.PROSPECT)),
        transitions=(
            Transition(ANY, "active", on="signup"),
            Transition("active", "churned", on="purchase"),
        ),
    )
    t = datetime(2026, 1, 30, tzinfo=UTC)
    log = [Event("signup", t), Event("purchase", t)]
    ann = shop.replay("ann", log, until=datetime(2026, 2, 2, tzinfo=UTC))
    window = Window(t, datetime(2026, 2, 1, tzinfo=UTC))
    assert [stay.stage for stay in ann.stays] == ["active", "churned"]
    for order in ("ordered", "strict"):
        found = (
            CustomerBase([ann])
            .over(window=window)
            .funnel(stages=["churned", "active"], order=order)
        )
        assert reached(found) == [1, 0]
    assert reached(
        CustomerBase([ann]).over(window=window).funnel(stages=["active", "churned"])
    ) == [1, 1]


EVERYTHING = SHOP.replay(
    "ann", [Event("signup", START), bought(0), Event("erasure", START)], until=day(9)
)


@pytest.mark.parametrize(
    ("stages", "wanted"),
    [
        (["visitor", "lead", "buyer", "erased"], [1, 1, 1, 1]),
        (["visitor", "buyer", "lead", "erased"], [1, 1, 0, 0]),
        (["erased", "visitor"], [1, 0]),
        (["lead", "erased", "buyer"], [1, 1, 0]),
    ],
)
def test_a_whole_life_within_an_instant_has_its_order(stages: list[str], wanted: Any) -> None:
    log = CustomerBase.from_changes(SHOP, EVERYTHING.changes, enrolled={"ann": START}, until=day(9))
    for base in (CustomerBase([EVERYTHING]), log):
        assert reached(base.funnel(stages=stages)) == wanted
        assert reached(base.funnel(stages=stages, within=timedelta())) == wanted


def test_a_window_of_months_ends_on_the_calendar() -> None:
    """A month from 31 January 0:00 ends on 28 February 0:00."""
    start = datetime(2026, 1, 31, tzinfo=UTC)
    for late, wanted in ((timedelta(0), [1, 1]), (timedelta.resolution, [1, 0])):
        at = datetime(2026, 2, 28, tzinfo=UTC) + late
        ann = SHOP.replay("ann", [Event("purchase", at, value=1)], since=start, until=day(90))
        found = CustomerBase([ann]).funnel(stages=["visitor", "buyer"], within=Period(months=1))
        assert reached(found) == wanted
        assert "within 1 month" in str(found)


def test_in_strict_order_a_stage_between_ends_the_attempt_at_one_instant_too() -> None:
    stages = ["visitor", "buyer"]
    assert reached(CustomerBase([EVERYTHING]).funnel(stages=stages, order="strict")) == [1, 0]
    assert reached(CustomerBase([EVERYTHING]).funnel(stages=stages, order="any")) == [1, 1]


# Attempts that are not over


def signed_up(name: str, number: float, paid: float | None = None, **more: Any) -> Any:
    """Give who signs up on one day, and pays on another, as known up to the end of February."""
    log = [Event("signup", day(number))]
    if paid is not None:
        log.append(bought(paid))
    return SHOP.replay(name, log, **{"until": day(59), **more})


# Two signed up on the first days, and one of them paid; eight did on the last day but two.
EARLY = [
    signed_up("old", 0, 4),
    signed_up("old2", 1),
    *(signed_up(f"new{number}", 57) for number in range(8)),
]
LEADS: dict[str, Any] = {"stages": ["lead", "buyer"], "within": FORTNIGHT}


def test_who_may_still_convert_is_open_and_not_lost() -> None:
    found = CustomerBase(EARLY).funnel(**LEADS)
    lead, buyer = found.rows
    assert buyer.conversion_from_first == Rate(1, 2)
    assert (lead.reached, buyer.reached, buyer.drop_off, buyer.open) == (2, 1, 1, 8)
    assert set(found.open) == {f"new{number}" for number in range(8)}
    assert "until 2026-03-01 00:00:00+00:00" in str(found)
    found = CustomerBase(EARLY).funnel(stages=LEADS["stages"])
    assert reached(found) == [10, 1]
    assert found.until is None


def test_a_limit_may_be_a_period_of_days() -> None:
    asked = {**LEADS, "within": Period(days=14)}
    assert CustomerBase(EARLY).funnel(**asked) == CustomerBase(EARLY).funnel(**LEADS)


def test_a_base_of_changes_says_up_to_when_it_is_known() -> None:
    changes = [change for journey in EARLY for change in journey.changes]
    born = {journey.customer.id: journey.customer.enrolled for journey in EARLY}
    log = CustomerBase.from_changes(SHOP, changes, enrolled=born, until=day(59))
    assert log.funnel(**LEADS) == CustomerBase(EARLY).funnel(**LEADS)


def test_who_converted_early_is_open_as_long_as_others_may_be() -> None:
    found = CustomerBase([signed_up("quick", 57, 58), *EARLY[:2]]).funnel(**LEADS)
    assert (reached(found), found.open) == ([2, 1], {"quick": 2})


def test_each_journey_is_known_up_to_its_own_end() -> None:
    young, grown = signed_up("a", 10, until=day(20)), signed_up("b", 10)
    found = CustomerBase([young, grown]).funnel(**LEADS)
    assert (reached(found), set(found.open)) == ([1, 0], {"a"})
    assert found.until == {"a": day(20), "b": day(59)}
    assert reached(CustomerBase([signed_up("a", 10, until=day(24))]).funnel(**LEADS)) == [1, 0]


def test_until_includes_its_instant_and_a_date_its_day() -> None:
    ann = signed_up("ann", 10.75, 20)
    asked: dict[str, Any] = {"stages": ["lead", "buyer"]}
    for until, wanted in [
        (day(10.75), [1, 0]),
        (day(10.5), [0, 0]),
        (date(2026, 1, 11), [1, 0]),
        (date(2026, 1, 10), [0, 0]),
        (date(2026, 1, 21), [1, 1]),
        (day(20), [1, 1]),
        (day(90), [1, 1]),
    ]:
        assert reached(CustomerBase([ann]).funnel(**asked, until=until)) == wanted
    found = CustomerBase([ann]).funnel(**asked, until=date(2026, 1, 24), within=FORTNIGHT)
    assert (reached(found), set(found.open)) == ([0, 0], {"ann"})
    assert str(found).startswith("Funnel, in order, within 14 days, until 2026-01-24\n")
    assert found.until == date(2026, 1, 24)
    found = CustomerBase([ann]).funnel(**asked, until=date(2026, 1, 25), within=FORTNIGHT)
    assert (reached(found), set(found.open)) == ([1, 1], set())


def test_attempts_are_open_where_the_window_ends_before_they_are_over() -> None:
    ann = signed_up("ann", 10, 30)
    asked: dict[str, Any] = {**LEADS, "within": timedelta(days=21)}
    to_day_31 = CustomerBase([ann]).over(window=Window(START, day(31))).funnel(**asked)
    assert (reached(to_day_31), set(to_day_31.open)) == ([0, 0], {"ann"})
    to_day_32 = CustomerBase([ann]).over(window=Window(START, day(32))).funnel(**asked)
    assert (reached(to_day_32), set(to_day_32.open)) == ([1, 1], set())


def test_who_enrolled_after_the_window_is_not_among_all() -> None:
    later = signed_up("later", 40)
    found = (
        CustomerBase([*EARLY[:2], later])
        .over(window=Window(START, day(31)))
        .funnel(stages=["buyer"])
    )
    assert found.rows[0].conversion_of_all == Rate(1, 2)
    assert set(found.levels) == {"old", "old2"}


def test_groups_have_their_own_ends() -> None:
    tiers = {"old": "a", "old2": "a"}
    found = CustomerBase(EARLY).by(tiers).funnel(**LEADS)
    assert reached(found["a"]) == [2, 1]
    assert found[None].rows[0].open == 8


def test_what_is_no_end_raises() -> None:
    with pytest.raises(InvalidTypeError, match="until must be"):
        CustomerBase(EARLY).funnel(until="2026-01-01", **LEADS)
    with pytest.raises(MixedInstantsError):
        CustomerBase(EARLY).funnel(until=naive("2026-01-01"), **LEADS)
