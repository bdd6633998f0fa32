"""Why an event would move a customer, and why not."""

from pathlib import Path
from typing import Any, get_args

import attrs
import pytest

from lifecycle import (
    ANY,
    Customer,
    Decision,
    Event,
    Lifecycle,
    Period,
    Reason,
    Status,
    Transition,
    attribute,
    count,
    event_attribute,
    idle,
    mean,
    total,
    value,
)
from lifecycle.errors import (
    InvalidTypeError,
    MixedInstantsError,
    NotPermittedError,
    OutOfOrderError,
    UnknownNameError,
)
from samples import SHOP, START, again, applied, bought, day, lifecycle, naive, refusal


def asks(*conditions: Any, source: Any = "buyer") -> Lifecycle:
    """Make a definition in which purchases make loyal, each under one more condition."""
    ways = [Transition(source, "loyal", on="purchase", when=each) for each in conditions]
    return lifecycle(*ways, events=("visit",))


def reasons(definition: Lifecycle, event: Event, **enrollment: Any) -> tuple[Reason, ...]:
    decision = definition.explain(applied(definition, **enrollment), event)
    assert not decision.permitted
    return decision.reasons


def read(definition: Lifecycle, event: Event, **enrollment: Any) -> list[object]:
    return [reason.actual for reason in reasons(definition, event, **enrollment)]


def test_a_permitted_event_names_its_transition() -> None:
    decision = SHOP.explain(SHOP.enroll("ann", at=START), bought(1))
    assert decision == Decision(permitted=True, transition=SHOP.transitions[1], reasons=())


def test_an_event_of_other_stages_says_which() -> None:
    ann = applied(SHOP, bought(1))
    decision = SHOP.explain(ann, Event("signup", day(2)))
    (reason,) = decision.reasons
    assert (decision.permitted, decision.transition) == (False, None)
    assert (reason.code, reason.stages) == ("elsewhere", ("visitor",))
    assert str(reason) == "'signup' moves customers of 'visitor', not of 'buyer'"


def test_an_event_of_several_stages_lists_them_in_order() -> None:
    definition = lifecycle(Transition(("lost", "lead"), "buyer", on="x"), events=("visit",))
    (reason,) = reasons(definition, Event("x", day(1)))
    assert reason.stages == ("lead", "lost")
    assert reason.message == "'x' moves customers of 'lead', 'lost', not of 'buyer'"


def test_an_event_that_moves_nobody_says_so() -> None:
    (reason,) = reasons(asks(value() > 1), Event("visit", day(1)))
    assert reason == Reason(code="nowhere", message="'visit' moves customers of no stage")


def test_a_final_stage_says_so() -> None:
    (reason,) = reasons(SHOP, bought(1), stage="erased")
    assert reason.code == "final"
    assert reason.message == "stage 'erased' is final: nothing leads out of it"


def test_an_unmet_condition_tells_what_was_read() -> None:
    ann = applied(SHOP, bought(1))
    decision = SHOP.explain(ann, bought(2))
    (reason,) = decision.reasons
    assert reason == Reason(
        code="unmet",
        message="to enter 'loyal', count('purchase') >= 3 must hold, got 2",
        transition=SHOP.transitions[2],
        condition=count("purchase") >= 3,
        actual=2,
    )


@pytest.mark.parametrize(
    ("condition", "actual"),
    [
        (count("visit") >= 2, 0),
        (total("purchase") >= 100, 40),
        (total("purchase", within=Period(days=3)) >= 100, 40),
        (mean("purchase") >= 100, 40),
        (mean("visit") >= 100, None),
        (value() >= 100, 40),
        (attribute("plan").equals("gold"), "free"),
        (attribute("age") >= 3, None),
        (event_attribute("via").is_in(["web"]), "shop"),
    ],
)
def test_every_measure_tells_its_value(condition: Any, actual: object) -> None:
    event = bought(1, 40, attributes={"via": "shop"})
    assert read(asks(condition), event, attributes={"plan": "free"}) == [actual]


def test_a_missing_value_is_called_missing() -> None:
    (reason,) = reasons(asks(value() >= 100), bought(1))
    assert reason.message == "to enter 'loyal', value() >= 100 must hold, got missing"
    assert reason.actual is None


