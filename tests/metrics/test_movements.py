"""Movements of recurring revenue."""

from collections import namedtuple
from copy import copy
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from types import SimpleNamespace
from typing import Any

import pytest

from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    MixedNumbersError,
)
from lifecycle.metrics.revenue import (
    MovementRow,
    MovementTable,
    Subscription,
    cohorts,
    gross_mrr_churn,
    logo_churn,
    movements,
    net_mrr_churn,
    net_retention,
    recurring,
)
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Rate, Ratio

SPRING = Window(date(2026, 2, 1), date(2026, 5, 1))
MONEY = ("start", "new", "expansion", "reactivation", "contraction", "churn", "end")


def on(month: int, day: int = 10) -> date:
    return date(2026, month, day)


def table(mrr: Any, **options: Any) -> MovementTable:
    return movements(mrr, **{"calendar": Calendar(), "window": SPRING, **options})


def money(found: MovementTable) -> list[tuple[Any, ...]]:
    return [tuple(getattr(row, name) for name in MONEY) for row in found.rows]


def test_a_first_payment_is_new() -> None:
    assert money(table([("ann", on(2), 5)]))[0] == (0, 5, 0, 0, 0, 0, 5)


def test_more_is_expansion_less_is_contraction_nothing_is_churn() -> None:
    mrr = [("ann", on(1), 5), ("ann", on(2), 8), ("ann", on(3), 2)]
    assert money(table(mrr)) == [
        (5, 0, 3, 0, 0, 0, 8),
        (8, 0, 0, 0, 6, 0, 2),
        (2, 0, 0, 0, 0, 2, 0),
    ]


def test_a_payment_after_a_gap_is_reactivation_however_long_ago() -> None:
    assert money(table([("ann", date(2001, 7, 1), 5), ("ann", on(3), 8)]))[1] == (
        *(0, 0, 0, 8, 0, 0, 8),
    )
    assert money(table([("ann", on(2), 5), ("ann", on(4), 8)]))[1:] == [
        (5, 0, 0, 0, 0, 5, 0),
        (0, 0, 0, 8, 0, 0, 8),
    ]


def test_subscriptions_of_one_customer_are_added_first() -> None:
    mrr = [("ann", on(2), 5), ("ann", on(2, 28), 5), ("ann", on(3), 4), ("ann", on(3), 7)]
    assert money(table(mrr))[1] == (10, 0, 1, 0, 0, 0, 11)


def test_who_pays_nothing_is_no_customer() -> None:
    found = table([("ann", on(1), 0), ("ann", on(2), 0), ("ann", on(3), 5), ("ann", on(4), 0)])
    assert money(found) == [
        (0, 0, 0, 0, 0, 0, 0),
        (0, 5, 0, 0, 0, 0, 5),
        (5, 0, 0, 0, 0, 5, 0),
    ]
    assert [row.customers_end for row in found.rows] == [0, 1, 0]
    assert money(table([("ann", on(2), -0.0)], floats=True))[0][1] == 0.0


def test_a_period_in_which_nobody_pays_is_a_row() -> None:
    found = table([("ann", on(1), 5), ("ann", on(4), 5)])
    assert money(found)[1] == (0, 0, 0, 0, 0, 0, 0)
    assert len(table([]).rows) == 3


def test_rows_at_the_end_of_the_window_are_ignored() -> None:
    assert table([("ann", on(5, 1), 5)]) == table([])


def test_customers_are_counted_beside_the_money() -> None:
    mrr = [("ann", on(1), 5), ("bob", on(1), 5), ("cy", on(2), 5), ("bob", on(3), 5)]
    first, second, _ = table([*mrr, ("cy", on(3), 5)]).rows
    assert (first.customers_start, first.customers_lost, first.customers_new) == (2, 2, 1)
    assert (second.customers_start, second.customers_reactivated) == (1, 1)
    assert (first.customers_end, second.customers_end) == (1, 2)


def test_over_several_periods_the_two_ends_are_compared() -> None:
    mrr = [
        *(("ann", date(2025, 2, 1), 5), ("ann", on(2), 9)),
        *(("bob", date(2025, 2, 1), 7), ("bob", on(1), 7)),
        *(("cy", date(2024, 2, 1), 1), ("cy", on(2), 3)),
        *(("dan", date(2025, 9, 1), 4), ("dan", on(2), 6)),
    ]
    found = table(mrr, periods=12)
    assert money(found)[0] == (12, 6, 4, 3, 0, 7, 18)
    assert found.periods == 12
    assert str(found).startswith("Recurring revenue by month, since 12 months before\n")


