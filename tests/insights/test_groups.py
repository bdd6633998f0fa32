from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from lifecycle import Calendar, CustomerBase, Groups, Journey, Window
from lifecycle.errors import InvalidTypeError, InvalidValueError, NoJourneysError, UnknownNameError
from samples import SHOP, START, bought, day, refusal

PLANS: tuple[tuple[str, float, dict[str, Any] | None], ...] = (
    ("ann", 0, {"plan": "gold"}),
    ("bob", 5, {"plan": "basic"}),
    ("cy", 40, {"plan": "gold"}),
    ("dee", 41, None),
)
JOURNEYS = [
    SHOP.replay(
        name,
        [bought(at + 1)],
        since=day(at),
        until=day(60),
        attributes=attributes,
        referred_by="zed",
    )
    for name, at, attributes in PLANS
]


def stays(groups: Any) -> dict[Any, int]:
    return {group: groups[group].row("buyer").stays for group in groups}


def test_by_an_attribute() -> None:
    assert stays(CustomerBase(JOURNEYS).by("plan").drop_off()) == {"basic": 1, "gold": 2, None: 1}


def test_by_cohort_of_enrollment() -> None:
    by = Calendar("month")
    assert stays(CustomerBase(JOURNEYS).by(by).drop_off()) == {START: 2, day(31): 2}


def test_by_a_mapping() -> None:
    assert stays(CustomerBase(JOURNEYS).by({"ann": 1, "cy": 2}).drop_off()) == {1: 1, 2: 1, None: 2}


def test_by_a_function_of_the_journey() -> None:
    def letters(journey: Journey) -> int:
        return len(str(journey.customer.id))

    assert stays(CustomerBase(JOURNEYS).by(letters).drop_off()) == {2: 1, 3: 3}


def test_what_a_function_raises_says_for_whom() -> None:
    def broken(_: Journey) -> int:
        raise LookupError

    with pytest.raises(LookupError) as caught:
        CustomerBase(JOURNEYS).by(broken).drop_off()
    assert caught.value.__notes__ == ["when `by` was asked for the group of customer 'ann'"]


def test_what_cannot_be_told_of_a_group_names_it() -> None:
    months: dict[str, Any] = {"calendar": Calendar("month"), "window": Window(START, day(59))}
    with pytest.raises(InvalidValueError, match="a whole period") as caught:
        CustomerBase(JOURNEYS).over(**months).by(
            "plan"
        ).chain()  # dee enrolled too late for a whole month
    assert caught.value.__notes__ == ["in the group None"]


def test_a_misspelled_attribute_raises() -> None:
    message = refusal(UnknownNameError, lambda: CustomerBase(JOURNEYS).by("paln").drop_off())
    assert message == "by must be 'plan', got 'paln'; did you mean 'plan'?"


@pytest.mark.parametrize("by", [3, ["plan"], START])
def test_what_splits_nobody_raises(by: Any) -> None:
    with pytest.raises(InvalidTypeError, match="by must be an attribute's name"):
        CustomerBase(JOURNEYS).by(by).drop_off()


def test_a_group_can_be_hashed_and_equals_itself() -> None:
    with pytest.raises(InvalidTypeError, match="the group of customer 'ann'"):
        CustomerBase(JOURNEYS).by(lambda _: float("nan")).drop_off()
    with pytest.raises(InvalidTypeError, match="the group of customer 'ann'"):
        CustomerBase(JOURNEYS).by(lambda _: []).drop_off()  # type: ignore[arg-type, return-value]


def test_a_base_of_changes_is_split_by_calendars_and_mappings_only() -> None:
    log = CustomerBase.from_changes(
        SHOP, [change for journey in JOURNEYS for change in journey.changes]
    )
    assert len(log.by(Calendar("year")).drop_off()) == 1
    assert len(log.by({"ann": 1}).drop_off()) == 2
    for by in ("plan", str):
        with pytest.raises(NoJourneysError, match=r"by\(.*must be asked of journeys"):
            log.by(by)  # type: ignore[arg-type]


def test_groups_are_shown_one_after_another() -> None:
    found = CustomerBase(JOURNEYS).by("plan").nps([("ann", day(2), 9)])
    assert isinstance(found, Groups)
    assert found.groups == ("basic", "gold", None) == tuple(found)
    assert str(found).startswith("basic\nNPS by stage")
    assert "\n\n(none)\nNPS by stage" in str(found)
    assert found._repr_html_().startswith("<h4>basic</h4><table>")
    assert repr(found).startswith("Groups(results=(('basic', NpsTable(")