def test_of_a_conjunction_only_the_unmet_parts_are_told() -> None:
    definition = asks((count("purchase") >= 1) & (count("visit") >= 1) & (value() >= 5))
    found = reasons(definition, bought(1, 4))
    assert [reason.condition for reason in found] == [count("visit") >= 1, value() >= 5]
    assert [reason.actual for reason in found] == [0, 4]


def test_of_a_disjunction_every_part_is_told() -> None:
    assert read(asks((count("visit") >= 1) | (value() >= 5)), bought(1, 4)) == [0, 4]


def test_a_negation_is_told_as_a_whole_with_all_it_read() -> None:
    (reason,) = reasons(asks(~(value() < 5)), bought(1, 4))
    assert reason.actual == 4
    assert reason.message == "to enter 'loyal', ~(value() < 5) must hold, got 4"
    (reason,) = reasons(asks(~((value() < 5) | (count("visit") >= 1))), bought(1, 4))
    assert reason.actual == (4, 0)
    assert reason.message.endswith("must hold, got 4, 0")


def is_vip(_customer: Customer, _event: Event | None) -> bool:
    return False


class Judge:
    """Code without a name."""

    def __call__(self, _customer: Customer, _event: Event | None) -> bool:
        """Refuse."""
        return False

    def __repr__(self) -> str:
        return "Judge()"


def test_code_is_named() -> None:
    (reason,) = reasons(asks(is_vip), bought(1))
    assert reason.message == "to enter 'loyal', is_vip must hold"
    assert (reason.condition, reason.actual) == (is_vip, None)
    (reason,) = reasons(asks(Judge()), bought(1))
    assert reason.message == "to enter 'loyal', Judge() must hold"


def test_every_transition_that_is_not_taken_gives_its_reasons() -> None:
    definition = lifecycle(
        Transition(ANY, "lost", on="purchase", when=value() < 0),
        Transition("buyer", "loyal", on="purchase", when=value() >= 100),
        Transition("buyer", "lapsed", on="purchase", when=value() >= 50),
    )
    found = reasons(definition, bought(1, 7))
    assert [reason.transition for reason in found] == [
        definition.transitions[1],
        definition.transitions[2],
        definition.transitions[0],
    ]


def test_what_comes_before_the_transition_taken_gives_its_reasons_too() -> None:
    definition = asks(value() >= 100, value() >= 5)
    decision = definition.explain(applied(definition), bought(1, 7))
    assert decision.permitted
    assert decision.transition is definition.transitions[1]
    assert [reason.condition for reason in decision.reasons] == [value() >= 100]


def test_a_transition_that_leaves_a_stage_twice_gives_its_reason_once() -> None:
    definition = asks(value() >= 100, source=("buyer", Status.ACTIVE))
    assert len(reasons(definition, bought(1, 7))) == 1


def test_deadlines_due_by_then_are_taken_first() -> None:
    ann = applied(SHOP, bought(0))
    assert SHOP.explain(ann, bought(89)).transition is None
    assert SHOP.explain(ann, bought(90)).transition is SHOP.transitions[6]
    assert SHOP.explain(ann, Event("signup", day(999))).reasons[0].message == (
        "'signup' moves customers of 'visitor', not of 'churned'"
    )


def test_the_event_is_counted_and_its_attributes_set_before_deciding() -> None:
    definition = asks(attribute("plan").equals("gold") & (count("purchase") >= 1))
    ann = applied(definition)
    assert definition.explain(ann, bought(1, sets={"plan": "gold"})).permitted


def test_explaining_changes_nothing() -> None:
    ann = applied(SHOP, bought(1), bought(2))
    before = again(ann)
    SHOP.explain(ann, bought(3))
    SHOP.explain(ann, bought(999))
    SHOP.options(ann, at=day(999))
    assert ann == before
    assert SHOP.apply(ann, bought(3)).customer.stage == "loyal"


# Options


def test_options_decide_on_every_event_known() -> None:
    options = SHOP.options(SHOP.enroll("ann", at=START))
    assert list(options) == ["signup", "purchase", "erasure"]
    assert all(decision.permitted for decision in options.values())