def test_the_last_period_is_open_where_the_window_ends_within_it() -> None:
    found = table([("ann", on(3), 5)], window=Window(on(2, 1), on(4, 20)))
    assert [row.open for row in found.rows] == [False, False, True]
    row = found.rows[2]
    assert (row.churn, row.net_retention, row.gross_retention) == (5, None, None)
    assert (row.logo_churn, row.quick_ratio, net_mrr_churn(row)) == (None, None, None)
    assert gross_mrr_churn(row) is None
    assert str(found).splitlines()[-1].endswith("so far")


def test_instants_lie_in_the_calendars_zone() -> None:
    tokyo = Calendar(zone="Asia/Tokyo")
    late = datetime(2026, 1, 31, 15, tzinfo=UTC)
    assert money(table([("ann", late, 5)], calendar=tokyo))[0][1] == 5
    assert money(table([("ann", late, 5)]))[0][0] == 5


# Money


def test_cents_stay_whole_and_decimals_stay_decimals() -> None:
    whole, exact = table([("ann", on(2), 5)]).rows[0], table([("ann", on(2), Decimal("5.10"))])
    assert {type(getattr(whole, name)) for name in MONEY} == {int}
    assert {type(getattr(row, name)) for row in exact.rows for name in MONEY} == {Decimal}
    mixed = table([("ann", on(2), Decimal("5.10")), ("ann", on(2), 1)])
    assert money(mixed)[0][1] == Decimal("6.10")


def test_decimals_are_added_exactly_however_many_digits() -> None:
    many = [Decimal("1e30"), Decimal("0.01"), Decimal("1e-30")]
    found = table([("ann", on(2), amount) for amount in many])
    with localcontext(prec=80):
        total = sum(many)
    assert found.rows[0].new == found.rows[0].end == found.rows[1].churn == total
    assert found.rows[1].end == 0


def test_floats_are_refused_unless_asked_for() -> None:
    mrr = [("ann", on(2), 1), ("ann", on(2), 0.1), ("bob", on(2), 0.2)]
    with pytest.raises(InvalidTypeError, match=r"^mrr\[1\]\.amount must be a Decimal, or a whole"):
        table(mrr)
    assert table(mrr, floats=True).rows[0].new == 1.3
    assert type(table([("ann", on(2), 0.1)], floats=True).rows[1].new) is float
    with pytest.raises(InvalidTypeError, match=r"^floats must be True or False"):
        table(mrr, floats="yes")


