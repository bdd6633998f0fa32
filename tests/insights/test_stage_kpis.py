import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lifecycle import (
    Calendar,
    CustomerBase,
    Event,
    Period,
    Rate,
    Status,
    Window,
    nps,
    retention,
)
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedNumbersError,
    NoJourneysError,
    UnknownNameError,
)
from lifecycle.insights import Target
from samples import SHOP, START, bought, day, refusal

MONTHS: dict[str, Any] = {"calendar": Calendar("month"), "window": Window(START, day(120))}
LOG = {
    "ann": (0, [bought(3, 10), bought(40, 25), bought(50, 5)]),
    "bob": (5, [bought(20, 8)]),
    "cy": (9, [Event("signup", day(12))]),
    "dee": (33, [bought(34, 30)]),
}
JOURNEYS = [
    SHOP.replay(name, events, since=day(since), until=day(120))
    for name, (since, events) in LOG.items()
]
TABLE = CustomerBase(JOURNEYS).over(**MONTHS).kpis()
JANUARY, FEBRUARY, APRIL = date(2026, 1, 31), date(2026, 2, 1), date(2026, 4, 5)


def test_entrants_exits_and_stock() -> None:
    row = TABLE.row("visitor", JANUARY)
    assert (row.entrants, row.exits, row.stock) == (3, 3, 0)
    assert row.exits_by_kind == {"conversion": 2, "progress": 1}
    buyer = TABLE.row("buyer", FEBRUARY)
    assert (buyer.entrants, buyer.exits, buyer.stock) == (1, 1, 2)
    assert buyer.status is Status.ACTIVE
    lapsed = TABLE.row("lapsed", APRIL)
    assert (lapsed.entrants, lapsed.exits, lapsed.stock) == (1, 0, 1)  # bob, on 21 April


def test_conversion_and_drop_off_are_of_all_stays_there_were() -> None:
    assert TABLE.row("visitor", JANUARY).conversion == Rate(3, 3)
    assert TABLE.row("buyer", FEBRUARY).conversion == Rate(1, 3)
    assert TABLE.row("buyer", FEBRUARY).drop_off == Rate(0, 3)
    assert TABLE.row("buyer", APRIL).drop_off == Rate(1, 2)
    assert TABLE.row("erased", APRIL).drop_off.value is None


def test_the_median_time_counts_those_who_are_still_there() -> None:
    assert TABLE.row("visitor", JANUARY).median_time == timedelta(days=3)  # 3, 3, 15
    assert TABLE.row("lead", JANUARY).median_time is None
    assert TABLE.row("buyer", JANUARY).median_time == timedelta(days=(47 + 90) / 2)
    assert TABLE.row("erased", JANUARY).median_time is None


def test_exposure_is_the_time_of_all_customers_in_the_stage() -> None:
    assert TABLE.row("visitor", JANUARY).exposure == timedelta(days=3 + 15 + 3)
    assert TABLE.row("buyer", JANUARY).exposure == timedelta(days=28 + 11)
    assert TABLE.row("buyer", FEBRUARY).exposure == timedelta(days=19 + 28 + 25)
    assert TABLE.to_rows()[0]["exposure_days"] == 21
    assert retention.churn_hazard(
        lost=1, exposure=TABLE.row("buyer", APRIL).exposure, per=timedelta(days=30)
    ).value == pytest.approx(30 / (20 + 30))


def test_revenue_per_unit_of_time_is_over_the_whole_window() -> None:
    stays = {"visitor": 3 + 15 + 3 + 1, "lead": 108, "buyer": 47 + 90 + 86, "loyal": 70}
    earned = {"visitor": 10 + 8 + 30, "buyer": 30}
    daily = TABLE.revenue_per("day")
    assert daily == pytest.approx(
        {stage: earned.get(stage, 0) / time for stage, time in (stays | {"lapsed": 10}).items()}
    )
    assert TABLE.revenue_per("month")["buyer"] == pytest.approx(daily["buyer"] * 365.2425 / 12)


def test_revenue_per_unit_of_time_stays_decimal() -> None:
    journey = SHOP.replay("ann", [bought(3, Decimal("0.30"))], since=START, until=day(6))
    table = CustomerBase([journey]).over(**MONTHS).kpis()
    assert table.revenue_per("day") == {"visitor": Decimal("0.1"), "buyer": Decimal(0)}