def test_options_are_of_the_last_instant_known_or_a_later_one() -> None:
    ann = applied(SHOP, bought(0))
    assert SHOP.options(ann)["purchase"].transition is None
    assert SHOP.options(ann, at=day(90))["purchase"].transition is SHOP.transitions[6]


def test_options_in_a_final_stage_are_none() -> None:
    options = SHOP.options(SHOP.enroll("ann", at=START, stage="erased"))
    assert [decision.permitted for decision in options.values()] == [False] * 3


def test_options_are_of_events_without_a_value() -> None:
    definition = asks(value() >= 0)
    assert not definition.options(applied(definition))["purchase"].permitted


def test_naive_customers_have_options_too() -> None:
    assert SHOP.options(SHOP.enroll("ann", at=naive("2026-01-01")))["signup"].permitted


def test_a_customer_stored_and_loaded_has_the_same_options() -> None:
    ann = applied(SHOP, bought(0))
    assert SHOP.options(again(ann)) == SHOP.options(ann)


def test_what_cannot_be_applied_cannot_be_explained() -> None:
    ann = applied(SHOP, bought(5))
    text = refusal(UnknownNameError, lambda: SHOP.explain(ann, Event("return", day(6))))
    assert text == "event.name must be one of 'signup', 'purchase', 'erasure', got 'return'"
    with pytest.raises(OutOfOrderError):
        SHOP.explain(ann, bought(4))
    with pytest.raises(OutOfOrderError):
        SHOP.options(ann, at=day(4))


# Fire


def test_fire_carries_out_what_is_permitted_as_apply_does() -> None:
    ann = applied(SHOP, bought(0))
    for event in (bought(90), bought(999), Event("erasure", day(1))):
        assert SHOP.fire(ann, event) == SHOP.apply(ann, event)


def test_fire_raises_where_apply_only_counts() -> None:
    ann = applied(SHOP, bought(0))
    event = bought(1)
    with pytest.raises(NotPermittedError) as caught:
        SHOP.fire(ann, event)
    error = caught.value
    assert error.decision == SHOP.explain(ann, event)
    assert (error.customer, error.event, error.stage) == ("ann", "purchase", "buyer")
    assert str(error) == (
        "event must be permitted in stage 'buyer' of customer 'ann', got 'purchase': "
        "to enter 'loyal', count('purchase') >= 3 must hold, got 2"
    )
    assert SHOP.apply(ann, event).customer.stage == "buyer"


def test_fire_raises_in_a_final_stage() -> None:
    ann = SHOP.enroll("ann", at=START, stage="erased")
    text = refusal(NotPermittedError, lambda: SHOP.fire(ann, bought(1)))
    assert text == (
        "event must be permitted in stage 'erased' of customer 'ann', got 'purchase': "
        "stage 'erased' is final: nothing leads out of it"
    )


def test_fire_raises_where_only_a_deadline_moved_the_customer() -> None:
    ann = applied(SHOP, bought(0))
    with pytest.raises(NotPermittedError) as caught:
        SHOP.fire(ann, Event("signup", day(100)))
    assert caught.value.stage == "lapsed"
    assert caught.value.decision.reasons[0].stages == ("visitor",)


def test_a_refusal_gives_all_its_reasons_and_survives_pickling() -> None:
    definition = asks((count("visit") >= 1) & (value() >= 5))
    ann = applied(definition)
    with pytest.raises(NotPermittedError) as caught:
        definition.fire(ann, bought(1))
    assert str(caught.value).endswith(
        "to enter 'loyal', count('visit') >= 1 must hold, got 0; "
        "to enter 'loyal', value() >= 5 must hold, got missing"
    )
    copy = again(caught.value)
    assert str(copy) == str(caught.value)
    assert copy.decision == caught.value.decision
    assert isinstance(copy, RuntimeError)


def test_a_re_entry_is_permitted() -> None:
    definition = lifecycle(
        Transition("buyer", "buyer", on="renewal"), Transition("buyer", "lost", after=idle(days=9))
    )
    outcome = definition.fire(applied(definition), Event("renewal", day(1)))
    assert [change.kind for change in outcome.changes] == ["renewal"]


# Conditions that raise


def breaks(customer: Customer, _event: Event | None) -> bool:
    raise ValueError(f"no record of {customer.id}")