def test_many_groups_are_shown_by_their_ends() -> None:
    journeys = [SHOP.replay(n, [bought(1)], since=START) for n in range(61)]
    found = CustomerBase(journeys).by({n: n for n in range(61)}).drop_off()
    between = "... 41 more groups, which to_rows() returns ..."
    assert f"\n\n{between}\n\n51\n" in str(found)
    assert str(found).count("\n\n") == 20
    shown = found._repr_html_()
    assert shown.count("<table>") == 20
    assert f"</table><p>{between}</p><h4>51</h4>" in shown
    assert len({row["group"] for row in found.to_rows()}) == 61
    sixty = CustomerBase(journeys[:60]).by({n: n for n in range(60)}).drop_off()
    assert sixty._repr_html_().count("<table>") == 60
    assert "more groups" not in str(sixty)


def test_rows_carry_their_group() -> None:
    found = CustomerBase(JOURNEYS).by("plan").drop_off()
    assert found.to_rows()[0]["group"] == "basic"
    assert len(found.to_rows()) == len(found.rows) == 3 * len(SHOP.stages)
    assert found.rows[0][0] == "basic"
    funnels = CustomerBase(JOURNEYS).by("plan").funnel(stages=("visitor", "buyer"))
    assert [group for group, _ in funnels.rows] == ["basic", "basic", "gold", "gold", None, None]


@pytest.mark.parametrize(
    ("group", "error", "message"),
    [
        ("pro", UnknownNameError, "group must be one of 'basic', 'gold', got 'pro'"),
        (3, InvalidValueError, "group must be one of ['basic', 'gold', None], got 3"),
    ],
)
def test_a_group_that_is_not_there_raises(group: Any, error: Any, message: str) -> None:
    found = CustomerBase(JOURNEYS).by("plan").drop_off()
    assert refusal(error, lambda: found[group]) == message


def test_every_insight_takes_by() -> None:
    months: dict[str, Any] = {"calendar": Calendar("month"), "window": Window(START, day(59))}
    by = {"ann": "x", "bob": "x", "cy": "y", "dee": "y"}
    tables = [
        CustomerBase(JOURNEYS).over(**months).by(by).kpis(),
        CustomerBase(JOURNEYS).over(**months).by(by).transition_counts(),
        CustomerBase(JOURNEYS).over(**months).by(by).growth(),
        CustomerBase(JOURNEYS).over(**months).by(by).cohorts(),
        CustomerBase(JOURNEYS).by(by).reactivations(),
        CustomerBase(JOURNEYS).by(by).referrals(),
        CustomerBase(JOURNEYS).by(by).nps([]),
        CustomerBase(JOURNEYS).by(by).time_in_stage("buyer"),
        CustomerBase(JOURNEYS).by(by).funnel(stages=["visitor", "buyer"]),
        CustomerBase(JOURNEYS).by(by).drop_off(),
        CustomerBase(JOURNEYS).by(by).due(window=Window(day(60), day(200))),
        CustomerBase(JOURNEYS).over(Calendar("day"), months["window"]).by(by).chain(),
        CustomerBase(JOURNEYS)
        .over(Calendar("day"), months["window"])
        .by(by)
        .value(margins={"buyer": 1}, discount=0.1),
    ]
    for table in tables:
        assert table.groups == ("x", "y")
        assert "x" in str(table)
        assert {row["group"] for row in table.to_rows()} == {"x", "y"}
        assert "<table>" in table._repr_html_()


async def awaited(_journey: Journey) -> str:
    return "gold"


def yielded(_journey: Journey) -> Iterator[str]:
    yield "gold"


@pytest.mark.parametrize("by", [awaited, yielded, partial(awaited)])
def test_a_function_that_only_promises_a_group_is_refused(by: Any) -> None:
    text = refusal(InvalidTypeError, lambda: CustomerBase(JOURNEYS).by(by).drop_off())
    assert text.startswith("by must be a plain function of the journey, not a coroutine function")


def test_a_function_that_does_not_take_one_journey_is_refused() -> None:
    for by in (lambda: "gold", lambda _one, _two: "gold"):
        text = refusal(InvalidTypeError, lambda by=by: CustomerBase(JOURNEYS).by(by).drop_off())
        assert text.startswith("by must be a function of the journey, called by position, got <")


def test_what_is_returned_to_await_is_no_group() -> None:
    text = refusal(
        InvalidTypeError,
        lambda: CustomerBase(JOURNEYS).by(lambda journey: awaited(journey)).drop_off(),  # type: ignore[arg-type,return-value]  # noqa: PLW0108
    )
    assert text.startswith("what `by` returns must be an answer, not something to await")