def test_a_base_of_changes_has_no_revenue_per_unit_of_time() -> None:
    log = CustomerBase.from_changes(SHOP, [change for each in JOURNEYS for change in each.changes])
    table = log.over(**MONTHS).kpis()
    message = refusal(NoJourneysError, lambda: table.revenue_per("month"))
    assert message.startswith("revenue_per() must be asked of journeys, got changes on file")
    wrong: Any = "fortnight"
    assert "unit must be one of" in refusal(UnknownNameError, lambda: TABLE.revenue_per(wrong))


def test_revenue_is_where_the_event_found_the_customer() -> None:
    assert TABLE.row("visitor", JANUARY).revenue == 18
    assert TABLE.row("buyer", FEBRUARY).revenue == 30  # 25, and the 5 that makes ann loyal
    assert TABLE.row("loyal", FEBRUARY).revenue == 0


def test_decimals_stay_decimals() -> None:
    journey = SHOP.replay("ann", [bought(3, Decimal("0.10")), bought(4, Decimal("0.20"))])
    table = CustomerBase([journey]).over(**MONTHS).kpis()
    assert [row.revenue for row in table.rows if row.revenue] == [Decimal("0.10"), Decimal("0.20")]
    assert type(table.row("erased", JANUARY).revenue) is Decimal


def test_decimals_beside_floats_raise() -> None:
    pair = [SHOP.replay("ann", [bought(3, Decimal(1))]), SHOP.replay("bob", [bought(3, 1.5)])]
    message = refusal(MixedNumbersError, lambda: CustomerBase(pair).over(**MONTHS).kpis())
    assert message.startswith(
        "an event value of customer 'bob' and an event value of customer 'ann'"
    )


def test_floats_are_summed_without_loss() -> None:
    values = [0.1] * 10
    journey = SHOP.replay("ann", [bought(3 + i, value) for i, value in enumerate(values)])
    rows = CustomerBase([journey]).over(**MONTHS).kpis().rows
    assert math.fsum(float(row.revenue or 0) for row in rows) == pytest.approx(1)


def test_the_value_is_that_of_the_stock() -> None:
    table = CustomerBase(JOURNEYS).over(**MONTHS).kpis(values={"buyer": 12.5})
    assert table.row("buyer", FEBRUARY).value == 25
    assert table.row("lead", FEBRUARY).value is None
    assert table.to_rows()[0]["value"] is None


def test_answers_count_in_their_stage_and_period() -> None:
    answers = [("ann", day(5), 9), ("ann", day(41), 3), ("bob", day(45), 10)]
    table = CustomerBase(JOURNEYS).over(**MONTHS).kpis(answers=answers)
    assert table.row("buyer", JANUARY).nps == nps.score([9])
    assert table.row("buyer", FEBRUARY).nps == nps.score([3, 10])
    assert table.row("lead", FEBRUARY).nps == nps.score([])
    early = (
        CustomerBase(JOURNEYS).over(Calendar("month"), Window(START, day(31))).kpis(answers=answers)
    )
    assert sum(row.nps.respondents for row in early.rows if row.nps) == 1


@pytest.mark.parametrize(
    "answers",
    [
        [(day(59), 0), (day(73), 10)],  # 1 and 15 March
        [(START, 3), (day(31), 9), (day(31) - timedelta.resolution, 0)],
        [(day(number), number % 11) for number in range(120)],
    ],
)
def test_scores_by_month_are_those_of_a_rolling_window_of_a_month(
    answers: list[tuple[datetime, int]],
) -> None:
    """An answer at the first instant of a month belongs to that month in both."""
    ann = SHOP.replay("ann", [], since=START, until=day(120))
    table = (
        CustomerBase([ann]).over(**MONTHS).kpis(answers=[("ann", *answer) for answer in answers])
    )
    rolled = nps.rolling(answers, window=Period(months=1), calendar=Calendar("month")).rows
    scores = {row.period: row.nps for row in table.rows if row.nps and row.nps.respondents}
    assert scores == {row.period: row.score for row in rolled if row.score.respondents}
    assert sum(score.respondents for score in scores.values()) == len(answers)


def test_answers_are_whole_numbers_also_as_floats_of_a_column() -> None:
    whole = CustomerBase(JOURNEYS).over(**MONTHS).kpis(answers=[("ann", day(5), 9)])
    assert CustomerBase(JOURNEYS).over(**MONTHS).kpis(answers=[("ann", day(5), 9.0)]) == whole  # type: ignore[list-item]
    for bad in (9.5, float("nan"), None):
        with pytest.raises(InvalidTypeError, match=r"^answers\[0\]\.rating must be a whole number"):
            CustomerBase(JOURNEYS).over(**MONTHS).kpis(answers=[("ann", day(5), bad)])  # type: ignore[list-item]


