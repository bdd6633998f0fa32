import math
from typing import Any

import pytest

from clubs import CLUB, DAYS, JOURNEYS
from lifecycle import (
    Calendar,
    CustomerBase,
    Event,
    Rate,
    Transition,
    Window,
)
from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from samples import START, day, lifecycle, refusal

CHAIN = CustomerBase(JOURNEYS).over(**DAYS).chain()


def test_one_step_is_one_period_from_boundary_to_boundary() -> None:
    # ann: in in out out in in out in in; bob: in in out out in in erased erased erased; cy: in
    # in and then out
    assert CHAIN.counts == ((6, 4, 1), (3, 8, 0), (0, 0, 2))
    assert CHAIN.rate("in", "out") == Rate(4, 11)
    assert CHAIN.matrix[2] == (0, 0, 1)
    assert CHAIN.stock == (1, 1, 1)
    assert CHAIN.unobserved == ()


def test_shares_of_the_period_go_to_the_stages_it_was_spent_in() -> None:
    out = dict(zip(CHAIN.stages, CHAIN.occupancy[1], strict=True))
    assert out["in"] == pytest.approx(0.75 / 11)  # ann came back at a quarter past the period
    inside = dict(zip(CHAIN.stages, CHAIN.occupancy[0], strict=True))
    assert inside == pytest.approx({"in": 9.75 / 11, "out": 0.75 / 11, "erased": 0.5 / 11})


def test_rewards_are_margins_by_the_time_spent() -> None:
    rewards = CHAIN.rewards({"in": 22})
    assert rewards == pytest.approx({"in": 19.5, "out": 1.5, "erased": 0})


def test_memory_splits_stages_by_age_and_folds_ages_that_lead_nowhere() -> None:
    chain = CustomerBase(JOURNEYS).over(**DAYS).chain(memory=9)
    assert chain.states == (
        "in 0",
        "in 1+",
        "out 0",
        "out 1",
        "out 2",
        "out 3",
        "out 4",
        "out 5+",
        "erased",
    )
    assert chain.rate("in 0", "in 1+").value == 1
    assert chain.ages[7] == ("out", 5)
    assert sum(map(sum, chain.counts)) == sum(map(sum, CHAIN.counts))


def test_ages_before_the_window_are_counted_from_entry() -> None:
    late = CustomerBase(JOURNEYS).over(Calendar("day"), Window(day(5), day(8))).chain(memory=4)
    assert late.rate("out 3+", "out 3+") == Rate(3, 3)


def test_what_only_leads_somewhere_at_the_end_raises() -> None:
    window = Window(START, day(2))
    message = refusal(
        InvalidValueError, lambda: CustomerBase(JOURNEYS).over(Calendar("day"), window).chain()
    )
    assert message.startswith("a stage of the chain must lead somewhere: it was seen only where")
    assert message.endswith("got 'out'")


def test_a_final_stage_at_the_last_boundary_absorbs() -> None:
    journeys = [
        CLUB.replay("bob", [Event("erasure", day(1.5))], since=START, until=day(2)),
        CLUB.replay("dee", [Event("visit", day(2.5))], since=day(-1.5), until=day(2)),
    ]
    chain = CustomerBase(journeys).over(Calendar("day"), Window(START, day(2))).chain()
    assert chain.matrix[-1] == (0, 0, 1)
    assert chain.occupancy[-1] == (0, 0, 1)
    split = CustomerBase(journeys).over(Calendar("day"), Window(START, day(2))).chain(memory=2)
    assert split.states[-1] == "erased"


def test_nobody_for_a_whole_period_raises() -> None:
    for journeys in ([], [CLUB.replay("ann", [], since=day(0.5), until=day(1.5))]):
        message = refusal(InvalidValueError, lambda: CustomerBase(journeys).over(**DAYS).chain())  # noqa: B023
        assert message.startswith("base must have a customer who is known for a whole period")


def test_a_stage_never_seen_at_a_boundary_is_listed() -> None:
    journeys = [CLUB.replay("cy", [], since=day(-3), until=day(4))]
    chain = CustomerBase(journeys).over(Calendar("day"), Window(START, day(4))).chain()
    assert chain.unobserved == ("in", "erased")
    assert chain.states == ("out",)


