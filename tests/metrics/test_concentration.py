"""How unequally a value is spread over customers."""

from decimal import Decimal
from typing import Any

import pytest

from lifecycle.errors import (
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    MixedNumbersError,
)
from lifecycle.metrics import rfm
from lifecycle.rates import Ratio

NAN = float("nan")


def test_the_top_has_its_share_of_the_value() -> None:
    found = rfm.concentration([100, 10, 60, 20, 10])
    assert (found.top, found.share, found.gini) == (0.2, Ratio(100, 200), 0.46)
    assert rfm.concentration((x for x in (100, 10, 60, 20, 10)), top=0.4).share.value == 0.8


def test_a_customer_who_is_in_the_top_in_part_counts_in_part() -> None:
    assert rfm.concentration([5, 3, 2], top=0.5).share.value == 0.65
    assert rfm.concentration([8], top=0.2).share.value == pytest.approx(0.2)


def test_the_lorenz_curve_bends_where_values_change() -> None:
    found = rfm.concentration([10, 60, 10, 100, 20])
    assert found.rows == ((0, 0), (0.4, 0.1), (0.6, 0.2), (0.8, 0.5), (1, 1))
    assert rfm.concentration([3, 3, 3]).rows == ((0, 0), (1, 1))


def test_equal_values_have_a_gini_of_0_and_one_owner_of_everything_nearly_1() -> None:
    assert rfm.concentration([0.1] * 7).gini == 0
    assert rfm.concentration([0, 0, 0, 12]).gini == 0.75
    assert rfm.concentration([4]).gini == 0


def test_concentration_is_a_table_of_the_lorenz_curve() -> None:
    found = rfm.concentration([10, 60, 10, 100, 20])
    assert str(found).splitlines() == [
        "Concentration: the top 20.0% have 50.0%, Gini 0.460",
        "customers   value",
        "     0.0%    0.0%",
        "    40.0%   10.0%",
        "    60.0%   20.0%",
        "    80.0%   50.0%",
        "   100.0%  100.0%",
    ]
    assert found.row(0.4).value == 0.1
    assert found.to_rows()[1] == {"customers": 0.4, "value": 0.1}
    assert eval(repr(found), {**vars(rfm), "Ratio": Ratio}) == found  # noqa: S307  (our own repr)
    assert len(repr(rfm.concentration(range(1000)))) < 400


def test_nothing_has_no_concentration() -> None:
    found = rfm.concentration([0, 0.0])
    assert (found.share, found.share.value, found.gini, found.rows) == (
        Ratio(0, 0),
        None,
        None,
        (),
    )
    assert str(found).splitlines() == ["Concentration of nothing", "customers  value"]
    with pytest.raises(EmptySampleError, match="values must hold at least one observation"):
        rfm.concentration([])


def test_decimal_values_have_a_decimal_share() -> None:
    found = rfm.concentration([Decimal("0.10"), Decimal("0.30"), 1], top=0.5)
    assert found.share == Ratio(Decimal("1.15"), Decimal("1.40"))
    assert isinstance(found.share.value, Decimal)
    assert isinstance(found.gini, float)
    assert found.rows[1] == (pytest.approx(1 / 3), pytest.approx(1 / 14))


@pytest.mark.parametrize(
    ("values", "top", "error", "message"),
    [
        (5, 0.2, InvalidTypeError, r"^values must be a series of values"),
        ({"ann": 5}, 0.2, InvalidTypeError, r"^values must be a series of values"),
        ([1, -1], 0.2, InvalidValueError, r"^values\[1\] must be at least 0"),
        ([NAN], 0.2, InvalidValueError, r"^values\[0\] must be finite"),
        ([None], 0.2, InvalidTypeError, r"^values\[0\] must be a number"),
        ([1.5, Decimal(1)], 0.2, MixedNumbersError, r"^values\[0\] and values\[1\] must be of one"),
        ([1], 0, InvalidValueError, r"^top must be strictly between 0 and 1"),
        ([1], 20, InvalidValueError, r"^top must be strictly between 0 and 1"),
    ],
)
def test_concentration_is_checked_at_the_door(
    values: Any, top: float, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        rfm.concentration(values, top=top)


def test_the_smallest_top_has_a_share() -> None:
    assert rfm.concentration([1.0, 2.0], top=5e-324).share.value < 1e-300
    assert rfm.concentration([Decimal(1), Decimal(2)], top=0.75).share.value == Decimal(5) / 6