def test_a_period_that_goes_on_is_marked_open() -> None:
    assert [row.open for row in TABLE.rows][:: len(SHOP.stages)] == [False] * 4
    short = CustomerBase(JOURNEYS).over(Calendar("month"), Window(START, day(119))).kpis()
    assert [row.open for row in short.rows][:: len(SHOP.stages)] == [False] * 3 + [True]


def test_a_move_at_the_end_of_the_window_separates_stock_and_stage() -> None:
    """Who lapses at midnight of the first is in the stock of the month before."""
    ann = SHOP.replay("ann", [bought(1)], since=START, until=day(91))
    assert ann.customer.stage == "lapsed"
    months: Any = {"calendar": Calendar("day"), "window": Window(START, day(91))}
    assert CustomerBase([ann]).over(**months).kpis().row("buyer", day(90)).stock == 1
    midnight: Any = {"calendar": Calendar("day"), "window": Window(day(91), day(92))}
    lapsed = CustomerBase([ann]).over(**midnight).kpis().row("lapsed", day(91))
    assert (lapsed.entrants, lapsed.stock, lapsed.open) == (1, 1, True)


def test_a_period_beyond_what_is_known_of_someone_is_open() -> None:
    known = [*JOURNEYS, SHOP.replay("eve", [], since=START, until=day(40))]
    table = CustomerBase(known).over(**MONTHS).kpis()
    assert [row.open for row in table.rows][:: len(SHOP.stages)] == [False, True, True, True]


def test_a_period_is_closed_when_its_last_instant_is_known() -> None:
    for before, is_open in ((0, False), (1, False), (2, True)):
        known = day(31) - before * timedelta.resolution
        eve = SHOP.replay("eve", [], since=START, until=known)
        table = CustomerBase([eve]).over(Calendar("month"), Window(START, day(31))).kpis()
        assert {row.open for row in table.rows} == {is_open}


# Targets


def test_targets_are_met_or_missed() -> None:
    targets = [
        Target("buyer", "conversion", at_least=0.3),
        Target("buyer", "stock", at_least=1, at_most=2),
        Target("visitor", "median_time", at_most=timedelta(days=2)),
        Target("lead", "nps", at_least=30),
    ]
    table = CustomerBase(JOURNEYS).over(**MONTHS).kpis(targets=iter(targets))
    assert [result.met for result in table.row("buyer", FEBRUARY).targets] == [True, True]
    assert table.row("buyer", FEBRUARY).met is True
    assert table.row("buyer", JANUARY).met is False
    assert table.row("visitor", JANUARY).targets[0].met is False
    assert table.row("visitor", FEBRUARY).met is True
    assert table.row("lead", FEBRUARY).met is None
    assert table.row("loyal", FEBRUARY).met is None
    assert len(table.targets) == 16
    missed = [(f"{each.period:%m}", each.target.figure, each.value) for each in table.missed]
    assert missed == [
        ("01", "median_time", timedelta(days=3)),
        ("01", "conversion", 0.0),
        ("03", "conversion", 0.0),
        ("04", "conversion", 0.0),
    ]
    assert "MISSED" in str(table)
    assert repr(table.missed[0]).startswith("TargetResult(period=")


def test_a_target_for_a_median_time_is_a_fixed_length() -> None:
    by_period = Target("buyer", "median_time", at_most=Period(days=3))
    assert by_period == Target("buyer", "median_time", at_most=timedelta(days=3))
    said = refusal(InvalidValueError, lambda: Target("a", "median_time", at_most=Period(months=1)))
    assert said == "at_most must be a fixed length: a median time needs one, got Period(months=1)"


def test_a_target_holds_its_bounds_and_no_more() -> None:
    between = Target("buyer", "stock", at_least=2, at_most=3)
    assert [between.is_met(stock) for stock in (1, 2, 3, 4, None)] == [
        *(False, True, True, False),
        None,
    ]
    assert Target("buyer", "revenue", at_most=Decimal("1.5")).is_met(Decimal("1.5"))
    assert repr(between) == "Target('buyer', 'stock', at_least=2, at_most=3)"