def test_homogeneity_by_hand() -> None:
    found = CHAIN.homogeneity()
    # from "in" in 5 periods to 3 states, from "out" in 6 to 2, from "erased" to itself
    assert found.df == (5 - 1) * (3 - 1) + (6 - 1) * (2 - 1)
    assert found.statistic > 0
    assert repr(found).startswith("Homogeneity(statistic=")


def test_it_is_a_chain_with_evidence() -> None:
    assert CHAIN.project({"in": 11}, periods=1).at(1) == pytest.approx(
        {"in": 6, "out": 4, "erased": 1}
    )
    assert CHAIN.closed_classes == (("erased",),)
    assert repr(CHAIN) == "<Chain of 3 states by day, 2026-01-01 to 2026-01-09: 24 steps>"
    assert str(CHAIN).splitlines()[2].split() == ["in", "0.5455", "0.3636", "0.09091", "11"]
    assert len(CHAIN) == len(CHAIN.to_rows()) == 3
    assert CHAIN.row("in") == CHAIN.rows[0]
    first = CHAIN.steps.to_rows()[0]
    assert (first["source"], first["target"], first["count"], first["steps"]) == ("in", "in", 6, 11)
    assert first["low"] < first["probability"] < first["high"]
    assert CHAIN.steps.rows[0].rate == Rate(6, 11)
    assert repr(CHAIN.steps.rows[0]) == "Step(source='in', target='in', count=6, steps=11)"
    assert "<table>" in CHAIN._repr_html_()


def test_what_is_asked_is_checked() -> None:
    def asked(**more: Any) -> Any:
        return lambda: CustomerBase(JOURNEYS).over(**DAYS).chain(**more)

    assert "memory must be at least 1" in refusal(InvalidValueError, asked(memory=0))
    assert "memory must be a whole number" in refusal(InvalidTypeError, asked(memory=1.5))
    assert "target must be one of" in refusal(UnknownNameError, lambda: CHAIN.rate("in", "up"))
    assert "margins key must be" in refusal(UnknownNameError, lambda: CHAIN.rewards({"up": 1}))
    assert "margins must be a mapping" in refusal(
        InvalidTypeError,
        lambda: CHAIN.rewards([1]),  # type: ignore[arg-type]
    )
    assert "margins['in'] must be finite" in refusal(
        InvalidValueError, lambda: CHAIN.rewards({"in": math.nan})
    )


def test_who_is_known_less_far_is_not_in_the_stock() -> None:
    early = CLUB.replay("dee", [], since=START, until=day(1))
    assert CustomerBase([*JOURNEYS, early]).over(**DAYS).chain().stock == CHAIN.stock


def test_a_period_that_the_window_cuts_gives_no_step() -> None:
    cut = CustomerBase(JOURNEYS).over(DAYS["calendar"], Window(START, day(7.5))).chain()
    whole = CustomerBase(JOURNEYS).over(DAYS["calendar"], Window(START, day(7))).chain()
    assert (cut.counts, cut.stock) == (whole.counts, whole.stock)


def test_a_customer_in_mid_life_gives_steps_from_the_import_on_with_its_age() -> None:
    """Known up to day 5, left within day 7: in at 5, 6 and 7, out at 8, 9 and 10."""
    leaving = lifecycle(Transition("buyer", "lost", on="leave"))
    ann = leaving.replay(
        "ann",
        [Event("leave", day(7.5))],
        since=day(0),
        entered=day(1),
        last_activity=day(5),
        until=day(10),
    )
    days: Any = {"calendar": Calendar("day"), "window": Window(day(0), day(10))}
    base = CustomerBase([ann]).over(**days)
    found = base.chain()
    assert found.rate("buyer", "buyer") == Rate(2, 3)
    assert found.rate("lost", "lost") == Rate(2, 2)
    aged = base.chain(memory=7)
    assert aged.rate("buyer 4", "buyer 5") == Rate(1, 1)
    assert aged.rate("buyer 6+", "lost 0") == Rate(1, 1)
