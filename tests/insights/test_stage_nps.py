from typing import Any

import pytest

from lifecycle import CustomerBase, nps
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    UnknownNameError,
)
from samples import SHOP, START, bought, day, naive, refusal

ANN = SHOP.replay("ann", [bought(3), bought(400)], since=START, until=day(420))


def test_an_answer_belongs_to_the_stage_of_its_instant() -> None:
    answers = [("ann", day(3), 9), ("ann", day(92), 8), ("ann", day(93), 2), ("ann", day(0), 10)]
    table = CustomerBase([ANN]).nps(answers)
    assert table.row("buyer").score == nps.Score(1, 1, 0)
    assert table.row("lapsed").score == nps.Score(0, 0, 1)
    assert table.row("visitor").score == nps.Score(1, 0, 0)
    assert table.score == nps.Score(2, 1, 1)


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (("bob", day(3), 9), InvalidValueError, "answers[0].customer must be a customer of the b"),
        (("ann", day(-1), 9), InvalidValueError, "answers[0].at must be within the journey of"),
        (("ann", day(421), 9), InvalidValueError, "answers[0].at must be within the journey of"),
        (("ann", day(3), 11), InvalidValueError, "answers[0].rating must be at most 10, got 11"),
        (("ann", day(3), -1), InvalidValueError, "answers[0].rating must be at least 0, got -1"),
        (("ann", day(3), 9.5), InvalidTypeError, "answers[0].rating must be a whole number"),
        (("ann", day(3), True), InvalidTypeError, "answers[0].rating must be a whole number"),
        (("ann", naive("2026-01-09"), 9), MixedInstantsError, "must both have a time zone"),
        (("ann", day(3)), InvalidValueError, "answers[0] must be (customer, at, rating)"),
    ],
)
def test_an_answer_is_checked(answer: Any, kind: Any, message: str) -> None:
    assert message in refusal(kind, lambda: CustomerBase([ANN]).nps([answer]))


def test_the_table_is_shown() -> None:
    table = CustomerBase([ANN]).nps([("ann", day(5), 9)])
    assert str(table).startswith("NPS by stage, 1 answer, in points (95 % intervals)\n")
    rows = {row["stage"]: row for row in table.to_rows()}
    assert rows["buyer"]["points"] == 100
    assert rows["buyer"]["low"] < 100
    assert rows["lead"]["low"] is None
    assert repr(table).startswith("NpsTable(rows=(StageScore(stage='visitor'")
    with pytest.raises(UnknownNameError):
        table.row("byer")


def test_an_answer_at_the_last_instant_that_is_known_counts() -> None:
    journey = SHOP.replay("ann", [bought(3)], since=START, until=day(5))
    table = CustomerBase([journey]).nps([("ann", day(5), 9), ("ann", START, 1)])
    assert (table.row("buyer").score.promoters, table.row("visitor").score.detractors) == (1, 1)