@pytest.mark.parametrize(
    ("asked", "kind", "message"),
    [
        ({"figure": "sales", "at_least": 1}, UnknownNameError, "figure must be one of 'entrants'"),
        ({"figure": "stock"}, InvalidValueError, "at_least must be given where at_most is not"),
        ({"figure": "stock", "at_least": "1"}, InvalidTypeError, "at_least must be a number"),
        ({"figure": "stock", "at_most": True}, InvalidTypeError, "at_most must be a number"),
        ({"figure": "stock", "at_most": math.nan}, InvalidValueError, "at_most must be finite"),
        (
            {"figure": "stock", "at_least": 2, "at_most": 1},
            InvalidValueError,
            "be above at_most",
        ),
        ({"figure": "median_time", "at_most": 3}, InvalidTypeError, "at_most must be a timedelta"),
        (
            {"figure": "conversion", "at_least": 20},
            InvalidValueError,
            "at_least must be between 0 and 1, as conversion does, got 20",
        ),
        (
            {"figure": "nps", "at_most": -101},
            InvalidValueError,
            "at_most must be between -100 and 100, as nps does, got -101",
        ),
        (
            {"figure": "median_time", "at_least": timedelta(-1)},
            InvalidValueError,
            "at_least must be at least 0",
        ),
        (
            {"figure": "stock", "at_most": timedelta(1)},
            InvalidTypeError,
            "at_most must be a number",
        ),
    ],
)
def test_what_is_no_target_raises(asked: dict[str, Any], kind: Any, message: str) -> None:
    assert message in refusal(kind, lambda: Target("buyer", **asked))


def test_what_is_given_beside_the_journeys_is_checked() -> None:
    def asked(**more: Any) -> Any:
        return lambda: CustomerBase(JOURNEYS).over(**MONTHS).kpis(**more)

    target = Target("byer", "stock", at_least=1)
    assert "targets[0].stage must be one of" in refusal(UnknownNameError, asked(targets=[target]))
    assert "targets must be a series" in refusal(InvalidTypeError, asked(targets=target))
    assert "targets[0] must be a Target" in refusal(InvalidTypeError, asked(targets=["stock"]))
    assert "values key must be one of" in refusal(UnknownNameError, asked(values={"byer": 1}))
    assert "values must be a mapping" in refusal(InvalidTypeError, asked(values=[1]))
    assert "values['buyer'] must be a num" in refusal(InvalidTypeError, asked(values={"buyer": ""}))
    beside: Any = {"buyer": Decimal(1), "loyal": 1.5}
    assert "must be of one kind" in refusal(MixedNumbersError, asked(values=beside))


def test_a_row_that_is_not_there_raises() -> None:
    stage = refusal(UnknownNameError, lambda: TABLE.row("byer", JANUARY))
    assert stage.endswith("got 'byer'; did you mean 'buyer'?")
    period = refusal(InvalidValueError, lambda: TABLE.row("buyer", date(2027, 1, 1)))
    assert period.startswith("period must be in a period of the table")
    wrong: Any = "January"
    message = refusal(InvalidTypeError, lambda: TABLE.row("buyer", wrong))
    assert message.startswith("period must be a datetime or a date")
    with pytest.raises(InvalidValueError):
        CustomerBase([]).over(**MONTHS).kpis().row("buyer", JANUARY)


def test_a_window_ends_in_a_period_that_does() -> None:
    endless = Window(START, datetime.max.replace(tzinfo=UTC))
    base = CustomerBase(JOURNEYS).over(Calendar("year"), endless)
    message = refusal(InvalidValueError, base.kpis)
    assert message.startswith("window.end must be in a year that ends within years 1 to 9999")


def test_the_table_is_shown_with_the_kinds_of_exits_that_occur() -> None:
    assert str(TABLE).startswith(
        "Key figures by month, 2026-01-01 to 2026-05-01, stock at period end\n"
    )
    head = str(TABLE).splitlines()[1].split()
    assert head == [
        *(
            "period",
            "stage",
            "in",
            "out",
            "stock",
            "conversion",
            "drop_off",
            "days",
            "revenue",
            "open",
        )
    ]
    assert TABLE.to_rows()[0]["exits_conversion"] == 2
    assert TABLE.to_rows()[0]["conversion"] == 1.0
    assert not {"nps", "value", "met"} & TABLE.to_rows()[0].keys()
    assert "<table>" in TABLE._repr_html_()
    assert repr(TABLE).startswith("KpiTable(calendar=Calendar(), window=Window(")
    assert TABLE.to_rows()[0]["median_days"] == 3