@pytest.mark.parametrize("amount", [-1, Decimal("-0.01"), -0.5])
def test_a_negative_amount_is_refused(amount: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^mrr\[1\]\.amount must be at least 0, got"):
        table([("ann", on(2), type(amount)(1)), ("ann", on(2), amount)], floats=True)


@pytest.mark.parametrize(
    "amount", [float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), 10**400]
)
def test_an_amount_is_finite(amount: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^mrr\[1\]\.amount must be finite"):
        table([("ann", on(2), 1), ("ann", on(2), amount)], floats=True)


@pytest.mark.parametrize("amount", [None, True, "1", 1j])
def test_an_amount_is_a_number(amount: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^mrr\[0\]\.amount must be a number"):
        table([("ann", on(2), amount)])


def test_decimals_and_floats_do_not_mix() -> None:
    with pytest.raises(MixedNumbersError, match=r"mrr\[1\]\.amount and mrr\[0\]\.amount must"):
        table([("ann", on(2), Decimal(1)), ("ann", on(2), 1.0)], floats=True)
    with pytest.raises(MixedNumbersError, match=r"same_period\[0\]\.amount"):
        table([("ann", on(2), Decimal(1))], same_period=[("bob", on(2), 1.0)], floats=True)


def test_numbers_of_other_libraries_become_plain() -> None:
    class Count:
        def __index__(self) -> int:
            return 7

    class Float(float):
        pass

    assert money(table([("ann", on(2), Count())]))[0][1] == 7
    found = table([("ann", on(2), Float(0.5))], floats=True).rows[0].new
    assert (found, type(found)) == (0.5, float)


def test_rows_may_have_one_currency() -> None:
    found = table([("ann", on(2), 5, "EUR"), ("bob", on(2), 5, "EUR")])
    assert found.currency == "EUR"
    assert str(found).startswith("Recurring revenue by month, in EUR\n")
    assert table([("ann", on(2), 5)]).currency is None


def test_two_currencies_are_refused() -> None:
    with pytest.raises(
        InvalidValueError,
        match=r"^mrr\[1\]\.currency must be 'EUR', as in mrr\[0\]; convert to one currency first",
    ):
        table([("ann", on(2), 5, "EUR"), ("bob", on(2), 5, "USD")])
    with pytest.raises(
        InvalidValueError, match=r"^same_period\[0\]\.currency must be 'EUR', as in mrr"
    ):
        table([("ann", on(2), 5, "EUR")], same_period=[("bob", on(2), 5, "USD")])


@pytest.mark.parametrize("currency", [None, 5, ["EUR"], float("nan")])
def test_a_currency_is_text(currency: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^mrr\[0\]\.currency must be text"):
        table([("ann", on(2), 5, currency)])


# Reasons


def test_reasons_split_the_churn() -> None:
    mrr = [("ann", on(2), 5), ("bob", on(2), 3), ("cy", on(2), 2), ("dan", on(2), 1)]
    found = table(
        [*mrr, ("dan", on(3), 1)],
        reasons={"ann": "voluntary", "bob": "failed payment", "dan": "voluntary", "eve": "moved"},
    )
    assert found.reasons == ("failed payment", "voluntary", "unknown")
    row = found.rows[1]
    assert row.churn_by == {"failed payment": 3, "voluntary": 5, "unknown": 2}
    assert row.lost_by == {"failed payment": 1, "voluntary": 1, "unknown": 1}
    assert found.rows[2].churn_by["voluntary"] == 1
    assert str(found).splitlines()[1].split("  ")[-6:] == [
        *("churn", "churn: failed payment", "churn: voluntary", "churn: unknown", "end", "open"),
    ]
    assert found.to_rows()[1]["customers_lost: voluntary"] == 1


def test_without_reasons_nothing_is_split() -> None:
    found = table([("ann", on(2), 5)])
    assert (found.reasons, found.rows[1].churn_by, found.rows[1].lost_by) == ((), {}, {})
    assert table([("ann", on(2), 5)], reasons={}).rows[1].churn_by == {"unknown": 5}


@pytest.mark.parametrize("reasons", ["voluntary", [("ann", "voluntary")]])
def test_reasons_are_a_mapping(reasons: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^reasons must be a mapping of customers to"):
        table([], reasons=reasons)


def test_a_reason_is_a_name() -> None:
    with pytest.raises(InvalidTypeError, match=r"^reasons\['ann'\] must be text"):
        table([("ann", on(2), 5)], reasons={"ann": None})


# What comes and goes within a period


def test_stays_within_a_period_are_new_and_churn_of_their_period() -> None:
    found = table([("ann", on(1), 5), ("ann", on(2), 5)], same_period=[("bob", on(2), 3)])
    row = found.rows[0]
    assert money(found)[0] == (5, 3, 0, 0, 0, 3, 5)
    assert (row.same_period, row.customers_same_period) == (3, 1)
    assert (row.customers_new, row.customers_lost, row.customers_end) == (1, 1, 1)
    assert row.net_retention == row.gross_retention == Ratio(5, 5)
    assert row.logo_churn == Rate(0, 1)
    assert gross_mrr_churn(row) == Ratio(3, 5)


def test_who_stayed_within_a_period_is_new_once() -> None:
    stays = [("ann", on(2), 3), ("bob", on(3), 4)]
    found = table([("ann", on(4), 5), ("bob", on(1), 5)], same_period=[*stays, ("ann", on(2), 1)])
    assert money(found) == [
        (5, 4, 0, 0, 0, 9, 0),
        (0, 0, 0, 4, 0, 4, 0),
        (0, 0, 0, 5, 0, 0, 5),
    ]
    again = table([], same_period=[("ann", on(2), 3), ("ann", on(4), 3)])
    assert [(row.new, row.reactivation) for row in again.rows] == [(3, 0), (0, 0), (0, 3)]
    before = table([("ann", on(2), 5)], same_period=[("ann", on(1), 3)])
    assert money(before)[0] == (0, 0, 0, 5, 0, 0, 5)


def test_stays_within_a_period_of_several_customers_add_up() -> None:
    row = table([], same_period=[("ann", on(2), 3), ("bob", on(2), 4), ("bob", on(2), 1)]).rows[0]
    assert (row.new, row.churn, row.same_period, row.customers_same_period) == (8, 8, 8, 2)


def test_an_end_of_floats_is_rounded_once() -> None:
    row = MovementRow(start=1e16, new=1.0, expansion=1.0)
    assert (row.end, row.net_new) == (1e16 + 2, 2)


def test_stays_within_a_period_have_reasons_too() -> None:
    found = table([], same_period=[("ann", on(2), 3)], reasons={"ann": "regret"})
    assert found.rows[0].churn_by == {"regret": 3, "unknown": 0}


def test_who_stays_on_is_not_in_the_same_period() -> None:
    for month in (2, 3):
        with pytest.raises(
            InvalidValueError,
            match=r"^same_period\[1\]\.customer must be of a customer who has no row",
        ):
            table([("ann", on(2), 5)], same_period=[("bob", on(2), 3), ("ann", on(month), 3)])
    with pytest.raises(InvalidValueError, match=r"^same_period\[0\]\.customer"):
        table([("ann", on(1), 5)], same_period=[("ann", on(1), 3)])
    assert table([("ann", on(4), 5)], same_period=[("ann", on(5), 3)]).rows[2].churn == 0
    assert table([("ann", date(2025, 1, 1), 5)], same_period=[("ann", on(1), 3)]).rows[0].start == 0
    long_ago = [("ann", date(2025, 1, 1), 5), ("ann", on(2), 5)]
    assert table(long_ago, same_period=[("ann", date(2025, 6, 1), 3)]).rows[0].reactivation == 5


def test_stays_within_a_period_go_with_one_period() -> None:
    with pytest.raises(
        InvalidValueError, match=r"^same_period must be empty where periods is above 1"
    ):
        table([], same_period=[("ann", on(2), 3)], periods=2)


# Doors


@pytest.mark.parametrize(
    ("mrr", "error", "message"),
    [
        ("ann", InvalidTypeError, r"^mrr must be rows of \(customer, at, amount\)"),
        (None, InvalidTypeError, r"^mrr must be rows of"),
        ([("ann", on(2))], InvalidValueError, r"^mrr\[0\] must be \(customer, at, amount\)"),
        ([5], InvalidTypeError, r"^mrr\[0\] must be \(customer, at, amount\)"),
        (
            [("ann", on(2), 5, "EUR"), ("ann", on(2), 5)],
            InvalidValueError,
            r"^mrr\[1\] must be \(customer, at, amount, currency\)",
        ),
        ([(None, on(2), 5)], InvalidTypeError, r"^mrr\[0\]\.customer must be text or a whole"),
        ([("ann", "2026-02-01", 5)], InvalidTypeError, r"^mrr\[0\]\.at must be a datetime or a"),
    ],
)
def test_rows_are_checked(mrr: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        table(mrr)


def test_rows_may_come_from_a_generator() -> None:
    assert table(("ann", on(month), 5) for month in (2, 3)).rows[2].churn == 5


def test_naive_and_aware_instants_do_not_mix() -> None:
    aware = datetime(2026, 2, 1, tzinfo=UTC)
    with pytest.raises(MixedInstantsError, match=r"mrr\[0\]\.at and same_period\[0\]\.at"):
        table([("ann", on(2), 5)], same_period=[("bob", aware, 5)])


def test_reasons_are_of_customers() -> None:
    with pytest.raises(InvalidTypeError, match=r"^reasons key must be text or a whole number"):
        table([], reasons={True: "voluntary"})


def test_other_doors() -> None:
    with pytest.raises(InvalidValueError, match=r"^periods must be at least 1"):
        table([], periods=0)
    with pytest.raises(InvalidTypeError, match=r"^periods must be a whole number"):
        table([], periods=1.0)
    with pytest.raises(
        InvalidValueError, match=r"^periods must lead from 2026-02-01 .*, got 99999"
    ):
        table([], periods=99999)
    with pytest.raises(InvalidValueError, match=r"^window\.start must be at the start"):
        table([], window=Window(on(2, 2), on(3, 1)))
    with pytest.raises(InvalidTypeError, match=r"^calendar must be a Calendar"):
        table([], calendar="month")


# Churn of a row


ROW = {"start": 100, "churn": 10, "contraction": 5, "expansion": 25, "reactivation": 2}


def test_net_mrr_churn_nets_expansion_and_reactivation() -> None:
    assert net_mrr_churn(MovementRow(**ROW)) == Ratio(-12, 100)
    assert gross_mrr_churn(MovementRow(**ROW)) == Ratio(15, 100)


def test_net_retention_leaves_reactivation_out() -> None:
    assert MovementRow(**ROW).net_retention == Ratio(110, 100)


def test_a_row_may_be_a_mapping_or_anything_with_the_fields() -> None:
    Exported = namedtuple("Exported", ROW)  # noqa: PYI024  (as pandas makes them)
    assert net_mrr_churn(ROW) == net_mrr_churn(Exported(**ROW)) == Ratio(-12, 100)
    assert net_mrr_churn({**ROW, "open": True}) is None


def test_a_row_of_no_revenue_has_no_churn() -> None:
    assert net_mrr_churn(MovementRow()).value is None
    assert MovementRow().quick_ratio.value is None


def test_a_row_lacks_no_field() -> None:
    with pytest.raises(InvalidTypeError, match=r"^row\.expansion must be a number.*got None"):
        net_mrr_churn({"start": 1, "churn": 0, "contraction": 0, "reactivation": 0})


@pytest.mark.parametrize("wrong", [5, None, "row", [("ann", on(2), 5)]])
def test_a_row_has_fields_or_keys(wrong: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^row must be a row of movements, or have the fie"):
        gross_mrr_churn(wrong)


@pytest.mark.parametrize("wrong", ["no", 0, None])
def test_a_row_is_open_or_not(wrong: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^row\.open must be True or False, got"):
        net_mrr_churn({**ROW, "open": wrong})
    numpy = pytest.importorskip("numpy")
    assert net_mrr_churn({**ROW, "open": numpy.bool_(True)}) is None


@pytest.mark.parametrize("name", [*MONEY[:-1], "same_period"])
def test_a_row_of_your_own_has_money(name: str) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{name} must be at least 0; what is lost"):
        MovementRow(**{name: -1})
    with pytest.raises(InvalidValueError, match=rf"^{name} must be finite"):
        MovementRow(**{name: float("nan")})
    with pytest.raises(InvalidTypeError, match=rf"^{name} must be a number"):
        MovementRow(**{name: "5"})


def test_a_row_of_your_own_has_money_of_one_kind() -> None:
    with pytest.raises(MixedNumbersError, match=r"^churn and start must be of one kind"):
        MovementRow(start=Decimal(5), churn=1.5)


@pytest.mark.parametrize("name", ["start", "new", "reactivated", "lost", "same_period"])
def test_a_row_of_your_own_counts_customers(name: str) -> None:
    with pytest.raises(InvalidValueError, match=rf"^customers_{name} must be at least 0"):
        MovementRow(**{f"customers_{name}": -1})
    with pytest.raises(InvalidTypeError, match=rf"^customers_{name} must be a whole number"):
        MovementRow(**{f"customers_{name}": 1.5})


def test_losses_are_counted_up() -> None:
    for lost in (-10, -0.01):
        with pytest.raises(
            InvalidValueError, match=r"^row\.churn must be at least 0; what is lost"
        ):
            gross_mrr_churn({**ROW, "churn": lost})
    with pytest.raises(MixedNumbersError, match=r"row\.start"):
        gross_mrr_churn({**ROW, "start": Decimal(100), "churn": 1.5})


def test_decimal_rows_have_decimal_measures() -> None:
    row = MovementRow(start=Decimal(100), expansion=Decimal("0.10"), churn=Decimal("1.20"))
    assert row.net_retention.value == Decimal("0.989")
    assert row.end == Decimal("98.90")


# Tables


def test_the_text_shows_two_digits_or_whole_cents() -> None:
    decimals = table([("ann", on(2), Decimal(1234))], window=Window(on(2, 1), on(3, 20)))
    title, *lines = str(decimals).splitlines()
    assert title == "Recurring revenue by month"
    assert [line.split() for line in lines] == [
        ["period", "start", *MONEY[1:], "open"],
        ["2026-02-01", "0.00", "1,234.00", "0.00", "0.00", "0.00", "0.00", "1,234.00"],
        ["2026-03-01", "1,234.00", *["0.00"] * 4, "1,234.00", "0.00", "so", "far"],
    ]
    assert " 123,400" in str(table([("ann", on(2), 123400)]))
    assert "0.50" in str(table([("ann", on(2), 0.5)], floats=True))


def test_rows_of_plain_dicts_have_the_customers_and_the_measures_too() -> None:
    mrr = [("ann", on(1), 4), ("bob", on(1), 4), ("ann", on(2), 6)]
    first, *_ = table(mrr).to_rows()
    assert first == {
        "period": datetime(2026, 2, 1, tzinfo=UTC),
        "start": 8,
        "new": 0,
        "expansion": 2,
        "reactivation": 0,
        "contraction": 0,
        "churn": 4,
        "end": 6,
        "open": False,
        "same_period": 0,
        "customers_start": 2,
        "customers_new": 0,
        "customers_reactivated": 0,
        "customers_lost": 1,
        "customers_same_period": 0,
        "customers_end": 1,
        "net_retention": 0.75,
        "gross_retention": 0.5,
        "logo_churn": 0.5,
        "quick_ratio": 0.5,
        "net_mrr_churn": 0.25,
        "gross_mrr_churn": 0.5,
    }
    so_far = table(mrr, window=Window(on(2, 1), on(2, 20))).to_rows()[0]
    assert (so_far["net_retention"], so_far["open"]) == (None, True)


def test_a_notebook_shows_the_table() -> None:
    html = table([("ann", on(2), 5)])._repr_html_()
    assert html.startswith("<table><caption>Recurring revenue by month</caption>")
    assert html.count("<tr>") == 4


def test_values_show_how_they_are_made() -> None:
    found = table([("ann", on(2), 5)], reasons={})
    assert repr(MovementRow(start=5)) == "MovementRow(start=5)"
    assert "churn_by={'unknown': 5}" in repr(found.rows[1])
    assert repr(found).startswith("MovementTable(calendar=Calendar(), window=Window(")
    assert hash(found) == hash(table([("ann", on(2), 5)], reasons={}))


Span = namedtuple("Span", "customer start end amount")  # noqa: PYI024  (as itertuples makes)
SUBSCRIPTION = Subscription("ann", start=on(2), amount=5, end=on(3))
SPANS: list[tuple[Any, str]] = [
    ([SUBSCRIPTION], "mrr[0]"),
    (iter([SUBSCRIPTION]), "mrr[0]"),
    ((SUBSCRIPTION,), "mrr[0]"),
    (SUBSCRIPTION, "mrr"),
    ([("ann", on(2), on(3), 5)], "mrr[0]"),
    ([("ann", on(2), None, 5)], "mrr[0]"),
    ([("ann", on(2), 5, on(3))], "mrr[0]"),
    ([("ann", on(2), on(3), 5, "EUR")], "mrr[0]"),
    ([["ann", datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC), 5]], "mrr[0]"),
    ([Span("ann", on(2), None, 5)], "mrr[0]"),
    ([SimpleNamespace(id=1, start=on(2), end=None, amount=5)], "mrr[0]"),
    ([{"customer": "ann", "start": on(2), "end": None, "amount": 5}], "mrr[0]"),
    ({"customer": ["ann"], "start": [on(2)], "amount": [5]}, "mrr"),
]


@pytest.mark.parametrize(("given", "place"), SPANS)
@pytest.mark.parametrize("measure", [movements, net_retention, logo_churn, cohorts])
def test_subscriptions_are_answered_with_what_makes_rows_of_them(
    measure: Any, given: Any, place: str
) -> None:
    with pytest.raises(InvalidTypeError) as raised:
        measure(copy(given), calendar=Calendar(), window=SPRING)
    expected = "be (customer, at, amount), as revenue.recurring(...) makes of subscriptions"
    assert (raised.value.argument, raised.value.expected) == (place, expected)
    rows = recurring([SUBSCRIPTION], calendar=Calendar(), until=on(5))
    assert measure(rows, calendar=Calendar(), window=SPRING)


@pytest.mark.parametrize("row", [("ann", on(2), 5, None), ("ann", on(2), 5, 7)])
def test_a_row_with_a_wrong_currency_is_no_subscription(row: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^mrr\[0\]\.currency must be text, got"):
        table([row])


@pytest.mark.parametrize("given", [[()], [("ann",)], ["ann"], "ann", 5, None])
def test_what_is_no_row_is_no_subscription(given: Any) -> None:
    with pytest.raises((InvalidTypeError, InvalidValueError), match=r"^mrr(?!.*recurring)"):
        table(given)