def is_odd(_customer: Customer, _event: Event | None) -> bool:
    return "yes"  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        (breaks, "breaks must hold, raised: ValueError: no record of ann"),
        (
            is_odd,
            (
                "is_odd must hold, raised: InvalidTypeError: what is_odd returns must be True or "
                "False, got 'yes' (str)"
            ),
        ),
    ],
)
def test_a_condition_that_raises_is_a_reason(code: Any, raised: str) -> None:
    definition = asks(count("purchase") >= 9, code, count("purchase") >= 1)
    decision = definition.explain(applied(definition), bought(1))
    unmet, broken = decision.reasons
    assert (decision.permitted, decision.transition, unmet.code) == (False, None, "unmet")
    assert (broken.code, str(broken)) == ("raised", f"to enter 'loyal', {raised}")
    assert (broken.transition, broken.condition) == (definition.transitions[1], code)
    assert definition.options(applied(definition))["purchase"] == decision
    with pytest.raises((ValueError, TypeError)):
        definition.apply(applied(definition), bought(1))


def test_code_is_asked_once_for_a_decision() -> None:
    asked: list[Event | None] = []

    def is_first(_customer: Customer, event: Event | None) -> bool:
        asked.append(event)
        return False

    definition = asks(is_first)
    assert not definition.explain(applied(definition), bought(1)).permitted
    assert len(asked) == 1


def test_a_condition_behind_one_that_holds_is_not_asked() -> None:
    definition = asks(count("purchase") >= 1, breaks)
    assert definition.explain(applied(definition), bought(1)).permitted


def test_a_condition_of_a_time_out_that_raises_before_the_event_is_a_reason() -> None:
    definition = lifecycle(
        Transition("buyer", "lapsed", after=idle(days=9), when=breaks),
        Transition("buyer", "loyal", on="purchase"),
    )
    ann = applied(definition)
    assert definition.explain(ann, bought(1)).permitted
    decision = definition.explain(ann, bought(10))
    assert decision == Decision(
        permitted=False,
        transition=None,
        reasons=(
            Reason(
                code="raised",
                message=(
                    "before the event, the condition of a time-out raised: ValueError: "
                    "no record of ann"
                ),
            ),
        ),
    )
    assert definition.options(ann, at=day(10))["purchase"] == decision


def test_what_is_wrong_with_an_event_still_raises_where_code_is_asked() -> None:
    definition = lifecycle(
        Transition("buyer", "lapsed", after=idle(days=9), when=breaks), events=("purchase",)
    )
    ann = applied(definition, bought(5))
    with pytest.raises(OutOfOrderError):
        definition.explain(ann, bought(1))
    with pytest.raises(MixedInstantsError):
        definition.explain(ann, Event("purchase", naive("2026-01-09")))
    with pytest.raises(InvalidTypeError):
        definition.explain(None, bought(9))  # type: ignore[arg-type]


def test_an_error_of_a_condition_says_whose_it_is() -> None:
    definition = asks(breaks)
    with pytest.raises(ValueError, match="no record") as caught:
        definition.apply(applied(definition), bought(1))
    notes = ["when the condition breaks was asked about customer 'ann'"]
    assert caught.value.__notes__ == notes


# What each code is


PAGE = Path(__file__).parents[2] / "docs" / "concepts" / "events-and-commands.md"
EXAMPLES: dict[str, tuple[Lifecycle, Event, str]] = {
    "unmet": (asks(value() > 1), bought(1), "buyer"),
    "raised": (asks(breaks), bought(1), "buyer"),
    "elsewhere": (SHOP, Event("signup", day(1)), "buyer"),
    "nowhere": (asks(value() > 1), Event("visit", day(1)), "buyer"),
    "final": (SHOP, bought(1), "erased"),
}


def test_each_code_has_an_example() -> None:
    assert (*EXAMPLES,) == get_args(attrs.fields(Reason).code.type)


@pytest.mark.parametrize("code", EXAMPLES)
def test_each_code_is_returned_and_is_on_the_page(code: str) -> None:
    definition, event, stage = EXAMPLES[code]
    assert {reason.code for reason in reasons(definition, event, stage=stage)} == {code}
    assert f'"{code}" (' in str(Reason.__doc__)
    assert f"\n| `{code}` | " in PAGE.read_text(encoding="utf-8")
